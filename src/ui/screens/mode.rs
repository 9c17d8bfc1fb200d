//! The screen of step 1.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::slot::Slot;
use crate::app::steps::mode::{Found, found};
use crate::app::steps::runs::{self, story};
use crate::app::wizard::App;
use crate::domain::draft::Mode;
use crate::domain::intent::Caller;
use crate::ui::frame::{self, put, put_ends, title};
use crate::ui::text::{clock, cut, fit, wrap};
use crate::ui::theme::{Glyph, Theme};

/// A search that takes longer than this shows how long (ux W3).
const SLOW: Duration = Duration::from_secs(2);

/// Draws the step.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let width = frame.area().width;
    let side = if width >= 100 { Some(44) } else { (width >= 80).then_some(35) };
    let areas = frame::draw(frame, app, theme, side);
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    put(frame, main, roomy, title(theme, "How should the cluster prove who it is?", true));
    let mut n = 1 + 2 * roomy;
    for (mode, name, note, words) in [
        (Mode::Oidc, "OIDC role", "recommended", "Short-lived keys, no secret to store."),
        (Mode::IamUser, "IAM user", "", "One key pair that never expires."),
    ] {
        let here = app.mode.at == mode;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let style = if here { theme.selected().patch(theme.bold()) } else { theme.plain() };
        let left = Line::from(vec![
            Span::styled(format!("  {mark} "), theme.accent()),
            Span::styled(format!("{name} "), style),
        ]);
        put_ends(frame, main, n, left, Line::styled(format!("{note} "), theme.dim()));
        put(frame, main, n + 1, Line::raw(format!("    {words}")));
        if here {
            frame.set_cursor_position(Position::new(main.x + 2, main.y + n));
        }
        n += 2 + roomy;
    }
    // What keeps the login away matters more than what else was found: it gets its room first.
    let mut login = login(app, theme, usize::from(main.width));
    let stopped = stopped(app, theme, usize::from(main.width));
    if roomy > 0 && !stopped.is_empty() {
        login.push(Line::default());
    }
    login.extend(stopped);
    let needed = u16::try_from(login.len()).unwrap_or(u16::MAX);
    let room = main.height.saturating_sub(n + needed);
    if room > 1 {
        put(frame, main, n, Line::raw("  Found on this machine"));
        n += 1;
        for fact in found(app).iter().take(usize::from(room - 1)) {
            put_fact(frame, app, theme, frame::below(main, n), fact);
            n += 1;
        }
    }
    for line in login {
        put(frame, main, n, line);
        n += 1;
    }
    if let Some(side) = areas.side {
        beside(frame, app, theme, side);
    }
}

fn put_fact(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, fact: &Found) {
    let task = fact.looking.and_then(|slot| app.slots.running(slot));
    let waited = task.map(|task| app.now.since(task.began)).unwrap_or_default();
    let (mark, style) = match task {
        Some(task) if task.shows_spinner(app.now) => {
            (theme.spinner(waited.as_millis() / 250), theme.plain())
        }
        None if fact.good => (theme.glyph(Glyph::Done), theme.good()),
        _ => (theme.glyph(Glyph::ToCome), theme.dim()),
    };
    let mut value = fact.value.clone();
    if waited >= SLOW {
        value = format!("{value} {}", clock(waited));
    }
    let room = usize::from(area.width).saturating_sub(15 + theme.mark() + fact.place.len());
    let left = Line::from(vec![
        Span::styled(format!("  {} ", fit(theme, mark, theme.mark())), style),
        Span::raw(format!("{:9}", fact.name)),
        Span::raw(cut(theme, &value, room)),
    ]);
    put_ends(frame, area, 0, left, Line::styled(format!("{} ", fact.place), theme.dim()));
}

/// What stands in the way of a login, and how it is renewed; it is waited for.
fn login(app: &App, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(fault) = app.who.fault().filter(|_| app.who.known().is_none()) {
        let room = width.saturating_sub(4);
        let mut say = |text: &str, style| {
            lines.extend(
                wrap(text, room).into_iter().map(|l| Line::styled(format!("  {l}"), style)),
            );
        };
        say(&format!("{} {}", theme.glyph(Glyph::Warning), fault.message), theme.warning());
        say(fault.what_to_do(), theme.bold());
        if let Some(task) = app.slots.running(Slot::Whoami) {
            let waited = clock(app.now.since(task.began));
            say(&format!("Waiting for the login, {waited}. It goes on by itself."), theme.plain());
        }
    } else if app.who.known().is_some_and(Caller::is_root) {
        lines.push(Line::styled(
            "  ! You are root of the account. Step 3 will ask.",
            theme.warning(),
        ));
    }
    lines
}

/// The run that stopped last, and the key that goes on with it.
fn stopped(app: &App, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut runs = runs::stopped(app);
    let Some((_, past)) = runs.next() else { return Vec::new() };
    let others = match runs.count() {
        0 => String::new(),
        1 => "; 1 other stopped, too".to_owned(),
        n => format!("; {n} others stopped, too"),
    };
    let head = "  You stopped here before";
    let key = "c continue ";
    let gap = width.saturating_sub(head.width() + key.width());
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{head}{}", " ".repeat(gap)), theme.bold()),
        Span::styled("c", theme.bold()),
        Span::raw(" continue "),
    ])];
    let words = format!("{}{others}", story::sentence(app, past));
    lines.extend(
        wrap(&words, width.saturating_sub(4)).into_iter().map(|l| Line::raw(format!("  {l}"))),
    );
    lines
}

/// What the chosen way brings.
fn beside(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let (name, words, facts): (_, _, [(&str, &str); 6]) = match app.mode.at {
        Mode::Oidc => (
            "OIDC role",
            "At every pull the cluster shows its own signed token. AWS swaps it for keys of an hour and a registry login of 12 hours.",
            [
                ("Secret", "none"),
                ("Expires", "by itself"),
                ("Creates", "provider, role"),
                ("Okteto", "role ARN, audience"),
                ("Undo", "3 calls"),
                ("Takes", "about 4 min"),
            ],
        ),
        Mode::IamUser => (
            "IAM user",
            "Okteto keeps an access key of a user made for it. It never expires, is told only once, and its policy is attached straight to the user. The OIDC role has none of that.",
            [
                ("Secret", "1 access key"),
                ("Expires", "never; K rotates it"),
                ("Creates", "user, key"),
                ("Okteto", "key id, secret"),
                ("Undo", "3 calls"),
                ("Takes", "about 2 min"),
            ],
        ),
    };
    put(frame, area, 1, Line::styled(name, theme.bold()));
    let mut n = 3;
    for line in wrap(words, usize::from(area.width)) {
        put(frame, area, n, Line::raw(line));
        n += 1;
    }
    n += 1;
    for (fact, value) in facts {
        put(
            frame,
            area,
            n,
            Line::from(vec![Span::styled(format!("{fact:10}"), theme.dim()), Span::raw(value)]),
        );
        n += 1;
    }
    put(
        frame,
        area,
        n + 1,
        Line::from(vec![Span::styled("i", theme.bold()), Span::raw("  compare the two in full")]),
    );
}
