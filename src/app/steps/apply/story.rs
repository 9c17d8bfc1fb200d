//! The words of one step: why, what is sent, what differs, what else can be done.

use crate::domain::fault::Fault;
use crate::domain::inventory::{Inventory, SeenRole, SeenUser};
use crate::domain::operation::Operation;
use crate::domain::plan::{Difference, Plan, Planned, Standing, StepId};
use crate::domain::trust::admit::{self, Meant};
use crate::render::aws_cli;

/// The `aws` command that does the same as the step, as it can be run.
#[must_use]
pub fn command(step: &Planned, plan: &Plan) -> Option<String> {
    step.operation.as_ref().map(|operation| aws_cli::step(operation, plan))
}

/// The command for a narrow column: an option a line, and of a document's text only its length. For reading; what
/// is copied is the whole.
#[must_use]
pub fn command_in_short(step: &Planned) -> Vec<String> {
    let Some(command) = step.operation.as_ref().map(aws_cli::command) else { return Vec::new() };
    let mut lines = vec![String::new()];
    let (mut quoted, mut inside) = (false, 0_usize);
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            quoted = !quoted;
            if !quoted && inside > 0 {
                if let Some(last) = lines.last_mut() {
                    let option = last.trim_end_matches(" '{").len();
                    last.truncate(option);
                    last.push_str(" \\");
                }
                lines.push(format!("    '{{... {inside} lines ...}}"));
                inside = 0;
            }
        }
        let option = !quoted && c == ' ' && chars.peek() == Some(&'-');
        match (c, lines.last_mut()) {
            ('\n', _) if quoted => inside += 1,
            (_, Some(last)) if option => {
                last.push_str(" \\");
                lines.push("  ".to_owned());
            }
            (_, Some(last)) if inside == 0 => last.push(c),
            _ => {}
        }
    }
    lines
}

/// The command that would take a step back; none where it changes what was there.
#[must_use]
pub fn undo(step: &Planned, plan: &Plan) -> Option<String> {
    aws_cli::undo(step, &plan.intent)
}

/// All commands of a plan as a script.
#[must_use]
pub fn script(plan: &Plan) -> String {
    aws_cli::script(plan)
}

/// The sign of a change in the question: what is made, what is changed, what goes.
#[must_use]
pub const fn sign(step: &Planned) -> &'static str {
    match (&step.operation, step.standing) {
        (Some(operation), _) if operation.removes() => "-",
        (_, Standing::Change) => "~",
        _ => "+",
    }
}

/// A difference in lines: where, what is there with `-`, what will be with `+`.
#[must_use]
pub fn difference(difference: &Difference) -> Vec<String> {
    let mut lines = vec![difference.at.clone()];
    lines.extend(difference.now.iter().map(|now| format!("  - {now}")));
    lines.extend(difference.then.iter().map(|then| format!("  + {then}")));
    lines
}

/// Whether a step only adds an audience to those that a trust policy admits.
fn widens(step: &Planned) -> bool {
    let [only] = step.diff.as_slice() else { return false };
    let (Some(now), Some(then)) = (&only.now, &only.then) else { return false };
    only.at.to_lowercase().ends_with(":aud") && then.starts_with(&format!("{now}, "))
}

/// What a change does to what is there, one sentence; none where something new is made.
#[must_use]
pub fn effect(step: &Planned) -> Option<String> {
    if step.standing != Standing::Change {
        return None;
    }
    Some(match step.operation.as_ref()? {
        Operation::UpdateTrust { role, .. } if widens(step) => {
            format!("Widened: the trust policy of {role} admits one audience more.")
        }
        Operation::UpdateTrust { role, .. } => {
            format!("Replaced: the whole trust policy of {role}.")
        }
        Operation::PutInlinePolicy { name, .. } => format!("Replaced: the inline policy {name}."),
        Operation::PutBoundary { on, .. } => format!("Set: the permissions boundary of {on}."),
        Operation::UpdateRole { role, .. } => {
            format!("Replaced: description or session length of {role}.")
        }
        Operation::Tag { on, .. } => format!("Set: tags of {on}."),
        Operation::SetKeyStatus { key, status, .. } => {
            format!("Set: {key} is {} from then on.", status.word().to_lowercase())
        }
        Operation::DeleteAccessKey { key, .. } => {
            format!("Deleted: {key}, which cannot be had back.")
        }
        Operation::DeleteProvider { provider } => format!(
            "Deleted: the identity provider {}, with every audience of it.",
            provider.name()
        ),
        Operation::RemoveAudience { provider, audience } => {
            format!("Removed: the audience {audience} from {}.", provider.name())
        }
        Operation::DeleteRole { role } => format!("Deleted: the role {role}."),
        Operation::DeleteUser { user } => format!("Deleted: the user {user}."),
        Operation::DetachPolicy { from, policy } => {
            format!("Detached: {} from {from}.", policy.name())
        }
        Operation::DeleteInlinePolicy { on, name } => {
            format!("Deleted: the inline policy {name} of {on}.")
        }
        Operation::DeleteBoundary { on } => format!("Removed: the permissions boundary of {on}."),
        Operation::Untag { on, keys } => format!("Removed: the tags {} of {on}.", keys.join(", ")),
        _ => return None,
    })
}

