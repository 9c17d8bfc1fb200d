//! What IAM and ECR take as a policy document, and their words for what they do not take.
//!
//! The words are **reported** by the public issue or the tool's tests named beside them, or **inferred** from such a
//! one; AWS publishes the grammar (`reference_policies_grammar`), not its sentences. IAM takes a few things that this
//! refuses, for what they would mean is not written anywhere: empty lists of values in conditions, values that do not
//! suit their operator, condition keys without a colon.

mod principal;
mod resource;
#[cfg(test)]
mod tests;
mod trust;

use self::principal::{Wrong, principal};
use self::resource::resource;
use super::refusal::Refusal;
use super::state::State;
use crate::domain::evaluate::{CURRENT, Party, Policy, Unsound};
use crate::domain::policy::{Document, Unreadable};

/// Reported: moto's cases of refused documents, taken from AWS.
const SYNTAX: &str = "Syntax errors in policy.";
/// Reported: the same.
const LEGACY: &str = "The policy failed legacy parsing";
/// Reported: moto's cases.
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

/// A trust policy of a role of this account: `CreateRole`, `UpdateAssumeRolePolicy`.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(super) fn trust(text: &str, state: &State) -> Result<(), Refusal> {
    trust::check(text, state).map_err(malformed)
}

/// A policy of an identity, inline or managed, and a session policy.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(super) fn identity(text: &str) -> Result<(), Refusal> {
    check_identity(text).map_err(malformed)
}

/// A policy of a repository.
///
/// # Errors
/// `InvalidParameterException`. ECR has one sentence for nearly all (reported: terraform-aws-modules/terraform-aws-ecr#19;
/// for `Resource`: awsdocs/amazon-ecr-user-guide#20; for principals not there: hashicorp/terraform-provider-aws#39064).
pub(super) fn repository(text: &str, state: &State) -> Result<(), Refusal> {
    let invalid = |why: &str| {
        let message =
            format!("Invalid parameter at 'PolicyText' failed to satisfy constraint: '{why}'");
        Refusal::new("InvalidParameterException", message)
    };
    let policy =
        check_repository(text).map_err(|_| invalid("Invalid repository policy provided"))?;
    for party in parties(&policy) {
        principal(party, state).map_err(|wrong| {
            invalid(match wrong {
                Wrong::Form => "Invalid repository policy provided",
                Wrong::Absent => "Principal not found",
            })
        })?;
    }
    Ok(())
}

/// The size of a document as the quotas count it: white space between its parts is left out (IAM quotas). That within
/// strings counts here, the strict reading.
pub(super) fn size(text: &str) -> usize {
    let (mut within, mut escaped) = (false, false);
    text.chars()
        .filter(|&c| {
            let counts = within || !c.is_whitespace();
            within ^= c == '"' && !escaped;
            escaped = within && c == '\\' && !escaped;
            counts
        })
        .count()
}

fn malformed(message: String) -> Refusal {
    Refusal::new("MalformedPolicyDocument", message)
}

/// The document, or `otherwise` where it is no JSON.
fn parse(text: &str, otherwise: &str) -> Result<Document, String> {
    // Reported: hashicorp/terraform-provider-aws and console users alike.
    if text.starts_with(char::is_whitespace) {
        return Err("JSON strings must not have leading spaces".to_owned());
    }
    // The model's pattern; what else a text may hold is the caller's to check. Inferred.
    let strange = |c: char| !matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
    if text.contains(strange) {
        return Err(otherwise.to_owned());
    }
    let document = Document::parse(text).map_err(|e| match e {
        Unreadable::Json { .. } => otherwise.to_owned(),
        Unreadable::Shape(_) => SYNTAX.to_owned(),
    })?;
    // Not in the grammar; the Access Analyzer calls it an error ("Unique Sids", "Duplicate keys"). Inferred.
    if document.duplicates.is_empty() { Ok(document) } else { Err(SYNTAX.to_owned()) }
}

fn parties(policy: &Policy) -> impl Iterator<Item = &Party> {
    policy.statements.iter().filter_map(|s| s.principal.as_ref()).flat_map(|p| &p.parties)
}

