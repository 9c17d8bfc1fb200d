//! Who the operator is; waits for a login to be renewed where asked to.

use std::time::Duration;

use crate::app::task::News;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::engine::control::{Control, read};
use crate::ports::Cloud;

/// Between two looks for a renewed login.
const AGAIN: Duration = Duration::from_secs(3);

pub(super) async fn whoami(
    cloud: &dyn Cloud,
    control: &Control,
    until_renewed: bool,
) -> Result<Caller, Fault> {
    loop {
        match read("from STS", || cloud.whoami()).await {
            Err(fault) if until_renewed && is_mended_by_login(fault.cause) => {
                control.news(News::StillNoLogin(fault));
                tokio::time::sleep(AGAIN).await;
            }
            answer => return answer,
        }
    }
}

/// Whether a renewed login mends it.
pub(super) const fn is_mended_by_login(cause: Cause) -> bool {
    matches!(cause, Cause::CredentialsMissing | Cause::CredentialsExpired)
}
