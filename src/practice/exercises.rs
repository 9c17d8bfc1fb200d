//! The exercises that come with the program, in the order of the list: the first is the set-up, guided.

use crate::domain::exercise::Exercise;
use crate::domain::exercise::file::parse;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/practice/", $name, ".toml")))),+]
    };
}

/// Name and text of each.
pub const FILES: &[(&str, &str)] = files![
    "first-set-up",
    "scheme-in-the-key",
    "provider-for-role",
    "audience-not-listed",
    "audience-in-the-trust",
    "another-namespace",
    "anyone-in-the-cluster",
    "for-all-values",
    "another-account",
    "old-token",
    "not-yet-spread",
    "half-done",
    "key-rotation",
    "account-review",
];

/// All of them. One that could not be read is left out; a test holds that there is none.
#[must_use]
pub fn shipped() -> Vec<Exercise> {
    FILES.iter().filter_map(|(name, text)| parse(name, text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_read() {
        for (name, text) in FILES {
            let read = parse(name, text);
            assert!(read.is_ok(), "{name}: {}", read.unwrap_err());
        }
    }
}
