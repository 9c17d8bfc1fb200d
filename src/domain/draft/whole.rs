//! The draft as a whole: what follows from it, and the intent it becomes.

use std::path::PathBuf;

use super::{Draft, Field, Mode, PolicyChoice, judge, list};
use crate::domain::access::{Access, Permissions};
use crate::domain::arn::PolicyArn;
use crate::domain::custody::{Custody, CustodyChoice, SecretPlace};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::{ImageRef, RegistryHost};
use crate::domain::intent::{Caller, Intent, OidcIntent, UserIntent};
use crate::domain::issuer::Issuer;
use crate::domain::name::{IamPath, RepositoryPattern, RoleName, UserName};
use crate::domain::partition::{AccountId, Partition, Region};
use crate::domain::probe::{Platform, PullWish};
use crate::domain::problem::Problem;
use crate::domain::subject::{Audience, Subject};

/// The namespace of Okteto's guides.
pub const NAMESPACE: &str = "okteto";

/// What only one of the two modes asks for.
enum Way {
    Oidc { issuer: Issuer, audience: Audience, subject: Subject, role: RoleName },
    IamUser { user: UserName },
}

/// What the answers turn into, as far as they go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// The provider's ARN.
    pub provider_arn: Option<String>,
    /// The two condition keys, `NAME:aud` and `NAME:sub`.
    pub keys: Option<[String; 2]>,
    /// The role's ARN.
    pub role_arn: Option<String>,
    /// The user's ARN.
    pub user_arn: Option<String>,
    /// The registry's host.
    pub host: Option<String>,
}

/// A fault for the field: its key, what is wrong, why, an example.
fn bad(key: &str, problem: &Problem) -> Fault {
    Fault::new(Cause::BadAnswers, format!("{key}: {problem}"))
        .with("key", key)
        .with("reason", format!("{}: {}", problem.what, problem.why))
        .with("example", problem.example.as_str())
}

impl Draft {
    /// What follows from what was typed so far. Without a caller the pinned account counts.
    #[must_use]
    pub fn derived(&self, caller: Option<&Caller>) -> Derived {
        let pinned = || self.account.as_deref().and_then(|a| AccountId::parse(a).ok());
        let account = caller.map(|c| c.account.clone()).or_else(pinned);
        let host = self.host(account.as_ref()).ok();
        let partition = caller.map_or_else(
            || self.region().map_or(Partition::Aws, |region| Partition::of_region(&region)),
            |c| c.partition,
        );
        let issuer = Issuer::parse(self.text(Field::Issuer)).ok();
        let provider_arn = issuer
            .as_ref()
            .zip(account.as_ref())
            .map(|(issuer, account)| issuer.provider_arn(partition, account).to_string());
        let role = RoleName::parse(self.text(Field::Role)).ok();
        let path = self.path().ok();
        let arn = |kind: &str, name: String| {
            let (account, path) = (account.as_ref()?, path.as_ref()?.as_str());
            Some(format!("arn:{partition}:iam::{account}:{kind}{path}{name}"))
        };
        let user = UserName::parse(self.text(Field::User)).ok();
        let role_arn = role.and_then(|role| arn("role", role.to_string()));
        let user_arn = user.and_then(|user| arn("user", user.to_string()));
        let keys = issuer.map(|issuer| [issuer.key("aud"), issuer.key("sub")]);
        Derived { provider_arn, keys, role_arn, user_arn, host: host.map(|h| h.to_string()) }
    }

    /// Checks everything together with the caller.
    ///
    /// # Errors
    /// `bad-answers` naming the first field, its key, the reason and an example; `wrong-account` where the pinned
    /// account or the partition of the registry is not the caller's.
    pub fn intent(&self, caller: &Caller) -> Result<Intent, Fault> {
        if let Some(pinned) = &self.account {
            let pinned = AccountId::parse(pinned).map_err(|p| bad("account", &p))?;
            if pinned != caller.account {
                return Err(Fault::new(
                    Cause::WrongAccount,
                    format!(
                        "the answers are for account {pinned}, the login is of {}",
                        caller.account
                    ),
                )
                .with("wanted", pinned.as_str())
                .with("got", caller.account.as_str())
                .with("caller", caller.arn.as_str())
                .remedy("log in to that account, or choose its profile with --profile"));
            }
        }
        let of = |field: Field| move |problem: Problem| bad(field.key(), &problem);
        let way = self.way()?;
        let host = self.host(Some(&caller.account)).map_err(of(Field::Registry))?;
        if host.partition() != caller.partition {
            return Err(Fault::new(
                Cause::WrongAccount,
                format!(
                    "the registry is in the partition {}, the login in {}: trust does not cross partitions",
                    host.partition(),
                    caller.partition
                ),
            )
            .with("wanted", host.partition().id())
            .with("got", caller.partition.id())
            .remedy("log in to an account of the registry's partition"));
        }
        let (account, partition) = (caller.account.clone(), caller.partition);
        let access = self.access(partition)?;
        Ok(match way {
            Way::Oidc { issuer, audience, subject, role } => Intent::Oidc(OidcIntent {
                account,
                partition,
                host,
                issuer,
                audience,
                subject,
                role,
                access,
            }),
            Way::IamUser { user } => {
                let custody = self.custody_for(&host)?;
                let access = Access { description: None, max_session_seconds: None, ..access };
                Intent::IamUser(UserIntent { account, partition, host, user, custody, access })
            }
        })
    }

