use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::domain::claims::Claims;
use crate::domain::secret::WebToken;
use crate::practice::account::difficulty::{Trouble, What};
use crate::practice::account::input::Input;
use crate::practice::account::{Account, Principal, Service};
use crate::practice::front::Reply;
use crate::practice::scene::Scene;

const ISSUED: &str = "/v1/projects/myProject/locations/us-central1/clusters/myCluster";

struct Bed {
    served: Served,
    client: Client,
}

impl Bed {
    async fn new() -> Self {
        let front = Front::new(Account::new(&Scene::default()), Arc::new(crate::clock::now));
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { served: serve(front).await.unwrap(), client }
    }

    fn script(&self, on: &str, what: What) {
        let trouble = Trouble { on: on.to_owned(), after: 0, times: Some(1), what };
        self.served.front.account().trouble(trouble);
    }

    async fn get(&self, url: &str) -> Response {
        self.client.get(url).send().await.unwrap()
    }

    /// A login to the registry, as `aws ecr get-login-password` gets it.
    async fn login(&self) -> (String, String) {
        let caller = Some(Principal::User("trainee".to_owned()));
        let front = &self.served.front;
        let call = front.call(
            Service::Ecr,
            "GetAuthorizationToken",
            "us-east-2",
            caller,
            Input::default(),
        );
        let Reply::Answer(Ok(output)) = call.await else { panic!("it is allowed") };
        let token = output["authorizationData"][0]["authorizationToken"].as_str().unwrap();
        let login = String::from_utf8(STANDARD.decode(token).unwrap()).unwrap();
        let (user, password) = login.split_once(':').unwrap();
        (user.to_owned(), password.to_owned())
    }