/// What the question says of everything that is there already.
#[must_use]
pub fn effects(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.changes().filter_map(effect).collect();
    let replaced =
        |step: &&Planned| step.id == StepId::Custody && step.standing == Standing::Change;
    let replaced = plan.steps.iter().filter(replaced);
    lines.extend(replaced.map(|step| format!("Replaced: the {}, with the new key.", step.summary)));
    let removes = |step: &Planned| step.operation.as_ref().is_some_and(Operation::removes);
    if plan.changes().any(removes) {
        return lines;
    }
    let replaced = plan.steps.iter().any(|step| step.standing == Standing::Change);
    lines.push(
        if replaced { "Nothing is deleted." } else { "Nothing is replaced or deleted." }.to_owned(),
    );
    lines
}

/// Who gets in by a trust policy, one sentence.
fn admitted(trust: &str, meant: &Meant) -> String {
    admit::read(trust).map_or_else(
        || "It cannot be told: AWS would refuse this document.".to_owned(),
        |policy| admit::sentence(&admit::admitted(&policy, meant)),
    )
}

/// Which neighbours get in as well.
fn neighbours(trust: &str, meant: &Meant) -> Vec<String> {
    let Some(policy) = admit::read(trust) else { return Vec::new() };
    match admit::intruders(&policy, meant) {
        none if none.is_empty() => vec!["No neighbour token gets in.".to_owned()],
        found => found.into_iter().map(|intruder| intruder.why).collect(),
    }
}

/// Who gets in by the trust policy of a new role, or before a change of it and after.
fn who_gets_in(step: &Planned, plan: &Plan, role: Option<&SeenRole>) -> Vec<String> {
    let Some(oidc) = plan.intent.oidc() else { return Vec::new() };
    let meant = Meant::from(oidc);
    match (&step.operation, role) {
        (Some(Operation::CreateRole { trust, .. }), _) => {
            std::iter::once(admitted(trust, &meant)).chain(neighbours(trust, &meant)).collect()
        }
        (Some(Operation::UpdateTrust { trust, .. }), Some(role)) => vec![
            format!("now: {}", admitted(&role.trust, &meant)),
            format!("then: {}", admitted(trust, &meant)),
        ],
        _ => Vec::new(),
    }
}

/// What is known of the user that is there, for the steps that are about the user or a key.
#[must_use]
pub fn there(step: &Planned, seen: Option<&Inventory>) -> Vec<String> {
    let about = matches!(step.id, StepId::User | StepId::AccessKey);
    let user = seen.filter(|_| about).and_then(|seen| Some((seen.user.as_ref()?, seen.read_at)));
    user.map_or_else(Vec::new, |(user, read_at)| of_user(user, read_at))
}

fn of_user(user: &SeenUser, now: Option<i64>) -> Vec<String> {
    let listed = |list: Vec<String>| match list.as_slice() {
        [] => "none".to_owned(),
        list => list.join(", "),
    };
    let password = match user.has_password {
        Some(true) => "yes, which a user that only pulls needs not",
        Some(false) => "none",
        None => "could not be read",
    };
    let policies = user.attached.iter().map(|arn| arn.name().to_owned());
    let policies = policies.chain(user.inline.keys().map(|name| format!("{name} (inline)")));
    let tags = user.tags.iter().map(|(key, value)| format!("{key}={value}"));
    let mut lines = vec![
        format!("ARN        {}", user.arn),
        format!("Policies   {}", listed(policies.collect())),
        format!("Groups     {}", listed(user.groups.clone())),
        format!("Password   {password}"),
        format!("Tags       {}", listed(tags.collect())),
    ];
    lines.extend(user.boundary.iter().map(|arn| format!("Boundary   {arn}")));
    if user.keys.is_empty() {
        lines.push("Keys       none".to_owned());
    }
    lines.extend(user.keys.iter().map(|key| format!("Key        {}", key.words(now))));
    lines
}

/// Everything about a step, to be read whole. `seen` is what is there.
#[must_use]
pub fn whole(step: &Planned, plan: Option<&Plan>, seen: Option<&Inventory>) -> Vec<String> {
    let role = seen.and_then(|seen| seen.role.as_ref());
    let mut lines = vec![format!("{}: {}", step.standing.word(), step.reason)];
    let mut part = |title: &str, body: Vec<String>| {
        if !body.is_empty() {
            lines.push(String::new());
            lines.push(title.to_owned());
            lines.extend(body.into_iter().map(|l| format!("  {l}")));
        }
    };
    part("The user that is there", there(step, seen));
    part("Who gets in", plan.map_or_else(Vec::new, |plan| who_gets_in(step, plan, role)));
    part("What differs", step.diff.iter().flat_map(difference).collect());
    part("Ways out", step.ways_out.clone());
    part("Name to type before it is sent", step.confirm.iter().cloned().collect());
    part("The call", step.operation.iter().map(|o| o.call().to_owned()).collect());
    part(
        "The same by the AWS CLI",
        plan.and_then(|plan| command(step, plan))
            .iter()
            .flat_map(|c| c.lines())
            .map(str::to_owned)
            .collect(),
    );
    if let Some(plan) = plan {
        part("What would take it back", undo(step, plan).into_iter().collect());
        part("Also", plan.remarks.clone());
    }
    lines
}

/// Everything about a fault, to be read whole.
#[must_use]
pub fn fault(fault: &Fault) -> Vec<String> {
    let mut lines = vec![fault.message.clone(), String::new()];
    lines.push(format!("{:12}{}", "Cause", fault.cause.slug()));
    for (key, value) in &fault.evidence {
        let mut name = key.replace('_', " ");
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        lines.push(format!("{name:11} {value}"));
    }
    lines.extend(fault.request_id.iter().map(|id| format!("{:12}{id}", "Request id")));
    lines.extend([String::new(), fault.what_to_do().to_owned()]);
    lines
}
