//! Pictures of the pull test and of the hand-over, at the sizes the wizard promises.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

use std::path::PathBuf;
use std::time::Duration;

use okteto_ecr::app::input::{Code, Input, Key};
use okteto_ecr::app::message::{Effect, Message};
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{End, Job, News, Report, TaskId};
use okteto_ecr::app::wizard::{App, Lessons, Setup};
use okteto_ecr::domain::draft::Field;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::moment::Moment;
use okteto_ecr::domain::partition::{AccountId, Partition, Region};
use okteto_ecr::domain::plan::Stamp;
use okteto_ecr::domain::probe::{
    BlobProgress, ProbeReport, Pulled, Rung, RungResult, RungStatus, Try, Verdict, Wait,
};
use okteto_ecr::ports::{LoginSource, SeenRepository};
use okteto_ecr::ui::theme::Theme;
use okteto_ecr::ui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

const PLAIN: Theme = Theme { colour: false, ascii: false, mask: false };
const ASCII: Theme = Theme { ascii: true, ..PLAIN };
const MIB: u64 = 1_048_576;
const SESSION: &str = "arn:aws:sts::112233445566:assumed-role/my-private-registry/okteto-ecr";

fn at(ms: u64) -> Moment {
    Moment(Duration::from_millis(ms))
}

/// The wizard at step 5 with the tutorial's answers.
fn wizard(registry: &str) -> App {
    let setup = Setup {
        read_only: false,
        mask: false,
        practice: false,
        stamp: Stamp { run: "2026-11-23-1".to_owned(), version: "0.1.0".to_owned() },
        run_folder: PathBuf::from("/home/dana/.local/state/okteto-ecr/runs/2026-11-23-1"),
        accepted: "okteto-ecr-accepted.toml".into(),
        begin_at: Step::Mode,
        last: None,
        lessons: Lessons::default(),
    };
    let mut app = App::new(setup);
    app.who.caller = Some(Ok(Caller {
        account: AccountId::parse("112233445566").unwrap(),
        arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
        partition: Partition::Aws,
    }));
    app.who.source = Some(LoginSource {
        profile: Some(("ops-dev".to_owned(), "AWS_PROFILE")),
        region: Some((Region::parse("us-east-2").unwrap(), "the profile")),
        ..LoginSource::default()
    });
    app.draft.context = Some("gke_myProject_us-central1_myCluster".to_owned());
    app.changes_made = 3;
    let issuer = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
    for (field, text) in [
        (Field::Issuer, issuer),
        (Field::Audience, "okteto.example.com/us-east-2"),
        (Field::Registry, registry),
    ] {
        app.identity.form.get_mut(field).unwrap().take(text, at(0));
    }
    app.identity.form.leave();
    app.pull.form.get_mut(Field::Image).unwrap().take("hello-okteto:1.0", at(0));
    app.pull.form.leave();
    app.go_to(Step::Pull);
    app
}

fn key(app: &mut App, code: Code, ms: u64) -> Vec<Effect> {
    app.update(Message::Input(Input::Key(Key::plain(code))), at(ms))
}

/// Presses `T` and answers with the task.
fn begin(app: &mut App) -> TaskId {
    app.pull.part = okteto_ecr::app::steps::pull::Part::Action;
    let effects = key(app, Code::Char('T'), 0);
    effects
        .iter()
        .find_map(|e| match e {
            Effect::Start(id, Job::Probe(_)) => Some(*id),
            _ => None,
        })
        .unwrap()
}

fn news(app: &mut App, id: TaskId, ms: u64, news: News) {
    app.update(Message::Task(id, Report::News(news)), at(ms));
}

fn passed(rung: Rung, took: u64, detail: &str) -> RungResult {
    RungResult {
        rung,
        status: RungStatus::Passed,
        took: Duration::from_millis(took),
        detail: detail.to_owned(),
        fault: None,
    }
}

fn rung(app: &mut App, id: TaskId, from: u64, result: RungResult) {
    news(app, id, from, News::RungBegan(result.rung));
    let to = from + u64::try_from(result.took.as_millis()).unwrap();
    news(app, id, to, News::RungEnded(result));
}