/// The order of complaints is moto's, whose cases were taken from AWS: syntax, version, values, Sids, actions, resources,
/// their form, vendors.
fn check_identity(text: &str) -> Result<(), String> {
    let document = parse(text, SYNTAX)?;
    let policy = Policy::read(&document);
    let late = match &policy {
        Ok(_) => None,
        Err(Unsound::Missing("Action")) => Some("Policy statement must contain actions."),
        Err(Unsound::Empty(at)) if at == "Action" || at == "NotAction" => {
            Some("Policy statement must contain actions.")
        }
        Err(Unsound::Empty(at)) if at == "Resource" || at == "NotResource" => {
            Some("Policy statement must contain resources.")
        }
        Err(Unsound::Operand { .. }) => Some(LEGACY),
        Err(Unsound::Effect(e)) if ["allow", "deny"].contains(&e.to_lowercase().as_str()) => {
            Some(LEGACY)
        }
        Err(_) => return Err(SYNTAX.to_owned()),
    };
    if document.version() != CURRENT {
        return Err("Policy document must be version 2012-10-17 or greater.".to_owned());
    }
    let policy = policy.map_err(|_| late.unwrap_or(SYNTAX))?;
    if policy.statements.iter().any(|s| s.principal.is_some()) {
        // Reported: hashicorp/terraform#13449, hashicorp/terraform-provider-aws#10419.
        return Err("Policy document should not specify a principal.".to_owned());
    }
    unique_sids(&policy, "Statement IDs (SID) in a single policy must be unique.")?;
    for statement in &policy.statements {
        let Some(resources) = &statement.resources else {
            return Err("Policy statement must contain resources.".to_owned());
        };
        resources.patterns.iter().try_for_each(|r| resource(r))?;
    }
    actions(&policy)?;
    keys(&policy)
}

fn check_repository(text: &str) -> Result<Policy, String> {
    let document = parse(text, SYNTAX)?;
    let policy = Policy::read(&document).map_err(|unsound| unsound.to_string())?;
    if policy.statements.iter().any(|s| s.resources.is_some() || s.principal.is_none()) {
        return Err(SYNTAX.to_owned());
    }
    actions(&policy)?;
    keys(&policy)?;
    Ok(policy)
}

fn unique_sids(policy: &Policy, otherwise: &str) -> Result<(), String> {
    let mut sids: Vec<&String> =
        policy.statements.iter().filter_map(|s| s.sid.as_ref()).filter(|s| !s.is_empty()).collect();
    let all = sids.len();
    sids.sort();
    sids.dedup();
    if sids.len() == all { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// `*`, or `vendor:Action`.
fn actions(policy: &Policy) -> Result<(), String> {
    for action in policy.statements.iter().flat_map(|s| &s.actions.patterns) {
        if action == "*" {
            continue;
        }
        let Some((vendor, rest)) = action.split_once(':') else {
            return Err(VENDOR.to_owned());
        };
        if rest.contains(':') {
            // Reported: aws-cloudformation/cfn-lint#935.
            return Err("Actions/Condition can contain only one colon.".to_owned());
        }
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if vendor != "*" && (vendor.is_empty() || !vendor.chars().all(good)) {
            return Err(format!("Vendor {vendor} is not valid"));
        }
    }
    Ok(())
}

/// Condition keys have one colon, but for what follows the slash of a tag's key, which may have its own.
fn keys(policy: &Policy) -> Result<(), String> {
    for key in policy.statements.iter().flat_map(|s| &s.conditions).map(|c| &c.key) {
        let name = match key.split_once('/') {
            Some((head, _)) if head.ends_with("Tag") => head,
            _ => key,
        };
        match name.matches(':').count() {
            0 => return Err(VENDOR.to_owned()),
            1 => {}
            // Reported: terraform-aws-modules/terraform-aws-eks#1084, for keys that begin with `https://`.
            _ => return Err("Condition can contain only one colon.".to_owned()),
        }
    }
    Ok(())
}
