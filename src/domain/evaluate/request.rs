//! What is asked of a policy: who, what, on what, and under which circumstances.

use std::collections::BTreeMap;

/// A request to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub asker: &'a Asker,
    /// Such as `ecr:BatchGetImage`.
    pub action: &'a str,
    /// The ARN, or `*` for what no resource can scope.
    pub resource: &'a str,
    /// Condition keys and their values.
    pub context: &'a Context,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// Nobody known.
    Anonymous,
    /// An account's root, by account id.
    Root(String),
    /// An IAM user, by ARN.
    User(String),
    /// A session of a role.
    Session {
        /// ARN of the role: `arn:…:iam::…:role/PATH/NAME`.
        role: String,
        /// ARN of the session: `arn:…:sts::…:assumed-role/NAME/SESSION`.
        session: String,
    },
    /// The holder of a token, by the ARN of the identity provider that vouches for it.
    Federated(String),
    /// An AWS service, such as `ec2.amazonaws.com`.
    Service(String),
}

/// Condition keys with their values. The names compare without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Sets a key. A key without a value is as good as absent.
    pub fn set<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            self.0.remove(&key.to_lowercase());
        } else {
            self.0.insert(key.to_lowercase(), values);
        }
    }

    /// The same with one key more.
    #[must_use]
    pub fn with<V: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.set(key, values);
        self
    }

    /// The values of a key; `None` if it is absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_lowercase()).map(Vec::as_slice)
    }
}
