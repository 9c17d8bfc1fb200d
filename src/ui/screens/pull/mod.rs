//! The screen of step 5.

mod below;
mod compare;
mod run;
mod setup;

use ratatui::Frame;

use crate::app::steps::pull::View;
use crate::app::wizard::App;
use crate::ui::theme::Theme;

/// Draws the step.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    match (app.pull.view, &app.pull.run) {
        (View::Run, Some(of)) => run::draw(frame, app, theme, of),
        _ => setup::draw(frame, app, theme),
    }
}
