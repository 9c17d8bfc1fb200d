//! Reading what a plan depends on: the provider of the issuer, and what else the other files read.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput;
use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;

use super::fault::Call;
use super::seen::Seen;
use crate::domain::arn::ProviderArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::{Intent, OidcIntent};
use crate::domain::inventory::{Inventory, SeenProvider};
use crate::domain::issuer::Issuer;

/// IAM throttles by the account, for everybody in it: few calls at once.
pub(super) const AT_ONCE: usize = 3;

/// Reads what the plan depends on: provider and role side by side, or the user. Changes nothing.
pub(super) async fn survey(
    client: &Client,
    renew: Option<&str>,
    intent: &Intent,
) -> Result<Inventory, Fault> {
    let reader = Reader { client, renew };
    let intent = match intent {
        Intent::Oidc(oidc) => oidc,
        Intent::IamUser(user) => return reader.of_user(user).await,
    };
    let (providers, role) = tokio::join!(reader.providers(intent), reader.role(intent));
    let (providers, role) = (providers?, role?);
    let (role, mut more) = role.map_or_else(Default::default, |(role, more)| (Some(role), more));
    let mut remarks = providers.remarks;
    remarks.append(&mut more);
    Ok(Inventory {
        provider: providers.found,
        role,
        providers_in_account: providers.count,
        remarks,
        read_at: Some(crate::clock::unix_now()),
        ..Inventory::default()
    })
}

/// What was found of providers.
struct Providers {
    found: Option<SeenProvider>,
    count: usize,
    remarks: Vec<String>,
}

pub(super) struct Reader<'a> {
    pub(super) client: &'a Client,
    pub(super) renew: Option<&'a str>,
}

/// Absent is an answer here, not a failure.
pub(super) type Maybe<T> = Result<Option<T>, Fault>;

impl Reader<'_> {
    pub(super) const fn call(&self, name: &'static str) -> Call<'_> {
        Call::read(name, self.renew)
    }

    /// The issuer's provider by its derived ARN; if there is none, by the list, since the server's spelling of an ARN
    /// may differ. The URL decides: with and without a slash at the end are two providers.
    async fn providers(&self, intent: &OidcIntent) -> Result<Providers, Fault> {
        let derived = intent.provider_arn();
        let (direct, listed) = tokio::join!(self.provider(&derived), self.provider_arns());
        let mut remarks = Vec::new();
        let listed = match listed {
            Ok(arns) => Some(arns),
            Err(fault) if fault.cause == Cause::PermissionDenied => {
                remarks.push(format!("the account's providers could not be listed: {fault}"));
                None
            }
            Err(fault) => return Err(fault),
        };
        let count = listed.as_ref().map_or(0, Vec::len);
        let alike =
            listed.iter().flatten().filter(|arn| **arn != derived && is_alike(arn, &derived));
        let refusal = match direct {
            Ok(Some(found)) if is_of(&found, &intent.issuer) => {
                let count = count.max(1);
                return Ok(Providers { found: Some(found), count, remarks });
            }
            Ok(Some(other)) => {
                remarks.push(another(&other, &intent.issuer));
                None
            }
            Ok(None) => None,
            Err(fault) if fault.cause == Cause::PermissionDenied => Some(fault),
            Err(fault) => return Err(fault),
        };
        let mut found = None;
        for arn in alike {
            if let Some(other) = self.provider(arn).await? {
                if is_of(&other, &intent.issuer) {
                    found = Some(other);
                    break;
                }
                remarks.push(another(&other, &intent.issuer));
            }
        }
        // Not allowed to read the provider: only a list without it shows that there is none.
        if let (Some(fault), None) = (refusal, &found)
            && listed.as_ref().is_none_or(|arns| arns.contains(&derived))
        {
            return Err(fault);
        }
        Ok(Providers { found, count, remarks })
    }

    pub(super) async fn provider(&self, arn: &ProviderArn) -> Maybe<SeenProvider> {
        let request =
            self.client.get_open_id_connect_provider().open_id_connect_provider_arn(arn.as_str());
        match request.send().await {
            Ok(answer) => Ok(Some(seen_provider(arn, answer))),
            Err(error) => absent_or(self.call("iam:GetOpenIDConnectProvider"), &Seen::of(&error)),
        }
    }

    pub(super) async fn provider_arns(&self) -> Result<Vec<ProviderArn>, Fault> {
        let call = self.call("iam:ListOpenIDConnectProviders");
        let answer = self.client.list_open_id_connect_providers().send().await;
        let list = answer.map_err(|error| call.fault(&error))?.open_id_connect_provider_list;
        Ok(list
            .unwrap_or_default()
            .into_iter()
            .filter_map(|entry| entry.arn.as_deref().map(ProviderArn::from_server))
            .collect())
    }
}

/// `NoSuchEntity` is the answer "none"; anything else is a failure.
pub(super) fn absent_or<T>(call: Call<'_>, seen: &Seen) -> Maybe<T> {
    match seen.code.as_deref() {
        Some("NoSuchEntity" | "NoSuchEntityException") => Ok(None),
        _ => Err(call.classify(seen)),
    }
}

/// A refused read that the plan can do without becomes a remark.
pub(super) fn tolerate<T>(
    read: Result<T, Fault>,
    what: &str,
    remarks: &mut Vec<String>,
) -> Maybe<T> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.cause == Cause::PermissionDenied => {
            remarks.push(format!("not all of the {what} could be read: {fault}"));
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn another(provider: &SeenProvider, issuer: &Issuer) -> String {
    format!("{} is there for {}, which is another issuer than {issuer}", provider.arn, provider.url)
}

/// Whether two ARNs may be spellings of one: they differ only in case or in a slash at the end.
fn is_alike(a: &ProviderArn, b: &ProviderArn) -> bool {
    let bare = |arn: &ProviderArn| arn.as_str().trim_end_matches('/').to_ascii_lowercase();
    bare(a) == bare(b)
}

/// Whether a provider is the issuer's. AWS gives the URL with or without `https://`. A host is the same in any case; a
/// slash at the end makes another issuer.
fn is_of(provider: &SeenProvider, issuer: &Issuer) -> bool {
    let name = provider.url.strip_prefix("https://").unwrap_or(&provider.url);
    let (host, path) = name.split_once('/').map_or((name, None), |(h, p)| (h, Some(p)));
    let ours = issuer.name();
    let (our_host, our_path) = ours.split_once('/').map_or((ours, None), |(h, p)| (h, Some(p)));
    name.is_empty() || (host.eq_ignore_ascii_case(our_host) && path == our_path)
}

fn seen_provider(arn: &ProviderArn, answer: GetOpenIdConnectProviderOutput) -> SeenProvider {
    SeenProvider {
        arn: arn.clone(),
        url: answer.url.unwrap_or_default(),
        audiences: answer.client_id_list.unwrap_or_default(),
        created_at: answer.create_date.map(|date| date.secs()),
        tags: tags(answer.tags),
    }
}

/// Documents come percent-encoded by RFC 3986 (IAM API reference, `GetRole`): a `+` stands for itself.
pub(super) fn decoded(document: &str) -> String {
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}

pub(super) fn tags(tags: Option<Vec<Tag>>) -> BTreeMap<String, String> {
    tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()
}
