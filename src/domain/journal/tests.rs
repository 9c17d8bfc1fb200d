use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::arn::PolicyArn;
use crate::domain::fault::Cause;
use crate::domain::inventory::SeenUser;
use crate::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use crate::domain::operation::Operation;
use crate::domain::partition::Partition;
use crate::domain::principal::Principal;
use crate::domain::sample;

mod fold;

/// The file of the first format that was released. It stays as it is for ever: every later version reads it as this test says.
const FIRST: &str = include_str!("../../../tests/journal/1.0.jsonl");

pub(super) fn header() -> Header {
    Header {
        format: Format::OURS,
        program: "0.1.0".to_owned(),
        run: "r-1".to_owned(),
        account: "112233445566".to_owned(),
        partition: "aws".to_owned(),
        region: "us-east-2".to_owned(),
        caller: "arn:aws:iam::112233445566:user/dana".to_owned(),
        mode: "oidc".to_owned(),
        about: "role my-private-registry".to_owned(),
        registry: sample::HOST.to_owned(),
        began: "2026-11-23T20:45:12Z".to_owned(),
    }
}

pub(super) fn session(purpose: Purpose) -> Record {
    Record::Session(Session {
        at: "2026-11-23T20:45:12Z".to_owned(),
        program: "0.1.0".to_owned(),
        caller: "arn:aws:iam::112233445566:user/dana".to_owned(),
        purpose,
        calls: vec!["größer".to_owned()],
    })
}

pub(super) fn began(n: u64, operation: &Operation, before: Value) -> Record {
    Record::Began(Began {
        at: "2026-11-23T20:45:13Z".to_owned(),
        n,
        id: "role".to_owned(),
        call: operation.call().to_owned(),
        summary: operation.summary(),
        request: operation.request(),
        before,
    })
}

pub(super) fn ended(n: u64, outcome: Outcome, key: Option<&str>) -> Record {
    Record::Ended(Ended {
        at: "2026-11-23T20:45:14Z".to_owned(),
        n,
        outcome,
        effect: None,
        arn: None,
        key: key.map(str::to_owned),
        request_id: None,
        cause: None,
        message: None,
    })
}

pub(super) fn closed(outcome: Outcome) -> Record {
    Record::Closed { at: "2026-11-23T20:45:15Z".to_owned(), outcome }
}

pub(super) fn text(lines: &[Record]) -> String {
    let mut text = serde_json::to_string(&header()).unwrap() + "\n";
    for line in lines {
        text += &(serde_json::to_string(line).unwrap() + "\n");
    }
    text
}

pub(super) fn fold(lines: &[Record]) -> Past {
    Past::of(&Journal::read(text(lines)).unwrap())
}

pub(super) fn role() -> Principal {
    Principal::Role("my-private-registry".to_owned())
}

pub(super) fn attach() -> Operation {
    let policy = PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryReadOnly");
    Operation::AttachPolicy { to: role(), policy }
}

/// A journal with every kind of line.
fn whole() -> Vec<Record> {
    let trust =
        Operation::UpdateTrust { role: role().name().to_owned(), trust: "{\"ü\":1}".to_owned() };
    let key = Operation::CreateAccessKey { user: "bo".to_owned(), beside: Vec::new() };
    vec![
        session(Purpose::Apply),
        began(1, &trust, json!({"PolicyDocument": "{}"})),
        ended(1, Outcome::Done, None),
        began(2, &attach(), Value::Null),
        ended(2, Outcome::Failed, None),
        session(Purpose::Apply),
        began(3, &attach(), Value::Null),
        ended(3, Outcome::Unknown, None),
        began(4, &key, json!({"AccessKeyIds": []})),
        ended(4, Outcome::Done, Some("AKIAIOSFODNN7EXAMPLE")),
        closed(Outcome::Stopped),
        session(Purpose::Undo),
        began(5, &Operation::DeleteBoundary { on: role() }, Value::Null),
        closed(Outcome::Failed),
    ]
}

