//! The screen of step 2.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::form::TextField;
use crate::app::slot::Slot;
use crate::app::steps::identity::{derived, explanation, name, ready};
use crate::app::wizard::App;
use crate::domain::draft::{Field, Mode, Verdict};
use crate::domain::fault::Cause;
use crate::domain::problem::Problem;
use crate::ui::fields;
use crate::ui::frame::{self, put, put_ends, title};
use crate::ui::text::{clock, cut, took, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws the step.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let size = frame.area();
    let wide = size.width >= 100;
    let areas = frame::draw(frame, app, theme, wide.then_some(44));
    let main = areas.main;
    let form = &app.identity.form;
    let (good, all) = ready(app);
    let roomy = u16::from(main.height >= 22);
    let words = match app.draft.mode {
        Mode::Oidc => "Who is asking, and for whom",
        Mode::IamUser => "Which user pulls, and from where",
    };
    put_ends(
        frame,
        main,
        roomy,
        title(theme, words, true),
        Line::styled(format!("{good} of {all} ready "), theme.dim()),
    );
    let mut n = 1 + 2 * roomy;
    // Every field keeps room for its verdict, so that nothing moves when one comes. In a low window only the
    // focused field is open.
    let folded = main.height < 17;
    for (i, field) in form.shown().iter().enumerate() {
        let focused = i == form.focus;
        if folded && !focused {
            fields::put_folded(frame, app, theme, main, n, field, name(field.field));
            n += 1;
            continue;
        }
        let area = frame::below(main, n);
        let extra = if field.field == Field::Issuer { issuer_state(app, theme) } else { None };
        fields::put_field(frame, app, theme, area, field, name(field.field), focused, extra);
        n += 3 + roomy;
    }
    if let Some(side) = areas.side {
        beside(frame, app, theme, side);
    } else if let Some(field) = form.focused() {
        let area = frame::below(main, n);
        below(frame, app, theme, area, field);
    }
}

/// What is known of the issuer's documents.
fn issuer_state(app: &App, theme: Theme) -> Option<Line<'static>> {
    if !matches!(app.draft.judge(Field::Issuer), Verdict::Good) {
        return None;
    }
    if let Some(task) = app.slots.running(Slot::Discover) {
        if !task.shows_spinner(app.now) {
            return None;
        }
        let since = app.now.since(task.began);
        let spinner = theme.spinner(since.as_millis() / 250);
        return Some(Line::raw(format!(
            "{spinner} fetching the issuer's documents {}",
            clock(since)
        )));
    }
    Some(match app.identity.discovered()? {
        Ok((document, keys)) => Line::from(vec![
            Span::styled(theme.glyph(Glyph::Done), theme.good()),
            Span::raw(format!(
                " answers in {}, issuer matches, {keys} key{}",
                took(document.took),
                if *keys == 1 { "" } else { "s" }
            )),
        ]),
        Err(fault) if fault.cause == Cause::IssuerMismatch => {
            Line::styled(format!("{} {}", theme.glyph(Glyph::Error), fault.message), theme.bad())
        }
        Err(fault) => Line::styled(
            format!(
                "{} not seen from here (AWS must reach it): {}",
                theme.glyph(Glyph::Warning),
                fault.message
            ),
            theme.warning(),
        ),
    })
}

/// What is wrong with the focused field, whole: a paste that was not taken, else its text.
fn problem_of(app: &App, field: &TextField) -> Option<Problem> {
    field.refused.clone().or_else(|| match field.verdict(&app.draft, app.now) {
        Some(Verdict::Wrong(problem)) => Some(problem),
        _ => None,
    })
}

/// The lines under the form: why the focused field is wrong, else what the answers turn into.
fn below(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, field: &TextField) {
    let width = usize::from(area.width).saturating_sub(2);
    let lines = match problem_of(app, field) {
        Some(problem) => {
            let taken = if field.refused.is_some() { "not taken: " } else { "" };
            wrap(&format!("{taken}{}; for example {}", problem.why, problem.example), width)
        }
        None => derived(app).into_iter().map(|(name, value)| format!("{name}  {value}")).collect(),
    };
    let mut lines: Vec<String> = lines.iter().map(|line| cut(theme, line, width)).collect();
    // Where few fields leave room, what the field is stands there too; elsewhere F1 tells it.
    let words: Vec<String> =
        explanation(field.field).iter().flat_map(|line| wrap(line, width)).collect();
    if lines.len() + words.len() + 1 < usize::from(area.height) {
        lines.push(String::new());
        lines.extend(words);
    }
    for (n, line) in (0..area.height).zip(lines) {
        put(frame, area, n, Line::styled(format!("  {line}"), theme.dim()));
    }
}

/// What the focused field is, and what the answers turn into.
fn beside(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let Some(field) = app.identity.form.focused() else { return };
    let width = usize::from(area.width);
    put(frame, area, 1, Line::styled(name(field.field), theme.bold()));
    let mut n = 3;
    let lines = match problem_of(app, field) {
        Some(problem) => vec![
            problem.what.clone(),
            String::new(),
            format!("Why       {}", problem.why),
            format!("Example   {}", problem.example),
        ],
        None => explanation(field.field),
    };
    // What follows from the answers keeps its place at the foot; an explanation that is longer ends in F1.
    let derived: Vec<String> = derived(app)
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), format!("  {value}")])
        .filter(|line| !line.is_empty())
        .collect();
    let foot = area.height.saturating_sub(u16::try_from(derived.len() + 1).unwrap_or(0));
    for line in lines.iter().flat_map(|l| wrap(l, width)) {
        if n + 1 < foot {
            put(frame, area, n, Line::raw(line));
            n += 1;
        }
    }
    put(frame, area, foot, Line::styled("What these answers turn into", theme.bold()));
    for (n, line) in (foot + 1..area.height).zip(derived) {
        let style = if line.starts_with(' ') { theme.plain() } else { theme.dim() };
        put(frame, area, n, Line::styled(cut(theme, &line, width), style));
    }
}
