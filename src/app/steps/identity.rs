//! Step 2: issuer, audience, subject, role name, registry; checked while they are typed.

use crate::app::form::{Form, Source};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::steps::suggestion;
use crate::app::task::{End, Job};
use crate::app::who;
use crate::app::wizard::App;
use crate::domain::custody::CustodyChoice;
use crate::domain::draft::{Field, Mode, Verdict};
use crate::domain::fault::{Cause, Fault};
use crate::domain::issuer::Issuer;
use crate::domain::seen::Discovery;

/// The fields of the step in OIDC mode, in reading order.
pub const FIELDS: [Field; 5] =
    [Field::Issuer, Field::Audience, Field::Subject, Field::Role, Field::Registry];

/// The fields of the step in user mode.
pub const USER_FIELDS: [Field; 2] = [Field::User, Field::Registry];

/// The fields that are asked for in a mode.
#[must_use]
pub const fn fields(mode: Mode) -> &'static [Field] {
    match mode {
        Mode::Oidc => &FIELDS,
        Mode::IamUser => &USER_FIELDS,
    }
}

/// The state of step 2.
#[derive(Debug)]
pub struct State {
    /// The fields.
    pub form: Form,
    /// The issuer that was asked for its documents, and what came back.
    pub discovery: Option<(Issuer, Option<Documents>)>,
}

/// What came back from an issuer: its document and how many keys it has, or why neither was seen.
pub type Documents = Result<(Discovery, usize), Fault>;

impl Default for State {
    fn default() -> Self {
        let all: Vec<Field> = FIELDS.into_iter().chain([Field::User]).collect();
        let mut form = Form::new(&all);
        form.show(&FIELDS);
        Self { form, discovery: None }
    }
}

impl State {
    /// What the issuer's documents say, if they were asked of the issuer that stands in the field now.
    #[must_use]
    pub fn discovered(&self) -> Option<&Documents> {
        let (issuer, answer) = self.discovery.as_ref()?;
        let text = self.form.get(Field::Issuer)?.text();
        answer.as_ref().filter(|_| issuer.url() == text)
    }
}

/// Fills the fields with the last run's answers, and the tutorial's values where it names any.
pub fn prefill(app: &mut App) {
    let form = &mut app.identity.form;
    let mut fill = |field, text: &str, source| {
        if let Some(f) = form.get_mut(field) {
            f.fill(text, source);
        }
    };
    fill(Field::Subject, "system:serviceaccount:okteto:okteto", Source::Tutorial);
    fill(Field::Role, "my-private-registry", Source::Tutorial);
    fill(Field::User, "private-registry-user", Source::Tutorial);
    if let Some(last) = app.setup.last.clone() {
        for (field, text) in &last.texts {
            for form in [&mut app.identity.form, &mut app.access.form, &mut app.pull.form] {
                if let Some(f) = form.get_mut(*field) {
                    f.fill(text, Source::LastTime);
                }
            }
        }
        app.mode.at = last.mode;
        app.draft = last;
    }
    app.write_draft();
}

/// How many fields would do, of how many that are required.
#[must_use]
pub fn ready(app: &App) -> (usize, usize) {
    let fields = fields(app.draft.mode);
    let good = fields
        .iter()
        .filter(|f| matches!(app.draft.judge(**f), Verdict::Good | Verdict::Warning(_)))
        .count();
    (good, fields.len())
}

/// Why the step cannot be left forward yet.
#[must_use]
pub fn obstacle(app: &App) -> Option<String> {
    let (good, all) = ready(app);
    if good < all {
        let wrong = fields(app.draft.mode)
            .iter()
            .find(|f| matches!(app.draft.judge(**f), Verdict::Wrong(_) | Verdict::Empty));
        let name = wrong.map_or("", |f| name(*f));
        return Some(format!("{good} of {all} ready: {name} is still open."));
    }
    if app.draft.mode == Mode::Oidc
        && let Some(Err(fault)) = app.identity.discovered()
        && fault.cause == Cause::IssuerMismatch
    {
        return Some(fault.message.clone());
    }
    match app.who.known() {
        None => Some("AWS has not said yet who you are; step 3 needs the account.".to_owned()),
        // Where the secret goes is asked for in step 3.
        Some(caller) => {
            let mut draft = app.draft.clone();
            draft.custody = CustodyChoice::default();
            draft.intent(caller).err().map(|fault| fault.message)
        }
    }
}

