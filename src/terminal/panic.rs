//! A bug in the program: the screen is given back, one sentence says what happened and where to look.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

static HAPPENED: AtomicBool = AtomicBool::new(false);
static MADE: Mutex<(Vec<String>, Option<String>)> = Mutex::new((Vec::new(), None));

/// Whether a panic happened in any thread; nothing is drawn after it.
#[must_use]
pub fn happened() -> bool {
    HAPPENED.load(Ordering::SeqCst)
}

/// Notes what exists in AWS by now, and how to go on from there, for the last words.
pub fn note_made(made: impl IntoIterator<Item = String>, way_on: Option<String>) {
    if let Ok(mut noted) = MADE.lock() {
        *noted = (made.into_iter().collect(), way_on);
    }
}

/// Puts the last words in place. The message of the panic is the program's own text; no value of the operator's
/// is in it by the lints that forbid `unwrap` and `expect`.
pub fn install(run_folder: PathBuf) {
    std::panic::set_hook(Box::new(move |info| {
        super::restore();
        if HAPPENED.swap(true, Ordering::SeqCst) {
            return;
        }
        let mut err = std::io::stderr().lock();
        let place =
            info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
        let _ = writeln!(
            err,
            "okteto-ecr met a bug in itself{place} and stopped. The log is in {}.",
            run_folder.display()
        );
        let (made, way_on) = MADE.try_lock().map(|m| m.clone()).unwrap_or_default();
        if made.is_empty() {
            let _ = writeln!(err, "Nothing was changed in AWS.");
        }
        for thing in made {
            let _ = writeln!(err, "Made in AWS: {thing}");
        }
        if let Some(way_on) = way_on {
            let _ = writeln!(err, "{way_on}");
        }
    }));
}
