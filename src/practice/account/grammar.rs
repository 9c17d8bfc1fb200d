//! What IAM and ECR take as a policy document, and their words for what they do not take.
//!
//! The words are **reported** by the public issue or the tool's tests named beside them, or **inferred** from such a
//! one; AWS publishes the grammar (`reference_policies_grammar`), not its sentences. IAM takes a few things that this
//! refuses, for what they would mean is not written anywhere: empty lists of values in conditions, values that do not
//! suit their operator, condition keys without a colon.

use serde_json::Value;

use super::refusal::Refusal;
use super::state::State;
use crate::domain::arn::Arn;
use crate::domain::evaluate::{CURRENT, Condition, Effect, Party, Policy, Statement, Unsound};
use crate::domain::partition::Partition;
use crate::domain::policy::{Document, Unreadable};

/// Reported: moto's cases of refused documents, taken from AWS.
const SYNTAX: &str = "Syntax errors in policy.";
/// Reported: the same.
const LEGACY: &str = "The policy failed legacy parsing";
/// Reported: terraform-aws-modules/terraform-aws-eks#2594, terraform-aws-iam#202 (wrong partition, mistyped ARN).
const FEDERATED: &str = "Federated principals must be valid domain names or SAML metadata ARNs";
/// Reported: moto's cases.
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

/// Identity providers that AWS knows without an ARN (`id_roles_providers_create_oidc`).
const DOMAINS: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// Services that can take on a role. IAM refuses those it does not know
/// (`Invalid principal in policy: "SERVICE":"tagging.amazonaws.com"`, hashicorp/terraform#35086); this account knows
/// some that run containers or build them.
const SERVICES: [&str; 10] = [
    "batch",
    "build.apprunner",
    "codebuild",
    "codepipeline",
    "ec2",
    "ecs",
    "ecs-tasks",
    "eks",
    "lambda",
    "pods.eks",
];

/// What a trust policy may allow (STS API reference). `*` is no such action, `sts:*` is (reported: versitygw's tests,
/// made after AWS's answers).
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

/// Issuers that many customers of theirs share: IAM refuses a trust policy that does not test who it is, by this claim
/// (`id_roles_providers_oidc_secure-by-default`).
const SHARED: [(&str, &str); 14] = [
    ("agent.buildkite.com", "sub"),
    ("api.pulumi.com/oidc", "aud"),
    ("app.terraform.io", "sub"),
    ("gitlab.com", "sub"),
    ("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    ("oidc.codefresh.io", "sub"),
    ("oidc.vercel.com", "aud"),
    ("proidc.upbound.io", "sub"),
    ("sandboxes.cloud", "aud"),
    ("scalr.io", "sub"),
    ("studio.datachain.ai/api", "sub"),
    ("token.actions.githubusercontent.com", "sub"),
    ("tokens.cloud.shisho.dev", "sub"),
    ("vstoken.actions.githubusercontent.com", "sub"),
];

/// A trust policy of a role of this account: `CreateRole`, `UpdateAssumeRolePolicy`.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(super) fn trust(text: &str, state: &State) -> Result<(), Refusal> {
    check_trust(text, state).map_err(malformed)
}

/// A policy of an identity, inline or managed, and a session policy.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(super) fn identity(text: &str) -> Result<(), Refusal> {
    check_identity(text).map_err(malformed)
}

/// A policy of a repository.
///
/// # Errors
/// `InvalidParameterException`. ECR has one sentence for nearly all (reported: terraform-aws-modules/terraform-aws-ecr#19;
/// for `Resource`: awsdocs/amazon-ecr-user-guide#20; for principals not there: hashicorp/terraform-provider-aws#39064).
pub(super) fn repository(text: &str, state: &State) -> Result<(), Refusal> {
    let invalid = |why: &str| {
        let message =
            format!("Invalid parameter at 'PolicyText' failed to satisfy constraint: '{why}'");
        Refusal::new("InvalidParameterException", message)
    };
    let policy =
        check_repository(text).map_err(|_| invalid("Invalid repository policy provided"))?;
    for party in parties(&policy) {
        principal(party, state).map_err(|wrong| {
            invalid(match wrong {
                Wrong::Form => "Invalid repository policy provided",
                Wrong::Absent => "Principal not found",
            })
        })?;
    }
    Ok(())
}

