//! Audience and subject of a role in a word, for a column.

use crate::domain::finding::Finding;
use crate::domain::trust::admit::Admitted;
use crate::domain::trust::lint::{
    AUD_UNLISTED, CASE_DIFFERS, KEY_MISMATCH, KEY_SCHEME, PLACEHOLDER, WILDCARD_LITERAL,
};

/// Why nobody gets in, by the rule that says so.
const BROKEN: [(&str, &str); 5] = [
    (CASE_DIFFERS.slug, "capital letters"),
    (KEY_MISMATCH.slug, "key of another issuer"),
    (PLACEHOLDER.slug, "placeholder"),
    (WILDCARD_LITERAL.slug, "wildcard as a letter"),
    (AUD_UNLISTED.slug, "not listed"),
];

/// The value that gets in, `*`, `2 audiences`; where nobody does, what keeps them out.
pub(super) fn word(
    claim: &str,
    plural: &str,
    admits: &[Admitted],
    value: fn(&Admitted) -> &str,
    found: &[Finding],
) -> String {
    let mut values: Vec<&str> = Vec::new();
    for value in admits.iter().map(value) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    match values[..] {
        [] => broken(claim, found),
        [one] => one.to_owned(),
        _ if values.contains(&"*") => "*".to_owned(),
        _ => format!("{} {plural}", values.len()),
    }
}

fn broken(claim: &str, found: &[Finding]) -> String {
    let of_claim = found.iter().filter(|finding| {
        finding.place.contains(": Condition ")
            && finding.place.rsplit(':').next().is_some_and(|c| c.eq_ignore_ascii_case(claim))
    });
    for finding in of_claim {
        if finding.rule == KEY_SCHEME.slug {
            let has = if finding.place.contains("://") { "https://" } else { "more than a name" };
            return format!("key has {has}");
        }
        if let Some((_, word)) = BROKEN.iter().find(|(slug, _)| *slug == finding.rule) {
            return (*word).to_owned();
        }
    }
    "none".to_owned()
}
