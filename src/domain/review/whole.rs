use super::account::*;
use super::*;
use crate::domain::host::RegistryHost;
use crate::domain::partition::AccountId;
use std::sync::Arc;
pub fn look(_r: &mut Review, _s: &Shelf, _u: Option<&Summary>) {}
pub fn foreign_repositories(_r: &[Arc<RoleReview>], _a: &AccountId) -> Vec<(RegistryHost, String)> {
    Vec::new()
}
