//! Sets of texts as patterns, and the questions that the admitted set asks of them: which holds which, what have two in
//! common, what is an instance of one and of nothing narrower.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::evaluate::Operator;

/// The most patterns that two have in common, and the most of one closure: a policy of 4096 characters stays far below.
const MANY: usize = 48;

/// What stands for a wildcard in an instance: a character that no policy has, so that only wildcards match it.
const NOBODYS: char = '\u{e000}';
/// How often it stands there, for patterns that count.
const TIMES: [usize; 7] = [1, 2, 3, 4, 5, 8, 0];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// This character.
    Is(char),
    /// This letter, large or small.
    Either(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// A set of texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Every text.
    pub(in crate::domain) fn any() -> Self {
        Self(vec![Piece::Many])
    }

    /// This text alone.
    pub(in crate::domain) fn literal(text: &str) -> Self {
        Self(text.chars().map(Piece::Is).collect())
    }

    /// A text in which `*` and `?` are wildcards.
    pub(in crate::domain) fn wild(text: &str) -> Self {
        let piece = |c| match c {
            '*' => Piece::Many,
            '?' => Piece::One,
            c => Piece::Is(c),
        };
        Self(text.chars().map(piece).collect()).in_order()
    }

    /// The same, letters large or small.
    pub(in crate::domain) fn in_either_case(self) -> Self {
        let either = |piece| match piece {
            Piece::Is(c) if flipped(c) != c => Piece::Either(c),
            other => other,
        };
        Self(self.0.into_iter().map(either).collect())
    }

    /// What a value of a condition matches. `None` for one that no claim can have as far as this goes: a wildcard that
    /// its operator takes to the letter (no name of Kubernetes has one), or a policy variable.
    pub(in crate::domain) fn of_value(operator: &Operator, value: &str) -> Option<Self> {
        if value.contains("${") {
            return None;
        }
        if operator.is_wild() {
            return Some(Self::wild(value));
        }
        let literal = Self::literal(value);
        let caseless = operator.written.contains("IgnoreCase");
        (!value.contains(['*', '?']))
            .then(|| if caseless { literal.in_either_case() } else { literal })
    }

    /// Whether it is one text.
    pub(in crate::domain) fn is_literal(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Is(_)))
    }

    /// Whether letters count large or small.
    pub(in crate::domain) fn is_caseless(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Either(_)))
    }

    /// Wildcards side by side, the `?` before one `*`: one spelling of what is the same.
    fn in_order(self) -> Self {
        let mut pieces = Vec::with_capacity(self.0.len());
        let mut many = false;
        for piece in self.0 {
            match piece {
                Piece::Many => many = true,
                Piece::One => pieces.push(piece),
                _ => {
                    if std::mem::take(&mut many) {
                        pieces.push(Piece::Many);
                    }
                    pieces.push(piece);
                }
            }
        }
        if many {
            pieces.push(Piece::Many);
        }
        Self(pieces)
    }

    /// Whether a text is in it.
    pub(in crate::domain) fn has(&self, text: &str) -> bool {
        self.covers(&Self::literal(text))
    }

    /// Whether all of the other is in it.
    pub(in crate::domain) fn covers(&self, other: &Self) -> bool {
        let (wanted, got) = (&self.0, &other.0);
        let (mut w, mut g) = (0, 0);
        // Where the last `*` stood, and how much it has taken: enough to come back to.
        let mut star = None;
        while let Some(piece) = got.get(g) {
            match wanted.get(w) {
                Some(Piece::Many) => {
                    star = Some((w, g));
                    w += 1;
                }
                Some(wanted) if wanted.takes(*piece) => (w, g) = (w + 1, g + 1),
                _ => {
                    let Some((at, taken)) = star else { return false };
                    star = Some((at, taken + 1));
                    (w, g) = (at + 1, taken + 1);
                }
            }
        }
        wanted.iter().skip(w).all(|piece| *piece == Piece::Many)
    }

    /// What both have in common, as patterns that hold all of it together.
    pub(in crate::domain) fn meet(&self, other: &Self) -> Vec<Self> {
        self.meeting(other).0
    }

    /// The same, and whether it is all of it.
    fn meeting(&self, other: &Self) -> (Vec<Self>, bool) {
        // Most are told apart by how they begin or end.
        if is_apart(self.0.iter(), other.0.iter())
            || is_apart(self.0.iter().rev(), other.0.iter().rev())
        {
            return (Vec::new(), true);
        }
        let mut known = Known::default();
        let mut met: Vec<Self> = meet(&self.0, &other.0, &mut known)
            .into_iter()
            .map(|mut pieces| {
                pieces.reverse();
                Self(pieces).in_order()
            })
            .collect();
        met.sort();
        met.dedup();
        (met, !known.is_cut)
    }

    /// A text that is in it, and in none of the others but those that hold all of it.
    pub(in crate::domain) fn instance(&self, others: &[Self]) -> Option<String> {
        // A claim without a letter is none.
        let alone = |text: &String| {
            !text.is_empty() && others.iter().all(|o| !o.has(text) || o.covers(self))
        };
        TIMES
            .iter()
            .map(|times| NOBODYS.to_string().repeat(*times))
            .flat_map(|many| [true, false].map(|flip| self.text(NOBODYS, &many, flip)))
            .find(alone)
    }

    /// With its wildcards filled in.
    pub(in crate::domain) fn filled(&self, filling: &str) -> String {
        self.text('x', filling, false)
    }

    /// The same; of letters that may be large or small the other than written, if so wished.
    fn text(&self, one: char, many: &str, flip: bool) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Either(c) if flip => text.push(flipped(*c)),
                Piece::Is(c) | Piece::Either(c) => text.push(*c),
                Piece::One => text.push(one),
                Piece::Many => text.push_str(many),
            }
        }
        text
    }
}

