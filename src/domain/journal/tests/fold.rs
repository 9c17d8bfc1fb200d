//! What a journal comes to.

use super::*;

fn trust(text: &str) -> Operation {
    Operation::UpdateTrust { role: role().name().to_owned(), trust: text.to_owned() }
}

fn was(text: &str) -> Value {
    json!({ "PolicyDocument": text })
}

#[expect(clippy::unnecessary_wraps, reason = "it is a state")]
fn some(text: &str) -> State {
    Some(text.to_owned())
}

/// One session of these calls, each with how it ended; `None` has no end.
fn session_of(calls: &[(Operation, Value, Option<Outcome>)]) -> Vec<Record> {
    let mut lines = vec![session(Purpose::Apply)];
    for ((operation, before, outcome), n) in calls.iter().zip(1..) {
        lines.push(began(n, operation, before.clone()));
        lines.extend(outcome.map(|outcome| ended(n, outcome, None)));
    }
    lines
}

fn create_user(run: &str) -> Operation {
    let intent = sample::user_intent();
    let tags = [("okteto-ecr:run".to_owned(), run.to_owned())].into();
    Operation::CreateUser { user: intent.user, path: intent.access.path, boundary: None, tags }
}

const USER: &str = "private-registry-user";

fn user(keys: &[&str]) -> SeenUser {
    let key = |id: &&str| SeenKey {
        id: KeyId::parse(id).unwrap(),
        status: KeyStatus::Active,
        created_at: None,
        last_use: LastUse::Never,
    };
    SeenUser {
        arn: sample::user_intent().user_arn(),
        name: USER.to_owned(),
        path: "/".to_owned(),
        created_at: None,
        tags: BTreeMap::new(),
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        groups: Vec::new(),
        has_password: None,
        keys: keys.iter().map(key).collect(),
    }
}

