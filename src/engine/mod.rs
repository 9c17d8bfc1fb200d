//! The shared task runner: carries jobs out as tasks and sends back what happens. The only room, besides the shell's
//! loop, that knows tokio.

pub mod clock;
pub mod control;
pub mod jobs;
pub mod runner;
