//! What roles and users refer to: managed policies, providers, repository policies; and the account's figures.

use aws_sdk_ecr::Client as Ecr;
use futures_util::{StreamExt, stream};

use super::super::fault::Call;
use super::super::seen::Seen;
use super::super::survey::{AT_ONCE, Maybe, Reader, absent_or, decoded};
use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::inventory::SeenProvider;
use crate::domain::review::account::Summary;

impl Reader<'_> {
    /// What a managed policy says: the version in force has to be known first.
    pub(super) async fn policy_in_force(&self, arn: &PolicyArn) -> Maybe<String> {
        let found = match self.client.get_policy().policy_arn(arn.as_str()).send().await {
            Ok(answer) => answer.policy,
            Err(error) => return absent_or(self.call("iam:GetPolicy"), &Seen::of(&error)),
        };
        let version = found
            .and_then(|policy| policy.default_version_id)
            .ok_or_else(|| without(self.call("iam:GetPolicy"), "the version in force", arn))?;
        let call = self.call("iam:GetPolicyVersion");
        let request = self.client.get_policy_version().policy_arn(arn.as_str()).version_id(version);
        match request.send().await {
            Ok(answer) => {
                let document = answer.policy_version.and_then(|version| version.document);
                document
                    .map(|document| Some(decoded(&document)))
                    .ok_or_else(|| without(call, "the document", arn))
            }
            Err(error) => absent_or(call, &Seen::of(&error)),
        }
    }

    /// Every provider. One that has gone since it was listed is not there.
    pub(super) async fn all_providers(
        &self,
    ) -> Result<Vec<(ProviderArn, Result<SeenProvider, Fault>)>, Fault> {
        let arns = self.provider_arns().await?;
        let read: Vec<_> = stream::iter(arns)
            .map(|arn| async move {
                let found = self.provider(&arn).await.transpose()?;
                Some((arn, found))
            })
            .buffered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        Ok(read)
    }

    /// The account's figures and quotas, by AWS's names for them.
    pub(super) async fn summary(&self) -> Result<Summary, Fault> {
        let call = self.call("iam:GetAccountSummary");
        let answer = self.client.get_account_summary().send().await;
        let map = answer.map_err(|error| call.fault(&error))?.summary_map.unwrap_or_default();
        let figures = map.into_iter().map(|(key, figure)| (key.as_str().to_owned(), figure.into()));
        Ok(Summary(figures.collect()))
    }
}

/// The policy of a repository of any account, asked for where its registry is.
pub(super) async fn repository_policy(
    client: &Ecr,
    renew: Option<&str>,
    host: &RegistryHost,
    repository: &str,
) -> Maybe<String> {
    let call = Call::read("ecr:GetRepositoryPolicy", renew);
    let request = client
        .get_repository_policy()
        .registry_id(host.account.as_str())
        .repository_name(repository);
    match request.send().await {
        Ok(answer) => Ok(answer.policy_text),
        Err(error) => {
            let seen = Seen::of(&error);
            match seen.code.as_deref() {
                Some("RepositoryPolicyNotFoundException") => Ok(None),
                _ => Err(call.classify(&seen)),
            }
        }
    }
}

fn without(call: Call<'_>, what: &str, arn: &PolicyArn) -> Fault {
    Fault::new(Cause::Unexplained, format!("{} answered without {what} of {arn}", call.name))
        .with("action", call.name)
}
