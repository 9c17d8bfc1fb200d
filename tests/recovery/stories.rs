//! What is to be set up, and what the account holds at the start.

use std::collections::BTreeMap;

use fastrand::Rng;
use okteto_ecr::domain::access::{Access, Permissions};
use okteto_ecr::domain::arn::PolicyArn;
use okteto_ecr::domain::custody::{Custody, SecretPlace};
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::intent::{Caller, Intent, OidcIntent, UserIntent};
use okteto_ecr::domain::inventory::SeenUser;
use okteto_ecr::domain::key::KeyId;
use okteto_ecr::domain::name::{IamPath, RepositoryPattern, UserName};
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::plan::AudienceChoice;
use okteto_ecr::domain::rotation::KeyWish;
use serde_json::{Value, json};

use crate::world::{ISSUER, Practice, draft};

pub const ROLE: &str = "my-private-registry";
pub const USER: &str = "private-registry-user";

/// How far a rotation is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Another,
    Retired,
    Deleted,
}

/// What is to become of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    Have,
    Rotate(Stage),
    Restore,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub intent: Intent,
    pub audience: AudienceChoice,
    pub keys: Keys,
    /// Whether the role asks for the audience from the start.
    pub asked: bool,
    /// The key that was there.
    pub old: Option<KeyId>,
}

pub fn caller() -> Caller {
    Caller {
        account: AccountId::parse("112233445566").unwrap(),
        arn: "arn:aws:iam::112233445566:user/trainee".to_owned(),
        partition: Partition::Aws,
    }
}

fn oidc(draft: &Draft) -> OidcIntent {
    draft.intent(&caller()).unwrap().oidc().unwrap().clone()
}

fn user(practice: &Practice, rng: &mut Rng) -> UserIntent {
    let OidcIntent { account, partition, host, access, .. } = oidc(&draft());
    let custody = match rng.u32(..3) {
        0 => Custody::Kubernetes(SecretPlace {
            context: Some("practice".to_owned()),
            namespace: "okteto".to_owned(),
            name: SecretPlace::name_for(&host),
        }),
        1 => Custody::File(practice.disk.0.path().join("key")),
        _ => Custody::Show,
    };
    UserIntent { account, partition, host, user: UserName::parse(USER).unwrap(), custody, access }
}

fn arn(policy: &str) -> PolicyArn {
    PolicyArn::managed(Partition::Aws, policy)
}

/// More than the tutorial's role has.
fn rich(rng: &mut Rng) -> Access {
    let mut tags = BTreeMap::new();
    if rng.bool() {
        tags.insert("team".to_owned(), "platform".to_owned());
        tags.insert("cost".to_owned(), "42".to_owned());
    }
    Access {
        permissions: match rng.u32(..3) {
            0 => Permissions::ReadOnly,
            1 => Permissions::PullOnly,
            _ => Permissions::Repositories(vec![
                RepositoryPattern::parse("team/*").unwrap(),
                RepositoryPattern::parse("tools/kubectl").unwrap(),
            ]),
        },
        boundary: rng.bool().then(|| arn("IAMReadOnlyAccess")),
        description: rng.bool().then(|| "pulls for Okteto, größer".to_owned()),
        max_session_seconds: rng.bool().then_some(7200),
        tags,
        path: IamPath::root(),
    }
}

fn trust(audience: &str, subject: &str) -> String {
    let name = ISSUER.trim_start_matches("https://");
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::112233445566:oidc-provider/{name}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{name}:aud"): audience,
            format!("{name}:sub"): subject,
        }},
    }]})
    .to_string()
}

const INLINE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}"#;

