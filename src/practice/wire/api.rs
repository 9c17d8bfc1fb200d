//! IAM, STS and ECR on one port. Which of them a request is for: ECR says so in `X-Amz-Target`, IAM and STS by the
//! `Version` of the Query protocol.

use hyper::Method;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::http::{self, Answer, Asked};
use super::query::Form;
use super::{sigv4, xml};
use crate::practice::account::Service;
use crate::practice::account::input::Input;
use crate::practice::account::refusal::Refusal;
use crate::practice::front::{Front, Reply};
use crate::practice::issuer::uuid;

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.";
const JSON: &str = "application/x-amz-json-1.1";

/// Taken without a signature, since the token in it says who asks (STS model, `authtype: none`).
const UNSIGNED: &str = "AssumeRoleWithWebIdentity";

/// What a request asks for.
struct Wanted {
    service: Service,
    action: String,
    input: Input,
}

/// Answers one request.
pub(super) async fn answer(front: &Front, asked: &Asked) -> Reply<Answer> {
    let (service, wanted) = match asked.header("x-amz-target") {
        Some(target) => (Service::Ecr, target_action(asked, target)),
        None => query(asked),
    };
    let id = uuid(fastrand::u128(..));
    let (action, reply) = match wanted {
        Ok(Wanted { service, action, input }) => {
            let reply = carry_out(front, asked, service, &action, input).await;
            (action, reply)
        }
        Err(refusal) => (String::new(), Reply::Answer(Err(refusal))),
    };
    reply.map(|result| {
        let status = result.as_ref().map_or_else(|refusal| refusal.status, |_| 200);
        let (kind, body) = match (service, result) {
            (Service::Ecr, Ok(output)) => (JSON, output.to_string()),
            // As other JSON 1.1 services of AWS are quoted: the bare name of the exception.
            (Service::Ecr, Err(refusal)) => {
                (JSON, json!({"__type": refusal.code, "message": refusal.message}).to_string())
            }
            (_, Ok(output)) => ("text/xml", xml::output(service, &action, &output, &id)),
            (_, Err(refusal)) => ("text/xml", xml::refusal(service, &refusal, &id)),
        };
        let date = front.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answer = http::with(http::answer(status, kind, body), "x-amzn-requestid", &id);
        http::with(answer, "date", &date)
    })
}

async fn carry_out(
    front: &Front,
    asked: &Asked,
    service: Service,
    action: &str,
    input: Input,
) -> Reply<Result<Value, Refusal>> {
    let is_open = (service, action) == (Service::Sts, UNSIGNED);
    if is_open && !asked.head.headers.contains_key(AUTHORIZATION) {
        let region = front.account().region().to_owned();
        return front.call(service, action, &region, None, input).await;
    }
    let now = front.now();
    let signed = sigv4::verify(&mut front.account(), now, service, &asked.head, &asked.body);
    match signed {
        Ok((caller, region)) => front.call(service, action, &region, Some(caller), input).await,
        Err(refusal) => Reply::Answer(Err(refusal)),
    }
}

fn target_action(asked: &Asked, target: &str) -> Result<Wanted, Refusal> {
    let unknown = || {
        let why = format!("the practice account does not know the operation {target}");
        Refusal::new("UnknownOperationException", why)
    };
    let action = target.strip_prefix(TARGET).ok_or_else(unknown)?;
    if asked.head.method != Method::POST || asked.path() != "/" {
        return Err(unknown());
    }
    let body = if asked.body.is_empty() { b"{}" } else { &asked.body[..] };
    match serde_json::from_slice(body) {
        Ok(input @ Value::Object(_)) => {
            let input = Input::from_json(input);
            Ok(Wanted { service: Service::Ecr, action: action.to_owned(), input })
        }
        _ => Err(Refusal::new("SerializationException", "the body is not a JSON object")),
    }
}

/// The service also where there is nothing to carry out, for the form of the refusal.
fn query(asked: &Asked) -> (Service, Result<Wanted, Refusal>) {
    let body = if asked.head.method == Method::POST { &asked.body[..] } else { b"" };
    let form = match Form::read(asked.query(), body) {
        Ok(form) => form,
        Err(refusal) => return (Service::Iam, Err(refusal)),
    };
    let service = match form.version.as_deref() {
        Some("2010-05-08") => Service::Iam,
        Some("2011-06-15") => Service::Sts,
        // Both services ask for the version.
        None => {
            return (
                Service::Iam,
                Err(Refusal::new(
                    "MissingParameter",
                    "The request must contain the parameter Version",
                )),
            );
        }
        Some(version) => {
            let action = form.action.as_deref().unwrap_or("without a name");
            let why = format!(
                "The requested version ( {version} ) is not valid: the practice account serves IAM, STS and ECR, \
                 and does not know the operation {action}"
            );
            return (Service::Iam, Err(Refusal::new("NoSuchVersion", why)));
        }
    };
    let wanted = || {
        if asked.path() != "/" || !matches!(asked.head.method, Method::GET | Method::POST) {
            return Err(Refusal::new("InvalidAction", "Requests go to the path / by GET or POST"));
        }
        let missing =
            || Refusal::new("MissingAction", "The request must contain the parameter Action");
        let action = form.action.clone().ok_or_else(missing)?;
        Ok(Wanted { service, action, input: form.input()? })
    };
    (service, wanted())
}
