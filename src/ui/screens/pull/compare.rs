//! Wanted against got, one above the other, with the first difference marked.

use std::fmt::Write as _;

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::claims::first_difference;
use crate::domain::fault::Fault;
use crate::ui::text::visible;
use crate::ui::theme::{Glyph, Theme};

/// Two texts in the same cells.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    wanted: Row,
    got: Row,
    /// The cell, counted from the first of the rows, in which both begin to differ.
    caret: Option<usize>,
}

/// A text as far as it is shown: before the difference, what differs, and what comes after it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    before: String,
    /// One character, or a blank where the text has ended.
    differs: String,
    after: String,
}

/// Whether a fault has two texts to be held against each other.
pub fn is_for(fault: &Fault) -> bool {
    ["wanted", "got"].iter().all(|key| fault.evidence.contains_key(*key))
}

/// The rows of a fault with a text that was wanted and one that was got: both, and the mark below. `label` is how many
/// cells their names take.
pub fn rows(theme: Theme, fault: &Fault, label: usize, room: usize) -> Vec<Line<'static>> {
    let text = |key: &str| fault.evidence.get(key).map(String::as_str);
    let (Some(wanted), Some(got)) = (text("wanted"), text("got")) else { return Vec::new() };
    let ((wanted, got), of) = nearest(wanted, got);
    let pair = pair(theme, wanted, got, room.saturating_sub(label));
    let line = |name: &str, row: Row| {
        let mark = theme.bad().add_modifier(Modifier::UNDERLINED);
        Line::from(vec![
            Span::styled(format!("    {name:label$}"), theme.dim()),
            Span::raw(row.before),
            Span::styled(row.differs, mark),
            Span::raw(row.after),
        ])
    };
    let mut rows = vec![line("Wanted", pair.wanted), line("Got", pair.got)];
    if let Some(caret) = pair.caret {
        let words = words(wanted, got, of);
        let at = 4 + label + caret;
        let behind = at + 2 + words.width() <= 4 + room;
        let text = if behind {
            format!("{:at$}^ {words}", "")
        } else if words.width() + 5 <= at {
            format!("    {words:>0$} ^", at - 5)
        } else {
            format!("{:at$}^", "")
        };
        rows.push(Line::styled(text, theme.bold()));
    }
    rows
}

/// `character 9: wanted '2', got '1'`; what looks alike is told by its code, too.
fn words(wanted: &str, got: &str, of: usize) -> String {
    let mut words = first_difference(wanted, got).unwrap_or_default();
    let differ = wanted.chars().map(Some).chain([None]).zip(got.chars().map(Some).chain([None]));
    if let Some((Some(w), Some(g))) = differ.into_iter().find(|(w, g)| w != g)
        && !(w.is_ascii() && g.is_ascii())
    {
        let _ = write!(words, " (U+{:04X}, U+{:04X})", u32::from(w), u32::from(g));
    }
    if of > 1 {
        let _ = write!(words, ", the nearest of {of}");
    }
    words
}

/// Of lists the two values that have most in common, and how many pairs there were. What stands in both explains nothing.
fn nearest<'a>(wanted: &'a str, got: &'a str) -> ((&'a str, &'a str), usize) {
    let list = |text: &'a str| text.split(", ").collect::<Vec<_>>();
    let (wanted, got) = (list(wanted), list(got));
    let only = |these: &[&'a str], others: &[&'a str]| -> Vec<&'a str> {
        let only: Vec<_> = these.iter().copied().filter(|one| !others.contains(one)).collect();
        if only.is_empty() { these.to_vec() } else { only }
    };
    let (wanted, got) = (only(&wanted, &got), only(&got, &wanted));
    let pairs: Vec<_> = wanted.iter().flat_map(|w| got.iter().map(|g| (*w, *g))).collect();
    let of = pairs.len();
    // The first of equals, as the lists have them.
    let best = pairs.into_iter().rev().max_by_key(|(w, g)| alike(w, g));
    (best.unwrap_or_default(), of)
}

/// How many characters two texts share at their beginning and at their end.
fn alike(a: &str, b: &str) -> usize {
    let same =
        |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut a.chars().zip(b.chars()));
    let tail = same(&mut a.chars().rev().zip(b.chars().rev()));
    (head + tail).min(a.chars().count()).min(b.chars().count())
}

/// A character as it is drawn. What takes no cell of its own, or cannot be seen, is written out.
fn drawn(c: char) -> String {
    match c.width() {
        Some(1..) => visible(c.encode_utf8(&mut [0; 4])),
        _ => c.escape_unicode().to_string(),
    }
}

/// A blank, written out.
fn drawn_blank() -> String {
    ' '.escape_unicode().to_string()
}

/// Both texts in at most `room` cells, cut so that the difference stays in view with what is around it.
fn pair(theme: Theme, wanted: &str, got: &str, room: usize) -> Pair {
    let cells = |text: &str| text.chars().map(drawn).collect::<Vec<_>>();
    let differs = wanted.chars().map(Some).chain([None]).zip(got.chars().map(Some).chain([None]));
    let same = differs.take_while(|(w, g)| w == g && w.is_some()).count();
    let equal = wanted == got;
    let (wanted, got) = (cells(wanted), cells(got));
    let width = |cells: &[String]| cells.iter().map(|c| c.width()).sum::<usize>();
    let (prefix, wanted_rest) = wanted.split_at_checked(same).unwrap_or_default();
    let (_, got_rest) = got.split_at_checked(same).unwrap_or_default();
    let mark = theme.glyph(Glyph::Cut);
    // What comes behind has up to half of the room, and leaves what it does not need.
    let behind = width(wanted_rest).max(width(got_rest)).max(1).min(room.div_ceil(2));
    let ahead = room.saturating_sub(behind);
    let mut start = 0;
    let shown = if width(prefix) <= ahead {
        String::new()
    } else {
        let ahead = ahead.saturating_sub(mark.width());
        while prefix.get(start..).is_some_and(|rest| width(rest) > ahead) {
            start += 1;
        }
        mark.to_owned()
    };
    let before = shown + &prefix.get(start..).unwrap_or_default().concat();
    let caret = before.width();
    let left = room.saturating_sub(caret);
    let row = |rest: &[String]| {
        let Some((first, after)) = rest.split_first() else {
            let differs = if equal { String::new() } else { " ".to_owned() };
            return Row { before: before.clone(), differs, after: String::new() };
        };
        // A blank must not look like the end.
        let differs = if first == " " { drawn_blank() } else { first.clone() };
        let after = cut_end(after, left.saturating_sub(differs.width()), mark);
        Row { before: before.clone(), differs, after }
    };
    Pair { wanted: row(wanted_rest), got: row(got_rest), caret: (!equal).then_some(caret) }
}