fn up_to_claims(app: &mut App, id: TaskId) {
    rung(
        app,
        id,
        0,
        passed(Rung::Discovery, 300, "https://container.googleapis.com/v1/projects/myProject/jwks"),
    );
    rung(app, id, 300, passed(Rung::Keys, 200, "2 keys"));
    rung(app, id, 500, passed(Rung::Token, 1200, "1042 characters"));
    rung(
        app,
        id,
        1700,
        passed(
            Rung::Claims,
            10,
            "iss https://container.googleapis.com/v1, aud okteto.example.com/us-east-2, good for 9 min",
        ),
    );
}

fn denied() -> Fault {
    Fault::new(Cause::NotYetPropagated, "AWS does not let the new role be assumed yet")
        .with("code", "AccessDenied")
        .with("status", "403")
        .request(Some("6f1e2d3c-0000-4a4a-9b9b-112233445566"))
}

fn refused(app: &mut App, id: TaskId, number: u32, after: u64, next: u64) {
    let attempt = Try {
        rung: Rung::Assume,
        number,
        after: Duration::from_millis(after),
        refused: Some(denied()),
        next_in: Some(Duration::from_millis(next)),
        wait: Some(Wait {
            why: "the role was made 12 s ago".to_owned(),
            until: Duration::from_secs(108),
        }),
    };
    news(app, id, 1710 + after, News::Tried(attempt));
}

fn up_to_manifest(app: &mut App, id: TaskId) {
    up_to_claims(app, id);
    news(app, id, 1710, News::RungBegan(Rung::Assume));
    refused(app, id, 1, 200, 2000);
    refused(app, id, 2, 2400, 2500);
    let let_in = Try {
        rung: Rung::Assume,
        number: 3,
        after: Duration::from_secs(5),
        refused: None,
        next_in: None,
        wait: None,
    };
    news(app, id, 6710, News::Tried(let_in));
    news(
        app,
        id,
        6810,
        News::RungEnded(passed(
            Rung::Assume,
            5100,
            &format!("{SESSION}, until 2026-11-23T17:53:00Z"),
        )),
    );
    rung(app, id, 6810, passed(Rung::Identity, 200, SESSION));
    rung(app, id, 7010, passed(Rung::Login, 400, "good until 2026-11-24T04:53:00Z"));
    rung(app, id, 7410, passed(Rung::Manifest, 300, "sha256:aaaa, linux/amd64, 5 layers"));
}

/// Digest, bytes by second 9, bytes in all.
const LAYERS: [(&str, u64, u64); 5] =
    [("9f1c20", 31, 31), ("77ab03", 22, 38), ("c0ffee", 8, 24), ("d00d1e", 0, 2), ("beef42", 0, 1)];

