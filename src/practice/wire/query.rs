//! The Query protocol's form, read into parameters: `A=1`, `A.member.1=x`, `A.member.1.Key=k`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::practice::account::input::Input;
use crate::practice::account::refusal::Refusal;

/// More than any shape of the services needs; deeper keys would only burden the reader.
const DEPTH: usize = 12;

/// A form as the Query protocol has it.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) action: Option<String>,
    pub(super) version: Option<String>,
    fields: Node,
}

/// A part of a key may carry a text, or more parts.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    parts: BTreeMap<String, Node>,
}

impl Form {
    /// Reads the query of the URL and the body.
    ///
    /// # Errors
    /// A key stands there twice, or cannot be one: `MalformedInput`, as IAM refuses what it cannot take apart.
    pub(super) fn read(query: &str, body: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Node::default();
        let pairs = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(body));
        for (key, value) in pairs {
            if key.split('.').count() > DEPTH {
                return Err(malformed(&key));
            }
            let node = key
                .split('.')
                .fold(&mut fields, |node, part| node.parts.entry(part.to_owned()).or_default());
            if node.text.replace(value.into_owned()).is_some() {
                return Err(malformed(&key));
            }
        }
        let mut take = |name| fields.parts.remove(name).and_then(|node| node.text);
        Ok(Self { action: take("Action"), version: take("Version"), fields })
    }

    /// The parameters.
    ///
    /// # Errors
    /// `MalformedInput`
    pub(super) fn input(self) -> Result<Input, Refusal> {
        self.fields.structure().map(Input)
    }
}

impl Node {
    fn structure(self) -> Result<Map<String, Value>, Refusal> {
        self.parts.into_iter().map(|(name, node)| Ok((name.clone(), node.value(&name)?))).collect()
    }

    fn value(mut self, name: &str) -> Result<Value, Refusal> {
        let members = self.parts.remove("member");
        match (self.text, members, self.parts.is_empty()) {
            (Some(text), None, true) => Ok(Value::String(text)),
            (None, Some(members), true) => members.list(name),
            (None, None, false) => {
                let parts = Self { text: None, parts: self.parts };
                parts.structure().map(Value::Object)
            }
            _ => Err(malformed(name)),
        }
    }

    /// Members by their numbers, which count from 1 without a gap.
    fn list(self, name: &str) -> Result<Value, Refusal> {
        if self.text.is_some() {
            return Err(malformed(name));
        }
        let mut members = self
            .parts
            .into_iter()
            .map(|(number, node)| Ok((number.parse::<usize>().map_err(|_| malformed(name))?, node)))
            .collect::<Result<Vec<_>, Refusal>>()?;
        members.sort_by_key(|(number, _)| *number);
        let counts = members.iter().zip(1..).all(|((number, _), count)| *number == count);
        if !counts {
            return Err(malformed(name));
        }
        members
            .into_iter()
            .map(|(_, node)| node.value(name))
            .collect::<Result<_, _>>()
            .map(Value::Array)
    }
}

fn malformed(key: &str) -> Refusal {
    Refusal::new("MalformedInput", format!("The parameter {key} is given twice or cannot be read"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(form: &str) -> Result<Value, Refusal> {
        Form::read("", form.as_bytes())?.input().map(|input| Value::Object(input.0))
    }

    #[test]
    fn keys_become_lists_and_structures() {
        for (form, wanted) in [
            ("", json!({})),
            ("RoleName=a+b%2Bc", json!({"RoleName": "a b+c"})),
            ("ClientIDList=", json!({"ClientIDList": ""})),
            ("L.member.2=b&L.member.1=a", json!({"L": ["a", "b"]})),
            (
                "Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=&Tags.member.2.Value=w",
                json!({"Tags": [{"Key": "k", "Value": "v"}, {"Key": "", "Value": "w"}]}),
            ),
            ("E.member.1.ContextKeyValues.member.1=x", json!({"E": [{"ContextKeyValues": ["x"]}]})),
            ("S.A=1&S.B.C=2", json!({"S": {"A": "1", "B": {"C": "2"}}})),
        ] {
            assert_eq!(input(form).unwrap(), wanted, "{form}");
        }
        let eleven: Vec<_> = (1..=11).map(|n| format!("L.member.{n}={n}")).collect();
        assert_eq!(input(&eleven.join("&")).unwrap()["L"][10], "11");
    }

    #[test]
    fn what_cannot_be_taken_apart_is_refused() {
        let deep = format!("{}=1", vec!["a"; 100_000].join("."));
        for form in [
            "A=1&A=2",
            "A=1&A.B=2",
            "A.B=1&A.member.1=2",
            "A.member=1",
            "A.member.x=1",
            "A.member.0=1",
            "A.member.2=1",
            "A.member.1=1&A.member.01=2",
            "A.member.1=1&A.member.1.Key=2",
            &deep,
        ] {
            let refusal = input(form).unwrap_err();
            assert_eq!((refusal.code, refusal.status), ("MalformedInput", 400));
        }
    }

    #[test]
    fn action_and_version_are_no_parameters() {
        let form = Form::read("Version=2010-05-08", b"Action=GetRole&RoleName=r").unwrap();
        assert_eq!(form.action.as_deref(), Some("GetRole"));
        assert_eq!(form.version.as_deref(), Some("2010-05-08"));
        assert_eq!(Value::Object(form.input().unwrap().0), json!({"RoleName": "r"}));
    }
}
