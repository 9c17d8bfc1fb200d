//! The choice of permissions, and what the choice amounts to.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{below, checks, sentence, write};
use crate::app::steps::access::papers::{self, Paper};
use crate::app::steps::access::{CHOICES, custody, options, words};
use crate::app::wizard::App;
use crate::domain::draft::{Field, Mode, PolicyChoice};
use crate::ui::frame::{put, put_ends};
use crate::ui::text::{cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws the part.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, side: Option<Rect>) {
    let width = usize::from(area.width);
    // In a low window only the chosen one says what it brings.
    let open = area.height >= 12;
    let gap = u16::from(side.is_some() && area.height >= 18);
    let mut n = 0;
    for choice in CHOICES {
        let (name, note, brings) = words(choice);
        let here = choice == app.draft.policy;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let style = if here { theme.selected().patch(theme.bold()) } else { theme.plain() };
        let left = Line::from(vec![
            Span::styled(format!("  {mark} "), theme.accent()),
            Span::styled(format!("{name} "), style),
        ]);
        put_ends(frame, area, n, left, Line::styled(format!("{note} "), theme.dim()));
        if here {
            frame.set_cursor_position(Position::new(area.x + 2, area.y + n));
        }
        n += 1;
        if here || open {
            for line in wrap(brings, width.saturating_sub(5)) {
                put(frame, area, n, Line::raw(format!("    {line}")));
                n += 1;
            }
        }
        n += gap;
    }
    if app.draft.policy == PolicyChoice::Repositories {
        let named = app.draft.text(Field::Repositories);
        let named = if named.is_empty() { "none named yet; / browses them" } else { named };
        let named = cut(theme, named, width.saturating_sub(6));
        put(frame, area, n, Line::styled(format!("    {named}"), theme.bold()));
        n += 1;
    }
    let rest = below(area, n + 1 - gap.min(1));
    if let Some(side) = side {
        beside(frame, app, theme, below(side, 1));
        write(frame, rest, summary(app));
    } else {
        let mut lines = Vec::new();
        match papers::leading(app) {
            Ok(paper) => {
                lines.push(Line::styled("  In one sentence", theme.bold()));
                lines.extend(indented(sentence(&paper, width.saturating_sub(3))));
                lines.extend(indented(checks(theme, &paper, width.saturating_sub(3), 0)));
                if lines.len() > usize::from(rest.height) {
                    // The sentence is what matters most where rows are few.
                    lines = indented(sentence(&paper, width.saturating_sub(3)));
                }
            }
            Err(why) => {
                let lost = wrap(&why, width.saturating_sub(3));
                lines.extend(lost.into_iter().map(|l| Line::raw(format!("  {l}"))));
            }
        }
        if usize::from(rest.height) > lines.len() + 3 {
            lines.push(Line::default());
            lines.extend(summary(app));
        }
        write(frame, rest, lines);
    }
}

fn indented(lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    let indent = |mut line: Line<'static>| {
        line.spans.insert(0, Span::raw("  "));
        line
    };
    lines.into_iter().map(indent).collect()
}

/// What stands in the other parts, one row each.
fn summary(app: &App) -> Vec<Line<'static>> {
    let count = |paper: &Paper| paper.lines.len();
    let trust = papers::trust(app).map_or_else(
        |_| "not yet".to_owned(),
        |paper| match paper.differing() {
            0 => format!("{} lines, as the tutorial's", count(&paper)),
            n => format!("{} lines, {n} not as in the tutorial", count(&paper)),
        },
    );
    let policy = papers::permission(app).map_or_else(
        |_| "not yet".to_owned(),
        |paper| {
            if paper.is_sent {
                format!("{} lines, sent as they stand", count(&paper))
            } else {
                "AWS's own, attached by its name".to_owned()
            }
        },
    );
    let set = |field: &Field| *field != Field::Repositories && !app.draft.text(*field).is_empty();
    let options = match options::fields(app).iter().filter(|f| set(f)).count() {
        0 => "none set".to_owned(),
        n => format!("{n} set"),
    };
    let first = match app.draft.mode {
        Mode::Oidc => ("Trust policy", trust),
        Mode::IamUser => ("Secret", custody::words(app.draft.custody).0.to_owned()),
    };
    [first, ("Permission policy", policy), ("Options", options)]
        .map(|(name, value)| Line::raw(format!("  {name:18} {value}")))
        .to_vec()
}

/// The one sentence and the checks.
fn beside(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width);
    let mut lines = vec![Line::styled("In one sentence", theme.bold()), Line::default()];
    match papers::leading(app) {
        Ok(paper) => {
            lines.extend(sentence(&paper, width));
            if app.draft.mode == Mode::IamUser {
                lines.push(Line::default());
                lines.extend(wrap(papers::COST, width).into_iter().map(Line::raw));
            } else if let Ok(policy) = papers::permission(app) {
                lines.push(Line::default());
                lines.extend(sentence(&policy, width));
            }
            lines.push(Line::default());
            let room = usize::from(area.height).saturating_sub(lines.len());
            lines.extend(checks(theme, &paper, width, room));
        }
        Err(why) => lines.extend(wrap(&why, width).into_iter().map(Line::raw)),
    }
    write(frame, area, lines);
}
