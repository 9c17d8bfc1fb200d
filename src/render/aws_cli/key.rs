//! Making an access key by a script: its secret goes from the answer to its place, through the shell's own memory, past
//! the terminal and every list of processes.

use super::command;
use crate::domain::custody::{Custody, KEY_ANNOTATION, MANAGED_BY, SECRET_KEYS, SecretPlace};
use crate::domain::operation::Operation;
use crate::render::shell::quote;

/// The command, and where the secret goes.
pub(super) fn command_with_custody(operation: &Operation, user: &str, custody: &Custody) -> String {
    let made = format!(
        "{} --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text",
        command(operation)
    );
    // What is not delivered is deleted: nobody would have the secret.
    let or_deleted = format!(
        "|| {{ aws iam delete-access-key --user-name {} --access-key-id \"$id\"; exit 1; }}",
        quote(user)
    );
    match custody {
        Custody::Show => command(operation),
        Custody::File(path) => {
            let file = quote(&path.display().to_string());
            format!(
                "(umask 077; set -C; : > {file})\n\
                 {made} | {{\n  read -r id secret\n  \
                 printf 'AWS_ACCESS_KEY_ID=%s\\nAWS_SECRET_ACCESS_KEY=%s\\n' \"$id\" \"$secret\" >> {file} \\\n    {or_deleted}\n}}"
            )
        }
        Custody::Kubernetes(place) => {
            let kubectl = kubectl(place);
            let dry = manifest(place, "made-up", "made-up");
            let real = manifest(place, "$id", "$secret");
            format!(
                "{kubectl} create --dry-run=server -o name -f - <<'EOF'\n{dry}\nEOF\n\
                 {made} | {{\n  read -r id secret\n  {kubectl} create -o name -f - <<EOF \\\n    {or_deleted}\n{real}\nEOF\n}}"
            )
        }
    }
}

fn kubectl(place: &SecretPlace) -> String {
    let context = place.context.as_deref().map(|name| format!(" --context {}", quote(name)));
    format!("kubectl{}", context.unwrap_or_default())
}

/// The Secret as JSON on one line. Names of Kubernetes and ids of keys hold nothing that a shell would read otherwise.
fn manifest(place: &SecretPlace, id: &str, secret: &str) -> String {
    let [id_field, secret_field] = SECRET_KEYS;
    let (label, owner) = MANAGED_BY;
    let SecretPlace { namespace, name, .. } = place;
    format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"Opaque\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{namespace}\",\
         \"labels\":{{\"{label}\":\"{owner}\"}},\"annotations\":{{\"{KEY_ANNOTATION}\":\"{id}\"}}}},\
         \"stringData\":{{\"{id_field}\":\"{id}\",\"{secret_field}\":\"{secret}\"}}}}"
    )
}
