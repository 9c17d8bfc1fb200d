//! What stands below the rungs: the tries while a change spreads, the bytes, how it ended and what now.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::compare;
use super::setup::put_acts;
use crate::app::steps::pull::run::Run;
use crate::app::steps::pull::story::{
    self, facts, tries_in_short, try_line, verdict, waiting_words,
};
use crate::app::steps::pull::{acts, is_running};
use crate::app::wizard::App;
use crate::domain::probe::{BlobProgress, Rung, RungStatus};
use crate::ui::frame::put;
use crate::ui::text::{bytes, clock, cut, shortened};
use crate::ui::theme::{Glyph, Theme};

/// Cells before the bars.
const LABEL: usize = 10;

/// Cells of a fact's name, and in a low window.
const NAME: usize = 18;
const NAME_LOW: usize = 8;
/// The facts that stand against each other in rows of their own.
const COMPARED: [&str; 3] = ["Wanted", "Got", "First difference"];

/// Blank rows, by what they stand before: the later in this list, the sooner one goes where the window is low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Choices,
    Verdict,
    Rows,
    Tries,
}

/// A row, or a blank one that may be left out.
enum Row {
    Line(Line<'static>),
    Gap(Gap),
}

/// The rows below the rungs. The last one is kept empty for the choices once the run has ended. Blank rows go where
/// there are more than `left`.
pub fn rows(
    app: &App,
    theme: Theme,
    run: &Run,
    width: u16,
    height: u16,
    left: u16,
) -> Vec<Line<'static>> {
    let mut rows = all_rows(app, theme, run, width, height);
    while rows.len() > usize::from(left) {
        let gaps = rows.iter().enumerate().filter_map(|(i, row)| match row {
            Row::Gap(gap) => Some((*gap, i)),
            Row::Line(_) => None,
        });
        let Some((_, i)) = gaps.max() else { break };
        rows.remove(i);
    }
    let line = |row| match row {
        Row::Line(line) => line,
        Row::Gap(_) => Line::default(),
    };
    rows.into_iter().map(line).collect()
}

fn all_rows(app: &App, theme: Theme, run: &Run, width: u16, height: u16) -> Vec<Row> {
    let room = usize::from(width).saturating_sub(4);
    let low = height < 17;
    let mut rows = Vec::new();
    let ended = verdict(run);
    if let Some(rung) = run.waiting() {
        rows.push(Row::Gap(Gap::Rows));
        let tries = tries(app, theme, run, rung, room, if low { 1 } else { 5 });
        rows.extend(tries.into_iter().map(Row::Line));
    } else if !run.blobs.is_empty()
        && !ended.as_ref().is_some_and(|(s, _)| *s == RungStatus::Failed)
    {
        rows.push(Row::Gap(Gap::Rows));
        rows.extend(progress(app, theme, run, width, low).into_iter().map(Row::Line));
        if let Some(line) = tries_in_short(run).filter(|_| !low) {
            rows.push(Row::Gap(Gap::Tries));
            let line = Line::styled(format!("  {}", cut(theme, &line, room)), theme.dim());
            rows.push(Row::Line(line));
        }
    }
    if let Some((status, words)) = ended {
        rows.push(Row::Gap(Gap::Verdict));
        let (glyph, style) = match status {
            RungStatus::Passed => (Glyph::Done, theme.good()),
            RungStatus::Failed => (Glyph::Error, theme.bad()),
            RungStatus::Warned => (Glyph::Warning, theme.warning()),
            RungStatus::Skipped => (Glyph::ToCome, theme.plain()),
        };
        let words = format!("{} {words}", theme.glyph(glyph));
        // In a low window what was wanted and got says more than the end of a sentence.
        let compared = story::fault(run).is_some_and(compare::is_for);
        let most = match (low, compared) {
            (true, true) => 1,
            (true, false) => 2,
            (false, _) => 4,
        };
        rows.extend(
            shortened(theme, &words, room, most)
                .into_iter()
                .map(|l| Row::Line(Line::from(vec![Span::raw("  "), Span::styled(l, style)]))),
        );
        rows.extend(fault_rows(theme, run, room, low).into_iter().map(Row::Line));
        rows.push(Row::Gap(Gap::Choices));
        rows.push(Row::Line(Line::default()));
    }
    rows
}

/// Wanted against got, what AWS said, what else is wrong, what to do.
fn fault_rows(theme: Theme, run: &Run, room: usize, low: bool) -> Vec<Line<'static>> {
    let Some(fault) = story::fault(run) else { return Vec::new() };
    let room = room.saturating_sub(2);
    let mut rows = compare::rows(theme, fault, if low { NAME_LOW } else { NAME }, room);
    if !low {
        let shown = if rows.is_empty() { 0 } else { COMPARED.len() };
        let facts = facts(fault)
            .into_iter()
            .filter(|(name, _)| shown == 0 || !COMPARED.contains(&name.as_str()));
        for (name, value) in facts.take(6 - shown) {
            let value = cut(theme, &value, room.saturating_sub(NAME));
            rows.push(Line::from(vec![
                Span::styled(format!("    {name:NAME$}"), theme.dim()),
                Span::raw(value),
            ]));
        }
    }
    let also = story::also(run);
    let most = if low { 1 } else { 3 };
    let hidden = also.len().saturating_sub(most);
    for (n, words) in also.into_iter().take(most).enumerate() {
        let more = if hidden > 0 && n + 1 == most {
            format!(" (and {hidden} more)")
        } else {
            String::new()
        };
        let words = cut(theme, &words, room.saturating_sub(more.width()));
        rows.push(Line::raw(format!("    {words}{more}")));
    }
    let lines = shortened(theme, fault.what_to_do(), room, most);
    rows.extend(lines.into_iter().map(|l| Line::styled(format!("    {l}"), theme.bold())));
    rows
}

