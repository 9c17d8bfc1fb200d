//! What the practice account answers to what Okteto's tutorial prints: on an account of its own, in memory.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::tutorial::{HIDDEN, PrintedCall, Said};
use crate::practice::account::input::Input;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::{Account, Ask, Principal, Service};
use crate::practice::front::Front;
use crate::practice::issuer::{LIFE, TokenRequest};
use crate::practice::scene::Scene;

/// What nobody has to see of an answer.
const SECRET: [&str; 2] = ["SecretAccessKey", "SessionToken"];
/// What the AWS CLI prints as a document, although it comes percent-encoded (botocore, `decode_policy`).
const DOCUMENT: &str = "AssumeRolePolicyDocument";

/// Answers the calls one after the other, on the tutorial's world. The account behind the front is not touched; only the
/// keys of its issuers are used again, because making them takes a while.
pub(super) fn said(front: &Front, calls: &[PrintedCall]) -> Vec<Said> {
    let scene = Scene::default();
    let operator = scene.users.first().map(|user| Principal::User(user.name.clone()));
    let mut account = front.account().renewed(&scene);
    let audience = listed(calls);
    calls
        .iter()
        .map(|call| {
            let answer = one(&mut account, front.now(), operator.as_ref(), &audience, call);
            answer.map_or_else(
                |refusal| {
                    let Refusal { code, message, status } = refusal;
                    Said::Refused { code: code.to_owned(), message, status }
                },
                |answer| Said::Done(printable(answer)),
            )
        })
        .collect()
}

fn one(
    account: &mut Account,
    now: Timestamp,
    operator: Option<&Principal>,
    audience: &str,
    call: &PrintedCall,
) -> Result<Value, Refusal> {
    let (service, action) = call.call.split_once(':').unwrap_or_default();
    let (service, is_signed) = match service {
        "iam" => (Service::Iam, true),
        // By a token, and without a signature.
        "sts" if action == "AssumeRoleWithWebIdentity" => (Service::Sts, false),
        "sts" => (Service::Sts, true),
        _ => (Service::Ecr, true),
    };
    let mut input = call.input.clone();
    if !is_signed && !input.contains_key("WebIdentityToken") {
        input.extend(token(account, now, audience));
    }
    let ask = Ask {
        now,
        service,
        action: action.to_owned(),
        region: account.region().to_owned(),
        caller: operator.filter(|_| is_signed).cloned(),
        input: Input(input),
    };
    account.call(&ask)
}

/// The token that Okteto's service account shows.
fn token(account: &Account, now: Timestamp, audience: &str) -> Map<String, Value> {
    let (issuer, subject) = account.okteto();
    let issuer = account.issuers().into_iter().find(|one| one.url == issuer);
    let request = TokenRequest::new(subject, &[audience], LIFE);
    let token = issuer.and_then(|issuer| issuer.sign(now, &request).ok());
    token
        .map(|token| ("WebIdentityToken".to_owned(), Value::from(token.expose())))
        .into_iter()
        .collect()
}

/// The audience that the calls register: the one that Okteto's tokens are for.
fn listed(calls: &[PrintedCall]) -> String {
    let list = |call: &PrintedCall| {
        let first = call.input.get("ClientIDList")?.as_array()?.first()?;
        first.as_str().map(str::to_owned)
    };
    calls.iter().find_map(list).unwrap_or_default()
}

/// The answer as the AWS CLI prints it, without what is secret in it.
fn printable(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                *value = match value.take() {
                    Value::String(_) if SECRET.contains(&name.as_str()) => HIDDEN.into(),
                    Value::String(text) if name == DOCUMENT => document(&text),
                    other => printable(other),
                };
            }
        }
        Value::Array(list) => {
            for value in list {
                *value = printable(value.take());
            }
        }
        _ => {}
    }
    answer
}

fn document(text: &str) -> Value {
    let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.as_ref()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::draft::Mode;
    use crate::domain::inventory::Inventory;
    use crate::domain::plan::{Choices, Stamp, plan};
    use crate::domain::sample;
    use crate::domain::tutorial::passages;

    fn front() -> Front {
        let now = || Timestamp::constant(1_767_323_045, 0);
        Front::new(Account::new(&Scene::default()), Arc::new(now))
    }

    #[test]
    fn what_is_printed_is_answered_as_the_table_says() {
        let front = front();
        for passage in passages() {
            for trial in passage.trials {
                let answers = said(&front, &(trial.calls)());
                let code = match answers.last() {
                    Some(Said::Refused { code, .. }) => Some(code.as_str()),
                    Some(Said::Done(_)) => None,
                    None => panic!("{} asks nothing", trial.title),
                };
                assert_eq!(code, trial.refused, "{}: {}: {answers:?}", passage.title, trial.title);
            }
        }
    }

    #[test]
    fn what_is_sent_is_accepted_in_its_order() {
        let stamp = Stamp { run: "r".to_owned(), version: "0".to_owned() };
        let caller = sample::caller();
        for intent in [sample::intent().into(), sample::user_intent().into()] {
            let plan = plan(&intent, &Inventory::default(), &caller, &stamp, &Choices::default());
            let operations = plan.changes().filter_map(|step| step.operation.as_ref());
            let calls: Vec<PrintedCall> = operations
                .map(|operation| PrintedCall {
                    call: operation.call().to_owned(),
                    input: operation.request().as_object().cloned().unwrap_or_default(),
                })
                .collect();
            assert!(calls.len() >= 3, "{calls:?}");
            let answers = said(&front(), &calls);
            assert!(answers.iter().all(|said| matches!(said, Said::Done(_))), "{answers:?}");
        }
    }

    #[test]
    fn an_answer_is_whole_and_holds_no_secret() {
        let front = front();
        let mut secrets = 0;
        for trial in passages().flat_map(|passage| passage.trials) {
            for answer in said(&front, &(trial.calls)()) {
                let Said::Done(value) = answer else { continue };
                let text = value.to_string();
                for name in SECRET {
                    let shown = format!("\"{name}\":\"");
                    secrets += text.matches(&shown).count();
                    let hidden = text.matches(&format!("{shown}{HIDDEN}\"")).count();
                    assert_eq!(text.matches(&shown).count(), hidden, "{text}");
                }
                // Documents are read, not percent-encoded.
                assert!(!text.contains("%7B"), "{text}");
            }
        }
        assert!(secrets >= 3, "a user's key and a role's session");
    }

    #[test]
    fn the_account_itself_is_left_alone() {
        let front = front();
        let user = passages().find(|passage| passage.way == Mode::IamUser).unwrap();
        for _ in 0..2 {
            // Were it the same account, the second would be refused.
            let answers = said(&front, &(user.trials[0].calls)());
            assert!(matches!(answers[..], [Said::Done(_)]), "{answers:?}");
        }
    }
}
