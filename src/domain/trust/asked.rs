//! Which audiences of a provider a trust policy asks for. It errs to one side: what it says nobody asks for, nobody does.
//!
//! Operators are taken by their meaning (`reference_policies_elements_condition_operators`), the keys of conditions without
//! their case, and the texts as JSON means them, whatever is escaped. What narrows nothing for sure asks for every audience: no
//! condition on `aud`, a negated one, `…IfExists`, `ForAllValues`, a policy variable, and whatever is not understood.

use serde_json::Value;

use super::ACTION;
use super::admit::pattern::Pattern;
use crate::domain::evaluate::{Operator, Set};
use crate::domain::issuer::KNOWN_DOMAINS;
use crate::domain::policy::Document;

/// What a trust policy asks of providers. A denial asks nothing.
#[derive(Debug, Clone)]
pub struct Asks {
    /// What each statement that allows says; `None` where the document cannot be read, or says twice whom it is about.
    statements: Option<Vec<Stated>>,
}

#[derive(Debug, Clone)]
struct Stated {
    /// The providers that it names, without `https://`.
    providers: Vec<String>,
    /// Whether it may let in the tokens of a provider that it does not name.
    anyone: bool,
    /// The audiences to which it is pinned; `None` for any.
    audiences: Option<Vec<Pattern>>,
}

impl Asks {
    /// Of a trust policy, percent-decoded.
    #[must_use]
    pub fn of(trust: &str) -> Self {
        // What is said twice in a condition leaves open for which audiences, not whom.
        let is_of_condition = |place: &String| place.split('.').any(|key| key == "Condition");
        let read = Document::parse(trust).ok();
        let read = read.filter(|read| read.duplicates.iter().all(is_of_condition));
        let statements = read.map(|read| {
            let all = read.raw_statements().into_iter().filter_map(Stated::of);
            let is_plain = read.duplicates.is_empty();
            all.map(|one| Stated { audiences: one.audiences.filter(|_| is_plain), ..one }).collect()
        });
        Self { statements }
    }

    /// Whether it names the provider of this name: its issuer without `https://`.
    #[must_use]
    pub fn names(&self, provider: &str) -> bool {
        self.statements.iter().flatten().any(|stated| stated.names(provider))
    }

    /// Whether it may let in the tokens of providers that it does not name: it lets in everyone, or all but some, or what it
    /// says cannot be told. Whether everyone takes in the holders of web tokens AWS does not publish.
    #[must_use]
    pub fn anyone(&self) -> bool {
        self.statements.as_ref().is_none_or(|all| all.iter().any(|stated| stated.anyone))
    }

    /// Whether somebody may live by the provider through it.
    #[must_use]
    pub fn uses(&self, provider: &str) -> bool {
        self.anyone() || self.names(provider)
    }

    /// Whether it asks for this audience of the provider, or would, were its other faults mended.
    #[must_use]
    pub fn wants(&self, provider: &str, audience: &str) -> bool {
        let Some(statements) = &self.statements else { return true };
        let about = statements.iter().filter(|stated| stated.anyone || stated.names(provider));
        about.into_iter().any(|stated| match &stated.audiences {
            None => true,
            Some(patterns) => patterns.iter().any(|pattern| pattern.has(audience)),
        })
    }
}

impl Stated {
    /// `None` of a denial.
    fn of(statement: &Value) -> Option<Self> {
        if text(statement, "Effect").is_some_and(|effect| effect.eq_ignore_ascii_case("Deny")) {
            return None;
        }
        let principal = part(statement, "Principal");
        let federated = principal.and_then(|principal| part(principal, "Federated"));
        let providers = texts(federated).into_iter().flatten().filter_map(provider);
        Some(Self {
            providers: providers.map(str::to_owned).collect(),
            anyone: is_open(statement, principal) && is_about_tokens(statement),
            audiences: pinned(statement),
        })
    }

    fn names(&self, provider: &str) -> bool {
        self.providers.iter().any(|name| name == provider)
    }
}

