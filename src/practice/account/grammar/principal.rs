//! Principals of policies: form, and whether they are there.

use crate::domain::arn::Arn;
use crate::domain::evaluate::Party;
use crate::domain::issuer::KNOWN_DOMAINS;
use crate::practice::account::state::State;

/// Services that can take on a role. IAM refuses those it does not know
/// (`Invalid principal in policy: "SERVICE":"tagging.amazonaws.com"`, hashicorp/terraform#35086); this account knows
/// some that run containers or build them.
const SERVICES: [&str; 10] = [
    "batch",
    "build.apprunner",
    "codebuild",
    "codepipeline",
    "ec2",
    "ecs",
    "ecs-tasks",
    "eks",
    "lambda",
    "pods.eks",
];

/// What is wrong with a principal.
pub(super) enum Wrong {
    Form,
    Absent,
}

pub(super) fn principal(party: &Party, state: &State) -> Result<(), Wrong> {
    let there = |is: bool| if is { Ok(()) } else { Err(Wrong::Absent) };
    match party {
        Party::Everyone => Ok(()),
        Party::Aws(account) if is_account_id(account) => Ok(()),
        Party::Aws(name) => {
            let arn = arn(name, state)?;
            let own = arn.account == state.account;
            let mut path = arn.resource.split('/');
            match (arn.service.as_str(), path.next(), path.next(), path.next()) {
                ("iam", Some("root"), None, None) => Ok(()),
                // Of other accounts nothing is known here.
                ("iam", Some("user" | "role"), Some(_), _)
                | ("sts", Some("assumed-role"), Some(_), Some(_))
                    if !own =>
                {
                    Ok(())
                }
                ("iam", Some("user"), Some(_), _) => {
                    there(state.users.values().any(|user| user.identity.arn == *name))
                }
                ("iam", Some("role"), Some(_), _) => {
                    there(state.roles.values().any(|role| role.identity.arn == *name))
                }
                ("sts", Some("assumed-role"), Some(role), Some(_)) => {
                    there(state.roles.values().any(|r| r.identity.name == role))
                }
                _ => Err(Wrong::Form),
            }
        }
        Party::Federated(name) if KNOWN_DOMAINS.contains(&name.as_str()) => Ok(()),
        Party::Federated(name) => {
            let arn = arn(name, state)?;
            let is_provider = ["oidc-provider/", "saml-provider/"]
                .iter()
                .any(|kind| arn.resource.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
            if arn.service != "iam" || !is_provider {
                return Err(Wrong::Form);
            }
            // Sources conflict on whether IAM looks for the provider. Without it the role could not be assumed, nor with
            // one of another account (re:Post `iam-oidc-idp-federation`): the strict reading.
            there(state.providers.contains_key(name))
        }
        Party::Service(name) => {
            let suffix = [".amazonaws.com", ".amazonaws.com.cn"];
            let service = suffix.iter().find_map(|suffix| name.strip_suffix(suffix));
            there(service.is_some_and(|service| SERVICES.contains(&service)))
        }
        Party::Canonical(_) => Err(Wrong::Form),
    }
}

/// An ARN of the account's partition, without region, of an account, to the letter. A text with `${…}` still in it is
/// none.
fn arn(text: &str, state: &State) -> Result<Arn, Wrong> {
    let strange =
        |c: char| c.is_whitespace() || matches!(c, '*' | '?' | '$' | '{' | '}' | '<' | '>');
    Arn::parse(text)
        .ok()
        .filter(|arn| arn.partition.id() == state.partition() && arn.region.is_empty())
        .filter(|arn| is_account_id(&arn.account) && !text.contains(strange))
        .ok_or(Wrong::Form)
}

pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
