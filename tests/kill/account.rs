//! The practice account as a picture that can be compared.

use std::collections::BTreeSet;

use jiff::Timestamp;
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Account, Ask, Principal, Service};
use serde_json::{Map, Value, json};

/// One call of the operator's, past every wire.
pub fn iam(account: &mut Account, now: Timestamp, action: &str, input: Value) -> Value {
    let ask = Ask {
        now,
        service: Service::Iam,
        action: action.to_owned(),
        region: account.region().to_owned(),
        caller: Some(Principal::User("trainee".to_owned())),
        input: Input::from_json(input),
    };
    account.call(&ask).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
}

/// All that IAM tells of providers, roles, users and keys, without times. Ids that are not `known` are all the same, and so is
/// the tag of this run.
pub fn picture(account: &Account, known: &BTreeSet<String>, run: Option<&str>) -> Value {
    let mut picture = whole(account);
    plain(&mut picture, known, run);
    picture
}

fn whole(account: &Account) -> Value {
    let mut look = Look { account: account.clone(), now: okteto_ecr::clock::now() };
    json!({
        "providers": look.providers(),
        "roles": look.principals("Role"),
        "users": look.principals("User"),
    })
}

/// The ids of roles, users and keys in an account.
pub fn ids(account: &Account) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&whole(account), &is_id, &mut found);
    found
}

/// The ids of all keys in an account.
pub fn keys(account: &Account) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&whole(account), &|key| key == "AccessKeyId", &mut found);
    found
}

/// The texts under some names.
fn collect(value: &Value, wanted: &impl Fn(&str) -> bool, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                found.extend(value.as_str().filter(|_| wanted(key)).map(str::to_owned));
                collect(value, wanted, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, wanted, found)),
        _ => {}
    }
}

fn is_id(key: &str) -> bool {
    matches!(key, "RoleId" | "UserId" | "AccessKeyId")
}

fn plain(value: &mut Value, known: &BTreeSet<String>, run: Option<&str>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !matches!(key.as_str(), "CreateDate" | "RoleLastUsed"));
            for (key, value) in fields.iter_mut() {
                let text = value.as_str();
                if is_id(key) && text.is_some_and(|id| !known.contains(id)) {
                    *value = json!("new");
                } else if key == "Value" && text.is_some() && text == run {
                    *value = json!("this run");
                } else {
                    plain(value, known, run);
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter_mut() {
                plain(item, known, run);
            }
            items.sort_by_key(ToString::to_string);
        }
        _ => {}
    }
}

struct Look {
    account: Account,
    now: Timestamp,
}

impl Look {
    fn ask(&mut self, action: &str, input: Value) -> Value {
        iam(&mut self.account, self.now, action, input)
    }

    fn list(&mut self, action: &str, input: Value, list: &str) -> Vec<Value> {
        let answer = self.ask(action, input);
        answer[list].as_array().unwrap_or_else(|| panic!("{action}: no {list}: {answer}")).clone()
    }

    fn providers(&mut self) -> Vec<Value> {
        let listed =
            self.list("ListOpenIDConnectProviders", json!({}), "OpenIDConnectProviderList");
        let one = |provider: &Value| {
            let arn = &provider["Arn"];
            let mut whole =
                self.ask("GetOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn }));
            whole["Arn"] = arn.clone();
            whole
        };
        listed.iter().map(one).collect()
    }

    /// Roles or users, with all that is on them.
    fn principals(&mut self, kind: &str) -> Vec<Value> {
        let listed = self.list(&format!("List{kind}s"), json!({}), &format!("{kind}s"));
        let names: Vec<Value> =
            listed.iter().map(|one| one[format!("{kind}Name")].clone()).collect();
        names.iter().map(|name| self.principal(kind, name)).collect()
    }

    fn principal(&mut self, kind: &str, name: &Value) -> Value {
        let named = |more: Map<String, Value>| {
            let mut input = json!({ format!("{kind}Name"): name });
            input.as_object_mut().expect("an object").extend(more);
            input
        };
        let of = || named(Map::new());
        let mut whole = self.ask(&format!("Get{kind}"), of())[kind].clone();
        whole["attached"] =
            self.list(&format!("ListAttached{kind}Policies"), of(), "AttachedPolicies").into();
        let inline = self.list(&format!("List{kind}Policies"), of(), "PolicyNames");
        let inline = inline.iter().map(|policy| {
            let more = Map::from_iter([("PolicyName".to_owned(), policy.clone())]);
            self.ask(&format!("Get{kind}Policy"), named(more))
        });
        whole["inline"] = inline.collect::<Vec<_>>().into();
        if kind == "User" {
            whole["keys"] = self.list("ListAccessKeys", of(), "AccessKeyMetadata").into();
        }
        whole
    }
}
