//! A peer for tests: a raw HTTP server on loopback that gives the answers it is told to give.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};

use super::connect::{self, Connection};
use super::settings::Settings;
use super::{Aws, AwsOptions};
use crate::ports::CallRecord;

/// What the peer does with a request.
#[derive(Clone)]
pub(super) enum Reply {
    /// Answers with a status and a body.
    Answer(u16, String),
    /// Reads the request and closes.
    Close,
    /// Reads the request and says nothing.
    Hang,
}

/// IAM's and STS's form of a refusal.
pub(super) fn xml_error(status: u16, code: &str, message: &str) -> Reply {
    Reply::Answer(
        status,
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        ),
    )
}

/// ECR's form of a refusal.
pub(super) fn json_error(status: u16, code: &str, message: &str) -> Reply {
    Reply::Answer(status, format!("{{\"__type\":\"{code}\",\"message\":\"{message}\"}}"))
}

/// The requests that came, head and body.
pub(super) type Requests = Arc<Mutex<Vec<String>>>;

/// Serves until the test process ends.
pub(super) fn peer(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Requests::default();
    let (seen, reply) = (Arc::clone(&requests), Arc::new(reply));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (seen, reply) = (Arc::clone(&seen), Arc::clone(&reply));
            std::thread::spawn(move || {
                let request = read(&stream);
                if request.is_empty() {
                    return;
                }
                let reply = reply(&request);
                seen.lock().unwrap().push(request);
                answer(stream, reply);
            });
        }
    });
    (url, requests)
}

fn read(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = stream.read(&mut chunk).unwrap_or(0);
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let wanted = text.split_once("\r\n\r\n").map(|(head, body)| {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
            });
            body.len() >= length.map_or(0, |l| l.trim().parse().unwrap())
        });
        if n == 0 || wanted == Some(true) {
            return text;
        }
    }
}

fn answer(mut stream: TcpStream, reply: Reply) {
    match reply {
        Reply::Close => {}
        Reply::Hang => std::thread::sleep(Duration::from_secs(30)),
        Reply::Answer(status, body) => {
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-type: text/plain\r\nx-amzn-requestid: id-7\r\ndate: Mon, 01 Jan 2024 \
                 00:00:00 GMT\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    }
}

/// An [`Aws`] that speaks to `url` with made-up credentials, and its log of calls.
pub(super) fn aws(url: &str) -> (Aws, Arc<Mutex<Vec<CallRecord>>>) {
    let (aws, calls) = unconnected();
    let mut bare = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .http_client(connect::plain_client())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(2)).build());
    bare.set_endpoint_url(Some(url.to_owned()));
    let bare = bare.build();
    let keys = Credentials::new("AKIDOPERATOR", "operator-secret", None, None, "test");
    let operator =
        bare.to_builder().credentials_provider(SharedCredentialsProvider::new(keys)).build();
    let mut settings = Settings::default();
    settings.source.renew = Some("aws sso login --profile ops".to_owned());
    let connection = Connection { settings, operator, bare };
    (Aws { connection: tokio::sync::Mutex::new(Some(Arc::new(connection))), ..aws }, calls)
}

/// An [`Aws`] as it is made, and its log of calls.
pub(super) fn unconnected() -> (Aws, Arc<Mutex<Vec<CallRecord>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&calls);
    let aws =
        Aws::new(AwsOptions::default(), Arc::new(move |record| log.lock().unwrap().push(record)));
    (aws, calls)
}
