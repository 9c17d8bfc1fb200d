//! Who lives by a provider or a key, when the plan is made and when it is sent; what a step says of it.

use super::*;
use crate::domain::inventory::Holdings;
use crate::domain::key::LastUse;

fn provider(rule: &'static str, call: Operation) -> Found {
    let name = sample::intent().issuer.name().to_owned();
    found(On::Provider(name), rule, vec![call])
}

/// Trust policies that ask for the audience `App`, none of them by these letters in quotes beside the provider's ARN.
fn asking() -> Vec<(&'static str, String)> {
    let exact = trust("2012-10-17", "StringEquals", &[("aud", "App"), ("sub", sample::SUBJECT)]);
    let open = trust("2012-10-17", "StringEquals", &[("sub", sample::SUBJECT)]);
    let weak = |operator| trust("2012-10-17", operator, &[("aud", "other")]);
    let everyone = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity"}}"#;
    vec![
        (
            "in other letters",
            exact.replace("StringEquals", "StringEqualsIgnoreCase").replace("App", "aPP"),
        ),
        ("by a wildcard", exact.replace("StringEquals", "StringLike").replace("App", "A?p*")),
        (
            "escaped",
            exact.replace("App", "\\u0041pp").replace(":oidc-provider/", ":oidc-provider\\u002f"),
        ),
        ("by a key in capitals", exact.replace(":aud", ":AUD")),
        ("all", open),
        ("all but one", weak("StringNotEquals")),
        ("if it is there", weak("StringEqualsIfExists")),
        ("each of none", weak("ForAllValues:StringEquals")),
        ("without a name", everyone.to_owned()),
        ("not to be read", "{".to_owned()),
        ("one of two", exact.replacen("\"Effect\"", "\"Effect\":\"Deny\",\"Effect\"", 1)),
    ]
}

#[test]
fn what_a_role_asks_for_or_may_live_by_is_not_taken_away() {
    let lonely = Scene::default().with_provider(&["App", "other"]);
    let late = lonely.plan(&[provider("provider-audience-unused", remove("App"))]);
    let gone = lonely.plan(&[provider("provider-unused", delete())]);
    assert_eq!((late.steps.len(), gone.steps.len()), (1, 1));
    for (name, text) in asking() {
        // It is there when the plan is made.
        let scene = lonely.clone().with_role(role("r", &text, true));
        for wish in [
            provider("provider-audience-unused", remove("App")),
            provider("provider-unused", delete()),
        ] {
            let mend = scene.plan(&[wish]);
            assert!(mend.steps.is_empty(), "{name}: {:?}", mend.steps);
            assert!(mend.remarks[0].contains("the role r "), "{name}: {:?}", mend.remarks);
        }
        // It has come since.
        let mut seen = lonely.account().seen();
        assert_eq!(late.altered(&seen), Vec::<String>::new());
        seen.trusting = Some(Ok([("r".to_owned(), text)].into()));
        for mend in [&late, &gone] {
            let told = mend.altered(&seen);
            assert!(told.iter().any(|told| told.contains("the role r ")), "{name}: {told:?}");
            assert_eq!(mend.altered_for(&mend.steps[0], &seen), told);
        }
    }
    // Of other letters, where letters count.
    let other = trust("2012-10-17", "StringEquals", &[("aud", "app")]);
    let scene = lonely.with_role(role("r", &other, true));
    let mend = scene.plan(&[provider("provider-audience-unused", remove("App"))]);
    assert_eq!(mend.steps.len(), 1, "{:?}", mend.remarks);
}

#[test]
fn a_key_that_was_used_since_is_not_switched_off() {
    let at = |seconds| LastUse::At(seconds, "ecr".to_owned());
    let rows: [(LastUse, LastUse, &str); 6] = [
        (LastUse::Never, LastUse::Never, ""),
        (at(5), at(5), ""),
        (at(5), at(6), "was used"),
        (LastUse::Never, at(6), "was used"),
        (at(5), LastUse::Unknown, "cannot be read"),
        (LastUse::Unknown, at(6), "was used"),
    ];
    for (then, now, words) in rows {
        let mut entry = user("u");
        entry.keys.as_mut().unwrap()[0].last_use = then.clone();
        let scene = Scene::default().with_user(entry);
        let off = Operation::SetKeyStatus {
            user: "u".to_owned(),
            key: key(1),
            status: KeyStatus::Inactive,
        };
        let mend = scene.plan(&[found(On::User("u".to_owned()), "user-key-unused", vec![off])]);
        let mut account = scene.account();
        account.user("u").keys[0].last_use = now.clone();
        let told = mend.altered(&account.seen());
        assert_eq!(told.is_empty(), words.is_empty(), "{then:?} {now:?}: {told:?}");
        assert!(told.iter().all(|told| told.contains(words)), "{told:?}");
        assert_eq!(mend.altered_for(&mend.steps[0], &account.seen()), told);
    }
}

