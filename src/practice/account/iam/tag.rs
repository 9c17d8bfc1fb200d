//! Tags of roles, users, policies and providers.

use serde_json::{Value, json};

use crate::practice::account::input::{Shape, invalid};
use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::{Managed, Provider, Role, User};
use crate::practice::account::{Account, Action, Ask};

use super::out;
use super::resource::{Resource, on};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "TagRole", needs: on::<Role>, run: tag::<Role> },
    Action { name: "UntagRole", needs: on::<Role>, run: untag::<Role> },
    Action { name: "ListRoleTags", needs: on::<Role>, run: list::<Role> },
    Action { name: "TagUser", needs: on::<User>, run: tag::<User> },
    Action { name: "UntagUser", needs: on::<User>, run: untag::<User> },
    Action { name: "ListUserTags", needs: on::<User>, run: list::<User> },
    Action { name: "TagPolicy", needs: on::<Managed>, run: tag::<Managed> },
    Action { name: "UntagPolicy", needs: on::<Managed>, run: untag::<Managed> },
    Action { name: "ListPolicyTags", needs: on::<Managed>, run: list::<Managed> },
    Action { name: "TagOpenIDConnectProvider", needs: on::<Provider>, run: tag::<Provider> },
    Action { name: "UntagOpenIDConnectProvider", needs: on::<Provider>, run: untag::<Provider> },
    Action { name: "ListOpenIDConnectProviderTags", needs: on::<Provider>, run: list::<Provider> },
];

const MOST: usize = 50;

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`. Rust's letters are a little wider: they have the vowel signs of some scripts.
fn is_good(text: &str) -> bool {
    let separator = |c: char| c.is_whitespace() && !c.is_control();
    text.chars().all(|c| c.is_alphanumeric() || separator(c) || "_.:/=+-@".contains(c))
}

pub(super) const KEY: Shape =
    Shape { min: 1, max: 128, pattern: Some((r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", is_good)) };
const VALUE: Shape =
    Shape { min: 0, max: 256, pattern: Some((r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", is_good)) };

/// The tags of a request. One that is bad spoils it whole.
pub(super) fn read(ask: &Ask) -> Result<Vec<(String, String)>, Refusal> {
    let list = ask.input.list("Tags");
    if list.len() > MOST {
        let message = format!(
            "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to {MOST}"
        );
        return Err(Refusal::new("ValidationError", message));
    }
    let mut tags: Vec<(String, String)> = Vec::new();
    for (place, tag) in (1..).zip(list) {
        let part = |name: &str, shape: Shape| {
            let member = format!("tags.{place}.member.{}", name.to_lowercase());
            let Some(text) = tag.get(name).and_then(Value::as_str) else {
                return Err(invalid("null", &member, "Member must not be null"));
            };
            shape.check(&member, text).map(|()| text.to_owned())
        };
        let (key, value) = (part("Key", KEY)?, part("Value", VALUE)?);
        // Reserved by the tagging rules of all services; the wording is not AWS's.
        if key.to_lowercase().starts_with("aws:") {
            return Err(Refusal::new(
                "InvalidInput",
                format!("Tag key {key} starts with aws:, which is reserved for AWS use."),
            ));
        }
        if tags.iter().any(|(other, _)| is_same(other, &key)) {
            return Err(Refusal::new(
                "InvalidInput",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.push((key, value));
    }
    Ok(tags)
}

fn is_same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Tags as answers have them.
pub(super) fn show(tags: &[(String, String)]) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

fn tag<R: Resource>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let new = read(ask)?;
    let tags = R::find_mut(account, ask)?.tags_mut();
    let mut all = tags.clone();
    for (key, value) in new {
        // Written over where only the case differs; the spelling is then the new one.
        all.retain(|(other, _)| !is_same(other, &key));
        all.push((key, value));
    }
    if all.len() > MOST {
        return Err(Refusal::new(
            "LimitExceeded",
            "The number of tags has reached the maximum limit.",
        ));
    }
    *tags = all;
    Ok(Value::Null)
}

fn untag<R: Resource>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let keys = ask.input.texts("TagKeys", KEY)?;
    let tags = R::find_mut(account, ask)?.tags_mut();
    tags.retain(|(tag, _)| !keys.iter().any(|key| is_same(tag, key)));
    Ok(Value::Null)
}

fn list<R: Resource>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let tags = R::find(account, ask)?.tags();
    let items = tags.iter().enumerate().map(|(place, (key, value))| {
        (format!("{place:02}"), json!({ "Key": key, "Value": value }))
    });
    out::list(&ask.input, "Tags", items.collect())
}
