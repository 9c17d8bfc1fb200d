//! May the caller do it? By its policies, with AWS's wording of the denial.
//!
//! Logic: IAM user guide, `reference_policies_evaluation-logic`. Wording: "Troubleshoot access denied error messages".

use jiff::Timestamp;

use super::refusal::Refusal;
use super::state::{Identity, Papers, fold};
use super::{Account, Ask, Need, Principal, Service};
use crate::domain::arn::Arn;
use crate::domain::evaluate::{Asker, Context, Effect, Judgement, Named, Outcome, Policy, Request};
use crate::domain::policy::Document;

/// Every need must be allowed.
///
/// # Errors
/// `AccessDenied` (ECR: `AccessDeniedException`) with AWS's sentence.
pub(super) fn demand(account: &Account, ask: &Ask, needs: &[Need]) -> Result<(), Refusal> {
    if needs.is_empty() {
        return Ok(());
    }
    let Some(caller) = &ask.caller else {
        let message = "Request is missing Authentication Token";
        return Err(Refusal::new("MissingAuthenticationToken", message));
    };
    let code = match ask.service {
        Service::Iam | Service::Sts => "AccessDenied",
        Service::Ecr => "AccessDeniedException",
    };
    needs.iter().try_for_each(|need| {
        decide(account, caller, ask.now, &ask.region, need)
            .map_err(|sentence| Refusal::new(code, sentence))
    })
}

/// Whether a principal may have what it needs, in the account's own region.
///
/// # Errors
/// AWS's sentence.
pub(super) fn allows(
    account: &Account,
    principal: &Principal,
    now: Timestamp,
    need: &Need,
) -> Result<(), String> {
    decide(account, principal, now, &account.state.region, need)
}

fn decide(
    account: &Account,
    principal: &Principal,
    now: Timestamp,
    region: &str,
    need: &Need,
) -> Result<(), String> {
    let sentence = |arn: &str, why: &str| {
        let Need { action, resource, .. } = need;
        format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {why}")
    };
    let Some(papers) = account.state.papers(principal, now) else {
        let why = format!("because no identity-based policy allows the {} action", need.action);
        return Err(sentence(&last_arn(account, principal), &why));
    };
    let context = context(account, principal, &papers, now, region, need);
    let asker = match principal {
        Principal::User(_) => Asker::User(papers.arn.clone()),
        Principal::Session { .. } => {
            Asker::Session { role: papers.identity_arn.clone(), session: papers.arn.clone() }
        }
    };
    let request = Request {
        asker: &asker,
        action: &need.action,
        resource: &need.resource,
        context: &context,
    };
    verdict(&papers, need.resource_policy.as_deref(), is_abroad(account, need), &request)
        .map_err(|why| sentence(&papers.arn, &why))
}

/// Whether what is needed is a repository of another account.
fn is_abroad(account: &Account, need: &Need) -> bool {
    let owner = Arn::parse(&need.resource).map(|arn| arn.account);
    need.action.starts_with("ecr:") && owner.is_ok_and(|owner| owner != account.state.account)
}

/// IAM's logic: a denial anywhere wins; boundary and session policy must allow it where there are any. Within one account
/// the identity's own policies or the resource's must allow it, abroad both (IAM user guide, "Cross-account policy evaluation
/// logic": "the request is allowed only if both evaluations return a decision of Allow"). There a policy that names only the
/// account is the other account's yes, since the identity's own policies are asked as well. Which of the two AWS's sentence
/// names where neither allows is not published.
///
/// That a resource policy which names the user, or the session, passes by boundary and session policy (same page) is left
/// out: the strict reading.
fn verdict(
    papers: &Papers,
    resource: Option<&str>,
    is_abroad: bool,
    request: &Request<'_>,
) -> Result<(), String> {
    let judge = |text: &str| {
        let policy = Policy::read(&Document::parse(text).ok()?).ok()?;
        Some(policy.judge(request))
    };
    let identity: Vec<_> = papers.identity.iter().map(|text| judge(text)).collect();
    let resource = resource.map(judge);
    let boundary = papers.boundary.as_deref().map(judge);
    let session = papers.session.as_deref().map(judge);
    // What cannot be read could have denied it.
    let denies = |j: &Option<Judgement>| j.as_ref().is_none_or(|j| j.outcome == Outcome::Denied);
    // A boundary or session policy that cannot be read, or has no statement, allows nothing, which is enough.
    let readably = |j: &Option<Judgement>| j.is_some() && denies(j);
    for (denied, kind) in [
        (identity.iter().any(denies), "an identity-based policy"),
        (resource.as_ref().is_some_and(denies), "a resource-based policy"),
        (boundary.as_ref().is_some_and(readably), "a permissions boundary"),
        (session.as_ref().is_some_and(readably), "a session policy"),
    ] {
        if denied {
            return Err(format!("with an explicit deny in {kind}"));
        }
    }
    let allows = |j: &Option<Judgement>| j.as_ref().is_some_and(|j| j.outcome == Outcome::Allowed);
    let own = identity.iter().any(allows);
    let there = resource.as_ref().is_some_and(allows);
    let granted = own || (!is_abroad && resource.flatten().as_ref().is_some_and(grants));
    for (allowed, kind) in [
        (granted, "identity-based policy"),
        (there || !is_abroad, "resource-based policy"),
        (boundary.as_ref().is_none_or(allows), "permissions boundary"),
        (session.as_ref().is_none_or(allows), "session policy"),
    ] {
        if !allowed {
            return Err(format!("because no {kind} allows the {} action", request.action));
        }
    }
    Ok(())
}

