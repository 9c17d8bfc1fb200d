use std::collections::BTreeMap;

use super::*;
use crate::domain::access::Access;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::{Intent, OidcIntent};
use crate::domain::inventory::RUN_TAG;
use crate::domain::journal::Purpose;
use crate::domain::partition::Partition;
use crate::domain::plan::{Choices, Difference};
use crate::domain::policy::trust;
use crate::domain::rotation::KeyWish;
use crate::domain::sample;
use account::{Account, key, seen_key, seen_role, seen_user};

pub mod account;
mod laws;
mod made;
mod mended;

const ROLE: &str = "my-private-registry";
const USER: &str = "private-registry-user";

fn policy(name: &str) -> PolicyArn {
    PolicyArn::managed(Partition::Aws, name)
}

fn oidc() -> Intent {
    sample::intent().into()
}

fn decided(account: &Account, decisions: &Decisions) -> Undo {
    undo(&account.past(), &account.seen(), &sample::caller(), decisions)
}

fn back(account: &Account) -> Undo {
    decided(account, &Decisions::default())
}

fn take(name: &str) -> Decisions {
    Decisions { take: [name.to_owned()].into(), ..Decisions::default() }
}

fn keep(name: &str) -> Decisions {
    Decisions { keep: [name.to_owned()].into(), ..Decisions::default() }
}

/// Each step by its part, its standing and its call.
fn told(undo: &Undo) -> Vec<(&'static str, &'static str, &'static str)> {
    let call = |step: &Planned| step.operation.as_ref().map_or("", Operation::call);
    undo.steps.iter().map(|step| (step.id.word(), step.standing.word(), call(step))).collect()
}

/// The one step about this part.
fn about(undo: &Undo, id: StepId) -> &Planned {
    let steps: Vec<_> = undo.steps.iter().filter(|step| step.id == id).collect();
    let [step] = steps.as_slice() else { panic!("{id:?}: {steps:?}") };
    step
}

/// Somebody's role of which everything is changed by a run.
fn changed() -> (Account, Account) {
    let intent = OidcIntent {
        access: Access {
            boundary: Some(policy("PowerUserAccess")),
            tags: [
                ("team".to_owned(), "platform".to_owned()),
                ("cost".to_owned(), "42".to_owned()),
            ]
            .into(),
            description: Some("for Okteto".to_owned()),
            max_session_seconds: Some(7200),
            ..sample::intent().access
        },
        ..sample::intent()
    };
    let mut start = Account::default();
    start.held.providers.insert(
        intent.provider_arn(),
        crate::domain::inventory::SeenProvider {
            arn: intent.provider_arn(),
            url: intent.issuer.name().to_owned(),
            audiences: vec!["elsewhere".to_owned()],
            created_at: None,
            tags: BTreeMap::new(),
        },
    );
    let mut role = seen_role(ROLE, &trust::text_for(&intent, &["elsewhere".to_owned()]));
    role.tags.insert("team".to_owned(), "others".to_owned());
    role.description = Some("by hand".to_owned());
    role.boundary = Some(policy("IAMReadOnlyAccess"));
    start.held.roles.insert(ROLE.to_owned(), role);
    let mut account = start.clone();
    account.apply(&intent.into(), &Choices::default());
    (start, account)
}

/// How a thing of that role goes back: its part, its call, and how somebody alters it.
type Row = (&'static str, StepId, &'static str, fn(&mut Account));

const ROWS: &[Row] = &[
    ("trust", StepId::Trust, "iam:UpdateAssumeRolePolicy", |account| {
        let role = account.role(ROLE);
        role.trust = role.trust.replace("okteto:okteto", "other:other");
    }),
    ("boundary", StepId::Boundary, "iam:PutRolePermissionsBoundary", |account| {
        account.role(ROLE).boundary = Some(policy("AmazonEC2ContainerRegistryReadOnly"));
    }),
    ("settings", StepId::Settings, "iam:UpdateRole", |account| {
        account.role(ROLE).max_session_seconds = 36_000;
    }),
];

