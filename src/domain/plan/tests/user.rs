//! User mode.

use super::*;
use crate::domain::custody::{Custody, SecretPlace, SeenPlace, SeenSecret};
use crate::domain::fault::Cause;
use crate::domain::intent::UserIntent;
use crate::domain::inventory::SeenUser;
use crate::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use crate::domain::name::UserName;
use crate::domain::sample::user_intent;

const NAME: &str = "private-registry-user";
const SECRET: &str = "okteto-ecr-112233445566-us-east-2";

fn id(number: usize) -> KeyId {
    KeyId::parse(&format!("AKIA{number:016}")).unwrap()
}

fn key(number: usize, status: KeyStatus) -> SeenKey {
    let created_at = i64::try_from(number).ok();
    SeenKey { id: id(number), status, created_at, last_use: LastUse::Never }
}

fn active(number: usize) -> SeenKey {
    key(number, KeyStatus::Active)
}

fn inactive(number: usize) -> SeenKey {
    key(number, KeyStatus::Inactive)
}

fn planned(intent: &UserIntent, seen: &Inventory, run: &str, keys: &KeyWish) -> Plan {
    let choices = Choices { keys: keys.clone(), ..Choices::default() };
    plan(&intent.clone().into(), seen, &caller(), &stamp(run), &choices)
}

/// The plan of the sample.
fn plan_for(seen: &Inventory, keys: &KeyWish) -> Plan {
    planned(&user_intent(), seen, "r-1", keys)
}

fn free() -> Inventory {
    Inventory { place: Some(Ok(SeenPlace::Free)), ..Inventory::default() }
}

/// What AWS and the place of the secret would have after the call.
fn apply(intent: &UserIntent, seen: &mut Inventory, operation: &Operation) {
    if let Operation::CreateUser { user, path, boundary, tags } = operation {
        seen.user = Some(SeenUser {
            arn: intent.user_arn(),
            name: user.to_string(),
            path: path.as_str().to_owned(),
            created_at: None,
            tags: tags.clone(),
            boundary: boundary.clone(),
            attached: Vec::new(),
            inline: BTreeMap::new(),
            groups: Vec::new(),
            has_password: Some(false),
            keys: Vec::new(),
        });
        return;
    }
    let user = seen.user.as_mut().unwrap();
    assert!(operation.request()["UserName"] == *user.name, "the user is always named");
    match operation {
        Operation::AttachPolicy { policy, .. } => user.attached.push(policy.clone()),
        Operation::PutInlinePolicy { name, document, .. } => {
            user.inline.insert(name.clone(), document.clone());
        }
        Operation::PutBoundary { boundary, .. } => user.boundary = Some(boundary.clone()),
        Operation::Tag { tags, .. } => user.tags.extend(tags.clone()),
        Operation::CreateAccessKey { beside, .. } => {
            let there: Vec<KeyId> = user.keys.iter().map(|key| key.id.clone()).collect();
            assert_eq!(*beside, there);
            assert!(there.len() < 2);
            user.keys.push(active(50 + there.len()));
            if matches!(intent.custody, Custody::Kubernetes(_)) {
                let key = user.keys.last().map(|key| key.id.clone());
                let secret = SeenSecret { is_ours: true, key, version: "1".to_owned() };
                seen.place = Some(Ok(SeenPlace::Ours(secret)));
            }
        }
        Operation::SetKeyStatus { key, status, .. } => {
            user.keys.iter_mut().find(|there| there.id == *key).unwrap().status = *status;
        }
        Operation::DeleteAccessKey { key, .. } => user.keys.retain(|there| there.id != *key),
        other => panic!("{other:?}"),
    }
}

fn applied(intent: &UserIntent, mut seen: Inventory, plan: &Plan) -> Inventory {
    for step in plan.changes() {
        apply(intent, &mut seen, step.operation.as_ref().unwrap());
    }
    seen
}

fn done(intent: &UserIntent) -> Inventory {
    applied(intent, free(), &planned(intent, &free(), "r-1", &KeyWish::Have))
}

/// All is there, with these keys.
fn with(keys: Vec<SeenKey>) -> Inventory {
    let mut seen = done(&user_intent());
    seen.user.as_mut().unwrap().keys = keys;
    seen.place = free().place;
    seen
}

