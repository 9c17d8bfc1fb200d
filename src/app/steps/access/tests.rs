use std::time::Duration;

use super::*;
use crate::app::message::{Effect, Message};
use crate::app::slot::Slot;
use crate::app::task::{End, Job, TaskId};
use crate::app::testing::{app, end, press, type_text, wait};
use crate::domain::fault::Cause;
use crate::domain::policy::trust;
use crate::domain::sample;
use crate::domain::trust::admit;

fn access() -> App {
    let mut app = app();
    app.go_to(Step::Access);
    app.update(Message::Tick, app.now);
    app
}

fn stop(app: &App) -> (Part, Option<Field>) {
    let field = app.access.form_in_focus().and_then(|f| f.focused()).map(|f| f.field);
    (app.access.part, field)
}

/// Chooses repositories and opens their list.
fn browsing() -> (App, TaskId) {
    let mut app = access();
    let started = press(&mut app, "G /");
    let [(id, Job::Repositories(host))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(host.to_string(), sample::HOST);
    let id = *id;
    (app, id)
}

fn picker(app: &App) -> &crate::app::overlay::Picker {
    match &app.overlay {
        Some(Overlay::Picker(picker)) => picker,
        other => panic!("no list: {other:?}"),
    }
}

fn listed(names: &[&str]) -> End {
    let seen = names.iter().map(|n| SeenRepository { name: (*n).to_owned() });
    End::Repositories(Ok(seen.collect()))
}

#[test]
fn tab_goes_round_all_parts_and_fields_once() {
    for (choice, n) in [(PolicyChoice::ReadOnly, 8), (PolicyChoice::Repositories, 9)] {
        let mut app = access();
        app.draft.policy = choice;
        let mut stops = vec![stop(&app)];
        for _ in 1..n {
            press(&mut app, "Tab");
            assert!(!stops.contains(&stop(&app)), "{stops:?}");
            stops.push(stop(&app));
        }
        press(&mut app, "Tab");
        assert_eq!(stop(&app), stops[0]);
        for at in stops.iter().rev() {
            press(&mut app, "BackTab");
            assert_eq!(stop(&app), *at);
        }
    }
}

#[test]
fn the_text_is_the_one_that_is_sent() {
    let mut app = access();
    press(&mut app, "Tab");
    let paper = papers::trust(&app).unwrap();
    assert_eq!(paper.text, trust::text(&sample::intent()));
    let lines: Vec<&str> = paper.lines.iter().map(|l| l.text.as_str()).collect();
    assert_eq!(lines.join("\n"), paper.text);
    assert_eq!(paper.differing(), 2);
    let effects = app.update(
        Message::Input(crate::app::input::Input::Key(crate::app::input::Key::plain(
            crate::app::input::Code::Char('Y'),
        ))),
        app.now,
    );
    assert!(matches!(effects.as_slice(), [Effect::Copy(text)] if *text == paper.text));
}

#[test]
fn n_goes_from_change_to_change_and_round() {
    let mut app = access();
    press(&mut app, "Tab n");
    let first = app.access.trust.cursor.row;
    press(&mut app, "n n n");
    let last = app.access.trust.cursor.row;
    assert!(last > first);
    press(&mut app, "n");
    assert_eq!(app.access.trust.cursor.row, first);
    press(&mut app, "N");
    assert_eq!(app.access.trust.cursor.row, last);
    let paper = papers::trust(&app).unwrap();
    assert!(paper.about(last).join(" ").contains("https://"));
}

#[test]
fn every_line_has_a_story() {
    let app = access();
    for paper in [papers::trust(&app), papers::permission(&app)] {
        let paper = paper.unwrap();
        for row in 0..paper.lines.len() {
            assert!(!paper.about(row).concat().is_empty(), "{row}");
        }
    }
}

#[test]
fn enter_goes_on_and_chosen_repositories_must_be_named_first() {
    let mut app = access();
    press(&mut app, "Down Down Enter");
    assert_eq!(app.step, Step::Access);
    assert_eq!(stop(&app), (Part::Options, Some(Field::Repositories)));
    assert!(app.status().contains("no repository is named"), "{}", app.status());
    type_text(&mut app, "team/app");
    press(&mut app, "Tab");
    let started = press(&mut app, "Enter");
    assert_eq!(app.step, Step::Apply);
    let [(_, Job::Survey(intent))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(intent.access().permissions.word(), "repositories");
}

#[test]
fn a_wrong_option_holds_the_step_and_going_back_is_free() {
    let mut app = access();
    press(&mut app, "Tab Tab Tab");
    assert_eq!(stop(&app).1, Some(Field::Path));
    type_text(&mut app, "no slash");
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Access);
    assert!(app.status().contains("Path"));
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Identity);
    assert_eq!(app.draft.text(Field::Path), "no slash");
}

#[test]
fn all_printable_characters_go_into_a_field() {
    let mut app = access();
    press(&mut app, "BackTab");
    app.access.form.focus_on(Field::Description);
    let all: String = (' '..='~').collect();
    type_text(&mut app, &all);
    assert_eq!(app.draft.text(Field::Description), all);
}

