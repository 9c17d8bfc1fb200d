//! Step 5: what to pull and with whose token, then the pull itself, rung by rung.

pub mod browse;
pub mod key;
pub mod mend;
pub mod order;
pub mod run;
pub mod setup;
pub mod story;
pub mod token;
pub mod watch;
pub mod words;

#[cfg(test)]
mod tests;

use crate::app::form::{Form, Source};
use crate::app::input::Key;
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, Job, News};
use crate::app::wizard::App;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::fault::Fault;
use crate::domain::intent::Intent;
use crate::domain::probe::Depth;
use crate::domain::secret::AccessKey;

use super::{apply, practice, rotation};
pub use setup::focus;

use mend::Mend;
use run::Run;
use token::{Pasted, Way};

/// A part of the set-up that can take the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Where the access key comes from, in user mode.
    Key,
    /// Where the token comes from.
    Token,
    /// The token's file, where it comes from one.
    TokenFile,
    /// The image.
    Image,
    /// Its platform.
    Platform,
    /// How much of it.
    Depth,
    /// What to do now.
    Action,
}

impl Part {
    /// The text field that this part is, if it is one.
    #[must_use]
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::TokenFile => Some(Field::TokenFile),
            Self::Image => Some(Field::Image),
            Self::Platform => Some(Field::Platform),
            Self::Key | Self::Token | Self::Depth | Self::Action => None,
        }
    }
}

/// Which of the two faces of the step is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What to pull.
    Setup,
    /// The pull, running or ended.
    Run,
}

/// Something that Enter does in the row of choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Run the pull test.
    Run,
    /// Show the one that runs.
    Show,
    /// Go to what mends it.
    Mend(Mend),
    /// Run it again.
    Again,
    /// Back to what to pull.
    Change,
    /// On to step 6.
    GoOn,
    /// On to step 6 without a proof.
    GoOnUntested,
    /// Back to the rotation that the test is part of.
    Rotation,
    /// Back to the review that lent the role.
    Review,
}

impl Act {
    /// What stands in the row.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Run => "Run the pull test",
            Self::Show => "Show the running test",
            Self::Mend(mend) => mend.words(),
            Self::Again => "Pull again",
            Self::Change => "Change",
            Self::GoOn => "Continue to Okteto",
            Self::GoOnUntested => "Go on untested",
            Self::Rotation => "Back to the rotation",
            Self::Review => "Back to the review",
        }
    }

    /// What stands in the footer, and in a row that is too narrow for more.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Show => "show it",
            Self::Mend(mend) => mend.short(),
            Self::Again => "pull again",
            Self::Change => "change",
            Self::GoOn => "continue",
            Self::GoOnUntested => "go on untested",
            Self::Rotation => "go on",
            Self::Review => "review",
        }
    }
}

/// How deep the test can go, shallow first.
pub const DEPTHS: [Depth; 3] = [Depth::Manifest, Depth::SmallestLayer, Depth::Full];

/// The state of step 5.
#[derive(Debug)]
pub struct State {
    /// Token file, image, platform.
    pub form: Form,
    /// Which face is shown.
    pub view: View,
    /// The part of the set-up with the focus.
    pub part: Part,
    /// Where the token comes from, once that was chosen.
    pub way: Option<Way>,
    /// The pasted token, or why the paste was none.
    pub pasted: Option<Pasted>,
    /// Where the access key comes from, once that was chosen.
    pub key_way: Option<key::Way>,
    /// The pasted access key, or why the paste was none.
    pub pasted_key: Option<Result<AccessKey, Fault>>,
    /// The row of choices: which is marked.
    pub choice: usize,
    /// The pull test that runs or the last one that ran.
    pub run: Option<Run>,
    /// The selected rung.
    pub rung: Cursor,
    /// Whether the rungs have the focus, not the row of choices.
    pub on_rungs: bool,
    /// Whether the selection follows the running rung.
    follows: bool,
}

