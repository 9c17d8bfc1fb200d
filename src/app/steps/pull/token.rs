//! Where the token comes from.

use std::path::PathBuf;

use super::{Part, story};
use crate::app::task::TokenSource;
use crate::app::wizard::App;
use crate::domain::claims::Claims;
use crate::domain::draft::{Field, Mode, Verdict};
use crate::domain::fault::Fault;
use crate::domain::intent::{Intent, OidcIntent};
use crate::domain::secret::WebToken;

/// Where the token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `kubectl create token`.
    Cluster,
    /// A file.
    File,
    /// The operator pastes it.
    Paste,
}

impl Way {
    /// In the order of the screen.
    pub const ALL: [Self; 3] = [Self::Cluster, Self::File, Self::Paste];

    /// What it is called on screen.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Cluster => "from the cluster",
            Self::File => "from a file",
            Self::Paste => "pasted",
        }
    }
}

/// A paste that was meant as a token. The token itself is kept wrapped and is never shown.
#[derive(Debug, Clone)]
pub struct Pasted {
    /// The token; `None` where the paste was none.
    pub token: Option<WebToken>,
    /// How long it is.
    pub characters: usize,
    /// What it says of itself, or why it cannot be read.
    pub claims: Result<Claims, Fault>,
}

/// Where the token comes from now: as chosen, else from where it can be had.
#[must_use]
pub fn way(app: &App) -> Way {
    app.pull.way.unwrap_or_else(|| {
        let file = app.pull.form.get(Field::TokenFile).is_some_and(|f| !f.text().is_empty());
        match app.draft.context {
            _ if file => Way::File,
            Some(_) => Way::Cluster,
            None => Way::Paste,
        }
    })
}

/// Takes a paste as the token where it is one, or where one is asked for. Says whether it was taken.
pub fn pasted(app: &mut App, text: &str) -> bool {
    let text = unwrapped(text);
    if app.pull.part != Part::Token && !looks_like_token(text) {
        return false;
    }
    let token = WebToken::new(text);
    let claims = Claims::read(&token);
    app.pull.pasted = Some(Pasted {
        characters: text.chars().count(),
        token: claims.is_ok().then_some(token),
        claims,
    });
    app.pull.way = Some(Way::Paste);
    app.write_draft();
    if app.pull.part != Part::Token {
        if app.pull.part == Part::TokenFile {
            super::focus(app, Part::Token);
        }
        app.remark("That paste was a token. It was taken as one and is not shown.");
    }
    true
}

/// The paste without what a shell or a kubeconfig puts around a token.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let text = text.split_once('=').map_or(text, |(name, value)| {
        let is_name = !name.is_empty()
            && name
                .trim_start_matches("export ")
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if is_name && !name.starts_with("eyJ") { value } else { text }
    });
    text.trim_matches(['"', '\''])
}

/// Whether the text can hardly be anything but a signed web token.
fn looks_like_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.len() > 40
}

/// What is wrong with the pasted token's claims, held against what the trust asks for.
#[must_use]
pub fn complaint(app: &App) -> Option<Fault> {
    let claims = match &app.pull.pasted.as_ref()?.claims {
        Ok(claims) => claims,
        Err(fault) => return Some(fault.clone()),
    };
    let intent = intent(app)?;
    // Where nobody told the time, the token's end is left to AWS.
    let now = now_unix(app).unwrap_or(claims.issued_at);
    claims.check(&intent, now).err()
}

/// Whether a token was pasted whose claims do not fit.
#[must_use]
pub fn is_doubtful(app: &App) -> bool {
    app.draft.mode == Mode::Oidc && way(app) == Way::Paste && complaint(app).is_some()
}

