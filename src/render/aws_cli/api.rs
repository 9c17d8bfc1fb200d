//! A call of the API in the words of the AWS CLI: both are made of the same service model, by the rules of botocore's
//! `xform_name` (`botocore/__init__.py`).

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::domain::seen::SentCall;
use crate::domain::visible::is_hidden;
use crate::render::shell::quote;

/// Parameters that are flags of the CLI: `--set-as-default`, `--no-set-as-default`. By IAM's Query protocol they come as text
/// (botocore iam 2010-05-08).
const FLAGS: [&str; 2] = ["SetAsDefault", "PasswordResetRequired"];
/// Parameters that are numbers, which come as text likewise.
const NUMBERS: [&str; 1] = ["MaxSessionDuration"];
/// Parameters that are lists: an empty one comes as an empty text.
const LISTS: [&str; 4] = ["ClientIDList", "Tags", "TagKeys", "ThumbprintList"];
/// Parameters that are secrets, and what stands in their place.
const SECRETS: [&str; 5] =
    ["Password", "OldPassword", "NewPassword", "WebIdentityToken", "SecretAccessKey"];
const LEFT_OUT: &str = "LEFT_OUT";

/// The command that sends the same call. What is a secret is left out of it.
#[must_use]
pub fn command(call: &SentCall) -> String {
    let (service, action) = call.call.split_once(':').unwrap_or(("", &call.call));
    // What is of many lines stands at the end, where it does not bury the rest.
    let (documents, rest): (Vec<_>, Vec<_>) =
        call.input.iter().partition(|(key, _)| key.ends_with("Document"));
    let of_type = |(key, value): (&String, &Value)| (key.clone(), typed(key, value));
    let mut input: Map<String, Value> = rest.into_iter().chain(documents).map(of_type).collect();
    if action == "CreateLoginProfile" {
        input.insert("Password".to_owned(), LEFT_OUT.into());
    }
    line(&quote(&service.to_lowercase()), action, &input)
}

/// The command of a service for an action with these parameters.
pub(super) fn line(service: &str, action: &str, input: &Map<String, Value>) -> String {
    let name = quote(&words(action));
    let arguments: Option<Vec<String>> =
        input.iter().map(|(key, value)| argument(key, value)).collect();
    let arguments = arguments.map(|list| list.join(" "));
    // Some values the CLI would not take to the letter as an option's.
    let arguments = arguments.unwrap_or_else(|| {
        let whole = seen(&Value::Object(input.clone()).to_string());
        format!("--cli-input-json {}", quote(&whole))
    });
    format!("aws {service} {name} {arguments}").trim_end().to_owned()
}

/// A name of the API as words with hyphens: before a capital that begins a word, or that follows a small letter or a digit. A
/// last word such as `ARNs` stays whole.
fn words(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let mut plural = String::new();
    if letters.last() == Some(&'s') {
        let capitals = letters.iter().rev().skip(1).take_while(|c| c.is_ascii_uppercase()).count();
        if capitals >= 2 {
            let tail: String = letters.split_off(letters.len() - capitals - 1).iter().collect();
            plural = format!("-{}", tail.to_lowercase());
        }
    }
    let mut out = String::new();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let follows = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let begins = before.is_some() && letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (follows || begins) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out + &plural
}

