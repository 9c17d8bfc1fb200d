//! One line a finding, for spreadsheets (RFC 4180).

use super::{Line, Sheet};
use crate::domain::review::found::Found;
use crate::domain::review::triage::Accepted;
use crate::domain::visible::visible;

const HEADER: [&str; 14] = [
    "severity",
    "rule",
    "account",
    "subject",
    "message",
    "where",
    "evidence",
    "fix",
    "source",
    "fingerprint",
    "standing",
    "accepted_reason",
    "accepted_until",
    "accepted_by",
];

pub(super) fn print(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    row(&mut out, HEADER.map(str::to_owned));
    for line in &sheet.lines {
        row(&mut out, cells(sheet, line));
    }
    out
}

fn cells(sheet: &Sheet<'_>, line: &Line<'_>) -> [String; 14] {
    let Found { on, finding, evidence, .. } = line.found;
    let (reason, until, by) = match line.acceptance() {
        Some(Accepted { reason, until, by, .. }) => (reason.clone(), until.to_string(), by.clone()),
        None => Default::default(),
    };
    [
        finding.severity.word().to_owned(),
        finding.rule.to_owned(),
        sheet.review.caller.account.to_string(),
        on.to_string(),
        finding.message.clone(),
        finding.place.clone(),
        evidence.join("; "),
        finding.fix.as_ref().map_or_else(String::new, |fix| fix.words.clone()),
        line.found.rule().source.to_owned(),
        line.fingerprint.clone(),
        sheet.word(line).unwrap_or_default().to_owned(),
        reason,
        until,
        by,
    ]
}

fn row(out: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(&text)).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell. Spreadsheets carry out what begins like a formula, also behind spaces and in full width (OWASP, "CSV
/// Injection"): an apostrophe makes it a text.
fn cell(text: &str) -> String {
    let mut text = visible(text);
    if text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', '\'', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_row() {
        for (text, wanted) in [
            ("plain text", "plain text"),
            ("", ""),
            ("=1+2", "\"'=1+2\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("  =1", "\"'  =1\""),
            ("＝1", "\"'＝1\""),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\r\nb", r"a\r\nb"),
            ("\t=1", r"\t=1"),
            ("a\u{202e}b", r"a\u{202e}b"),
            ("a-b", "a-b"),
        ] {
            assert_eq!(cell(text), wanted, "{text:?}");
        }
    }
}
