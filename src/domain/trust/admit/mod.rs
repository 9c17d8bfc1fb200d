//! Who gets in: the admitted set of a policy, and the neighbours that were not meant.
//!
//! Nothing here knows the rules of evaluation. Tokens are made up, [`decide()`](super::decide()) is asked about each, and what it
//! says is what is said. For the admitted set the tokens are chosen so that they speak for all others: which strings a
//! condition holds for depends only on which of the policy's own patterns they match, so one instance of each pattern,
//! and of what several have in common, answers for all that match the same ones.

mod intruders;
pub(in crate::domain) mod pattern;
#[cfg(test)]
mod tests;
mod words;

pub use intruders::{Intruder, intruders, intruders_of};
pub use words::sentence;

use super::{ACTION, Holder, is_of_request, lets_in};
use crate::domain::evaluate::{
    Asker, Choice, Condition, Context, Effect, Party, Policy, Request, Statement,
};
use crate::domain::intent::OidcIntent;
use crate::domain::issuer::KNOWN_DOMAINS;
use crate::domain::policy::Document;
use pattern::{Pattern, closure};

/// A set of tokens that get in. `*` and `?` in it are wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The issuer, with its `https://`.
    pub issuer: String,
    /// The audience.
    pub audience: String,
    /// The subject.
    pub subject: String,
    /// Which of them are refused nevertheless; these have no exceptions of their own.
    pub except: Vec<Self>,
    /// The three as they are compared.
    tokens: Tokens,
}

/// Who was meant, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meant {
    /// The issuer, with its `https://`.
    pub issuer: Option<String>,
    /// The audience.
    pub audience: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// What the provider lists.
    pub provider_audiences: Option<Vec<String>>,
}

impl From<&OidcIntent> for Meant {
    /// What the provider lists is not known before it is asked.
    fn from(intent: &OidcIntent) -> Self {
        Self {
            issuer: Some(intent.issuer.url().to_owned()),
            audience: Some(intent.audience.to_string()),
            subject: Some(intent.subject.to_string()),
            provider_audiences: None,
        }
    }
}

/// A text as the policy that is judged: of a repeated key the last value counts. `None` where it could only be guessed.
#[must_use]
pub fn read(text: &str) -> Option<Policy> {
    Policy::read_last(&Document::parse(text).ok()?).ok()
}

impl Meant {
    /// The audiences that the provider of this name lists. Where it is not said whose they are, they are those of the
    /// first provider of the policy.
    fn listed(&self, policy: &Policy, name: &str) -> Option<&[String]> {
        let whose = self.issuer.as_deref().map(without_scheme).map(str::to_owned);
        let whose = whose.or_else(|| names(policy).into_iter().next());
        self.provider_audiences.as_deref().filter(|_| whose.is_none_or(|whose| whose == name))
    }
}

/// Tokens by issuer, audience and subject.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tokens {
    issuer: Pattern,
    audience: Pattern,
    subject: Pattern,
}

impl Tokens {
    /// Whether nothing can have such a subject. An issuer that is no cluster's may call its accounts so.
    fn is_impossible(&self) -> bool {
        !self.subject.is_caseless() && has_capitals(&self.subject.to_string())
    }

    fn covers(&self, other: &Self) -> bool {
        self.issuer.covers(&other.issuer)
            && self.audience.covers(&other.audience)
            && self.subject.covers(&other.subject)
    }
}

impl Admitted {
    fn of(tokens: &Tokens, except: Vec<Self>) -> Self {
        Self {
            issuer: url(&tokens.issuer.to_string()),
            audience: tokens.audience.to_string(),
            subject: tokens.subject.to_string(),
            except,
            tokens: tokens.clone(),
        }
    }

    /// Whether a token of one audience is in the set.
    #[must_use]
    pub fn has(&self, issuer: &str, audience: &str, subject: &str) -> bool {
        let Tokens { issuer: i, audience: a, subject: s } = &self.tokens;
        i.has(without_scheme(issuer))
            && a.has(audience)
            && s.has(subject)
            && !self.except.iter().any(|e| e.has(issuer, audience, subject))
    }

    /// Whether every token of another set is in this one, as far as that can be told.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let left_out = |one: &Self| other.except.iter().any(|e| e.tokens.covers(&one.tokens));
        let apart = |one: &Self| {
            other.tokens.issuer.is_literal()
                && other.tokens.audience.is_literal()
                && other.tokens.subject.is_literal()
                && !one.has(&other.issuer, &other.audience, &other.subject)
        };
        self.tokens.covers(&other.tokens)
            && self.except.iter().all(|one| left_out(one) || apart(one))
    }

    /// Whether it is of one issuer and of one audience to the letter.
    #[must_use]
    pub fn has_one_audience(&self) -> bool {
        self.tokens.issuer.is_literal() && self.tokens.audience.is_literal()
    }

    /// Whether it is of one issuer and of one subject to the letter.
    #[must_use]
    pub fn has_one_subject(&self) -> bool {
        self.tokens.issuer.is_literal() && self.tokens.subject.is_literal()
    }

    /// Whether its letters may be large or small.
    #[must_use]
    pub fn is_caseless(&self) -> bool {
        self.tokens.audience.is_caseless() || self.tokens.subject.is_caseless()
    }
}

