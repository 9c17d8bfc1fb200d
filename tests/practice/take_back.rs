//! The program's own calls that take something away, and what it reads before and after: over the wire, to the practice
//! account.

use std::sync::Arc;

use okteto_ecr::aws::{Aws, AwsOptions, Fixed};
use okteto_ecr::domain::arn::{PolicyArn, ProviderArn};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::inventory::{Holdings, SeenProvider, SeenRole, SeenUser, Wanted};
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::domain::name::{IamPath, RoleName, UserName};
use okteto_ecr::domain::operation::{Deed, Operation};
use okteto_ecr::domain::partition::{Partition, Region};
use okteto_ecr::domain::principal::Principal;
use okteto_ecr::domain::subject::Audience;
use okteto_ecr::ports::Cloud;
use okteto_ecr::practice::account::Account;
use okteto_ecr::practice::front::Front;
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::practice::wire::{Served, serve};
use serde_json::json;

const ISSUER: &str = "https://oidc.example.com/id/A";
const PROVIDER: &str = "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/A";
const AUDIENCE: &str = "okteto.example.com";
const PULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}"#;

/// A practice account, and the program's own way to it.
struct World {
    aws: Aws,
    _served: Served,
}

impl World {
    async fn new() -> Self {
        let front = Front::new(Account::new(&Scene::default()), Arc::new(okteto_ecr::clock::now));
        let served = serve(front).await.unwrap();
        let (id, secret) = served.front.account().credentials("trainee").unwrap();
        let fixed = Fixed {
            endpoint: served.aws.clone(),
            access_key_id: id,
            secret_access_key: secret,
            region: Region::parse("us-east-2").unwrap(),
            name: "practice",
        };
        let options = AwsOptions { fixed: Some(fixed), ..AwsOptions::default() };
        Self { aws: Aws::new(options, Arc::new(|_| {})), _served: served }
    }

    async fn good(&self, operation: Operation) -> Deed {
        let sent = self.aws.perform(&operation).await;
        let deed = sent.unwrap_or_else(|fault| panic!("{}: {fault:?}", operation.call()));
        assert!(deed.request_id.is_some(), "{}", operation.call());
        deed
    }

    async fn bad(&self, operation: Operation) -> Fault {
        let fault = self.aws.perform(&operation).await.unwrap_err();
        assert_eq!(fault.evidence.get("outcome"), None, "a refusal: {fault:?}");
        fault
    }

    /// What the account has of everything that these tests make, and of what nobody makes.
    async fn held(&self) -> Result<Holdings, Fault> {
        let names = |names: [&str; 2]| names.map(str::to_owned).into();
        let absent = ProviderArn::from_server(&format!("{PROVIDER}B"));
        let wanted = Wanted {
            providers: [provider(), absent].into(),
            roles: names(["puller", "no-such-role"]),
            users: names(["robot", "no-such-user"]),
        };
        self.aws.holdings(&wanted).await
    }

    async fn role(&self) -> SeenRole {
        self.held().await.unwrap().roles["puller"].clone()
    }

    async fn user(&self) -> SeenUser {
        self.held().await.unwrap().users["robot"].clone()
    }

    async fn provider(&self) -> SeenProvider {
        self.held().await.unwrap().providers[&provider()].clone()
    }

    async fn provide(&self, issuer: &str) {
        let issuer = Issuer::parse(issuer).unwrap();
        let (audience, tags) = (audience(AUDIENCE), [].into());
        self.good(Operation::CreateProvider { issuer, audiences: vec![audience], tags }).await;
    }

