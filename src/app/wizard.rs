//! The whole state, and the one function that changes it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::form::Form;
use super::input::{Code, Input, Key};
use super::keymap::{self, Command};
use super::message::{Effect, Exit, Message};
use super::overlay::{Matter, Overlay};
use super::plain;
use super::search::Reading;
pub use super::setup::{Lessons, Setup};
use super::slot::{Slot, Slots};
use super::step::{Offer, Step};
use super::steps::{
    self, access, apply, identity, mend, mode, okteto, practice, pull, review, rotation, runs,
    tutorial, undo,
};
use super::task::{Job, Report, TaskId};
use super::who::Who;
use crate::domain::draft::Draft;
use crate::domain::moment::Moment;
use crate::domain::seen::CallRecord;

/// The smallest window the wizard draws in: columns, rows.
pub const SMALLEST: (u16, u16) = (60, 15);

/// What is said of practice outside the screen.
pub(super) const PRACTICE: &str = "PRACTICE: this was a made-up account.";

/// What was accepted of a review, in the folder of an exercise's run.
const ACCEPTED: &str = "okteto-ecr-accepted.toml";

/// How long a secret is shown before it is hidden again.
const REVEALED: Duration = Duration::from_secs(20);

/// How long a passing remark stays in the line above the keys.
const REMARK_STAYS: Duration = Duration::from_secs(6);

/// The wizard's state.
#[derive(Debug)]
pub struct App {
    /// What was settled at the start.
    pub setup: Setup,
    /// The time of the last message.
    pub now: Moment,
    /// What the wall clock said at the start, in seconds since 1970; `None` where nobody told.
    pub started_unix: Option<i64>,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Where we are.
    pub step: Step,
    /// The furthest step reached.
    pub furthest: Step,
    /// Everything as typed.
    pub draft: Draft,
    /// Who the operator is.
    pub who: Who,
    /// The tasks.
    pub slots: Slots,
    /// Step 1.
    pub mode: mode::State,
    /// Step 2.
    pub identity: identity::State,
    /// Step 3.
    pub access: access::State,
    /// Step 4.
    pub apply: apply::State,
    /// Step 5.
    pub pull: pull::State,
    /// Step 6.
    pub okteto: okteto::State,
    /// The rotation of a user's key.
    pub rotation: rotation::State,
    /// The runs that the journal knows.
    pub runs: runs::State,
    /// Taking a run back.
    pub undo: undo::State,
    /// The review.
    pub review: review::State,
    /// Mending what the review found.
    pub mend: mend::State,
    /// The exercises and the open one.
    pub practice: practice::State,
    /// The tutorial beside what is sent.
    pub tutorial: tutorial::State,
    /// The topmost thing.
    pub overlay: Option<Overlay>,
    /// Changes made in AWS by this run.
    pub changes_made: usize,
    /// The log of calls.
    pub calls: Vec<CallRecord>,
    /// Where the calls are written down: in the folder of the run that this process began with.
    pub log: PathBuf,
    revealed: Option<Moment>,
    remark: Option<(String, Moment)>,
    interrupts: u8,
    effects: Vec<Effect>,
}

