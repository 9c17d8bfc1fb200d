//! The Query protocol's answers. Lists are `<member>`s, maps are `<entry>`s, what is null is left out.

use std::borrow::Cow;

use serde_json::Value;

use crate::practice::account::Service;
use crate::practice::account::refusal::Refusal;

/// The members of outputs that are maps in the models (botocore, `summaryMapType` and `EvalDecisionDetailsType`); any
/// other object is a structure. No list among them is flattened, and none is renamed.
const MAPS: &[&str] = &["SummaryMap", "EvalDecisionDetails"];

/// The answer to a call that was carried out. An output that is null is of an action that has none.
pub(super) fn output(service: Service, action: &str, output: &Value, id: &str) -> String {
    let mut text = format!("<{action}Response xmlns=\"{}\">", namespace(service));
    if !output.is_null() {
        element(&mut text, &format!("{action}Result"), output);
    }
    text + &format!(
        "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// The answer to one that was not.
pub(super) fn refusal(service: Service, refusal: &Refusal, id: &str) -> String {
    let kind = if refusal.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{id}</RequestId></ErrorResponse>",
        namespace(service),
        refusal.code,
        escape(&refusal.message),
    )
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::Iam | Service::Ecr => "https://iam.amazonaws.com/doc/2010-05-08/",
    }
}

fn element(text: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    text.extend(["<", name, ">"]);
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
        Value::String(value) => text.push_str(&escape(value)),
        Value::Array(members) => members.iter().for_each(|value| element(text, "member", value)),
        Value::Object(entries) if MAPS.contains(&name) => {
            for (key, value) in entries {
                text.extend(["<entry><key>", &escape(key), "</key>"]);
                element(text, "value", value);
                text.push_str("</entry>");
            }
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| element(text, name, value));
        }
    }
    text.extend(["</", name, ">"]);
}

/// A carriage return would be read as a line feed, were it not escaped (XML 1.0, section 2.11).
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    match quick_xml::escape::escape(text) {
        escaped if escaped.contains('\r') => escaped.replace('\r', "&#xD;").into(),
        escaped => escaped,
    }
}
