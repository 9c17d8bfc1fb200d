//! One key away from the remedy: which way leads from a failed pull test to what mends it.

use super::token::{self, Way};
use super::{Part, View, focus, start, story};
use crate::app::step::Step;
use crate::app::steps::{apply, mode};
use crate::app::wizard::App;
use crate::domain::fault::{Cause, Fault};

/// Where the remedy is. Nothing is changed by going there: a plan is shown and asked about as ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// Step 4, with the account read anew: its plan holds the change.
    Plan,
    /// A fresh token.
    Token,
    /// Another image.
    Image,
    /// Another platform.
    Platform,
    /// Step 2: an answer is not what the cluster or the registry says.
    Identity,
    /// The operator's login.
    Login,
    /// The same once more.
    Again,
    /// Out of reach of this program: the remedy is told.
    Tell,
}

impl Mend {
    /// The way from a fault.
    #[must_use]
    pub fn of(fault: &Fault) -> Self {
        match fault.cause {
            Cause::ProviderMissing
            | Cause::ProviderInOtherAccount
            | Cause::AudienceNotRegistered
            | Cause::ConditionKeyMismatch
            | Cause::TrustPrincipalMismatch
            | Cause::TrustActionMismatch
            | Cause::RoleMissing
            | Cause::PullPermissionMissing
            | Cause::LoginPermissionMissing
            | Cause::AlreadyExists
            | Cause::Conflict
            | Cause::ConfirmationNeeded
            | Cause::PlanChanged => Self::Plan,
            // A place in the document: the trust is another one. None: the token is.
            Cause::AudienceMismatch | Cause::SubjectMismatch => {
                if fault.evidence.contains_key("at") { Self::Plan } else { Self::Token }
            }
            Cause::TokenExpired
            | Cause::TokenTooOld
            | Cause::TokenMalformed
            | Cause::TokenSignature
            | Cause::ClusterUnreachable
            | Cause::ClusterPermissionMissing
            | Cause::File => Self::Token,
            Cause::RepositoryMissing | Cause::ImageMissing => Self::Image,
            Cause::PlatformMissing => Self::Platform,
            Cause::IssuerMismatch
            | Cause::ServiceAccountMissing
            | Cause::RegistryRegionMismatch
            | Cause::BadAnswers => Self::Identity,
            Cause::CredentialsMissing
            | Cause::CredentialsExpired
            | Cause::WrongAccount
            | Cause::AccessKeyInactive
            | Cause::AccessKeyUnknown
            | Cause::SecretMismatch => Self::Login,
            Cause::Throttled
            | Cause::Unreachable
            | Cause::IssuerUnreachable
            | Cause::NotYetPropagated
            | Cause::RegistryTokenExpired
            | Cause::DeadlinePassed
            | Cause::Stopped => Self::Again,
            Cause::PermissionDenied
            | Cause::ClockSkew
            | Cause::QuotaReached
            | Cause::MalformedPolicy
            | Cause::RepositoryPolicyMissing
            | Cause::RegistryLoginRefused
            | Cause::LayerHostBlocked
            | Cause::DigestMismatch
            | Cause::RegistryKindMissing
            | Cause::AdmissionRefused
            | Cause::Unexplained => Self::Tell,
        }
    }

    /// What stands in the row of choices.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Plan => "Mend: make a plan",
            Self::Token => "Mend: fresh token",
            Self::Image => "Mend: other image",
            Self::Platform => "Mend: other platform",
            Self::Identity => "Mend: the answers",
            Self::Login => "Mend: log in",
            Self::Again => "Mend: try again",
            Self::Tell => "How to mend",
        }
    }

    /// What stands in the footer.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Plan => "make a plan",
            Self::Token => "fresh token",
            Self::Image => "other image",
            Self::Platform => "other platform",
            Self::Identity => "the answers",
            Self::Login => "log in",
            Self::Again => "try again",
            Self::Tell => "how to mend",
        }
    }
}

/// The way to the remedy of the pull test that failed.
#[must_use]
pub fn way(app: &App) -> Option<Mend> {
    Some(Mend::of(story::fault(app.pull.run.as_ref()?)?))
}

/// Goes there.
pub(super) fn mend(app: &mut App) {
    let Some(fault) = app.pull.run.as_ref().and_then(story::fault).cloned() else {
        return app.remark("Nothing failed that could be mended.");
    };
    let remedy = fault.remedy.clone().unwrap_or_else(|| fault.message.clone());
    match Mend::of(&fault) {
        Mend::Plan => {
            app.go_to(Step::Apply);
            apply::reread(app);
        }
        Mend::Token => fresh_token(app, &fault, remedy),
        Mend::Image => set_up(app, Part::Image, remedy),
        Mend::Platform => set_up(app, Part::Platform, remedy),
        Mend::Identity => {
            app.go_to(Step::Identity);
            app.remark(remedy);
        }
        Mend::Login => {
            app.go_to(Step::Mode);
            mode::look_again(app);
            app.remark(remedy);
        }
        Mend::Again => start(app),
        Mend::Tell => app.remark(remedy),
    }
}

/// The cluster makes a fresh token for each test, so that running again is all; a file or a paste is for the operator to
/// renew.
fn fresh_token(app: &mut App, fault: &Fault, remedy: String) {
    let of_cluster = matches!(
        fault.cause,
        Cause::ClusterUnreachable | Cause::ClusterPermissionMissing | Cause::TokenSignature
    );
    match token::way(app) {
        Way::Cluster if !of_cluster => start(app),
        Way::Cluster | Way::File => set_up(app, Part::Token, remedy),
        Way::Paste => {
            // What was refused is not shown to AWS again.
            app.pull.pasted = None;
            set_up(app, Part::Token, remedy);
        }
    }
}

fn set_up(app: &mut App, part: Part, remedy: String) {
    app.pull.view = View::Setup;
    focus(app, part);
    app.remark(remedy);
}
