//! What options, environment and profile files say of the login, with the AWS CLI's meanings and order.

use std::path::PathBuf;

use aws_config::profile::{Profile, ProfileSet};
use secrecy::SecretString;

use crate::domain::partition::Region;
use crate::ports::LoginSource;

/// The options of the command line that choose the login; everything else comes from the environment.
#[derive(Debug, Clone, Default)]
pub struct AwsOptions {
    /// `--profile`
    pub profile: Option<String>,
    /// `--region`
    pub region: Option<String>,
    /// `--endpoint-url`
    pub endpoint_url: Option<String>,
    /// A login that is none of the environment's; the three above do not count beside it.
    pub fixed: Option<Fixed>,
}

/// A login that is given whole: environment, files, proxies and the machine's own role take no part in it.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// Stands for AWS's own endpoints, all of them.
    pub endpoint: String,
    /// Access key id.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: SecretString,
    /// The region.
    pub region: Region,
    /// What the operator is told it comes from.
    pub name: &'static str,
}

/// The settings in force, read anew each time.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// The profile's name.
    pub(super) profile: String,
    /// The profile came by `--profile`: then keys of the environment do not count, as in the AWS CLI.
    pub(super) profile_is_chosen: bool,
    /// A PEM bundle in place of the system's certificates: `AWS_CA_BUNDLE`, or `ca_bundle` of the profile.
    pub(super) ca_bundle: Option<PathBuf>,
    /// Every endpoint that stands for AWS's own, with what names it.
    pub(super) endpoints: Vec<(String, String)>,
    /// What the operator is told of it.
    pub(super) source: LoginSource,
}

impl Settings {
    /// Reads the environment and the profile files. Files that cannot be read count as empty here: loading the
    /// credentials reports them.
    pub(super) async fn read(options: &AwsOptions) -> Self {
        if let Some(fixed) = &options.fixed {
            return Self::of(fixed);
        }
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (profile, _) = profile_name(options, env);
        // The SDK's handles on file system, environment and file names, whose types stand in crates of its own.
        let (fs, real, names) = Default::default();
        let files = aws_config::profile::load(&fs, &real, &names, Some(profile.into())).await;
        Self::from(options, env, files.ok().as_ref())
    }

    fn of(fixed: &Fixed) -> Self {
        let source = LoginSource {
            profile: Some((fixed.name.to_owned(), fixed.name)),
            region: Some((fixed.region.clone(), fixed.name)),
            endpoint: None,
            renew: None,
        };
        Self { source, ..Self::default() }
    }

    /// The same from given parts.
    fn from(
        options: &AwsOptions,
        env: impl Fn(&str) -> Option<String> + Copy,
        files: Option<&ProfileSet>,
    ) -> Self {
        let (name, origin) = profile_name(options, env);
        let profile = files.and_then(|files| files.get_profile(&name));
        let of_profile = |key: &str| profile.and_then(|p| p.get(key)).map(str::to_owned);
        let region = [
            (options.region.clone(), "--region"),
            (env("AWS_REGION"), "AWS_REGION"),
            (env("AWS_DEFAULT_REGION"), "AWS_DEFAULT_REGION"),
            (of_profile("region"), "the profile"),
        ]
        .into_iter()
        .find_map(|(value, origin)| Some((Region::parse(value?.trim()).ok()?, origin)));
        let endpoints: Vec<(String, String)> = match &options.endpoint_url {
            Some(url) => vec![("--endpoint-url".to_owned(), url.clone())],
            None => ["", "_IAM", "_STS", "_ECR"]
                .into_iter()
                .map(|service| format!("AWS_ENDPOINT_URL{service}"))
                .filter_map(|name| env(&name).map(|url| (name, url)))
                .chain(
                    of_profile("endpoint_url")
                        .map(|url| ("endpoint_url of the profile".to_owned(), url)),
                )
                .collect(),
        };
        let endpoint = endpoints.first().map(|(_, url)| url.clone());
        let ca_bundle = env("AWS_CA_BUNDLE").or_else(|| of_profile("ca_bundle"));
        // Keys of the environment count before the profile's: no command renews those.
        let has_keys = options.profile.is_none() && env("AWS_ACCESS_KEY_ID").is_some();
        let renew = if has_keys { None } else { renewal(&name, profile, files) };
        Self {
            profile_is_chosen: options.profile.is_some(),
            ca_bundle: ca_bundle.map(PathBuf::from),
            endpoints,
            source: LoginSource { profile: Some((name.clone(), origin)), region, endpoint, renew },
            profile: name,
        }
    }
}

