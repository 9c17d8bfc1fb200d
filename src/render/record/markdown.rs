//! Text from outside in Markdown (`CommonMark` with GitHub's tables and tasks): to be read as it stands, whatever is in it.

use crate::domain::visible::{is_hidden, visible};

/// Signs that mean something to Markdown anywhere in a line.
const SIGNS: &str = "\\`*_[]<>|~&#!$";
/// Signs that mean something at the beginning of a line.
const BEGINNINGS: &str = "-+=";

/// The text as words on one line: what cannot be seen is written out, and nothing in it is Markdown.
pub(super) fn words(text: &str) -> String {
    let mut out = String::new();
    let text = line(text);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    for (at, c) in text.chars().enumerate() {
        let begins = at == 0 && BEGINNINGS.contains(c);
        // 1. or 1) would begin a list.
        let counts = at == digits && at > 0 && matches!(c, '.' | ')');
        if SIGNS.contains(c) || begins || counts {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The text on one line, what cannot be seen written out.
pub(super) fn line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&joined)
}

/// A title with an address behind it, `TITLE: https://…`, as a link; anything else as words.
pub(super) fn link(text: &str) -> String {
    let text = line(text);
    let at = ["https://", "http://"].into_iter().find_map(|scheme| text.rfind(scheme));
    let Some((title, address)) = at.and_then(|at| text.split_at_checked(at)) else {
        return words(&text);
    };
    if address.contains([' ', '<', '>', '\\', '|']) {
        return words(&text);
    }
    let title = title.trim().trim_end_matches([':', ',']);
    let title = if title.is_empty() { address } else { title };
    format!("[{}](<{address}>)", words(title))
}

/// The lines as code of this language, in a fence that nothing in them ends.
pub(super) fn fence(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat((longest + 1).max(3));
    let mut code = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !matches!(c, '\n' | '\t') {
            code.extend(c.escape_default());
        } else {
            code.push(c);
        }
    }
    let end = if code.ends_with('\n') { "" } else { "\n" };
    format!("\n{marks}{language}\n{code}{end}{marks}\n")
}

/// The text with the digits of account numbers replaced: of every number of twelve digits, as on the screen.
pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    let put = |out: &mut String, digits: &mut String| {
        out.push_str(if digits.len() == 12 { "xxxxxxxxxxxx" } else { digits });
        digits.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            put(&mut out, &mut digits);
            out.push(c);
        }
    }
    put(&mut out, &mut digits);
    out
}

/// The text without what looks like a token (three parts of base64url, the first a JSON object) or the secret of an access
/// key (40 letters, digits, `+` and `/`; a thumbprint is of hexadecimal digits alone).
pub(super) fn without_tokens(text: &str) -> String {
    let is_token = |word: &str| word.contains("eyJ") && word.matches('.').count() >= 2;
    let is_key = |word: &str| {
        let of_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        word.split(|c: char| !c.is_ascii() || !of_key(c as u8))
            .any(|run| run.len() == 40 && !run.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let plain = |word: &str| !is_token(word) && !is_key(word);
    let words = text.split_whitespace();
    words.map(|word| if plain(word) { word } else { "(left out)" }).collect::<Vec<_>>().join(" ")
}
