use proptest::prelude::*;

use super::*;
use crate::app::setup::Lessons;
use crate::app::step::Step;
use crate::app::testing::{self, press};
use crate::app::wizard::Setup;

const SECRET: &str = "Bif7QUos3RiRC6iHHC8PTTItikojMSJuEn0dszp5";

fn theme() -> Theme {
    Theme { colour: true, ascii: false, mask: false }
}

/// A practice wizard whose export lines hold a planted secret.
fn practising() -> App {
    let setup = testing::app().setup;
    let exports = format!("export AWS_SECRET_ACCESS_KEY='{SECRET}'\n").into();
    let lessons = Lessons { exports, ..Lessons::default() };
    let mut app = App::new(Setup { practice: true, lessons, ..setup });
    app.size = (80, 24);
    app.go_to(Step::Mode);
    app
}

fn drawn(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| view::draw(frame, app, theme())).unwrap();
    terminal.backend().to_string()
}

#[test]
fn what_the_operator_uncovers_does_not_travel() {
    let mut app = practising();
    press(&mut app, "x");
    assert!(!drawn(&app).contains(SECRET));
    press(&mut app, "v");
    // The operator's own screen has it, and so would any picture that was only copied from there.
    assert!(drawn(&app).contains(SECRET));
    let line = Picture::of(&mut app, theme()).print();
    assert!(line.contains("AWS_SECRET_ACCESS_KEY"), "{line}");
    assert!(!line.contains(SECRET), "{line}");
    // It is still uncovered where it was.
    assert!(drawn(&app).contains(SECRET));
}

#[test]
fn what_arrives_is_what_was_drawn() {
    let mut app = testing::app();
    app.size = (80, 24);
    let picture = Picture::of(&mut app, theme());
    let again = Picture::parse(picture.print().as_bytes()).unwrap();
    assert_eq!(again, picture);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    again.paint(&mut buffer, false);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| view::draw(frame, &app, theme())).unwrap();
    let own = terminal.backend().buffer();
    for (got, wanted) in buffer.content.iter().zip(&own.content) {
        assert_eq!((got.symbol(), got.modifier), (wanted.symbol(), wanted.modifier));
    }
}

#[test]
fn the_follower_can_mask_account_numbers() {
    let mut app = testing::app();
    app.size = (80, 24);
    let picture = Picture::of(&mut app, theme());
    let painted = |mask| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        picture.paint(&mut buffer, mask);
        buffer.content.iter().map(Cell::symbol).collect::<String>()
    };
    assert!(painted(false).contains("112233445566"));
    assert!(!painted(true).contains("112233445566"));
}

#[test]
fn what_is_no_picture_is_refused() {
    let good = |columns: u32, rows: u32| {
        format!(r#"{{"v":1,"columns":{columns},"rows":{rows},"cursor":null,"lines":[]}}"#)
    };
    assert!(Picture::parse(good(80, 24).as_bytes()).is_ok());
    for line in [
        String::new(),
        "{}".to_owned(),
        good(0, 24),
        good(80, 0),
        good(501, 24),
        good(80, 251),
        good(4_000_000_000, 24),
        good(80, 24).replace("\"v\":1", "\"v\":2"),
        good(80, 1).replace("[]", "[[],[]]"),
    ] {
        assert_eq!(Picture::parse(line.as_bytes()), Err(Unreadable), "{line}");
    }
}

proptest! {
    /// Nothing that comes over the socket steers the follower's terminal, or is drawn outside of it.
    #[test]
    fn foreign_text_is_only_shown(text in "\\PC*|[\\x00-\\x1f\\x7f-\\x9f]*|\\x1b\\[2J.*", front: u8, flags: u16) {
        let picture = Picture {
            v: FORM,
            columns: 10,
            rows: 2,
            cursor: Some((400, 1)),
            lines: vec![vec![Run(text.clone(), front, front, flags)], vec![Run(text, 0, 0, 0)]],
        };
        let picture = Picture::parse(picture.print().as_bytes()).unwrap();
        prop_assert_eq!(picture.cursor(), None);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 7, 2));
        picture.paint(&mut buffer, true);
        for cell in &buffer.content {
            prop_assert!(!cell.symbol().chars().any(char::is_control), "{:?}", cell.symbol());
        }
    }

    /// No line of bytes ends the follower.
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>) {
        let _ = Picture::parse(&bytes);
    }
}
