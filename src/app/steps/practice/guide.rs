//! The set-up, guided: why each step is there, and what to look at in it.

use crate::app::step::Step;

/// What is said of a step to whoever comes from it; nothing of those beside the sequence.
#[must_use]
pub const fn of(step: Step) -> Option<&'static str> {
    Some(match step {
        Step::Mode => {
            "Why: Okteto can prove who it is with a token that its cluster signs, or with an access key that never expires. Look at what was found on this machine, and at what each way leaves behind: i compares the two."
        }
        Step::Identity => {
            "Why: AWS has to know who signs the token (the issuer), whom it is for (the audience) and who shows it (the subject, a service account). Look at each field with ?: it says what AWS holds the value against."
        }
        Step::Access => {
            "Why: two documents decide. The trust policy says who gets into the role, the permission policy what the role may do then. Look at the two conditions: their keys begin with the issuer without https://, and end with aud and sub."
        }
        Step::Apply => {
            "Why: nothing was changed before this step, and what is shown is what is sent. Look at each call and at the command that would do the same; then at the last row: the account is read back, and held against what was meant."
        }
        Step::Pull => {
            "Why: that a role exists proves nothing; a pull does. Look at the stages: token, STS, ECR's login, manifest, layers. The stage where it stops tells which of the parts is wrong."
        }
        Step::Okteto => {
            "Why: Okteto is told where to pull from and as whom. Look at the four values: none of them is a secret, and the audience is the one that the provider lists and the trust policy asks for."
        }
        _ => return None,
    })
}
