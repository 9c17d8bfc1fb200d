use std::collections::BTreeMap;

use super::*;
use crate::domain::access::PULL_ONLY;
use crate::domain::arn::{PolicyArn, UserArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::inventory::RUN_TAG;
use crate::domain::key::KeyId;
use crate::domain::partition::Partition;
use crate::domain::review::permission::tests::shelf;
use crate::domain::sample;

const NOW: i64 = 1_718_000_000;

fn key(letter: char, created_at: i64, last_use: LastUse) -> SeenKey {
    SeenKey {
        id: KeyId::parse(&format!("AKIAIOSFODNN7EXAMPL{letter}")).unwrap(),
        status: KeyStatus::Active,
        created_at: Some(created_at),
        last_use,
    }
}

fn used(at: i64) -> LastUse {
    LastUse::At(at, "ecr".to_owned())
}

fn user(policy: &str, keys: Vec<SeenKey>) -> UserEntry {
    UserEntry {
        arn: UserArn::parse("arn:aws:iam::112233445566:user/robot").unwrap(),
        name: "robot".to_owned(),
        path: "/".to_owned(),
        created_at: Some(0),
        boundary: None,
        attached: vec![PolicyArn::managed(Partition::Aws, policy)],
        inline: BTreeMap::new(),
        groups: Vec::new(),
        tags: BTreeMap::new(),
        keys: Some(keys),
        has_password: Some(false),
        unread: None,
    }
}

fn found(entry: UserEntry) -> Vec<Found> {
    judge(entry, &shelf(), &sample::caller(), NOW).unwrap().found
}

fn wrong(found: &[Found]) -> Vec<(&'static str, Severity)> {
    let of = |f: &Found| (f.finding.rule, f.finding.severity);
    found.iter().map(of).filter(|(_, severity)| *severity != Severity::Note).collect()
}

const ROBOT: [(&str, Severity); 2] =
    [("user-direct-policy", Severity::Low), ("user-long-lived-key", Severity::Low)];

#[test]
fn a_key_is_old_after_ninety_days_and_rotated_while_it_is_used() {
    let at = NOW - 90 * DAY;
    assert_eq!(wrong(&found(user(PULL_ONLY, vec![key('A', at, used(NOW))]))), ROBOT);
    let old = found(user(PULL_ONLY, vec![key('A', at - 1, used(NOW))]));
    assert_eq!(old[0].finding.rule, "user-key-old");
    assert_eq!(
        old[0].finding.message,
        "the key AKIAIOSFODNN7EXAMPLA was made 2024-03-12, more than 90 days ago"
    );
    assert_eq!(old[0].rotates.as_deref(), Some("robot"));
}

#[test]
fn a_key_that_nobody_uses_is_switched_off() {
    let unused = found(user(PULL_ONLY, vec![key('A', NOW - 91 * DAY, used(NOW - 45 * DAY))]));
    let slugs: Vec<&str> = unused.iter().take(2).map(|f| f.finding.rule).collect();
    assert_eq!(slugs, ["user-key-old", "user-key-unused"]);
    assert_eq!(unused[0].rotates, None);
    let [Operation::SetKeyStatus { key: off, status, .. }] = &unused[1].calls[..] else {
        panic!("{unused:?}")
    };
    assert_eq!((off.as_str(), *status), ("AKIAIOSFODNN7EXAMPLA", KeyStatus::Inactive));

    for fresh in [
        key('A', NOW - 44 * DAY, LastUse::Never),
        key('A', NOW - 80 * DAY, LastUse::Unknown),
        SeenKey { status: KeyStatus::Inactive, ..key('A', 0, LastUse::Never) },
    ] {
        let found = found(user(PULL_ONLY, vec![fresh]));
        assert!(
            !found
                .iter()
                .any(|f| f.finding.place == "keys" && f.finding.rule != "user-long-lived-key")
        );
    }
}

#[test]
fn two_active_keys_are_one_too_many() {
    let both = vec![key('A', NOW - DAY, used(NOW)), key('B', NOW, LastUse::Never)];
    let found = found(user(PULL_ONLY, both));
    assert_eq!(wrong(&found)[0], ("user-two-keys", Severity::Medium));
    assert_eq!(found[0].evidence.len(), 2);
    assert!(found[0].calls.is_empty());
    assert!(found[0].finding.fix.as_ref().unwrap().words.contains("AKIAIOSFODNN7EXAMPLB"));
}

#[test]
fn a_robot_has_no_password_and_no_groups_an_administrator_may() {
    let social = |policy: &str| UserEntry {
        has_password: Some(true),
        groups: vec!["devs".to_owned()],
        ..user(policy, vec![key('A', NOW, used(NOW))])
    };
    let mut shelf = shelf();
    shelf.groups.insert("devs".to_owned(), crate::domain::review::account::GroupEntry::default());
    let of = |entry| wrong(&judge(entry, &shelf, &sample::caller(), NOW).unwrap().found);
    let robot = of(social(PULL_ONLY));
    assert_eq!(robot[0], ("user-console-password", Severity::High));
    assert_eq!(robot[1], ("user-in-groups", Severity::Medium));
    assert_eq!(of(social("AdministratorAccess")), []);
    let ours = UserEntry {
        tags: BTreeMap::from([(RUN_TAG.to_owned(), "x".to_owned())]),
        ..social("AdministratorAccess")
    };
    assert!(of(ours).contains(&("everything-allowed", Severity::High)));
}

#[test]
fn what_could_not_be_read_is_told_alike_whoever_looks() {
    let of = |session: &str, groups: [&str; 2]| {
        let said = format!("User: arn:aws:sts::112233445566:assumed-role/ops/{session} is denied");
        let fault = Fault::new(Cause::PermissionDenied, said).with("action", "iam:ListAccessKeys");
        found(UserEntry {
            unread: Some(fault),
            groups: groups.map(str::to_owned).to_vec(),
            ..user(PULL_ONLY, vec![key('A', NOW, used(NOW))])
        })
    };
    let first = of("ana", ["a", "b"]);
    assert_eq!(first, of("bob", ["b", "a"]));
    let unread = first.iter().find(|f| f.finding.rule == "user-unread").unwrap();
    let cause = Cause::PermissionDenied.slug();
    assert_eq!(unread.evidence, [format!("{cause}: iam:ListAccessKeys")]);
}

#[test]
fn a_quota_that_fills_up_further_is_the_same_finding() {
    let of = |count: i64| {
        let figures = [("Roles", count), ("RolesQuota", 1000)];
        let figures = figures.map(|(name, count)| (name.to_owned(), count));
        account(&Summary(BTreeMap::from(figures)), 0).remove(0)
    };
    assert_eq!(of(901).fingerprint(), of(950).fingerprint());
    assert_ne!(of(901).evidence, of(950).evidence);
    assert_ne!(of(901).fingerprint(), of(1000).fingerprint());
}

#[test]
fn who_can_do_nothing_in_ecr_is_no_row() {
    let entry = UserEntry { attached: Vec::new(), ..user(PULL_ONLY, Vec::new()) };
    assert_eq!(judge(entry, &shelf(), &sample::caller(), NOW), None);
}

#[test]
fn the_account_is_looked_at() {
    let told = |figures: &[(&str, i64)], providers| {
        let figures = figures.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        wrong(&account(&Summary(figures), providers))
    };
    let sound = [("AccountAccessKeysPresent", 0), ("AccountMFAEnabled", 1)];
    assert_eq!(told(&sound, 80), []);
    assert_eq!(told(&[], 0), []);
    assert_eq!(
        told(&[("AccountAccessKeysPresent", 1), ("AccountMFAEnabled", 0)], 0),
        [("root-access-key", Severity::High), ("root-no-mfa", Severity::Medium)]
    );
    assert_eq!(told(&[("AccountMFAEnabled", 0), ("AccountPasswordPresent", 0)], 0), []);
    assert_eq!(told(&[], 81), [("quota-near", Severity::Medium)]);
    assert_eq!(told(&[], 100), [("quota-near", Severity::Medium)]);
    assert_eq!(told(&[("Roles", 900), ("RolesQuota", 1000)], 0), []);
    assert_eq!(told(&[("Roles", 901), ("RolesQuota", 1000)], 0), [("quota-near", Severity::Low)]);
    let global = Summary(BTreeMap::from([("GlobalEndpointTokenVersion".to_owned(), 1)]));
    assert_eq!(account(&global, 0)[0].finding.severity, Severity::Note);
}
