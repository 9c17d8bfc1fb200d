//! Changing a user's access key without an outage: a second key, then the old one inactive, then deleted.
//!
//! How far a rotation is, the account itself says: nothing has to be remembered, so that it can be left at any point and
//! gone on with by anybody. Order of the steps: IAM user guide, "Update access keys".

use super::inventory::SeenUser;
use super::key::{KeyId, MOST_KEYS, SeenKey};

/// What is to become of a user's keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KeyWish {
    /// There is to be a key: one is made where there is none.
    #[default]
    Have,
    /// There is to be another one beside it.
    Another,
    /// This one is to be inactive.
    Retire(KeyId),
    /// This one is to be active again.
    Restore(KeyId),
    /// This one is to be gone.
    Delete(KeyId),
}

/// How far a rotation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// There is no key to rotate.
    NoKey,
    /// One key: a second one is to be made.
    One(SeenKey),
    /// Two active keys: the new one is to reach Okteto, then the old one is to be inactive.
    Both {
        /// The one to go.
        old: SeenKey,
        /// The one to stay.
        new: SeenKey,
    },
    /// The old one is inactive: it is watched, then deleted.
    Watching {
        /// The one to go.
        old: SeenKey,
        /// The one to stay.
        new: SeenKey,
    },
    /// Two keys of which none may be used, or more than IAM allows: nothing that a rotation could go on from.
    Stuck,
}

/// How far the rotation of this user's key is. Of two active keys the younger is the new one; of an active and an inactive
/// one, the active.
#[must_use]
pub fn stage(user: &SeenUser) -> Stage {
    match user.keys.as_slice() {
        [] => Stage::NoKey,
        [one] => Stage::One(one.clone()),
        [a, b] => {
            let (older, younger) = (a.clone(), b.clone());
            match (a.is_active(), b.is_active()) {
                (true, true) => Stage::Both { old: older, new: younger },
                (false, true) => Stage::Watching { old: older, new: younger },
                (true, false) => Stage::Watching { old: younger, new: older },
                (false, false) => Stage::Stuck,
            }
        }
        _ => Stage::Stuck,
    }
}

impl Stage {
    /// What a rotation does next; none where there is nothing to rotate.
    #[must_use]
    pub fn next(&self) -> Option<KeyWish> {
        match self {
            Self::NoKey | Self::Stuck => None,
            Self::One(_) => Some(KeyWish::Another),
            Self::Both { old, .. } => Some(KeyWish::Retire(old.id.clone())),
            Self::Watching { old, .. } => Some(KeyWish::Delete(old.id.clone())),
        }
    }
}

/// Whether there is room for another key.
#[must_use]
pub fn has_room(user: &SeenUser) -> bool {
    user.keys.len() < MOST_KEYS
}
