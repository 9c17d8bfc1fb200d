use proptest::prelude::*;
use proptest::sample::subsequence;

use super::scene::*;
use super::*;
use crate::domain::inventory::RUN_TAG;
use crate::domain::journal::Purpose;
use crate::domain::key::{KeyId, KeyStatus};
use crate::domain::principal::Principal;
use crate::domain::review::account::{RoleEntry, UserEntry};
use crate::domain::sample;
use crate::domain::subject::Audience;
use crate::domain::trust::Given;
use crate::domain::trust::admit::Meant;
use crate::domain::trust::lint::lint;
use crate::domain::undo::tests::account::{Account, key};
use crate::domain::undo::{Decisions, undo};

mod asked;

fn who(name: &str) -> Principal {
    Principal::Role(name.to_owned())
}

fn attach(to: &str, name: &str) -> Operation {
    Operation::AttachPolicy { to: who(to), policy: policy(name) }
}

fn detach(from: &str, name: &str) -> Operation {
    Operation::DetachPolicy { from: who(from), policy: policy(name) }
}

fn delete() -> Operation {
    Operation::DeleteProvider { provider: sample::intent().provider_arn() }
}

fn remove(audience: &str) -> Operation {
    let audience = Audience::parse(audience).unwrap();
    Operation::RemoveAudience { provider: sample::intent().provider_arn(), audience }
}

fn calls(mend: &Mend) -> Vec<&'static str> {
    mend.changes().filter_map(|step| step.operation.as_ref().map(Operation::call)).collect()
}

#[test]
fn several_findings_about_one_trust_policy_are_one_call() {
    for is_ours in [true, false] {
        let entry = role("a", &doubly_wrong(), is_ours);
        let wishes = trust_findings(&entry);
        let rules: Vec<&str> = wishes.iter().map(|wish| wish.finding.rule).collect();
        assert!(rules.len() > 1, "{rules:?}");
        let mend = Scene::default().with_role(entry).plan(&wishes);
        assert_eq!(calls(&mend), ["iam:UpdateAssumeRolePolicy"], "{:?}", mend.remarks);
        let step = &mend.steps[0];
        assert_eq!(mend.wishes.len(), wishes.len(), "{:?}", mend.remarks);
        assert!(rules.iter().all(|rule| step.reason.contains(rule)), "{}", step.reason);
        assert!(!step.diff.is_empty() && !step.before.is_null());
        let Some(Operation::UpdateTrust { trust, .. }) = &step.operation else { panic!() };
        let left = lint(&Given::read(trust).unwrap(), &Meant::default());
        assert!(left.iter().all(|finding| !rules.contains(&finding.rule)), "{left:?}");
        // Nobody gets in by it who did not before: only what is somebody else's asks for its name.
        assert_eq!(mend.confirmations(), if is_ours { vec![] } else { vec!["a"] });
    }
}

#[test]
fn it_is_given_before_it_is_taken_and_each_role_by_itself() {
    let swap = |name: &str| {
        on_role(name, "ecr-push", vec![detach(name, READ_ONLY), attach(name, PULL_ONLY)])
    };
    let scene =
        Scene::default().with_role(role("a", &sound(), true)).with_role(role("b", &sound(), false));
    let mend = scene.plan(&[swap("a"), swap("b"), swap("a")]);
    let told: Vec<String> = mend.steps.iter().map(|step| step.summary.clone()).collect();
    assert_eq!(
        told,
        [
            format!("{PULL_ONLY} on a"),
            format!("{READ_ONLY} on a: detached"),
            format!("{PULL_ONLY} on b"),
            format!("{READ_ONLY} on b: detached"),
        ]
    );
    // Pull-only has an action that read-only has not: both the giving and the taking ask, the name once.
    let asks: Vec<Option<&str>> = mend.steps.iter().map(|step| step.confirm.as_deref()).collect();
    assert_eq!(asks, [Some("a"), Some("a"), Some("b"), Some("b")]);
    assert_eq!(mend.confirmations(), ["a", "b"]);
    assert_eq!(mend.about(), "2 roles: a, b");
    assert!(mend.header(String::new()).is_review());
}

