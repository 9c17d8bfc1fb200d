//! Step 3: what the role may do, and both policies as they will be sent, line by line.

mod choices;
pub mod custody;
pub mod options;
pub mod papers;
mod picker;

#[cfg(test)]
mod tests;

pub use choices::{CHOICES, words};
pub use picker::{ended, picker_key};

use self::papers::Paper;
use crate::app::form::{Form, Source};
use crate::app::input::Key;
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::search::Reading;
use crate::app::step::{Offer, Step};
use crate::app::wizard::App;
use crate::domain::custody::CustodyChoice;
use crate::domain::draft::{Field, Mode, NAMESPACE, PolicyChoice, Verdict};
use crate::domain::fault::Fault;
use crate::domain::host::RegistryHost;
use crate::domain::seen::SeenRepository;

/// The parts of the step, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Which permissions.
    #[default]
    Permissions,
    /// The trust policy.
    Trust,
    /// The permission policy.
    Policy,
    /// Where the secret of a user's key goes.
    Custody,
    /// The text field of that place.
    Place,
    /// Path, boundary, tags and so on.
    Options,
}

/// The parts of the step in reading order: a user has no trust policy, and a secret.
#[must_use]
pub fn parts(app: &App) -> &'static [Part] {
    use Part::{Custody, Options, Permissions, Place, Policy, Trust};
    match (app.draft.mode, app.draft.custody) {
        (Mode::Oidc, _) => &[Permissions, Trust, Policy, Options],
        (Mode::IamUser, CustodyChoice::Show) => &[Permissions, Policy, Custody, Options],
        (Mode::IamUser, _) => &[Permissions, Policy, Custody, Place, Options],
    }
}

impl Part {
    /// The text field that this part is, if it is a single one.
    #[must_use]
    pub fn is_field(self) -> bool {
        matches!(self, Self::Place | Self::Options)
    }

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Permissions => "Permissions",
            Self::Trust => "Trust policy",
            Self::Policy => "Permission policy",
            Self::Custody | Self::Place => "Secret",
            Self::Options => "Options",
        }
    }
}

/// The registry that was asked for its repositories, and what came back.
pub type Asked = (RegistryHost, Option<Result<Vec<SeenRepository>, Fault>>);

/// The state of step 3.
#[derive(Debug)]
pub struct State {
    /// The part with the focus.
    pub part: Part,
    /// The text fields of the options.
    pub form: Form,
    /// The selected line of the trust policy, and the search in it.
    pub trust: Reading,
    /// The selected line of the permission policy, and the search in it.
    pub policy: Reading,
    /// Whether the tutorial's lines stand beside ours.
    pub diff: bool,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// The registry's repositories, once asked for.
    pub repositories: Option<Asked>,
    /// Where a secret is to go and was tried, and what came back.
    pub place: Option<custody::Tried>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            part: Part::default(),
            form: {
                let all = options::FIELDS.into_iter().chain(custody::FIELDS);
                Form::new(&all.collect::<Vec<_>>())
            },
            trust: Reading::default(),
            policy: Reading::default(),
            diff: true,
            wrap: false,
            repositories: None,
            place: None,
        }
    }
}

impl State {
    /// The form, while one of its fields has the focus.
    #[must_use]
    pub fn form_in_focus(&self) -> Option<&Form> {
        self.part.is_field().then_some(&self.form)
    }

    /// The form, while one of its fields has the focus.
    pub fn form_in_focus_mut(&mut self) -> Option<&mut Form> {
        self.part.is_field().then_some(&mut self.form)
    }

    /// Where one is in the text with the focus.
    #[must_use]
    pub const fn reading(&self) -> Option<&Reading> {
        match self.part {
            Part::Trust => Some(&self.trust),
            Part::Policy => Some(&self.policy),
            Part::Permissions | Part::Custody | Part::Place | Part::Options => None,
        }
    }

    /// Where one is in the text with the focus.
    pub const fn reading_mut(&mut self) -> Option<&mut Reading> {
        match self.part {
            Part::Trust => Some(&mut self.trust),
            Part::Policy => Some(&mut self.policy),
            Part::Permissions | Part::Custody | Part::Place | Part::Options => None,
        }
    }
}

/// The text with the focus, or why there is none yet.
fn paper(app: &App) -> Option<Result<Paper, String>> {
    match app.access.part {
        Part::Trust => Some(papers::trust(app)),
        Part::Policy => Some(papers::permission(app)),
        Part::Permissions | Part::Custody | Part::Place | Part::Options => None,
    }
}

/// The text with the focus as it is searched, and where one is in it.
#[must_use]
pub fn text(app: &App) -> Option<(&Reading, Vec<String>)> {
    let paper = paper(app)?.ok()?;
    Some((app.access.reading()?, paper.searched(app.access.diff)))
}

