//! Who gets in, what is wrong, what mends it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::account::RoleEntry;
use super::super::found::{self, Found, On};
use super::super::rules::{ROLE_UNREAD, TRUST_UNREADABLE};
use super::read::{Read, federated, issuers, provider, read, texts};
use super::{IssuerKind, IssuerSeen, OKTETO, RoleReview, Trust, column, evidence};
use crate::domain::arn::ProviderArn;
use crate::domain::fault::Fault;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inventory::is_ours;
use crate::domain::issuer::is_no_cluster;
use crate::domain::operation::Operation;
use crate::domain::policy::{Document, Unreadable};
use crate::domain::subject::Audience;
use crate::domain::trust::Given;
use crate::domain::trust::admit::{self, Admitted, Meant};
use crate::domain::trust::lint::{
    AUD_GENERIC, AUD_UNLISTED, Linted, PRINCIPAL_ANYONE, SUBJECT_UNUSUAL,
};

/// Okteto's account as its tutorial has it.
const USUAL: &str = "system:serviceaccount:okteto:okteto";

/// How the subjects of service accounts begin.
const KUBERNETES: &str = "system:serviceaccount:";

/// What providers list, by their names.
pub type Audiences = BTreeMap<String, Vec<String>>;

/// Judges a role by its trust policy; `None` where that trusts services or accounts alone. One that is open to everyone is
/// judged for that only.
#[must_use]
pub fn judge(entry: RoleEntry, audiences: &Audiences) -> Option<RoleReview> {
    let document = match read(&entry.trust) {
        Read::Nothing => return None,
        Read::Unreadable(why) => return Some(unreadable(entry, &why)),
        Read::Open(document) => return Some(open(entry, document, audiences)),
        Read::Document(document) => document,
    };
    let (given, meant) = asked(&entry, document, audiences);
    let linted = Linted::of(&given, &meant);
    let document = &given.document;
    let okteto = names_okteto(document) || is_ours(&entry.tags);
    let trust = trust(&given, &meant, &linted, okteto);
    let is_about_okteto = trust.is_okteto || names(document, |text| text.contains("okteto"));
    let mut findings = linted.found;
    findings.extend(unlisted_elsewhere(&given, audiences));
    // What Okteto's account is called says nothing of the roles of others.
    findings.retain(|finding| {
        let (index, _) = evidence::at(&finding.place);
        let statement = index.and_then(|index| document.raw_statements().get(index).copied());
        finding.rule != SUBJECT_UNUSUAL.slug
            || (is_about_okteto && statement.is_none_or(may_be_of_cluster))
    });
    let whose = if okteto {
        Whose::Named
    } else if is_about_okteto {
        Whose::Okteto
    } else {
        Whose::Other
    };
    let mut found: Vec<Found> = findings
        .into_iter()
        .map(|finding| told(&entry, &given.document, audiences, whose, finding))
        .chain(entry.unread.iter().map(|fault| unread(&entry, fault)))
        .collect();
    found::sort(&mut found);
    Some(RoleReview { entry, trust, rights: None, found })
}

/// The trust policy with all fixes, or those of these rules, taken one after the other, each tried anew; and the findings
/// that are mended by it. An audience that the provider does not list is added there and not mended here.
#[must_use]
pub fn mended_trust(
    entry: &RoleEntry,
    audiences: &Audiences,
    rules: Option<&BTreeSet<&str>>,
) -> Option<(Value, Vec<Finding>)> {
    let Read::Document(document) = read(&entry.trust) else { return None };
    if entry.is_reserved() {
        return None;
    }
    let (given, meant) = asked(entry, document, audiences);
    let linted = Linted::of(&given, &meant);
    // What can be added to the provider's list is added there.
    let is_added = |f: &Finding| !additions(&given.document, audiences, f).is_empty();
    let mut unlisted = linted.found.iter().filter(|f| f.rule == AUD_UNLISTED.slug);
    let adds = unlisted.any(is_added);
    let wished = |finding: &Finding| {
        !(adds && finding.rule == AUD_UNLISTED.slug)
            && rules.is_none_or(|rules| rules.contains(finding.rule))
    };
    let mended = linted.mended(&given, &meant, wished)?;
    let mut left = mended.left;
    let mut gone = Vec::new();
    // What is as before is left; then what says the same in other words, so that as many are gone as are fewer.
    let (same, other): (Vec<Finding>, Vec<Finding>) = linted.found.into_iter().partition(|f| {
        left.iter().any(|l| (l.rule, &l.place, &l.message) == (f.rule, &f.place, &f.message))
    });
    for one in same {
        left.retain(|l| (l.rule, &l.place, &l.message) != (one.rule, &one.place, &one.message));
    }
    for one in other {
        match left.iter().position(|l| (l.rule, l.severity) == (one.rule, one.severity)) {
            Some(at) => drop(left.remove(at)),
            None => gone.push(one),
        }
    }
    Some((mended.document, gone))
}

