//! ECR's actions. A registry is of one account and one region: in every other region it holds nothing.
//!
//! There is one registry, the account's own or another account's. Where it is another's, the own one holds nothing, and a call
//! that names no `registryId` means the own one (ECR API reference: "If you do not specify a registry, the default registry is
//! assumed").

mod content;
mod repository;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::input::Shape;
use super::refusal::Refusal;
use super::state::{Pass, Repository};
use super::{Account, Action, Ask, Need, random};
use crate::domain::partition::{Partition, Region};

/// All of them.
pub(super) const ACTIONS: &[&[Action]] = &[REGISTRY, repository::ACTIONS, content::ACTIONS];

const REGISTRY: &[Action] = &[
    Action { name: "GetAuthorizationToken", needs: |_, ask| Ok(vec![any(ask)]), run: log_in },
    Action {
        name: "DescribeRegistry",
        needs: |_, ask| Ok(vec![any(ask)]),
        run: |account, _| {
            Ok(json!({
                "registryId": account.state.account,
                "replicationConfiguration": { "rules": [] },
            }))
        },
    },
    Action {
        name: "DescribePullThroughCacheRules",
        needs: |account, ask| {
            own_registry(account, ask, "*")?;
            Ok(vec![any(ask)])
        },
        run: cache_rules,
    },
];

/// A login counts for 12 hours (ECR user guide, "Private registry authentication").
const LOGIN_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// Names of repositories (model of ECR).
const NAME: Shape = Shape {
    min: 2,
    max: 256,
    pattern: Some((
        r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
        is_name,
    )),
};
const ACCOUNT: Shape = Shape { min: 0, max: 12, pattern: Some(("[0-9]{12}", is_account)) };
const NEXT: Shape = Shape { min: 0, max: usize::MAX, pattern: None };

impl Account {
    /// A repository of a registry, as seen from a region.
    pub(super) fn repository(
        &self,
        registry: &str,
        region: &str,
        name: &str,
    ) -> Option<&Repository> {
        let is_there = (registry, region) == (&self.state.registry, &self.state.region);
        self.state.repositories.get(name).filter(|_| is_there)
    }

    /// What a caller needs for an action on a repository: its policies, or the repository's; both of them in another
    /// account's registry.
    pub(super) fn repository_need(
        &self,
        registry: &str,
        region: &str,
        action: &str,
        name: &str,
    ) -> Need {
        let found = self.repository(registry, region, name);
        Need {
            action: format!("ecr:{action}"),
            resource: self.repository_arn(registry, region, name),
            context: Vec::new(),
            resource_policy: found.and_then(|found| found.policy.clone()),
        }
    }

    fn repository_arn(&self, account: &str, region: &str, name: &str) -> String {
        format!("arn:{}:ecr:{region}:{account}:repository/{name}", self.state.partition())
    }

    /// The repository that a call names.
    fn named(&self, ask: &Ask) -> Result<&Repository, Refusal> {
        let name = ask.input.get("repositoryName").unwrap_or_default();
        let registry = self.asked_registry(ask);
        self.repository(registry, &ask.region, name)
            .ok_or_else(|| Refusal::new("RepositoryNotFoundException", absent(name, registry)))
    }

    /// The registry that a call means, its id not looked at.
    fn asked_registry<'a>(&'a self, ask: &'a Ask) -> &'a str {
        ask.input.get("registryId").unwrap_or(&self.state.account)
    }
}

/// The classic host of an account's registry.
fn host(account: &str, region: &str) -> String {
    let partition = Region::parse(region).map_or(Partition::Aws, |r| Partition::of_region(&r));
    format!("{account}.dkr.ecr.{region}.{}", partition.dns_suffix())
}

/// ECR's sentence for a repository that is not there.
pub(super) fn absent(name: &str, account: &str) -> String {
    format!("The repository with name '{name}' does not exist in the registry with id '{account}'")
}

/// The action, which no resource can scope.
fn any(ask: &Ask) -> Need {
    Need {
        action: format!("ecr:{}", ask.action),
        resource: "*".to_owned(),
        context: Vec::new(),
        resource_policy: None,
    }
}

/// The action on the repository that is named.
fn on_repository(account: &Account, ask: &Ask) -> Result<Vec<Need>, Refusal> {
    let name = ask.input.required("repositoryName", NAME).map_err(parameter)?;
    let registry = registry(account, ask)?;
    Ok(vec![account.repository_need(registry, &ask.region, &ask.action, name)])
}

/// The registry that a call means.
fn registry<'a>(account: &'a Account, ask: &'a Ask) -> Result<&'a str, Refusal> {
    ask.input.text("registryId", ACCOUNT).map_err(parameter)?;
    Ok(account.asked_registry(ask))
}