/// A key for the search in the text with the focus; says whether it was one.
pub fn searched(app: &mut App, key: Key) -> bool {
    let Some((_, lines)) = text(app) else { return false };
    app.access.reading_mut().is_some_and(|reading| reading.key(key, &lines))
}

/// A paste for the search in the text with the focus; says whether one is typed.
pub fn pasted(app: &mut App, pasted: &str) -> bool {
    let Some((_, lines)) = text(app) else { return false };
    app.access.reading_mut().is_some_and(|reading| reading.paste(pasted.trim(), &lines))
}

/// Why the step cannot be left forward yet, and at which field that is mended here.
#[must_use]
pub fn obstacle(app: &App) -> Option<(String, Option<Field>)> {
    let wrong = options::fields(app).into_iter().find_map(|field| match app.draft.judge(field) {
        Verdict::Wrong(problem) => Some((field, problem.what)),
        Verdict::Empty if field == Field::Repositories => {
            Some((field, "no repository is named; / browses them".to_owned()))
        }
        _ => None,
    });
    let wrong = wrong.or_else(|| custody::wrong(app));
    if let Some((field, what)) = wrong {
        let name = crate::app::steps::identity::name(field);
        return Some((format!("{name}: {what}."), Some(field)));
    }
    papers::intent(app).err().map(|why| (why, None))
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let part = app.access.part;
    let browsing = part == Part::Options && options::on_repositories(app);
    let reading = text(app).map(|(reading, _)| reading);
    if let Some(reading) = reading.filter(|r| r.search.typing) {
        return reading.offers();
    }
    let searching = reading.filter(|r| r.search.is_set());
    let mut offers = Vec::new();
    offers.push(match obstacle(app) {
        _ if browsing => Offer::on(Command::Go, "browse repositories"),
        Some(_) => Offer::on(Command::Go, "go to what is open"),
        None => Offer::on(Command::Go, "plan"),
    });
    offers.push(Offer::on(Command::NextPart, "next"));
    match part {
        Part::Custody => offers.extend(custody::offers(app)),
        Part::Permissions => {
            offers.push(Offer::on(Command::Down, "choose"));
            offers.push(if app.draft.policy == PolicyChoice::Repositories {
                Offer::on(Command::Find, "browse repositories")
            } else {
                Offer::off(
                    Command::Find,
                    "browse repositories",
                    "Choose \"Chosen repositories\" first; the others cover all of them.",
                )
            });
            offers.push(Offer::on(Command::Explain, "compare"));
        }
        Part::Trust | Part::Policy => {
            if let Some(reading) = searching {
                offers.extend(reading.offers());
                offers.push(reading.back("step back"));
            }
            offers.push(Offer::on(Command::Down, "line"));
            if part == Part::Trust && searching.is_none() {
                offers.push(Offer::on(Command::NextMatch, "change"));
            }
            if part == Part::Trust {
                offers.push(Offer::on(Command::Differences, "compare"));
            }
            offers.push(Offer::on(Command::Copy, "copy"));
            offers.push(Offer::on(Command::Wrap, if app.access.wrap { "cut" } else { "wrap" }));
            offers.push(Offer::on(Command::Explain, "explain"));
            if searching.is_none() {
                offers.extend(reading.map(Reading::offers).unwrap_or_default());
            }
            offers.push(Offer::on(Command::CopyAll, "copy all"));
            offers.push(Offer::on(Command::Print, "print"));
        }
        Part::Options | Part::Place => {}
    }
    if searching.is_none() {
        offers.push(Offer::on(Command::Back, "step back"));
    }
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::NextPart => move_focus(app, true),
        Command::PreviousPart => move_focus(app, false),
        Command::Go => go(app),
        _ => {
            return match app.access.part {
                Part::Permissions => choosing(app, command),
                Part::Trust | Part::Policy => reading(app, command),
                Part::Custody => custody::command(app, command),
                Part::Place => match command {
                    Command::Down => {
                        move_focus(app, true);
                        true
                    }
                    Command::Up => {
                        move_focus(app, false);
                        true
                    }
                    _ => false,
                },
                Part::Options => match command {
                    Command::Down => options::walk(app, true),
                    Command::Up => options::walk(app, false),
                    _ => false,
                },
            };
        }
    }
    true
}

/// The parts go round; the fields of the options are parts of their own.
fn move_focus(app: &mut App, forward: bool) {
    if app.access.part == Part::Options && options::walk(app, forward) {
        return;
    }
    let left = app.access.part;
    let parts = parts(app);
    let at = parts.iter().position(|p| *p == app.access.part).unwrap_or(0);
    let n = parts.len();
    let next = if forward { at + 1 } else { at + n - 1 } % n;
    if let Some(part) = parts.get(next) {
        app.access.form.leave();
        app.access.part = *part;
        match part {
            Part::Options => options::arrive(app, forward),
            Part::Place => custody::arrive(app),
            _ => {}
        }
    }
    app.write_draft();
    if app.access.part == Part::Custody || left == Part::Place {
        custody::attempt(app, false);
    }
}