#[test]
fn the_first_released_format_is_read_for_ever() {
    let journal = Journal::read(FIRST).unwrap();
    assert!(journal.may_be_written() && !journal.torn);
    let past = Past::of(&journal);
    assert_eq!(past.header.about, "user private-registry-user");
    assert_eq!((past.phase, past.number, past.done), (Phase::Failed, 6, 1));
    assert!(past.wants_key && past.restored.is_empty());
    assert_eq!(past.last, "2026-11-23T20:52:53Z");
    assert_eq!(past.in_flight, ["access key AKIAI44QH8DHBEXAMPLE: inactive"]);
    let delivered = [(
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        "Secret okteto/okteto-ecr-112233445566-us-east-2".to_owned(),
    )];
    assert_eq!(past.delivered, delivered.into());
    assert!(past.unsure.is_empty());
    let user = Principal::User("private-registry-user".to_owned());
    let some = |text: &str| Some(text.to_owned());
    let policy = PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryReadOnly");
    let attached = some(policy.as_str());
    let key = |id: &str| Thing::Key("private-registry-user".to_owned(), id.to_owned());
    let entry = |thing, before, after| Entry { thing, before, after };
    let boundary = |name: &str| some(&format!("arn:aws:iam::112233445566:policy/{name}"));
    assert_eq!(
        past.entries,
        [
            entry(
                Thing::Boundary(user.clone()),
                boundary("OldBoundary"),
                vec![boundary("PullBoundary")]
            ),
            // The program died before its end was written.
            entry(Thing::Attached(user, policy), None, vec![None, attached]),
            entry(key("AKIAIOSFODNN7EXAMPLE"), None, vec![some("Active")]),
            entry(
                key("AKIAI44QH8DHBEXAMPLE"),
                some("Active"),
                vec![some("Active"), some("Inactive")]
            ),
        ]
    );
}

#[test]
fn what_is_written_is_read() {
    let read = Journal::read(text(&whole())).unwrap();
    assert_eq!(read, Journal { header: header(), lines: whole(), torn: false });
    // Nothing written at all, or not a whole line.
    for text in ["", "\n", "{\"format\":", &serde_json::to_string(&header()).unwrap()] {
        assert_eq!(Journal::read(text), Err(Unread::Empty), "{text}");
    }
    let fault = Unread::Empty.fault("r-1");
    assert_eq!((fault.cause, fault.evidence["run"].as_str()), (Cause::File, "r-1"));
}

#[test]
fn a_line_that_cannot_be_read_is_none_where_it_is_the_last_or_a_process_went_on_after_it() {
    let half = "{\"event\":\"ended\",\"at\":\"20";
    let lines = whole();
    let torn = text(&lines) + half;
    assert_eq!(
        Journal::read(&torn).unwrap(),
        Journal { header: header(), lines: lines.clone(), torn: true }
    );
    // Whatever stands there, as a letter torn in the middle, or what a disk that lost power holds.
    let first = serde_json::to_string(&session(Purpose::Apply)).unwrap() + "\n";
    let broken = [torn.as_bytes(), b"\xc3\n\0\0\n\n"].concat();
    let on = [&broken, first.as_bytes()].concat();
    let mut wanted = lines.clone();
    wanted.push(session(Purpose::Apply));
    assert_eq!(Journal::read(on).unwrap().lines, wanted);
    assert_eq!(
        Journal::read(broken).unwrap(),
        Journal { header: header(), lines: lines.clone(), torn: false }
    );
    // Anything else after it is damage, and says where.
    let damaged = format!(
        "{}{half}\n{}",
        text(&lines),
        serde_json::to_string(&closed(Outcome::Done)).unwrap() + "\n"
    );
    let Err(Unread::Damaged(line, why)) = Journal::read(&damaged) else { panic!("it is damaged") };
    assert_eq!(line, lines.len() + 2);
    let fault = Unread::Damaged(line, why).fault("r-1");
    assert_eq!(fault.evidence["line"], line.to_string());
    assert!(fault.what_to_do().contains("okteto-ecr:run"), "{fault}");
    // A first line that is none is no empty journal where something stands behind it.
    for first in ["", half] {
        let text = format!("{first}\n{}", serde_json::to_string(&lines[1]).unwrap() + "\n");
        assert!(matches!(Journal::read(text), Err(Unread::Damaged(1, _))), "{first}");
    }
    // A letter that is none is not read as another: it would be written back by taking back.
    let [head, call] = [text(&[]), serde_json::to_string(&lines[1]).unwrap()];
    let (before, after) = call.split_once('ü').unwrap();
    let text = [head.as_bytes(), before.as_bytes(), b"\xc3", after.as_bytes(), b"\n"].concat();
    assert_eq!(Journal::read(text).unwrap().lines, []);
}

