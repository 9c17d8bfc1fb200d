//! The practice account as the ports want it: calls with the API's own shapes, no wire between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use okteto_ecr::domain::arn::{PolicyArn, ProviderArn, RoleArn, UserArn};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::host::RegistryHost;
use okteto_ecr::domain::intent::{Caller, Intent};
use okteto_ecr::domain::inventory::{
    Holdings, Inventory, SeenProvider, SeenRole, SeenUser, Wanted,
};
use okteto_ecr::domain::key::{KeyId, KeyStatus, LastUse, SeenKey, by_age};
use okteto_ecr::domain::operation::{Deed, Operation};
use okteto_ecr::domain::partition::{AccountId, Partition, Region};
use okteto_ecr::domain::secret::{AccessKey, Credentials, Login, SeenIdentity, Session, WebToken};
use okteto_ecr::ports::{Answer, Cloud, LoginSource, SeenImage, SeenRepository};
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::refusal::Refusal;
use okteto_ecr::practice::account::{Principal, Service};
use okteto_ecr::practice::front::Reply;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::world::{OPERATOR, Practice};

/// A text of an answer.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn decoded(document: &Value) -> String {
    let document = text(document);
    percent_encoding::percent_decode_str(&document).decode_utf8().unwrap().into_owned()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn tags(value: &Value) -> BTreeMap<String, String> {
    items(value).iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

/// A time as seconds since 1970.
fn seconds(value: &Value) -> Option<i64> {
    text(value).parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// Who makes a call.
enum Signer<'a> {
    Operator,
    /// A session or a user's key.
    These(&'a Credentials),
    Nobody,
}

impl Practice {
    async fn call(
        &self,
        (service, name): (Service, &str),
        region: &str,
        signer: Signer<'_>,
        input: Value,
    ) -> Result<Value, Fault> {
        let front = self.front();
        let fault = |refusal: Refusal| refused(name, &signer, &refusal);
        let caller = match &signer {
            Signer::Nobody => None,
            Signer::Operator => Some(Principal::User(OPERATOR.to_owned())),
            Signer::These(of) => {
                let (now, token) = (front.now(), of.session_token.as_ref());
                let token = token.map(ExposeSecret::expose_secret);
                let id = &of.access_key_id;
                let (secret, who) = front.account().key(now, service, id, token).map_err(fault)?;
                // What the wire's signature would show.
                if secret.expose_secret() != of.secret_access_key.expose_secret() {
                    let said = "The request signature we calculated does not match";
                    return Err(fault(Refusal::new("SignatureDoesNotMatch", said)));
                }
                front.account().note_use(now, service, id, region);
                Some(who)
            }
        };
        match front.call(service, name, region, caller, Input::from_json(input)).await {
            Reply::Answer(answer) => answer.map_err(fault),
            Reply::Damaged(..) | Reply::Silence => {
                Err(Fault::new(Cause::Unreachable, format!("{name} got no whole answer"))
                    .with("outcome", "unknown"))
            }
        }
    }

    async fn iam(&self, action: &str, input: Value) -> Result<Value, Fault> {
        self.call((Service::Iam, action), "us-east-1", Signer::Operator, input).await
    }

    /// The same; what is not there is `Null`.
    async fn iam_if_there(&self, action: &str, input: Value) -> Result<Value, Fault> {
        match self.iam(action, input).await {
            Err(fault) if fault.evidence.get("code").is_some_and(|c| c == "NoSuchEntity") => {
                Ok(Value::Null)
            }
            other => other,
        }
    }

    fn shown(&self, trust: String) -> String {
        match &*self.trust_shows.lock().unwrap() {
            Some((there, shown)) => trust.replace(there, shown),
            None => trust,
        }
    }

    async fn provider(&self, arn: &ProviderArn) -> Result<Option<SeenProvider>, Fault> {
        let one = json!({"OpenIDConnectProviderArn": arn.as_str()});
        let found = self.iam_if_there("GetOpenIDConnectProvider", one).await?;
        Ok((!found.is_null()).then(|| SeenProvider {
            arn: arn.clone(),
            url: text(&found["Url"]),
            audiences: items(&found["ClientIDList"]).iter().map(text).collect(),
            created_at: seconds(&found["CreateDate"]),
            tags: tags(&found["Tags"]),
        }))
    }

    /// The roles whose trust policy names one of the providers.
    async fn trusting(
        &self,
        providers: &BTreeSet<ProviderArn>,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let mut found = BTreeMap::new();
        let mut input = json!({});
        loop {
            let page = self.iam("ListRoles", input).await?;
            for role in items(&page["Roles"]) {
                let trust = self.shown(decoded(&role["AssumeRolePolicyDocument"]));
                if providers.iter().any(|arn| trust.contains(&format!("{arn}\""))) {
                    found.insert(text(&role["RoleName"]), trust);
                }
            }
            if page["IsTruncated"] != true {
                return Ok(found);
            }
            input = json!({ "Marker": page["Marker"] });
        }
    }

    async fn role(&self, name: &str) -> Result<Option<SeenRole>, Fault> {
        let named = json!({ "RoleName": name });
        let role = &self.iam_if_there("GetRole", named.clone()).await?["Role"];
        if role.is_null() {
            return Ok(None);
        }
        let attached = self.iam("ListAttachedRolePolicies", named.clone()).await?;
        let mut inline = BTreeMap::new();
        for name in items(&self.iam("ListRolePolicies", named.clone()).await?["PolicyNames"]) {
            let one = json!({"RoleName": role["RoleName"], "PolicyName": name});
            let policy = self.iam("GetRolePolicy", one).await?;
            inline.insert(text(name), decoded(&policy["PolicyDocument"]));
        }
        let boundary = &role["PermissionsBoundary"]["PermissionsBoundaryArn"];
        Ok(Some(SeenRole {
            arn: RoleArn::parse(&text(&role["Arn"])).unwrap(),
            name: text(&role["RoleName"]),
            path: text(&role["Path"]),
            trust: self.shown(decoded(&role["AssumeRolePolicyDocument"])),
            created_at: seconds(&role["CreateDate"]),
            tags: tags(&role["Tags"]),
            description: role["Description"].as_str().map(str::to_owned),
            max_session_seconds: role["MaxSessionDuration"].as_u64().unwrap().try_into().unwrap(),
            boundary: boundary.as_str().map(|arn| PolicyArn::parse(arn).unwrap()),
            attached: items(&attached["AttachedPolicies"])
                .iter()
                .map(|policy| PolicyArn::parse(&text(&policy["PolicyArn"])).unwrap())
                .collect(),
            inline,
        }))
    }
}

impl Practice {
    async fn user(&self, name: &str) -> Result<Option<SeenUser>, Fault> {
        let named = json!({ "UserName": name });
        let user = &self.iam_if_there("GetUser", named.clone()).await?["User"];
        if user.is_null() {
            return Ok(None);
        }
        let attached = self.iam("ListAttachedUserPolicies", named.clone()).await?;
        let mut inline = BTreeMap::new();
        for policy in items(&self.iam("ListUserPolicies", named.clone()).await?["PolicyNames"]) {
            let one = json!({"UserName": name, "PolicyName": policy});
            let document = self.iam("GetUserPolicy", one).await?;
            inline.insert(text(policy), decoded(&document["PolicyDocument"]));
        }
        let groups = self.iam("ListGroupsForUser", named.clone()).await?;
        let password = self.iam_if_there("GetLoginProfile", named).await?;
        let boundary = &user["PermissionsBoundary"]["PermissionsBoundaryArn"];
        Ok(Some(SeenUser {
            arn: UserArn::parse(&text(&user["Arn"])).unwrap(),
            name: text(&user["UserName"]),
            path: text(&user["Path"]),
            created_at: seconds(&user["CreateDate"]),
            tags: tags(&user["Tags"]),
            boundary: boundary.as_str().map(|arn| PolicyArn::parse(arn).unwrap()),
            attached: items(&attached["AttachedPolicies"])
                .iter()
                .map(|policy| PolicyArn::parse(&text(&policy["PolicyArn"])).unwrap())
                .collect(),
            inline,
            groups: items(&groups["Groups"])
                .iter()
                .map(|group| text(&group["GroupName"]))
                .collect(),
            has_password: Some(!password.is_null()),
            keys: self.keys_of(name).await?,
        }))
    }

    async fn keys_of(&self, user: &str) -> Result<Vec<SeenKey>, Fault> {
        let listed = self.iam("ListAccessKeys", json!({ "UserName": user })).await?;
        let mut keys = Vec::new();
        for key in items(&listed["AccessKeyMetadata"]) {
            let id = KeyId::parse(&text(&key["AccessKeyId"])).unwrap();
            let asked = json!({ "AccessKeyId": id.as_str() });
            let last = &self.iam("GetAccessKeyLastUsed", asked).await?["AccessKeyLastUsed"];
            keys.push(SeenKey {
                id,
                status: match key["Status"].as_str() {
                    Some("Active") => KeyStatus::Active,
                    _ => KeyStatus::Inactive,
                },
                created_at: seconds(&key["CreateDate"]),
                last_use: seconds(&last["LastUsedDate"])
                    .map_or(LastUse::Never, |at| LastUse::At(at, text(&last["ServiceName"]))),
            });
        }
        by_age(&mut keys);
        Ok(keys)
    }
}

/// The causes of the real adapter, as far as these flows meet them.
fn refused(name: &str, signer: &Signer, refusal: &Refusal) -> Fault {
    let says = |words: &str| refusal.message.contains(words);
    let cause = match (refusal.code, signer) {
        ("AccessDenied" | "AccessDeniedException", Signer::Operator) => Cause::PermissionDenied,
        ("AccessDeniedException", Signer::These(_)) => Cause::LoginPermissionMissing,
        ("ExpiredToken" | "ExpiredTokenException", Signer::Operator) => Cause::CredentialsExpired,
        ("InvalidClientTokenId" | "UnrecognizedClientException", Signer::These(of)) => {
            match of.session_token {
                Some(_) => Cause::NotYetPropagated,
                None => Cause::AccessKeyUnknown,
            }
        }
        ("SignatureDoesNotMatch", _) => Cause::SecretMismatch,
        ("InvalidIdentityToken", _) if says("No OpenIDConnect provider") => Cause::ProviderMissing,
        ("InvalidIdentityToken", _) if says("audience") => Cause::AudienceNotRegistered,
        ("InvalidIdentityToken", _) if says("verification key") => Cause::IssuerUnreachable,
        ("InvalidIdentityToken", _) if says("signature") => Cause::TokenSignature,
        ("LimitExceeded", _) => Cause::QuotaReached,
        ("MalformedPolicyDocument", _) => Cause::MalformedPolicy,
        ("EntityAlreadyExists", _) => Cause::AlreadyExists,
        ("Throttling" | "ThrottlingException", _) => Cause::Throttled,
        _ => Cause::Unexplained,
    };
    let fault = Fault::new(cause, format!("{name} was refused: {}", refusal.message))
        .with("code", refusal.code)
        .with("aws_said", &refusal.message);
    parts(fault, &refusal.message)
}

/// With action, resource and kind of policy of AWS's sentence.
pub fn parts(fault: Fault, said: &str) -> Fault {
    let after = |words: &str| said.split_once(words).map(|(_, rest)| rest);
    let word = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let Some(action) = after("to perform: ").map(word) else { return fault };
    let denied = after("with an explicit deny in ").map(|kind| format!("{kind} (explicit deny)"));
    let policy =
        denied.or_else(|| after("because no ")?.split_once(" allows").map(|k| k.0.to_owned()));
    let mut fault = fault.with("action", action).with("policy", policy.unwrap_or_default());
    if let Some(resource) = after("on resource: ").map(word) {
        fault = fault.with("resource", resource);
    }
    fault
}

impl Cloud for Practice {
    fn source(&self) -> BoxFuture<'_, LoginSource> {
        async { LoginSource::default() }.boxed()
    }

    fn whoami(&self) -> Answer<'_, Caller> {
        async {
            let who = (Service::Sts, "GetCallerIdentity");
            let answer = self.call(who, "us-east-2", Signer::Operator, json!({})).await?;
            Ok(Caller {
                account: AccountId::parse(&text(&answer["Account"])).unwrap(),
                arn: text(&answer["Arn"]),
                partition: Partition::Aws,
            })
        }
        .boxed()
    }

    fn survey<'a>(&'a self, intent: &'a Intent) -> Answer<'a, Inventory> {
        async {
            let intent = match intent {
                Intent::Oidc(oidc) => oidc,
                Intent::IamUser(user) => {
                    let user = self.user(user.user.as_str()).await?;
                    let read_at = Some(self.front().now().as_second());
                    return Ok(Inventory { user, read_at, ..Inventory::default() });
                }
            };
            let listed = self.iam("ListOpenIDConnectProviders", json!({})).await?;
            Ok(Inventory {
                provider: self.provider(&intent.provider_arn()).await?,
                role: self.role(intent.role.as_str()).await?,
                providers_in_account: items(&listed["OpenIDConnectProviderList"]).len(),
                ..Inventory::default()
            })
        }
        .boxed()
    }

    fn holdings<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Holdings> {
        async {
            let mut held = Holdings::default();
            for arn in &wanted.providers {
                held.providers.extend(self.provider(arn).await?.map(|seen| (arn.clone(), seen)));
            }
            for name in &wanted.roles {
                held.roles.extend(self.role(name).await?.map(|seen| (name.clone(), seen)));
            }
            for name in &wanted.users {
                held.users.extend(self.user(name).await?.map(|seen| (name.clone(), seen)));
            }
            if !wanted.providers.is_empty() {
                held.trusting = match self.trusting(&wanted.providers).await {
                    Err(fault) if fault.cause != Cause::PermissionDenied => return Err(fault),
                    read => Some(read),
                };
            }
            Ok(held)
        }
        .boxed()
    }

    fn keys<'a>(&'a self, user: &'a str) -> Answer<'a, Vec<SeenKey>> {
        self.keys_of(user).boxed()
    }

    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed> {
        async move {
            self.writes.fetch_add(1, Ordering::SeqCst);
            let action = operation.call().trim_start_matches("iam:");
            if action == "UpdateAssumeRolePolicy" {
                *self.trust_shows.lock().unwrap() = None;
            }
            let answer = self.iam(action, operation.request()).await?;
            let arn = ["/OpenIDConnectProviderArn", "/Role/Arn", "/User/Arn"];
            let arn = arn.into_iter().find_map(|at| answer.pointer(at)).map(text);
            let key = &answer["AccessKey"];
            let key = key.is_object().then(|| AccessKey {
                id: KeyId::parse(&text(&key["AccessKeyId"])).unwrap(),
                secret: text(&key["SecretAccessKey"]).into(),
            });
            Ok(Deed { arn, request_id: Some("r-1".to_owned()), key })
        }
        .boxed()
    }

    fn repositories<'a>(&'a self, host: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>> {
        async {
            let list = (Service::Ecr, "DescribeRepositories");
            let answer = self.call(list, host.region.as_str(), Signer::Operator, json!({})).await?;
            let name = |one: &Value| SeenRepository { name: text(&one["repositoryName"]) };
            Ok(items(&answer["repositories"]).iter().map(name).collect())
        }
        .boxed()
    }

    fn images<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Vec<SeenImage>> {
        async move {
            let of = json!({ "repositoryName": repository });
            let list = (Service::Ecr, "DescribeImages");
            let answer = self.call(list, host.region.as_str(), Signer::Operator, of).await?;
            let image = |one: &Value| SeenImage {
                tags: items(&one["imageTags"]).iter().map(text).collect(),
                digest: text(&one["imageDigest"]),
                bytes: one["imageSizeInBytes"].as_u64(),
            };
            Ok(items(&answer["imageDetails"]).iter().map(image).collect())
        }
        .boxed()
    }

    fn assume<'a>(
        &'a self,
        role: &'a RoleArn,
        token: &'a WebToken,
        region: &'a Region,
    ) -> Answer<'a, Session> {
        async move {
            let swap = (Service::Sts, "AssumeRoleWithWebIdentity");
            if let Some(refusal) = &*self.sts_says.lock().unwrap() {
                return Err(refused(swap.1, &Signer::Nobody, refusal));
            }
            let input = json!({
                "RoleArn": role.as_str(), "RoleSessionName": "okteto-ecr",
                "WebIdentityToken": token.expose(),
            });
            let answer = self.call(swap, region.as_str(), Signer::Nobody, input).await?;
            let keys = &answer["Credentials"];
            let seen = |key: &str| answer[key].as_str().map(str::to_owned);
            Ok(Session {
                credentials: Credentials {
                    access_key_id: text(&keys["AccessKeyId"]),
                    secret_access_key: text(&keys["SecretAccessKey"]).into(),
                    session_token: Some(text(&keys["SessionToken"]).into()),
                },
                expires: text(&keys["Expiration"]),
                assumed_arn: text(&answer["AssumedRoleUser"]["Arn"]),
                seen: SeenIdentity {
                    subject: seen("SubjectFromWebIdentityToken"),
                    audience: seen("Audience"),
                    provider: seen("Provider"),
                },
            })
        }
        .boxed()
    }

    fn identity<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, String> {
        async {
            let who = (Service::Sts, "GetCallerIdentity");
            let by = Signer::These(of);
            Ok(text(&self.call(who, region.as_str(), by, json!({})).await?["Arn"]))
        }
        .boxed()
    }

    fn registry_login<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, Login> {
        async {
            let login = (Service::Ecr, "GetAuthorizationToken");
            let by = Signer::These(of);
            let answer = self.call(login, region.as_str(), by, json!({})).await?;
            let given = &answer["authorizationData"][0];
            Ok(Login {
                token: text(&given["authorizationToken"]).into(),
                expires: Some(given["expiresAt"].to_string()),
                stale: false,
            })
        }
        .boxed()
    }
}
