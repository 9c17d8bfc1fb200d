use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::app::input::Input;
use crate::app::message::{Effect, Message};
use crate::app::overlay::Overlay;
use crate::app::task::{Bearer, ProbeOrder, TaskId, TokenSource};
use crate::app::testing::{self, press};
use crate::domain::fault::{Cause, Fault};
use crate::domain::moment::Moment;
use crate::domain::probe::{
    BlobProgress, ProbeReport, Pulled, Rung, RungResult, RungStatus, Try, Verdict, Wait,
};
use crate::domain::sample::{AUDIENCE, ISSUER, SUBJECT};
use crate::domain::seen::{SeenImage, SeenRepository};

const MIB: u64 = 1_048_576;
const SECOND: Duration = Duration::from_secs(1);

fn at(ms: u64) -> Moment {
    Moment(Duration::from_millis(ms))
}

/// At step 5, with an image and a cluster.
fn ready() -> App {
    let mut app = testing::app();
    app.started_unix = Some(1000);
    app.draft.context = Some("gke".to_owned());
    app.pull.form.get_mut(Field::Image).unwrap().take("team/app:1.0", at(0));
    app.pull.form.leave();
    app.go_to(Step::Pull);
    app
}

fn started(app: &mut App, keys: &str) -> (TaskId, ProbeOrder) {
    press(app, keys)
        .into_iter()
        .find_map(|(id, job)| match job {
            Job::Probe(order) => Some((id, *order)),
            _ => None,
        })
        .unwrap()
}

fn paste(app: &mut App, text: &str) {
    app.update(Message::Input(Input::Paste(text.to_owned())), app.now);
}

fn token(audience: &str) -> String {
    let part = |v: serde_json::Value| URL_SAFE_NO_PAD.encode(v.to_string());
    let head = part(json!({"alg": "RS256", "kid": "k"}));
    let claims =
        json!({"iss": ISSUER, "aud": [audience], "sub": SUBJECT, "iat": 1000, "exp": 4500});
    format!("{head}.{}.cGxhbnRlZC1zaWduYXR1cmU", part(claims))
}

fn news_at(app: &mut App, id: TaskId, ms: u64, news: News) {
    app.update(Message::Task(id, crate::app::task::Report::News(news)), at(ms));
}

fn end_at(app: &mut App, id: TaskId, ms: u64, end: End) {
    app.update(Message::Task(id, crate::app::task::Report::End(end)), at(ms));
}

fn result(rung: Rung, status: RungStatus) -> RungResult {
    let took = Duration::from_millis(100);
    RungResult { rung, status, took, detail: String::new(), fault: None }
}

fn blob(digest: &str, received: u64, total: u64) -> BlobProgress {
    BlobProgress { digest: digest.to_owned(), received, total }
}

fn token_of(order: ProbeOrder) -> TokenSource {
    match order.bearer {
        Bearer::Role(role) => role.token,
        Bearer::Key(key) => panic!("{key:?}"),
    }
}

fn report(verdict: Verdict, rungs: Vec<RungResult>) -> End {
    let image = Pulled { bytes: 96 * MIB, layers: 5, ..Pulled::default() };
    End::Probed(Box::new(ProbeReport {
        verdict,
        rungs,
        image: Some(image),
        bytes_per_second: Some(6 * MIB),
        key: None,
    }))
}

#[test]
fn a_pasted_token_is_taken_and_never_shown() {
    for part in [Part::Token, Part::Image, Part::TokenFile, Part::Action] {
        let mut app = ready();
        if part == Part::TokenFile {
            app.pull.way = Some(Way::File);
        }
        focus(&mut app, part);
        let token = token(AUDIENCE);
        paste(&mut app, &format!("export TOKEN=\"{token}\"\n"));
        let secret = "cGxhbnRlZC1zaWduYXR1cmU";
        assert!(!format!("{app:?}").contains(secret), "{part:?}");
        assert!(!format!("{:?}", app.draft).contains("eyJ"), "{part:?}");
        let said = token::description(&app).unwrap();
        let length = token.len();
        assert_eq!(
            said,
            format!(
                "A token of {length} characters, for aud {AUDIENCE}, sub {SUBJECT}, expires in 58 min"
            )
        );
        assert_eq!(token::complaint(&app), None);
        focus(&mut app, Part::Action);
        let (_, order) = started(&mut app, "T");
        assert!(matches!(token_of(order), TokenSource::Pasted(t) if t.expose() == token));
    }
}

