//! The practice account as others meet it: the SDK over the wire.

#[cfg(test)]
mod sdk;
