use std::sync::Arc;

use jiff::civil::date;
use proptest::prelude::*;

use super::file::File;
use super::*;
use crate::domain::fault::{Cause, Fault};
use crate::domain::review::account::RoleEntry;
use crate::domain::review::rights::Rights;
use crate::domain::review::role::{RoleReview, Trust};
use crate::domain::review::{Counts, Gap, Part, rules};
use crate::domain::sample;

const ACCOUNT: &str = "112233445566";
const WHOLE: &str = r#"# What we live with.
#
# Owned by platform.

format = 1

# PLAT-12
# until the move
[[accepted]]
account = "112233445566"
on = "role/ci"
rule = "trust-sub-missing"
fingerprint = "00000000000000aa"
what = "anyone \"there\""
reason = "gone with the old cluster"
until = 2027-03-31
by = "arn:aws:iam::112233445566:user/dana"
at = 2026-11-28

[[accepted]]
account = "112233445566"
on = "account"
rule = "root-key"
fingerprint = "00000000000000bb"
reason = "break glass"
until = "2026-12-31"
by = "arn:aws:iam::112233445566:user/dana"
at = 2026-11-28
"#;

fn accepted(on: &str, fingerprint: &str, until: Date) -> Accepted {
    Accepted {
        account: ACCOUNT.to_owned(),
        on: on.to_owned(),
        rule: "ecr-push".to_owned(),
        fingerprint: fingerprint.to_owned(),
        what: String::new(),
        reason: "because".to_owned(),
        until,
        by: sample::caller().arn,
        at: date(2026, 11, 28),
    }
}

fn found(on: On, message: &str) -> Found {
    Found::new(on, rules::PUSH.at("document", message))
}

fn role(name: &str, found: Vec<Found>) -> Arc<RoleReview> {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let entry = RoleEntry {
        arn: crate::domain::arn::RoleArn::parse(&arn).unwrap(),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust: "{}".to_owned(),
        created_at: None,
        max_session_seconds: None,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: crate::domain::key::LastUse::Never,
        unread: None,
    };
    let rights = Some(Rights::default());
    Arc::new(RoleReview { entry, trust: Trust::default(), rights, found })
}

fn review(roles: Vec<Arc<RoleReview>>, gaps: Vec<Gap>) -> Review {
    let triage = Err(Fault::new(Cause::File, "not asked for"));
    let (users, providers, account) = (Vec::new(), Vec::new(), Vec::new());
    let (caller, counts) = (sample::caller(), Counts::default());
    Review {
        caller,
        read_at: 0,
        roles,
        users,
        providers,
        account,
        repositories: Vec::new(),
        counts,
        gaps,
        triage,
    }
}

fn triage(accepted: Vec<Accepted>, known: Option<BTreeMap<String, Known>>) -> Triage {
    Triage { file: PathBuf::from("a.toml"), accepted, known, today: date(2026, 11, 28) }
}

#[test]
fn the_file_is_read_and_written_in_its_order_with_its_remarks() {
    let file = File::parse(WHOLE).unwrap();
    let first = &file.accepted[0];
    assert_eq!((first.on.as_str(), first.until), ("role/ci", date(2027, 3, 31)));
    assert_eq!(first.what, "anyone \"there\"");
    assert_eq!(file.accepted[1].until, date(2026, 12, 31));
    let printed = file.print(&file.accepted);
    let again = File::parse(&printed).unwrap();
    assert_eq!(again.print(&again.accepted), printed, "written again it is the same");
    assert!(printed.starts_with("# What we live with.\n#\n# Owned by platform.\n\nformat = 1\n"));
    let account = printed.find("on = \"account\"").unwrap();
    let role = printed.find("# PLAT-12\n# until the move\n[[accepted]]\naccount").unwrap();
    assert!(account < role, "sorted, and the remark goes with its entry: {printed}");
    assert!(printed.contains("until = 2026-12-31\n"));
    // A new file says what it is; an entry that is taken out takes its remark along.
    let new = File::default().print(&[]);
    assert!(new.starts_with("# Findings of okteto-ecr review") && new.ends_with("format = 1\n"));
    assert!(!file.print(&file.accepted[1..]).contains("PLAT-12"));
}

