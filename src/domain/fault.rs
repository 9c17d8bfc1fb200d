//! Why the outside said no: cause, evidence, remedy, and whether waiting helps.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// A classified refusal of the outside world. The error type of every port.
///
/// JSON shape: `{cause, message, evidence, remedy?, request_id?, waiting_helps, also?: [fault]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of refusal this is.
    pub cause: Cause,
    /// What was tried and what came back, one sentence, understandable by itself.
    pub message: String,
    /// The facts behind it: `code`, `status`, `action`, `resource`, `aws_said`, `wanted`, `got`, …
    pub evidence: BTreeMap<String, String>,
    /// What mends it, as an instruction.
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
        if let Some(remedy) = &self.remedy {
            map.serialize_entry("remedy", remedy)?;
        }
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

macro_rules! causes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $slug:literal, $waits:literal; )+) => {
        /// The closed list of causes. A cause is a promise to scripts: it is added to, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause { $( $(#[doc = $doc])+ $variant, )+ }

        impl Cause {
            /// Every cause, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The name scripts know it by.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $( Self::$variant => $slug, )+ }
            }

            /// Whether the same request may succeed later by itself.
            #[must_use]
            pub const fn waiting_helps(self) -> bool {
                match self { $( Self::$variant => $waits, )+ }
            }

            /// One line of what it means: the table of causes in the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( Self::$variant => concat!($($doc),+), )+ }
            }
        }
    };
}

causes! {
    /// No AWS credentials were found where the AWS CLI looks for them.
    CredentialsMissing = "credentials-missing", false;
    /// The operator's login has ended and can be renewed.
    CredentialsExpired = "credentials-expired", false;
    /// The caller belongs to another account or partition than the answers name.
    WrongAccount = "wrong-account", false;
    /// The caller may not make this call; the evidence names action, resource and the kind of policy.
    PermissionDenied = "permission-denied", false;
    /// AWS asked to slow down.
    Throttled = "throttled", true;
    /// The other end did not answer: name, network, proxy or certificate.
    Unreachable = "unreachable", true;
    /// The clock of this machine is too far from that of AWS.
    ClockSkew = "clock-skew", false;
    /// A quota of the account is used up.
    QuotaReached = "quota-reached", false;
    /// A thing of that name is there already.
    AlreadyExists = "already-exists", false;
    /// AWS refused the text of a policy document.
    MalformedPolicy = "malformed-policy", false;
    /// AWS, or this machine, cannot fetch the issuer's discovery document or keys.
    IssuerUnreachable = "issuer-unreachable", true;
    /// The issuer names itself differently, or the token comes from another issuer.
    IssuerMismatch = "issuer-mismatch", false;
    /// The account has no identity provider for the token's issuer.
    ProviderMissing = "provider-missing", false;
    /// The identity provider stands in another account than the role.
    ProviderInOtherAccount = "provider-in-other-account", false;
    /// The provider does not list the token's audience.
    AudienceNotRegistered = "audience-not-registered", false;
    /// The token's audience is not the one the role's trust policy asks for.
    AudienceMismatch = "audience-mismatch", false;
    /// The token's subject is not the one the role's trust policy asks for.
    SubjectMismatch = "subject-mismatch", false;
    /// A condition key of the trust policy does not belong to the provider, so it never matches.
    ConditionKeyMismatch = "condition-key-mismatch", false;
    /// The trust policy names another principal than the provider.
    TrustPrincipalMismatch = "trust-principal-mismatch", false;
    /// The trust policy allows another action than sts:AssumeRoleWithWebIdentity.
    TrustActionMismatch = "trust-action-mismatch", false;
    /// The token's end has passed.
    TokenExpired = "token-expired", false;
    /// The token was issued too long ago, although its end has not passed.
    TokenTooOld = "token-too-old", false;
    /// The token is not a web token of a service account, or a claim is missing.
    TokenMalformed = "token-malformed", false;
    /// The token's signature does not fit the issuer's keys.
    TokenSignature = "token-signature", false;
    /// A token that must be refused was let in.
    TrustTooWide = "trust-too-wide", false;
    /// There is no such role.
    RoleMissing = "role-missing", false;
    /// Everything is as it should be and was changed a moment ago: AWS has not spread it yet.
    NotYetPropagated = "not-yet-propagated", true;
    /// The role may log in but not read this image.
    PullPermissionMissing = "pull-permission-missing", false;
    /// The role may not ask for a registry login.
    LoginPermissionMissing = "login-permission-missing", false;
    /// The role may push, although it is meant to pull only.
    PushPermitted = "push-permitted", false;
    /// The repository stands in another account, whose repository policy does not admit the role.
    RepositoryPolicyMissing = "repository-policy-missing", false;
    /// The registry has no such repository.
    RepositoryMissing = "repository-missing", false;
    /// The repository has no such image.
    ImageMissing = "image-missing", false;
    /// The image is not there for the wanted platform.
    PlatformMissing = "platform-missing", false;
    /// The registry login has expired.
    RegistryTokenExpired = "registry-token-expired", false;
    /// The registry login belongs to another region than the registry.
    RegistryRegionMismatch = "registry-region-mismatch", false;
    /// The registry refused the login.
    RegistryLoginRefused = "registry-login-refused", false;
    /// The host that holds the layers cannot be reached or refused the request.
    LayerHostBlocked = "layer-host-blocked", false;
    /// The bytes that arrived are not the bytes that were named.
    DigestMismatch = "digest-mismatch", false;
    /// The access key is inactive.
    AccessKeyInactive = "access-key-inactive", false;
    /// AWS does not know the access key.
    AccessKeyUnknown = "access-key-unknown", false;
    /// The secret does not belong to the access key.
    SecretMismatch = "secret-mismatch", false;
    /// What would be changed was not made by this program: its name has to be confirmed.
    ConfirmationNeeded = "confirmation-needed", false;
    /// The account has something in the way that this program will not change.
    Conflict = "conflict", false;
    /// The plan is no longer the plan that was shown.
    PlanChanged = "plan-changed", false;
    /// The stated end of a wait passed without an answer.
    DeadlinePassed = "deadline-passed", true;
    /// It was stopped by the operator.
    Stopped = "stopped", false;
    /// The cluster cannot be reached, or kubectl is missing.
    ClusterUnreachable = "cluster-unreachable", false;
    /// The cluster does not let this user do it.
    ClusterPermissionMissing = "cluster-permission-missing", false;
    /// The cluster has no such service account.
    ServiceAccountMissing = "service-account-missing", false;
    /// The cluster does not know Okteto's Registry kind.
    RegistryKindMissing = "registry-kind-missing", false;
    /// The cluster's admission refused the object.
    AdmissionRefused = "admission-refused", false;
    /// The answers do not hold together; the message names the key, the reason and an example.
    BadAnswers = "bad-answers", false;
    /// A file could not be read or written.
    File = "file", false;
    /// None of the above; the evidence holds all that was seen.
    Unexplained = "unexplained", false;
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
            r#"{"cause":"throttled","message":"too fast","evidence":{"code":"Throttling"},"request_id":"r-1","waiting_helps":true}"#
        );
        let others = ["one", "two"].map(|message| Fault::new(Cause::Throttled, message));
        let fault = Fault::chain([vec![fault], others.to_vec()].concat()).unwrap();
        assert_eq!(fault.others().map(|f| f.message.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        let told = serde_json::to_value(&fault).unwrap();
        assert_eq!((told["also"][1]["message"].as_str(), told["also"].get(2)), (Some("two"), None));
        assert!(told["also"][0].get("also").is_none());
    }
}
