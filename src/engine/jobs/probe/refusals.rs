//! What must be refused: a token for another audience, a token of another service account, a push. Tried one after the
//! other once the pull has worked; one that is let in fails the test, one that cannot be tried says why.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::time::{Instant, sleep};

use super::Climb;
use super::look::Seen;
use super::patience::{ONCE_MORE, Told, delay, is_denied};
use super::token::mint;
use crate::app::task::{RoleBearer, TokenSource};
use crate::domain::claims::Claims;
use crate::domain::denial::Denial;
use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::{Refusals, Rung};
use crate::domain::secret::{Login, WebToken};
use crate::domain::seen::Push;
use crate::domain::subject::{Audience, Subject};
use crate::engine::control::{CHANGE_LIMIT, READ_LIMIT, within};

/// An audience that nobody registers: `.invalid` is never anybody's (RFC 2606).
const NOBODYS_AUDIENCE: &str = "okteto-ecr.invalid/other";
/// The account that every namespace has, and the one for where that is the right one.
const OTHER_ACCOUNTS: [&str; 2] = ["default", "okteto-ecr-other"];

/// What came of something that must be refused.
enum Came {
    /// Refused, in a few words.
    Refused(String),
    /// Let in, and what that means.
    LetIn(Fault),
    /// It could not be tried: why.
    Untried(String),
}

