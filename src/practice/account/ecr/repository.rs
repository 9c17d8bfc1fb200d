//! Repositories and their policies.

use serde_json::{Value, json};

use super::{NAME, absent, count, host, no_page, on_repository, page, parameter, registry};
use crate::practice::account::grammar;
use crate::practice::account::input::Shape;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::Repository;
use crate::practice::account::{Account, Action, Ask, Need};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "DescribeRepositories", needs: on_names, run: describe },
    Action { name: "CreateRepository", needs: on_repository, run: create },
    Action { name: "DeleteRepository", needs: on_repository, run: delete },
    Action { name: "GetRepositoryPolicy", needs: on_repository, run: get_policy },
    Action { name: "SetRepositoryPolicy", needs: on_repository, run: set_policy },
    Action { name: "DeleteRepositoryPolicy", needs: on_repository, run: delete_policy },
];

/// Of a repository policy (model of ECR).
const POLICY: Shape = Shape { min: 0, max: 10_240, pattern: None };

/// All repositories, where none is named.
fn on_names(account: &Account, ask: &Ask) -> Result<Vec<Need>, Refusal> {
    let mut names = ask.input.texts("repositoryNames", NAME).map_err(parameter)?;
    count("repositoryNames", names.len(), 100)?;
    if names.is_empty() {
        names.push("*");
    }
    let of = registry(account, ask)?;
    Ok(names.iter().map(|n| account.repository_need(of, &ask.region, &ask.action, n)).collect())
}

fn describe(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let (names, registry) = (ask.input.list("repositoryNames"), account.asked_registry(ask));
    if names.is_empty() {
        let is_there = (registry, &ask.region) == (&account.state.registry, &account.state.region);
        let all = account.state.repositories.values().filter(|_| is_there);
        return page(
            ask,
            "repositories",
            all.map(|r| (r.name.clone(), show(account, r))).collect(),
        );
    }
    no_page(ask)?;
    let found: Result<Vec<Value>, Refusal> = names
        .iter()
        .filter_map(Value::as_str)
        .map(|name| match account.repository(registry, &ask.region, name) {
            Some(repository) => Ok(show(account, repository)),
            None => Err(Refusal::new("RepositoryNotFoundException", absent(name, registry))),
        })
        .collect();
    Ok(json!({ "repositories": found? }))
}

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let name = ask.input.get("repositoryName").unwrap_or_default();
    // The practice registry is of one region; a repository in another would be there for nobody.
    if ask.region != account.state.region {
        return Err(Refusal::new(
            "InvalidParameterException",
            format!("The practice registry is in {} only", account.state.region),
        ));
    }
    if account.asked_registry(ask) != account.state.registry {
        return Err(Refusal::new(
            "InvalidParameterException",
            format!("The practice registry is of the account {} only", account.state.registry),
        ));
    }
    if account.state.repositories.contains_key(name) {
        return Err(Refusal::new(
            "RepositoryAlreadyExistsException",
            format!(
                "The repository with name '{name}' already exists in the registry with id '{}'",
                account.state.registry
            ),
        ));
    }
    let repository =
        Repository { name: name.to_owned(), created: ask.now, policy: None, images: Vec::new() };
    let answer = json!({ "repository": show(account, &repository) });
    account.state.repositories.insert(name.to_owned(), repository);
    Ok(answer)
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let found = account.named(ask)?;
    let force = ask.input.0.get("force").and_then(Value::as_bool).unwrap_or(false);
    if !found.images.is_empty() && !force {
        return Err(Refusal::new(
            "RepositoryNotEmptyException",
            format!(
                "The repository with name '{}' in registry with id '{}' cannot be deleted because it still contains images",
                found.name, account.state.registry
            ),
        ));
    }
    let (name, answer) = (found.name.clone(), json!({ "repository": show(account, found) }));
    account.state.repositories.remove(&name);
    Ok(answer)
}

fn get_policy(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let found = account.named(ask)?;
    let policy = found.policy.as_deref().ok_or_else(|| no_policy(account, found))?;
    Ok(show_policy(account, found, policy))
}

fn set_policy(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let text = ask.input.required("policyText", POLICY).map_err(parameter)?;
    grammar::repository(text, &account.state)?;
    let found = account.named(ask)?;
    let (name, answer) = (found.name.clone(), show_policy(account, found, text));
    if let Some(repository) = account.state.repositories.get_mut(&name) {
        repository.policy = Some(text.to_owned());
    }
    Ok(answer)
}

fn delete_policy(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let answer = get_policy(account, ask)?;
    let name = account.named(ask)?.name.clone();
    if let Some(repository) = account.state.repositories.get_mut(&name) {
        repository.policy = None;
    }
    Ok(answer)
}

fn no_policy(account: &Account, repository: &Repository) -> Refusal {
    Refusal::new(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{}' in the registry with id '{}'",
            repository.name, account.state.registry
        ),
    )
}

fn show_policy(account: &Account, repository: &Repository, text: &str) -> Value {
    json!({
        "registryId": account.state.registry,
        "repositoryName": repository.name,
        "policyText": text,
    })
}

fn show(account: &Account, repository: &Repository) -> Value {
    let (id, region) = (&account.state.registry, &account.state.region);
    json!({
        "repositoryArn": account.repository_arn(id, region, &repository.name),
        "registryId": id,
        "repositoryName": repository.name,
        "repositoryUri": format!("{}/{}", host(id, region), repository.name),
        "createdAt": repository.created.as_second(),
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": { "scanOnPush": false },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    })
}
