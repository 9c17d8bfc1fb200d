//! What comes into the state machine and what it asks for in return.

use secrecy::SecretString;

use super::input::Input;
use super::task::{Job, Report, TaskId};
use crate::domain::seen::CallRecord;

/// Everything that can happen to the wizard.
#[derive(Debug, Clone)]
pub enum Message {
    /// From the terminal.
    Input(Input),
    /// From a task.
    Task(TaskId, Report),
    /// A call to the outside ended.
    Called(CallRecord),
    /// Time passed; only asked for while something on screen depends on it.
    Tick,
    /// The process was resumed after a suspend, or the screen must be drawn anew.
    Resumed,
}

/// Everything the wizard asks of the outside.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Start a task.
    Start(TaskId, Job),
    /// Stop a task.
    Cancel(TaskId),
    /// Send text to the terminal's clipboard.
    Copy(String),
    /// The same with a secret.
    CopySecret(SecretString),
    /// Print text outside the screen, wait for Enter, come back.
    Print(String),
    /// Suspend to the shell.
    Suspend,
    /// End the program.
    Quit(Exit),
}

/// How the wizard ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Finished at the last step.
    Finished,
    /// Left before the end; nothing was changed.
    Left,
    /// Left before the end, with changes made.
    LeftWithChanges,
    /// Ctrl-C twice.
    Interrupted,
}

impl Exit {
    /// The exit code of the contract.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Finished => 0,
            Self::Left => 1,
            Self::LeftWithChanges => 4,
            Self::Interrupted => 130,
        }
    }
}
