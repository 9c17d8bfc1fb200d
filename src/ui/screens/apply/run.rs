//! The changes while they are sent, and how they ended.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::rows::{self, LOG, Row, log, put_rows};
use super::{below, detail, fault_lines, indented, write};
use crate::app::slot::Slot;
use crate::app::steps::apply::state::Run;
use crate::app::steps::apply::{self, story};
use crate::app::steps::course::Progress;
use crate::app::task::{ApplyOutcome, StepOutcome};
use crate::app::wizard::App;
use crate::domain::plan::{Planned, Standing, StepId};
use crate::ui::text::{clock, cut, took};
use crate::ui::theme::{Glyph, Theme};

/// `1 of 3 · 0:06`
pub fn progress(app: &App, run: &Run) -> String {
    format!("{} of {}, {}", run.course.done(), run.course.progress.len(), clock(run.took(app.now)))
}

/// Draws what was sent.
pub fn draw(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    side: Option<Rect>,
    run: &Run,
) {
    let rows = rows(app, theme, run);
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let room = if side.is_some() { area.height } else { (area.height / 2).max(4) };
    let list = Rect { height: room.min(wanted), ..area };
    put_rows(frame, theme, list, &rows, app.apply.cursor.row);
    let rest = below(area, list.height + u16::from(area.height > 8));
    if let Some(side) = side {
        write(frame, theme, side, account(app, theme, run, usize::from(side.width)));
        let mut lines = after(app, theme, run, usize::from(area.width), area.height > 8);
        let room = usize::from(rest.height).saturating_sub(lines.len() + 1);
        if room > 2 {
            lines.extend(log(app, theme, usize::from(rest.width), LOG.min(room - 1)));
        }
        write(frame, theme, rest, lines);
    } else {
        let width = usize::from(area.width).saturating_sub(2);
        let mut lines = after(app, theme, run, usize::from(area.width), area.height > 8);
        let account = account(app, theme, run, width);
        lines.extend(account.into_iter().map(|l| indented(l, 2)));
        // The last calls keep their place at the end, except where a fault needs all of it.
        let free = usize::from(rest.height).saturating_sub(lines.len() + 2);
        let calls = match run.fault() {
            None if rest.height >= 10 => free.clamp(2, LOG),
            _ => free.min(LOG),
        };
        let log = log(app, theme, usize::from(rest.width), calls);
        let kept = u16::try_from(log.len()).map_or(0, |n| if n > 0 { n + 1 } else { 0 });
        let text = Rect { height: rest.height.saturating_sub(kept), ..rest };
        let used = write(frame, theme, text, lines);
        write(frame, theme, below(rest, used + 1), log);
    }
}

/// The changes, and what reading back found.
fn rows(app: &App, theme: Theme, run: &Run) -> Vec<Row> {
    let steps = run.changes().map(|(step, progress)| (step.summary.clone(), progress));
    let mut rows = rows::of_calls(app, theme, Slot::Apply, steps, &run.course);
    let row =
        |glyph, style, state: &str, time| Row::new(theme, glyph, style, "Read back", state, time);
    rows.push(match (&run.ended, run.course.reading_back) {
        (None, since) => rows::to_read_back(app, theme, Slot::Apply, since),
        (Some(_), None) if !run.is_done() => {
            row(Glyph::ToCome, theme.dim(), "not read", String::new())
        }
        (Some((at, end)), since) => {
            let time = since.map_or_else(String::new, |since| took(at.since(since)));
            match (end.differs.len(), &end.fault) {
                (_, Some(_)) => row(Glyph::Warning, theme.warning(), "not read", time),
                (0, None) => row(Glyph::Done, theme.good(), "as meant", time),
                (1, None) => row(Glyph::Warning, theme.warning(), "1 difference", time),
                (n, None) => {
                    row(Glyph::Warning, theme.warning(), &format!("{n} differences"), time)
                }
            }
        }
    });
    rows
}

