//! Trust policies: who may take on a role.

use serde_json::Value;

use super::principal::{Wrong, principal};
use super::{LEGACY, SYNTAX, keys, parse, parties, unique_sids};
use crate::domain::evaluate::{Condition, Effect, Party, Policy, Statement, Unsound};
use crate::domain::issuer::SHARED;
use crate::domain::policy::Document;
use crate::practice::account::state::State;

/// Reported: terraform-aws-modules/terraform-aws-eks#2594, terraform-aws-iam#202 (wrong partition, mistyped ARN).
const FEDERATED: &str = "Federated principals must be valid domain names or SAML metadata ARNs";
/// What a trust policy may allow (STS API reference). `*` is no such action, `sts:*` is (reported: versitygw's tests,
/// made after AWS's answers).
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

pub(super) fn check(text: &str, state: &State) -> Result<(), String> {
    // Reported: localstack#8453, versitygw's tests.
    let document = parse(text, "This policy contains invalid Json")?;
    for statement in raw(&document) {
        if let Some(wrong) = trust_elements(statement) {
            return Err(wrong.to_owned());
        }
    }
    let policy = Policy::read(&document).map_err(|unsound| match unsound {
        // Reported: versitygw's tests.
        Unsound::Effect(effect) => format!("Invalid effect: {effect}"),
        Unsound::Version(_) => "The policy must contain a valid version string".to_owned(),
        // Reported: aws-samples/github-actions-oidc-cdk-construct#5.
        Unsound::Operator(name) => format!("Invalid Condition type : {name}"),
        Unsound::Operand { .. } => LEGACY.to_owned(),
        _ => SYNTAX.to_owned(),
    })?;
    // Reported: versitygw's tests.
    unique_sids(&policy, "The Statement Ids in the policy are not unique")?;
    // Before the principals: the request of terraform-aws-modules/terraform-aws-eks#1084 has a doubtful one too.
    keys(&policy)?;
    for statement in &policy.statements {
        let known = |a: &String| {
            TRUST_ACTIONS.contains(&a.as_str()) || (a.starts_with("sts:") && a.contains(['*', '?']))
        };
        if !statement.actions.patterns.iter().all(known) {
            // Reported: several public issues and versitygw's tests.
            return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
        }
    }
    for party in parties(&policy) {
        principal(party, state).map_err(|wrong| match (party, wrong) {
            (Party::Federated(_), Wrong::Form) => FEDERATED.to_owned(),
            // Reported for AWS: hashicorp/terraform-provider-aws#12436; for SERVICE: hashicorp/terraform#35086.
            // Inferred for FEDERATED.
            (Party::Federated(name), Wrong::Absent) => invalid_principal("FEDERATED", name),
            (Party::Service(name), _) => invalid_principal("SERVICE", name),
            (Party::Aws(name), _) => invalid_principal("AWS", name),
            (Party::Canonical(name), _) => invalid_principal("CANONICALUSER", name),
            (Party::Everyone, _) => invalid_principal("AWS", "*"),
        })?;
    }
    policy.statements.iter().try_for_each(shared)
}

fn invalid_principal(kind: &str, name: &str) -> String {
    format!("Invalid principal in policy: \"{kind}\":\"{name}\"")
}

/// What is amiss with the elements of a trust policy's statement, in the order in which IAM is seen to complain: a
/// permission policy given by mistake is told of its `Resource`, not of the missing principal
/// (kubernetes-sigs/external-dns#3085).
fn trust_elements(statement: &Value) -> Option<&'static str> {
    let has = |element: &str| statement.get(element).is_some();
    // All reported (versitygw's tests and the issues named in this file).
    Some(match statement.get("Principal") {
        _ if has("Resource") => "Has prohibited field Resource",
        _ if has("NotResource") => "AssumeRole policy must not contain resources.",
        _ if !has("Effect") => "Missing required field Effect",
        _ if has("NotPrincipal") && statement.get("Effect").is_some_and(|e| e == "Allow") => {
            "Allow with NotPrincipal is not allowed."
        }
        _ if has("NotPrincipal") => "AssumeRole policy must not contain NotPrincipal field.",
        None => "Missing required field Principal",
        // `"Principal": "*"` is not supported in trust policies (access-analyzer-reference-policy-checks).
        Some(Value::String(_)) => "Principal must be a JSON object.",
        Some(Value::Object(kinds)) if kinds.is_empty() || kinds.values().all(is_empty) => {
            "Missing required field Principal cannot be empty!"
        }
        _ if !has("Action") && !has("NotAction") => "Missing required field Action",
        _ => return None,
    })
}

fn is_empty(value: &Value) -> bool {
    value == "" || value.as_array().is_some_and(Vec::is_empty)
}

/// A shared issuer's tenant must be tested by a positive operator on strings, by more than wildcards. The page says that
/// IAM refuses, and does not show the words: inferred.
fn shared(statement: &Statement) -> Result<(), String> {
    let tests = |key: &str| {
        statement.conditions.iter().any(|Condition { operator, key: k, wanted }| {
            let name = operator.written.as_str();
            let name = name.strip_prefix("ForAnyValue:").unwrap_or(name);
            ["StringEquals", "StringEqualsIgnoreCase", "StringLike"].contains(&name)
                && k.eq_ignore_ascii_case(key)
                && wanted.iter().all(|w| w.contains(|c| !matches!(c, '*' | '?')))
        })
    };
    for party in statement.principal.iter().flat_map(|principals| &principals.parties) {
        let Party::Federated(name) = party else { continue };
        let issuer = name.split_once(":oidc-provider/").map_or(name.as_str(), |(_, issuer)| issuer);
        let claim = SHARED.iter().find(|(shared, _)| *shared == issuer).map(|(_, claim)| *claim);
        if let Some(claim) = claim.filter(|_| statement.effect == Effect::Allow)
            && !tests(&format!("{issuer}:{claim}"))
        {
            return Err(format!(
                "The trust policy must evaluate {issuer}:{claim} for the shared identity provider {issuer}."
            ));
        }
    }
    Ok(())
}

fn raw(document: &Document) -> &[Value] {
    match document.value.get("Statement") {
        Some(Value::Array(list)) => list,
        one => one.map_or(&[], std::slice::from_ref),
    }
}
