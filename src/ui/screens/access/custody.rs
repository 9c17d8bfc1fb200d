//! Where the secret goes, and whether it could.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{below, write};
use crate::app::slot::Slot;
use crate::app::steps::access::custody::{self, CHOICES, field, words};
use crate::app::steps::access::{Part, papers};
use crate::app::steps::identity::name;
use crate::app::wizard::App;
use crate::domain::custody::{Custody, CustodyChoice, SeenPlace};
use crate::domain::draft::Verdict;
use crate::ui::fields;
use crate::ui::frame::{put, put_ends};
use crate::ui::text::{shortened, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws the part.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, side: Option<Rect>) {
    let width = usize::from(area.width);
    let open = area.height >= 12;
    let focused = app.access.part == Part::Custody;
    let gap = u16::from(area.height >= 18);
    let mut n = 0;
    for choice in CHOICES {
        let (title, note, brings) = words(choice);
        let here = choice == app.draft.custody;
        let mark = match (here, focused) {
            (true, true) => theme.glyph(Glyph::Cursor),
            (true, false) => theme.glyph(Glyph::Here),
            _ => " ",
        };
        let style = match (here, focused) {
            (true, true) => theme.selected().patch(theme.bold()),
            (true, false) => theme.bold(),
            _ => theme.plain(),
        };
        let left = Line::from(vec![
            Span::styled(format!("  {mark} "), theme.accent()),
            Span::styled(format!("{title} "), style),
        ]);
        put_ends(frame, area, n, left, Line::styled(format!("{note} "), theme.dim()));
        if here && focused {
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
    let shown = field(app.draft.custody).and_then(|field| app.access.form.get(field));
    if let Some(shown) = shown {
        let place = below(area, n + 1 - gap);
        let of = app.access.part == Part::Place;
        let context = app.draft.context.as_deref().unwrap_or("the current one");
        let extra = (app.draft.custody == CustodyChoice::Kubernetes)
            .then(|| Line::styled(format!("in the context {context}"), theme.dim()));
        fields::put_field(frame, app, theme, place, shown, name(shown.field), of, extra);
        n += 3 + 1 - gap;
    }
    let rest = below(area, n + u16::from(open));
    let most = usize::from(rest.height).max(2);
    write(frame, rest, outcome(app, theme, width.saturating_sub(3), most));
    if let Some(side) = side {
        beside(frame, app, theme, below(side, 1));
    }
}

/// What trying it has shown.
fn outcome(app: &App, theme: Theme, room: usize, most: usize) -> Vec<Line<'static>> {
    let (glyph, style, words, remedy) = match custody::tried(app) {
        None if app.draft.custody == CustodyChoice::Show => {
            let words = "Nothing has to be tried: it stays in this program.".to_owned();
            (theme.glyph(Glyph::Done), theme.good(), words, None)
        }
        None => {
            return vec![Line::styled(
                "  Not tried yet. r tries it; nothing is made.",
                theme.dim(),
            )];
        }
        Some(None) => {
            let since = app.slots.running(Slot::Place).map_or(app.now, |task| task.began);
            let spinner = theme.spinner(app.now.since(since).as_millis() / 250);
            (spinner, theme.plain(), "Trying whether it could go there.".to_owned(), None)
        }
        Some(Some(Ok(place))) => {
            let tried = custody::custody(app);
            (theme.glyph(Glyph::Done), theme.good(), found(tried.as_ref(), place), None)
        }
        Some(Some(Err(fault))) => {
            let remedy = Some(fault.what_to_do().to_owned());
            (theme.glyph(Glyph::Error), theme.bad(), fault.message.clone(), remedy)
        }
    };
    let below = remedy.map(|text| shortened(theme, &text, room.saturating_sub(2), most / 2));
    let below = below.unwrap_or_default();
    let left = most.saturating_sub(below.len()).max(1);
    let mut lines: Vec<_> = shortened(theme, &format!("{glyph} {words}"), room, left)
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect();
    lines.extend(below.into_iter().map(|line| Line::styled(format!("    {line}"), theme.bold())));
    lines
}

fn found(custody: Option<&Custody>, place: &SeenPlace) -> String {
    let what = custody.map(ToString::to_string).unwrap_or_default();
    match (place, custody) {
        (SeenPlace::Ours(_), _) => {
            format!("The {what} is there, made by this program; it could be written anew.")
        }
        (SeenPlace::Free, Some(Custody::Kubernetes(_))) => {
            format!("The cluster would take the {what}. Nothing was made by asking.")
        }
        (SeenPlace::Free, _) => format!("The {what} could be made. Nothing was left there."),
    }
}

/// The focused field explained, or what the choice costs.
fn beside(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width);
    let focused = app.access.form_in_focus().and_then(|form| form.focused());
    let (title, words) = match focused {
        Some(field) => {
            let words = match field.verdict(&app.draft, app.now) {
                Some(Verdict::Wrong(problem)) => vec![
                    problem.what.clone(),
                    String::new(),
                    format!("Why       {}", problem.why),
                    format!("Example   {}", problem.example),
                ],
                _ => custody::explanation(field.field),
            };
            (name(field.field), words)
        }
        None => (
            "The secret",
            vec![
                "AWS tells it once, when the key is made, and never again.".to_owned(),
                String::new(),
                "So its place is tried before. If it cannot be delivered, the key is deleted at once.".to_owned(),
                String::new(),
                papers::COST.to_owned(),
                String::new(),
                "An OIDC role has no secret: step 1.".to_owned(),
            ],
        ),
    };
    let mut lines = vec![Line::styled(title, theme.bold()), Line::default()];
    lines.extend(words.iter().flat_map(|line| wrap(line, width)).map(Line::raw));
    write(frame, area, lines);
}