/// Somebody else's provider and role. Whether the role asks for the audience that is to be added.
async fn somebody_elses(practice: &Practice, rng: &mut Rng) -> bool {
    let provider = json!({"Url": ISSUER, "ClientIDList": ["elsewhere"]});
    practice.colleague("CreateOpenIDConnectProvider", provider).await;
    // Another role lives by it.
    let other = json!({"RoleName": "other", "AssumeRolePolicyDocument": trust("elsewhere", "system:serviceaccount:a:b")});
    practice.colleague("CreateRole", other).await;
    if rng.u32(..4) == 0 {
        return false;
    }
    let asks = rng.bool();
    let audience = if asks { "okteto.example.com/us-east-2" } else { "elsewhere" };
    let subject = if rng.bool() {
        "system:serviceaccount:okteto:okteto"
    } else {
        "system:serviceaccount:c:d"
    };
    let mut role = json!({"RoleName": ROLE, "AssumeRolePolicyDocument": trust(audience, subject)});
    if rng.bool() {
        role["Description"] = "by hand".into();
        role["MaxSessionDuration"] = 43200.into();
    }
    if rng.bool() {
        role["Tags"] = json!([{"Key": "team", "Value": "others"}]);
    }
    if rng.bool() {
        role["PermissionsBoundary"] = arn("AmazonEC2ContainerRegistryReadOnly").as_str().into();
    }
    practice.colleague("CreateRole", role).await;
    if rng.bool() {
        let own =
            json!({"RoleName": ROLE, "PolicyName": "okteto-ecr-pull", "PolicyDocument": INLINE});
        practice.colleague("PutRolePolicy", own).await;
    }
    asks
}

/// A user as this program would have made it, with its key.
async fn user_with_key(practice: &Practice) -> KeyId {
    practice.colleague("CreateUser", json!({ "UserName": USER })).await;
    let policy = arn("AmazonEC2ContainerRegistryReadOnly");
    let attach = json!({"UserName": USER, "PolicyArn": policy.as_str()});
    practice.colleague("AttachUserPolicy", attach).await;
    key(practice).await
}

async fn key(practice: &Practice) -> KeyId {
    let made: Value = practice.colleague("CreateAccessKey", json!({ "UserName": USER })).await;
    // Which of two is the older, whole seconds say.
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    KeyId::parse(made["AccessKey"]["AccessKeyId"].as_str().unwrap()).unwrap()
}

impl Story {
    /// One of the stories, with the account as it has it at the start.
    pub async fn begin(practice: &Practice, rng: &mut Rng) -> Self {
        let base = oidc(&draft());
        let of = |intent: Intent, keys| Self {
            intent,
            audience: AudienceChoice::Add,
            keys,
            asked: false,
            old: None,
        };
        match rng.u32(..10) {
            0 => of(base.into(), Keys::Have),
            1 => {
                let access = rich(rng);
                of(OidcIntent { access, ..base }.into(), Keys::Have)
            }
            2..=4 => {
                let asked = somebody_elses(practice, rng).await;
                let access = rich(rng);
                let audience =
                    if rng.bool() { AudienceChoice::Add } else { AudienceChoice::Replace };
                let story = of(OidcIntent { access, ..base }.into(), Keys::Have);
                Self { audience, asked, ..story }
            }
            5 | 6 => of(user(practice, rng).into(), Keys::Have),
            7 | 8 => {
                let old = Some(user_with_key(practice).await);
                let stage = [Stage::Another, Stage::Retired, Stage::Deleted][rng.usize(..3)];
                Self { old, ..of(user(practice, rng).into(), Keys::Rotate(stage)) }
            }
            _ => {
                let old = user_with_key(practice).await;
                let off =
                    json!({"UserName": USER, "AccessKeyId": old.as_str(), "Status": "Inactive"});
                practice.colleague("UpdateAccessKey", off).await;
                key(practice).await;
                Self { old: Some(old), ..of(user(practice, rng).into(), Keys::Restore) }
            }
        }
    }

    /// What comes next of the keys, as far as anything but having one is left to do.
    pub fn next(&self, user: Option<&SeenUser>) -> Option<KeyWish> {
        let (old, user) = (self.old.as_ref()?, user?);
        let there = user.keys.iter().find(|key| key.id == *old);
        match self.keys {
            Keys::Have => None,
            Keys::Restore => {
                there.filter(|key| !key.is_active()).map(|_| KeyWish::Restore(old.clone()))
            }
            Keys::Rotate(_) if user.keys.iter().all(|key| key.id == *old) => Some(KeyWish::Another),
            Keys::Rotate(stage) => there.and_then(|key| {
                if stage >= Stage::Retired && key.is_active() {
                    Some(KeyWish::Retire(old.clone()))
                } else {
                    (stage == Stage::Deleted).then(|| KeyWish::Delete(old.clone()))
                }
            }),
        }
    }

    /// How many keys there are in the end.
    pub fn keys_in_the_end(&self) -> usize {
        match (&self.intent, self.keys) {
            (Intent::Oidc(_), _) => 0,
            (_, Keys::Have | Keys::Rotate(Stage::Deleted)) => 1,
            (_, Keys::Rotate(_) | Keys::Restore) => 2,
        }
    }
}
