//! The registry's repositories, to choose from.

use tui_input::Input as Line;

use super::Part;
use crate::app::form::request;
use crate::app::input::{Code, Key};
use crate::app::keymap::{self, Command};
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, Picker, Picking};
use crate::app::slot::Slot;
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::draft::{Field, PolicyChoice};
use crate::domain::fault::Fault;
use crate::domain::host::RegistryHost;
use crate::domain::seen::SeenRepository;

/// Rows that a page key moves by.
const PAGE: usize = 10;
/// A wait is spoken of only after this many seconds.
const SPOKEN_OF: u64 = 2;

/// Opens the list, and asks the registry unless it has answered already.
pub fn open(app: &mut App) {
    app.write_draft();
    let host = match host(app) {
        Ok(host) => host,
        Err(why) => return app.remark(why),
    };
    let known = app.access.repositories.as_ref();
    let asked = known.is_some_and(|(of, answer)| {
        *of == host
            && (matches!(answer, Some(Ok(_))) || app.slots.running(Slot::Repositories).is_some())
    });
    if !asked {
        ask(app, host.clone());
    }
    app.overlay = Some(Overlay::Picker(Picker {
        picking: Picking::PolicyRepositories,
        title: format!("Repositories of {host}"),
        rows: Vec::new(),
        marked: names(app),
        filter: Line::default(),
        filtering: false,
        cursor: Cursor::default(),
        empty: String::new(),
    }));
    refresh(app);
}

fn ask(app: &mut App, host: RegistryHost) {
    app.access.repositories = Some((host.clone(), None));
    app.start(Slot::Repositories, Job::Repositories(host));
}

/// The registry, from the answers of step 2 alone: what is open in this step does not matter for it.
fn host(app: &App) -> Result<RegistryHost, String> {
    let Some(caller) = app.who.known() else {
        return Err(
            "AWS has not said yet who you are; then the repositories can be listed.".to_owned()
        );
    };
    let mut draft = app.draft.clone();
    draft.policy = PolicyChoice::ReadOnly;
    for field in super::options::FIELDS {
        draft.texts.remove(&field);
    }
    draft.intent(caller).map(|intent| intent.host().clone()).map_err(|fault| fault.message)
}

/// The names that stand in the field.
fn names(app: &App) -> Vec<String> {
    let text = app.draft.text(Field::Repositories);
    text.split([' ', ',']).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

/// Writes what is known of the repositories into the open list.
fn refresh(app: &mut App) {
    let since =
        app.slots.running(Slot::Repositories).map(|task| app.now.since(task.began).as_secs());
    let (rows, empty) = match app.access.repositories.as_ref().map(|(_, answer)| answer) {
        Some(Some(Ok(seen))) => (rows(seen), none()),
        Some(Some(Err(fault))) => (Vec::new(), failed(fault)),
        _ => (Vec::new(), loading(since.unwrap_or(0))),
    };
    if let Some(picker) = app.overlay.as_mut().and_then(Overlay::picker_mut)
        && picker.picking == Picking::PolicyRepositories
    {
        picker.rows = rows;
        picker.empty = empty;
    }
}

fn rows(seen: &[SeenRepository]) -> Vec<(String, String)> {
    seen.iter().map(|r| (r.name.clone(), String::new())).collect()
}

fn none() -> String {
    "The registry has no repositories yet. Esc, then type the names that will come.".to_owned()
}

fn failed(fault: &Fault) -> String {
    let id = fault.request_id.as_ref().map_or_else(String::new, |id| format!(" Request {id}."));
    format!(
        "Not listed: {}.{id} r asks again; Esc, and the names can be typed.",
        fault.message.trim_end_matches('.')
    )
}

fn loading(seconds: u64) -> String {
    if seconds < SPOKEN_OF {
        "Asking the registry.".to_owned()
    } else {
        format!("Asking the registry for {seconds} s. Esc stops.")
    }
}

/// Time passed: the wait is counted.
pub fn tick(app: &mut App) {
    if app.slots.running(Slot::Repositories).is_some() {
        refresh(app);
    }
}

/// The end of the task that lists repositories.
pub fn ended(app: &mut App, end: End) {
    if let (End::Repositories(result), Some((_, answer))) = (end, &mut app.access.repositories) {
        *answer = Some(result);
        refresh(app);
    }
}

/// A key for the open list.
pub fn picker_key(app: &mut App, key: Key) {
    let Some(Overlay::Picker(mut picker)) = app.overlay.take() else { return };
    if picker.filtering && !matches!(key.code, Code::Enter | Code::Esc | Code::Up | Code::Down) {
        if let Some(request) = request(key) {
            picker.filter.handle(request);
            picker.cursor.row = 0;
        }
        app.overlay = Some(Overlay::Picker(picker));
        return;
    }
    let visible = picker.visible().len();
    match keymap::command(key) {
        Some(Command::Back | Command::Leave) => {
            if !picker.filtering && picker.filter.value().is_empty() {
                app.drop_task(Slot::Repositories);
                return;
            }
            picker.filtering = false;
            picker.filter.reset();
            picker.cursor.row = 0;
        }
        Some(Command::Go) if picker.filtering => picker.filtering = false,
        Some(Command::Go) => return take(app, &picker),
        Some(Command::Find) => picker.filtering = true,
        Some(Command::Mark) => mark(&mut picker),
        Some(Command::Reread) => {
            app.overlay = Some(Overlay::Picker(picker));
            if let Some((host, _)) = app.access.repositories.clone() {
                ask(app, host);
            }
            return refresh(app);
        }
        Some(command) => {
            picker.cursor.command(command, visible, PAGE);
        }
        None => {}
    }
    app.overlay = Some(Overlay::Picker(picker));
}

fn selected(picker: &Picker) -> Option<String> {
    let visible = picker.visible();
    visible.get(picker.cursor.within(visible.len())).map(|(name, _)| name.clone())
}

fn mark(picker: &mut Picker) {
    let Some(name) = selected(picker) else { return };
    if picker.marked.contains(&name) {
        picker.marked.retain(|m| *m != name);
    } else {
        picker.marked.push(name);
    }
}

/// The marked names go into the field; without marks the selected one.
fn take(app: &mut App, picker: &Picker) {
    let mut names = picker.marked.clone();
    if names.is_empty() {
        names.extend(selected(picker));
    }
    let now = app.now;
    if let Some(field) = app.access.form.get_mut(Field::Repositories)
        && !names.is_empty()
    {
        field.take(&names.join(" "), now);
        field.leave();
    }
    if app.access.part != Part::Options {
        app.access.part = Part::Permissions;
    }
    app.write_draft();
}
