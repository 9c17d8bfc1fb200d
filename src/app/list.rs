//! A selected row and a scroll place, for lists and texts alike.

use super::keymap::Command;

/// Where the cursor of a list stands. The list's length is given with each call, so that it can change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The selected row.
    pub row: usize,
}

impl Cursor {
    /// Moves by a command; says whether the command was one of moving.
    pub fn command(&mut self, command: Command, len: usize, page: usize) -> bool {
        let last = len.saturating_sub(1);
        self.row = match command {
            Command::Up => self.row.saturating_sub(1),
            Command::Down => self.row + 1,
            Command::First => 0,
            Command::Last => last,
            Command::PageUp => self.row.saturating_sub(page.max(1)),
            Command::PageDown => self.row + page.max(1),
            _ => return false,
        }
        .min(last);
        true
    }

    /// The row, held within a list that may have become shorter.
    #[must_use]
    pub fn within(self, len: usize) -> usize {
        self.row.min(len.saturating_sub(1))
    }
}

/// The first visible row of a window of `height` rows over `len` rows that keeps `row` in sight.
#[must_use]
pub fn scroll(row: usize, len: usize, height: usize) -> usize {
    if len <= height || height == 0 {
        return 0;
    }
    // The cursor is kept in the middle where there is room: what comes is always in sight.
    row.saturating_sub(height / 2).min(len - height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_stays_within_also_in_an_empty_list() {
        for len in 0..5 {
            let mut cursor = Cursor::default();
            for command in
                [Command::Down, Command::Last, Command::PageDown, Command::Up, Command::First]
            {
                assert!(cursor.command(command, len, 3));
                assert!(cursor.row <= len.saturating_sub(1));
            }
        }
        assert!(!Cursor::default().command(Command::Copy, 5, 3));
    }

    #[test]
    fn the_row_is_always_in_sight() {
        for len in 0..20 {
            for height in 1..20 {
                for row in 0..len {
                    let top = scroll(row, len, height);
                    assert!(top <= row && row < top + height);
                }
            }
        }
    }
}
