//! Practice: the exercises, and the open one.

use ratatui::Frame;

use crate::app::wizard::App;
use crate::ui::frame;
use crate::ui::theme::Theme;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    frame::draw(frame, app, theme, None);
}
