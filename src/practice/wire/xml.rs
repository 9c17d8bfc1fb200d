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

/// A carriage return would be read as a line feed, were it not escaped (XML 1.0, section 2.11). What XML cannot hold at
/// all (section 2.2) is replaced: a refusal repeats what it was sent, whatever that was.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    match quick_xml::escape::escape(text) {
        escaped if escaped.contains(|c| c == '\r' || is_odd(c)) => {
            escaped.replace('\r', "&#xD;").replace(is_odd, "\u{FFFD}").into()
        }
        escaped => escaped,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outputs_are_written_as_the_query_protocol_has_them() {
        let role = json!({
            "Role": {"RoleName": "a&b", "MaxSessionDuration": 3600, "Description": null, "Tags": [{"Key": "k"}]},
            "Names": ["x", "y"],
            "None": [],
            "IsTruncated": false,
        });
        assert_eq!(
            output(Service::Iam, "GetRole", &role, "id"),
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>\
             <RoleName>a&amp;b</RoleName><MaxSessionDuration>3600</MaxSessionDuration>\
             <Tags><member><Key>k</Key></member></Tags></Role>\
             <Names><member>x</member><member>y</member></Names><None></None>\
             <IsTruncated>false</IsTruncated></GetRoleResult>\
             <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetRoleResponse>"
        );
        assert_eq!(
            output(Service::Sts, "Nothing", &Value::Null, "id"),
            "<NothingResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><ResponseMetadata>\
             <RequestId>id</RequestId></ResponseMetadata></NothingResponse>"
        );
        let summary = output(Service::Iam, "S", &json!({"SummaryMap": {"Roles": 1}}), "id");
        assert!(
            summary.contains(
                "<SummaryMap><entry><key>Roles</key><value>1</value></entry></SummaryMap>"
            ),
            "{summary}"
        );
    }

    #[test]
    fn refusals_say_whose_fault_it_is_and_escape_their_words() {
        let no = Refusal::new("ValidationError", "'<\r\n>'");
        assert_eq!(
            refusal(Service::Iam, &no, "id"),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>ValidationError</Code><Message>&apos;&lt;&#xD;\n&gt;&apos;</Message></Error>\
             <RequestId>id</RequestId></ErrorResponse>"
        );
        assert_eq!(escape("a\u{1B}[31m\u{0}\t\u{9B}"), "a\u{FFFD}[31m\u{FFFD}\t\u{9B}");
        let failed = refusal(Service::Sts, &Refusal::new("InternalFailure", ""), "id");
        assert!(failed.contains("<Type>Receiver</Type>"), "{failed}");
    }
}