impl Default for State {
    fn default() -> Self {
        let mut form = Form::new(&[Field::TokenFile, Field::Image, Field::Platform]);
        if let Some(platform) = form.get_mut(Field::Platform) {
            platform.fill("linux/amd64", Source::Nowhere);
        }
        Self {
            form,
            view: View::Setup,
            part: Part::Image,
            way: None,
            pasted: None,
            key_way: None,
            pasted_key: None,
            choice: 0,
            run: None,
            rung: Cursor::default(),
            on_rungs: false,
            follows: true,
        }
    }
}

impl State {
    /// The form, while one of its fields has the focus.
    #[must_use]
    pub fn form_in_focus(&self) -> Option<&Form> {
        (self.view == View::Setup && self.part.field().is_some()).then_some(&self.form)
    }

    /// The form, while one of its fields has the focus.
    pub fn form_in_focus_mut(&mut self) -> Option<&mut Form> {
        (self.view == View::Setup && self.part.field().is_some()).then_some(&mut self.form)
    }

    /// Forgets what belongs to the other mode: the last test and where the focus was.
    pub fn forget(&mut self) {
        (self.run, self.view, self.part, self.choice) = (None, View::Setup, Part::Image, 0);
        (self.key_way, self.pasted_key) = (None, None);
    }

    /// Copies the texts into the draft; a token file only where the token comes from one.
    pub fn write_to(&self, draft: &mut Draft) {
        self.form.write_to(draft);
        if self.way.is_some_and(|way| way != Way::File) {
            draft.texts.remove(&Field::TokenFile);
        }
    }
}

/// The parts of the set-up in reading order.
#[must_use]
pub fn parts(app: &App) -> Vec<Part> {
    let mut parts = match app.draft.mode {
        Mode::Oidc => vec![Part::Token],
        Mode::IamUser => vec![Part::Key],
    };
    if parts == [Part::Token] && token::way(app) == Way::File {
        parts.push(Part::TokenFile);
    }
    parts.extend([Part::Image, Part::Platform, Part::Depth, Part::Action]);
    parts
}

/// The row of choices as it is now.
#[must_use]
pub fn acts(app: &App) -> Vec<Act> {
    let running = is_running(app);
    let is_lent = app.review.kept().is_some();
    match (app.pull.view, running) {
        (View::Setup, false) if is_lent => vec![Act::Run, Act::Review],
        (View::Run, false) if is_lent => vec![Act::Again, Act::Change, Act::Review],
        (View::Setup, true) => vec![Act::Show],
        (View::Setup, false) => vec![Act::Run, Act::GoOnUntested],
        (View::Run, true) => Vec::new(),
        (View::Run, false) if is_proved(app) && app.rotation.is_open => {
            vec![Act::Rotation, Act::Again, Act::Change]
        }
        (View::Run, false) if is_proved(app) => vec![Act::GoOn, Act::Again, Act::Change],
        (View::Run, false) => {
            let mend = mend::way(app).map(Act::Mend);
            mend.into_iter().chain([Act::Again, Act::Change, Act::GoOnUntested]).collect()
        }
    }
}

/// Whether the pull test runs now.
#[must_use]
pub fn is_running(app: &App) -> bool {
    app.slots.running(Slot::Probe).is_some()
}

/// Whether nothing failed in the last pull test, and that with the role and the answers of now.
#[must_use]
pub fn is_proved(app: &App) -> bool {
    let Some(run) = app.pull.run.as_ref().filter(|r| r.is_good()) else { return false };
    let Some(caller) = app.who.known() else { return false };
    let Ok(intent) = app.draft.intent(caller) else { return false };
    let arn = match &intent {
        Intent::Oidc(oidc) => apply::role_arn(app).unwrap_or_else(|| oidc.role_arn()).to_string(),
        Intent::IamUser(user) => {
            apply::user_arn(app).unwrap_or_else(|| user.user_arn()).to_string()
        }
    };
    // A key that was made since has not been tried.
    let tried = run.report().and_then(|report| report.key.clone());
    let is_same_key = apply::key(app).is_none_or(|key| tried.is_none_or(|tried| tried == key));
    run.arn == arn && *run.intent == intent && is_same_key
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    match app.pull.view {
        View::Setup => setup::offers(app),
        View::Run => watch::offers(app),
    }
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match app.pull.view {
        View::Setup => setup::command(app, command),
        View::Run => watch::command(app, command),
    }
}