/// A session of a newer program.
fn newer_session(program: &str, major: u32, minor: u32) -> String {
    let mut line = serde_json::to_value(session(Purpose::Apply)).unwrap();
    line["program"] = json!(program);
    line["format"] = json!({"major": major, "minor": minor});
    line.to_string() + "\n"
}

#[test]
fn each_session_tells_the_format_it_writes_and_the_newest_counts() {
    let line = serde_json::to_value(session(Purpose::Undo)).unwrap();
    assert_eq!(line["format"], serde_json::to_value(Format::OURS).unwrap());
    let ours = Journal::read(text(&whole())).unwrap();
    assert_eq!((ours.may_be_written(), ours.program()), (true, "0.1.0"));
    // A newer program went on with a journal of ours, then one in our format again.
    let newer = Format { minor: Format::OURS.minor + 1, ..Format::OURS };
    let text = text(&whole())
        + &newer_session("0.2.0", newer.major, newer.minor)
        + &newer_session("0.2.1", Format::OURS.major, Format::OURS.minor);
    let read = Journal::read(text.as_str()).unwrap();
    assert_eq!((read.may_be_written(), read.header.format), (false, newer));
    assert_eq!(read.program(), "0.2.1");
    // And one of another major, whose words may be any.
    let text = text + "{\"format\":{\"major\":2,\"minor\":3},\"program\":\"2.0.0\"}\nsomething\n";
    let other = Unread::Version(Format { major: 2, minor: 3 }, "2.0.0".to_owned());
    assert_eq!(Journal::read(text), Err(other));
}

#[test]
fn a_word_of_a_newer_minor_is_not_known_and_no_damage() {
    let lines = [session(Purpose::Apply), began(1, &attach(), Value::Null)];
    let end = |outcome| [ended(1, outcome, None), closed(outcome)];
    let of = |lines: &[Record]| text(lines).replace("\"minor\":0", "\"minor\":1");
    let newer = of(&[&lines[..], &end(Outcome::Done)].concat())
        .replace("\"outcome\":\"done\"", "\"outcome\":\"paused\"");
    let read = Journal::read(newer).unwrap();
    assert_eq!(read.lines[2..], end(Outcome::Unknown));
    let past = Past::of(&read);
    assert_eq!((past.phase, past.entries.len()), (Phase::Failed, 1));
    assert_eq!(past.entries[0].after.len(), 2, "it may have happened or not");
    // What a session does for another reason is done by the run all the same.
    let newer = of(&[&lines[..], &end(Outcome::Done)].concat())
        .replace("\"purpose\":\"apply\"", "\"purpose\":\"weigh\"");
    let read = Journal::read(newer).unwrap();
    assert_eq!(read.lines[0], session(Purpose::Unknown));
    assert_eq!(Past::of(&read).entries.len(), 1);
}

#[test]
fn a_newer_minor_is_read_and_not_written_and_another_major_names_its_program() {
    let newer = text(&whole()).replace("\"minor\":0", "\"minor\":7").replace(
        "{\"event\":\"closed\"",
        "{\"event\":\"weighed\",\"grams\":3}\n{\"event\":\"closed\"",
    );
    let read = Journal::read(newer).unwrap();
    assert!(!read.may_be_written());
    assert_eq!(read.lines.iter().filter(|line| **line == Record::Unknown).count(), 2);
    let mut past = Past::of(&read);
    past.header.format = Format::OURS;
    assert_eq!(past, fold(&whole()), "what is not known plays no part");
    // Whatever else stands in the first line of another major.
    let other = "{\"format\":{\"major\":2,\"minor\":1},\"program\":\"9.9.9\"}\nsomething\n";
    let Err(unread) = Journal::read(other) else { panic!("it is of another major") };
    assert_eq!(unread, Unread::Version(Format { major: 2, minor: 1 }, "9.9.9".to_owned()));
    assert!(unread.fault("r-1").what_to_do().contains("9.9.9"));
}

