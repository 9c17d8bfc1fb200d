//! Where the emulators differ from the practice account, and why.

/// Who differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Moto,
    Ministack,
}

/// Who, on which call (`x.*` is all that begin so), in what, and why.
pub const DIFFERENCES: &[(Peer, &str, &str, &str)] = &[];
