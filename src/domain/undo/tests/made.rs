//! What a run made: it goes as one, unless somebody else has a part in it by now.

use super::*;

fn made() -> Account {
    let mut account = Account::default();
    account.apply(&oidc(), &Choices::default());
    account
}

fn made_user() -> Account {
    let mut account = Account::default();
    account.apply(&sample::user_intent().into(), &Choices::default());
    account
}

#[test]
fn what_the_run_made_goes_in_one_call_each_the_newest_first() {
    let account = made();
    let wished = back(&account);
    assert_eq!(
        told(&wished),
        [
            ("permissions", "needed", "iam:DetachRolePolicy"),
            ("role", "needed", "iam:DeleteRole"),
            ("provider", "needed", "iam:DeleteOpenIDConnectProvider"),
        ]
    );
    assert!(wished.remarks.is_empty());
    let look = wanted(&account.past());
    assert_eq!(look.roles, [ROLE.to_owned()].into());
    assert_eq!(look.providers, [sample::intent().provider_arn()].into());
    assert_eq!(
        told(&back(&made_user())),
        [
            ("access-key", "needed", "iam:DeleteAccessKey"),
            ("permissions", "needed", "iam:DetachUserPolicy"),
            ("user", "needed", "iam:DeleteUser"),
        ]
    );
    // All of it is gone.
    for mut account in [account, made_user()] {
        account.held = Holdings::default();
        let wished = back(&account);
        assert!(
            wished.steps.iter().all(|step| step.standing == Standing::Present),
            "{:?}",
            told(&wished)
        );
    }
}

