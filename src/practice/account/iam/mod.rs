//! IAM's actions.

use super::Action;

/// All of them.
pub(super) const ACTIONS: &[&[Action]] = &[];
