use super::*;

/// Wrong use is told before anything is asked of AWS.
#[tokio::test(start_paused = true)]
async fn files_that_will_not_do_are_wrong_use() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let bad = path("bad.toml", "format = 1\n[[acepted]]\n");
    let future = path("future.json", "{\"format\": 2}");
    let fake = Arc::new(Fake::default());
    for (options, words) in [
        (format!("--accepted {bad}"), "acepted, line 2"),
        ("--accepted /nowhere/accepted.toml".to_owned(), "there is no file /nowhere/accepted.toml"),
        (format!("--baseline {future}"), "format 2"),
        ("--baseline /nowhere/last.json".to_owned(), "could not read the baseline"),
    ] {
        let ran = ran(&fake, &format!("review --format json {options}")).await;
        let value = ran.json();
        let message = value["fault"]["message"].as_str().unwrap();
        assert_eq!(ran.code, 2, "{options}: {}", ran.talk);
        assert!(message.contains(words), "{options}: {message}");
    }
    let ran = ran(&fake, "review").await;
    assert_eq!((ran.code, ran.result.as_str()), (2, ""));
    assert!(ran.talk.contains("--format text, json, csv or sarif"), "{}", ran.talk);
    assert_eq!(fake.calls.load(Ordering::SeqCst), 0);
}