/// One combination of patterns, and what the policy says to it.
struct Cell {
    tokens: Tokens,
    allowed: bool,
}

impl Cell {
    fn covers(&self, other: &Self) -> bool {
        self.tokens.covers(&other.tokens)
    }
}

/// Whether a text, or a pattern, is of a service account and has a capital, which no name of Kubernetes can have (RFC 1123
/// labels): nobody has that subject.
#[must_use]
pub fn has_capitals(subject: &str) -> bool {
    let lower = subject.to_ascii_lowercase();
    lower.starts_with("system:serviceaccount:") && lower != subject
}

/// Who gets in, each set once: what lies in a wider one is left out. The tokens are those that STS takes at all, with a
/// subject that can be and one audience that the provider lists, if that is known. Conditions on what is no claim of these are taken to
/// be met where they allow and not where they deny; [`beyond`] names them.
#[must_use]
pub fn admitted(policy: &Policy, meant: &Meant) -> Vec<Admitted> {
    let cells = cells(&at_best(policy), meant);
    let mut order: Vec<(usize, &Cell)> =
        cells.iter().enumerate().filter(|(_, c)| c.allowed && !c.tokens.is_impossible()).collect();
    // The wider first.
    order.sort_by_cached_key(|(_, cell)| cells.iter().filter(|c| c.covers(cell)).count());
    let mut listed: Vec<(usize, &Cell)> = Vec::new();
    for (at, cell) in order {
        let parts =
            |wide: &Cell| cells.iter().any(|r| !r.allowed && wide.covers(r) && r.covers(cell));
        if !listed.iter().any(|(_, wide)| wide.covers(cell) && !parts(wide)) {
            listed.push((at, cell));
        }
    }
    listed.sort_by_key(|(at, _)| *at);
    listed.into_iter().map(|(_, cell)| set(cell, &cells)).collect()
}

fn set(cell: &Cell, cells: &[Cell]) -> Admitted {
    let refused: Vec<&Cell> = cells.iter().filter(|c| !c.allowed && cell.covers(c)).collect();
    let widest = |c: &&&Cell| !refused.iter().any(|r| r.covers(c) && !c.covers(r));
    let except = refused.iter().filter(widest).map(|c| Admitted::of(&c.tokens, Vec::new()));
    Admitted::of(&cell.tokens, except.collect())
}

/// Every combination of the policy's patterns, tried.
fn cells(policy: &Policy, meant: &Meant) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (issuer, name) in issuers(policy, meant) {
        let literal = |text: &Option<String>| text.iter().map(|t| Pattern::literal(t)).collect();
        let audiences = values(policy, &name, "aud", literal(&meant.audience));
        let subjects = values(policy, &name, "sub", literal(&meant.subject));
        let arns = arns(policy, &name);
        let tried = match meant.listed(policy, &name) {
            Some(listed) => listed.iter().map(|a| Pattern::literal(a)).collect(),
            None => closure(&audiences),
        };
        let instances = |tried: &[Pattern], all: &[Pattern]| -> Vec<(Pattern, String)> {
            tried.iter().filter_map(|p| Some((p.clone(), p.instance(all)?))).collect()
        };
        let tried = instances(&tried, &audiences);
        let others = instances(&closure(&subjects), &subjects);
        for (audience, a) in &tried {
            for (subject, s) in &others {
                let holder = Holder::new(&url(&name), a, s);
                cells.push(Cell {
                    tokens: Tokens {
                        issuer: issuer.clone(),
                        audience: audience.clone(),
                        subject: subject.clone(),
                    },
                    allowed: arns.iter().any(|arn| lets_in(policy, arn, &holder)),
                });
            }
        }
    }
    cells
}

