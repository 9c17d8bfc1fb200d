//! STS's actions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::input::Shape;
use super::refusal::Refusal;
use super::spread::Spread;
use super::state::{Key, Role, fold};
use super::web_identity::{self, Identity};
use super::{Account, Action, Ask, Need, Principal, grammar, permit, random};
use crate::domain::arn::Arn;
use crate::domain::evaluate::{Asker, Context, Outcome, Policy, Request};
use crate::domain::policy::Document;
use crate::practice::issuer::Issuer;

/// All of them. STS lets anybody ask who he is, and judges who may assume a role by the role's trust.
pub(super) const ACTIONS: &[&[Action]] = &[&[
    Action {
        name: "AssumeRoleWithWebIdentity",
        needs: |_, _| Ok(Vec::new()),
        run: assume_with_web_identity,
    },
    Action { name: "AssumeRole", needs: |_, _| Ok(Vec::new()), run: assume },
    Action { name: "GetCallerIdentity", needs: |_, _| Ok(Vec::new()), run: caller_identity },
]];

const ARN: Shape = Shape { min: 20, max: 2048, pattern: None };
const SESSION_NAME: Shape =
    Shape { min: 2, max: 64, pattern: Some(("[\\w+=,.@-]*", is_session_name)) };
const TOKEN: Shape = Shape { min: 4, max: 20_000, pattern: None };
const POLICY: Shape = Shape { min: 1, max: POLICY_QUOTA, pattern: None };
const PROVIDER: Shape = Shape { min: 4, max: 2048, pattern: None };

/// Characters of session policies (model of `AssumeRoleWithWebIdentity`).
const POLICY_QUOTA: usize = 2048;
/// A session made with a session's credentials lasts an hour at most (IAM user guide, "role chaining").
const CHAINED: i64 = 3600;

/// What both ways to assume a role are asked with.
struct Wish<'a> {
    /// The role's ARN, as it stands there.
    text: &'a str,
    arn: Arn,
    session: &'a str,
    seconds: Option<i64>,
    policy: Option<String>,
    /// Of the session policies' quota, in percent.
    packed: Option<usize>,
}

impl<'a> Wish<'a> {
    fn read(account: &Account, ask: &'a Ask) -> Result<Self, Refusal> {
        let text = ask.input.required("RoleArn", ARN)?;
        let session = ask.input.required("RoleSessionName", SESSION_NAME)?;
        let seconds = ask.input.number("DurationSeconds", 900..=43_200)?;
        // The sentence is by reports; the rule is that only a role can be assumed.
        let arn = Arn::parse(text)
            .ok()
            .filter(|arn| {
                (arn.service.as_str(), arn.region.as_str()) == ("iam", "")
                    && arn.partition.id() == account.state.partition()
                    && arn.account.len() == 12
                    && arn.account.bytes().all(|byte| byte.is_ascii_digit())
                    && arn.resource.starts_with("role/")
            })
            .ok_or_else(|| Refusal::new("ValidationError", "Request ARN is invalid"))?;
        let documents = policies(account, ask)?;
        let size: usize = documents.iter().map(|text| text.chars().count()).sum();
        // How AWS packs is not published: nothing is packed here, the strict reading.
        let packed = (!documents.is_empty()).then(|| (size * 100).div_ceil(POLICY_QUOTA));
        if let Some(percent) = packed.filter(|percent| *percent > 100) {
            return Err(Refusal::new(
                "PackedPolicyTooLarge",
                format!(
                    "Packed policy consumes {percent}% of allotted space, please use smaller policy."
                ),
            ));
        }
        Ok(Self { text, arn, session, seconds, policy: join(documents)?, packed })
    }

