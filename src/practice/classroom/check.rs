//! The goals of an exercise, held against a copy of the account: no session and no last use is left in the account itself.

use jiff::Timestamp;

use super::desk::Desk;
use super::strangers;
use crate::domain::exercise::goal::{By, Check, Standing};
use crate::domain::inventory::RUN_TAG;
use crate::practice::account::Account;
use crate::practice::account::look::Seen;
use crate::practice::account::refusal::Refusal;
use crate::practice::cluster::PracticeCluster;

/// A copy of the account, and the time.
pub(super) struct Bench<'a> {
    pub(super) desk: &'a Desk,
    pub(super) account: Account,
    pub(super) now: Timestamp,
    pub(super) cluster: &'a PracticeCluster,
}

impl Bench<'_> {
    /// How far each goal is; `None` where the account cannot tell.
    pub(super) fn standings(mut self) -> Vec<Option<Standing>> {
        let goals = &self.desk.exercise.goals;
        goals
            .iter()
            .map(|goal| match &goal.by {
                By::Answer(_) => None,
                By::State(check) => self.check(check),
            })
            .collect()
    }

    /// How far a goal is.
    pub(super) fn check(&mut self, check: &Check) -> Option<Standing> {
        let met = match check {
            Check::OktetoPulls { role, repository } => self.okteto_pulls(role, repository),
            Check::NobodyElse { role } => {
                self.role(role).and_then(|seen| strangers::nobody_else(self, &seen))
            }
            Check::MayNot { role, action, repository } => self.may_not(role, action, repository),
            Check::Pulled { by, repository } => {
                if self.account.has_pulled(by, repository) {
                    Ok(())
                } else {
                    Err(String::new())
                }
            }
            Check::KeyPulls { user, repository } => self.key_pulls(user, repository),
            Check::NoOutage { user, repository } => {
                self.desk.outages.first(user, repository).map_or(Ok(()), Err)
            }
            Check::FirstKeysGone { user } => self.first_keys_gone(user),
            Check::ProviderLists { audience } => self.provider_lists(audience),
            Check::Unchanged { role } => self.unchanged(role),
            Check::Gone { role } => match self.account.role(role) {
                Some(_) => Err(format!("the role {role} is still there")),
                None => Ok(()),
            },
            Check::OneRun { role } => self.one_run(role),
            Check::Accepted { .. } => return None,
        };
        Some(met.map_or_else(Standing::Open, |()| Standing::Met))
    }

    fn role(&self, name: &str) -> Result<Seen, String> {
        self.account.role(name).ok_or_else(|| format!("there is no role {name}"))
    }

    /// Okteto's token for the audience that the answers name; where they name none, for any that the provider lists.
    fn okteto_pulls(&mut self, role: &str, repository: &str) -> Result<(), String> {
        let seen = self.role(role)?;
        let okteto = &self.desk.okteto;
        let issuer = self.desk.issuer(&self.account).ok_or("the cluster has no issuer")?;
        let mut audiences: Vec<String> = okteto.audience.iter().cloned().collect();
        if audiences.is_empty() {
            let listed = self.account.provider(&okteto.issuer).map(|found| found.audiences);
            audiences.extend(listed.unwrap_or_default());
        }
        if audiences.is_empty() {
            // STS then says itself that there is no provider, or none of its audiences.
            audiences.push(okteto.issuer.clone());
        }
        let mut first = None;
        for audience in &audiences {
            let token = super::mint(&issuer, self.now, &okteto.subject, audience)?;
            let tried = self
                .account
                .show_token(self.now, &seen.arn, &token)
                .and_then(|session| self.account.may_pull(self.now, &session, repository));
            match tried {
                Ok(()) => return Ok(()),
                Err(refusal) => first = first.or_else(|| Some(short(&refusal))),
            }
        }
        Err(first.unwrap_or_default())
    }

    /// Neither now nor once all has spread.
    fn may_not(&self, role: &str, action: &str, repository: &str) -> Result<(), String> {
        self.role(role)?;
        let name = action.strip_prefix("ecr:").unwrap_or(action);
        let may = |at: Timestamp| {
            let session = self.account.session_of(role);
            session.is_some_and(|who| self.account.may(at, &who, name, repository).is_ok())
        };
        if may(self.now) || may(self.account.settled(self.now)) {
            return Err(format!("{role} may ecr:{name} in {repository}"));
        }
        Ok(())
    }

    fn key_pulls(&self, user: &str, repository: &str) -> Result<(), String> {
        let place = &self.desk.place;
        let key = self.cluster.secret(place).ok_or_else(|| format!("there is no {place}"))?;
        let tried = self.account.key_pulls(self.now, &key, user, repository);
        tried.map_err(|refusal| format!("{} in the Secret: {}", key.id, short(&refusal)))
    }

    fn first_keys_gone(&self, user: &str) -> Result<(), String> {
        let there = self.account.keys_of(user);
        let first = self.desk.first.keys_of(user);
        match there.iter().find(|(id, _)| first.contains_key(*id)) {
            Some((id, status)) => Err(format!("{id} is still there ({status})")),
            None => Ok(()),
        }
    }

    fn provider_lists(&self, audience: &str) -> Result<(), String> {
        let found = self.account.provider(&self.desk.okteto.issuer);
        let listed = found.ok_or("there is no identity provider of Okteto's cluster")?.audiences;
        if listed.iter().any(|one| one == audience) {
            return Ok(());
        }
        let list = if listed.is_empty() { "nothing".to_owned() } else { listed.join(", ") };
        Err(format!("it lists {list}"))
    }

    fn unchanged(&self, role: &str) -> Result<(), String> {
        let (first, now) = (self.desk.first.role(role), self.role(role)?);
        match first {
            None => Err(format!("there was no role {role} at the start")),
            Some(first) if first.is_like(&now) => Ok(()),
            Some(_) => {
                Err(format!("trust policy or permissions of {role} are others than at the start"))
            }
        }
    }

    fn one_run(&self, role: &str) -> Result<(), String> {
        let (role, name) = (self.role(role)?, role);
        let provider = self.account.provider(&self.desk.okteto.issuer);
        let provider = provider.ok_or("there is no identity provider of Okteto's cluster")?;
        match (provider.tags.get(RUN_TAG), role.tags.get(RUN_TAG)) {
            (Some(one), Some(other)) if one == other => Ok(()),
            (Some(one), Some(other)) => {
                Err(format!("the provider is of the run {one}, {name} of {other}"))
            }
            (None, _) => Err(format!("the provider has no tag {RUN_TAG}")),
            (_, None) => Err(format!("{name} has no tag {RUN_TAG}")),
        }
    }
}

/// AWS's code and sentence, without who asked: that is known.
fn short(refusal: &Refusal) -> String {
    let Refusal { code, message, .. } = refusal;
    match message.split_once(" is not authorized to perform: ") {
        Some((_, what)) => format!("{code}: not authorized to perform: {what}"),
        None => format!("{code}: {message}"),
    }
}
