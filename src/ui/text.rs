//! Text fitted into cells: cut in the middle, wrapped, control characters made visible.

use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::theme::{Glyph, Theme};

pub use crate::domain::visible::visible;

/// The text in at most `width` cells; what is too long loses its middle, because names differ at their ends.
#[must_use]
pub fn cut(theme: Theme, text: &str, width: usize) -> String {
    let text = visible(text);
    if text.width() <= width {
        return text;
    }
    let mark = theme.glyph(Glyph::Cut);
    let room = width.saturating_sub(mark.width());
    if room == 0 {
        return mark.chars().take(width).collect();
    }
    let head = take_cells(text.chars(), room.div_ceil(2));
    let tail: String = take_cells(text.chars().rev(), room - head.width()).chars().rev().collect();
    format!("{head}{mark}{tail}")
}

fn take_cells(chars: impl Iterator<Item = char>, cells: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= cells
        })
        .collect()
}

/// The text padded with spaces to exactly `width` cells, cut if it is longer.
#[must_use]
pub fn fit(theme: Theme, text: &str, width: usize) -> String {
    let text = cut(theme, text, width);
    let pad = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(pad))
}

/// The text broken at spaces into lines of at most `width` cells; longer words are broken where they must be.
/// Leading spaces of the text indent every line; behind a short label and two spaces the text stays in its column.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = visible(text);
    if text.width() <= width {
        // Columns inside a line that fits stay as they are.
        return vec![text];
    }
    if let Some((label, rest)) = column(&text, width) {
        let pad = " ".repeat(label.width());
        let pieces = wrap(rest, width - label.width()).into_iter().enumerate();
        return pieces.map(|(i, l)| format!("{}{l}", if i == 0 { label } else { &pad })).collect();
    }
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let room = width.saturating_sub(indent.width()).max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        // A sign such as + or - keeps its long word beside it.
        let sign = line.width() == 1 && word.width() > room && room > 2;
        if !line.is_empty() && !sign && line.width() + 1 + word.width() > room {
            lines.push(std::mem::take(&mut line));
        }
        if sign {
            let head = take_cells(word.chars(), room - 2);
            word = word.chars().skip(head.chars().count()).collect();
            lines.push(format!("{} {head}", std::mem::take(&mut line)));
        }
        while word.width() > room {
            let head = take_cells(word.chars(), room);
            if head.is_empty() {
                break;
            }
            word = word.chars().skip(head.chars().count()).collect();
            lines.push(head);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines.into_iter().map(|l| format!("{indent}{l}")).collect()
}

/// At most `most` lines of a text; a last one that is not the end says so.
#[must_use]
pub fn shortened(theme: Theme, text: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines = wrap(text, room);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push_str(theme.glyph(Glyph::Cut));
        }
    }
    lines
}

/// A label of at most a third of the width with the spaces behind it, and what stands in the column after it.
fn column(text: &str, width: usize) -> Option<(&str, &str)> {
    let start = text.find(|c| c != ' ')?;
    let gap = start + text.get(start..)?.find("  ")?;
    let end = gap + text.get(gap..)?.find(|c| c != ' ')?;
    text.split_at_checked(end).filter(|(label, _)| label.width() * 3 <= width)
}

/// A duration as it stands beside something done: `0.3 s`, `12.0 s`, `2:05`.
#[must_use]
pub fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{:.1} s", duration.as_secs_f64()) } else { clock(duration) }
}

/// A duration as a clock: `0:02`.
#[must_use]
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Bytes as `61.4 MiB`, `812 KiB`, `12 B`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a tenth of a MiB is what is shown")]
pub fn bytes(n: u64) -> String {
    match n {
        0..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{:.0} KiB", n as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", n as f64 / 1_048_576.0),
        _ => format!("{:.2} GiB", n as f64 / 1_073_741_824.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: Theme = Theme { colour: false, ascii: false, mask: false };

    #[test]
    fn names_lose_their_middle() {
        assert_eq!(cut(THEME, "private-registry-east", 11), "priva…-east");
        assert_eq!(cut(THEME, "short", 11), "short");
        for width in 0..12 {
            for text in ["日本語日本語", "abcdefghijkl", "é", ""] {
                assert!(cut(THEME, text, width).width() <= width, "{text} {width}");
            }
        }
    }

    #[test]
    fn wrapping_loses_no_word_and_keeps_the_width() {
        let text = "Pods of okteto/okteto in myCluster may read ECR in account 112233445566.";
        for width in 1..80 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|l| l.width() <= width), "{width}: {lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""), "{width}");
        }
    }

    #[test]
    fn a_second_column_stays_a_column() {
        assert_eq!(wrap("Why   it is so", 12).join("|"), "Why it is so");
        assert_eq!(wrap("Why   it is so", 13).join("|"), "Why it is so");
        assert_eq!(
            wrap("Why   it is so because of that", 18).join("|"),
            "Why   it is so|      because of|      that"
        );
    }

    #[test]
    fn a_sign_keeps_its_long_word_beside_it() {
        assert_eq!(wrap("    + abcdefghijkl", 12).join("|"), "    + abcdef|    ghijkl");
    }

    #[test]
    fn what_comes_from_outside_cannot_draw() {
        assert_eq!(visible("a\x1b[2Jb"), "a\\u{1b}[2Jb");
    }

    #[test]
    fn durations_and_bytes() {
        assert_eq!(took(Duration::from_millis(300)), "0.3 s");
        assert_eq!(took(Duration::from_secs(125)), "2:05");
        assert_eq!(bytes(100_663_296), "96.0 MiB");
    }
}
