//! The state of the practice account, and AWS's rules over it. Nothing here knows of wires, clocks or tasks.
//!
//! Every call comes as an [`Ask`] and is dealt with in AWS's order: is the action known, are its parameters within the
//! limits, may the caller do it, does it hold against the state.

mod chronicle;
pub mod difficulty;
mod ecr;
mod furnish;
mod grammar;
mod iam;
mod image;
pub mod input;
mod key;
pub mod look;
mod managed;
mod permit;
mod random;
pub mod refusal;
pub mod registry;
mod spread;
mod state;
mod sts;
mod ticket;
mod web_identity;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use self::chronicle::Chronicle;
use self::difficulty::{Kind, Play, Trouble, What};
use self::input::Input;
use self::refusal::Refusal;
use self::state::State;
use super::scene::Scene;

/// Which service a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Identity and Access Management.
    Iam,
    /// Security Token Service.
    Sts,
    /// Elastic Container Registry.
    Ecr,
}

impl Service {
    /// Its name in credential scopes and in the names of calls.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::Ecr => "ecr",
        }
    }
}

/// Who signed a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An IAM user, by its name.
    User(String),
    /// A session of a role: the role's unique id and name, and the session's name.
    Session {
        /// `AROA…`; a role made anew under the same name is another one.
        role_id: String,
        /// Role name.
        role: String,
        /// Role session name.
        session: String,
        /// The session policy given when it was made.
        policy: Option<String>,
    },
}

/// One call.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The clock of AWS.
    pub now: Timestamp,
    /// The service.
    pub service: Service,
    /// The action, such as `CreateRole`.
    pub action: String,
    /// The region it was signed for, or the account's own where it is not signed.
    pub region: String,
    /// Who signed it; `None` where nobody did.
    pub caller: Option<Principal>,
    /// Its parameters.
    pub input: Input,
}

/// What the caller of an action must be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Need {
    /// `iam:CreateRole`
    action: String,
    /// ARN, or `*` for actions that no resource can scope.
    resource: String,
    /// Condition keys beside the global ones: `iam:PolicyARN`, `aws:RequestTag/…`, …
    context: Vec<(String, Vec<String>)>,
    /// The resource's own policy, where it has one.
    resource_policy: Option<String>,
}

/// One action of the API.
struct Action {
    /// `CreateRole`
    name: &'static str,
    /// What the caller must be allowed. Reads and checks the parameters; changes nothing. Empty where no permission
    /// is asked.
    needs: fn(&Account, &Ask) -> Result<Vec<Need>, Refusal>,
    /// Does it.
    run: fn(&mut Account, &Ask) -> Result<Value, Refusal>,
}

/// The practice account.
#[derive(Debug, Clone)]
pub struct Account {
    state: State,
    play: Play,
    chronicle: Chronicle,
    /// Issuer and subject of Okteto's service account.
    okteto: (String, String),
}

impl Account {
    /// The account as the scene has it.
    #[must_use]
    pub fn new(scene: &Scene) -> Self {
        Self {
            state: State::new(scene),
            play: Play::new(scene.difficulty.clone()),
            chronicle: Chronicle::new(),
            okteto: (scene.issuer().to_owned(), scene.subject.clone()),
        }
    }

    /// The account of another scene, whose operator has the key that the operator of this one has, and in whose world the same
    /// issuers have the same keys.
    #[must_use]
    pub fn renewed(&self, scene: &Scene) -> Self {
        let mut account = Self::new(scene);
        account.state.keep_ways(&self.state, scene);
        account.chronicle = Chronicle::after(&self.chronicle);
        account
    }

    /// Where its registry is.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.state.region
    }

    /// URL of the issuer, and subject, of Okteto's service account.
    #[must_use]
    pub fn okteto(&self) -> (&str, &str) {
        (&self.okteto.0, &self.okteto.1)
    }

    /// One call, answered by the output's shape or refused.
    ///
    /// # Errors
    /// AWS's code, message and status.
    pub fn call(&mut self, ask: &Ask) -> Result<Value, Refusal> {
        let actions = match ask.service {
            Service::Iam => iam::ACTIONS,
            Service::Sts => sts::ACTIONS,
            Service::Ecr => ecr::ACTIONS,
        };
        let Some(action) = actions.iter().flat_map(|a| a.iter()).find(|a| a.name == ask.action)
        else {
            return Err(unknown(ask));
        };
        let answer = self.carry_out(action, ask);
        self.chronicle.note_call(ask, answer.as_ref().err());
        answer
    }

    fn carry_out(&mut self, action: &Action, ask: &Ask) -> Result<Value, Refusal> {
        let needs = (action.needs)(self, ask)?;
        permit::demand(self, ask, &needs)?;
        (action.run)(self, ask)
    }

    /// What the script has happen to this call, such as `iam:CreateRole`. Counts the call.
    pub fn meet(&mut self, call: &str) -> Option<What> {
        self.play.meet(call)
    }

    /// Adds a trouble to the script.
    pub fn trouble(&mut self, trouble: Trouble) {
        self.play.add(trouble);
    }

    /// How long what is changed now takes to spread.
    fn delay(&mut self, kind: Kind) -> SignedDuration {
        SignedDuration::try_from(self.play.delay(kind)).unwrap_or(SignedDuration::MAX)
    }
}

/// An action that this account does not know is refused by name.
fn unknown(ask: &Ask) -> Refusal {
    let version = match ask.service {
        Service::Iam => "2010-05-08",
        Service::Sts => "2011-06-15",
        Service::Ecr => {
            return Refusal::new(
                "UnknownOperationException",
                format!("the practice account does not know the operation {}", ask.action),
            );
        }
    };
    Refusal::new(
        "InvalidAction",
        format!(
            "Could not find operation {} for version {version} in the practice account",
            ask.action
        ),
    )
}
