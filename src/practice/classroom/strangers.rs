//! Whether anybody but Okteto gets into a role: by what its trust policy says, and by tokens that are shown to STS.
//!
//! The policy is asked first, since it says by which statement somebody gets in; the tokens prove it the other way round, with
//! the account's own rules.

use super::check::Bench;
use super::mint;
use crate::domain::evaluate::Policy;
use crate::domain::subject::Subject;
use crate::domain::trust::admit::{self, Meant};
use crate::practice::account::look::Seen;

/// Nobody but Okteto gets in.
///
/// # Errors
/// The first who does, and why.
pub(super) fn nobody_else(bench: &mut Bench<'_>, role: &Seen) -> Result<(), String> {
    let policy = admit::read(&role.trust)
        .ok_or("its trust policy cannot be read, so that whom it lets in cannot be told")?;
    written(bench, &policy).or_else(|| shown(bench, role)).map_or(Ok(()), Err)
}

/// The first who gets in by what the policy says. The policy alone is to keep others out, so that what the provider lists does
/// not excuse it.
fn written(bench: &Bench<'_>, policy: &Policy) -> Option<String> {
    let okteto = &bench.desk.okteto;
    let listed = bench.account.provider(&okteto.issuer).map(|provider| provider.audiences);
    let alone = Meant {
        issuer: Some(okteto.issuer.clone()),
        audience: okteto.audience.clone(),
        subject: Some(okteto.subject.clone()),
        provider_audiences: None,
    };
    let as_it_is = Meant { provider_audiences: listed, ..alone.clone() };
    let found = [as_it_is, alone]
        .iter()
        .find_map(|meant| admit::intruders(policy, meant).into_iter().next());
    found.map(|intruder| intruder.why).or_else(|| admit::beyond(&bare(policy)).into_iter().next())
}

/// The policy without its conditions: what is said of it is then whom it names, and not what it asks for besides.
fn bare(policy: &Policy) -> Policy {
    let mut bare = policy.clone();
    for statement in &mut bare.statements {
        statement.conditions.clear();
    }
    bare
}

/// The first stranger whose token STS takes for the role.
pub(super) fn shown(bench: &mut Bench<'_>, role: &Seen) -> Option<String> {
    let okteto = &bench.desk.okteto;
    let neighbours = neighbours(&okteto.subject);
    for issuer in bench.account.issuers() {
        let Some(provider) = bench.account.provider(&issuer.url) else { continue };
        let is_ours = issuer.url == okteto.issuer;
        for audience in &provider.audiences {
            // Which audience is Okteto's is not known where the answers name none.
            let is_meant = okteto.audience.as_ref().is_none_or(|meant| meant == audience);
            let itself = (!is_ours || !is_meant).then_some(&okteto.subject);
            for subject in neighbours.iter().chain(itself) {
                let Ok(token) = mint(&issuer, bench.now, subject, audience) else { continue };
                if bench.account.show_token(bench.now, &role.arn, &token).is_ok() {
                    let of = if is_ours { "" } else { " of another cluster" };
                    return Some(format!("{subject}{of} gets in with the audience {audience}"));
                }
            }
        }
    }
    None
}

/// Service accounts that are not this one.
fn neighbours(subject: &str) -> Vec<String> {
    let Ok(this) = Subject::parse(subject) else { return Vec::new() };
    let (namespace, account) = (this.namespace(), this.account());
    [(namespace, "default"), (namespace, "another"), ("default", "default"), ("another", account)]
        .map(|(namespace, account)| format!("system:serviceaccount:{namespace}:{account}"))
        .into_iter()
        .filter(|other| other != subject)
        .collect()
}