impl Piece {
    /// Whether it stands for all that the other stands for.
    fn takes(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Many) => false,
            (Self::One, _) => true,
            (Self::Either(a), Self::Is(b) | Self::Either(b)) => a == b || flipped(a) == b,
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Is(c) | Piece::Either(c) => write!(f, "{c}"),
            Piece::One => f.write_str("?"),
            Piece::Many => f.write_str("*"),
        })
    }
}

/// A letter in the other case; what has none, or none of one character, as it is.
pub(in crate::domain) fn flipped(c: char) -> char {
    let flipped = if c.is_uppercase() { one(c.to_lowercase()) } else { one(c.to_uppercase()) };
    flipped.unwrap_or(c)
}

fn one(mut chars: impl Iterator<Item = char>) -> Option<char> {
    chars.next().filter(|_| chars.next().is_none())
}

/// What is known of a meeting.
#[derive(Default)]
struct Known {
    /// By how much is left of both.
    met: BTreeMap<(usize, usize), Vec<Vec<Piece>>>,
    /// Whether something was left out.
    is_cut: bool,
}

/// The common patterns of two, backwards.
fn meet(a: &[Piece], b: &[Piece], known: &mut Known) -> Vec<Vec<Piece>> {
    if let Some(met) = known.met.get(&(a.len(), b.len())) {
        return met.clone();
    }
    let mut met = match (a.split_first(), b.split_first()) {
        (None, None) => vec![Vec::new()],
        (None, Some(_)) | (Some(_), None) => {
            let rest = if a.is_empty() { b } else { a };
            if rest.iter().all(|p| *p == Piece::Many) { vec![Vec::new()] } else { Vec::new() }
        }
        (Some((Piece::Many, after_a)), Some((Piece::Many, after_b))) => {
            let mut met = meet(after_a, b, known);
            met.extend(meet(a, after_b, known));
            behind(met, Piece::Many)
        }
        (Some((Piece::Many, after)), Some((piece, rest))) => {
            let mut met = behind(meet(a, rest, known), *piece);
            met.extend(meet(after, b, known));
            met
        }
        (Some((piece, rest)), Some((Piece::Many, after))) => {
            let mut met = behind(meet(rest, b, known), *piece);
            met.extend(meet(a, after, known));
            met
        }
        (Some((p, rest_a)), Some((q, rest_b))) => {
            let narrower = if p.takes(*q) { Some(*q) } else { q.takes(*p).then_some(*p) };
            narrower.map_or_else(Vec::new, |piece| behind(meet(rest_a, rest_b, known), piece))
        }
    };
    met.sort();
    met.dedup();
    known.is_cut |= met.len() > MANY;
    met.truncate(MANY);
    known.met.insert((a.len(), b.len()), met.clone());
    met
}

fn behind(mut met: Vec<Vec<Piece>>, piece: Piece) -> Vec<Vec<Piece>> {
    for pieces in &mut met {
        pieces.push(piece);
    }
    met
}

