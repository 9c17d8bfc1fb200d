//! Exercises: something that is broken, what is to be true in the end, hints, and what a trainer asks.
//!
//! | part | what |
//! | --- | --- |
//! | [`world`] | what the practice account holds at the start |
//! | [`goal`] | what is to be true: of the account, or answered by the learner |
//! | [`mod@file`] | an exercise as a TOML file |
//! | [`progress`] | what is kept of a learner's way between starts |
//!
//! Nothing here is ever about keys pressed: a goal is held against the account's state, by whichever way it came about,
//! and against what was answered.

pub mod file;
pub mod goal;
pub mod progress;
pub mod world;

use self::goal::{Goal, Standing};
use self::world::World;
use super::draft::Draft;

/// One exercise, as its file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// What progress is kept by: the name of its file without the ending, such as `scheme-in-the-key`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// One line for the list.
    pub about: String,
    /// What happened, in a few paragraphs.
    pub story: String,
    /// The account at the start.
    pub world: World,
    /// What the wizard's fields hold at the start.
    pub answers: Draft,
    /// What is to be true, in order.
    pub goals: Vec<Goal>,
    /// From a nudge to nearly the answer.
    pub hints: [String; 3],
    /// What it was and why, told afterwards.
    pub explanation: String,
    /// Where that is written: titles with addresses.
    pub sources: Vec<String>,
    /// For the trainer.
    pub trainer: Trainer,
    /// What mends it, in a sentence or two.
    pub solution: Way,
    /// What people try instead, which is not enough.
    pub wrong: Vec<Way>,
}

/// What the trainer is told, and the learner is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trainer {
    /// What is broken.
    pub fault: String,
    /// A question for the room.
    pub ask: String,
}

/// A way to change the account: what it is, and the commands that do it in a POSIX shell that took the `export` lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// What it is and, of a wrong one, why that is not enough.
    pub words: String,
    /// One command a line.
    pub commands: Vec<String>,
}

impl Exercise {
    /// Whether every goal is met. `standings` are those of the goals, in their order.
    #[must_use]
    pub fn is_done(&self, standings: &[Standing]) -> bool {
        standings.len() == self.goals.len() && standings.iter().all(|s| *s == Standing::Met)
    }

    /// The first goal that is not met yet, by its index.
    #[must_use]
    pub fn next_goal(&self, standings: &[Standing]) -> Option<usize> {
        (0..self.goals.len()).find(|i| standings.get(*i) != Some(&Standing::Met))
    }
}