    /// A role by this name that trusts this provider.
    async fn make_role(&self, name: &str, arn: &str) {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
        }]});
        self.good(Operation::CreateRole {
            role: RoleName::parse(name).unwrap(),
            path: IamPath::root(),
            trust: trust.to_string(),
            description: Some("pulls".to_owned()),
            max_session_seconds: Some(7200),
            boundary: Some(read_only()),
            tags: [("a", "1"), ("b", "2"), ("c", "3")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        })
        .await;
    }

    async fn make_user(&self) {
        self.good(Operation::CreateUser {
            user: UserName::parse("robot").unwrap(),
            path: IamPath::root(),
            boundary: Some(read_only()),
            tags: [("a".to_owned(), "1".to_owned())].into(),
        })
        .await;
    }

    /// Two inline policies and an attached one.
    async fn permit(&self, on: &Principal) {
        for name in ["one", "two"] {
            let document = PULL.to_owned();
            self.good(Operation::PutInlinePolicy {
                on: on.clone(),
                name: name.to_owned(),
                document,
            })
            .await;
        }
        self.good(Operation::AttachPolicy { to: on.clone(), policy: read_only() }).await;
    }

    /// Takes away what [`Self::permit`] gave; what has it cannot be deleted until the last of it is gone.
    async fn forbid(&self, on: &Principal, delete: &Operation) {
        let detach = || Operation::DetachPolicy { from: on.clone(), policy: read_only() };
        assert_conflict(&self.bad(delete.clone()).await, "must detach all policies first");
        assert_eq!(self.good(detach()).await.arn, Some(read_only().to_string()));
        assert_absent(&self.bad(detach()).await);
        for name in ["one", "two"] {
            assert_conflict(&self.bad(delete.clone()).await, "must delete policies first");
            let one = || Operation::DeleteInlinePolicy { on: on.clone(), name: name.to_owned() };
            self.good(one()).await;
            assert_absent(&self.bad(one()).await);
        }
    }

    /// The operator is not allowed this from now on.
    async fn deny(&self, action: &str) {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": action, "Resource": "*"},
        ]});
        let (on, document) = (Principal::User("trainee".to_owned()), document.to_string());
        let name = "denied".to_owned();
        self.good(Operation::PutInlinePolicy { on, name, document }).await;
    }
}

fn provider() -> ProviderArn {
    ProviderArn::from_server(PROVIDER)
}

fn read_only() -> PolicyArn {
    PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryReadOnly")
}

fn audience(text: &str) -> Audience {
    Audience::parse(text).unwrap()
}

fn assert_conflict(fault: &Fault, why: &str) {
    assert_eq!((fault.cause, &*fault.evidence["code"]), (Cause::Conflict, "DeleteConflict"));
    assert!(fault.message.contains(why), "{fault:?}");
}

fn assert_absent(fault: &Fault) {
    assert_eq!(fault.evidence["code"], "NoSuchEntity", "{fault:?}");
}

