//! An account behind a clock, as difficult as its script says: the same for whoever asks, over the wire or in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::account::Account;

/// The clock of the practice world.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The one door to an account. Clones lead to the same account.
#[derive(Clone)]
pub struct Front {
    account: Arc<Mutex<Account>>,
    clock: Clock,
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
}
