use super::*;
use crate::app::input::{Code, Input, Key};
use crate::app::message::{Effect, Message};
use crate::app::testing;
use crate::domain::draft::Field;
use crate::domain::fault::Cause;
use crate::domain::sample::{AUDIENCE, HOST};

fn at_the_end() -> App {
    let mut app = testing::app();
    app.draft.context = Some("gke myCluster".to_owned());
    app.go_to(Step::Okteto);
    app
}

fn effects(app: &mut App, code: Code) -> Vec<Effect> {
    app.update(Message::Input(Input::Key(Key::plain(code))), app.now)
}

fn copied(app: &mut App, key: char) -> String {
    effects(app, Code::Char(key))
        .into_iter()
        .find_map(|e| match e {
            Effect::Copy(text) => Some(text),
            _ => None,
        })
        .unwrap()
}

#[test]
fn each_value_is_copied_bare_and_all_of_them_with_their_names() {
    let mut app = at_the_end();
    assert_eq!(copied(&mut app, 'y'), HOST);
    testing::press(&mut app, "j");
    assert_eq!(copied(&mut app, 'y'), "arn:aws:iam::112233445566:role/my-private-registry");
    testing::press(&mut app, "j");
    assert_eq!(copied(&mut app, 'y'), AUDIENCE);
    let all = copied(&mut app, 'Y');
    assert_eq!(all.lines().count(), 4);
    assert!(all.contains("Type      AWS IAM Role\n"), "{all}");
    testing::press(&mut app, "G");
    assert_eq!(copied(&mut app, 'y'), "okteto-ecr pull-test --answers run/answers.toml");
}

#[test]
fn the_manifest_is_copied_and_its_command_runs_as_it_is() {
    let mut app = at_the_end();
    testing::press(&mut app, "e");
    let yaml = copied(&mut app, 'y');
    assert!(yaml.starts_with("apiVersion: admin.okteto.com/v1\nkind: Registry\n"), "{yaml}");
    assert_eq!(copied(&mut app, 'Y'), yaml);
    let printed = effects(&mut app, Code::Char('P'));
    assert!(matches!(&printed[..], [Effect::Print(text)] if *text == yaml));
    testing::press(&mut app, "j");
    let command = copied(&mut app, 'y');
    let head = "kubectl --context 'gke myCluster' apply -f - <<'EOF'\n";
    assert_eq!(command, format!("{head}{yaml}EOF\n"));
    testing::press(&mut app, "Esc");
    assert_eq!((app.step, app.okteto.view), (Step::Okteto, View::Values));
}

#[test]
fn enter_finishes_and_nothing_else_does() {
    let mut app = at_the_end();
    for key in ["Tab", "Tab", "j", "k", "G", "i", "Esc", "e", "e"] {
        testing::press(&mut app, key);
        assert_eq!(app.step, Step::Okteto, "{key}");
    }
    let end = effects(&mut app, Code::Enter);
    assert!(matches!(&end[..], [Effect::Quit(Exit::Finished)]), "{end:?}");
}

#[test]
fn the_pull_test_is_one_key_away_and_its_lack_is_said() {
    let mut app = at_the_end();
    assert!(!proof(&app).0);
    testing::press(&mut app, "T");
    assert_eq!(app.step, Step::Pull);
}

#[test]
fn where_the_answers_are_is_as_the_saving_said() {
    let mut app = at_the_end();
    saved(&mut app, Ok(PathBuf::from("/else where/answers.toml")));
    let texts: Vec<_> = repeats(&app).into_iter().map(|v| v.text).collect();
    assert_eq!(texts[1], "okteto-ecr apply --answers '/else where/answers.toml' --yes");
    saved(&mut app, Err(Fault::new(Cause::File, "disk full")));
    assert_eq!(repeats(&app)[0].text, "run/answers.toml");
}

/// Presses `r`; the task, and what is sent to the cluster.
fn tried_on(app: &mut App) -> (crate::app::task::TaskId, Option<String>, String) {
    testing::press(app, "r")
        .into_iter()
        .find_map(|(id, job)| match job {
            Job::TryManifest(context, manifest) => Some((id, context, manifest)),
            _ => None,
        })
        .unwrap()
}

#[test]
fn the_cluster_is_asked_only_by_the_key_and_about_what_is_shown() {
    let mut app = testing::app();
    app.draft.context = Some("gke".to_owned());
    app.go_to(Step::Okteto);
    for keys in ["e", "Esc", "j j e", "P y Y"] {
        assert!(testing::press(&mut app, keys).is_empty(), "{keys}");
    }
    let (id, context, manifest) = tried_on(&mut app);
    assert_eq!((context.as_deref(), app.okteto.view), (Some("gke"), View::Manifest));
    assert_eq!(manifest, files(&app)[0].text);
    assert!(testing::press(&mut app, "r").is_empty(), "one question at a time");
    testing::end(&mut app, id, End::ManifestTried(Ok(())));
    assert!(matches!(tried(&app).unwrap().said, Some(Ok(()))));
    // Other values were not tried.
    app.identity.form.get_mut(Field::Role).unwrap().take("another", app.now);
    app.write_draft();
    assert!(tried(&app).is_none());
    app.draft.context = None;
    assert!(testing::press(&mut app, "r").is_empty());
    assert!(app.status().contains("kubeconfig"), "{}", app.status());
}

#[test]
fn a_refusal_is_told_whole_by_enter_and_the_values_still_finish() {
    let mut app = at_the_end();
    let (id, ..) = tried_on(&mut app);
    let fault = Fault::new(Cause::AdmissionRefused, "refused: the name")
        .with("webhook_said", "the name")
        .remedy("change the name");
    testing::end(&mut app, id, End::ManifestTried(Err(fault)));
    assert!(effects(&mut app, Code::Enter).is_empty(), "it does not finish");
    let Some(Overlay::Text(text)) = &app.overlay else { panic!("{:?}", app.overlay) };
    let text = text.lines.join("\n");
    assert!(text.contains("Webhook said: the name") && text.contains("change the name"), "{text}");
    testing::press(&mut app, "Esc Esc");
    assert_eq!(app.okteto.view, View::Values);
    assert!(matches!(&effects(&mut app, Code::Enter)[..], [Effect::Quit(Exit::Finished)]));
}