fn profile_name(
    options: &AwsOptions,
    env: impl Fn(&str) -> Option<String>,
) -> (String, &'static str) {
    if let Some(name) = &options.profile {
        return (name.clone(), "--profile");
    }
    // In the order of the AWS CLI (botocore's `BOTOCORE_DEFAULT_SESSION_VARIABLES`).
    ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"]
        .into_iter()
        .find_map(|variable| Some((env(variable)?, variable)))
        .unwrap_or_else(|| ("default".to_owned(), "default"))
}

/// The command that renews the login of a profile, if there is one: not where a process, a file or the machine gives the
/// credentials. A role's credentials come from those of its source profile, so the
/// chain is followed to where a person logs in.
fn renewal(name: &str, profile: Option<&Profile>, files: Option<&ProfileSet>) -> Option<String> {
    let (mut name, mut profile) = (name, profile);
    for _ in 0..8 {
        let source = profile.and_then(|p| p.get("source_profile")).filter(|source| *source != name);
        let Some(source) = source else { break };
        (name, profile) = (source, files.and_then(|files| files.get_profile(source)));
    }
    let has = |key: &str| profile.is_some_and(|p| p.get(key).is_some());
    let option = match name {
        "default" => String::new(),
        name if name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@+/:".contains(c)) => {
            format!(" --profile {name}")
        }
        name => format!(" --profile '{}'", name.replace('\'', r"'\''")),
    };
    let command = if has("sso_session") || has("sso_start_url") {
        "sso login"
    } else if has("login_session") {
        "login"
    } else if has("credential_process")
        || has("credential_source")
        || has("web_identity_token_file")
    {
        return None;
    } else {
        "configure"
    };
    Some(format!("aws {command}{option}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
[default]
region = eu-west-1
[profile plain]
region = us-east-2
ca_bundle = /etc/ca.pem
[profile ops-dev]
sso_session = corp
sso_account_id = 112233445566
[sso-session corp]
sso_region = us-east-1
[profile deploy]
role_arn = arn:aws:iam::112233445566:role/deploy
source_profile = ops-dev
[profile console]
login_session = arn:aws:iam::112233445566:user/ann
[profile process]
credential_process = /usr/local/bin/keys
[profile loop]
source_profile = loop
";

    async fn files() -> ProfileSet {
        #[expect(
            deprecated,
            reason = "the undeprecated name stands in a crate of the SDK's own"
        )]
        use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
        #[expect(deprecated, reason = "as above")]
        let files = ProfileFiles::builder().with_contents(ProfileFileKind::Config, FILE).build();
        let (fs, env) = Default::default();
        aws_config::profile::load(&fs, &env, &files, None).await.unwrap()
    }

    fn options(profile: &str) -> AwsOptions {
        AwsOptions { profile: Some(profile.to_owned()), ..AwsOptions::default() }
    }

    #[tokio::test]
    async fn beside_a_fixed_login_nothing_else_counts() {
        let fixed = Fixed {
            endpoint: "http://127.0.0.1:1".to_owned(),
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "planted".to_owned().into(),
            region: Region::parse("us-east-2").unwrap(),
            name: "practice",
        };
        // Beside other options, which the readers of files would heed.
        let options = AwsOptions { fixed: Some(fixed), ..options("ops-dev") };
        let settings = Settings::read(&options).await;
        let source = LoginSource {
            profile: Some(("practice".to_owned(), "practice")),
            region: Some((Region::parse("us-east-2").unwrap(), "practice")),
            endpoint: None,
            renew: None,
        };
        assert_eq!(settings.source, source);
        assert!(settings.endpoints.is_empty() && settings.ca_bundle.is_none());
        assert!(!format!("{options:?}").contains("planted"));
    }

    #[tokio::test]
    async fn each_kind_of_login_is_renewed_by_its_command() {
        let files = files().await;
        let process = Settings::from(&options("process"), |_| None, Some(&files));
        assert_eq!(process.source.renew, None);
        let keys = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "AKIA".to_owned());
        let environment = Settings::from(&AwsOptions::default(), keys, Some(&files));
        assert_eq!(environment.source.renew, None);
        for (profile, command) in [
            ("default", "aws configure"),
            ("plain", "aws configure --profile plain"),
            ("ops-dev", "aws sso login --profile ops-dev"),
            ("deploy", "aws sso login --profile ops-dev"),
            ("console", "aws login --profile console"),
            ("with space", "aws configure --profile 'with space'"),
            ("loop", "aws configure --profile loop"),
            ("absent", "aws configure --profile absent"),
        ] {
            let settings = Settings::from(&options(profile), |_| None, Some(&files));
            assert_eq!(settings.source.renew.as_deref(), Some(command));
            assert!(settings.profile_is_chosen);
        }
    }

    #[tokio::test]
    async fn the_option_wins_over_the_environment_and_that_over_the_profile() {
        let files = files().await;
        let region = |settings: &Settings| {
            settings.source.region.as_ref().map(|(r, origin)| (r.as_str().to_owned(), *origin))
        };
        let env = |name: &str| match name {
            "AWS_PROFILE" => Some("plain".to_owned()),
            "AWS_DEFAULT_REGION" => Some("us-west-2".to_owned()),
            "AWS_ENDPOINT_URL_STS" => Some("http://127.0.0.1:1".to_owned()),
            _ => None,
        };
        let settings = Settings::from(&AwsOptions::default(), |_| None, Some(&files));
        assert_eq!(settings.source.profile, Some(("default".to_owned(), "default")));
        assert_eq!(region(&settings), Some(("eu-west-1".to_owned(), "the profile")));
        let settings = Settings::from(&AwsOptions::default(), env, Some(&files));
        assert_eq!(settings.source.profile, Some(("plain".to_owned(), "AWS_PROFILE")));
        assert_eq!(region(&settings), Some(("us-west-2".to_owned(), "AWS_DEFAULT_REGION")));
        assert_eq!(settings.source.endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(settings.ca_bundle, Some(PathBuf::from("/etc/ca.pem")));
        assert!(!settings.profile_is_chosen);
        let older = |name: &str| (name == "AWS_DEFAULT_PROFILE").then(|| "ops-dev".to_owned());
        let settings = Settings::from(&AwsOptions::default(), older, Some(&files));
        assert_eq!(settings.source.profile, Some(("ops-dev".to_owned(), "AWS_DEFAULT_PROFILE")));
        let chosen = AwsOptions {
            profile: Some("ops-dev".to_owned()),
            region: Some("eu-central-1".to_owned()),
            endpoint_url: Some("http://127.0.0.1:2".to_owned()),
            fixed: None,
        };
        let settings = Settings::from(&chosen, env, Some(&files));
        assert_eq!(settings.source.profile, Some(("ops-dev".to_owned(), "--profile")));
        assert_eq!(region(&settings), Some(("eu-central-1".to_owned(), "--region")));
        assert_eq!(settings.source.endpoint.as_deref(), Some("http://127.0.0.1:2"));
        let named = |settings: &Settings| settings.endpoints.first().cloned().unwrap().0;
        assert_eq!(named(&settings), "--endpoint-url");
        let settings = Settings::from(&options("ops-dev"), |_| None, None);
        assert_eq!(region(&settings), None);
    }
}
