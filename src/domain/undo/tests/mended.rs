//! What a run took away from others: it is put back.

use super::*;
use crate::domain::inventory::SeenProvider;

const PULL: &str = "AmazonEC2ContainerRegistryReadOnly";

/// Somebody's provider with two audiences and a tag; somebody's role with a policy; somebody's user with a key.
fn start() -> Account {
    let arn = sample::intent().provider_arn();
    let provider = SeenProvider {
        arn: arn.clone(),
        url: arn.name().to_owned(),
        audiences: vec!["one".to_owned(), "two".to_owned()],
        created_at: None,
        tags: [("team".to_owned(), "platform".to_owned())].into(),
    };
    let mut role = seen_role(ROLE, TRUST);
    role.attached.push(policy(PULL));
    role.inline.insert("more".to_owned(), TRUST.to_owned());
    let mut user = seen_user(USER);
    user.keys.push(seen_key(key(9), KeyStatus::Active));
    let mut account = Account::default();
    account.held.providers.insert(arn, provider);
    account.held.roles.insert(ROLE.to_owned(), role);
    account.held.users.insert(USER.to_owned(), user);
    account
}

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn remove(audience: &str) -> Operation {
    let audience = Audience::parse(audience).unwrap();
    Operation::RemoveAudience { provider: sample::intent().provider_arn(), audience }
}

fn delete() -> Operation {
    Operation::DeleteProvider { provider: sample::intent().provider_arn() }
}

fn send(account: &mut Account, operation: &Operation, happens: bool, is_answered: bool) {
    let was = before(operation, &account.seen());
    let step = Planned::sends(StepId::Provider, Standing::Change, operation.clone(), "");
    account.step(&Planned { before: was, ..step }, happens, is_answered);
}

/// The account after these calls.
fn after(calls: &[Operation]) -> Account {
    let mut account = start();
    account.session(Purpose::Apply);
    for call in calls {
        send(&mut account, call, true, true);
    }
    account
}

fn calls(undo: &Undo) -> Vec<&'static str> {
    undo.changes().filter_map(|step| step.operation.as_ref().map(Operation::call)).collect()
}

#[test]
fn each_thing_that_was_taken_away_is_put_back() {
    let role = || Principal::Role(ROLE.to_owned());
    let rows: [(Operation, &str); 5] = [
        (Operation::DetachPolicy { from: role(), policy: policy(PULL) }, "iam:AttachRolePolicy"),
        (
            Operation::DeleteInlinePolicy { on: role(), name: "more".to_owned() },
            "iam:PutRolePolicy",
        ),
        (
            Operation::SetKeyStatus {
                user: USER.to_owned(),
                key: key(9),
                status: KeyStatus::Inactive,
            },
            "iam:UpdateAccessKey",
        ),
        (remove("two"), "iam:AddClientIDToOpenIDConnectProvider"),
        (delete(), "iam:CreateOpenIDConnectProvider"),
    ];
    for (taken, put_back) in rows {
        let mut account = after(&[taken]);
        let wished = back(&account);
        assert_eq!(calls(&wished), [put_back], "{:?}", wished.steps);
        assert_eq!(wished.conflicts().count(), 0);
        account.steps(Purpose::Undo, &wished.steps);
        assert_eq!(account.held, start().held, "{put_back}");
        assert!(account.past().is_empty(), "{:?}", account.past());
        assert!(calls(&back(&account)).is_empty());
    }
}

#[test]
fn a_provider_comes_back_before_the_trust_that_names_it() {
    let mut account = start();
    account.role(ROLE).trust = trust::text_for(&sample::intent(), &["one".to_owned()]);
    let begun = account.clone();
    account.session(Purpose::Apply);
    let narrowed = Operation::UpdateTrust { role: ROLE.to_owned(), trust: TRUST.to_owned() };
    for call in [narrowed, remove("two"), delete()] {
        send(&mut account, &call, true, true);
    }
    let wished = back(&account);
    assert_eq!(calls(&wished), ["iam:CreateOpenIDConnectProvider", "iam:UpdateAssumeRolePolicy"]);
    assert!(wished.steps.iter().any(|step| step.reason.contains("thumbprints")));
    account.steps(Purpose::Undo, &wished.steps);
    let mut held = account.held.clone();
    held.providers.values_mut().for_each(|there| there.audiences.sort());
    assert_eq!(held, begun.held);
}

