//! The requests' members and their limits, as IAM's service model has them (botocore `iam/2010-05-08/service-2.json`).

use crate::practice::account::Ask;
use crate::practice::account::input::{Fits, Shape, invalid};
use crate::practice::account::refusal::Refusal;

use super::tag;

/// What a member may be.
#[derive(Clone, Copy)]
enum Form {
    Text(Shape),
    Number(i64, i64),
    Flag,
    Choice(&'static [&'static str]),
    Texts(Shape),
    Choices(&'static [&'static str]),
    Tags,
}

/// Name, whether it must be there, what it may be.
type Member = (&'static str, bool, Form);

const fn text(min: usize, max: usize) -> Form {
    Form::Text(Shape { min, max, pattern: None })
}

const fn like(min: usize, max: usize, pattern: &'static str, fits: Fits) -> Form {
    Form::Text(Shape { min, max, pattern: Some((pattern, fits)) })
}

fn all(text: &str, good: fn(char) -> bool) -> bool {
    text.chars().all(good)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && all(text, |c| is_word(c) || "+=,.@-".contains(c))
}

fn is_path(text: &str) -> bool {
    text == "/"
        || (text.len() > 2
            && text.starts_with('/')
            && text.ends_with('/')
            && all(text, |c| c.is_ascii_graphic()))
}

fn is_policy_path(text: &str) -> bool {
    text == "/"
        || text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).is_some_and(|inner| {
            inner.split('/').all(|part| {
                !part.is_empty()
                    && all(part, |c| c.is_ascii_alphanumeric() || ".,+@=_-".contains(c))
            })
        })
}

fn is_latin(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}')
}

fn is_version(text: &str) -> bool {
    let Some(number) = text.strip_prefix('v') else { return false };
    let (number, rest) = number.split_once('.').unwrap_or((number, ""));
    !number.starts_with('0')
        && !number.is_empty()
        && all(number, |c| c.is_ascii_digit())
        && all(rest, |c| c.is_ascii_alphanumeric() || c == '-')
}

