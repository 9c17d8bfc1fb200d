//! The tables of the README are made from the code. `UPDATE_README=1 cargo test --test readme` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use okteto_ecr::app::keymap::TABLE;
use okteto_ecr::domain::fault::Cause;
use okteto_ecr::domain::review::rules;
use okteto_ecr::domain::trust::lint::RULES;

#[test]
fn the_tables_of_the_readme_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let tables = [("keys", keys()), ("causes", causes()), ("rules", rules()), ("review", review())];
    let wished = tables.iter().fold(text.clone(), |text, (name, t)| with_table(&text, name, t));
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, &wished).unwrap();
    }
    assert!(
        text == wished,
        "README.md is behind the code: UPDATE_README=1 cargo test --test readme"
    );
}

fn keys() -> String {
    let mut table = "| Key | Everywhere |\n| --- | --- |\n".to_owned();
    for binding in TABLE {
        let keys: Vec<String> = binding.keys.iter().map(|k| format!("`{}`", k.label())).collect();
        writeln!(table, "| {} | {} |", keys.join(" "), binding.meaning).unwrap();
    }
    table
}

fn causes() -> String {
    let mut table =
        "| Cause | Meaning | What is seen | What to do | Waiting helps |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for cause in Cause::ALL {
        let [slug, meaning, seen, remedy] = cells(*cause);
        let waits = if cause.waiting_helps() { "yes" } else { "no" };
        writeln!(table, "| `{slug}` | {meaning} | {seen} | {remedy} | {waits} |").unwrap();
    }
    table
}

fn cells(cause: Cause) -> [&'static str; 4] {
    [cause.slug(), cause.meaning(), cause.seen(), cause.remedy()].map(str::trim)
}

#[test]
fn every_cause_is_told_whole() {
    for cause in Cause::ALL {
        for cell in cells(*cause) {
            assert!(!cell.is_empty() && !cell.contains(['|', '\n']), "{cause:?}: {cell:?}");
            assert_eq!(cell.matches('`').count() % 2, 0, "{cause:?}: {cell:?}");
        }
        // It stands behind "What to do: ", and others may follow it.
        assert!(!cause.remedy().ends_with('.'), "{cause:?}: {}", cause.remedy());
    }
}

fn rules() -> String {
    let mut table =
        "| Rule | Severity | Looks for | Source |\n| --- | --- | --- | --- |\n".to_owned();
    for rule in RULES {
        let cells = [rule.looks_for, rule.source].map(|cell| cell.replace('|', "\\|"));
        writeln!(table, "| `{}` | {} | {} | {} |", rule.slug, rule.severity, cells[0], cells[1])
            .unwrap();
    }
    table
}

/// The rules of the review that are not of the trust check as well.
fn review() -> String {
    let mut table =
        "| Rule | Severity | Looks for | Why it matters | Source |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for rule in rules::RULES {
        let cells = [rule.looks_for, rule.why, rule.source].map(|cell| cell.replace('|', "\\|"));
        let [looks_for, why, source] = cells;
        writeln!(table, "| `{}` | {} | {looks_for} | {why} | {source} |", rule.slug, rule.severity)
            .unwrap();
    }
    table
}

/// The text with what stands between the comments `<!-- name: … -->` and `<!-- /name -->` replaced.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let open = text.find(&format!("<!-- {name}:")).unwrap();
    let start = open + text[open..].find("-->\n").unwrap() + 4;
    let end = text.find(&format!("<!-- /{name} -->")).unwrap();
    format!("{}{table}{}", &text[..start], &text[end..])
}
