//! The tutorial beside what is sent: printed with its defects on the left, sent and answered on the right; one of them at a
//! time where there is no room for both.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::steps::tutorial::{Pane, passage, sent};
use crate::app::wizard::App;
use crate::domain::draft::Mode;
use crate::domain::tutorial::{Defect, Passage, Said};
use crate::ui::frame::{self, below, put, title};
use crate::ui::text::wrap;
use crate::ui::theme::{Glyph, Theme};

/// From so many columns on both sides have room.
const WIDE: u16 = 100;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let width = frame.area().width;
    let areas = frame::draw(frame, app, theme, (width >= WIDE).then_some(width / 2));
    let Some(passage) = passage(app) else { return };
    let state = &app.tutorial;
    let way = match passage.way {
        Mode::Oidc => "OIDC",
        Mode::IamUser => "IAM user",
    };
    let left = areas.main;
    let (pane, is_wide) = (state.pane, areas.side.is_some());
    let shown = if is_wide { Pane::Printed } else { pane };
    let head = format!("{way}, step {}: {}", passage.step, passage.title);
    put(frame, left, 0, title(theme, &head, shown == pane));
    let part = match shown {
        Pane::Printed => "as printed",
        Pane::Sent => "what is sent",
        Pane::Answers => "what the practice account answers to the printed",
    };
    put(frame, left, 1, Line::styled(format!("  {part}"), theme.dim()));
    let scroll = |area: Pane| if area == pane { state.scroll } else { 0 };
    rows(frame, below(left, 3), lines(app, theme, passage, shown, left.width), scroll(shown));
    if let Some(side) = areas.side {
        let shown = if pane == Pane::Answers { Pane::Answers } else { Pane::Sent };
        let head =
            if shown == Pane::Sent { "What is sent" } else { "What AWS answers to the printed" };
        put(frame, side, 0, title(theme, head, pane != Pane::Printed));
        rows(frame, below(side, 3), lines(app, theme, passage, shown, side.width), scroll(shown));
    }
}

/// Draws what is in sight of the rows; never so far down that nothing is.
fn rows(frame: &mut Frame<'_>, area: Rect, rows: Vec<Line<'static>>, scroll: usize) {
    let height = usize::from(area.height);
    let top = scroll.min(rows.len().saturating_sub(height));
    for (n, row) in (0..area.height).zip(rows.into_iter().skip(top)) {
        put(frame, area, n, row);
    }
}

fn lines(
    app: &App,
    theme: Theme,
    passage: &'static Passage,
    pane: Pane,
    width: u16,
) -> Vec<Line<'static>> {
    let width = usize::from(width).saturating_sub(3);
    match pane {
        Pane::Printed => printed(app, theme, passage, width),
        Pane::Sent => match sent(app) {
            Ok(text) => plain(&text, theme.plain(), width).collect(),
            Err(why) => plain(&why, theme.dim(), width).collect(),
        },
        Pane::Answers => answers(app, theme, passage, width),
    }
}

fn plain(text: &str, style: Style, width: usize) -> impl Iterator<Item = Line<'static>> {
    let rows: Vec<String> = text.lines().flat_map(|line| folded(line, width)).collect();
    rows.into_iter().map(move |row| Line::styled(format!("  {row}"), style))
}

/// A line of a command or document: its indent stays, and it is folded where it is too long.
fn folded(line: &str, width: usize) -> Vec<String> {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let room = width.saturating_sub(indent.len()).max(8);
    let rows = wrap(line.trim_start(), room);
    if rows.is_empty() {
        return vec![String::new()];
    }
    rows.into_iter().map(|row| format!("{indent}{row}")).collect()
}

