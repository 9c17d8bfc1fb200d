//! Keys on the run: the rungs, and what can be done once it has ended.

use super::{Act, act, acts, change, is_running, mend, start, story};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::step::Offer;
use crate::app::wizard::App;

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let mut offers = Vec::new();
    let mend = mend::way(app).filter(|_| !is_running(app));
    let mend = mend.map(|way| Offer::on(Command::Mend, way.short()));
    if app.pull.on_rungs || is_running(app) {
        offers.push(Offer::on(Command::Down, "stage"));
        offers.push(Offer::on(Command::Go, "details"));
        offers.extend(mend);
    } else {
        offers.push(Offer::on(Command::Right, "choose"));
        let act = acts(app).get(app.pull.choice).copied();
        offers.push(Offer::on(Command::Go, act.map_or("continue", Act::short)));
        offers.extend(mend);
        offers.push(Offer::on(Command::Up, "stages"));
    }
    if is_running(app) {
        offers.push(Offer::on(Command::Interrupt, "stop"));
    } else {
        offers.push(Offer::on(Command::PullTest, "pull again"));
        offers.push(Offer::on(Command::Copy, "copy"));
    }
    offers.push(Offer::on(Command::Back, "what is pulled"));
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let running = is_running(app);
    let rungs = app.pull.run.as_ref().map_or(0, |r| r.stages.len());
    if app.pull.on_rungs || running {
        if command == Command::Down && !running && app.pull.rung.row + 1 >= rungs {
            app.pull.on_rungs = false;
            return true;
        }
        if app.pull.rung.command(command, rungs, rungs) {
            app.pull.follows = false;
            return true;
        }
    }
    match command {
        Command::NextPart | Command::PreviousPart if !running => {
            app.pull.on_rungs = !app.pull.on_rungs;
        }
        Command::Up | Command::Down => app.pull.on_rungs = true,
        Command::Left | Command::Right if !app.pull.on_rungs => {
            choose_act(app, command == Command::Right);
        }
        Command::Go if !app.pull.on_rungs && !running => act(app),
        Command::Go | Command::Explain => {
            if let Some((title, lines)) = story::selected(app) {
                app.overlay = Some(Overlay::Text(TextBox::new(title, lines)));
            }
        }
        Command::Reread | Command::PullTest if running => {
            app.remark("The pull test runs already. Ctrl-C stops it.");
        }
        Command::Reread | Command::PullTest => start(app),
        Command::Mend if !running => mend::mend(app),
        Command::Copy => {
            if let Some((_, lines)) = story::selected(app) {
                app.copy(&lines.join("\n"));
            }
        }
        Command::CopyAll => app.copy(&story::whole(app)),
        Command::Print => app.print(&story::whole(app)),
        Command::Back => change(app),
        _ => return false,
    }
    true
}

fn choose_act(app: &mut App, forward: bool) {
    let last = acts(app).len().saturating_sub(1);
    let at = app.pull.choice;
    app.pull.choice = if forward { (at + 1).min(last) } else { at.saturating_sub(1) };
}
