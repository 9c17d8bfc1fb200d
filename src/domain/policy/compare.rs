//! Two documents held against each other by what they mean, not by their text.

use super::document::{Document, Fact, Facts, Unreadable};
use crate::domain::plan::Difference;

/// Where `existing` means something else than `wished`; empty if they mean the same.
///
/// Order, white space, `Sid`, a string against a list of one, the case of actions and of condition keys mean nothing.
///
/// # Errors
/// One of the two cannot be read.
pub fn differences(existing: &str, wished: &str) -> Result<Vec<Difference>, Unreadable> {
    let (existing, wished) = (Document::parse(existing)?, Document::parse(wished)?);
    let mut found = Vec::new();
    if existing.version() != wished.version() {
        found.push(Difference {
            at: "Version".to_owned(),
            now: Some(existing.version().to_owned()),
            then: Some(wished.version().to_owned()),
        });
    }
    for place in &existing.duplicates {
        found.push(Difference {
            at: place.clone(),
            now: Some("stands there twice".to_owned()),
            then: None,
        });
    }
    let (mut now, mut then) = (existing.statements(), wished.statements());
    let several = now.len() > 1 || then.len() > 1;
    now.retain(|n| match then.iter().position(|t| same(n, t)) {
        Some(at) => {
            then.remove(at);
            false
        }
        None => true,
    });
    let none = Facts::new();
    for number in 0..now.len().max(then.len()) {
        let prefix = if several { format!("Statement {}: ", number + 1) } else { String::new() };
        let (n, t) = (now.get(number).unwrap_or(&none), then.get(number).unwrap_or(&none));
        found.extend(statement(&prefix, n, t));
    }
    Ok(found)
}

fn same(a: &Facts, b: &Facts) -> bool {
    a.len() == b.len()
        && a.iter().all(|(place, fact)| b.get(place).is_some_and(|o| fact.means_the_same(o)))
}

fn statement(prefix: &str, now: &Facts, then: &Facts) -> Vec<Difference> {
    let mut places: Vec<&String> = now.keys().chain(then.keys()).collect();
    places.sort();
    places.dedup();
    let mut found = Vec::new();
    for place in places {
        let (n, t) = (now.get(place), then.get(place));
        if let (Some(n), Some(t)) = (n, t)
            && n.means_the_same(t)
        {
            continue;
        }
        let at = t.or(n).map_or(place.as_str(), |fact| fact.at.as_str());
        found.push(Difference {
            at: format!("{prefix}{at}"),
            now: n.map(Fact::words),
            then: t.map(Fact::words),
        });
    }
    found
}

/// If two trust policies of one statement differ in nothing but the values of an audience key, the audiences of
/// both: the existing ones in their order, then the new ones. Equal to the existing list if nothing is missing there.
#[must_use]
pub fn differs_only_in_audience(existing: &str, wished: &str) -> Option<Vec<String>> {
    let (existing, wished) = (Document::parse(existing).ok()?, Document::parse(wished).ok()?);
    if existing.version() != wished.version() || !existing.duplicates.is_empty() {
        return None;
    }
    let (now, then) = (existing.statements(), wished.statements());
    let ([now], [then]) = (now.as_slice(), then.as_slice()) else { return None };
    let mut merged = None;
    if now.len() != then.len() {
        return None;
    }
    for (place, wanted) in then {
        let fact = now.get(place)?;
        if fact.means_the_same(wanted) {
            continue;
        }
        if !place.starts_with("Condition StringEquals ") || !place.ends_with(":aud") {
            return None;
        }
        let mut list = fact.values.clone();
        list.extend(wanted.values.iter().filter(|v| !fact.values.contains(v)).cloned());
        if merged.replace(list).is_some() {
            return None;
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(aud: &str, sub: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"p"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringEquals":{{"i:aud":{aud},"i:sub":{sub}}}}}}}]}}"#
        )
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        let one = document(r#""a""#, r#""s""#);
        let other = r#"{"Statement":{"Sid":"x","Condition":{"StringEquals":{"I:SUB":["s"],"I:AUD":["a"]}},
            "Action":["STS:assumerolewithwebidentity"],"Effect":"Allow","Principal":{"Federated":["p"]}},
            "Version":"2012-10-17"}"#;
        assert_eq!(differences(&one, other).unwrap(), []);
        assert_eq!(differs_only_in_audience(&one, other), None);
    }

    #[test]
    fn a_difference_names_its_place_and_both_values() {
        let found =
            differences(&document(r#""a""#, r#""S""#), &document(r#""a""#, r#""s""#)).unwrap();
        assert_eq!(
            found,
            [Difference {
                at: "Condition StringEquals i:sub".to_owned(),
                now: Some("S".to_owned()),
                then: Some("s".to_owned())
            }]
        );
        let ec2 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let places: Vec<_> = differences(ec2, &document(r#""a""#, r#""s""#))
            .unwrap()
            .into_iter()
            .map(|d| (d.at, d.now.is_some(), d.then.is_some()))
            .collect();
        assert!(places.contains(&("Principal Service".to_owned(), true, false)), "{places:?}");
        assert!(places.contains(&("Principal Federated".to_owned(), false, true)));
        assert!(places.contains(&("Action".to_owned(), true, true)));
    }

    #[test]
    fn audiences_are_merged_in_their_order() {
        let wished = document(r#""c""#, r#""s""#);
        let merged = |aud: &str, sub: &str| differs_only_in_audience(&document(aud, sub), &wished);
        assert_eq!(merged(r#"["b","a"]"#, r#""s""#).unwrap(), ["b", "a", "c"]);
        assert_eq!(merged(r#"["c","a"]"#, r#""s""#).unwrap(), ["c", "a"]);
        assert_eq!(merged(r#""a""#, r#""other""#), None);
    }

    #[test]
    fn a_statement_more_is_a_difference() {
        let one = document(r#""a""#, r#""s""#);
        let two = one.replace("\"Statement\":[", r#""Statement":[{"Effect":"Deny","Action":"*"},"#);
        let found = differences(&two, &one).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|d| d.then.is_none()));
        assert_eq!(differs_only_in_audience(&two, &one), None);
    }
}
