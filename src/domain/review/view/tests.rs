//! Filters as tables, and what holds for any of them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::filter::Filter;
use super::*;
use crate::domain::review::sample;

fn listing() -> Listing {
    Listing::new(rows(&sample::review(), Table::Roles), Order::Name)
}

fn choice(text: &str) -> Choice {
    Choice {
        filter: Filter::parse(text),
        marks: BTreeSet::from(["role/deep-path".to_owned()]),
        at: sample::NOW,
        ..Choice::default()
    }
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.shown().iter().map(|i| listing.all()[*i].name.as_str()).collect()
}

fn shown(text: &str) -> Vec<String> {
    let mut listing = listing();
    listing.choose(&choice(text));
    names(&listing).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_filter_shows_what_it_says() {
    for (text, wanted) in [
        ("build", &["build-cache"][..]),
        ("BUILD", &["build-cache"]),
        // Issuer, audience, subject and rules are searched as well.
        ("us-east-1", &["teamcity-pull"]),
        ("prod-aks", &["payments-ecr"]),
        ("trust-key-scheme", &["old-registry"]),
        ("role:ecr", &["ecr-pull-legacy", "payments-ecr"]),
        ("role:okteto", &["okteto-ci"]),
        ("aud:sts.amazonaws", &["ecr-pull-legacy"]),
        ("aud:*", &["ecr-pull-legacy", "okteto-ci"][1..]),
        ("sub:okteto issuer:aks", &["payments-ecr"]),
        ("issuer:shared", &["okteto-ci"]),
        ("issuer:eks", &["ecr-pull-legacy", "unreadable"]),
        ("issuer:token.actions", &["okteto-ci"]),
        ("sev:critical", &["okteto-ci"]),
        // An error counts as high.
        ("sev:high", &["ecr-pull-legacy", "okteto-ci", "old-registry"]),
        ("sev:hi", &["ecr-pull-legacy", "okteto-ci", "old-registry"]),
        ("sev:medium -sev:high", &["build-cache"]),
        ("rule:ecr-push", &["build-cache"]),
        ("ecr:push", &["ecr-pull-legacy"]),
        ("ecr:administer", &[]),
        ("used:never", &["ecr-pull-legacy", "old-registry"]),
        // Never is longer than any time; what is not known is none.
        ("used:>90d", &["ecr-pull-legacy", "old-registry", "payments-ecr", "日本語のレジストリ"]),
        ("used:>100", &["ecr-pull-legacy", "old-registry", "日本語のレジストリ"]),
        ("used:<2d", &["my-private-registry", "teamcity-pull"]),
        ("used:today", &["my-private-registry"]),
        ("used:?", &["unreadable"]),
        ("is:marked", &["deep-path"]),
        ("is:unread", &["unreadable"]),
        ("is:okteto sev:low", &["build-cache", "old-registry", "teamcity-pull"]),
        ("-is:okteto", &["ecr-pull-legacy", "okteto-ci"]),
        ("日本", &["日本語のレジストリ"]),
        ("okteto -okteto", &[]),
        ("\"-of-no-role\"", &[]),
        ("\"the cluster\"", &[]),
    ] {
        assert_eq!(shown(text), wanted, "{text}");
        assert!(Filter::parse(text).problems.is_empty(), "{text}");
    }
}

#[test]
fn what_is_half_typed_hides_nothing() {
    for text in ["", " ", "-", "\"", "sev:", "-aud:", "used:", "is: ecr:"] {
        assert_eq!(shown(text).len(), 12, "{text}");
        assert!(Filter::parse(text).problems.is_empty(), "{text}");
    }
}

#[test]
fn what_is_not_understood_is_told() {
    for (text, words, shows) in [
        ("sev:awful", "sev: takes critical", 12),
        ("used:yesterday", "used: takes never", 12),
        ("used:>x", "used: takes", 12),
        ("used:>-5d", "used: takes", 12),
        ("is:fine", "is: takes new, known", 12),
        ("ecr:fly", "ecr: takes login", 12),
        // A pasted subject has colons, too.
        ("system:serviceaccount:okteto:okteto", "system: is no field", 9),
        ("nofield:x", "role aud sub issuer sev", 0),
    ] {
        let problems = Filter::parse(text).problems;
        assert!(problems.iter().any(|it| it.contains(words)), "{text}: {problems:?}");
        assert_eq!(shown(text).len(), shows, "{text}");
    }
    assert!(Filter::parse("\"system:serviceaccount:okteto:okteto\"").problems.is_empty());
}

#[test]
fn standings_are_counted_and_accepted_ones_do_not_count() {
    let mut review = sample::review();
    let found = |name: &str, review: &Review| {
        let role = review.roles.iter().find(|role| role.entry.name == name).unwrap();
        role.found[0].clone()
    };
    let accepted = |found: &Found, until: &str| crate::domain::review::triage::Accepted {
        account: "112233445566".to_owned(),
        on: found.on.to_string(),
        rule: found.finding.rule.to_owned(),
        fingerprint: found.fingerprint(),
        what: String::new(),
        reason: "a lab".to_owned(),
        until: until.parse().unwrap(),
        by: "arn:aws:iam::112233445566:user/dana".to_owned(),
        at: "2025-06-01".parse().unwrap(),
    };
    let (cache, teamcity) = (found("build-cache", &review), found("teamcity-pull", &review));
    let triage = review.triage.as_mut().unwrap();
    triage.accepted = vec![accepted(&cache, "2026-01-02"), accepted(&teamcity, "2026-01-01")];
    triage.known = Some(std::collections::BTreeMap::new());
    let mut listing = Listing::new(rows(&review, Table::Roles), Order::Name);
    for (text, wanted) in [
        ("is:accepted", &["build-cache"][..]),
        ("is:expired", &["teamcity-pull"]),
        ("is:expired sev:low", &["teamcity-pull"]),
        ("is:accepted sev:note", &[]),
        ("is:new sev:high", &["ecr-pull-legacy", "okteto-ci", "old-registry"]),
        ("is:known", &[]),
    ] {
        listing.choose(&choice(text));
        assert_eq!(names(&listing), wanted, "{text}");
    }
}

#[test]
fn many_small_findings_do_not_outweigh_a_worse_one() {
    let judge = Judge { account: "112233445566", triage: None };
    let mut low = sample::roles().remove(0);
    let one = sample::found("a", "trust-session-long", Severity::Low, "It is long.");
    low.found = vec![one; 5000];
    let mut high = low.clone();
    high.entry.name = "z".to_owned();
    high.found = vec![sample::found("z", "trust-sub-missing", Severity::Medium, "Anyone.")];
    let listing = Listing::new(vec![judge.role(&low), judge.role(&high)], Order::Severity);
    assert_eq!(listing.shown(), [1, 0]);
}

#[test]
fn ages_are_whole_days() {
    for (used, words) in [
        (Used::At(sample::NOW - 86_399), "today"),
        (Used::At(sample::NOW - 86_400), "1 d"),
        (Used::At(sample::NOW + 500), "today"),
        (Used::At(i64::MIN), "106751991167300 d"),
        (Used::Never, "never"),
        (Used::Unknown, "?"),
        (Used::Nothing, ""),
    ] {
        assert_eq!(used.words(if used == Used::At(i64::MIN) { 0 } else { sample::NOW }), words);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "o", "kt", "eto", "-", " ", "\"", "aud:", "sev:", "high", "lo", "used:", ">", "<", "9",
        "d", "is:", "ne", "w", "ecr:", "push", "x:", ":", "日", "role:", "never", "known",
    ]);
    prop::collection::vec(words, 0..8).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn typing_on_shows_the_same_as_typing_at_once(text in pieces()) {
        let (mut typed, mut whole) = (listing(), listing());
        let mut so_far = String::new();
        for c in text.chars() {
            so_far.push(c);
            typed.choose(&choice(&so_far));
        }
        whole.choose(&choice(&text));
        prop_assert_eq!(typed.shown(), whole.shown());
    }

    #[test]
    fn a_filter_and_its_opposite_share_the_rows_out(text in "[a-z]{1,6}") {
        let (with, without) = (shown(&text).len(), shown(&format!("-{text}")).len());
        prop_assert_eq!(with + without, 12);
    }

    #[test]
    fn any_text_is_a_filter(text in "\\PC*") {
        prop_assert!(shown(&text).len() <= 12);
    }

    #[test]
    fn rows_that_come_in_pages_or_are_judged_again_stand_as_if_they_came_at_once(
        n in 0_usize..30,
        page in 1_usize..20,
        again in prop::collection::vec(0_usize..30, 0..5),
    ) {
        let mut all = rows(&sample::many(n), Table::Roles);
        let mut paged = Listing::new(Vec::new(), Order::Name);
        for rows in all.chunks(page) {
            paged.add(rows.to_vec());
        }
        for i in again.into_iter().filter(|i| *i < n) {
            // Bad becomes sound, and the other way round.
            let row = &mut all[i];
            row.counts = if row.worst.is_some() { [0; 6] } else { [1; 6] };
            (row.worst, row.weight) = (worst(row.counts), weight(row.counts));
            paged.replace(vec![(i, row.clone())]);
        }
        let mut whole = Listing::new(all, Order::Name);
        prop_assert_eq!(paged.sound(), whole.sound());
        for order in Order::ALL {
            paged.sort(order);
            whole.sort(order);
            prop_assert_eq!(paged.shown(), whole.shown());
        }
    }

    #[test]
    fn an_order_neither_loses_rows_nor_doubles_them(n in 0_usize..60, text in pieces()) {
        let all = rows(&sample::many(n), Table::Roles);
        for order in Order::ALL {
            let mut listing = Listing::new(all.clone(), Order::Name);
            listing.choose(&choice(&text));
            let before: BTreeSet<usize> = listing.shown().iter().copied().collect();
            listing.sort(order);
            let after: BTreeSet<usize> = listing.shown().iter().copied().collect();
            prop_assert_eq!(listing.shown().len(), after.len());
            prop_assert_eq!(before, after);
        }
    }
}