impl App {
    /// The wizard at its first step. Nothing has been asked of anyone yet.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let mut app = Self {
            now: Moment::default(),
            started_unix: None,
            size: (80, 24),
            step: Step::Mode,
            furthest: Step::Mode,
            draft: Draft::default(),
            who: Who::default(),
            slots: Slots::default(),
            mode: mode::State::default(),
            identity: identity::State::default(),
            access: access::State::default(),
            apply: apply::State::default(),
            pull: pull::State::default(),
            okteto: okteto::State::default(),
            rotation: rotation::State::default(),
            runs: runs::State::default(),
            undo: undo::State::default(),
            review: review::State::default(),
            mend: mend::State::of(&setup.stamp),
            practice: practice::State::of(&setup.lessons),
            tutorial: tutorial::State::default(),
            log: setup.run_folder.join("log"),
            overlay: None,
            changes_made: 0,
            calls: Vec::new(),
            revealed: None,
            remark: None,
            interrupts: 0,
            effects: Vec::new(),
            setup,
        };
        identity::prefill(&mut app);
        app
    }

    /// What to start before the first key: all of it in the background.
    pub fn begin(&mut self) -> Vec<Effect> {
        match self.setup.lessons.begin {
            // What there is to look at comes with its world.
            Some(index) => practice::open::begin(self, index),
            None => self.look_around(),
        }
        if self.setup.begin_at != Step::Mode {
            self.go_to(self.setup.begin_at);
        }
        std::mem::take(&mut self.effects)
    }

    /// What is looked for on this machine and in the account before anything is asked for.
    pub(super) fn look_around(&mut self) {
        self.start(Slot::Locate, Job::Locate);
        self.start(Slot::Whoami, Job::Whoami { until_renewed: false });
        self.start(Slot::Runs, Job::Runs);
    }

    /// Takes one message in.
    pub fn update(&mut self, message: Message, now: Moment) -> Vec<Effect> {
        self.now = now;
        if self.remark.as_ref().is_some_and(|(_, since)| now.since(*since) >= REMARK_STAYS) {
            self.remark = None;
            // A second Ctrl-C is one that follows the first, not one of another day.
            self.interrupts = 0;
        }
        match message {
            Message::Input(Input::Key(key)) => self.key(key),
            Message::Input(Input::Paste(text)) => self.paste(&text),
            Message::Input(Input::Resize(columns, rows)) => self.size = (columns, rows),
            Message::Task(id, report) => self.report(id, report),
            Message::Called(record) => self.calls.push(record),
            Message::Tick => steps::edited(self),
            Message::Resumed => {}
        }
        std::mem::take(&mut self.effects)
    }

    /// When the picture changes by time alone; `None` when it does not.
    #[must_use]
    pub fn wakes_in(&self) -> Option<Duration> {
        let spinner = self.slots.is_moving(self.now).then_some(Duration::from_millis(250));
        let remark =
            self.remark.as_ref().map(|(_, s)| REMARK_STAYS.saturating_sub(self.now.since(*s)));
        let form = self.form().and_then(|f| f.due(self.now));
        let age = review::ages_in(self);
        [spinner, remark, form, age, self.hides_in().map(within_a_second)]
            .into_iter()
            .flatten()
            .min()
            .map(|d| d.max(Duration::from_millis(20)))
    }

    /// Everything as at the start, with these answers, as another run: another account stands in the place of the old one.
    /// What runs is cancelled and not listened to any more; where one is in practice, and the log of calls, stay.
    pub(super) fn restart(&mut self, run: &str, last: Option<Draft>) {
        let cancelled = self.slots.drop_all();
        self.effects.extend(cancelled.into_iter().map(Effect::Cancel));
        self.become_run(run);
        // What a learner accepts is about a made-up account: the file of the working folder stays as it is.
        self.setup.accepted = self.setup.run_folder.join(ACCEPTED);
        let mut fresh = Self::new(Setup { last, ..self.setup.clone() });
        for form in [&mut fresh.identity.form, &mut fresh.access.form, &mut fresh.pull.form] {
            form.of_exercise();
        }
        let old = std::mem::replace(self, fresh);
        (self.now, self.started_unix, self.size) = (old.now, old.started_unix, old.size);
        (self.slots, self.practice, self.calls) = (old.slots, old.practice, old.calls);
        (self.log, self.effects) = (old.log, old.effects);
    }

    // ---- for the steps --------------------------------------------------------------------------------

    /// Starts a task in a slot; what ran there before is cancelled and not listened to any more.
    pub fn start(&mut self, slot: Slot, job: Job) -> TaskId {
        let (id, replaced) = self.slots.begin(slot, self.now);
        self.effects.extend(replaced.map(Effect::Cancel));
        self.effects.push(Effect::Start(id, job));
        id
    }

    /// Cancels what runs in a slot and forgets it.
    pub fn drop_task(&mut self, slot: Slot) {
        let id = self.slots.drop_task(slot);
        self.effects.extend(id.map(Effect::Cancel));
    }

    /// Asks what runs in a slot to stop; how it ended will still be reported.
    pub fn stop_task(&mut self, slot: Slot) -> bool {
        let id = self.slots.stop(slot);
        self.effects.extend(id.map(Effect::Cancel));
        id.is_some()
    }

    /// Says something in passing. What matters stands on the screen itself, never only here.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.remark = Some((text.into(), self.now));
    }

    /// Sends text to the terminal's clipboard and says so, honestly: nobody answers.
    pub fn copy(&mut self, text: &str) {
        let n = text.chars().count();
        self.effects.push(Effect::Copy(text.to_owned()));
        let s = if n == 1 { "" } else { "s" };
        self.remark(format!(
            "Sent {n} character{s} to your terminal for its clipboard. Empty? P prints it."
        ));
    }

    /// The same with a secret, which is never shown to do it.
    pub fn copy_secret(&mut self, secret: SecretString) {
        self.effects.push(Effect::CopySecret(secret));
        self.remark("Sent to your terminal for its clipboard: it is a secret. Clear it after use.");
    }

    /// Shows the secret of this screen for a moment, or hides it.
    pub fn reveal(&mut self) {
        self.revealed = if self.is_revealed() { None } else { Some(self.now) };
    }

    /// Hides it: what it stood on is left.
    pub fn hide(&mut self) {
        self.revealed = None;
    }

    /// Whether the secret of this screen is shown.
    #[must_use]
    pub fn is_revealed(&self) -> bool {
        self.hides_in().is_some()
    }

    /// How long the secret of this screen is still shown.
    #[must_use]
    pub fn hides_in(&self) -> Option<Duration> {
        let left = REVEALED.checked_sub(self.now.since(self.revealed?))?;
        (!left.is_zero()).then_some(left)
    }

    /// Looks at the state as it is for those who must see no secret: none is shown meanwhile.
    pub fn concealed<T>(&mut self, look: impl FnOnce(&Self) -> T) -> T {
        let revealed = self.revealed.take();
        let seen = look(self);
        self.revealed = revealed;
        seen
    }

    /// Prints text outside the screen.
    pub fn print(&mut self, text: &str) {
        let head = if self.setup.practice { format!("{PRACTICE}\n\n") } else { String::new() };
        self.effects.push(Effect::Print(head + &plain::written_out(text)));
    }

    /// Goes to a step. What was typed elsewhere stays.
    pub fn go_to(&mut self, step: Step) {
        let step = review::lent::way(self, step);
        if let Some(form) = self.form_mut() {
            form.leave();
        }
        self.write_draft();
        self.step = step;
        // Only the pull test leads back to a rotation, and only where it was come to from there.
        self.rotation.is_open &= matches!(step, Step::Pull | Step::Rotation);
        if step.is_in_sequence() && self.review.kept().is_none() {
            self.furthest = self.furthest.max(step);
        }
        self.remark = None;
        self.revealed = None;
        let saving = self.saving();
        self.start(Slot::Save, saving);
        steps::enter(self);
    }

    /// The wizard goes on as another run: what is sent is written to its journal, and the answers go to its folder.
    pub fn become_run(&mut self, run: &str) {
        run.clone_into(&mut self.setup.stamp.run);
        self.setup.run_folder = self.setup.run_folder.with_file_name(run);
    }

    /// Writes the answers to the folder of the run.
    pub(super) fn saving(&self) -> Job {
        let draft = self.review.kept().unwrap_or(&self.draft);
        Job::SaveAnswers(self.setup.stamp.run.clone(), Box::new(draft.clone()))
    }

    /// Ends the program.
    pub fn quit(&mut self, exit: Exit) {
        self.effects.push(Effect::Quit(exit));
    }

    /// Copies what all forms hold into the draft.
    pub fn write_draft(&mut self) {
        self.identity.form.write_to(&mut self.draft);
        self.access.form.write_to(&mut self.draft);
        self.pull.write_to(&mut self.draft);
    }

    // ---- for the drawing ------------------------------------------------------------------------------

    /// The line above the keys: a passing remark, else what the step has to say.
    #[must_use]
    pub fn status(&self) -> String {
        self.remark.as_ref().map_or_else(|| steps::status(self), |(text, _)| text.clone())
    }

    /// What was just said in passing.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        self.remark.as_ref().map(|(text, _)| text.as_str())
    }

    /// What the keys do now: the step's offers, then what is everywhere.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let mut offers = steps::offers(self);
        if !self.is_typing() {
            offers.push(Offer::on(Command::Leave, "quit"));
            offers.push(Offer::on(Command::Log, "log"));
        }
        offers
    }

    /// Whether the window is too small to draw in.
    #[must_use]
    pub const fn is_too_small(&self) -> bool {
        self.size.0 < SMALLEST.0 || self.size.1 < SMALLEST.1
    }

    /// Whether printable keys are typed on the screen: into a field or a search.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        let searches = || steps::reading(self).is_some_and(|(r, _)| r.search.typing);
        let filters = self.step == Step::Review && self.review.is_typing();
        self.form().is_some() || filters || searches()
    }

    /// The topmost text: where one is in it and what is looked for, and its lines.
    #[must_use]
    pub fn reading(&self) -> Option<(&Reading, Vec<String>)> {
        super::over::reading(self)
    }

    /// The form whose field has the focus, if one has it.
    #[must_use]
    pub fn form(&self) -> Option<&Form> {
        match self.step {
            Step::Identity => Some(&self.identity.form),
            Step::Access => self.access.form_in_focus(),
            Step::Pull => self.pull.form_in_focus(),
            _ => None,
        }
    }

    fn form_mut(&mut self) -> Option<&mut Form> {
        match self.step {
            Step::Identity => Some(&mut self.identity.form),
            Step::Access => self.access.form_in_focus_mut(),
            Step::Pull => self.pull.form_in_focus_mut(),
            _ => None,
        }
    }

    // ---- keys -----------------------------------------------------------------------------------------

    fn key(&mut self, key: Key) {
        if key == Key::ctrl('c') {
            return self.interrupt();
        }
        self.interrupts = 0;
        // What was said in passing was about the key before.
        self.remark = None;
        if key == Key::ctrl('z') {
            self.effects.push(Effect::Suspend);
            return;
        }
        if self.is_too_small() {
            // Nothing but this is on screen, so nothing but this can be meant.
            if key == Key::plain(Code::Char('q')) {
                self.quit(self.exit_now());
            }
            return;
        }
        if self.overlay.is_some() {
            return super::over::key(self, key);
        }
        // Help is there also while a search is typed.
        if keymap::command_in_field(key) != Some(Command::Help) && steps::searched(self, key) {
            return;
        }
        let now = self.now;
        if self.form().is_some() {
            if let Some(command) = keymap::command_in_field(key) {
                self.command(command);
            } else {
                if !steps::suggestion_taken(self, key)
                    && let Some(field) = self.form_mut().and_then(Form::focused_mut)
                {
                    field.key(key, now);
                }
                self.write_draft();
                steps::edited(self);
            }
        } else if let Some(command) = keymap::command(key) {
            self.command(command);
        }
    }

    fn paste(&mut self, text: &str) {
        let now = self.now;
        self.remark = None;
        if self.overlay.is_some() {
            return super::over::paste(self, text);
        }
        if steps::pasted(self, text) {
            return;
        }
        if let Some(field) = self.form_mut().and_then(Form::focused_mut) {
            field.paste(text, now);
            self.write_draft();
            steps::edited(self);
        } else {
            self.remark("Nothing here takes a paste.");
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Help => {
                self.overlay = Some(Overlay::help(None));
                return;
            }
            Command::Log => {
                let last = self.calls.len().saturating_sub(1);
                self.overlay = Some(Overlay::Log(Reading::at(last)));
                return;
            }
            Command::Leave => return self.ask_to_leave(),
            _ => {}
        }
        let offer = steps::offers(self).into_iter().find(|o| o.command == command);
        if let Some(why) = offer.as_ref().and_then(|o| o.refused.clone()) {
            return self.remark(why);
        }
        if steps::command(self, command) {
            return;
        }
        match command {
            Command::Back => match self.step.previous() {
                Some(step) => self.go_to(step),
                None => self.remark("This is the first step. q quits."),
            },
            Command::Review => review::open(self),
            Command::Practice if self.setup.practice => practice::open(self),
            Command::Tutorial if self.setup.practice => tutorial::open(self),
            Command::Exports if self.setup.practice => practice::exports::open(self),
            Command::Trainer if self.setup.practice => practice::notes(self),
            Command::Hint | Command::StartOver | Command::Quiet if self.setup.practice => {
                self.remark("That is done on the exercise's own screen: O opens it.");
            }
            _ => {
                if let Some(place) = keymap::elsewhere(command) {
                    self.remark(place);
                }
            }
        }
    }

    /// What was asked to stop has ended.
    fn stopped(&mut self, slot: Slot) {
        if self.interrupts > 0
            && matches!(slot, Slot::Apply | Slot::Undo | Slot::Mend | Slot::Probe | Slot::Review)
        {
            self.remark("Stopped. Ctrl-C again leaves at once.");
        }
    }

    fn interrupt(&mut self) {
        self.interrupts += 1;
        let leaving =
            matches!(&self.overlay, Some(Overlay::Question(q)) if q.matter == Matter::Leave);
        if self.interrupts > 1 || leaving {
            return self.quit(Exit::Interrupted);
        }
        if [Slot::Apply, Slot::Undo, Slot::Mend].into_iter().any(|slot| self.stop_task(slot)) {
            self.remark("Stopping after the call that is under way. Ctrl-C again leaves at once.");
        } else if self.stop_task(Slot::Probe) {
            self.remark("Stopping the pull test. Ctrl-C again leaves at once.");
        } else if self.stop_task(Slot::Review) {
            self.remark("Stopping; what was read stays. Ctrl-C again leaves at once.");
        } else {
            self.ask_to_leave();
        }
    }

    /// Carries out the answer to a question: the choice of this number, the first of which is the safe one.
    pub fn answer(&mut self, matter: Matter, choice: usize) {
        self.overlay = None;
        match (matter, choice) {
            (_, 0) => {}
            (Matter::Leave, 1) => self.quit(self.exit_now()),
            (Matter::Leave, _) => undo::open(self, self.setup.stamp.run.clone(), true),
            (Matter::Finish, _) => self.quit(Exit::Finished),
            (Matter::Apply, _) => apply::begin(self),
            (Matter::Undo, _) => undo::begin(self),
            (Matter::Mend, _) => mend::begin(self),
            (Matter::OktetoHasIt, _) => rotation::told(self),
            (Matter::Acceptance, choice) => review::accept::answered(self, choice),
            (Matter::Root, _) => {
                self.who.root_accepted = true;
                self.remark("Going on as root of the account.");
            }
        }
    }

    // ---- tasks ----------------------------------------------------------------------------------------

    fn report(&mut self, id: TaskId, report: Report) {
        let Some(slot) = self.slots.of(id) else { return };
        match report {
            Report::News(news) => steps::news(self, slot, news),
            Report::End(end) => {
                self.slots.end(slot, self.now);
                self.stopped(slot);
                steps::ended(self, slot, end);
            }
        }
    }
}

/// A second is counted down on screen.
const fn within_a_second(left: Duration) -> Duration {
    let millis = left.as_millis() % 1000;
    Duration::from_millis(if millis == 0 { 1000 } else { millis as u64 })
}
