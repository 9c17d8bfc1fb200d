//! Neighbours of whom was meant, each tried: an empty list means that none of them gets in.

use super::pattern::{Pattern, flipped};
use super::words::{capital, is_wild, service_account, whence, who};
use super::{
    Admitted, Meant, admitted, arns, at_best, conditions, names, url, values, without_scheme,
};
use crate::domain::evaluate::{Condition, Effect, Finding, Named, Policy, Statement, Verdict};
use crate::domain::trust::{Holder, decide, lets_in};

/// A token that gets in and was not meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intruder {
    /// Who it is and why it gets in.
    pub why: String,
    /// What its token says.
    pub holder: Holder,
}

/// As many as one reads.
const MOST: usize = 20;
/// Whom the tutorial means.
const USUAL: &str = "system:serviceaccount:okteto:okteto";
/// The audience that most tools set.
const STS: &str = "sts.amazonaws.com";

/// Whom the policy means, at one provider.
struct Base {
    name: String,
    audiences: Vec<String>,
    subjects: Vec<String>,
}

impl Base {
    fn means(&self, holder: &Holder) -> bool {
        let (Some(subject), [audience]) = (&holder.subject, holder.audiences.as_slice()) else {
            return false;
        };
        holder.provider_name() == Some(&self.name)
            && self.audiences.contains(audience)
            && self.subjects.contains(subject)
    }
}

/// In what a neighbour is another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Differs {
    Issuer,
    Audience,
    Subject,
}

struct Neighbour {
    who: String,
    differs: Differs,
    holder: Holder,
}

/// The neighbours that get in, nearest first.
#[must_use]
pub fn intruders(policy: &Policy, meant: &Meant) -> Vec<Intruder> {
    intruders_of(policy, meant, &admitted(policy, meant))
}

/// The same, where it is known already who gets in.
#[must_use]
pub fn intruders_of(policy: &Policy, meant: &Meant, admitted: &[Admitted]) -> Vec<Intruder> {
    let policy = &at_best(policy);
    let bases = bases(policy, meant);
    let mut found: Vec<Intruder> = Vec::new();
    let add = |group: Vec<Neighbour>, found: &mut Vec<Intruder>| {
        let comes = |neighbour: Neighbour| {
            let name = neighbour.holder.provider_name()?;
            let audiences = &neighbour.holder.audiences;
            let is_meant = bases.iter().any(|b| b.means(&neighbour.holder));
            // STS refuses what the provider does not list.
            let is_listed =
                meant.listed(policy, name).is_none_or(|l| audiences.iter().all(|a| l.contains(a)));
            let by = (!is_meant && is_listed)
                .then(|| arns(policy, name).iter().find_map(|arn| by(policy, arn, &neighbour)))??;
            Some(Intruder { why: why(&neighbour, &by), holder: neighbour.holder })
        };
        let new = group.into_iter().find_map(comes);
        found.extend(new.filter(|new| !found.iter().any(|f| f.holder == new.holder)));
    };
    for base in &bases {
        for group in neighbours(policy, meant, base) {
            add(group, &mut found);
        }
    }
    // What gets in and is none of these neighbours.
    for set in admitted {
        let is_told = |i: &Intruder| match (&i.holder.issuer, &i.holder.subject) {
            (Some(issuer), Some(subject)) => {
                i.holder.audiences.iter().any(|a| set.has(issuer, a, subject))
            }
            _ => false,
        };
        if found.iter().any(is_told) {
            continue;
        }
        let filled = |text: &str| Pattern::wild(text).filled("another");
        let issuer = match set.issuer.as_str() {
            "*" => url("another.example.com"),
            one => one.to_owned(),
        };
        let subject = filled(&set.subject);
        let neighbour = Neighbour {
            who: format!("{} {}", who(&subject), whence(&issuer)),
            differs: Differs::Subject,
            holder: Holder::new(&issuer, &filled(&set.audience), &subject),
        };
        add(vec![neighbour], &mut found);
    }
    found.truncate(MOST);
    found
}

/// Whom the policy means: what is known of it, or what it pins by itself to literal values.
fn bases(policy: &Policy, meant: &Meant) -> Vec<Base> {
    let known = names(policy);
    let pinned = |n: &&String| ["aud", "sub"].iter().any(|c| !pins(policy, n, c).is_empty());
    let mut chosen: Vec<String> = match &meant.issuer {
        Some(issuer) => vec![without_scheme(issuer).to_owned()],
        None => known.iter().filter(pinned).cloned().collect(),
    };
    if chosen.is_empty() {
        chosen.push(known.first().cloned().unwrap_or_else(|| "issuer.example.com".to_owned()));
    }
    let base = |name: String| {
        let all = |known: &Option<String>, claim: &str, usual: &str| match known {
            Some(known) => vec![known.clone()],
            None => Some(pins(policy, &name, claim))
                .filter(|pins| !pins.is_empty())
                .unwrap_or_else(|| vec![usual.to_owned()]),
        };
        let listed = meant.listed(policy, &name).and_then(|list| list.first());
        Base {
            audiences: all(&meant.audience, "aud", listed.map_or(STS, String::as_str)),
            subjects: all(&meant.subject, "sub", USUAL),
            name,
        }
    };
    chosen.into_iter().map(base).collect()
}

