//! Wildcards and policy variables.

use super::Context;

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character.
    Exact(char),
    /// `?`: one character, whichever.
    One,
    /// `*`: any number of characters, colons and slashes included.
    Any,
}

/// A pattern taken apart. Its variables are filled from `variables` (`None`: it can hold none); what they bring is taken
/// to the letter, so that no user name becomes a wildcard. `None` if one cannot be filled.
pub(super) fn pieces(text: &str, wild: bool, variables: Option<&Context>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        let split = variables.and_then(|context| {
            let (before, after) = rest.split_once("${")?;
            let (name, after) = after.split_once('}')?;
            Some((before, value(name, context), after))
        });
        let (before, filled, after) = split.unwrap_or((rest, Some(String::new()), ""));
        pieces.extend(before.chars().map(|c| match c {
            '*' if wild => Piece::Any,
            '?' if wild => Piece::One,
            c => Piece::Exact(c),
        }));
        pieces.extend(filled?.chars().map(Piece::Exact));
        if after.is_empty() {
            return Some(pieces);
        }
        rest = after;
    }
}

/// What stands for `${name}`: `${*}`, `${?}` and `${$}` are the characters themselves; a key that is absent has the
/// default after its comma, `${key, 'default'}`; a key of several values can fill nothing.
fn value(name: &str, context: &Context) -> Option<String> {
    if matches!(name, "*" | "?" | "$") {
        return Some(name.to_owned());
    }
    let (key, default) = match name.split_once(',') {
        Some((key, default)) => (key, default.trim().strip_prefix('\'')?.strip_suffix('\'')),
        None => (name, None),
    };
    match context.get(key.trim()) {
        Some([one]) => Some(one.clone()),
        Some(_) => None,
        None => default.map(str::to_owned),
    }
}

/// Whether the whole text fits the pattern.
pub(super) fn fits(pieces: &[Piece], text: &str, fold: bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stood, and how much of the text it has taken so far: enough to come back to.
    let mut star = None;
    while t < text.len() {
        match pieces.get(p) {
            Some(Piece::Any) => {
                star = Some((p, t));
                p += 1;
            }
            Some(Piece::One) => (p, t) = (p + 1, t + 1),
            Some(Piece::Exact(c)) if text.get(t).is_some_and(|o| is_same(*c, *o, fold)) => {
                (p, t) = (p + 1, t + 1);
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                (p, t) = (at + 1, taken + 1);
            }
        }
    }
    pieces.iter().skip(p).all(|piece| *piece == Piece::Any)
}

fn is_same(a: char, b: char, fold: bool) -> bool {
    a == b || (fold && a.to_lowercase().eq(b.to_lowercase()))
}

/// Whether an ARN fits: its six fields one by one, so that no wildcard reaches from one into the next
/// (condition operators reference, "Amazon Resource Name").
pub(super) fn arn_fits(pieces: &[Piece], arn: &str) -> bool {
    let wanted: Vec<&[Piece]> = pieces.splitn(6, |piece| *piece == Piece::Exact(':')).collect();
    let got: Vec<&str> = arn.splitn(6, ':').collect();
    wanted.len() == 6
        && got.len() == 6
        && wanted.iter().zip(got).all(|(pieces, text)| fits(pieces, text, false))
}
