//! Accounts that are not empty: what is there is never overwritten without its name.

use serde_json::json;

use crate::bench::{Bench, assert_cause, word_of};
use crate::support::{Answers, Finished, Moto};

/// Exit 1 for want of a confirmation, and nothing written.
#[track_caller]
fn assert_wants_confirmation(bench: &Bench, finished: Finished) {
    let finished = finished.exits(1);
    assert_cause(&finished, "confirmation-needed");
    assert_eq!(bench.front.writes(), [""; 0], "nothing is written before it");
}

#[test]
fn a_provider_with_another_audience_gets_ours_beside_it() {
    let bench = Bench::moto();
    let made = bench.aws(&[
        "iam",
        "create-open-id-connect-provider",
        "--url",
        Answers::ISSUER,
        "--client-id-list",
        "sts.amazonaws.com",
    ]);
    let arn = made["OpenIDConnectProviderArn"].as_str().unwrap();
    let answers = bench.write(&Answers::tutorial(Moto::ACCOUNT));
    let plan = bench.plan(&answers).exits(0);
    let standing = word_of(&plan.value(), "steps", "audience", "standing");
    assert_ne!(standing, "present", "{plan:#?}");
    assert_wants_confirmation(&bench, bench.apply(&answers, &[]));

    let done = bench.apply(&answers, &[Answers::ISSUER]).exits(0);
    assert_eq!(done.value()["outcome"], "done", "{done:#?}");
    let writes = bench.front.writes();
    let ours = |action: &&String| action.contains("OpenIDConnectProvider");
    let touched: Vec<&String> = writes.iter().filter(ours).collect();
    assert_eq!(touched, ["AddClientIDToOpenIDConnectProvider"], "nothing else is touched");
    let calls = bench.front.calls();
    let add = calls.iter().find(|call| call.action.starts_with("AddClientID")).unwrap();
    assert_eq!(add.form.get("ClientID"), Some(Answers::AUDIENCE));
    assert_eq!(add.form.get("OpenIDConnectProviderArn"), Some(arn));
    // And it is seen to be there.
    let plan = bench.plan(&answers).exits(0);
    assert_eq!(word_of(&plan.value(), "steps", "audience", "standing"), "present");
}

#[test]
fn a_role_with_another_trust_is_kept_until_named() {
    let bench = Bench::moto();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"},
        }],
    })
    .to_string();
    let role = ["--role-name", Answers::ROLE];
    let create = ["iam", "create-role", "--assume-role-policy-document", &trust];
    bench.aws(&[&create[..], &role].concat());
    let answers = bench.write(&Answers::tutorial(Moto::ACCOUNT));
    assert_wants_confirmation(&bench, bench.apply(&answers, &[]));
    // Another name is no confirmation.
    assert_wants_confirmation(&bench, bench.apply(&answers, &["another-role"]));

    let done = bench.apply(&answers, &[Answers::ROLE]).exits(0);
    assert_eq!(done.value()["outcome"], "done", "{done:#?}");
    let writes = bench.front.writes();
    assert!(writes.contains(&"UpdateAssumeRolePolicy".to_owned()), "{writes:?}");
    assert!(!writes.contains(&"CreateRole".to_owned()), "{writes:?}");
    let now = bench.aws(&[&["iam", "get-role"][..], &role].concat());
    let text = now["Role"]["AssumeRolePolicyDocument"].to_string();
    assert!(text.contains("sts:AssumeRoleWithWebIdentity"), "{text}");
    let before = bench.front.writes();
    bench.applied(&answers);
    assert_eq!(bench.front.writes(), before, "the second run changes nothing");
}

#[test]
fn another_account_than_the_answers_name_is_refused() {
    let bench = Bench::moto();
    let answers = bench.write(&Answers::tutorial("999999999999"));
    let apply = bench.apply(&answers, &[]).exits(1);
    assert_cause(&apply, "wrong-account");
    assert_eq!(bench.front.writes(), [""; 0]);
}

#[test]
fn nothing_is_written_without_yes_or_read_only_or_by_another_plan() {
    let bench = Bench::moto();
    let answers = bench.write(&Answers::tutorial(Moto::ACCOUNT));
    let _ = bench.run.json("apply", &answers, &[]).exits(2);
    let read_only = bench.run.json("apply", &answers, &["--yes", "--read-only"]);
    assert!(matches!(read_only.code, Some(1 | 2)), "{read_only:#?}");
    let stale = bench.run.json("apply", &answers, &["--yes", "--plan-hash", "0000"]);
    assert!(matches!(stale.code, Some(1 | 2)), "{stale:#?}");
    assert_eq!(bench.front.writes(), [""; 0]);
    // The plan that was read is the plan that may be applied.
    let plan = bench.plan(&answers).exits(0);
    let hash = plan.value()["plan_hash"].as_str().unwrap().to_owned();
    let done = bench.run.json("apply", &answers, &["--yes", "--plan-hash", &hash]).exits(0);
    assert_eq!(done.value()["outcome"], "done", "{done:#?}");
}
