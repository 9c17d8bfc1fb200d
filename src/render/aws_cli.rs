//! The `aws` commands that do the same: POSIX shell, every value quoted, documents inline.
//!
//! No command names a region or a partition: IAM is found by the login, and ARNs carry their partition.

mod key;

use serde_json::Value;

use super::shell::quote;
use crate::domain::intent::Intent;
use crate::domain::operation::Operation;
use crate::domain::plan::{Plan, Planned, Standing};
use crate::domain::principal::Principal;

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

/// The command of a step. The one that makes a key also carries its secret to where it goes, so that the terminal never
/// shows it; where it goes nowhere, the terminal does.
#[must_use]
pub fn step(operation: &Operation, plan: &Plan) -> String {
    match (operation, &plan.intent) {
        (Operation::CreateAccessKey { user, .. }, Intent::IamUser(wish)) => {
            key::command_with_custody(operation, user, &wish.custody, plan)
        }
        _ => command(operation),
    }
}

/// The whole plan as a POSIX script; stops at the first failure and before a wrong account.
#[must_use]
pub fn script(plan: &Plan) -> String {
    let account = quote(plan.intent.account().as_str());
    let head = format!(
        "#!/bin/sh\n# {} in account {account}, for {}\nset -eu\n\
         # Without this the CLI would stop to show each answer in a pager.\n\
         export AWS_PAGER=''\n\n\
         [ \"$(aws sts get-caller-identity --query Account --output text)\" = {account} ] || {{\n    \
         echo 'this login is of another account than '{account} >&2\n    exit 1\n}}\n",
        plan.intent.principal(),
        plan.intent.host()
    );
    let steps = plan.steps.iter().map(|planned| match &planned.operation {
        Some(operation) => {
            format!("\n# {}\n{}\n", planned.summary, step(operation, plan))
        }
        None => format!("\n# {}: {}\n", planned.summary, planned.standing.word()),
    });
    std::iter::once(head).chain(steps).collect()
}

/// The command that takes a step back, where the step made something new. What a step changed has no such command:
/// the plan's difference says what was there. A key can be taken back only by its id, which AWS tells once it is made.
#[must_use]
pub fn undo(step: &Planned, intent: &Intent) -> Option<String> {
    if step.standing != Standing::Needed {
        return None;
    }
    let operation = step.operation.as_ref()?;
    if let Operation::CreateAccessKey { user, .. } = operation {
        let name = quote(user);
        return Some(format!(
            "aws iam delete-access-key --user-name {name} --access-key-id AKIA..."
        ));
    }
    operation.inverse(intent).as_ref().map(command)
}

const fn subcommand(operation: &Operation) -> &'static str {
    match operation {
        Operation::CreateProvider { .. } => "create-open-id-connect-provider",
        Operation::AddAudience { .. } => "add-client-id-to-open-id-connect-provider",
        Operation::CreateRole { .. } => "create-role",
        Operation::UpdateTrust { .. } => "update-assume-role-policy",
        Operation::CreateUser { .. } => "create-user",
        Operation::AttachPolicy { to: Principal::Role(_), .. } => "attach-role-policy",
        Operation::AttachPolicy { to: Principal::User(_), .. } => "attach-user-policy",
        Operation::PutInlinePolicy { on: Principal::Role(_), .. } => "put-role-policy",
        Operation::PutInlinePolicy { on: Principal::User(_), .. } => "put-user-policy",
        Operation::PutBoundary { on: Principal::Role(_), .. } => "put-role-permissions-boundary",
        Operation::PutBoundary { on: Principal::User(_), .. } => "put-user-permissions-boundary",
        Operation::UpdateRole { .. } => "update-role",
        Operation::Tag { on: Principal::Role(_), .. } => "tag-role",
        Operation::Tag { on: Principal::User(_), .. } => "tag-user",
        Operation::CreateAccessKey { .. } => "create-access-key",
        Operation::SetKeyStatus { .. } => "update-access-key",
        Operation::DeleteAccessKey { .. } => "delete-access-key",
        Operation::DeleteProvider { .. } => "delete-open-id-connect-provider",
        Operation::RemoveAudience { .. } => "remove-client-id-from-open-id-connect-provider",
        Operation::DeleteRole { .. } => "delete-role",
        Operation::DeleteUser { .. } => "delete-user",
        Operation::DetachPolicy { from: Principal::Role(_), .. } => "detach-role-policy",
        Operation::DetachPolicy { from: Principal::User(_), .. } => "detach-user-policy",
        Operation::DeleteInlinePolicy { on: Principal::Role(_), .. } => "delete-role-policy",
        Operation::DeleteInlinePolicy { on: Principal::User(_), .. } => "delete-user-policy",
        Operation::DeleteBoundary { on: Principal::Role(_) } => "delete-role-permissions-boundary",
        Operation::DeleteBoundary { on: Principal::User(_) } => "delete-user-permissions-boundary",
        Operation::Untag { on: Principal::Role(_), .. } => "untag-role",
        Operation::Untag { on: Principal::User(_), .. } => "untag-user",
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