/// Starts the pull test, or goes to what keeps it from starting and says so.
fn start(app: &mut App) {
    if is_running(app) {
        app.pull.view = View::Run;
        return;
    }
    if let Some(form) = app.pull.form_in_focus_mut() {
        form.leave();
    }
    app.write_draft();
    match order::order(app) {
        Err((part, why)) => {
            app.pull.view = View::Setup;
            focus(app, part);
            app.remark(why);
        }
        Ok(order) => {
            app.pull.run = Some(Run::new(&order, app.now));
            app.pull.view = View::Run;
            app.pull.on_rungs = true;
            app.pull.follows = true;
            app.pull.rung = Cursor::default();
            app.start(Slot::Probe, Job::Probe(Box::new(order)));
        }
    }
}

/// Starts the pull test where nothing is open any more.
pub(super) fn start_if_ready(app: &mut App) {
    if order::order(app).is_ok() {
        start(app);
    }
}

/// Does what is marked in the row of choices.
fn act(app: &mut App) {
    match acts(app).get(app.pull.choice) {
        None => {}
        Some(Act::Mend(_)) => mend::mend(app),
        Some(Act::Run | Act::Again | Act::Show) => start(app),
        Some(Act::Change) => change(app),
        Some(Act::Rotation) => rotation::back_from_test(app),
        Some(Act::Review) => app.go_to(Step::Review),
        Some(Act::GoOnUntested) if app.rotation.is_open => {
            rotation::back_from_test(app);
        }
        Some(Act::GoOn) => app.go_to(Step::Okteto),
        Some(Act::GoOnUntested) => {
            app.go_to(Step::Okteto);
            app.remark("Going on untested: nothing has proved yet that these values work.");
        }
    }
}

/// Shows the set-up again.
fn change(app: &mut App) {
    app.pull.view = View::Setup;
    focus(app, Part::Image);
}

/// The step was entered: the focus is on what is open, or on running.
pub fn enter(app: &mut App) {
    app.pull.choice = 0;
    if is_running(app) || is_proved(app) {
        app.pull.view = View::Run;
        app.pull.on_rungs = is_running(app);
        return;
    }
    app.pull.view = View::Setup;
    let part = order::order(app).err().map_or(Part::Action, |(part, _)| part);
    focus(app, part);
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    match app.pull.view {
        View::Setup => match order::order(app) {
            Ok(_) if is_running(app) => "The pull test is running; T shows it.".to_owned(),
            Ok(_) if token::is_doubtful(app) => {
                "The token does not fit the trust; i tells why.".to_owned()
            }
            Ok(_) => "Ready. None of your own AWS keys take part.".to_owned(),
            Err((_, why)) => why,
        },
        View::Run => story::status(app),
    }
}

/// A text field was edited.
pub fn edited(_: &mut App) {}

/// A paste: a token is taken wherever the focus is, so that it never stands in a text field.
pub fn pasted(app: &mut App, text: &str) -> bool {
    if app.pull.view == View::Run {
        return false;
    }
    match app.draft.mode {
        Mode::Oidc => token::pasted(app, text),
        Mode::IamUser => key::pasted(app, text),
    }
}

/// A key for the open picker.
pub fn picker_key(app: &mut App, key: Key) {
    browse::key(app, key);
}

/// News from the pull test.
pub fn news(app: &mut App, news: News) {
    let now = app.now;
    let Some(run) = &mut app.pull.run else { return };
    run.news(news, now);
    if let Some(at) = run.current().filter(|_| app.pull.follows) {
        app.pull.rung.row = at;
    }
}

/// The end of one of the step's tasks.
pub fn ended(app: &mut App, end: End) {
    let now = app.now;
    match end {
        End::Repositories(_) | End::Images(_) => browse::ended(app, end),
        End::Probed(_) | End::Stopped => {
            let Some(run) = app.pull.run.as_mut().filter(|r| r.outcome.is_none()) else { return };
            run.end(end, now);
            if let Some(at) = run.broken() {
                app.pull.rung.row = at;
            }
            app.pull.choice = 0;
            app.pull.on_rungs = false;
            practice::record::pulled(app);
        }
        _ => {}
    }
}
