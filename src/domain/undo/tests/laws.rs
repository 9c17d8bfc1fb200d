//! What holds of every intent and every account.

use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::account::{Account, key, seen_key, seen_role, seen_user};
use super::*;
use crate::domain::access::{Access, Permissions};
use crate::domain::intent::{Intent, OidcIntent, UserIntent};
use crate::domain::inventory::{SeenProvider, SeenRole};
use crate::domain::journal::Purpose;
use crate::domain::name::RepositoryPattern;
use crate::domain::partition::Partition;
use crate::domain::plan::{AudienceChoice, Choices};
use crate::domain::policy::trust;
use crate::domain::rotation::KeyWish;
use crate::domain::sample;

fn policy(name: &str) -> PolicyArn {
    PolicyArn::managed(Partition::Aws, name)
}

fn boundaries() -> impl Strategy<Value = Option<PolicyArn>> {
    option::of(select(vec![policy("PowerUserAccess"), policy("IAMReadOnlyAccess")]))
}

fn access(is_role: bool) -> impl Strategy<Value = Access> {
    let permissions = select(vec![
        Permissions::ReadOnly,
        Permissions::PullOnly,
        Permissions::Repositories(vec![RepositoryPattern::parse("team/*").unwrap()]),
    ]);
    let tags = btree_map(select(vec!["team", "cost"]), select(vec!["a", "b"]), 0..3);
    let settings = (option::of(Just("for Okteto".to_owned())), option::of(Just(7200)));
    (permissions, boundaries(), tags, settings).prop_map(
        move |(permissions, boundary, tags, (description, seconds))| Access {
            permissions,
            boundary,
            tags: tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            description: description.filter(|_| is_role),
            max_session_seconds: seconds.filter(|_| is_role),
            ..sample::intent().access
        },
    )
}

