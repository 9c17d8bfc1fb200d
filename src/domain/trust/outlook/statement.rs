//! One statement, as a holder meets it.

use super::super::decide::decide;
use super::super::holder::{CLAIMS, may_be_key};
use super::{Holder, Provider};
use crate::domain::evaluate::{
    CURRENT, Condition, Context, Finding, Party, Policy, Statement, Verdict,
};

/// A statement with what became of it.
pub(super) struct Look<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) statement: &'a Statement,
    pub(super) verdict: Verdict,
    pub(super) provider: &'a Provider,
    pub(super) holder: &'a Holder,
    context: Context,
    has_variables: bool,
}

/// What a statement does, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearing {
    /// It takes effect.
    Hits,
    /// Something that is known fails.
    Misses,
    /// All that is known holds, and something is not known.
    Open,
}

/// What a condition key is to a token of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// It is made of this claim.
    Claim(&'static str),
    /// It belongs to another provider, and no token of this one carries it. It would be this one's.
    Foreign(String),
    /// It is of this provider, and AWS makes no key of that claim.
    Never,
    /// It is filled by something else than the token, or by a claim of an issuer of which AWS may know more.
    Unknown,
}

impl<'a> Look<'a> {
    pub(super) fn at(policy: &'a Policy, provider: &'a Provider, holder: &'a Holder) -> Vec<Self> {
        let verdicts = decide(policy, &provider.arn, holder).judgement.statements;
        let statements = policy.statements.iter().zip(verdicts);
        (1..)
            .zip(statements)
            .map(|(number, (statement, verdict))| Self {
                number,
                statement,
                verdict,
                provider,
                holder,
                context: holder.context(),
                has_variables: policy.version == CURRENT,
            })
            .collect()
    }

    /// The conditions that are known to fail, with what became of each.
    pub(super) fn failed(&self) -> impl Iterator<Item = (&'a Condition, &Finding)> {
        self.statement
            .conditions
            .iter()
            .zip(&self.verdict.conditions)
            .filter(|(condition, finding)| !finding.met && !self.is_unknown(condition))
    }

    /// What would become of another condition.
    pub(super) fn finding(&self, condition: &Condition) -> Finding {
        condition.judge(&self.context, self.has_variables.then_some(&self.context))
    }

    pub(super) fn bearing(&self) -> Bearing {
        let fails = self.verdict.principal.is_none()
            || !self.verdict.action
            || self.failed().next().is_some();
        if fails {
            Bearing::Misses
        } else if self.unknown().is_empty() {
            Bearing::Hits
        } else {
            Bearing::Open
        }
    }

    /// What is not known, in words.
    pub(super) fn unknown(&self) -> Vec<String> {
        let number = self.number;
        let conditions = self.statement.conditions.iter().filter(|c| self.is_unknown(c)).map(|c| {
            // A key that is known has a value with a variable that is not.
            let what = match self.key(&c.key) {
                Key::Unknown => c.key.clone(),
                _ => format!("{} with {}", c.key, c.wanted.join(", ")),
            };
            format!(
                "statement {number} asks by {} for {what}, which is not known here",
                c.operator.written
            )
        });
        let resource = (!self.verdict.resource).then(|| {
            format!("statement {number} has a Resource, which AWS does not take in a trust policy")
        });
        conditions.chain(resource).collect()
    }

    /// How far the statement is from letting the holder in: whether it is about another provider, and how many things
    /// stand in the way.
    pub(super) fn distance(&self) -> (bool, usize) {
        let parts =
            usize::from(self.verdict.principal.is_none()) + usize::from(!self.verdict.action);
        (!self.names_provider(), parts + self.failed().count())
    }

    /// Whether it is about a provider of this name, in whichever account.
    fn names_provider(&self) -> bool {
        self.verdict.principal.is_some()
            || self.statement.principal.as_ref().is_some_and(|p| p.not)
            || self.namesake().is_some()
    }

    /// The same provider as another account or partition has it.
    pub(super) fn namesake(&self) -> Option<&'a str> {
        let name = self.provider.name();
        let parties = &self.statement.principal.as_ref().filter(|p| !p.not)?.parties;
        parties.iter().find_map(|party| match party {
            Party::Federated(arn)
                if !name.is_empty()
                    && arn.split_once(":oidc-provider/").is_some_and(|(_, n)| n == name) =>
            {
                Some(arn.as_str())
            }
            _ => None,
        })
    }

    /// Whether a condition asks for something that no token tells, by its key or by a variable in its values.
    fn is_unknown(&self, condition: &Condition) -> bool {
        self.key(&condition.key) == Key::Unknown
            || (self.has_variables
                && condition
                    .wanted
                    .iter()
                    .flat_map(|w| variables(w))
                    .any(|key| self.key(key) == Key::Unknown))
    }

    /// What a condition key is to a token of the provider. The names of keys compare without case (IAM user guide,
    /// `reference_policies_elements_condition`).
    pub(super) fn key(&self, key: &str) -> Key {
        let name = self.holder.provider_name().unwrap_or_default();
        let (prefix, claim) = key.rsplit_once(':').unwrap_or(("", key));
        let known = CLAIMS.into_iter().find(|c| claim.eq_ignore_ascii_case(c));
        let is_own = prefix.to_lowercase() == name.to_lowercase();
        match known {
            Some(claim) if is_own => Key::Claim(claim),
            Some(claim) => Key::Foreign(format!("{name}:{claim}")),
            // Providers are called by the names of their hosts, and nothing else in IAM is.
            None if !is_own && prefix.contains('.') => Key::Foreign(format!("{name}:{claim}")),
            None if is_own && !may_be_key(name, claim) => Key::Never,
            None => Key::Unknown,
        }
    }
}

/// The keys that stand for variables in a value; `${*}`, `${?}` and `${$}` are characters.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    names
        .map(|(name, _)| name.split_once(',').map_or(name, |(key, _)| key).trim())
        .filter(|name| !matches!(*name, "*" | "?" | "$"))
}
