//! What a policy says to a request: IAM's evaluation, statement by statement and condition by condition.
//!
//! A [`Policy`] is read from a document, strictly: what this evaluation would not understand is an [`Unsound`] policy
//! and no guess. [`Policy::judge`] says what became of each part of each statement, so that a decision can be explained.
//!
//! Rules: IAM user guide, `reference_policies_evaluation-logic`, `reference_policies_elements`,
//! `reference_policies_elements_condition_operators`, `reference_policies_multi-value-conditions`,
//! `reference_policies_variables`. Where they leave room, the strict reading is taken, and said at the place.

mod condition;
mod date;
mod operator;
mod pattern;
mod principal;
mod read;
mod request;
#[cfg(test)]
mod tests;

pub use operator::{Operator, Set};
pub use principal::{Named, Party, Principals};
pub use read::Unsound;
pub use request::{Asker, Context, Request};

/// The current version of the policy language; only it knows policy variables.
pub const CURRENT: &str = "2012-10-17";

/// A policy, each of whose parts is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Version of the policy language.
    pub version: String,
    /// Its statements, in their order.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its label.
    pub sid: Option<String>,
    /// What it does where it matches.
    pub effect: Effect,
    /// Whom it is about. A policy of an identity does not say.
    pub principal: Option<Principals>,
    /// Which actions.
    pub actions: Choice,
    /// Which resources. A policy on a resource need not say.
    pub resources: Option<Choice>,
    /// What else must hold, all of it.
    pub conditions: Vec<Condition>,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// Patterns, or all but what they match (`NotAction`, `NotResource`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// All but these.
    pub not: bool,
    /// The patterns as written.
    pub patterns: Vec<String>,
}

/// One key of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How it compares.
    pub operator: Operator,
    /// The key as written.
    pub key: String,
    /// The values as written; any of them suffices (with a negated operator: none may match).
    pub wanted: Vec<String>,
}

/// What a policy says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// In one word.
    pub outcome: Outcome,
    /// What became of each statement.
    pub statements: Vec<Verdict>,
}

/// What a policy says, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A statement allows it, and none denies it.
    Allowed,
    /// A statement denies it.
    Denied,
    /// No statement is about it.
    Silent,
}

/// What became of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The statement's label.
    pub sid: Option<String>,
    /// What it does where it matches.
    pub effect: Effect,
    /// How it means the asker; `None` if it does not.
    pub principal: Option<Named>,
    /// Whether it is about the action.
    pub action: bool,
    /// Whether it is about the resource.
    pub resource: bool,
    /// What became of each condition.
    pub conditions: Vec<Finding>,
}

/// What became of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The operator as written.
    pub operator: String,
    /// The key as written.
    pub key: String,
    /// The values as written.
    pub wanted: Vec<String>,
    /// What the request carries under that key; `None` if nothing.
    pub got: Option<Vec<String>>,
    /// Whether it holds.
    pub met: bool,
}

impl Verdict {
    /// Whether the statement takes effect: all of its parts match.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.principal.is_some()
            && self.action
            && self.resource
            && self.conditions.iter().all(|c| c.met)
    }
}

impl Policy {
    /// What it says to a request.
    #[must_use]
    pub fn judge(&self, request: &Request<'_>) -> Judgement {
        let variables = (self.version == CURRENT).then_some(request.context);
        let statements: Vec<Verdict> =
            self.statements.iter().map(|s| s.judge(request, variables)).collect();
        Judgement { outcome: Outcome::of(&statements), statements }
    }

    /// The statements that take effect on a request: those of which [`Self::judge`] says so, without saying why.
    pub fn matching<'a>(&'a self, request: &'a Request<'_>) -> impl Iterator<Item = &'a Statement> {
        let variables = (self.version == CURRENT).then_some(request.context);
        self.statements.iter().filter(move |statement| statement.is_match(request, variables))
    }
}

impl Outcome {
    /// What the statements come to: a denial counts before any allowance (`reference_policies_evaluation-logic`).
    #[must_use]
    pub fn of(statements: &[Verdict]) -> Self {
        let has = |effect| statements.iter().any(|v| v.effect == effect && v.is_match());
        if has(Effect::Deny) {
            Self::Denied
        } else if has(Effect::Allow) {
            Self::Allowed
        } else {
            Self::Silent
        }
    }
}

impl Statement {
    fn is_match(&self, request: &Request<'_>, variables: Option<&Context>) -> bool {
        let names = |principals: &Principals| principals.name(request.asker, self.effect).is_some();
        let covers = |choice: &Choice| choice.covers(request.resource, false, variables);
        self.principal.as_ref().is_none_or(names)
            && self.actions.covers(request.action, true, None)
            && self.resources.as_ref().is_none_or(covers)
            && self.conditions.iter().all(|condition| condition.holds(request.context, variables))
    }

    fn judge(&self, request: &Request<'_>, variables: Option<&Context>) -> Verdict {
        Verdict {
            sid: self.sid.clone(),
            effect: self.effect,
            principal: match &self.principal {
                Some(principals) => principals.name(request.asker, self.effect),
                None => Some(Named::Owner),
            },
            // Action names compare without case and hold no variables.
            action: self.actions.covers(request.action, true, None),
            resource: self
                .resources
                .as_ref()
                .is_none_or(|choice| choice.covers(request.resource, false, variables)),
            conditions: self
                .conditions
                .iter()
                .map(|condition| condition.judge(request.context, variables))
                .collect(),
        }
    }
}

impl Choice {
    /// A pattern with a variable that the request cannot fill matches nothing; under `Not…` it spoils the list, for
    /// AWS calls such a statement invalid (`reference_policies_variables`).
    fn covers(&self, text: &str, fold: bool, variables: Option<&Context>) -> bool {
        let mut patterns = self.patterns.iter().map(|p| pattern::pieces(p, true, variables));
        if self.not {
            patterns.all(|p| p.is_some_and(|p| !pattern::fits(&p, text, fold)))
        } else {
            patterns.any(|p| p.is_some_and(|p| pattern::fits(&p, text, fold)))
        }
    }
}
