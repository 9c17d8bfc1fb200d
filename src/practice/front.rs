//! An account behind a clock, as difficult as its script says: the same for whoever asks, over the wire or in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::account::difficulty::What;
use super::account::input::Input;
use super::account::refusal::Refusal;
use super::account::{Account, Ask, Principal, Service};

/// The clock of the practice world.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The one door to an account. Clones lead to the same account.
#[derive(Clone)]
pub struct Front {
    account: Arc<Mutex<Account>>,
    clock: Clock,
}

/// What comes back to whoever called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// An answer.
    Answer(T),
    /// An answer that does not arrive as it was sent.
    Damaged(T, Damage),
    /// None at all: the connection ends.
    Silence,
}

/// What happens to the bytes of an answer on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// They end half-way.
    Cut,
    /// One of them is another.
    Alter,
}

impl Front {
    /// An account behind a clock.
    #[must_use]
    pub fn new(account: Account, clock: Clock) -> Self {
        Self { account: Arc::new(Mutex::new(account)), clock }
    }

    /// The time of the practice world.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The account itself, to look at or to change behind AWS's back. Not held across an await.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call of the API. `region` is the one it was signed for, or the account's own where nobody signed it.
    pub async fn call(
        &self,
        service: Service,
        action: &str,
        region: &str,
        caller: Option<Principal>,
        input: Input,
    ) -> Reply<Result<Value, Refusal>> {
        let is_signed = caller.is_some();
        let run = |account: &mut Account, now| {
            let (action, region) = (action.to_owned(), region.to_owned());
            account.call(&Ask { now, service, action, region, caller, input })
        };
        let instead = |what| Refusal::by_script(service, what, is_signed).map(Err);
        self.play(&format!("{}:{action}", service.name()), run, instead).await
    }

    /// Carries out `run`, unless the script has something else happen to the call of this name. `instead` is the answer
    /// to a trouble in the words of the wire at hand, `None` where that wire does not know the trouble.
    pub(super) async fn play<T>(
        &self,
        call: &str,
        run: impl FnOnce(&mut Account, Timestamp) -> T,
        instead: impl FnOnce(What) -> Option<T>,
    ) -> Reply<T> {
        let what = self.account().meet(call);
        match what {
            Some(What::Hang) => return std::future::pending().await,
            Some(What::Unreachable) => return Reply::Silence,
            Some(What::Slow(time)) => tokio::time::sleep(time).await,
            Some(what) => {
                if let Some(answer) = instead(what) {
                    return Reply::Answer(answer);
                }
            }
            None => {}
        }
        let now = self.now();
        let answer = run(&mut self.account(), now);
        match what {
            Some(What::Lose) => Reply::Silence,
            Some(What::Cut) => Reply::Damaged(answer, Damage::Cut),
            Some(What::Alter) => Reply::Damaged(answer, Damage::Alter),
            _ => Reply::Answer(answer),
        }
    }
}

impl<T> Reply<T> {
    /// The same with another answer.
    pub(super) fn map<U>(self, turn: impl FnOnce(T) -> U) -> Reply<U> {
        match self {
            Self::Answer(answer) => Reply::Answer(turn(answer)),
            Self::Damaged(answer, damage) => Reply::Damaged(turn(answer), damage),
            Self::Silence => Reply::Silence,
        }
    }
}
