//! A small HTTP/1.1 server for tests: one request on each connection, all requests kept, TLS if wanted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::peer;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads one request; `None` at the end of the stream.
    fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self { method, target, headers, body: Vec::new() };
        if request.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            loop {
                let mut size = String::new();
                reader.read_line(&mut size)?;
                let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
                let mut chunk = vec![0; size + 2];
                reader.read_exact(&mut chunk)?;
                chunk.truncate(size);
                request.body.extend(chunk);
                if size == 0 {
                    break;
                }
            }
        } else if let Some(size) = request.header("content-length") {
            request.body = vec![0; size.parse().map_err(io::Error::other)?];
            reader.read_exact(&mut request.body)?;
        }
        Ok(Some(request))
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self { status, headers, body: body.into() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Status line and headers, with `length` stated as the body's.
    pub fn head(&self, length: usize) -> String {
        use std::fmt::Write as _;
        let mut head = format!("HTTP/1.1 {} Status\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {length}\r\nConnection: close\r\n\r\n");
        head
    }

    pub fn send(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(self.head(self.body.len()).as_bytes())?;
        to.write_all(&self.body)?;
        to.flush()
    }
}

/// Answers one request by writing to the connection.
pub type Answerer = dyn Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync;

/// A running server; ends on drop.
pub struct Server {
    pub address: SocketAddr,
    tls: bool,
    stop: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn start(
        tls: bool,
        answer: impl Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let server =
            Self { address, tls, stop: Arc::clone(&stop), requests: Arc::clone(&requests) };
        let config = tls.then(tls_config);
        let answer: Arc<Answerer> = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (answer, requests) = (Arc::clone(&answer), Arc::clone(&requests));
                let config = config.clone();
                std::thread::spawn(move || {
                    // The other end may leave at any time; that is its right and no failure of the test.
                    let _ = converse(stream, config, &requests, answer.as_ref());
                });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic while locked").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(
    mut stream: TcpStream,
    config: Option<Arc<ServerConfig>>,
    requests: &Mutex<Vec<Request>>,
    answer: &Answerer,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let serve = |stream: &mut dyn ReadWrite| -> io::Result<()> {
        let Some(request) = Request::read(&mut &mut *stream)? else { return Ok(()) };
        requests.lock().expect("no panic while locked").push(request.clone());
        answer(&request, &mut &mut *stream)
    };
    match config {
        None => serve(&mut stream),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream);
            let done = serve(&mut stream);
            stream.conn.send_close_notify();
            let _ = stream.flush();
            done
        }
    }
}

/// Both ways of a connection.
trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

fn tls_config() -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(peer::certificate("server.crt"))
        .expect("a certificate")
        .collect::<Result<Vec<_>, _>>()
        .expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(peer::certificate("server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate with its key");
    Arc::new(config)
}