/// The same, made by somebody else.
fn foreign(keys: Vec<SeenKey>) -> Inventory {
    let mut seen = with(keys);
    seen.user.as_mut().unwrap().tags.clear();
    seen
}

fn calls(plan: &Plan) -> Vec<&'static str> {
    plan.changes().map(|step| step.operation.as_ref().unwrap().call()).collect()
}

fn step(plan: &Plan, id: StepId) -> &Planned {
    plan.steps.iter().find(|step| step.id == id).unwrap_or_else(|| panic!("{plan:#?}"))
}

#[test]
fn an_empty_account_gets_user_policy_and_key_and_nothing_has_to_be_confirmed() {
    let plan = plan_for(&free(), &KeyWish::Have);
    assert_eq!(
        standings(&plan),
        [
            ("user", "needed"),
            ("permissions", "needed"),
            ("custody", "needed"),
            ("access-key", "needed")
        ]
    );
    assert_eq!(
        calls(&plan),
        ["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"],
        "the key comes last: what fails before it leaves none"
    );
    assert!(plan.confirmations().is_empty());
    let made = step(&plan, StepId::AccessKey);
    assert_eq!(made.operation.as_ref().unwrap().request(), json!({ "UserName": NAME }));
    assert!(made.reason.contains(&format!("Secret okteto/{SECRET} and nowhere else")), "{made:?}");
}

#[test]
fn a_second_run_changes_nothing_and_makes_no_second_key() {
    let whole = done(&user_intent());
    let mut theirs = whole.clone();
    theirs.user.as_mut().unwrap().tags.clear();
    for seen in [whole, theirs] {
        let plan = plan_for(&seen, &KeyWish::Have);
        assert_eq!(
            standings(&plan),
            [("user", "present"), ("permissions", "present"), ("access-key", "present")]
        );
        assert!(plan.confirmations().is_empty());
    }
}

#[test]
fn an_existing_user_is_adopted_only_by_name_and_ours_without() {
    let bare = |mut seen: Inventory| {
        seen.user.as_mut().unwrap().attached.clear();
        seen
    };
    for (seen, standing, names) in [
        (bare(with(Vec::new())), "present", vec![]),
        (bare(foreign(Vec::new())), "adopt", vec![NAME]),
        (foreign(Vec::new()), "adopt", vec![NAME]),
    ] {
        let plan = plan_for(&seen, &KeyWish::Have);
        assert_eq!(standings(&plan)[0], ("user", standing));
        assert_eq!(plan.confirmations(), names, "{:?}", standings(&plan));
        assert!(plan.changes().all(|step| step.confirm.is_some() != names.is_empty()));
    }
}

#[test]
fn what_a_user_that_only_pulls_should_not_have_is_said_and_left() {
    let mut seen = foreign(vec![active(1)]);
    let user = seen.user.as_mut().unwrap();
    user.groups = vec!["admins".to_owned(), "devs".to_owned()];
    user.has_password = Some(true);
    user.attached.push(PolicyArn("arn:aws:iam::aws:policy/AdministratorAccess".to_owned()));
    user.inline.insert("other".to_owned(), "{}".to_owned());
    let plan = plan_for(&seen, &KeyWish::Have);
    assert_eq!(plan.changes().count(), 0);
    for words in ["admins, devs", "password", "AdministratorAccess", "other"] {
        assert!(plan.remarks.iter().any(|r| r.contains(words)), "{words} {:?}", plan.remarks);
    }
}

#[test]
fn keys_that_are_there_are_told_and_a_rotation_is_offered_and_nothing_is_deleted_unasked() {
    let day = 86_400;
    let used = SeenKey {
        created_at: Some(day),
        last_use: LastUse::At(99 * day, "ecr".to_owned()),
        ..active(1)
    };
    let idle = SeenKey { created_at: Some(90 * day), ..inactive(2) };
    for (keys, words, ways) in [
        (vec![used.clone()], vec!["It has one", "made 99 days ago", "used 24 h ago by ecr"], 1),
        (
            vec![used.clone(), idle],
            vec![
                "two",
                "The older: AKIA0000000000000001 active",
                "AKIA0000000000000002 inactive",
                "never used",
            ],
            2,
        ),
        (vec![used, active(2)], vec!["two", "no more"], 2),
        (vec![inactive(1)], vec!["It has one", "inactive"], 1),
    ] {
        let mut seen = with(keys);
        seen.read_at = Some(100 * day);
        let plan = plan_for(&seen, &KeyWish::Have);
        let there = step(&plan, StepId::AccessKey);
        assert_eq!((there.standing, &there.operation), (Standing::Present, &None));
        for words in words {
            assert!(there.reason.contains(words), "{words}: {}", there.reason);
        }
        assert!(there.ways_out[0].contains("rotation"), "{:?}", there.ways_out);
        assert_eq!(there.ways_out.len(), ways, "{:?}", there.ways_out);
    }
}

