//! The words of practice: an exercise as it is told, part by part.

use super::{Open, State, guide, is_open, is_wide};
use crate::app::step::Step;
use crate::app::wizard::App;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::{By, Standing};
use crate::domain::visible::visible;

/// How a part of the text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// A title within the text.
    Head,
    /// What is said.
    Plain,
    /// What is beside the point.
    Dim,
    /// Good news.
    Good,
    /// What does not work.
    Bad,
    /// A goal, by its index.
    Goal(usize),
    /// What there is to say of the goal before it.
    OfGoal,
    /// A command, not broken at its spaces by whoever copies it.
    Command,
    /// An empty row, where there is room.
    Gap,
}

/// A part of the text: a paragraph, a title, a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How it is meant.
    pub voice: Voice,
    /// The text, on one line.
    pub text: String,
}

impl Part {
    fn new(voice: Voice, text: impl Into<String>) -> Self {
        Self { voice, text: text.into() }
    }

    /// Broken into rows of about `width` letters.
    #[must_use]
    pub fn rows(&self, width: usize) -> Vec<String> {
        let (indent, text) = match self.voice {
            Voice::Goal(_) => ("", format!("- {}", self.text)),
            Voice::OfGoal => ("  ", self.text.clone()),
            _ => ("", self.text.clone()),
        };
        let mut rows = vec![String::new()];
        for word in visible(&text).split(' ') {
            match rows.last_mut() {
                Some(row) if row.is_empty() => row.push_str(word),
                Some(row) if row.chars().count() + 1 + word.chars().count() <= width => {
                    row.push(' ');
                    row.push_str(word);
                }
                _ => rows.push(word.to_owned()),
            }
        }
        rows.into_iter().map(|row| format!("{indent}{row}")).collect()
    }
}

/// The paragraphs of a text from a file: a blank line parts them; an indented line and one of a list stand alone.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let words = line.trim();
        let stands = line.starts_with([' ', '\t']) || words.starts_with("- ");
        match all.last_mut() {
            _ if words.is_empty() => {}
            Some(last) if goes_on && !stands => {
                last.push(' ');
                last.push_str(words);
            }
            _ => all.push(if stands { format!("  {words}") } else { words.to_owned() }),
        }
        goes_on = !words.is_empty() && (!stands || words.starts_with("- "));
    }
    all
}

fn said(voice: Voice, text: &str) -> impl Iterator<Item = Part> {
    let all = paragraphs(text).into_iter().enumerate();
    all.flat_map(move |(i, text)| {
        let gap = (i > 0).then(|| Part::new(Voice::Gap, ""));
        gap.into_iter().chain([Part::new(voice, text)])
    })
}

fn gap() -> Part {
    Part::new(Voice::Gap, "")
}

fn head(text: impl Into<String>) -> Part {
    Part::new(Voice::Head, text)
}

/// `2 of 4 goals`
#[must_use]
pub fn count(open: &Open) -> String {
    let standings = open.standings();
    let met = standings.iter().filter(|standing| **standing == Standing::Met).count();
    format!("{met} of {} goals", standings.len())
}

/// `3 of 14 done`
#[must_use]
pub fn done(state: &State) -> String {
    let done = |one: &&std::sync::Arc<Exercise>| state.progress.of(&one.name).done.is_some();
    let count = state.exercises.iter().filter(done).count();
    format!("{count} of {} done", state.exercises.len())
}

/// How far an exercise is, in words: open now, done on a day, begun, or nothing.
#[must_use]
pub fn standing(app: &App, exercise: &Exercise) -> String {
    let kept = app.practice.progress.of(&exercise.name);
    let done = kept.done.as_ref().map(|day| format!("done {day}").trim_end().to_owned());
    if is_open(app, exercise) {
        return if done.is_some() { "open now, done" } else { "open now" }.to_owned();
    }
    let before = app.practice.before.iter().any(|one| one.exercise.name == exercise.name);
    let begun = before || kept.hints > 0 || !kept.answers.is_empty();
    done.or_else(|| begun.then(|| "begun".to_owned())).unwrap_or_default()
}

/// `Exercise 3 of 14 · The scheme in the key`
#[must_use]
pub fn title(app: &App) -> String {
    let Some(open) = &app.practice.open else { return "Practice".to_owned() };
    let n = app.practice.place(&open.exercise).map_or(1, |place| place + 1);
    format!("Exercise {n} of {} · {}", app.practice.exercises.len(), open.exercise.title)
}

/// The exercise under the cursor of the list.
#[must_use]
pub fn of_selected(app: &App) -> Vec<Part> {
    let Some(one) = app.practice.selected() else { return Vec::new() };
    let mut parts: Vec<Part> = said(Voice::Plain, &one.story).collect();
    parts.extend([gap(), head("Goals")]);
    parts.extend(one.goals.iter().map(|goal| Part::new(Voice::Plain, format!("- {}", goal.text))));
    parts
}