/// All that is known of the pasted token, with an empty line behind it.
#[must_use]
pub fn said(app: &App) -> Vec<String> {
    if way(app) != Way::Paste {
        return Vec::new();
    }
    let mut lines: Vec<String> = description(app).into_iter().collect();
    let complaint = complaint(app);
    for fault in complaint.iter().flat_map(|first| std::iter::once(first).chain(first.others())) {
        lines.push(format!("! {}", fault.message));
        let facts = story::facts(fault).into_iter();
        lines.extend(facts.map(|(name, value)| format!("  {name}: {value}")));
        lines.push(format!("  What to do: {}", fault.what_to_do()));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// The same in a few words, for one row.
#[must_use]
pub fn said_in_short(app: &App) -> Option<String> {
    if let Some(fault) = complaint(app) {
        let got = fault.evidence.get("got").map_or_else(String::new, |g| format!(" {g}"));
        return Some(format!("{}:{got}; i tells all", fault.cause.slug()));
    }
    let pasted = app.pull.pasted.as_ref()?;
    // Without a caller there is nothing yet to hold the claims against.
    let fit = if intent(app).is_some() { ", aud, sub fit" } else { "" };
    Some(format!("{} characters{}{fit}", pasted.characters, ends(app, pasted)))
}

/// What is said of the pasted token: its length, whom it is for, when it ends.
#[must_use]
pub fn description(app: &App) -> Option<String> {
    let pasted = app.pull.pasted.as_ref()?;
    let claims = pasted.claims.as_ref().ok()?;
    Some(format!(
        "A token of {} characters, for aud {}, sub {}{}",
        pasted.characters,
        claims.audiences.join(" "),
        claims.subject,
        ends(app, pasted),
    ))
}

/// `, expires in 58 min`, as far as the time is known.
fn ends(app: &App, pasted: &Pasted) -> String {
    let expires = pasted.claims.as_ref().ok().map(|c| c.expires_at);
    match expires.zip(now_unix(app)).map(|(end, now)| end.saturating_sub(now)) {
        None => String::new(),
        Some(left) if left <= 0 => ", expired".to_owned(),
        Some(left) if left < 120 => format!(", expires in {left} s"),
        Some(left) if left < 7200 => format!(", expires in {} min", left / 60),
        Some(left) => format!(", expires in {} h", left / 3600),
    }
}

fn intent(app: &App) -> Option<OidcIntent> {
    match app.draft.intent(app.who.known()?) {
        Ok(Intent::Oidc(oidc)) => Some(oidc),
        _ => None,
    }
}

fn now_unix(app: &App) -> Option<i64> {
    app.started_unix
        .map(|start| start.saturating_add(i64::try_from(app.now.0.as_secs()).unwrap_or(i64::MAX)))
}

/// The token, or the part that is still open and why.
///
/// # Errors
/// The part to go to, and what is missing there.
pub(super) fn source(app: &App) -> Result<TokenSource, (Part, String)> {
    match way(app) {
        Way::Cluster => match &app.draft.context {
            Some(context) => Ok(TokenSource::Cluster(Some(context.clone()))),
            None => Err((
                Part::Token,
                "No kubeconfig context was found: take the token from a file, or paste it."
                    .to_owned(),
            )),
        },
        Way::File => match app.draft.judge(Field::TokenFile) {
            _ if app.draft.text(Field::TokenFile).is_empty() => {
                Err((Part::TokenFile, "Token file is still open.".to_owned()))
            }
            Verdict::Wrong(problem) => Err((Part::TokenFile, format!("Token file: {problem}"))),
            _ => Ok(TokenSource::File(PathBuf::from(app.draft.text(Field::TokenFile)))),
        },
        Way::Paste => match &app.pull.pasted {
            None => Err((Part::Token, "The token is still open: paste it.".to_owned())),
            Some(Pasted { token: Some(token), .. }) => Ok(TokenSource::Pasted(token.clone())),
            Some(Pasted { claims, .. }) => {
                let why = claims.as_ref().err().map_or_else(String::new, |f| f.message.clone());
                Err((Part::Token, format!("Paste not taken: {why}.")))
            }
        },
    }
}
