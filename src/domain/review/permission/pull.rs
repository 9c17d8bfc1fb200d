//! Rights to log in and to pull: missing, or taken away by the boundary.

use super::{Look, PULL_ONLY};
use crate::domain::evaluate::{Effect, Request};
use crate::domain::operation::Operation;
use crate::domain::review::found::Found;
use crate::domain::review::rights::{self, Act, CUT, Paper, Papers, Rights};
use crate::domain::review::rules;

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

impl Look<'_> {
    pub(super) fn login(&self) -> Option<Found> {
        if self.is_granted(Act::Login)
            || !self.rights.unread.is_empty()
            || !(self.is_granted(Act::Pull) || self.papers.is_for_pulls)
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

    pub(super) fn no_pull(&self) -> Option<Found> {
        let is_missing = self.papers.is_for_pulls
            && !self.is_granted(Act::Pull)
            && self.rights.unread.is_empty()
            && self.uncapped().of(Act::Pull).is_none();
        is_missing.then(|| {
            let message = "no policy lets it pull; only a repository's own policy could";
            self.found(&rules::NO_PULL, "policies", message)
                .mended_by(format!("attach {PULL_ONLY}, or name repositories inline"), Vec::new())
        })
    }

    /// The rights without the boundary.
    fn uncapped(&self) -> Rights {
        if self.papers.boundary.is_none() {
            return self.rights.clone();
        }
        let papers = Papers { boundary: None, ..self.papers.clone() };
        rights::judge(&papers, self.shelf)
    }

    /// What a boundary takes away whole. Of policies that do not name ECR, such as `AdministratorAccess`, that may be meant.
    pub(super) fn boundary(&self) -> Option<Found> {
        let boundary = self.reading.boundary.as_ref()?;
        let uncapped = self.uncapped();
        let is_cut = |rights: &Rights| rights.unread.iter().any(|unread| unread == CUT);
        if is_cut(self.rights) || is_cut(&uncapped) {
            return None;
        }
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
        let is_meant = self.papers.is_for_pulls || self.reading.papers.iter().any(names_ecr);
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