/// Nobody here is let into another account's registry as a whole: that would take a policy of that registry's.
fn own_registry(account: &Account, ask: &Ask, name: &str) -> Result<(), Refusal> {
    let id = registry(account, ask)?;
    if id == account.state.account {
        return Ok(());
    }
    let papers = ask.caller.as_ref().and_then(|caller| account.state.papers(caller, ask.now));
    let sentence = format!(
        "User: {} is not authorized to perform: ecr:{action} on resource: {} because no resource-based policy allows the ecr:{action} action",
        papers.unwrap_or_default().arn,
        account.repository_arn(id, &ask.region, name),
        action = ask.action,
    );
    Err(Refusal::new("AccessDeniedException", sentence))
}

fn log_in(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let caller = ask.caller.clone().ok_or_else(|| {
        Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token")
    })?;
    let mut registries = ask.input.texts("registryIds", ACCOUNT).map_err(parameter)?;
    count("registryIds", registries.len(), 10)?;
    if registries.is_empty() {
        registries.push(&account.state.account);
    }
    let ends = ask.now.saturating_add(LOGIN_LIFE).unwrap_or(jiff::Timestamp::MAX);
    // Passwords of ECR are longer than 2 kB, which many a client's buffer is not.
    let envelope = json!({
        "payload": STANDARD.encode(random::bytes::<1400>()),
        "datakey": STANDARD.encode(random::bytes::<184>()),
        "version": "2",
        "type": "DATA_KEY",
        "expiration": ends.as_second(),
    });
    let password = STANDARD.encode(envelope.to_string());
    let token = STANDARD.encode(format!("AWS:{password}"));
    // `registryIds` does not change what a login is good for (model of GetAuthorizationToken).
    let logins: Vec<Value> = registries
        .iter()
        .map(|id| {
            json!({
                "authorizationToken": token,
                "expiresAt": ends.as_second(),
                "proxyEndpoint": format!("https://{}", host(id, &ask.region)),
            })
        })
        .collect();
    account.state.logins.insert(password, Pass { of: caller, region: ask.region.clone(), ends });
    Ok(json!({ "authorizationData": logins }))
}

/// There are none.
fn cache_rules(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    match ask.input.list("ecrRepositoryPrefixes").first() {
        Some(prefix) => Err(Refusal::new(
            "PullThroughCacheRuleNotFoundException",
            format!(
                "The pull through cache rule with repository prefix '{}' does not exist in the registry with id '{}'",
                prefix.as_str().unwrap_or_default(),
                account.state.account
            ),
        )),
        None => Ok(json!({ "pullThroughCacheRules": [] })),
    }
}

/// ECR's way to say that a parameter is not within its limits.
fn parameter(refusal: Refusal) -> Refusal {
    let (_, rest) = refusal.message.split_once(" at '").unwrap_or_default();
    let message = match rest.split_once("' failed to satisfy constraint: ") {
        Some((name, rule)) => wrong(name, rule.strip_prefix("Member ").unwrap_or(rule)),
        None => refusal.message,
    };
    Refusal::new("InvalidParameterException", message)
}

fn wrong(name: &str, rule: &str) -> String {
    format!("Invalid parameter at '{name}' failed to satisfy constraint: '{rule}'")
}

/// Lists have a limit.
fn count(name: &str, length: usize, most: usize) -> Result<(), Refusal> {
    if length <= most {
        return Ok(());
    }
    let rule = format!("must have length less than or equal to {most}");
    Err(Refusal::new("InvalidParameterException", wrong(name, &rule)))
}

/// One page of what is there, in the order of its keys.
fn page(ask: &Ask, list: &str, mut items: Vec<(String, Value)>) -> Result<Value, Refusal> {
    let most = ask.input.number("maxResults", 1..=1000).map_err(parameter)?.unwrap_or(100);
    let most = usize::try_from(most).unwrap_or(100);
    items.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(token) = ask.input.text("nextToken", NEXT).map_err(parameter)? {
        let after = URL_SAFE_NO_PAD.decode(token).ok().and_then(|b| String::from_utf8(b).ok());
        let after = after.ok_or_else(|| {
            Refusal::new("InvalidParameterException", wrong("nextToken", "is not valid"))
        })?;
        items.retain(|(key, _)| *key > after);
    }
    let mut answer = Map::new();
    if items.len() > most {
        items.truncate(most);
        let next = items.last().map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
        answer.insert("nextToken".to_owned(), next.into());
    }
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    answer.insert(list.to_owned(), items.into());
    Ok(answer.into())
}

/// A page is not asked for together with names (model: `maxResults` and `nextToken` "cannot be used when you specify").
fn no_page(ask: &Ask) -> Result<(), Refusal> {
    match ["maxResults", "nextToken"].iter().find(|name| ask.input.0.contains_key(**name)) {
        Some(name) => Err(Refusal::new(
            "InvalidParameterException",
            wrong(name, "cannot be used together with names"),
        )),
        None => Ok(()),
    }
}

/// The parts between slashes are letters and digits with single separators between them.
fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.split('/').all(|part| {
        part.starts_with(is_letter)
            && part.ends_with(is_letter)
            && part.split(is_letter).all(|separator| {
                matches!(separator, "" | "." | "_" | "__") || separator.chars().all(|c| c == '-')
            })
    })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