/// The issuers to be tried: as a pattern, and a name that is an instance of it. Any other than those that the policy
/// names is tried where an allowance names nobody, or all but some.
fn issuers(policy: &Policy, meant: &Meant) -> Vec<(Pattern, String)> {
    let mut all = names(policy);
    let open = allowing(policy).any(|statement| {
        statement.principal.as_ref().is_none_or(|p| p.not || p.parties.contains(&Party::Everyone))
    });
    let keys = policy.statements.iter().flat_map(|s| &s.conditions).filter_map(|c| {
        let (name, claim) = c.key.rsplit_once(':')?;
        let claim = ["aud", "sub"].iter().any(|known| known.eq_ignore_ascii_case(claim));
        (open && claim).then(|| name.to_owned())
    });
    let more = keys.chain(meant.issuer.as_deref().map(without_scheme).map(str::to_owned));
    for name in more.collect::<Vec<_>>() {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let mut all: Vec<_> = all.into_iter().map(|n| (Pattern::literal(&n), n)).collect();
    if open {
        all.push((Pattern::any(), "zq.example".to_owned()));
    }
    all
}

/// What the policy holds a claim of this provider's tokens against, and what was added.
fn values(policy: &Policy, name: &str, claim: &str, mut more: Vec<Pattern>) -> Vec<Pattern> {
    let mut all = Vec::new();
    for statement in &policy.statements {
        for condition in conditions(statement, name, claim) {
            let of_value = |value: &String| Pattern::of_value(&condition.operator, value);
            all.extend(condition.wanted.iter().filter_map(of_value));
        }
    }
    all.append(&mut more);
    all
}

/// The conditions of a statement on a claim of this provider's tokens. Key names compare without case. `Null` asks
/// nothing of a claim's text.
fn conditions<'a>(
    statement: &'a Statement,
    name: &str,
    claim: &str,
) -> impl Iterator<Item = &'a Condition> {
    let key = format!("{name}:{claim}").to_lowercase();
    statement
        .conditions
        .iter()
        .filter(move |c| c.key.to_lowercase() == key && c.operator.written != "Null")
}

/// The statements that allow.
fn allowing(policy: &Policy) -> impl Iterator<Item = &Statement> {
    policy.statements.iter().filter(|s| s.effect == Effect::Allow)
}

/// The names of the providers that the policy mentions, each once: `NAME` of `…:oidc-provider/NAME`, or the domain of one
/// that AWS knows by itself, such as `accounts.google.com`.
fn names(policy: &Policy) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in federated(policy) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Every provider of the policy, by name and as it stands there.
fn federated(policy: &Policy) -> impl Iterator<Item = (String, &String)> {
    let parties = policy.statements.iter().filter_map(|s| s.principal.as_ref());
    parties.flat_map(|p| &p.parties).filter_map(|party| {
        let Party::Federated(text) = party else { return None };
        let name = match text.split_once(":oidc-provider/") {
            Some((_, name)) => name,
            None => KNOWN_DOMAINS.into_iter().find(|known| known == text)?,
        };
        Some((name.to_owned(), text))
    })
}

/// What vouches for the tokens of this name: each that the policy mentions, or one of the same account.
fn arns(policy: &Policy, name: &str) -> Vec<String> {
    let arns: Vec<String> =
        federated(policy).filter(|(n, _)| n == name).map(|(_, arn)| arn.clone()).collect();
    if arns.is_empty() { vec![provider_arn(policy, None, name)] } else { arns }
}

/// The ARN of the provider of this name: as the policy has it, else one of the account of the policy's first provider,
/// or of the role.
#[must_use]
pub fn provider_arn(policy: &Policy, role: Option<&str>, name: &str) -> String {
    let mut known = federated(policy).filter(|(n, _)| n == name).map(|(_, arn)| arn.clone());
    known.next().unwrap_or_else(|| {
        let first = federated(policy).find_map(|(_, arn)| arn.split_once(":oidc-provider/"));
        let account = match first {
            Some((account, _)) => account,
            None => role.and_then(|role| role.split_once(":role/")).map_or(ELSEWHERE, |(a, _)| a),
        };
        format!("{account}:oidc-provider/{name}")
    })
}

/// The provider that a token of this issuer meets: the one of that name, if it is the meant one or the policy names it;
/// else the meant one or the policy's first, of which STS says that it is another's.
#[must_use]
pub fn provider_met(policy: &Policy, meant: &Meant, role: Option<&str>, name: &str) -> String {
    let meant = meant.issuer.as_deref().map(without_scheme).map(str::to_owned);
    let known: Vec<String> = meant.into_iter().chain(names(policy)).collect();
    let met = known.iter().find(|known| *known == name).or_else(|| known.first());
    provider_arn(policy, role, met.map_or(name, String::as_str))
}

/// The account where none is known.
const ELSEWHERE: &str = "arn:aws:iam::123456789012";

/// The policy as it is met at best: what no token decides is taken to hold where it allows, and not to hold where it
/// denies. [`beyond`] names it.
fn at_best(policy: &Policy) -> Policy {
    let names = names(policy);
    let statements = policy.statements.iter().cloned().map(|mut statement| {
        let before = statement.conditions.len();
        statement.conditions.retain(|c| !is_beyond(&names, &c.key));
        if statement.effect == Effect::Deny && statement.conditions.len() < before {
            // It stays in its place, about nothing: the others keep their numbers.
            statement.actions = Choice { not: false, patterns: Vec::new() };
        }
        statement
    });
    Policy { statements: statements.collect(), ..policy.clone() }
}

