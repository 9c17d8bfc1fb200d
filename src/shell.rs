//! The loop: wait, update, start and stop tasks, draw once.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use signal_hook::consts::SIGHUP;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::input::{Input, Key};
use crate::app::message::{Effect, Exit, Message};
use crate::app::wizard::{App, Setup};
use crate::clock::unix_now;
use crate::domain::moment::Moment;
use crate::engine::runner::{Event, Runner};
use crate::follow::Picture;
use crate::follow::host::Host;
use crate::ports::CallRecord;
use crate::terminal::death::Deaths;
use crate::terminal::{Screen, burst, input, panic, restore};
use crate::ui::theme::Theme;
use crate::ui::view;

/// News are drawn at most ten times a second (ux W11); keys at once.
const BETWEEN_FRAMES: Duration = Duration::from_millis(100);

/// How the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By the operator.
    Exit(Exit),
    /// By a signal, to be died by.
    Signal(i32),
    /// By a bug.
    Panicked,
}

impl Ending {
    /// The exit code of the contract.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Exit(exit) => exit.code(),
            Self::Signal(number) => u8::try_from(128 + number).unwrap_or(1),
            Self::Panicked => 70,
        }
    }
}

/// Runs the wizard until it ends. The first frame is drawn before anything is asked of anyone. Whoever follows sees it
/// by `host`.
///
/// # Errors
/// The terminal cannot be taken over, or went away.
pub async fn run(
    setup: Setup,
    theme: Theme,
    runner: Runner,
    mut events: UnboundedReceiver<Event>,
    calls: UnboundedReceiver<CallRecord>,
    host: Host,
) -> io::Result<Ending> {
    panic::install(setup.run_folder.clone());
    let title = if setup.practice { "PRACTICE okteto-ecr" } else { "okteto-ecr" };
    let screen = Screen::open(theme.colour, title)?;
    let mut app = App::new(setup);
    app.started_unix = Some(unix_now());
    let mut shell = Shell {
        app,
        screen,
        runner,
        theme,
        host,
        started: Instant::now(),
        drawn: None,
        stale: true,
        urgent: true,
        printing: false,
        ending: None,
    };
    let ending = shell.turn(&mut events, calls).await;
    // Ctrl-C twice leaves within a second; otherwise a changing call under way is let end.
    let limit = match ending {
        Ok(Ending::Exit(Exit::Interrupted)) => Duration::from_millis(500),
        Ok(Ending::Signal(_)) => Duration::from_secs(5),
        // A key that is made just now is delivered, or deleted.
        _ => Duration::from_mins(4),
    };
    restore();
    shell.host.close();
    shell.runner.shutdown(limit).await;
    // How it ended belongs to the last words.
    while let Ok(event) = events.try_recv() {
        if let Event::Report(id, report) = event {
            let now = shell.now();
            let _ = shell.app.update(Message::Task(id, report), now);
        }
    }
    let words = shell.app.last_words();
    drop(shell);
    restore();
    if matches!(ending, Ok(Ending::Exit(_) | Ending::Signal(_))) {
        for line in words {
            // Nobody is left to tell where standard error is gone, too.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
    ending
}

struct Shell {
    app: App,
    screen: Screen,
    runner: Runner,
    theme: Theme,
    host: Host,
    started: Instant,
    drawn: Option<Instant>,
    stale: bool,
    urgent: bool,
    /// Text is shown outside the screen until a key comes.
    printing: bool,
    ending: Option<Ending>,
}

impl Shell {
    async fn turn(
        &mut self,
        events: &mut UnboundedReceiver<Event>,
        mut calls: UnboundedReceiver<CallRecord>,
    ) -> io::Result<Ending> {
        let mut deaths = Deaths::new()?;
        let mut stops = signal(SignalKind::from_raw(signal_hook::consts::SIGTSTP))?;
        let mut hands = input::hands();
        let (columns, rows) = self.screen.size()?;
        self.take(Message::Input(Input::Resize(columns, rows)))?;
        self.draw()?;
        let begun = self.app.begin();
        self.carry_out(begun)?;
        while self.ending.is_none() {
            self.draw()?;
            let wake = self.wakes_in();
            tokio::select! {
                biased;
                number = deaths.next() => self.ending = Some(Ending::Signal(number)),
                _ = stops.recv() => self.carry_out(vec![Effect::Suspend])?,
                input = hands.recv() => match input {
                    Some(first) => {
                        let mut batch = vec![first];
                        while let Ok(next) = hands.try_recv() {
                            batch.push(next);
                        }
                        self.typed(batch)?;
                    }
                    // The terminal is gone: the same as a hang-up.
                    None => self.ending = Some(Ending::Signal(SIGHUP)),
                },
                Some(event) = events.recv() => {
                    self.happened(event)?;
                    while let Ok(event) = events.try_recv() {
                        self.happened(event)?;
                    }
                }
                Some(record) = calls.recv() => self.take(Message::Called(record))?,
                () = self.host.called() => self.share(),
                () = tokio::time::sleep(wake.unwrap_or_default()), if wake.is_some() => {
                    self.take(Message::Tick)?;
                }
            }
            if panic::happened() {
                self.ending = Some(Ending::Panicked);
            }
        }
        Ok(self.ending.unwrap_or(Ending::Panicked))
    }

    fn now(&self) -> Moment {
        Moment(self.started.elapsed())
    }

    fn typed(&mut self, batch: Vec<Input>) -> io::Result<()> {
        for input in burst::join(batch) {
            if self.printing && !matches!(input, Input::Resize(..)) {
                self.printing = false;
                self.screen.back()?;
                self.stale = true;
                self.urgent = true;
                // Any key goes back, but Ctrl-C never means that alone.
                if input != Input::Key(Key::ctrl('c')) {
                    continue;
                }
            }
            if matches!(input, Input::Resize(..)) && !self.printing {
                self.screen.redraw()?;
            }
            self.urgent = true;
            self.take(Message::Input(input))?;
            if self.ending.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn happened(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Report(id, report) => self.take(Message::Task(id, report)),
            Event::Panicked => {
                self.ending = Some(Ending::Panicked);
                Ok(())
            }
        }
    }

    fn take(&mut self, message: Message) -> io::Result<()> {
        let now = self.now();
        let effects = self.app.update(message, now);
        self.stale = true;
        // What was made in practice is gone with the program, whatever ends it.
        if !self.app.setup.practice {
            panic::note_made(self.app.apply.may_exist(), self.app.way_on());
        }
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Start(id, job) => self.runner.start(id, job),
                Effect::Cancel(id) => self.runner.cancel(id),
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::CopySecret(secret) => self.screen.copy(secret.expose_secret())?,
                Effect::Print(text) => {
                    self.screen.print(&text)?;
                    self.printing = true;
                }
                Effect::Suspend => {
                    self.screen.suspend()?;
                    let (columns, rows) = self.screen.size()?;
                    self.take(Message::Input(Input::Resize(columns, rows)))?;
                    self.urgent = true;
                }
                Effect::Quit(exit) => self.ending = Some(Ending::Exit(exit)),
            }
        }
        Ok(())
    }

    /// How long until something must be drawn or told to the state.
    fn wakes_in(&self) -> Option<Duration> {
        let frame = self.stale.then(|| {
            self.drawn.map_or(Duration::ZERO, |d| BETWEEN_FRAMES.saturating_sub(d.elapsed()))
        });
        [self.app.wakes_in(), frame].into_iter().flatten().min()
    }

    fn draw(&mut self) -> io::Result<()> {
        let rested = self.drawn.is_none_or(|d| d.elapsed() >= BETWEEN_FRAMES);
        if !self.stale || self.printing || !(self.urgent || rested) {
            return Ok(());
        }
        let Self { app, theme, screen, .. } = self;
        screen.draw(|frame| view::draw(frame, app, *theme))?;
        self.drawn = Some(Instant::now());
        self.stale = false;
        self.urgent = false;
        self.share();
        Ok(())
    }

    /// The picture for those who follow, if anybody does.
    fn share(&mut self) {
        if self.host.is_followed() {
            self.host.show(&Picture::of(&mut self.app, self.theme));
        }
    }
}
