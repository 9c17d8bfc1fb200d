use proptest::prelude::*;

use super::*;
use crate::domain::draft::Field;

const GOOD: &str = r#"format = 1
title = "A title"
about = "A line"
story = """
What happened.
"""
answers = """
mode = "oidc"
region = "us-east-2"
[oidc]
audience = "okteto.example.com/us-east-2"
"""
hints = ["one", "two", "three"]
explanation = "What it was."
sources = ["A page: https://example.com/"]

[world]
registry_account = "445566778899"
other_issuers = ["https://oidc.example.com"]
stopped_after = 2

[world.token]
issued_minutes_ago = 180
minutes = 60

[[world.providers]]
audiences = ["okteto.example.com/us-east-2"]

[[world.roles]]
name = "my-role"
trust = '''
{
  "Statement": [{"Effect": "Allow"}]
}
'''
attached = ["AmazonEC2ContainerRegistryReadOnly"]
inline.more = '{"Statement": [{}]}'
tags = { owner = "platform" }
spreads_for = 60
days = 3
used_days_ago = 1

[[world.users]]
name = "robot"
[[world.users.keys]]
days = 400
in_secret = true

[[world.repositories]]
name = "team/app"
tags = ["latest"]

[[goals]]
text = "Say it"
ask = "What is it?"
choices = ["this", "that"]
answer = "That"

[[goals]]
text = "It pulls"
check = "okteto-pulls"
role = "my-role"
repository = "team/app"

[trainer]
fault = "This."
ask = "Why?"

[solution]
words = "Do that."
commands = ["aws sts get-caller-identity"]

[[wrong]]
words = "Do this."
"#;

/// The good file with one thing in it replaced.
fn with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old:?} is not in the file");
    GOOD.replacen(old, new, 1)
}