/// The column of the open exercise. What is told afterwards stands there where no column is beside it.
#[must_use]
pub fn main(app: &App) -> Vec<Part> {
    let Some(open) = &app.practice.open else { return Vec::new() };
    let mut parts = Vec::new();
    if let Some(fault) = &open.fault {
        parts
            .push(Part::new(Voice::Bad, format!("The account could not be put in place: {fault}")));
        parts.extend([Part::new(Voice::Plain, "S tries it again."), gap()]);
    }
    let after = app.practice.was_done && !is_wide(app);
    if after {
        parts.extend([done_words(open), gap()]);
    } else {
        parts.extend(telling(app, open));
        parts.push(gap());
    }
    parts.extend(goals(app, open));
    if after {
        parts.push(gap());
        parts.extend(afterwards(open));
    }
    parts.push(gap());
    parts.extend(hints(app, open));
    if !after && !is_wide(app) {
        let words = "R review, T pull test, t tutorial, x lines for the AWS CLI";
        parts.extend([gap(), Part::new(Voice::Dim, words)]);
    }
    parts
}

/// What stands beside it: what it was, once it is done; else the tools. The trainer's notes go before both.
#[must_use]
pub fn side(app: &App) -> (&'static str, Vec<Part>) {
    match &app.practice.open {
        Some(_) if app.practice.notes => ("For the trainer", notes(app)),
        Some(open) if app.practice.was_done => {
            let mut parts = vec![done_words(open), gap()];
            parts.extend(afterwards(open));
            ("What it was", parts)
        }
        _ => ("Tools", tools(app)),
    }
}

/// All of the open exercise, but the trainer's notes.
#[must_use]
pub fn whole(app: &App) -> Vec<Part> {
    let Some(open) = &app.practice.open else { return Vec::new() };
    let mut parts = telling(app, open);
    parts.push(gap());
    parts.extend(goals(app, open));
    parts.push(gap());
    parts.extend(hints(app, open));
    parts.push(gap());
    if app.practice.was_done {
        parts.extend([done_words(open), gap()]);
        parts.extend(afterwards(open));
        parts.push(gap());
    }
    parts.push(head("Tools"));
    parts.extend(tools(app));
    parts
}

/// What is shown in a room: the story, or the goal at hand with the newest hint.
#[must_use]
pub fn quiet(app: &App) -> Vec<Part> {
    let Some(open) = &app.practice.open else { return Vec::new() };
    if app.practice.tells {
        return said(Voice::Plain, &open.exercise.story).collect();
    }
    let mut parts = Vec::new();
    let standings = open.standings();
    if open.exercise.is_done(&standings) {
        parts.extend([done_words(open), gap()]);
        parts.extend(said(Voice::Plain, &open.exercise.explanation));
        return parts;
    }
    if let Some(goal) = open.exercise.goals.get(open.at) {
        parts.push(Part::new(Voice::Goal(open.at), goal.text.clone()));
        parts.extend(of_goal(open, open.at, standings.get(open.at)));
    }
    if let Some(last) = open.hints.checked_sub(1) {
        let hint = open.exercise.hints.get(last).map_or("", String::as_str);
        parts
            .extend([gap(), head(format!("Hint {} of {}", open.hints, open.exercise.hints.len()))]);
        parts.extend(said(Voice::Plain, hint));
    }
    parts
}

/// How many rows the column has, about.
#[must_use]
pub fn rows(app: &App) -> usize {
    let side = if is_wide(app) { 43 } else { 0 };
    let width = usize::from(app.size.0.saturating_sub(6 + side)).max(20);
    main(app).iter().map(|part| part.rows(width).len()).sum()
}

fn telling(app: &App, open: &Open) -> Vec<Part> {
    let mut parts = Vec::new();
    let step = app.practice.from.unwrap_or(Step::Mode);
    if app.practice.is_guided()
        && let Some(words) = guide::of(step)
    {
        parts.push(head(format!("Step {} {}", step.number(), step.name())));
        parts.extend([Part::new(Voice::Plain, words), gap()]);
    }
    let first = app.setup.lessons.progress.of(&open.exercise.name);
    let kept = app.practice.progress.of(&open.exercise.name);
    let is_kept = kept.hints > 0 || !kept.answers.is_empty();
    if is_kept && (first.hints > 0 || !first.answers.is_empty()) {
        let words =
            "Begun at an earlier start: answers and hints were kept, the account begins anew.";
        parts.extend([Part::new(Voice::Dim, words), gap()]);
    }
    parts.extend(said(Voice::Plain, &open.exercise.story));
    parts
}

fn goals(app: &App, open: &Open) -> Vec<Part> {
    let mut parts = vec![head("Goals")];
    let standings = open.standings();
    for (i, goal) in open.exercise.goals.iter().enumerate() {
        parts.push(Part::new(Voice::Goal(i), goal.text.clone()));
        if i == open.at {
            parts.extend(of_goal(open, i, standings.get(i)));
        }
    }
    if app.practice.was_done && !open.exercise.is_done(&standings) {
        parts.push(Part::new(Voice::Dim, "It was done; the account has changed since."));
    }
    parts
}

