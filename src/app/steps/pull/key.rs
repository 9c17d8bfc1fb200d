//! Where the access key comes from that the pull test is made with.

use super::{Part, focus};
use crate::app::steps::access::custody::custody;
use crate::app::steps::apply;
use crate::app::task::KeySource;
use crate::app::wizard::App;
use crate::domain::custody::Custody;
use crate::domain::secret::AccessKey;

/// Where the key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From where its secret went.
    Delivered,
    /// The operator pastes it.
    Paste,
}

impl Way {
    /// In the order of the screen.
    pub const ALL: [Self; 2] = [Self::Delivered, Self::Paste];
}

/// What a way is called on screen.
#[must_use]
pub fn words(app: &App, way: Way) -> &'static str {
    match (way, custody(app)) {
        (Way::Paste, _) => "pasted",
        (Way::Delivered, Some(Custody::File(_))) => "from the file",
        (Way::Delivered, Some(Custody::Show)) => "the one held here",
        (Way::Delivered, _) => "from the Secret",
    }
}

/// Where the key comes from now: as chosen, else from where its secret went.
#[must_use]
pub fn way(app: &App) -> Way {
    app.pull.key_way.unwrap_or_else(|| match custody(app) {
        Some(Custody::Show) if held(app).is_none() => Way::Paste,
        _ => Way::Delivered,
    })
}

/// The user's key that is held here.
fn held(app: &App) -> Option<&AccessKey> {
    app.apply.held(&apply::key(app)?)
}

/// Takes a paste as the key where it is one, or where one is asked for: it never stands in a text field.
pub fn pasted(app: &mut App, text: &str) -> bool {
    if app.pull.part != Part::Key && !looks_like_key(text) {
        return false;
    }
    app.pull.pasted_key = Some(AccessKey::read(text));
    app.pull.key_way = Some(Way::Paste);
    if app.pull.part != Part::Key {
        focus(app, Part::Key);
        app.remark("That paste was an access key. It was taken as one and is not shown.");
    }
    true
}

fn looks_like_key(text: &str) -> bool {
    ["AWS_SECRET_ACCESS_KEY", "SecretAccessKey"].iter().any(|name| text.contains(name))
}

/// The key, or what is still open.
///
/// # Errors
/// The part to go to, and what is missing there.
pub(super) fn source(app: &App) -> Result<KeySource, (Part, String)> {
    let open = |why: String| Err((Part::Key, why));
    match (way(app), custody(app)) {
        (Way::Paste, _) => match &app.pull.pasted_key {
            None => open("The access key is still open: paste its two lines.".to_owned()),
            Some(Err(fault)) => open(format!("Paste not taken: {}.", fault.message)),
            Some(Ok(key)) => Ok(KeySource::Held(key.clone())),
        },
        (Way::Delivered, None) => {
            open("The answers of steps 2 and 3 say where the key is.".to_owned())
        }
        (Way::Delivered, Some(Custody::Kubernetes(place))) => Ok(KeySource::Secret(place)),
        (Way::Delivered, Some(Custody::File(path))) => Ok(KeySource::File(path)),
        (Way::Delivered, Some(Custody::Show)) => match held(app) {
            Some(key) => Ok(KeySource::Held(key.clone())),
            None => open("No key is held here: it was made by another run. Paste it.".to_owned()),
        },
    }
}

/// What is known of the key, in one row; whether it is good.
#[must_use]
pub fn said(app: &App) -> (bool, String) {
    match source(app) {
        Err((_, why)) => (false, why),
        Ok(KeySource::Held(key)) => (true, format!("{}, with its secret; neither is kept", key.id)),
        Ok(KeySource::File(path)) => {
            (true, format!("read from {} when the test begins", path.display()))
        }
        Ok(KeySource::Secret(place)) => {
            (true, format!("read from the {place} when the test begins: what Okteto has"))
        }
    }
}