#[test]
fn another_key_leaves_everything_else_alone_and_a_third_is_a_conflict() {
    let mut seen = with(vec![active(1)]);
    seen.user.as_mut().unwrap().attached.clear();
    let plan = plan_for(&seen, &KeyWish::Another);
    assert_eq!(
        standings(&plan),
        [("user", "present"), ("custody", "needed"), ("access-key", "needed")]
    );
    let Some(Operation::CreateAccessKey { beside, .. }) = &step(&plan, StepId::AccessKey).operation
    else {
        panic!("{plan:?}")
    };
    assert_eq!(*beside, [id(1)]);
    // An inactive one counts too.
    for second in [active(2), inactive(2)] {
        let plan = plan_for(&with(vec![active(1), second]), &KeyWish::Another);
        assert_eq!(plan.changes().count(), 0);
        let full = plan.conflicts().next().unwrap();
        assert!(full.reason.contains("AWS allows no more"), "{}", full.reason);
        assert!(full.ways_out.iter().any(|way| way.contains(id(2).as_str())), "{full:?}");
    }
}

#[test]
fn a_key_is_retired_restored_and_deleted_by_its_id() {
    let both = || vec![active(1), active(2)];
    let half = || vec![inactive(1), active(2)];
    let none = KeyWish::Restore(id(9));
    for (keys, wish, standing, call) in [
        (both(), KeyWish::Retire(id(1)), "change", Some("iam:UpdateAccessKey")),
        (half(), KeyWish::Retire(id(1)), "present", None),
        (half(), KeyWish::Restore(id(1)), "change", Some("iam:UpdateAccessKey")),
        (both(), KeyWish::Restore(id(1)), "present", None),
        (half(), KeyWish::Delete(id(1)), "change", Some("iam:DeleteAccessKey")),
        (both(), KeyWish::Delete(id(1)), "change", Some("iam:DeleteAccessKey")),
        // What is gone already is as wished; what is not there cannot be switched.
        (both(), KeyWish::Delete(id(9)), "present", None),
        (both(), KeyWish::Retire(id(9)), "conflict", None),
        (both(), none, "conflict", None),
        // Without the only active key nothing can be pulled; deleted it is only where that is said.
        (half(), KeyWish::Retire(id(2)), "conflict", None),
        (vec![active(1)], KeyWish::Retire(id(1)), "conflict", None),
        (vec![active(1)], KeyWish::Delete(id(1)), "change", Some("iam:DeleteAccessKey")),
    ] {
        let seen = with(keys);
        let plan = plan_for(&seen, &wish);
        assert_eq!(standings(&plan)[1..], [("access-key", standing)], "{wish:?}");
        assert_eq!(calls(&plan), call.into_iter().collect::<Vec<_>>(), "{wish:?}");
        let one = step(&plan, StepId::AccessKey);
        if call.is_some() {
            let (KeyWish::Retire(id) | KeyWish::Restore(id) | KeyWish::Delete(id)) = &wish else {
                panic!("{wish:?}")
            };
            assert_eq!(plan.confirmations(), [id.as_str()], "{wish:?}");
            let request = one.operation.as_ref().unwrap().request();
            assert_eq!(
                (&request["UserName"], &request["AccessKeyId"]),
                (&json!(NAME), &json!(id.as_str()))
            );
            assert_eq!(one.diff.len(), 1);
            // Asked again afterwards it is done.
            let after = applied(&user_intent(), seen, &plan);
            assert_eq!(plan_for(&after, &wish).changes().count(), 0, "{wish:?}");
        }
    }
    let plan = plan_for(&with(both()), &KeyWish::Delete(id(1)));
    let one = step(&plan, StepId::AccessKey);
    assert!(one.reason.contains("It is active"), "{}", one.reason);
    assert!(one.ways_out[0].contains("inactive first"), "{:?}", one.ways_out);
    // Without the user there is nothing to change a key of.
    for wish in [KeyWish::Another, KeyWish::Delete(id(1))] {
        let plan = plan_for(&free(), &wish);
        assert_eq!(standings(&plan), [("user", "conflict")]);
    }
}

