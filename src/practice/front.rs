//! An account behind a clock, as difficult as its script says: the same for whoever asks, over the wire or in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::account::difficulty::What;
use super::account::input::Input;
use super::account::refusal::Refusal;
use super::account::{Account, Ask, Principal, Service};
use super::scene::Scene;

/// The clock of the practice world.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Shown the account, and the time, after each change, before anything else can happen to it. Not to call the door again.
pub type Observer = Arc<dyn Fn(&Account, Timestamp) + Send + Sync>;

/// The one door to an account. Clones lead to the same account.
#[derive(Clone)]
pub struct Front {
    account: Arc<Mutex<Account>>,
    clock: Clock,
    bell: Arc<Bell>,
}

/// Who wants to know of changes.
struct Bell {
    /// The account's revision.
    revision: watch::Sender<u64>,
    observer: Mutex<Option<Observer>>,
}

/// A door that does not keep the account from ending.
#[derive(Clone)]
pub struct Ajar {
    account: Weak<Mutex<Account>>,
    clock: Clock,
    bell: Weak<Bell>,
}

impl Ajar {
    /// The door, while there is an account behind it.
    #[must_use]
    pub fn front(&self) -> Option<Front> {
        let (account, bell) = (self.account.upgrade()?, self.bell.upgrade()?);
        Some(Front { account, bell, clock: Arc::clone(&self.clock) })
    }
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
        let (revision, _) = watch::channel(account.revision());
        let bell = Bell { revision, observer: Mutex::default() };
        Self { account: Arc::new(Mutex::new(account)), clock, bell: Arc::new(bell) }
    }

    /// The same door, held less firmly.
    #[must_use]
    pub fn ajar(&self) -> Ajar {
        let (account, bell) = (Arc::downgrade(&self.account), Arc::downgrade(&self.bell));
        Ajar { account, bell, clock: Arc::clone(&self.clock) }
    }

    /// The account's revision, and word of each change of it that comes through this door.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.bell.revision.subscribe()
    }

    /// Something beside the account was changed that how things stand depends on.
    pub fn touch(&self) {
        let mut account = self.account();
        account.touch();
        self.ring(&account, self.now());
    }

    /// Tells of a change, while the account is held.
    fn ring(&self, account: &Account, now: Timestamp) {
        let observer = self.bell.observer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(observer) = observer {
            observer(account, now);
        }
        self.bell.revision.send_replace(account.revision());
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

    /// Puts the account of another scene in the place of this one. Its operator keeps the key, and issuers of the same URL
    /// keep theirs, so that whoever was led here stays so. What it holds then is for `observer`, in the place of the one before.
    pub fn renew(&self, scene: &Scene, observer: impl FnOnce(&Account) -> Option<Observer>) {
        let mut account = self.account();
        *account = account.renewed(scene);
        let observer = observer(&account);
        *self.bell.observer.lock().unwrap_or_else(PoisonError::into_inner) = observer;
        self.ring(&account, self.now());
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
        let answer = {
            let mut account = self.account();
            let before = account.revision();
            let answer = run(&mut account, now);
            if account.revision() != before {
                self.ring(&account, now);
            }
            answer
        };
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::{Instant, timeout};

    use super::*;
    use crate::practice::account::difficulty::Trouble;

    /// A world whose clock is the runtime's.
    fn front() -> Front {
        let began = Instant::now();
        let clock = move || {
            let passed = Instant::now().duration_since(began);
            Timestamp::UNIX_EPOCH.checked_add(passed).unwrap()
        };
        Front::new(Account::new(&Scene::default()), Arc::new(clock))
    }

    fn script(front: &Front, on: &str, what: What) {
        let trouble = Trouble { on: on.to_owned(), after: 0, times: Some(1), what };
        front.account().trouble(trouble);
    }

    async fn create(front: &Front, name: &str) -> Reply<Result<Value, Refusal>> {
        let caller = Some(Principal::User("trainee".to_owned()));
        let input = Input::from_json(json!({"UserName": name}));
        front.call(Service::Iam, "CreateUser", "us-east-1", caller, input).await
    }

    async fn is_there(front: &Front, name: &str) -> bool {
        let caller = Some(Principal::User("trainee".to_owned()));
        let input = Input::from_json(json!({"UserName": name}));
        let reply = front.call(Service::Iam, "GetUser", "us-east-1", caller, input).await;
        matches!(reply, Reply::Answer(Ok(_)))
    }

    #[tokio::test(start_paused = true)]
    async fn each_trouble_happens_once_and_as_it_says() {
        let front = front();
        for (what, code, is_done) in [
            (What::Throttle, Some("Throttling"), false),
            (What::Expire, Some("ExpiredToken"), false),
            (What::Fail, Some("ServiceFailure"), false),
            (What::Lose, None, true),
            (What::Unreachable, None, false),
        ] {
            let name = format!("{what:?}");
            script(&front, "iam:CreateUser", what);
            match (create(&front, &name).await, code) {
                (Reply::Answer(Err(refusal)), Some(code)) => assert_eq!(refusal.code, code),
                (Reply::Silence, None) => {}
                (reply, _) => panic!("{what:?}: {reply:?}"),
            }
            assert_eq!(is_there(&front, &name).await, is_done, "{what:?}");
        }
        assert!(matches!(create(&front, "then").await, Reply::Answer(Ok(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_slow_is_done_after_its_time() {
        let front = front();
        script(&front, "iam:*", What::Slow(Duration::from_secs(40)));
        let slow = create(&front, "slow");
        tokio::pin!(slow);
        assert!(timeout(Duration::from_secs(39), &mut slow).await.is_err());
        assert!(!is_there(&front, "slow").await);
        let Reply::Answer(Ok(user)) = slow.await else { panic!("it was carried out") };
        assert_eq!(user["User"]["CreateDate"], "1970-01-01T00:00:40Z");
    }

    #[tokio::test(start_paused = true)]
    async fn what_hangs_is_never_done() {
        let front = front();
        script(&front, "*", What::Hang);
        assert!(timeout(Duration::from_secs(100_000), create(&front, "hung")).await.is_err());
        assert!(!is_there(&front, "hung").await);
    }

    #[tokio::test(start_paused = true)]
    async fn damage_is_told_to_the_carrier_and_the_call_is_done() {
        let front = front();
        for (what, wanted) in [(What::Cut, Damage::Cut), (What::Alter, Damage::Alter)] {
            script(&front, "iam:CreateUser", what);
            let name = format!("{what:?}");
            let Reply::Damaged(Ok(_), damage) = create(&front, &name).await else {
                panic!("{what:?}")
            };
            assert_eq!(damage, wanted);
            assert!(is_there(&front, &name).await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_nobody_has_does_not_expire() {
        let front = front();
        for (service, signed) in [(Service::Sts, false), (Service::Ecr, true)] {
            script(&front, "*", What::Expire);
            let caller = signed.then(|| Principal::User("trainee".to_owned()));
            let call = front.call(service, "Unknown", "us-east-2", caller, Input::default());
            let Reply::Answer(Err(refusal)) = call.await else { panic!("it is refused") };
            let wanted = if signed { "ExpiredTokenException" } else { "InvalidAction" };
            assert_eq!(refusal.code, wanted);
        }
    }
}
