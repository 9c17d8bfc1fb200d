//! `check-trust`: judges a trust policy offline. What is wrong with it, who gets in, and does this token?

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Out, put, result};
use crate::cli::{CheckTrustArgs, Format};
use crate::domain::claims::Claims;
use crate::domain::evaluate::{Effect, Policy, Verdict};
use crate::domain::fault::{Cause, Fault};
use crate::domain::finding::Finding;
use crate::domain::policy::{TRUST_QUOTA_AT_MOST, Unreadable, size};
use crate::domain::trust::admit::{self, Admitted, Intruder, Meant};
use crate::domain::trust::{
    Decision, Given, Holder, Provider, before_policy, decide, difference, is_of_request, lint,
};
use crate::ledger;
use crate::render::review::{admits, intruder};

mod words;

/// No policy that IAM takes and no claims are as long, percent-encoded and with everything that `get-role` says beside it.
const LONGEST: u64 = 64 << 10;

/// What a document that can be read looks like.
const EXAMPLE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "arn:…:oidc-provider/NAME"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"NAME:aud": "…", "NAME:sub": "…"}}}]}"#;

/// All that is found out.
struct Judged {
    role: Option<String>,
    findings: Vec<Finding>,
    /// `None` where the evaluator could only guess.
    who: Option<Who>,
    /// What AWS would say of the document, if it would refuse it.
    note: Option<String>,
    /// Whether one token is asked about.
    is_asked: bool,
}

/// Who gets in.
#[derive(Default)]
struct Who {
    admits: Vec<Admitted>,
    intruders: Vec<Intruder>,
    /// What else is asked for, which no token says.
    beyond: Vec<String>,
    knock: Option<Knock>,
}

/// What becomes of one token.
struct Knock {
    decision: Decision,
    before: Vec<Fault>,
}

/// Runs the command; answers with the exit code.
#[must_use]
pub fn check_trust(args: &CheckTrustArgs, mut out: Out) -> u8 {
    let judged = match judge(args) {
        Ok(judged) => judged,
        Err(fault) => {
            out.fault(&fault, args.format == Format::Json);
            return 2;
        }
    };
    match args.format {
        Format::Json => out.json(&value(&judged)),
        Format::Text => out.text(&words::told(&judged)),
    }
    if judged.findings.iter().any(|f| args.fail_on.counts(f.severity)) { 3 } else { 0 }
}

fn judge(args: &CheckTrustArgs) -> Result<Judged, Fault> {
    let text = read(&args.file, "the trust policy")?;
    let given = Given::read(&text).map_err(|why| unreadable(&args.file, &why))?;
    let holder = holder(args)?;
    let is_asked = holder.is_some();
    let meant = Meant {
        issuer: args.expect_issuer.clone(),
        audience: args.expect_audience.clone(),
        subject: args.expect_subject.clone(),
        provider_audiences: Some(args.provider_audiences.clone()).filter(|list| !list.is_empty()),
    };
    let length = size(&given.document.value.to_string());
    let (policy, note) = if length > 2 * TRUST_QUOTA_AT_MOST {
        let why = format!("it has {length} characters, IAM takes at most {TRUST_QUOTA_AT_MOST}");
        (None, Some(refused(&why)))
    } else {
        // AWS refuses a repeated key; most tools that write policies take the last.
        match (Policy::read_last(&given.document), given.document.duplicates.first()) {
            (Err(unsound), _) => (None, Some(refused(&unsound.to_string()))),
            (Ok(policy), Some(place)) => (
                Some(policy),
                Some(format!(
                    "AWS refuses this document: {place} stands there twice. It is judged by the last of them."
                )),
            ),
            (Ok(policy), None) => (Some(policy), None),
        }
    };
    let who = policy.map(|policy| Who {
        admits: admit::admitted(&policy, &meant),
        intruders: admit::intruders(&policy, &meant),
        beyond: admit::beyond(&policy),
        knock: holder.map(|holder| knock(&policy, &given, &meant, &holder)),
    });
    Ok(Judged { findings: lint::lint(&given, &meant), role: given.role, who, note, is_asked })
}

fn refused(why: &str) -> String {
    format!("AWS refuses this document, so nobody is judged by it: {why}.")
}

fn knock(policy: &Policy, given: &Given, meant: &Meant, holder: &Holder) -> Knock {
    let name = holder.provider_name().unwrap_or_default();
    let role = given.role.as_deref();
    let decision = decide(policy, &admit::provider_arn(policy, role, name), holder);
    let arn = admit::provider_met(policy, meant, role, name);
    let provider = Provider { arn, audiences: meant.provider_audiences.clone() };
    Knock { decision, before: before_policy(&provider, holder) }
}