fn blob(digest: &str, received: u64, total: u64) -> BlobProgress {
    BlobProgress {
        digest: format!(
            "sha256:{digest}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        ),
        received: received * MIB,
        total: total * MIB,
    }
}

fn up_to_layers(app: &mut App, id: TaskId) {
    up_to_manifest(app, id);
    news(app, id, 7710, News::RungBegan(Rung::Layers));
    let blobs = LAYERS.iter().map(|(d, _, total)| blob(d, 0, *total)).collect();
    news(app, id, 7710, News::Layers(blobs));
    for step in 1..=90 {
        for (digest, received, total) in LAYERS {
            let mut blob = blob(digest, received, total);
            blob.received = blob.received * step / 90;
            if blob.received > 0 {
                news(app, id, 7710 + step * 100, News::Bytes(blob));
            }
        }
    }
}

fn report(app: &App, verdict: Verdict) -> Box<ProbeReport> {
    let run = app.pull.run.as_ref().unwrap();
    let image = Pulled {
        reference: "112233445566.dkr.ecr.us-east-2.amazonaws.com/hello-okteto:1.0".to_owned(),
        digest: "sha256:aa".to_owned(),
        platform: Some("linux/amd64".to_owned()),
        layers: 5,
        bytes: 96 * MIB,
    };
    Box::new(ProbeReport {
        verdict,
        rungs: run.stages.iter().filter_map(|s| s.result.clone()).collect(),
        image: (verdict == Verdict::Passed).then_some(image),
        bytes_per_second: (verdict == Verdict::Passed).then_some(7 * MIB),
        key: None,
    })
}

fn to_the_end(app: &mut App, id: TaskId) {
    up_to_layers(app, id);
    for (digest, _, total) in LAYERS {
        news(app, id, 20_000, News::Bytes(blob(digest, total, total)));
    }
    news(app, id, 20_000, News::RungEnded(passed(Rung::Layers, 12_300, "6 blobs, 96.0 MiB")));
    rung(app, id, 20_000, passed(Rung::Digest, 100, "size and sha256 of 6 blobs"));
    let audience = "aud okteto-ecr.invalid/other: the provider does not list it";
    rung(app, id, 20_100, passed(Rung::RefusesOtherAudience, 600, audience));
    let subject = "sub system:serviceaccount:okteto:default: the trust does not admit it";
    rung(app, id, 20_700, passed(Rung::RefusesOtherSubject, 500, subject));
    rung(app, id, 21_200, passed(Rung::RefusesPush, 300, "denied: ecr:InitiateLayerUpload"));
    let report = report(app, Verdict::Passed);
    app.update(Message::Task(id, Report::End(End::Probed(report))), at(21_550));
}

fn fail_at_assume(app: &mut App, id: TaskId) {
    fail_with(app, id, audience());
}

fn audience() -> Fault {
    Fault::new(
        Cause::AudienceMismatch,
        "AWS refuses the token: its audience is not the one that the role's trust policy asks for",
    )
    .with("claim", "aud")
    .with("wanted", "okteto.example.com/us-east-2")
    .with("got", "okteto.example.com/us-west-2")
    .with("code", "AccessDenied")
    .with("aws_said", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    .remedy("Make the audience equal in three places: provider, trust policy and Okteto. Step 2 has it.")
    .request(Some("6f1e2d3c-0000-4a4a-9b9b-112233445566"))
}

/// Three at once, of which the first has long values that differ in their middle.
fn several() -> Fault {
    let key = |cluster: &str| {
        format!(
            "container.googleapis.com/v1/projects/my-first-project/locations/us-central1/clusters/{cluster}/nodes:aud"
        )
    };
    Fault::new(
        Cause::ConditionKeyMismatch,
        "the role's trust policy asks by a condition key of another cluster",
    )
    .with("at", "Statement 1: Condition StringEquals")
    .with("wanted", key("production-east"))
    .with("got", key("production-west"))
    .with("code", "AccessDenied")
    .with("aws_said", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    .remedy("make a plan: it shows the difference and mends it")
    .and(
        Fault::new(
            Cause::AudienceNotRegistered,
            "the provider does not list the audience okteto.example.com/us-east-2",
        )
        .remedy("add the audience to the provider"),
    )
    .and(Fault::new(Cause::SubjectMismatch, "the role's trust policy asks for another sub"))
}

fn fail_with(app: &mut App, id: TaskId, fault: Fault) {
    up_to_claims(app, id);
    news(app, id, 1710, News::RungBegan(Rung::Assume));
    let result = RungResult {
        rung: Rung::Assume,
        status: RungStatus::Failed,
        took: Duration::from_millis(400),
        detail: "refused".to_owned(),
        fault: Some(fault),
    };
    news(app, id, 2110, News::RungEnded(result));
    let report = report(app, Verdict::Failed);
    app.update(Message::Task(id, Report::End(End::Probed(report))), at(2150));
}

fn draw(app: &App, theme: Theme, size: (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| view::draw(frame, app, theme)).unwrap();
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut lines = Vec::new();
    for y in 0..area.height {
        let line: String = (0..area.width).map(|x| buffer[(x, y)].symbol()).collect();
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// The cells that are not plain: bold, dim, reversed, coloured, one letter each.
fn styles(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut lines = Vec::new();
    for y in 0..area.height {
        let line: String = (0..area.width)
            .map(|x| {
                let cell = &buffer[(x, y)];
                match (cell.modifier, cell.fg) {
                    (m, _) if m.contains(Modifier::REVERSED) => 'r',
                    (m, ratatui::style::Color::Reset) if m.contains(Modifier::BOLD) => 'b',
                    (m, ratatui::style::Color::Reset) if m.contains(Modifier::DIM) => 'd',
                    (_, ratatui::style::Color::Reset) => ' ',
                    (_, colour) => colour.to_string().to_uppercase().chars().next().unwrap(),
                }
            })
            .collect();
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

fn pictures(name: &str, app: &App) {
    for size in [(80, 24), (100, 30), (60, 15)] {
        let mut app_at = text(&draw(app, PLAIN, size));
        app_at.push('\n');
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), app_at);
    }
}

const REGISTRY: &str = "us-east-2";

#[test]
fn set_up() {
    let mut app = wizard(REGISTRY);
    pictures("set_up", &app);
    app.pull.part = okteto_ecr::app::steps::pull::Part::Token;
    key(&mut app, Code::Right, 0);
    pictures("set_up_file", &app);
}

#[test]
fn browsing() {
    let mut app = wizard(REGISTRY);
    app.pull.form.get_mut(Field::Image).unwrap().take("", at(0));
    app.write_draft();
    app.pull.part = okteto_ecr::app::steps::pull::Part::Image;
    let effects = key(&mut app, Code::Enter, 0);
    let id = effects
        .iter()
        .find_map(|e| match e {
            Effect::Start(id, Job::Repositories(_)) => Some(*id),
            _ => None,
        })
        .unwrap();
    let list = ["hello-okteto", "team/app", "team/base/alpine"]
        .map(|n| SeenRepository { name: n.to_owned() })
        .to_vec();
    app.update(Message::Task(id, Report::End(End::Repositories(Ok(list)))), at(1));
    pictures("browsing", &app);
}

#[test]
fn waiting_for_spread() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    up_to_claims(&mut app, id);
    news(&mut app, id, 1710, News::RungBegan(Rung::Assume));
    refused(&mut app, id, 1, 200, 2000);
    refused(&mut app, id, 2, 2400, 4000);
    app.update(Message::Tick, at(6000));
    pictures("waiting", &app);
}

#[test]
fn running_with_layers() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    up_to_layers(&mut app, id);
    pictures("layers", &app);
    insta::assert_snapshot!("layers_ascii_80x24", text(&draw(&app, ASCII, (80, 24))));
    let colour = Theme { colour: true, ..PLAIN };
    insta::assert_snapshot!("layers_styles_80x24", styles(&draw(&app, colour, (80, 24))));
}

#[test]
fn passed_and_handed_over() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    to_the_end(&mut app, id);
    pictures("passed", &app);
    key(&mut app, Code::Enter, 22_000);
    assert_eq!(app.step, Step::Okteto);
    pictures("handover", &app);
    insta::assert_snapshot!("handover_ascii_80x24", text(&draw(&app, ASCII, (80, 24))));
    key(&mut app, Code::Char('e'), 22_000);
    pictures("manifest", &app);
}

#[test]
fn failed_at_assume() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    fail_at_assume(&mut app, id);
    pictures("failed", &app);
    key(&mut app, Code::Up, 3000);
    key(&mut app, Code::Enter, 3000);
    pictures("failed_story", &app);
}

#[test]
fn failed_for_several_reasons() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    fail_with(&mut app, id, several());
    pictures("several", &app);
    insta::assert_snapshot!("several_ascii_60x15", text(&draw(&app, ASCII, (60, 15))));
    let colour = Theme { colour: true, ..PLAIN };
    insta::assert_snapshot!("several_styles_80x24", styles(&draw(&app, colour, (80, 24))));
    key(&mut app, Code::Up, 3000);
    key(&mut app, Code::Enter, 3000);
    pictures("several_story", &app);
}