/// The values to which the policy pins a claim of this provider's tokens: an allowance by asking for them, a denial by
/// leaving them out.
fn pins(policy: &Policy, name: &str, claim: &str) -> Vec<String> {
    let pinning = |s: &Statement, c: &Condition| (s.effect == Effect::Deny) == c.operator.negated;
    let wanted = policy
        .statements
        .iter()
        .flat_map(|s| conditions(s, name, claim).filter(move |c| pinning(s, c)))
        .flat_map(|c| &c.wanted)
        .filter(|w| !is_wild(w) && !w.contains("${"));
    let mut pins: Vec<String> = Vec::new();
    for value in wanted {
        if !pins.contains(value) {
            pins.push(value.clone());
        }
    }
    pins
}

impl Intruder {
    /// Whether the policy names audience and subject of its token to the letter, so that it lets it in on purpose.
    #[must_use]
    pub fn is_named(&self, policy: &Policy) -> bool {
        let name = self.holder.provider_name().unwrap_or_default();
        let has = |claim: &str, value: &String| pins(policy, name, claim).contains(value);
        self.holder.subject.iter().all(|sub| has("sub", sub))
            && self.holder.audiences.iter().all(|aud| has("aud", aud))
    }
}

/// The neighbours in groups, of each of which one is enough.
fn neighbours(policy: &Policy, meant: &Meant, base: &Base) -> Vec<Vec<Neighbour>> {
    let issuer = url(&base.name);
    let audience = base.audiences.first().map_or(STS, String::as_str);
    let subject = base.subjects.first().map_or(USUAL, String::as_str);
    let of_subject = |who: String, subject: &str| Neighbour {
        who,
        differs: Differs::Subject,
        holder: Holder::new(&issuer, audience, subject),
    };
    let of_audience = |who: String, audience: &str| Neighbour {
        who,
        differs: Differs::Audience,
        holder: Holder::new(&issuer, audience, subject),
    };
    let mut groups: Vec<Vec<Neighbour>> = subjects(subject)
        .into_iter()
        .map(|group| group.into_iter().map(|(who, s)| of_subject(who, &s)).collect())
        .collect();
    for (written, filled) in filled(policy, &base.name, "sub") {
        groups.push(vec![of_subject(
            format!("{}, as {written:?} filled in,", who(&filled)),
            &filled,
        )]);
    }
    for named in pins(policy, &base.name, "sub") {
        groups.push(vec![of_subject(format!("{}, which the policy names,", who(&named)), &named)]);
    }
    let flip = |text: &str| text.chars().map(flipped).collect::<String>();
    groups.push(vec![of_subject(
        "the same subject in the other case of letters".to_owned(),
        &flip(subject),
    )]);
    let mut nobody = of_subject("a token without a subject".to_owned(), subject);
    nobody.holder.subject = None;
    groups.push(vec![nobody]);

    let with = |audience: &str| format!("the same subject with the audience {audience}");
    let elsewhere = [STS.to_owned(), "another.example.com".to_owned()];
    for other in meant.listed(policy, &base.name).unwrap_or(&elsewhere) {
        groups.push(vec![of_audience(with(other), other)]);
    }
    for (_, filled) in filled(policy, &base.name, "aud") {
        groups.push(vec![of_audience(with(&filled), &filled)]);
    }
    for named in pins(policy, &base.name, "aud") {
        groups.push(vec![of_audience(with(&named), &named)]);
    }
    groups.push(vec![of_audience(
        "the same audience in the other case of letters".to_owned(),
        &flip(audience),
    )]);
    let mut unaddressed = of_audience("a token without an audience".to_owned(), audience);
    unaddressed.holder.audiences.clear();
    groups.push(vec![unaddressed]);

    let of_issuer = |name: &str| Neighbour {
        who: format!("the same subject {}", whence(&url(name))),
        differs: Differs::Issuer,
        holder: Holder::new(&url(name), audience, subject),
    };
    for name in names(policy).iter().filter(|n| **n != base.name) {
        groups.push(vec![of_issuer(name)]);
    }
    groups.push(vec![of_issuer(&other_cluster(&base.name))]);
    let slashed = base.name.strip_suffix('/').map_or(format!("{}/", base.name), str::to_owned);
    groups.push(vec![Neighbour {
        who: format!(
            "the issuer {} with the slash at its end {}",
            url(&slashed),
            if slashed.ends_with('/') { "added" } else { "left out" }
        ),
        ..of_issuer(&slashed)
    }]);
    groups
}

