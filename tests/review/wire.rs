//! The account read over the wire, by the SDK: from the practice account, and from moto.

mod furniture;
mod moto;
mod practice;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::Client;
use aws_smithy_types::retry::RetryConfig;
use okteto_ecr::aws::{Aws, AwsOptions, Fixed};
use okteto_ecr::domain::arn::PolicyArn;
use okteto_ecr::domain::fault::Fault;
use okteto_ecr::domain::partition::Region;
use okteto_ecr::domain::review::account::{Page, RoleEntry, UserEntry};
use okteto_ecr::ports::Roster;
use tokio::runtime::Runtime;

pub const REGION: &str = "us-east-2";

/// Somebody at an endpoint that stands for AWS: the program's way to it, and the SDK's own.
pub struct Visitor {
    pub aws: Aws,
    pub iam: Client,
    pub sdk: SdkConfig,
    /// The calls of `aws`, in their order.
    pub calls: Arc<Mutex<Vec<String>>>,
    io: Runtime,
}

impl Visitor {
    pub fn at(endpoint: &str, key: &str, secret: &str) -> Self {
        let io =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let region = Region::parse(REGION).expect("a region");
        let fixed = Fixed {
            endpoint: endpoint.to_owned(),
            access_key_id: key.to_owned(),
            secret_access_key: secret.to_owned().into(),
            region,
            name: "test",
        };
        let calls = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&calls);
        let aws = Aws::new(
            AwsOptions { fixed: Some(fixed), ..AwsOptions::default() },
            Arc::new(move |record| log.lock().expect("the log").push(record.call)),
        );
        let keys = Credentials::new(key, secret, None, None, "test");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_config::Region::new(REGION))
            .endpoint_url(endpoint)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        Self { aws, iam: Client::new(&sdk), sdk, calls, io }
    }

    pub fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.io.block_on(what)
    }

    /// Everything on all pages, and how many there were.
    pub fn details(&self) -> Result<(Page, usize), Fault> {
        self.wait(pages(async |more: Option<String>| self.aws.details(more.as_deref()).await))
    }

    /// The roles by the list, without the rest of them.
    pub fn listed_roles(&self) -> Result<(Page, usize), Fault> {
        self.wait(pages(async |more: Option<String>| self.aws.roles(more.as_deref()).await))
    }

    /// The users by the list, without the rest of them.
    pub fn listed_users(&self) -> Result<(Page, usize), Fault> {
        self.wait(pages(async |more: Option<String>| self.aws.users(more.as_deref()).await))
    }
}

async fn pages(
    ask: impl AsyncFn(Option<String>) -> Result<Page, Fault>,
) -> Result<(Page, usize), Fault> {
    let (mut all, mut more, mut count) = (Page::default(), None, 0);
    loop {
        let page = ask(more).await?;
        all.roles.extend(page.roles);
        all.users.extend(page.users);
        all.groups.extend(page.groups);
        all.policies.extend(page.policies);
        (more, count) = (page.more, count + 1);
        if more.is_none() {
            return Ok((all, count));
        }
    }
}

#[track_caller]
pub fn role_of<'a>(page: &'a Page, name: &str) -> &'a RoleEntry {
    page.roles.iter().find(|role| role.name == name).expect("the role")
}

#[track_caller]
pub fn user_of<'a>(page: &'a Page, name: &str) -> &'a UserEntry {
    page.users.iter().find(|user| user.name == name).expect("the user")
}

pub fn arns(list: &[PolicyArn]) -> Vec<&str> {
    list.iter().map(PolicyArn::as_str).collect()
}

pub fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
