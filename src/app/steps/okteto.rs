//! Step 6: the values for Okteto, the same as a manifest, and how this run is repeated.

use std::fmt::Write as _;
use std::path::PathBuf;

use secrecy::SecretString;

use super::access::custody::custody;
use super::pull::story::told_all;
use super::{apply, pull, rotation};
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::message::Exit;
use crate::app::overlay::{Matter, Overlay, Question, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::custody::{Custody, CustodyChoice};
use crate::domain::draft::Mode;
use crate::domain::fault::Fault;
use crate::domain::handoff::{Credential, Handoff};
use crate::domain::intent::Intent;
use crate::domain::key::KeyId;
use crate::domain::probe::Verdict;
use crate::domain::secret::AccessKey;
use crate::domain::tutorial::words;
use crate::render::okteto::manifest;
use crate::render::shell::quote;

/// Where Okteto asks for the values.
pub const PLACE: &str = "Admin → Registry Credentials → Add Credential";

/// What the tutorial confuses.
pub const MIND: &str = words::ROLE_ARN;

/// How the secret gets to Okteto without anybody seeing it.
pub const MIND_SECRET: &str = "e shows the object that refers to the Secret: nobody has to see it. The dialog would ask for Access Key and Secret Access Key (the tutorial's Username and Password are another type's). The key never expires: K rotates it.";

/// What the tutorial confuses in user mode.
pub const MIND_KEY: &str = "The dialog's words are Access Key and Secret Access Key; the tutorial's Username and Password belong to another type. The key never expires: K rotates it without an outage.";

/// What stands for a secret that is held and not shown.
pub const MASKED: &str = "••••••••••••••••••••";

/// What the saved answers are good for.
const REPEATABLE: &str = "The answers hold no secret. apply --yes on them finds nothing to change while all is as it is now.";

/// The same in practice.
pub const PRACTISED: &str = "Practice ends here: its account is gone when you leave.";

/// Which of the two faces of the step is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// The values for the dialog.
    #[default]
    Values,
    /// The same as a Kubernetes resource.
    Manifest,
}

/// The state of step 6.
#[derive(Debug, Default)]
pub struct State {
    /// The selected value.
    pub cursor: Cursor,
    /// Which face is shown.
    pub view: View,
    /// What the cluster said to a manifest.
    pub tried: Option<Tried>,
    /// Where the answers were saved, or why they were not.
    pub saved: Option<Result<PathBuf, Fault>>,
}

/// A manifest that was tried on the cluster, without anything being made.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The text that was sent.
    manifest: String,
    /// What the cluster said; `None` while it is asked.
    pub said: Option<Result<(), Fault>>,
}

/// One thing to copy: its name and its text.
#[derive(Debug, Clone)]
pub struct Value {
    /// In the words of Okteto's dialog where it is one of its fields.
    pub name: &'static str,
    /// The text; of a secret what stands in its place.
    pub text: String,
    /// The secret, where it is one that is held here.
    pub secret: Option<SecretString>,
}

impl Value {
    const fn new(name: &'static str, text: String) -> Self {
        Self { name, text, secret: None }
    }
}

/// The values for Okteto, once they are known.
#[must_use]
pub fn handoff(app: &App) -> Option<Handoff> {
    Some(match app.draft.intent(app.who.known()?).ok()? {
        Intent::Oidc(oidc) => {
            let role = apply::role_arn(app).unwrap_or_else(|| oidc.role_arn());
            Handoff::of_role(&oidc, role)
        }
        Intent::IamUser(user) => Handoff::of_user(&user, apply::key(app)),
    })
}

/// The four values of the dialog.
#[must_use]
pub fn dialog(app: &App) -> Vec<Value> {
    let Some(handoff) = handoff(app) else { return Vec::new() };
    let mut values = vec![
        Value::new("Type", handoff.credential.type_name().to_owned()),
        Value::new("Hostname", handoff.hostname),
    ];
    match handoff.credential {
        Credential::Role { role_arn, audience } => values.extend([
            Value::new("Role ARN", role_arn.to_string()),
            Value::new("Audience", audience),
        ]),
        Credential::User { access_key_id, .. } => {
            let reads = app.slots.running(Slot::Survey).is_some();
            let none = if reads { "the account is being read" } else { "not made yet; step 4" };
            let id = access_key_id.as_ref().map_or(none, |id| id.as_str());
            values.extend([
                Value::new("Access Key", id.to_owned()),
                secret(app, access_key_id.as_ref()),
            ]);
        }
    }
    values
}

