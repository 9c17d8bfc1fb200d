//! The record of a session, to be taken home.

use crate::app::wizard::App;

/// Writes the record to the folder of the run.
pub fn write(app: &mut App) {
    app.remark("There is nothing to record yet.");
}
