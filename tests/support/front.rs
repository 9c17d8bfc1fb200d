//! Stands before an emulator, or alone: notes every call, counts those that change something, and answers some of
//! them itself where no emulator can.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use super::http::{Reply, Request, Server};

/// The decoded fields of a Query request, in order.
#[derive(Debug, Clone, Default)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    fn read(request: &Request) -> Self {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        let text = request.text();
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(key, value)| (decode(key), decode(value)))
                .collect(),
        )
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// One call to AWS as it was seen.
#[derive(Debug, Clone)]
pub struct Call {
    /// `CreateRole`, `GetAuthorizationToken`, …
    pub action: String,
    pub form: Form,
    pub request: Request,
}

impl Call {
    pub fn read(request: &Request) -> Self {
        let form = Form::read(request);
        let target = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let action = target.or_else(|| form.get("Action")).unwrap_or_default().to_owned();
        Self { action, form, request: request.clone() }
    }

    /// Whether it changes the account, by its verb.
    pub fn is_writing(&self) -> bool {
        const READS: [&str; 8] =
            ["Get", "List", "Describe", "Simulate", "Assume", "Batch", "Generate", "Decode"];
        !self.action.is_empty() && !READS.iter().any(|verb| self.action.starts_with(verb))
    }
}

/// Sends one call on to the emulator: the bytes of its answer.
pub type Onward<'a> = &'a dyn Fn() -> io::Result<Vec<u8>>;
/// Answers a call itself, or leaves it to the emulator.
type Script = dyn Fn(&Call, Onward) -> Option<Reply> + Send + Sync;

/// The endpoint for the program; `url` is its `AWS_ENDPOINT_URL`.
pub struct Front {
    pub url: String,
    server: Server,
}

impl Front {
    /// Passes everything on to the emulator on `port`, and only looks.
    pub fn before(port: u16) -> Self {
        Self::scripted(Some(port), |_, _| None)
    }

    /// Answers everything by the script; what it leaves is an internal error.
    pub fn alone(script: impl Fn(&Call, Onward) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::scripted(None, script)
    }

    /// Answers what the script answers and passes the rest on.
    pub fn scripted(
        port: Option<u16>,
        script: impl Fn(&Call, Onward) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let script: Box<Script> = Box::new(script);
        let server = Server::start(false, move |request, out| {
            let call = Call::read(request);
            let onward = || match port {
                Some(port) => relay(request, port),
                None => Err(io::Error::other("nobody stands behind")),
            };
            if let Some(reply) = script(&call, &onward) {
                return reply.send(out);
            }
            match onward() {
                Ok(bytes) => out.write_all(&bytes),
                Err(why) => xml::error(500, "InternalFailure", &why.to_string()).send(out),
            }
        });
        Self { url: server.url(), server }
    }

    /// Before moto, and it can add and remove client ids, which moto answers with 500: the list is kept here and
    /// shown by `GetOpenIDConnectProvider`.
    pub fn with_client_ids(port: u16) -> Self {
        let added: Mutex<Vec<String>> = Mutex::default();
        let added = Arc::new(added);
        Self::scripted(Some(port), move |call, onward| {
            let mut added = added.lock().expect("no panic while locked");
            match call.action.as_str() {
                "AddClientIDToOpenIDConnectProvider" => {
                    added.push(call.form.get("ClientID")?.to_owned());
                    Some(xml::empty(&call.action))
                }
                "GetOpenIDConnectProvider" => {
                    let answer = String::from_utf8(onward().ok()?).ok()?;
                    let (head, body) = answer.split_once("\r\n\r\n")?;
                    if !head.contains(" 200 ") {
                        return None;
                    }
                    let more = added
                        .iter()
                        .fold(String::new(), |all, id| all + "<member>" + id + "</member>");
                    let body = body.replace("</ClientIDList>", &format!("{more}</ClientIDList>"));
                    Some(Reply::new(200, "text/xml", body))
                }
                _ => None,
            }
        })
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.server.requests().iter().map(Call::read).collect()
    }

    /// The actions of every call so far.
    pub fn actions(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.action).collect()
    }

    /// The calls so far that change the account.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.calls().into_iter().filter(Call::is_writing);
        calls.map(|call| call.action).collect()
    }
}

/// Sends the same request, with the same `Host` (it is signed), and reads the answer to its end.
pub fn relay(request: &Request, port: u16) -> io::Result<Vec<u8>> {
    use std::fmt::Write as _;
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    let own = ["connection", "transfer-encoding", "content-length"];
    for (name, value) in request.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let length = request.body.len();
    let _ = write!(
        head,
        "content-length: {length}
connection: close

"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Answers in the words of the Query protocol.
pub mod xml {
    use super::Reply;

    const REQUEST_ID: &str = "4f1c9bd5-0000-4000-8000-000000000001";

    /// `<ACTIONResponse>` with a result.
    pub fn result(action: &str, inside: &str) -> Reply {
        let body = format!(
            "<{action}Response><{action}Result>{inside}</{action}Result><ResponseMetadata><RequestId>{REQUEST_ID}\
             </RequestId></ResponseMetadata></{action}Response>"
        );
        Reply::new(200, "text/xml", body).with("x-amzn-RequestId", REQUEST_ID)
    }

    /// `<ACTIONResponse>` of a call that returns nothing.
    pub fn empty(action: &str) -> Reply {
        let body = format!(
            "<{action}Response><ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>\
             </{action}Response>"
        );
        Reply::new(200, "text/xml", body).with("x-amzn-RequestId", REQUEST_ID)
    }

    /// A refusal.
    pub fn error(status: u16, code: &str, message: &str) -> Reply {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        );
        Reply::new(status, "text/xml", body).with("x-amzn-RequestId", REQUEST_ID)
    }

    /// The answer to `GetCallerIdentity`.
    pub fn caller(account: &str, arn: &str) -> Reply {
        let inside =
            format!("<Arn>{arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{account}</Account>");
        result("GetCallerIdentity", &inside)
    }
}