#[test]
fn a_user_whose_name_differs_in_case_or_path_is_in_the_way() {
    type Spoil = fn(&mut SeenUser);
    let cases: [(Spoil, &str); 3] = [
        (|user| user.name = "Private-Registry-User".to_owned(), "case"),
        (|user| user.path = "/team/".to_owned(), "/team/"),
        (|user| user.path = "/aws-reserved/x/".to_owned(), "belongs to AWS"),
    ];
    for (spoil, words) in cases {
        let mut seen = with(vec![active(1)]);
        spoil(seen.user.as_mut().unwrap());
        for wish in [KeyWish::Have, KeyWish::Another, KeyWish::Delete(id(1))] {
            let plan = plan_for(&seen, &wish);
            assert_eq!((standings(&plan), plan.changes().count()), (vec![("user", "conflict")], 0));
            let conflict = plan.conflicts().next().unwrap();
            assert!(conflict.reason.contains(words), "{}", conflict.reason);
            assert!(!conflict.ways_out.is_empty());
        }
    }
}

/// A Secret of ours is there.
fn ours(key: Option<KeyId>) -> SeenPlace {
    SeenPlace::Ours(SeenSecret { is_ours: true, key, version: "3".to_owned() })
}

#[test]
fn a_secret_of_ours_is_written_anew_and_somebodys_key_in_it_is_given_up_only_by_its_name() {
    for (keys, there, names) in [
        (vec![active(1)], Some(id(1)), vec![]),
        (vec![active(1)], Some(id(7)), vec![SECRET]),
        // Of a key that nobody knows the name of it is not known whose it is.
        (vec![active(1)], None, vec![SECRET]),
    ] {
        let mut seen = with(keys);
        seen.place = Some(Ok(ours(there.clone())));
        let plan = plan_for(&seen, &KeyWish::Another);
        let place = step(&plan, StepId::Custody);
        assert_eq!(place.standing, Standing::Change);
        assert_eq!(place.diff[0].now, there.as_ref().map(ToString::to_string));
        assert_eq!(plan.confirmations(), names, "{there:?}");
        assert_eq!(place.reason.contains("its secret would be lost"), !names.is_empty());
    }
    // A user that is not there yet has no keys, so that whatever is in it is somebody's.
    let seen = Inventory { place: Some(Ok(ours(Some(id(1))))), ..Inventory::default() };
    assert_eq!(plan_for(&seen, &KeyWish::Have).confirmations(), [SECRET]);
    // Each name is asked for once, in whatever order the steps are.
    let mut seen = foreign(Vec::new());
    seen.user.as_mut().unwrap().attached.clear();
    seen.place = Some(Ok(ours(Some(id(7)))));
    assert_eq!(plan_for(&seen, &KeyWish::Have).confirmations(), [NAME, SECRET]);
}

#[test]
fn a_place_that_is_shut_is_a_conflict_with_its_fault_and_only_where_a_key_is_made() {
    let shut = Fault::new(Cause::ClusterPermissionMissing, "the cluster does not let you")
        .remedy("ask for the right");
    let seen = |seen: Inventory| Inventory { place: Some(Err(shut.clone())), ..seen };
    for (seen, wish) in
        [(seen(free()), KeyWish::Have), (seen(with(vec![active(1)])), KeyWish::Another)]
    {
        let plan = plan_for(&seen, &wish);
        let conflict = plan.conflicts().next().unwrap();
        assert_eq!((conflict.id, conflict.fault.as_ref()), (StepId::Custody, Some(&shut)));
        assert!(conflict.reason.contains("the cluster does not let you"));
        assert_eq!(conflict.ways_out[0], "ask for the right");
        assert!(conflict.ways_out[1].contains("another place"));
    }
    // No key is made, so that nothing has to go anywhere.
    assert_eq!(plan_for(&seen(with(vec![active(1)])), &KeyWish::Have).conflicts().count(), 0);
    let shown = UserIntent { custody: Custody::Show, ..user_intent() };
    let plan = planned(&shown, &free(), "r", &KeyWish::Have);
    assert_eq!(step(&plan, StepId::Custody).standing, Standing::Present);
}

