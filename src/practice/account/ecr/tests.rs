use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::practice::account::input::Input;
use crate::practice::account::{Principal, Service};
use crate::practice::scene::Scene;

const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);
const ACCOUNT: &str = "112233445566";

fn ask(action: &str, input: Value) -> Ask {
    Ask {
        now: NOW,
        service: Service::Ecr,
        action: action.to_owned(),
        region: "us-east-2".to_owned(),
        caller: Some(Principal::User("trainee".to_owned())),
        input: Input::from_json(input),
    }
}

fn call(account: &mut Account, action: &str, input: Value) -> Result<Value, Refusal> {
    account.call(&ask(action, input))
}

fn world() -> Account {
    Account::new(&Scene::default())
}

fn refusal(account: &mut Account, action: &str, input: Value) -> (&'static str, String) {
    let no = call(account, action, input).unwrap_err();
    assert_eq!(no.status, 400);
    (no.code, no.message)
}

#[test]
fn a_login_is_long_and_counts_for_twelve_hours() {
    let mut account = world();
    let answer = call(&mut account, "GetAuthorizationToken", json!({})).unwrap();
    let login = &answer["authorizationData"][0];
    assert_eq!(login["expiresAt"], NOW.as_second() + 12 * 3600);
    assert_eq!(login["proxyEndpoint"], "https://112233445566.dkr.ecr.us-east-2.amazonaws.com");
    let token = STANDARD.decode(login["authorizationToken"].as_str().unwrap()).unwrap();
    let token = String::from_utf8(token).unwrap();
    let password = token.strip_prefix("AWS:").unwrap();
    assert!(password.len() > 2048, "{}", password.len());
    assert!(account.state.logins.contains_key(password));
}

#[test]
fn repositories_come_in_pages_and_by_name() {
    let mut account = world();
    let names = |answer: &Value| -> Vec<String> {
        let list = answer["repositories"].as_array().unwrap();
        list.iter().map(|r| r["repositoryName"].as_str().unwrap().to_owned()).collect()
    };
    let first = call(&mut account, "DescribeRepositories", json!({ "maxResults": 2 })).unwrap();
    assert_eq!(names(&first), ["team/app", "team/base/debian"]);
    let input = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let second = call(&mut account, "DescribeRepositories", input).unwrap();
    assert_eq!((names(&second), second.get("nextToken")), (vec!["tools/kubectl".to_owned()], None));
    let input = json!({ "repositoryNames": ["team/app"], "registryId": ACCOUNT });
    let one = call(&mut account, "DescribeRepositories", input).unwrap();
    let repository = &one["repositories"][0];
    assert_eq!(
        repository["repositoryArn"],
        "arn:aws:ecr:us-east-2:112233445566:repository/team/app"
    );
    let uri = "112233445566.dkr.ecr.us-east-2.amazonaws.com/team/app";
    assert_eq!(repository["repositoryUri"], uri);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_is_wrong_has_ecrs_words() {
    let mut account = world();
    let absent =
        "The repository with name 'no/such' does not exist in the registry with id '112233445566'";
    for (action, input, code, message) in [
        (
            "DescribeRepositories",
            json!({ "repositoryNames": ["no/such"] }),
            "RepositoryNotFoundException",
            absent,
        ),
        (
            "ListImages",
            json!({ "repositoryName": "no/such" }),
            "RepositoryNotFoundException",
            absent,
        ),
        (
            "DescribeRepositories",
            json!({ "repositoryNames": ["team/app"], "maxResults": 1 }),
            "InvalidParameterException",
            "Invalid parameter at 'maxResults' failed to satisfy constraint",
        ),
        (
            "DescribeRepositories",
            json!({ "maxResults": 1001 }),
            "InvalidParameterException",
            "Invalid parameter at 'maxResults' failed to satisfy constraint: 'must have value less than or equal to 1000'",
        ),
        (
            "DescribeRepositories",
            json!({ "repositoryNames": vec!["ab"; 101] }),
            "InvalidParameterException",
            "Invalid parameter at 'repositoryNames' failed to satisfy constraint: 'must have length less than or equal to 100'",
        ),
        (
            "DescribeRepositories",
            json!({ "nextToken": "?" }),
            "InvalidParameterException",
            "Invalid parameter at 'nextToken'",
        ),
        (
            "ListImages",
            json!({}),
            "InvalidParameterException",
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must not be null'",
        ),
        (
            "ListImages",
            json!({ "repositoryName": "Team/App" }),
            "InvalidParameterException",
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression pattern",
        ),
        (
            "ListImages",
            json!({ "repositoryName": "team/app", "filter": { "tagStatus": "NONE" } }),
            "InvalidParameterException",
            "Invalid parameter at 'filter.tagStatus'",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "team/app", "imageIds": [{ "imageTag": "none" }] }),
            "ImageNotFoundException",
            "The image with imageId {imageDigest:'null', imageTag:'none'} does not exist within the repository with name 'team/app' in the registry with id '112233445566'",
        ),
        (
            "GetRepositoryPolicy",
            json!({ "repositoryName": "team/app" }),
            "RepositoryPolicyNotFoundException",
            "Repository policy does not exist for the repository with name 'team/app' in the registry with id '112233445566'",
        ),
        (
            "GetDownloadUrlForLayer",
            json!({ "repositoryName": "team/app", "layerDigest": "sha256:00" }),
            "LayersNotFoundException",
            "The layer with digest 'sha256:00' does not exist",
        ),
        (
            "GetDownloadUrlForLayer",
            json!({ "repositoryName": "team/app", "layerDigest": "00" }),
            "InvalidParameterException",
            "Invalid parameter at 'layerDigest'",
        ),
        (
            "DescribePullThroughCacheRules",
            json!({ "ecrRepositoryPrefixes": ["quay"] }),
            "PullThroughCacheRuleNotFoundException",
            "The pull through cache rule with repository prefix 'quay'",
        ),
        (
            "ListImages",
            json!({ "repositoryName": "team/app", "registryId": "999999999999" }),
            "AccessDeniedException",
            "User: arn:aws:iam::112233445566:user/trainee is not authorized to perform: ecr:ListImages on resource: arn:aws:ecr:us-east-2:999999999999:repository/team/app because no resource-based policy allows the ecr:ListImages action",
        ),
        ("PutImage", json!({}), "UnknownOperationException", "the practice account does not know"),
    ] {
        let (got, sentence) = refusal(&mut account, action, input.clone());
        assert_eq!(got, code, "{action} {input}: {sentence}");
        assert!(sentence.starts_with(message), "{action} {input}: {sentence}");
    }
    assert!(call(&mut account, "DescribePullThroughCacheRules", json!({})).is_ok());
    let registry = call(&mut account, "DescribeRegistry", json!({})).unwrap();
    assert_eq!(registry["registryId"], ACCOUNT);
}

