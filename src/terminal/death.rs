//! The signals that end the program.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end the program after the screen was given back.
#[derive(Debug)]
pub struct Deaths([(i32, Signal); 4]);

impl Deaths {
    /// Listens for them from now on.
    ///
    /// # Errors
    /// The system does not let it.
    pub fn new() -> io::Result<Self> {
        let of = |number| signal(SignalKind::from_raw(number)).map(|s| (number, s));
        Ok(Self([of(SIGTERM)?, of(SIGHUP)?, of(SIGINT)?, of(SIGQUIT)?]))
    }

    /// Waits for the next one: its number.
    pub async fn next(&mut self) -> i32 {
        let [a, b, c, d] = &mut self.0;
        tokio::select! {
            _ = a.1.recv() => a.0,
            _ = b.1.recv() => b.0,
            _ = c.1.recv() => c.0,
            _ = d.1.recv() => d.0,
        }
    }
}
