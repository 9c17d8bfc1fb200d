//! From nothing to a pulled image: plan, apply, pull test, and again.

use std::process::Command;

use serde_json::{Value, json};

use crate::bench::{Bench, word_of, words};
use crate::support::{Answers, Finished, Moto, Registry, program, push_image, push_index};

const LAYERS: [usize; 3] = [300_000, 4_000_000, 10_000];
const PROVIDER: &str = "container.googleapis.com/v1/projects/p/locations/us-central1/clusters/c";

/// Each rung to the last in order, none failed, none left out.
#[track_caller]
fn assert_passed(finished: &Finished) {
    let value = finished.value();
    assert_eq!(value["verdict"], "passed", "{finished:#?}");
    let rungs = words(&value, "rungs", "status");
    let ids: Vec<&str> = rungs.iter().map(|(id, _)| id.as_str()).collect();
    let wanted = [
        "discovery",
        "keys",
        "token",
        "claims",
        "assume",
        "identity",
        "login",
        "manifest",
        "layers",
        "digest",
    ];
    assert_eq!(ids.get(..wanted.len()), Some(&wanted[..]), "{rungs:?}");
    for (id, status) in rungs.iter().take(wanted.len()) {
        assert!(
            status == "passed" || (id == "login" && status == "warned"),
            "{id} {status}: {finished:#?}"
        );
    }
}

/// The trust policy that the account holds.
fn trust(bench: &Bench) -> Value {
    bench.aws(&["iam", "get-role", "--role-name", Answers::ROLE])["Role"]["AssumeRolePolicyDocument"].clone()
}

fn wanted_conditions() -> Value {
    json!({
        format!("{PROVIDER}:aud"): Answers::AUDIENCE,
        format!("{PROVIDER}:sub"): Answers::SUBJECT,
    })
}

/// A condition value as a string, whether one or a list of one.
fn flat(conditions: &Value) -> Value {
    let one = |value: &Value| match value {
        Value::Array(items) if items.len() == 1 => items[0].clone(),
        other => other.clone(),
    };
    let map = conditions.as_object().cloned().unwrap_or_default();
    Value::Object(map.iter().map(|(key, value)| (key.clone(), one(value))).collect())
}

#[test]
fn the_tutorial_on_moto() {
    let bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &LAYERS);
    let answers = bench.write(&bench.answers(&image.reference));

    let plan = bench.plan(&answers).exits(0);
    let value = plan.value();
    assert_eq!(value["account"], Moto::ACCOUNT);
    assert_eq!(value["mode"], "oidc");
    for id in ["provider", "role", "permissions"] {
        assert_eq!(word_of(&value, "steps", id, "standing"), "needed", "{plan:#?}");
    }
    assert_eq!(bench.front.writes(), [""; 0], "plan writes nothing");

    let apply = bench.apply(&answers, &[]).exits(0);
    let value = apply.value();
    assert_eq!(value["outcome"], "done", "{apply:#?}");
    assert_eq!(value["handoff"]["type"], "AWS IAM Role");
    assert_eq!(value["handoff"]["audience"], Answers::AUDIENCE);
    let host = "123456789012.dkr.ecr.us-east-2.amazonaws.com";
    assert_eq!(value["handoff"]["hostname"].as_str().unwrap().trim_start_matches("https://"), host);
    let arn = format!("arn:aws:iam::{}:role/{}", Moto::ACCOUNT, Answers::ROLE);
    assert_eq!(value["handoff"]["role_arn"], arn);
    bench.assert_no_secret(&apply);

    // What the account holds, by other software.
    let trust = trust(&bench);
    let statement = &trust["Statement"][0];
    assert_eq!(statement["Action"], "sts:AssumeRoleWithWebIdentity");
    assert_eq!(flat(&statement["Condition"]["StringEquals"]), wanted_conditions(), "{trust:#}");
    let principal = format!("arn:aws:iam::{}:oidc-provider/{PROVIDER}", Moto::ACCOUNT);
    assert_eq!(statement["Principal"], json!({"Federated": principal}));
    let attached = bench.aws(&["iam", "list-attached-role-policies", "--role-name", Answers::ROLE]);
    let policy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], policy);
    let tags = bench.aws(&["iam", "list-role-tags", "--role-name", Answers::ROLE]).to_string();
    assert!(tags.contains("okteto-ecr:run") && tags.contains("okteto-ecr:version"), "{tags}");

    // Again: nothing to do, nothing sent.
    let writes = bench.front.writes();
    assert!(writes.contains(&"CreateOpenIDConnectProvider".to_owned()), "{writes:?}");
    let plan = bench.plan(&answers).exits(0);
    for (id, standing) in words(&plan.value(), "steps", "standing") {
        assert_eq!(standing, "present", "{id}: {plan:#?}");
    }
    let apply = bench.apply(&answers, &[]).exits(0);
    assert_eq!(apply.value()["outcome"], "done");
    assert_eq!(bench.front.writes(), writes, "the second run changes nothing");

    // moto hands out a registry token that ended in 2015: warned of, and no more.
    let pull = bench.pull_test(&answers).exits(0);
    assert_passed(&pull);
    let value = pull.value();
    assert_eq!(word_of(&value, "rungs", "login", "status"), "warned");
    assert_eq!(value["image"]["digest"], image.digest);
    assert_eq!(value["image"]["layers"], LAYERS.len());
    assert_eq!(value["image"]["bytes"], image.bytes());
    bench.assert_no_secret(&pull);
    assert_eq!(bench.front.writes(), writes, "the pull test changes nothing");
}