/// The line of a text in a file, from 1.
fn line_of(text: &str, part: &str) -> usize {
    let at = text.find(part).unwrap_or_else(|| panic!("{part:?} is not in the file"));
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Refused at the line where `at` stands, for a reason that has `why` in it.
#[track_caller]
fn refused(text: &str, at: &str, why: &str) {
    let fault = parse("mine", text).unwrap_err();
    assert_eq!(fault.cause, Cause::BadAnswers, "{fault:?}");
    assert!(fault.message.contains(why), "{why:?} is not in: {}", fault.message);
    let line = line_of(text, at);
    assert_eq!(fault.evidence["line"], line.to_string(), "{}", fault.message);
    assert!(fault.message.starts_with(&format!("line {line}: ")), "{}", fault.message);
    assert!(fault.remedy.unwrap().contains("assets/practice/README.md"));
}

#[test]
fn what_is_in_the_file_is_in_the_exercise() {
    let read = parse("mine", GOOD).unwrap();
    assert_eq!((read.name.as_str(), read.title.as_str()), ("mine", "A title"));
    assert_eq!(read.story, "What happened.");
    assert_eq!(read.answers.text(Field::Audience), "okteto.example.com/us-east-2");
    assert_eq!(read.hints, ["one", "two", "three"]);
    let world = &read.world;
    assert_eq!(world.registry_account.as_deref(), Some("445566778899"));
    assert_eq!(world.other_issuers, ["https://oidc.example.com"]);
    assert_eq!((world.providers[0].issuer.as_ref(), world.providers[0].audiences.len()), (None, 1));
    let Role { name, inline, tags, spreads_for, days, used_days_ago, .. } = &world.roles[0];
    assert_eq!((name.as_str(), *spreads_for, *days, *used_days_ago), ("my-role", 60, 3, Some(1)));
    assert_eq!(inline, &[("more".to_owned(), "{\"Statement\": [{}]}".to_owned())]);
    assert_eq!(tags, &[("owner".to_owned(), "platform".to_owned())]);
    let key = Key { days: 400, used_days_ago: None, in_secret: true, inactive: false };
    assert_eq!(world.users[0].keys, [key]);
    assert_eq!(world.repositories[0].tags, ["latest"]);
    assert_eq!(world.token.as_ref().unwrap().issued_minutes_ago, 180);
    assert_eq!(world.stopped_after, Some(2));
    let By::Answer(question) = &read.goals[0].by else { panic!("a question") };
    assert!(question.is_right(" that. ") && !question.is_right("this"));
    let pulls =
        Check::OktetoPulls { role: "my-role".to_owned(), repository: "team/app".to_owned() };
    assert_eq!(read.goals[1].by, By::State(pulls));
    assert_eq!(read.solution.commands, ["aws sts get-caller-identity"]);
    assert_eq!((read.wrong[0].words.as_str(), read.wrong[0].commands.len()), ("Do this.", 0));
}

#[test]
fn every_check_is_read_and_wants_its_keys() {
    for (word, keys) in CHECKS {
        let given: Vec<String> = keys.iter().map(|key| format!("{key} = \"x\"\n")).collect();
        let goal = "check = \"okteto-pulls\"\nrole = \"my-role\"\nrepository = \"team/app\"\n";
        let text = with(goal, &format!("check = \"{word}\"\n{}", given.concat()));
        let read = parse("mine", &text).unwrap();
        let By::State(check) = &read.goals[1].by else { panic!("a check") };
        assert_eq!(check.word(), word);
        for key in keys {
            let without = text.replacen(&format!("{key} = \"x\"\n"), "", 1);
            let why = format!("the check {word} wants the key {key}");
            refused(&without, "[[goals]]\ntext = \"It pulls\"", &why);
        }
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    refused(&with("title = \"A title\"", "title = A title"), "title = A", "");
    refused(&with("about = ", "abuot = "), "abuot", "unknown field `abuot`, expected one of");
    refused(&with("days = 3", "days = \"3\""), "days = \"3\"", "expected");
    refused(&with("days = 3", "dayz = 3"), "dayz", "`used_days_ago`");
    let missing = with("explanation = \"What it was.\"\n", "");
    refused(&missing, "format = 1", "missing field `explanation`");
    refused(&with("title = \"A title\"", "title = \" \""), "title", "nothing is said here");
    refused(&with("format = 1", "format = 2\nlater = 1"), "format", "knows format 1");
    refused(&with("\"two\", \"three\"", "\"two\""), "hints", "there are 2 hints");
    refused(&with("\"two\", \"three\"", "\"\", \"three\""), "hints", "a hint says nothing");
    let unsourced = with("sources = [\"A page: https://example.com/\"]", "sources = []");
    refused(&unsourced, "sources", "at least one source");
}

#[test]
fn what_the_world_could_not_hold_is_told_with_its_line() {
    refused(&with("\"445566778899\"", "\"4455\""), "\"4455\"", "12 digits");
    let issuer = "\"https://oidc.example.com\"";
    refused(&with(issuer, "\"http://oidc.example.com\""), "other_issuers", "https");
    let of_blanks = with("name = \"my-role\"", "name = \"my role\"");
    refused(&of_blanks, "[[world.roles]]", "' ' cannot stand");
    refused(&with("name = \"robot\"", "name = \"\""), "[[world.users]]", "missing");
    refused(&with("name = \"team/app\"", "name = \"Team\""), "[[world.repositories]]", "'T'");
    refused(&with("tags = [\"latest\"]", "tags = []"), "[[world.repositories]]", "one tag");
    let key = "[[world.users.keys]]\ndays = 400\nin_secret = true\n";
    refused(&with(key, &key.repeat(2)), "[[world.users]]", "the Secret holds one key");
    let more = "[[world.users.keys]]\n".repeat(2) + key;
    refused(&with(key, &more), "[[world.users]]", "2 access keys");
    let role = "[[world.roles]]\nname = \"MY-ROLE\"\ntrust = '{}'\n\n[[world.users]]";
    let twice = with("[[world.users]]", role);
    refused(&twice, "[[world.roles]]\nname = \"MY", "two roles MY-ROLE");
}

#[test]
fn a_policy_is_a_document() {
    let effect = with("\"Effect\": \"Allow\"", "\"Effect\": Allow");
    refused(&effect, "\"Effect\": Allow", "this is no JSON");
    let empty = with("\"Statement\": [{\"Effect\": \"Allow\"}]", "\"Version\": \"2012-10-17\"");
    refused(&empty, "trust = ", "no policy");
    refused(&with("'{\"Statement\": [{}]}'", "'{'"), "inline.more", "this is no JSON");
    let policy = "tags = [\"latest\"]\npolicy = 'no'";
    refused(&with("tags = [\"latest\"]", policy), "policy = 'no'", "this is no JSON");
}

#[test]
fn what_is_wrong_in_the_answers_is_told_with_the_line_of_the_file() {
    let audience = "audience = \"okteto.example.com/us-east-2\"\n\"\"\"";
    refused(&with(audience, "adience = \"x\"\n\"\"\""), "adience", "in the answers: oidc.adience");
    refused(
        &with("region = \"us-east-2\"", "region = \"east\""),
        "region",
        "in the answers: region",
    );
    refused(&with("[oidc]\naudience", "[oidc\naudience"), "[oidc", "in the answers");
}

#[test]
fn a_goal_is_a_question_or_a_check() {
    let first = "[[goals]]\ntext = \"Say it\"";
    let second = "[[goals]]\ntext = \"It pulls\"";
    refused(&with("answer = \"That\"\n", ""), first, "a question has an answer");
    refused(&with("answer = \"That\"", "answer = [\" \"]"), first, "a question has an answer");
    refused(&with("answer = \"That\"", "answer = \"those\""), first, "none of the choices");
    let keyed = with("answer = \"That\"", "answer = \"That\"\nrole = \"x\"");
    refused(&keyed, first, "role is for a check");
    refused(&with("ask = \"What is it?\"", ""), first, "either ask");
    let unknown = with("\"okteto-pulls\"", "\"okteto-pulled\"");
    refused(&unknown, second, "known are okteto-pulls, nobody-else");
    refused(&with("role = \"my-role\"", "role = \"\""), second, "wants the key role");
    let more = with("role = \"my-role\"", "role = \"r\"\nuser = \"u\"");
    refused(&more, second, "knows no user");
    let answered = with("role = \"my-role\"", "role = \"r\"\nanswer = \"u\"");
    refused(&answered, second, "for a question");
    refused(&with("\"It pulls\"", "\"\""), "[[goals]]\ntext = \"\"", "nothing is said");
}

/// The description has every key and every check, so that nobody has to look for them in the source.
#[test]
fn the_description_names_all_there_is() {
    let described = include_str!("../../../../assets/practice/README.md");
    let papers = include_str!("paper.rs");
    let keys = papers
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub(super) ")?.split_once(": "))
        .map(|(key, _)| key);
    let keys: Vec<&str> = keys.collect();
    assert!(keys.len() > 40, "{keys:?}");
    for name in keys.into_iter().chain(CHECKS.map(|(word, _)| word)) {
        assert!(described.contains(&format!("`{name}`")), "{name} is not described");
    }
}

/// The example of the description is an exercise.
#[test]
fn the_example_of_the_description_can_be_read() {
    let described = include_str!("../../../../assets/practice/README.md");
    let example = described.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let read = parse("example", example.unwrap()).unwrap();
    assert_eq!(read.goals.len(), 3);
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC*") {
        let _ = parse("any", &text);
    }

    /// A good file in which something is cut out, put in or overwritten is read, or refused at one of its lines.
    #[test]
    fn no_change_of_a_good_file_breaks_it(
        at in 0..GOOD.len(),
        cut in 0..40_usize,
        put in "[\"'\\[\\]{}=#\\n\\\\ a-z0-9é]{0,12}",
    ) {
        let end = (at + cut).min(GOOD.len());
        let (head, tail) = (GOOD.get(..at).unwrap(), GOOD.get(end..).unwrap());
        let text = format!("{head}{put}{tail}");
        if let Err(fault) = parse("any", &text) {
            let line: usize = fault.evidence["line"].parse().unwrap();
            prop_assert!((1..=text.split('\n').count()).contains(&line), "{fault:?}");
        }
    }
}
