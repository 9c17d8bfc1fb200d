use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::Parser;
use jiff::civil::date;
use serde_json::Value;

use super::*;
use crate::cli::{Cli, Command};
use crate::domain::arn::RoleArn;
use crate::domain::key::LastUse;
use crate::domain::partition::AccountId;
use crate::domain::review::account::RoleEntry;
use crate::domain::review::found::{Found, On};
use crate::domain::review::role::{RoleReview, Trust};
use crate::domain::review::triage::Accepted;
use crate::domain::review::{Gap, Part, rules};
use crate::domain::sample;

#[derive(Clone, Default)]
struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sheet {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn args(line: &str) -> ReviewArgs {
    let cli = Cli::try_parse_from(format!("x review --format json {line}").split_whitespace());
    let Some(Command::Review(args)) = cli.unwrap().command else { unreachable!() };
    args
}

fn pushing(name: &str) -> Found {
    Found::new(On::Role(name.to_owned()), rules::PUSH.at("document", "it pushes"))
}

fn role(name: &str) -> Arc<RoleReview> {
    let entry = RoleEntry {
        arn: RoleArn::parse(&format!("arn:aws:iam::112233445566:role/{name}")).unwrap(),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust: "{}".to_owned(),
        created_at: None,
        max_session_seconds: None,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: LastUse::Never,
        unread: None,
    };
    let found = vec![pushing(name)];
    Arc::new(RoleReview { entry, trust: Trust::default(), rights: None, found })
}

fn review(accepted: Vec<Accepted>) -> Review {
    let triage = Triage {
        file: PathBuf::from("a.toml"),
        accepted,
        // What the state folder has: no result of the command tells anything by it.
        known: Some(BTreeMap::new()),
        today: date(2026, 11, 28),
    };
    Review {
        caller: sample::caller(),
        read_at: 1,
        roles: vec![role("ci"), role("cd")],
        users: Vec::new(),
        providers: Vec::new(),
        account: vec![Found::new(On::Account, rules::ROLE_UNREAD.at("document", "odd"))],
        repositories: Vec::new(),
        counts: Counts { roles: 12, trusting: 2, ..Counts::default() },
        gaps: Vec::new(),
        triage: Ok(triage),
    }
}

fn accepted(name: &str, day: i8) -> Accepted {
    Accepted {
        account: "112233445566".to_owned(),
        on: format!("role/{name}"),
        rule: "ecr-push".to_owned(),
        fingerprint: pushing(name).fingerprint(),
        what: String::new(),
        reason: "PLAT-12".to_owned(),
        until: date(2026, 11, day),
        by: sample::caller().arn,
        at: date(2026, 11, 1),
    }
}

struct Ran {
    code: u8,
    result: Value,
    talk: String,
}

fn ran(review: Review, line: &str, baseline: Option<Kept>) -> Result<Ran, Fault> {
    let args = args(line);
    let review = match arranged(review, &args, baseline) {
        Ok(review) => review,
        Err(Left::Fault(fault) | Left::Use(fault)) => return Err(fault),
        Err(_) => unreachable!(),
    };
    let (result, talk) = (Sheet::default(), Sheet::default());
    let mut out = Out::to(Box::new(result.clone()), Box::new(talk.clone()));
    let code = told(&mut out, &review, &args, args.format.unwrap());
    Ok(Ran { code, result: serde_json::from_str(&result.text()).unwrap(), talk: talk.text() })
}

fn standings(ran: &Ran) -> String {
    let findings = ran.result["findings"].as_array().unwrap().iter();
    let told = findings.map(|f| format!("{}:{}", f["subject"].as_str().unwrap(), f["standing"]));
    told.collect::<Vec<_>>().join(" ").replace('"', "")
}

#[test]
fn findings_that_are_not_accepted_fail_from_the_severity_that_was_said() {
    let code =
        |accepted: &[Accepted], line| ran(review(accepted.to_vec()), line, None).unwrap().code;
    let both = [accepted("ci", 28), accepted("cd", 30)];
    for (accepted, line, wanted) in [
        (&[][..], "", 3),
        (&[], "--fail-on critical", 0),
        (&[], "--fail-on never", 0),
        (&both[..1], "", 3),
        (&both, "", 0),
        (&both, "--fail-on note", 3),
        (&both[..1], "--role ci", 0),
        (&both[..1], "--role cd", 3),
        (&[accepted("ci", 27), accepted("cd", 27)], "", 3),
    ] {
        assert_eq!(code(accepted, line), wanted, "{line} with {} accepted", accepted.len());
    }
}

#[test]
fn only_a_baseline_tells_what_is_new_and_mended() {
    let plain = ran(review(vec![accepted("cd", 27)]), "", None).unwrap();
    assert_eq!(standings(&plain), "role/cd:expired role/ci:null account:null");
    assert!(plain.result.get("mended").is_none());
    let account = sample::caller().account;
    let old = Known { on: "role/old".to_owned(), rule: "x".to_owned(), message: "y".to_owned() };
    let ci = pushing("ci");
    let known =
        BTreeMap::from([(ci.fingerprint(), Known::of(&ci)), ("00000000000000aa".to_owned(), old)]);
    let baseline = || Some((account.clone(), known.clone()));
    let compared = ran(review(Vec::new()), "", baseline()).unwrap();
    assert_eq!(standings(&compared), "role/cd:new role/ci:known account:new");
    assert_eq!(compared.result["mended"][0]["subject"], "role/old");
    let narrowed = ran(review(Vec::new()), "--role ci", baseline()).unwrap();
    assert_eq!(standings(&narrowed), "role/ci:known");
    assert_eq!(narrowed.result["mended"].as_array().unwrap().len(), 0);
    let other = AccountId::parse("999999999999").unwrap();
    let fault = ran(review(Vec::new()), "", Some((other, known))).err().unwrap();
    assert_eq!(fault.cause, Cause::WrongAccount);
    // What the command printed is a baseline of the same account.
    let (of, again) = kept::parse(&plain.result.to_string()).unwrap();
    let same = ran(review(Vec::new()), "", Some((of, again))).unwrap();
    assert_eq!(standings(&same), "role/cd:known role/ci:known account:known");
}

#[test]
fn a_role_is_asked_for_by_its_name_in_any_case() {
    let one = ran(review(Vec::new()), "--role CI", None).unwrap();
    assert_eq!(one.result["roles"].as_array().unwrap().len(), 1);
    assert_eq!(one.result["roles"][0]["name"], "ci");
    let fault = ran(review(Vec::new()), "--role ci --role nobody", None).err().unwrap();
    assert_eq!((fault.cause, &*fault.evidence["role"]), (Cause::RoleMissing, "nobody"));
}

#[test]
fn what_could_not_be_read_is_told_beside_the_result_and_in_it() {
    let fault = Fault::new(Cause::PermissionDenied, "denied").request(Some("r-1"));
    let gaps = vec![Gap { part: Part::Users, what: "the account's users".to_owned(), fault }];
    let ran = ran(Review { gaps, ..review(Vec::new()) }, "--fail-on critical", None).unwrap();
    assert_eq!(ran.code, 0);
    assert!(ran.talk.contains("could not read the account's users: denied"), "{}", ran.talk);
    assert_eq!(ran.result["gaps"][0]["fault"]["cause"], "permission-denied");
    assert!(!ran.result.to_string().contains("r-1"), "another in each run");
}

#[test]
fn progress_is_told_by_stages_and_thousands() {
    let talk = Sheet::default();
    let mut out = Out::to(Box::new(Sheet::default()), Box::new(talk.clone()));
    let mut progress = Progress::default();
    progress.tell(&mut out, &News::Stage("the account", Counts::default()));
    for roles in (100..=2500).step_by(100) {
        let counts = Counts { roles, trusting: 3, total: Some(2500), ..Counts::default() };
        progress.tell(&mut out, &News::RolesJudged(Vec::new(), counts));
        progress.tell(&mut out, &News::Stage("the account", counts));
    }
    assert_eq!(
        talk.text(),
        "Reading the account ...\n\
         Reading: 1000 of 2500 roles, 3 trust a web identity ...\n\
         Reading: 2000 of 2500 roles, 3 trust a web identity ...\n"
    );
}
