//! An account that holds whatever IAM admits and a reader may stumble over, and how it must be read.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use okteto_ecr::domain::arn::PolicyArn;
use okteto_ecr::domain::key::LastUse;
use okteto_ecr::domain::review::account::{GroupEntry, Page, RoleEntry};
use okteto_ecr::ports::Roster;

use super::{Visitor, arns, role_of, texts, user_of};

pub const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
pub const ISSUER: &str = "https://oidc.example.com/id/A";
const NAME: &str = "oidc.example.com/id/A";
const BOUNDARY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"}]}"#;
/// A document may hold what a line and a Latin page can, the control characters above ASCII among it (IAM API reference,
/// `AssumeRolePolicyDocument`), and in its JSON any character by its number.
const INLINE: &str = "{\r\n\t\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"ecr:BatchGetImage\", \
     \"Resource\": \"*\", \"Condition\": {\"StringLike\": {\"aws:PrincipalTag/a\": \"x+y%2B \u{9B}31m \u{AD}\u{FF} \\u202e\"}}}]}";
/// Letters and spaces of every script are admitted in tags, invisible marks are not.
const TAGS: [(&str, &str); 4] = [
    ("owner", "\u{5E9}\u{5DC}\u{5D5}\u{5DD} \u{645}\u{631}\u{62D}\u{628}\u{627}"),
    ("space", "a\u{A0}b\u{2003}c\u{3000}d"),
    ("wide", "\u{65E5}\u{672C}\u{8A9E}"),
    ("empty", ""),
];

/// As long as IAM lets a path be.
pub fn path() -> String {
    let path = format!("/okteto/{}/", "~".repeat(503));
    assert_eq!(path.len(), 512);
    path
}

pub fn trust(account: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"Federated\":\
         \"arn:aws:iam::{account}:oidc-provider\\/{NAME}\"}},\"Action\":\"sts:AssumeRoleWithWebIdentity\",\
         \"Condition\":{{\"StringEquals\":{{\"{NAME}:aud\":\"okteto+a\",\"{NAME}:sub\":\"\u{85}\\u202Eb\"}}}}}}]}}"
    )
}

fn tags() -> Vec<Tag> {
    TAGS.iter().map(|(k, v)| Tag::builder().key(*k).value(*v).build().expect("a tag")).collect()
}

/// Makes it.
pub async fn furnish(iam: &Client, account: &str) {
    let own = |name: &str| format!("arn:aws:iam::{account}:policy/{name}");
    iam.create_open_id_connect_provider()
        .url(ISSUER)
        .client_id_list("okteto+a")
        .client_id_list("b")
        .thumbprint_list("0".repeat(40))
        .send()
        .await
        .expect("the provider");
    iam.create_policy().policy_name("edge").policy_document(INLINE).send().await.expect("a policy");
    iam.create_policy_version()
        .policy_arn(own("edge"))
        .policy_document(BOUNDARY)
        .set_as_default(true)
        .send()
        .await
        .expect("its second version");
    iam.create_role()
        .role_name("Puller")
        .path(path())
        .assume_role_policy_document(trust(account))
        .description("a\tb\r\nc \u{AD} \u{FF}")
        .max_session_duration(7200)
        .permissions_boundary(own("edge"))
        .set_tags(Some(tags()))
        .send()
        .await
        .expect("the role");
    iam.attach_role_policy()
        .role_name("Puller")
        .policy_arn(READ_ONLY)
        .send()
        .await
        .expect("attached");
    iam.put_role_policy()
        .role_name("Puller")
        .policy_name("in+line")
        .policy_document(INLINE)
        .send()
        .await
        .expect("inline");
    iam.create_user()
        .user_name("Robot")
        .path("/okteto/")
        .set_tags(Some(tags()))
        .send()
        .await
        .expect("the user");
    iam.attach_user_policy()
        .user_name("Robot")
        .policy_arn(READ_ONLY)
        .send()
        .await
        .expect("attached");
    iam.put_user_policy()
        .user_name("Robot")
        .policy_name("in+line")
        .policy_document(INLINE)
        .send()
        .await
        .expect("inline");
    iam.create_access_key().user_name("Robot").send().await.expect("a key");
    iam.create_login_profile()
        .user_name("Robot")
        .password("Long-enough-1")
        .send()
        .await
        .expect("a password");
    iam.create_user().user_name("Plain").send().await.expect("another user");
    iam.create_group().group_name("Pullers").send().await.expect("the group");
    iam.attach_group_policy()
        .group_name("Pullers")
        .policy_arn(own("edge"))
        .send()
        .await
        .expect("attached");
    iam.put_group_policy()
        .group_name("Pullers")
        .policy_name("p")
        .policy_document(INLINE)
        .send()
        .await
        .expect("inline");
    iam.add_user_to_group()
        .group_name("Pullers")
        .user_name("Robot")
        .send()
        .await
        .expect("a member");
}