#[test]
fn wrong_claims_and_wrong_pastes_are_said_at_once() {
    let mut app = ready();
    focus(&mut app, Part::Token);
    paste(&mut app, &token("somebody.else"));
    assert_eq!(token::complaint(&app).unwrap().cause, Cause::AudienceMismatch);
    // All that is wrong is said, not only the first.
    app.identity.form.get_mut(Field::Subject).unwrap().take("system:serviceaccount:a:b", at(0));
    app.write_draft();
    let said = token::said(&app).join("\n");
    assert!(said.contains("the token's aud") && said.contains("the token's sub"), "{said}");
    paste(&mut app, "not a token");
    assert_eq!(token::complaint(&app).unwrap().cause, Cause::TokenMalformed);
    let (part, why) = order::order(&app).unwrap_err();
    assert_eq!(part, Part::Token);
    assert!(why.starts_with("Paste not taken: "), "{why}");
    assert!(!format!("{app:?}").contains("not a token\""), "a bad paste is not kept");
}

#[test]
fn a_paste_of_an_image_goes_into_its_field() {
    let mut app = ready();
    focus(&mut app, Part::Image);
    press(&mut app, "Ctrl-C Esc");
    app.update(Message::Input(Input::Key(Key::ctrl('u'))), app.now);
    paste(&mut app, "112233445566.dkr.ecr.us-east-2.amazonaws.com/team/web:2\n");
    focus(&mut app, Part::Action);
    let (_, order) = started(&mut app, "Enter");
    assert_eq!(order.wish.image.to_string(), "team/web:2");
}

#[test]
fn tab_goes_round_all_parts_and_the_choices_are_kept() {
    let mut app = ready();
    for way in Way::ALL {
        app.pull.way = Some(way);
        focus(&mut app, Part::Token);
        let parts = parts(&app);
        for part in &parts {
            assert_eq!(app.pull.part, *part);
            press(&mut app, "Tab");
        }
        assert_eq!(app.pull.part, Part::Token);
        press(&mut app, "BackTab");
        assert_eq!(app.pull.part, Part::Action);
    }
    focus(&mut app, Part::Depth);
    press(&mut app, "Left Left Left");
    assert_eq!(app.draft.depth, Depth::Manifest);
    press(&mut app, "Right");
    assert_eq!(app.draft.depth, Depth::SmallestLayer);
    focus(&mut app, Part::Token);
    press(&mut app, "h h");
    assert_eq!(token::way(&app), Way::Cluster);
}

#[test]
fn what_is_missing_is_named_and_gone_to() {
    let mut app = ready();
    app.draft.context = None;
    app.pull.way = Some(Way::Cluster);
    assert_eq!(press(&mut app, "T").len(), 0);
    assert!(app.status().contains("kubeconfig"), "{}", app.status());
    press(&mut app, "Enter");
    assert_eq!((app.pull.view, app.pull.part), (View::Setup, Part::Token));
    app.pull.way = Some(Way::File);
    press(&mut app, "Enter");
    assert_eq!(app.pull.part, Part::TokenFile);
    testing::type_text(&mut app, "token.jwt");
    let (_, order) = started(&mut app, "Enter");
    assert!(
        matches!(token_of(order), TokenSource::File(path) if path.to_str() == Some("token.jwt"))
    );
    assert_eq!(app.draft.text(Field::TokenFile), "token.jwt");
    press(&mut app, "Ctrl-C Esc");
    app.pull.way = Some(Way::Cluster);
    app.write_draft();
    assert_eq!(app.draft.text(Field::TokenFile), "", "the answers repeat what was done");
}

