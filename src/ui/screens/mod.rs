//! One module a step.

pub mod access;
pub mod apply;
pub(super) mod calls;
pub mod identity;
pub mod mend;
pub mod mode;
pub mod okteto;
pub mod practice;
pub mod pull;
pub mod review;
pub mod rotation;
pub mod runs;
pub mod tutorial;
pub mod undo;
