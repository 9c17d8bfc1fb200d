//! Step 1: which way, and what was found on this machine.

use std::time::Duration;

use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::steps::{rotation, runs};
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::draft::Mode;

/// A question to AWS that takes longer than this takes longer than usual.
const UNUSUAL: Duration = Duration::from_secs(3);

/// The two ways, in the order of the screen.
pub const WAYS: [Mode; 2] = [Mode::Oidc, Mode::IamUser];

/// The state of step 1.
#[derive(Debug, Default)]
pub struct State {
    /// The way the cursor stands on; chosen with Enter.
    pub at: Mode,
}

/// One fact found on this machine: its name, its value, where it came from, and whether it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `AWS profile`, …
    pub name: &'static str,
    /// Its value, or what is missing.
    pub value: String,
    /// Where it came from.
    pub place: String,
    /// Whether it is there.
    pub good: bool,
    /// What looks for it, while it is being looked for.
    pub looking: Option<Slot>,
}

/// What was found on this machine so far.
#[must_use]
pub fn found(app: &App) -> Vec<Found> {
    let row = |name, value: Option<String>, place: &str, looking: Option<Slot>, missing: &str| {
        let slot = looking.filter(|_| value.is_none());
        Found {
            name,
            place: if value.is_some() { place.to_owned() } else { String::new() },
            good: value.is_some(),
            looking: slot,
            value: value.unwrap_or_else(|| slot.map_or(missing, |_| "looking").to_owned()),
        }
    };
    let who = &app.who;
    let looking = who.source.is_none().then_some(Slot::Locate);
    let source = who.source.clone().unwrap_or_default();
    let (profile, profile_place) = source.profile.map_or((None, ""), |(p, w)| (Some(p), w));
    let (region, region_place) =
        source.region.map_or((None, ""), |(r, w)| (Some(r.to_string()), w));
    let caller = who.known().map(|c| c.arn.clone());
    let asked = |slot| app.slots.running(slot).map(|_| slot).or(looking);
    let caller_asked = asked(Slot::Whoami).filter(|_| who.fault().is_none());
    let issuer = who.cluster_issuer.as_ref().and_then(|r| r.as_ref().ok()).cloned();
    let mut rows = vec![
        row("profile", profile, profile_place, looking, "none: the keys of the environment"),
        row("caller", caller, "AWS", caller_asked, "no login"),
        row("region", region, region_place, looking, "none; step 2 asks for it"),
        row(
            "cluster",
            who.context.clone(),
            if app.setup.practice { "practice" } else { "kubeconfig" },
            looking,
            "none; a token file or paste will do",
        ),
        row("issuer", issuer, "cluster", asked(Slot::ClusterIssuer), "step 2 asks for it"),
    ];
    if let Some(endpoint) = source.endpoint {
        rows.push(row("endpoint", Some(endpoint), "AWS_ENDPOINT_URL", None, ""));
    }
    rows
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let mut offers = vec![
        Offer::on(Command::Down, "choose"),
        Offer::on(Command::Go, "next"),
        Offer::on(Command::Explain, "compare the two"),
        Offer::on(Command::Review, "roles"),
        if app.slots.running(Slot::Locate).is_some() {
            Offer::off(Command::Reread, "look again", "Looking already.")
        } else {
            Offer::on(Command::Reread, "look again")
        },
    ];
    if app.mode.at == Mode::IamUser {
        offers.push(Offer::on(Command::Rotate, "rotate a key"));
    }
    if runs::stopped(app).next().is_some() {
        offers.insert(2, Offer::on(Command::Continue, "continue a stopped run"));
    } else {
        offers.push(Offer::on(Command::Continue, "earlier runs"));
    }
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::Up | Command::First => app.mode.at = Mode::Oidc,
        Command::Down | Command::Last => app.mode.at = Mode::IamUser,
        Command::Go => {
            choose(app);
            app.go_to(Step::Identity);
        }
        Command::Rotate if app.mode.at == Mode::IamUser => {
            choose(app);
            rotation::open(app);
        }
        Command::Continue => runs::open(app),
        Command::Explain => {
            app.overlay = Some(Overlay::Text(TextBox::new("The two ways", comparison())));
        }
        Command::Reread => look_again(app),
        _ => return false,
    }
    true
}

/// The step was come back to: an earlier run may have been taken back meanwhile.
pub fn enter(app: &mut App) {
    runs::reread(app);
}

/// Looks around anew, and asks AWS who the operator is.
pub fn look_again(app: &mut App) {
    app.start(Slot::Locate, Job::Locate);
    app.start(Slot::Whoami, Job::Whoami { until_renewed: false });
    runs::reread(app);
}

/// The way that the cursor stands on is the way that is gone.
fn choose(app: &mut App) {
    if app.draft.mode != app.mode.at {
        // A plan, a proof and a role of the other way are none of this one.
        app.draft.mode = app.mode.at;
        app.apply.forget();
        app.pull.forget();
    }
}

fn comparison() -> Vec<String> {
    [
        "OIDC role: at every pull the cluster shows its own signed token. AWS swaps it for keys of an hour and a registry login of 12 hours. Nothing secret is stored anywhere.",
        "",
        "IAM user: one access key, made once, kept by you and by Okteto. It never expires by itself: whoever has it can pull until somebody deletes it. The tutorial attaches the policy straight to the user, which CIS AWS 2.13 would have in a group.",
        "",
        "             OIDC role              IAM user",
        "Secret       none                   1 access key",
        "Expires      by itself              never; K rotates it",
        "Creates      provider, role         user, key",
        "Okteto gets  role ARN, audience     key id, secret",
        "Undo         3 calls                3 calls",
        "Takes        about 4 minutes        about 2 minutes",
        "",
        "Where the cluster has an issuer that AWS can reach, the OIDC role is the better way.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    let asking = app.slots.running(Slot::Whoami).filter(|_| app.who.fault().is_none());
    match asking.map(|task| app.now.since(task.began)) {
        Some(waited) if waited >= UNUSUAL => {
            "AWS is slow to say who you are: usually under 3 s, given up at 30 s.".to_owned()
        }
        _ => "Nothing is changed in AWS before step 4.".to_owned(),
    }
}
