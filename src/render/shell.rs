//! Quoting for a POSIX shell.

/// The text as one word of a POSIX shell, to the letter: bare where every character is harmless, in single quotes
/// otherwise.
#[must_use]
pub fn quote(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    quoted(text)
}

/// The same, always in single quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