/// The printed text, each line with the numbers of the defects that begin in it, and below it the selected defect.
fn printed(app: &App, theme: Theme, passage: &'static Passage, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let starts = starts(passage);
    let mut begins = 0;
    for text in passage.printed.split('\n') {
        let within = begins..=begins + text.len();
        let numbers: Vec<usize> = (0..starts.len())
            .filter(|i| starts.get(*i).is_some_and(|at| within.contains(at)))
            .collect();
        for (n, row) in folded(text, width.saturating_sub(6)).into_iter().enumerate() {
            let marks: String = if n == 0 {
                numbers.iter().map(|i| format!("{}", i + 1)).collect::<Vec<_>>().join(",")
            } else {
                String::new()
            };
            let is_marked = !numbers.is_empty();
            let sign = if n == 0 && is_marked { theme.glyph(Glyph::Error) } else { " " };
            let here = numbers.contains(&app.tutorial.defect);
            let style = if here {
                theme.selected()
            } else if is_marked {
                theme.warning()
            } else {
                theme.plain()
            };
            out.push(Line::from(vec![
                Span::styled(format!("{sign:1}{marks:<5}"), theme.bad()),
                Span::styled(row, style),
            ]));
        }
        begins += text.len() + 1;
    }
    out.push(Line::default());
    let Some(defect) = passage.defects.get(app.tutorial.defect) else { return out };
    let number = app.tutorial.defect + 1;
    let kind = if defect.stops { "stops whoever follows it" } else { "misleads" };
    let head =
        format!("{} {number} of {}: {kind}", theme.glyph(Glyph::Error), passage.defects.len());
    out.push(Line::styled(format!("  {head}"), theme.bold()));
    out.extend(plain(defect.marks, theme.warning(), width));
    out.extend(plain(defect.why, theme.plain(), width));
    out.extend(plain(&format!("Source: {}", defect.source), theme.dim(), width));
    out
}

/// Where the marks of the defects begin: each is looked for from where the one before it began.
fn starts(passage: &Passage) -> Vec<usize> {
    let mut from = 0;
    let begin = |defect: &Defect| {
        let rest = passage.printed.get(from..).unwrap_or_default();
        from += rest.find(defect.marks).unwrap_or_default();
        from
    };
    passage.defects.iter().map(begin).collect()
}

/// What was asked, and the answer as the AWS CLI prints it.
fn answers(app: &App, theme: Theme, passage: &'static Passage, width: usize) -> Vec<Line<'static>> {
    if passage.trials.is_empty() {
        return plain("Nothing of this passage goes to AWS.", theme.dim(), width).collect();
    }
    let mut out = Vec::new();
    for (i, trial) in passage.trials.iter().enumerate() {
        out.push(Line::styled(format!("  {}", trial.title), theme.bold()));
        let place = (app.tutorial.at, i);
        match app.tutorial.said.get(&place) {
            None if app.tutorial.asking == Some(place) => {
                out.extend(plain("asking", theme.dim(), width));
            }
            None => out.extend(plain("Enter asks the practice account.", theme.dim(), width)),
            Some(said) => {
                let call = (trial.calls)().pop().map(|call| call.call).unwrap_or_default();
                let (text, style) = answered(said, call.split(':').next_back().unwrap_or_default());
                let mark = match said {
                    Said::Done(_) => {
                        Span::styled(format!("  {}", theme.glyph(Glyph::Done)), theme.good())
                    }
                    Said::Refused { .. } => {
                        Span::styled(format!("  {}", theme.glyph(Glyph::Error)), theme.bad())
                    }
                };
                let word = if matches!(said, Said::Done(_)) { " accepted" } else { " refused" };
                out.push(Line::from(vec![mark, Span::raw(word)]));
                let style = if style { theme.bad() } else { theme.plain() };
                out.extend(plain(&text, style, width));
                out.extend(plain(trial.means, theme.plain(), width));
            }
        }
        out.push(Line::default());
    }
    out
}

/// The answer in the AWS CLI's words, and whether it is a refusal.
fn answered(said: &Said, action: &str) -> (String, bool) {
    match said {
        Said::Done(answer) => (serde_json::to_string_pretty(answer).unwrap_or_default(), false),
        Said::Refused { code, message, .. } => {
            let words = format!(
                "An error occurred ({code}) when calling the {action} operation: {message}"
            );
            (words, true)
        }
    }
}
