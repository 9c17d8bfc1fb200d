//! Okteto's tutorial "Amazon ECR", its commands run by a shell with the AWS CLI on the served practice account: as
//! printed they fail where their defects say, as corrected they work, and skopeo pulls with the result.

use std::path::Path;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use okteto_ecr::domain::host::RegistryHost;

use crate::support::{PATIENCE, Run, program};

/// Step 1 as printed, to its end: it keeps the provider's ARN in `ROLE_ARN`.
const STEP_1: &str = r#"
export OIDC_ENDPOINT=https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster
export OKTETO_SERVICE_ACCOUNT=system:serviceaccount:okteto:okteto
export AUDIENCE=okteto.example.com/us-east-2
aws iam create-open-id-connect-provider --url "${OIDC_ENDPOINT}" --client-id-list "${AUDIENCE}"
export ROLE_ARN=arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster
"#;

/// The file of step 2 as printed.
const TRUST: &str = r#"{
"Version": "2012-10-17",
"Statement": [
{
"Effect": "Allow",
"Principal": {
"Federated": "${ROLE_ARN}"
},
"Action": "sts:AssumeRoleWithWebIdentity",
"Condition": {
"StringEquals": {
"${OIDC_ENDPOINT}:aud": "${AUDIENCE}",
"${OIDC_ENDPOINT}:sub": "${OKTETO_SERVICE_ACCOUNT}"
}
}
}
]
}
"#;

/// The trust policy in the reply that the tutorial shows.
const SAMPLE_REPLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

const CREATE_ROLE: &str = "aws iam create-role --role-name my-private-registry --assume-role-policy-document file://trust-policy.json";
const ATTACH: &str = "aws iam attach-role-policy --role-name my-private-registry --policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

/// What Okteto does with the role's ARN at each pull.
const ASSUME: &str = r#"
token=$("$OKTETO_ECR" practice token --audience "$AUDIENCE") || exit 9
aws sts assume-role-with-web-identity --role-arn "$ROLE_ARN" --role-session-name okteto --web-identity-token "$token" \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text
"#;