#[test]
fn newest_first_each_thing_goes_back_to_what_it_was() {
    let (start, mut account) = changed();
    let wished = back(&account);
    assert_eq!(
        told(&wished),
        [
            ("permissions", "needed", "iam:DetachRolePolicy"),
            ("tags", "change", "iam:TagRole"),
            ("tags", "needed", "iam:UntagRole"),
            ("settings", "change", "iam:UpdateRole"),
            ("boundary", "change", "iam:PutRolePermissionsBoundary"),
            ("trust", "change", "iam:UpdateAssumeRolePolicy"),
            ("audience", "needed", "iam:RemoveClientIDFromOpenIDConnectProvider"),
        ]
    );
    assert!(wished.confirmations().is_empty() && wished.conflicts().next().is_none());
    for step in &wished.steps {
        assert!(!step.diff.is_empty() || step.id == StepId::Audience, "{step:?}");
    }
    // What each call takes the place of stands in its journal.
    assert!(wished.steps.iter().all(|step| !step.before.is_null()), "{:?}", wished.steps);
    account.steps(Purpose::Undo, &wished.steps);
    assert_eq!(account.held, start.held);
}

#[test]
fn altered_since_is_a_conflict_as_found_is_done_and_gone_is_gone() {
    let (start, account) = changed();
    for (name, id, call, alter) in ROWS {
        let step = about(&back(&account), *id).clone();
        assert_eq!(step.operation.as_ref().unwrap().call(), *call, "{name}");
        let wanted = step.operation;
        let mut altered = account.clone();
        alter(&mut altered);
        let wished = back(&altered);
        let step = about(&wished, *id);
        assert_eq!((step.standing, &step.operation), (Standing::Conflict, &None), "{name}");
        assert_eq!(step.confirm.as_deref(), Some(ROLE), "{name}");
        let differs = |d: &Difference| d.now.is_some() || d.then.is_some();
        assert!(!step.diff.is_empty() && step.diff.iter().all(differs), "{name}");
        // Nothing else waits for it, but the audience that the role asks for as long as its trust stays.
        let waiting = if *id == StepId::Trust { 2 } else { 1 };
        assert_eq!(wished.changes().count(), wished.steps.len() - waiting, "{name}");
        let wished = decided(&altered, &take(ROLE));
        let step = about(&wished, *id);
        assert_eq!((step.standing, &step.operation), (Standing::Change, &wanted), "{name}");
        assert_eq!(wished.confirmations(), [ROLE], "{name}");
        let wished = decided(&altered, &keep(ROLE));
        let step = about(&wished, *id);
        assert_eq!((step.standing, &step.operation), (Standing::Present, &None), "{name}");
    }
    // Back already, by hand.
    let mut by_hand = account.clone();
    by_hand.held = start.held;
    let wished = back(&by_hand);
    assert!(
        wished.steps.iter().all(|step| step.standing == Standing::Present),
        "{:?}",
        told(&wished)
    );
    // The role is gone, with all that was on it.
    let mut gone = account;
    gone.held.roles.clear();
    let wished = back(&gone);
    let calls: Vec<_> = wished.changes().map(|step| step.id).collect();
    assert_eq!(calls, [StepId::Audience]);
    assert!(wished.conflicts().next().is_none());
}

#[test]
fn an_attached_policy_that_somebody_detached_is_done_and_a_tag_that_somebody_set_is_a_conflict() {
    let (_, account) = changed();
    let mut detached = account.clone();
    detached.role(ROLE).attached.clear();
    assert_eq!(about(&back(&detached), StepId::Permissions).standing, Standing::Present);
    let mut tagged = account;
    tagged.role(ROLE).tags.insert("cost".to_owned(), "43".to_owned());
    let wished = back(&tagged);
    let step = wished.conflicts().next().unwrap();
    assert_eq!(step.diff[0].now.as_deref(), Some("43"));
    assert_eq!(step.diff[0].then, None);
}

#[test]
fn an_audience_that_another_role_asks_for_is_decided_by_the_issuer() {
    let (_, account) = changed();
    let asks = |account: &Account| {
        let mut asks = account.clone();
        let text = trust::text_for(&sample::intent(), &[sample::AUDIENCE.to_owned()]);
        asks.held.roles.insert("other".to_owned(), seen_role("other", &text));
        asks
    };
    let other = asks(&account);
    let wished = back(&other);
    let step = about(&wished, StepId::Audience);
    assert_eq!(step.standing, Standing::Conflict);
    assert!(step.reason.contains("other"), "{}", step.reason);
    assert_eq!(step.confirm.as_deref(), Some(sample::ISSUER));
    assert!(about(&decided(&other, &take(sample::ISSUER)), StepId::Audience).operation.is_some());
    assert!(about(&decided(&other, &keep(sample::ISSUER)), StepId::Audience).operation.is_none());
    // Roles that may not be read may ask for it as well.
    let mut seen = account.seen();
    seen.trusting = Some(Err(Fault::new(Cause::PermissionDenied, "iam:ListRoles was refused")));
    let wished = undo(&account.past(), &seen, &sample::caller(), &Decisions::default());
    assert_eq!(about(&wished, StepId::Audience).standing, Standing::Conflict);
}