/// The tries so far, the newest last, and until when it goes on.
fn tries(
    app: &App,
    theme: Theme,
    run: &Run,
    rung: Rung,
    room: usize,
    most: usize,
) -> Vec<Line<'static>> {
    let all: Vec<_> = run.tries_of(rung).collect();
    let words = waiting_words(run, rung);
    let mut rows: Vec<_> = shortened(theme, &words, room, 2)
        .into_iter()
        .map(|l| Line::raw(format!("  {l}")))
        .collect();
    if most == 1 {
        rows.truncate(0);
    }
    let hidden = all.len().saturating_sub(most);
    if hidden > 0 && most > 1 {
        let tries = if hidden == 1 { "try" } else { "tries" };
        rows.push(Line::styled(format!("  {hidden} {tries} before"), theme.dim()));
    }
    for attempt in all.into_iter().skip(hidden) {
        rows.push(Line::raw(format!("  {}", cut(theme, &try_line(attempt, app.now), room))));
    }
    rows
}

/// One bar for all bytes, then the largest parts.
fn progress(app: &App, theme: Theme, run: &Run, width: u16, low: bool) -> Vec<Line<'static>> {
    let (received, total) = (run.received(), run.total());
    let ended = run.outcome.is_some();
    let facts = if ended {
        let rate = run.rate(app.now).map_or_else(String::new, |r| format!("  {}/s", bytes(r)));
        format!("{} of {}{rate}", of(received, total), bytes(total))
    } else if received >= total {
        let checked = if run.is_checked() { "checked" } else { "checking" };
        format!("{} received, {checked}", bytes(total))
    } else {
        let rate = run.rate(app.now).map_or_else(String::new, |r| format!("{}/s", bytes(r)));
        let left = run.left(app.now).map_or_else(String::new, |l| format!("{} left", clock(l)));
        format!("{} of {} {rate:>11} {left:>10}", of(received, total), bytes(total))
    };
    let wide = usize::from(width).saturating_sub(LABEL + 3);
    let length = wide.saturating_sub(43).clamp(8, 48).min(wide);
    let length = if low { wide.saturating_sub(facts.width() + 1).min(length) } else { length };
    let full = usize::try_from(run.share(length as u64)).unwrap_or(0);
    let facts = cut(theme, &facts, wide.saturating_sub(length));
    let mut rows = vec![Line::from(vec![
        Span::styled(format!("  {:1$}", "All", LABEL - 2), theme.bold()),
        Span::raw(strip(theme, full, length)),
        Span::raw(format!("  {facts}")),
    ])];
    if low || ended {
        return rows;
    }
    let blobs = run.blobs();
    for blob in blobs.going.iter().take(2 + usize::from(width >= 100) * 2) {
        rows.push(part(theme, blob, length * 2 / 3));
    }
    let hidden = blobs.going.len().saturating_sub(2 + usize::from(width >= 100) * 2);
    let mut words = vec![format!("{} done", blobs.done)];
    if hidden > 0 {
        words.push(format!("{hidden} more under way"));
    }
    match blobs.waiting {
        0 => {}
        1 => words.push("1 small one waiting".to_owned()),
        n => words.push(format!("{n} small ones waiting")),
    }
    rows.push(Line::styled(format!("{:LABEL$}{}", "", words.join(", ")), theme.dim()));
    rows
}

fn part(theme: Theme, blob: &BlobProgress, length: usize) -> Line<'static> {
    let digest = blob.digest.strip_prefix("sha256:").unwrap_or(&blob.digest);
    let name: String = digest.chars().take(6).chain(theme.glyph(Glyph::Cut).chars()).collect();
    let share = u128::from(blob.received) * length as u128 / u128::from(blob.total.max(1));
    let full = usize::try_from(share).unwrap_or(length).min(length);
    Line::from(vec![
        Span::styled(format!("{:LABEL$}{name:8} ", ""), theme.dim()),
        Span::raw(strip(theme, full, length)),
        Span::raw(format!("  {:>5} of {:>8}", of(blob.received, blob.total), bytes(blob.total))),
    ])
}

fn strip(theme: Theme, full: usize, length: usize) -> String {
    let empty = length.saturating_sub(full);
    theme.glyph(Glyph::Full).repeat(full) + &theme.glyph(Glyph::Empty).repeat(empty)
}

/// A count of bytes in the unit of its total, without the unit.
fn of(received: u64, total: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a tenth of a unit is what is shown")]
    let n = received as f64;
    match total {
        0..1024 => format!("{n:.0}"),
        1024..1_048_576 => format!("{:.0}", n / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1}", n / 1_048_576.0),
        _ => format!("{:.2}", n / 1_073_741_824.0),
    }
}

/// Draws the rows and, once it ended, what can be done now: that is always in sight.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, rows: Vec<Line<'static>>) {
    let choices = !is_running(app);
    let height = area.height.saturating_sub(u16::from(choices));
    let count = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    for (n, row) in (0..height).zip(rows) {
        put(frame, area, n, row);
    }
    if choices && area.height > 0 {
        let at = count.saturating_sub(1).min(height);
        let row = Rect { y: area.y + at, height: area.height - at, ..area };
        let chosen = (!app.pull.on_rungs).then_some(app.pull.choice);
        put_acts(frame, theme, row, &acts(app), chosen);
    }
}