#[test]
fn a_look_before_one_step_is_of_that_step() {
    let scene = Scene::default()
        .with_role(role("a", &sound(), true))
        .with_role(role("b", &sound(), true))
        .with_provider(&["one"]);
    let elsewhere = sound().replace("myCluster", "another");
    let moved =
        |name: &str| Operation::UpdateTrust { role: name.to_owned(), trust: elsewhere.clone() };
    let mend = scene.plan(&[
        on_role("a", "x", vec![moved("a"), detach("a", READ_ONLY)]),
        on_role("b", "y", vec![moved("b")]),
        provider("provider-unused", delete()),
    ]);
    let [.., last] = mend.steps.as_slice() else { panic!("{:?}", mend.remarks) };
    let wanted = mend.wanted_for(last);
    assert_eq!((wanted.roles.len(), wanted.providers.len()), (0, 1));
    // What the steps before it did, is done; late reads may still have it as it was.
    let mut account = scene.account();
    account.role("b").tags.clear();
    assert!(!mend.altered(&account.seen()).is_empty());
    assert_eq!(mend.altered_for(last, &account.seen()), Vec::<String>::new());
    let off =
        mend.steps.iter().find(|step| step.operation == Some(detach("a", READ_ONLY))).unwrap();
    assert_eq!(mend.wanted_for(off).roles.len(), 1);
    account.role("a").attached.clear();
    assert_eq!(mend.altered_for(off, &account.seen()).len(), 1);
    assert_eq!(mend.altered_for(off, &Holdings::default()).len(), 2);
}

#[test]
fn what_takes_away_says_what_the_fix_is_bound_to() {
    let words = "Delete it if no identity pool of Cognito uses it.";
    let wish = provider("provider-unused", delete()).mended_by(words, vec![delete()]);
    let mend = Scene::default().with_provider(&["one"]).plan(&[wish]);
    let reason = &mend.steps[0].reason;
    assert!(reason.contains(words) && reason.contains("thumbprints are not kept"), "{reason}");
    assert_eq!(mend.cautions, [words]);
    // What only gives says no more than what it mends.
    let mend = Scene::default().with_role(role("a", &sound(), true)).plan(&[on_role(
        "a",
        "x",
        vec![attach("a", PULL_ONLY)],
    )]);
    assert!(mend.cautions.is_empty() && !mend.steps[0].reason.contains("Mend x"), "{mend:?}");
}

#[test]
fn a_provider_that_could_not_be_made_again_is_not_deleted() {
    let wish = || provider("provider-unused", delete());
    let scene = Scene::default().with_provider(&["one", "not\u{7}good"]);
    let mend = scene.plan(&[wish()]);
    assert!(mend.steps.is_empty(), "{:?}", mend.steps);
    assert!(mend.remarks[0].contains("could not be made again"), "{:?}", mend.remarks);
    let mut scene = Scene::default().with_provider(&["one"]);
    let arn = crate::domain::arn::ProviderArn::from_server(
        "arn:aws:iam::112233445566:oidc-provider/not a host",
    );
    let one = Arc::make_mut(&mut scene.providers[0]);
    one.arn = arn.clone();
    one.seen.as_mut().unwrap().arn = arn.clone();
    let delete = Operation::DeleteProvider { provider: arn };
    let mend = scene.plan(&[provider("provider-unused", delete)]);
    assert!(mend.steps.is_empty(), "{:?}", mend.steps);
    assert!(mend.remarks[0].contains("could not be made again"), "{:?}", mend.remarks);
}

#[test]
fn one_of_several_findings_of_a_rule_says_that_all_are_mended() {
    let entry = role("a", &doubly_wrong(), true);
    let all = trust_findings(&entry);
    let rule = |found: &Found| found.finding.rule;
    let of = |one: &Found| all.iter().filter(|other| rule(other) == rule(one)).count();
    let many = all.iter().find(|one| of(one) > 1).unwrap().clone();
    let other = all.iter().find(|one| of(one) == 1).unwrap().clone();
    let words = format!("It mends all {} findings of {}", of(&many), rule(&many));
    let scene = Scene::default().with_role(entry);
    let mend = scene.plan(&[many, other]);
    assert!(mend.steps[0].reason.contains(&words), "{}", mend.steps[0].reason);
    let mend = scene.plan(&all);
    assert!(!mend.steps[0].reason.contains("It mends all"), "{}", mend.steps[0].reason);
}