/// The one emulator that holds the token to the provider and the trust policy.
#[test]
fn chosen_repositories_on_ministack() {
    let bench = Bench::ministack();
    let image = push_image(&bench.registry, "team/app", &LAYERS);
    let repositories = vec!["team/app".to_owned(), "team/base/*".to_owned()];
    let answers = bench
        .answers(&image.reference)
        .with("access.policy", "repositories")
        .with("access.repositories", repositories);
    let answers = bench.write(&answers);
    bench.applied(&answers);

    let listed = bench.aws(&["iam", "list-role-policies", "--role-name", Answers::ROLE]);
    let name = listed["PolicyNames"][0].as_str().unwrap().to_owned();
    let policy = bench.aws(&[
        "iam",
        "get-role-policy",
        "--role-name",
        Answers::ROLE,
        "--policy-name",
        &name,
    ]);
    let text = policy["PolicyDocument"].to_string();
    for part in [
        "ecr:GetAuthorizationToken",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "arn:aws:ecr:us-east-2:112233445566:repository/team/app",
        "arn:aws:ecr:us-east-2:112233445566:repository/team/base/*",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    for part in ["ecr:Put", "ecr:*", "ecr:InitiateLayerUpload", "ecr:Delete"] {
        assert!(!text.contains(part), "{part} is in {text}");
    }

    let pull = bench.pull_test(&answers).exits(0);
    assert_passed(&pull);
    assert_eq!(pull.value()["image"]["digest"], image.digest);
    bench.assert_no_secret(&pull);

    let writes = bench.front.writes();
    bench.applied(&answers);
    assert_eq!(bench.front.writes(), writes, "the second run changes nothing");
}

#[test]
fn everything_that_can_be_set_is_set() {
    let bench = Bench::moto();
    let boundary = "arn:aws:iam::aws:policy/PowerUserAccess";
    let tags = toml::Table::from_iter([("owner".to_owned(), "platform".into())]);
    let answers = Answers::tutorial(Moto::ACCOUNT)
        .with("access.policy", "pull-only")
        .with("access.path", "/okteto/")
        .with("access.permissions_boundary", boundary)
        .with("access.tags", tags)
        .with("access.description", "Okteto pulls")
        .with("access.max_session_seconds", 7200);
    let answers = bench.write(&answers);
    bench.applied(&answers);
    let role = &bench.aws(&["iam", "get-role", "--role-name", Answers::ROLE])["Role"];
    assert_eq!(role["Path"], "/okteto/");
    assert_eq!(
        role["Arn"],
        format!("arn:aws:iam::{}:role/okteto/{}", Moto::ACCOUNT, Answers::ROLE)
    );
    assert_eq!(role["PermissionsBoundary"]["PermissionsBoundaryArn"], boundary);
    assert_eq!(role["Description"], "Okteto pulls");
    assert_eq!(role["MaxSessionDuration"], 7200);
    let owner = json!({"Key": "owner", "Value": "platform"});
    assert!(role["Tags"].as_array().unwrap().contains(&owner), "{role:#}");
    let attached = bench.aws(&["iam", "list-attached-role-policies", "--role-name", Answers::ROLE]);
    let policy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly";
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], policy);
    let writes = bench.front.writes();
    bench.applied(&answers);
    assert_eq!(bench.front.writes(), writes, "the second run changes nothing");
}

