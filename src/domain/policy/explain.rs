//! A policy's text line by line, in plain words, and where the tutorial printed something else.

use crate::domain::arn::Arn;
use crate::domain::tutorial::words::{FEDERATED, KEYS, SAMPLE_REPLY};

/// One line of a policy as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line as it is sent, indentation included.
    pub text: String,
    /// What it says, in plain words.
    pub reads: String,
    /// Where the tutorial differs, if it does.
    pub contrast: Option<Contrast>,
}

/// What the tutorial prints at a line, and why this line is not that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrast {
    /// The tutorial's line as it stands on the page.
    pub printed: &'static str,
    /// Whether the line still differs once the tutorial's placeholders are filled in to the letter.
    pub differs: bool,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Explains a policy, trust or permission, one entry for each line of the text.
#[must_use]
pub fn lines(text: &str) -> Vec<Line> {
    let mut open: Vec<String> = Vec::new();
    text.lines()
        .map(|line| {
            let content = line.trim();
            if content.starts_with(['}', ']']) {
                let what = open.pop().unwrap_or_default();
                return Line {
                    text: line.to_owned(),
                    reads: format!("Here ends {what}."),
                    contrast: None,
                };
            }
            let (key, value) = split(content);
            let within = open.last().map_or("", String::as_str);
            let reads = reads(key, value, within);
            let contrast = contrast(key);
            if content.ends_with(['{', '[']) {
                open.push(match key {
                    Some(key) => key.to_owned(),
                    None if open.is_empty() => "the document".to_owned(),
                    None => "the statement".to_owned(),
                });
            }
            Line { text: line.to_owned(), reads, contrast }
        })
        .collect()
}

