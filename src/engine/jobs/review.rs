//! Reads the account and judges it.

use std::path::PathBuf;

use crate::domain::fault::{Cause, Fault};
use crate::domain::review::Review;
use crate::engine::control::Control;
use crate::ports::World;

/// Reviews the account.
pub(super) async fn review(
    _world: &World,
    _control: &Control,
    _accepted: PathBuf,
) -> Result<Review, Fault> {
    Err(Fault::new(Cause::Unexplained, "not read yet"))
}