/// What there is to say of the goal at hand: the question and its answer, or what was seen of the account.
fn of_goal(open: &Open, at: usize, standing: Option<&Standing>) -> Vec<Part> {
    let Some(goal) = open.exercise.goals.get(at) else { return Vec::new() };
    let of = |text: &str| Part::new(Voice::OfGoal, text);
    let mut parts = Vec::new();
    if let By::Answer(question) = &goal.by {
        parts.push(of(&question.ask));
        let given = open.answers.get(at).map_or("", String::as_str);
        if given.is_empty() {
            parts.push(of("Enter answers it."));
        } else {
            parts.push(of(&format!("Your answer: {given}")));
        }
    }
    if let Some(Standing::Open(seen)) = standing {
        let mut paragraphs = paragraphs(seen).into_iter();
        let first = paragraphs.next().map(|first| of(&sentence(&first)));
        parts.extend(first.into_iter().chain(paragraphs.map(|text| of(&text))));
    }
    parts
}

/// A fragment as a sentence: with a capital and a full stop. A name stays as it is written.
fn sentence(text: &str) -> String {
    let is_word = text.split(' ').next().is_some_and(|w| w.chars().all(char::is_alphabetic));
    let mut letters = text.chars();
    let first = letters.next().filter(|_| is_word).map(|c| c.to_uppercase().collect::<String>());
    let text = first.map_or_else(|| text.to_owned(), |first| first + letters.as_str());
    if text.ends_with(['.', '?', '!', ':']) { text } else { text + "." }
}

fn hints(app: &App, open: &Open) -> Vec<Part> {
    let all = open.exercise.hints.len();
    let mut parts = Vec::new();
    for (n, hint) in (1..).zip(open.exercise.hints.iter().take(open.hints)) {
        if n > 1 {
            parts.push(gap());
        }
        parts.push(head(format!("Hint {n} of {all}")));
        parts.extend(said(Voice::Plain, hint));
    }
    if open.hints < all && !app.practice.was_done {
        let next = if open.hints == 0 { "a hint" } else { "the next hint" };
        parts.extend((open.hints > 0).then(gap));
        let words = format!("H shows {next}, of {all}. Hints never count against you.");
        parts.push(Part::new(Voice::Dim, words));
    }
    parts
}

fn done_words(open: &Open) -> Part {
    match open.exercise.goals.len() {
        1 => Part::new(Voice::Good, "Done: the goal is met."),
        n => Part::new(Voice::Good, format!("Done: all {n} goals are met.")),
    }
}

/// What it was and why, where that is written, and one way to mend it.
fn afterwards(open: &Open) -> Vec<Part> {
    let one = &open.exercise;
    let mut parts: Vec<Part> = said(Voice::Plain, &one.explanation).collect();
    parts.extend([gap(), head("One way")]);
    parts.extend(said(Voice::Plain, &one.solution.words));
    // A command may write a file first, which takes several lines.
    let lines = one.solution.commands.iter().flat_map(|command| command.lines());
    parts.extend(lines.map(|line| Part::new(Voice::Command, line)));
    parts.extend([gap(), head("Where it is written")]);
    parts.extend(one.sources.iter().map(|source| Part::new(Voice::Dim, source.as_str())));
    parts
}

/// The tools are the program's own, and so are the ways to them.
fn tools(app: &App) -> Vec<Part> {
    let step = app.practice.from.filter(|step| step.is_in_sequence()).unwrap_or(Step::Mode);
    let plain = |text: String| Part::new(Voice::Plain, text);
    let mut parts = vec![
        plain("R  the review: who gets in, what is wrong".to_owned()),
        plain("T  the pull test".to_owned()),
        plain("t  the tutorial beside what is sent".to_owned()),
        plain("x  lines for the AWS CLI, in another terminal".to_owned()),
        plain(format!("Enter on a goal of the account: step {} {}", step.number(), step.name())),
    ];
    parts.push(Part::new(
        Voice::Dim,
        "O comes back here from everywhere (F3 from a text field), and leads to the list.",
    ));
    parts
}

/// What the trainer is told.
#[must_use]
pub fn notes(app: &App) -> Vec<Part> {
    let Some(open) = &app.practice.open else { return Vec::new() };
    let one = &open.exercise;
    let mut parts = vec![head("The fault")];
    parts.extend(said(Voice::Plain, &one.trainer.fault));
    parts.extend([gap(), head("To ask the room")]);
    parts.extend(said(Voice::Plain, &one.trainer.ask));
    parts.extend([gap(), head("What mends it")]);
    parts.extend(said(Voice::Plain, &one.solution.words));
    if !one.wrong.is_empty() {
        parts.extend([gap(), head("What does not, and why")]);
    }
    for (i, way) in one.wrong.iter().enumerate() {
        parts.extend((i > 0).then(gap));
        parts.extend(said(Voice::Plain, &way.words));
    }
    parts
}
