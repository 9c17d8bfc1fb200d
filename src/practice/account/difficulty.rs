//! What makes the account difficult: delays of what was changed, and troubles that a script names. Deterministic for a
//! seed.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;

/// What takes its time to spread from IAM to STS and ECR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An identity provider and its audiences.
    Provider,
    /// A role's being there.
    Role,
    /// A role's trust policy.
    Trust,
    /// What a role or user may do.
    Permissions,
    /// An access key and its status.
    Key,
}

/// How difficult the account is. None of it by default.
#[derive(Debug, Clone, Default)]
pub struct Difficulty {
    /// The same seed makes the same delays.
    pub seed: u64,
    /// The least and the most that a change takes to spread.
    pub spread: BTreeMap<Kind, (Duration, Duration)>,
    /// What goes wrong, and when.
    pub troubles: Vec<Trouble>,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The call: `iam:CreateRole`, `iam:*`, `*`; `registry:ping`, `registry:manifest`, `registry:blob`, `registry:tags`,
    /// `registry:catalog`, `registry:push`, `registry:cancel`; `layers:get`; `issuer:discovery`, `issuer:keys` (as the world fetches
    /// them), `sts:fetch-keys` (as STS fetches them).
    pub on: String,
    /// So many such calls pass first.
    pub after: u32,
    /// So many calls meet it; `None` is all from then on.
    pub times: Option<u32>,
    /// What happens.
    pub what: What,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// `Throttling`, `Rate exceeded`; the registry's 429.
    Throttle,
    /// The call is carried out, and its answer does not arrive.
    Lose,
    /// The call is carried out after so long.
    Slow(Duration),
    /// Nothing is ever answered, and nothing done.
    Hang,
    /// The operator's session has ended. Nothing happens to a call that nobody signed.
    Expire,
    /// The service fails (500).
    Fail,
    /// It cannot be reached.
    Unreachable,
    /// The body ends early.
    Cut,
    /// One byte of the body is another.
    Alter,
    /// The host of the layers, or of the issuer's documents, says no (403). No other host does.
    Refuse,
}

/// The script in play.
#[derive(Debug, Clone)]
pub(super) struct Play {
    difficulty: Difficulty,
    rng: Rng,
    met: Vec<u32>,
}

impl Play {
    pub(super) fn new(difficulty: Difficulty) -> Self {
        let rng = Rng::with_seed(difficulty.seed);
        let met = vec![0; difficulty.troubles.len()];
        Self { difficulty, rng, met }
    }

    /// How long a change of this kind, made now, takes to spread.
    pub(super) fn delay(&mut self, kind: Kind) -> Duration {
        let Some(&(least, most)) = self.difficulty.spread.get(&kind) else {
            return Duration::ZERO;
        };
        least + most.saturating_sub(least).mul_f64(self.rng.f64())
    }

    /// What happens to this call. Counts it.
    pub(super) fn meet(&mut self, call: &str) -> Option<What> {
        let mut happens = None;
        for (trouble, met) in self.difficulty.troubles.iter().zip(&mut self.met) {
            if !matches(&trouble.on, call) {
                continue;
            }
            *met = met.saturating_add(1);
            let number = met.saturating_sub(trouble.after);
            let now = number > 0 && trouble.times.is_none_or(|times| number <= times);
            if now && happens.is_none() {
                happens = Some(trouble.what);
            }
        }
        happens
    }

    /// One more trouble from now on.
    pub(super) fn add(&mut self, trouble: Trouble) {
        self.difficulty.troubles.push(trouble);
        self.met.push(0);
    }
}

fn matches(on: &str, call: &str) -> bool {
    on.strip_suffix('*').map_or(on == call, |head| call.starts_with(head))
}
