//! Ids and secrets.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A unique id of IAM (`AROA…`, `AIDA…`, `ANPA…`): 21 characters.
pub(super) fn id(prefix: &str) -> String {
    let letters = bytes::<17>().map(|byte| char::from(BASE32[usize::from(byte % 32)]));
    format!("{prefix}{}", letters.iter().collect::<String>())
}

/// An access key id (`AKIA…`, `ASIA…`): 20 characters.
pub(super) fn key_id(prefix: &str) -> String {
    let mut id = id(prefix);
    id.pop();
    id
}

/// A secret access key: 40 characters of base64's alphabet.
pub(super) fn secret() -> SecretString {
    STANDARD.encode(bytes::<30>()).into()
}

#[expect(clippy::expect_used, reason = "without randomness there are no secrets to hand out")]
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}