    /// What only one of the two modes asks for.
    fn way(&self) -> Result<Way, Fault> {
        let of = |field: Field| move |problem: Problem| bad(field.key(), &problem);
        Ok(match self.mode {
            Mode::Oidc => Way::Oidc {
                issuer: Issuer::parse(self.text(Field::Issuer)).map_err(of(Field::Issuer))?,
                audience: Audience::parse(self.text(Field::Audience))
                    .map_err(of(Field::Audience))?,
                subject: Subject::parse(self.text(Field::Subject)).map_err(of(Field::Subject))?,
                role: RoleName::parse(self.text(Field::Role)).map_err(of(Field::Role))?,
            },
            Mode::IamUser => Way::IamUser {
                user: UserName::parse(self.text(Field::User)).map_err(of(Field::User))?,
            },
        })
    }

    /// Where the secret goes.
    fn custody_for(&self, host: &RegistryHost) -> Result<Custody, Fault> {
        Ok(match self.custody {
            CustodyChoice::Kubernetes => Custody::Kubernetes(SecretPlace {
                context: self.context.clone(),
                namespace: self.namespace().to_owned(),
                name: SecretPlace::name_for(host),
            }),
            CustodyChoice::File => match self.text(Field::KeyFile) {
                "" => {
                    let why = "the secret is to go to a file";
                    let problem = Problem::new("no file is named", why, Field::KeyFile.example());
                    return Err(bad(Field::KeyFile.key(), &problem));
                }
                path => Custody::File(PathBuf::from(path)),
            },
            CustodyChoice::Show => Custody::Show,
        })
    }

    /// Okteto's namespace in the cluster, for the Registry object and its Secret.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match self.text(Field::Namespace) {
            "" => NAMESPACE,
            namespace => namespace,
        }
    }

    fn access(&self, partition: Partition) -> Result<Access, Fault> {
        let of = |field: Field| move |problem: Problem| bad(field.key(), &problem);
        let given = |field| Some(self.text(field)).filter(|text| !text.is_empty());
        let permissions = match self.policy {
            PolicyChoice::ReadOnly => Permissions::ReadOnly,
            PolicyChoice::PullOnly => Permissions::PullOnly,
            PolicyChoice::Repositories => {
                Permissions::Repositories(self.repositories().map_err(of(Field::Repositories))?)
            }
        };
        let boundary = given(Field::Boundary).map(PolicyArn::parse).transpose();
        let boundary = boundary.map_err(of(Field::Boundary))?;
        if let Some(arn) = &boundary
            && !arn.as_str().starts_with(&format!("arn:{partition}:"))
        {
            let what = format!("{arn} is of another partition than the login, {partition}");
            let problem =
                Problem::new(what, "ARNs do not cross partitions", Field::Boundary.example());
            return Err(bad(Field::Boundary.key(), &problem));
        }
        let description = given(Field::Description).map(str::to_owned);
        if let Some(text) = &description {
            Field::Description.check(text).map_err(of(Field::Description))?;
        }
        Ok(Access {
            permissions,
            path: self.path().map_err(of(Field::Path))?,
            boundary,
            tags: list::tags(self.text(Field::Tags)).map_err(of(Field::Tags))?,
            description,
            max_session_seconds: given(Field::MaxSession)
                .map(judge::seconds)
                .transpose()
                .map_err(of(Field::MaxSession))?,
        })
    }

    fn path(&self) -> Result<IamPath, Problem> {
        match self.text(Field::Path) {
            "" => Ok(IamPath::root()),
            text => IamPath::parse(text),
        }
    }

    fn repositories(&self) -> Result<Vec<RepositoryPattern>, Problem> {
        let items = list::items(self.text(Field::Repositories));
        if items.is_empty() {
            return Err(Problem::new(
                "no repository is named",
                "the policy for chosen repositories needs at least one",
                Field::Repositories.example(),
            ));
        }
        items.iter().map(|item| RepositoryPattern::parse(item)).collect()
    }

    /// The registry's host: as typed, or the classic host of account and region.
    fn host(&self, account: Option<&AccountId>) -> Result<RegistryHost, Problem> {
        let text = self.text(Field::Registry);
        if text.is_empty() {
            return Err(Problem::new(
                "neither registry nor region is given",
                "the image is pulled from there",
                Field::Registry.example(),
            ));
        }
        match (Region::parse(text), account) {
            (Ok(region), Some(account)) => Ok(RegistryHost::classic(account.clone(), region)),
            _ => RegistryHost::parse(text),
        }
    }

    /// What the pull test is to fetch.
    ///
    /// # Errors
    /// `bad-answers` as above.
    pub fn pull_wish(&self, intent: &Intent) -> Result<PullWish, Fault> {
        let text = self.text(Field::Image);
        if text.is_empty() {
            let why = "the pull test needs an image";
            let problem = Problem::new("no image is named", why, Field::Image.example());
            return Err(bad(Field::Image.key(), &problem));
        }
        let image = ImageRef::parse(text).map_err(|p| bad(Field::Image.key(), &p))?;
        let platform = match self.text(Field::Platform) {
            "" => Platform::default(),
            text => platform(text).map_err(|p| bad(Field::Platform.key(), &p))?,
        };
        Ok(PullWish { host: intent.host().clone(), image, platform, depth: self.depth })
    }
}

/// `os/architecture` or `os/architecture/variant`.
pub(super) fn platform(text: &str) -> Result<Platform, Problem> {
    let word = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let parts: Vec<&str> = text.split('/').collect();
    let (os, architecture, variant) = match parts.as_slice() {
        [os, architecture] => (*os, *architecture, None),
        [os, architecture, variant] => (*os, *architecture, Some((*variant).to_owned())),
        _ => ("", "", None),
    };
    if os.is_empty() || !parts.iter().all(word) {
        return Err(Problem::new(
            format!("{text:?} is not a platform"),
            "a platform is an operating system, a slash and an architecture",
            Field::Platform.example(),
        ));
    }
    Ok(Platform { os: os.to_owned(), architecture: architecture.to_owned(), variant })
}
