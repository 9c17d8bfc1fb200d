//! What is wrong with the permissions of a role or user.
//!
//! Grades: the stricter of the two catalogues, unless it would say more than is so. What is wrong only with something that is
//! made for pulls is told as a note of what may be made for something else.

mod push;
#[cfg(test)]
pub(super) mod tests;

use jiff::Timestamp;

use super::account::{RoleEntry, Shelf};
use super::found::{Found, On};
use super::rights::{Act, Paper, Papers, Place, Reading, Rights};
use super::rules::{self, Rule};
use crate::domain::access::{PULL_ONLY, READ_ONLY};
use crate::domain::arn::PolicyArn;
use crate::domain::evaluate::{Effect, Outcome, Policy, Request};
use crate::domain::finding::Severity;
use crate::domain::intent::Caller;
use crate::domain::key::LastUse;
use crate::domain::operation::Operation;
use crate::domain::partition::Partition;
use crate::domain::principal::Principal;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// IAM's default of the longest session.
const HOUR: u32 = 3600;
/// The inline policy that gives the login.
const LOGIN_POLICY: &str = "okteto-ecr-login";
const LOGIN_DOCUMENT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Login",
      "Effect": "Allow",
      "Action": "ecr:GetAuthorizationToken",
      "Resource": "*"
    }
  ]
}"#;

/// What the rules look at.
struct Look<'a> {
    on: &'a On,
    papers: &'a Papers,
    rights: &'a Rights,
    shelf: &'a Shelf,
    reading: Reading,
    partition: Partition,
}

/// What is wrong with the permissions. `rights` are those of the same papers.
#[must_use]
pub fn look(
    on: &On,
    papers: &Papers,
    rights: &Rights,
    shelf: &Shelf,
    caller: &Caller,
) -> Vec<Found> {
    let reading = papers.read(shelf);
    let look = Look { on, papers, rights, shelf, reading, partition: caller.partition };
    let mut found: Vec<Found> = look.unread().into_iter().collect();
    found.extend(push::look(&look));
    found.extend(look.read_only());
    found.extend(look.login());
    found.extend(look.no_pull());
    found.extend(look.assumes());
    found.extend(look.partitions());
    found.extend(look.boundary());
    found.extend(look.beyond());
    found.extend(look.notes());
    found
}

/// A role that was not used for more than 90 days at the time `now`, seconds since 1970. One that was made since then has
/// had no time to be.
#[must_use]
pub fn stale(entry: &RoleEntry, now: i64) -> Option<Found> {
    let is_old = |at: i64| now.saturating_sub(at) > 90 * DAY;
    let message = match (&entry.last_use, entry.created_at) {
        (LastUse::At(at, _), _) if is_old(*at) => {
            format!("last used {}, more than 90 days ago", day(*at))
        }
        (LastUse::Never, Some(at)) if is_old(at) => format!(
            "made {}, more than 90 days ago, and not used as far as AWS keeps track (400 days)",
            day(at)
        ),
        _ => return None,
    };
    let finding = rules::STALE
        .at("role", message)
        .mended("find out whose it is; delete it if nobody needs it", None);
    Some(Found::new(On::Role(entry.name.clone()), finding))
}

/// The day of an instant, in UTC: `2024-06-10`.
pub(super) fn day(at: i64) -> String {
    let day = |t: Timestamp| t.to_string().chars().take_while(|c| *c != 'T').collect();
    Timestamp::from_second(at).map_or_else(|_| at.to_string(), day)
}

