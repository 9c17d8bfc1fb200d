//! Who the operator is and what was found of the surroundings, in the background.

use crate::domain::draft::Field;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::seen::LoginSource;

use super::form::Source;
use super::overlay::{Matter, Overlay, Question};
use super::slot::Slot;
use super::task::{End, Job, News};
use super::wizard::App;

/// What is known of the operator.
#[derive(Debug, Default)]
pub struct Who {
    /// What the environment says; `None` until it was read.
    pub source: Option<LoginSource>,
    /// kubeconfig's current context.
    pub context: Option<String>,
    /// The caller, or why there is none; `None` while AWS is being asked.
    pub caller: Option<Result<Caller, Fault>>,
    /// The issuer the cluster names, or why it is not known.
    pub cluster_issuer: Option<Result<String, Fault>>,
    /// Root as caller was pointed out and accepted.
    pub root_accepted: bool,
    /// Last word while a login is waited for.
    pub waiting: Option<Fault>,
}

impl Who {
    /// The caller, if known.
    #[must_use]
    pub fn known(&self) -> Option<&Caller> {
        self.caller.as_ref().and_then(|c| c.as_ref().ok())
    }

    /// The fault that keeps the caller unknown.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.caller.as_ref().and_then(|c| c.as_ref().err()).or(self.waiting.as_ref())
    }

    /// Whether the caller is root and that was not answered yet.
    #[must_use]
    pub fn must_ask_root(&self) -> bool {
        self.known().is_some_and(Caller::is_root) && !self.root_accepted
    }
}

/// News while a login is waited for.
pub fn news(app: &mut App, news: News) {
    if let News::StillNoLogin(fault) = news {
        app.who.waiting = Some(fault);
    }
}

/// The end of one of the tasks that look around.
pub fn ended(app: &mut App, end: End) {
    match end {
        End::Located(source, context) => {
            if let Some((region, place)) = &source.region
                && let Some(field) = app.identity.form.get_mut(Field::Registry)
            {
                field.fill(region.as_str(), Source::Aws(place));
            }
            app.who.source = Some(source);
            if context.is_some() {
                app.start(Slot::ClusterIssuer, Job::ClusterIssuer(context.clone()));
            }
            app.draft.context = app.draft.context.take().or_else(|| context.clone());
            app.who.context = context;
            app.write_draft();
        }
        End::Caller(result) => {
            let renewable = matches!(
                &result,
                Err(f) if matches!(f.cause, Cause::CredentialsMissing | Cause::CredentialsExpired)
            );
            if let (true, Ok(caller)) = (app.setup.practice, &result) {
                // So that these answers are refused by every other account.
                app.draft.account = Some(caller.account.to_string());
            }
            app.who.waiting = None;
            if renewable {
                // The operator renews the login in another window; this one waits and goes on.
                app.start(Slot::Whoami, Job::Whoami { until_renewed: true });
            }
            app.who.caller = Some(result);
            ask_root(app);
        }
        End::ClusterIssuer(result) => {
            if let (Ok(url), Some(field)) = (&result, app.identity.form.get_mut(Field::Issuer)) {
                field.fill(url, Source::Cluster);
                app.write_draft();
            }
            app.who.cluster_issuer = Some(result);
        }
        _ => {}
    }
}

/// Asks whether to go on as root, unless something else is being asked.
pub fn ask_root(app: &mut App) {
    if !app.who.must_ask_root() || app.overlay.is_some() {
        return;
    }
    let Some(caller) = app.who.known() else { return };
    let body = vec![
        format!("AWS says you are {}", caller.arn),
        "the root of the account: it can do everything, and no policy holds it back.".to_owned(),
        "A user or role with the rights of this one job is safer (CIS AWS 2.7).".to_owned(),
        String::new(),
        "Nothing is sent that changes anything before step 4.".to_owned(),
    ];
    app.overlay = Some(Overlay::Question(Question::new(
        Matter::Root,
        "Go on as root?",
        body,
        &["Back", "Go on as root"],
    )));
}