/// The pull works, but so does what must not.
#[test]
fn what_must_be_refused_was_let_in() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    up_to_layers(&mut app, id);
    news(&mut app, id, 20_000, News::RungEnded(passed(Rung::Layers, 12_300, "6 blobs, 96.0 MiB")));
    rung(&mut app, id, 20_000, passed(Rung::Digest, 100, "size and sha256 of 6 blobs"));
    let audience = "aud okteto-ecr.invalid/other: the provider does not list it";
    rung(&mut app, id, 20_100, passed(Rung::RefusesOtherAudience, 600, audience));
    let wide = Fault::new(
        Cause::TrustTooWide,
        "AWS let a token with sub system:serviceaccount:okteto:default in: only system:serviceaccount:okteto:okteto was meant",
    )
    .with("claim", "sub")
    .with("wanted", "system:serviceaccount:okteto:okteto")
    .with("got", "system:serviceaccount:okteto:default")
    .remedy("let the trust policy ask for the sub by StringEquals; a plan shows the difference and mends it");
    let push = Fault::new(
        Cause::PushPermitted,
        "the registry let the role begin an upload to hello-okteto; it was cancelled",
    );
    for (of, fault, from) in
        [(Rung::RefusesOtherSubject, wide, 20_700), (Rung::RefusesPush, push, 21_200)]
    {
        let failed =
            RungResult { status: RungStatus::Failed, fault: Some(fault), ..passed(of, 300, "") };
        rung(&mut app, id, from, failed);
    }
    let mut report = report(&app, Verdict::Failed);
    report.image = Some(Pulled { bytes: 96 * MIB, ..Pulled::default() });
    app.update(Message::Task(id, Report::End(End::Probed(report))), at(21_550));
    pictures("let_in", &app);
}

