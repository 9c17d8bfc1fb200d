//! Reading things by their names, whole, whatever they are for.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::Client;

use super::survey::{Reader, decoded};
use crate::domain::arn::ProviderArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::inventory::{Holdings, SeenProvider, SeenRole, SeenUser, Wanted};
use crate::domain::trust::Asks;

/// The most that IAM gives on a page (`MaxItems`).
const PAGE: i32 = 1000;

/// What the account has of these things. They are read one after the other, the list of roles beside them: IAM throttles
/// by the account.
pub(super) async fn holdings(
    client: &Client,
    renew: Option<&str>,
    wanted: &Wanted,
) -> Result<Holdings, Fault> {
    let reader = Reader { client, renew };
    let (trusting, (providers, roles, users)) =
        tokio::try_join!(reader.trusting(&wanted.providers), async {
            Ok((
                reader.whole_providers(&wanted.providers).await?,
                reader.whole_roles(&wanted.roles).await?,
                reader.whole_users(&wanted.users).await?,
            ))
        },)?;
    Ok(Holdings { providers, roles, users, trusting })
}

type Trusting = Result<BTreeMap<String, String>, Fault>;

impl Reader<'_> {
    async fn whole_providers(
        &self,
        arns: &BTreeSet<ProviderArn>,
    ) -> Result<BTreeMap<ProviderArn, SeenProvider>, Fault> {
        let mut found = BTreeMap::new();
        for arn in arns {
            found.extend(self.provider(arn).await?.map(|seen| (arn.clone(), seen)));
        }
        Ok(found)
    }

    async fn whole_roles(
        &self,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, SeenRole>, Fault> {
        let mut found = BTreeMap::new();
        for name in names {
            found.extend(self.whole_role(name).await?.map(|seen| (name.clone(), seen)));
        }
        Ok(found)
    }

    async fn whole_users(
        &self,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, SeenUser>, Fault> {
        let mut found = BTreeMap::new();
        for name in names {
            found.extend(self.whole_user(name).await?.map(|seen| (name.clone(), seen)));
        }
        Ok(found)
    }

    /// The roles that trust one of the providers. That they may not be listed is an answer, any other failure is none.
    async fn trusting(&self, providers: &BTreeSet<ProviderArn>) -> Result<Option<Trusting>, Fault> {
        if providers.is_empty() {
            return Ok(None);
        }
        match self.roles_that_name(providers).await {
            Err(fault) if fault.cause != Cause::PermissionDenied => Err(fault),
            read => Ok(Some(read)),
        }
    }

    async fn roles_that_name(&self, providers: &BTreeSet<ProviderArn>) -> Trusting {
        let call = self.call("iam:ListRoles");
        let pages = self.client.list_roles().into_paginator().page_size(PAGE).items();
        let mut roles = pages.send();
        let mut found = BTreeMap::new();
        while let Some(role) = roles.next().await {
            let role = role.map_err(|error| call.fault(&error))?;
            let trust = role.assume_role_policy_document.as_deref().map(decoded);
            if let Some(trust) = trust.filter(|trust| names_any(trust, providers)) {
                found.insert(role.role_name, trust);
            }
        }
        Ok(found)
    }
}

/// Whether somebody may live by one of these providers through a policy, whichever account the policy says they are of.
fn names_any(trust: &str, providers: &BTreeSet<ProviderArn>) -> bool {
    let asks = Asks::of(trust);
    providers.iter().any(|arn| asks.uses(arn.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Reply, aws, peer, xml_error};
    use crate::ports::Cloud;

    const ARN: &str = "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/A";

    #[test]
    fn a_provider_is_named_by_its_whole_arn_however_its_slashes_are_written() {
        let providers = BTreeSet::from([ProviderArn::from_server(ARN)]);
        let named = |federated: &str| {
            let trust =
                format!(r#"{{"Statement": [{{"Principal": {{"Federated": {federated}}}}}]}}"#);
            names_any(&trust, &providers)
        };
        assert!(named(&format!("\"{ARN}\"")));
        assert!(named(&format!("[\"arn:aws:iam::1:saml-provider/x\", \"{ARN}\"]")));
        assert!(named(&format!("\"{}\"", ARN.replace('/', "\\/"))));
        assert!(named(&format!("\"{}\"", ARN.replace('a', "\\u0061"))));
        for other in [format!("{ARN}B"), format!("{ARN}/")] {
            assert!(!named(&format!("\"{other}\"")), "{other}");
        }
    }

    /// A page of `ListRoles` with one role that trusts [`ARN`].
    fn page(role: &str, rest: &str) -> Reply {
        let trust = format!(r#"{{"Principal":{{"Federated":"{ARN}"}}}}"#);
        let trust =
            percent_encoding::utf8_percent_encode(&trust, percent_encoding::NON_ALPHANUMERIC);
        Reply::Answer(
            200,
            format!(
                "<ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolesResult>\
                 <Roles><member><Path>/</Path><RoleName>{role}</RoleName><RoleId>AROA</RoleId>\
                 <Arn>arn:aws:iam::112233445566:role/{role}</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>\
                 <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></member></Roles>{rest}\
                 </ListRolesResult></ListRolesResponse>"
            ),
        )
    }

    #[tokio::test]
    async fn the_roles_are_read_to_the_last_page() {
        let (url, _) = peer(|request| {
            if request.contains("Action=GetOpenIDConnectProvider") {
                xml_error(404, "NoSuchEntity", "none")
            } else if request.contains("Marker=more") {
                page("b", "<IsTruncated>false</IsTruncated>")
            } else {
                page("a", "<IsTruncated>true</IsTruncated><Marker>more</Marker>")
            }
        });
        let wanted =
            Wanted { providers: [ProviderArn::from_server(ARN)].into(), ..Wanted::default() };
        let held = aws(&url).0.holdings(&wanted).await.unwrap();
        let trusting = held.trusting.unwrap().unwrap();
        assert_eq!(trusting.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert!(held.providers.is_empty());
    }
}