/// The secret, or where it is.
fn secret(app: &App, key: Option<&KeyId>) -> Value {
    let name = "Secret Access Key";
    if let Some(held) = key.and_then(|key| app.apply.held(key)) {
        return Value { name, text: MASKED.to_owned(), secret: Some(held.secret.clone()) };
    }
    let is_there = key.is_some_and(|key| app.apply.is_placed(key));
    let place = match custody(app).filter(|_| is_there) {
        Some(Custody::Kubernetes(place)) => format!("in the {place}"),
        Some(Custody::File(path)) => format!("in {}", path.display()),
        Some(Custody::Show) | None => "with whoever took it when the key was made".to_owned(),
    };
    Value::new(name, place)
}

/// The answers' file and the commands that repeat the run.
#[must_use]
pub fn repeats(app: &App) -> Vec<Value> {
    let path = match &app.okteto.saved {
        Some(Ok(path)) => path.clone(),
        _ => app.setup.run_folder.join("answers.toml"),
    };
    let path = path.display().to_string();
    if app.setup.practice {
        // The account that these answers are for ends with this program.
        return vec![Value::new("Answers", path)];
    }
    let file = quote(&path);
    vec![
        Value::new("Answers", path),
        Value::new("Repeat", format!("okteto-ecr apply --answers {file} --yes")),
        Value::new("Pull again", format!("okteto-ecr pull-test --answers {file}")),
    ]
}

/// The manifest and the command that applies it.
#[must_use]
pub fn files(app: &App) -> Vec<Value> {
    let Some(handoff) = handoff(app) else { return Vec::new() };
    let Ok(yaml) = manifest(&handoff, app.draft.namespace()) else { return Vec::new() };
    let context = app
        .draft
        .context
        .as_deref()
        .map_or_else(String::new, |context| format!(" --context {}", quote(context)));
    let yaml = format!("{}\n", yaml.trim_end());
    let command = format!("kubectl{context} apply -f - <<'EOF'\n{yaml}EOF\n");
    vec![Value::new("Manifest", yaml), Value::new("kubectl", command)]
}

/// What the cluster said to the manifest as it is now, or that it is being asked.
#[must_use]
pub fn tried(app: &App) -> Option<&Tried> {
    let manifest = files(app).into_iter().next()?.text;
    app.okteto.tried.as_ref().filter(|tried| tried.manifest == manifest)
}

/// The refusal that stands on the screen.
#[must_use]
pub fn refusal(app: &App) -> Option<&Fault> {
    let said = tried(app).filter(|_| app.okteto.view == View::Manifest)?.said.as_ref()?;
    said.as_ref().err()
}

/// Why the cluster cannot be asked.
fn cannot_try(app: &App) -> Option<&'static str> {
    if files(app).is_empty() {
        Some("The values are not known yet: steps 2 and 4 make them.")
    } else if app.draft.context.is_none() {
        Some("No kubeconfig context was found: without one there is no cluster to ask.")
    } else if app.slots.running(Slot::Manifest).is_some() {
        Some("The cluster is being asked already.")
    } else {
        None
    }
}

/// Asks the cluster whether it would take the manifest.
fn try_on_cluster(app: &mut App) {
    let Some(yaml) = files(app).into_iter().next() else { return };
    app.okteto.view = View::Manifest;
    app.okteto.cursor = Cursor::default();
    app.okteto.tried = Some(Tried { manifest: yaml.text.clone(), said: None });
    app.start(Slot::Manifest, Job::TryManifest(app.draft.context.clone(), yaml.text));
}

