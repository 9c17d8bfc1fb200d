//! The policies of repositories, as far as they matter to a role.
//!
//! Within one account a repository's policy that names the role suffices; in another account both sides must allow, and one
//! that names the whole account leaves it to that account's policies (ECR user guide, `repository-policies`; IAM user guide,
//! `reference_policies_evaluation-logic`). `ecr:GetAuthorizationToken` no repository can grant.

use std::collections::BTreeMap;

use super::account::RepositoryEntry;
use super::found;
use super::rights::{Act, Known, settle};
use crate::domain::arn::RoleArn;
use crate::domain::evaluate::{Named, Outcome, Policy, Request};
use crate::domain::policy::Document;

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

/// Whether the policy of a repository lets a role pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    /// It does, by the role's name, by that of its account, or as anyone.
    Yes,
    /// It does not, whatever the request is.
    No,
    /// Conditions decide that were not judged, or it cannot be understood.
    Depends,
}

/// What a policy says to something that takes several actions: at its best, at its worst, and how it means the role where it
/// allows. Of what the request decides nothing is known ([`settle`]).
struct Said {
    best: Outcome,
    worst: Outcome,
    named: Named,
}

/// The repositories whose policies matter to this role, in their order.
#[must_use]
pub fn matters(entries: &[RepositoryEntry], role: &RoleArn) -> Vec<Matter> {
    let matter = |entry: &RepositoryEntry| {
        let words = match &entry.policy {
            Ok(None) => None,
            Ok(Some(text)) => words(text, &entry.arn, role),
            Err(fault) => Some(format!("its policy could not be read ({})", found::why(fault))),
        };
        Some(Matter { arn: entry.arn.clone(), words: words? })
    };
    entries.iter().filter_map(matter).collect()
}

/// Whether the policy of a repository lets this role pull.
#[must_use]
pub fn admits(text: &str, repository: &str, role: &RoleArn) -> Admits {
    let Some(policy) = read(text) else { return Admits::Depends };
    let said = said(&policy, Act::Pull.actions(), repository, role);
    match (said.best, said.worst) {
        (_, Outcome::Allowed) => Admits::Yes,
        (Outcome::Allowed, _) => Admits::Depends,
        _ => Admits::No,
    }
}

fn words(text: &str, repository: &str, role: &RoleArn) -> Option<String> {
    let Some(policy) = read(text) else {
        return Some("its policy cannot be understood".to_owned());
    };
    let is_elsewhere = account(repository) != account(role.as_str());
    let grant = |verb: &str, actions: &[&str]| {
        let Said { best, worst, named } = said(&policy, actions, repository, role);
        match (best, worst, named) {
            (Outcome::Denied, ..) => Some(format!("denies the {verb}, whatever else allows it")),
            (_, Outcome::Denied, _) => {
                Some(format!("may deny the {verb}, by conditions that were not judged"))
            }
            (Outcome::Silent, ..) => None,
            // The account's own policies decide, as they would without this one.
            (.., Named::Account) if !is_elsewhere => None,
            (_, Outcome::Silent, _) => {
                Some(format!("may let it {verb}, by conditions that were not judged"))
            }
            (.., Named::Everyone) => Some(format!("lets anybody {verb} who has a login of AWS")),
            _ if is_elsewhere => Some(format!("lets it {verb}, if its own policies do")),
            _ => Some(format!("lets it {verb}, whatever its own policies say")),
        }
    };
    let said: Vec<String> =
        [grant("pull", Act::Pull.actions()), grant("push", &PUSH)].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn read(text: &str) -> Option<Policy> {
    Policy::read_last(&Document::parse(text).ok()?).ok()
}

/// What a policy says to a session of the role that needs all of these.
fn said(policy: &Policy, actions: &[&str], repository: &str, role: &RoleArn) -> Said {
    let known = Known::of(role.as_str(), &BTreeMap::new());
    let (best, worst) = (settle(policy, &known, true), settle(policy, &known, false));
    let mut named = Named::Session;
    let mut of = |policy: &Policy| {
        let mut outcomes = Vec::new();
        for action in actions {
            let (asker, context) = (&known.asker, &known.context);
            let judged = policy.judge(&Request { asker, action, resource: repository, context });
            let matching = judged.statements.iter().filter(|verdict| verdict.is_match());
            named = named.min(matching.filter_map(|v| v.principal).max().unwrap_or(named));
            outcomes.push(judged.outcome);
        }
        // All are needed, so that the worst of them counts.
        let first = [Outcome::Denied, Outcome::Silent].into_iter().find(|o| outcomes.contains(o));
        first.unwrap_or(Outcome::Allowed)
    };
    let (best, worst) = (of(&best), of(&worst));
    Said { best, worst, named }
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
    fn what_conditions_decide_is_not_taken_for_granted() {
        let admits_with = |effect: &str, condition: &Value| {
            let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
            let allow = json!({"Effect": "Allow", "Principal": "*", "Action": pull});
            let one = json!({
                "Effect": effect, "Principal": "*", "Action": "ecr:*", "Condition": condition,
            });
            let all = if effect == "Allow" { json!([one]) } else { json!([allow, one]) };
            let policy = json!({"Version": "2012-10-17", "Statement": all}).to_string();
            admits(&policy, ELSEWHERE, &RoleArn::parse(ROLE).unwrap())
        };
        let org = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
        let not = json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}});
        let own = json!({"StringEquals": {"aws:PrincipalAccount": "112233445566"}});
        let other = json!({"ArnEquals": {"aws:PrincipalArn": format!("{ROLE}x")}});
        for (effect, condition, wanted) in [
            ("Allow", &json!({}), Admits::Yes),
            ("Allow", &org, Admits::Depends),
            ("Allow", &not, Admits::Depends),
            ("Allow", &own, Admits::Yes),
            ("Allow", &other, Admits::No),
            ("Deny", &json!({}), Admits::No),
            ("Deny", &org, Admits::Depends),
            ("Deny", &not, Admits::Depends),
            ("Deny", &own, Admits::No),
            ("Deny", &other, Admits::Yes),
        ] {
            assert_eq!(admits_with(effect, condition), wanted, "{effect} {condition}");
        }
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