/// Other subjects beside this one, with who they are.
fn subjects(subject: &str) -> Vec<Vec<(String, String)>> {
    let account = |ns: &str, name: &str| format!("system:serviceaccount:{ns}:{name}");
    let foreign = || {
        let subject = "repo:someone/else:ref:refs/heads/main";
        (format!("{}, which is no service account,", who(subject)), subject.to_owned())
    };
    let stranger = || ("an unrelated service account".to_owned(), account("another", "another"));
    let Some((ns, name)) = service_account(subject) else {
        let alike = [format!("{subject}-x"), format!("x-{subject}")];
        return vec![
            vec![stranger()],
            alike.map(|s| (format!("a subject that looks alike, {s:?},"), s)).into(),
            vec![foreign()],
        ];
    };
    let alike = |ns: String| {
        let subject = account(&ns, name);
        (format!("the service account {name} of a namespace that looks alike, {ns},"), subject)
    };
    vec![
        vec![
            (format!("another service account of the namespace {ns}"), account(ns, "another")),
            (
                format!("a service account that looks alike, {name}-x of the namespace {ns},"),
                account(ns, &format!("{name}-x")),
            ),
        ],
        vec![(
            format!("the default service account of the namespace {ns}"),
            account(ns, "default"),
        )],
        vec![
            (format!("the service account {name} of another namespace"), account("another", name)),
            alike(format!("{ns}-x")),
            alike(format!("x-{ns}")),
        ],
        vec![stranger()],
        vec![foreign()],
    ]
}

/// The wildcards of the policy filled in, those that cross a `:` too: the pattern and what becomes of it. Names that no
/// namespace and no account can have are left out.
fn filled(policy: &Policy, name: &str, claim: &str) -> Vec<(String, String)> {
    let fillings = ["another", "-x:another", "another:another"];
    let can_be = |text: &String| {
        let rest = text.strip_prefix("system:serviceaccount:");
        claim == "aud" || rest.is_none() || service_account(text).is_some()
    };
    values(policy, name, claim, Vec::new())
        .into_iter()
        .map(|pattern| (pattern.to_string(), pattern))
        .filter(|(written, _)| is_wild(written))
        .flat_map(|(written, pattern)| {
            let all = fillings.map(|filling| pattern.filled(filling));
            all.into_iter()
                .filter(can_be)
                .map(move |text| (written.clone(), text))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The same kind of issuer for another cluster: another last part of its path, of the same length.
fn other_cluster(name: &str) -> String {
    let trimmed = name.trim_end_matches('/');
    let slashes = name.strip_prefix(trimmed).unwrap_or_default();
    let mut chars: Vec<char> = trimmed.chars().collect();
    if let Some(last) = chars.last_mut() {
        *last = if *last == '0' { '1' } else { '0' };
    }
    chars.into_iter().collect::<String>() + slashes
}

/// By which part of the policy a neighbour gets in; `None` if it does not.
fn by(policy: &Policy, arn: &str, neighbour: &Neighbour) -> Option<String> {
    if !lets_in(policy, arn, &neighbour.holder) {
        return None;
    }
    let decision = decide(policy, arn, &neighbour.holder);
    let verdicts = decision.judgement.statements;
    let (at, verdict) =
        verdicts.iter().enumerate().find(|(_, v)| v.effect == Effect::Allow && v.is_match())?;
    let name = neighbour.holder.provider_name().unwrap_or_default();
    let claim = match neighbour.differs {
        Differs::Audience => "audience",
        Differs::Subject | Differs::Issuer => "subject",
    };
    let mut words = format!("statement {} ", at + 1);
    if neighbour.differs == Differs::Issuer {
        words.push_str(match verdict.principal {
            Some(Named::Itself) => "names its provider and ",
            _ => "names nobody whom it lets in and ",
        });
    }
    words.push_str(&asked(verdict, name, claim));
    Some(words)
}

/// What a statement that lets a token in asks of a claim of it.
fn asked(verdict: &Verdict, name: &str, claim: &str) -> String {
    let key = format!("{name}:{}", if claim == "audience" { "aud" } else { "sub" });
    let of_key: Vec<&Finding> =
        verdict.conditions.iter().filter(|c| c.key.eq_ignore_ascii_case(&key)).collect();
    let Some(first) = of_key.iter().find(|c| c.got.is_none()).or_else(|| of_key.first()) else {
        let absent = verdict.conditions.iter().find(|c| c.got.is_none());
        return match absent {
            Some(c) => format!(
                "asks nothing of its {claim}; {} {} holds where that claim is absent",
                c.operator, c.key
            ),
            None => format!("asks nothing of its {claim}"),
        };
    };
    let wanted: Vec<String> = first.wanted.iter().map(|w| format!("{w:?}")).collect();
    let wanted = wanted.join(" or ");
    if first.got.is_none() {
        return format!("asks by {}, which holds where the claim is absent", first.operator);
    }
    if first.operator.contains("Not") {
        return format!("refuses only {wanted}, by {}", first.operator);
    }
    format!("takes the {claim} {wanted} by {}", first.operator)
}

fn why(neighbour: &Neighbour, by: &str) -> String {
    let holder = &neighbour.holder;
    let missing = [("sub", holder.subject.is_none()), ("aud", holder.audiences.is_empty())];
    let early = match missing.iter().find(|(_, absent)| *absent) {
        // STS API reference, `AssumeRoleWithWebIdentity`: a token must have both.
        Some((claim, _)) => {
            format!(" (STS today refuses a token without {claim} before it reads the policy)")
        }
        None => String::new(),
    };
    format!("{} gets in: {by}{early}.", capital(&neighbour.who))
}