/// Whether a statement lets in everyone, all but some, or nobody that can be told.
fn is_open(statement: &Value, principal: Option<&Value>) -> bool {
    let everyone = |value: &Value| match texts(Some(value)) {
        Some(list) => list.contains(&"*"),
        None => true,
    };
    match principal {
        _ if part(statement, "NotPrincipal").is_some() => true,
        Some(Value::Object(kinds)) => kinds.values().any(everyone),
        Some(value) => everyone(value),
        None => true,
    }
}

/// Whether a statement is about swapping a web token, as far as can be told.
fn is_about_tokens(statement: &Value) -> bool {
    let fits =
        |text: &&str| Pattern::wild(&text.to_ascii_lowercase()).has(&ACTION.to_ascii_lowercase());
    if part(statement, "NotAction").is_some() {
        return texts(part(statement, "NotAction")).is_none_or(|list| !list.iter().any(fits));
    }
    texts(part(statement, "Action")).is_none_or(|list| list.iter().any(fits))
}

/// The audiences to which a statement is pinned, whichever issuer's key it writes: a key of another issuer lets in none of
/// these tokens, and may be a slip. A text with wildcards under an operator that takes them to the letter may be one, too.
fn pinned(statement: &Value) -> Option<Vec<Pattern>> {
    let mut patterns = Vec::new();
    let mut is_pinned = false;
    let operators = part(statement, "Condition").and_then(Value::as_object);
    for (written, keys) in operators.into_iter().flatten() {
        let Some(operator) = Operator::parse(written).filter(is_pinning) else { continue };
        for (key, value) in keys.as_object().into_iter().flatten() {
            if !key.to_ascii_lowercase().ends_with(":aud") {
                continue;
            }
            let list = texts(Some(value)).filter(|list| list.iter().all(|t| !t.contains("${")));
            let Some(list) = list else { continue };
            is_pinned = true;
            patterns.extend(list.into_iter().map(|text| {
                let pattern = Pattern::wild(text);
                let caseless = operator.written.contains("IgnoreCase");
                if caseless { pattern.in_either_case() } else { pattern }
            }));
        }
    }
    is_pinned.then_some(patterns)
}

/// Whether an operator holds for texts that are there, and for some of them only.
fn is_pinning(operator: &Operator) -> bool {
    let name = operator.written.split_once(':').map_or(operator.written.as_str(), |(_, n)| n);
    name.starts_with("String")
        && !operator.negated
        && !operator.if_exists
        && operator.set != Some(Set::All)
}

/// An element, however its letters are written.
fn part<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    of.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    part(of, name)?.as_str()
}