/// The cluster has answered, or was not waited for.
pub fn ended(app: &mut App, end: End) {
    match (end, &mut app.okteto.tried) {
        (End::ManifestTried(result), Some(tried)) => tried.said = Some(result),
        (_, tried) => *tried = None,
    }
}

/// Everything that can be selected now.
#[must_use]
pub fn values(app: &App) -> Vec<Value> {
    match app.okteto.view {
        View::Values => dialog(app).into_iter().chain(repeats(app)).collect(),
        View::Manifest => files(app),
    }
}

/// What is said of the values: Okteto's rules that may not admit them.
#[must_use]
pub fn warnings(app: &App) -> Vec<String> {
    let Some(handoff) = handoff(app) else { return Vec::new() };
    let mut warnings = handoff.warnings;
    if let Credential::User { secret, .. } = handoff.credential
        && !matches!(custody(app), Some(Custody::Kubernetes(_)) | None)
        && app.okteto.view == View::Manifest
    {
        warnings.push(format!(
            "The manifest refers to the Secret {secret}, which is made only where step 3 lets the secret go there"
        ));
    }
    warnings
}

/// What is to be minded about the values.
#[must_use]
pub fn mind(app: &App) -> &'static str {
    match (app.draft.mode, app.draft.custody) {
        (Mode::Oidc, _) => MIND,
        (Mode::IamUser, CustodyChoice::Kubernetes) => MIND_SECRET,
        (Mode::IamUser, _) => MIND_KEY,
    }
}

/// The pane as text: for copying all, and for printing.
#[must_use]
pub fn pane(app: &App) -> String {
    match app.okteto.view {
        View::Values => dialog(app).iter().fold(String::new(), |mut text, value| {
            let _ = writeln!(text, "{:9} {}", value.name, value.text);
            text
        }),
        View::Manifest => files(app).into_iter().next().map_or_else(String::new, |v| v.text),
    }
}

/// Everything that the step has to say, to be read whole.
fn whole(app: &App) -> Vec<String> {
    let line = |v: &Value| format!("{:11} {}", v.name, v.text);
    let mut lines = vec![PLACE.to_owned(), String::new()];
    lines.extend(dialog(app).iter().map(line));
    lines.extend([String::new(), mind(app).to_owned()]);
    for warning in warnings(app) {
        lines.extend([String::new(), format!("! {warning}")]);
    }
    lines.push(String::new());
    lines.extend(repeats(app).iter().map(line));
    let again = if app.setup.practice { PRACTISED } else { REPEATABLE };
    lines.extend([
        String::new(),
        again.to_owned(),
        String::new(),
        "Okteto uses an added credential within a few minutes, an edited one within seconds."
            .to_owned(),
    ]);
    lines
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let (select, other) = match app.okteto.view {
        View::Values => ("value", "as manifest"),
        View::Manifest => ("choose", "the values"),
    };
    let go = if refusal(app).is_some() { "what it says" } else { "finish" };
    let on_cluster = match cannot_try(app) {
        None => Offer::on(Command::Reread, "ask cluster"),
        Some(why) => Offer::off(Command::Reread, "ask cluster", why),
    };
    let mut offers = vec![
        Offer::on(Command::Go, go),
        Offer::on(Command::Down, select),
        Offer::on(Command::Copy, "copy"),
        Offer::on(Command::CopyAll, "copy all"),
        Offer::on(Command::Export, other),
        Offer::on(Command::PullTest, "pull test"),
        Offer::on(Command::Print, "print"),
        Offer::on(Command::Explain, "all of it"),
        Offer::on(Command::Back, "step back"),
    ];
    if app.draft.mode == Mode::IamUser {
        offers.push(Offer::on(Command::Rotate, "rotate the key"));
        if dialog(app).iter().any(|value| value.secret.is_some()) {
            let words = if app.is_revealed() { "hide" } else { "show the secret" };
            offers.insert(2, Offer::on(Command::Reveal, words));
        }
    }
    // Among the first where the manifest is in sight, and behind it where it is not.
    let at = if app.okteto.view == View::Manifest { 3 } else { 5 };
    offers.insert(at, on_cluster);
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let values = values(app);
    if app.okteto.cursor.command(command, values.len(), values.len()) {
        return true;
    }
    match command {
        Command::Go => match refusal(app) {
            Some(fault) => {
                let lines = told_all(fault);
                app.overlay = Some(Overlay::Text(TextBox::new("What the cluster says", lines)));
            }
            None => finish(app),
        },
        Command::Reread => try_on_cluster(app),
        Command::Copy => match values.get(app.okteto.cursor.within(values.len())) {
            Some(Value { secret: Some(secret), .. }) => app.copy_secret(secret.clone()),
            Some(value) => app.copy(&value.text),
            None => {}
        },
        Command::CopyAll => app.copy(&pane(app)),
        Command::Print => app.print(&pane(app)),
        Command::Export | Command::NextPart | Command::PreviousPart => {
            app.okteto.cursor = Cursor::default();
            app.okteto.view = match app.okteto.view {
                View::Values => View::Manifest,
                View::Manifest => View::Values,
            };
        }
        Command::Back if app.okteto.view == View::Manifest => {
            app.okteto.cursor = Cursor::default();
            app.okteto.view = View::Values;
        }
        Command::Explain => {
            app.overlay = Some(Overlay::Text(TextBox::new("Hand-over to Okteto", whole(app))));
        }
        Command::PullTest => app.go_to(Step::Pull),
        Command::Rotate if app.draft.mode == Mode::IamUser => rotation::open(app),
        Command::Reveal if dialog(app).iter().any(|value| value.secret.is_some()) => {
            app.okteto.view = View::Values;
            app.reveal();
        }
        _ => return false,
    }
    true
}

