//! How the user and its access key stand.

use super::principal::{self, There};
use super::{Difference, Planned, Stamp, Standing, StepId, stamped};
use crate::domain::custody::{Custody, SeenPlace, SeenSecret};
use crate::domain::intent::UserIntent;
use crate::domain::inventory::{Inventory, SeenUser, is_ours};
use crate::domain::key::{KeyId, KeyStatus, SeenKey};
use crate::domain::operation::Operation;
use crate::domain::principal::Principal;
use crate::domain::rotation::{KeyWish, has_room};

/// What there is to do about keys beyond having one.
const ROTATE: &str = "change the key without an outage: a rotation makes a second one first";

pub(super) fn steps(
    intent: &UserIntent,
    seen: &Inventory,
    stamp: &Stamp,
    wish: &KeyWish,
    remarks: &mut Vec<String>,
) -> Vec<Planned> {
    let Some(user) = &seen.user else { return new(intent, seen, stamp, wish) };
    if let Some(conflict) = in_the_way(intent, user) {
        return vec![conflict];
    }
    let keys = Keys { intent, user: Some(user), seen };
    let mut parts = Vec::new();
    // A change of keys leaves everything else alone.
    if *wish == KeyWish::Have {
        let (there, access) = (There::from(user), &intent.access);
        parts.extend(there.boundary(access, remarks));
        parts.extend(there.tags(access));
        parts.push(there.permissions(access, &intent.host, intent.partition, remarks));
        remarks.extend(oddities(user));
    }
    parts.extend(keys.steps(wish));
    if *wish == KeyWish::Have && !user.keys.is_empty() {
        remarks.push(keys.unseen(user));
    }
    let changed = parts.iter().any(|p| p.operation.is_some());
    let (standing, reason) = match (is_ours(&user.tags), changed) {
        (true, _) => (Standing::Present, "It is there."),
        (false, false) => (Standing::Present, "It is there, made by somebody else."),
        (false, true) => {
            (Standing::Adopt, "It is there, made by somebody else; something on it will change.")
        }
    };
    let mut steps =
        vec![Planned::still(StepId::User, standing, format!("user {}", user.name), reason)];
    steps.extend(parts);
    steps
}

fn new(intent: &UserIntent, seen: &Inventory, stamp: &Stamp, wish: &KeyWish) -> Vec<Planned> {
    if *wish != KeyWish::Have {
        let reason = "The account has no user of this name, and so no key of it.";
        let summary = format!("user {}", intent.user);
        return vec![Planned::still(StepId::User, Standing::Conflict, summary, reason)];
    }
    let access = &intent.access;
    let user = Operation::CreateUser {
        user: intent.user.clone(),
        path: access.path.clone(),
        boundary: access.boundary.clone(),
        tags: stamped(access, stamp),
    };
    let to = Principal::User(intent.user.as_str().to_owned());
    let grant = principal::grant(access, &intent.host, intent.partition, to);
    let reason = "The account has no user of this name.";
    let mut steps = vec![
        Planned::sends(StepId::User, Standing::Needed, user, reason),
        Planned::sends(StepId::Permissions, Standing::Needed, grant, "A new user may do nothing."),
    ];
    steps.extend(Keys { intent, user: None, seen }.steps(wish));
    steps
}

fn in_the_way(intent: &UserIntent, seen: &SeenUser) -> Option<Planned> {
    let (wished, path) = (intent.user.as_str(), intent.access.path.as_str());
    if seen.name != wished {
        let what = format!(
            "The account has a user called {}; IAM takes names that differ only in case for one.",
            seen.name
        );
        return Some(principal::conflict(&Principal::User(wished.to_owned()), what, &seen.name));
    }
    principal::elsewhere(&Principal::User(seen.name.clone()), &seen.path, path)
}

/// What a user that only pulls should not have.
fn oddities(user: &SeenUser) -> Vec<String> {
    let mut odd = Vec::new();
    if !user.groups.is_empty() {
        let groups = user.groups.join(", ");
        odd.push(format!("The user is in {groups}, whose policies count too; it stays there."));
    }
    if user.has_password == Some(true) {
        odd.push(
            "The user has a password for the console, which a user that only pulls needs not; it stays."
                .to_owned(),
        );
    }
    odd
}

/// Of the key, and sends nothing.
fn still(standing: Standing, summary: String, reason: impl Into<String>) -> Planned {
    Planned::still(StepId::AccessKey, standing, summary, reason)
}

