//! A server of a few lines on loopback that answers each request as a test wants it, wrong answers included.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Properly.
    Proper,
    /// The connection stays open, and nothing more comes.
    Hang,
    /// The connection closes although more was announced.
    Cut,
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// `None`: the end of the connection ends the body.
    pub length: Option<usize>,
    pub end: End,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, headers: Vec::new(), length: Some(body.len()), body, end: End::Proper }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn to(status: u16, location: impl Into<String>) -> Self {
        Self::new(status, "").header("Location", location)
    }
}

pub struct Server {
    pub url: String,
    pub seen: Arc<Mutex<Vec<Request>>>,
    /// Connections that the client has closed while an answer was hanging.
    pub left: Arc<Mutex<usize>>,
    _tasks: tokio::task::JoinSet<()>,
}

impl Server {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, left) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (log, gone, answer) = (seen.clone(), left.clone(), Arc::new(answer));
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream, log.clone(), gone.clone(), answer.clone()));
            }
        });
        Self { url, seen, left, _tasks: tasks }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Request>>>,
    left: Arc<Mutex<usize>>,
    answer: Arc<impl Fn(&Request) -> Reply>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let text = String::from_utf8(head).unwrap();
    let mut lines = text.lines();
    let mut first = lines.next().unwrap().split(' ');
    let request = Request {
        method: first.next().unwrap().to_owned(),
        path: first.next().unwrap().to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
    };
    let reply = answer(&request);
    seen.lock().unwrap().push(request);
    let mut out = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    if let Some(length) = reply.length {
        let _ = write!(out, "Content-Length: {length}\r\n");
    }
    if reply.status != 0 {
        let _ = stream.write_all(format!("{out}\r\n").as_bytes()).await;
        let _ = stream.write_all(&reply.body).await;
    }
    if reply.end == End::Hang {
        let mut rest = [0; 1];
        let closed = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut rest)).await;
        if matches!(closed, Ok(Ok(0) | Err(_))) {
            *left.lock().unwrap() += 1;
        }
    }
    let _ = stream.shutdown().await;
}
