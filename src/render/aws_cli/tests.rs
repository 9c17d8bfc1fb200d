use std::process::Command;

use serde_json::{Value, json};

use super::*;
use crate::domain::access::Permissions;
use crate::domain::arn::PolicyArn;
use crate::domain::inventory::Inventory;
use crate::domain::name::RepositoryPattern;
use crate::domain::plan::{Choices, Stamp, plan};
use crate::domain::principal::Principal;
use crate::domain::sample::{caller, intent};
use crate::domain::subject::Audience;

mod key;

/// What `aws` is called with: one list of arguments for each call.
fn calls(script: &str) -> Vec<Vec<String>> {
    let stub = "aws() { if [ \"$1\" = sts ]; then echo 112233445566; return; fi; \
                printf '%s\\0' \"$@\"; printf '\\1'; }\n";
    let run = Command::new("sh").args(["-c", &format!("{stub}{script}")]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let text = String::from_utf8(run.stdout).unwrap();
    text.split_terminator('\u{1}')
        .map(|call| call.split_terminator('\0').map(str::to_owned).collect())
        .collect()
}

/// The request that the CLI would build of the arguments.
fn request(call: &[String]) -> Value {
    assert_eq!(call[0], "iam");
    if call[2] == "--cli-input-json" {
        return serde_json::from_str(&call[3]).unwrap();
    }
    let mut request = serde_json::Map::new();
    for pair in call[2..].chunks(2) {
        let key = match pair[0].as_str() {
            "--client-id-list" => "ClientIDList".to_owned(),
            "--client-id" => "ClientID".to_owned(),
            "--open-id-connect-provider-arn" => "OpenIDConnectProviderArn".to_owned(),
            option => option
                .split('-')
                .filter(|word| !word.is_empty())
                .map(|word| {
                    let (first, rest) = word.split_at(1);
                    first.to_uppercase() + rest
                })
                .collect(),
        };
        let value = match key.as_str() {
            "Tags" | "TagKeys" | "ClientIDList" | "MaxSessionDuration" => {
                serde_json::from_str(&pair[1]).unwrap()
            }
            _ => Value::from(pair[1].as_str()),
        };
        request.insert(key, value);
    }
    Value::Object(request)
}

fn whole() -> Plan {
    let mut intent = intent();
    let access = &mut intent.access;
    access.permissions =
        Permissions::Repositories(vec![RepositoryPattern::parse("team/base/*").unwrap()]);
    access.tags.insert("owner".to_owned(), "plat form=x".to_owned());
    access.description = Some("it's $HOME `id` \"fine\" \\ *".to_owned());
    access.max_session_seconds = Some(7200);
    access.boundary = Some(PolicyArn::managed(intent.partition, "cap"));
    let stamp = Stamp { run: "r".to_owned(), version: "1".to_owned() };
    plan(&intent.into(), &Inventory::default(), &caller(), &stamp, &Choices::default())
}

#[test]
fn the_script_sends_what_the_plan_sends() {
    let plan = whole();
    let requests: Vec<Value> =
        plan.changes().map(|s| s.operation.as_ref().unwrap().request()).collect();
    let calls = calls(&script(&plan));
    assert_eq!(calls.iter().map(|c| request(c)).collect::<Vec<_>>(), requests);
    let names: Vec<&str> = calls.iter().map(|c| c[1].as_str()).collect();
    assert_eq!(names, ["create-open-id-connect-provider", "create-role", "put-role-policy"]);
}

#[test]
fn another_account_stops_the_script() {
    let text = script(&whole());
    let stub = "aws() { if [ \"$1\" = sts ]; then echo 000000000001; else echo CALLED; fi; }\n";
    let run = Command::new("sh").args(["-c", &format!("{stub}{text}")]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(run.stdout.is_empty());
}

#[test]
fn every_operation_has_its_command_with_values_to_the_letter() {
    let role = "-r".to_owned();
    let policy = PolicyArn::managed(intent().partition, "x");
    let document = "{\n  \"a\": \"it's\"\n}".to_owned();
    let tags = [("k".to_owned(), "v w".to_owned())].into();
    for operation in [
        Operation::AddAudience { provider: intent().provider_arn(), audience: intent().audience },
        Operation::UpdateTrust { role: "r".to_owned(), trust: document.clone() },
        Operation::UpdateTrust { role: role.clone(), trust: document.clone() },
        Operation::AttachPolicy { to: Principal::Role("r".to_owned()), policy: policy.clone() },
        Operation::PutInlinePolicy {
            on: Principal::User(role.clone()),
            name: "n".to_owned(),
            document,
        },
        Operation::PutBoundary { on: Principal::User("r".to_owned()), boundary: policy },
        Operation::UpdateRole {
            role: "r".to_owned(),
            description: Some("file://etc".to_owned()),
            max_session_seconds: Some(3600),
        },
        Operation::AddAudience {
            provider: intent().provider_arn(),
            audience: Audience::parse("https://okteto.example.com").unwrap(),
        },
        Operation::UpdateRole { role, description: None, max_session_seconds: None },
        Operation::Tag { on: Principal::Role("r".to_owned()), tags },
        Operation::DeleteProvider { provider: intent().provider_arn() },
        Operation::RemoveAudience {
            provider: intent().provider_arn(),
            audience: Audience::parse("https://okteto.example.com").unwrap(),
        },
        Operation::DeleteRole { role: "-r".to_owned() },
        Operation::DeleteUser { user: "u".to_owned() },
        Operation::DetachPolicy {
            from: Principal::User("u".to_owned()),
            policy: PolicyArn::managed(intent().partition, "x"),
        },
        Operation::DeleteInlinePolicy { on: Principal::Role("r".to_owned()), name: "n".to_owned() },
        Operation::DeleteBoundary { on: Principal::User("u".to_owned()) },
        Operation::Untag {
            on: Principal::Role("r".to_owned()),
            keys: vec!["okteto-ecr:run".to_owned(), "it's mine".to_owned()],
        },
    ] {
        let calls = calls(&command(&operation));
        assert_eq!(request(&calls[0]), operation.request(), "{}", command(&operation));
        let words: String = calls[0][1].split('-').collect();
        let action = operation.call().trim_start_matches("iam:").to_lowercase();
        assert_eq!(words, action, "the CLI derives its words from the action");
        let places = ["file://", "http://", "https://"];
        let fetched = |word: &&String| places.iter().any(|place| word.starts_with(place));
        assert_eq!(calls[0].iter().find(fetched), None, "version 1 of the CLI fetches it");
    }
}

#[test]
fn what_is_new_has_a_way_back() {
    let plan = whole();
    let back: Vec<String> = plan
        .steps
        .iter()
        .filter_map(|step| undo(step, &plan.intent))
        .flat_map(|line| calls(&line))
        .map(|call| call[1].clone())
        .collect();
    assert_eq!(back, ["delete-open-id-connect-provider", "delete-role", "delete-role-policy"]);
    assert_eq!(json!(quote("")), "''");
}

#[test]
fn every_step_that_makes_something_can_be_undone_to_the_letter() {
    let intent = Intent::from(intent());
    let role = || Principal::Role("-r".to_owned());
    let policy = PolicyArn::managed(intent.partition(), "x");
    for (made, undone) in [
        (
            Operation::AttachPolicy { to: role(), policy: policy.clone() },
            "detach-role-policy --cli-input-json '{\"RoleName\":\"-r\",\"PolicyArn\":\"arn:aws:iam::aws:policy/x\"}'",
        ),
        (
            Operation::AttachPolicy { to: Principal::User("u".to_owned()), policy },
            "detach-user-policy --user-name u --policy-arn arn:aws:iam::aws:policy/x",
        ),
        (
            Operation::PutInlinePolicy {
                on: Principal::User("u".to_owned()),
                name: "n".to_owned(),
                document: "{}".to_owned(),
            },
            "delete-user-policy --user-name u --policy-name n",
        ),
    ] {
        let inverse = made.inverse(&intent).unwrap();
        assert!(inverse.removes(), "{inverse:?}");
        assert_eq!(command(&inverse), format!("aws iam {undone}"));
    }
    let changed = Operation::UpdateTrust { role: "r".to_owned(), trust: "{}".to_owned() };
    assert_eq!(changed.inverse(&intent), None, "what stood there is not known");
}
