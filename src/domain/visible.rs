//! Text from outside, with what cannot be seen written out: names, tags and documents may hold control characters, marks
//! that turn the direction of writing, and characters without a width.

/// Whether a character cannot be seen, or changes how those around it are shown: controls, line and paragraph separators,
/// the format characters of bidirectional text and of joining (Unicode, `Bidi_Control` and `Default_Ignorable`), tags.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with such characters written out, so that nothing from outside reaches the terminal.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(visible("a\u{202e}b\u{1b}[2J\tc\u{e0041}"), r"a\u{202e}b\u{1b}[2J\tc\u{e0041}");
        assert_eq!(visible("é 漢字 שלום 👩"), "é 漢字 שלום 👩");
    }
}