fn go(app: &mut App) {
    if app.access.part == Part::Options && options::on_repositories(app) {
        return picker::open(app);
    }
    app.access.form.leave();
    app.write_draft();
    match obstacle(app) {
        None => app.go_to(Step::Apply),
        Some((why, field)) => {
            if let Some(field) = field {
                let of_place = custody::FIELDS.contains(&field);
                app.access.part = if of_place { Part::Place } else { Part::Options };
                app.access.form.focus_on(field);
            }
            app.remark(why);
        }
    }
}

/// Keys among the permissions.
fn choosing(app: &mut App, command: Command) -> bool {
    match command {
        Command::Find => picker::open(app),
        Command::Explain => {
            app.overlay =
                Some(Overlay::Text(TextBox::new("Which permissions", choices::comparison())));
        }
        _ => {
            let at = CHOICES.iter().position(|c| *c == app.draft.policy).unwrap_or(0);
            let mut cursor = Cursor { row: at };
            if !cursor.command(command, CHOICES.len(), CHOICES.len()) {
                return false;
            }
            if let Some(choice) = CHOICES.get(cursor.row) {
                app.draft.policy = *choice;
            }
        }
    }
    true
}

/// Keys in a policy's text.
fn reading(app: &mut App, command: Command) -> bool {
    let Some(Ok(paper)) = paper(app) else { return false };
    let page = usize::from(app.size.1).saturating_sub(16).max(3);
    let Some(Reading { cursor, .. }) = app.access.reading_mut() else { return false };
    if cursor.command(command, paper.lines.len(), page) {
        return true;
    }
    let row = cursor.within(paper.lines.len());
    match command {
        Command::NextMatch | Command::PreviousMatch => {
            match paper.jump(row, command == Command::NextMatch) {
                Some(row) => cursor.row = row,
                None => app.remark("No line of it differs from the tutorial's text."),
            }
        }
        Command::Differences if app.access.part == Part::Trust => {
            app.access.diff = !app.access.diff;
        }
        Command::Differences => {
            app.remark("The tutorial prints no permission policy; it attaches one of AWS's.");
        }
        Command::Wrap => app.access.wrap = !app.access.wrap,
        Command::Copy => {
            if let Some(line) = paper.lines.get(row) {
                app.copy(&line.text);
            }
        }
        Command::CopyAll => app.copy(&paper.text),
        Command::Print => app.print(&paper.text),
        Command::Explain => {
            let title = format!("{}, line {}", paper.title, row + 1);
            app.overlay = Some(Overlay::Text(TextBox::new(title, paper.story(row))));
        }
        _ => return false,
    }
    true
}

/// The step was entered.
pub fn enter(app: &mut App) {
    if let Some(field) = app.access.form.get_mut(Field::Namespace)
        && app.draft.mode == Mode::IamUser
        && field.text().is_empty()
    {
        field.fill(NAMESPACE, Source::Tutorial);
        app.write_draft();
    }
    if !parts(app).contains(&app.access.part) {
        app.access.part = Part::default();
    }
    options::arrive_hidden(app);
}

/// The focus goes to where the secret of a new key goes.
pub fn to_place(app: &mut App) {
    app.access.part = if parts(app).contains(&Part::Place) { Part::Place } else { Part::Custody };
    custody::arrive(app);
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    if let Some(search) = text(app).and_then(|(reading, lines)| reading.words(&lines)) {
        return search;
    }
    if let Some(why) = options::wrong(app) {
        return why;
    }
    if let Some((why, _)) = obstacle(app) {
        return why;
    }
    match (app.access.part, papers::trust(app)) {
        (Part::Trust, Ok(paper)) => match paper.differing() {
            0 => "No line differs from the tutorial's text.".to_owned(),
            1 => {
                "1 line differs from the tutorial's text, on purpose. i marks a remark.".to_owned()
            }
            n => {
                format!("{n} lines differ from the tutorial's text, on purpose. i marks a remark.")
            }
        },
        (Part::Policy, _) => match papers::permission(app) {
            Ok(paper) if !paper.is_sent => {
                "AWS keeps this text; only its name is sent, to be attached.".to_owned()
            }
            _ => "This text is sent as it stands here.".to_owned(),
        },
        (Part::Options, _) => options::hint(app),
        (Part::Custody | Part::Place, _) => custody::status(app),
        _ => "Nothing is changed before the question of step 4.".to_owned(),
    }
}

/// A text field was edited, or time passed.
pub fn edited(app: &mut App) {
    picker::tick(app);
}
