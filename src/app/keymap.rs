//! The one table of keys: dispatch, footer, help and README are made from it.

use super::input::{Code, Key};

/// What a key asks for. One key has one meaning in the whole program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The next part or field.
    NextPart,
    /// The part or field before.
    PreviousPart,
    /// What the footer says Enter does.
    Go,
    /// Close the topmost thing, else one step back.
    Back,
    /// Leave, after a question.
    Leave,
    /// Help.
    Help,
    /// Filter a list, search a text.
    Find,
    /// The next match or change.
    NextMatch,
    /// The match or change before.
    PreviousMatch,
    /// Copy what is selected.
    Copy,
    /// Copy the whole pane.
    CopyAll,
    /// Explain what stands here; show the hidden pane.
    Explain,
    /// Differences: against the tutorial, against what is there.
    Differences,
    /// Wrap long lines.
    Wrap,
    /// Mark.
    Mark,
    /// Read again.
    Reread,
    /// Go to what mends it.
    Mend,
    /// The pull test.
    PullTest,
    /// The log of calls.
    Log,
    /// Print this pane outside the screen.
    Print,
    /// Export as a file.
    Export,
    /// Show a secret for a moment.
    Reveal,
    /// The rotation of the access key.
    Rotate,
    /// Take back what was done.
    Undo,
    /// Continue a stopped run.
    Continue,
    /// The review.
    Review,
    /// Another order of the rows.
    Sort,
    /// Accept a finding.
    Accept,
    /// Only what is high or worse.
    High,
    /// Only what is medium or worse.
    Medium,
    /// Only what is low or worse.
    Low,
    /// Only what Okteto can assume, or was meant to.
    OnlyOkteto,
    /// Practice: the exercises, the open one and its goals.
    Practice,
    /// The next hint.
    Hint,
    /// Start an exercise over.
    StartOver,
    /// The trainer's notes.
    Trainer,
    /// The quiet layout for a room.
    Quiet,
    /// What leads other programs to the practice account.
    Exports,
    /// The tutorial beside what is sent.
    Tutorial,
    /// Stop what runs, then leave.
    Interrupt,
    /// Suspend to the shell.
    Suspend,
}

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys, the first of which the footer shows.
    pub keys: &'static [Key],
    /// How the keys are written.
    pub label: &'static str,
    /// What they ask for.
    pub command: Command,
    /// What that is, everywhere.
    pub meaning: &'static str,
}

const fn c(c: char) -> Key {
    Key::plain(Code::Char(c))
}

const fn k(code: Code) -> Key {
    Key::plain(code)
}

macro_rules! bindings {
    ($( [$($key:expr),+] $label:literal $command:ident $meaning:literal; )+) => {
        &[$( Binding { keys: &[$($key),+], label: $label, command: Command::$command, meaning: $meaning }, )+]
    };
}

/// Every key of the program.
pub const TABLE: &[Binding] = bindings! {
    [k(Code::Up), c('k')] "↑" Up "one up";
    [k(Code::Down), c('j')] "↓" Down "one down";
    [k(Code::Left), c('h')] "←" Left "one left";
    [k(Code::Right), c('l')] "→" Right "one right";
    [c('g'), k(Code::Home)] "g" First "to the first";
    [c('G'), k(Code::End)] "G" Last "to the last";
    [k(Code::PageUp), Key::ctrl('b')] "PgUp" PageUp "a page up";
    [k(Code::PageDown), Key::ctrl('f')] "PgDn" PageDown "a page down";
    [k(Code::Tab)] "Tab" NextPart "next part or field";
    [k(Code::BackTab)] "Shift-Tab" PreviousPart "part or field before";
    [k(Code::Enter)] "Enter" Go "what the footer says it does";
    [k(Code::Esc)] "Esc" Back "close the topmost thing, then one step back";
    [c('q')] "q" Leave "leave, after a question";
    [c('?'), k(Code::F(1))] "?" Help "help (F1 also in text fields)";
    [c('/')] "/" Find "filter a list, search a text";
    [c('n')] "n" NextMatch "next match or change";
    [c('N')] "N" PreviousMatch "match or change before";
    [c('y')] "y" Copy "copy the selected thing";
    [c('Y')] "Y" CopyAll "copy the whole pane";
    [c('i')] "i" Explain "explain what stands here; show the hidden pane";
    [c('d')] "d" Differences "differences: against the tutorial, against what is there";
    [c('w')] "w" Wrap "wrap long lines";
    [c(' ')] "Space" Mark "mark";
    [c('r')] "r" Reread "read again";
    [c('f')] "f" Mend "mend: make a plan of the remedy";
    [c('T')] "T" PullTest "the pull test";
    [c('L')] "L" Log "the log of calls";
    [c('P')] "P" Print "print this pane outside the screen";
    [c('e')] "e" Export "export";
    [c('v')] "v" Reveal "show the secret for a moment, hide it";
    [c('K')] "K" Rotate "the rotation of the access key";
    [c('u')] "u" Undo "take back what was done";
    [c('c')] "c" Continue "continue a stopped run";
    [c('R')] "R" Review "the review of roles, users and providers";
    [c('s')] "s" Sort "another order of the rows";
    [c('a')] "a" Accept "accept a finding, with a reason and an end";
    [c('1')] "1" High "only what is high or worse";
    [c('2')] "2" Medium "only what is medium or worse";
    [c('3')] "3" Low "only what is low or worse";
    [c('o')] "o" OnlyOkteto "only what an Okteto instance can assume, or was meant to";
    [c('O'), k(Code::F(3))] "O" Practice "practice: the exercises and their goals (F3 also in text fields)";
    [c('H')] "H" Hint "the next hint";
    [c('S')] "S" StartOver "start the exercise over";
    [k(Code::F(2))] "F2" Trainer "the trainer's notes";
    [c('z')] "z" Quiet "large and quiet, for a room";
    [c('x')] "x" Exports "lines that lead another terminal to the practice account";
    [c('t')] "t" Tutorial "the tutorial as printed, beside what is sent";
    [Key::ctrl('c')] "Ctrl-C" Interrupt "stop what runs; twice leaves at once";
    [Key::ctrl('z')] "Ctrl-Z" Suspend "suspend to the shell";
};

