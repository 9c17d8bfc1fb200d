//! What is printed of a review: each format of one made by hand, the same whatever the order of reading, and SARIF by its
//! own schema.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

mod hand;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use insta::assert_snapshot;
use okteto_ecr::domain::finding::{Finding, Severity};
use okteto_ecr::domain::review::found::{Found, On};
use okteto_ecr::domain::review::triage::{Known, kept};
use okteto_ecr::domain::review::{Review, rules};
use okteto_ecr::domain::visible::is_hidden;
use okteto_ecr::render::review::{Format, print};
use proptest::prelude::*;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::python;

const VALIDATE: &str = "
import json, sys
from jsonschema import Draft7Validator, FormatChecker
schema = json.load(open(sys.argv[1]))
wrong = Draft7Validator(schema, format_checker=FormatChecker()).iter_errors(json.load(sys.stdin))
told = [f'{\"/\".join(map(str, e.absolute_path))}: {e.message[:300]}' for e in wrong]
sys.exit('\\n'.join(told) or 0)
";

/// What the schema has against a document, in jsonschema's words; moto brings that with it.
fn wrong_by_schema(document: &str) -> String {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/review/paper/sarif-2.1.0.json");
    let mut child = Command::new(python())
        .args(["-c", VALIDATE])
        .arg(schema)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python runs");
    child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), told.is_empty(), "{told}");
    told
}

fn parsed(review: &Review, format: Format) -> Value {
    serde_json::from_str(&print(review, format)).unwrap()
}

#[test]
fn each_format_of_one_review() {
    let review = hand::review();
    for format in Format::ALL {
        // CRLF is no matter of a snapshot.
        let text = print(&review, format).replace('\r', "");
        assert_snapshot!(format!("review_{}", format.word()), text);
    }
    assert_snapshot!("review_text_compared", print(&hand::compared(), Format::Text));
}

#[test]
fn text_fits_80_columns_and_nothing_hides_in_any_format() {
    for review in [hand::review(), hand::compared(), hand::empty()] {
        for format in Format::ALL {
            let text = print(&review, format);
            let stray = text.chars().find(|c| is_hidden(*c) && !"\r\n".contains(*c));
            assert_eq!(stray, None, "{format:?}");
            assert!(text.ends_with('\n'), "{format:?}");
        }
        for line in print(&review, Format::Text).lines() {
            assert!(line.width() <= 80, "{line}");
        }
    }
}

#[test]
fn what_hides_is_the_same_text_once_it_is_parsed() {
    let value = parsed(&hand::review(), Format::Json);
    let evidence = value["findings"].as_array().unwrap().iter().flat_map(|f| {
        f["evidence"].as_array().unwrap().iter().map(|e| e.as_str().unwrap().to_owned())
    });
    assert!(evidence.collect::<Vec<_>>().iter().any(|e| e == hand::HIDDEN));
}

#[test]
fn csv_has_a_row_of_as_many_cells_for_each_finding() {
    let review = hand::compared();
    let text = print(&review, Format::Csv);
    let rows: Vec<&str> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
    assert_eq!(rows.len(), 1 + review.found().count());
    let script = "import csv, sys, json; json.dump(list(csv.reader(sys.stdin)), sys.stdout)";
    let mut child = Command::new(python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let table: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(table.len(), rows.len());
    for row in &table {
        assert_eq!(row.len(), table[0].len(), "{row:?}");
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
    assert!(table.iter().any(|row| row.iter().any(|cell| cell == "'=cmd|' /C calc'!A0")));
}

#[test]
fn sarif_is_by_its_schema_and_as_github_takes_it() {
    for review in [hand::review(), hand::compared(), hand::empty()] {
        let text = print(&review, Format::Sarif);
        assert_eq!(wrong_by_schema(&text), "");
        let run = &parsed(&review, Format::Sarif)["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), review.found().count());
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], rules[index]["id"]);
            let place = &result["locations"][0]["physicalLocation"];
            assert!(place["artifactLocation"]["uri"].as_str().unwrap().starts_with("aws/"));
            assert_eq!(place["region"]["startLine"], 1);
            assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
        }
        for rule in rules {
            assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
            let score = &rule["properties"]["security-severity"];
            assert!(score.is_null() || score.as_str().unwrap().parse::<f32>().is_ok());
        }
    }
    // The schema would have said so.
    let broken =
        print(&hand::review(), Format::Sarif).replace("\"level\": \"error\"", "\"level\": 1");
    assert!(wrong_by_schema(&broken).contains("level"));
}