#[test]
fn blobs_of_a_second_host_come_without_the_token() {
    let bench = Bench::with_moto(Registry::redirecting(Moto::REGISTRY_TOKEN));
    let image = push_image(&bench.registry, "team/app", &LAYERS);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.applied(&answers);
    let pull = bench.pull_test(&answers).exits(0);
    assert_passed(&pull);
    let requests = bench.registry.blobs.as_ref().unwrap().requests();
    assert_eq!(requests.len(), LAYERS.len() + 1, "the configuration and each layer, once");
    for request in requests {
        assert_eq!(request.method, "GET");
        assert_eq!(request.header("authorization"), None);
    }
    bench.assert_no_secret(&pull);
}

#[test]
fn an_index_is_followed_to_the_platform() {
    let bench = Bench::moto();
    let (_, amd64, arm64) = push_index(&bench.registry, "team/app", &[50_000, 60_000]);
    for (platform, image) in [("linux/amd64", &amd64), ("linux/arm64", &arm64)] {
        let answers = bench.answers(&image.reference).with("pull_test.platform", platform);
        let answers = bench.write(&answers);
        bench.applied(&answers);
        let pull = bench.pull_test(&answers).exits(0);
        assert_passed(&pull);
        let value = pull.value();
        assert_eq!(value["image"]["digest"], image.digest, "{platform}");
        assert_eq!(value["image"]["bytes"], image.bytes(), "{platform}");
        assert!(value["image"]["platform"].as_str().unwrap().starts_with(platform), "{value:#}");
    }
}

#[test]
fn as_text_it_reads_and_shows_no_secret() {
    let bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &LAYERS);
    let answers = bench.write(&bench.answers(&image.reference)).display().to_string();
    let plan = bench.run.run(&["plan", "--answers", &answers]).exits(0);
    assert!(plan.stdout.contains(Answers::ROLE), "{plan:#?}");
    let apply = bench.run.run(&["apply", "--answers", &answers, "--yes"]).exits(0);
    assert!(apply.stdout.contains(":role/my-private-registry"), "{apply:#?}");
    let pull = bench.run.run(&["pull-test", "--answers", &answers, "--skip-refusals"]).exits(0);
    assert!(pull.stdout.contains(&image.digest), "{pull:#?}");
    for finished in [plan, apply, pull] {
        bench.assert_no_secret(&finished);
    }
}

/// `plan --format aws-cli`, run by a shell with the AWS CLI, makes the same as `apply` would.
#[test]
fn the_script_brings_an_empty_account_to_where_apply_would() {
    let bench = Bench::moto();
    let tags = toml::Table::from_iter([("owner".to_owned(), "a team".into())]);
    let answers = Answers::tutorial(Moto::ACCOUNT)
        .with("access.path", "/okteto/")
        .with("access.tags", tags)
        .with("access.description", "https://example.com/wiki/okteto, -- 'quoted'")
        .with("access.max_session_seconds", 7200);
    let answers = bench.write(&answers);
    let file = answers.to_str().unwrap();
    let script = bench.run.run(&["plan", "--answers", file, "--format", "aws-cli"]).exits(0);
    let cli = program("aws");
    let folder = cli.parent().unwrap().display();
    let output = Command::new("sh")
        .args(["-c", &script.stdout])
        .env_clear()
        .env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"))
        .env("HOME", bench.run.home())
        .env("AWS_ENDPOINT_URL", &bench.front.url)
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .env("AWS_DEFAULT_REGION", "us-east-2")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{output:#?}", script.stdout);
    let plan = bench.plan(&answers).exits(0).value();
    assert_eq!(plan["changes"], 0, "{plan:#}");
}