    /// The role, as far as STS sees it. The name in an ARN is case-sensitive (IAM user guide, "Troubleshoot IAM roles").
    fn role<'r>(&self, account: &'r Account, now: Timestamp) -> Option<&'r Role> {
        let (_, name) = self.arn.resource.rsplit_once('/')?;
        let role = account.state.roles.get(&fold(name))?;
        (role.there.seen(now) == Some(&true) && role.identity.arn == self.text).then_some(role)
    }

    /// The role, if its trust policy lets this asker in.
    fn trusted<'r>(
        &self,
        account: &'r Account,
        now: Timestamp,
        action: &str,
        asker: &Asker,
        context: Context,
    ) -> Option<&'r Role> {
        let role = self.role(account, now)?;
        let policy = Policy::read(&Document::parse(role.trust.seen(now)?).ok()?).ok()?;
        let seconds = self.seconds.unwrap_or(3600).to_string();
        let context = context
            .with("sts:RoleSessionName", [self.session])
            .with("sts:DurationSeconds", [seconds])
            .with("aws:SourceIp", ["127.0.0.1"])
            .with("aws:SecureTransport", ["true"])
            .with("aws:EpochTime", [now.as_second().to_string()])
            .with("aws:CurrentTime", [later(now, 0).to_string()]);
        let request = Request { asker, action, resource: self.text, context: &context };
        (policy.judge(&request).outcome == Outcome::Allowed).then_some(role)
    }

    /// Makes the session, if it does not last too long for the role.
    fn open(
        &self,
        account: &mut Account,
        now: Timestamp,
        role: &Role,
    ) -> Result<Map<String, Value>, Refusal> {
        let seconds = self.seconds.unwrap_or(3600);
        if seconds > role.max_session_seconds {
            return Err(Refusal::new(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let (name, id) = (&role.identity.name, &role.identity.id);
        let of = Principal::Session {
            role_id: id.clone(),
            role: name.clone(),
            session: self.session.to_owned(),
            policy: self.policy.clone(),
        };
        let secret = random::secret();
        // A session token has no fixed length (model of Credentials): clients must take long ones.
        let token = format!("IQoJb3JpZ2luX2Vj{}", STANDARD.encode(random::bytes::<480>()));
        let credentials = (random::key_id("ASIA"), token);
        let end = later(now, seconds);
        let answer = json!({
            "Credentials": {
                "AccessKeyId": credentials.0,
                "SecretAccessKey": secrecy::ExposeSecret::expose_secret(&secret),
                "SessionToken": credentials.1,
                "Expiration": end.to_string(),
            },
            "AssumedRoleUser": {
                "AssumedRoleId": format!("{id}:{}", self.session),
                "Arn": format!(
                    "arn:{}:sts::{}:assumed-role/{name}/{}",
                    self.arn.partition, self.arn.account, self.session
                ),
            },
        });
        let key = Key {
            secret,
            of,
            created: now,
            status: Spread::settled(Some("Active")),
            session: Some((credentials.1.into(), end)),
            last_used: None,
        };
        account.state.keys.insert(credentials.0, key);
        let mut answer = answer.as_object().cloned().unwrap_or_default();
        if let Some(percent) = self.packed {
            answer.insert("PackedPolicySize".to_owned(), percent.into());
        }
        Ok(answer)
    }
}

fn assume_with_web_identity(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
    let wish = Wish::read(account, ask)?;
    let token = ask.input.required("WebIdentityToken", TOKEN)?;
    if ask.input.text("ProviderId", PROVIDER)?.is_some() {
        // The model says not to send it; the sentence is not published.
        return Err(Refusal::new(
            "ValidationError",
            "ProviderId must not be specified for OpenID Connect identity tokens",
        ));
    }
    let identity: Identity = web_identity::verify(account, ask.now, &wish.arn.account, token)?;
    let context = identity.context.with("aws:FederatedProvider", [&identity.provider]);
    let asker = Asker::Federated(identity.provider);
    // The same sentence whether there is no such role or it does not trust.
    let role = wish
        .trusted(account, ask.now, ACTION, &asker, context)
        .ok_or_else(|| Refusal::new("AccessDenied", format!("Not authorized to perform {ACTION}")))?
        .clone();
    let mut answer = wish.open(account, ask.now, &role)?;
    answer.insert("SubjectFromWebIdentityToken".to_owned(), identity.subject.into());
    answer.insert("Provider".to_owned(), identity.issuer.into());
    answer.insert("Audience".to_owned(), identity.audience.into());
    Ok(answer.into())
}

fn assume(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    const ACTION: &str = "sts:AssumeRole";
    let caller = ask.caller.as_ref().ok_or_else(unsigned)?;
    let wish = Wish::read(account, ask)?;
    let papers = account.state.papers(caller, ask.now).unwrap_or_default();
    let asker = match caller {
        Principal::User(_) => Asker::User(papers.arn.clone()),
        Principal::Session { .. } => {
            Asker::Session { role: papers.identity_arn.clone(), session: papers.arn.clone() }
        }
    };
    let context = Context::default()
        .with("aws:PrincipalArn", [&papers.identity_arn])
        .with("aws:PrincipalAccount", [&account.state.account]);
    // The trust must let the caller in; where it names only the account, so must the caller's own policies.
    let role = wish.trusted(account, ask.now, ACTION, &asker, context).filter(|role| {
        let need = Need {
            action: ACTION.to_owned(),
            resource: wish.text.to_owned(),
            context: Vec::new(),
            resource_policy: role.trust.seen(ask.now).cloned(),
        };
        permit::allows(account, caller, ask.now, &need).is_ok()
    });
    let role = role
        .ok_or_else(|| {
            let (arn, text) = (&papers.arn, wish.text);
            let sentence =
                format!("User: {arn} is not authorized to perform: {ACTION} on resource: {text}");
            Refusal::new("AccessDenied", sentence)
        })?
        .clone();
    if matches!(caller, Principal::Session { .. }) && wish.seconds.is_some_and(|s| s > CHAINED) {
        return Err(Refusal::new(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    wish.open(account, ask.now, &role).map(Value::Object)
}

fn caller_identity(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let caller = ask.caller.as_ref().ok_or_else(unsigned)?;
    let papers = account.state.papers(caller, ask.now).ok_or_else(|| {
        Refusal::new(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    })?;
    let id = match caller {
        Principal::User(name) => {
            account.state.users.get(&fold(name)).map(|user| user.identity.id.clone())
        }
        Principal::Session { role_id, session, .. } => Some(format!("{role_id}:{session}")),
    };
    Ok(json!({ "UserId": id, "Account": account.state.account, "Arn": papers.arn }))
}

/// The documents of the session's policies.
fn policies(account: &Account, ask: &Ask) -> Result<Vec<String>, Refusal> {
    let mut documents = Vec::new();
    if let Some(policy) = ask.input.text("Policy", POLICY)? {
        grammar::identity(policy)?;
        documents.push(policy.to_owned());
    }
    let arns = ask.input.list("PolicyArns");
    if arns.len() > 10 {
        // Ten at most (model of `AssumeRoleWithWebIdentity`).
        return Err(Refusal::new("ValidationError", "PolicyArns must have at most 10 members"));
    }
    for arn in arns {
        let arn = arn.get("arn").and_then(Value::as_str).unwrap_or_default();
        ARN.check("PolicyArns", arn)?;
        let policy = account.state.policies.get(arn);
        let document =
            policy.and_then(|policy| policy.in_force.seen(ask.now)).ok_or_else(|| {
                // The code and sentence are not published.
                Refusal::new(
                    "ValidationError",
                    format!("Policy {arn} does not exist or is not attachable."),
                )
            })?;
        documents.push(document.clone());
    }
    Ok(documents)
}

/// Several session policies allow together what any of them allows: one policy with all of their statements.
fn join(mut documents: Vec<String>) -> Result<Option<String>, Refusal> {
    if documents.len() < 2 {
        return Ok(documents.pop());
    }
    let mut statements = Vec::new();
    for text in documents {
        let document = Document::parse(&text).map_err(|_| {
            Refusal::new("MalformedPolicyDocument", "The policy is not in the valid JSON format.")
        })?;
        match document.value.get("Statement") {
            Some(Value::Array(list)) => statements.extend(list.iter().cloned()),
            one => statements.extend(one.cloned()),
        }
    }
    Ok(Some(json!({ "Version": "2012-10-17", "Statement": statements }).to_string()))
}

fn unsigned() -> Refusal {
    Refusal::new("MissingAuthenticationToken", "Request is missing Authentication Token")
}

/// In whole seconds from now.
fn later(now: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

fn is_session_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

impl Account {
    /// The world's issuers, for those who serve their documents and mint their tokens. Clones have the same keys.
    #[must_use]
    pub fn issuers(&self) -> Vec<Issuer> {
        self.state.issuers.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests;
