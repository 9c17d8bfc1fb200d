//! The practice account: a small, strict AWS, held in memory and met in AWS's own wire protocols on loopback.
//!
//! It exists so that the whole job can be done, taught and tested without an AWS account: same SDK, same sockets, same
//! code. It is never more lenient than AWS. It knows what this job needs, whole, and refuses the rest by name.
//!
//! - [`account`] is the state and AWS's rules. It knows nothing of wires, clocks or tasks: calls come as shapes of the
//!   API, time comes as a value.
//! - [`issuer`] is the cluster's side: keys, discovery, service account tokens.
//! - [`front`] puts an account behind a clock and makes it as difficult as its script says: slow, lost, hung.
//! - [`wire`] is HTTP on loopback: signatures, Query and XML, JSON, the registry, the issuer. It knows no rules.
//! - [`scene`] says what is there at the start.
//! - [`classroom`] puts the worlds of exercises in the account's place, and holds their goals against it.
//! - [`exercises`] are those that come with the program.
//! - [`open`] puts them together for the program; [`cluster`] and [`mint`] are what stands for `kubectl`.

pub mod account;
pub mod admission;
pub mod classroom;
pub mod cluster;
pub mod exercises;
pub mod front;
pub mod issuer;
pub mod mint;
pub mod open;
pub mod own;
pub mod scene;
pub mod wire;