const NAME: &str = r"[\w+=,.@-]+";
const ROLE: Member = ("RoleName", true, like(1, 64, NAME, is_name));
const USER: Member = ("UserName", true, like(1, 64, NAME, is_name));
/// The wider shape of names that exist.
const OLD_USER: Member = ("UserName", true, like(1, 128, NAME, is_name));
const MAY_USER: Member = ("UserName", false, like(1, 128, NAME, is_name));
const MAY_NEW_USER: Member = ("UserName", false, like(1, 64, NAME, is_name));
const GROUP: Member = ("GroupName", true, like(1, 128, NAME, is_name));
const POLICY: Member = ("PolicyName", true, like(1, 128, NAME, is_name));
const URL: Form = text(1, 255);
const ANY_DESCRIPTION: Form = text(0, 1000);
const ARN: Form = text(20, 2048);
const POLICY_ARN: Member = ("PolicyArn", true, ARN);
const BOUNDARY: Member = ("PermissionsBoundary", false, ARN);
const PROVIDER: Member = ("OpenIDConnectProviderArn", true, ARN);
const PATH_FORM: Form = like(1, 512, r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", is_path);
const PATH: Member = ("Path", false, PATH_FORM);
const PREFIX: Member = (
    "PathPrefix",
    false,
    like(1, 512, r"\u002F[\u0021-\u007F]*", |text| {
        text.starts_with('/') && all(text, |c| matches!(c, '!'..='\u{7F}'))
    }),
);
const POLICY_PATH: Form = like(1, 512, r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", is_policy_path);
const POLICY_PREFIX: Member = ("PathPrefix", false, POLICY_PATH);
const DOCUMENT_PATTERN: &str = r"[\u0009\u000A\u000D\u0020-\u00FF]+";
const DOCUMENT_FORM: Form = like(1, 131_072, DOCUMENT_PATTERN, |text| all(text, is_latin));
const PASSWORD: Member =
    ("Password", false, like(1, 128, DOCUMENT_PATTERN, |text| all(text, is_latin)));
const DOCUMENT: Member = ("PolicyDocument", true, DOCUMENT_FORM);
const DESCRIPTION_FORM: Form =
    like(0, 1000, r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", |text| {
        all(text, |c| is_latin(c) && !matches!(c, '\u{7F}'..='\u{A0}'))
    });
const DURATION: Member = ("MaxSessionDuration", false, Form::Number(3600, 43_200));
const VERSION: Member =
    ("VersionId", true, like(0, usize::MAX, r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", is_version));
const KEY: Member = ("AccessKeyId", true, like(16, 128, r"[\w]+", |text| all(text, is_word)));
const CLIENT: Shape = Shape { min: 1, max: 255, pattern: None };
const THUMBPRINT: Shape = Shape { min: 40, max: 40, pattern: None };
const MARKER: Member = (
    "Marker",
    false,
    like(1, 320, r"[\u0020-\u00FF]+", |text| all(text, |c| matches!(c, ' '..='\u{FF}'))),
);
const MOST: Member = ("MaxItems", false, Form::Number(1, 1000));
const TAGS: Member = ("Tags", false, Form::Tags);
const MUST_TAGS: Member = ("Tags", true, Form::Tags);
const TAG_KEYS: Member = ("TagKeys", true, Form::Texts(tag::KEY));
const USAGE: Member =
    ("PolicyUsageFilter", false, Form::Choice(&["PermissionsPolicy", "PermissionsBoundary"]));
const KINDS: &[&str] = &["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

/// What the actions take.
fn members(action: &str) -> &'static [Member] {
    match action {
        "CreateOpenIDConnectProvider" => &[
            ("Url", true, URL),
            ("ClientIDList", false, Form::Texts(CLIENT)),
            ("ThumbprintList", false, Form::Texts(THUMBPRINT)),
            TAGS,
        ],
        "GetOpenIDConnectProvider" | "DeleteOpenIDConnectProvider" => &[PROVIDER],
        "AddClientIDToOpenIDConnectProvider" | "RemoveClientIDFromOpenIDConnectProvider" => {
            &[PROVIDER, ("ClientID", true, Form::Text(CLIENT))]
        }
        "UpdateOpenIDConnectProviderThumbprint" => {
            &[PROVIDER, ("ThumbprintList", true, Form::Texts(THUMBPRINT))]
        }
        "TagOpenIDConnectProvider" => &[PROVIDER, MUST_TAGS],
        "UntagOpenIDConnectProvider" => &[PROVIDER, TAG_KEYS],
        "ListOpenIDConnectProviderTags" => &[PROVIDER, MARKER, MOST],
        "CreateRole" => &[
            PATH,
            ROLE,
            ("AssumeRolePolicyDocument", true, DOCUMENT_FORM),
            ("Description", false, DESCRIPTION_FORM),
            DURATION,
            BOUNDARY,
            TAGS,
        ],
        "GetRole" | "DeleteRole" | "DeleteRolePermissionsBoundary" => &[ROLE],
        "ListRoles" | "ListUsers" | "ListGroups" => &[PREFIX, MARKER, MOST],
        "UpdateRole" => &[ROLE, ("Description", false, DESCRIPTION_FORM), DURATION],
        "UpdateRoleDescription" => &[ROLE, ("Description", true, DESCRIPTION_FORM)],
        "UpdateAssumeRolePolicy" => &[ROLE, DOCUMENT],
        "TagRole" => &[ROLE, MUST_TAGS],
        "UntagRole" => &[ROLE, TAG_KEYS],
        "ListRoleTags" | "ListRolePolicies" | "ListInstanceProfilesForRole" => {
            &[ROLE, MARKER, MOST]
        }
        "AttachRolePolicy" | "DetachRolePolicy" => &[ROLE, POLICY_ARN],
        "ListAttachedRolePolicies" => &[ROLE, POLICY_PREFIX, MARKER, MOST],
        "PutRolePolicy" => &[ROLE, POLICY, DOCUMENT],
        "GetRolePolicy" | "DeleteRolePolicy" => &[ROLE, POLICY],
        "PutRolePermissionsBoundary" => &[ROLE, ("PermissionsBoundary", true, ARN)],
        "CreateUser" => &[PATH, USER, BOUNDARY, TAGS],
        "GetUser" | "CreateAccessKey" => &[MAY_USER],
        "DeleteUser" => &[OLD_USER],
        "DeleteUserPermissionsBoundary" => &[USER],
        "TagUser" => &[OLD_USER, MUST_TAGS],
        "UntagUser" => &[OLD_USER, TAG_KEYS],
        "ListUserTags" | "ListUserPolicies" | "ListGroupsForUser" => &[OLD_USER, MARKER, MOST],
        "AttachUserPolicy" | "DetachUserPolicy" => &[USER, POLICY_ARN],
        "ListAttachedUserPolicies" => &[USER, POLICY_PREFIX, MARKER, MOST],
        "PutUserPolicy" => &[OLD_USER, POLICY, DOCUMENT],
        "GetUserPolicy" | "DeleteUserPolicy" => &[OLD_USER, POLICY],
        "PutUserPermissionsBoundary" => &[USER, ("PermissionsBoundary", true, ARN)],
        "ListAccessKeys" => &[MAY_USER, MARKER, MOST],
        // The user guide knows these two; `Expired` is a state that only AWS sets.
        "UpdateAccessKey" => {
            &[MAY_USER, KEY, ("Status", true, Form::Choice(&["Active", "Inactive"]))]
        }
        "DeleteAccessKey" => &[MAY_USER, KEY],
        "GetAccessKeyLastUsed" => &[KEY],
        "CreatePolicy" => &[
            POLICY,
            ("Path", false, POLICY_PATH),
            DOCUMENT,
            ("Description", false, ANY_DESCRIPTION),
            TAGS,
        ],
        "GetPolicy" | "DeletePolicy" => &[POLICY_ARN],
        "CreatePolicyVersion" => &[POLICY_ARN, DOCUMENT, ("SetAsDefault", false, Form::Flag)],
        "GetPolicyVersion" | "DeletePolicyVersion" | "SetDefaultPolicyVersion" => {
            &[POLICY_ARN, VERSION]
        }
        "ListPolicyVersions" | "ListPolicyTags" => &[POLICY_ARN, MARKER, MOST],
        "TagPolicy" => &[POLICY_ARN, MUST_TAGS],
        "UntagPolicy" => &[POLICY_ARN, TAG_KEYS],
        "ListPolicies" => &[
            ("Scope", false, Form::Choice(&["All", "AWS", "Local"])),
            ("OnlyAttached", false, Form::Flag),
            POLICY_PREFIX,
            USAGE,
            MARKER,
            MOST,
        ],
        "ListEntitiesForPolicy" => &[
            POLICY_ARN,
            ("EntityFilter", false, Form::Choice(KINDS)),
            ("PathPrefix", false, PATH_FORM),
            USAGE,
            MARKER,
            MOST,
        ],
        "GetAccountAuthorizationDetails" => {
            &[("Filter", false, Form::Choices(KINDS)), MARKER, MOST]
        }
        "ListAccountAliases" => &[MARKER, MOST],
        _ => members_of_groups(action),
    }
}

/// What the actions on groups and passwords take.
fn members_of_groups(action: &str) -> &'static [Member] {
    match action {
        "GetLoginProfile" | "DeleteLoginProfile" => &[MAY_NEW_USER],
        "CreateLoginProfile" => {
            &[MAY_NEW_USER, PASSWORD, ("PasswordResetRequired", false, Form::Flag)]
        }
        "CreateGroup" => &[PATH, GROUP],
        "DeleteGroup" => &[GROUP],
        "GetGroup" | "ListGroupPolicies" => &[GROUP, MARKER, MOST],
        "AddUserToGroup" | "RemoveUserFromGroup" => &[GROUP, OLD_USER],
        "AttachGroupPolicy" | "DetachGroupPolicy" => &[GROUP, POLICY_ARN],
        "ListAttachedGroupPolicies" => &[GROUP, POLICY_PREFIX, MARKER, MOST],
        "PutGroupPolicy" => &[GROUP, POLICY, DOCUMENT],
        "GetGroupPolicy" | "DeleteGroupPolicy" => &[GROUP, POLICY],
        _ => &[],
    }
}

/// Holds a request against the model. All that is wrong is told at once, as AWS does.
pub(super) fn check(ask: &Ask) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    for (name, must, form) in members(&ask.action) {
        if let Err(refusal) = read(ask, name, *must, *form) {
            if refusal.code != "ValidationError" {
                return Err(refusal);
            }
            wrong.push(refusal);
        }
    }
    if wrong.len() < 2 {
        return wrong.pop().map_or(Ok(()), Err);
    }
    let rules: Vec<&str> = wrong
        .iter()
        .map(|refusal| refusal.message.split_once(": ").map_or("", |(_, rule)| rule))
        .collect();
    let message = format!("{} validation errors detected: {}", rules.len(), rules.join("; "));
    Err(Refusal::new("ValidationError", message))
}

fn read(ask: &Ask, name: &str, required: bool, form: Form) -> Result<(), Refusal> {
    let input = &ask.input;
    let there = match form {
        Form::Text(shape) => input.text(name, shape)?.is_some(),
        Form::Number(least, most) => input.number(name, least..=most)?.is_some(),
        Form::Flag => {
            input.flag(name)?;
            true
        }
        Form::Choice(words) => input.choice(name, words)?.is_some(),
        Form::Texts(shape) => {
            let list = input.list(name);
            for value in list {
                shape
                    .check(name, value.as_str().unwrap_or_default())
                    .map_err(|refusal| whole_list(name, list, &refusal))?;
            }
            !list.is_empty()
        }
        Form::Choices(words) => {
            let good =
                |value: &serde_json::Value| value.as_str().is_some_and(|w| words.contains(&w));
            if !input.list(name).iter().all(good) {
                let rule = format!(
                    "Member must satisfy constraint: [Member must satisfy enum value set: [{}]]",
                    words.join(", ")
                );
                return Err(invalid(&shown(input.list(name)), name, &rule));
            }
            true
        }
        Form::Tags => !tag::read(ask)?.is_empty(),
    };
    if required && !there {
        return Err(invalid("null", name, "Member must not be null"));
    }
    Ok(())
}

/// AWS tells of a member of a list by the whole list.
fn whole_list(name: &str, list: &[serde_json::Value], refusal: &Refusal) -> Refusal {
    let rule = refusal.message.rsplit_once("constraint: ").map_or("", |(_, rule)| rule);
    invalid(&shown(list), name, &format!("Member must satisfy constraint: [{rule}]"))
}

fn shown(list: &[serde_json::Value]) -> String {
    let texts: Vec<&str> = list.iter().filter_map(serde_json::Value::as_str).collect();
    format!("'[{}]'", texts.join(", "))
}
