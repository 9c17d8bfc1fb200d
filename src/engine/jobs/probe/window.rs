//! What was changed a moment ago, and until when it is waited for.

use std::time::Duration;

use tokio::time::Instant;

use crate::app::task::ProbeOrder;
use crate::domain::inventory::Inventory;

/// A change may take so long to be seen everywhere: "a few seconds" is what AWS says of IAM, which is eventually
/// consistent (IAM user guide, "Changes that I make are not always immediately visible"); two minutes is the longest that
/// was reported.
const SPREADS_WITHIN: Duration = Duration::from_mins(2);

/// A stretch of time in which a refusal may mean "not yet".
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// What was changed and how long ago.
    pub(super) why: String,
    /// No try begins after this.
    pub(super) end: Instant,
    /// Whether the role was made within it: then nothing older is there that AWS could still go by.
    pub(super) of_new_role: bool,
}

impl Window {
    /// From now on, for as long as the order says.
    pub(super) fn from_now(order: &ProbeOrder, why: impl Into<String>) -> Self {
        Self { why: why.into(), end: Instant::now() + order.wait, of_new_role: false }
    }

    /// Of the latest change that is known, if it was lately: by the operator's word, this program's own note, or what
    /// AWS says of provider, role, user and the key that is tried. Times are seconds since 1970.
    pub(super) fn of(
        order: &ProbeOrder,
        noted: Option<i64>,
        seen: Option<&Inventory>,
        key: Option<i64>,
        now: i64,
    ) -> Option<Self> {
        // Clocks differ: what is yet to come has just been.
        let since = |at: i64| {
            Duration::from_secs(u64::try_from(now.saturating_sub(at)).unwrap_or_default())
        };
        let provider = seen.and_then(|seen| seen.provider.as_ref()?.created_at);
        let role = seen.and_then(|seen| seen.role.as_ref()?.created_at);
        let user = seen.and_then(|seen| seen.user.as_ref()?.created_at);
        let of_new_role = role.is_some_and(|at| since(at) < SPREADS_WITHIN);
        if order.just_changed {
            let why = "something was just changed, as --wait says";
            return Some(Self { of_new_role, ..Self::from_now(order, why) });
        }
        let changes = [
            (noted, "this program changed the account"),
            (provider, "the provider was made"),
            (role, "the role was made"),
            (user, "the user was made"),
            (key, "the key was made"),
        ];
        let (at, what) = changes.into_iter().filter_map(|(at, what)| Some((at?, what))).max()?;
        let ago = since(at);
        (ago < SPREADS_WITHIN).then(|| Self {
            why: format!("{what} {} s ago", ago.as_secs()),
            end: Instant::now() + order.wait.saturating_sub(ago),
            of_new_role,
        })
    }
}