#[test]
fn of_an_access_key_only_its_id_is_kept() {
    let key = Operation::CreateAccessKey { user: "bo".to_owned(), beside: Vec::new() };
    let pair = [
        began(1, &key, json!({"AccessKeyIds": []})),
        ended(1, Outcome::Done, Some("AKIAIOSFODNN7EXAMPLE")),
    ];
    let kept = pair.map(|line| serde_json::to_value(line).unwrap());
    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names(&kept[0]), ["event", "at", "n", "id", "call", "summary", "request", "before"]);
    assert_eq!(kept[0]["request"], json!({"UserName": "bo"}));
    assert_eq!(names(&kept[1]), ["event", "at", "n", "outcome", "key"]);
    assert_eq!(kept[1]["key"], "AKIAIOSFODNN7EXAMPLE");
}

#[test]
fn a_run_is_of_one_account_and_partition() {
    assert!(is_of(&header(), &sample::caller()).is_ok());
    for (account, partition) in [("999999999999", "aws"), ("112233445566", "aws-us-gov")] {
        let other = Header { account: account.into(), partition: partition.into(), ..header() };
        assert_eq!(is_of(&other, &sample::caller()).unwrap_err().cause, Cause::WrongAccount);
    }
}

/// What a later process has added to it, once it has cut off what is no line.
fn gone_on(torn: &[u8], text: &[u8]) -> Vec<u8> {
    [super::whole(torn), text].concat()
}

/// The lines of one more session.
fn next() -> Vec<u8> {
    let text = text(&[session(Purpose::Apply), began(9, &attach(), Value::Null)]);
    text.split_once('\n').unwrap().1.into()
}

#[test]
fn wherever_it_was_torn_what_was_whole_is_read() {
    let bytes = text(&whole()).into_bytes();
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    let lines = |cut: &[u8]| Journal::read(cut).map(|read| (read.lines, read.torn));
    for cut in 0..=bytes.len() {
        let known = ends.iter().filter(|end| **end < cut).count();
        let is_torn = ends.iter().all(|end| end + 1 != cut);
        let cut = &bytes[..cut];
        let Some(known) = known.checked_sub(1) else {
            assert_eq!(lines(cut), Err(Unread::Empty));
            continue;
        };
        let mut wanted = whole()[..known].to_vec();
        assert_eq!(lines(cut), Ok((wanted.clone(), is_torn)));
        wanted.extend([session(Purpose::Apply), began(9, &attach(), Value::Null)]);
        assert_eq!(lines(&gone_on(cut, &next())), Ok((wanted, false)));
    }
}

proptest! {
    #[test]
    fn torn_again_and_again_it_stays_readable(
        cuts in prop::collection::vec(0..600_usize, 1..5),
        first in 0..text(&whole()).len(),
    ) {
        let bytes = text(&whole()).into_bytes();
        let mut kept = bytes[..first].to_vec();
        for cut in cuts {
            let is_begun = Journal::read(&kept).is_ok();
            let began = super::whole(&kept).len();
            let on = gone_on(&kept, &if is_begun { next() } else { bytes.clone() });
            let torn = &on[..(began + cut).min(on.len())];
            match Journal::read(torn) {
                Ok(read) => prop_assert_eq!(
                    Past::of(&read),
                    Past::of(&Journal::read(super::whole(torn)).unwrap())
                ),
                Err(unread) => prop_assert_eq!((unread, is_begun), (Unread::Empty, false)),
            }
            kept = torn.to_vec();
        }
    }
}
