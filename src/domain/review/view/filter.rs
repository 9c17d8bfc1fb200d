//! What is typed to choose rows: words, fields, and either with a `-` before it.
//!
//! | typed | shows |
//! | --- | --- |
//! | `word` | rows whose name, issuer, audience, subject or rules have it; `"two words"` as one |
//! | `role:` `aud:` `sub:` `issuer:` `rule:` | rows that have it there; `issuer:gke` by the kind as well |
//! | `sev:high` | rows with a finding as bad or worse |
//! | `ecr:push` | rows that may do it; `ecr:none` those that may do nothing |
//! | `used:never` `used:>90d` `used:<7d` `used:?` | by last use; never is longer than any time |
//! | `is:new` | also `known`, `accepted`, `expired`, `okteto`, `marked`, `unread` |
//!
//! Whatever cannot be understood hides nothing and is told.

use std::collections::BTreeSet;

use memchr::memmem::Finder;

use super::{Column, Row, Texts, Used, bit};
use crate::domain::finding::Severity;
use crate::domain::review::rights::Act;

/// The fields, as they are told where one is not known.
pub const FIELDS: &str = "role aud sub issuer sev rule ecr used is";
/// What `is:` takes.
const STATES: [&str; 7] = ["new", "known", "accepted", "expired", "okteto", "marked", "unread"];

/// What was typed, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
    /// What could not be understood, one sentence each.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Word(Needle),
    Name(Needle),
    Audience(Needle),
    Subject(Needle),
    Issuer(Needle),
    Rule(String),
    Severity(Severity),
    Can(Option<Act>),
    Used(When),
    Is(&'static str),
}

/// A text that is looked for in many others.
#[derive(Debug, Clone)]
struct Needle {
    text: String,
    finder: Finder<'static>,
}

impl Needle {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), finder: Finder::new(text).into_owned() }
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Needle {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    Unknown,
    /// Longer ago than so many days.
    Before(i64),
    /// Not as long ago as so many days.
    Within(i64),
}

impl Filter {
    /// Understands what was typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for typed in words(text) {
            let (negated, rest) = match typed.text.strip_prefix('-') {
                Some(rest) if !typed.quoted => (true, rest),
                _ => (false, typed.text.as_str()),
            };
            if rest.is_empty() {
                continue;
            }
            let meant = match rest.split_once(':').filter(|_| !typed.quoted) {
                None => Ok(Test::Word(Needle::new(rest))),
                // A field that is still being typed hides nothing yet.
                Some((field, "")) if is_field(field) => continue,
                Some((field, value)) => test(field, value, rest),
            };
            match meant {
                Ok(it) => filter.terms.push(Term { negated, test: it }),
                Err(refused) => {
                    let (problem, instead) = *refused;
                    filter.problems.push(problem);
                    filter.terms.extend(instead.map(|test| Term { negated, test }));
                }
            }
        }
        filter
    }

    /// Whether it hides nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it depends on what is marked.
    #[must_use]
    pub fn minds_marks(&self) -> bool {
        self.terms.iter().any(|term| term.test == Test::Is("marked"))
    }

    /// For each row whether it passes. `marks` are the keys of the marked rows, `now` is in seconds since 1970.
    pub(super) fn hits(
        &self,
        rows: &[Row],
        texts: &Texts,
        marks: &BTreeSet<String>,
        now: i64,
    ) -> Vec<bool> {
        let mut all: Option<Vec<bool>> = None;
        for term in &self.terms {
            let mut hits = match term.test.column(texts) {
                Some((column, needle)) => column.hits(&needle.finder),
                None => rows.iter().map(|row| term.test.has(row, marks, now)).collect(),
            };
            if term.negated {
                for hit in &mut hits {
                    *hit = !*hit;
                }
            }
            if let Some(all) = &all {
                for (hit, before) in hits.iter_mut().zip(all) {
                    *hit &= *before;
                }
            }
            all = Some(hits);
        }
        all.unwrap_or_else(|| vec![true; rows.len()])
    }
}

/// What stands between spaces, in small letters.
struct Typed {
    text: String,
    quoted: bool,
}

fn words(text: &str) -> Vec<Typed> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        // A quotation that is still being typed goes to the end.
        let (word, quoted, after) = if let Some(inner) = rest.strip_prefix('"') {
            let (word, after) = inner.split_once('"').unwrap_or((inner, ""));
            (word, true, after)
        } else {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            (word, false, after)
        };
        all.push(Typed { text: word.to_lowercase(), quoted });
        rest = after.trim_start();
    }
    all
}

