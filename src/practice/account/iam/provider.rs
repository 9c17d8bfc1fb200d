//! OpenID Connect providers.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::practice::account::difficulty::Kind;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::Provider;
use crate::practice::account::{Account, Action, Ask};

use super::out;
use super::resource::{Resource, Tags, on, on_any, on_new};
use super::tag;

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "CreateOpenIDConnectProvider", needs: on_new::<Provider>, run: create },
    Action { name: "GetOpenIDConnectProvider", needs: on::<Provider>, run: get },
    Action { name: "ListOpenIDConnectProviders", needs: on_any, run: list },
    Action { name: "DeleteOpenIDConnectProvider", needs: on::<Provider>, run: delete },
    Action { name: "AddClientIDToOpenIDConnectProvider", needs: on::<Provider>, run: add },
    Action { name: "RemoveClientIDFromOpenIDConnectProvider", needs: on::<Provider>, run: remove },
    Action {
        name: "UpdateOpenIDConnectProviderThumbprint",
        needs: on::<Provider>,
        run: thumbprint,
    },
];

const AUDIENCES: usize = 100;
const THUMBPRINTS: usize = 5;
const PROVIDERS: usize = 100;

impl Resource for Provider {
    fn arn(_: &Account, ask: &Ask) -> Result<String, Refusal> {
        let arn = ask.input.get("OpenIDConnectProviderArn").unwrap_or_default();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "iam", "", _, name] if name.starts_with("oidc-provider/") => {
                Ok(arn.to_owned())
            }
            _ => Err(Refusal::new("InvalidInput", format!("ARN {arn} is not valid."))),
        }
    }

    fn new_arn(account: &Account, ask: &Ask) -> Result<String, Refusal> {
        let name = name(ask.input.get("Url").unwrap_or_default())?;
        Ok(account.state.arn("oidc-provider", "/", &name))
    }

    fn find<'a>(account: &'a Account, ask: &Ask) -> Result<&'a Self, Refusal> {
        let arn = Self::arn(account, ask)?;
        account.state.providers.get(&arn).ok_or_else(|| absent(&arn))
    }

    fn find_mut<'a>(account: &'a mut Account, ask: &Ask) -> Result<&'a mut Self, Refusal> {
        let arn = Self::arn(account, ask)?;
        account.state.providers.get_mut(&arn).ok_or_else(|| absent(&arn))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