#[test]
fn what_somebody_made_again_meanwhile_stays() {
    let mut account = after(&[delete()]);
    let mut again = start().held.providers.into_values().next().unwrap();
    again.tags.insert(RUN_TAG.to_owned(), "another".to_owned());
    again.audiences.truncate(1);
    account.held.providers.insert(again.arn.clone(), again);
    let wished = back(&account);
    assert!(calls(&wished).is_empty(), "{:?}", wished.steps);
    // The audience that is not there is decided about by the issuer.
    assert_eq!(about(&wished, StepId::Provider).standing, Standing::Present);
    let conflict = wished.conflicts().next().unwrap();
    assert_eq!(conflict.confirm.as_deref(), Some(sample::ISSUER));
    let wished = decided(&account, &take(sample::ISSUER));
    assert_eq!(calls(&wished), ["iam:AddClientIDToOpenIDConnectProvider"]);
    let wished = decided(&account, &keep(sample::ISSUER));
    assert!(calls(&wished).is_empty() && wished.conflicts().next().is_none());
    // As it was: nothing is left to do.
    account.held = start().held;
    assert!(calls(&back(&account)).is_empty());
    // It is to stay away.
    let wished = decided(&after(&[delete()]), &keep(sample::ISSUER));
    assert!(calls(&wished).is_empty() && wished.conflicts().next().is_none());
}

#[test]
fn a_deletion_without_an_answer_is_put_back_only_where_it_happened() {
    for happens in [true, false] {
        let mut account = start();
        account.session(Purpose::Apply);
        send(&mut account, &delete(), happens, false);
        let wished = back(&account);
        assert_eq!(calls(&wished).len(), usize::from(happens), "{:?}", wished.steps);
        account.steps(Purpose::Undo, &wished.steps);
        assert_eq!(account.held, start().held);
    }
}

#[test]
fn what_a_review_ended_comes_back_by_name_only() {
    let role = || Principal::Role(ROLE.to_owned());
    let off = |status| Operation::SetKeyStatus { user: USER.to_owned(), key: key(9), status };
    let wide = trust::text_for(&sample::intent(), &["one".to_owned(), "two".to_owned()]);
    let narrow = trust::text_for(&sample::intent(), &["one".to_owned()]);
    let moved =
        |trust: &str| Operation::UpdateTrust { role: ROLE.to_owned(), trust: trust.to_owned() };
    let detach = || Operation::DetachPolicy { from: role(), policy: policy(PULL) };
    let attach = || Operation::AttachPolicy { to: role(), policy: policy("ReadOnlyAccess") };
    let key = key(9).to_string();
    let rows: [(&str, bool, Operation, Option<&str>); 9] = [
        ("a policy of somebody's role", false, detach(), Some(ROLE)),
        ("a policy of our role", true, detach(), None),
        ("a policy that was added", false, attach(), None),
        ("a wider trust policy", true, moved(&narrow), Some(ROLE)),
        ("a trust policy that lets in nobody else", true, moved(&format!(" {wide}")), None),
        ("an audience", true, remove("two"), Some(sample::ISSUER)),
        ("a provider", true, delete(), Some(sample::ISSUER)),
        ("a key", true, off(KeyStatus::Inactive), Some(&key)),
        (
            "a boundary",
            false,
            Operation::PutBoundary { on: role(), boundary: policy(PULL) },
            Some(ROLE),
        ),
    ];
    for (name, is_ours, call, wanted) in rows {
        let mut account = start();
        account.role(ROLE).trust.clone_from(&wide);
        if is_ours {
            account.role(ROLE).tags.insert(RUN_TAG.to_owned(), "earlier".to_owned());
        }
        account.session(Purpose::Apply);
        send(&mut account, &call, true, true);
        let seen = account.seen();
        let taken =
            |mode| undo(&account.past_as(mode), &seen, &sample::caller(), &Decisions::default());
        let wished = taken(crate::domain::journal::REVIEW);
        let is_none = matches!(call, Operation::UpdateTrust { .. }) && wanted.is_none();
        assert_eq!(wished.changes().count(), usize::from(!is_none), "{name}: {:?}", wished.steps);
        assert_eq!(wished.confirmations(), wanted.into_iter().collect::<Vec<_>>(), "{name}");
        assert_eq!(wished.conflicts().count(), 0, "{name}");
        // A run that set up is taken back by a yes, as ever.
        assert_eq!(taken("oidc").confirmations(), Vec::<&str>::new(), "{name}");
    }
}