/// Whether a resource's policy allows by itself. One that names only the account leaves it to the account's policies whom
/// it lets (`reference_policies_elements_principal`, "AWS account principals").
fn grants(judgement: &Judgement) -> bool {
    judgement.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.is_match()
            && statement.principal != Some(Named::Account)
    })
}

/// The ARN of somebody who is no more, as far as it is still known.
fn last_arn(account: &Account, principal: &Principal) -> String {
    let state = &account.state;
    match principal {
        Principal::User(name) => state.arn("user", "/", name),
        Principal::Session { role, session, .. } => {
            let (partition, account) = (state.partition(), &state.account);
            format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
        }
    }
}

/// The global condition keys (`reference_policies_condition-keys`) and those of the need.
fn context(
    account: &Account,
    principal: &Principal,
    papers: &Papers,
    now: Timestamp,
    region: &str,
    need: &Need,
) -> Context {
    let identity = identity(account, principal);
    let id = identity.map(|identity| identity.id.as_str());
    let seconds = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let mut context = Context::default()
        .with("aws:PrincipalArn", [&papers.identity_arn])
        .with("aws:PrincipalAccount", [&account.state.account])
        .with("aws:CurrentTime", [seconds.to_string()])
        .with("aws:EpochTime", [now.as_second().to_string()])
        .with("aws:RequestedRegion", [region])
        .with("aws:SourceIp", ["127.0.0.1"])
        // Loopback stands for AWS's own endpoints, which are met over TLS only.
        .with("aws:SecureTransport", ["true"])
        .with("aws:PrincipalIsAWSService", ["false"])
        .with("aws:ViaAWSService", ["false"]);
    match principal {
        Principal::User(_) => {
            context.set("aws:PrincipalType", ["User"]);
            context.set("aws:username", papers.arn.rsplit('/').next());
            context.set("aws:userid", id);
        }
        Principal::Session { session, .. } => {
            context.set("aws:PrincipalType", ["AssumedRole"]);
            context.set("aws:userid", id.map(|id| format!("{id}:{session}")));
        }
    }
    for (key, value) in identity.into_iter().flat_map(|identity| &identity.tags) {
        context.set(&format!("aws:PrincipalTag/{key}"), [value]);
    }
    for (key, values) in &need.context {
        context.set(key, values.iter());
    }
    context
}