/// Holds what was read of it against what was made, by either way to read it.
#[track_caller]
pub fn assert_read(visitor: &Visitor, account: &str) {
    let (whole, _) = visitor.details().expect("the account");
    let (mut listed, _) = visitor.listed_roles().expect("the roles");
    let (users, _) = visitor.listed_users().expect("the users");
    listed.users = users.users;

    let role = role_of(&whole, "Puller");
    assert_role(role, account);
    assert_eq!(role.max_session_seconds, None);
    let by_list = role_of(&listed, "Puller").clone();
    assert_eq!((by_list.trust.as_str(), by_list.path), (trust(account).as_str(), path()));
    let by_list = visitor.wait(visitor.aws.role(role_of(&listed, "Puller").clone()));
    assert_eq!(by_list, RoleEntry { max_session_seconds: Some(7200), ..role.clone() });

    let robot = user_of(&whole, "Robot");
    assert_eq!(robot.unread, None);
    assert_eq!(robot.arn.as_str(), format!("arn:aws:iam::{account}:user/okteto/Robot"));
    assert_eq!((robot.path.as_str(), &robot.tags), ("/okteto/", &texts(&TAGS)));
    assert_eq!(arns(&robot.attached), [READ_ONLY]);
    assert_eq!(robot.inline, texts(&[("in+line", INLINE)]));
    assert_eq!(robot.groups, ["Pullers"]);
    let by_list = visitor.wait(visitor.aws.user(user_of(&listed, "Robot").clone()));
    assert_eq!(by_list, *robot);
    assert_logins(visitor, &whole);

    let group = GroupEntry {
        name: "Pullers".to_owned(),
        attached: vec![PolicyArn::from_server(&format!("arn:aws:iam::{account}:policy/edge"))],
        inline: texts(&[("p", INLINE)]),
    };
    assert_eq!(whole.groups, std::slice::from_ref(&group));
    assert_eq!(visitor.wait(visitor.aws.group("Pullers")), Ok(Some(group)));
    assert_eq!(visitor.wait(visitor.aws.group("nobody")), Ok(None));

    let edge = role.boundary.as_ref().expect("the boundary");
    assert_eq!(whole.policies.get(edge).map(String::as_str), Some(BOUNDARY));
    assert_eq!(visitor.wait(visitor.aws.policy(edge)), Ok(Some(BOUNDARY.to_owned())));
    let read_only = visitor.wait(visitor.aws.policy(&role.attached[0])).expect("readable");
    assert!(read_only.expect("AWS's policy").contains("ecr:BatchGetImage"));
    assert!(!whole.policies.contains_key(&role.attached[0]), "only the account's own come along");
    let gone = PolicyArn::from_server(&format!("arn:aws:iam::{account}:policy/gone"));
    assert_eq!(visitor.wait(visitor.aws.policy(&gone)), Ok(None));

    let providers = visitor.wait(visitor.aws.providers()).expect("the providers");
    let [(arn, Ok(provider))] = &providers[..] else { panic!("{providers:?}") };
    assert_eq!(arn.name(), NAME);
    assert_eq!(provider.audiences, ["okteto+a", "b"]);
    let summary = visitor.wait(visitor.aws.summary()).expect("the figures");
    assert_eq!(summary.get("Roles"), Some(1));
    assert_eq!(summary.get("Groups"), Some(1));
    assert_eq!(summary.get("AccountAccessKeysPresent"), Some(0));
}

#[track_caller]
fn assert_role(role: &RoleEntry, account: &str) {
    assert_eq!(role.unread, None);
    assert_eq!(role.path, path());
    assert_eq!(role.arn.as_str(), format!("arn:aws:iam::{account}:role{}Puller", path()));
    assert_eq!(role.trust, trust(account));
    assert!(role.created_at.is_some());
    assert_eq!(role.boundary.as_ref().map(PolicyArn::name), Some("edge"));
    assert_eq!(arns(&role.attached), [READ_ONLY]);
    assert_eq!(role.inline, texts(&[("in+line", INLINE)]));
    assert_eq!(role.tags, texts(&TAGS));
    assert_eq!(role.last_use, LastUse::Never);
}

#[track_caller]
fn assert_logins(visitor: &Visitor, whole: &Page) {
    let robot = visitor.wait(visitor.aws.login(user_of(whole, "Robot").clone()));
    assert_eq!((robot.has_password, &robot.unread), (Some(true), &None));
    let keys = robot.keys.expect("its keys");
    assert_eq!(keys.iter().map(|key| &key.last_use).collect::<Vec<_>>(), [&LastUse::Never]);
    let plain = visitor.wait(visitor.aws.login(user_of(whole, "Plain").clone()));
    assert_eq!((plain.keys, plain.has_password, plain.unread), (Some(vec![]), Some(false), None));
}