/// Ends the program; where it holds a secret that nobody else has, after a question.
fn finish(app: &mut App) {
    let unfinished = rotation::unfinished(app);
    if app.apply.held.is_empty() && unfinished.is_none() {
        return app.quit(Exit::Finished);
    }
    let words = |held: &AccessKey| {
        format!(
            "The secret of {} is held here only: it is gone with this program, and AWS does not tell it again. Has Okteto got it?",
            held.id
        )
    };
    let body = app.apply.held.iter().map(words).chain(unfinished).collect();
    let title =
        if app.apply.held.is_empty() { "Finish?" } else { "Finish, and forget the secret?" };
    app.overlay =
        Some(Overlay::Question(Question::new(Matter::Finish, title, body, &["Stay", "Finish"])));
}

/// The step was entered.
pub fn enter(app: &mut App) {
    app.okteto.view = View::Values;
    // The first value that has to be carried over, not the one that is chosen from a list there.
    app.okteto.cursor = Cursor { row: 1 };
}

/// The answers were saved, or not.
pub fn saved(app: &mut App, result: Result<PathBuf, Fault>) {
    app.okteto.saved = Some(result);
}

/// Whether the whole image was pulled.
fn is_whole(app: &App) -> bool {
    let report = app.pull.run.as_ref().and_then(|r| r.report());
    report.is_some_and(|r| r.verdict == Verdict::Passed)
}

/// Whether a pull has proved the values: the sentence of the screen.
#[must_use]
pub fn proof(app: &App) -> (bool, String) {
    let verdict = app.pull.run.as_ref().and_then(pull::story::verdict);
    match verdict {
        Some((_, words)) if pull::is_proved(app) && is_whole(app) => {
            (true, format!("Proved: {words}"))
        }
        Some((_, words)) if pull::is_proved(app) => (false, format!("Partly proved: {words}")),
        Some(_) => {
            (false, "Not proved: no pull test of these answers passed. T goes to it.".to_owned())
        }
        None if pull::is_running(app) => (false, "Not proved yet: the pull test runs.".to_owned()),
        None => (false, "Not proved: no pull test was run. T goes to it.".to_owned()),
    }
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    match app.hides_in() {
        Some(left) => format!(
            "A secret is on this screen. It is hidden again in {} s; v hides it now.",
            left.as_millis().div_ceil(1000)
        ),
        None => "No secret is on this screen: it can be shared.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