fn identity<'a>(account: &'a Account, principal: &Principal) -> Option<&'a Identity> {
    let state = &account.state;
    match principal {
        Principal::User(name) => state.users.get(&fold(name)).map(|user| &user.identity),
        Principal::Session { role, role_id, .. } => state
            .roles
            .get(&fold(role))
            .map(|role| &role.identity)
            .filter(|identity| identity.id == *role_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::denial::Denial;
    use crate::practice::account::input::Input;
    use crate::practice::account::spread::Spread;
    use crate::practice::account::state::Role;
    use crate::practice::scene::{Actor, Scene};

    const APP: &str = "arn:aws:ecr:us-east-2:112233445566:repository/team/app";
    const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn ann() -> Principal {
        Principal::User("ann".to_owned())
    }

    fn session(policy: Option<&str>) -> Principal {
        Principal::Session {
            role_id: "AROAPULLER".to_owned(),
            role: "puller".to_owned(),
            session: "s1".to_owned(),
            policy: policy.map(str::to_owned),
        }
    }

    fn document(statements: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
    }

    fn says(effect: &str, action: &str) -> String {
        document(&format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}"#))
    }

    #[expect(clippy::unnecessary_wraps, reason = "as a need carries it")]
    fn of_repository(effect: &str, principal: &str) -> Option<String> {
        let who = format!(r#""Effect":"{effect}","Principal":{principal}"#);
        Some(document(&format!(r#"{{{who},"Action":"ecr:*"}}"#)))
    }

    /// An account where a user `ann` and a role `/okteto/puller` have this inline policy and boundary.
    fn account(inline: &str, boundary: Option<&str>) -> Account {
        let boundary = boundary.map(str::to_owned);
        let mut account = Account::new(&Scene {
            users: vec![Actor {
                name: "ann".to_owned(),
                inline: vec![("p".to_owned(), inline.to_owned())],
                attached: Vec::new(),
                boundary: boundary.clone(),
            }],
            ..Scene::default()
        });
        let arn = account.state.arn("role", "/okteto/", "puller");
        let mut identity = Identity::new("puller", "/okteto/", "AROAPULLER".to_owned(), arn, NOW);
        identity.inline = Spread::settled([("p".to_owned(), inline.to_owned())].into());
        identity.boundary = Spread::settled(boundary);
        identity.tags = vec![("Team".to_owned(), "blue".to_owned())];
        let role = Role {
            identity,
            there: Spread::settled(true),
            trust: Spread::settled(String::new()),
            description: None,
            max_session_seconds: 3600,
            last_used: None,
        };
        account.state.roles.insert("puller".to_owned(), role);
        account
    }

    fn need(action: &str, resource_policy: Option<String>) -> Need {
        Need {
            action: action.to_owned(),
            resource: APP.to_owned(),
            context: Vec::new(),
            resource_policy,
        }
    }

    /// The end of the sentence, once the whole has been read back by its reader.
    fn ending(account: &Account, who: &Principal, need: &Need) -> String {
        let Err(sentence) = allows(account, who, NOW, need) else { return "allowed".to_owned() };
        let denial = Denial::read(&sentence);
        let arn = match who {
            Principal::User(_) => "arn:aws:iam::112233445566:user/ann",
            Principal::Session { .. } => "arn:aws:sts::112233445566:assumed-role/puller/s1",
        };
        assert_eq!(denial.actor.as_deref(), Some(arn), "{sentence}");
        assert_eq!(denial.action.as_deref(), Some(need.action.as_str()), "{sentence}");
        assert_eq!(denial.resource.as_deref(), Some(need.resource.as_str()), "{sentence}");
        denial.kind().unwrap()
    }

    #[test]
    fn each_kind_of_policy_has_its_say_and_its_sentence() {
        let all = says("Allow", "*");
        let pull = says("Allow", "ecr:BatchGetImage");
        let other = says("Allow", "s3:*");
        let deny = document(
            r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ecr:Batch*","Resource":"*"}"#,
        );
        let none = document("");
        let itself = r#"{"AWS":"arn:aws:iam::112233445566:role/okteto/puller"}"#;
        let root = r#"{"AWS":"arn:aws:iam::112233445566:root"}"#;
        for (inline, boundary, policy, repository, wanted) in [
            (&all, None, None, None, "allowed"),
            (&pull, Some(READ_ONLY), Some(&all), None, "allowed"),
            (&other, None, None, None, "identity-based"),
            (&deny, None, None, None, "identity-based (explicit deny)"),
            (&all, Some("arn:aws:iam::aws:policy/none"), None, None, "permissions boundary"),
            (&all, None, Some(&other), None, "session"),
            (&all, None, Some(&deny), None, "session (explicit deny)"),
            (&all, None, Some(&none), None, "session"),
            // The repository's policy allows by itself, but not past boundary and session policy.
            (&other, None, None, of_repository("Allow", itself), "allowed"),
            (&other, None, None, of_repository("Allow", "\"*\""), "allowed"),
            (&other, None, Some(&other), of_repository("Allow", itself), "session"),
            // One for the account leaves it to the account.
            (&other, None, None, of_repository("Allow", root), "identity-based"),
            (&pull, None, None, of_repository("Allow", root), "allowed"),
            (&all, None, None, of_repository("Deny", itself), "resource-based (explicit deny)"),
            (&all, None, None, of_repository("Deny", root), "resource-based (explicit deny)"),
            // What cannot be read might deny.
            (
                &"{".to_owned(),
                None,
                None,
                of_repository("Allow", itself),
                "identity-based (explicit deny)",
            ),
            (&all, None, None, Some("{".to_owned()), "resource-based (explicit deny)"),
        ] {
            let account = account(inline, boundary);
            let who = session(policy.map(String::as_str));
            let need = need("ecr:BatchGetImage", repository);
            assert_eq!(ending(&account, &who, &need), wanted, "{inline} {policy:?} {need:?}");
        }
        let bounded = account(&all, Some(READ_ONLY));
        assert_eq!(ending(&bounded, &ann(), &need("ecr:BatchGetImage", None)), "allowed");
        assert_eq!(ending(&bounded, &ann(), &need("ecr:PutImage", None)), "permissions boundary");
    }

    #[test]
    fn the_sentence_is_aws_own() {
        let account = account(&says("Allow", "s3:*"), None);
        assert_eq!(
            allows(&account, &session(None), NOW, &need("ecr:BatchGetImage", None)).unwrap_err(),
            "User: arn:aws:sts::112233445566:assumed-role/puller/s1 is not authorized to perform: ecr:BatchGetImage \
             on resource: arn:aws:ecr:us-east-2:112233445566:repository/team/app because no identity-based policy \
             allows the ecr:BatchGetImage action"
        );
        let everything =
            Need { resource: "*".to_owned(), ..need("ecr:GetAuthorizationToken", None) };
        let said = allows(&account, &ann(), NOW, &everything).unwrap_err();
        assert!(said.contains(" ecr:GetAuthorizationToken on resource: * because no "), "{said}");
    }

    #[test]
    fn each_service_refuses_by_its_own_code() {
        let account = account(&says("Allow", "iam:GetRole"), None);
        let ask = |service, caller: Option<Principal>| Ask {
            now: NOW,
            service,
            action: String::new(),
            region: "us-east-1".to_owned(),
            caller,
            input: Input::default(),
        };
        let refused = |service, caller, needs: &[Need]| {
            let refusal = demand(&account, &ask(service, caller), needs).unwrap_err();
            (refusal.code, refusal.status)
        };
        let needs = [need("iam:GetRole", None), need("iam:CreateRole", None)];
        assert_eq!(refused(Service::Iam, Some(ann()), &needs), ("AccessDenied", 403));
        assert_eq!(refused(Service::Sts, Some(ann()), &needs), ("AccessDenied", 403));
        assert_eq!(refused(Service::Ecr, Some(ann()), &needs), ("AccessDeniedException", 400));
        assert_eq!(refused(Service::Iam, None, &needs), ("MissingAuthenticationToken", 403));
        assert_eq!(demand(&account, &ask(Service::Iam, Some(ann())), &needs[..1]), Ok(()));
        assert_eq!(demand(&account, &ask(Service::Sts, None), &[]), Ok(()));
    }

    #[test]
    fn conditions_see_who_asks_when_and_where() {
        let allowed = |who: &Principal, conditions: &str| {
            let inline = document(&format!(
                r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{conditions}}}}}"#
            ));
            let mut need = need("iam:AttachRolePolicy", None);
            need.context.push(("iam:PolicyARN".to_owned(), vec![READ_ONLY.to_owned()]));
            allows(&account(&inline, None), who, NOW, &need).is_ok()
        };
        let common = r#""DateEquals":{"aws:CurrentTime":"1970-01-01T00:00:00Z"},"NumericEquals":{"aws:EpochTime":"0"},
            "IpAddress":{"aws:SourceIp":"127.0.0.0/8"},"Bool":{"aws:SecureTransport":"true"},
            "ArnEquals":{"iam:PolicyArn":"arn:aws:iam::aws:policy/AmazonEC2*"},"#;
        let strings = |list: &str| format!(r#"{common}"StringLike":{{{list}}}"#);
        let user = r#""aws:username":"ann","aws:userid":"AIDA*","aws:PrincipalType":"User","aws:PrincipalAccount":"112233445566",
            "aws:PrincipalArn":"arn:aws:iam::112233445566:user/ann","aws:RequestedRegion":"us-east-2""#;
        assert!(allowed(&ann(), &strings(user)));
        assert!(!allowed(&session(None), &strings(user)));
        let role = r#""aws:userid":"AROAPULLER:s1","aws:PrincipalType":"AssumedRole","aws:PrincipalTag/team":"blue",
            "aws:PrincipalArn":"arn:aws:iam::112233445566:role/okteto/puller""#;
        assert!(allowed(&session(None), &strings(role)));
        assert!(allowed(&session(None), r#""Null":{"aws:username":"true"}"#));
    }

    #[test]
    fn who_is_gone_may_do_nothing() {
        let mut account = account(&says("Allow", "*"), None);
        let need = need("ecr:BatchGetImage", of_repository("Allow", "\"*\""));
        assert_eq!(ending(&account, &session(None), &need), "allowed");
        // Made anew under its name, it is another role.
        if let Some(role) = account.state.roles.get_mut("puller") {
            role.identity.id = "AROANEW".to_owned();
        }
        assert_eq!(ending(&account, &session(None), &need), "identity-based");
        account.state.users.clear();
        assert_eq!(ending(&account, &ann(), &need), "identity-based");
    }
}
