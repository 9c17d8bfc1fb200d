//! Would STS swap this token, and if not, why?

mod before;
mod obstacle;
mod statement;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use before::before_policy;

use self::statement::{Bearing, Look};
use super::{Holder, Provider};
use crate::domain::evaluate::{Effect, Policy, Unsound};
use crate::domain::fault::{Cause, Fault};
use crate::domain::policy::Document;

/// Whether STS would swap a token, as far as it can be told without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// It should.
    Admits,
    /// It cannot, however long one waits. The first thing in the way; the others are its `also`.
    Refuses(Box<Fault>),
    /// The policy asks for something that is not known here, such as an address or a source account; what, in words.
    Unsure(String),
}

/// The whole outlook of a token at a role with this trust policy.
///
/// Of the statements that allow, the one that comes closest is explained: one about this provider before any other,
/// then the one with the fewest things in the way, then the first.
#[must_use]
pub fn outlook(document: &Document, provider: &Provider, holder: &Holder) -> Outlook {
    let mut faults = before_policy(provider, holder);
    let mut unsure = Vec::new();
    let mut policy = Policy::read(document);
    if let Err(Unsound::Repeated(place)) = &policy {
        unsure.push(format!("{place} stands there twice, which AWS does not take"));
        policy = Policy::read_last(document);
    }
    match policy {
        Ok(policy) => match judge(&policy, provider, &of_provider(provider, holder)) {
            Ok(unknown) => unsure.extend(unknown),
            Err(found) => faults.extend(found),
        },
        Err(unsound) => {
            unsure.push(format!("AWS would not take this policy, as {unsound}"));
        }
    }
    match Fault::chain(faults) {
        Some(fault) => Outlook::Refuses(Box::new(fault)),
        None if unsure.is_empty() => Outlook::Admits,
        None => Outlook::Unsure(unsure.join("; ")),
    }
}

/// The holder as if the token came from the provider. That it does not is told already, and what else is in the way is
/// told of the policy as it would be met then.
fn of_provider<'a>(provider: &Provider, holder: &'a Holder) -> Cow<'a, Holder> {
    let name = provider.name();
    if name.is_empty() || holder.provider_name() == Some(name) {
        return Cow::Borrowed(holder);
    }
    Cow::Owned(Holder { issuer: Some(format!("https://{name}")), ..holder.clone() })
}

/// What the policy leaves open, in words; or all that stands in the way.
fn judge(policy: &Policy, provider: &Provider, holder: &Holder) -> Result<Vec<String>, Vec<Fault>> {
    let statements = Look::at(policy, provider, holder);
    let of = |effect| statements.iter().filter(move |s| s.statement.effect == effect);
    let bears = |effect, bearing| of(effect).filter(move |s| s.bearing() == bearing);
    let mut denials = bears(Effect::Deny, Bearing::Hits).map(Look::denial).peekable();
    let is_allowed = bears(Effect::Allow, Bearing::Hits).next().is_some();
    let mut open: Vec<String> = if is_allowed {
        Vec::new()
    } else {
        bears(Effect::Allow, Bearing::Open).flat_map(Look::unknown).collect()
    };
    let is_missed = !is_allowed && open.is_empty();
    if is_missed || denials.peek().is_some() {
        let closest = of(Effect::Allow).min_by_key(|s| s.distance());
        let obstacles = || closest.map_or_else(|| vec![allows_nothing()], Look::obstacles);
        let mut faults = if is_missed { obstacles() } else { Vec::new() };
        faults.extend(denials);
        return Err(faults);
    }
    open.extend(bears(Effect::Deny, Bearing::Open).flat_map(Look::unknown));
    Ok(open)
}

fn allows_nothing() -> Fault {
    Fault::new(
        Cause::PermissionDenied,
        "no statement of the trust policy allows anything, so that nobody can assume the role",
    )
    .with("action", super::ACTION)
    .with("policy", "role trust")
    .remedy("add a statement that allows the token's provider; a plan writes it")
}
