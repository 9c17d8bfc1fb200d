//! The same for people.

use std::fmt::Write;

use super::{Judged, Knock, Who};
use crate::domain::evaluate::{self, Effect, Verdict};
use crate::domain::finding::{Finding, Severity};
use crate::domain::trust::admit::{self, Intruder};
use crate::domain::trust::difference;
use crate::domain::trust::is_of_request;

/// Everything, in the order in which one asks.
pub(super) fn told(judged: &Judged) -> String {
    let mut text = String::new();
    if let Some(role) = &judged.role {
        let _ = writeln!(text, "Trust policy of {role}\n");
    }
    if let Some(note) = &judged.note {
        let _ = writeln!(text, "note: {note}\n");
    }
    findings(&mut text, &judged.findings);
    if let Some(who) = &judged.who {
        admitted(&mut text, who);
        intruders(&mut text, &who.intruders, !who.beyond.is_empty());
        if let Some(knock) = &who.knock {
            decision(&mut text, knock);
        }
    }
    // What stands in a document or a token is printed, never obeyed by the terminal.
    text.chars()
        .flat_map(|c| {
            let escaped = (c.is_control() && c != '\n').then(|| c.escape_default());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

fn admitted(text: &mut String, who: &Who) {
    let _ = writeln!(text, "\nWho gets in\n  {}", admit::sentence(&who.admits));
    for set in &who.admits {
        let _ = writeln!(text, "  - issuer    {}", set.issuer);
        let _ = writeln!(text, "    audience  {}", set.audience);
        let _ = writeln!(text, "    subject   {}", set.subject);
    }
    for sentence in &who.beyond {
        let _ = writeln!(text, "  {sentence}");
    }
}

fn intruders(text: &mut String, intruders: &[Intruder], limited: bool) {
    if intruders.is_empty() {
        let limit = if limited { ", as far as the claims tell" } else { "" };
        let _ = writeln!(text, "\nNo neighbour gets in{limit}.");
        return;
    }
    let _ = writeln!(text, "\nNeighbours that get in and were not meant: {}", intruders.len());
    for intruder in intruders {
        let _ = writeln!(text, "  ! {}\n    {}", intruder.why, intruder.holder.to_json());
    }
}

fn findings(text: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        let _ = writeln!(text, "Findings\n  none");
        return;
    }
    let counts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| (findings.iter().filter(|f| f.severity == *severity).count(), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let _ = writeln!(text, "Findings: {}", counts.join(", "));
    for finding in findings {
        let _ =
            writeln!(text, "  {:<8}  {}  {}", finding.severity.word(), finding.rule, finding.place);
        let _ = writeln!(text, "            {}", finding.message);
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "            fix: {}", fix.words);
        }
    }
    if findings.iter().any(|f| f.fix.as_ref().is_some_and(|fix| fix.document.is_some())) {
        let _ = writeln!(text, "  --format json prints the mended documents.");
    }
}

fn decision(text: &mut String, knock: &Knock) {
    let verdict = if knock.decision.allowed { "lets it in" } else { "refuses it" };
    let _ = writeln!(text, "\nThis token: the policy {verdict}");
    for fault in &knock.before {
        let _ = writeln!(
            text,
            "  ! STS refuses it before it reads the policy: {} ({})",
            fault.message,
            fault.cause.slug()
        );
        let _ = writeln!(text, "    what helps: {}", fault.what_to_do());
    }
    for (number, verdict) in (1..).zip(&knock.decision.judgement.statements) {
        statement(text, number, verdict);
    }
}

fn statement(text: &mut String, number: usize, verdict: &Verdict) {
    let sid = verdict.sid.as_ref().map(|sid| format!(" ({sid})")).unwrap_or_default();
    let applies = if verdict.is_match() { "applies" } else { "does not apply" };
    let _ = writeln!(text, "  Statement {number}{sid}, {}: {applies}", effect(verdict.effect));
    let mut part = |met: bool, name: &str| {
        let _ = writeln!(text, "    {} {name}", mark(met));
    };
    part(verdict.principal.is_some(), "Principal");
    part(verdict.action, "Action");
    if !verdict.resource {
        part(false, "Resource");
    }
    for finding in &verdict.conditions {
        condition(text, finding);
    }
}

/// Wanted above got, and a mark below the first character in which they differ.
fn condition(text: &mut String, finding: &evaluate::Finding) {
    let _ = writeln!(text, "    {} {} {}", mark(finding.met), finding.operator, finding.key);
    let list =
        |values: &[String]| values.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(", ");
    let got = finding.got.as_deref();
    let _ = writeln!(text, "        wanted  {}", list(&finding.wanted));
    let nothing = if is_of_request(&finding.key) { "not known here" } else { "nothing" };
    let _ = writeln!(text, "        got     {}", got.map_or(nothing.to_owned(), list));
    let Some(words) = difference(finding) else { return };
    if let ([wanted], Some([got])) = (finding.wanted.as_slice(), got) {
        let same: String =
            wanted.chars().zip(got.chars()).take_while(|(w, g)| w == g).map(|(w, _)| w).collect();
        // As it is shown, without the quote after it.
        let cells = format!("{same:?}").chars().count() - 1;
        let _ = writeln!(text, "                {}^ {words}", " ".repeat(cells));
    } else {
        let _ = writeln!(text, "                closest at {words}");
    }
}

const fn mark(met: bool) -> char {
    if met { '+' } else { '!' }
}

pub(super) const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}
