//! Pull tests that must fail, each with its own cause.

use std::time::Duration;

use crate::bench::{Bench, assert_cause, word_of};
use crate::support::{
    Answers, Finished, Hang, Mischief, Moto, Registry, Run, push_image, push_index,
};

/// Exit 1, verdict failed, at this rung with this cause.
#[track_caller]
fn assert_fails(finished: Finished, rung: &str, cause: &str) {
    let finished = finished.exits(1);
    let value = finished.value();
    assert_eq!(value["verdict"], "failed", "{finished:#?}");
    assert_eq!(word_of(&value, "rungs", rung, "status"), "failed", "{finished:#?}");
    assert_cause(&finished, cause);
}

#[test]
fn an_altered_layer_is_caught() {
    let bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &[100_000, 200_000]);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.applied(&answers);
    bench.registry.alter(&image.layers[1].0);
    assert_fails(bench.pull_test(&answers), "digest", "digest-mismatch");
}

#[test]
fn a_second_host_that_alters_or_cuts_is_caught() {
    let bench = Bench::with_moto(Registry::redirecting(Moto::REGISTRY_TOKEN));
    let image = push_image(&bench.registry, "team/app", &[100_000, 200_000]);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.applied(&answers);
    let blobs = bench.registry.blobs.as_ref().unwrap();
    blobs.set(Mischief::Alter);
    assert_fails(bench.pull_test(&answers), "digest", "digest-mismatch");
    blobs.set(Mischief::Cut);
    let cut = bench.pull_test(&answers).exits(1);
    assert_eq!(cut.value()["verdict"], "failed", "{cut:#?}");
    blobs.set(Mischief::None);
    let _ = bench.pull_test(&answers).exits(0);
}

#[test]
fn what_is_not_in_the_registry_is_named() {
    let bench = Bench::moto();
    push_index(&bench.registry, "team/app", &[1000]);
    let good = bench.answers("team/app:v1");
    bench.applied(&bench.write(&good));
    let answers = bench.write(&good.clone().with("pull_test.platform", "linux/s390x"));
    assert_fails(bench.pull_test(&answers), "manifest", "platform-missing");
    let answers = bench.write(&good.with("pull_test.image", "team/app:v2"));
    assert_fails(bench.pull_test(&answers), "manifest", "image-missing");
}

#[test]
fn a_token_for_another_audience_is_told_by_its_claims() {
    let bench = Bench::ministack();
    let image = push_image(&bench.registry, "team/app", &[1000]);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.run.file("token", &bench.token("okteto.example.com/us-west-2"));
    let pull = bench.pull_test(&answers);
    bench.assert_no_secret(&pull);
    assert_fails(pull, "claims", "audience-mismatch");
}

#[test]
fn tokens_of_another_subject_issuer_or_time_are_told_apart() {
    let bench = Bench::moto();
    let answers = bench.write(&bench.answers("team/app:v1"));
    let good = bench.issuer.claims(Answers::AUDIENCE, Answers::SUBJECT);
    let mut subject = good.clone();
    "system:serviceaccount:default:default".clone_into(&mut subject.subject);
    let mut issuer = good.clone();
    "https://oidc.example.com/id/other".clone_into(&mut issuer.issuer);
    let mut late = good;
    late.seconds = -60;
    for (mint, cause) in
        [(subject, "subject-mismatch"), (issuer, "issuer-mismatch"), (late, "token-expired")]
    {
        bench.run.file("token", &bench.issuer.mint(&mint));
        let pull = bench.pull_test(&answers).exits(1);
        assert_cause(&pull, cause);
        bench.assert_no_secret(&pull);
    }
    bench.run.file("token", "this is no token at all");
    let pull = bench.pull_test(&answers).exits(1);
    assert_cause(&pull, "token-malformed");
}

#[test]
fn a_role_that_is_not_there_is_missing() {
    let bench = Bench::ministack();
    let image = push_image(&bench.registry, "team/app", &[1000]);
    let answers = bench.write(&bench.answers(&image.reference));
    let pull = bench.pull_test(&answers).exits(1);
    assert_cause(&pull, "role-missing");
}

/// The claims are as meant, but the account trusts another subject: one look tells, and STS is not asked.
#[test]
fn a_trust_for_another_subject_refuses() {
    let bench = Bench::ministack();
    let image = push_image(&bench.registry, "team/app", &[1000]);
    let good = bench.answers(&image.reference);
    let other = "system:serviceaccount:okteto:builder";
    bench.applied(&bench.write(&good.clone().with("oidc.subject", other)));
    let pull = bench.pull_test(&bench.write(&good)).exits(1);
    assert_eq!(word_of(&pull.value(), "rungs", "assume", "status"), "skipped", "{pull:#?}");
    assert_fails(pull, "claims", "subject-mismatch");
}

