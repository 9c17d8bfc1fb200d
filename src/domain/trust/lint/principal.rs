//! Who is named, and which action they may use.

use serde_json::{Value, json};

use super::issuer::{Federation, claim, has_placeholder};
use super::look::{Look, Seen, is_wild};
use super::rules::{
    CASE_DIFFERS, FEDERATED_FORM, ISSUER_OTHER, NO_PROVIDER, OTHER_STATEMENT, PRINCIPAL_ANYONE,
};
use super::several;
use super::{action, fix};
use crate::domain::arn::Arn;
use crate::domain::claims::first_difference;
use crate::domain::evaluate::Party;
use crate::domain::finding::{Finding, Severity};
use crate::domain::trust::ACTION;

pub(super) fn look(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    if look.web().next().is_none() {
        found.push(
            NO_PROVIDER
                .at(
                    "document",
                    "No Allow statement names an OIDC provider, so no web token gets in.",
                )
                .mended(format!("Allow {ACTION} to the provider's ARN under \"Federated\"."), None),
        );
    }
    for seen in &look.statements {
        found.extend(seen.federated().filter_map(|text| federated_form(look, seen, text)));
        if seen.allows() {
            found.extend(anyone(look, seen));
            found.extend(action::look(look, seen));
        }
    }
    found.extend(look.web().filter_map(|seen| several::look(look, seen)));
    issuer_other(look, &mut found);
    other_statements(look, &mut found);
    found
}

fn federated_form(look: &Look, seen: &Seen, text: &str) -> Option<Finding> {
    if has_placeholder(text) {
        return None;
    }
    let role = look.given.role.as_deref().and_then(|arn| Arn::parse(arn).ok());
    let federation = Federation::of(text);
    let (what, name) = match &federation {
        Federation::Domain(_) | Federation::Saml => return None,
        Federation::Url(name) => {
            ("is the issuer's URL, not the provider's ARN".to_owned(), Some(*name))
        }
        Federation::Other => match Arn::parse(text) {
            Ok(arn) => {
                (format!("is {}, not of an identity provider", arn.kind()), look.wanted_provider())
            }
            Err(_) => ("is no ARN of an identity provider".to_owned(), look.wanted_provider()),
        },
        Federation::Oidc { arn, name } => {
            let digits = arn.account.len() == 12 && arn.account.bytes().all(|b| b.is_ascii_digit());
            let what = match &role {
                _ if !digits => format!("names {:?}, which is no account", arn.account),
                _ if !arn.region.is_empty() => {
                    format!("names the region {}, and IAM has none", arn.region)
                }
                Some(role) if role.account != arn.account => {
                    format!("is of account {}, the role is of {}", arn.account, role.account)
                }
                Some(role) if role.partition != arn.partition => {
                    format!("is of partition {}, the role is of {}", arn.partition, role.partition)
                }
                _ => return None,
            };
            (what, Some(*name))
        }
    };
    let follows = if seen.allows() { "No token gets in by it." } else { "It denies nobody." };
    let mended = name.and_then(|name| look.own_arn(name));
    let document = mended
        .as_ref()
        .and_then(|arn| fix::principal(look.document(), seen.index, "Federated", text, Some(arn)));
    Some(
        FEDERATED_FORM
            .at(seen.place("Principal Federated"), format!("{text:?} {what}. {follows}"))
            .mended(
                match mended {
                    Some(arn) => format!("Write {arn}."),
                    None => "Write the ARN of the provider in the role's own account: \
                             arn:aws:iam::ACCOUNT:oidc-provider/ISSUER, without https://."
                        .to_owned(),
                },
                document,
            ),
    )
}

/// The account that a principal stands for as a whole.
fn root(text: &str) -> bool {
    let id = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    id(text)
        || Arn::parse(text)
            .is_ok_and(|a| a.service == "iam" && a.resource == "root" && id(&a.account))
}

fn anyone(look: &Look, seen: &Seen) -> Vec<Finding> {
    let document = |kind: Option<&str>| mended_without(look, seen, kind);
    let words = "Leave it out: name the provider alone under \"Federated\".";
    if seen.statement.principal.as_ref().is_some_and(|principals| principals.not) {
        return vec![
            PRINCIPAL_ANYONE
                .at(
                    seen.place("NotPrincipal"),
                    "NotPrincipal in an Allow statement lets in everyone but those named; IAM refuses it in a trust \
                     policy.",
                )
                .mended(words, document(None)),
        ];
    }
    // The grade says how many can meet the conditions: those that ask who it is leave few.
    let named = seen.statement.conditions.iter().any(|condition| {
        let key = condition.key.to_ascii_lowercase();
        key.starts_with("aws:principal") && !condition.operator.negated && !seen.is_weak(condition)
    });
    // Whole ARNs under `aws:PrincipalArn` are as good as the names themselves: so the Terraform modules let a role assume
    // itself (`allow_self_assume_role`).
    let is_named_whole = seen.statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
            && !condition.operator.negated
            && !seen.is_weak(condition)
            && condition.wanted.iter().all(|arn| !is_wild(arn) && !arn.contains("${"))
    });
    let guarded = !seen.statement.conditions.is_empty();
    let whoever = if guarded { "whoever meets the conditions" } else { "each of them" };
    let one = |party: &Party| {
        let (place, who, severity) = match party {
            Party::Everyone => (
                "Principal",
                "\"*\" is everyone with an AWS account".to_owned(),
                Severity::Critical,
            ),
            Party::Aws(name) if root(name) => (
                "Principal AWS",
                format!("{name} is everyone whom that account lets use the role"),
                if guarded { Severity::High } else { Severity::Critical },
            ),
            _ => return None,
        };
        Some(
            PRINCIPAL_ANYONE
                .at(seen.place(place), format!("{who}: {whoever} gets in without a web token."))
                .graded(match severity {
                    _ if is_named_whole => Severity::Note,
                    _ if named => Severity::Medium,
                    other => other,
                })
                .mended(words, document(Some("AWS"))),
        )
    };
    seen.parties().iter().filter_map(one).collect()
}