#[test]
fn rate_and_time_left_follow_the_last_seconds() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    news_at(&mut app, id, 0, News::RungBegan(Rung::Layers));
    let total = 100 * MIB;
    news_at(&mut app, id, 0, News::Layers(vec![blob("a", 0, total / 2), blob("b", 0, total / 2)]));
    // Ten seconds at 1 MiB/s, then at 8 MiB/s, told every 50 ms.
    let mut received = 0;
    for tick in 1..=320_u64 {
        received += if tick <= 200 { MIB / 20 } else { 8 * MIB / 20 };
        let (digest, of) =
            if received <= total / 2 { ("a", received) } else { ("b", received - total / 2) };
        if digest == "b" {
            news_at(&mut app, id, tick * 50, News::Bytes(blob("a", total / 2, total / 2)));
        }
        news_at(&mut app, id, tick * 50, News::Bytes(blob(digest, of, total / 2)));
        let run = app.pull.run.as_ref().unwrap();
        let close = |got: u64, wanted: u64| got.abs_diff(wanted) * 10 <= wanted;
        if (60..=200).contains(&tick) {
            assert!(close(run.rate(app.now).unwrap(), MIB), "{tick}");
        }
        if tick >= 265 {
            assert!(close(run.rate(app.now).unwrap(), 8 * MIB), "{tick} {:?}", run.rate(app.now));
            let left = run.left(app.now).unwrap().as_millis();
            let wanted = u128::from(total - received) * 1000 / u128::from(8 * MIB);
            assert!(left.abs_diff(wanted) <= wanted / 10 + 1000, "{left} {wanted}");
        }
    }
    // Nothing comes for three seconds: the rate says so.
    testing::wait(&mut app, Duration::from_secs(4));
    assert_eq!(app.pull.run.as_ref().unwrap().rate(app.now), Some(0));
    assert_eq!(app.pull.run.as_ref().unwrap().left(app.now), None);
}

#[test]
fn all_is_shown_only_once_the_digests_are_checked() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    let share = |app: &App| app.pull.run.as_ref().unwrap().share(20);
    news_at(&mut app, id, 0, News::Layers(vec![blob("a", 0, 10), blob("a", 0, 10)]));
    assert_eq!(app.pull.run.as_ref().unwrap().total(), 10, "a blob named twice is fetched once");
    assert_eq!(share(&app), 0);
    news_at(&mut app, id, 1000, News::Bytes(blob("a", 10, 10)));
    news_at(&mut app, id, 1000, News::RungEnded(result(Rung::Layers, RungStatus::Passed)));
    news_at(&mut app, id, 1000, News::RungBegan(Rung::Digest));
    assert_eq!(share(&app), 19);
    news_at(&mut app, id, 2000, News::RungEnded(result(Rung::Digest, RungStatus::Passed)));
    assert_eq!(share(&app), 20);
}

#[test]
fn tries_are_a_wait_and_no_error() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    news_at(&mut app, id, 0, News::RungBegan(Rung::Assume));
    let fault = Fault::new(Cause::NotYetPropagated, "refused").with("code", "AccessDenied");
    let attempt = Try {
        rung: Rung::Assume,
        number: 1,
        after: Duration::ZERO,
        refused: Some(fault),
        next_in: Some(Duration::from_secs(2)),
        wait: Some(Wait { why: "the role was made 12 s ago".to_owned(), until: 80 * SECOND }),
    };
    news_at(&mut app, id, 100, News::Tried(attempt.clone()));
    let run = app.pull.run.as_ref().unwrap();
    assert_eq!(run.waiting(), Some(Rung::Assume));
    assert_eq!(run.broken(), None);
    let line = story::try_line(&run.tries[0], at(1100));
    assert_eq!(line, "Try 1  at  0.0 s   AccessDenied, next in 1 s");
    // The rung began at second 0 of the run, and now is second 0.1.
    assert_eq!(app.status(), "Waiting for it to spread. Gives up in 80 s, at 1:20.");
    let words = story::waiting_words(run, Rung::Assume);
    assert!(words.starts_with("AWS refuses so far: the role was made 12 s ago."), "{words}");
    testing::wait(&mut app, Duration::from_secs(30));
    assert_eq!(app.status(), "Waiting for it to spread. Gives up in 50 s, at 1:20.");
    news_at(
        &mut app,
        id,
        2200,
        News::Tried(Try { refused: None, next_in: None, wait: None, number: 2, ..attempt }),
    );
    assert_eq!(app.pull.run.as_ref().unwrap().waiting(), None);
    assert!(story::tries_in_short(app.pull.run.as_ref().unwrap()).unwrap().contains("Normal"));
}

#[test]
fn stopping_says_that_nothing_is_kept_and_late_news_change_nothing() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    let effects = app.update(Message::Input(Input::Key(Key::ctrl('c'))), app.now);
    assert!(matches!(&effects[..], [Effect::Cancel(of)] if *of == id), "{effects:?}");
    assert!(is_running(&app));
    end_at(&mut app, id, 500, End::Stopped);
    assert!(!is_running(&app));
    let run = app.pull.run.as_ref().unwrap();
    let words = story::verdict(run).unwrap().1;
    assert_eq!(words, "Stopped. Nothing was changed and nothing is kept.");
    let before = format!("{:?}", app.pull);
    news_at(&mut app, id, 600, News::RungBegan(Rung::Login));
    end_at(&mut app, id, 700, report(Verdict::Passed, Vec::new()));
    assert_eq!(format!("{:?}", app.pull), before);
    let (again, _) = started(&mut app, "r");
    assert_ne!(again, id);
    news_at(&mut app, id, 800, News::RungBegan(Rung::Login));
    assert_eq!(app.pull.run.as_ref().unwrap().current(), None);
}