/// The value as the service model has its type.
fn typed(key: &str, value: &Value) -> Value {
    if SECRETS.contains(&key) {
        return LEFT_OUT.into();
    }
    let Value::String(text) = value else { return value.clone() };
    match text.as_str() {
        "" if LISTS.contains(&key) => Value::Array(Vec::new()),
        "true" | "false" if FLAGS.contains(&key) => Value::Bool(text == "true"),
        text if NUMBERS.contains(&key) => {
            text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

/// The option with its value as one word, or `None` where the CLI would read the value otherwise, as an option or as the place
/// of the value, or where nobody could see all of it.
fn argument(key: &str, value: &Value) -> Option<String> {
    let option = quote(&format!("--{}", words(key)));
    match value {
        Value::Bool(true) => Some(option),
        Value::Bool(false) => Some(quote(&format!("--no-{}", words(key)))),
        Value::String(text) if text.starts_with('-') || is_place(key, text) => None,
        Value::String(text) if text.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t')) => {
            None
        }
        Value::String(text) => Some(format!("{option} {}", quote(text))),
        // Lists go as JSON, which keeps every value to the letter.
        other => Some(format!("{option} {}", quote(&seen(&other.to_string())))),
    }
}

/// A file, which every version reads, or a URL, which version 1 of the CLI fetches (`cli_follow_urlparam`) but for
/// options that are URLs by nature.
fn is_place(key: &str, text: &str) -> bool {
    let is = |schemes: &[&str]| schemes.iter().any(|scheme| text.starts_with(scheme));
    is(&["file://", "fileb://"]) || key != "Url" && is(&["http://", "https://"])
}

/// JSON with every character written out that cannot be seen; it means the same.
fn seen(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(call: &str, input: Value) -> String {
        let Value::Object(input) = input else { panic!("{input}") };
        command(&SentCall { at: 0, call: call.to_owned(), input, refused: None })
    }

    /// As botocore 1.43 has them.
    #[test]
    fn names_become_the_words_of_the_cli() {
        for (name, wanted) in [
            ("CreateOpenIDConnectProvider", "create-open-id-connect-provider"),
            ("AddClientIDToOpenIDConnectProvider", "add-client-id-to-open-id-connect-provider"),
            ("ClientIDList", "client-id-list"),
            ("ClientID", "client-id"),
            ("OpenIDConnectProviderArn", "open-id-connect-provider-arn"),
            ("UpdateSAMLProvider", "update-saml-provider"),
            ("UploadSSHPublicKey", "upload-ssh-public-key"),
            ("SSHPublicKeyId", "ssh-public-key-id"),
            ("GetMFADevice", "get-mfa-device"),
            ("ListCreateARNs", "list-create-arns"),
            ("repositoryName", "repository-name"),
            ("imageIds", "image-ids"),
            ("EC2InstanceId", "ec2-instance-id"),
            ("S3Bucket", "s3-bucket"),
            ("role", "role"),
            ("", ""),
        ] {
            assert_eq!(words(name), wanted, "{name}");
        }
    }

    #[test]
    fn values_are_of_their_types_and_to_the_letter() {
        let document = "{\n\t\"it's\": 1\n}";
        for (call, input, wanted) in [
            ("iam:CreateRole", json!({}), "aws iam create-role"),
            (
                "iam:UpdateAssumeRolePolicy",
                json!({"RoleName": "r", "PolicyDocument": document}),
                "aws iam update-assume-role-policy --role-name r --policy-document '{\n\t\"it'\\''s\": 1\n}'",
            ),
            (
                "iam:CreatePolicyVersion",
                json!({"PolicyArn": "arn:aws:iam::112233445566:policy/p", "SetAsDefault": "true"}),
                "aws iam create-policy-version --policy-arn arn:aws:iam::112233445566:policy/p --set-as-default",
            ),
            (
                "iam:CreatePolicyVersion",
                json!({"SetAsDefault": "false"}),
                "aws iam create-policy-version --no-set-as-default",
            ),
            (
                "iam:CreateOpenIDConnectProvider",
                json!({"ClientIDList": "", "Url": "https://a.example"}),
                "aws iam create-open-id-connect-provider --client-id-list '[]' --url https://a.example",
            ),
            (
                "ecr:DeleteRepository",
                json!({"repositoryName": "a/b", "force": true}),
                "aws ecr delete-repository --repository-name a/b --force",
            ),
            (
                "iam:TagRole",
                json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": "a\u{202e}b"}]}),
                "aws iam tag-role --role-name r --tags '[{\"Key\":\"k\",\"Value\":\"a\\u202eb\"}]'",
            ),
            // What the CLI would take for something else, or a reader would not see.
            (
                "iam:UpdateRole",
                json!({"RoleName": "-r", "MaxSessionDuration": "3600"}),
                "aws iam update-role --cli-input-json '{\"RoleName\":\"-r\",\"MaxSessionDuration\":3600}'",
            ),
            (
                "iam:UpdateRole",
                json!({"Description": "a\u{1b}[2J\u{e0041}"}),
                "aws iam update-role --cli-input-json '{\"Description\":\"a\\u001b[2J\\udb40\\udc41\"}'",
            ),
            (
                "iam:AddClientIDToOpenIDConnectProvider",
                json!({"ClientID": "https://okteto.example.com"}),
                "aws iam add-client-id-to-open-id-connect-provider --cli-input-json '{\"ClientID\":\"https://okteto.example.com\"}'",
            ),
            ("x y:Do It; rm", json!({}), "aws 'x y' 'do -it; rm'"),
        ] {
            assert_eq!(sent(call, input), wanted);
        }
    }

    #[test]
    fn no_secret_is_in_a_command() {
        for (call, input) in [
            ("iam:CreateLoginProfile", json!({"UserName": "u", "Password": "hunter2-hunter2"})),
            ("iam:CreateLoginProfile", json!({"UserName": "-u"})),
            ("iam:UpdateLoginProfile", json!({"UserName": "-u", "Password": "hunter2-hunter2"})),
            ("sts:AssumeRoleWithWebIdentity", json!({"WebIdentityToken": "hunter2-hunter2"})),
        ] {
            let line = sent(call, input);
            assert!(!line.contains("hunter2") && line.contains(LEFT_OUT), "{line}");
        }
    }
}
