//! The real binary in a pseudo-terminal, and the screen that it draws there.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

use super::run::{BINARY, Run};

/// How long a screen may take to come on a machine that is busy elsewhere.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The terminal's side.
struct Seen {
    parser: Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A running program and its screen. Killed on drop.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    status: Option<ExitStatus>,
}

impl Pty {
    /// Starts `okteto-ecr ARGS` in the environment of `run`, on a terminal of 80 columns and 24 rows.
    pub fn start(run: &Run, args: &[&str]) -> Self {
        Self::sized(run, args, 80, 24)
    }

    pub fn sized(run: &Run, args: &[&str], columns: u16, rows: u16) -> Self {
        let options: Vec<&str> = run.options().iter().map(String::as_str).collect();
        Self::of(BINARY, run, &[args, &options].concat(), columns, rows)
    }

    /// Another program, such as a shell that starts the binary.
    pub fn of(program: &str, run: &Run, args: &[&str], columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in run.environment() {
            command.env(name, value);
        }
        command.cwd(run.home());
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = Some(pair.master.take_writer().expect("a writer"));
        let parser = Parser::new(cells(rows), cells(columns), 0);
        let seen = Seen { parser, raw: Vec::new(), ended: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            let mut pending = Vec::new();
            loop {
                let count = reader.read(&mut buffer).unwrap_or(0);
                let (seen, changed) = &*shared;
                let mut seen = seen.lock().expect("no panic while locked");
                let bytes = buffer.get(..count).unwrap_or_default();
                seen.raw.extend(bytes);
                pending.extend_from_slice(bytes);
                let whole = if count == 0 { pending.len() } else { whole_frames(&pending) };
                let drawn: Vec<u8> = pending.drain(..whole).collect();
                seen.parser.process(&drawn);
                seen.ended |= count == 0;
                changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { master: pair.master, writer, child, seen, status: None }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().expect("no panic while locked")
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let writer = self.writer.as_mut().expect("an open terminal");
        writer.write_all(bytes.as_ref()).expect("the program reads its terminal");
        writer.flush().expect("the program reads its terminal");
        self
    }

    /// Presses keys by name, separated by spaces: `Tab Shift-Tab Enter Esc Up Down Left Right Home End PgUp PgDn
    /// Backspace Delete Space F1`, `Ctrl-X`, `Alt-x`, or a character. All at once, as a fast typist would.
    pub fn keys(&mut self, names: &str) -> &mut Self {
        let bytes: Vec<u8> = names.split_whitespace().flat_map(key).collect();
        self.send(bytes)
    }

    /// Types a text, one write for each character.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            self.send(character.to_string());
        }
        self
    }

