//! A disk that is full after so many bytes: what is not in the journal is not sent, and the rest is done once there is room.

use okteto_ecr::practice::account::Service;
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Ask, Principal};
use serde_json::{Value, json};

use crate::command::Command;
use crate::stage::{NAME, ROLE};
use crate::support::Answers;
use crate::world::{COLLEAGUE, ISSUER};

/// In blocks of 512 bytes: the journal of the whole run is a little shorter than the last.
const BLOCKS: std::ops::Range<usize> = 0..8;

/// Whether the account has it.
fn is_there(command: &Command, action: &str, input: Value) -> bool {
    let front = &command.practice.served.front;
    let ask = Ask {
        now: front.now(),
        service: Service::Iam,
        action: action.to_owned(),
        region: "us-east-2".to_owned(),
        caller: Some(Principal::User(COLLEAGUE.to_owned())),
        input: Input::from_json(input),
    };
    front.account().call(&ask).is_ok()
}

/// What the set-up is made of: the call that makes it, and whether it is there.
fn made(command: &Command) -> [(&'static str, bool); 2] {
    let arn = format!("arn:aws:iam::{}:oidc-provider/{NAME}", crate::stage::ACCOUNT);
    let provider = json!({ "OpenIDConnectProviderArn": arn });
    let provider = is_there(command, "GetOpenIDConnectProvider", provider);
    let role = is_there(command, "GetRole", json!({ "RoleName": ROLE }));
    [("iam:CreateOpenIDConnectProvider", provider), ("iam:CreateRole", role)]
}

#[test]
fn nothing_is_sent_that_is_not_in_the_journal_and_the_rest_is_done_once_there_is_room() {
    let mut codes = Vec::new();
    for blocks in BLOCKS {
        let command = Command::new(|_| {});
        let answers = Answers::tutorial(crate::stage::ACCOUNT).with("oidc.issuer", ISSUER);
        let answers = answers.write(command.home()).display().to_string();
        let apply = ["apply", "--answers", &answers, "--yes", "--format", "json"];

        let (code, said) = command.within(Some(blocks), &apply);
        codes.push(code);
        let journal = command.journals();
        let there = made(&command);
        for (call, is_there) in there {
            assert!(!is_there || journal.contains(call), "{blocks}: {call} is in no journal");
        }
        let changed = there.iter().any(|(_, is_there)| *is_there);
        match code {
            Some(0) => assert!(said.contains("\"done\""), "{blocks}: {said}"),
            Some(code) => {
                assert_eq!(code, if changed { 4 } else { 1 }, "{blocks}: {said}");
                assert!(said.contains("File too large"), "{blocks}: {said}");
            }
            None => panic!("{blocks}: a signal ended it: {said}"),
        }

        let (code, said) = command.within(None, &apply);
        assert_eq!(code, Some(0), "{blocks}: {said}");
        assert!(made(&command).iter().all(|(_, is_there)| *is_there), "{blocks}");
        let (code, said) = command.within(Some(blocks), &["undo", "--yes", "--format", "json"]);
        let code = code.unwrap_or_else(|| panic!("{blocks}: a signal ended it: {said}"));
        assert!(matches!(code, 1 | 4), "{blocks}: there is no room for all of it: {said}");
        assert!(said.contains("File too large"), "{blocks}: {said}");
        let (code, said) = command.within(None, &["undo", "--yes", "--format", "json"]);
        assert_eq!(code, Some(0), "{blocks}: {said}");
        assert!(made(&command).iter().all(|(_, is_there)| !is_there), "{blocks}: {said}");
    }
    assert!(
        codes.contains(&Some(1)) && codes.contains(&Some(4)) && codes.contains(&Some(0)),
        "{codes:?}"
    );
}