/// The size of a document as the quotas count it: white space between its parts is left out (IAM quotas). That within
/// strings counts here, the strict reading.
pub(super) fn size(text: &str) -> usize {
    let (mut within, mut escaped) = (false, false);
    text.chars()
        .filter(|&c| {
            let counts = within || !c.is_whitespace();
            within ^= c == '"' && !escaped;
            escaped = within && c == '\\' && !escaped;
            counts
        })
        .count()
}

fn malformed(message: String) -> Refusal {
    Refusal::new("MalformedPolicyDocument", message)
}

/// The document, or `otherwise` where it is no JSON.
fn parse(text: &str, otherwise: &str) -> Result<Document, String> {
    // Reported: hashicorp/terraform-provider-aws and console users alike.
    if text.starts_with(char::is_whitespace) {
        return Err("JSON strings must not have leading spaces".to_owned());
    }
    // The model's pattern; what else a text may hold is the caller's to check. Inferred.
    let strange = |c: char| !matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
    if text.contains(strange) {
        return Err(otherwise.to_owned());
    }
    let document = Document::parse(text).map_err(|e| match e {
        Unreadable::Json { .. } => otherwise.to_owned(),
        Unreadable::Shape(_) => SYNTAX.to_owned(),
    })?;
    // Not in the grammar; the Access Analyzer calls it an error ("Unique Sids", "Duplicate keys"). Inferred.
    if document.duplicates.is_empty() { Ok(document) } else { Err(SYNTAX.to_owned()) }
}

fn check_trust(text: &str, state: &State) -> Result<(), String> {
    // Reported: localstack#8453, versitygw's tests.
    let document = parse(text, "This policy contains invalid Json")?;
    for statement in raw(&document) {
        if let Some(wrong) = trust_elements(statement) {
            return Err(wrong.to_owned());
        }
    }
    let policy = Policy::read(&document).map_err(|unsound| match unsound {
        // Reported: versitygw's tests.
        Unsound::Effect(effect) => format!("Invalid effect: {effect}"),
        Unsound::Version(_) => "The policy must contain a valid version string".to_owned(),
        // Reported: aws-samples/github-actions-oidc-cdk-construct#5.
        Unsound::Operator(name) => format!("Invalid Condition type : {name}"),
        Unsound::Operand { .. } => LEGACY.to_owned(),
        _ => SYNTAX.to_owned(),
    })?;
    // Reported: versitygw's tests.
    unique_sids(&policy, "The Statement Ids in the policy are not unique")?;
    // Before the principals: the request of terraform-aws-modules/terraform-aws-eks#1084 has a doubtful one too.
    keys(&policy)?;
    for statement in &policy.statements {
        let known = |a: &String| {
            TRUST_ACTIONS.contains(&a.as_str()) || (a.starts_with("sts:") && a.contains(['*', '?']))
        };
        if !statement.actions.patterns.iter().all(known) {
            // Reported: several public issues and versitygw's tests.
            return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
        }
    }
    for party in parties(&policy) {
        principal(party, state).map_err(|wrong| match (party, wrong) {
            (Party::Federated(_), Wrong::Form) => FEDERATED.to_owned(),
            // Reported for AWS: hashicorp/terraform-provider-aws#12436; for SERVICE: hashicorp/terraform#35086.
            // Inferred for FEDERATED.
            (Party::Federated(name), Wrong::Absent) => invalid_principal("FEDERATED", name),
            (Party::Service(name), _) => invalid_principal("SERVICE", name),
            (Party::Aws(name), _) => invalid_principal("AWS", name),
            (Party::Canonical(name), _) => invalid_principal("CANONICALUSER", name),
            (Party::Everyone, _) => invalid_principal("AWS", "*"),
        })?;
    }
    policy.statements.iter().try_for_each(shared)
}

