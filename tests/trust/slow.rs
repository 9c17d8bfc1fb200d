//! The rules of the IAM user guide, written down a second time: slowly, to the letter, and on the bare JSON.
//!
//! Nothing of the program is used here. It is for sound documents only: what IAM would not take is not looked for.

use std::net::Ipv6Addr;

use jiff::Timestamp;
use serde_json::{Map, Value};

const SWAP: &str = "sts:AssumeRoleWithWebIdentity";

/// Condition keys in small letters, each with at least one value.
type Keys = Vec<(String, Vec<String>)>;

/// Whether a trust policy admits the holder of these claims, whose token is vouched for by this provider.
pub fn admits(document: &Value, provider: &str, claims: &Value) -> bool {
    let keys = condition_keys(claims);
    // "Policy variables" exist from the version of 2012 on; without a version it is that of 2008.
    let filled = document["Version"] == "2012-10-17";
    let statements = members(&document["Statement"]);
    let applies = |effect: &str| {
        statements.iter().any(|statement| {
            statement["Effect"] == effect
                && principal_applies(statement, provider)
                && action_applies(statement)
                && conditions_hold(statement, &keys, filled)
        })
    };
    // "An explicit deny in any policy overrides any allows"; "by default, all requests are implicitly denied".
    if applies("Deny") {
        return false;
    }
    applies("Allow")
}

/// "aud", "sub", "amr", "azp": each after the issuer without its scheme. Where there is an `azp`, it stands under `aud`.
fn condition_keys(claims: &Value) -> Keys {
    let Some(issuer) = claims["iss"].as_str() else { return Vec::new() };
    let name = issuer.trim_start_matches("https://").to_lowercase();
    let audience = if claims["azp"].is_string() { &claims["azp"] } else { &claims["aud"] };
    [("aud", audience), ("sub", &claims["sub"]), ("amr", &claims["amr"]), ("azp", &claims["azp"])]
        .into_iter()
        .map(|(claim, value)| (format!("{name}:{claim}"), texts(value)))
        .filter(|(_, values)| !values.is_empty())
        .collect()
}

fn find<'a>(keys: &'a Keys, key: &str) -> Option<&'a [String]> {
    let key = key.to_lowercase();
    keys.iter().find(|(name, _)| *name == key).map(|(_, values)| values.as_slice())
}

fn principal_applies(statement: &Value, provider: &str) -> bool {
    let denies = statement["Effect"] == "Deny";
    let names = |element: &Value| texts(&element["Federated"]).iter().any(|name| name == provider);
    let everyone =
        |element: &Value| element == "*" || texts(&element["AWS"]).iter().any(|n| n == "*");
    if let Some(element) = statement.get("Principal") {
        // Nowhere is it said that `*` takes in web tokens: it only denies them.
        return names(element) || (denies && everyone(element));
    }
    if let Some(element) = statement.get("NotPrincipal") {
        return !names(element) && !everyone(element);
    }
    // A trust policy has to name somebody.
    denies
}

fn action_applies(statement: &Value) -> bool {
    let covers = |patterns: &Value| {
        texts(patterns)
            .iter()
            .any(|pattern| glob(&signs(&pattern.to_lowercase()), &letters(&SWAP.to_lowercase())))
    };
    match statement.get("NotAction") {
        Some(patterns) => !covers(patterns),
        None => covers(&statement["Action"]),
    }
}

/// "If your policy has multiple condition operators or multiple keys attached to a single condition operator, the
/// conditions are evaluated using a logical AND."
fn conditions_hold(statement: &Value, keys: &Keys, filled: bool) -> bool {
    let Some(operators) = statement.get("Condition") else { return true };
    for (operator, wanted) in object(operators) {
        for (key, values) in object(wanted) {
            if !condition_holds(operator, &texts(values), find(keys, key), filled.then_some(keys)) {
                return false;
            }
        }
    }
    true
}

fn condition_holds(
    written: &str,
    wanted: &[String],
    got: Option<&[String]>,
    variables: Option<&Keys>,
) -> bool {
    if written == "Null" {
        // "true: the key doesn't exist; false: the key exists and its value is not null"
        return wanted
            .iter()
            .any(|w| w.to_lowercase() == if got.is_none() { "true" } else { "false" });
    }
    let for_all = written.starts_with("ForAllValues:");
    let for_any = written.starts_with("ForAnyValue:");
    let if_exists = written.ends_with("IfExists");
    let name = written.trim_start_matches("ForAllValues:").trim_start_matches("ForAnyValue:");
    let name = name.trim_end_matches("IfExists");
    let negated = name.contains("Not");
    let plain = name.replace("Not", "");

    // "If the condition key is present in the context of the request, process the key as specified in the policy. If
    // the key is not present, evaluate the condition element as true."
    if got.is_none() && if_exists {
        return true;
    }
    // "If the variable is not present and there is no default, the statement is invalid": a positive operator has one
    // value less, and if none is left nothing matches; a negated one must not match everything for it.
    let takes_variables = plain.starts_with("String") || plain.starts_with("Arn");
    let mut sought = Vec::new();
    for value in wanted {
        match fill(value, variables.filter(|_| takes_variables)) {
            Some(signs) => sought.push((value.as_str(), signs)),
            None if negated => return false,
            None => {}
        }
    }
    if sought.is_empty() {
        return false;
    }
    let Some(got) = got else {
        // "ForAllValues … also returns true if there are no keys in the request"; "ForAnyValue … returns false";
        // a negated operator holds where the key is missing, any other does not.
        return if for_all {
            true
        } else if for_any {
            false
        } else {
            negated
        };
    };
    let matches =
        |value: &String| sought.iter().any(|(text, signs)| compare(&plain, text, signs, value));
    let holds = |value: &String| if negated { !matches(value) } else { matches(value) };
    if for_all {
        // "… or if the key values resolve to a null data set, such as an empty string"
        got.iter().filter(|value| !value.is_empty()).all(holds)
    } else if for_any {
        got.iter().filter(|value| !value.is_empty()).any(holds)
    } else if negated {
        !got.iter().any(matches)
    } else {
        got.iter().any(matches)
    }
}

