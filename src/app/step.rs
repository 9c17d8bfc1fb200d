//! The stages of the wizard and what each offers.

use std::borrow::Cow;

use super::keymap::Command;

/// A stage, in the order of the tutorial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Which way.
    Mode,
    /// Issuer, audience, subject, role, registry.
    Identity,
    /// Trust and permission policy.
    Access,
    /// Plan, question, apply.
    Apply,
    /// The pull test.
    Pull,
    /// The values for Okteto.
    Okteto,
    /// The rotation of a user's access key: beside the sequence, entered from several of its steps.
    Rotation,
    /// The runs that the journal knows: beside the sequence.
    Runs,
    /// Taking a run back: beside the sequence.
    Undo,
    /// The review of roles, users and providers: beside the sequence, entered from anywhere.
    Review,
    /// Mending what the review found: beside the sequence.
    Mend,
    /// The exercises and the open one: beside the sequence, in practice.
    Practice,
    /// The tutorial beside what is sent: beside the sequence, in practice.
    Tutorial,
}

impl Step {
    /// The sequence, in order.
    pub const ALL: [Self; 6] =
        [Self::Mode, Self::Identity, Self::Access, Self::Apply, Self::Pull, Self::Okteto];

    /// Whether it is one of the sequence.
    #[must_use]
    pub fn is_in_sequence(self) -> bool {
        Self::ALL.contains(&self)
    }

    /// 1 to 6, in the sequence.
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize + 1
    }

    /// The name on screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mode => "Mode",
            Self::Identity => "Identity",
            Self::Access => "Access",
            Self::Apply => "Apply",
            Self::Pull => "Pull test",
            Self::Okteto => "Okteto",
            Self::Rotation => "Rotation",
            Self::Runs => "Runs",
            Self::Undo => "Take back",
            Self::Review => "Review",
            Self::Mend => "Mend",
            Self::Practice => "Practice",
            Self::Tutorial => "Tutorial",
        }
    }

    /// The step after this one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.number()).copied()
    }

    /// The step before this one.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        if !self.is_in_sequence() {
            return None;
        }
        self.number().checked_sub(2).and_then(|i| Self::ALL.get(i)).copied()
    }
}

/// Something a key can do now, or why it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// By which command.
    pub command: Command,
    /// What it does here, a word or two for the footer.
    pub words: Cow<'static, str>,
    /// Why not now.
    pub refused: Option<Cow<'static, str>>,
}

impl Offer {
    /// Can be done now.
    pub fn on(command: Command, words: impl Into<Cow<'static, str>>) -> Self {
        Self { command, words: words.into(), refused: None }
    }

    /// Can be done here, but not now.
    pub fn off(
        command: Command,
        words: impl Into<Cow<'static, str>>,
        why: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { command, words: words.into(), refused: Some(why.into()) }
    }
}
