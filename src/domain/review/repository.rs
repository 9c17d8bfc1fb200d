//! The policies of repositories, as far as they matter to a role.
//!
//! Within one account a repository's policy that names the role suffices; in another account both sides must allow, and one
//! that names the whole account leaves it to that account's policies (ECR user guide, `repository-policies`; IAM user guide,
//! `reference_policies_evaluation-logic`). `ecr:GetAuthorizationToken` no repository can grant.

use super::account::RepositoryEntry;
use crate::domain::arn::{Arn, RoleArn};
use crate::domain::evaluate::{Asker, Context, Named, Outcome, Policy, Request};
use crate::domain::policy::Document;

/// What a pull takes of a repository.
const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
/// What a push ends with.
const PUSH: [&str; 1] = ["ecr:PutImage"];

/// A repository whose policy matters to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// The repository's ARN.
    pub arn: String,
    /// What its policy does, in a few words.
    pub words: String,
}

/// What a policy says to something that takes several actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Denied,
    Allowed(Named),
    Silent,
}

/// The repositories whose policies matter to this role, in their order.
#[must_use]
pub fn matters(entries: &[RepositoryEntry], role: &RoleArn) -> Vec<Matter> {
    let matter = |entry: &RepositoryEntry| {
        let words = match &entry.policy {
            Ok(None) => None,
            Ok(Some(text)) => words(text, &entry.arn, role),
            Err(fault) => Some(format!("its policy could not be read: {fault}")),
        };
        Some(Matter { arn: entry.arn.clone(), words: words? })
    };
    entries.iter().filter_map(matter).collect()
}

/// Whether the policy of a repository lets this role pull: by its name, or by that of its account.
#[must_use]
pub fn lets_pull(text: &str, repository: &str, role: &RoleArn) -> bool {
    read(text)
        .is_some_and(|policy| matches!(said(&policy, &PULL, repository, role), Said::Allowed(_)))
}

fn words(text: &str, repository: &str, role: &RoleArn) -> Option<String> {
    let Some(policy) = read(text) else {
        return Some("its policy cannot be understood".to_owned());
    };
    let is_elsewhere = account(repository) != account(role.as_str());
    let grant = |verb: &str, actions: &[&str]| match said(&policy, actions, repository, role) {
        Said::Denied => Some(format!("denies the {verb}, whatever else allows it")),
        Said::Allowed(Named::Everyone) => {
            Some(format!("lets anybody {verb} who has a login of AWS"))
        }
        // The account's own policies decide, as they would without this one.
        Said::Allowed(Named::Account) if !is_elsewhere => None,
        Said::Allowed(_) if is_elsewhere => Some(format!("lets it {verb}, if its own policies do")),
        Said::Allowed(_) => Some(format!("lets it {verb}, whatever its own policies say")),
        Said::Silent => None,
    };
    let said: Vec<String> =
        [grant("pull", &PULL), grant("push", &PUSH)].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn read(text: &str) -> Option<Policy> {
    Policy::read_last(&Document::parse(text).ok()?).ok()
}

/// What a policy says to a session of the role that needs all of these. Of what it depends on nothing is known: conditions
/// are taken as not met.
fn said(policy: &Policy, actions: &[&str], repository: &str, role: &RoleArn) -> Said {
    let asker = Asker::Session { role: role.as_str().to_owned(), session: session(role) };
    let context = Context::default();
    let mut weakest = Named::Session;
    for action in actions {
        let request = Request { asker: &asker, action, resource: repository, context: &context };
        let judged = policy.judge(&request);
        match judged.outcome {
            Outcome::Denied => return Said::Denied,
            Outcome::Silent => return Said::Silent,
            Outcome::Allowed => {
                let matching = judged.statements.iter().filter(|verdict| verdict.is_match());
                weakest =
                    weakest.min(matching.filter_map(|v| v.principal).max().unwrap_or(weakest));
            }
        }
    }
    Said::Allowed(weakest)
}

/// A session of a role: `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`, in which the path is left out.
fn session(role: &RoleArn) -> String {
    let text = role.as_str();
    let name = text.rsplit('/').next().unwrap_or_default();
    match Arn::parse(text) {
        Ok(Arn { partition, account, .. }) => {
            format!("arn:{partition}:sts::{account}:assumed-role/{name}/okteto")
        }
        Err(_) => String::new(),
    }
}

fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const REPOSITORY: &str = "arn:aws:ecr:us-east-2:112233445566:repository/team/app";
    const ELSEWHERE: &str = "arn:aws:ecr:us-east-2:998877665544:repository/team/app";
    const ROLE: &str = "arn:aws:iam::112233445566:role/okteto/pull";

    fn said(repository: &str, effect: &str, principal: &Value, actions: &Value) -> Option<String> {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": effect, "Principal": principal, "Action": actions}
        ]});
        let entry =
            RepositoryEntry { arn: repository.to_owned(), policy: Ok(Some(policy.to_string())) };
        matters(&[entry], &RoleArn::parse(ROLE).unwrap()).pop().map(|matter| matter.words)
    }

    #[test]
    fn what_names_the_role_matters_and_what_names_its_own_account_does_not() {
        let (role, root) = (json!({"AWS": ROLE}), json!({"AWS": "arn:aws:iam::112233445566:root"}));
        let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
        let lets = said(REPOSITORY, "Allow", &role, &pull).unwrap();
        assert_eq!(lets, "lets it pull, whatever its own policies say");
        assert_eq!(said(REPOSITORY, "Allow", &root, &pull), None);
        assert_eq!(
            said(ELSEWHERE, "Allow", &root, &pull).unwrap(),
            "lets it pull, if its own policies do"
        );
        assert_eq!(said(REPOSITORY, "Allow", &role, &json!("ecr:BatchGetImage")), None);
        let anyone = said(REPOSITORY, "Allow", &json!("*"), &json!("ecr:*")).unwrap();
        assert_eq!(
            anyone,
            "lets anybody pull who has a login of AWS; lets anybody push who has a login of AWS"
        );
        let denies = said(REPOSITORY, "Deny", &role, &json!("ecr:*")).unwrap();
        assert!(denies.starts_with("denies the pull"), "{denies}");
    }

    #[test]
    fn what_has_no_policy_does_not_matter_and_what_cannot_be_understood_is_told() {
        let entry = |policy| RepositoryEntry { arn: REPOSITORY.to_owned(), policy };
        let role = RoleArn::parse(ROLE).unwrap();
        assert!(matters(&[entry(Ok(None))], &role).is_empty());
        let odd = matters(&[entry(Ok(Some("{".to_owned())))], &role);
        assert_eq!(odd[0].words, "its policy cannot be understood");
    }
}