/// The policy, and what is known of its provider: only the list of the first is asked for, as the lint has it.
fn asked(entry: &RoleEntry, document: Document, audiences: &Audiences) -> (Given, Meant) {
    let provider_audiences = listing(&document, audiences).cloned();
    let given = Given {
        document,
        role: Some(entry.arn.as_str().to_owned()),
        max_session_seconds: entry.max_session_seconds.map(u64::from),
    };
    (given, Meant { provider_audiences, ..Meant::default() })
}

fn listing<'a>(document: &Document, audiences: &'a Audiences) -> Option<&'a Vec<String>> {
    audiences.get(issuers(document).first()?)
}

fn trust(given: &Given, meant: &Meant, linted: &Linted, okteto: bool) -> Trust {
    let mended = mended_by(given, meant, linted);
    let admits = linted.admitted().to_vec();
    let seen = |name: String| IssuerSeen { kind: IssuerKind::of(&name), name };
    let found = &linted.found;
    let mut intruders = linted.intruders(meant);
    intruders.retain(|one| linted.policy().is_some_and(|policy| !one.is_named(policy)));
    let real = match linted.policy() {
        Some(_) => admit::sentence(&admits),
        None => "Cannot be told: IAM takes no such document.".to_owned(),
    };
    let is_admitted = admits.iter().chain(mended.iter().flatten()).any(admits_okteto);
    Trust {
        issuers: issuers(&given.document).into_iter().map(seen).collect(),
        audience: column::word("aud", "audiences", &admits, |set| &set.audience, found),
        subject: column::word("sub", "subjects", &admits, |set| &set.subject, found),
        meant: mended.as_deref().map(admit::sentence).filter(|words| *words != real),
        real,
        beyond: linted.policy().map(admit::beyond).unwrap_or_default(),
        admits,
        intruders,
        is_okteto: okteto || is_admitted,
    }
}

/// Who would get in, were all mended: the policy, and what the provider lists.
fn mended_by(given: &Given, meant: &Meant, linted: &Linted) -> Option<Vec<Admitted>> {
    let unlisted: Vec<String> = linted
        .found
        .iter()
        .filter(|finding| finding.rule == AUD_UNLISTED.slug)
        .flat_map(|f| missing(&given.document, meant.provider_audiences.as_deref(), f))
        .collect();
    let mended = linted.mended(given, meant, |finding| finding.rule != AUD_UNLISTED.slug);
    let (policy, admitted) = match mended {
        Some(mended) => (mended.policy?, mended.admitted),
        None if unlisted.is_empty() => return None,
        None => (linted.policy()?.clone(), Vec::new()),
    };
    if unlisted.is_empty() {
        return Some(admitted);
    }
    let all = meant.provider_audiences.iter().flatten().cloned().chain(unlisted).collect();
    let meant = Meant { provider_audiences: Some(all), ..meant.clone() };
    Some(admit::admitted(&policy, &meant))
}

/// The audiences of a finding's condition that the provider does not list.
fn missing(document: &Document, listed: Option<&[String]>, finding: &Finding) -> Vec<String> {
    let (statement, part) = evidence::at(&finding.place);
    let value = statement.and_then(|index| {
        let (operator, key) = evidence::condition(part)?;
        document.raw_statements().get(index)?.get("Condition")?.get(operator)?.get(key)
    });
    let listed = listed.unwrap_or_default();
    let is_missing = |text: &&str| !listed.iter().any(|one| one == text);
    texts(value).into_iter().filter(is_missing).map(str::to_owned).collect()
}

