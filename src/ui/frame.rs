//! What stands on every screen: who and where, the steps, what is going on, the keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::text::cut;
use super::theme::{Glyph, Theme};
use crate::app::keymap::{Command, label};
use crate::app::step::{Offer, Step};
use crate::app::steps::{mend, practice, undo};
use crate::app::wizard::App;
use crate::domain::draft::Field;

/// The parts of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Areas {
    /// Left or only column of the middle.
    pub main: Rect,
    /// Right column, where the window is wide enough and the screen wants one.
    pub side: Option<Rect>,
}

/// One row of an area, counted from its top; empty when outside.
#[must_use]
pub fn row(area: Rect, n: u16) -> Rect {
    let y = area.y.saturating_add(n);
    let height = u16::from(n < area.height);
    Rect { x: area.x, y: y.min(area.bottom()), width: area.width, height }
}

/// What is left of an area below its first `n` rows.
#[must_use]
pub fn below(area: Rect, n: u16) -> Rect {
    let n = n.min(area.height);
    Rect { y: area.y + n, height: area.height - n, ..area }
}

/// Writes a line into a row of an area.
pub fn put<'a>(frame: &mut Frame<'_>, area: Rect, n: u16, line: impl Into<Line<'a>>) {
    frame.render_widget(line.into(), row(area, n));
}

/// Writes a line at the left and another at the right end of the same row.
pub fn put_ends(frame: &mut Frame<'_>, area: Rect, n: u16, left: Line<'_>, right: Line<'_>) {
    // Each only in its own cells: a line's style covers the whole of its area.
    let whole = row(area, n);
    let wide = |line: &Line<'_>| u16::try_from(line.width()).unwrap_or(u16::MAX).min(whole.width);
    let (l, r) = (wide(&left), wide(&right));
    frame.render_widget(left, Rect { width: l, ..whole });
    frame.render_widget(right, Rect { x: whole.right() - r, width: r, ..whole });
}

/// Draws what stands on every screen and returns the middle. `side` is the width of the right column where there
/// is to be one.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, side: Option<u16>) -> Areas {
    let area = frame.area();
    let inner = Rect { x: 1, y: 0, width: area.width.saturating_sub(2), height: area.height };
    put_ends(
        frame,
        inner,
        0,
        name(app, theme),
        if app.setup.practice {
            made_up(app, theme, inner.width)
        } else {
            who(app, theme, inner.width)
        },
    );
    put_ends(
        frame,
        inner,
        1,
        steps(app, theme, area.width),
        Line::styled(changed(app), theme.dim()),
    );

    let body = Rect { x: 0, y: 3, width: area.width, height: area.height.saturating_sub(6) };
    let rule = theme.glyph(Glyph::Rule).repeat(usize::from(area.width));
    put(frame, area, 2, Line::styled(rule.clone(), theme.dim()));
    put(frame, area, area.height.saturating_sub(3), Line::styled(rule, theme.dim()));
    let status = cut(theme, &app.status(), usize::from(inner.width));
    put(frame, inner, area.height.saturating_sub(2), Line::raw(status));
    put(frame, inner, area.height.saturating_sub(1), keys(app, theme, inner.width));

    let margin = |r: Rect| Rect { x: r.x + 1, width: r.width.saturating_sub(2), ..r };
    let Some(side) = side else { return Areas { main: margin(body), side: None } };
    let at = body.width.saturating_sub(side + 1);
    let column =
        |y: u16, glyph: Glyph| (Rect { x: at, y, width: 1, height: 1 }, theme.glyph(glyph));
    let mut cells = vec![column(2, Glyph::TeeDown), column(body.bottom(), Glyph::TeeUp)];
    cells.extend((body.y..body.bottom()).map(|y| column(y, Glyph::Divider)));
    for (cell, glyph) in cells {
        frame.render_widget(Line::styled(glyph, theme.dim()), cell.intersection(area));
    }
    Areas {
        main: margin(Rect { width: at, ..body }),
        side: Some(Rect { x: at + 3, width: side.saturating_sub(3), ..body }),
    }
}

