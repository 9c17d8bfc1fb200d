//! The colours as they are sent: the sixteen named ones in their oldest form, which every terminal knows; none at all
//! where no colour is wished.

use std::io::{self, Write};

/// Keeps what is written until it is flushed, and sends it as one write.
#[derive(Debug)]
pub struct Writer<W> {
    to: W,
    colour: bool,
    kept: Vec<u8>,
}

impl<W> Writer<W> {
    /// Writes to `to`, with colour or without.
    pub const fn new(to: W, colour: bool) -> Self {
        Self { to, colour, kept: Vec::new() }
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = plain(&std::mem::take(&mut self.kept), self.colour);
        self.to.write_all(&bytes)?;
        self.to.flush()
    }
}

/// The bytes with every `ESC[…m` in its oldest form.
fn plain(mut bytes: &[u8], colour: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    while let Some(at) = bytes.windows(2).position(|pair| pair == b"\x1b[") {
        let (before, sequence) = bytes.split_at(at);
        out.extend_from_slice(before);
        let inside = sequence.get(2..).unwrap_or_default();
        let length = inside.iter().take_while(|b| b.is_ascii_digit() || **b == b';').count();
        let (codes, rest) = inside.split_at(length);
        bytes = if let Some((b'm', rest)) = rest.split_first() {
            out.extend(style(codes, colour));
            rest
        } else {
            out.extend_from_slice(b"\x1b[");
            inside
        };
    }
    out.extend_from_slice(bytes);
    out
}

/// One `ESC[…m`; nothing where nothing of it is left.
fn style(codes: &[u8], colour: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(codes);
    let mut codes = text.split(';').map(|code| code.parse::<u16>().unwrap_or(0));
    let mut kept = Vec::new();
    while let Some(code) = codes.next() {
        match code {
            38 | 48 => match (codes.next(), codes.next()) {
                (Some(5), Some(named @ 0..=7)) if colour => kept.push(code - 8 + named),
                (Some(5), Some(bright @ 8..=15)) if colour => kept.push(code + 44 + bright),
                _ => {}
            },
            30..=49 | 90..=107 if !colour => {}
            // The colour of underlines: never set here, and unknown to many a terminal.
            59 => {}
            _ => kept.push(code),
        }
    }
    if kept.is_empty() {
        return Vec::new();
    }
    let kept: Vec<String> = kept.iter().map(u16::to_string).collect();
    format!("\x1b[{}m", kept.join(";")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str, colour: bool) -> String {
        String::from_utf8(plain(text.as_bytes(), colour)).unwrap()
    }

    #[test]
    fn named_colours_take_their_oldest_form() {
        assert_eq!(sent("a\x1b[38;5;6;49mb\x1b[1m", true), "a\x1b[36;49mb\x1b[1m");
        assert_eq!(sent("\x1b[38;5;12m\x1b[48;5;9m\x1b[59m", true), "\x1b[94m\x1b[101m");
    }

    #[test]
    fn without_colour_bold_and_reverse_are_left_alone() {
        assert_eq!(sent("\x1b[1;7ma\x1b[39m\x1b[49mb\x1b[0m", false), "\x1b[1;7mab\x1b[0m");
        assert_eq!(sent("\x1b[38;5;2;49;22mx", false), "\x1b[22mx");
    }

    #[test]
    fn everything_else_goes_through() {
        for text in
            ["\x1b[?2026h\x1b[2;3H\x1b[K", "\x1b]52;c;YQ==\x1b\\", "a\x1b", "\x1b[38;5", "é─"]
        {
            assert_eq!(sent(text, false), text);
        }
    }
}