fn absent(arn: &str) -> Refusal {
    Refusal::new("NoSuchEntity", format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// The provider's name: the URL without its scheme, byte for byte, the slash at the end included (Auth0's providers have
/// it). IAM's model: `https://` first, no query, and the port should not be there; eksctl sends `:443` and expects an ARN
/// without it, any other port is refused here. Whether IAM treats letters' case as one is not known: kept apart.
fn name(url: &str) -> Result<String, Refusal> {
    let bad = || Refusal::new("ValidationError", "Invalid Open ID Connect Provider URL");
    let rest = url.strip_prefix("https://").ok_or_else(bad)?;
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.strip_suffix(":443").unwrap_or(host);
    let good_host = !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
    let good_path = path.chars().all(|c| c.is_ascii_graphic() && !"?#\"<>\\^`{|}".contains(c));
    if good_host && good_path { Ok(format!("{host}{path}")) } else { Err(bad()) }
}

fn texts(ask: &Ask, name: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in ask.input.list(name).iter().filter_map(Value::as_str) {
        if !texts.iter().any(|other| other == text) {
            texts.push(text.to_owned());
        }
    }
    texts
}

fn thumbprints(ask: &Ask) -> Result<Vec<String>, Refusal> {
    let list = texts(ask, "ThumbprintList");
    // The same one twice counts twice: the strict reading.
    if ask.input.list("ThumbprintList").len() > THUMBPRINTS {
        return Err(Refusal::new(
            "InvalidInput",
            "Thumbprint list must contain fewer than 5 entries.",
        ));
    }
    if let Some(other) = list.iter().find(|text| !text.chars().all(|c| c.is_ascii_hexdigit())) {
        // Documented as hexadecimal; the wording is not AWS's.
        return Err(Refusal::new(
            "InvalidInput",
            format!("Thumbprint {other} is not hexadecimal."),
        ));
    }
    Ok(list)
}

/// Where none is given IAM fetches the one of the host's certificate chain. Nothing is fetched here: it is made up, and
/// is the same for a host every time.
pub(in crate::practice::account) fn fetched(name: &str) -> String {
    let host = name.split('/').next().unwrap_or_default();
    let bytes = digest(&SHA256, host.as_bytes());
    let digits = bytes.as_ref().iter().take(20).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn check_audiences(count: usize) -> Result<(), Refusal> {
    if count > AUDIENCES {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {AUDIENCES}"),
        ));
    }
    Ok(())
}

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let name = name(ask.input.get("Url").unwrap_or_default())?;
    let arn = Provider::new_arn(account, ask)?;
    let audiences = texts(ask, "ClientIDList");
    let mut thumbprints = thumbprints(ask)?;
    check_audiences(audiences.len())?;
    if account.state.providers.contains_key(&arn) {
        return Err(Refusal::new(
            "EntityAlreadyExists",
            format!("Provider with url https://{name} already exists."),
        ));
    }
    if account.state.providers.len() >= PROVIDERS {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for OpenIdConnectProvidersPerAccount: {PROVIDERS}"),
        ));
    }
    if thumbprints.is_empty() {
        thumbprints.push(fetched(&name));
    }
    let after = account.delay(Kind::Provider);
    let provider = Provider {
        url: name,
        audiences: Spread::arriving(ask.now, after, audiences),
        thumbprints,
        created: ask.now,
        tags: tag::read(ask)?,
    };
    let mut answer = json!({ "OpenIDConnectProviderArn": arn });
    if !provider.tags.is_empty() {
        answer["Tags"] = tag::show(&provider.tags);
    }
    account.state.providers.insert(arn, provider);
    Ok(answer)
}

fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let provider = Provider::find(account, ask)?;
    Ok(json!({
        "Url": provider.url,
        "ClientIDList": provider.audiences.latest(),
        "ThumbprintList": provider.thumbprints,
        "CreateDate": out::time(provider.created),
        "Tags": tag::show(&provider.tags),
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "as every action is run")]
fn list(account: &mut Account, _: &Ask) -> Result<Value, Refusal> {
    let arns: Vec<Value> =
        account.state.providers.keys().map(|arn| json!({ "Arn": arn })).collect();
    Ok(json!({ "OpenIDConnectProviderList": arns }))
}

/// The model says of it that it does not fail where there is no such provider.
fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let arn = Provider::arn(account, ask)?;
    account.state.providers.remove(&arn);
    Ok(Value::Null)
}

fn add(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    change(account, ask, |audiences, audience| {
        if !audiences.iter().any(|other| other == audience) {
            audiences.push(audience.to_owned());
        }
    })
}

fn remove(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    change(account, ask, |audiences, audience| audiences.retain(|other| other != audience))
}

/// Adds or removes an audience; what changes nothing succeeds.
fn change(
    account: &mut Account,
    ask: &Ask,
    edit: fn(&mut Vec<String>, &str),
) -> Result<Value, Refusal> {
    let after = account.delay(Kind::Provider);
    let provider = Provider::find_mut(account, ask)?;
    let old = provider.audiences.latest().cloned().unwrap_or_default();
    let mut new = old.clone();
    edit(&mut new, ask.input.get("ClientID").unwrap_or_default());
    check_audiences(new.len())?;
    if new != old {
        provider.audiences.write(ask.now, after, new);
    }
    Ok(Value::Null)
}

fn thumbprint(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let list = thumbprints(ask)?;
    Provider::find_mut(account, ask)?.thumbprints = list;
    Ok(Value::Null)
}