#[test]
fn the_hash_knows_where_the_secret_goes_and_what_it_takes_the_place_of() {
    let place = |context: Option<&str>, namespace: &str| {
        Custody::Kubernetes(SecretPlace {
            context: context.map(str::to_owned),
            namespace: namespace.to_owned(),
            name: SECRET.to_owned(),
        })
    };
    let hash = |custody: Custody, seen: &Inventory| {
        planned(&UserIntent { custody, ..user_intent() }, seen, "r", &KeyWish::Have).hash()
    };
    let taken = |key| Inventory { place: Some(Ok(ours(Some(id(key))))), ..Inventory::default() };
    let all = [
        hash(place(None, "okteto"), &free()),
        hash(place(Some("a"), "okteto"), &free()),
        hash(place(Some("b"), "okteto"), &free()),
        hash(place(None, "other"), &free()),
        hash(place(None, "okteto"), &taken(1)),
        hash(place(None, "okteto"), &taken(2)),
        hash(Custody::File("a".into()), &free()),
        hash(Custody::File("b".into()), &free()),
        hash(Custody::Show, &free()),
    ];
    let different: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(hash(place(None, "okteto"), &free()), all[0]);
}

fn intents() -> impl Strategy<Value = UserIntent> {
    let custody = prop_oneof![
        Just(user_intent().custody),
        Just(Custody::File("key".into())),
        Just(Custody::Show)
    ];
    let names = prop::sample::select(vec![NAME, "other"]);
    (super::intents(), custody, names).prop_map(|(oidc, custody, name)| {
        let mut access = oidc.access;
        (access.description, access.max_session_seconds) = (None, None);
        UserIntent { custody, access, user: UserName::parse(name).unwrap(), ..user_intent() }
    })
}

proptest! {
    #[test]
    fn planning_again_after_applying_finds_nothing(
        first in intents(),
        second in intents(),
        ours: bool,
        keys in 0..3_usize,
    ) {
        let mut seen = done(&first);
        let user = seen.user.as_mut().unwrap();
        user.keys = [active(1), inactive(2)].into_iter().take(keys).collect();
        if !ours {
            user.tags.clear();
        }
        // What is looked for is the user of the name that is wished for now.
        if first.user != second.user {
            seen.user = None;
        }
        let once = planned(&second, &seen, "r-2", &KeyWish::Have);
        let is_new = seen.user.is_none();
        for step in once.changes() {
            prop_assert!(ours || is_new || step.confirm.is_some(), "{:?}", step);
        }
        let made = calls(&once).iter().filter(|call| **call == "iam:CreateAccessKey").count();
        prop_assert!(made <= 1 && (is_new || keys == 0 || made == 0));
        if once.conflicts().next().is_none() {
            let after = applied(&second, seen, &once);
            let again = planned(&second, &after, "r-3", &KeyWish::Have);
            prop_assert_eq!(again.changes().count(), 0, "{:?}", standings(&again));
            prop_assert!(again.conflicts().next().is_none());
        }
    }

    #[test]
    fn no_plan_about_keys_takes_away_the_last_one_that_works(
        statuses in prop::collection::vec(any::<bool>(), 0..3),
        number in 0..3_usize,
    ) {
        let keys: Vec<SeenKey> = statuses
            .iter()
            .enumerate()
            .map(|(number, works)| if *works { active(number) } else { inactive(number) })
            .collect();
        let before = keys.iter().filter(|key| key.is_active()).count();
        for wish in [
            KeyWish::Have,
            KeyWish::Another,
            KeyWish::Retire(id(number)),
            KeyWish::Restore(id(number)),
        ] {
            let seen = with(keys.clone());
            let plan = plan_for(&seen, &wish);
            let after = applied(&user_intent(), seen, &plan);
            let works = after.user.unwrap().keys.iter().filter(|key| key.is_active()).count();
            prop_assert!(before == 0 || works > 0, "{:?}", wish);
        }
    }
}
