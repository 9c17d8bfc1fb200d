//! What takes a change back.

use super::Operation;
use crate::domain::intent::Intent;

impl Operation {
    /// The operation that takes this one back, where it made something new by an `intent`: what stood there before is not
    /// known. A key can be taken back only by its id, which AWS tells once it is made.
    #[must_use]
    pub fn inverse(&self, intent: &Intent) -> Option<Self> {
        Some(match self {
            // AWS forms the ARN from the URL, and tells it once the provider is made.
            Self::CreateProvider { .. } => {
                Self::DeleteProvider { provider: intent.oidc()?.provider_arn() }
            }
            Self::AddAudience { provider, audience } => {
                Self::RemoveAudience { provider: provider.clone(), audience: audience.clone() }
            }
            Self::CreateRole { role, .. } => Self::DeleteRole { role: role.as_str().to_owned() },
            Self::CreateUser { user, .. } => Self::DeleteUser { user: user.as_str().to_owned() },
            Self::AttachPolicy { to, policy } => {
                Self::DetachPolicy { from: to.clone(), policy: policy.clone() }
            }
            Self::PutInlinePolicy { on, name, .. } => {
                Self::DeleteInlinePolicy { on: on.clone(), name: name.clone() }
            }
            _ => return None,
        })
    }
}
