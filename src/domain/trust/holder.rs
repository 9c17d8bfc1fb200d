//! Who knocks: the claims of a web token, any of which may be absent.

use serde_json::{Map, Value, json};

use crate::domain::claims::Claims;
use crate::domain::evaluate::Context;
use crate::domain::issuer::is_shared;

/// The claims that STS makes condition keys of, whoever the issuer is (IAM user guide, "IAM and AWS STS condition context
/// keys").
pub(super) const CLAIMS: [&str; 4] = ["aud", "sub", "amr", "azp"];

/// Whether a condition key is filled by the request, such as `aws:SourceIp`, so that no token tells of it.
#[must_use]
pub fn is_of_request(key: &str) -> bool {
    ["aws:", "sts:"].iter().any(|service| key.to_ascii_lowercase().starts_with(service))
}

/// Whether AWS may make a key of another claim: it knows more of issuers that many share, and `email` is reported of others.
pub(super) fn may_be_key(provider: &str, claim: &str) -> bool {
    is_shared(provider) || claim.eq_ignore_ascii_case("email")
}

/// What the claims say that STS looks at. Nothing is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// `iss`, with its `https://`.
    pub issuer: Option<String>,
    /// `aud`, one or several (Kubernetes always sends an array); empty is absent.
    pub audiences: Vec<String>,
    /// `azp`, which STS compares in place of `aud` where present.
    pub party: Option<String>,
    /// `sub`.
    pub subject: Option<String>,
    /// `amr`.
    pub methods: Vec<String>,
}

impl Holder {
    /// A holder with the three claims that every token of a service account has.
    #[must_use]
    pub fn new(issuer: &str, audience: &str, subject: &str) -> Self {
        Self {
            issuer: Some(issuer.to_owned()),
            audiences: vec![audience.to_owned()],
            subject: Some(subject.to_owned()),
            ..Self::default()
        }
    }

    /// Reads an object of claims. Other claims than these are passed over: STS makes no condition key of them (IAM user
    /// guide, "IAM and AWS STS condition context keys").
    ///
    /// # Errors
    /// The claim that has a type it cannot have, in words.
    pub fn read(claims: &Map<String, Value>) -> Result<Self, String> {
        let text = |name: &str| match claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("the claim {name} is not a text")),
        };
        let texts = |name: &str| match claims.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(list)) => list
                .iter()
                .map(|v| v.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| format!("the claim {name} holds something that is not a text")),
            Some(_) => Err(format!("the claim {name} is neither a text nor a list of texts")),
        };
        Ok(Self {
            issuer: text("iss")?,
            audiences: texts("aud")?,
            party: text("azp")?,
            subject: text("sub")?,
            methods: texts("amr")?,
        })
    }

    /// The name that the provider of this issuer has: the issuer without `https://`.
    #[must_use]
    pub fn provider_name(&self) -> Option<&str> {
        self.issuer.as_deref().map(|issuer| issuer.strip_prefix("https://").unwrap_or(issuer))
    }

    /// The audiences as STS takes them: `azp` in place of `aud` where a token has it (IAM user guide on Google's;
    /// aws/aws-sdk-net#3100 for others), with the claim's name.
    #[must_use]
    pub fn named_audiences(&self) -> (&'static str, &[String]) {
        match &self.party {
            Some(party) => ("azp", std::slice::from_ref(party)),
            None => ("aud", &self.audiences),
        }
    }

    /// The condition keys that STS makes of the claims: `aud`, `sub`, `amr`, `azp`, after the provider's name, and no
    /// others (IAM user guide, "IAM and AWS STS condition context keys").
    #[must_use]
    pub fn context(&self) -> Context {
        let Some(name) = self.provider_name() else { return Context::default() };
        Context::default()
            .with(&format!("{name}:aud"), self.named_audiences().1.to_vec())
            .with(&format!("{name}:sub"), self.subject.clone())
            .with(&format!("{name}:amr"), self.methods.clone())
            .with(&format!("{name}:azp"), self.party.clone())
    }

    /// The claims as an object, those that are there.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut claims = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value);
            }
        };
        let list = |list: &[String]| (!list.is_empty()).then(|| json!(list));
        put("iss", self.issuer.as_ref().map(|v| json!(v)));
        put("aud", list(&self.audiences));
        put("azp", self.party.as_ref().map(|v| json!(v)));
        put("sub", self.subject.as_ref().map(|v| json!(v)));
        put("amr", list(&self.methods));
        Value::Object(claims)
    }
}

impl From<&Claims> for Holder {
    fn from(claims: &Claims) -> Self {
        Self {
            issuer: Some(claims.issuer.clone()),
            audiences: claims.audiences.clone(),
            party: claims.authorized_party.clone(),
            subject: Some(claims.subject.clone()),
            methods: Vec::new(),
        }
    }
}
