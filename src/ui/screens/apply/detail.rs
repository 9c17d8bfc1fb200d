//! One step in detail: why it stands so, what changes, the command that does the same.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::steps::apply::story;
use crate::app::wizard::App;
use crate::domain::plan::{AudienceChoice, Planned};
use crate::ui::text::{cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// A step of the plan in lines of at most `width` cells.
pub fn lines(app: &App, theme: Theme, step: &Planned, width: usize) -> Vec<Line<'static>> {
    let mut between = choice(app, theme, step);
    for fact in story::there(step, app.apply.seen()) {
        between.extend(wrap(&fact, width).into_iter().map(|l| Line::styled(l, theme.dim())));
    }
    let mut lines = of_step(theme, step, between, width);
    if step.operation.is_some() {
        lines.push(Line::default());
        lines.extend(command(app, theme, step, width));
    }
    lines
}

/// What there is to say of a step, whoever plans it: `between` stands before what differs.
pub fn of_step(
    theme: Theme,
    step: &Planned,
    between: Vec<Line<'static>>,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut push = |text: &str, style: Style| {
        lines.extend(wrap(text, width).into_iter().map(|l| Line::styled(l, style)));
    };
    push(&step.summary, theme.bold());
    push(&step.reason, theme.plain());
    if step.confirm.is_some() && step.operation.is_some() {
        let words = "Before it is sent its name has to be typed.";
        push(&format!("{} {words}", theme.glyph(Glyph::Warning)), theme.warning());
    }
    lines.extend(between);
    for difference in &step.diff {
        // Two places that are told apart only by what the cut takes away are written out.
        let short = |at: &str| cut(theme, at, width);
        let place = short(&difference.at);
        let is_alone = step.diff.iter().all(|d| d.at == difference.at || short(&d.at) != place);
        let place = if is_alone { vec![place] } else { wrap(&difference.at, width) };
        lines.extend(place.into_iter().map(|line| Line::styled(line, theme.dim())));
        let mut put = |sign: &'static str, value: Option<&String>, style: Style| {
            for (i, piece) in
                value.iter().flat_map(|v| wrap(v, width.saturating_sub(4))).enumerate()
            {
                let sign = if i == 0 { sign } else { " " };
                lines.push(Line::from(vec![
                    Span::styled(format!("  {sign} "), style),
                    Span::raw(piece),
                ]));
            }
        };
        put("-", difference.now.as_ref(), theme.bad());
        put("+", difference.then.as_ref(), theme.good());
    }
    if !step.ways_out.is_empty() {
        lines.push(Line::styled("Ways out", theme.bold()));
        for way in &step.ways_out {
            for (i, piece) in wrap(way, width.saturating_sub(3)).into_iter().enumerate() {
                let arrow = theme.glyph(Glyph::Arrow);
                let mark = if i == 0 { arrow.to_owned() } else { " ".repeat(arrow.width()) };
                lines.push(Line::raw(format!("{mark} {piece}")));
            }
        }
    }
    lines
}

/// The command that does the same as the step, and the one that would take it back.
pub fn command(app: &App, theme: Theme, step: &Planned, width: usize) -> Vec<Line<'static>> {
    let mut lines = command_alone(theme, step, width);
    if let Some(undo) = app.apply.plan().and_then(|plan| story::undo(step, plan)) {
        lines.push(Line::from(vec![
            Span::raw("Undo  "),
            Span::styled(cut(theme, &undo, width.saturating_sub(6)), theme.dim()),
        ]));
    }
    lines
}

/// The command that does the same as the step.
pub fn command_alone(theme: Theme, step: &Planned, width: usize) -> Vec<Line<'static>> {
    let short = story::command_in_short(step);
    short.iter().map(|l| Line::styled(cut(theme, l, width), theme.dim())).collect()
}

/// The two ways to bring in another audience, the chosen one marked.
fn choice(app: &App, theme: Theme, step: &Planned) -> Vec<Line<'static>> {
    let on_it = app.apply.ready().is_some_and(|ready| {
        let index = ready.plan.steps.iter().position(|s| s == step);
        index.is_some_and(|i| ready.is_choice(i))
    });
    if !on_it {
        return Vec::new();
    }
    let row = |choice: AudienceChoice, key: &str, words: &str| {
        let chosen = choice == app.apply.choices.audience;
        let mark = if chosen { theme.glyph(Glyph::Here) } else { theme.glyph(Glyph::ToCome) };
        let style = if chosen { theme.bold() } else { theme.plain() };
        Line::from(vec![
            Span::styled(format!("{key} "), theme.bold()),
            Span::styled(format!("{mark} {words}"), style),
        ])
    };
    let (left, right) = if theme.ascii { ("h", "l") } else { ("←", "→") };
    vec![
        row(AudienceChoice::Add, left, "add to the audiences it has"),
        row(AudienceChoice::Replace, right, "replace the whole policy"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing;
    use crate::domain::plan::Difference;

    #[test]
    fn keys_that_differ_in_the_middle_are_told_apart() {
        let at = |scheme: &str| Difference {
            at: format!(
                "Condition StringEquals {scheme}container.googleapis.com/v1/clusters/c:aud"
            ),
            now: None,
            then: Some("a".to_owned()),
        };
        let plan = testing::plan_of("r");
        let mut step = plan.steps[0].clone();
        step.diff = vec![at(""), at("https://")];
        let theme = Theme { colour: false, ascii: false, mask: false };
        let text = |step: &Planned| {
            let lines = of_step(theme, step, Vec::new(), 40);
            lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert!(text(&step).contains("https://"), "{}", text(&step));
        step.diff.pop();
        assert!(!text(&step).contains("StringEquals"), "{}", text(&step));
    }
}