#[test]
fn what_gives_more_asks_for_the_name() {
    let inline = |document: &str| Operation::PutInlinePolicy {
        on: who("a"),
        name: "pull".to_owned(),
        document: document.to_owned(),
    };
    let pulls = crate::domain::policy::permission::inline(&sample::intent().host, &[]);
    let everything = pulls.replace("ecr:BatchGetImage", "ecr:*");
    let instead = || detach("a", READ_ONLY);
    let all = || detach("a", "AmazonEC2ContainerRegistryFullAccess");
    let power = || detach("a", POWER);
    let rows: [(&str, Vec<Operation>, bool); 9] = [
        ("a policy beside another", vec![attach("a", PULL_ONLY)], true),
        ("one with another action in its place", vec![attach("a", PULL_ONLY), instead()], true),
        ("the same of the power user's", vec![attach("a", PULL_ONLY), power()], true),
        ("a narrower one in the place of all", vec![attach("a", PULL_ONLY), all()], false),
        ("a narrower one in the place of all", vec![attach("a", POWER), all()], false),
        (
            "a wider one in its place",
            vec![attach("a", "AmazonEC2ContainerRegistryFullAccess"), instead()],
            true,
        ),
        ("one that is not known", vec![attach("a", "AdministratorAccess"), instead()], true),
        ("only pulling in its place", vec![inline(&pulls), instead()], false),
        ("everything in its place", vec![inline(&everything), instead()], true),
    ];
    for (name, calls, asks) in rows {
        let gone = calls.iter().filter_map(|call| match call {
            Operation::DetachPolicy { policy, .. } => Some(policy.clone()),
            _ => None,
        });
        let entry = RoleEntry { attached: gone.collect(), ..role("a", &sound(), true) };
        let mend = Scene::default().with_role(entry).plan(&[on_role("a", "ecr-push", calls)]);
        assert_eq!(mend.steps[0].confirm.is_some(), asks, "{name}");
    }
}

