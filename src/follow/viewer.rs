//! The second terminal: it finds a session, draws what comes, and can do nothing but leave.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use signal_hook::consts::SIGHUP;
use tokio::net::UnixStream;
use unicode_width::UnicodeWidthStr;

use super::host::{SOCKET, is_ours};
use super::{LONGEST, Picture, Unreadable};
use crate::app::input::{Code, Input, Key};
use crate::domain::fault::{Cause, Fault};
use crate::terminal::death::Deaths;
use crate::terminal::{Screen, input, restore};
use crate::ui::text::{cut, visible};
use crate::ui::theme::{Glyph, Theme};
use crate::ui::view;

/// A session that was found.
#[derive(Debug)]
pub struct Session {
    run: String,
    stream: UnixStream,
    /// What has come of the next pictures.
    heard: Vec<u8>,
}

/// How looking on ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Whoever looked on left.
    Left,
    /// The session ended.
    Over,
    /// By a signal, to be died by.
    Signal(i32),
}

impl Session {
    /// The session of a run, or the newest one that lives.
    ///
    /// # Errors
    /// `file`: there is none. It says what was looked for.
    pub async fn find(folder: &Path, run: Option<&str>) -> Result<Self, Fault> {
        let living = living(folder).await;
        let others: Vec<String> = living.iter().map(|session| session.run.clone()).collect();
        let found = living.into_iter().find(|session| run.is_none_or(|run| run == session.run));
        found.ok_or_else(|| {
            let wanted = run.map_or_else(|| "no session".to_owned(), |run| format!("no session {run}"));
            let fault = Fault::new(
                Cause::File,
                format!("there is {wanted} to follow: none listens in {}", folder.display()),
            )
            .with("path", folder.display().to_string());
            if others.is_empty() {
                fault.remedy(
                    "start the wizard in another terminal, as the same user and with the same --state-dir; if it runs, the log in the folder of its run says why it cannot be followed",
                )
            } else {
                fault.remedy(format!("name one of these: {}", others.join(", ")))
            }
        })
    }

    /// The latest of the pictures that have come; none once the session is over. Asking can be broken off: nothing is lost.
    async fn next(&mut self) -> Result<Option<Picture>, Unreadable> {
        loop {
            let ended = self.stream.readable().await.is_err() || self.hear()?;
            if let Some(last) = self.heard.iter().rposition(|byte| *byte == b'\n') {
                let mut lines: Vec<u8> = self.heard.drain(..=last).collect();
                lines.pop();
                let line = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
                return Picture::parse(line).map(Some);
            }
            if ended {
                return Ok(None);
            }
        }
    }

    /// Takes what has come; says whether that was all.
    fn hear(&mut self) -> Result<bool, Unreadable> {
        let mut bytes = [0; 16 << 10];
        loop {
            match self.stream.try_read(&mut bytes) {
                Ok(0) => return Ok(true),
                Ok(count) => self.heard.extend(bytes.iter().take(count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(true),
            }
            if self.heard.len() > LONGEST {
                return Err(Unreadable);
            }
        }
    }
}

/// The sessions that live, the newest first. The socket of one that was killed is taken away.
async fn living(folder: &Path) -> Vec<Session> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut sockets: Vec<_> = entries.map(|entry| entry.path()).collect();
    sockets.retain(|path| path.extension().is_some_and(|end| end == SOCKET));
    // Runs sort by their time.
    sockets.sort_unstable();
    let mut living = Vec::new();
    for socket in sockets.into_iter().rev() {
        match UnixStream::connect(&socket).await {
            Ok(stream) if is_ours(&stream) => {
                let run = socket.file_stem().unwrap_or_default().to_string_lossy();
                living.push(Session { run: visible(&run), stream, heard: Vec::new() });
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                let _ = fs::remove_file(socket);
            }
            _ => {}
        }
    }
    living
}

/// Draws what comes until it ends, one way or the other. The terminal is given back by then.
///
/// # Errors
/// The terminal cannot be taken over, or went away; or what comes is no picture (`InvalidData`).
pub async fn watch(mut session: Session, theme: Theme) -> io::Result<Ending> {
    own_up();
    let mut screen = Screen::open(theme.colour, "okteto-ecr follow")?;
    let mut deaths = Deaths::new()?;
    let mut hands = input::hands();
    let mut picture = None;
    loop {
        screen.draw(|frame| draw(frame, picture.as_ref(), &session.run, theme))?;
        tokio::select! {
            biased;
            number = deaths.next() => return Ok(Ending::Signal(number)),
            typed = hands.recv() => match typed {
                Some(Input::Resize(..)) => screen.redraw()?,
                Some(Input::Key(key)) if leaves(key) => return Ok(Ending::Left),
                Some(_) => {}
                // The terminal is gone: the same as a hang-up.
                None => return Ok(Ending::Signal(SIGHUP)),
            },
            news = session.next() => match news {
                Ok(Some(new)) => picture = Some(new),
                Ok(None) => return Ok(Ending::Over),
                Err(Unreadable) => return Err(ErrorKind::InvalidData.into()),
            },
        }
    }
}

fn leaves(key: Key) -> bool {
    [Key::plain(Code::Char('q')), Key::plain(Code::Esc), Key::ctrl('c')].contains(&key)
}

/// A bug in the program: the screen is given back, and one sentence says so.
fn own_up() {
    std::panic::set_hook(Box::new(|bug| {
        restore();
        let place = bug.location().map(|at| format!(" at {}:{}", at.file(), at.line()));
        let _ = writeln!(
            io::stderr(),
            "okteto-ecr met a bug in itself{} and stopped. The session that was followed goes on.",
            place.unwrap_or_default()
        );
    }));
}

/// The picture, and in the last row what this is.
fn draw(frame: &mut Frame<'_>, picture: Option<&Picture>, run: &str, theme: Theme) {
    let area = frame.area();
    if let Some(picture) = picture {
        picture.paint(frame.buffer_mut(), theme.mask);
        if theme.ascii {
            view::to_ascii(frame.buffer_mut());
        }
    } else {
        let words = cut(theme, " Waiting for the picture.", usize::from(area.width));
        frame.render_widget(Line::raw(words), area);
    }
    let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area }.intersection(area);
    let whole =
        picture.map(Picture::size).filter(|size| size.0 > area.width || size.1 > area.height);
    let words = said(theme, run, whole, usize::from(area.width));
    let pad = usize::from(area.width).saturating_sub(words.width());
    frame.render_widget(Line::styled(words + &" ".repeat(pad), theme.selected()), last);
    if let Some(at) =
        picture.and_then(Picture::cursor).filter(|at| at.y < last.y && at.x < area.right())
    {
        frame.set_cursor_position(at);
    }
}

/// What this is, in as many words as there is room for. `whole` is the size of a picture that is larger than the window.
fn said(theme: Theme, run: &str, whole: Option<(u16, u16)>, room: usize) -> String {
    let following = format!("following {run}");
    let part = whole.map(|(columns, rows)| format!("in part, whole at {columns}x{rows}"));
    let facts = [Some(following.as_str()), Some("read-only"), Some("q leaves"), part.as_deref()];
    let dot = format!(" {} ", theme.glyph(Glyph::Dot));
    // The name of the run goes first, then that nothing can be typed.
    let choices = (0..3).map(|from| {
        let facts: Vec<&str> = facts.iter().skip(from).copied().flatten().collect();
        facts.join(&dot)
    });
    let words = choices.into_iter().find(|words| words.width() <= room);
    words.unwrap_or_else(|| cut(theme, "q leaves", room))
}