const TRUSTS_A_SERVICE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// Somebody else's tags, boundary and policies.
type Others = (Option<&'static str>, Option<PolicyArn>, bool, bool);

fn others() -> impl Strategy<Value = Others> {
    (option::of(Just("others")), boundaries(), any::<bool>(), any::<bool>())
}

/// OIDC mode in an account that has a provider, a role, both or nothing.
fn oidc() -> impl Strategy<Value = (Intent, Account)> {
    let role = option::of((others(), any::<bool>(), option::of(Just("by hand")), any::<bool>()));
    (access(true), any::<[bool; 2]>(), role).prop_map(|(access, [listed, other], role)| {
        let intent = OidcIntent { access, ..sample::intent() };
        let mut account = Account::default();
        if listed || other {
            let mut audiences = vec!["elsewhere".to_owned()];
            audiences.extend(listed.then(|| intent.audience.to_string()));
            let provider = SeenProvider {
                arn: intent.provider_arn(),
                url: intent.issuer.name().to_owned(),
                audiences,
                created_at: None,
                tags: BTreeMap::new(),
            };
            account.held.providers.insert(intent.provider_arn(), provider);
        }
        if let Some(((tag, boundary, attached, inline), same, description, long)) = role {
            // One that asks for what is not listed is a conflict of its own.
            let audience = if same && listed { intent.audience.as_str() } else { "elsewhere" };
            let trust = trust::text_for(&intent, &[audience.to_owned()]);
            // A provider that the run makes stays for a role that trusted it before it was there: that is shown by itself.
            let trust = if listed || other { trust } else { TRUSTS_A_SERVICE.to_owned() };
            let mut there = seen_role(intent.role.as_str(), &trust);
            there.tags.extend(tag.map(|tag| ("team".to_owned(), tag.to_owned())));
            there.boundary = boundary;
            there.attached.extend(attached.then(|| policy("AmazonEC2ContainerRegistryReadOnly")));
            if inline {
                there.inline.insert(
                    "okteto-ecr-pull".to_owned(),
                    r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
                );
            }
            there.description = description.map(str::to_owned);
            there.max_session_seconds = if long { 43_200 } else { 3600 };
            account.held.roles.insert(intent.role.to_string(), there);
        }
        if other {
            let there = seen_role("other", &trust::text_for(&intent, &["elsewhere".to_owned()]));
            account.held.roles.insert("other".to_owned(), there);
        }
        (intent.into(), account)
    })
}

/// User mode, with or without a user that has a key.
fn user() -> impl Strategy<Value = (Intent, Account)> {
    (access(false), option::of((others(), any::<bool>()))).prop_map(|(access, user)| {
        let intent = UserIntent { access, ..sample::user_intent() };
        let mut account = Account::default();
        if let Some(((tag, boundary, attached, _), has_key)) = user {
            let mut there = seen_user(intent.user.as_str());
            there.tags.extend(tag.map(|tag| ("team".to_owned(), tag.to_owned())));
            there.boundary = boundary;
            there.attached.extend(attached.then(|| policy("AmazonEC2ContainerRegistryReadOnly")));
            there.keys.extend(has_key.then(|| seen_key(key(99), KeyStatus::Active)));
            account.held.users.insert(intent.user.to_string(), there);
        }
        (intent.into(), account)
    })
}

fn world() -> impl Strategy<Value = (Intent, Account, Choices)> {
    let audience = select(vec![AudienceChoice::Add, AudienceChoice::Replace]);
    (prop_oneof![oidc(), user()], audience).prop_map(|((intent, account), audience)| {
        (intent, account, Choices { audience, keys: KeyWish::Have })
    })
}

fn back(account: &Account) -> Undo {
    undo(&account.past(), &account.seen(), &sample::caller(), &Decisions::default())
}

/// The calls are carried out, then nothing is left.
fn taken_back(mut account: Account, start: &Account) {
    let wished = back(&account);
    assert_eq!(wished.conflicts().count(), 0, "{:?}", wished.steps);
    account.steps(Purpose::Undo, &wished.steps);
    assert_eq!(account.held, start.held, "after {:?}", wished.steps);
    let again = back(&account);
    assert!(
        again.changes().next().is_none() && again.conflicts().next().is_none(),
        "{:?}",
        again.steps
    );
    assert!(account.past().is_empty(), "{:?}", account.past());
}

proptest! {
    #[test]
    fn after_apply_nothing_is_left_to_do_and_after_undo_all_is_as_it_was((intent, start, choices) in world()) {
        let mut account = start.clone();
        account.apply(&intent, &choices);
        let again = account.plan(&intent, &choices);
        prop_assert!(again.changes().next().is_none(), "{:?}", again.steps);
        taken_back(account, &start);
    }

    #[test]
    fn a_run_that_was_cut_anywhere_and_gone_on_with_can_be_taken_back(
        (intent, start, choices) in world(),
        cut in 0..8_usize,
        happens in any::<bool>(),
        goes_on in any::<bool>(),
    ) {
        let mut account = start.clone();
        let plan = account.plan(&intent, &choices);
        account.session(Purpose::Apply);
        for (number, step) in plan.changes().enumerate().take(cut + 1) {
            if number < cut {
                account.step(step, true, true);
            } else {
                account.step(step, happens, false);
            }
        }
        // A role that trusts a provider which is not there, and that the run did not come to, keeps the provider once it is.
        let names_it = |role: &SeenRole| role.trust.contains(":oidc-provider/");
        let dangles = start.held.providers.is_empty() && start.held.roles.values().any(names_it);
        prop_assume!(goes_on || !dangles);
        if goes_on {
            // A key whose answer was lost goes first, by its id.
            let past = account.past();
            let lost = account.held.users.values().flat_map(|user| past.unsure_keys(user)).next();
            if let Some(lost) = lost {
                account.apply(&intent, &Choices { keys: KeyWish::Delete(lost), ..choices.clone() });
            }
            account.apply(&intent, &choices);
            prop_assert!(account.plan(&intent, &choices).changes().next().is_none());
        }
        // A key of a user that was there before is decided by its id.
        let wished = back(&account);
        let names = wished.conflicts().filter_map(|step| step.confirm.clone()).collect();
        let decisions = Decisions { take: names, ..Decisions::default() };
        prop_assert!(decisions.take.iter().all(|name| KeyId::parse(name).is_ok()), "{:?}", wished.steps);
        let wished = undo(&account.past(), &account.seen(), &sample::caller(), &decisions);
        account.steps(Purpose::Undo, &wished.steps);
        prop_assert_eq!(&account.held, &start.held, "after {:?}", wished.steps);
        let again = back(&account);
        prop_assert!(again.changes().next().is_none() && again.conflicts().next().is_none());
    }

    #[test]
    fn taking_back_can_be_cut_anywhere_as_well(
        (intent, start, choices) in world(),
        cut in 0..8_usize,
        happens in any::<bool>(),
    ) {
        let mut account = start.clone();
        account.apply(&intent, &choices);
        let wished = back(&account);
        account.session(Purpose::Undo);
        for (number, step) in wished.changes().enumerate().take(cut + 1) {
            if number < cut {
                account.step(step, true, true);
            } else {
                account.step(step, happens, false);
            }
        }
        let wished = back(&account);
        prop_assert_eq!(wished.conflicts().count(), 0, "{:?}", wished.steps);
        account.steps(Purpose::Undo, &wished.steps);
        prop_assert_eq!(&account.held, &start.held, "after {:?}", wished.steps);
    }
}