/// The word that stands first on every screen of practice.
pub const PRACTICE: &str = "PRACTICE";
const NAME: &str = "Amazon ECR for Okteto";

/// What may be covered: not the row that says it is practice.
#[must_use]
pub fn coverable(frame: &Frame<'_>, app: &App) -> Rect {
    below(frame.area(), u16::from(app.setup.practice))
}

/// Whose account it is not.
fn name(app: &App, theme: Theme) -> Line<'static> {
    if !app.setup.practice {
        return Line::styled(NAME, theme.bold());
    }
    let dot = format!(" {} ", theme.glyph(Glyph::Dot));
    Line::from(vec![
        Span::styled(PRACTICE, theme.practice()),
        Span::raw(dot),
        Span::styled(NAME, theme.bold()),
    ])
}

/// The account of practice, with as much around it as there is room for.
fn made_up(app: &App, theme: Theme, width: u16) -> Line<'static> {
    let account = match &app.who.caller {
        Some(Ok(caller)) => caller.account.as_str(),
        Some(Err(_)) => "without a login",
        None => "...",
    };
    let source = app.who.source.as_ref();
    let region = source.and_then(|s| s.region.as_ref()).map(|(r, _)| r.to_string());
    let dot = format!(" {} ", theme.glyph(Glyph::Dot));
    let facts = |first: &str, rest: &[&str]| -> String {
        let first = format!("{first}{account}");
        std::iter::once(first.as_str()).chain(rest.iter().copied()).collect::<Vec<_>>().join(&dot)
    };
    let region: Vec<&str> = region.iter().map(String::as_str).collect();
    // That nothing can be written counts for more than where.
    let (can, keeps): (_, &[&str]) =
        if app.setup.read_only { ("read-only", &["read-only"]) } else { ("can write", &region) };
    let all: Vec<&str> = region.iter().copied().chain([can]).collect();
    let ways = [
        facts("made-up account ", &all),
        facts("made-up account ", keeps),
        facts("", keeps),
        facts("made-up ", &[]),
    ];
    let room = usize::from(width).saturating_sub(name(app, theme).width() + 2);
    let fitting = ways.into_iter().find(|way| way.width() <= room);
    Line::raw(fitting.unwrap_or_else(|| cut(theme, account, room)))
}

/// Profile, account, region, and whether anything can be changed.
fn who(app: &App, theme: Theme, width: u16) -> Line<'static> {
    let source = app.who.source.as_ref();
    let profile = source.and_then(|s| s.profile.as_ref()).map(|(p, _)| p.clone());
    let account = match (&app.who.caller, &app.who.waiting) {
        (Some(Ok(caller)), _) => caller.account.to_string(),
        (Some(Err(_)), _) | (_, Some(_)) => "no login".to_owned(),
        (None, None) => "asking AWS".to_owned(),
    };
    let region = source.and_then(|s| s.region.as_ref()).map(|(r, _)| r.to_string());
    let can = if app.setup.read_only { "read-only" } else { "can write" };
    let fixed = [Some(account), region, Some(can.to_owned())];
    let dot = format!(" {} ", theme.glyph(Glyph::Dot));
    let rest = fixed.into_iter().flatten().collect::<Vec<_>>().join(&dot);
    // The title and the facts behind the profile's name always stay; the name loses its middle.
    let room = usize::from(width).saturating_sub(23 + rest.width() + dot.width());
    let line = match profile {
        Some(profile) if room >= 4 => format!("{}{dot}{rest}", cut(theme, &profile, room)),
        _ => cut(theme, &rest, usize::from(width).saturating_sub(22)),
    };
    Line::raw(line)
}