#[test]
fn repositories_are_marked_and_taken() {
    let (mut app, id) = browsing();
    assert!(picker(&app).empty.contains("Asking"));
    wait(&mut app, Duration::from_secs(3));
    assert!(picker(&app).empty.contains("for 3 s"));
    end(&mut app, id, listed(&["team/app", "team/web", "tools"]));
    press(&mut app, "Space Down Space Enter");
    assert!(app.overlay.is_none());
    assert_eq!(app.draft.text(Field::Repositories), "team/app team/web");
    // What is known is not asked for again.
    assert!(press(&mut app, "/").is_empty());
    assert_eq!(picker(&app).marked, ["team/app", "team/web"]);
}

#[test]
fn the_list_is_filtered_and_esc_clears_the_filter_first() {
    let (mut app, id) = browsing();
    end(&mut app, id, listed(&["team/app", "tools"]));
    press(&mut app, "/");
    type_text(&mut app, "too");
    assert_eq!(picker(&app).visible().len(), 1);
    press(&mut app, "Esc");
    assert_eq!(picker(&app).visible().len(), 2);
    press(&mut app, "Esc");
    assert!(app.overlay.is_none());
    assert_eq!(app.step, Step::Access);
}

#[test]
fn failed_none_and_late_lists_are_told_apart() {
    let (mut app, id) = browsing();
    let fault = Fault::new(Cause::PermissionDenied, "AWS refused ecr:DescribeRepositories.");
    end(&mut app, id, End::Repositories(Err(fault)));
    assert!(picker(&app).empty.contains("Not listed: AWS refused"));
    let started = press(&mut app, "r");
    let [(again, Job::Repositories(_))] = started.as_slice() else { panic!("{started:?}") };
    let again = *again;
    end(&mut app, id, listed(&["late"]));
    assert!(picker(&app).rows.is_empty());
    end(&mut app, again, listed(&[]));
    assert!(picker(&app).empty.contains("no repositories yet"));
}

#[test]
fn closing_the_list_stops_the_question() {
    let (mut app, _) = browsing();
    press(&mut app, "Esc");
    assert!(app.slots.running(Slot::Repositories).is_none());
    assert!(matches!(press(&mut app, "/").as_slice(), [(_, Job::Repositories(_))]));
}

#[test]
fn with_a_search_n_goes_from_match_to_match_and_escape_clears_only_it() {
    let mut app = access();
    press(&mut app, "Tab / a u d");
    assert!(app.status().starts_with("/ aud   1 of "), "{}", app.status());
    press(&mut app, "q Enter");
    assert!(app.overlay.is_none());
    assert_eq!(app.status(), "/ audq   no match");
    press(&mut app, "Esc");
    assert_eq!((app.step, app.access.part), (Step::Access, Part::Trust));
    press(&mut app, "n");
    let change = app.access.trust.cursor.row;
    press(&mut app, "g / a c t i o n Down N n n");
    let row = app.access.trust.cursor.row;
    let paper = papers::trust(&app).unwrap();
    assert!(paper.lines[row].text.to_lowercase().contains("action"));
    assert_ne!(row, change);
    // An explanation over it has a search of its own.
    press(&mut app, "i / x Esc Esc");
    assert!(app.overlay.is_none() && app.status().starts_with("/ action"));
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Access);
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Identity);
}

#[test]
fn every_printable_key_is_typed_into_the_search_and_a_paste_goes_there() {
    for part in ["Tab", "Tab Tab"] {
        let mut app = access();
        press(&mut app, part);
        press(&mut app, "/");
        let all: String = (' '..='~').collect();
        type_text(&mut app, &all);
        assert_eq!(app.access.reading().unwrap().search.line.value(), all);
        app.update(Message::Input(crate::app::input::Input::Paste("ecr\n".to_owned())), app.now);
        assert!(app.status().starts_with(&format!("/ {all}ecr")), "{}", app.status());
    }
}

#[test]
fn a_list_that_comes_while_the_help_covers_it_is_there_afterwards() {
    let (mut app, id) = browsing();
    press(&mut app, "/ w ? Backspace F1");
    assert!(matches!(app.overlay, Some(Overlay::Help { .. })));
    end(&mut app, id, listed(&["team/app", "team/web"]));
    press(&mut app, "Esc");
    assert!(picker(&app).filtering);
    assert_eq!((picker(&app).filter.value(), picker(&app).visible().len()), ("w", 1));
}

#[test]
fn the_trust_policy_says_who_gets_in_and_the_story_each_intruder() {
    let app = access();
    let paper = papers::trust(&app).unwrap();
    assert!(paper.checks.iter().all(|c| c.met), "{:?}", paper.checks);
    assert_eq!(paper.checks[0].words, "No neighbour token gets in");
    let admitted = paper.admitted.clone().unwrap();
    assert!(admitted.starts_with("Only the service account okteto of the namespace okteto"));
    assert!(paper.story(0).contains(&admitted));
    // Were there one, it would be told with its claims.
    let weak =
        paper.text.replace(":okteto:okteto", ":okteto:*").replace("StringEquals", "StringLike");
    let policy = admit::read(&weak).unwrap();
    let intruders = admit::intruders(
        &policy,
        &admit::Meant::from(papers::intent(&app).unwrap().oidc().unwrap()),
    );
    let story = papers::Paper { intruders, ..paper }.story(0).join("\n");
    assert!(
        story.contains("The default service account of the namespace okteto gets in"),
        "{story}"
    );
    assert!(story.contains(r#""sub":"system:serviceaccount:okteto:default""#), "{story}");
}
