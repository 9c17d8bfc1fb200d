use super::*;
use crate::app::input::{Code, Input, Key};
use crate::app::message::{Effect, Message};
use crate::app::testing;
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
