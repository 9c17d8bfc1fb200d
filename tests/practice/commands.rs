//! The commands of a session's record, run by a shell with the AWS CLI on another practice account: the same calls arrive, in
//! the same words of the API, and the account is the same in the end.

use std::process::{Command, Output};
use std::sync::Arc;

use okteto_ecr::domain::seen::SentCall;
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::render::aws_cli::api;

use crate::bed::Practice;
use crate::support::program;

/// What is done in a session, as somebody types it: with files, shorthand and flags of the CLI's own.
const SESSION: &[&str] = &[
    "aws iam create-open-id-connect-provider --url https://oidc.example.com/id/1 --client-id-list sts.amazonaws.com a.example/b --tags Key=team,Value='a b'",
    "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/1 --client-id okteto.example.com/us-east-2",
    "aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/1 --client-id a.example/b",
    // Only as JSON: version 1 of the CLI would fetch it.
    r#"aws iam add-client-id-to-open-id-connect-provider --cli-input-json '{"OpenIDConnectProviderArn": "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/1", "ClientID": "https://okteto.example.com"}'"#,
    "aws iam create-open-id-connect-provider --url https://oidc.example.com/id/2 --client-id-list '[]' --thumbprint-list 9e99a48a9960b14926bb7f3b02e22da2b0ab7280",
    "aws iam delete-open-id-connect-provider --open-id-connect-provider-arn arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/2",
    r#"printf '{\n\t"Version": "2012-10-17",\n  "Statement": [{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/1"}, "Action": "sts:AssumeRoleWithWebIdentity"}]\n}\n' > trust.json
    aws iam create-role --role-name r --path /a/b/ --assume-role-policy-document file://trust.json --max-session-duration 7200 --description "it's \"fine\" \$HOME é" --tags Key=team,Value= Key=of,Value=x"#,
    "aws iam create-role --role-name broken --assume-role-policy-document '{'",
    r#"aws iam update-role --role-name r --max-session-duration 3600 --description=-starts-like-an-option"#,
    r#"aws iam update-assume-role-policy --role-name r --policy-document "$(tr -d '\n' < trust.json)""#,
    "aws iam attach-role-policy --role-name r --policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
    "aws iam attach-role-policy --role-name nobody --policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
    r#"aws iam put-role-policy --role-name r --policy-name pull --policy-document '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}'"#,
    "aws iam delete-role-policy --role-name r --policy-name pull",
    "aws iam tag-role --role-name r --tags Key=more,Value=1",
    "aws iam untag-role --role-name r --tag-keys more of",
    r#"aws iam create-policy --policy-name p --policy-document '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}]}'"#,
    r#"aws iam create-policy-version --policy-arn arn:aws:iam::112233445566:policy/p --set-as-default --policy-document '{"Version": "2012-10-17", "Statement": []}'"#,
    r#"aws iam create-policy-version --policy-arn arn:aws:iam::112233445566:policy/p --set-as-default --policy-document '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'"#,
    r#"aws iam create-policy-version --policy-arn arn:aws:iam::112233445566:policy/p --no-set-as-default --policy-document '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'"#,
    "aws iam delete-policy-version --policy-arn arn:aws:iam::112233445566:policy/p --version-id v1",
    "aws iam create-user --user-name u",
    "aws iam attach-user-policy --user-name u --policy-arn arn:aws:iam::112233445566:policy/p",
    "aws iam put-user-permissions-boundary --user-name u --permissions-boundary arn:aws:iam::aws:policy/ReadOnlyAccess",
    "aws iam delete-user-permissions-boundary --user-name u",
    "aws iam create-access-key --user-name u > key",
    "aws iam update-access-key --user-name u --status Inactive --access-key-id $(sed -n 's/.*AccessKeyId\": \"\\(.*\\)\".*/\\1/p' key)",
    "aws iam create-group --group-name g",
    "aws iam add-user-to-group --group-name g --user-name u",
    "aws iam create-login-profile --user-name u --password 'Hunter2-hunter2!' --password-reset-required",
    "aws ecr delete-repository --repository-name team/app --force",
];

/// The account as it is read whole.
const STATE: &str = "aws iam get-account-authorization-details
    aws iam list-access-keys --user-name u
    for arn in $(aws iam list-open-id-connect-providers --query 'OpenIDConnectProviderList[].Arn' --output text); do
      aws iam get-open-id-connect-provider --open-id-connect-provider-arn \"$arn\"
    done
    aws ecr describe-repositories --query 'repositories[].repositoryName'";

/// An account by a clock that stands still, so that its times are the same as another's.
struct Desk {
    practice: Practice,
    folder: tempfile::TempDir,
}

impl Desk {
    fn at(now: jiff::Timestamp) -> Self {
        let practice = Practice::at(&Scene::default(), Arc::new(move || now));
        Self { practice, folder: tempfile::tempdir().expect("a folder") }
    }

    fn sh(&self, line: &str) -> Output {
        let tools = program("aws");
        let tools = tools.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let (key, secret) = &self.practice.root;
        Command::new("sh")
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", format!("{tools}:{path}"))
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONUTF8", "1")
            .env("AWS_ENDPOINT_URL", &self.practice.served.aws)
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_DEFAULT_REGION", "us-east-2")
            .env("AWS_MAX_ATTEMPTS", "1")
            .output()
            .expect("sh")
    }

    fn trail(&self) -> Vec<SentCall> {
        self.practice.served.front.account().trail().to_vec()
    }

    fn read(&self, line: &str) -> String {
        let read = self.sh(line);
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{line}: {said}");
        String::from_utf8(read.stdout).expect("text")
    }

    /// The id of the key that was made: AWS chooses it.
    fn key(&self) -> String {
        let of = "aws iam list-access-keys --user-name u --output text";
        self.read(&format!("{of} --query 'AccessKeyMetadata[0].AccessKeyId'")).trim().to_owned()
    }

    /// All of it but the ids that AWS chooses.
    fn state(&self) -> String {
        let whole = self.read(STATE);
        let is_chosen = |line: &&str| !line.contains("Id\": ") || line.contains("VersionId");
        whole.lines().filter(is_chosen).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn the_commands_of_a_record_do_the_same_again() {
    let now = okteto_ecr::clock::now();
    let (first, second) = (Desk::at(now), Desk::at(now));
    for line in SESSION {
        first.sh(line);
    }
    let trail = first.trail();
    assert_eq!(trail.len(), SESSION.len(), "each of them was sent: {trail:#?}");
    assert!(trail.iter().any(|call| call.refused.is_some()), "some were refused");
    let key = first.key();
    for call in &trail {
        let mut command = api::command(call);
        if command.contains(&key) {
            command = command.replace(&key, &second.key());
        }
        let done = second.sh(&command);
        let said = String::from_utf8_lossy(&done.stderr);
        match &call.refused {
            None => assert!(done.status.success(), "{command}: {said}"),
            Some(code) => assert!(said.contains(code.as_str()), "{command}: {code}: {said}"),
        }
    }
    let again = second.trail();
    for (one, other) in
        trail.iter().zip(&again).filter(|(one, _)| !one.input.contains_key("AccessKeyId"))
    {
        assert_eq!(one, other, "{}", api::command(one));
    }
    assert_eq!(again.len(), trail.len());
    assert_eq!(first.state(), second.state());
}
