//! All there is to say of the text field with the focus, for the help.

use super::{access, identity};
use crate::app::step::Step;
use crate::app::wizard::App;
use crate::domain::draft::{Field, Verdict};
use crate::domain::problem::Problem;

/// Everything about the focused text field, whole and in titled pieces: what a row of the form has no room for.
#[must_use]
pub fn of_field(app: &App) -> Vec<(String, Vec<String>)> {
    let Some(field) = app.form().and_then(|f| f.focused()) else { return Vec::new() };
    let mut words = Vec::new();
    if !field.text().is_empty() {
        words.push(field.text().to_owned());
    }
    words.extend(field.notes.iter().map(|note| format!("  {note}")));
    let wrong = field.refused.clone().map(|p| (p, "paste not taken: "));
    match (wrong, app.draft.judge(field.field)) {
        (Some((problem, prefix)), _) => words.extend(in_full(&problem, prefix)),
        (None, Verdict::Wrong(problem)) => words.extend(in_full(&problem, "")),
        (None, Verdict::Warning(warning)) => {
            words.push(format!("! {warning}"));
            let better = app.draft.suggestion(field.field);
            words.extend(better.map(|better| format!("  → takes {better}")));
        }
        _ => {}
    }
    if app.step == Step::Identity && field.field == Field::Issuer {
        words.extend(identity::seen(app));
    }
    if !words.is_empty() {
        words.push(String::new());
    }
    words.extend(match app.step {
        Step::Access if access::custody::FIELDS.contains(&field.field) => {
            access::custody::explanation(field.field)
        }
        Step::Access => access::options::explanation(field.field),
        _ => identity::explanation(field.field),
    });
    let mut story = vec![(identity::name(field.field).to_owned(), words)];
    if app.step == Step::Identity {
        let derived = identity::derived(app).into_iter();
        let lines = derived.flat_map(|(name, value)| [name.to_owned(), format!("  {value}")]);
        story.push(("What these answers turn into".to_owned(), lines.collect()));
    }
    story
}

fn in_full(problem: &Problem, prefix: &str) -> [String; 3] {
    [
        format!("✗ {prefix}{}", problem.what),
        format!("  Why      {}", problem.why),
        format!("  Example  {}", problem.example),
    ]
}
