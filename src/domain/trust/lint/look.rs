//! The policy as the rules look at it.

use serde_json::{Map, Value};

use super::issuer::{self, Federation};
use super::{fix, read};
use crate::domain::arn::Arn;
use crate::domain::evaluate::{Condition, Effect, Party, Set, Statement};
use crate::domain::finding::Finding;
use crate::domain::policy::Document;
use crate::domain::trust::Given;
use crate::domain::trust::admit::Meant;

/// A policy with what is known of its role, its provider and what was meant.
pub(super) struct Look<'a> {
    pub given: &'a Given,
    pub meant: &'a Meant,
    pub statements: Vec<Seen>,
}

/// A statement.
pub(super) struct Seen {
    /// From 0.
    pub index: usize,
    pub statement: Statement,
    /// The names of the OIDC providers that it is about, each once.
    pub providers: Vec<String>,
    /// The keys of the conditions that could not be read; an empty one stands for all of them.
    pub unread: Vec<String>,
}

/// How a statement guards a claim.
pub(super) enum Guard<'a> {
    /// Not at all.
    None,
    /// By a condition that holds for some values only.
    Strong,
    /// Only by these, which hold where the claim is absent.
    Weak(Vec<&'a Condition>),
    /// Only by these, which hold for all values but some.
    Negated(Vec<&'a Condition>),
}

impl<'a> Look<'a> {
    /// With what was found while reading.
    pub fn new(given: &'a Given, meant: &'a Meant) -> (Self, Vec<Finding>) {
        let (statements, found) = read::read(&given.document);
        let raw = given.document.raw_statements();
        let statements = statements.into_iter().zip(raw).enumerate();
        let statements = statements.map(|(i, (read, raw))| Seen::new(i, read, raw)).collect();
        (Self { given, meant, statements }, found)
    }

    pub fn document(&self) -> &Document {
        &self.given.document
    }

    /// The statements that let in holders of web tokens.
    pub fn web(&self) -> impl Iterator<Item = &Seen> {
        self.statements.iter().filter(|seen| seen.is_web())
    }

    /// The name of the provider that was meant.
    pub fn wanted_provider(&self) -> Option<&str> {
        self.meant.issuer.as_deref().map(|url| url.strip_prefix("https://").unwrap_or(url))
    }

    /// The ARN of a provider of that name in the role's own account.
    pub fn own_arn(&self, name: &str) -> Option<String> {
        let role = Arn::parse(self.given.role.as_deref()?).ok()?;
        let resource = format!("oidc-provider/{name}");
        Some(Arn { region: String::new(), resource, ..role }.to_string())
    }

    /// The audience that can be written in without a guess: the one that was meant, or the only one that the provider lists.
    pub fn wanted_audience(&self) -> Option<&str> {
        let only = match self.meant.provider_audiences.as_deref() {
            Some([one]) => Some(one.as_str()),
            _ => None,
        };
        self.meant.audience.as_deref().or(only)
    }

    /// The value of a claim that can be written in without a guess.
    pub fn wanted(&self, claim: &str) -> Option<&str> {
        match claim {
            "sub" => self.meant.subject.as_deref(),
            "aud" => self.wanted_audience(),
            _ => None,
        }
    }

    /// What the provider of a statement lists. Where a policy names several providers, only the list of the one that was
    /// meant is known.
    pub fn listed(&self, seen: &Seen) -> Option<&[String]> {
        let list = self.meant.provider_audiences.as_deref()?;
        let of_it = if let Some(wanted) = self.wanted_provider() {
            seen.providers.iter().any(|name| name == wanted)
        } else {
            let mut names = self.web().flat_map(|seen| &seen.providers);
            let first = names.next();
            names.all(|name| Some(name) == first)
        };
        of_it.then_some(list)
    }

    /// The document with a change in the statement.
    pub fn edit(
        &self,
        seen: &Seen,
        change: impl FnOnce(&mut Map<String, Value>) -> Option<()>,
    ) -> Option<Value> {
        fix::statement(self.document(), seen.index, change)
    }

    /// The document with one condition in another form.
    pub fn rewrite(
        &self,
        seen: &Seen,
        condition: &Condition,
        operator: &str,
        key: &str,
        value: Option<Value>,
    ) -> Option<Value> {
        fix::condition(self.document(), seen.index, condition, operator, key, value)
    }
}

impl Seen {
    fn new(index: usize, statement: Statement, raw: &Value) -> Self {
        let mut providers: Vec<String> = Vec::new();
        for name in federated(&statement).filter_map(|text| Federation::of(text).provider()) {
            if !providers.iter().any(|there| there == name) {
                providers.push(name.to_owned());
            }
        }
        let unread = unread(&statement, raw);
        Self { index, statement, providers, unread }
    }

    /// `Statement 1`, or `Statement 1: Principal`.
    pub fn place(&self, part: &str) -> String {
        let colon = if part.is_empty() { "" } else { ": " };
        format!("Statement {}{colon}{part}", self.index + 1)
    }

    /// `Statement 1: Condition StringEquals KEY`.
    pub fn place_of(&self, condition: &Condition) -> String {
        self.place(&format!("Condition {} {}", condition.operator.written, condition.key))
    }

    pub fn allows(&self) -> bool {
        self.statement.effect == Effect::Allow
    }

    /// The parties it lets in; none where it says who is left out.
    pub fn parties(&self) -> &[Party] {
        match &self.statement.principal {
            Some(principals) if !principals.not => &principals.parties,
            _ => &[],
        }
    }

    /// The values under `Federated`.
    pub fn federated(&self) -> impl Iterator<Item = &str> {
        federated(&self.statement)
    }

    /// Whether it lets in holders of web tokens, or means to.
    pub fn is_web(&self) -> bool {
        self.allows()
            && self.federated().any(|text| !matches!(Federation::of(text), Federation::Saml))
    }

    /// The only provider that it is about.
    pub fn provider(&self) -> Option<&str> {
        match &self.providers[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The key of a claim of the only provider.
    pub fn key(&self, claim: &str) -> Option<String> {
        self.provider()
            .filter(|name| !issuer::has_placeholder(name))
            .map(|name| format!("{name}:{claim}"))
    }

    /// The conditions on a claim, whichever issuer's.
    pub fn on<'a>(&'a self, claim: &'a str) -> impl Iterator<Item = &'a Condition> {
        self.statement.conditions.iter().filter(move |condition| {
            issuer::claim(&condition.key).is_some_and(|(_, c)| c.eq_ignore_ascii_case(claim))
        })
    }

    /// How a claim is guarded.
    pub fn guard<'a>(&'a self, claim: &'a str) -> Guard<'a> {
        let (mut weak, mut negated) = (Vec::new(), Vec::new());
        for condition in self.on(claim).filter(|c| c.operator.written != "Null") {
            if condition.operator.negated {
                negated.push(condition);
            } else if self.is_weak(condition) {
                weak.push(condition);
            } else {
                return Guard::Strong;
            }
        }
        if !weak.is_empty() {
            Guard::Weak(weak)
        } else if !negated.is_empty() {
            Guard::Negated(negated)
        } else {
            Guard::None
        }
    }

    /// Whether a condition on the claim stands there that could not be read.
    pub fn is_unread(&self, claim: &str) -> bool {
        self.unread.iter().any(|key| {
            key.is_empty() || issuer::claim(key).is_some_and(|(_, c)| c.eq_ignore_ascii_case(claim))
        })
    }

    /// Whether a condition holds where its key is absent: `ForAllValues` and `…IfExists`, unless `Null` wants the key.
    pub fn is_weak(&self, condition: &Condition) -> bool {
        let open = condition.operator.if_exists || condition.operator.set == Some(Set::All);
        open && !self.statement.conditions.iter().any(|other| {
            other.operator.written == "Null"
                && other.key.eq_ignore_ascii_case(&condition.key)
                && other.wanted.iter().all(|wanted| wanted.eq_ignore_ascii_case("false"))
        })
    }
}

fn federated(statement: &Statement) -> impl Iterator<Item = &str> {
    let principals = statement.principal.iter().filter(|principals| !principals.not);
    principals.flat_map(|p| &p.parties).filter_map(|party| match party {
        Party::Federated(name) => Some(name.as_str()),
        _ => None,
    })
}

/// The keys that stand in the document and not in what was read of it.
fn unread(statement: &Statement, raw: &Value) -> Vec<String> {
    let Some(condition) = raw.get("Condition") else { return Vec::new() };
    let all = || vec![String::new()];
    let Some(operators) = condition.as_object() else { return all() };
    let mut unread = Vec::new();
    for (operator, keys) in operators {
        let Some(keys) = keys.as_object() else { return all() };
        unread.extend(
            keys.keys()
                .filter(|key| {
                    !statement
                        .conditions
                        .iter()
                        .any(|read| read.operator.written == *operator && read.key == **key)
                })
                .cloned(),
        );
    }
    unread
}

/// The operator's name without `ForAllValues:`, `ForAnyValue:` and `IfExists`.
pub(super) fn bare(condition: &Condition) -> &str {
    let written = condition.operator.written.as_str();
    let name = written.split_once(':').map_or(written, |(_, name)| name);
    name.strip_suffix("IfExists").unwrap_or(name)
}

/// Whether a text has a wildcard.
pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether the operator reads `*` and `?` as wildcards.
pub(super) fn reads_wildcards(condition: &Condition) -> bool {
    matches!(bare(condition), "StringLike" | "StringNotLike") || bare(condition).starts_with("Arn")
}