fn is_field(field: &str) -> bool {
    FIELDS.split(' ').any(|known| known == field)
}

/// What is wrong with a term, and what is looked for instead.
type Refused = Box<(String, Option<Test>)>;

/// The test of a field, or what is wrong with it and what is looked for instead.
fn test(field: &str, value: &str, whole: &str) -> Result<Test, Refused> {
    let wrong = |what: &str| Box::new((format!("{field}: takes {what}."), None));
    Ok(match field {
        "role" => Test::Name(Needle::new(value)),
        "aud" => Test::Audience(Needle::new(value)),
        "sub" => Test::Subject(Needle::new(value)),
        "issuer" => Test::Issuer(Needle::new(value)),
        "rule" => Test::Rule(value.to_owned()),
        "sev" => {
            let mut worst_first = Severity::ALL.into_iter().rev();
            let named = worst_first.find(|severity| severity.word().starts_with(value));
            Test::Severity(
                named.ok_or_else(|| wrong("critical, error, high, medium, low or note"))?,
            )
        }
        "ecr" if "none".starts_with(value) => Test::Can(None),
        "ecr" => {
            let act = Act::ALL.into_iter().find(|act| act.word().starts_with(value));
            let act = act.ok_or_else(|| wrong("login, pull, import, push, administer or none"))?;
            Test::Can(Some(act))
        }
        "used" => {
            Test::Used(when(value).ok_or_else(|| wrong("never, ?, or days such as >90d and <7d"))?)
        }
        "is" => {
            let state = STATES.into_iter().find(|state| state.starts_with(value));
            Test::Is(state.ok_or_else(|| wrong(&STATES.join(", ")))?)
        }
        // A pasted subject or URL has a colon as well: it is looked for as it stands.
        _ => {
            let problem = format!("{field}: is no field, so a word. Fields: {FIELDS}");
            return Err(Box::new((problem, Some(Test::Word(Needle::new(whole))))));
        }
    })
}

fn when(value: &str) -> Option<When> {
    if value == "?" {
        return Some(When::Unknown);
    }
    if "never".starts_with(value) {
        return Some(When::Never);
    }
    if "today".starts_with(value) {
        return Some(When::Within(1));
    }
    let days = |text: &str| -> Option<i64> {
        let number = text.strip_suffix('d').unwrap_or(text);
        number.parse().ok().filter(|days| *days >= 0)
    };
    match value.strip_prefix('>') {
        Some("") => Some(When::Before(0)),
        Some(rest) => days(rest).map(When::Before),
        None => value.strip_prefix('<').and_then(days).map(When::Within),
    }
}

impl Test {
    /// Where it looks for a text, and for which.
    const fn column<'a>(&'a self, texts: &'a Texts) -> Option<(&'a Column, &'a Needle)> {
        Some(match self {
            Self::Word(needle) => (&texts.all, needle),
            Self::Name(needle) => (&texts.name, needle),
            Self::Audience(needle) => (&texts.audience, needle),
            Self::Subject(needle) => (&texts.subject, needle),
            Self::Issuer(needle) => (&texts.issuer, needle),
            _ => return None,
        })
    }

    /// Whether a row has what is no text of a column.
    fn has(&self, row: &Row, marks: &BTreeSet<String>, now: i64) -> bool {
        match self {
            Self::Word(_)
            | Self::Name(_)
            | Self::Audience(_)
            | Self::Subject(_)
            | Self::Issuer(_) => false,
            Self::Rule(text) => row.rules.iter().any(|rule| rule.contains(text.as_str())),
            Self::Severity(floor) => row.is_as_bad(*floor),
            Self::Can(act) => row.can.is_some_and(|can| match act {
                Some(act) => can & bit(*act) != 0,
                None => can & !bit(Act::Login) == 0,
            }),
            Self::Used(when) => match (when, row.used) {
                (When::Never, used) => used == Used::Never,
                (When::Unknown, used) => used == Used::Unknown,
                (When::Before(_), Used::Never) => true,
                (When::Before(days), used) => used.days(now).is_some_and(|ago| ago > *days),
                (When::Within(days), used) => used.days(now).is_some_and(|ago| ago < *days),
            },
            Self::Is(state) => match *state {
                "new" => row.stands.new > 0,
                "known" => row.stands.known > 0,
                "accepted" => row.stands.accepted > 0,
                "expired" => row.stands.expired > 0,
                "okteto" => row.is_okteto,
                "unread" => row.is_unread,
                _ => !marks.is_empty() && marks.contains(&row.key),
            },
        }
    }
}
