//! The terminal: taken over, given back, written to. Every way out goes through [`restore`].

pub mod burst;
pub mod death;
pub mod input;
pub mod panic;
mod sgr;

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, poll, read};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};
use secrecy::zeroize::Zeroizing;

/// Whether the terminal is taken over now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// One frame is one write, in the colours that the terminal surely has.
type Out = sgr::Writer<Stdout>;

/// The screen while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Out>>,
    title: &'static str,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, bracketed paste, the window's title.
    ///
    /// # Errors
    /// Standard output is no terminal, or it went away.
    pub fn open(colour: bool, title: &'static str) -> io::Result<Self> {
        // crossterm 0.29 sends a bare `ESC[;m` under NO_COLOR, which also ends bold and reverse. The theme sets
        // no colour there and the writer lets none through, so crossterm's own switch is not needed.
        crossterm::style::force_color_output(true);
        take(title)?;
        let out = sgr::Writer::new(io::stdout(), colour);
        let terminal = Terminal::new(CrosstermBackend::new(out))?;
        Ok(Self { terminal, title })
    }

    /// Draws one frame, as one synchronised write.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if panic::happened() {
            return Ok(());
        }
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(picture)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    /// The size now.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Forgets what was drawn, so that the next frame is drawn whole. (`Terminal::clear` would ask the terminal for
    /// its cursor and fail where nobody answers.)
    ///
    /// # Errors
    /// The terminal went away.
    pub fn redraw(&mut self) -> io::Result<()> {
        let (width, height) = self.size()?;
        self.terminal.resize(Rect { x: 0, y: 0, width, height })
    }

    /// Sends text to the terminal's clipboard (OSC 52). Inside tmux also wrapped, for those that pass it through.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        // It may be a secret: nothing of it stays behind here.
        let mut sequence = Zeroizing::new(Vec::with_capacity(64 + text.len() * 2));
        queue!(&mut *sequence, CopyToClipboard::to_clipboard_from(text))?;
        let out = self.terminal.backend_mut();
        if std::env::var_os("TMUX").is_some() {
            let inner = String::from_utf8_lossy(&sequence).replace('\x1b', "\x1b\x1b");
            let inner = Zeroizing::new(inner);
            write!(out, "\x1bPtmux;{}\x1b\\", *inner)?;
        }
        out.write_all(&sequence)?;
        out.flush()
    }

    /// Shows text outside the screen; [`Screen::back`] returns.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        execute!(out, LeaveAlternateScreen, Show)?;
        for line in text.lines() {
            write!(out, "{line}\r\n")?;
        }
        write!(out, "\r\n(any key goes back to okteto-ecr)\r\n")?;
        out.flush()
    }

    /// Comes back after [`Screen::print`].
    ///
    /// # Errors
    /// The terminal went away.
    pub fn back(&mut self) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), EnterAlternateScreen)?;
        self.redraw()
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does elsewhere, and takes the terminal again once the
    /// shell continues it. In raw mode Ctrl-Z is a key and no signal, so this is done by hand.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        take(self.title)?;
        self.redraw()
    }
}

/// How long something is shown before it goes by itself.
const SHOWN: Duration = Duration::from_mins(2);

/// Names and values on a screen of their own. Once this is dropped the screen is wiped and given back: nothing of it is
/// left to scroll to.
pub struct Shown {
    until: Instant,
}

/// Shows names and values until a key is pressed or two minutes have passed, as [`Shown::is_over`] tells.
///
/// # Errors
/// The terminal went away.
pub fn show(values: &[(&str, &str)]) -> io::Result<Shown> {
    take("okteto-ecr")?;
    let shown = Shown { until: Instant::now() + SHOWN };
    let mut out = io::stdout();
    execute!(out, Clear(ClearType::All), MoveTo(0, 1))?;
    write!(out, "  AWS tells this once. It is kept nowhere.\r\n\r\n")?;
    for (name, value) in values {
        write!(out, "  {name:18}  {value}\r\n")?;
    }
    write!(out, "\r\n  Any key wipes this screen; so do two minutes.\r\n")?;
    out.flush()?;
    Ok(shown)
}

impl Shown {
    /// Whether it was looked at for long enough. Takes no time.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn is_over(&self) -> io::Result<bool> {
        while poll(Duration::ZERO)? {
            if matches!(read()?, Event::Key(key) if key.is_press()) {
                return Ok(true);
            }
        }
        Ok(Instant::now() >= self.until)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), Clear(ClearType::All));
        restore();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn take(title: &str) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    // The title is put on the terminal's stack (XTWINOPS 22) and taken off it again at the end.
    let mut out = io::stdout();
    out.write_all(b"\x1b[22;0t")?;
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide, SetTitle(title))
}

/// Gives the terminal back as it was. Does nothing where it is not taken; never fails, because there is nothing
/// left to do about it.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ =
            execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = out.write_all(b"\x1b[23;0t");
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}
