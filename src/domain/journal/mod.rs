//! The journal of a run: facts of what was sent to AWS, line by line, and what they come to.
//!
//! A run is one set-up, over as many starts of the program as it takes. Each changing call stands in it twice: before it is
//! sent, and after its answer. What was begun and has no end is not known to have happened, until AWS is asked. The facts
//! are AWS's own (the call, its parameters, what was there before): the saved format depends on none of the program's types.

mod change;
mod past;
mod record;
mod thing;

pub use change::{Change, before, changes};
pub use past::{DELIVER, Entry, Past, Phase, Recorded, Unsure};
pub use record::{
    Began, Ended, Format, Header, Journal, Outcome, Purpose, REVIEW, Record, Session, Unread,
    about, is_of, whole,
};
pub use thing::{State, Thing, wanted};

#[cfg(test)]
mod tests;
