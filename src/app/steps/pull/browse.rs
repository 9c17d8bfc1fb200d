//! Choosing the image from lists: first its repository, then its tag.

use tui_input::Input as Line;

use super::{Part, story};
use crate::app::form::request;
use crate::app::input::{Code, Key};
use crate::app::keymap::{self, Command};
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, Picker, Picking};
use crate::app::slot::Slot;
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::draft::Field;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::seen::SeenImage;

/// Rows of the list that a page key moves by.
const PAGE: usize = 10;
/// What can always be done instead.
const TYPE_IT: &str = "Esc goes back to the field: type the image there, such as team/app:latest.";

/// Asks for the registry's repositories and opens the list.
pub fn repositories(app: &mut App) {
    let Some(host) = host(app) else {
        return app.remark("The registry is not known yet; step 2 asks for it.");
    };
    let title = format!("Repositories of {host}");
    open(app, Picking::ImageRepository, title, "Asking ECR for the repositories …");
    app.drop_task(Slot::Images);
    app.start(Slot::Repositories, Job::Repositories(host));
}

fn images(app: &mut App, repository: String) {
    let Some(host) = host(app) else { return };
    let empty = format!("Asking ECR for the images of {repository} …");
    open(app, Picking::Image, format!("Images of {repository}"), &empty);
    app.start(Slot::Images, Job::Images(host, repository));
}

fn host(app: &App) -> Option<RegistryHost> {
    let intent = app.draft.intent(app.who.known()?).ok()?;
    Some(intent.host().clone())
}

fn open(app: &mut App, picking: Picking, title: String, empty: &str) {
    app.overlay = Some(Overlay::Picker(Picker {
        picking,
        title,
        rows: Vec::new(),
        marked: Vec::new(),
        filter: Line::default(),
        filtering: false,
        cursor: Cursor::default(),
        empty: empty.to_owned(),
    }));
}

/// A list came, or did not. One that nobody waits for any more is dropped.
pub fn ended(app: &mut App, end: End) {
    let Some(picker) = app.overlay.as_mut().and_then(Overlay::picker_mut) else { return };
    let repository = picker.title.strip_prefix("Images of ").unwrap_or_default().to_owned();
    let (rows, none) = match (picker.picking, end) {
        (Picking::ImageRepository, End::Repositories(result)) => (
            result.map(|list| list.into_iter().map(|r| (r.name, String::new())).collect()),
            "The registry has no repository yet.".to_owned(),
        ),
        (Picking::Image, End::Images(result)) => (
            result.map(|list| list.into_iter().flat_map(|i| rows(&repository, i)).collect()),
            format!("{repository} has no image yet."),
        ),
        _ => return,
    };
    match rows {
        Err(fault) => picker.empty = refused(&fault),
        Ok(rows) => {
            if Vec::is_empty(&rows) {
                picker.empty = format!("{none} {TYPE_IT}");
            }
            picker.rows = rows;
        }
    }
}

/// One row a tag; an untagged image by its digest.
fn rows(repository: &str, image: SeenImage) -> Vec<(String, String)> {
    let size = image.bytes.map_or_else(String::new, story::bytes);
    if image.tags.is_empty() {
        return vec![(format!("{repository}@{}", image.digest), size)];
    }
    image.tags.into_iter().map(|tag| (format!("{repository}:{tag}"), size.clone())).collect()
}

fn refused(fault: &Fault) -> String {
    if fault.cause == Cause::PermissionDenied {
        let action = fault.evidence.get("action").map_or("list it", String::as_str);
        return format!(
            "Your own login may not list here ({action}). The pull test does not need that right. {TYPE_IT}"
        );
    }
    format!(
        "The list could not be had: {}. r asks again. {TYPE_IT}",
        fault.message.trim_end_matches('.')
    )
}

/// A key while the list is open.
pub fn key(app: &mut App, key: Key) {
    let Some(Overlay::Picker(mut picker)) = app.overlay.take() else { return };
    let command = keymap::command(key);
    let len = picker.visible().len();
    if picker.filtering {
        match key.code {
            Code::Enter => picker.filtering = false,
            Code::Esc => {
                picker.filtering = false;
                picker.filter = Line::default();
            }
            Code::Up | Code::Down | Code::PageUp | Code::PageDown => {
                command.map(|c| picker.cursor.command(c, len, PAGE));
            }
            _ => {
                if let Some(request) = request(key) {
                    picker.filter.handle(request);
                    picker.cursor = Cursor::default();
                }
            }
        }
        app.overlay = Some(Overlay::Picker(picker));
        return;
    }
    match command {
        Some(Command::Find) => picker.filtering = true,
        Some(Command::Back) if !picker.filter.value().is_empty() => {
            picker.filter = Line::default();
        }
        Some(Command::Back) if picker.picking == Picking::Image => return repositories(app),
        Some(Command::Back | Command::Leave) => return close(app),
        Some(Command::Reread) => return again(app, &picker),
        Some(Command::Go) => return choose(app, picker),
        Some(Command::Copy) => {
            let value = picker.visible().get(picker.cursor.within(len)).map(|(v, _)| v.clone());
            if let Some(value) = value {
                app.copy(&value);
            }
        }
        Some(command) => {
            picker.cursor.command(command, len, PAGE);
        }
        None => {}
    }
    app.overlay = Some(Overlay::Picker(picker));
}

fn again(app: &mut App, picker: &Picker) {
    match picker.title.strip_prefix("Images of ") {
        Some(repository) if picker.picking == Picking::Image => images(app, repository.to_owned()),
        _ => repositories(app),
    }
}

fn close(app: &mut App) {
    app.drop_task(Slot::Repositories);
    app.drop_task(Slot::Images);
    app.overlay = None;
}

fn choose(app: &mut App, picker: Picker) {
    let visible = picker.visible();
    let chosen = visible.get(picker.cursor.within(visible.len())).map(|(value, _)| value.clone());
    let Some(value) = chosen else {
        app.overlay = Some(Overlay::Picker(picker));
        return;
    };
    if picker.picking == Picking::ImageRepository {
        return images(app, value);
    }
    close(app);
    let now = app.now;
    if let Some(field) = app.pull.form.get_mut(Field::Image) {
        field.take(&value, now);
        field.leave();
    }
    app.write_draft();
    super::focus(app, Part::Action);
}
