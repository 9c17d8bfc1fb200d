//! Keys on the set-up: which token, which image, how much of it.

use super::token::{self, Way};
use super::{DEPTHS, Part, act, acts, browse, key, order, parts, start, words};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::step::Offer;
use crate::app::wizard::App;
use crate::domain::draft::Field;

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let mut offers = Vec::new();
    let obstacle = order::order(app).err();
    if matches!(app.pull.part, Part::Key | Part::Token | Part::Depth | Part::Action) {
        offers.push(Offer::on(Command::Right, "choose"));
    }
    offers.push(Offer::on(Command::NextPart, "next"));
    offers.push(match app.pull.part {
        Part::Action => {
            Offer::on(Command::Go, acts(app).get(app.pull.choice).map_or("run", |a| a.short()))
        }
        Part::Image if app.draft.text(Field::Image).is_empty() => Offer::on(Command::Go, "browse"),
        _ if obstacle.is_none() => Offer::on(Command::Go, "run"),
        _ => Offer::on(Command::Go, "to what is open"),
    });
    if app.form().is_none() {
        offers.push(match obstacle {
            None => Offer::on(Command::PullTest, "run"),
            Some((_, why)) => Offer::off(Command::PullTest, "run", why),
        });
    }
    if app.form().is_none() {
        offers.push(Offer::on(Command::Find, "images"));
        offers.push(Offer::on(Command::Explain, "explain"));
    }
    offers.push(Offer::on(Command::Back, "step back"));
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::NextPart | Command::Down => move_part(app, true),
        Command::PreviousPart | Command::Up => move_part(app, false),
        Command::Left | Command::Right => choose(app, command == Command::Right),
        Command::Go => match app.pull.part {
            Part::Action => act(app),
            Part::Image if app.draft.text(Field::Image).is_empty() => browse::repositories(app),
            _ => start(app),
        },
        Command::Find => browse::repositories(app),
        Command::PullTest => start(app),
        Command::Explain => {
            let part = app.pull.part;
            let mut lines = if part == Part::Token { token::said(app) } else { Vec::new() };
            lines.extend(words::part(part, &app.draft));
            app.overlay = Some(Overlay::Text(TextBox::new(words::part_name(part), lines)));
        }
        _ => return false,
    }
    true
}

/// Puts the focus on a part; the field that is left is settled.
pub fn focus(app: &mut App, part: Part) {
    if let Some(form) = app.pull.form_in_focus_mut() {
        form.leave();
    }
    app.pull.part = part;
    app.pull.choice = 0;
    if let Some(field) = part.field() {
        app.pull.form.focus_on(field);
    }
    app.write_draft();
}

fn move_part(app: &mut App, forward: bool) {
    let parts = parts(app);
    let at = parts.iter().position(|p| *p == app.pull.part).unwrap_or(0);
    let next = if forward { at + 1 } else { at + parts.len() - 1 } % parts.len();
    if let Some(part) = parts.get(next) {
        focus(app, *part);
    }
}

fn choose(app: &mut App, forward: bool) {
    let step = |at: usize, len: usize| {
        if forward { (at + 1).min(len.saturating_sub(1)) } else { at.saturating_sub(1) }
    };
    match app.pull.part {
        Part::Token => {
            let at = Way::ALL.iter().position(|w| *w == token::way(app)).unwrap_or(0);
            app.pull.way = Way::ALL.get(step(at, Way::ALL.len())).copied();
            app.write_draft();
        }
        Part::Key => {
            let at = key::Way::ALL.iter().position(|w| *w == key::way(app)).unwrap_or(0);
            app.pull.key_way = key::Way::ALL.get(step(at, key::Way::ALL.len())).copied();
        }
        Part::Depth => {
            let at = DEPTHS.iter().position(|d| *d == app.draft.depth).unwrap_or(0);
            if let Some(depth) = DEPTHS.get(step(at, DEPTHS.len())) {
                app.draft.depth = *depth;
            }
        }
        _ => app.pull.choice = step(app.pull.choice, acts(app).len()),
    }
}