    /// A request to the registry with a login.
    async fn pull(&self, login: &(String, String), method: Method, path: &str) -> Response {
        let request = self.client.request(method, format!("{}{path}", self.served.registry));
        request.basic_auth(&login.0, Some(&login.1)).send().await.unwrap()
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// What comes back for these bytes until the server closes, or waits for more.
async fn raw(url: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_millis(300), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// By what the kernel says of this process: its listening sockets, and where they listen.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn only_loopback_is_bound() {
    let bed = Bed::new().await;
    let own: Vec<String> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter_map(|link| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let mut bound = Vec::new();
    for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        for line in std::fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (address, state, inode) = (words[1], words[3], words[9]);
            if state == "0A" && own.iter().any(|own| own == inode) {
                let (address, port) = address.split_once(':').unwrap();
                assert!(
                    ["0100007F", "00000000000000000000000001000000"].contains(&address),
                    "{address} is not loopback"
                );
                bound.push(u16::from_str_radix(port, 16).unwrap());
            }
        }
    }
    for url in [&bed.served.aws, &bed.served.registry, &bed.served.issuer] {
        let port = url.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
        assert!(bound.contains(&port), "{url} is not among {bound:?}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_answered_or_dropped_and_the_next_one_served() {
    let bed = Bed::new().await;
    for url in [&bed.served.aws, &bed.served.registry, &bed.served.issuer] {
        for bytes in [
            &b"\0\x01\x02\r\n\r\n"[..],
            b"GET\r\n\r\n",
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            b"GET /%ff%00 HTTP/1.1\r\nhost: \xff\r\nauthorization: \xff\xfe\r\nx-amz-target: \xff\r\n\r\n",
            b"GET * HTTP/1.1\r\nhost: x\r\n\r\n",
        ] {
            let answer = raw(url, bytes).await;
            assert!(!answer.contains(" 200 "), "{answer}");
        }
        assert!(bed.get(url).await.status().is_client_error());
    }
}

#[tokio::test]
async fn a_body_is_bounded() {
    let bed = Bed::new().await;
    let body = "A=".to_owned() + &"a".repeat((1 << 20) - 2);
    let fits = bed.client.post(&bed.served.aws).body(body.clone()).send().await.unwrap();
    assert_eq!(fits.status(), 400);
    let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len() + 1);
    let answer = raw(&bed.served.aws, format!("{head}{body}a").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let bed = Bed::new().await;
    let request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3);
    let answer = raw(&bed.served.aws, request.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 400 ").count(), 3, "{answer}");
    let ids: std::collections::BTreeSet<_> =
        answer.lines().filter(|line| line.starts_with("x-amzn-requestid: ")).collect();
    assert_eq!(ids.len(), 3, "{answer}");
}

#[tokio::test]
async fn what_is_asked_for_badly_is_refused_in_its_protocol() {
    let bed = Bed::new().await;
    for (query, status, code) in [
        ("/", 400, "MissingParameter"),
        ("/?Version=2010-05-08", 400, "MissingAction"),
        ("/?Action=ListRoles&Version=2010-05-09", 400, "NoSuchVersion"),
        ("/?Action=ListRoles&Version=2010-05-08", 403, "MissingAuthenticationToken"),
        ("/?Action=ListRoles&Version=2010-05-08&Action=ListUsers", 400, "MalformedInput"),
        ("/roles?Action=ListRoles&Version=2010-05-08", 400, "InvalidAction"),
    ] {
        let answer = bed.get(&format!("{}{query}", bed.served.aws)).await;
        assert_eq!(answer.status(), status, "{query}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{query}: {body}");
    }
    for (target, body, code) in [
        ("AmazonEC2ContainerRegistry_V20150921.X", "[]", "SerializationException"),
        ("AmazonEC2ContainerRegistry_V20150921.X", "{", "SerializationException"),
        ("AmazonEC2ContainerRegistry_V20150921.X", "{}", "MissingAuthenticationTokenException"),
        ("DynamoDB_20120810.ListTables", "{}", "UnknownOperationException"),
    ] {
        let request = bed.client.post(&bed.served.aws).header("x-amz-target", target).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{target} {body}");
        assert_eq!(header(answer.headers(), "content-type"), "application/x-amz-json-1.1");
        let error: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(error["__type"], code);
        assert!(error["message"].is_string());
    }
}

#[tokio::test]
async fn a_manifest_and_its_layers_are_pulled_by_way_of_a_second_host() {
    let bed = Bed::new().await;
    let registry = &bed.served.registry;
    let answer = bed.get(&format!("{registry}/v2/")).await;
    assert_eq!(answer.status(), 401);
    let host = registry.strip_prefix("http://").unwrap();
    assert_eq!(
        header(answer.headers(), "www-authenticate"),
        format!("Basic realm=\"https://{host}/\",service=\"ecr.amazonaws.com\"")
    );
    assert_eq!(header(answer.headers(), "docker-distribution-api-version"), "registry/2.0");

    let login = bed.login().await;
    assert_eq!(bed.pull(&login, Method::GET, "/v2/").await.status(), 200);
    let path = "/v2/team/app/manifests/1.4.2";
    let head = bed.pull(&login, Method::HEAD, path).await;
    let answer = bed.pull(&login, Method::GET, path).await;
    assert_eq!(answer.status(), 200);
    for name in ["content-type", "content-length", "docker-content-digest"] {
        assert_eq!(header(head.headers(), name), header(answer.headers(), name), "{name}");
    }
    let manifest: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(head.bytes().await.unwrap().len(), 0);

    let layer = &manifest["layers"][0];
    let (digest, size) = (layer["digest"].as_str().unwrap(), layer["size"].as_u64().unwrap());
    let path = format!("/v2/team/app/blobs/{digest}");
    let head = bed.pull(&login, Method::HEAD, &path).await;
    assert_eq!(
        (head.status().as_u16(), header(head.headers(), "content-length")),
        (200, &*size.to_string())
    );
    let answer = bed.pull(&login, Method::GET, &path).await;
    assert_eq!(answer.status(), 307);
    let place = header(answer.headers(), "location").to_owned();
    assert!(place.starts_with("http://localhost:"), "{place}");

    let bytes = bed.get(&place).await;
    assert_eq!((bytes.status().as_u16(), bytes.content_length()), (200, Some(size)));
    let bytes = bytes.bytes().await.unwrap();
    assert_eq!(bytes.len() as u64, size);
    let v4 = bed.get(&place.replace("localhost", "127.0.0.1")).await.bytes().await.unwrap();
    assert!(bytes == v4);

    let both = bed.client.get(&place).basic_auth(&login.0, Some(&login.1)).send().await.unwrap();
    assert_eq!(both.status(), 400);
    let body = both.text().await.unwrap();
    assert!(body.contains("<Code>InvalidArgument</Code>"), "{body}");
    assert!(body.contains("Only one auth mechanism allowed"), "{body}");

    bed.script("layers:get", What::Refuse);
    let refused = bed.get(&place).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.unwrap().contains("<Code>AccessDenied</Code>"));

    bed.script("layers:get", What::Alter);
    let altered = bed.get(&place).await.bytes().await.unwrap();
    let differ = altered.iter().zip(&bytes).filter(|(a, b)| a != b).count();
    assert_eq!((altered.len(), differ), (bytes.len(), 1));

    bed.script("layers:get", What::Cut);
    let mut cut = bed.get(&place).await;
    assert_eq!((cut.status().as_u16(), cut.content_length()), (200, Some(size)));
    let mut got = 0;
    let end = loop {
        match cut.chunk().await {
            Ok(Some(chunk)) => got += chunk.len() as u64,
            end => break end,
        }
    };
    assert!(end.is_err() && got > 0 && got < size, "{got} of {size}");
}

#[tokio::test]
async fn an_upload_is_begun_and_cancelled_over_the_wire() {
    let bed = Bed::new().await;
    let login = bed.login().await;
    let uploads = "/v2/team/app/blobs/uploads/";
    let begun = bed.pull(&login, Method::POST, uploads).await;
    assert_eq!(begun.status(), 202);
    let id = header(begun.headers(), "docker-upload-uuid").to_owned();
    let place = header(begun.headers(), "location").to_owned();
    assert_eq!((place.as_str(), id.len()), (format!("{uploads}{id}").as_str(), 36));
    for (method, status) in [(Method::PATCH, 405), (Method::DELETE, 204), (Method::DELETE, 404)] {
        assert_eq!(bed.pull(&login, method, &place).await.status(), status);
    }
    let manifest = "/v2/team/app/manifests/latest";
    assert_eq!(bed.pull(&login, Method::PUT, manifest).await.status(), 405);
}

#[tokio::test]
async fn the_registry_says_no_in_the_form_of_the_distribution_api() {
    let bed = Bed::new().await;
    let login = bed.login().await;
    bed.script("registry:manifest", What::Throttle);
    for (method, path, status, code) in [
        (Method::GET, "/v2/team/app/manifests/latest", 429, "TOOMANYREQUESTS"),
        (Method::GET, "/v2/team/nothing/manifests/latest", 404, "NAME_UNKNOWN"),
        (Method::GET, "/v2/team/app/manifests/nothing", 404, "MANIFEST_UNKNOWN"),
        (Method::GET, "/v2/team/app/referrers", 405, "UNSUPPORTED"),
        (Method::GET, "/v1/_ping", 405, "UNSUPPORTED"),
        (Method::POST, "/v2/", 405, "UNSUPPORTED"),
    ] {
        let answer = bed.pull(&login, method, path).await;
        assert_eq!(answer.status(), status, "{path}");
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(body["errors"][0]["code"], code, "{path}");
    }
    let tags = bed.pull(&login, Method::GET, "/v2/team/app/tags/list").await;
    let tags: Value = serde_json::from_slice(&tags.bytes().await.unwrap()).unwrap();
    assert_eq!(tags["name"], "team/app");
    assert_eq!(tags["tags"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_issuer_is_served_under_its_path_and_mints() {
    let bed = Bed::new().await;
    let issuer = &bed.served.issuer;
    let document = bed.get(&format!("{issuer}{ISSUED}/.well-known/openid-configuration")).await;
    assert_eq!(header(document.headers(), "content-type"), "application/json");
    let document: Value = serde_json::from_slice(&document.bytes().await.unwrap()).unwrap();
    let keys = document["jwks_uri"].as_str().unwrap();
    let keys = keys.replace("https://container.googleapis.com", issuer);
    let keys: Value = serde_json::from_slice(&bed.get(&keys).await.bytes().await.unwrap()).unwrap();
    assert!(keys["keys"][0]["kid"].is_string(), "{keys}");
    let elsewhere = bed.get(&format!("{issuer}/.well-known/openid-configuration")).await;
    assert_eq!(elsewhere.status(), 404);
    bed.script("issuer:keys", What::Refuse);
    assert_eq!(bed.get(&format!("{issuer}{ISSUED}/openid/v1/jwks")).await.status(), 403);

    let url = format!("{issuer}/practice/token");
    let other = "system:serviceaccount:other:robot";
    for (kind, body, aud, sub) in [
        ("", "", vec![document["issuer"].as_str().unwrap()], "system:serviceaccount:okteto:okteto"),
        (
            "application/x-www-form-urlencoded",
            "audience=a&audience=b&subject=system%3Aserviceaccount%3Aother%3Arobot&seconds=900",
            vec!["a", "b"],
            other,
        ),
        (
            "application/json",
            "{\"audience\":\"a\",\"subject\":\"system:serviceaccount:other:robot\",\"seconds\":900}",
            vec!["a"],
            other,
        ),
    ] {
        let request = bed.client.post(&url).header("content-type", kind).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{body}");
        let claims = Claims::read(&WebToken::new(&answer.text().await.unwrap())).unwrap();
        assert_eq!(claims.audiences, aud);
        assert_eq!(claims.subject, sub);
    }
    for (kind, body) in [
        ("application/json", "{\"audiences\":[]}"),
        ("application/json", "[]"),
        ("", "colour=red"),
        ("", "seconds=soon"),
        ("", "seconds=10"),
        ("", "subject=root"),
        ("", "issuer=https://elsewhere.example.com"),
    ] {
        let request = bed.client.post(&url).header("content-type", kind).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        assert!(!answer.text().await.unwrap().is_empty());
    }
}
