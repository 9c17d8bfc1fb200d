//! A printed command as a POSIX shell and the AWS CLI make a call of it.
//!
//! As far as the tutorial needs it: lines joined by a backslash, double quotes, `${NAME}`, `file://`. A variable that is
//! not set is empty, and what a file holds is sent as it is: neither the shell nor the CLI fills anything in there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::PrintedCall;

/// Variables of a shell.
pub type Variables = BTreeMap<&'static str, &'static str>;

/// What the `export` lines of a text set.
pub fn exports(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='))
}

/// The text with its variables filled in, as the shell does it on a command line, and as a reader does it by hand in a file.
#[must_use]
pub fn expanded(text: &str, variables: &Variables) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(variables.get(name).copied().unwrap_or_default());
        rest = behind;
    }
    out + rest
}

/// The calls of the `aws` commands in a text, in their order. `file` is what every `file://` names.
#[must_use]
pub fn calls(text: &str, variables: &Variables, file: &str) -> Vec<PrintedCall> {
    let joined = text.replace("\\\n", " ");
    joined.lines().filter_map(|line| call(&words(line, variables), file)).collect()
}

/// The words of a command line: double quotes keep spaces, and are gone.
fn words(line: &str, variables: &Variables) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in expanded(line, variables).chars() {
        match (c, words.last_mut()) {
            ('"', _) => quoted = !quoted,
            (' ', _) if !quoted => words.push(String::new()),
            (c, Some(word)) => word.push(c),
            (_, None) => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `aws SERVICE COMMAND --option value …`
fn call(words: &[String], file: &str) -> Option<PrintedCall> {
    let [aws, service, command, options @ ..] = words else { return None };
    if aws != "aws" {
        return None;
    }
    let mut input = Map::new();
    for pair in options.chunks(2) {
        let [option, value] = pair else { continue };
        let name = api(option.trim_start_matches('-'));
        let value = if value.starts_with("file://") { file } else { value };
        let is_list = name.ends_with("List");
        input.insert(name, if is_list { Value::from(vec![value]) } else { Value::from(value) });
    }
    Some(PrintedCall { call: format!("{service}:{}", api(command)), input })
}

/// The API's name for a name of the CLI, which derives its own from it (`xform_name` of botocore).
fn api(name: &str) -> String {
    let mut out = String::new();
    for word in name.split('-') {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        out.push_str(&first.to_ascii_uppercase());
        out.push_str(rest);
    }
    out.replace("OpenId", "OpenID").replace("ClientId", "ClientID")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_becomes_the_call_that_the_cli_sends() {
        let variables = Variables::from([("U", "https://a b")]);
        let text = "# no command\naws iam create-open-id-connect-provider \\\n--url \"${U}\" --client-id-list x${NOT}\n{";
        let expected = json!({"Url": "https://a b", "ClientIDList": ["x"]});
        let [call] = &calls(text, &variables, "")[..] else { panic!("one call") };
        assert_eq!(call.call, "iam:CreateOpenIDConnectProvider");
        assert_eq!(Value::Object(call.input.clone()), expected);
    }

    #[test]
    fn a_file_is_sent_as_it_is() {
        let text = "aws iam create-role --role-name r --assume-role-policy-document file://x";
        let variables = Variables::from([("A", "filled")]);
        let [call] = &calls(text, &variables, "${A}")[..] else { panic!("one call") };
        assert_eq!(call.input["AssumeRolePolicyDocument"], "${A}");
        assert_eq!(expanded("<${A}|${B}>", &variables), "<filled|>");
    }

    #[test]
    fn exports_are_read_to_the_letter() {
        let read: Vec<_> = exports("export A=b=c\nB=d\nexport C=").collect();
        assert_eq!(read, [("A", "b=c"), ("C", "")]);
    }
}