#[test]
fn a_role_that_was_altered_is_a_conflict_with_what_differs() {
    /// What somebody did, what the difference is about, and the calls if it is taken all the same.
    type Row = (fn(&mut Account), &'static str, &'static [&'static str]);
    let rows: &[Row] = &[
        (
            |account| account.role(ROLE).attached.push(policy("PowerUserAccess")),
            "PowerUserAccess",
            &["iam:DetachRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole"],
        ),
        (
            |account| {
                account.role(ROLE).inline.insert("theirs".to_owned(), "{}".to_owned());
            },
            "theirs",
            &["iam:DetachRolePolicy", "iam:DeleteRolePolicy", "iam:DeleteRole"],
        ),
        (
            |account| {
                account.role(ROLE).tags.insert("team".to_owned(), "others".to_owned());
            },
            "tag team",
            &["iam:DetachRolePolicy", "iam:DeleteRole"],
        ),
        (
            |account| {
                let role = account.role(ROLE);
                role.trust = role.trust.replace("okteto:okteto", "other:other");
            },
            "trust policy",
            &["iam:DetachRolePolicy", "iam:DeleteRole"],
        ),
        (
            |account| account.role(ROLE).boundary = Some(policy("PowerUserAccess")),
            "permissions boundary",
            &["iam:DetachRolePolicy", "iam:DeleteRole"],
        ),
        (
            |account| account.role(ROLE).description = Some("ours now".to_owned()),
            "settings",
            &["iam:DetachRolePolicy", "iam:DeleteRole"],
        ),
        (
            |account| {
                account.role(ROLE).tags.remove(RUN_TAG);
            },
            "okteto-ecr:run",
            &["iam:DetachRolePolicy", "iam:DeleteRole"],
        ),
    ];
    for (alter, at, calls) in rows {
        let mut account = made();
        alter(&mut account);
        let wished = back(&account);
        let step = about(&wished, StepId::Role);
        assert_eq!(
            (step.standing, step.confirm.as_deref()),
            (Standing::Conflict, Some(ROLE)),
            "{at}"
        );
        assert!(step.diff.iter().any(|diff| diff.at.contains(at)), "{at}: {:?}", step.diff);
        // It stays whole, and what it lives by with it.
        assert!(
            wished.changes().all(|step| step.id == StepId::Audience),
            "{at}: {:?}",
            told(&wished)
        );
        let wished = decided(&account, &take(ROLE));
        let role = wished.changes().filter(|step| step.id != StepId::Provider);
        let sent: Vec<_> = role.map(|step| step.operation.as_ref().unwrap().call()).collect();
        assert_eq!(&sent, calls, "{at}");
        account.steps(Purpose::Undo, &wished.steps);
        assert_eq!(account.held, Holdings::default(), "{at}");
    }
}

#[test]
fn a_role_that_is_kept_keeps_everything_it_lives_by() {
    let mut account = made();
    account.role(ROLE).attached.push(policy("PowerUserAccess"));
    let wished = decided(&account, &keep(ROLE));
    assert_eq!(wished.changes().count(), 0, "{:?}", told(&wished));
    let step = about(&wished, StepId::Role);
    assert_eq!((step.standing, &step.operation), (Standing::Present, &None));
    assert!(wished.confirmations().is_empty());
}

#[test]
fn a_user_with_somebody_elses_key_group_or_password_does_not_just_go() {
    // A key is decided by its own id as well.
    let mut account = made_user();
    account.user(USER).keys.push(seen_key(key(7), KeyStatus::Active));
    let wished = back(&account);
    assert_eq!(about(&wished, StepId::User).standing, Standing::Conflict);
    assert!(wished.changes().next().is_none(), "{:?}", told(&wished));
    let names =
        Decisions { take: [USER.to_owned(), key(7).to_string()].into(), ..Decisions::default() };
    let wished = decided(&account, &names);
    assert_eq!(wished.confirmations().len(), 2);
    account.steps(Purpose::Undo, &wished.steps);
    assert_eq!(account.held, Holdings::default());
    // What is not for this program to end.
    for alter in [
        (|user| user.groups.push("admins".to_owned()))
            as fn(&mut crate::domain::inventory::SeenUser),
        |user| user.has_password = Some(true),
    ] {
        let mut account = made_user();
        alter(account.user(USER));
        for decisions in [Decisions::default(), take(USER)] {
            let wished = decided(&account, &decisions);
            let step = about(&wished, StepId::User);
            assert_eq!(step.standing, Standing::Conflict);
            assert!(!step.ways_out.is_empty());
            assert!(wished.changes().next().is_none(), "{:?}", told(&wished));
        }
    }
}

#[test]
fn somebody_elses_role_in_the_place_of_one_that_was_perhaps_made_stays() {
    let mut account = Account::default();
    let plan = account.plan(&oidc(), &Choices::default());
    account.session(Purpose::Apply);
    for step in plan.changes().take(2) {
        account.step(step, step.id != StepId::Role, step.id != StepId::Role);
    }
    // It did not happen.
    let wished = back(&account);
    assert_eq!(about(&wished, StepId::Role).standing, Standing::Present);
    assert_eq!(wished.changes().count(), 1);
    account.held.roles.insert(ROLE.to_owned(), seen_role(ROLE, "{}"));
    let wished = back(&account);
    let step = about(&wished, StepId::Role);
    assert_eq!((step.standing, &step.operation), (Standing::Present, &None));
    assert!(step.reason.contains("not this run's"), "{}", step.reason);
    // With the run's tag it is the run's.
    account.role(ROLE).tags.insert(RUN_TAG.to_owned(), account::RUN.to_owned());
    assert_ne!(about(&back(&account), StepId::Role).standing, Standing::Present);
}

#[test]
fn a_provider_that_others_live_by_stays_without_the_audience() {
    let audience = ("audience", "needed", "iam:RemoveClientIDFromOpenIDConnectProvider");
    // Another audience.
    let mut account = made();
    account.provider().audiences.push("elsewhere".to_owned());
    let wished = back(&account);
    assert_eq!(told(&wished)[2..], [audience, ("provider", "present", "")]);
    assert!(wished.remarks[0].contains("stays"), "{:?}", wished.remarks);
    account.steps(Purpose::Undo, &wished.steps);
    assert_eq!(account.provider().audiences, ["elsewhere"]);
    // Another role that trusts it, for another audience.
    let mut account = made();
    let other = trust::text_for(&sample::intent(), &["elsewhere".to_owned()]);
    account.held.roles.insert("other".to_owned(), seen_role("other", &other));
    assert_eq!(told(&back(&account))[2..], [audience, ("provider", "present", "")]);
    // And one for this one.
    let this = trust::text_for(&sample::intent(), &[sample::AUDIENCE.to_owned()]);
    account.role("other").trust = this;
    let wished = back(&account);
    assert_eq!(about(&wished, StepId::Audience).standing, Standing::Conflict);
    assert_eq!(about(&wished, StepId::Audience).confirm.as_deref(), Some(sample::ISSUER));
    // Who trusts it is not known.
    let account = made();
    let mut seen = account.seen();
    seen.trusting = Some(Err(Fault::new(Cause::PermissionDenied, "iam:ListRoles was refused")));
    let wished = undo(&account.past(), &seen, &sample::caller(), &Decisions::default());
    assert_eq!(about(&wished, StepId::Provider).standing, Standing::Conflict);
    let wished = undo(&account.past(), &seen, &sample::caller(), &take(sample::ISSUER));
    assert!(about(&wished, StepId::Provider).operation.is_some());
    // Its tag is gone.
    let mut account = made();
    account.provider().tags.clear();
    let wished = back(&account);
    assert_eq!(about(&wished, StepId::Provider).standing, Standing::Conflict);
    assert!(about(&wished, StepId::Provider).diff[0].at.contains("okteto-ecr:run"));
}

#[test]
fn a_provider_that_the_run_made_stays_for_a_role_that_waited_for_it() {
    let mut account = Account::default();
    let waiting = trust::text_for(&sample::intent(), &["elsewhere".to_owned()]);
    account.held.roles.insert(ROLE.to_owned(), seen_role(ROLE, &waiting));
    let plan = account.plan(&oidc(), &Choices::default());
    account.session(Purpose::Apply);
    // Interrupted before it came to the role.
    account.step(plan.changes().next().unwrap(), true, false);
    let wished = back(&account);
    assert_eq!(about(&wished, StepId::Provider).standing, Standing::Present);
    assert_eq!(wished.changes().count(), 1, "{:?}", told(&wished));
}

#[test]
fn the_secret_of_a_key_that_goes_is_told_of() {
    let mut account = made_user();
    let mut past = account.past();
    past.delivered.insert(key(1).to_string(), "Secret okteto/key".to_owned());
    let wished = undo(&past, &account.seen(), &sample::caller(), &Decisions::default());
    assert!(wished.remarks[0].contains("Secret okteto/key"), "{:?}", wished.remarks);
    account.user(USER).keys.clear();
    let wished = undo(&past, &account.seen(), &sample::caller(), &Decisions::default());
    assert!(wished.remarks.is_empty());
}