/// The field's name, in the words of Okteto's screen.
#[must_use]
pub const fn name(field: Field) -> &'static str {
    match field {
        Field::Issuer => "Issuer",
        Field::Audience => "Audience",
        Field::Subject => "Subject",
        Field::Role => "Role name",
        Field::Registry => "ECR registry or region",
        Field::Repositories => "Repositories",
        Field::Path => "Path",
        Field::Boundary => "Permissions boundary",
        Field::Tags => "Tags",
        Field::Description => "Description",
        Field::MaxSession => "Longest session in seconds",
        Field::Image => "Image",
        Field::Platform => "Platform",
        Field::TokenFile => "Token file",
        Field::User => "User name",
        Field::KeyFile => "File",
        Field::Namespace => "Namespace",
    }
}

/// What a field is, why it is asked, an example, and where to find it.
#[must_use]
pub fn explanation(field: Field) -> Vec<String> {
    let text: &[&str] = match field {
        Field::Issuer => &[
            "Who signs the cluster's tokens: the iss claim.",
            "",
            "In Okteto: Admin, Integrations, General, OpenID Connect: Issuer. The tutorial calls it OIDC_ENDPOINT.",
            "",
            "Example   https://container.googleapis.com/v1/projects/p/locations/l/clusters/c",
            "Allowed   https, no port, no query, at most 255 characters; a slash at the end counts",
        ],
        Field::Audience => &[
            "The aud claim inside the token. AWS swaps a token only if its aud is on the provider's list.",
            "",
            "Any text; it must be equal in three places: provider, trust policy, Okteto. Use one per Okteto instance and region.",
            "",
            "Example   okteto.example.com/us-east-2",
            "Allowed   1-255 characters, no spaces",
        ],
        Field::Subject => &[
            "The sub claim: the service account that Okteto uses.",
            "",
            "In Okteto: Admin, Integrations, General, OpenID Connect: Subject. The tutorial calls it OKTETO_SERVICE_ACCOUNT.",
            "",
            "Example   system:serviceaccount:okteto:okteto",
        ],
        Field::Role => &[
            "The IAM role that is made for Okteto. A name, no ARN: step 6 hands over the ARN that AWS returns.",
            "",
            "Example   my-private-registry",
            "Allowed   1-64 of letters, digits and _+=,.@-",
        ],
        Field::User => &[
            "The IAM user that is made for Okteto, and whose access key Okteto will hold. A name, no ARN. One for each Okteto instance, used by nobody else.",
            "",
            "Its key never expires. The OIDC role needs none: Esc, then choose it.",
            "",
            "Example   private-registry-user",
            "Allowed   1-64 of letters, digits and _+=,.@-",
        ],
        Field::Registry => &[
            "Where the images are: a region, or the registry's host, or any image reference in it.",
            "",
            "Example   us-east-2",
            "          112233445566.dkr.ecr.us-east-2.amazonaws.com",
        ],
        _ => &[],
    };
    text.iter().map(|&line| line.to_owned()).collect()
}