/// The patterns, every text, and whatever several of them have in common: each text is then an instance of one of
/// these and of nothing narrower.
pub(in crate::domain) fn closure(patterns: &[Pattern]) -> Vec<Pattern> {
    // So many are in no policy that IAM takes, and are not worth the while.
    let all = distinct(patterns);
    if all.len() >= MANY { all } else { closure_of(patterns, MANY).0 }
}

/// The patterns and every text, each once.
fn distinct(patterns: &[Pattern]) -> Vec<Pattern> {
    let any = Pattern::any();
    let mut known: BTreeSet<&Pattern> = BTreeSet::new();
    patterns.iter().chain([&any]).filter(|pattern| known.insert(pattern)).cloned().collect()
}

/// The same, up to about as many as this, and whether that is all of it.
pub(in crate::domain) fn closure_of(patterns: &[Pattern], most: usize) -> (Vec<Pattern>, bool) {
    let mut all = distinct(patterns);
    let mut known: BTreeSet<Pattern> = all.iter().cloned().collect();
    let mut at = 1;
    let mut is_whole = true;
    while let Some(pattern) = all.get(at).cloned() {
        let parted = |p: &&Pattern| !p.covers(&pattern) && !pattern.covers(p);
        let mut met: Vec<Pattern> = Vec::new();
        for other in all.iter().take(at).filter(parted) {
            let (more, is_all) = other.meeting(&pattern);
            is_whole &= is_all;
            met.extend(more);
        }
        let is_full = all.len() >= most;
        for pattern in met {
            if known.contains(&pattern) {
                continue;
            }
            // What is begun is ended, unless it is far too much.
            if is_full || all.len() >= most * 2 {
                return (all, false);
            }
            known.insert(pattern.clone());
            all.push(pattern);
        }
        at += 1;
    }
    (all, is_whole)
}

/// Whether no text can begin as both do.
fn is_apart<'p>(a: impl Iterator<Item = &'p Piece>, b: impl Iterator<Item = &'p Piece>) -> bool {
    let fixed = |(a, b): &(&Piece, &Piece)| **a != Piece::Many && **b != Piece::Many;
    a.zip(b).take_while(fixed).any(|(a, b)| !a.takes(*b) && !b.takes(*a))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_in_both_is_in_what_they_have_in_common(
            a in "[ab*?]{0,6}", b in "[ab*?]{0,6}", text in "[ab]{0,6}",
        ) {
            let (a, b) = (Pattern::wild(&a), Pattern::wild(&b));
            let met = a.meet(&b);
            prop_assert_eq!(a.has(&text) && b.has(&text), met.iter().any(|m| m.has(&text)));
            if a.covers(&b) && b.has(&text) {
                prop_assert!(a.has(&text));
            }
        }
    }

    #[test]
    fn what_is_left_out_is_told() {
        let of = |texts: &[String]| -> Vec<Pattern> {
            texts.iter().map(|text| Pattern::wild(text)).collect()
        };
        let apart: Vec<String> = (0..60).map(|at| format!("team-{at}/*")).collect();
        let (all, is_whole) = closure_of(&of(&apart), 48);
        assert!(is_whole && all.len() == 61);
        let crossed: Vec<String> = (0..60).map(|at| format!("*-{at}-*")).collect();
        let (all, is_whole) = closure_of(&of(&crossed), 48);
        assert!(!is_whole && all.len() == 61);
        let mixed = [apart, vec!["*/secret".to_owned()]].concat();
        let (all, is_whole) = closure_of(&of(&mixed), 512);
        let wanted = Pattern::wild("team-7/*secret");
        assert!(is_whole && all.iter().any(|p| p.covers(&Pattern::literal("team-7/secret"))));
        assert!(all.iter().any(|p| wanted.covers(p) || p.covers(&wanted)) && all.len() > 100);
    }

    #[test]
    fn two_ends_meet() {
        let met = Pattern::wild("system:*").meet(&Pattern::wild("*:okteto"));
        let shown: Vec<String> = met.iter().map(ToString::to_string).collect();
        assert!(shown.contains(&"system:*:okteto".to_owned()), "{shown:?}");
    }

    #[test]
    fn letters_may_be_large_or_small() {
        let either = Pattern::literal("a:B").in_either_case();
        assert!(either.has("A:b") && !either.has("a:c") && either.is_caseless());
        assert!(either.covers(&Pattern::literal("a:B")));
        assert_eq!(either.instance(&[Pattern::literal("A:b")]).as_deref(), Some("a:B"));
    }
}
