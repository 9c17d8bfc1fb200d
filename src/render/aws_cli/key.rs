//! Making an access key by a script: its secret goes from the answer to its place, through the shell's own memory, past
//! the terminal, every list of processes and every file but the one that was chosen.

use super::command;
use crate::domain::custody::{Custody, KEY_ANNOTATION, MANAGED_BY, SECRET_KEYS, SecretPlace};
use crate::domain::operation::Operation;
use crate::domain::plan::{Plan, Planned, Standing, StepId};
use crate::render::shell::quote;

/// The command, and where the secret goes.
pub(super) fn command_with_custody(
    operation: &Operation,
    user: &str,
    custody: &Custody,
    plan: &Plan,
) -> String {
    let (open, take, clear) = match custody {
        Custody::Show => return command(operation),
        Custody::File(path) => in_file(&quote(&path.display().to_string())),
        Custody::Kubernetes(place) => in_secret(place, is_replaced(plan)),
    };
    let made = command(operation);
    let user = quote(user);
    // A shell of its own: pasted by hand it stops at the first failure as well, and what it knew is gone at its end. The
    // trace of `sh -x` would show the secret.
    format!(
        "(\n  set -eu +x\n  {open}\n  \
         {made} --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text | {{\n    \
         id='' secret=''\n    read -r id secret || :\n    \
         [ -n \"$secret\" ] && {take} || {{\n      \
         # Not delivered: nobody would have its secret.\n      \
         [ -z \"$id\" ] || aws iam delete-access-key --user-name={user} --access-key-id \"$id\"\n      \
         {clear}exit 1\n    }}\n  }}\n)"
    )
}

/// What is done before there is a key, what takes it, and what is cleared away where that fails. `printf` is the shell's
/// own and no process, and a pipe is no file: a here-document is one in some shells.
type Place = (String, String, String);

fn in_file(file: &str) -> Place {
    (
        format!("(umask 077; set -C; : > {file})"),
        format!(
            "printf 'AWS_ACCESS_KEY_ID=%s\\nAWS_SECRET_ACCESS_KEY=%s\\n' \"$id\" \"$secret\" >> {file}"
        ),
        format!("rm -f -- {file}\n      "),
    )
}

fn in_secret(place: &SecretPlace, is_replaced: bool) -> Place {
    let context = place.context.as_deref().map(|name| format!(" --context={}", quote(name)));
    let verb = if is_replaced { "replace" } else { "create" };
    let kubectl = format!("kubectl{} {verb}", context.unwrap_or_default());
    let format = quote(&format!("{}\\n", manifest(place)));
    (
        format!(
            "printf {format} made-up made-up made-up |\n    {kubectl} --dry-run=server -o name -f -"
        ),
        format!("printf {format} \"$id\" \"$id\" \"$secret\" |\n      {kubectl} -o name -f -"),
        String::new(),
    )
}

/// Whether the plan found a Secret of this program's there.
fn is_replaced(plan: &Plan) -> bool {
    let is_custody = |step: &&Planned| step.id == StepId::Custody;
    plan.steps.iter().find(is_custody).is_some_and(|step| step.standing == Standing::Change)
}

/// The Secret as JSON on one line, as a format of `printf`: the key's id twice, then its secret. Neither holds anything
/// that JSON would write otherwise.
fn manifest(place: &SecretPlace) -> String {
    let [id_field, secret_field] = SECRET_KEYS;
    let (label, owner) = MANAGED_BY;
    let SecretPlace { namespace, name, .. } = place;
    format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"Opaque\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{namespace}\",\
         \"labels\":{{\"{label}\":\"{owner}\"}},\"annotations\":{{\"{KEY_ANNOTATION}\":\"%s\"}}}},\
         \"stringData\":{{\"{id_field}\":\"%s\",\"{secret_field}\":\"%s\"}}}}"
    )
}
