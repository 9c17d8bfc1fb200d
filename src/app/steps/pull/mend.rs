//! One key away from the remedy: which way leads from a failed pull test to what mends it.

use super::token::{self, Way};
use super::{Part, View, focus, start, story};
use crate::app::step::Step;
use crate::app::steps::{apply, mode, rotation};
use crate::app::wizard::App;
use crate::domain::draft::Field;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Intent;

/// Where the remedy is. Nothing is changed by going there: a plan is shown and asked about as ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// Step 4, with the account read anew: its plan holds the change.
    Plan,
    /// A fresh token.
    Token,
    /// Another access key: a rotation makes one, or the right one is put in place.
    Key,
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
    /// The way from a fault of a test that was to prove these answers.
    #[must_use]
    pub fn of(fault: &Fault, intent: &Intent) -> Self {
        match fault.cause {
            // The token or the account is not as the answers say: the one that is not is mended.
            Cause::ProviderMissing
            | Cause::AudienceNotRegistered
            | Cause::AudienceMismatch
            | Cause::SubjectMismatch => match foreign_claim(fault, intent) {
                Some("iss") => Self::Identity,
                Some(_) => Self::Token,
                None => Self::Plan,
            },
            Cause::PermissionDenied => {
                let policy = fault.evidence.get("policy").map_or("", String::as_str);
                if policy.starts_with("role trust") { Self::Plan } else { Self::Tell }
            }
            Cause::ProviderInOtherAccount
            | Cause::ConditionKeyMismatch
            | Cause::TrustPrincipalMismatch
            | Cause::TrustActionMismatch
            | Cause::TrustTooWide
            | Cause::RoleMissing
            | Cause::PullPermissionMissing
            | Cause::LoginPermissionMissing
            | Cause::AlreadyExists
            | Cause::Conflict
            | Cause::ConfirmationNeeded
            | Cause::PlanChanged => Self::Plan,
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
            // In user mode the key is what is tested, else it is the operator's own.
            Cause::WrongAccount
            | Cause::AccessKeyInactive
            | Cause::AccessKeyUnknown
            | Cause::SecretMismatch
            | Cause::IdentityMismatch
                if intent.user().is_some() =>
            {
                Self::Key
            }
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
            | Cause::InUse
            | Cause::Stopped => Self::Again,
            // A plan takes no policy away that somebody gave the role.
            Cause::PushPermitted
            | Cause::ClockSkew
            | Cause::QuotaReached
            | Cause::MalformedPolicy
            | Cause::RepositoryPolicyMissing
            | Cause::RegistryLoginRefused
            | Cause::LayerHostBlocked
            | Cause::DigestMismatch
            | Cause::RegistryKindMissing
            | Cause::AdmissionRefused
            | Cause::IdentityMismatch
            | Cause::Unexplained => Self::Tell,
        }
    }

    /// What stands in the row of choices.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Plan => "Mend: make a plan",
            Self::Token => "Mend: fresh token",
            Self::Key => "Mend: rotate the key",
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
            Self::Key => "rotate the key",
            Self::Image => "other image",
            Self::Platform => "other platform",
            Self::Identity => "the answers",
            Self::Login => "log in",
            Self::Again => "try again",
            Self::Tell => "how to mend",
        }
    }
}

/// The claim of the token that is not the one that was meant.
fn foreign_claim<'a>(fault: &'a Fault, intent: &Intent) -> Option<&'a str> {
    let claim = fault.evidence.get("claim")?.as_str();
    let intent = intent.oidc()?;
    let meant = match claim {
        "iss" => intent.issuer.url().to_owned(),
        "sub" => intent.subject.to_string(),
        _ => intent.audience.to_string(),
    };
    let got = fault.evidence.get("got").map_or("", String::as_str);
    got.split(", ").all(|one| one != meant).then_some(claim)
}

/// The way to the remedy of the pull test that failed.
#[must_use]
pub fn way(app: &App) -> Option<Mend> {
    let run = app.pull.run.as_ref()?;
    Some(Mend::of(story::fault(run)?, &run.intent))
}

/// The answer of step 2 that a fault is about.
const fn field_of(cause: Cause) -> Option<Field> {
    match cause {
        Cause::IssuerMismatch | Cause::ProviderMissing => Some(Field::Issuer),
        Cause::ServiceAccountMissing => Some(Field::Subject),
        Cause::RegistryRegionMismatch => Some(Field::Registry),
        _ => None,
    }
}

/// Goes there.
pub(super) fn mend(app: &mut App) {
    let run = app.pull.run.as_ref();
    let failed = run.and_then(|run| Some((story::fault(run)?.clone(), way(app)?)));
    let Some((fault, way)) = failed else {
        return app.remark("Nothing failed that could be mended.");
    };
    // The line above the keys has room for its first part; all of it was on the screen.
    let remedy = fault.what_to_do();
    let remedy = remedy.split("; ").next().unwrap_or(remedy).to_owned();
    match way {
        Mend::Plan => {
            app.go_to(Step::Apply);
            apply::reread(app);
        }
        Mend::Token => fresh_token(app, &fault, remedy),
        Mend::Key => {
            rotation::open(app);
            app.remark(remedy);
        }
        Mend::Image => set_up(app, Part::Image, remedy),
        Mend::Platform => set_up(app, Part::Platform, remedy),
        Mend::Identity => {
            app.go_to(Step::Identity);
            if let Some(field) = field_of(fault.cause) {
                app.identity.form.focus_on(field);
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AUDIENCE, ISSUER, SUBJECT, intent};

    #[test]
    fn what_is_not_as_meant_is_mended_token_or_trust() {
        let fault = |cause, claim: &str, got: &str| {
            let at = format!("Statement 1: Condition StringEquals {ISSUER}:{claim}");
            Fault::new(cause, "").with("at", at).with("claim", claim).with("got", got)
        };
        let both = format!("sts.amazonaws.com, {AUDIENCE}");
        for (fault, way) in [
            (fault(Cause::AudienceMismatch, "aud", AUDIENCE), Mend::Plan),
            (fault(Cause::AudienceMismatch, "aud", &both), Mend::Plan),
            (fault(Cause::AudienceMismatch, "azp", "other"), Mend::Token),
            (fault(Cause::AudienceNotRegistered, "aud", "other"), Mend::Token),
            (fault(Cause::SubjectMismatch, "sub", SUBJECT), Mend::Plan),
            (fault(Cause::SubjectMismatch, "sub", "system:serviceaccount:a:b"), Mend::Token),
            (fault(Cause::ProviderMissing, "iss", ISSUER), Mend::Plan),
            (fault(Cause::ProviderMissing, "iss", "https://other.example"), Mend::Identity),
            (Fault::new(Cause::AudienceMismatch, "").with("at", "Statement 1"), Mend::Plan),
            (Fault::new(Cause::PermissionDenied, "").with("policy", "role trust"), Mend::Plan),
            (Fault::new(Cause::PermissionDenied, "").with("policy", "organization"), Mend::Tell),
        ] {
            assert_eq!(Mend::of(&fault, &intent().into()), way, "{fault:?}");
        }
    }

    #[test]
    fn where_waiting_helps_the_way_is_to_try_again() {
        for cause in Cause::ALL.iter().filter(|cause| cause.waiting_helps()) {
            assert_eq!(
                Mend::of(&Fault::new(*cause, ""), &intent().into()),
                Mend::Again,
                "{cause:?}"
            );
        }
    }
}