#[test]
fn a_trust_policy_that_lets_in_more_or_fewer_asks_for_the_name() {
    let wild = trust(
        "2012-10-17",
        "StringLike",
        &[("aud", sample::AUDIENCE), ("sub", "system:serviceaccount:okteto:*")],
    );
    let open = trust("2012-10-17", "StringEquals", &[("aud", sample::AUDIENCE)]);
    let other = sound().replace("okteto:okteto", "okteto:other");
    let from = sound().replace(
        r#""StringEquals":{"#,
        r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"StringEquals":{"#,
    );
    let rows = [
        ("the same in other words", &trust("2008-10-17", "StringLike", &BOTH), &sound(), false),
        ("narrowed to one", &wild, &sound(), true),
        ("from everybody of the audience to some", &open, &wild, true),
        ("widened to some", &sound(), &wild, true),
        ("somebody else", &sound(), &other, true),
        ("the caller's address no longer asked for", &from, &sound(), true),
        ("the caller's address asked for", &sound(), &from, true),
        ("not to be read", &"{".to_owned(), &sound(), true),
    ];
    for (name, was, then, asks) in rows {
        let scene = Scene::default().with_role(role("a", was, true));
        let call = Operation::UpdateTrust { role: "a".to_owned(), trust: then.clone() };
        let mend = scene.plan(&[on_role("a", "trust-sub-missing", vec![call])]);
        assert_eq!(mend.steps[0].confirm.is_some(), asks, "{name}");
    }
}

#[test]
fn a_provider_goes_with_its_audiences_and_only_if_no_role_will_trust_it() {
    let arn = sample::intent().provider_arn();
    let provider = |rule, call| found(On::Provider(arn.name().to_owned()), rule, vec![call]);
    let wishes =
        [provider("unused-audience", remove("one")), provider("provider-unused", delete())];
    let scene = Scene::default().with_provider(&["one", "two"]);
    let mend = scene.plan(&wishes);
    assert_eq!(calls(&mend), ["iam:DeleteOpenIDConnectProvider"]);
    assert_eq!(mend.wishes.len(), 2);
    assert_eq!(mend.confirmations(), [sample::ISSUER]);
    // A role trusts it.
    let trusted = scene.with_role(role("a", &sound(), true));
    let mend = trusted.plan(&wishes[1..]);
    assert!(mend.steps.is_empty() && mend.wishes.is_empty());
    assert!(mend.remarks[0].contains("the role a trusts it"), "{:?}", mend.remarks);
    let asked = remove(sample::AUDIENCE);
    let listed = Scene::default().with_provider(&[sample::AUDIENCE, "two"]).with_role(role(
        "a",
        &sound(),
        true,
    ));
    let mend = listed.plan(&[provider("unused-audience", asked)]);
    assert!(mend.steps.is_empty(), "{:?}", mend.steps);
    assert_eq!(calls(&listed.plan(&[provider("unused-audience", remove("two"))])).len(), 1);
    // But not any more once the same plan is through; the provider goes last.
    let elsewhere = sound().replace("myCluster", "another");
    let call = Operation::UpdateTrust { role: "a".to_owned(), trust: elsewhere };
    let mend = trusted.plan(&[wishes[1].clone(), on_role("a", "trust-x", vec![call])]);
    assert_eq!(calls(&mend), ["iam:UpdateAssumeRolePolicy", "iam:DeleteOpenIDConnectProvider"]);
    assert_eq!(mend.about(), format!("1 role, 1 provider: a, {}", arn.name()));
}

#[test]
fn what_cannot_be_mended_is_left_out_and_says_why() {
    let reserved = RoleEntry {
        path: "/aws-service-role/x.amazonaws.com/".to_owned(),
        ..role("reserved", &sound(), false)
    };
    let half = RoleEntry {
        unread: Some(Fault::new(crate::domain::fault::Cause::PermissionDenied, "refused")),
        ..role("half", &sound(), false)
    };
    let scene = Scene::default()
        .with_role(reserved)
        .with_role(half)
        .with_role(role("a", &sound(), true))
        .with_user(user("u"));
    let inline = |document: &str| Operation::PutInlinePolicy {
        on: who("a"),
        name: "pull".to_owned(),
        document: document.to_owned(),
    };
    let on_user = |calls| found(On::User("u".to_owned()), "key-old", calls);
    let rows: Vec<(Found, &str)> = vec![
        (on_role("reserved", "ecr-push", vec![detach("reserved", READ_ONLY)]), "only AWS"),
        (
            on_role("half", "ecr-push", vec![detach("half", READ_ONLY)]),
            "not all of it could be read",
        ),
        (on_role("gone", "ecr-push", vec![detach("gone", READ_ONLY)]), "not in what was read"),
        (on_role("a", "ecr-push", Vec::new()), "by hand: mend ecr-push"),
        (on_role("a", "ecr-push", vec![detach("a", POWER)]), "as it would be"),
        (
            on_role("a", "x", vec![Operation::DeleteRole { role: "a".to_owned() }]),
            "not in what was read",
        ),
        (
            on_user(vec![Operation::DeleteAccessKey { user: "u".to_owned(), key: key(7) }]),
            "not in what was read",
        ),
        (
            Found { rotates: Some("u".to_owned()), ..on_user(Vec::new()) },
            "a rotation of the key of u",
        ),
    ];
    for (wish, words) in rows {
        let mend = scene.plan(std::slice::from_ref(&wish));
        assert!(mend.steps.is_empty() && mend.wishes.is_empty(), "{words}: {:?}", mend.steps);
        let [remark] = mend.remarks.as_slice() else { panic!("{words}: {:?}", mend.remarks) };
        assert!(remark.contains(words) && remark.contains(&wish.on.to_string()), "{remark}");
    }
    // Of two that write the same policy otherwise, the second waits.
    let pulls = crate::domain::policy::permission::inline(&sample::intent().host, &[]);
    let mend = scene.plan(&[
        on_role("a", "one", vec![inline(&pulls)]),
        on_role("a", "two", vec![inline(&sound())]),
    ]);
    assert_eq!((calls(&mend).len(), mend.wishes.len()), (1, 1));
    assert!(mend.remarks[0].contains("against each other"), "{:?}", mend.remarks);
    // A trust policy comes with the role itself, whatever else of it was refused.
    let call = Operation::UpdateTrust { role: "half".to_owned(), trust: doubly_wrong() };
    assert_eq!(scene.plan(&[on_role("half", "x", vec![call])]).steps.len(), 1);
}

#[test]
fn a_key_asks_for_its_own_id() {
    let retire =
        |id: KeyId, status| Operation::SetKeyStatus { user: "u".to_owned(), key: id, status };
    let ours = UserEntry { tags: [(RUN_TAG.to_owned(), "earlier".to_owned())].into(), ..user("u") };
    // Whoever uses it is refused from then on, whosever it is.
    for entry in [user("u"), ours] {
        let scene = Scene::default().with_user(entry);
        let call = retire(key(1), KeyStatus::Inactive);
        let mend = scene.plan(&[found(On::User("u".to_owned()), "key-old", vec![call])]);
        let id = key(1).to_string();
        assert_eq!(mend.confirmations(), [id.as_str()]);
        assert_eq!(mend.steps[0].standing, Standing::Change);
    }
}

/// What somebody did to the account after it was read.
type Alteration = fn(&mut Account);

#[test]
fn what_was_altered_since_the_review_stops_it() {
    let scene = Scene::default()
        .with_role(role("a", &doubly_wrong(), true))
        .with_role(role("b", &sound(), true))
        .with_user(user("u"))
        .with_provider(&["one"]);
    // The provider is another's by then.
    let elsewhere = sound().replace("myCluster", "another");
    let move_b = Operation::UpdateTrust { role: "b".to_owned(), trust: elsewhere.clone() };
    let move_a = Operation::UpdateTrust { role: "a".to_owned(), trust: elsewhere };
    let key_off =
        Operation::SetKeyStatus { user: "u".to_owned(), key: key(1), status: KeyStatus::Inactive };
    let mend = scene.plan(&[
        on_role("a", "x", vec![move_a]),
        on_role("b", "y", vec![move_b, detach("b", READ_ONLY)]),
        found(On::User("u".to_owned()), "key-old", vec![key_off]),
        found(On::Provider(String::new()), "provider-unused", vec![delete()]),
    ]);
    assert_eq!(mend.steps.len(), 5, "{:?}", mend.remarks);
    let account = scene.account();
    assert_eq!(mend.altered(&account.seen()), Vec::<String>::new());
    // Another spelling of the same document is no alteration.
    let mut same = account.clone();
    same.role("a").trust =
        format!("{:#}", serde_json::from_str::<serde_json::Value>(&doubly_wrong()).unwrap());
    assert_eq!(mend.altered(&same.seen()), Vec::<String>::new());
    let rows: [(&str, Alteration); 7] = [
        ("trust policy of a was altered", |account| account.role("a").trust = "{}".to_owned()),
        ("AmazonEC2ContainerRegistryReadOnly on b is gone", |account| {
            account.role("b").attached.clear();
        }),
        ("role a was altered", |account| {
            account.role("a").tags.insert(RUN_TAG.to_owned(), "later".to_owned());
        }),
        ("role b is gone", |account| drop(account.held.roles.remove("b"))),
        ("was altered", |account| account.user("u").keys[0].status = KeyStatus::Inactive),
        ("lists new by now", |account| account.provider().audiences.push("new".to_owned())),
        ("the role c trusts it", |account| {
            let mut other = account.role("b").clone();
            other.name = "c".to_owned();
            account.held.roles.insert("c".to_owned(), other);
        }),
    ];
    for (words, alter) in rows {
        let mut altered = account.clone();
        alter(&mut altered);
        let told = mend.altered(&altered.seen());
        assert!(told.iter().any(|told| told.contains(words)), "{words}: {told:?}");
    }
    // Whether a role trusts the provider has to be known.
    let mut unread = account.seen();
    unread.trusting =
        Some(Err(Fault::new(crate::domain::fault::Cause::PermissionDenied, "refused")));
    assert_eq!(mend.altered(&unread).len(), 1);
}

#[test]
fn many_names_are_counted() {
    let mut scene = Scene::default();
    let mut wishes = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        scene = scene.with_role(role(name, &sound(), true));
        wishes.push(on_role(name, "ecr-push", vec![detach(name, READ_ONLY)]));
    }
    assert_eq!(scene.plan(&wishes).about(), "5 roles: a, b, c, 2 more");
    assert_eq!(scene.plan(&wishes[..1]).about(), "role a");
}