/// Whoever is asked about.
fn holder(args: &CheckTrustArgs) -> Result<Option<Holder>, Fault> {
    if let Some(path) = &args.token_file {
        let token = ledger::read_token(path)?;
        return Claims::read(&token).map(|claims| Some(Holder::from(&claims)));
    }
    let Some(path) = &args.claims else { return Ok(None) };
    let wrong = |why: String| {
        let example = r#"{"iss": "https://issuer.example.com", "aud": ["okteto.example.com"], "sub": "system:serviceaccount:okteto:okteto"}"#;
        Fault::new(Cause::BadAnswers, format!("{} holds no claims: {why}", shown(path)))
            .with("path", shown(path))
            .remedy(format!("give a JSON object, for example {example}"))
    };
    let claims: Map<String, Value> = serde_json::from_str(&read(path, "the claims")?)
        // The parser's own words could quote a token that was taken for claims.
        .map_err(|e| wrong(format!("no JSON object, line {}, column {}", e.line(), e.column())))?;
    Holder::read(&claims).map(Some).map_err(wrong)
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Reads a text; `-` is standard input.
fn read(path: &Path, what: &str) -> Result<String, Fault> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
    };
    let why = match read {
        Err(error) => error.to_string(),
        Ok(_) if text.len() as u64 > LONGEST => format!("it is longer than {LONGEST} bytes"),
        Ok(_) => return Ok(text),
    };
    let shown = shown(path);
    Err(Fault::new(Cause::File, format!("could not read {what} from {shown}: {why}"))
        .with("path", shown))
}

fn unreadable(path: &Path, why: &Unreadable) -> Fault {
    let path = shown(path);
    let fault = Fault::new(
        Cause::MalformedPolicy,
        format!("{path} holds no trust policy: could not {why}"),
    )
    .with("path", path)
    .remedy(format!(
        "give a policy document or a reply of aws iam get-role, for example {EXAMPLE}"
    ));
    match why {
        Unreadable::Json { line, column, .. } => {
            fault.with("line", line.to_string()).with("column", column.to_string())
        }
        Unreadable::Shape(_) => fault,
    }
}

fn value(judged: &Judged) -> Value {
    let nobody = Who::default();
    let who = judged.who.as_ref().unwrap_or(&nobody);
    let mut value = json!({
        "findings": judged.findings.iter().map(finding).collect::<Vec<_>>(),
        "admits": who.admits.iter().map(admits).collect::<Vec<_>>(),
        "intruders": who.intruders.iter().map(intruder).collect::<Vec<_>>(),
    });
    if judged.who.is_some() {
        put(&mut value, "sentence", admit::sentence(&who.admits));
    }
    if !who.beyond.is_empty() {
        put(&mut value, "beyond", &who.beyond);
    }
    if let Some(note) = &judged.note {
        put(&mut value, "note", note);
    }
    if let Some(knock) = &who.knock {
        let statements = &knock.decision.judgement.statements;
        let decision = json!({
            "allowed": knock.decision.allowed,
            "statements": statements.iter().map(statement).collect::<Vec<_>>(),
        });
        put(&mut value, "decision", decision);
        put(&mut value, "before_policy", &knock.before);
    } else if judged.is_asked {
        // What AWS does not take lets nobody in.
        put(&mut value, "decision", json!({"allowed": false, "statements": []}));
        put(&mut value, "before_policy", json!([]));
    }
    result(value)
}

fn finding(finding: &Finding) -> Value {
    let mut value = json!({
        "rule": finding.rule,
        "severity": finding.severity.word(),
        "message": finding.message,
        "where": finding.place,
    });
    if let Some(fix) = &finding.fix {
        let mut mended = json!({"words": fix.words});
        if let Some(document) = &fix.document {
            put(&mut mended, "policy", document);
        }
        put(&mut value, "fix", mended);
    }
    value
}

fn statement(verdict: &Verdict) -> Value {
    let conditions = verdict.conditions.iter().map(|condition| {
        let mut value = json!({
            "operator": condition.operator,
            "key": condition.key,
            "wanted": condition.wanted,
            "got": condition.got,
            "met": condition.met,
        });
        if let Some(words) = difference(condition) {
            put(&mut value, "first_difference", words);
        }
        if is_of_request(&condition.key) {
            put(&mut value, "known", false);
        }
        value
    });
    json!({
        "sid": verdict.sid,
        "effect": words::effect(verdict.effect),
        "allowed": verdict.effect == Effect::Allow && verdict.is_match(),
        "applies": verdict.is_match(),
        "principal": verdict.principal.is_some(),
        "action": verdict.action,
        "conditions": conditions.collect::<Vec<_>>(),
    })
}