/// How all of it ended, one or two lines; nothing while it runs.
fn after(app: &App, theme: Theme, run: &Run, width: usize, roomy: bool) -> Vec<Line<'static>> {
    let Some((_, end)) = &run.ended else { return Vec::new() };
    let say = |glyph: Glyph, style: Style, words: String| {
        Line::from(vec![
            Span::styled(format!("  {} ", theme.glyph(glyph)), style),
            Span::styled(words, theme.bold()),
        ])
    };
    let (done, all) = (run.course.done(), run.course.progress.len());
    let first = match end.outcome {
        ApplyOutcome::Done if end.differs.is_empty() && end.fault.is_none() => say(
            Glyph::Done,
            theme.good(),
            format!("Made in {}, read back: as meant.", took(run.took(app.now))),
        ),
        ApplyOutcome::Done if end.fault.is_some() => {
            say(Glyph::Warning, theme.warning(), "Made, but reading back failed.".to_owned())
        }
        ApplyOutcome::Done => {
            say(Glyph::Warning, theme.warning(), "Made, but what is there now differs.".to_owned())
        }
        ApplyOutcome::Failed if run.course.lost_reply() => say(
            Glyph::Warning,
            theme.warning(),
            if apply::lost_key(app).is_some() {
                "No answer came, but a key was made: nobody has its secret.".to_owned()
            } else {
                "No answer came: it may be there or not. r finds out.".to_owned()
            },
        ),
        ApplyOutcome::Failed => {
            say(Glyph::Error, theme.bad(), format!("Stopped there: {done} of {all} made."))
        }
        ApplyOutcome::Stopped => say(
            Glyph::Warning,
            theme.warning(),
            format!("Stopped as you asked: {done} of {all} made."),
        ),
        ApplyOutcome::Blocked => say(Glyph::Error, theme.bad(), "Nothing was sent.".to_owned()),
    };
    let mut lines = vec![first];
    lines.extend(key(app, theme, run, width));
    if !roomy {
        return lines;
    }
    if end.outcome != ApplyOutcome::Done {
        let (key, words) = if apply::lost_key(app).is_some() {
            ("f", "plans its deletion; then a key can be made again")
        } else {
            ("r", "reads the account and plans what is left")
        };
        lines.push(Line::from(vec![
            Span::styled(format!("    {key}"), theme.bold()),
            Span::raw(format!("  {words}")),
        ]));
    }
    lines.push(Line::default());
    lines
}

/// The access key that was made, and where its secret is.
fn key(app: &App, theme: Theme, run: &Run, width: usize) -> Vec<Line<'static>> {
    let made = |(step, progress): (&Planned, &Progress)| {
        step.id == StepId::AccessKey
            && step.standing == Standing::Needed
            && matches!(progress, Progress::Ended(StepOutcome::Done { .. }))
    };
    let made = run.changes().any(made).then(|| apply::key(app)).flatten();
    let (Some(key), Some(user)) = (made, run.plan.intent.user()) else { return Vec::new() };
    let room = width.saturating_sub(5);
    let rows = [format!("Key  {key}"), format!("In   {}", user.custody)];
    rows.iter().map(|row| Line::raw(format!("    {}", cut(theme, row, room)))).collect()
}

/// What is to be read beside the list: a fault whole, differences, else the command of the selected step; then
/// what exists.
fn account(app: &App, theme: Theme, run: &Run, width: usize) -> Vec<Line<'static>> {
    if let Some(delay) = run.course.delay.as_ref().filter(|_| run.ended.is_none()) {
        return rows::delay_lines(theme, delay, width);
    }
    let mut lines = Vec::new();
    let differs = run.ended.as_ref().map_or(&[][..], |(_, end)| &end.differs);
    if let Some(fault) = run.fault() {
        lines.push(Line::styled("What went wrong", theme.bold()));
        lines.extend(fault_lines(theme, fault, width));
    } else if !differs.is_empty() {
        lines.push(Line::styled("There now (-), and as it was meant (+)", theme.bold()));
        for line in differs.iter().flat_map(story::difference) {
            lines.push(Line::raw(cut(theme, &line, width)));
        }
    } else if let Some(step) = app.apply.selected() {
        if width < 60 {
            lines.push(Line::styled(cut(theme, &step.summary, width), theme.bold()));
            lines.push(Line::default());
        }
        lines.extend(detail::command(app, theme, step, width));
    }
    // Where all went well the list above says it already.
    let made: Vec<String> = app.apply.made().collect();
    let stopped = run.ended.is_some() && !run.is_done();
    if !made.is_empty() && (stopped || made.len() > run.course.done()) {
        lines.push(Line::default());
        lines.push(Line::styled("Made so far", theme.bold()));
        lines.extend(made.iter().map(|made| Line::raw(cut(theme, &format!("+ {made}"), width))));
    }
    lines
}