#[test]
fn what_is_said_of_a_rule_stands_with_its_findings() {
    let account = vec![Found::new(On::Account, rules::PUSH.at("document", "it pushes"))];
    let review = Review { account, ..hand::empty() };
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    for format in Format::ALL {
        let text = bare(&print(&review, format));
        assert!(text.contains(&bare(rules::PUSH.source)), "{format:?}");
        let has_why = format != Format::Csv;
        assert_eq!(text.contains(&bare(rules::PUSH.why)), has_why, "{format:?}");
    }
    let rule = &parsed(&review, Format::Sarif)["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["shortDescription"]["text"], rules::PUSH.looks_for);
}

#[test]
fn accepted_ones_are_suppressed_and_known_ones_unchanged() {
    let told = |review: &Review, key: &str| {
        let results = parsed(review, Format::Sarif)["runs"][0]["results"].take();
        let results = results.as_array().unwrap().clone();
        results.iter().map(|r| r[key].clone()).collect::<Vec<Value>>()
    };
    let suppressed = told(&hand::review(), "suppressions");
    let of_them: Vec<&Value> = suppressed.iter().filter(|s| s[0].is_object()).collect();
    assert_eq!(of_them.len(), 1);
    assert_eq!(of_them[0][0]["kind"], "external");
    assert!(of_them[0][0]["justification"].as_str().unwrap().starts_with("PLAT-12"));
    assert!(told(&hand::review(), "baselineState").iter().all(Value::is_null));
    let states = told(&hand::compared(), "baselineState");
    assert!(states.iter().any(|s| s == "new") && states.iter().any(|s| s == "unchanged"));
    assert!(states.iter().all(Value::is_string));
}

#[test]
fn a_result_is_the_baseline_of_the_next() {
    let review = hand::review();
    let (account, known) = kept::parse(&print(&review, Format::Json)).unwrap();
    assert_eq!(account, review.caller.account);
    assert_eq!(known, review.triage.as_ref().unwrap().to_keep(&review));
    let mut next = hand::review();
    next.triage.as_mut().unwrap().known = Some(known);
    let value = parsed(&next, Format::Json);
    let standings: Vec<&str> = value["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["standing"].as_str().unwrap())
        .collect();
    assert!(standings.iter().all(|s| *s != "new"), "{standings:?}");
    assert_eq!(value["mended"].as_array().unwrap().len(), 0);
}

/// Findings of a few rules, about some of the roles, with texts that want to break a format.
fn findings() -> impl Strategy<Value = Vec<Found>> {
    let rule = prop_oneof![Just("ecr-push"), Just("trust-sub-missing"), Just("role-unread")];
    let severity = (0..Severity::ALL.len()).prop_map(|at| Severity::ALL[at]);
    let text = "[ -~é漢\\n\\r\\t\u{1b}\u{202e}\u{e0041}]{0,120}";
    let on = prop_oneof![
        "[a-z+=,.@_-]{1,12}".prop_map(On::Role),
        "[a-z./:]{1,12}".prop_map(On::Provider),
        Just(On::Account),
    ];
    let one = (rule, severity, on, text, text).prop_map(|(rule, severity, on, message, shown)| {
        let place = "document".to_owned();
        let finding = Finding { rule, severity, message: message.clone(), place, fix: None };
        Found::new(on, finding.mended(message, None)).shown_by([shown])
    });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_and_the_time_of_reading_change_no_byte(found in findings(), back in 0_i64..1 << 40) {
        let mut review = hand::review();
        let known: BTreeMap<String, Known> =
            found.iter().step_by(2).map(|f| (f.fingerprint(), Known::of(f))).collect();
        review.triage.as_mut().unwrap().known = Some(known);
        review.account = found;
        let mut other = review.clone();
        other.read_at = back;
        other.account.reverse();
        other.roles.reverse();
        other.users.reverse();
        other.providers.reverse();
        for role in &mut other.roles {
            Arc::make_mut(role).found.reverse();
        }
        for format in Format::ALL {
            prop_assert_eq!(print(&review, format), print(&other, format));
        }
    }

    #[test]
    fn no_text_breaks_a_format(found in findings()) {
        let review = Review { account: found, ..hand::empty() };
        let count = review.found().count();
        let value = parsed(&review, Format::Json);
        prop_assert_eq!(value["findings"].as_array().unwrap().len(), count);
        let value = parsed(&review, Format::Sarif);
        prop_assert_eq!(value["runs"][0]["results"].as_array().unwrap().len(), count);
        let csv = print(&review, Format::Csv);
        prop_assert_eq!(csv.lines().count(), 1 + count);
        let mut wide = String::new();
        for line in print(&review, Format::Text).lines().filter(|line| line.width() > 80) {
            let _ = writeln!(wide, "{line}");
        }
        prop_assert_eq!(wide, "");
    }
}
