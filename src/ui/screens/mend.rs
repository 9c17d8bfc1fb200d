//! Mending what the review found.

use ratatui::Frame;

use crate::app::wizard::App;
use crate::ui::theme::Theme;

/// Draws it.
pub fn draw(_frame: &mut Frame<'_>, _app: &App, _theme: Theme) {}
