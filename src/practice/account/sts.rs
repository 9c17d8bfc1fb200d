//! STS's actions.

use super::Action;

/// All of them.
pub(super) const ACTIONS: &[&[Action]] = &[];

impl super::Account {
    /// The world's issuers, for those who serve their documents and mint their tokens. Clones have the same keys.
    #[must_use]
    pub fn issuers(&self) -> Vec<crate::practice::issuer::Issuer> {
        self.state.issuers.values().cloned().collect()
    }
}
