//! What a run leaves: things that stay when it is taken back, and work that is still open.

use std::collections::BTreeMap;

use super::*;
use crate::domain::inventory::Inventory;

const PLACE: &str = "my-private-registry";

#[tokio::test(start_paused = true)]
async fn what_stayed_goes_once_nothing_needs_it() {
    let bench = Bench::new();
    let run = bench.applied().await;
    // Ours was deleted by hand, and a colleague's role trusts the provider.
    if let Some(role) = bench.fake.account.lock().unwrap().role.as_mut() {
        role.name = "other".to_owned();
        role.tags.clear();
    }
    let sent = bench.begun();
    let half = bench.ran(&format!("undo --yes --keep {}", sample::ISSUER)).await;
    assert_eq!((half.code, bench.begun()), (0, sent), "{}", half.result);
    assert!(half.result.contains(&format!("Done: run {run} is taken back.")), "{}", half.result);
    assert!(half.result.contains("Not touched: "), "{}", half.result);
    assert_eq!(bench.listed().await[0]["outcome"], "undone");

    bench.fake.account.lock().unwrap().role = None;
    let rest = bench.ran("undo --yes --format json").await;
    assert_eq!((rest.code, bench.begun()), (0, sent + 1), "{}", rest.result);
    assert!(bench.fake.account.lock().unwrap().provider.is_none());
    assert_eq!(bench.begun(), sent + 1);
}

