//! `okteto-ecr`: a terminal wizard that gives an Okteto instance pull access to a private Amazon ECR, by OIDC federation
//! or by an IAM user with an access key, and proves it with a live pull. It brings a practice account, so that all of it
//! can be done without AWS.
//!
//! # Bird's-eye view
//!
//! ```text
//!  terminal ──Input──▶ ┌─────────┐ ──Effect──▶ ┌────────┐ ──calls──▶ Cloud    ◀─ aws       (SDK)
//!                      │   app   │             │ engine │            Registry ◀─ registry  (HTTP)
//!  ui ◀──────reads──── │ update  │ ◀─Report─── │  tasks │            Issuers  ◀─ discovery (HTTP)
//!                      └─────────┘             └────────┘            Cluster  ◀─ cluster   (kubectl)
//!         every arrow into app is a Message; domain lies beneath all of it and imports none of them
//! ```
//!
//! A pure [`domain`] knows what a trust policy, a plan and a probe are. The synchronous [`app`] holds the wizard's
//! state and turns a message into new state and effects. The [`engine`] carries effects out as tasks and sends what
//! happens back as messages. [`ui`] draws the state and changes nothing; [`headless`] does the same jobs from flags
//! and prints. The outside is met through the few traits of [`ports`], in domain words.
//!
//! The [`practice`] account is the second AWS: state and rules in memory, served on loopback in AWS's own wire
//! protocols, so that practice and tests go through the same SDK, the same sockets and the same code as the real thing.
//!
//! # Code map
//!
//! | where | what |
//! | --- | --- |
//! | [`domain`] | names, issuer, subject, policy documents, draft and intent, inventory, operation, plan, claims, probe, fault, answers; `key`, `secret`, `custody` and `rotation` of a user's access key; `journal`: what a run did, line by line, and what that comes to; `undo`: what taking it back comes to; `evaluate`: what a policy says to a request; `trust`: why a token is refused, who gets in, what is wrong with a trust policy; `review`: an account as it was read, judged, triaged, and what mends it; `exercise`: its file, world, goals, progress; `tutorial`: passages, their defects, what is sent instead |
//! | [`ports`] | what the outside must offer |
//! | [`app`] | the wizard: one table of keys, one module a step, tasks as data |
//! | [`engine`] | the task runner and the jobs; tokio lives here and in [`shell`]'s loop |
//! | [`aws`] | the only folder that names the AWS SDK; its errors become faults in one place |
//! | [`registry`] | the pull: manifests, layers, digests, bytes counted |
//! | [`discovery`] | the issuer's public documents |
//! | [`cluster`] | `kubectl`: issuer, token, the Secret of an access key, and what the cluster says to a manifest |
//! | [`web`] | the plain HTTP that registry and discovery share |
//! | [`practice`] | `account` (state and AWS's rules, no wires), `issuer`, `front` (clock and difficulties), `wire` (IAM and STS query, ECR JSON, registry, issuer), `admission` (what its cluster says to a manifest), `scene`, `classroom` (worlds of exercises, goals held against the account), `exercises` and `own` (their files) |
//! | [`clock`] | the wall clock; nothing else reads it |
//! | [`ledger`] | journal, answers, log and key files on disk; the lock of who changes something; what a review keeps |
//! | [`render`] | a plan as AWS CLI script, the hand-over as Okteto manifest, a review as text, JSON, CSV and SARIF, any call as a command, the record of a practice session |
//! | [`headless`] | `plan`, `apply`, `undo`, `runs`, `pull-test`, `check-trust`, `review`, `info`, `practice serve`, `practice token` |
//! | [`terminal`] | raw mode, input, suspend, clipboard, last words |
//! | [`ui`] | frame, theme, screens, overlays |
//! | [`follow`] | a second terminal that looks on: what travels, who sends it, who draws it |
//! | [`shell`] | the loop of the wizard |
//! | [`cli`] | the command line |
//!
//! A new step touches: one variant of `app::step::Step`, `app/steps/x.rs`, `ui/screens/x.rs`, and the matches that
//! the compiler lists.
//!
//! # Invariants
//!
//! - `app` and `domain` do no I/O, read no clock and know no async: `App::update` cannot wait for anything, so no
//!   key ever waits for AWS.
//! - A report counts only while its task is the one its slot waits for; late answers change nothing.
//! - At most one task that changes anything exists at a time. A changing call is sent once, never dropped in
//!   flight while the process lives, never repeated blindly. Ctrl-C twice leaves without its answer and names it.
//! - No changing call is sent before its line in the journal is on the disk, nor before the login was held against the
//!   run's account; one process at a time has a journal open. What was in flight is looked for, and AWS is believed.
//! - Only what the journal says a run made, with its tag and as it was written, is taken back; the rest is decided by name.
//! - What is applied is the [`domain::plan::Plan`] that was shown: its operations hold the exact text to send.
//! - What cannot be read of an account is a gap of its review: it stops nothing, and nothing is called unused, gone or mended by
//!   a reading that did not see all. A mending is planned from what was read and sent only if the account is still so.
//! - An access key is made only after it was tried that its secret can be delivered; one that cannot be delivered is
//!   deleted at once, and no other key is ever deleted but by its id.
//! - How far a rotation is, the account says: nothing of it has to be remembered.
//! - Secrets are `secrecy` types; they are exposed in a few named files, and `tests/architecture.rs` says which.
//! - Whoever follows a session sees its state with nothing revealed, sends nothing, and is never waited for.
//! - Practice binds loopback only and is met with a login of its own: no environment, profile or proxy takes part. Its
//!   `account` knows no wires, its `wire` no rules, and neither is more lenient than AWS.
//! - Nothing is drawn by a task, and nothing is drawn while nothing changes.
//! - `tests/architecture.rs` holds who may import whom, and the size of files.

pub mod app;
pub mod aws;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod discovery;
pub mod domain;
pub mod engine;
pub mod follow;
pub mod headless;
pub mod ledger;
pub mod ports;
pub mod practice;
pub mod registry;
pub mod render;
pub mod shell;
pub mod terminal;
pub mod ui;
pub mod web;