#[test]
fn a_role_that_keeps_its_trust_keeps_its_audience() {
    let (_, mut account) = changed();
    let role = account.role(ROLE);
    role.trust = role.trust.replace("okteto:okteto", "other:other");
    // It still asks for the audience, as long as nobody decides about it.
    let wished = back(&account);
    assert_eq!(about(&wished, StepId::Audience).standing, Standing::Conflict);
    assert_eq!(wished.conflicts().count(), 2);
    let wished = decided(&account, &take(ROLE));
    assert!(about(&wished, StepId::Audience).operation.is_some(), "{:?}", told(&wished));
}

#[test]
fn a_role_that_asked_for_the_audience_before_the_run_is_left_as_it_was_found() {
    // It is known to have asked where the run changed something else of it.
    for (seconds, standing) in [(Some(7200), Standing::Needed), (None, Standing::Conflict)] {
        let (mut account, _) = changed();
        let access = Access { max_session_seconds: seconds, ..sample::intent().access };
        let intent = OidcIntent { access, ..sample::intent() };
        let role = account.role(ROLE);
        role.trust = trust::text_for(&intent, &[sample::AUDIENCE.to_owned()]);
        role.attached.push(policy("AmazonEC2ContainerRegistryReadOnly"));
        account.apply(&intent.into(), &Choices::default());
        let wished = back(&account);
        assert_eq!(about(&wished, StepId::Audience).standing, standing, "{:?}", told(&wished));
    }
}

/// A user's key is changed for another.
fn rotated(steps: usize) -> Account {
    let mut account = Account::default();
    let mut user = seen_user(USER);
    user.attached.push(policy("AmazonEC2ContainerRegistryReadOnly"));
    user.keys.push(seen_key(key(99), KeyStatus::Active));
    account.held.users.insert(USER.to_owned(), user);
    let wishes = [KeyWish::Another, KeyWish::Retire(key(99)), KeyWish::Delete(key(99))];
    for keys in wishes.into_iter().take(steps) {
        account.apply(&sample::user_intent().into(), &Choices { keys, ..Choices::default() });
    }
    account
}

#[test]
fn the_old_key_is_active_again_before_the_new_one_goes() {
    let calls = |steps| told(&back(&rotated(steps)));
    let delete = ("access-key", "needed", "iam:DeleteAccessKey");
    assert_eq!(calls(1), [delete]);
    assert_eq!(calls(2), [("access-key", "change", "iam:UpdateAccessKey"), delete]);
}

#[test]
fn where_the_old_key_is_deleted_the_new_one_is_decided_by_its_id() {
    let account = rotated(3);
    let wished = back(&account);
    let step = wished.conflicts().next().unwrap();
    let id = key(1).to_string();
    assert_eq!((step.id, step.confirm.as_deref()), (StepId::AccessKey, Some(id.as_str())));
    assert!(wished.changes().next().is_none());
    assert!(wished.steps.iter().any(|step| step.reason.contains("cannot be had back")));
    assert_eq!(decided(&account, &take(&id)).changes().count(), 1);
    assert_eq!(decided(&account, &keep(&id)).changes().count(), 0);
    // With another active key the new one is not the last.
    let mut third = account;
    third.user(USER).keys.push(seen_key(key(50), KeyStatus::Active));
    assert_eq!(back(&third).conflicts().count(), 0);
    assert_eq!(back(&third).changes().count(), 1);
}

#[test]
fn a_key_that_was_perhaps_made_is_decided_by_its_id() {
    let mut account = rotated(0);
    let intent = sample::user_intent().into();
    let plan = account.plan(&intent, &Choices { keys: KeyWish::Another, ..Choices::default() });
    account.session(Purpose::Apply);
    for step in plan.changes() {
        account.step(step, true, false);
    }
    assert_eq!(told(&back(&account)), [("access-key", "conflict", "")]);
    let id = key(1).to_string();
    assert_eq!(wanted(&account.past()).users, [USER.to_owned()].into());
    assert_eq!(
        told(&decided(&account, &take(&id))),
        [("access-key", "change", "iam:DeleteAccessKey")]
    );
    // It did not happen.
    account.user(USER).keys.truncate(1);
    assert!(back(&account).steps.is_empty());
}