#[tokio::test(start_paused = true)]
async fn what_turns_out_to_be_gone_is_written_down_as_taken_back() {
    let absent = Fault::new(Cause::RoleMissing, "none").with("code", "NoSuchEntityException");
    for is_gone in [true, false] {
        let bench = Bench::new();
        bench.applied().await;
        let sent = bench.begun();
        bench.fake.perform.refuses(1, &absent);
        let colleague = async {
            while bench.begun() == sent {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            if is_gone && let Some(role) = bench.fake.account.lock().unwrap().role.as_mut() {
                role.attached.clear();
            }
        };
        let (undone, ()) = tokio::join!(bench.ran("undo --yes --format json"), colleague);
        let value = undone.json();
        let (code, first) = if is_gone { (0, "done") } else { (4, "failed") };
        assert_eq!((undone.code, outcomes(&value)[0]), (code, first), "{}", undone.result);
        if is_gone {
            assert!(bench.ran("undo --yes").await.result.contains("taken back already"));
            let again = bench.ran("undo --yes --format json").await.json();
            assert_eq!(
                (&again["account"], &again["about"], &again["remarks"]),
                (&json!("112233445566"), &json!(format!("role {PLACE}")), &json!([]))
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_called_taken_back_that_was_not_written_down() {
    let bench = Bench::new();
    bench.applied().await;
    *bench.fake.account.lock().unwrap() = Inventory::default();
    let looked = bench.ran("undo --read-only").await;
    assert_eq!(looked.code, 0);
    assert!(!looked.result.contains("Done"), "{}", looked.result);
    assert!(looked.result.contains("not written down, because of --read-only"));
    let value = bench.ran("undo --read-only --format json").await.json();
    assert!(value["remarks"].to_string().contains("--read-only"), "{value}");
    assert_eq!(bench.listed().await[0]["outcome"], "done");
    let done = bench.ran("undo --yes --format json").await.json();
    assert!(!done["remarks"].to_string().contains("--read-only"), "{done}");
    assert_eq!(bench.listed().await[0]["outcome"], "undone");
}

#[tokio::test(start_paused = true)]
async fn a_rotation_does_not_close_a_run_that_lacks_more_than_a_key() {
    let bench = Bench::of(for_user("kubernetes"));
    let mut user = crate::engine::fake::seen_user(vec![crate::engine::fake::seen_key(
        crate::engine::fake::key_id(90),
    )]);
    let attached = std::mem::take(&mut user.attached);
    bench.fake.account.lock().unwrap().user = Some(user);
    bench.fake.perform.refuses(1, &refused());
    let failed = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!(failed.code, 1, "{}{}", failed.result, failed.talk);
    let run = failed.json()["run"].clone();
    let rotated = bench.ran("apply ANSWERS --rotate --yes --format json").await;
    assert_eq!((rotated.code, &rotated.json()["run"]), (0, &run), "{}", rotated.talk);
    let listed = bench.listed().await;
    assert_eq!((&listed[0]["outcome"], &listed[0]["open"]), (&json!("failed"), &json!(true)));
    // The same once more has nothing to do, and ends nothing either.
    let again = bench.ran("apply ANSWERS --rotate --yes --format json").await;
    assert_eq!((again.code, &again.json()["run"]), (0, &run), "{}", again.talk);
    assert_eq!(bench.listed().await[0]["outcome"], "failed");

    bench.fake.account.lock().unwrap().user.as_mut().unwrap().attached = attached;
    let whole = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!((whole.code, &whole.json()["run"]), (0, &run), "{}{}", whole.result, whole.talk);
    assert_eq!(bench.listed().await[0]["outcome"], "done");
}

#[tokio::test(start_paused = true)]
async fn behind_a_newer_run_an_older_one_is_history() {
    let bench = Bench::new();
    bench.fake.perform.grants(1);
    bench.fake.perform.refuses(1, &refused());
    let old = bench.ran("apply ANSWERS --yes --format json").await.json()["run"].clone();
    let words = format!("continuing run {}", old.as_str().unwrap());
    bench.tag(old.as_str().unwrap());
    assert!(bench.ran("plan ANSWERS").await.talk.contains(&words));
    let new = bench.ran("apply ANSWERS --new-run --yes --format json").await;
    assert_eq!(new.code, 0, "{}{}", new.result, new.talk);
    assert_ne!(new.json()["run"], old);
    assert!(!bench.ran("plan ANSWERS").await.talk.contains("continuing"));
    // One that is taken back left nothing behind which an older one would be history.
    let provider = bench.fake.account.lock().unwrap().provider.clone();
    bench.tag(new.json()["run"].as_str().unwrap());
    bench.fake.account.lock().unwrap().provider = provider;
    assert_eq!(bench.ran("undo --yes").await.code, 0);
    assert!(bench.ran("plan ANSWERS").await.talk.contains(&words));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_leaves_the_answers_of_the_run_as_they_are() {
    let bench = Bench::new();
    bench.fake.perform.grants(1);
    bench.fake.perform.refuses(1, &refused());
    let failed = bench.ran("apply ANSWERS --yes --format json").await.json();
    let run = failed["run"].as_str().unwrap();
    bench.tag(run);
    let kept = bench.journal(run).with_file_name("answers.toml");
    std::fs::write(&kept, "kept").unwrap();
    let text = || std::fs::read_to_string(&kept).unwrap();

    let worker = bench.ledger().begin(crate::clock::now());
    let header = bench.ledger().begin(crate::clock::now());
    let header = header.runs().unwrap().remove(0).past.unwrap().header;
    let held = worker.open_journal(&header).unwrap();
    let line = "apply ANSWERS --yes --format json";
    assert_eq!(cause(&bench.ran(line).await), "in-use");
    assert_eq!(text(), "kept");
    drop(held);

    // A role without this program's tag is to be confirmed by name.
    let role = crate::engine::fake::inventory(&sample::intent()).role.unwrap();
    let path = "/elsewhere/".to_owned();
    bench.fake.account.lock().unwrap().role =
        Some(crate::domain::inventory::SeenRole { path, tags: BTreeMap::default(), ..role });
    let blocked = bench.ran(line).await;
    assert_eq!(blocked.json()["outcome"], "blocked", "{}", blocked.result);
    assert_eq!(text(), "kept");
    bench.fake.account.lock().unwrap().role = None;
    assert_eq!(bench.ran(line).await.code, 0);
    assert!(text().contains("oidc"));
}
