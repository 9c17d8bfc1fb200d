//! What the practice account is asked about the passages: the printed commands, run one after the other.

use serde_json::{Map, Value};

use super::shell::{self, Variables};
use super::{Part, PrintedCall, printed};

/// What all the tutorial's `export` lines set.
fn variables() -> Variables {
    [Part::Identity, Part::Audience, Part::RoleArn]
        .into_iter()
        .flat_map(|part| shell::exports(printed(part)))
        .collect()
}

/// The printed commands of these parts; `file` is what `trust-policy.json` holds.
fn run(parts: &[Part], file: &str) -> Vec<PrintedCall> {
    let variables = variables();
    parts.iter().flat_map(|part| shell::calls(printed(*part), &variables, file)).collect()
}

/// The file with its variables filled in by hand.
fn filled() -> String {
    shell::expanded(printed(Part::Trust), &variables())
}

/// The same, the keys without the scheme: what the tutorial means.
fn mended() -> String {
    let scheme = "https://";
    filled().replace(&format!("\"{scheme}"), "\"")
}

/// The trust policy in the sample reply.
fn sample() -> String {
    let reply: Value = serde_json::from_str(printed(Part::RoleReply)).unwrap_or_default();
    let pointer = "/Role/AssumeRolePolicyDocument";
    reply.pointer(pointer).map(ToString::to_string).unwrap_or_default()
}

/// What Okteto does with the value of "Role ARN" at each pull. The token is the cluster's own, for the tutorial's subject
/// and audience; whoever carries the call out has to put it in.
fn assume(role_arn: &str) -> PrintedCall {
    let input = [("RoleArn", role_arn), ("RoleSessionName", "okteto")];
    let input = input.map(|(name, value)| (name.to_owned(), Value::from(value)));
    PrintedCall { call: "sts:AssumeRoleWithWebIdentity".to_owned(), input: Map::from_iter(input) }
}

/// The value of `ROLE_ARN`.
fn held() -> PrintedCall {
    assume(variables().get("ROLE_ARN").copied().unwrap_or_default())
}

/// The ARN in the sample reply.
fn role() -> PrintedCall {
    let reply: Value = serde_json::from_str(printed(Part::RoleReply)).unwrap_or_default();
    assume(reply.pointer("/Role/Arn").and_then(Value::as_str).unwrap_or_default())
}

pub(super) fn user() -> Vec<PrintedCall> {
    run(&[Part::User], "")
}

pub(super) fn user_again() -> Vec<PrintedCall> {
    run(&[Part::User, Part::User], "")
}

pub(super) fn user_policy() -> Vec<PrintedCall> {
    run(&[Part::User, Part::UserPolicy], "")
}

pub(super) fn key() -> Vec<PrintedCall> {
    run(&[Part::User, Part::UserPolicy, Part::AccessKey], "")
}

pub(super) fn third_key() -> Vec<PrintedCall> {
    let key = Part::AccessKey;
    run(&[Part::User, Part::UserPolicy, key, key, key], "")
}

pub(super) fn provider() -> Vec<PrintedCall> {
    run(&[Part::Provider], "")
}

pub(super) fn provider_again() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Provider], "")
}

pub(super) fn assume_provider() -> Vec<PrintedCall> {
    provider().into_iter().chain([held()]).collect()
}

pub(super) fn role_as_printed() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Role], printed(Part::Trust))
}

pub(super) fn role_filled() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Role], &filled())
}

pub(super) fn role_mended() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Role], &mended())
}

pub(super) fn role_of_the_sample() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Role], &sample()).into_iter().chain([role()]).collect()
}

pub(super) fn policy_as_printed() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Role, Part::RolePolicy], printed(Part::Trust))
}

fn all_mended() -> Vec<PrintedCall> {
    run(&[Part::Provider, Part::Role, Part::RolePolicy], &mended())
}

pub(super) fn values_as_printed() -> Vec<PrintedCall> {
    all_mended().into_iter().chain([held()]).collect()
}

pub(super) fn values_mended() -> Vec<PrintedCall> {
    all_mended().into_iter().chain([role()]).collect()
}