struct Keys<'a> {
    intent: &'a UserIntent,
    user: Option<&'a SeenUser>,
    seen: &'a Inventory,
}

impl Keys<'_> {
    fn steps(&self, wish: &KeyWish) -> Vec<Planned> {
        let user = match (self.user, wish) {
            (Some(user), KeyWish::Have) if !user.keys.is_empty() => {
                return vec![self.present(user)];
            }
            (Some(user), KeyWish::Another) if !has_room(user) => return vec![self.full(user)],
            (None, _) | (_, KeyWish::Have | KeyWish::Another) => return self.made(),
            (Some(user), _) => user,
        };
        let (KeyWish::Retire(id) | KeyWish::Restore(id) | KeyWish::Delete(id)) = wish else {
            return Vec::new();
        };
        let key = user.keys.iter().find(|key| key.id == *id);
        vec![match (wish, key) {
            (KeyWish::Delete(_), None) => {
                still(Standing::Present, format!("access key {id}"), "It is gone.")
            }
            (_, None) => {
                let summary = format!("access key {id}");
                still(Standing::Conflict, summary, "The user has no such key.")
            }
            (KeyWish::Retire(_), Some(key)) => self.retired(user, key),
            (KeyWish::Restore(_), Some(key)) => self.set(user, key, KeyStatus::Active),
            (_, Some(key)) => self.deleted(user, key),
        }]
    }

    fn words(&self, key: &SeenKey) -> String {
        key.words(self.seen.read_at)
    }

    /// The user has a key and gets no second one. Its secret is with whoever took it when it was made.
    fn present(&self, user: &SeenUser) -> Planned {
        let summary = format!("access key of {}", user.name);
        let told: Vec<_> = user.keys.iter().map(|key| self.words(key)).collect();
        let reason = match told.as_slice() {
            [one] => format!("It has one: {one}. AWS does not tell its secret again."),
            [older, younger] => {
                format!(
                    "It has two, and AWS allows no more. The older: {older}. The other: {younger}."
                )
            }
            _ => format!("It has {}: {}.", told.len(), told.join("; ")),
        };
        let idle = user.keys.iter().any(|key| !key.is_active());
        let gone = (user.keys.len() > 1).then(|| {
            let which = if idle { "the inactive one" } else { "one of the two" };
            format!("delete {which} by its id, once nothing uses it any more")
        });
        still(Standing::Present, summary, reason).or(std::iter::once(ROTATE.to_owned()).chain(gone))
    }

    /// Where the secret of the key that is there may be: AWS does not tell it again.
    fn unseen(&self, user: &SeenUser) -> String {
        let custody = &self.intent.custody;
        if let Some(held) = self.seen.placed_key() {
            return format!("The secret of {held} is in {custody}.");
        }
        let keys = if user.keys.len() == 1 { "a key" } else { "two keys, the most AWS allows" };
        format!(
            "The user has {keys}, so none is made, and AWS does not tell a secret again. If nobody has it, a rotation leads to another key."
        )
    }

    /// A second key is wanted, and there are two.
    fn full(&self, user: &SeenUser) -> Planned {
        let told: Vec<_> = user.keys.iter().map(|key| self.words(key)).collect();
        let reason = format!("The user has two keys, and AWS allows no more: {}.", told.join("; "));
        let ways_out =
            user.keys.iter().map(|key| format!("delete {}, if nothing uses it any more", key.id));
        still(Standing::Conflict, format!("access key of {}", user.name), reason).or(ways_out)
    }

    /// A key is made, and its secret has a place to go.
    fn made(&self) -> Vec<Planned> {
        let custody = &self.intent.custody;
        let name = self.user.map_or(self.intent.user.as_str(), |user| user.name.as_str());
        let first = self.user.is_none_or(|user| user.keys.is_empty());
        let reason = format!(
            "{} Its secret goes to {custody} and nowhere else.",
            if first {
                "The user has no key."
            } else {
                "A second key, beside the one that is there."
            }
        );
        let there = self.user.iter().flat_map(|user| &user.keys);
        let beside = there.map(|key| key.id.clone()).collect();
        let operation = Operation::CreateAccessKey { user: name.to_owned(), beside };
        let theirs = self.user.filter(|user| !is_ours(&user.tags)).map(|user| user.name.as_str());
        vec![
            self.place(),
            Planned::sends(StepId::AccessKey, Standing::Needed, operation, reason)
                .confirmed_by(theirs),
        ]
    }

    /// Where the secret goes.
    fn place(&self) -> Planned {
        let custody = &self.intent.custody;
        let still = |standing, reason: String| {
            Planned::still(StepId::Custody, standing, custody.to_string(), reason)
        };
        if *custody == Custody::Show {
            let reason =
                "It is held in memory until the program ends, masked until it is asked for.";
            return still(Standing::Present, reason.to_owned());
        }
        match &self.seen.place {
            None => still(
                Standing::Needed,
                "It is tried before the key is made; without it no key is made.".to_owned(),
            ),
            Some(Ok(SeenPlace::Free)) => still(
                Standing::Needed,
                "Nothing stands there, and a trial says that it can be written. It is, at once after the key is made.".to_owned(),
            ),
            Some(Ok(SeenPlace::Ours(secret))) => self.replaced(secret, still),
            Some(Err(fault)) => Planned {
                fault: Some(fault.clone()),
                ..still(
                    Standing::Conflict,
                    format!("The secret cannot go there: {}.", fault.message),
                )
                .or([
                    fault.what_to_do().to_owned(),
                    "choose another place for the secret".to_owned(),
                ])
            },
        }
    }

    /// A Secret of ours is written anew. If it holds the key of somebody else, that one's secret would be lost.
    fn replaced(
        &self,
        secret: &SeenSecret,
        still: impl Fn(Standing, String) -> Planned,
    ) -> Planned {
        let is_his = |key: &KeyId| {
            self.user.is_some_and(|user| user.keys.iter().any(|there| there.id == *key))
        };
        // Of a key without a name nobody knows whose it is.
        let foreign = secret.key.as_ref().is_none_or(|key| !is_his(key));
        let (reason, name) = match &self.intent.custody {
            Custody::Kubernetes(place) if foreign => (
                "It is there with a key that is not this user's; its secret would be lost.",
                Some(place.name.as_str()),
            ),
            _ => ("It is there, made by this program, and is written anew.", None),
        };
        let diff = vec![Difference {
            at: "accessKeyId".to_owned(),
            now: secret.key.as_ref().map(ToString::to_string),
            then: Some("the new key".to_owned()),
        }];
        still(Standing::Change, reason.to_owned()).differing(diff).confirmed_by(name)
    }

    fn retired(&self, user: &SeenUser, key: &SeenKey) -> Planned {
        let others = user.keys.iter().any(|other| other.id != key.id && other.is_active());
        if key.is_active() && !others {
            let summary = format!("access key {}", key.id);
            let reason = "It is the only active key: without it nothing can be pulled.";
            return still(Standing::Conflict, summary, reason).or([ROTATE.to_owned()]);
        }
        self.set(user, key, KeyStatus::Inactive)
    }

    fn set(&self, user: &SeenUser, key: &SeenKey, status: KeyStatus) -> Planned {
        let word = status.word().to_lowercase();
        if key.status == status {
            let summary = format!("access key {}", key.id);
            return still(Standing::Present, summary, format!("It is {word}."));
        }
        let operation =
            Operation::SetKeyStatus { user: user.name.clone(), key: key.id.clone(), status };
        let reason = match status {
            KeyStatus::Active => {
                format!("{}. Whoever has its secret can use it again.", self.words(key))
            }
            _ => format!(
                "{}. Whoever still uses it is refused; it can be made active again.",
                self.words(key)
            ),
        };
        let diff = vec![Difference {
            at: "Status".to_owned(),
            now: Some(key.status.word().to_owned()),
            then: Some(status.word().to_owned()),
        }];
        Planned::sends(StepId::AccessKey, Standing::Change, operation, reason)
            .differing(diff)
            .confirmed_by(Some(key.id.as_str()))
    }

    fn deleted(&self, user: &SeenUser, key: &SeenKey) -> Planned {
        let operation = Operation::DeleteAccessKey { user: user.name.clone(), key: key.id.clone() };
        let told = self.words(key);
        let reason = if key.is_active() {
            format!(
                "{told}. It is active: whoever uses it is refused from then on. It cannot be had back."
            )
        } else {
            format!("{told}. It cannot be had back.")
        };
        let diff = vec![Difference {
            at: "AccessKey".to_owned(),
            now: Some(key.id.to_string()),
            then: None,
        }];
        let active =
            key.is_active().then(|| "make it inactive first: that can be taken back".to_owned());
        Planned::sends(StepId::AccessKey, Standing::Change, operation, reason)
            .differing(diff)
            .confirmed_by(Some(key.id.as_str()))
            .or(active)
    }
}