/// One value of the token against one of the policy, by the operator's name without its `Not`.
fn compare(operator: &str, text: &str, signs: &[Sign], got: &str) -> bool {
    match operator {
        "StringEquals" => literal(signs) == got,
        "StringEqualsIgnoreCase" => literal(signs).to_lowercase() == got.to_lowercase(),
        "StringLike" => glob(signs, &letters(got)),
        // "Each of the six colon-delimited components of the ARN is checked separately".
        "ArnEquals" | "ArnLike" => {
            let (wanted, got) = (fields(signs), arn(got));
            wanted.len() == 6
                && got.len() == 6
                && wanted.iter().zip(&got).all(|(w, g)| glob(w, &letters(g)))
        }
        "NumericEquals" => number(got).is_some_and(|n| Some(n) == number(text)),
        "NumericLessThan" => both(number(got), number(text)).is_some_and(|(g, w)| g < w),
        "NumericLessThanEquals" => both(number(got), number(text)).is_some_and(|(g, w)| g <= w),
        "NumericGreaterThan" => both(number(got), number(text)).is_some_and(|(g, w)| g > w),
        "NumericGreaterThanEquals" => both(number(got), number(text)).is_some_and(|(g, w)| g >= w),
        "DateEquals" => date(got).is_some_and(|d| Some(d) == date(text)),
        "DateLessThan" => both(date(got), date(text)).is_some_and(|(g, w)| g < w),
        "DateLessThanEquals" => both(date(got), date(text)).is_some_and(|(g, w)| g <= w),
        "DateGreaterThan" => both(date(got), date(text)).is_some_and(|(g, w)| g > w),
        "DateGreaterThanEquals" => both(date(got), date(text)).is_some_and(|(g, w)| g >= w),
        "Bool" => {
            let got = got.to_lowercase();
            (got == "true" || got == "false") && got == text.to_lowercase()
        }
        "BinaryEquals" => got == text,
        "IpAddress" => is_in_network(got, text),
        // "NotIpAddress" without its "Not" is the one above.
        other => panic!("{other} is no operator of the reference"),
    }
}

/// A sign of a pattern: `*`, `?`, or a character that stands for itself.
#[derive(Debug, Clone, PartialEq)]
enum Sign {
    Star,
    Mark,
    Itself(char),
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn signs(text: &str) -> Vec<Sign> {
    text.chars().map(sign).collect()
}

fn sign(c: char) -> Sign {
    match c {
        '*' => Sign::Star,
        '?' => Sign::Mark,
        c => Sign::Itself(c),
    }
}

/// The text that a value is where wildcards mean nothing.
fn literal(signs: &[Sign]) -> String {
    signs
        .iter()
        .map(|sign| match sign {
            Sign::Star => '*',
            Sign::Mark => '?',
            Sign::Itself(c) => *c,
        })
        .collect()
}

/// `*` takes nothing, or one character and then again; `?` takes one.
fn glob(pattern: &[Sign], text: &[char]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([Sign::Star, rest @ ..], []) => glob(rest, &[]),
        ([Sign::Star, rest @ ..], [_, later @ ..]) => glob(rest, text) || glob(pattern, later),
        (_, []) => false,
        ([Sign::Mark, rest @ ..], [_, later @ ..]) => glob(rest, later),
        ([Sign::Itself(c), rest @ ..], [first, later @ ..]) => c == first && glob(rest, later),
    }
}

fn fields(signs: &[Sign]) -> Vec<Vec<Sign>> {
    let mut fields = vec![Vec::new()];
    for sign in signs {
        if *sign == Sign::Itself(':') && fields.len() < 6 {
            fields.push(Vec::new());
        } else {
            fields.last_mut().unwrap().push(sign.clone());
        }
    }
    fields
}

fn arn(text: &str) -> Vec<String> {
    text.splitn(6, ':').map(str::to_owned).collect()
}