#[test]
fn stopped() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    up_to_layers(&mut app, id);
    app.update(Message::Task(id, Report::End(End::Stopped)), at(17_000));
    pictures("stopped", &app);
}

#[test]
fn the_manifest_on_the_cluster() {
    let fault = |cause, message: &str, remedy: &str| Err(Fault::new(cause, message).remedy(remedy));
    for (name, said) in [
        ("admitted", Ok(())),
        (
            "no_kind",
            fault(
                Cause::RegistryKindMissing,
                "the cluster has no Registry kind of Okteto: error: resource mapping not found for name: \"112233445566.dkr.ecr.us-east-2.amazonaws.com\" namespace: \"okteto\" from \"STDIN\": no matches for kind \"Registry\" in version \"admin.okteto.com/v1\" ensure CRDs are installed first",
                "check that this is the cluster Okteto runs in: the kind comes with Okteto, from version 1.14 on, with awsIamRole from 1.22 on; kubectl get crd lists what is there",
            ),
        ),
        (
            "refused",
            fault(
                Cause::AdmissionRefused,
                "the cluster refuses the manifest: metadata.name must end with .amazonaws.com",
                "change what it names; Okteto's dialog of step 6 asks for the same values",
            ),
        ),
        (
            "forbidden",
            fault(
                Cause::ClusterPermissionMissing,
                "the cluster does not let this user do it: registries.admin.okteto.com is forbidden: User \"dana\" cannot get resource \"registries\" in API group \"admin.okteto.com\" in the namespace \"okteto\"",
                "ask for the right to get, create and patch Registry objects of admin.okteto.com in the namespace, or let Okteto's administrator apply the manifest",
            ),
        ),
        (
            "unreachable",
            fault(
                Cause::ClusterUnreachable,
                "kubectl cannot reach the cluster: The connection to the server 127.0.0.1:1 was refused",
                "check that kubectl works by itself: network, VPN, login",
            ),
        ),
    ] {
        let mut app = wizard(REGISTRY);
        app.go_to(Step::Okteto);
        let effects = key(&mut app, Code::Char('r'), 0);
        let id = effects
            .iter()
            .find_map(|e| match e {
                Effect::Start(id, Job::TryManifest(..)) => Some(*id),
                _ => None,
            })
            .unwrap();
        if name == "admitted" {
            app.update(Message::Tick, at(900));
            pictures("manifest_asking", &app);
        }
        app.update(Message::Task(id, Report::End(End::ManifestTried(said))), at(1000));
        pictures(&format!("manifest_{name}"), &app);
        assert!(text(&draw(&app, ASCII, (80, 24))).is_ascii());
    }
}

#[test]
fn handed_over_with_warnings() {
    let mut app = wizard("998877665544.dkr-ecr.us-east-2.on.aws");
    app.go_to(Step::Okteto);
    pictures("handover_warned", &app);
}

#[test]
fn a_pasted_token_is_told_of_and_not_shown() {
    let mut app = wizard(REGISTRY);
    app.started_unix = Some(1000);
    app.pull.part = okteto_ecr::app::steps::pull::Part::Token;
    // {"alg":"RS256"} . {"iss":"https://other","aud":["a"],"sub":"s","iat":1000,"exp":4500} . signature
    let secret = "cGxhbnRlZA";
    let token = format!(
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL290aGVyIiwiYXVkIjpbImEiXSwic3ViIjoicyIsImlhdCI6MTAwMCwiZXhwIjo0NTAwfQ.{secret}"
    );
    app.update(Message::Input(Input::Paste(token)), at(0));
    assert!(!format!("{app:?}").contains(secret));
    pictures("pasted_wrong", &app);
    for (field, text) in [(Field::Issuer, "https://other"), (Field::Audience, "a.example.com")] {
        app.identity.form.get_mut(field).unwrap().take(text, at(0));
    }
    app.write_draft();
    // {"iss":"https://other","aud":["a.example.com"],"sub":"system:serviceaccount:okteto:okteto", …}
    let claims = "eyJpc3MiOiJodHRwczovL290aGVyIiwiYXVkIjpbImEuZXhhbXBsZS5jb20iXSwic3ViIjoic3lzdGVtOnNlcnZpY2VhY2NvdW50Om9rdGV0bzpva3RldG8iLCJpYXQiOjEwMDAsImV4cCI6NDUwMH0";
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{claims}.{secret}");
    app.update(Message::Input(Input::Paste(token)), at(0));
    pictures("pasted", &app);
    for size in [(60, 15), (80, 24), (300, 100)] {
        let picture = text(&draw(&app, PLAIN, size));
        assert!(!picture.contains(secret) && !picture.contains("eyJ"), "{picture}");
    }
}