impl Climb<'_> {
    /// A role must refuse foreign tokens; that it may not push is asked of a user as well.
    pub(super) async fn refusals(&mut self, bearer: Option<&RoleBearer>, login: &Login) {
        if self.order.refusals == Refusals::LeftOut {
            let all = self.order.bearer.rungs().iter();
            for rung in all.filter(|rung| Rung::REFUSALS.contains(rung)) {
                self.ladder.skipped(*rung, "left out by --skip-refusals");
            }
            return;
        }
        if let Some(bearer) = bearer {
            self.other_audience(bearer).await;
            self.other_subject(bearer).await;
        }
        self.push(login).await;
    }

    async fn other_audience(&mut self, bearer: &RoleBearer) {
        let rung = Rung::RefusesOtherAudience;
        if self.has_no_other(bearer, rung) {
            return;
        }
        self.ladder.begin(rung);
        let intent = &bearer.intent;
        let came = match self.audience(bearer) {
            Some(audience) => {
                let minted = mint(self.world, bearer, &intent.subject, &audience).await;
                let is_other =
                    |claims: &Claims| !claims.audiences.contains(&intent.audience.to_string());
                let fault = too_wide(bearer, "aud", intent.audience.as_str(), audience.as_str())
                    .with("subject", intent.subject.to_string());
                self.shown(bearer, rung, minted, is_other, &format!("aud {audience}"), fault).await
            }
            None => Came::Untried("no other audience was found".to_owned()),
        };
        self.came(rung, came);
    }

    async fn other_subject(&mut self, bearer: &RoleBearer) {
        let rung = Rung::RefusesOtherSubject;
        if self.has_no_other(bearer, rung) {
            return;
        }
        self.ladder.begin(rung);
        let intent = &bearer.intent;
        let ours = intent.subject.to_string();
        let [usual, other] = OTHER_ACCOUNTS;
        let account = if intent.subject.account() == usual { other } else { usual };
        let text = format!("system:serviceaccount:{}:{account}", intent.subject.namespace());
        let came = match Subject::parse(&text) {
            Ok(subject) => {
                let minted = mint(self.world, bearer, &subject, &intent.audience).await;
                let is_other = |claims: &Claims| claims.subject != ours;
                let fault = too_wide(bearer, "sub", &ours, &text);
                self.shown(bearer, rung, minted, is_other, &format!("sub {text}"), fault).await
            }
            Err(problem) => Came::Untried(problem.to_string()),
        };
        self.came(rung, came);
    }

    async fn push(&mut self, login: &Login) {
        let rung = Rung::RefusesPush;
        if self.order.refusals == Refusals::AllButPush {
            self.ladder.skipped(rung, "read-only");
            return;
        }
        self.ladder.begin(rung);
        let came = self.push_once(login).await;
        self.came(rung, came);
    }

    /// Where the token did not come from the cluster, there is no other, and the rung is skipped.
    fn has_no_other(&mut self, bearer: &RoleBearer, rung: Rung) -> bool {
        let from = match &bearer.token {
            TokenSource::Cluster(_) => return false,
            TokenSource::File(_) => "came from a file",
            TokenSource::Pasted(_) => "was pasted",
        };
        self.ladder.skipped(rung, &format!("the token {from}: another cannot be had"));
        true
    }

    fn came(&mut self, rung: Rung, came: Came) {
        match came {
            Came::Refused(words) => self.ladder.passed(words),
            Came::LetIn(fault) => {
                // The others are tried all the same: two faults at once name both.
                self.ladder.failed(fault);
            }
            Came::Untried(why) => self.ladder.skipped(rung, &why),
        }
    }

    /// One that the provider lists and the trust does not name, so that the trust alone must refuse it; else nobody's.
    fn audience(&self, bearer: &RoleBearer) -> Option<Audience> {
        let listed = self.sight.seen.as_ref().ok().and_then(|seen| {
            let named: Vec<_> = seen.trust.as_ref()?.statements();
            let is_named = |audience: &String| {
                named.iter().flat_map(|facts| facts.values()).any(|f| f.values.contains(audience))
            };
            let listed = &seen.account.provider.as_ref()?.audiences;
            listed
                .iter()
                .filter(|audience| **audience != bearer.intent.audience.as_str())
                .filter(|audience| !is_named(audience))
                .find_map(|audience| Audience::parse(audience).ok())
        });
        listed.or_else(|| Audience::parse(NOBODYS_AUDIENCE).ok())
    }

    /// Shows STS a token that it must refuse.
    async fn shown(
        &self,
        bearer: &RoleBearer,
        rung: Rung,
        minted: Result<WebToken, Fault>,
        is_other: impl Fn(&Claims) -> bool,
        what: &str,
        too_wide: Fault,
    ) -> Came {
        let token = match minted.and_then(|token| Ok((Claims::read(&token)?, token))) {
            Ok((claims, token)) if is_other(&claims) => token,
            Ok(_) => return Came::Untried(format!("the cluster makes no token with {what}")),
            Err(fault) => return Came::Untried(format!("no token with {what}: {}", fault.message)),
        };
        let (order, cloud) = (self.order, &*self.world.cloud);
        let ask = || {
            let asked = cloud.assume(&bearer.role, &token, &order.wish.host.region);
            let (too_wide, what) = (too_wide.clone(), what.to_owned());
            let asked = within(READ_LIMIT, "from STS", asked);
            asked
                .map(move |answer| match answer {
                    Ok(session) => Came::LetIn(too_wide.with("session", session.assumed_arn)),
                    Err(fault) if fault.cause == Cause::AudienceNotRegistered => {
                        Came::Refused(format!("{what}: the provider does not list it"))
                    }
                    Err(fault) if is_denied(&fault) => {
                        Came::Refused(format!("{what}: the trust does not admit it"))
                    }
                    Err(fault) => Came::Untried(fault.message),
                })
                .boxed()
        };
        self.until_refused(rung, ask).await
    }

    /// One push. It must not be dropped between the begin of an upload and its cancelling, or the upload would be left
    /// behind: it runs apart from this task, whose end waits for it even where the operator stops the test.
    async fn push_once(&self, login: &Login) -> Came {
        let (registry, login) = (Arc::clone(&self.world.registry), login.clone());
        let wish = self.order.wish.clone();
        let trying = async move { registry.try_push(&login, &wish).await };
        let Ok(answer) = self.control.undropped(CHANGE_LIMIT, trying).await else {
            let seconds = CHANGE_LIMIT.as_secs();
            return Came::Untried(format!("no answer from the registry within {seconds} s"));
        };
        match answer {
            Ok(Push::Denied(said)) => {
                let action = Denial::read(&said).action;
                Came::Refused(action.map_or(said, |action| format!("denied: {action}")))
            }
            Ok(Push::Begun(cancelled)) => Came::LetIn(self.may_push(cancelled)),
            Err(fault) => Came::Untried(fault.message),
        }
    }

    fn may_push(&self, cancelled: Result<(), Fault>) -> Fault {
        let repository = self.order.wish.image.repository.as_str();
        let who = self.order.bearer.intent().principal().kind();
        let what = format!("the registry let the {who} begin an upload to {repository}");
        let mut fault = match cancelled {
            Ok(()) => Fault::new(Cause::PushPermitted, format!("{what}; it was cancelled")),
            Err(left) => Fault::new(
                Cause::PushPermitted,
                format!("{what}, and the upload could not be cancelled: it holds no data and was never completed"),
            )
            .with("not_cancelled", left.message),
        };
        if let Some(window) = &self.sight.change {
            // Permissions of before may still count; no further upload is begun to see.
            fault = fault.with("changed", &window.why);
        }
        if let Ok(Seen { account, .. }) = &self.sight.seen {
            let role = account.role.as_ref().map(|role| (&role.attached, &role.inline));
            let user = account.user.as_ref().map(|user| (&user.attached, &user.inline));
            if let Some((attached, inline)) = role.or(user) {
                let attached = attached.iter().map(|arn| arn.as_str().to_owned());
                let policies: Vec<_> = attached.chain(inline.keys().cloned()).collect();
                fault = fault.with("policies", policies.join(", "));
            }
        }
        fault.with("action", "ecr:InitiateLayerUpload").with("resource", repository).remedy(format!(
            "take ecr:InitiateLayerUpload from the {who}: let it have only what a plan attaches, and see whether the policy \
             of the repository allows it"
        ))
    }

    /// Tries until it is refused. Where something was changed a moment ago, what was let in may have been judged by what
    /// stood there before, unless the role itself is new: it counts once the window ends, and after it two refusals in a
    /// row count.
    async fn until_refused<'b>(
        &'b self,
        rung: Rung,
        ask: impl Fn() -> BoxFuture<'b, Came> + Send + Sync,
    ) -> Came {
        let mut told = Told::new(self.control, rung);
        let mut let_in = false;
        let mut refused = false;
        loop {
            told.number += 1;
            let came = ask().await;
            let window = self.sight.change.as_ref().filter(|window| !window.of_new_role);
            let may_wait =
                |wait: &Duration| window.is_some_and(|w| Instant::now() + *wait <= w.end);
            let wait = match &came {
                Came::Refused(_) if let_in && !refused => {
                    refused = true;
                    Some(ONCE_MORE)
                }
                Came::LetIn(_) => {
                    (let_in, refused) = (true, false);
                    Some(delay(told.number)).filter(may_wait)
                }
                _ => None,
            };
            let Some(wait) = wait else { return came };
            match &came {
                Came::Refused(words) => {
                    let fault = Fault::new(Cause::PermissionDenied, words.as_str());
                    told.tried(Some(&fault), Some(wait), window);
                }
                _ => told.tried(None, Some(wait), window),
            }
            sleep(wait).await;
        }
    }
}

fn too_wide(bearer: &RoleBearer, claim: &str, wanted: &str, got: &str) -> Fault {
    let role = &bearer.role;
    let message =
        format!("AWS let a token with {claim} {got} into {role}: only {wanted} was meant");
    Fault::new(Cause::TrustTooWide, message)
        .with("claim", claim)
        .with("wanted", wanted)
        .with("got", got)
        .with("role", role.as_str())
        .remedy(format!(
            "let the trust policy ask for {claim} {wanted} by StringEquals in each statement that allows: a plan shows \
             the difference and mends it"
        ))
}