/// A value with its variables filled, read from left to right. `None` if one cannot be.
fn fill(text: &str, variables: Option<&Keys>) -> Option<Vec<Sign>> {
    let Some(keys) = variables else { return Some(signs(text)) };
    let mut filled = Vec::new();
    let mut rest = text.to_owned();
    while !rest.is_empty() {
        let end = rest.find('}').filter(|_| rest.starts_with("${"));
        if let Some(end) = end {
            let (name, after) = rest.split_at(end);
            let name = name.trim_start_matches("${");
            filled.extend(variable(name, keys)?.chars().map(Sign::Itself));
            rest = after.chars().skip(1).collect();
        } else {
            let first = rest.remove(0);
            filled.push(sign(first));
        }
    }
    Some(filled)
}

/// "${*}, ${?}, ${$}" are the characters; "${key, 'default'}" has a default; a key of several values fills nothing.
fn variable(name: &str, keys: &Keys) -> Option<String> {
    if ["*", "?", "$"].contains(&name) {
        return Some(name.to_owned());
    }
    let mut parts = name.splitn(2, ',');
    let key = parts.next().unwrap_or_default().trim();
    let default = parts.next().map(|text| text.trim().trim_matches('\'').to_owned());
    match find(keys, key) {
        Some(values) if values.len() == 1 => Some(values[0].clone()),
        Some(_) => None,
        None => default,
    }
}

fn both<T>(one: Option<T>, other: Option<T>) -> Option<(T, T)> {
    one.zip(other)
}

fn number(text: &str) -> Option<f64> {
    let good = !text.is_empty() && text.chars().all(|c| "0123456789.-+".contains(c));
    if good { text.parse().ok() } else { None }
}

/// "W3C implementations of the ISO 8601 date formats or epoch (UNIX) time"; years and days alone are their beginning, and
/// four digits are a year.
fn date(text: &str) -> Option<Timestamp> {
    if text.chars().all(|c| c.is_ascii_digit()) && text.len() != 4 {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    whole.parse().ok()
}

fn is_in_network(got: &str, network: &str) -> bool {
    let (base, length) = network.split_once('/').map_or((network, None), |(b, l)| (b, Some(l)));
    let bits = |text: &str| -> Option<Vec<bool>> {
        let bytes: Vec<u8> = if text.contains(':') {
            text.parse::<Ipv6Addr>().ok()?.octets().to_vec()
        } else {
            let parts: Vec<u8> = text.split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
            if parts.len() != 4 {
                return None;
            }
            parts
        };
        Some(
            bytes
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |at| (byte >> at) & 1 == 1))
                .collect(),
        )
    };
    let (Some(got), Some(base)) = (bits(got), bits(base)) else { return false };
    let length = length.map_or(base.len(), |l| l.parse().unwrap());
    got.len() == base.len() && got.iter().zip(&base).take(length).all(|(g, b)| g == b)
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

/// A list, or one.
fn members(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    members(value)
        .iter()
        .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
        .collect()
}

/// The second writing has no second witness but these: what the user guide itself says of its examples.
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_what_the_guide_says_of_its_examples() {
        let of = |condition: Value, claims: Value| {
            let document = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Federated": "p"}, "Action": SWAP, "Condition": condition}]});
            admits(&document, "p", &claims)
        };
        let claims = |extra: Value| {
            let mut all = json!({"iss": "https://i.example", "aud": ["a", "b"], "sub": "s"});
            for (key, value) in object(&extra) {
                all[key] = value.clone();
            }
            all
        };
        for (condition, extra, admitted) in [
            (json!({"StringEquals": {"i.example:aud": "b"}}), json!({}), true),
            (json!({"StringNotEquals": {"I.EXAMPLE:AUD": "b"}}), json!({}), false),
            (json!({"ForAllValues:StringEquals": {"i.example:aud": "b"}}), json!({}), false),
            (json!({"ForAllValues:StringEquals": {"i.example:amr": "b"}}), json!({}), true),
            (json!({"ForAnyValue:StringEquals": {"i.example:amr": "b"}}), json!({}), false),
            (json!({"StringEqualsIfExists": {"i.example:azp": "b"}}), json!({}), true),
            (json!({"StringEqualsIfExists": {"i.example:azp": "b"}}), json!({"azp": "c"}), false),
            (json!({"StringEquals": {"i.example:aud": "b"}}), json!({"azp": "c"}), false),
            (json!({"Null": {"i.example:sub": false}}), json!({}), true),
            (json!({"StringLike": {"i.example:sub": "s*"}}), json!({"sub": "s"}), true),
            (json!({"StringEquals": {"i.example:sub": "${i.example:azp, 's'}"}}), json!({}), true),
            (
                json!({"IpAddress": {"i.example:sub": "203.0.113.0/24"}}),
                json!({"sub": "203.0.113.9"}),
                true,
            ),
            (
                json!({"DateLessThan": {"i.example:sub": "2026-11-24"}}),
                json!({"sub": "2026-11-23T23:59:59Z"}),
                true,
            ),
        ] {
            assert_eq!(of(condition.clone(), claims(extra)), admitted, "{condition}");
        }
    }
}