/// Whether a condition key is made of something else than issuer, audience and subject: of the request, or of other claims.
fn is_beyond(names: &[String], key: &str) -> bool {
    match key.rsplit_once(':') {
        Some((name, claim)) if names.iter().any(|n| n.eq_ignore_ascii_case(name)) => {
            ["amr", "azp"].iter().any(|c| c.eq_ignore_ascii_case(claim))
        }
        _ => is_of_request(key),
    }
}

/// Whether whom was meant gets in, where that is known whole; what is not known is no refusal.
#[must_use]
pub fn admits_meant(policy: &Policy, meant: &Meant) -> bool {
    let (Some(issuer), Some(audience), Some(subject)) =
        (&meant.issuer, &meant.audience, &meant.subject)
    else {
        return true;
    };
    let holder = Holder::new(issuer, audience, subject);
    let policy = at_best(policy);
    arns(&policy, without_scheme(issuer)).iter().any(|arn| lets_in(&policy, arn, &holder))
}

/// What the policy says that no token decides, a sentence each: it asks for other claims or for conditions of the request,
/// such as `aws:SourceIp`; it names everyone, of which AWS does not publish whether it takes in the holders of web tokens; or it
/// lets in others than these.
#[must_use]
pub fn beyond(policy: &Policy) -> Vec<String> {
    let names = names(policy);
    let mut told = Vec::new();
    let (web, plain) = (about(policy, ACTION), about(policy, "sts:AssumeRole"));
    for (at, statement) in policy.statements.iter().enumerate() {
        let (number, allows) = (at + 1, statement.effect == Effect::Allow);
        let has = |list: &[bool]| list.get(at).copied().unwrap_or_default();
        let parties =
            statement.principal.as_ref().map_or(&[][..], |principals| &principals.parties);
        if allows && has(&web) && parties.contains(&Party::Everyone) {
            told.push(format!(
                "Statement {number} names everyone. Whether that takes in the holders of web tokens AWS does not publish; \
                 here it does not."
            ));
        }
        if allows && has(&plain) {
            let others: Vec<&str> = parties.iter().filter_map(without_token).collect();
            if !others.is_empty() {
                let others = others.join(", ");
                told.push(format!(
                    "Statement {number} lets in {others} by sts:AssumeRole, without a web token."
                ));
            }
        }
        let impossible = of_nobody(statement, &names).filter(|_| allows && has(&web));
        told.extend(impossible.map(|value| {
            format!(
                "Statement {number} asks for {}: no service account can have that name, Kubernetes takes small \
                 letters only.",
                words::who(value)
            )
        }));
        for condition in statement.conditions.iter().filter(|c| is_beyond(&names, &c.key)) {
            let key = &condition.key;
            match allows {
                true if has(&web) => told.push(format!(
                    "Statement {number} also asks for {key}, {}: whoever gets in by it must meet that too.",
                    unsaid(key)
                )),
                false if has(&web) => told.push(format!(
                    "Statement {number} denies by {key}, {}: whoever gets in may be refused by it.",
                    unsaid(key)
                )),
                _ => {}
            }
        }
    }
    told
}

/// The subjects that a statement asks for and nobody can have.
fn of_nobody<'a>(statement: &'a Statement, names: &'a [String]) -> impl Iterator<Item = &'a str> {
    let of_name = |name: &'a String| conditions(statement, name, "sub");
    let on_sub = names.iter().flat_map(of_name).filter(|c| !c.operator.negated);
    on_sub.flat_map(|condition| {
        let compares = |value: &&String| {
            Pattern::of_value(&condition.operator, value).is_some_and(|p| !p.is_caseless())
        };
        condition.wanted.iter().filter(compares).map(String::as_str).filter(|v| has_capitals(v))
    })
}

/// Why a condition is not judged.
fn unsaid(key: &str) -> &'static str {
    if is_of_request(key) { "which no token says" } else { "which is not judged here" }
}

/// Which statements are about an action: the evaluator knows.
fn about(policy: &Policy, action: &str) -> Vec<bool> {
    let (asker, context) = (Asker::Anonymous, Context::default());
    let request = Request { asker: &asker, action, resource: "*", context: &context };
    policy.judge(&request).statements.iter().map(|verdict| verdict.action).collect()
}

/// Who needs no web token.
fn without_token(party: &Party) -> Option<&str> {
    match party {
        Party::Everyone => Some("everyone with an AWS account"),
        Party::Aws(name) | Party::Service(name) => Some(name),
        Party::Federated(_) | Party::Canonical(_) => None,
    }
}

fn without_scheme(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer)
}

/// With its scheme; any issuer stays any.
fn url(name: &str) -> String {
    if name == "*" { name.to_owned() } else { format!("https://{name}") }
}
