//! Access keys of users.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::practice::account::difficulty::Kind;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::{Key, State, User, fold};
use crate::practice::account::{Account, Action, Ask, Need, Principal, random};

use super::resource::{Entity, Resource, need, on};
use super::{model, out};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "CreateAccessKey", needs: on::<User>, run: create },
    Action { name: "ListAccessKeys", needs: on::<User>, run: list },
    Action { name: "UpdateAccessKey", needs: on::<User>, run: update },
    Action { name: "DeleteAccessKey", needs: on::<User>, run: delete },
    Action { name: "GetAccessKeyLastUsed", needs: needs_last_used, run: last_used },
];

pub(super) const KEYS: usize = 2;

/// Whose long-term key it is.
fn owner<'a>(state: &'a State, id: &str) -> Option<(&'a User, &'a Key)> {
    let key = state.keys.get(id).filter(|key| key.session.is_none())?;
    let Principal::User(name) = &key.of else { return None };
    Some((state.users.get(&fold(name))?, key))
}

/// A user's keys with their ids.
fn keys<'a>(state: &'a State, user: &User) -> impl Iterator<Item = (&'a String, &'a Key)> {
    let name = fold(&user.identity.name);
    state.keys.iter().filter(move |(_, key)| {
        key.session.is_none() && matches!(&key.of, Principal::User(of) if fold(of) == name)
    })
}

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    // An inactive one counts as well.
    if keys(&account.state, user).count() >= KEYS {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for AccessKeysPerUser: {KEYS}"),
        ));
    }
    let name = user.identity.name.clone();
    let (id, secret) = (random::key_id("AKIA"), random::secret());
    let after = account.delay(Kind::Key);
    let answer = json!({ "AccessKey": {
        "UserName": name,
        "AccessKeyId": id,
        "Status": "Active",
        "SecretAccessKey": secret.expose_secret(),
        "CreateDate": out::time(ask.now),
    }});
    let key = Key {
        secret,
        of: Principal::User(name),
        created: ask.now,
        status: Spread::arriving(ask.now, after, Some("Active")),
        session: None,
        last_used: None,
    };
    account.state.keys.insert(id, key);
    Ok(answer)
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    let items = keys(&account.state, user).map(|(id, key)| {
        let shown = json!({
            "UserName": user.identity.name,
            "AccessKeyId": id,
            "Status": key.status.latest(),
            "CreateDate": out::time(key.created),
        });
        (id.clone(), shown)
    });
    out::list(&ask.input, "AccessKeyMetadata", items.collect())
}

/// The key that a request names, which must be of the user it names.
fn named<'a>(account: &'a mut Account, ask: &Ask) -> Result<&'a mut Key, Refusal> {
    let name = fold(&User::find(account, ask)?.identity().name);
    let id = ask.input.get("AccessKeyId").unwrap_or_default();
    let is_his =
        owner(&account.state, id).is_some_and(|(user, _)| fold(&user.identity.name) == name);
    account.state.keys.get_mut(id).filter(|_| is_his).ok_or_else(|| {
        Refusal::new("NoSuchEntity", format!("The Access Key with id {id} cannot be found."))
    })
}

fn update(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let after = account.delay(Kind::Key);
    let key = named(account, ask)?;
    let status = if ask.input.get("Status") == Some("Active") { "Active" } else { "Inactive" };
    key.status.write(ask.now, after, Some(status));
    Ok(Value::Null)
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    named(account, ask)?;
    account.state.keys.remove(ask.input.get("AccessKeyId").unwrap_or_default());
    Ok(Value::Null)
}

/// Of a key that is not the account's IAM says only that one may not ask; the model has no error for it. From reports,
/// not from AWS's pages.
fn stranger(account: &Account, ask: &Ask) -> Refusal {
    let id = ask.input.get("AccessKeyId").unwrap_or_default();
    let papers = ask.caller.as_ref().and_then(|caller| account.state.papers(caller, ask.now));
    let arn = papers.map(|papers| papers.arn).unwrap_or_default();
    Refusal::new(
        "AccessDenied",
        format!(
            "User: {arn} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key {id}"
        ),
    )
}

fn needs_last_used(account: &Account, ask: &Ask) -> Result<Vec<Need>, Refusal> {
    model::check(ask)?;
    let id = ask.input.get("AccessKeyId").unwrap_or_default();
    let (user, _) = owner(&account.state, id).ok_or_else(|| stranger(account, ask))?;
    Ok(vec![need(&ask.action, user.identity.arn.clone(), Vec::new())])
}

fn last_used(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let id = ask.input.get("AccessKeyId").unwrap_or_default();
    let (user, key) = owner(&account.state, id).ok_or_else(|| stranger(account, ask))?;
    let last = match &key.last_used {
        Some((at, service, region)) => {
            json!({ "LastUsedDate": out::time(*at), "ServiceName": service, "Region": region })
        }
        None => json!({ "ServiceName": "N/A", "Region": "N/A" }),
    };
    Ok(json!({ "UserName": user.identity.name, "AccessKeyLastUsed": last }))
}
