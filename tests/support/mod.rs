//! The test bed: software from elsewhere on loopback, servers that misbehave on purpose, and the real binary.
//!
//! Every peer belongs to the test that started it and ends with it. A peer that is not installed fails the test.

mod answers;
mod blobs;
mod emulator;
mod front;
mod hang;
mod http;
mod image;
mod issuer;
mod kube;
mod peer;
mod pty;
mod registry;
mod run;
mod secret;
mod sockets;

pub use answers::Answers;
pub use blobs::{Blobs, Mischief};
pub use emulator::{Ministack, Moto};
pub use front::{Call, Form, Front, relay, xml};
pub use hang::Hang;
pub use http::{Reply, Request, Server};
pub use image::{Image, push_image, push_index};
pub use issuer::{Issuer, Mint};
pub use kube::Kube;
pub use peer::{ca_bundle, program, python};
pub use pty::{PATIENCE, Pty};
pub use registry::Registry;
pub use run::{BINARY, Finished, Run};
pub use secret::assert_nowhere;
pub use sockets::Sockets;
