//! `info`: version, paths, and what was found of AWS and the cluster.

use serde_json::{Value, json};

use super::desk::{Bell, Desk, Left, stray};
use super::{put, result};
use crate::app::task::{End, Job};
use crate::cli::{Format, InfoArgs};
use crate::ledger::Ledger;

pub(super) async fn info<B: Bell>(
    desk: &mut Desk<B>,
    ledger: &Ledger,
    args: &InfoArgs,
) -> Result<u8, Left> {
    let End::Located(source, context) = desk.ask(Job::Locate).await? else { return Err(stray()) };
    let caller = desk.whoami().await?;
    let runs = ledger.root().join("runs");
    let last = ledger.latest_answers().map(|(run, _)| run);
    let logs = runs.join("RUN").join("log").display().to_string();
    let mut aws = json!({
        "profile": source.profile.as_ref().map(|(name, _)| name),
        "profile_from": source.profile.as_ref().map(|(_, from)| from),
        "region": source.region.as_ref().map(|(region, _)| region.as_str()),
        "region_from": source.region.as_ref().map(|(_, from)| from),
        "endpoint": source.endpoint,
        "renew": source.renew,
        "account": Value::Null,
        "caller": Value::Null,
    });
    match &caller {
        Ok(caller) => {
            put(&mut aws, "account", caller.account.as_str());
            put(&mut aws, "caller", &caller.arn);
        }
        Err(fault) => put(&mut aws, "fault", fault),
    }
    let value = result(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "state_dir": ledger.root().display().to_string(),
        "logs": logs,
        "last_answers": last,
        "aws": aws,
        "cluster": {"context": context},
    }));
    match args.format {
        Format::Json => desk.out.json(&value),
        Format::Text => desk.out.text(&lines(&value)),
    }
    Ok(0)
}

/// The same, a line for each value.
fn lines(value: &Value) -> String {
    let mut lines = Vec::new();
    collect(&mut lines, "", value);
    lines.join("\n")
}

fn collect(lines: &mut Vec<String>, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let within = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                collect(lines, &within, value);
            }
        }
        Value::Null => lines.push(format!("{name:<20} none")),
        Value::String(text) => lines.push(format!("{name:<20} {text}")),
        other => lines.push(format!("{name:<20} {other}")),
    }
}
