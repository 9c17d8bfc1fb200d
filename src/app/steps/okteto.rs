//! Step 6: the values for Okteto, the same as a manifest, and how this run is repeated.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::pull::story::told_all;
use super::{apply, pull};
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::message::Exit;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::handoff::Handoff;
use crate::domain::probe::Verdict;
use crate::render::okteto::manifest;
use crate::render::shell::quote;

/// Where Okteto asks for the values.
pub const PLACE: &str = "Admin → Registry Credentials → Add Credential";

/// What the tutorial confuses.
pub const MIND: &str = "Mind the Role ARN. The tutorial keeps the ARN of the identity provider in a variable called ROLE_ARN; that one ends in oidc-provider/… and is no role.";

/// What the saved answers are good for.
const REPEATABLE: &str = "The answers hold no secret. apply --yes on them finds nothing to change while all is as it is now.";

/// The same in practice.
pub const PRACTISED: &str =
    "Practice ends here: the account is gone when you leave, and the answers fit no other.";

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// In the words of Okteto's dialog where it is one of its fields.
    pub name: &'static str,
    /// The text.
    pub text: String,
}

/// The values for Okteto, once they are known.
#[must_use]
pub fn handoff(app: &App) -> Option<Handoff> {
    let intent = app.draft.intent(app.who.known()?).ok()?;
    let role = apply::role_arn(app).unwrap_or_else(|| intent.role_arn());
    Some(Handoff::new(&intent, role))
}

/// The four values of the dialog.
#[must_use]
pub fn dialog(app: &App) -> Vec<Value> {
    let Some(handoff) = handoff(app) else { return Vec::new() };
    let value = |name, text| Value { name, text };
    vec![
        value("Type", Handoff::TYPE.to_owned()),
        value("Hostname", handoff.hostname),
        value("Role ARN", handoff.role_arn.to_string()),
        value("Audience", handoff.audience),
    ]
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
        return vec![Value { name: "Answers", text: path }];
    }
    let file = quote(&path);
    vec![
        Value { name: "Answers", text: path },
        Value { name: "Repeat", text: format!("okteto-ecr apply --answers {file} --yes") },
        Value { name: "Pull again", text: format!("okteto-ecr pull-test --answers {file}") },
    ]
}

/// The manifest and the command that applies it.
#[must_use]
pub fn files(app: &App) -> Vec<Value> {
    let Some(handoff) = handoff(app) else { return Vec::new() };
    let Ok(yaml) = manifest(&handoff, app.draft.namespace.as_deref()) else { return Vec::new() };
    let context = app
        .draft
        .context
        .as_deref()
        .map_or_else(String::new, |context| format!(" --context {}", quote(context)));
    let yaml = format!("{}\n", yaml.trim_end());
    let command = format!("kubectl{context} apply -f - <<'EOF'\n{yaml}EOF\n");
    vec![Value { name: "Manifest", text: yaml }, Value { name: "kubectl", text: command }]
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
    handoff(app).map(|h| h.warnings).unwrap_or_default()
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
    lines.extend([String::new(), MIND.to_owned()]);
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
            None => app.quit(Exit::Finished),
        },
        Command::Reread => try_on_cluster(app),
        Command::Copy => {
            if let Some(value) = values.get(app.okteto.cursor.within(values.len())) {
                app.copy(&value.text);
            }
        }
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
        _ => return false,
    }
    true
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
pub fn status(_: &App) -> String {
    "No secret is on this screen: it can be shared.".to_owned()
}

#[cfg(test)]
mod tests;
