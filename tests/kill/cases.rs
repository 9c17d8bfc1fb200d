//! Every mode: what is made, what is changed, what is rotated.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use okteto_ecr::practice::account::Account;
use serde_json::{Value, json};

use crate::account::iam;
use crate::proof;
use crate::support::Answers;
use crate::world::{ACCOUNT, Mode};

pub const USER: &str = "private-registry-user";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
const BOUNDARY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser";
const OTHER_BOUNDARY: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn now() -> Timestamp {
    okteto_ecr::clock::now()
}

/// Done by somebody else, before.
fn done(account: &mut Account, action: &str, input: Value) -> Value {
    iam(account, now(), action, input)
}

pub fn nothing(_: &mut Account) -> Vec<String> {
    Vec::new()
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn tutorial(_: &Path) -> Answers {
    Answers::tutorial(ACCOUNT)
}

pub fn user(file: &Path) -> Answers {
    Answers::tutorial(ACCOUNT)
        .without("oidc")
        .with("mode", "iam-user")
        .with("iam_user.user", USER)
        .with("iam_user.secret_to", format!("file:{}", file.display()))
}

/// With everything that can be asked of a role or user.
fn rich(answers: Answers) -> Answers {
    let tags = toml::Table::from_iter([
        ("owner".to_owned(), "platform".into()),
        ("team".to_owned(), "registry".into()),
    ]);
    answers.with("access.permissions_boundary", BOUNDARY).with("access.tags", tags)
}

pub fn create() -> Mode {
    Mode { answers: tutorial, begin: nothing }
}

fn chosen() -> Mode {
    Mode {
        answers: |file| {
            rich(tutorial(file))
                .with("access.policy", "repositories")
                .with("access.repositories", vec!["team/app", "team/base/*"])
                .with("access.description", "pulls for Okteto")
        },
        begin: nothing,
    }
}

fn change() -> Mode {
    Mode {
        answers: |file| {
            rich(tutorial(file))
                .with("access.max_session_seconds", 7200)
                .with("access.description", "pulls for Okteto")
        },
        begin: |account| {
            let url = json!({"Url": Answers::ISSUER, "ClientIDList": ["sts.amazonaws.com"]});
            let provider = done(account, "CreateOpenIDConnectProvider", url);
            let arn = provider["OpenIDConnectProviderArn"].as_str().unwrap();
            let name = Answers::ISSUER.trim_start_matches("https://");
            let trust = json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": arn},
                    "Condition": {"StringEquals": {
                        format!("{name}:aud"): "sts.amazonaws.com",
                        format!("{name}:sub"): "system:serviceaccount:default:default",
                    }},
                }],
            });
            let role = json!({
                "RoleName": Answers::ROLE,
                "AssumeRolePolicyDocument": trust.to_string(),
                "Description": "somebody's",
                "Tags": [{"Key": "owner", "Value": "somebody"}, {"Key": "cost", "Value": "7"}],
                "PermissionsBoundary": OTHER_BOUNDARY,
            });
            done(account, "CreateRole", role);
            words(&["--confirm", Answers::ROLE, "--confirm", Answers::ISSUER])
        },
    }
}

pub fn create_user() -> Mode {
    Mode { answers: |file| rich(user(file)), begin: nothing }
}

fn change_user() -> Mode {
    Mode {
        answers: |file| {
            rich(user(file))
                .with("access.policy", "repositories")
                .with("access.repositories", vec!["team/app"])
        },
        begin: |account| {
            let tags = json!([{"Key": "owner", "Value": "somebody"}]);
            done(account, "CreateUser", json!({"UserName": USER, "Tags": tags}));
            words(&["--confirm", USER])
        },
    }
}

/// A user that somebody else made, with keys so many days old.
pub fn user_with_keys(account: &mut Account, ages: &[i64]) -> Vec<String> {
    done(account, "CreateUser", json!({"UserName": USER}));
    done(account, "AttachUserPolicy", json!({"UserName": USER, "PolicyArn": READ_ONLY}));
    let make = |&age: &i64| {
        let then = now() - SignedDuration::from_hours(24 * age);
        let made = iam(account, then, "CreateAccessKey", json!({"UserName": USER}));
        made["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned()
    };
    ages.iter().map(make).collect()
}

pub fn inactive(account: &mut Account, key: &str) {
    let input = json!({"UserName": USER, "AccessKeyId": key, "Status": "Inactive"});
    done(account, "UpdateAccessKey", input);
}

fn rotate() -> Mode {
    Mode {
        answers: user,
        begin: |account| {
            user_with_keys(account, &[30]);
            words(&["--rotate", "--confirm", USER])
        },
    }
}

fn retire() -> Mode {
    Mode {
        answers: user,
        begin: |account| {
            let keys = user_with_keys(account, &[30, 1]);
            words(&["--rotate", "--confirm", &keys[0]])
        },
    }
}

fn restore() -> Mode {
    Mode {
        answers: user,
        begin: |account| {
            let keys = user_with_keys(account, &[30, 1]);
            inactive(account, &keys[0]);
            words(&["--restore-key", &keys[0], "--confirm", &keys[0]])
        },
    }
}

fn delete() -> Mode {
    Mode {
        answers: user,
        begin: |account| {
            let keys = user_with_keys(account, &[30, 1]);
            inactive(account, &keys[0]);
            words(&["--delete-key", &keys[0], "--confirm", &keys[0]])
        },
    }
}

/// A deleted key is the one thing that cannot be had back.
#[test]
fn deleting_is_killed() {
    proof::irrevocable(delete());
}

#[test]
fn what_is_made_is_killed_again_and_again() {
    proof::again_and_again(chosen());
}

#[test]
fn what_is_changed_is_killed_again_and_again() {
    proof::again_and_again(change());
}

macro_rules! proven {
    ($($mode:ident),*) => {$(
        mod $mode {
            #[test]
            fn apply_is_killed() {
                super::proof::apply(super::$mode());
            }

            #[test]
            fn undo_is_killed() {
                super::proof::undo(super::$mode());
            }
        }
    )*};
}

proven!(create, chosen, change, create_user, change_user, rotate, retire, restore);