/// What the answers turn into, by name; a name that is empty goes on with the one before.
#[must_use]
pub fn derived(app: &App) -> Vec<(&'static str, String)> {
    let derived = app.draft.derived(app.who.known());
    let [aud, sub] = derived.keys.map_or([None, None], |keys| keys.map(Some));
    if app.draft.mode == Mode::IamUser {
        let named = [("User ARN", derived.user_arn), ("Registry host", derived.host)];
        return named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    }
    [
        ("Provider ARN", derived.provider_arn),
        ("Condition keys", aud),
        ("", sub),
        ("Role ARN", derived.role_arn),
        ("Registry host", derived.host),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Why the issuer's documents were not seen, whole.
#[must_use]
pub fn seen(app: &App) -> Option<String> {
    let fault = app.identity.discovered()?.as_ref().err()?;
    Some(match fault.cause {
        Cause::IssuerMismatch => format!("✗ {}", fault.message),
        _ => format!("! not seen from here (AWS must reach it): {}", fault.message),
    })
}

/// A field in a few words, for the line above the keys of the smallest window.
#[must_use]
const fn hint(field: Field) -> &'static str {
    match field {
        Field::Issuer => "Okteto: Admin, Integrations, General, OpenID Connect.",
        Field::Audience => "Any text, one for each Okteto instance and region.",
        Field::Subject => "Okteto shows it below the issuer; mostly as it stands here.",
        Field::Role => "The IAM role that is made for Okteto: a name, no ARN.",
        Field::User => "The IAM user that is made for Okteto: a name, no ARN.",
        _ => "A region, the registry's host, or an image in it.",
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let mut offers =
        vec![Offer::on(Command::NextPart, "next"), Offer::on(Command::PreviousPart, "previous")];
    offers.push(match obstacle(app) {
        None => Offer::on(Command::Go, "continue"),
        Some(_) => Offer::on(Command::Go, "next field"),
    });
    offers.push(Offer::on(Command::Back, "step back"));
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::NextPart | Command::Down => moved(app, true),
        Command::PreviousPart | Command::Up => moved(app, false),
        Command::Go => {
            app.identity.form.leave();
            app.write_draft();
            edited(app);
            match obstacle(app) {
                None if app.who.must_ask_root() => who::ask_root(app),
                None => app.go_to(Step::Access),
                Some(why) => {
                    let open = fields(app.draft.mode).iter().find(|f| {
                        matches!(app.draft.judge(**f), Verdict::Wrong(_) | Verdict::Empty)
                    });
                    if let Some(field) = open {
                        app.identity.form.focus_on(*field);
                    }
                    app.remark(why);
                }
            }
        }
        Command::Explain => {
            if let Some(field) = app.identity.form.focused().map(|f| f.field) {
                app.overlay = Some(Overlay::Text(TextBox::new(name(field), explanation(field))));
            }
        }
        _ => return false,
    }
    true
}

fn moved(app: &mut App, forward: bool) {
    app.identity.form.move_focus(forward);
    app.write_draft();
    edited(app);
}

/// The step was entered: the issuer may have been filled meanwhile.
pub fn enter(app: &mut App) {
    app.identity.form.show(fields(app.draft.mode));
    edited(app);
}

/// Something in the form changed, or time passed: once the hands rest, the issuer is asked for its documents,
/// beside the typing; an answer about an older text is not listened to.
pub fn edited(app: &mut App) {
    if app.draft.mode != Mode::Oidc {
        return;
    }
    let resting = app.identity.form.get(Field::Issuer).is_some_and(|f| f.is_resting(app.now));
    let Ok(issuer) = Issuer::parse(app.draft.text(Field::Issuer)) else {
        app.drop_task(Slot::Discover);
        app.identity.discovery = None;
        return;
    };
    if app.identity.discovery.as_ref().is_some_and(|(asked, _)| *asked != issuer) {
        app.drop_task(Slot::Discover);
        app.identity.discovery = None;
    }
    if resting && app.identity.discovery.is_none() {
        app.identity.discovery = Some((issuer.clone(), None));
        app.start(Slot::Discover, Job::Discover(issuer));
    }
}

/// The issuer's documents came, or did not.
pub fn discovered(app: &mut App, end: End) {
    if let (End::Discovered(result), Some((_, answer))) = (end, &mut app.identity.discovery) {
        *answer = Some(result);
    }
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    let Some(field) = app.identity.form.focused() else { return String::new() };
    if field.refused.is_some() {
        return "That paste changed nothing. F1: all of it.".to_owned();
    }
    let offered = field.text().is_empty() && suggestion(app, field.field).is_some();
    if app.setup.practice && offered {
        return "The right arrow takes what stands there in grey.".to_owned();
    }
    let unseen = seen(app).filter(|_| field.field == Field::Issuer);
    match field.verdict(&app.draft, app.now) {
        Some(Verdict::Good) if unseen.as_ref().is_some_and(|words| words.starts_with('!')) => {
            "A warning (!) lets you go on. F1: all of it."
        }
        Some(Verdict::Good) if unseen.is_some() => {
            "An error (✗) keeps the next step closed. F1: all of it."
        }
        Some(Verdict::Wrong(_)) => "An error (✗) keeps the next step closed. F1: all of it.",
        Some(Verdict::Warning(_)) => "A warning (!) lets you go on. F1: all of it.",
        _ => hint(field.field),
    }
    .to_owned()
}
