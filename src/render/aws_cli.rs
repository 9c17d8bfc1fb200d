//! The `aws` commands that do the same: POSIX shell, every value quoted, documents inline.
//!
//! No command names a region or a partition: IAM is found by the login, and ARNs carry their partition.

use serde_json::Value;

use super::shell::quote;
use crate::domain::arn::RoleArn;
use crate::domain::intent::Intent;
use crate::domain::operation::Operation;
use crate::domain::plan::{Plan, Planned, Standing};

/// The command that sends the same request. One word after another; a document's lines stay as they are.
#[must_use]
pub fn command(operation: &Operation) -> String {
    let request = operation.request();
    let name = subcommand(operation);
    let entries = request.as_object().into_iter().flatten();
    let arguments: Option<Vec<String>> = entries
        .map(|(key, value)| Some(format!("{} {}", option(key), argument(key, value)?)))
        .collect();
    match arguments {
        Some(list) => format!("aws iam {name} {}", list.join(" ")),
        // Some values the CLI would not take to the letter as an option's.
        None => format!("aws iam {name} --cli-input-json {}", quote(&request.to_string())),
    }
}

/// The whole plan as a POSIX script; stops at the first failure and before a wrong account.
#[must_use]
pub fn script(plan: &Plan) -> String {
    let account = quote(plan.intent.account.as_str());
    let head = format!(
        "#!/bin/sh\n# {} in account {account}, for {}\nset -eu\n\
         # Without this the CLI would stop to show each answer in a pager.\n\
         export AWS_PAGER=''\n\n\
         [ \"$(aws sts get-caller-identity --query Account --output text)\" = {account} ] || {{\n    \
         echo 'this login is of another account than '{account} >&2\n    exit 1\n}}\n",
        plan.intent.role, plan.intent.host
    );
    let steps = plan.steps.iter().map(|step| match &step.operation {
        Some(operation) => format!("\n# {}\n{}\n", step.summary, command(operation)),
        None => format!("\n# {}: {}\n", step.summary, step.standing.word()),
    });
    std::iter::once(head).chain(steps).collect()
}

/// The command that takes a step back, where the step made something new. What a step changed has no such command:
/// the plan's difference says what was there.
#[must_use]
pub fn undo(step: &Planned, intent: &Intent, role: &RoleArn) -> Option<String> {
    if step.standing != Standing::Needed {
        return None;
    }
    let name = role.as_str().rsplit('/').next().unwrap_or_default();
    let name = quote(name);
    Some(match step.operation.as_ref()? {
        Operation::CreateProvider { .. } => format!(
            "aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {}",
            quote(intent.provider_arn().as_str())
        ),
        Operation::AddAudience { provider, audience } => format!(
            "aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn {} --client-id {}",
            quote(provider.as_str()),
            quote(audience.as_str())
        ),
        Operation::CreateRole { .. } => format!("aws iam delete-role --role-name {name}"),
        Operation::AttachPolicy { policy, .. } => format!(
            "aws iam detach-role-policy --role-name {name} --policy-arn {}",
            quote(policy.as_str())
        ),
        Operation::PutInlinePolicy { name: policy, .. } => {
            format!("aws iam delete-role-policy --role-name {name} --policy-name {}", quote(policy))
        }
        _ => return None,
    })
}

const fn subcommand(operation: &Operation) -> &'static str {
    match operation {
        Operation::CreateProvider { .. } => "create-open-id-connect-provider",
        Operation::AddAudience { .. } => "add-client-id-to-open-id-connect-provider",
        Operation::CreateRole { .. } => "create-role",
        Operation::UpdateTrust { .. } => "update-assume-role-policy",
        Operation::AttachPolicy { .. } => "attach-role-policy",
        Operation::PutInlinePolicy { .. } => "put-role-policy",
        Operation::PutBoundary { .. } => "put-role-permissions-boundary",
        Operation::UpdateRole { .. } => "update-role",
        Operation::TagRole { .. } => "tag-role",
    }
}

/// The option of a request's key: words joined by hyphens, as the CLI derives them.
fn option(key: &str) -> String {
    match key {
        "ClientIDList" => "--client-id-list".to_owned(),
        "ClientID" => "--client-id".to_owned(),
        "OpenIDConnectProviderArn" => "--open-id-connect-provider-arn".to_owned(),
        key => key.chars().fold("-".to_owned(), |mut option, c| {
            if c.is_ascii_uppercase() {
                option.push('-');
            }
            option.push(c.to_ascii_lowercase());
            option
        }),
    }
}

/// The value as one word, or `None` where the CLI would read it otherwise: as an option, or as the place of the value.
fn argument(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.starts_with('-') || is_place(key, text) => None,
        Value::String(text) => Some(quote(text)),
        // Lists go as JSON, which keeps every value to the letter.
        other => Some(quote(&other.to_string())),
    }
}

/// A file, which every version reads, or a URL, which version 1 of the CLI fetches (`cli_follow_urlparam`) but for
/// options that are URLs by nature.
fn is_place(key: &str, text: &str) -> bool {
    let is = |schemes: &[&str]| schemes.iter().any(|scheme| text.starts_with(scheme));
    is(&["file://", "fileb://"]) || key != "Url" && is(&["http://", "https://"])
}

#[cfg(test)]
mod tests;
