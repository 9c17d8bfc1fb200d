//! What is settled before the first frame, and stays so.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::step::Step;
use crate::domain::draft::Draft;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::Fault;
use crate::domain::plan::Stamp;

/// What the command line and the environment settle before the first frame.
#[derive(Debug, Clone)]
pub struct Setup {
    /// No call that changes anything can be made.
    pub read_only: bool,
    /// Account numbers are masked on screen.
    pub mask: bool,
    /// The account is the practice account: every screen says so, and AWS is not there.
    pub practice: bool,
    /// Id of this run and the program's version: the tags of what it makes.
    pub stamp: Stamp,
    /// The folder of this run: answers and log.
    pub run_folder: PathBuf,
    /// The file of what was accepted of a review.
    pub accepted: PathBuf,
    /// Where it begins: at the first step, in the review, or with the exercises.
    pub begin_at: Step,
    /// The answers of the last run, if there are any.
    pub last: Option<Draft>,
    /// What can be practised; nothing outside of practice.
    pub lessons: Lessons,
}

/// What can be practised.
#[derive(Debug, Clone, Default)]
pub struct Lessons {
    /// The exercises; the first is the set-up, guided.
    pub exercises: Vec<Arc<Exercise>>,
    /// Which of them is opened at the start.
    pub begin: Option<usize>,
    /// How far the learner is, by the last start.
    pub progress: Progress,
    /// Why that could not be read.
    pub fault: Option<Fault>,
    /// Lines for a shell that lead it to the practice account. They hold the made-up key.
    pub exports: SecretString,
}