    /// A bracketed paste.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(format!("\x1b[200~{text}\x1b[201~"))
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.seen().parser.set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).expect("a terminal");
    }

    /// The screen as text, one line for each row.
    pub fn screen(&self) -> String {
        self.seen().parser.screen().contents()
    }

    /// Looks at the parsed screen: cells, styles, modes.
    pub fn look<T>(&self, with: impl FnOnce(&vt100::Screen) -> T) -> T {
        with(self.seen().parser.screen())
    }

    /// Row and column of the cursor, from 0; `None` while it is hidden.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        self.look(|screen| (!screen.hide_cursor()).then(|| screen.cursor_position()))
    }

    /// Everything that was written to the terminal.
    pub fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// Waits until the screen holds a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> String {
        self.wait_until(&format!("{text:?}"), PATIENCE, |screen| screen.contents().contains(text))
    }

    /// Waits until the screen no longer holds a text.
    #[track_caller]
    pub fn wait_gone(&mut self, text: &str) -> String {
        let wish = format!("{text:?} to go");
        self.wait_until(&wish, PATIENCE, |screen| !screen.contents().contains(text))
    }

    /// Waits until the screen is as wished, and returns it. Fails with the screen after `limit`.
    #[track_caller]
    pub fn wait_until(
        &mut self,
        wish: &str,
        limit: Duration,
        good: impl Fn(&vt100::Screen) -> bool,
    ) -> String {
        let end = Instant::now() + limit;
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().expect("no panic while locked");
        loop {
            if good(seen.parser.screen()) {
                return seen.parser.screen().contents();
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.ended {
                let screen = seen.parser.screen().contents();
                let ended = if seen.ended { "the program ended" } else { "it did not come" };
                drop(seen);
                panic!("waited for {wish}: {ended}\n{}", framed(&screen));
            }
            seen = changed.wait_timeout(seen, left).expect("no panic while locked").0;
        }
    }

    /// Waits until nothing has been written for so long.
    pub fn wait_quiet(&mut self, quiet: Duration) {
        let end = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().expect("no panic while locked");
        while Instant::now() < end && !seen.ended {
            let before = seen.raw.len();
            seen = changed.wait_timeout(seen, quiet).expect("no panic while locked").0;
            if seen.raw.len() == before {
                return;
            }
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.process_id().expect("a running program")
    }

    /// Sends a signal such as `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().expect("kill");
        assert!(sent.success(), "{name} was not sent");
    }

    /// Waits for the end: exit code, or 128 and the signal.
    #[track_caller]
    pub fn wait_end(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                self.status = Some(status.clone());
                // The last bytes may still be on their way through the terminal.
                self.wait_quiet(Duration::from_millis(50));
                return code(&status);
            }
            assert!(Instant::now() < end, "it does not end\n{}", framed(&self.screen()));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// `stty -a` of its terminal; also after its end.
    pub fn stty(&self) -> String {
        let terminal: PathBuf = self.master.tty_name().expect("a name");
        let done = Command::new("stty").arg("-a").arg("-F").arg(terminal).output().expect("stty");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// Fails unless the terminal is as a shell wants it: main screen, cursor, no mouse, no bracketed paste, echo.
    #[track_caller]
    pub fn assert_restored(&self) {
        self.look(|screen| {
            assert!(!screen.alternate_screen(), "still on the alternate screen");
            assert!(!screen.hide_cursor(), "the cursor is hidden");
            assert!(!screen.bracketed_paste(), "bracketed paste is on");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "mouse");
        });
        let modes = self.stty();
        assert!(modes.contains(" icanon ") && modes.contains(" echo "), "still raw: {modes}");
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the screen at the end:\n{}", framed(&self.screen()));
        }
        if self.status.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        self.writer = None;
    }
}

/// How many of the bytes make whole frames: a synchronised update that has begun is not looked at before its end, as
/// in a terminal that understands it.
fn whole_frames(bytes: &[u8]) -> usize {
    let last = |mark: &[u8]| bytes.windows(mark.len()).rposition(|window| window == mark);
    match (last(b"\x1b[?2026h"), last(b"\x1b[?2026l")) {
        (Some(begun), Some(ended)) if ended > begun => bytes.len(),
        (Some(begun), _) => begun,
        (None, _) => bytes.len(),
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("at least one")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn framed(screen: &str) -> String {
    let lines: Vec<String> = screen.lines().map(|line| format!("| {line}")).collect();
    lines.join("\n")
}

/// The exit code as a shell shows it.
fn code(status: &ExitStatus) -> u32 {
    match status.signal() {
        None => status.exit_code(),
        Some(name) => {
            let known = [
                ("Hangup", 129),
                ("Interrupt", 130),
                ("Quit", 131),
                ("Killed", 137),
                ("Terminated", 143),
            ];
            let found = known.iter().find(|(word, _)| name.contains(word));
            found.unwrap_or_else(|| panic!("ended by {name}")).1
        }
    }
}

fn key(name: &str) -> Vec<u8> {
    let bytes = match name {
        "Tab" => "\t",
        "Shift-Tab" => "\x1b[Z",
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "PgUp" => "\x1b[5~",
        "PgDn" => "\x1b[6~",
        "Delete" => "\x1b[3~",
        "Backspace" => "\x7f",
        "Space" => " ",
        "F1" => "\x1bOP",
        "F2" => "\x1bOQ",
        "Ctrl-Left" => "\x1b[1;5D",
        "Ctrl-Right" => "\x1b[1;5C",
        "Ctrl-_" => "\x1f",
        _ => "",
    };
    if !bytes.is_empty() {
        return bytes.as_bytes().to_vec();
    }
    if let Some(letter) = name.strip_prefix("Ctrl-") {
        return letter.bytes().map(|byte| byte.to_ascii_uppercase() & 0x1f).collect();
    }
    if let Some(letter) = name.strip_prefix("Alt-") {
        return format!("\x1b{letter}").into_bytes();
    }
    assert_eq!(name.chars().count(), 1, "no key is called {name}");
    name.as_bytes().to_vec()
}