/// The command of a key.
#[must_use]
pub fn command(key: Key) -> Option<Command> {
    TABLE.iter().find(|b| b.keys.contains(&key)).map(|b| b.command)
}

/// The command of a key while a text field has the focus: only keys that type nothing and that the field has no
/// use for.
#[must_use]
pub fn command_in_field(key: Key) -> Option<Command> {
    if key.typed().is_some() {
        return None;
    }
    command(key).filter(|c| {
        !matches!(
            c,
            Command::Left
                | Command::Right
                | Command::First
                | Command::Last
                | Command::PageUp
                | Command::PageDown
        )
    })
}

/// How the key of a command is written.
#[must_use]
pub fn label(command: Command) -> &'static str {
    TABLE.iter().find(|b| b.command == command).map_or("", |b| b.label)
}

/// Where a command that does nothing here has its place.
#[must_use]
pub const fn elsewhere(command: Command) -> Option<&'static str> {
    Some(match command {
        Command::PullTest => "The pull test comes in step 5, once the role is there.",
        Command::Differences => "Differences are shown in steps 3 and 4.",
        Command::Copy | Command::CopyAll => "Nothing is selected that could be copied here.",
        Command::Print => "This pane has no text to print.",
        Command::Export => "Export comes in step 6, in the review and with the exercises.",
        Command::Find | Command::NextMatch | Command::PreviousMatch => {
            "There is nothing to search here."
        }
        Command::Reread => "There is nothing to read again here.",
        Command::Explain => "There is nothing more to explain here; ? lists the keys.",
        Command::Wrap => "There are no long lines here.",
        Command::Mark => "There is nothing to mark here.",
        Command::Mend => "Nothing failed here that could be mended.",
        Command::Reveal => "There is no secret on this screen.",
        Command::Rotate => {
            "Only a user has a key; it is rotated from steps 1, 4 and 6, once there is one."
        }
        Command::Undo => "There is nothing here to take back.",
        Command::Continue => "A stopped run is continued from step 1.",
        Command::Sort | Command::High | Command::Medium | Command::Low | Command::OnlyOkteto => {
            "Rows are sorted and chosen in the review; R opens it."
        }
        Command::Practice | Command::Exports | Command::Tutorial => {
            "Practice is a start of its own: okteto-ecr --practice"
        }
        Command::Hint | Command::StartOver | Command::Trainer | Command::Quiet => {
            "That belongs to an exercise: okteto-ecr --practice, then O"
        }
        Command::Accept => "Findings are accepted in the review; R opens it.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_has_one_meaning_and_a_command_one_row() {
        let mut keys = HashSet::new();
        let mut commands = HashSet::new();
        for binding in TABLE {
            assert!(commands.insert(binding.command), "{:?}", binding.command);
            for key in binding.keys {
                assert!(keys.insert(*key), "{key:?}");
            }
        }
    }

    #[test]
    fn no_printable_key_is_a_command_in_a_field() {
        for c in ' '..='~' {
            assert_eq!(command_in_field(Key::plain(Code::Char(c))), None, "{c:?}");
        }
        assert_eq!(command_in_field(Key::plain(Code::F(1))), Some(Command::Help));
    }
}
