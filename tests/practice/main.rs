//! The practice account met over the wire, by the clients that operators use.

mod sdk;