#[test]
fn ascii_is_ascii_and_without_colour_one_thing_has_the_focus() {
    let mut app = wizard(REGISTRY);
    let id = begin(&mut app);
    fail_at_assume(&mut app, id);
    let mut apps = vec![app, wizard(REGISTRY)];
    let mut app = wizard("998877665544.dkr-ecr.us-east-2.on.aws");
    app.go_to(Step::Okteto);
    apps.push(app);
    for app in &apps {
        for size in [(60, 15), (80, 24), (100, 30)] {
            let picture = text(&draw(app, ASCII, size));
            assert!(picture.is_ascii(), "{picture}");
            let picture = text(&draw(app, PLAIN, size));
            assert_eq!(picture.matches('❯').count(), 1, "{picture}");
        }
    }
}

#[test]
fn every_state_draws_at_every_size() {
    let mut states = Vec::new();
    states.push(wizard(REGISTRY));
    for reach in [up_to_claims, up_to_layers, to_the_end, fail_at_assume] {
        let mut app = wizard(REGISTRY);
        let id = begin(&mut app);
        reach(&mut app, id);
        states.push(app);
    }
    for view in [' ', 'e'] {
        let mut app = wizard("998877665544.dkr-ecr.us-east-2.on.aws");
        app.go_to(Step::Okteto);
        key(&mut app, Code::Char(view), 0);
        states.push(app);
    }
    for app in &states {
        for width in [1, 2, 59, 60, 61, 69, 70, 79, 80, 99, 100, 200, 300] {
            for height in [1, 3, 14, 15, 16, 17, 23, 24, 28, 30, 60, 100] {
                draw(app, PLAIN, (width, height));
                draw(app, ASCII, (width, height));
            }
        }
    }
}

#[test]
fn any_keys_in_any_state_draw_and_lose_no_text() {
    let keys = [
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::Tab,
        Code::BackTab,
        Code::Enter,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
        Code::Char('j'),
        Code::Char('G'),
        Code::Char('i'),
        Code::Char('T'),
        Code::Char('f'),
        Code::Char('r'),
        Code::Char('y'),
        Code::Char('Y'),
        Code::Char('e'),
        Code::Char('/'),
        Code::Char('P'),
        Code::Char('?'),
        Code::Esc,
    ];
    // A small generator of its own: the same walk each time.
    let mut seed = 7_u64;
    let mut roll = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % n
    };
    for _ in 0..20 {
        let mut app = wizard(REGISTRY);
        let mut running = None;
        for step in 0..120 {
            let ms = step * 300;
            let effects = key(&mut app, keys[roll(keys.len())], ms);
            for effect in effects {
                match effect {
                    Effect::Start(id, Job::Probe(_)) => {
                        assert_eq!(running.replace(id), None, "one pull test at a time");
                        up_to_layers(&mut app, id);
                    }
                    Effect::Quit(exit) => assert_eq!(exit.code(), 0),
                    _ => {}
                }
            }
            if let Some(id) = running.filter(|_| roll(6) == 0) {
                app.update(Message::Task(id, Report::End(End::Stopped)), at(ms));
                running = None;
            }
            // Letters may have come between; none that was there is gone.
            let mut typed = app.draft.text(Field::Image).chars();
            assert!("hello-okteto:1.0".chars().all(|c| typed.any(|t| t == c)));
            draw(&app, PLAIN, [(80, 24), (60, 15), (100, 30)][roll(3)]);
        }
    }
}
