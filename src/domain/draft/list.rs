//! Lists in one line: items between spaces or commas, in double quotes where they hold such themselves.

use std::collections::BTreeMap;

use crate::domain::problem::Problem;

/// The items of a list; the quotes stay.
pub(crate) fn items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if !quoted && (c == ',' || c.is_whitespace()) {
            items.push(String::new());
        } else if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

/// The tags of `key=value` items.
///
/// # Errors
/// An item without `=`, a key twice, or a key, value or number of them that AWS refuses.
pub(crate) fn tags(text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let mut tags = BTreeMap::new();
    for item in items(text) {
        let mut quoted = false;
        let at = item.char_indices().find_map(|(at, c)| {
            quoted ^= c == '"';
            (c == '=' && !quoted).then_some(at)
        });
        let Some((key, value)) = at.and_then(|at| Some((item.get(..at)?, item.get(at + 1..)?)))
        else {
            return Err(wrong(format!("{item:?} has no ="), "a tag is a key, an = and a value"));
        };
        let (key, value) = (key.replace('"', ""), value.replace('"', ""));
        check(&key, &value)?;
        if tags.insert(key.clone(), value).is_some() {
            return Err(wrong(format!("{key:?} stands twice"), "a key has one value"));
        }
    }
    if tags.len() > MOST {
        return Err(wrong(
            format!("{} tags", tags.len()),
            "AWS takes 50 on one resource, and two are this program's own",
        ));
    }
    Ok(tags)
}

/// Tags as one line that `tags` reads back.
pub(crate) fn print_tags(tags: &BTreeMap<String, String>) -> String {
    let quote = |text: &str| {
        if text.contains([' ', ',', '=']) || text.chars().any(char::is_whitespace) {
            format!("\"{text}\"")
        } else {
            text.to_owned()
        }
    };
    let items: Vec<String> =
        tags.iter().map(|(key, value)| format!("{}={}", quote(key), quote(value))).collect();
    items.join(" ")
}

/// 50 on one resource, two of them this program's own.
const MOST: usize = 48;

fn wrong(what: String, why: &str) -> Problem {
    Problem::new(what, why, "owner=platform, cost=42")
}

/// Limits and pattern of IAM's tags: key 1 to 128, value 0 to 256, `[\p{L}\p{Z}\p{N}_.:/=+\-@]`.
fn check(key: &str, value: &str) -> Result<(), Problem> {
    let (keys, values) = (key.chars().count(), value.chars().count());
    if !(1..=128).contains(&keys) {
        return Err(wrong(format!("a key of {keys} characters"), "AWS takes 1 to 128"));
    }
    if values > 256 {
        return Err(wrong(format!("a value of {values} characters"), "AWS takes at most 256"));
    }
    let good = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    if let Some(bad) = key.chars().chain(value.chars()).find(|c| !good(*c)) {
        return Err(wrong(
            format!("{bad:?} cannot stand in a tag"),
            "AWS takes letters, digits, spaces and _.:/=+-@",
        ));
    }
    if key.to_lowercase().starts_with("aws:") {
        return Err(wrong(format!("{key:?} begins with aws:"), "AWS keeps those keys for itself"));
    }
    if key.starts_with(crate::domain::inventory::OWN_TAGS) {
        return Err(wrong(
            format!("{key:?} begins with {}", crate::domain::inventory::OWN_TAGS),
            "this program marks by those keys what it made",
        ));
    }
    Ok(())
}