/// The steps: done, here, to come. Names only where there is room.
fn steps(app: &App, theme: Theme, width: u16) -> Line<'static> {
    if !app.step.is_in_sequence() {
        return Line::styled(app.step.name(), theme.accent());
    }
    // The answers are a role's of the review: none of the steps before it was done for them.
    if app.review.kept().is_some() {
        let role = app.draft.text(Field::Role);
        return Line::styled(format!("Review: {} of {role}", app.step.name()), theme.accent());
    }
    if width < 80 {
        let step = app.step;
        return Line::styled(format!("{} of 6 {}", step.number(), step.name()), theme.accent());
    }
    let mut spans = Vec::new();
    for step in Step::ALL {
        if step != Step::Mode {
            spans.push(Span::styled(format!(" {} ", theme.glyph(Glyph::Rule)), theme.dim()));
        }
        let (glyph, ascii, style) = if step == app.step {
            (Glyph::Here, "[>]", theme.accent())
        } else if step < app.furthest {
            (Glyph::Done, "[x]", theme.plain())
        } else {
            (Glyph::ToCome, "[ ]", theme.dim())
        };
        let glyph = if theme.ascii { ascii } else { theme.glyph(glyph) };
        let named = width >= if theme.ascii { 112 } else { 100 } || step == app.step;
        let name = if named { format!(" {}", step.name()) } else { String::new() };
        spans.push(Span::styled(format!("{glyph} {}{name}", step.number()), style));
    }
    Line::from(spans)
}

fn changed(app: &App) -> String {
    if app.undo.running().is_some() {
        return "a run is being taken back".to_owned();
    }
    if undo::half_done(app).is_some() {
        return "a run taken back in part".to_owned();
    }
    if app.mend.running().is_some() {
        return "findings are being mended".to_owned();
    }
    if let Some(open) = &app.practice.open {
        return practice::story::count(open);
    }
    match app.changes_made + mend::calls_made(app) {
        0 if app.apply.made().next().is_none() && undo::taken_back(app).is_some() => {
            "a run taken back".to_owned()
        }
        0 if app.apply.made().next().is_some() => "perhaps a change made".to_owned(),
        0 => "nothing changed yet".to_owned(),
        1 => "1 change made".to_owned(),
        n => format!("{n} changes made"),
    }
}

/// The keys of this moment; help stays at the right end at every width.
fn keys(app: &App, theme: Theme, width: u16) -> Line<'static> {
    let help = if app.is_typing() { "F1 help" } else { "? help" };
    let room = usize::from(width).saturating_sub(help.width() + 2);
    let (mut spans, used) = offered(theme, &app.offers(), room);
    let pad = usize::from(width).saturating_sub(used + help.width());
    spans.push(Span::raw(" ".repeat(pad)));
    spans.push(Span::styled(help, theme.bold()));
    Line::from(spans)
}

/// Those of the offers that can be taken and have room, and how many cells they take.
#[must_use]
pub fn offered(theme: Theme, offers: &[Offer], room: usize) -> (Vec<Span<'static>>, usize) {
    let mut spans = Vec::new();
    let mut used = 0;
    for offer in offers.iter().filter(|o| o.refused.is_none()) {
        let key = key_label(theme, offer);
        let more = key.width() + 1 + offer.words.width() + if used == 0 { 0 } else { 3 };
        if used + more > room {
            continue;
        }
        if used > 0 {
            spans.push(Span::raw("   "));
        }
        used += more;
        spans.push(Span::styled(key, theme.bold()));
        spans.push(Span::raw(format!(" {}", offer.words)));
    }
    (spans, used)
}

/// How the key of an offer is written; movement is written as a pair.
#[must_use]
pub fn key_label(theme: Theme, offer: &Offer) -> String {
    let text = match offer.command {
        Command::Up | Command::Down => {
            if theme.ascii {
                "jk"
            } else {
                "↑↓"
            }
        }
        Command::Left | Command::Right => {
            if theme.ascii {
                "hl"
            } else {
                "←→"
            }
        }
        Command::NextMatch => "n N",
        other => label(other),
    };
    text.to_owned()
}

/// A title of a part; the mark shows that the part has the focus. The title does not move with it.
#[must_use]
pub fn title(theme: Theme, words: &str, focused: bool) -> Line<'static> {
    let style: Style = if focused { theme.bold() } else { theme.plain() };
    let mark = if focused { theme.glyph(Glyph::Focus) } else { " " };
    Line::from(vec![
        Span::styled(format!("{mark} "), theme.accent()),
        Span::styled(words.to_owned(), style),
    ])
}