#[test]
fn other_regions_hold_nothing() {
    let mut account = world();
    let mut elsewhere = ask("DescribeRepositories", json!({}));
    elsewhere.region = "eu-west-1".to_owned();
    assert_eq!(account.call(&elsewhere).unwrap()["repositories"], json!([]));
    elsewhere.input = Input::from_json(json!({ "repositoryNames": ["team/app"] }));
    assert_eq!(account.call(&elsewhere).unwrap_err().code, "RepositoryNotFoundException");
}

#[test]
fn images_are_listed_with_what_an_index_refers_to() {
    let mut account = world();
    let app = |more: Value| {
        let mut input = json!({ "repositoryName": "team/app" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let mut count = |filter: &str| {
        let input = app(json!({ "filter": { "tagStatus": filter }, "maxResults": 1000 }));
        let answer = call(&mut account, "ListImages", input).unwrap();
        answer["imageIds"].as_array().unwrap().len()
    };
    // An index with two platforms and an attestation, and one single manifest.
    assert_eq!((count("TAGGED"), count("UNTAGGED"), count("ANY")), (2, 3, 5));
    let id = json!({ "imageTag": "latest" });
    let input = app(json!({ "imageIds": [id] }));
    let answer = call(&mut account, "DescribeImages", input).unwrap();
    let index = &answer["imageDetails"][0];
    assert_eq!(index["imageTags"], json!(["latest"]));
    assert_eq!(index["imageManifestMediaType"], "application/vnd.oci.image.index.v1+json");
    assert_eq!(index["imageStatus"], "ACTIVE");
    assert!(index["imageSizeInBytes"].as_u64().unwrap() > 2_000_000);
    let digest = &index["imageDigest"];
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let input = app(json!({
        "imageIds": [
            { "imageTag": "latest", "imageDigest": digest },
            { "imageTag": "1.4.2" },
            { "imageTag": "1.4.2", "imageDigest": digest },
            { "imageTag": "none" },
            {},
            { "imageDigest": "x" },
            { "imageTag": "" },
            { "imageTag": "latest" },
        ],
        "acceptedMediaTypes": [manifest],
    }));
    let answer = call(&mut account, "BatchGetImage", input).unwrap();
    let images = answer["images"].as_array().unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!(images[0]["imageId"]["imageDigest"], *digest);
    assert_eq!(images[1]["imageManifestMediaType"], manifest);
    let codes: Vec<&str> = answer["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| failure["failureCode"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "ImageTagDoesNotMatchDigest",
            "ImageNotFound",
            "MissingDigestAndTag",
            "InvalidImageDigest",
            "InvalidImageTag",
            // Only manifests were accepted, and this tag is an index.
            "ImageNotFound",
        ]
    );
}

#[test]
fn layers_are_found_and_their_url_leads_to_them() {
    let mut account = world();
    let input = json!({ "repositoryName": "tools/kubectl", "imageIds": [{ "imageTag": "1.31" }] });
    let image = call(&mut account, "BatchGetImage", input).unwrap();
    let manifest = image["images"][0]["imageManifest"].as_str().unwrap();
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    let layer = &manifest["layers"][1];
    let input = json!({
        "repositoryName": "tools/kubectl",
        "layerDigests": [layer["digest"], "sha256:00", "?"],
    });
    let answer = call(&mut account, "BatchCheckLayerAvailability", input).unwrap();
    assert_eq!(answer["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(answer["layers"][0]["layerSize"], layer["size"]);
    assert_eq!(answer["layers"][1]["layerAvailability"], "UNAVAILABLE");
    assert_eq!(answer["failures"][0]["failureCode"], "InvalidLayerDigest");
    let input = json!({ "repositoryName": "tools/kubectl", "layerDigest": layer["digest"] });
    let answer = call(&mut account, "GetDownloadUrlForLayer", input).unwrap();
    let (path, ticket) = answer["downloadUrl"].as_str().unwrap().split_once('?').unwrap();
    let digest = path.strip_prefix('/').unwrap();
    let bytes = account.layer(NOW, digest, ticket).unwrap();
    assert_eq!(layer["size"], bytes.len());
}

#[test]
fn repositories_and_their_policies_come_and_go() {
    let mut account = world();
    let new = json!({ "repositoryName": "new" });
    call(&mut account, "CreateRepository", new.clone()).unwrap();
    let (code, _) = refusal(&mut account, "CreateRepository", new.clone());
    assert_eq!(code, "RepositoryAlreadyExistsException");
    let statement = r#""Effect":"Allow","Action":"ecr:BatchGetImage""#;
    for wrong in [
        "{",
        &format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#),
        &format!(
            r#"{{"Version":"2012-10-17","Statement":[{{{statement},"Principal":"*","Resource":"*"}}]}}"#
        ),
    ] {
        let input = json!({ "repositoryName": "new", "policyText": wrong });
        let no = refusal(&mut account, "SetRepositoryPolicy", input);
        let sentence = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'";
        assert_eq!(no, ("InvalidParameterException", sentence.to_owned()), "{wrong}");
    }
    let text =
        format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement},"Principal":"*"}}]}}"#);
    let input = json!({ "repositoryName": "new", "policyText": text });
    call(&mut account, "SetRepositoryPolicy", input).unwrap();
    let answer = call(&mut account, "GetRepositoryPolicy", new.clone()).unwrap();
    assert_eq!(answer["policyText"], text);
    call(&mut account, "DeleteRepositoryPolicy", new.clone()).unwrap();
    let (code, _) = refusal(&mut account, "GetRepositoryPolicy", new.clone());
    assert_eq!(code, "RepositoryPolicyNotFoundException");
    call(&mut account, "DeleteRepository", new).unwrap();
    let full = json!({ "repositoryName": "team/app" });
    let (code, _) = refusal(&mut account, "DeleteRepository", full.clone());
    assert_eq!(code, "RepositoryNotEmptyException");
    let forced = json!({ "repositoryName": "team/app", "force": true });
    call(&mut account, "DeleteRepository", forced).unwrap();
    let (code, _) = refusal(&mut account, "ListImages", full);
    assert_eq!(code, "RepositoryNotFoundException");
}

#[test]
fn names_of_repositories() {
    for good in ["ab", "team/app", "a.b_c__d---e", "0/1"] {
        assert!(is_name(good), "{good}");
    }
    for bad in ["", "/a", "a/", "a//b", "A", "a..b", "a___b", "-a", "a-", "a._b", "a b"] {
        assert!(!is_name(bad), "{bad}");
    }
}