fn invalid_principal(kind: &str, name: &str) -> String {
    format!("Invalid principal in policy: \"{kind}\":\"{name}\"")
}

/// What is amiss with the elements of a trust policy's statement, in the order in which IAM is seen to complain: a
/// permission policy given by mistake is told of its `Resource`, not of the missing principal
/// (kubernetes-sigs/external-dns#3085).
fn trust_elements(statement: &Value) -> Option<&'static str> {
    let has = |element: &str| statement.get(element).is_some();
    // All reported (versitygw's tests and the issues named in this file).
    Some(match statement.get("Principal") {
        _ if has("Resource") => "Has prohibited field Resource",
        _ if has("NotResource") => "AssumeRole policy must not contain resources.",
        _ if !has("Effect") => "Missing required field Effect",
        _ if has("NotPrincipal") && statement.get("Effect").is_some_and(|e| e == "Allow") => {
            "Allow with NotPrincipal is not allowed."
        }
        _ if has("NotPrincipal") => "AssumeRole policy must not contain NotPrincipal field.",
        None => "Missing required field Principal",
        // `"Principal": "*"` is not supported in trust policies (access-analyzer-reference-policy-checks).
        Some(Value::String(_)) => "Principal must be a JSON object.",
        Some(Value::Object(kinds)) if kinds.is_empty() || kinds.values().all(is_empty) => {
            "Missing required field Principal cannot be empty!"
        }
        _ if !has("Action") && !has("NotAction") => "Missing required field Action",
        _ => return None,
    })
}

fn is_empty(value: &Value) -> bool {
    value == "" || value.as_array().is_some_and(Vec::is_empty)
}

/// A shared issuer's tenant must be tested by a positive operator on strings, by more than wildcards. The page says that
/// IAM refuses, and does not show the words: inferred.
fn shared(statement: &Statement) -> Result<(), String> {
    let tests = |key: &str| {
        statement.conditions.iter().any(|Condition { operator, key: k, wanted }| {
            let name = operator.written.as_str();
            let name = name.strip_prefix("ForAnyValue:").unwrap_or(name);
            ["StringEquals", "StringEqualsIgnoreCase", "StringLike"].contains(&name)
                && k.eq_ignore_ascii_case(key)
                && wanted.iter().all(|w| w.contains(|c| !matches!(c, '*' | '?')))
        })
    };
    for party in statement.principal.iter().flat_map(|principals| &principals.parties) {
        let Party::Federated(name) = party else { continue };
        let issuer = name.split_once(":oidc-provider/").map_or(name.as_str(), |(_, issuer)| issuer);
        let claim = SHARED.iter().find(|(shared, _)| *shared == issuer).map(|(_, claim)| *claim);
        let claim = claim.or_else(|| (issuer == "cognito-identity.amazonaws.com").then_some("aud"));
        if let Some(claim) = claim.filter(|_| statement.effect == Effect::Allow)
            && !tests(&format!("{issuer}:{claim}"))
        {
            return Err(format!(
                "The trust policy must evaluate {issuer}:{claim} for the shared identity provider {issuer}."
            ));
        }
    }
    Ok(())
}

/// What is wrong with a principal.
enum Wrong {
    Form,
    Absent,
}

