//! Pastes from terminals that do not mark them: a burst of characters with line ends inside.

use crate::app::input::{Code, Input, Key};

/// Turns what came at once into what was meant: if characters and an Enter that is followed by more characters
/// arrived in one go, hands did not type them, so they are one paste. Enter at the very end stays Enter: that is
/// how a quick typist, or a script, submits a line.
#[must_use]
pub fn join(batch: Vec<Input>) -> Vec<Input> {
    let typed = |input: &Input| matches!(input, Input::Key(key) if key.typed().is_some());
    let is_enter = |input: &Input| *input == Input::Key(Key::plain(Code::Enter));
    let text_only = batch.iter().all(|i| typed(i) || is_enter(i));
    let first_enter = batch.iter().position(is_enter);
    let pasted = text_only
        && first_enter
            .is_some_and(|at| batch.iter().take(at).any(typed) && batch.iter().skip(at).any(typed));
    if !pasted {
        return batch;
    }
    let text = batch
        .iter()
        .filter_map(|input| match input {
            Input::Key(key) => Some(key.typed().unwrap_or('\n')),
            _ => None,
        })
        .collect();
    vec![Input::Paste(text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Input> {
        text.chars()
            .map(|c| Input::Key(Key::plain(if c == '\n' { Code::Enter } else { Code::Char(c) })))
            .collect()
    }

    #[test]
    fn only_lines_within_are_a_paste() {
        assert_eq!(join(keys("a\nb\n")), vec![Input::Paste("a\nb\n".to_owned())]);
        for typed in ["abc", "abc\n", "\n\n\n", "\nabc", "a"] {
            assert_eq!(join(keys(typed)), keys(typed), "{typed:?}");
        }
    }
}
