//! For people: at most 80 columns, worst first.

use std::collections::BTreeMap;
use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Line, Sheet};
use crate::domain::finding::Severity;
use crate::domain::operation::Operation;
use crate::domain::review::found::Found;
use crate::domain::review::rights::Rights;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::{Accepted, Standing};
use crate::domain::visible::visible;

const WIDTH: usize = 80;

pub(super) fn print(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    summary(&mut out, sheet);
    let (counting, accepted): (Vec<_>, Vec<_>) =
        sheet.lines.iter().partition(|line| line.standing.counts());
    // Nothing is wrong with what is only noted: in full it would bury the rest.
    let is_note = |line: &&&Line<'_>| line.found.finding.severity == Severity::Note;
    let (notes, worse): (Vec<_>, Vec<_>) = counting.iter().partition(is_note);
    if !worse.is_empty() {
        out.push_str("\nFindings\n");
    }
    for line in worse {
        finding(&mut out, sheet, line);
    }
    section(&mut out, "Only noted, in full in the other formats", notes.len());
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for line in notes {
        *by_rule.entry(line.found.finding.rule).or_default() += 1;
    }
    for (rule, times) in by_rule {
        paragraph(&mut out, "  ", 4, &format!("{rule} ({times})"));
    }
    section(&mut out, "Accepted", accepted.len());
    for line in accepted {
        title(&mut out, line);
        field(&mut out, "what", &line.found.finding.message);
        if let Some(Accepted { reason, until, by, .. }) = line.acceptance() {
            field(&mut out, "reason", reason);
            field(&mut out, "until", &format!("{until}, accepted by {by}"));
        }
    }
    section(&mut out, "Mended since the baseline", sheet.mended.len());
    for one in &sheet.mended {
        paragraph(&mut out, "  ", 4, &format!("{}, {}: {}", one.on, one.rule, one.message));
    }
    section(&mut out, "Accepted, and not found any more", sheet.stale.len());
    for one in &sheet.stale {
        paragraph(&mut out, "  ", 4, &format!("{}, {}: {}", one.on, one.rule, one.what));
    }
    section(&mut out, "Roles that trust a web identity", sheet.review.roles.len());
    for one in sheet.roles() {
        role(&mut out, one);
    }
    out
}