#[test]
fn nothing_in_the_file_hides_from_its_reader() {
    let one = Accepted {
        what: "a\u{202e}b\u{1b}\n[[accepted]]\t\u{e0041}\"\\".to_owned(),
        ..accepted("role/x", "00000000000000aa", date(2027, 1, 1))
    };
    let printed = File::default().print(std::slice::from_ref(&one));
    assert!(printed.chars().all(|c| c == '\n' || !crate::domain::visible::is_hidden(c)));
    assert!(!printed.contains("\n[[accepted]]\\t"), "{printed}");
    assert_eq!(File::parse(&printed).unwrap().accepted, [one]);
}

#[test]
fn what_is_wrong_in_the_file_is_named_with_its_line_and_an_example() {
    for (from, to, key, line, words) in [
        ("reason = \"gone", "resaon = \"gone", "accepted.resaon", "15", "accepted.reason"),
        ("format = 1", "formt = 1", "formt", "5", "format"),
        ("format = 1", "format = 2", "format", "5", "newer"),
        ("until = 2027-03-31", "until = 2027-02-30x", "", "16", "TOML"),
        ("until = 2027-03-31", "until = \"soon\"", "accepted.until", "16", "2027-03-31"),
        ("until = 2027-03-31", "until = 2027-03-31T10:00:00Z", "accepted.until", "16", "no day"),
        ("until = 2027-03-31", "until = 7", "accepted.until", "16", "a day"),
        ("until = 2027-03-31\n", "", "accepted.until", "9", "missing"),
        ("on = \"role/ci\"", "on = \"ci\"", "accepted.on", "11", "role/NAME"),
        ("00000000000000aa", "AA", "accepted.fingerprint", "13", "0123456789abcdef"),
        ("\"gone with the old cluster\"", "\" \"", "accepted.reason", "15", "nothing"),
        (
            "account = \"112233445566\"\non = \"role",
            "account = \"12\"\non = \"role",
            "accepted.account",
            "10",
            "12",
        ),
        (
            "[[accepted]]\naccount = \"112233445566\"\non = \"role",
            "[accepted]\naccount = \"112233445566\"\non = \"role",
            "",
            "",
            "",
        ),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        let fault = File::parse(&text).unwrap_err();
        assert_eq!(fault.cause, Cause::BadAnswers);
        assert!(fault.message.contains(words), "{to}: {fault}");
        if !line.is_empty() {
            assert_eq!(fault.evidence["line"], line, "{to}: {fault}");
        }
        if !key.is_empty() {
            assert_eq!(fault.evidence["key"], key, "{to}");
            assert!(fault.evidence.contains_key("example"), "{to}");
        }
    }
    let fault = File::parse("[[accepted]]\n").unwrap_err();
    assert!(fault.message.contains("missing"), "{fault}");
    assert_eq!(File::parse("accepted = 1\nformat = 1").unwrap_err().evidence["key"], "accepted");
    assert_eq!(File::parse("").unwrap_err().evidence["key"], "format");
}

#[test]
fn a_finding_stands_by_the_longest_acceptance_and_by_what_was_known() {
    let one = found(On::Role("ci".to_owned()), "pushes");
    let print = one.fingerprint();
    let short = accepted("role/ci", &print, date(2026, 11, 27));
    let last_day = accepted("role/ci", &print, date(2026, 11, 28));
    let standing = |accepted: &[&Accepted], known: Option<&[&Found]>| {
        let known = known.map(|all| all.iter().map(|f| (f.fingerprint(), Known::of(f))).collect());
        let accepted = accepted.iter().map(|one| (*one).clone()).collect();
        triage(accepted, known).standing(ACCOUNT, &one)
    };
    assert_eq!(standing(&[&last_day, &short], None), Standing::Accepted(last_day.clone()));
    assert_eq!(standing(&[&short], None), Standing::Expired(short.clone()));
    assert_eq!(standing(&[], None), Standing::Known);
    assert_eq!(standing(&[], Some(&[&one])), Standing::Known);
    assert_eq!(standing(&[], Some(&[])), Standing::New);
    let elsewhere = Accepted { account: "999999999999".to_owned(), ..last_day };
    assert_eq!(standing(&[&elsewhere], None), Standing::Known);
    let other = found(On::Role("ci".to_owned()), "pushes more");
    let one = triage(vec![short], None).standing(ACCOUNT, &other);
    assert_eq!(one, Standing::Known, "what is wrong in another way is not accepted");
}

