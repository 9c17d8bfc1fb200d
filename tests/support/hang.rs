//! An endpoint that takes connections and never answers.

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Holds every connection open, in silence.
#[derive(Debug)]
pub struct Hang {
    pub url: String,
    held: Arc<Mutex<Vec<TcpStream>>>,
}

impl Hang {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let held: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let keep = Arc::clone(&held);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                keep.lock().expect("no panic while locked").push(stream);
            }
        });
        Self { url, held }
    }

    /// How many connections came.
    pub fn connections(&self) -> usize {
        self.held.lock().expect("no panic while locked").len()
    }
}
