//! A web identity token from a file.

use std::path::Path;

use super::file::{could_not, read_secret};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::WebToken;

/// STS takes 20,000 characters; a longer file is something else.
const LONGEST: usize = 64 << 10;

/// Reads a token; `-` is standard input.
///
/// # Errors
/// `file`, or `token-malformed` where it is no text.
pub fn read(path: &Path) -> Result<WebToken, Fault> {
    let read = read_secret(path, LONGEST);
    let bytes = read.map_err(|error| could_not("read the token from", path, &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        let path = path.display().to_string();
        Fault::new(Cause::TokenMalformed, format!("{path} holds no token: it is no text"))
            .with("path", path)
    })?;
    Ok(WebToken::new(text))
}
