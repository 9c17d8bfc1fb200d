//! The journal of the run under way, shared by whatever sends calls of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::task::spawn_blocking;

use super::Call;
use crate::app::task::StepOutcome;
use crate::clock;
use crate::domain::custody::Custody;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::journal::{
    Began, DELIVER, Ended, Header, Outcome, Past, Purpose, Record, Session,
};
use crate::domain::key::KeyId;
use crate::domain::plan::StepId;
use crate::ports::{Journal, World};

/// An open journal. While one lives, no other process can change anything.
#[derive(Clone)]
pub(in super::super) struct Book(Arc<Mutex<Pages>>);

struct Pages {
    journal: Box<dyn Journal>,
    header: Header,
    /// The session, until its first line is written.
    session: Option<Session>,
    number: u64,
}

/// Now, as the journal has it.
pub(in super::super) fn now() -> String {
    clock::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Now, as the first line has it: to the millisecond, by which the runs of one second are told apart.
pub(in super::super) fn now_exactly() -> String {
    clock::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

impl Book {
    /// Opens the journal of a run. The first line is written together with the first call.
    pub(in super::super) async fn open(
        world: &World,
        header: Header,
        caller: &Caller,
        purpose: Purpose,
        calls: Vec<String>,
    ) -> Result<Self, Fault> {
        let ledger = Arc::clone(&world.ledger);
        let opened = {
            let header = header.clone();
            on_disk(move || ledger.open_journal(&header)).await?
        };
        let number = opened.past().map_or(0, |past| past.number);
        let session = Session {
            at: now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            caller: caller.arn.clone(),
            purpose,
            calls,
        };
        let pages = Pages { journal: opened, header, session: Some(session), number };
        Ok(Self(Arc::new(Mutex::new(pages))))
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stood in it when it was opened.
    pub(in super::super) fn past(&self) -> Option<Past> {
        self.pages().journal.past().cloned()
    }

    /// Its first line.
    pub(super) fn header(&self) -> Header {
        self.pages().header.clone()
    }

    /// Whether a login is of the run's account.
    pub(super) fn is_of(&self, caller: &Caller) -> Result<(), Fault> {
        crate::domain::journal::is_of(&self.pages().header, caller)
    }

    /// Writes that a call is about to be sent. Without this on the disk it must not be.
    pub(super) async fn began(&self, call: &Call) -> Result<u64, Fault> {
        let Call { id, summary, operation, before, .. } = call.clone();
        let (call, request) = (operation.call().to_owned(), operation.request());
        self.begin(Began { at: now(), n: 0, id: id.to_owned(), call, summary, request, before })
            .await
    }

    /// Writes that the secret of a key is about to be handed over.
    pub(in super::super) async fn delivers(&self, key: &KeyId, to: &Custody) -> Result<u64, Fault> {
        self.begin(Began {
            at: now(),
            n: 0,
            id: StepId::Custody.word().to_owned(),
            call: DELIVER.to_owned(),
            summary: format!("the secret of {key} to {to}"),
            request: json!({"AccessKeyId": key.as_str(), "To": to.to_string()}),
            before: serde_json::Value::Null,
        })
        .await
    }

    async fn begin(&self, began: Began) -> Result<u64, Fault> {
        let book = self.clone();
        on_disk(move || {
            let mut pages = book.pages();
            let Pages { journal, session, number, .. } = &mut *pages;
            open_session(&mut **journal, session)?;
            *number += 1;
            let n = *number;
            journal.write(&Record::Began(Began { n, ..began }))?;
            Ok(n)
        })
        .await
    }

    /// Writes how a call ended.
    pub(in super::super) async fn ended(
        &self,
        n: u64,
        outcome: &StepOutcome,
        effect: &'static str,
    ) -> Result<(), Fault> {
        let none = Ended {
            at: now(),
            n,
            outcome: Outcome::Done,
            effect: None,
            arn: None,
            key: None,
            request_id: None,
            cause: None,
            message: None,
        };
        let said = |outcome, fault: &Fault| Ended {
            outcome,
            request_id: fault.request_id.clone(),
            cause: Some(fault.cause.slug().to_owned()),
            message: Some(fault.message.clone()),
            ..none.clone()
        };
        let ended = match outcome {
            StepOutcome::Done { deed, .. } => Ended {
                effect: Some(effect.to_owned()),
                arn: deed.arn.clone(),
                key: deed.key.as_ref().map(|key| key.id.to_string()),
                request_id: deed.request_id.clone(),
                ..none
            },
            StepOutcome::Failed { fault, .. } => said(Outcome::Failed, fault),
            StepOutcome::Unknown { fault, .. } => said(Outcome::Unknown, fault),
            StepOutcome::Skipped => Ended { outcome: Outcome::Stopped, ..none },
        };
        self.add(Record::Ended(ended)).await
    }

    /// Writes that the work of this process is over. Where it did nothing, there is nothing to be closed.
    pub(in super::super) async fn closed(&self, outcome: Outcome) -> Result<(), Fault> {
        if self.pages().session.is_some() {
            return Ok(());
        }
        self.add(Record::Closed { at: now(), outcome }).await
    }

    /// Writes the first line of the session, also where no call follows.
    pub(in super::super) async fn opened(&self) -> Result<(), Fault> {
        let book = self.clone();
        on_disk(move || {
            let mut pages = book.pages();
            let Pages { journal, session, .. } = &mut *pages;
            open_session(&mut **journal, session)
        })
        .await
    }

    async fn add(&self, record: Record) -> Result<(), Fault> {
        let book = self.clone();
        on_disk(move || book.pages().journal.write(&record)).await
    }
}

fn open_session(journal: &mut dyn Journal, session: &mut Option<Session>) -> Result<(), Fault> {
    if let Some(first) = session.as_ref() {
        journal.write(&Record::Session(first.clone()))?;
        *session = None;
    }
    Ok(())
}

/// Asks the disk, on a thread that may wait for it.
async fn on_disk<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let asked = spawn_blocking(ask).await;
    asked.unwrap_or_else(|_| Err(Fault::new(Cause::File, "reading or writing was broken off")))
}