/// The calls that add to a provider what it does not list; none where one of them cannot be an audience.
fn additions(document: &Document, audiences: &Audiences, finding: &Finding) -> Vec<Operation> {
    let (Some(index), _) = evidence::at(&finding.place) else { return Vec::new() };
    let statements = document.raw_statements();
    let named = statements.get(index).map(|statement| federated(statement)).unwrap_or_default();
    let [arn] = named[..] else { return Vec::new() };
    let listed = provider(arn).and_then(|name| audiences.get(name)).map(Vec::as_slice);
    let add = |text: String| {
        let audience = Audience::parse(&text).ok()?;
        Some(Operation::AddAudience { provider: ProviderArn::from_server(arn), audience })
    };
    let calls = missing(document, listed, finding).into_iter().map(add).collect::<Option<_>>();
    calls.unwrap_or_default()
}

/// A finding with its evidence and the calls that mend it.
fn told(
    entry: &RoleEntry,
    document: &Document,
    audiences: &Audiences,
    whose: Whose,
    finding: Finding,
) -> Found {
    let lines = evidence::of(&finding, document, &entry.trust);
    let mut found = Found::new(On::Role(entry.name.clone()), finding);
    let role = &entry.name;
    if found.finding.rule == AUD_UNLISTED.slug {
        let calls = additions(document, audiences, &found.finding);
        if !calls.is_empty() {
            found = found.mended_by("Add the audience to the provider.", calls);
        }
    } else if found.finding.rule == AUD_GENERIC.slug {
        // What is the standard of an issuer's tools need not be Okteto's: it can ask for any audience.
        if whose == Whose::Named && found.finding.severity == Severity::Note {
            let finding = found.finding.graded(Severity::Low);
            found.finding = finding
                .mended("Give each Okteto instance and region an audience of its own.", None);
        } else if let (Whose::Other, Some(fix)) = (whose, &mut found.finding.fix) {
            "Give each system that takes such tokens an audience of its own."
                .clone_into(&mut fix.words);
        }
    }
    let document = found.finding.fix.as_ref().and_then(|fix| fix.document.as_ref());
    if let Some(document) = document.filter(|_| found.calls.is_empty()) {
        let trust = format!("{document:#}");
        found.calls = vec![Operation::UpdateTrust { role: role.clone(), trust }];
    }
    if entry.is_reserved() {
        found.calls.clear();
    }
    found::steady(found.shown_by(lines))
}

/// Audiences that a provider does not list, where several are named: the lint knows the list of one only. Each is asked by
/// the statements that are about it alone.
fn unlisted_elsewhere(given: &Given, audiences: &Audiences) -> Vec<Finding> {
    let names = issuers(&given.document);
    let mut found = Vec::new();
    for name in names.iter().filter(|_| names.len() > 1) {
        let Some(listed) = audiences.get(name) else { continue };
        let all = given.document.raw_statements().into_iter().enumerate();
        let own: Vec<(usize, &Value)> = all
            .filter(|(_, one)| matches!(federated(one)[..], [arn] if provider(arn) == Some(name)))
            .collect();
        if own.is_empty() {
            continue;
        }
        let statements: Vec<&Value> = own.iter().map(|(_, one)| *one).collect();
        let value = json!({ "Version": given.document.version(), "Statement": statements });
        let part = Given { document: Document { value, duplicates: Vec::new() }, ..given.clone() };
        let meant = Meant { provider_audiences: Some(listed.clone()), ..Meant::default() };
        let of_it = Linted::of(&part, &meant).found.into_iter();
        found.extend(of_it.filter(|f| f.rule == AUD_UNLISTED.slug).filter_map(|finding| {
            let (index, part) = evidence::at(&finding.place);
            let (number, _) = own.get(index?)?;
            let place = format!("Statement {}: {part}", number + 1);
            let words = "Add the audience to the provider, or pin one that it lists.";
            Some(Finding { place, ..finding }.mended(words, None))
        }));
    }
    found
}

/// Whether this program made the role, or its trust policy names Okteto's namespace.
pub(super) fn is_for_okteto(entry: &RoleEntry) -> bool {
    is_ours(&entry.tags)
        || matches!(read(&entry.trust), Read::Document(document) if names_okteto(&document))
}

/// Whose role it is, as far as its trust policy tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Okteto's by its name or by its tag.
    Named,
    /// Okteto's, since an instance may get in; or of an account that is called so.
    Okteto,
    /// Another application's.
    Other,
}

/// Whether a statement for a cluster's tokens names Okteto's namespace.
fn names_okteto(document: &Document) -> bool {
    names(document, |text| text.starts_with(OKTETO))
}