fn ids(keys: &[KeyId]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

const ONE: &str = "AKIA0000000000000001";
const TWO: &str = "AKIA0000000000000002";

fn make_key(beside: &[&str]) -> (Operation, Value) {
    let beside: Vec<KeyId> = beside.iter().map(|id| KeyId::parse(id).unwrap()).collect();
    let before = json!({"AccessKeyIds": beside.iter().map(KeyId::as_str).collect::<Vec<_>>()});
    (Operation::CreateAccessKey { user: USER.to_owned(), beside }, before)
}

fn delete_key(id: &str) -> Operation {
    Operation::DeleteAccessKey { user: USER.to_owned(), key: KeyId::parse(id).unwrap() }
}

fn deliver(n: u64, key: &str, to: &str) -> Record {
    Record::Began(Began {
        at: "2026-11-23T20:45:13Z".to_owned(),
        n,
        id: "custody".to_owned(),
        call: DELIVER.to_owned(),
        summary: format!("the secret of {key}"),
        request: json!({"AccessKeyId": key, "To": to}),
        before: Value::Null,
    })
}

#[test]
fn a_thing_is_kept_with_its_first_state_and_its_last() {
    let done = Some(Outcome::Done);
    let thing = Thing::Trust(role().name().to_owned());
    for (calls, wanted) in [
        (vec![("{\"b\":1}", "{\"a\":1}", done)], Some(vec![some("{\"b\":1}")])),
        // Changed twice it goes back to the first.
        (
            vec![("{\"b\":1}", "{\"a\":1}", done), ("{\"c\":1}", "{\"b\":1}", done)],
            Some(vec![some("{\"c\":1}")]),
        ),
        // And by the run itself.
        (vec![("{\"b\":1}", "{\"a\":1}", done), ("{\"a\":1}", "{\"b\":1}", done)], None),
        (vec![("{\"b\":1}", "{\"a\":1}", Some(Outcome::Failed))], None),
        (vec![("{\"b\":1}", "{\"a\":1}", Some(Outcome::Stopped))], None),
        (
            vec![("{\"b\":1}", "{\"a\":1}", Some(Outcome::Unknown))],
            Some(vec![some("{\"a\":1}"), some("{\"b\":1}")]),
        ),
        (vec![("{\"b\":1}", "{\"a\":1}", None)], Some(vec![some("{\"a\":1}"), some("{\"b\":1}")])),
        // What was in flight is certain once it was sent again and answered.
        (
            vec![
                ("{\"b\":1}", "{\"a\":1}", Some(Outcome::Unknown)),
                ("{\"b\":1}", "{\"a\":1}", done),
            ],
            Some(vec![some("{\"b\":1}")]),
        ),
    ] {
        let calls: Vec<_> =
            calls.iter().map(|(to, from, outcome)| (trust(to), was(from), *outcome)).collect();
        let past = fold(&session_of(&calls));
        let entry = past.entry(&thing);
        assert_eq!(entry.map(|entry| entry.after.clone()), wanted, "{calls:?}");
        assert!(entry.is_none_or(|entry| entry.before == some("{\"a\":1}")), "{calls:?}");
        assert_eq!(past.is_empty(), wanted.is_none());
        let is_back = wanted.is_none() && calls.iter().all(|(_, _, outcome)| *outcome == done);
        assert_eq!(past.restored.iter().any(|entry| entry.thing == thing), is_back, "{calls:?}");
    }
}

#[test]
fn made_and_deleted_in_one_run_is_nothing_and_what_is_on_it_goes_with_it() {
    let policy = PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryReadOnly");
    let who = Principal::User(USER.to_owned());
    let on = Operation::AttachPolicy { to: who.clone(), policy };
    let done = Some(Outcome::Done);
    let made = [(create_user("r-1"), Value::Null, done), (on, Value::Null, done)];
    let past = fold(&session_of(&made));
    assert_eq!(past.entry(&Thing::Principal(who.clone())).unwrap().after, [some("r-1")]);
    assert!(past.entries.len() > 2);
    let delete = |outcome| {
        let mut calls = made.to_vec();
        calls.push((
            Operation::DeleteUser { user: USER.to_owned() },
            json!({"RunTag": "r-1"}),
            outcome,
        ));
        fold(&session_of(&calls))
    };
    assert!(delete(done).is_empty());
    let gone: Vec<Thing> = delete(done).restored.into_iter().map(|entry| entry.thing).collect();
    assert_eq!(gone, [Thing::Principal(who)]);
    assert_eq!(delete(Some(Outcome::Failed)).entries, past.entries);
    // Perhaps deleted, each of them may be gone.
    for entry in delete(None).entries {
        assert!(entry.after.contains(&None), "{entry:?}");
    }
    // A provider with its audiences.
    let intent = sample::intent();
    let arn = intent.provider_arn();
    let create = Operation::CreateProvider {
        issuer: intent.issuer,
        audiences: vec![intent.audience],
        tags: BTreeMap::new(),
    };
    let past = fold(&session_of(&[(create.clone(), Value::Null, done)]));
    assert_eq!(past.entries.len(), 2);
    assert_eq!(past.entries[0].thing, Thing::Provider(arn.clone()));
    let gone = Operation::DeleteProvider { provider: arn };
    let past =
        fold(&session_of(&[(create, Value::Null, done), (gone, json!({"RunTag": "r-1"}), done)]));
    assert!(past.is_empty());
}

#[test]
fn a_key_without_its_answer_is_any_that_was_not_there_before() {
    let (call, before) = make_key(&[ONE]);
    for end in [None, Some(ended(1, Outcome::Unknown, None)), Some(ended(1, Outcome::Done, None))] {
        let mut lines = vec![session(Purpose::Apply), began(1, &call, before.clone())];
        lines.extend(end);
        let past = fold(&lines);
        assert_eq!(
            past.unsure,
            [Unsure { user: USER.to_owned(), beside: vec![ONE.to_owned()], among: None }]
        );
        assert_eq!(past.in_flight.len(), 1);
        assert!(!past.is_empty());
        assert!(ids(&past.unsure_keys(&user(&[ONE]))).is_empty(), "it did not happen");
        let both = user(&[ONE, TWO]);
        assert_eq!(ids(&past.unsure_keys(&both)), [TWO]);
        assert_eq!(ids(&past.lost_keys(&both, None)), [TWO]);
        // Its secret is found where it should be.
        assert!(past.lost_keys(&both, Some(&both.keys[1].id)).is_empty());
        let somebody = SeenUser { name: "else".to_owned(), ..both };
        assert!(past.unsure_keys(&somebody).is_empty());
        // Deleted it is known, whether or not that is answered.
        lines.push(session(Purpose::Apply));
        lines.push(began(2, &delete_key(TWO), json!({"Status": "Active"})));
        assert_eq!(fold(&lines).unsure.len(), 1, "perhaps deleted it is perhaps there");
        lines.push(ended(2, Outcome::Done, None));
        assert!(fold(&lines).is_empty());
    }
}

#[test]
fn the_deletion_of_one_key_says_nothing_of_another() {
    // Two answers were lost, the first of which made a key: the second call found it there.
    let (first, second) = (make_key(&[]), make_key(&[ONE]));
    let mut lines =
        session_of(&[(first.0.clone(), first.1.clone(), None), (second.0, second.1, None)]);
    assert_eq!(ids(&fold(&lines).unsure_keys(&user(&[ONE, TWO]))), [ONE, TWO]);
    let delete = |n, key| {
        [began(n, &delete_key(key), json!({"Status": "Active"})), ended(n, Outcome::Done, None)]
    };
    lines.push(session(Purpose::Apply));
    lines.extend(delete(3, ONE));
    assert_eq!(ids(&fold(&lines).unsure_keys(&user(&[TWO]))), [TWO]);
    lines.extend(delete(4, TWO));
    assert!(fold(&lines).is_empty());
}

#[test]
fn a_key_that_the_next_call_did_not_find_was_never_made() {
    let (call, before) = make_key(&[]);
    let mut lines = session_of(&[(call.clone(), before.clone(), None)]);
    lines.push(session(Purpose::Apply));
    lines.extend([began(2, &call, before), ended(2, Outcome::Done, Some(TWO))]);
    let past = fold(&lines);
    assert!(past.unsure.is_empty());
    assert!(past.unsure_keys(&user(&[ONE, TWO])).is_empty(), "that is somebody else's");
}

#[test]
fn a_key_is_lost_until_its_secret_is_delivered() {
    let (call, before) = make_key(&[]);
    let made =
        [session(Purpose::Apply), began(1, &call, before), ended(1, Outcome::Done, Some(ONE))];
    let there = user(&[ONE]);
    let lost = |more: &[Record]| {
        let past = fold(&[&made[..], more].concat());
        assert_eq!(past.keys().collect::<Vec<_>>(), [(USER, ONE)]);
        assert!(past.unsure.is_empty());
        !past.lost_keys(&there, None).is_empty()
    };
    let secret = || deliver(2, ONE, "Secret okteto/key");
    assert!(lost(&[]));
    assert!(lost(&[secret()]), "it is not known to have arrived");
    assert!(lost(&[secret(), ended(2, Outcome::Failed, None)]));
    assert!(!lost(&[secret(), ended(2, Outcome::Done, None)]));
    // In memory it is only as long as the process lives, unless that ended in order.
    let memory = || deliver(2, ONE, "memory, shown on demand");
    let held = [memory(), ended(2, Outcome::Done, None)];
    assert!(lost(&held));
    assert!(!lost(&[&held[..], &[closed(Outcome::Done)]].concat()));
    assert!(lost(&[&held[..], &[session(Purpose::Apply), closed(Outcome::Done)]].concat()));
}

#[test]
fn the_phase_says_how_the_last_session_ended() {
    use Purpose::{Apply, Undo};
    for (purpose, end, phase, is_open) in [
        (Apply, None, Phase::Interrupted, true),
        (Undo, None, Phase::Interrupted, true),
        (Apply, Some(Outcome::Done), Phase::Done, false),
        (Apply, Some(Outcome::Failed), Phase::Failed, true),
        (Apply, Some(Outcome::Stopped), Phase::Stopped, true),
        (Undo, Some(Outcome::Done), Phase::Undone, false),
        (Undo, Some(Outcome::Stopped), Phase::PartlyUndone, true),
        (Undo, Some(Outcome::Failed), Phase::PartlyUndone, true),
    ] {
        let mut lines = vec![session(Apply), closed(Outcome::Done), session(purpose)];
        lines.extend(end.map(closed));
        let past = fold(&lines);
        assert_eq!((past.phase, past.phase.is_open()), (phase, is_open), "{purpose:?} {end:?}");
        assert_eq!(past.session.unwrap().purpose, purpose);
    }
    assert_eq!(fold(&[]).phase, Phase::Interrupted);
}

#[test]
fn taking_back_adds_nothing_to_what_the_run_touched() {
    let policy = PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryPullOnly");
    let detach = Operation::DetachPolicy { from: role(), policy };
    let mut lines = session_of(&[(attach(), Value::Null, Some(Outcome::Done))]);
    let past = fold(&lines);
    lines.push(session(Purpose::Undo));
    lines.push(began(2, &detach, json!({"PolicyArn": "arn:aws:iam::aws:policy/X"})));
    lines.push(ended(2, Outcome::Done, None));
    assert_eq!(fold(&lines).entries, past.entries);
}