/// The document without the statement, or without one kind of its principals where it is about a provider as well.
pub(super) fn mended_without(look: &Look, seen: &Seen, kind: Option<&str>) -> Option<Value> {
    if !seen.is_web() {
        let others = look.web().next().is_some();
        return others.then(|| fix::without(look.document(), seen.index)).flatten();
    }
    look.edit(seen, |map| {
        map.get_mut("Principal")?.as_object_mut()?.shift_remove(kind?).map(|_| ())
    })
}

fn other_statements(look: &Look, found: &mut Vec<Finding>) {
    let Some(first) = look.web().next() else { return };
    let wanted = look.wanted_provider().filter(|name| {
        look.web().flat_map(|seen| &seen.providers).any(|provider| provider == name)
    });
    for seen in look.statements.iter().filter(|seen| seen.allows()) {
        others_by_kind(look, seen, found);
        let foreign = match wanted {
            Some(wanted) => !seen.providers.iter().any(|name| name == wanted),
            None => !seen.providers.iter().any(|name| first.providers.contains(name)),
        };
        if foreign && seen.is_web() && !seen.providers.is_empty() {
            let names = seen.providers.join(", ");
            let finding = OTHER_STATEMENT.at(
                seen.place(""),
                format!("This statement lets in tokens of another issuer too: {names}."),
            );
            found.push(if wanted.is_some() {
                finding
                    .graded(Severity::High)
                    .mended("Leave the statement out.", fix::without(look.document(), seen.index))
            } else {
                finding.graded(Severity::Note)
            });
        }
    }
}

/// Users, roles, services and SAML providers beside the web identity.
fn others_by_kind(look: &Look, seen: &Seen, found: &mut Vec<Finding>) {
    let kinds = [
        ("AWS", Severity::Medium),
        ("Service", Severity::Medium),
        ("CanonicalUser", Severity::Medium),
        ("Federated", Severity::High),
    ];
    for (kind, severity) in kinds {
        let names: Vec<&str> = seen
            .parties()
            .iter()
            .filter_map(|party| match party {
                Party::Aws(name) if kind == "AWS" && !root(name) => Some(name.as_str()),
                Party::Service(name) if kind == "Service" => Some(name.as_str()),
                Party::Canonical(name) if kind == "CanonicalUser" => Some(name.as_str()),
                Party::Federated(name) if kind == "Federated" => {
                    (Federation::of(name) == Federation::Saml).then_some(name.as_str())
                }
                _ => None,
            })
            .collect();
        let Some(one) = names.first() else { continue };
        let document = match (kind, seen.is_web()) {
            ("Federated", true) => fix::principal(look.document(), seen.index, kind, one, None),
            _ => mended_without(look, seen, Some(kind)),
        };
        found.push(
            OTHER_STATEMENT
                .at(
                    seen.place(&format!("Principal {kind}")),
                    format!(
                        "This lets in {} beside the web identity, without a web token.",
                        names.join(", ")
                    ),
                )
                .graded(severity)
                .mended("Leave it out, or give it a role of its own.", document),
        );
    }
}

/// What was meant against the providers that are named.
fn issuer_other(look: &Look, found: &mut Vec<Finding>) {
    let Some(wanted) = look.wanted_provider() else { return };
    if look.web().flat_map(|seen| &seen.providers).any(|name| name == wanted) {
        return;
    }
    for seen in look.web() {
        for text in seen.federated().filter(|text| !has_placeholder(text)) {
            let Some(name) = Federation::of(text).provider() else { continue };
            let difference = first_difference(wanted, name).unwrap_or_default();
            let rule = if name.eq_ignore_ascii_case(wanted) { CASE_DIFFERS } else { ISSUER_OTHER };
            found.push(
                rule.at(
                    seen.place("Principal Federated"),
                    format!(
                        "The provider is {name}, wanted is {wanted} ({difference}). Tokens of the issuer that was \
                         meant do not get in."
                    ),
                )
                .mended(
                    format!("Name the provider of https://{wanted}, here and in the condition keys."),
                    renamed(look, seen, text, name, wanted),
                ),
            );
        }
    }
}

/// The document with another provider in the ARN and in the keys that have its name.
fn renamed(look: &Look, seen: &Seen, text: &str, old: &str, new: &str) -> Option<Value> {
    let Federation::Oidc { arn, .. } = Federation::of(text) else { return None };
    let arn = Arn { resource: format!("oidc-provider/{new}"), ..arn }.to_string();
    look.edit(seen, |map| {
        let federated = map.get_mut("Principal")?.get_mut("Federated")?;
        match federated {
            Value::Array(list) => *list.iter_mut().find(|one| **one == text)? = json!(arn),
            one => *one = json!(arn),
        }
        for condition in &seen.statement.conditions {
            if let Some((issuer, claim)) = claim(&condition.key)
                && issuer.eq_ignore_ascii_case(old)
            {
                let value = fix::take(map, condition)?;
                fix::put(map, &condition.operator.written, &format!("{new}:{claim}"), value)?;
            }
        }
        Some(())
    })
}
