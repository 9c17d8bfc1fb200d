//! The permission policies: what the role may do.

use serde_json::{Value, json};

use crate::domain::access::{Access, Permissions};
use crate::domain::host::RegistryHost;
use crate::domain::name::RepositoryPattern;

/// The inline policy for chosen repositories of a registry, the exact text that is sent. The login is on `*`
/// because `ecr:GetAuthorizationToken` knows no resource.
#[must_use]
pub fn inline(host: &RegistryHost, repositories: &[RepositoryPattern]) -> String {
    let (partition, region, account) = (host.partition(), &host.region, &host.account);
    let arns: Vec<String> = repositories
        .iter()
        .map(|r| format!("arn:{partition}:ecr:{region}:{account}:repository/{}", r.as_str()))
        .collect();
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Login",
                "Effect": "Allow",
                "Action": "ecr:GetAuthorizationToken",
                "Resource": "*",
            },
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Action": [
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                    "ecr:BatchCheckLayerAvailability",
                ],
                "Resource": arns,
            },
        ],
    });
    format!("{document:#}")
}

/// `AmazonEC2ContainerRegistryReadOnly`, version 3 of 2019-12-10.
const READ_ONLY: [&str; 12] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetRepositoryPolicy",
    "ecr:DescribeRepositories",
    "ecr:ListImages",
    "ecr:DescribeImages",
    "ecr:BatchGetImage",
    "ecr:GetLifecyclePolicy",
    "ecr:GetLifecyclePolicyPreview",
    "ecr:ListTagsForResource",
    "ecr:DescribeImageScanFindings",
];

/// `AmazonEC2ContainerRegistryPullOnly`, version 1 of 2024-10-04.
const PULL_ONLY: [&str; 4] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchImportUpstreamImage",
];

/// All that is needed to pull: what [`inline`] allows.
pub const PULLS: [&str; 4] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
];

/// A permission policy to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its name in IAM.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether this text is sent; otherwise AWS keeps it, and what is sent is only the attachment.
    pub is_sent: bool,
}

/// The permission policy that the access asks for.
#[must_use]
pub fn preview(access: &Access, host: &RegistryHost) -> Preview {
    let managed = |name: &str, actions: &[&str]| Preview {
        name: name.to_owned(),
        text: format!(
            "{:#}",
            json!({
                "Version": "2012-10-17",
                "Statement": [{ "Effect": "Allow", "Action": Value::from(actions), "Resource": "*" }],
            })
        ),
        is_sent: false,
    };
    match &access.permissions {
        Permissions::ReadOnly => managed("AmazonEC2ContainerRegistryReadOnly", &READ_ONLY),
        Permissions::PullOnly => managed("AmazonEC2ContainerRegistryPullOnly", &PULL_ONLY),
        Permissions::Repositories(list) => Preview {
            name: crate::domain::access::INLINE_POLICY_NAME.to_owned(),
            text: inline(host, list),
            is_sent: true,
        },
    }
}

/// What the role or user may do, in one sentence; `who` is `role` or `user`.
#[must_use]
pub fn sentence(access: &Access, host: &RegistryHost, who: &str) -> String {
    match &access.permissions {
        Permissions::ReadOnly => {
            format!(
                "The {who} may log in to ECR and read every repository it can reach; it cannot push."
            )
        }
        Permissions::PullOnly => {
            format!(
                "The {who} may log in to ECR and pull every image it can reach; it cannot push."
            )
        }
        Permissions::Repositories(list) => {
            let names: Vec<&str> = list.iter().map(RepositoryPattern::as_str).collect();
            format!(
                "The {who} may log in to ECR and pull {} from {host}; nothing else, and it cannot push.",
                names.join(", ")
            )
        }
    }
}
