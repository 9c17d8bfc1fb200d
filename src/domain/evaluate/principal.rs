//! Whom a statement is about.

use super::{Asker, Effect};

/// The parties of a `Principal`, or all but those of a `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// All but these.
    pub not: bool,
    /// The parties, in their order.
    pub parties: Vec<Party>,
}

/// A party as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// `"*"`, which is `{"AWS": "*"}` as well.
    Everyone,
    /// Under `AWS`: an account id, or an ARN.
    Aws(String),
    /// Under `Federated`: the ARN of a provider, or the domain of one that AWS knows.
    Federated(String),
    /// Under `Service`.
    Service(String),
    /// Under `CanonicalUser`, which only S3 knows.
    Canonical(String),
}

/// How a statement means the asker, the most particular way last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By being the policy of the asker itself.
    Owner,
    /// By the account, which leaves it to the account's own policies whom it lets.
    Account,
    /// By not being excepted.
    Others,
    /// As anyone.
    Everyone,
    /// As this user, role, provider or service.
    Itself,
    /// As this session of a role.
    Session,
}

impl Principals {
    /// How the asker is meant; `None` if it is not.
    pub(super) fn name(&self, asker: &Asker, effect: Effect) -> Option<Named> {
        let by = |party: &Party| party.names(asker, effect);
        if !self.not {
            return self.parties.iter().filter_map(by).max();
        }
        // The reference on `NotPrincipal` wants account, role and session named alike to spare a session from a
        // denial, and says the entry may deny else. So a denial spares only whom it names by each of its names, an
        // allowance leaves out whoever is named by one.
        let spared = match effect {
            // All but everyone is nobody, whoever `*` takes in.
            Effect::Allow => {
                self.parties.contains(&Party::Everyone)
                    || self.parties.iter().any(|p| by(p).is_some())
            }
            Effect::Deny => {
                let names = asker.names();
                self.parties.contains(&Party::Everyone)
                    || (!names.is_empty()
                        && names.iter().all(|n| self.parties.iter().any(|p| by(p) == Some(*n))))
            }
        };
        (!spared).then_some(Named::Others)
    }
}

impl Party {
    fn names(&self, asker: &Asker, effect: Effect) -> Option<Named> {
        let is = |same: bool, named: Named| same.then_some(named);
        match (self, asker) {
            // Whether `*` takes in the holders of web tokens is written nowhere. The strict reading: it denies them, and
            // allows them nothing.
            (Self::Everyone, Asker::Federated(_)) => is(effect == Effect::Deny, Named::Everyone),
            (Self::Everyone, _) => Some(Named::Everyone),
            (Self::Aws(text), Asker::User(arn)) => {
                is(text == arn, Named::Itself).or(is(is_account(text, arn), Named::Account))
            }
            (Self::Aws(text), Asker::Session { role, session }) => {
                is(text == session, Named::Session)
                    .or(is(text == role, Named::Itself))
                    .or(is(is_account(text, session), Named::Account))
            }
            (Self::Aws(text), Asker::Root(account)) => {
                is(account_of(text) == Some(account), Named::Itself)
            }
            (Self::Federated(text), Asker::Federated(name))
            | (Self::Service(text), Asker::Service(name)) => is(text == name, Named::Itself),
            _ => None,
        }
    }
}

impl Asker {
    /// The ways in which a policy can name it.
    fn names(&self) -> &'static [Named] {
        match self {
            Self::Anonymous => &[],
            Self::User(_) => &[Named::Account, Named::Itself],
            Self::Session { .. } => &[Named::Account, Named::Itself, Named::Session],
            Self::Root(_) | Self::Federated(_) | Self::Service(_) => &[Named::Itself],
        }
    }
}

/// The account that a principal stands for: twelve digits, or the ARN of its root.
fn account_of(text: &str) -> Option<&str> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text);
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    match fields[..] {
        ["arn", _, "iam", "", account, "root"] => Some(account),
        _ => None,
    }
}

/// Whether a principal stands for the account of this ARN (and, as a root ARN, in its partition).
fn is_account(text: &str, arn: &str) -> bool {
    let field = |text: &str, at: usize| text.split(':').nth(at).map(str::to_owned);
    account_of(text).is_some_and(|account| field(arn, 4).as_deref() == Some(account))
        && (!text.starts_with("arn:") || field(text, 1) == field(arn, 1))
}