fn summary(out: &mut String, sheet: &Sheet<'_>) {
    let review = sheet.review;
    let counts = &review.counts;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "Account {}", review.caller.account);
    let left_out = match counts.left_out {
        0 => String::new(),
        n => format!("; {n} of AWS's own left out"),
    };
    let roles = format!(
        "{}, of which {} trust a web identity",
        count(counts.roles, "role"),
        counts.trusting
    );
    // Where only some roles were asked for, the others are not in it.
    let others = if review.users.is_empty() && review.providers.is_empty() {
        String::new()
    } else {
        let providers = count(review.providers.len(), "identity provider");
        format!("; {}; {providers}", count(counts.users, "user"))
    };
    field(out, "read", &format!("{roles}{left_out}{others}"));
    let by_severity: Vec<String> = sheet
        .counts()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let none = || "nothing that counts".to_owned();
    let found = if by_severity.is_empty() { none() } else { by_severity.join(", ") };
    field(out, "found", &found);
    let with =
        |wanted: &str| sheet.lines.iter().filter(|line| sheet.word(line) == Some(wanted)).count();
    let beside: Vec<String> = [
        (with("new"), "new"),
        (sheet.mended.len(), "mended"),
        (with("accepted"), "accepted"),
        (with("expired"), "expired"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if !beside.is_empty() {
        field(out, "also", &beside.join(", "));
    }
    for (what, fault) in &sheet.gaps {
        let told = format!("could not read {what}: {} ({})", fault.message, fault.cause.slug());
        field(out, "missing", &told);
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn section(out: &mut String, name: &str, number: usize) {
    if number > 0 {
        let _ = writeln!(out, "\n{name}: {number}");
    }
}

fn title(out: &mut String, line: &Line<'_>) {
    let Found { on, finding, .. } = line.found;
    out.push('\n');
    let first = format!("{:<8}    ", finding.severity.word());
    paragraph(out, &first, 12, &format!("{} on {on}", finding.rule));
}

fn finding(out: &mut String, sheet: &Sheet<'_>, line: &Line<'_>) {
    let Found { finding, evidence, calls, rotates, .. } = line.found;
    title(out, line);
    field(out, "what", &finding.message);
    field(out, "where", &finding.place);
    for (number, shown) in evidence.iter().enumerate() {
        field(out, if number == 0 { "shown by" } else { "" }, shown);
    }
    let rule = line.found.rule();
    field(out, "why", rule.why);
    let words = finding.fix.iter().map(|fix| fix.words.clone());
    let names: Vec<&str> = calls.iter().map(Operation::call).collect();
    let calls = (!names.is_empty()).then(|| names.join(", "));
    let rotation = rotates.iter().map(|user| format!("rotate the access key of user {user}"));
    for (number, fix) in words.chain(calls).chain(rotation).enumerate() {
        field(out, if number == 0 { "fix" } else { "" }, &fix);
    }
    field(out, "source", rule.source);
    match (&line.standing, sheet.word(line)) {
        (Standing::Expired(one), _) => {
            let Accepted { reason, until, .. } = one;
            field(out, "expired", &format!("it was accepted until {until}: {reason}"));
        }
        (Standing::New, Some(_)) => field(out, "new", "it is not in the baseline"),
        _ => {}
    }
    field(out, "id", &line.fingerprint);
}

fn role(out: &mut String, role: &RoleReview) {
    let okteto = if role.trust.is_okteto { " (Okteto)" } else { "" };
    out.push('\n');
    paragraph(out, "", 2, &format!("{}{okteto}", role.entry.name));
    field(out, "lets in", &role.trust.real);
    for beyond in &role.trust.beyond {
        field(out, "", beyond);
    }
    if let Some(meant) = &role.trust.meant {
        field(out, "meant", meant);
    }
    let rights = role.rights.as_ref().map_or_else(|| "not read".to_owned(), Rights::word);
    field(out, "in ECR", &rights);
    if let Some(fault) = &role.entry.unread {
        field(out, "missing", &format!("{} ({})", fault.message, fault.cause.slug()));
    }
}

/// A label and what stands in the column behind it; nothing where there is nothing.
fn field(out: &mut String, label: &str, text: &str) {
    if !text.is_empty() {
        paragraph(out, &format!("  {label:<8}  "), 12, text);
    }
}

/// A text broken at spaces, its first line behind `first` and the others under `indent` spaces. Longer words are broken
/// where they must be.
fn paragraph(out: &mut String, first: &str, indent: usize, text: &str) {
    let text = visible(text);
    let mut line = first.to_owned();
    let mut is_empty = true;
    let mut next = |line: &mut String| {
        out.push_str(line.trim_end());
        out.push('\n');
        *line = " ".repeat(indent);
    };
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let gap = usize::from(!is_empty);
        if !is_empty && line.width() + gap + word.width() > WIDTH {
            next(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > WIDTH {
                next(&mut line);
            }
            line.push(c);
        }
        is_empty = false;
    }
    next(&mut line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_keeps_its_width_and_loses_nothing() {
        let text =
            format!("short {} 漢字漢字 {} end\u{1b}[2J", "x".repeat(200), "word ".repeat(30));
        let mut out = String::new();
        paragraph(&mut out, "  what      ", 12, &text);
        assert!(out.lines().all(|line| line.width() <= WIDTH), "{out}");
        assert!(out.lines().skip(1).all(|line| line.starts_with("            ")), "{out}");
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(bare(&out), format!("what{}", bare(&visible(&text))));
    }
}