#[tokio::test]
async fn a_role_is_taken_apart_and_deleted() {
    let world = World::new().await;
    world.provide(ISSUER).await;
    world.make_role("puller", PROVIDER).await;
    let on = Principal::Role("puller".to_owned());
    world.permit(&on).await;
    let role = world.role().await;
    assert_eq!(role.boundary, Some(read_only()));
    assert_eq!(role.attached, [read_only()]);

    world.good(Operation::DeleteBoundary { on: on.clone() }).await;
    let keys = ["a", "c", "none"].map(str::to_owned).into();
    world.good(Operation::Untag { on: on.clone(), keys }).await;
    world
        .good(Operation::UpdateRole {
            role: "puller".to_owned(),
            description: Some(String::new()),
            max_session_seconds: Some(3600),
        })
        .await;
    let role = world.role().await;
    assert_eq!(role.boundary, None);
    assert_eq!(role.tags.keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!((role.description, role.max_session_seconds), (None, 3600));

    let delete = Operation::DeleteRole { role: "puller".to_owned() };
    world.forbid(&on, &delete).await;
    let role = world.role().await;
    assert!(role.attached.is_empty() && role.inline.is_empty(), "{role:?}");
    world.good(delete.clone()).await;
    assert!(world.held().await.unwrap().roles.is_empty());
    assert_absent(&world.bad(delete).await);
}

#[tokio::test]
async fn a_user_is_taken_apart_and_deleted() {
    let world = World::new().await;
    world.make_user().await;
    let on = Principal::User("robot".to_owned());
    world.permit(&on).await;
    let made = Operation::CreateAccessKey { user: "robot".to_owned(), beside: Vec::new() };
    let key = world.good(made).await.key.unwrap().id;
    let user = world.user().await;
    assert_eq!(user.keys.iter().map(|key| &key.id).collect::<Vec<_>>(), [&key]);
    assert_eq!(user.inline.len(), 2);
    assert_eq!((user.boundary, user.has_password), (Some(read_only()), Some(false)));

    world.good(Operation::DeleteBoundary { on: on.clone() }).await;
    world.good(Operation::Untag { on: on.clone(), keys: vec!["a".to_owned()] }).await;
    let user = world.user().await;
    assert!(user.boundary.is_none() && user.tags.is_empty(), "{user:?}");

    let delete = Operation::DeleteUser { user: "robot".to_owned() };
    world.forbid(&on, &delete).await;
    assert_conflict(&world.bad(delete.clone()).await, "must delete access keys first");
    world.good(Operation::DeleteAccessKey { user: "robot".to_owned(), key }).await;
    world.good(delete.clone()).await;
    assert!(world.held().await.unwrap().users.is_empty());
    assert_absent(&world.bad(delete).await);
}

#[tokio::test]
async fn a_provider_loses_its_audiences_and_is_deleted_whoever_trusts_it() {
    let world = World::new().await;
    world.provide(ISSUER).await;
    world.make_role("puller", PROVIDER).await;
    let other = || audience("other.example.com");
    world.good(Operation::AddAudience { provider: provider(), audience: other() }).await;
    let remove = || Operation::RemoveAudience { provider: provider(), audience: other() };
    // Removing what is not there succeeds, as AWS documents it of both calls.
    for _ in 0..2 {
        assert_eq!(world.good(remove()).await.arn.as_deref(), Some(PROVIDER));
        assert_eq!(world.provider().await.audiences, [AUDIENCE]);
    }
    for _ in 0..2 {
        world.good(Operation::DeleteProvider { provider: provider() }).await;
        let held = world.held().await.unwrap();
        assert!(held.providers.is_empty());
        assert!(held.trusting.unwrap().unwrap().contains_key("puller"), "trusting it all the same");
    }
    let fault = world.bad(remove()).await;
    assert_absent(&fault);
    assert_eq!(fault.cause, Cause::ProviderMissing);
}

#[tokio::test]
async fn a_provider_is_made_again_with_all_that_it_had_or_with_no_audience() {
    let world = World::new().await;
    for audiences in [vec![audience(AUDIENCE), audience("other.example.com")], Vec::new()] {
        let issuer = Issuer::parse(ISSUER).unwrap();
        let tags = [("team".to_owned(), "platform".to_owned())].into();
        let wanted: Vec<String> = audiences.iter().map(ToString::to_string).collect();
        world.good(Operation::CreateProvider { issuer, audiences, tags }).await;
        let made = world.provider().await;
        assert_eq!((made.audiences, made.tags.len()), (wanted, 1));
        world.good(Operation::DeleteProvider { provider: provider() }).await;
    }
}

#[tokio::test]
async fn what_is_held_is_read_whole_with_the_roles_that_trust_a_provider() {
    let world = World::new().await;
    let nothing = world.held().await.unwrap();
    assert_eq!(nothing, Holdings { trusting: Some(Ok([].into())), ..Holdings::default() });
    assert_eq!(
        world.aws.holdings(&Wanted::default()).await.unwrap(),
        Holdings::default(),
        "no provider was asked for"
    );

    world.provide(ISSUER).await;
    world.make_role("puller", PROVIDER).await;
    world.permit(&Principal::Role("puller".to_owned())).await;
    world.make_role("foreign", PROVIDER).await;
    world.provide(&format!("{ISSUER}/longer")).await;
    world.make_role("elsewhere", &format!("{PROVIDER}/longer")).await;
    world.make_user().await;
    let held = world.held().await.unwrap();
    assert_eq!(held.providers.keys().collect::<Vec<_>>(), [&provider()]);
    assert_eq!(held.roles.keys().collect::<Vec<_>>(), ["puller"]);
    assert_eq!(held.users.keys().collect::<Vec<_>>(), ["robot"]);
    let inline = &held.roles["puller"].inline;
    assert_eq!(
        inline.iter().map(|(n, d)| (&**n, &**d)).collect::<Vec<_>>(),
        [("one", PULL), ("two", PULL)]
    );
    let trusting = held.trusting.unwrap().unwrap();
    assert_eq!(trusting.keys().collect::<Vec<_>>(), ["foreign", "puller"]);
    assert_eq!(trusting["puller"], held.roles["puller"].trust);
}

#[tokio::test]
async fn only_the_list_of_roles_may_be_kept_from_the_operator() {
    let world = World::new().await;
    world.provide(ISSUER).await;
    world.make_role("puller", PROVIDER).await;
    world.permit(&Principal::Role("puller".to_owned())).await;
    world.make_user().await;
    world.permit(&Principal::User("robot".to_owned())).await;
    world.deny("iam:ListRoles").await;
    let held = world.held().await.unwrap();
    let kept = held.trusting.unwrap().unwrap_err();
    assert_eq!((kept.cause, &*kept.evidence["action"]), (Cause::PermissionDenied, "iam:ListRoles"));
    assert_eq!((held.roles.len(), held.users.len()), (1, 1));
    for action in [
        "iam:GetOpenIDConnectProvider",
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:GetUser",
        "iam:ListAttachedUserPolicies",
        "iam:ListUserPolicies",
        "iam:GetUserPolicy",
        "iam:ListGroupsForUser",
        "iam:GetLoginProfile",
        "iam:ListAccessKeys",
    ] {
        world.deny(action).await;
        let fault = world.held().await.unwrap_err();
        let told = (fault.cause, &*fault.evidence["action"]);
        assert_eq!(told, (Cause::PermissionDenied, action));
    }
}
