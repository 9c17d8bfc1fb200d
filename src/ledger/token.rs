//! A web identity token from a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::file::could_not;
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::WebToken;

/// STS takes 20,000 characters; a longer file is something else.
const LONGEST: u64 = 64 << 10;

/// Reads a token; `-` is standard input.
///
/// # Errors
/// `file`, or `token-malformed` where it is no text.
pub fn read(path: &Path) -> Result<WebToken, Fault> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
    };
    read.map_err(|error| could_not("read the token from", path, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        let path = path.display().to_string();
        Fault::new(Cause::TokenMalformed, format!("{path} holds no token: it is no text"))
            .with("path", path)
    })?;
    Ok(WebToken::new(&text))
}