/// Key and value of a line of pretty JSON, without quotes, comma and opening bracket.
fn split(content: &str) -> (Option<&str>, &str) {
    let bare = |v: &'_ str| -> usize { v.trim_end_matches([',', '{', '[', ' ']).len() };
    let (key, value) = match content.split_once("\": ") {
        Some((key, value)) => (Some(key.trim_start_matches('"')), value),
        None => (None, content),
    };
    let value = value.get(..bare(value)).unwrap_or_default();
    (key, value.trim_matches('"'))
}

fn reads(key: Option<&str>, value: &str, within: &str) -> String {
    match key {
        Some("Version") => format!(
            "The version of the policy language, not a date of yours. {value} is the current one."
        ),
        Some("Statement") => "What follows are the statements: each allows one thing.".to_owned(),
        Some("Sid") => format!("A label for people, {value}. It has no effect."),
        Some("Effect") => format!("The statement says: {value}."),
        Some("Principal") if value == "*" => principal("AWS", value),
        Some("Principal") => "Who is meant: here begins the list of who may knock.".to_owned(),
        Some("Federated") => format!(
            "Holders of a token that this identity provider vouches for: {value}. It is the \
             provider's ARN, not a role's."
        ),
        Some("NotPrincipal") => "Everyone but those who are listed here.".to_owned(),
        Some(kind @ ("AWS" | "Service" | "CanonicalUser")) if value.is_empty() => {
            format!("One of these, by name ({kind}).")
        }
        Some(kind @ ("AWS" | "Service" | "CanonicalUser")) => principal(kind, value),
        Some("Action") if value.is_empty() => "What is allowed, one call a line.".to_owned(),
        Some("Action") => action(value),
        Some("NotAction") => format!("Every call but {}.", or_below(value)),
        Some("NotResource") => format!("On everything but {}.", or_below(value)),
        Some("Resource") if value == "*" => {
            "On everything; asking for a login knows no narrower resource.".to_owned()
        }
        Some("Resource") if value.is_empty() => "On these repositories only.".to_owned(),
        Some("Resource") => format!("On {value} only."),
        Some("Condition") => "Only if all of the following holds.".to_owned(),
        Some("StringEquals") => {
            "Each key must equal its value to the letter; no wildcard works here.".to_owned()
        }
        Some(key) if key.ends_with(":aud") && value.is_empty() => {
            "The token's aud must be one of the following.".to_owned()
        }
        Some(key) if key.ends_with(":aud") => format!("The token must carry aud = {value}."),
        Some(key) if key.ends_with(":sub") && value.is_empty() => {
            "The token's sub must be one of the following.".to_owned()
        }
        Some(key)
            if key.ends_with(":sub")
                && (value.contains(['*', '?']) || !value.starts_with("system:serviceaccount:")) =>
        {
            format!("The token's sub is held against {value}.")
        }
        Some(key) if key.ends_with(":sub") => {
            format!("The token must belong to this one service account: sub = {value}.")
        }
        Some(name) if is_operator(name) => operator(name),
        Some(key) if value.is_empty() => format!("What {key} is held against follows."),
        Some(key) => {
            format!("What the request or the token says of {key} is held against {value}.")
        }
        None if value.is_empty() && within.is_empty() => "Here begins the document.".to_owned(),
        None if value.is_empty() => "Here begins a statement.".to_owned(),
        None if within.ends_with(":aud") => format!("aud = {value} is welcome."),
        None if within == "Action" => action(value),
        None if matches!(within, "AWS" | "Service" | "CanonicalUser") => principal(within, value),
        None if within == "Federated" => format!("Holders of a token of {value}."),
        None if within == "Resource" => format!("The repository {}.", repository(value)),
        None => format!("{value} is one of them."),
    }
}

fn or_below(value: &str) -> &str {
    if value.is_empty() { "these" } else { value }
}

/// Who somebody is that shows no web token (IAM user guide, `reference_policies_elements_principal`).
fn principal(kind: &str, value: &str) -> String {
    let arn = Arn::parse(value).ok();
    let account = |id: &str| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit());
    match (kind, arn) {
        ("AWS", _) if value == "*" => {
            "Everyone with an AWS account, unless a condition says otherwise.".to_owned()
        }
        ("AWS", None) if account(value) => of_account(value),
        ("AWS", Some(arn)) if arn.resource == "root" => of_account(&arn.account),
        ("AWS", Some(arn)) => match arn.resource.split_once('/') {
            Some(("role", name)) => {
                format!("The role {name} of the account {}: whoever has assumed it.", arn.account)
            }
            Some(("user", name)) => format!("The user {name} of the account {}.", arn.account),
            Some(("assumed-role", name)) => {
                format!("The session {name} of a role of the account {}.", arn.account)
            }
            _ => format!("The AWS principal {value}."),
        },
        ("AWS", None) => {
            format!("{value}, which is no ARN: so IAM shows a role or user that is gone.")
        }
        ("Service", _) => format!("The AWS service {value}, on the account's behalf."),
        _ => format!("The owner of the canonical user id {value}."),
    }
}

fn of_account(id: &str) -> String {
    format!("Whomever the account {id} lets use it: root stands for the whole account.")
}

/// Whether a name is that of an operator (IAM user guide, `reference_policies_elements_condition_operators`): keys have a
/// colon of their own.
fn is_operator(name: &str) -> bool {
    const FAMILIES: [&str; 8] =
        ["String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "NotIpAddress", "Arn"];
    let quantified = ["ForAllValues:", "ForAnyValue:"];
    let bare = quantified.iter().find_map(|q| name.strip_prefix(q)).unwrap_or(name);
    bare.bytes().all(|b| b.is_ascii_alphabetic())
        && (bare == "Null" || FAMILIES.iter().any(|family| bare.starts_with(family)))
}

/// What an operator asks, in a sentence that holds for each of its kind.
fn operator(name: &str) -> String {
    let bare = name.rsplit(':').next().unwrap_or_default();
    let absent = if name.starts_with("ForAllValues:") || bare.ends_with("IfExists") {
        " It also holds where the key is absent."
    } else {
        ""
    };
    let asks = match bare.strip_suffix("IfExists").unwrap_or(bare) {
        "StringEquals" => "Each key must equal its value to the letter; no wildcard works here.",
        "StringEqualsIgnoreCase" => {
            "Each key must equal its value, in large or small letters; no wildcard works here."
        }
        "StringLike" => {
            "Each key must fit its value; * stands for any text, ? for any one character."
        }
        "Null" => "\"true\" wants the key to be absent, \"false\" wants it to be there.",
        other if other.contains("Not") => {
            "Each key must be other than its value; an absent one is."
        }
        other => return format!("Each key is compared by {other}.{absent}"),
    };
    format!("{asks}{absent}")
}

fn repository(arn: &str) -> &str {
    arn.split_once(":repository/").map_or(arn, |(_, name)| name)
}

fn action(name: &str) -> String {
    let words = match name {
        "sts:AssumeRoleWithWebIdentity" => "swap a web identity token for keys of this role",
        "ecr:GetAuthorizationToken" => "ask for a registry login, good for 12 hours",
        "ecr:BatchGetImage" => "read manifests",
        "ecr:GetDownloadUrlForLayer" => "get the address of a layer",
        "ecr:BatchCheckLayerAvailability" => "ask whether a layer is there",
        "ecr:BatchImportUpstreamImage" => "fill a pull-through cache that exists",
        "ecr:GetRepositoryPolicy" => "read a repository's policy",
        "ecr:DescribeRepositories" => "list repositories",
        "ecr:ListImages" => "list images",
        "ecr:DescribeImages" => "read sizes and dates of images",
        "ecr:GetLifecyclePolicy" => "read when images are cleaned up",
        "ecr:GetLifecyclePolicyPreview" => "read what a clean-up would take",
        "ecr:ListTagsForResource" => "read a repository's tags",
        "ecr:DescribeImageScanFindings" => "read what scans found",
        other => return format!("The call {other}."),
    };
    format!("{name}: {words}.")
}

fn contrast(key: Option<&str>) -> Option<Contrast> {
    let (printed, differs, why) = match key? {
        "Principal" => (r#""Principal": {"#, false, SAMPLE_REPLY),
        "Federated" => (r#""Federated": "${ROLE_ARN}""#, false, FEDERATED),
        key if key.ends_with(":aud") => (r#""${OIDC_ENDPOINT}:aud": "${AUDIENCE}""#, true, KEYS),
        key if key.ends_with(":sub") => {
            (r#""${OIDC_ENDPOINT}:sub": "${OKTETO_SERVICE_ACCOUNT}""#, true, KEYS)
        }
        _ => return None,
    };
    Some(Contrast { printed, differs, why })
}
