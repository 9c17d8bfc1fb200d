//! The `aws` commands that do the same: POSIX shell, every value quoted, documents inline.
//!
//! No command names a region or a partition: IAM is found by the login, and ARNs carry their partition.

pub mod api;
mod key;

use serde_json::Map;

use super::shell::quote;
use crate::domain::intent::Intent;
use crate::domain::operation::Operation;
use crate::domain::plan::{Plan, Planned, Standing};

/// The command that sends the same request. One word after another; a document's lines stay as they are.
#[must_use]
pub fn command(operation: &Operation) -> String {
    let nothing = Map::new();
    let request = operation.request();
    let (service, action) = operation.call().split_once(':').unwrap_or_default();
    api::line(service, action, request.as_object().unwrap_or(&nothing))
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

#[cfg(test)]
mod tests;