/// Any of the wishes that the account gives occasion to.
fn scenes() -> impl Strategy<Value = (Scene, Vec<Found>)> {
    let versions = prop_oneof![Just("2012-10-17"), Just("2008-10-17")];
    let operators =
        prop_oneof![Just("StringEquals"), Just("StringLike"), Just("StringEqualsIfExists")];
    let one = (versions, operators, any::<bool>(), subsequence(vec![READ_ONLY, POWER], 0..=2));
    (proptest::collection::vec(one, 1..4), any::<bool>()).prop_flat_map(|(roles, trusted)| {
        let mut scene = Scene::default().with_provider(&["one", "two"]).with_user(user("u"));
        let mut wishes = vec![
            found(
                On::User("u".to_owned()),
                "key-old",
                vec![Operation::SetKeyStatus {
                    user: "u".to_owned(),
                    key: key(2),
                    status: KeyStatus::Inactive,
                }],
            ),
            found(On::Provider("p".to_owned()), "audience-unused", vec![remove("one")]),
            found(On::Provider("p".to_owned()), "provider-unused", vec![delete()]),
        ];
        for (number, (version, operator, is_ours, attached)) in roles.into_iter().enumerate() {
            let name = format!("role-{number}");
            let mut text = trust(version, operator, &BOTH);
            if !trusted {
                text = text.replace("myCluster", "another");
            }
            let mut entry = role(&name, &text, is_ours);
            entry.attached = attached.iter().map(|name| policy(name)).collect();
            wishes.extend(trust_findings(&entry));
            for there in attached {
                let swap = vec![attach(&name, PULL_ONLY), detach(&name, there)];
                wishes.push(on_role(
                    &name,
                    if there == POWER { "ecr-push" } else { "ecr-wide" },
                    swap,
                ));
            }
            scene = scene.with_role(entry);
        }
        let n = wishes.len();
        subsequence(wishes, 0..=n).prop_map(move |wishes| (scene.clone(), wishes))
    })
}

