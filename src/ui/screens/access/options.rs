//! The text fields of step 3.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{below, write};
use crate::app::steps::access::options::{explanation, fields};
use crate::app::steps::identity::name;
use crate::app::wizard::App;
use crate::domain::draft::{Field, Verdict};
use crate::ui::fields;
use crate::ui::text::wrap;
use crate::ui::theme::Theme;

/// Draws the part.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, side: Option<Rect>) {
    let form = &app.access.form;
    let asked = fields(app);
    let rows = u16::try_from(asked.len()).unwrap_or(0) * 3;
    let folded = area.height < rows;
    let mut n = 0;
    for field in form.fields.iter().filter(|f| asked.contains(&f.field)) {
        let focused = form.focused().is_some_and(|f| f.field == field.field);
        if folded && !focused {
            fields::put_folded(frame, app, theme, area, n, field, name(field.field));
            n += 1;
            continue;
        }
        let extra = (field.field == Field::Repositories && focused)
            .then(|| Line::styled("Enter browses the registry", theme.dim()));
        let place = below(area, n);
        fields::put_field(frame, app, theme, place, field, name(field.field), focused, extra);
        n += 3;
    }
    let Some(field) = form.focused() else { return };
    let place = side.map_or_else(|| below(area, n + 1), |side| below(side, 1));
    let width = usize::from(place.width).saturating_sub(2);
    let mut lines = Vec::new();
    if side.is_some() {
        lines.extend([Line::styled(name(field.field), theme.bold()), Line::default()]);
    }
    let words = match field.verdict(&app.draft, app.now) {
        Some(Verdict::Wrong(problem)) => vec![
            problem.what.clone(),
            String::new(),
            format!("Why       {}", problem.why),
            format!("Example   {}", problem.example),
        ],
        _ => explanation(field.field),
    };
    let words = words.iter().filter(|l| side.is_some() || !l.is_empty());
    let indent = if side.is_some() { "" } else { "  " };
    for line in words.flat_map(|l| wrap(l, width)) {
        lines.push(Line::styled(format!("{indent}{line}"), theme.dim()));
    }
    write(frame, place, lines);
}
