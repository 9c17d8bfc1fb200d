//! Why the outside said no: cause, evidence, remedy, and whether waiting helps.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

mod cause;

pub use cause::Cause;

/// A classified refusal of the outside world. The error type of every port.
///
/// JSON shape: `{cause, message, evidence, remedy, request_id?, waiting_helps, also?: [fault]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of refusal this is.
    pub cause: Cause,
    /// What was tried and what came back, one sentence, understandable by itself.
    pub message: String,
    /// The facts behind it: `code`, `status`, `action`, `resource`, `aws_said`, `wanted`, `got`, …
    pub evidence: BTreeMap<String, String>,
    /// What mends it in particular, as an instruction. What is shown is [`Fault::what_to_do`].
    pub remedy: Option<String>,
    /// AWS's request id, where there was an answer.
    pub request_id: Option<String>,
    /// What else is wrong: once this one is mended, that one still stands in the way.
    pub also: Option<Box<Self>>,
}

impl Fault {
    /// A fault with a cause and a sentence; evidence, remedy and request id are added by the methods below.
    pub fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            evidence: BTreeMap::new(),
            remedy: None,
            request_id: None,
            also: None,
        }
    }

    /// Adds one fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.evidence.insert(key.to_owned(), value.into());
        self
    }

    /// Says what mends it.
    #[must_use]
    pub fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy = Some(text.into());
        self
    }

    /// What mends it, as an instruction: the particular remedy, or else that of the cause.
    #[must_use]
    pub fn what_to_do(&self) -> &str {
        self.remedy.as_deref().unwrap_or_else(|| self.cause.remedy())
    }

    /// Notes the request id of the answer.
    #[must_use]
    pub fn request(mut self, id: Option<impl Into<String>>) -> Self {
        self.request_id = id.map(Into::into);
        self
    }

    /// Adds another fault behind this one and those behind it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let last = self.also.take();
        self.also = Some(Box::new(match last {
            Some(next) => next.and(other),
            None => other,
        }));
        self
    }

    /// Several faults as one, the first at its head; `None` of none.
    pub fn chain(faults: impl IntoIterator<Item = Self>) -> Option<Self> {
        faults.into_iter().reduce(Self::and)
    }

    /// What else is wrong, in its order.
    pub fn others(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(self.also.as_deref(), |fault| fault.also.as_deref())
    }

    /// Whether the same request may succeed later without anybody changing anything.
    #[must_use]
    pub fn waiting_helps(&self) -> bool {
        self.cause.waiting_helps()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Serialize for Fault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cause", self.cause.slug())?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("evidence", &self.evidence)?;
        map.serialize_entry("remedy", self.what_to_do())?;
        if let Some(id) = &self.request_id {
            map.serialize_entry("request_id", id)?;
        }
        map.serialize_entry("waiting_helps", &self.waiting_helps())?;
        // The chain is told as one list, by the fault at its head.
        let others: Vec<Self> =
            self.others().map(|fault| Self { also: None, ..fault.clone() }).collect();
        if !others.is_empty() {
            map.serialize_entry("also", &others)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_distinct_and_a_fault_prints_the_promised_object() {
        let slugs: std::collections::BTreeSet<_> = Cause::ALL.iter().map(|c| c.slug()).collect();
        assert_eq!(slugs.len(), Cause::ALL.len());
        let fault = Fault::new(Cause::Throttled, "too fast")
            .with("code", "Throttling")
            .request(Some("r-1"));
        assert_eq!(
            serde_json::to_string(&fault).unwrap(),
            r#"{"cause":"throttled","message":"too fast","evidence":{"code":"Throttling"},"remedy":"wait a moment, then try again","request_id":"r-1","waiting_helps":true}"#
        );
        let others = ["one", "two"].map(|message| Fault::new(Cause::Throttled, message));
        let fault = Fault::chain([vec![fault], others.to_vec()].concat()).unwrap();
        assert_eq!(fault.others().map(|f| f.message.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        let told = serde_json::to_value(&fault).unwrap();
        assert_eq!((told["also"][1]["message"].as_str(), told["also"].get(2)), (Some("two"), None));
        assert!(told["also"][0].get("also").is_none());
    }
}