/// The texts of a value that is one or a list of them; `None` where it is something else.
fn texts(value: Option<&Value>) -> Option<Vec<&str>> {
    match value? {
        Value::String(text) => Some(vec![text]),
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// The provider's name: of an ARN, of a domain that AWS knows, of a URL in place of the ARN.
fn provider(text: &str) -> Option<&str> {
    let of_arn = text.split_once(":oidc-provider/").map(|(_, name)| name);
    let of_domain = KNOWN_DOMAINS.contains(&text).then_some(text);
    of_arn.or(of_domain).or_else(|| text.strip_prefix("https://"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAME: &str = "oidc.example.com/id/A";

    fn allowing(principal: &Value, action: &Value, condition: &Value) -> Asks {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition});
        Asks::of(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    fn named(condition: &Value) -> Asks {
        let arn = format!("arn:aws:iam::112233445566:oidc-provider/{NAME}");
        allowing(&json!({ "Federated": arn }), &json!(ACTION), condition)
    }

    #[test]
    fn operators_are_taken_by_their_meaning() {
        let key = format!("{NAME}:aud");
        let upper = key.to_uppercase();
        // The operator, the key, the value; of `app`, `App` and `other` those that are asked for.
        let rows: [(&str, &str, Value, [bool; 3]); 15] = [
            ("StringEquals", &key, json!("app"), [true, false, false]),
            ("StringEquals", &upper, json!(["app"]), [true, false, false]),
            ("StringEqualsIgnoreCase", &key, json!("aPP"), [true, true, false]),
            ("ForAnyValue:StringEqualsIgnoreCase", &key, json!("APP"), [true, true, false]),
            ("StringLike", &key, json!("a?p"), [true, false, false]),
            ("StringLike", &key, json!(["?pp", "x"]), [true, true, false]),
            ("StringEquals", &key, json!("a*"), [true, false, false]),
            ("ForAnyValue:StringLike", &key, json!("o*"), [false, false, true]),
            ("StringNotEquals", &key, json!("app"), [true, true, true]),
            ("StringEqualsIfExists", &key, json!("app"), [true, true, true]),
            ("ForAllValues:StringEquals", &key, json!("app"), [true, true, true]),
            ("StringEquals", "oidc.example.com/id/A:sub", json!("app"), [true, true, true]),
            ("StringEquals", &key, json!("${aws:username}"), [true, true, true]),
            ("StringEquals", &key, json!(5), [true, true, true]),
            ("NoSuchOperator", &key, json!("app"), [true, true, true]),
        ];
        for (operator, key, value, wanted) in rows {
            let asks = named(&json!({ operator: { key: value } }));
            let got = ["app", "App", "other"].map(|audience| asks.wants(NAME, audience));
            assert_eq!(got, wanted, "{operator} {key} {value}");
            assert!(asks.names(NAME) && !asks.anyone());
            assert!(!asks.names("oidc.example.com/id/AB") && !asks.wants("x", "app"));
        }
        // A strict one beside an open one still pins.
        let both = json!({"StringEquals": {&key: "app"}, "StringNotEquals": {&key: "x"}});
        assert!(named(&both).wants(NAME, "app") && !named(&both).wants(NAME, "other"));
    }

    #[test]
    fn escapes_are_decoded() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
            "Principal":{"Federated":"\u0061rn:aws:iam::112233445566:oidc-provider\/oidc.example.com\/id\/A"},
            "Condition":{"StringEquals":{"oidc.example.com/id/A:\u0061ud":"\u0061pp"}}}}"#;
        let asks = Asks::of(text);
        assert!(asks.names(NAME) && asks.wants(NAME, "app") && !asks.wants(NAME, "other"));
    }

    #[test]
    fn everyone_and_what_cannot_be_told_may_use_any_provider() {
        let none = json!({});
        let web = json!(ACTION);
        let rows: [(Value, Value, bool); 9] = [
            (json!("*"), web.clone(), true),
            (json!({"AWS": ["*"]}), web.clone(), true),
            (json!({"Federated": "*"}), json!("sts:*"), true),
            (json!("*"), json!(["sts:assumerolewith*"]), true),
            (json!(5), web.clone(), true),
            (json!("*"), json!("sts:AssumeRole"), false),
            (json!({"AWS": "112233445566"}), web.clone(), false),
            (json!({"Federated": "arn:aws:iam::112233445566:saml-provider/x"}), web, false),
            (json!({"Service": "ec2.amazonaws.com"}), json!("sts:AssumeRole"), false),
        ];
        for (principal, action, anyone) in rows {
            let asks = allowing(&principal, &action, &none);
            assert_eq!(asks.anyone(), anyone, "{principal} {action}");
            assert_eq!((asks.uses(NAME), asks.wants(NAME, "app")), (anyone, anyone));
            assert!(!asks.names(NAME));
        }
        let all_but = r#"{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"1"},"NotAction":"sts:AssumeRole"}]}"#;
        let twice = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"a"},"Principal":{"Service":"b"},"Action":"x"}]}"#;
        for text in [all_but, twice, "", "{", "{}"] {
            assert!(Asks::of(text).anyone() && Asks::of(text).wants(NAME, "app"), "{text}");
        }
        let twice = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
            "Principal":{"Federated":"arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/A"},
            "Condition":{"StringEquals":{"a:aud":"x"},"StringEquals":{"a:sub":"x"}}}}"#;
        let twice = Asks::of(twice);
        assert!(!twice.anyone() && twice.wants(NAME, "app") && !twice.uses("another"));
        let denied = all_but.replace("Allow", "Deny");
        assert!(!Asks::of(&denied).uses(NAME) && !Asks::of(&denied).wants(NAME, "app"));
    }
}