fn principal(party: &Party, state: &State) -> Result<(), Wrong> {
    let there = |is: bool| if is { Ok(()) } else { Err(Wrong::Absent) };
    match party {
        Party::Everyone => Ok(()),
        Party::Aws(account) if is_account_id(account) => Ok(()),
        Party::Aws(name) => {
            let arn = arn(name, state)?;
            let own = arn.account == state.account;
            let mut parts = arn.resource.split('/');
            match (arn.service.as_str(), parts.next(), parts.next(), parts.next()) {
                ("iam", Some("root"), None, None) => Ok(()),
                // Of other accounts nothing is known here.
                ("iam", Some("user" | "role"), Some(_), _) if !own => Ok(()),
                ("sts", Some("assumed-role"), Some(_), Some(_)) if !own => Ok(()),
                ("iam", Some("user"), Some(_), _) => {
                    there(state.users.values().any(|user| user.identity.arn == *name))
                }
                ("iam", Some("role"), Some(_), _) => {
                    there(state.roles.values().any(|role| role.identity.arn == *name))
                }
                ("sts", Some("assumed-role"), Some(role), Some(_)) => {
                    there(state.roles.values().any(|r| r.identity.name == role))
                }
                _ => Err(Wrong::Form),
            }
        }
        Party::Federated(name) if DOMAINS.contains(&name.as_str()) => Ok(()),
        Party::Federated(name) => {
            let arn = arn(name, state)?;
            let is_provider = ["oidc-provider/", "saml-provider/"]
                .iter()
                .any(|kind| arn.resource.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
            if arn.service != "iam" || !is_provider {
                return Err(Wrong::Form);
            }
            // Sources conflict on whether IAM looks for the provider. Without it the role could not be assumed, nor with
            // one of another account (re:Post `iam-oidc-idp-federation`): the strict reading.
            there(state.providers.contains_key(name))
        }
        Party::Service(name) => {
            let suffix = [".amazonaws.com", ".amazonaws.com.cn"];
            let service = suffix.iter().find_map(|suffix| name.strip_suffix(suffix));
            there(service.is_some_and(|service| SERVICES.contains(&service)))
        }
        Party::Canonical(_) => Err(Wrong::Form),
    }
}

/// An ARN of the account's partition, without region, of an account, to the letter. A text with `${…}` still in it is
/// none.
fn arn(text: &str, state: &State) -> Result<Arn, Wrong> {
    let strange =
        |c: char| c.is_whitespace() || matches!(c, '*' | '?' | '$' | '{' | '}' | '<' | '>');
    Arn::parse(text)
        .ok()
        .filter(|arn| arn.partition.id() == state.partition() && arn.region.is_empty())
        .filter(|arn| is_account_id(&arn.account) && !text.contains(strange))
        .ok_or(Wrong::Form)
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn parties(policy: &Policy) -> impl Iterator<Item = &Party> {
    policy.statements.iter().filter_map(|s| s.principal.as_ref()).flat_map(|p| &p.parties)
}

/// The order of complaints is moto's, whose cases were taken from AWS: syntax, version, values, Sids, actions, resources,
/// their form, vendors.
fn check_identity(text: &str) -> Result<(), String> {
    let document = parse(text, SYNTAX)?;
    let policy = Policy::read(&document);
    let late = match &policy {
        Ok(_) => None,
        Err(Unsound::Missing("Action")) => Some("Policy statement must contain actions."),
        Err(Unsound::Empty(at)) if at == "Action" || at == "NotAction" => {
            Some("Policy statement must contain actions.")
        }
        Err(Unsound::Empty(at)) if at == "Resource" || at == "NotResource" => {
            Some("Policy statement must contain resources.")
        }
        Err(Unsound::Operand { .. }) => Some(LEGACY),
        Err(Unsound::Effect(e)) if ["allow", "deny"].contains(&e.to_lowercase().as_str()) => {
            Some(LEGACY)
        }
        Err(_) => return Err(SYNTAX.to_owned()),
    };
    if document.version() != CURRENT {
        return Err("Policy document must be version 2012-10-17 or greater.".to_owned());
    }
    let policy = policy.map_err(|_| late.unwrap_or(SYNTAX))?;
    if policy.statements.iter().any(|s| s.principal.is_some()) {
        // Reported: hashicorp/terraform#13449, hashicorp/terraform-provider-aws#10419.
        return Err("Policy document should not specify a principal.".to_owned());
    }
    unique_sids(&policy, "Statement IDs (SID) in a single policy must be unique.")?;
    for statement in &policy.statements {
        let Some(resources) = &statement.resources else {
            return Err("Policy statement must contain resources.".to_owned());
        };
        resources.patterns.iter().try_for_each(|r| resource(r))?;
    }
    actions(&policy)?;
    keys(&policy)
}

fn check_repository(text: &str) -> Result<Policy, String> {
    let document = parse(text, SYNTAX)?;
    let policy = Policy::read(&document).map_err(|unsound| unsound.to_string())?;
    if policy.statements.iter().any(|s| s.resources.is_some() || s.principal.is_none()) {
        return Err(SYNTAX.to_owned());
    }
    actions(&policy)?;
    keys(&policy)?;
    Ok(policy)
}

fn raw(document: &Document) -> &[Value] {
    match document.value.get("Statement") {
        Some(Value::Array(list)) => list,
        one => one.map_or(&[], std::slice::from_ref),
    }
}

fn unique_sids(policy: &Policy, otherwise: &str) -> Result<(), String> {
    let mut sids: Vec<&String> =
        policy.statements.iter().filter_map(|s| s.sid.as_ref()).filter(|s| !s.is_empty()).collect();
    let all = sids.len();
    sids.sort();
    sids.dedup();
    if sids.len() == all { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// `*`, or `vendor:Action`.
fn actions(policy: &Policy) -> Result<(), String> {
    for action in policy.statements.iter().flat_map(|s| &s.actions.patterns) {
        if action == "*" {
            continue;
        }
        let Some((vendor, rest)) = action.split_once(':') else {
            return Err(VENDOR.to_owned());
        };
        if rest.contains(':') {
            // Reported: aws-cloudformation/cfn-lint#935.
            return Err("Actions/Condition can contain only one colon.".to_owned());
        }
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if vendor != "*" && (vendor.is_empty() || !vendor.chars().all(good)) {
            return Err(format!("Vendor {vendor} is not valid"));
        }
    }
    Ok(())
}

/// Condition keys have one colon, but for what follows the slash of a tag's key, which may have its own.
fn keys(policy: &Policy) -> Result<(), String> {
    for key in policy.statements.iter().flat_map(|s| &s.conditions).map(|c| &c.key) {
        let name = match key.split_once('/') {
            Some((head, _)) if head.ends_with("Tag") => head,
            _ => key,
        };
        match name.matches(':').count() {
            0 => return Err(VENDOR.to_owned()),
            1 => {}
            // Reported: terraform-aws-modules/terraform-aws-eks#1084, for keys that begin with `https://`.
            _ => return Err("Condition can contain only one colon.".to_owned()),
        }
    }
    Ok(())
}

/// `*` or an ARN of six fields. The words are reported (moto's cases); that the account must be digits, `aws`, empty or a
/// wildcard is reported by users who left a placeholder there.
fn resource(text: &str) -> Result<(), String> {
    const PATHS: &str = "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, \
        policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";
    if text == "*" {
        return Ok(());
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, partition, ..] = fields[..] else {
        return Err(format!("Resource {text} must be in ARN format or \"*\"."));
    };
    if partition != "*" && Partition::from_id(partition).is_none() {
        let field = |at| fields.get(at).unwrap_or(&"*");
        return Err(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{}:{}:{}:{}\".",
            field(2),
            field(3),
            field(4),
            field(5)
        ));
    }
    let [_, _, service, region, account, path] = fields[..] else {
        return Err(match fields.get(2) {
            None => {
                "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
            }
            Some(_) => LEGACY.to_owned(),
        });
    };
    let is_account =
        account == "aws" || account.chars().all(|c| matches!(c, '0'..='9' | '*' | '?'));
    if prefix != "arn" || service.is_empty() || path.is_empty() || !is_account {
        return Err(LEGACY.to_owned());
    }
    if service.contains(['*', '?']) {
        return Err(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
        );
    }
    if service != "iam" {
        return Ok(());
    }
    if !region.is_empty() {
        return Err(format!("IAM resource {text} cannot contain region information."));
    }
    if path != "*" && !PATHS.split(", ").any(|kind| path.starts_with(kind)) {
        return Err(format!("IAM resource path must either be \"*\" or start with {PATHS}."));
    }
    Ok(())
}