/// The beginning of a text in at most `room` cells.
fn cut_end(cells: &[String], room: usize, mark: &str) -> String {
    let all = cells.concat();
    if all.width() <= room {
        return all;
    }
    let mut text = String::new();
    for cell in cells {
        if text.width() + cell.width() + mark.width() > room {
            break;
        }
        text.push_str(cell);
    }
    if room >= mark.width() { text + mark } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THEME: Theme = Theme { colour: false, ascii: false, mask: false };

    fn text(row: &Row) -> String {
        format!("{}{}{}", row.before, row.differs, row.after)
    }

    fn shown(wanted: &str, got: &str, room: usize) -> Vec<String> {
        let fault = Fault::new(crate::domain::fault::Cause::AudienceMismatch, "")
            .with("wanted", wanted)
            .with("got", got);
        let rows = rows(THEME, &fault, 8, room).into_iter();
        rows.map(|line| line.to_string().trim_end().to_owned()).collect()
    }

    #[test]
    fn the_difference_stands_in_one_column() {
        assert_eq!(
            shown("okteto.example.com/us-east-2", "okteto.example.com/us-west-2", 70),
            [
                "    Wanted  okteto.example.com/us-east-2",
                "    Got     okteto.example.com/us-west-2",
                "                                  ^ character 23: wanted 'e', got 'w'",
            ]
        );
        // Not enough room behind the mark: the words stand before it.
        assert_eq!(
            shown(
                "okteto.example.com/us-east-2/private-registry",
                "okteto.example.com/us-east-2/private-registri",
                54
            )[2],
            "                      character 45: wanted 'y', got 'i' ^"
        );
        assert_eq!(
            shown("https://a", "https://a/", 40)[..2],
            ["    Wanted  https://a", "    Got     https://a/"]
        );
        assert_eq!(shown("same", "same", 40).len(), 2);
    }

    #[test]
    fn of_lists_the_nearest_value_is_shown() {
        let rows = shown(
            "sts.amazonaws.com, okteto.example.com/us-east-2",
            "okteto.example.com/us-east-1",
            90,
        );
        assert_eq!(rows[0], "    Wanted  okteto.example.com/us-east-2");
        assert!(
            rows[2].ends_with("character 28: wanted '2', got '1', the nearest of 2"),
            "{rows:?}"
        );
        let rows = shown("us-west-2, us-east-2", "us-west-2", 90);
        assert_eq!(rows[0..2], ["    Wanted  us-east-2", "    Got     us-west-2"]);
    }

    #[test]
    fn what_looks_alike_is_told_apart() {
        let rows = shown("okteto", "окteto", 90);
        assert!(rows[2].ends_with("(U+006F, U+043E)"), "{rows:?}");
        let rows = shown("okteto", "okteto\u{200b}", 90);
        assert_eq!(rows[1], "    Got     okteto\\u{200b}");
        assert_eq!(shown("okteto", "okteto ", 90)[1], "    Got     okteto\\u{20}");
        // Composed and decomposed: the combining mark is written out, so that it is seen.
        assert_eq!(shown("é", "e\u{301}", 90)[1], "    Got     e\\u{301}");
    }

    proptest! {
        /// However long, wide or strange the texts: both fit, differ first in the cell of the mark, and before it they
        /// are the same.
        #[test]
        fn both_rows_part_at_the_mark(
            same in "[a-z/日é\u{301}\u{200b}]{0,60}",
            wanted in "[a-z日\u{301}]{0,60}",
            got in "[a-z日\u{301}]{0,60}",
            room in 20_usize..80,
            ascii: bool,
        ) {
            let (wanted, got) = (format!("{same}{wanted}"), format!("{same}{got}"));
            let pair = pair(Theme { ascii, ..THEME }, &wanted, &got, room);
            for row in [&pair.wanted, &pair.got] {
                prop_assert!(text(row).width() <= room, "{pair:?}");
            }
            prop_assert_eq!(&pair.wanted.before, &pair.got.before);
            prop_assert_eq!(pair.caret.is_none(), wanted == got);
            if let Some(caret) = pair.caret {
                prop_assert_eq!(caret, pair.wanted.before.width());
                prop_assert!(caret < room);
                prop_assert_ne!(&pair.wanted.differs, &pair.got.differs);
                // What is around the difference is in view: nothing is cut where all of it has room.
                let whole = |t: &str| t.chars().map(drawn).collect::<String>();
                if whole(&wanted).width().max(whole(&got).width()) < room {
                    prop_assert_eq!(text(&pair.wanted).trim_end().to_owned(), whole(&wanted));
                    prop_assert_eq!(text(&pair.got).trim_end().to_owned(), whole(&got));
                }
            }
        }
    }
}