proptest! {
    #[test]
    fn what_is_mended_stays_mended_and_taking_it_back_restores_the_account((scene, wishes) in scenes()) {
        let start = scene.account();
        let mend = scene.plan(&wishes);
        // Each wish is in the plan, or told of.
        prop_assert_eq!(mend.wishes.len() + mend.remarks.len(), wishes.len(), "{:?}", mend.remarks);
        prop_assert!(mend.steps.iter().all(|step| step.operation.is_some()));
        prop_assert_eq!(mend.altered(&start.seen()), Vec::<String>::new());
        let mut account = start.clone();
        account.session(Purpose::Apply);
        for step in &mend.steps {
            account.step(step, true, true);
            // Whoever could pull can pull at every moment.
            for (name, role) in &start.held.roles {
                prop_assert!(role.attached.is_empty() || !account.held.roles[name].attached.is_empty());
            }
        }
        for step in &mend.steps {
            prop_assert_eq!(mend.differs(step, &account.seen()), Vec::<String>::new());
        }
        let wished = undo(&account.past(), &account.seen(), &sample::caller(), &Decisions::default());
        prop_assert_eq!(wished.conflicts().count(), 0, "{:?}", wished.steps);
        account.steps(Purpose::Undo, &wished.steps);
        let sorted = |account: &Account| {
            let mut held = account.held.clone();
            held.providers.values_mut().for_each(|there| there.audiences.sort());
            held.roles.values_mut().for_each(|role| role.attached.sort());
            held
        };
        prop_assert_eq!(sorted(&account), sorted(&start), "after {:?}", wished.steps);
        prop_assert!(account.past().is_empty(), "{:?}", account.past());
    }

    #[test]
    fn a_mending_that_was_cut_anywhere_can_be_taken_back(
        (scene, wishes) in scenes(),
        cut in 0..6_usize,
        happens in any::<bool>(),
    ) {
        let start = scene.account();
        let mend = scene.plan(&wishes);
        let mut account = start.clone();
        account.session(Purpose::Apply);
        for (number, step) in mend.steps.iter().enumerate().take(cut + 1) {
            account.step(step, number < cut || happens, number < cut);
        }
        let wished = undo(&account.past(), &account.seen(), &sample::caller(), &Decisions::default());
        prop_assert_eq!(wished.conflicts().count(), 0, "{:?}", wished.steps);
        account.steps(Purpose::Undo, &wished.steps);
        let mut held = account.held.clone();
        let mut began = start.held.clone();
        for held in [&mut held, &mut began] {
            held.providers.values_mut().for_each(|there| there.audiences.sort());
            held.roles.values_mut().for_each(|role| role.attached.sort());
        }
        prop_assert_eq!(held, began);
    }
}
