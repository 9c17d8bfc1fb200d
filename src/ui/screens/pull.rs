//! The screen of step pull.

use ratatui::Frame;

use crate::app::wizard::App;
use crate::ui::frame;
use crate::ui::theme::Theme;

/// Draws the step.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    frame::draw(frame, app, theme, None);
}