/// A changed login is what an expired one is: the registry says 401.
#[test]
fn an_expired_registry_login_is_told() {
    let mut bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &[1000]);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.applied(&answers);
    // The registry reads its file again once its time has changed, which has seconds.
    std::thread::sleep(Duration::from_millis(1100));
    bench.registry.change_token("another-token");
    assert_fails(bench.pull_test(&answers), "manifest", "registry-token-expired");
}

/// Debian's registry lets the role push: the upload that was begun is gone again, and the fault is told. Without a push
/// the test passes, and the registry is asked for none.
#[test]
fn a_push_that_is_let_in_is_cancelled_and_told() {
    let bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &[1000]);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.applied(&answers);
    let pull = bench.run.json("pull-test", &answers, &["--wait", "0"]);
    bench.assert_no_secret(&pull);
    assert!(pull.stderr.contains("next: one thing that must be refused: a push"), "{pull:#?}");
    let value = pull.value();
    assert_eq!(word_of(&value, "rungs", "digest", "status"), "passed", "{pull:#?}");
    assert_eq!(word_of(&value, "rungs", "refuses-other-audience", "status"), "skipped");
    let push = &value["rungs"][12]["fault"];
    assert!(push["evidence"].get("not_cancelled").is_none(), "{push:#}");
    assert_fails(pull, "refuses-push", "push-permitted");
    let log = bench.registry.log();
    let cancelled = |line: &&str| {
        line.contains("\"DELETE /v2/team/app/blobs/uploads/") && line.contains("\" 204 ")
    };
    assert_eq!(log.lines().filter(cancelled).count(), 1, "{log}");

    let begun = bench.registry.log().matches("POST /v2/").count();
    let run = &bench.run;
    let looked = run.json("pull-test", &answers, &["--wait", "0", "--read-only"]).exits(0);
    assert_eq!(word_of(&looked.value(), "rungs", "refuses-push", "detail"), "read-only");
    assert_eq!(
        bench.registry.log().matches("POST /v2/").count(),
        begun,
        "--read-only sends no POST"
    );
}

#[test]
fn an_issuer_that_cannot_be_reached_is_only_warned_of() {
    let bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &[1000]);
    let answers = bench.write(&bench.answers(&image.reference));
    bench.applied(&answers);
    let hang = Hang::start();
    let run = Run::on_front(&bench.front)
        .registry(&bench.registry)
        .option("--issuer-endpoint", &hang.url);
    let pull = run.json("pull-test", &answers, &["--wait", "0", "--skip-refusals"]).exits(0);
    let value = pull.value();
    assert_eq!(value["verdict"], "passed", "{pull:#?}");
    assert_eq!(word_of(&value, "rungs", "discovery", "status"), "warned", "{pull:#?}");
    assert!(hang.connections() > 0);
    assert!(pull.took < Duration::from_secs(30), "{:?}", pull.took);
}

#[test]
fn a_hung_registry_is_given_up() {
    let bench = Bench::moto();
    let answers = bench.write(&bench.answers("team/app:v1"));
    bench.applied(&answers);
    let hang = Hang::start();
    let run =
        Run::on_front(&bench.front).issuer(&bench.issuer).option("--registry-endpoint", &hang.url);
    let pull = run.json("pull-test", &answers, &["--wait", "0"]).exits(1);
    let found = crate::bench::causes(&pull.value());
    let known = |cause: &String| cause == "unreachable" || cause == "deadline-passed";
    assert!(found.iter().any(known), "{pull:#?}");
}

#[test]
fn a_hung_endpoint_is_given_up() {
    let hang = Hang::start();
    let run = Run::on_hang(&hang);
    let answers = Answers::tutorial(Moto::ACCOUNT).write(run.home());
    for command in ["plan", "apply"] {
        let args: &[&str] = if command == "apply" { &["--yes"] } else { &[] };
        let finished = run.json(command, &answers, args).exits(1);
        let found = crate::bench::causes(&finished.value());
        let known = |cause: &String| cause == "unreachable" || cause == "deadline-passed";
        assert!(found.iter().any(known), "{finished:#?}");
    }
    assert!(hang.connections() > 0);
}
