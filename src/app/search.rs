//! Searching a text: what is looked for, and where the next of it stands.

use tui_input::{Input as Line, InputRequest};

use super::form::request;
use super::input::{Code, Key};
use super::keymap::{self, Command};
use super::list::Cursor;
use super::step::Offer;

/// What is looked for in a text.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The words; no matter whether in capitals.
    pub line: Line,
    /// Whether typing goes to the words.
    pub typing: bool,
}

impl Search {
    /// The words, in small letters.
    #[must_use]
    pub fn wanted(&self) -> String {
        self.line.value().to_lowercase()
    }

    /// Whether it stands on the screen.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.typing || !self.line.value().is_empty()
    }

    /// The lines that have the words.
    fn matches(&self, lines: &[String]) -> Vec<usize> {
        let wanted = self.wanted();
        let has = |line: &String| !wanted.is_empty() && line.to_lowercase().contains(&wanted);
        lines.iter().enumerate().filter(|(_, line)| has(line)).map(|(i, _)| i).collect()
    }
}

/// A text being read: where one is in it, and what is looked for.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The selected line, or the first one in sight.
    pub cursor: Cursor,
    /// The search.
    pub search: Search,
}

impl Reading {
    /// A text at one of its lines.
    #[must_use]
    pub fn at(row: usize) -> Self {
        Self { cursor: Cursor { row }, search: Search::default() }
    }

    /// Takes a key of the search: `/`, all keys while typing, then `n`, `N` and Esc. Says whether it was one.
    pub fn key(&mut self, key: Key, lines: &[String]) -> bool {
        if self.search.typing {
            match key.code {
                Code::Esc => self.search = Search::default(),
                Code::Enter | Code::Down => self.search.typing = false,
                _ => {
                    if let Some(request) = request(key) {
                        self.edit([request], lines);
                    }
                }
            }
            return true;
        }
        match keymap::command(key) {
            Some(Command::Find) => self.search.typing = true,
            Some(Command::Back) if self.search.is_set() => self.search = Search::default(),
            Some(Command::NextMatch) if self.search.is_set() => {
                let row = self.cursor.row;
                self.go(lines, |found| found.iter().find(|i| **i > row).or(found.first()).copied());
            }
            Some(Command::PreviousMatch) if self.search.is_set() => {
                let row = self.cursor.row;
                self.go(lines, |found| {
                    found.iter().rev().find(|i| **i < row).or(found.last()).copied()
                });
            }
            _ => return false,
        }
        true
    }

    /// Takes a paste of one line while the search is being typed; says whether it is.
    pub fn paste(&mut self, text: &str, lines: &[String]) -> bool {
        if self.search.typing {
            let typed = text.chars().filter(|c| !c.is_control());
            self.edit(typed.map(InputRequest::InsertChar), lines);
        }
        self.search.typing
    }

    /// Changes the words and goes to the first line that has them, from here on and then from the top.
    fn edit(&mut self, requests: impl IntoIterator<Item = InputRequest>, lines: &[String]) {
        for request in requests {
            self.search.line.handle(request);
        }
        let row = self.cursor.row;
        self.go(lines, |found| found.iter().find(|i| **i >= row).or(found.first()).copied());
    }

    fn go(&mut self, lines: &[String], to: impl Fn(&[usize]) -> Option<usize>) {
        if let Some(row) = to(&self.search.matches(lines)) {
            self.cursor.row = row;
        }
    }

    /// The search as it stands on the screen, with its count; `None` without one.
    #[must_use]
    pub fn words(&self, lines: &[String]) -> Option<String> {
        if !self.search.is_set() {
            return None;
        }
        let found = self.search.matches(lines);
        let count = match found.iter().position(|i| *i == self.cursor.row) {
            _ if self.search.line.value().is_empty() => String::new(),
            _ if found.is_empty() => "   no match".to_owned(),
            Some(at) => format!("   {} of {}", at + 1, found.len()),
            None => format!("   {} found", found.len()),
        };
        Some(format!("/ {}{count}", self.search.line.value()))
    }

    /// What the keys of the search do now.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        if self.search.typing {
            vec![Offer::on(Command::Go, "keep the search"), Offer::on(Command::Back, "clear")]
        } else if self.search.is_set() {
            vec![Offer::on(Command::NextMatch, "match")]
        } else {
            vec![Offer::on(Command::Find, "search")]
        }
    }

    /// What Esc does: it clears the search before it does what it is for otherwise.
    #[must_use]
    pub fn back(&self, otherwise: &'static str) -> Offer {
        Offer::on(Command::Back, if self.search.is_set() { "clear" } else { otherwise })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(keys: &str) -> (Reading, Vec<String>) {
        let lines: Vec<String> =
            ["Audience", "issuer", "the AUDience", "", "audit"].map(str::to_owned).to_vec();
        let mut reading = Reading::default();
        for c in keys.chars() {
            let code = match c {
                '<' => Code::Esc,
                '>' => Code::Enter,
                'v' => Code::Down,
                c => Code::Char(c),
            };
            reading.key(Key::plain(code), &lines);
        }
        (reading, lines)
    }

    #[test]
    fn it_goes_round_the_lines_that_have_the_words() {
        for (keys, row, words) in [
            ("/", 0, Some("/ ")),
            ("/aud", 0, Some("/ aud   1 of 3")),
            ("/aud>n", 2, Some("/ aud   2 of 3")),
            ("/audvnn", 4, Some("/ aud   3 of 3")),
            ("/audvnnn", 0, Some("/ aud   1 of 3")),
            ("/audvN", 4, Some("/ aud   3 of 3")),
            ("/THE>n", 2, Some("/ THE   1 of 1")),
            ("/nN/", 0, Some("/ nN/   no match")),
            ("/iss>", 1, Some("/ iss   1 of 1")),
            ("/iss>/<", 1, None),
            ("/iss><", 1, None),
            ("/>", 0, None),
        ] {
            let (reading, lines) = read(keys);
            assert_eq!(reading.cursor.row, row, "{keys}");
            assert_eq!(reading.words(&lines).as_deref(), words, "{keys}");
        }
    }

    #[test]
    fn every_printable_key_is_typed() {
        let (mut reading, lines) = read("/");
        let all: String = (' '..='~').collect();
        for c in all.chars() {
            assert!(reading.key(Key::plain(Code::Char(c)), &lines));
        }
        assert_eq!(reading.search.line.value(), all);
    }

    #[test]
    fn a_line_beside_the_matches_has_their_number() {
        let (mut reading, lines) = read("/aud>");
        reading.cursor.row = 1;
        assert_eq!(reading.words(&lines).as_deref(), Some("/ aud   3 found"));
        assert!(!reading.paste("x", &lines));
    }
}
