//! Providers and audiences: others may live by them.

use std::collections::BTreeMap;

use super::{Desk, KEPT, bring, still};
use crate::domain::arn::ProviderArn;
use crate::domain::fault::Fault;
use crate::domain::journal::{Entry, Thing};
use crate::domain::operation::Operation;
use crate::domain::plan::{Difference, Planned, Standing, StepId};
use crate::domain::principal::Principal;

impl Desk<'_> {
    /// A provider that the run made. It goes in one call if nobody else lives by it; otherwise only its audience does.
    pub(super) fn provider(
        &self,
        arn: &ProviderArn,
        entry: &Entry,
        steps: &mut Vec<Planned>,
        remarks: &mut Vec<String>,
    ) {
        let thing = Thing::Provider(arn.clone());
        let (id, summary) = (StepId::Provider, thing.summary());
        let name = issuer(arn);
        let Some(seen) = self.seen.providers.get(arn) else {
            return steps.push(still(id, Standing::Present, summary, "It is gone."));
        };
        let state = thing.state(self.seen);
        let is_tagged = entry.is_as_left(&state);
        if !is_tagged && entry.after.contains(&None) {
            let reason = "It does not carry this run's tag: it is not this run's, and stays.";
            return steps.push(still(id, Standing::Present, summary, reason));
        }
        if self.decisions.keep.contains(&name) {
            return steps.push(still(id, Standing::Present, summary, KEPT));
        }
        let own = |audience: &String| {
            let audience = Thing::Audience(arn.clone(), audience.clone());
            self.past.entry(&audience).is_some_and(Entry::is_made)
        };
        let (ours, others): (Vec<&String>, Vec<&String>) =
            seen.audiences.iter().partition(|audience| own(audience));
        let (trusting, unread) = match self.others(arn, steps) {
            Ok(roles) => (roles, None),
            Err(fault) => (BTreeMap::new(), Some(fault)),
        };
        // What has to be asked about before anything of it goes.
        let doubt = match &unread {
            _ if !is_tagged => Some("It does not carry this run's tag.".to_owned()),
            Some(fault) => Some(format!("Whether a role trusts it could not be read: {fault}.")),
            None => None,
        };
        if others.is_empty() && trusting.is_empty() {
            let operation = bring(&thing, None);
            steps.push(match (doubt, operation) {
                (Some(reason), operation) => {
                    let then = Some(self.past.header.run.clone());
                    let at = "its tag okteto-ecr:run".to_owned();
                    let diff = (!is_tagged).then_some(Difference { at, now: state, then });
                    let step = self.decided(id, &name, summary, reason, operation);
                    step.differing(diff.into_iter().collect())
                }
                (None, Some(operation)) => {
                    let reason =
                        "The run made it, it carries the run's tag, and nobody else lives by it.";
                    let step = Planned::sends(id, Standing::Needed, operation, reason);
                    Planned { summary, ..step }
                }
                (None, None) => return,
            });
            return;
        }
        let why = match (others.len(), trusting.keys().next()) {
            (_, Some(role)) if trusting.len() == 1 => format!("The role {role} trusts it"),
            (_, Some(role)) => format!("The role {role} and {} more trust it", trusting.len() - 1),
            (1, None) => "It lists another audience".to_owned(),
            (n, None) => format!("It lists {n} other audiences"),
        };
        for audience in ours {
            let thing = Thing::Audience(arn.clone(), audience.clone());
            let Some(entry) = self.past.entry(&thing) else { continue };
            steps.push(match &doubt {
                Some(reason) => {
                    let (summary, operation) = (thing.summary(), bring(&thing, None));
                    self.decided(StepId::Audience, &name, summary, reason.clone(), operation)
                }
                None => self.audience_of(arn, audience, entry, &trusting),
            });
        }
        remarks.push(format!("{summary} stays: {}.", lower(&why)));
        steps.push(still(id, Standing::Present, summary, format!("{why}: it stays.")));
    }

    /// An audience that the run added to a provider that was there.
    pub(super) fn audience(
        &self,
        arn: &ProviderArn,
        audience: &str,
        entry: &Entry,
        steps: &[Planned],
    ) -> Planned {
        let thing = &entry.thing;
        let state = thing.state(self.seen);
        if entry.is_as_found(&state) || entry.before.is_some() {
            let reason =
                if state.is_none() { "The provider does not list it." } else { "It stays." };
            return still(StepId::Audience, Standing::Present, thing.summary(), reason);
        }
        if self.decisions.keep.contains(&issuer(arn)) {
            return still(StepId::Audience, Standing::Present, thing.summary(), KEPT);
        }
        match self.others(arn, steps) {
            Ok(trusting) => self.audience_of(arn, audience, entry, &trusting),
            Err(fault) => {
                let reason = format!("Whether a role asks for it could not be read: {fault}.");
                let (summary, operation) = (thing.summary(), bring(thing, None));
                self.decided(StepId::Audience, &issuer(arn), summary, reason, operation)
            }
        }
    }

    fn audience_of(
        &self,
        arn: &ProviderArn,
        audience: &str,
        entry: &Entry,
        trusting: &BTreeMap<String, String>,
    ) -> Planned {
        let (id, summary) = (StepId::Audience, entry.thing.summary());
        let operation = bring(&entry.thing, None);
        // To its quotes: one audience may be the beginning of another, or of a subject.
        let quoted = format!("\"{audience}\"");
        let asking = trusting.iter().find(|(_, trust)| trust.contains(&quoted));
        if let Some((role, _)) = asking {
            let reason =
                format!("The role {role} asks for it: without it that role's tokens are refused.");
            return self.decided(id, &issuer(arn), summary, reason, operation);
        }
        match operation {
            Some(operation) => Planned {
                summary,
                ..Planned::sends(id, Standing::Needed, operation, "The run put it there.")
            },
            None => still(id, Standing::Present, summary, "It is gone."),
        }
    }

    /// Whether a role asked for this before the run as well: the run changed it, and not in that. It is left as it was found.
    fn asked_before(&self, role: &str, trust: &str) -> bool {
        let who = Principal::Role(role.to_owned());
        let is_part = |thing: &Thing| !matches!(thing, Thing::Principal(_));
        let is_known =
            |entry: &Entry| is_part(&entry.thing) && entry.thing.principal().as_ref() == Some(&who);
        let changed = self.past.entry(&Thing::Trust(role.to_owned()));
        self.past.entries.iter().chain(&self.past.restored).any(is_known)
            && changed.is_none_or(|entry| entry.is_as_found(&Some(trust.to_owned())))
    }

    /// The roles that will still trust a provider once the steps are done, with their trust policies as they are then, but
    /// for one that asked for as much before the run.
    fn others(
        &self,
        arn: &ProviderArn,
        steps: &[Planned],
    ) -> Result<BTreeMap<String, String>, Fault> {
        let roles = match &self.seen.trusting {
            None => return Ok(BTreeMap::new()),
            Some(Err(fault)) => return Err(fault.clone()),
            Some(Ok(roles)) => roles,
        };
        let mut then = roles.clone();
        for step in steps {
            match &step.operation {
                Some(Operation::DeleteRole { role }) => drop(then.remove(role)),
                Some(Operation::UpdateTrust { role, trust }) => {
                    then.entry(role.clone()).and_modify(|now| now.clone_from(trust));
                }
                _ => {}
            }
        }
        let principal = format!("{arn}\"");
        then.retain(|name, trust| !self.asked_before(name, trust));
        let plain = then.into_iter().map(|(name, trust)| (name, trust.replace("\\/", "/")));
        Ok(plain.filter(|(_, trust)| trust.contains(&principal)).collect())
    }
}

/// What a provider is decided about by.
pub(super) fn issuer(arn: &ProviderArn) -> String {
    format!("https://{}", arn.name())
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
