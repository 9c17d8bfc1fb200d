use serde_json::json;

use super::*;
use crate::domain::exercise::file::parse;

const FILE: &str = r#"
format = 1
title = "The `scheme` | in the key"
about = "A pull that is refused"
story = """
Somebody *wrote* the trust policy
by hand.

It is a long story.
"""
hints = ["one", "two", "three"]
explanation = "A key has no scheme.\n\nIt is the provider's name."
sources = [
  "IAM user guide, keys_of_OIDC: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html",
  "a colleague",
]
[[goals]]
text = "What does STS say?"
ask = "Which code?"
answer = "AccessDenied"
[[goals]]
text = "Okteto pulls"
check = "okteto-pulls"
role = "r"
repository = "team/app"
[[goals]]
text = "Nobody else"
check = "nobody-else"
role = "r"
[trainer]
fault = "THE FAULT"
ask = "THE QUESTION"
[solution]
words = "THE SOLUTION"
"#;

fn exercise() -> Exercise {
    parse("scheme-in-the-key", FILE).unwrap()
}

fn call(at: i64, name: &str, input: &serde_json::Value, refused: Option<&str>) -> SentCall {
    let input = input.as_object().unwrap().clone();
    SentCall { at, call: name.to_owned(), input, refused: refused.map(str::to_owned) }
}

fn trail() -> Vec<SentCall> {
    let document = "{\n  \"Version\": \"2012-10-17\"\n}";
    let update = |document: &str| json!({"PolicyDocument": document, "RoleName": "r"});
    vec![
        call(
            1_795_950_312,
            "iam:UpdateAssumeRolePolicy",
            &update("{"),
            Some("MalformedPolicyDocument"),
        ),
        call(1_795_950_372, "iam:UpdateAssumeRolePolicy", &update(document), None),
        call(
            1_795_950_400,
            "iam:TagRole",
            &json!({"RoleName": "r", "Tags": [{"Key": "of", "Value": "112233445566"}]}),
            None,
        ),
    ]
}

fn lesson<'a>(exercise: &'a Exercise, trail: &'a [SentCall]) -> Lesson<'a> {
    Lesson {
        exercise,
        standings: vec![Standing::Met; 3],
        found: &[],
        answers: &[],
        hints: 0,
        pull: None,
        trail,
        fault: None,
    }
}

fn record(lessons: Vec<Lesson<'_>>) -> Record<'_> {
    Record {
        run: "20261129-100512-abcd",
        began: Some(1_795_946_712),
        version: "0.1.0",
        account: Some("112233445566"),
        mask: false,
        lessons,
    }
}

#[test]
fn a_session_is_told_whole_and_the_same_each_time() {
    let exercise = exercise();
    let trail = trail();
    let answers = ["AccessDenied".to_owned()];
    let found = [String::new(), "STS refuses Okteto's token: AccessDenied".to_owned()];
    let done = Lesson {
        found: &found,
        answers: &answers,
        hints: 2,
        pull: Some("team/app:latest as arn:aws:iam::112233445566:role/r was pulled."),
        ..lesson(&exercise, &trail)
    };
    let wrong = ["ExpiredToken".to_owned()];
    let standings = vec![
        Standing::Open("not this".to_owned()),
        Standing::Open("a neighbour gets in".to_owned()),
        Standing::Open(String::new()),
    ];
    let left = Lesson { standings, answers: &wrong, ..lesson(&exercise, &[]) };
    let text = print(&record(vec![done.clone(), left.clone()]));
    assert_eq!(text, include_str!("tests/sample.md"), "{text}");
    assert_eq!(text, print(&record(vec![done, left])));
    // What is the trainer's is not the learner's.
    for kept in ["THE FAULT", "THE QUESTION", "THE SOLUTION"] {
        assert!(!text.contains(kept), "{text}");
    }
}

#[test]
fn what_is_not_done_is_not_explained() {
    let exercise = exercise();
    let mut open = lesson(&exercise, &[]);
    open.standings.pop();
    open.fault = Some("no room".to_owned());
    let text = print(&record(vec![open]));
    assert!(!text.contains("A key has no scheme") && text.contains("(left open)"), "{text}");
    assert!(text.contains("It could not be opened: no room"), "{text}");
}

#[test]
fn account_numbers_are_masked_wherever_they_stand() {
    let exercise = exercise();
    let trail = trail();
    let found = ["arn:aws:iam::112233445566:role/r".to_owned(), "0112233445566".to_owned()];
    let one = Lesson { found: &found, ..lesson(&exercise, &trail) };
    let text = print(&Record { mask: true, ..record(vec![one]) });
    assert!(!text.contains("::112233445566") && !text.contains("\"112233445566"), "{text}");
    assert!(
        text.contains("- Account: xxxxxxxxxxxx, made up; account numbers are masked"),
        "{text}"
    );
    // A longer number is none.
    assert!(text.contains("0112233445566"), "{text}");
    assert!(text.contains("20261129-100512-abcd"), "{text}");
}

#[test]
fn foreign_text_stays_text() {
    let exercise = exercise();
    let evil =
        "```\n# Title\n| a | b |\n<img src=x> [a](http://b) \u{1b}[2J\u{202e}![x](y)\r\n1. one";
    let found = [evil.to_owned(), evil.to_owned(), evil.to_owned()];
    let tag =
        json!({"RoleName": "r", "Tags": [{"Key": "````\n# Title", "Value": "\u{1b}[2J\u{202e}"}]});
    let document = json!({"RoleName": "r", "PolicyDocument": "\n```\n\n# Title\n~~~\n````"});
    let trail = [
        call(0, "iam:TagRole", &tag, Some("x\n```\n# Title")),
        call(i64::MAX, "iam:UpdateAssumeRolePolicy", &document, None),
    ];
    let answers = [evil.to_owned()];
    let one = Lesson {
        standings: vec![Standing::Met, Standing::Open(evil.to_owned()), Standing::Met],
        found: &found,
        answers: &answers,
        pull: Some(evil),
        fault: Some(evil.to_owned()),
        ..lesson(&exercise, &trail)
    };
    let text = print(&record(vec![one]));
    for hidden in ['\u{1b}', '\u{202e}', '\r'] {
        assert!(!text.contains(hidden), "{text:?}");
    }
    let mut fence = None;
    for line in text.lines() {
        let marks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            None if marks >= 3 => fence = Some(marks),
            Some(open) if marks >= open && line.trim_end() == "`".repeat(marks) => fence = None,
            None => {
                assert!(!line.starts_with("# Title") && !line.starts_with('|'), "{line}");
                for sign in ["<img", "](http", "![x]", "```"] {
                    let bare = line.contains(sign) && !line.contains(&format!("\\{sign}"));
                    assert!(!bare, "{sign} in {line}");
                }
            }
            Some(_) => {}
        }
    }
    assert_eq!(fence, None, "the code ends:\n{text}");
}

#[test]
fn what_was_pasted_as_an_answer_by_mistake_is_left_out() {
    let exercise = exercise();
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwcyJ9.c2lnbmF0dXJl";
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for planted in [token, secret] {
        let answers = [format!("it is {planted}, I think")];
        let text = print(&record(vec![Lesson { answers: &answers, ..lesson(&exercise, &[]) }]));
        assert!(!text.contains(planted) && text.contains("it is (left out) I think"), "{text}");
    }
    let thumbprint = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280";
    let answers = [thumbprint.to_owned()];
    let text = print(&record(vec![Lesson { answers: &answers, ..lesson(&exercise, &[]) }]));
    assert!(text.contains(thumbprint), "{text}");
}
