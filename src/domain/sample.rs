//! Values for tests, the tutorial's own.

use std::collections::BTreeMap;

use super::access::{Access, Permissions};
use super::custody::{Custody, SecretPlace};
use super::host::RegistryHost;
use super::intent::{Caller, OidcIntent, UserIntent};
use super::issuer::Issuer;
use super::name::{IamPath, RoleName, UserName};
use super::partition::{AccountId, Partition};
use super::subject::{Audience, Subject};

pub const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
pub const AUDIENCE: &str = "okteto.example.com/us-east-2";
pub const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
pub const HOST: &str = "112233445566.dkr.ecr.us-east-2.amazonaws.com";

pub fn caller() -> Caller {
    Caller {
        account: AccountId::parse("112233445566").unwrap(),
        arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
        partition: Partition::Aws,
    }
}

pub fn user_intent() -> UserIntent {
    UserIntent {
        account: caller().account,
        partition: Partition::Aws,
        host: RegistryHost::parse(HOST).unwrap(),
        user: UserName::parse("private-registry-user").unwrap(),
        custody: Custody::Kubernetes(SecretPlace {
            context: Some("my-cluster".to_owned()),
            namespace: "okteto".to_owned(),
            name: "okteto-ecr-112233445566-us-east-2".to_owned(),
        }),
        access: intent().access,
    }
}

pub fn intent() -> OidcIntent {
    OidcIntent {
        account: caller().account,
        partition: Partition::Aws,
        host: RegistryHost::parse(HOST).unwrap(),
        issuer: Issuer::parse(ISSUER).unwrap(),
        audience: Audience::parse(AUDIENCE).unwrap(),
        subject: Subject::parse(SUBJECT).unwrap(),
        role: RoleName::parse("my-private-registry").unwrap(),
        access: Access {
            permissions: Permissions::ReadOnly,
            path: IamPath::root(),
            boundary: None,
            tags: BTreeMap::new(),
            description: None,
            max_session_seconds: None,
        },
    }
}
