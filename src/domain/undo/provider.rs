//! Providers and audiences: others may live by them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Desk, KEPT, bring, still};
use crate::domain::arn::ProviderArn;
use crate::domain::fault::Fault;
use crate::domain::issuer::Issuer;
use crate::domain::journal::{Entry, Thing};
use crate::domain::operation::Operation;
use crate::domain::plan::{Difference, Planned, Standing, StepId};
use crate::domain::principal::Principal;
use crate::domain::subject::Audience;

impl Desk<'_> {
    /// A provider that the run deleted: it is made again, with all that its journal has of it.
    pub(super) fn deleted(&self, arn: &ProviderArn, entry: &Entry) -> Planned {
        let thing = Thing::Provider(arn.clone());
        let (id, summary) = (StepId::Provider, thing.summary());
        let state = thing.state(self.seen);
        let done = |reason: &str| still(id, Standing::Present, summary.clone(), reason);
        if entry.is_as_found(&state) {
            return done("It is as it was before the run.");
        }
        if state.is_some() {
            return done("It was made again since, by somebody else: it stays.");
        }
        if self.decisions.keep.contains(&arn.url()) {
            return done("It stays away, as was decided.");
        }
        let Ok(issuer) = Issuer::parse(&arn.url()) else {
            return done("It was deleted, and is of a form that cannot be made again from here.");
        };
        let taken = self.past.entries.iter().filter_map(|entry| match &entry.thing {
            Thing::Audience(of, audience) if of == arn && entry.before.is_some() => Some(audience),
            _ => None,
        });
        let (audiences, lost): (Vec<_>, Vec<_>) =
            taken.map(|text| (text, Audience::parse(text))).partition(|(_, read)| read.is_ok());
        let mut reason = "The run deleted it: it is made again with its audiences and tags. The thumbprints that it had are not kept; AWS fetches one."
            .to_owned();
        for (text, _) in lost {
            let _ = write!(reason, " Its audience {text} cannot be sent from here, and is lost.");
        }
        let operation = Operation::CreateProvider {
            issuer,
            audiences: audiences.into_iter().filter_map(|(_, read)| read.ok()).collect(),
            tags: self.past.deleted.get(arn).cloned().unwrap_or_default(),
        };
        Planned { summary, ..Planned::sends(id, Standing::Needed, operation, reason) }
    }

    /// An audience that the run took from a provider; none where it comes back with the provider.
    pub(super) fn taken(
        &self,
        arn: &ProviderArn,
        audience: &str,
        entry: &Entry,
    ) -> Option<Planned> {
        let (thing, id) = (&entry.thing, StepId::Audience);
        let state = thing.state(self.seen);
        let summary = thing.summary();
        let whole = Thing::Provider(arn.clone());
        let deleted = self.past.entry(&whole).filter(|entry| entry.before.is_some());
        let Some(provider) = whole.state(self.seen) else {
            let reason = "What it was on is gone.";
            return deleted.is_none().then(|| still(id, Standing::Present, summary, reason));
        };
        if entry.is_as_found(&state) {
            let reason = "It is as it was before the run.";
            return Some(still(id, Standing::Present, summary, reason));
        }
        if self.decisions.keep.contains(&arn.url()) {
            return Some(still(id, Standing::Present, summary, "It stays away, as was decided."));
        }
        let Some(operation) = bring(thing, Some(audience)) else {
            let reason = "It is of a form that cannot be sent from here.";
            return Some(still(id, Standing::Present, summary, reason));
        };
        Some(if deleted.is_some_and(|entry| !entry.is_as_found(&Some(provider))) {
            let reason = "Its provider was made again since, by somebody else.".to_owned();
            self.decided(id, &arn.url(), summary, reason, Some(operation))
        } else {
            let reason = "The run took it away; it is put back.";
            Planned { summary, ..Planned::sends(id, Standing::Needed, operation, reason) }
        })
    }

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
        let name = arn.url();
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
        if entry.is_as_found(&state) {
            let reason = "The provider does not list it.";
            return still(StepId::Audience, Standing::Present, thing.summary(), reason);
        }
        if self.decisions.keep.contains(&arn.url()) {
            return still(StepId::Audience, Standing::Present, thing.summary(), KEPT);
        }
        match self.others(arn, steps) {
            Ok(trusting) => self.audience_of(arn, audience, entry, &trusting),
            Err(fault) => {
                let reason = format!("Whether a role asks for it could not be read: {fault}.");
                let (summary, operation) = (thing.summary(), bring(thing, None));
                self.decided(StepId::Audience, &arn.url(), summary, reason, operation)
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
            return self.decided(id, &arn.url(), summary, reason, operation);
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

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
