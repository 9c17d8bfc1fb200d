//! Rights beyond ECR, and what is written for another partition.

use super::Look;
use crate::domain::evaluate::{Effect, Outcome, Policy, Request};
use crate::domain::finding::Severity;
use crate::domain::review::found::Found;
use crate::domain::review::rights::{Act, Paper};
use crate::domain::review::rules;

impl Look<'_> {
    /// `sts:AssumeRole` tried on a role that no policy can mean by name.
    pub(super) fn assumes(&self) -> Option<Found> {
        const NOBODYS: char = '\u{e000}';
        let action = "sts:AssumeRole";
        if self.is_everything() {
            return None;
        }
        let account = self.papers.arn.split(':').nth(4).unwrap_or_default();
        let partition = self.papers.partition();
        let roles = [account, "999999999999"]
            .map(|account| format!("arn:{partition}:iam::{account}:role/{NOBODYS}"));
        let role = roles.iter().find(|role| self.allows_other(action, role))?;
        let which = if role.contains(account) {
            "every role of the account"
        } else {
            "every role of other accounts"
        };
        let hits = |paper: &&Paper| self.judge(&paper.policy, action, role) == Outcome::Allowed;
        let names = self.reading.papers.iter().filter(hits).map(|paper| paper.name.clone());
        Some(
            self.found(&rules::ASSUMES_ANY, "policies", format!("{action} is allowed on {which}"))
                .shown_by(names)
                .mended_by("name the roles that it needs", Vec::new()),
        )
    }

    fn judge(&self, policy: &Policy, action: &str, resource: &str) -> Outcome {
        let known = &self.reading.known;
        let request = Request { asker: &known.asker, action, resource, context: &known.context };
        policy.judge(&request).outcome
    }

    /// Whether an action of another service than ECR is allowed, conditions as far as they are known.
    fn allows_other(&self, action: &str, resource: &str) -> bool {
        let outcomes: Vec<Outcome> = self
            .reading
            .papers
            .iter()
            .map(|paper| self.judge(&paper.policy, action, resource))
            .collect();
        let boundary = self.reading.boundary.as_ref();
        outcomes.contains(&Outcome::Allowed)
            && !outcomes.contains(&Outcome::Denied)
            && boundary.is_none_or(|b| self.judge(&b.policy, action, resource) == Outcome::Allowed)
    }

    pub(super) fn partitions(&self) -> Vec<Found> {
        let own = self.partition.id();
        let managed = self.papers.attached.iter().chain(&self.papers.boundary);
        let foreign = managed.filter(|arn| partition_of(arn.as_str()).is_some_and(|p| p != own));
        let mut found: Vec<Found> = foreign
            .map(|arn| {
                let message =
                    format!("the policy {} is of another partition than {own}", arn.name());
                self.found(&rules::FOREIGN_PARTITION, "policies", message)
                    .shown_by([arn.to_string()])
                    .mended_by(format!("write arn:{own}:"), Vec::new())
            })
            .collect();
        for paper in &self.reading.papers {
            for (at, statement) in paper.policy.statements.iter().enumerate() {
                let resources = statement.resources.iter().filter(|choice| !choice.not);
                let patterns: Vec<&String> = resources
                    .flat_map(|choice| &choice.patterns)
                    .filter(|p| p.split(':').nth(2) == Some("ecr"))
                    .collect();
                let is_foreign = |p: &&String| partition_of(p).is_some_and(|p| p != own);
                if statement.effect == Effect::Allow
                    && !patterns.is_empty()
                    && patterns.iter().all(is_foreign)
                {
                    let message = format!(
                        "its repositories are of another partition than {own}: it allows nothing of them"
                    );
                    let place = format!("policy {}: Statement {}", paper.name, at + 1);
                    found.push(
                        self.found(&rules::FOREIGN_PARTITION, &place, message)
                            .shown_by(patterns.into_iter().cloned())
                            .mended_by(format!("write arn:{own}:"), Vec::new()),
                    );
                }
            }
        }
        found
    }

    /// Rights beyond ECR of what can pull and nothing more of ECR; what pushes has a rule of its own, and so has what may do
    /// anything. The login to ECR Public is as good as the login to ECR.
    pub(super) fn beyond(&self) -> Option<Found> {
        let harmless = ["ecr-public"];
        let services: Vec<&str> = self
            .rights
            .beyond
            .iter()
            .map(String::as_str)
            .filter(|service| !harmless.contains(service))
            .collect();
        let pushes = self.is_granted(Act::Push) || self.is_granted(Act::Administer);
        let is_about = self.is_granted(Act::Pull)
            && !services.is_empty()
            && !self.is_everything()
            && (self.papers.is_puller || !pushes);
        is_about.then(|| {
            let message = format!("beyond pulling it may use {}", services.join(", "));
            let mut found = self.found(&rules::BEYOND_ECR, "policies", message);
            if self.papers.is_puller {
                found.finding.severity = Severity::High;
            }
            found
                .shown_by(self.rights.sources.iter().cloned())
                .mended_by("give these rights to a role of their own", Vec::new())
        })
    }
}

/// The partition that an ARN names; `None` where a wildcard stands for it, or it is no ARN.
fn partition_of(arn: &str) -> Option<&str> {
    let partition = arn.strip_prefix("arn:")?.split(':').next()?;
    (!partition.contains(['*', '?', '$'])).then_some(partition)
}
