//! The bed itself: what the other tests take for granted, without the program.

use crate::support::{
    Answers, Front, Hang, Issuer, Ministack, Mischief, Moto, Registry, ca_bundle, push_image,
    push_index,
};

#[test]
fn moto_has_the_managed_policies() {
    let moto = Moto::start();
    let caller = moto.aws(&["sts", "get-caller-identity"]);
    assert_eq!(caller["Account"], Moto::ACCOUNT);
    let arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly";
    let policy = moto.aws(&["iam", "get-policy", "--policy-arn", arn]);
    assert_eq!(policy["Policy"]["Arn"], arn);
}

/// ministack holds a token to the provider's audiences and the role's trust, which moto does not.
#[test]
fn ministack_enforces_trust() {
    let ministack = Ministack::start();
    let front = Front::before(ministack.port());
    let caller = ministack.aws(&["sts", "get-caller-identity"]);
    assert_eq!(caller["Account"], Ministack::ACCOUNT);
    let issuer = Issuer::start(Answers::ISSUER);
    let provider = ministack.aws(&[
        "iam",
        "create-open-id-connect-provider",
        "--url",
        Answers::ISSUER,
        "--client-id-list",
        Answers::AUDIENCE,
    ]);
    let name = Answers::ISSUER.trim_start_matches("https://");
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
            "Condition": {"StringEquals": {
                format!("{name}:aud"): Answers::AUDIENCE, format!("{name}:sub"): Answers::SUBJECT,
            }},
        }],
    });
    let role = ministack.aws(&[
        "iam",
        "create-role",
        "--role-name",
        Answers::ROLE,
        "--assume-role-policy-document",
        &trust.to_string(),
    ]);
    let role = role["Role"]["Arn"].as_str().unwrap().to_owned();
    let assume = |subject: &str| {
        let mut mint = issuer.claims(Answers::AUDIENCE, subject);
        mint.array = false;
        let form = format!(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=s&RoleArn={role}&WebIdentityToken={}",
            issuer.mint(&mint)
        );
        post(&front.url, &form)
    };
    assert_eq!(assume(Answers::SUBJECT), 200);
    assert_eq!(assume("system:serviceaccount:default:default"), 403);
    assert_eq!(front.actions(), ["AssumeRoleWithWebIdentity"; 2]);
    assert!(front.writes().is_empty());
}

#[test]
fn a_redirecting_registry_is_pulled_by_skopeo() {
    let registry = Registry::redirecting(Moto::REGISTRY_TOKEN);
    let image = push_image(&registry, "team/app", &[100_000, 2_000_000]);
    let blobs = registry.blobs.as_ref().unwrap();
    let client = client();
    let blob = format!("{}/v2/team/app/blobs/{}", registry.url, image.layers[1].0);
    let get = |url: &str| client.get(url).basic_auth("AWS", Some(registry.token()));
    let bytes = block(async { get(&blob).send().await.unwrap().bytes().await.unwrap() });
    assert_eq!(bytes.len() as u64, image.layers[1].1);
    let requests = blobs.requests();
    assert!(requests.iter().all(|request| request.header("authorization").is_none()));
    // The same with the token goes the way of S3.
    let path = &requests.last().unwrap().target;
    let status =
        block(async { get(&format!("{}{path}", blobs.url())).send().await.unwrap().status() });
    assert_eq!(status, 400);
    blobs.set(Mischief::Alter);
    let altered = block(async { get(&blob).send().await.unwrap().bytes().await.unwrap() });
    assert_eq!(altered.len(), bytes.len());
    assert_ne!(altered, bytes);
    blobs.set(Mischief::Cut);
    assert!(block(async { get(&blob).send().await.unwrap().bytes().await }).is_err());
}

#[test]
fn an_index_is_pushed_as_it_is() {
    let registry = Registry::start(Moto::REGISTRY_TOKEN);
    let (index, amd64, arm64) = push_index(&registry, "team/app", &[1000, 2000]);
    assert_ne!(amd64.digest, arm64.digest);
    let url = format!("{}/v2/team/app/manifests/v1", registry.url);
    let answer = block(async {
        let request = client().get(url).basic_auth("AWS", Some(registry.token()));
        let request = request.header("accept", "application/vnd.oci.image.index.v1+json");
        request.send().await.unwrap()
    });
    assert_eq!(answer.headers()["docker-content-digest"], index.as_str());
}

#[test]
fn moto_behind_a_front_takes_client_ids() {
    let moto = Moto::start();
    let front = Front::with_client_ids(moto.port());
    let aws = |args: &[&str]| {
        let mut all = vec!["--endpoint-url", &front.url];
        all.extend(args);
        moto.aws(&all)
    };
    let made = moto.aws(&[
        "iam",
        "create-open-id-connect-provider",
        "--url",
        Answers::ISSUER,
        "--client-id-list",
        "sts.amazonaws.com",
    ]);
    let arn = made["OpenIDConnectProviderArn"].as_str().unwrap();
    let one = ["--open-id-connect-provider-arn", arn];
    let add =
        ["iam", "add-client-id-to-open-id-connect-provider", "--client-id", Answers::AUDIENCE];
    aws(&[&add[..], &one].concat());
    let provider = aws(&[&["iam", "get-open-id-connect-provider"][..], &one].concat());
    let ids = serde_json::json!(["sts.amazonaws.com", Answers::AUDIENCE]);
    assert_eq!(provider["ClientIDList"], ids);
    assert_eq!(front.writes(), ["AddClientIDToOpenIDConnectProvider"]);
}

#[test]
fn a_hang_never_answers() {
    let hang = Hang::start();
    let limit = std::time::Duration::from_millis(300);
    let answer = block(async { client().get(&hang.url).timeout(limit).send().await });
    assert!(answer.unwrap_err().is_timeout());
    assert_eq!(hang.connections(), 1);
}

fn client() -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(&std::fs::read(ca_bundle()).unwrap()).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).build().unwrap()
}

fn post(url: &str, form: &str) -> u16 {
    let form = form.to_owned();
    block(async {
        let request = client().post(url).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap().status().as_u16()
    })
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