impl Look<'_> {
    fn found(&self, rule: &Rule, place: &str, message: impl Into<String>) -> Found {
        Found::new(self.on.clone(), rule.at(place, message))
    }

    /// Whose policies they are; `None` where it is neither a role nor a user.
    fn principal(&self) -> Option<Principal> {
        match self.on {
            On::Role(name) => Some(Principal::Role(name.clone())),
            On::User(name) => Some(Principal::User(name.clone())),
            On::Provider(_) | On::Account => None,
        }
    }

    fn is_granted(&self, act: Act) -> bool {
        self.rights.of(act).is_some()
    }

    /// AWS's own policy of this name, if it is attached to it.
    fn attached(&self, name: &str) -> Option<&PolicyArn> {
        self.papers.attached.iter().find(|arn| is_of_aws(arn) && arn.name() == name)
    }

    /// The calls that put `PullOnly` in the place of a policy, where that partition is known to have it (AWS managed policy
    /// reference, also of China; of the others it is not known).
    fn pull_only_for(&self, policy: &PolicyArn) -> Vec<Operation> {
        let has_it =
            matches!(self.partition, Partition::Aws | Partition::China | Partition::GovCloud);
        let Some(principal) = self.principal().filter(|_| has_it) else { return Vec::new() };
        let mut calls = Vec::new();
        if self.attached(PULL_ONLY).is_none() {
            calls.push(Operation::AttachPolicy {
                to: principal.clone(),
                policy: PolicyArn::managed(self.partition, PULL_ONLY),
            });
        }
        calls.push(Operation::DetachPolicy { from: principal, policy: policy.clone() });
        calls
    }

    fn unread(&self) -> Option<Found> {
        let unread = &self.rights.unread;
        (!unread.is_empty()).then(|| {
            self.found(
                &rules::POLICY_UNREAD,
                "policies",
                "not every policy could be read: there may be more rights than are shown, or fewer",
            )
            .shown_by(unread.iter().cloned())
        })
    }

    fn read_only(&self) -> Option<Found> {
        let policy = self.attached(READ_ONLY)?;
        let place = format!("policy {READ_ONLY}");
        let mut found = if self.papers.is_puller {
            self.found(&rules::READ_ONLY, &place, format!("{PULL_ONLY} would do for pulling"))
        } else {
            let message = format!("if it only pulls, {PULL_ONLY} would do");
            let mut found = self.found(&rules::READ_ONLY, &place, message);
            found.finding.severity = Severity::Note;
            found
        };
        found.evidence = vec![policy.to_string()];
        let words = format!("attach {PULL_ONLY}, then detach {READ_ONLY}");
        Some(found.mended_by(words, self.pull_only_for(policy)))
    }

    fn login(&self) -> Option<Found> {
        if self.is_granted(Act::Login)
            || !self.rights.unread.is_empty()
            || !(self.is_granted(Act::Pull) || self.papers.is_puller)
        {
            return None;
        }
        let action = "ecr:GetAuthorizationToken";
        let allowing = self.statements(Effect::Allow, action);
        let denying = self.statements(Effect::Deny, action);
        let uncapped = self.uncapped();
        if uncapped.of(Act::Login).is_some() {
            // The boundary's doing, which has a rule of its own.
            return None;
        }
        if !denying.is_empty() {
            let message = format!("{action} is denied: no registry client can log in");
            let found = self.found(&rules::NO_LOGIN, "policies", message).shown_by(denying);
            return Some(found.mended_by("let the denial leave out the login", Vec::new()));
        }
        let message = if allowing.is_empty() {
            format!("no policy allows {action}: no registry client can log in")
        } else {
            format!("{action} is allowed, but not on \"*\", which is the only resource it knows")
        };
        let call = self.principal().filter(|_| !self.papers.inline.contains_key(LOGIN_POLICY));
        let call = call.filter(|_| self.papers.boundary.is_none());
        let calls = call.map(|on| Operation::PutInlinePolicy {
            on,
            name: LOGIN_POLICY.to_owned(),
            document: LOGIN_DOCUMENT.to_owned(),
        });
        Some(
            self.found(&rules::NO_LOGIN, "policies", message)
                .shown_by(allowing)
                .mended_by(format!("allow {action} on \"*\""), calls.into_iter().collect()),
        )
    }

    fn no_pull(&self) -> Option<Found> {
        let is_missing = self.papers.is_puller
            && !self.is_granted(Act::Pull)
            && self.rights.unread.is_empty()
            && self.uncapped().of(Act::Pull).is_none();
        is_missing.then(|| {
            let message = "no policy lets it pull; only a repository's own policy could";
            self.found(&rules::NO_PULL, "policies", message)
                .mended_by(format!("attach {PULL_ONLY}, or name repositories inline"), Vec::new())
        })
    }

    /// `sts:AssumeRole` tried on a role that no policy can mean by name.
    fn assumes(&self) -> Option<Found> {
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

    fn partitions(&self) -> Vec<Found> {
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

    /// The rights without the boundary.
    fn uncapped(&self) -> Rights {
        if self.papers.boundary.is_none() {
            return self.rights.clone();
        }
        let papers = Papers { boundary: None, ..self.papers.clone() };
        super::rights::judge(&papers, self.shelf)
    }

    /// What a boundary takes away whole. Of policies that do not name ECR, such as `AdministratorAccess`, that may be meant.
    fn boundary(&self) -> Option<Found> {
        let boundary = self.reading.boundary.as_ref()?;
        let uncapped = self.uncapped();
        let taken: Vec<&str> = [Act::Login, Act::Pull]
            .into_iter()
            .filter(|act| uncapped.of(*act).is_some() && !self.is_granted(*act))
            .map(Act::word)
            .collect();
        let names_ecr = |paper: &Paper| {
            let mut allowing = paper
                .policy
                .statements
                .iter()
                .filter(|s| s.effect == Effect::Allow && !s.actions.not);
            allowing.any(|s| {
                s.actions.patterns.iter().any(|p| p.to_ascii_lowercase().starts_with("ecr:"))
            })
        };
        let is_meant = self.papers.is_puller || self.reading.papers.iter().any(names_ecr);
        if taken.is_empty() || !is_meant || uncapped.of(Act::Pull).is_none() {
            return None;
        }
        let message =
            format!("the policies give {}; the boundary takes it away", taken.join(" and "));
        Some(
            self.found(&rules::BOUNDARY_TAKES, "boundary", message)
                .shown_by([boundary.name.clone()])
                .mended_by("let the boundary allow what a pull needs", Vec::new()),
        )
    }

    /// Whether anything is allowed.
    fn is_everything(&self) -> bool {
        self.rights.beyond.iter().any(|service| service == "*")
    }

    /// Rights beyond ECR of what can pull and nothing more of ECR; what pushes has a rule of its own, and so has what may do
    /// anything. The login to ECR Public is as good as the login to ECR.
    fn beyond(&self) -> Option<Found> {
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

    /// What is worth knowing of whatever can pull.
    fn notes(&self) -> Vec<Found> {
        let Some(pull) = self.rights.of(Act::Pull) else { return Vec::new() };
        let mut found = Vec::new();
        let mut note =
            |rule: &Rule, message: &str| found.push(self.found(rule, "policies", message));
        if pull.is_on_all() {
            note(&rules::ALL_REPOSITORIES, "it may pull from every repository");
        } else if !self.is_granted(Act::Import) && pull.on.iter().any(|on| on.contains('*')) {
            note(
                &rules::NO_IMPORT,
                "from a pull-through cache it gets only what is there already: \
                 ecr:BatchImportUpstreamImage is not allowed",
            );
        }
        if self.papers.boundary.is_none() {
            note(&rules::NO_BOUNDARY, "it has no permissions boundary");
        }
        if let Some(seconds) = self.papers.max_session_seconds.filter(|s| *s > HOUR) {
            note(&rules::LONG_SESSION, &format!("its sessions may last {seconds} seconds"));
        }
        if self.papers.path == "/" && self.papers.tags.is_empty() {
            note(&rules::UNLABELLED, "it has no tags and the path /");
        }
        found
    }

    /// The statements of an effect that are about an action, whatever their resource: `Statement 1 of NAME`.
    fn statements(&self, effect: Effect, action: &str) -> Vec<String> {
        let known = &self.reading.known;
        let request =
            Request { asker: &known.asker, action, resource: "*", context: &known.context };
        let mut found = Vec::new();
        for paper in &self.reading.papers {
            for (at, verdict) in paper.policy.judge(&request).statements.iter().enumerate() {
                if verdict.effect == effect && verdict.action {
                    found.push(format!("Statement {} of {}", at + 1, paper.name));
                }
            }
        }
        found
    }
}

/// Whether AWS keeps the policy.
fn is_of_aws(arn: &PolicyArn) -> bool {
    arn.as_str().split(':').nth(4) == Some("aws")
}

/// The partition that an ARN names; `None` where a wildcard stands for it, or it is no ARN.
fn partition_of(arn: &str) -> Option<&str> {
    let partition = arn.strip_prefix("arn:")?.split(':').next()?;
    (!partition.contains(['*', '?', '$'])).then_some(partition)
}
