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
    /// The key that is to stay, where there are two.
    #[must_use]
    pub const fn staying(&self) -> Option<&SeenKey> {
        match self {
            Self::Both { new, .. } | Self::Watching { new, .. } => Some(new),
            Self::NoKey | Self::One(_) | Self::Stuck => None,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::{KeyStatus, LastUse};
    use crate::domain::sample;

    /// A user whose keys are, from the oldest on, `A`ctive or `I`nactive; the n-th has the id ending in n.
    fn with(keys: &str) -> SeenUser {
        let key = |(number, letter): (usize, char)| SeenKey {
            id: id(number),
            status: if letter == 'A' { KeyStatus::Active } else { KeyStatus::Inactive },
            created_at: i64::try_from(number).ok(),
            last_use: LastUse::Never,
        };
        let intent = sample::user_intent();
        SeenUser {
            arn: intent.user_arn(),
            name: intent.user.to_string(),
            path: "/".to_owned(),
            created_at: None,
            tags: std::collections::BTreeMap::new(),
            boundary: None,
            attached: Vec::new(),
            inline: std::collections::BTreeMap::new(),
            groups: Vec::new(),
            has_password: None,
            keys: keys.chars().enumerate().map(key).collect(),
        }
    }

    fn id(number: usize) -> KeyId {
        KeyId::parse(&format!("AKIA{number:016}")).unwrap()
    }

    #[test]
    fn the_keys_alone_say_how_far_a_rotation_is_and_what_comes_next() {
        // Old and new by number; what is done next.
        for (keys, old, new, next) in [
            ("", None, None, None),
            ("A", None, None, Some(KeyWish::Another)),
            // One that may not be used gets another beside it, which is the new one then.
            ("I", None, None, Some(KeyWish::Another)),
            ("AA", Some(0), Some(1), Some(KeyWish::Retire(id(0)))),
            ("IA", Some(0), Some(1), Some(KeyWish::Delete(id(0)))),
            // Left in the middle by somebody who took the new one back: the active one stays.
            ("AI", Some(1), Some(0), Some(KeyWish::Delete(id(1)))),
            ("II", None, None, None),
            ("AAA", None, None, None),
        ] {
            let user = with(keys);
            let stage = stage(&user);
            assert_eq!(stage.next(), next, "{keys}");
            let pair = match &stage {
                Stage::Both { old, new } | Stage::Watching { old, new } => {
                    (Some(old.id.clone()), Some(new.id.clone()))
                }
                _ => (None, None),
            };
            assert_eq!(pair, (old.map(id), new.map(id)), "{keys}");
            assert_eq!(has_room(&user), keys.len() < 2, "{keys}");
            // What stays is what is used; the key that is used is never the one to be deleted.
            if let Stage::Watching { old, new } = &stage {
                assert_eq!(user.current_key(), Some(&new.id), "{keys}");
                assert!(!old.is_active(), "{keys}");
            }
        }
    }

    #[test]
    fn carried_out_to_the_end_one_active_key_is_left_that_was_not_there_before() {
        for start in ["A", "I", "AA", "IA", "AI"] {
            let mut user = with(start);
            let mut made = 7;
            let mut steps = 0;
            while let Some(wish) = stage(&user).next() {
                let whole = user.keys.iter().filter(|key| key.is_active()).count();
                match wish {
                    KeyWish::Another => {
                        let mut other = with("A").keys.remove(0);
                        other.id = id(made);
                        made += 1;
                        user.keys.push(other);
                    }
                    KeyWish::Retire(old) => {
                        assert!(whole > 1, "{start}: Okteto would have no key");
                        let old = user.keys.iter_mut().find(|key| key.id == old).unwrap();
                        old.status = KeyStatus::Inactive;
                    }
                    KeyWish::Delete(old) => {
                        user.keys.retain(|key| key.id != old);
                        break;
                    }
                    KeyWish::Have | KeyWish::Restore(_) => panic!("{wish:?}"),
                }
                steps += 1;
                assert!(steps < 4, "{start} does not end");
            }
            assert!(matches!(user.keys.as_slice(), [one] if one.is_active()), "{start}");
        }
    }
}