/// Whether a statement may be of a cluster: all but those of issuers that are known to be none.
fn may_be_of_cluster(statement: &Value) -> bool {
    let all = federated(statement);
    all.is_empty() || !all.into_iter().filter_map(provider).any(is_no_cluster)
}

/// Whether a statement for a cluster's tokens has such a service account, in small letters, in a condition.
fn names(document: &Document, is_it: impl Fn(&str) -> bool) -> bool {
    let allows = |s: &&Value| s.get("Effect").and_then(Value::as_str) != Some("Deny");
    let statements = document.raw_statements().into_iter();
    let of_clusters = statements.filter(|s| allows(s) && may_be_of_cluster(s));
    let conditions = of_clusters.filter_map(|s| s.get("Condition"));
    let keys = conditions.filter_map(Value::as_object).flat_map(|c| c.values());
    keys.filter_map(Value::as_object)
        .flat_map(|keys| keys.values())
        .flat_map(|value| texts(Some(value)))
        .map(str::to_ascii_lowercase)
        .any(|text| text.starts_with(KUBERNETES) && is_it(&text))
}

/// Whether an Okteto instance gets in by this set.
fn admits_okteto(set: &Admitted) -> bool {
    let filled = |text: &str| text.replace(['*', '?'], "x");
    let issuer = filled(&set.issuer);
    let name = issuer.strip_prefix("https://").unwrap_or(&issuer);
    let has = |subject: &str| set.has(&issuer, &filled(&set.audience), subject);
    !is_no_cluster(name) && (set.subject.starts_with(OKTETO) || has(USUAL))
}

/// A role that trusts no web identity and is open to everyone. What else the lint says is about web identities.
fn open(entry: RoleEntry, document: Document, audiences: &Audiences) -> RoleReview {
    let (given, meant) = asked(&entry, document, audiences);
    let linted = Linted::of(&given, &meant);
    let is_told = linted.found.iter().any(|finding| finding.rule == PRINCIPAL_ANYONE.slug);
    let is_it = |finding: &Finding| !is_told || finding.rule == PRINCIPAL_ANYONE.slug;
    let words = "Name the accounts or roles that need it in the place of \"*\".";
    let mut found: Vec<Found> = linted
        .found
        .iter()
        .filter(|finding| is_it(finding))
        .map(|finding| {
            let lines = evidence::of(finding, &given.document, &entry.trust);
            let finding = finding.clone().mended(words, None);
            Found::new(On::Role(entry.name.clone()), finding).shown_by(lines)
        })
        .chain(entry.unread.iter().map(|fault| unread(&entry, fault)))
        .collect();
    found::sort(&mut found);
    let trust = Trust {
        audience: "-".to_owned(),
        subject: "no token".to_owned(),
        real: "Everyone with an AWS account, by sts:AssumeRole and without a web token.".to_owned(),
        beyond: linted.policy().map(admit::beyond).unwrap_or_default(),
        is_okteto: is_ours(&entry.tags),
        ..Trust::default()
    };
    RoleReview { entry, trust, rights: None, found }
}

fn unread(entry: &RoleEntry, fault: &Fault) -> Found {
    let message = if entry.trust.is_empty() {
        "Its trust policy could not be read: who gets in is not known."
    } else {
        "Not all of it could be read; what is there was judged."
    };
    Found::new(On::Role(entry.name.clone()), ROLE_UNREAD.at("role", message))
        .shown_by([found::why(fault)])
}

/// A role whose trust policy is no policy, or could not be read.
fn unreadable(entry: RoleEntry, why: &Unreadable) -> RoleReview {
    let finding = || {
        let message = format!("The trust policy is no policy: {why}.");
        Found::new(On::Role(entry.name.clone()), TRUST_UNREADABLE.at("document", message))
    };
    let found = match &entry.unread {
        Some(fault) if entry.trust.is_empty() => vec![unread(&entry, fault)],
        fault => fault.iter().map(|f| unread(&entry, f)).chain([finding()]).collect(),
    };
    let mut found: Vec<Found> = found;
    found::sort(&mut found);
    let trust = Trust {
        audience: "unread".to_owned(),
        subject: "unread".to_owned(),
        real: "Cannot be told: the trust policy could not be read.".to_owned(),
        is_okteto: is_ours(&entry.tags),
        ..Trust::default()
    };
    RoleReview { entry, trust, rights: None, found }
}