/// Pulls into the folder `image` with the login of whoever the environment names.
const PULL: &str = r#"
host=${OKTETO_ECR_REGISTRY_ENDPOINT#http://}
password=$(aws ecr get-login-password) || exit 9
skopeo copy --quiet --src-tls-verify=false --src-creds "AWS:$password" "docker://$host/team/app:latest" dir:image
"#;

/// The served account, and a shell that took its `export` lines.
struct Desk {
    run: Run,
    server: Child,
}

impl Desk {
    fn open() -> Self {
        let run = Run::new();
        let server = run.spawn(&["practice", "serve", "--export-file", "practice.sh"]);
        let desk = Self { run, server };
        let end = Instant::now() + PATIENCE;
        while !desk.folder().join("practice.sh").exists() {
            assert!(Instant::now() < end, "the practice account did not answer");
            std::thread::sleep(Duration::from_millis(10));
        }
        desk.write("trust-policy.json", TRUST);
        desk
    }

    fn folder(&self) -> &Path {
        self.run.home()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).expect("a file");
    }

    fn sh(&self, lines: &[&str]) -> Output {
        let tools = program("aws");
        let tools = tools.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("sh")
            .args(["-c", &format!("set -u\n. ./practice.sh\n{}", lines.join("\n"))])
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", format!("{tools}:{path}"))
            .env("HOME", self.folder())
            .env("OKTETO_ECR", crate::support::BINARY)
            .output()
            .expect("sh")
    }

    /// What the last of the lines prints; all of them must do.
    fn works(&self, lines: &[&str]) -> String {
        let done = self.sh(lines);
        assert!(done.status.success(), "{lines:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// The last of the lines is refused, in these words.
    fn fails(&self, lines: &[&str], words: &[&str]) {
        let done = self.sh(lines);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(!done.status.success(), "{lines:?} worked");
        for word in words {
            assert!(said.contains(word), "{lines:?}: {word:?} is not in {said}");
        }
    }

    /// The image in the folder `image` is whole: each file named by a digest has it.
    fn verify(&self) {
        let files = std::fs::read_dir(self.folder().join("image")).expect("an image");
        let mut layers = 0;
        for file in files {
            let path = file.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.len() == 64 {
                let sum = Command::new("sha256sum").arg(&path).output().expect("sha256sum");
                assert!(String::from_utf8_lossy(&sum.stdout).starts_with(&name), "{name}");
                layers += 1;
            }
        }
        assert!(layers >= 4, "a configuration and several layers, not {layers}");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Prints the file as the reader is meant to have changed it: with the values of the environment.
fn filled(text: &str) -> String {
    format!("cat > trust-policy.json <<EOF\n{text}\nEOF")
}

#[test]
fn as_printed_it_fails_where_its_defects_say() {
    let desk = Desk::open();
    let printed = desk.works(&[STEP_1, r#"printf '%s\n' "$ROLE_ARN""#]);
    // The reply of step 1 is what the tutorial shows.
    assert_eq!(printed.matches(":oidc-provider/container.googleapis.com/v1/projects").count(), 2);

    let again = STEP_1.replace("aws iam create-open-id-connect-provider", ": had that");
    let again = again.as_str();
    // A file is no shell: its variables stay as they are printed.
    desk.fails(
        &[again, CREATE_ROLE],
        &["MalformedPolicyDocument", "Federated principals must be valid domain names or SAML"],
    );
    // With the values put in, the keys of the condition keep https://.
    desk.fails(
        &[again, &filled(TRUST), CREATE_ROLE],
        &["MalformedPolicyDocument", "Condition can contain only one colon."],
    );
    // ROLE_ARN names the provider; and of the role, which step 1 is said to make, there is nothing yet.
    desk.fails(&[again, ASSUME], &["ValidationError", "Request ARN is invalid"]);
    let role = "ROLE_ARN=arn:aws:iam::112233445566:role/my-private-registry";
    let refused = ["AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"];
    desk.fails(&[again, role, ASSUME], &refused);
    // A role with the trust policy of the sample reply is made, and nobody's cluster can assume it.
    desk.write("trust-policy.json", SAMPLE_REPLY);
    let reply = desk.works(&[CREATE_ROLE, ATTACH]);
    assert!(reply.contains("ec2.amazonaws.com"), "{reply}");
    desk.fails(&[again, role, ASSUME], &refused);
    // The hostname with its scheme is no name of a registry; the bare one is.
    let hostname = "https://112233445566.dkr.ecr.us-east-2.amazonaws.com";
    desk.fails(&[&format!("skopeo inspect docker://{hostname}/team/app:latest")], &["invalid"]);
    let bare = hostname.trim_start_matches("https://");
    assert_eq!(RegistryHost::parse(bare).expect("a host").to_string(), bare);
}

#[test]
fn as_corrected_it_works_and_skopeo_pulls() {
    let desk = Desk::open();
    let name = "name=${OIDC_ENDPOINT#https://}; PROVIDER_ARN=$ROLE_ARN";
    let trust =
        TRUST.replace("${ROLE_ARN}", "${PROVIDER_ARN}").replace("${OIDC_ENDPOINT}", "${name}");
    let reply = desk.works(&[STEP_1, name, &filled(&trust), CREATE_ROLE, ATTACH]);
    // Unlike the sample, the reply shows what was sent.
    assert!(reply.contains("clusters/myCluster:aud") && !reply.contains("ec2."), "{reply}");

    let values = "AUDIENCE=okteto.example.com/us-east-2
        ROLE_ARN=$(aws iam get-role --role-name my-private-registry --query Role.Arn --output text)";
    let become_role = format!(
        "keys=$({ASSUME}) || exit 9\nset -- $keys\n\
         export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 AWS_SESSION_TOKEN=$3"
    );
    desk.works(&[values, &become_role, PULL]);
    desk.verify();
    // It may pull and nothing else.
    desk.fails(&[values, &become_role, "aws iam list-roles"], &["AccessDenied", "iam:ListRoles"]);
}

#[test]
fn the_user_of_the_other_way_pulls_too() {
    let desk = Desk::open();
    desk.works(&[
        "aws iam create-user --user-name private-registry-user",
        "aws iam attach-user-policy \\\n--policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly \\\n--user-name private-registry-user",
        "set -- $(aws iam create-access-key --user-name private-registry-user \
         --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)",
        "export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2",
        PULL,
    ]);
    desk.verify();
}