#[test]
fn a_pass_goes_on_with_enter_and_is_a_proof_of_these_answers_only() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    let rungs = Rung::OIDC.map(|r| result(r, RungStatus::Passed)).to_vec();
    end_at(&mut app, id, 16_000, report(Verdict::Passed, rungs));
    let (_, words) = story::verdict(app.pull.run.as_ref().unwrap()).unwrap();
    assert_eq!(
        words,
        "pulled 96.0 MiB in 16 s, digests match; a wrong audience, another account and a push are refused"
    );
    assert!(is_proved(&app));
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Okteto);
    press(&mut app, "T");
    assert_eq!((app.step, app.pull.view), (Step::Pull, View::Run));
    app.identity.form.get_mut(Field::Role).unwrap().take("another", at(0));
    app.write_draft();
    assert!(!is_proved(&app));
}

#[test]
fn a_failure_tells_its_whole_story_and_can_be_passed_by_untested() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    let fault = Fault::new(Cause::AudienceMismatch, "the audience differs")
        .with("wanted", "a")
        .with("got", "b")
        .remedy("make them equal")
        .request(Some("r-1"));
    let failed = RungResult { fault: Some(fault), ..result(Rung::Assume, RungStatus::Failed) };
    end_at(&mut app, id, 900, report(Verdict::Failed, vec![failed]));
    let (_, words) = story::verdict(app.pull.run.as_ref().unwrap()).unwrap();
    assert_eq!(words, "stopped at ‘Swap for AWS keys’: the audience differs");
    press(&mut app, "Up Enter");
    let Some(Overlay::Text(text)) = &app.overlay else { panic!("{:?}", app.overlay) };
    let text = text.lines.join("\n");
    for words in ["the audience differs", "Wanted: a", "Got: b", "make them equal", "r-1"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    press(&mut app, "Esc Tab Right Right Right");
    let offer = app.offers().into_iter().find(|o| o.command == Command::Go).unwrap();
    assert_eq!(offer.words, "go on untested");
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Okteto);
    assert!(app.status().contains("untested"), "{}", app.status());
}

/// A test that failed with this fault, on the run's screen.
fn failed(cause: Cause) -> App {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    let fault = Fault::new(cause, "refused").remedy("first this; then that");
    let failed = RungResult { fault: Some(fault), ..result(Rung::Token, RungStatus::Failed) };
    end_at(&mut app, id, 900, report(Verdict::Failed, vec![failed]));
    app
}

#[test]
fn one_key_goes_to_the_remedy_and_enter_on_the_first_choice_does_the_same() {
    for keys in ["f", "Enter"] {
        let mut app = failed(Cause::RoleMissing);
        let jobs = press(&mut app, keys);
        assert_eq!(app.step, Step::Apply);
        assert!(
            matches!(&jobs[..], [(_, Job::Survey(_))]),
            "the account is read anew, once: {jobs:?}"
        );

        let mut app = failed(Cause::IssuerMismatch);
        press(&mut app, keys);
        assert_eq!(app.form().and_then(Form::focused).unwrap().field, Field::Issuer);
        assert_eq!((app.step, app.status().as_str()), (Step::Identity, "first this"));

        let mut app = failed(Cause::CredentialsExpired);
        let jobs = press(&mut app, keys);
        assert_eq!(app.step, Step::Mode);
        assert!(jobs.iter().any(|(_, job)| matches!(job, Job::Whoami { .. })));

        for (cause, part) in [
            (Cause::ImageMissing, Part::Image),
            (Cause::PlatformMissing, Part::Platform),
            (Cause::ClusterUnreachable, Part::Token),
        ] {
            let mut app = failed(cause);
            assert!(press(&mut app, keys).is_empty());
            assert_eq!((app.pull.view, app.pull.part), (View::Setup, part), "{cause:?}");
        }

        // The cluster makes a fresh token by itself.
        let mut app = failed(Cause::TokenExpired);
        let (_, order) = started(&mut app, keys);
        assert!(matches!(token_of(order), TokenSource::Cluster(_)));

        let mut app = failed(Cause::LayerHostBlocked);
        assert!(press(&mut app, keys).is_empty());
        assert_eq!((app.pull.view, app.status().as_str()), (View::Run, "first this"));
    }
}

