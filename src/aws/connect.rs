//! From settings to the SDK's configuration: HTTP client, region, time limits, and where credentials come from.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{
    Credentials, RuntimeComponents, SharedCredentialsProvider, SharedHttpClient,
};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use secrecy::ExposeSecret;

use super::settings::{AwsOptions, Fixed, Settings};
use crate::domain::fault::{Cause, Fault};

/// For a connection to come about; an offline desk must not hang.
const CONNECT: Duration = Duration::from_secs(5);
/// For a whole call with its retries.
const OPERATION: Duration = Duration::from_mins(1);
/// For loading credentials: an assume-role chain, or a `credential_process` that asks for a code.
const CREDENTIALS: Duration = Duration::from_secs(45);
/// For one try at the instance metadata service, which answers at once or is not there.
const IMDS: Duration = Duration::from_millis(500);
/// Where calls go that need some region while none is set; IAM and `GetCallerIdentity` are the same everywhere.
const NO_REGION: &str = "us-east-1";

/// The configuration in force since the last look at the login.
#[derive(Debug)]
pub(super) struct Connection {
    /// What it was made from.
    pub(super) settings: Settings,
    /// With the operator's credentials.
    pub(super) operator: SdkConfig,
    /// Without any: for the calls that must not touch the operator's.
    pub(super) bare: SdkConfig,
}

impl Connection {
    /// Reads the files anew. Sends nothing: credentials are loaded by the first signed call.
    pub(super) async fn open(options: &AwsOptions) -> Result<Self, Fault> {
        let settings = Settings::read(options).await;
        if let Some(fixed) = &options.fixed {
            return Ok(Self::fixed(settings, fixed));
        }
        for (name, url) in &settings.endpoints {
            usable(name, url)?;
        }
        let tls = match &settings.ca_bundle {
            Some(path) => trusting(path)?,
            None => TlsContext::default(),
        };
        let client = http_client(&tls, &ProxyConfig::from_env());
        let name = settings.source.region.as_ref().map_or(NO_REGION, |(region, _)| region.as_str());
        let region = Region::new(name.to_owned());
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(OPERATION);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .profile_name(&settings.profile)
            .region(region.clone())
            .http_client(client.clone())
            .timeout_config(timeouts.build())
            .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS).build())
            .no_credentials();
        if let Ok(app) = AppName::new("okteto-ecr") {
            loader = loader.app_name(app);
        }
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let bare = loader.load().await;
        let config = ProviderConfig::without_region()
            .with_region(Some(region))
            .with_http_client(client)
            .with_use_fips(bare.use_fips())
            .with_use_dual_stack(bare.use_dual_stack());
        let credentials = credentials(&settings, &config, &tls).await;
        let operator = bare.to_builder().credentials_provider(credentials).build();
        Ok(Self { settings, operator, bare })
    }

    /// Made of what is given alone. The SDK's own loader is not asked: it reads environment and files.
    fn fixed(settings: Settings, fixed: &Fixed) -> Self {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(OPERATION);
        let bare = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(fixed.region.as_str().to_owned()))
            .endpoint_url(&fixed.endpoint)
            .http_client(http_client(&TlsContext::default(), &ProxyConfig::disabled()))
            .timeout_config(timeouts.build())
            .build();
        let (id, secret) = (&fixed.access_key_id, fixed.secret_access_key.expose_secret());
        let credentials = Credentials::new(id, secret, None, None, fixed.name);
        let operator = bare
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        Self { settings, operator, bare }
    }

    /// The command that renews the login.
    pub(super) fn renew(&self) -> Option<&str> {
        self.settings.source.renew.as_deref()
    }
}

/// The chain of the AWS CLI; with `--profile`, only that profile.
async fn credentials(
    settings: &Settings,
    config: &ProviderConfig,
    tls: &TlsContext,
) -> SharedCredentialsProvider {
    if settings.profile_is_chosen {
        let profile = ProfileFileCredentialsProvider::builder()
            .configure(config)
            .profile_name(&settings.profile);
        return SharedCredentialsProvider::new(profile.build());
    }
    // The metadata service is on the machine's own link: no proxy, and an absent one is known at once.
    let direct = config.clone().with_http_client(http_client(tls, &ProxyConfig::disabled()));
    let imds = aws_config::imds::Client::builder()
        .configure(&direct)
        .connect_timeout(IMDS)
        .read_timeout(IMDS)
        .max_attempts(1)
        .build();
    let chain = DefaultCredentialsChain::builder()
        .configure(config.clone())
        .region(config_region(settings))
        .profile_name(&settings.profile)
        .imds_client(imds);
    SharedCredentialsProvider::new(chain.build().await)
}

/// The region again, so that the chain does not ask the metadata service for one.
fn config_region(settings: &Settings) -> Region {
    let name = settings.source.region.as_ref().map_or(NO_REGION, |(region, _)| region.as_str());
    Region::new(name.to_owned())
}

/// Changing calls, and those whose single try is the test, are sent once.
pub(super) fn once() -> RetryConfig {
    RetryConfig::disabled()
}

/// The SDK's own client reads neither proxy variables nor a bundle, hence this one.
fn http_client(tls: &TlsContext, proxy: &ProxyConfig) -> SharedHttpClient {
    let (tls, proxy) = (tls.clone(), proxy.clone());
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone());
        if let Some(settings) = settings {
            connector = connector.connector_settings(settings.clone());
        }
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls.clone()).build()
    })
}

/// The SDK finds a bad endpoint only in the midst of a call, and prints that call with all that is in it.
fn usable(name: &str, endpoint: &str) -> Result<(), Fault> {
    match reqwest::Url::parse(endpoint) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        _ => Err(Fault::new(
            Cause::BadAnswers,
            format!("{name}: {endpoint:?} is no URL that can be called"),
        )
        .with("key", name)
        .with("got", endpoint)
        .remedy("give it with its scheme: https://host:port")),
    }
}

/// Trust in the bundle's certificates alone, as the AWS CLI has it. The SDK's client panics on a bad bundle, so it is
/// tried on a client that does not.
fn trusting(path: &Path) -> Result<TlsContext, Fault> {
    let wrong = |why: String| {
        Fault::new(
            Cause::File,
            format!(
                "the certificates in {} (AWS_CA_BUNDLE, or ca_bundle of the profile) cannot be \
                 used: {why}",
                path.display()
            ),
        )
        .with("path", path.display().to_string())
        .remedy("give a PEM file with the certificates of the authorities to trust")
    };
    let pem = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let certificates =
        reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| wrong(e.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    reqwest::Client::builder()
        .tls_certs_only(certificates)
        .build()
        .map_err(|e| wrong(e.source().map_or_else(|| e.to_string(), ToString::to_string)))?;
    TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(pem))
        .build()
        .map_err(|e| wrong(e.to_string()))
}

/// A client with the system's trust and no proxy.
#[cfg(test)]
pub(super) fn plain_client() -> SharedHttpClient {
    http_client(&TlsContext::default(), &ProxyConfig::disabled())
}