#[test]
fn mended_is_only_what_was_looked_at() {
    let [ci, cd, gone] = ["ci", "cd", "gone"].map(|n| found(On::Role(n.to_owned()), "pushes"));
    let all = [&ci, &cd, &gone];
    let known = Some(all.iter().map(|f| (f.fingerprint(), Known::of(f))).collect());
    let accepted = all.map(|f| accepted(&f.on.to_string(), &f.fingerprint(), date(2027, 1, 1)));
    let triage = triage(accepted.to_vec(), known);
    let told = |review: &Review| {
        let gone: Vec<&str> = triage.gone(review).iter().map(|one| one.on.as_str()).collect();
        let stale: Vec<&str> = triage.stale(review).iter().map(|one| one.on.as_str()).collect();
        assert_eq!(gone, stale);
        gone.join(" ")
    };
    let ci_role = || role("ci", vec![ci.clone()]);
    let whole = review(vec![ci_role(), role("cd", Vec::new())], Vec::new());
    assert_eq!(told(&whole), "role/cd role/gone");
    let fault = || Fault::new(Cause::PermissionDenied, "denied");
    let gap = || Gap { part: Part::Roles, what: "the account's roles".to_owned(), fault: fault() };
    let part = review(vec![ci_role(), role("cd", Vec::new())], vec![gap()]);
    assert_eq!(told(&part), "role/cd", "a role that was not listed is not known to be gone");
    let mut denied = Arc::unwrap_or_clone(role("cd", Vec::new()));
    denied.entry.unread = Some(fault());
    let unread = review(vec![ci_role(), Arc::new(denied)], Vec::new());
    assert_eq!(told(&unread), "role/gone");
    let known = triage.to_keep(&whole);
    assert_eq!(known.keys().collect::<Vec<_>>(), [&ci.fingerprint()]);
}

#[test]
fn what_is_kept_is_read_again_and_nothing_else_is() {
    let one = found(On::User("a".to_owned()), "pushes \u{202e}\n");
    let known = BTreeMap::from([(one.fingerprint(), Known::of(&one))]);
    let account = sample::caller().account;
    let text = kept::print(&account, &known);
    assert_eq!(kept::parse(&text), Ok((account, known)));
    for (from, to, words) in [
        ("\"format\": 1", "\"format\": 2", "format 2"),
        ("\"format\": 1,", "", "does not say"),
        ("112233445566", "12", "account"),
        ("\"fingerprint\"", "\"finger\"", "finding 1 has no fingerprint"),
        ("\"findings\"", "\"found\"", "no findings"),
        ("{", "", "no JSON"),
        ("\"format\": 1,", "\"fault\": {\"message\": \"denied\"},", "denied"),
    ] {
        let fault = kept::parse(&text.replacen(from, to, 1)).unwrap_err();
        assert!(fault.message.contains(words), "{to}: {fault}");
    }
}

fn entries() -> impl Strategy<Value = Vec<Accepted>> {
    let day = (0..=9999_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| date(y, m, d));
    let text = "[ -~é\\n\\t\u{202e}\u{1b}\u{7f}\"'#]{0,12}x";
    let on =
        prop_oneof!["(role|user|provider)/[a-zA-Z0-9+=,.@_/-]{1,9}", Just("account".to_owned())];
    let words = (on, "[a-z-]{1,6}", "[0-9a-f]{16}", text, text, text);
    let one = ("[0-9]{12}", words, day.clone(), day).prop_map(
        |(account, (on, rule, fingerprint, what, reason, by), until, at)| Accepted {
            account,
            on,
            rule,
            fingerprint,
            what,
            reason,
            until,
            by,
            at,
        },
    );
    prop::collection::vec(one, 0..4)
}

proptest! {
    #[test]
    fn what_is_accepted_is_read_as_it_was_written(mut all in entries(), again in any::<bool>()) {
        if again && let Some(first) = all.first().cloned() {
            all.push(first);
        }
        let text = File::default().print(&all);
        let read = File::parse(&text).map_err(|fault| fault.message);
        all.sort_by(|a, b| a.order().cmp(&b.order()));
        all.dedup();
        prop_assert_eq!(read.map(|file| file.accepted), Ok(all.clone()), "{}", text);
        all.reverse();
        prop_assert_eq!(File::default().print(&all), text);
    }

    #[test]
    fn no_text_makes_the_reader_fall(text in "[a-z\\[\\]={}'\".#\n 0-9-]{0,60}") {
        let _ = File::parse(&format!("format = 1\n[[accepted]]\n{text}"));
    }
}