#[test]
fn there_is_nothing_to_mend_where_nothing_failed() {
    let mut app = ready();
    let offered = |app: &App| app.offers().iter().any(|o| o.command == Command::Mend);
    assert!(!offered(&app));
    let (id, _) = started(&mut app, "T");
    assert!(!offered(&app));
    let rungs = Rung::OIDC.map(|r| result(r, RungStatus::Passed)).to_vec();
    end_at(&mut app, id, 900, report(Verdict::Passed, rungs));
    assert!(!offered(&app) && press(&mut app, "f").is_empty());
    assert!(app.status().contains("Nothing failed"), "{}", app.status());
}

#[test]
fn going_back_is_never_blocked_and_the_test_runs_on() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    press(&mut app, "Esc");
    assert_eq!((app.step, app.pull.view), (Step::Pull, View::Setup));
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Apply);
    news_at(&mut app, id, 100, News::RungBegan(Rung::Token));
    app.go_to(Step::Pull);
    assert_eq!(app.pull.view, View::Run);
    assert_eq!(app.pull.run.as_ref().unwrap().current(), Some(2));
}

fn job(app: &mut App, keys: &str) -> (TaskId, Job) {
    press(app, keys).pop().unwrap()
}

fn picker(app: &App) -> &crate::app::overlay::Picker {
    match &app.overlay {
        Some(Overlay::Picker(picker)) => picker,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_image_is_chosen_from_lists() {
    let mut app = ready();
    app.pull.form.get_mut(Field::Image).unwrap().take("", at(0));
    app.write_draft();
    focus(&mut app, Part::Image);
    let (id, _) = job(&mut app, "Enter");
    assert!(picker(&app).empty.starts_with("Asking"));
    let names = ["team/app", "team/base", "web"];
    let list = names.map(|n| SeenRepository { name: n.to_owned() }).to_vec();
    testing::end(&mut app, id, End::Repositories(Ok(list)));
    press(&mut app, "/ b a s Enter");
    assert_eq!(picker(&app).visible().len(), 1);
    let (images, asked) = job(&mut app, "Enter");
    assert!(matches!(asked, Job::Images(_, name) if name == "team/base"));
    let image = SeenImage {
        tags: vec!["1.0".to_owned(), "latest".to_owned()],
        digest: "sha256:aa".to_owned(),
        bytes: Some(96 * MIB),
    };
    testing::end(&mut app, images, End::Images(Ok(vec![image])));
    assert_eq!(picker(&app).rows[1], ("team/base:latest".to_owned(), "96.0 MiB".to_owned()));
    press(&mut app, "j Enter");
    assert!(app.overlay.is_none());
    assert_eq!(app.draft.text(Field::Image), "team/base:latest");
    assert_eq!(app.pull.part, Part::Action);
    // Outside the text fields / lists the images, too, whatever stands in the field.
    assert!(matches!(job(&mut app, "/").1, Job::Repositories(_)));
    press(&mut app, "Esc");
    focus(&mut app, Part::Image);
    assert!(press(&mut app, "/").is_empty());
    assert_eq!(app.draft.text(Field::Image), "team/base:latest/");
}

#[test]
fn a_denied_or_late_list_leaves_the_field_to_be_typed() {
    let mut app = ready();
    app.pull.form.get_mut(Field::Image).unwrap().take("", at(0));
    app.write_draft();
    focus(&mut app, Part::Image);
    let (id, _) = job(&mut app, "Enter");
    let fault =
        Fault::new(Cause::PermissionDenied, "no").with("action", "ecr:DescribeRepositories");
    testing::end(&mut app, id, End::Repositories(Err(fault)));
    let said = &picker(&app).empty;
    assert!(said.contains("ecr:DescribeRepositories") && said.contains("type the image"), "{said}");
    let (late, _) = job(&mut app, "r");
    press(&mut app, "Esc");
    testing::end(&mut app, late, End::Repositories(Ok(Vec::new())));
    assert!(app.overlay.is_none());
    for key in ["/", "G", "g", "j", "Enter"] {
        let (id, _) = job(&mut app, "Enter");
        testing::end(&mut app, id, End::Repositories(Ok(Vec::new())));
        press(&mut app, key);
        assert!(app.overlay.is_some());
        press(&mut app, "Esc");
        if key == "/" {
            press(&mut app, "Esc");
        }
        assert!(app.overlay.is_none(), "{key}");
    }
}

/// The pull worked, and what must be refused is let in at first: that is a wait, and then it is refused or a fault.
#[test]
fn what_must_be_refused_is_waited_for_while_it_is_let_in() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    let pull = Rung::OIDC.into_iter().filter(|rung| !Rung::REFUSALS.contains(rung));
    for rung in pull {
        news_at(&mut app, id, 1000, News::RungEnded(result(rung, RungStatus::Passed)));
    }
    news_at(&mut app, id, 1000, News::RungBegan(Rung::RefusesOtherSubject));
    let let_in = Try {
        rung: Rung::RefusesOtherSubject,
        number: 1,
        after: Duration::ZERO,
        refused: None,
        next_in: Some(SECOND),
        wait: Some(Wait { why: "the role was made 12 s ago".to_owned(), until: 10 * SECOND }),
    };
    news_at(&mut app, id, 2000, News::Tried(let_in.clone()));
    let run = app.pull.run.as_ref().unwrap();
    assert_eq!(run.waiting(), Some(Rung::RefusesOtherSubject));
    assert!(
        story::waiting_words(run, Rung::RefusesOtherSubject).starts_with("AWS still lets it in")
    );
    assert_eq!(app.status(), "Waiting for it to spread. Gives up in 9 s, at 0:11.");
    let refused = Fault::new(Cause::PermissionDenied, "the trust does not admit it");
    let refused = Try { number: 2, refused: Some(refused), ..let_in };
    news_at(&mut app, id, 3000, News::Tried(refused));
    let run = app.pull.run.as_ref().unwrap();
    assert_eq!(run.waiting(), None);
    assert_eq!(run.refused(), None, "that is no refusal of the pull");
    assert_eq!(story::try_line(&run.tries[1], at(9000)), "Try 2  at  0.0 s   refused");
    news_at(
        &mut app,
        id,
        4000,
        News::RungEnded(result(Rung::RefusesOtherSubject, RungStatus::Passed)),
    );
    let fault = Fault::new(Cause::PushPermitted, "the role may push");
    let push = RungResult { fault: Some(fault), ..result(Rung::RefusesPush, RungStatus::Failed) };
    end_at(
        &mut app,
        id,
        5000,
        report(Verdict::Failed, vec![result(Rung::Digest, RungStatus::Passed), push]),
    );
    let (status, words) = story::verdict(app.pull.run.as_ref().unwrap()).unwrap();
    assert_eq!(status, RungStatus::Failed);
    assert!(words.ends_with("digests match, but the role may push"), "{words}");
    assert!(!is_proved(&app));
}

#[test]
fn a_shallow_test_is_good_and_says_that_it_is_shallow() {
    let mut app = ready();
    app.draft.depth = Depth::Manifest;
    let (id, _) = started(&mut app, "T");
    let mut rungs = Rung::OIDC.map(|r| result(r, RungStatus::Passed)).to_vec();
    for rung in &mut rungs[8..] {
        rung.status = RungStatus::Skipped;
        rung.detail = "only the manifest was asked for".to_owned();
    }
    end_at(&mut app, id, 900, report(Verdict::Partly, rungs));
    let run = app.pull.run.as_ref().unwrap();
    let (status, words) = story::verdict(run).unwrap();
    assert_eq!(status, RungStatus::Passed);
    assert_eq!(words, "read the manifest in 0.9 s, fetched no layer; as much as was asked for");
    assert_eq!(story::short(run, &run.stages[8]), "not asked for");
    assert_eq!(acts(&app)[0], Act::GoOn);
    press(&mut app, "Enter");
    let (proved, words) = crate::app::steps::okteto::proof(&app);
    assert!(!proved && words.starts_with("Partly proved: "), "{words}");
}

#[test]
fn a_passing_trouble_is_not_called_a_new_role() {
    let mut app = ready();
    let (id, _) = started(&mut app, "T");
    news_at(&mut app, id, 0, News::RungBegan(Rung::Login));
    let attempt = Try {
        rung: Rung::Login,
        number: 1,
        after: Duration::ZERO,
        refused: Some(Fault::new(Cause::Throttled, "AWS asks to slow down")),
        next_in: Some(Duration::from_secs(1)),
        wait: None,
    };
    news_at(&mut app, id, 100, News::Tried(attempt));
    let run = app.pull.run.as_ref().unwrap();
    assert_eq!(story::waiting_words(run, Rung::Login), "AWS asks to slow down. It is tried again.");
    assert!(!story::tries_in_short(run).unwrap().contains("Swap"));
}
