//! An exercise as a TOML file: a format of its own, versioned, described in `assets/practice/README.md`.

mod paper;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;

use self::paper::{GoalPaper, Head, OneOrMore, Paper, UserPaper, WayPaper, WorldPaper};
use super::goal::{By, Check, Goal, Question};
use super::world::{Key, Provider, Repository, Role, SavedToken, User, World};
use super::{Exercise, Trainer, Way};
use crate::domain::answers::Answers;
use crate::domain::draft::Draft;
use crate::domain::fault::{Cause, Fault};
use crate::domain::issuer::Issuer;
use crate::domain::name::{RepositoryName, RoleName, UserName};
use crate::domain::partition::AccountId;
use crate::domain::policy::{Document, Unreadable};
use crate::domain::problem::Problem;

/// The format that is known.
const FORMAT: u32 = 1;
/// Access keys of one user (IAM quotas).
const KEYS: usize = 2;

/// Reads an exercise. `name` is the file's, without its ending.
///
/// # Errors
/// `bad-answers` with `line` (from 1): not TOML, an unknown key, a value of the wrong type or that would not do, with the
/// reason.
pub fn parse(name: &str, text: &str) -> Result<Exercise, Fault> {
    let reader = Reader { text };
    let Head { format } = reader.toml()?;
    if *format.get_ref() != FORMAT {
        let why = format!("this program knows format {FORMAT}, a newer one may know more");
        return Err(reader.wrong(&format, &why));
    }
    reader.exercise(name, reader.toml()?)
}

fn wrong(line: usize, why: &str) -> Fault {
    Fault::new(Cause::BadAnswers, format!("line {line}: {why}"))
        .with("line", line.to_string())
        .remedy("assets/practice/README.md describes the format")
}

/// Turns what stands in the file into what is meant.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn exercise(&self, name: &str, paper: Paper) -> Result<Exercise, Fault> {
        let hints = <[String; 3]>::try_from(paper.hints.get_ref().clone());
        let hints = hints.map_err(|found| {
            let why = format!("there are {} hints; an exercise has three", found.len());
            self.wrong(&paper.hints, &why)
        })?;
        if hints.iter().any(|hint| said(hint).is_empty()) {
            return Err(self.wrong(&paper.hints, "a hint says nothing"));
        }
        if paper.goals.get_ref().is_empty() {
            return Err(self.wrong(&paper.goals, "an exercise has at least one goal"));
        }
        if paper.sources.get_ref().is_empty() {
            return Err(self.wrong(&paper.sources, "an explanation has at least one source"));
        }
        let goals = paper.goals.into_inner().into_iter().map(|goal| self.goal(goal));
        let way = |way: WayPaper| Way { words: said(&way.words), commands: way.commands };
        Ok(Exercise {
            name: name.to_owned(),
            title: self.said(&paper.title)?,
            about: self.said(&paper.about)?,
            story: self.said(&paper.story)?,
            answers: paper.answers.map_or_else(|| Ok(Draft::default()), |a| self.answers(&a))?,
            world: self.world(paper.world)?,
            goals: goals.collect::<Result<_, _>>()?,
            hints: hints.map(|hint| said(&hint)),
            explanation: self.said(&paper.explanation)?,
            sources: paper.sources.into_inner(),
            trainer: Trainer { fault: said(&paper.trainer.fault), ask: said(&paper.trainer.ask) },
            solution: way(paper.solution),
            wrong: paper.wrong.into_iter().map(way).collect(),
        })
    }

    fn wrong<T>(&self, at: &Spanned<T>, why: &str) -> Fault {
        self.off(&at.span(), why)
    }

    fn off(&self, at: &Range<usize>, why: &str) -> Fault {
        wrong(self.line(at.start), why)
    }

    /// The line of a place, from 1.
    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The line of a text's own line, both from 1: where it begins with the line after its quotes, as most do, that is one more.
    fn line_within(&self, text: &Spanned<String>, line: usize) -> usize {
        let span = text.span();
        let quoted = self.text.get(span.clone()).unwrap_or_default();
        let inner = quoted.trim_start_matches(['"', '\'']);
        let begins_after = inner.starts_with('\n') || inner.starts_with("\r\n");
        let line = self.line(span.start) + usize::from(begins_after) + line.saturating_sub(1);
        line.min(self.line(span.end))
    }

    /// # Errors
    /// Not TOML, or not of this shape.
    fn toml<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(self.line(at), error.message().trim())
        })
    }

    fn said(&self, text: &Spanned<String>) -> Result<String, Fault> {
        let plain = said(text.get_ref());
        if plain.is_empty() { Err(self.wrong(text, "nothing is said here")) } else { Ok(plain) }
    }

    /// What would be in an answers file, but for its first line.
    fn answers(&self, text: &Spanned<String>) -> Result<Draft, Fault> {
        let whole = format!("format = 1\n{}", text.get_ref());
        Answers::parse(&whole).map_err(|fault| {
            let line = fault.evidence.get("line").and_then(|line| line.parse::<usize>().ok());
            // The first line is the one that was put before them.
            let line = line.map_or(1, |line| line.saturating_sub(1).max(1));
            let why = match (fault.evidence.get("key"), fault.evidence.get("reason")) {
                (Some(key), Some(reason)) => format!("{key}: {reason}"),
                _ => fault.message.clone(),
            };
            wrong(self.line_within(text, line), &format!("in the answers: {why}"))
        })
    }

    /// A policy as AWS could have stored it: what it says may be against AWS's rules, but it is a document.
    fn document(&self, text: &Spanned<String>) -> Result<String, Fault> {
        match Document::parse(text.get_ref()) {
            Ok(_) => Ok(said(text.get_ref())),
            Err(Unreadable::Json { message, line, .. }) => {
                Err(wrong(self.line_within(text, line), &format!("this is no JSON: {message}")))
            }
            Err(unreadable @ Unreadable::Shape(_)) => {
                Err(self.wrong(text, &format!("this is no policy: could not {unreadable}")))
            }
        }
    }

    fn world(&self, paper: WorldPaper) -> Result<World, Fault> {
        if let Some(account) = &paper.registry_account {
            self.good(&account.span(), AccountId::parse(account.get_ref()))?;
        }
        let mut providers = Vec::new();
        for one in paper.providers {
            if let Some(empty) = one.audiences.iter().find(|one| one.get_ref().is_empty()) {
                return Err(self.wrong(empty, "an audience has at least one character"));
            }
            let issuer = one.issuer.as_ref().map(|url| self.issuer(url)).transpose()?;
            let audiences = one.audiences.into_iter().map(Spanned::into_inner).collect();
            providers.push(Provider { issuer, audiences });
        }
        let mut roles = Vec::new();
        let mut names = BTreeSet::new();
        for one in paper.roles {
            let (at, one) = (one.span(), one.into_inner());
            self.good(&at, RoleName::parse(&one.name))?;
            if !names.insert(one.name.to_lowercase()) {
                return Err(self.off(&at, &format!("there are two roles {}", one.name)));
            }
            let inline =
                one.inline.into_iter().map(|(name, text)| Ok((name, self.document(&text)?)));
            roles.push(Role {
                name: one.name,
                trust: self.document(&one.trust)?,
                attached: one.attached,
                inline: inline.collect::<Result<_, Fault>>()?,
                tags: one.tags.into_iter().collect(),
                spreads_for: one.spreads_for,
                days: one.days,
                used_days_ago: one.used_days_ago,
            });
        }
        let mut repositories = Vec::new();
        for one in paper.repositories {
            let (at, one) = (one.span(), one.into_inner());
            self.good(&at, RepositoryName::parse(&one.name))?;
            if one.tags.is_empty() {
                return Err(self.off(&at, "a repository has at least one tag"));
            }
            let policy = one.policy.as_ref().map(|text| self.document(text)).transpose()?;
            repositories.push(Repository { name: one.name, tags: one.tags, policy });
        }
        Ok(World {
            registry_account: paper.registry_account.map(Spanned::into_inner),
            other_issuers: paper
                .other_issuers
                .iter()
                .map(|url| self.issuer(url))
                .collect::<Result<_, _>>()?,
            providers,
            roles,
            users: self.users(paper.users)?,
            repositories,
            token: paper.token.map(|token| SavedToken {
                issued_minutes_ago: token.issued_minutes_ago,
                minutes: token.minutes,
            }),
            stopped_after: paper.stopped_after,
        })
    }

    fn users(&self, papers: Vec<Spanned<UserPaper>>) -> Result<Vec<User>, Fault> {
        let mut users = Vec::new();
        let mut in_secret = 0;
        for one in papers {
            let (at, one) = (one.span(), one.into_inner());
            self.good(&at, UserName::parse(&one.name))?;
            if one.keys.len() > KEYS {
                return Err(self.off(&at, &format!("AWS allows a user {KEYS} access keys")));
            }
            in_secret += one.keys.iter().filter(|key| key.in_secret).count();
            if in_secret > 1 {
                return Err(self.off(&at, "the Secret holds one key; more of them are in_secret"));
            }
            let keys = one.keys.into_iter().map(|key| Key {
                days: key.days,
                used_days_ago: key.used_days_ago,
                in_secret: key.in_secret,
                inactive: key.inactive,
            });
            users.push(User { name: one.name, attached: one.attached, keys: keys.collect() });
        }
        Ok(users)
    }

    fn issuer(&self, url: &Spanned<String>) -> Result<String, Fault> {
        self.good(&url.span(), Issuer::parse(url.get_ref())).map(|issuer| issuer.url().to_owned())
    }

    fn good<T>(&self, at: &Range<usize>, parsed: Result<T, Problem>) -> Result<T, Fault> {
        parsed.map_err(|problem| self.off(at, &problem.to_string()))
    }

    fn goal(&self, paper: Spanned<GoalPaper>) -> Result<Goal, Fault> {
        let (at, goal) = (paper.span(), paper.into_inner());
        let off = |why: &str| self.off(&at, why);
        let text = said(&goal.text);
        if text.is_empty() {
            return Err(off("nothing is said here"));
        }
        let by = match (goal.ask.as_deref(), goal.check.as_deref()) {
            (Some(ask), None) => question(said(ask), &goal).map(By::Answer),
            (None, Some(word)) => check(word, &goal).map(By::State),
            _ => Err("a goal has either ask, with its answer, or check".to_owned()),
        };
        Ok(Goal { text, by: by.map_err(|why| off(&why))? })
    }
}

fn question(ask: String, goal: &GoalPaper) -> Result<Question, String> {
    if ask.is_empty() {
        return Err("nothing is asked here".to_owned());
    }
    if let Some((key, _)) = values(goal).into_iter().find(|(_, value)| value.is_some()) {
        return Err(format!("{key} is for a check, and this is a question"));
    }
    let right = match &goal.answer {
        None => Vec::new(),
        Some(OneOrMore::One(one)) => vec![one.clone()],
        Some(OneOrMore::More(more)) => more.clone(),
    };
    let question = Question { ask, choices: goal.choices.clone(), right };
    // What can never be given is no answer.
    if !question.right.iter().any(|right| question.is_right(right)) {
        return Err("a question has an answer".to_owned());
    }
    if !question.choices.is_empty() && !question.choices.iter().any(|c| question.is_right(c)) {
        return Err("the answer is none of the choices".to_owned());
    }
    Ok(question)
}

fn check(word: &str, goal: &GoalPaper) -> Result<Check, String> {
    let Some((_, keys)) = CHECKS.iter().find(|(known, _)| *known == word) else {
        let known = CHECKS.map(|(word, _)| word).join(", ");
        return Err(format!("{word:?} is no check; known are {known}"));
    };
    if goal.answer.is_some() || !goal.choices.is_empty() {
        return Err("answer and choices are for a question, and this is a check".to_owned());
    }
    let values = values(goal);
    if let Some((key, _)) = values.iter().find(|(key, v)| v.is_some() && !keys.contains(key)) {
        return Err(format!("the check {word} knows no {key}; it wants {}", keys.join(", ")));
    }
    let value = |key: &str| {
        let found = values.iter().find(|(known, _)| *known == key).and_then(|(_, value)| *value);
        let found = found.map(said).filter(|text| !text.is_empty());
        found.ok_or_else(|| format!("the check {word} wants the key {key}"))
    };
    let (role, user, repository) = (|| value("role"), || value("user"), || value("repository"));
    Ok(match word {
        "okteto-pulls" => Check::OktetoPulls { role: role()?, repository: repository()? },
        "nobody-else" => Check::NobodyElse { role: role()? },
        "may-not" => {
            Check::MayNot { role: role()?, action: value("action")?, repository: repository()? }
        }
        "pulled" => Check::Pulled { by: value("by")?, repository: repository()? },
        "key-pulls" => Check::KeyPulls { user: user()?, repository: repository()? },
        "no-outage" => Check::NoOutage { user: user()?, repository: repository()? },
        "first-keys-gone" => Check::FirstKeysGone { user: user()? },
        "provider-lists" => Check::ProviderLists { audience: value("audience")? },
        "unchanged" => Check::Unchanged { role: role()? },
        "gone" => Check::Gone { role: role()? },
        "one-run" => Check::OneRun { role: role()? },
        _ => Check::Accepted { on: value("on")?, rule: value("rule")? },
    })
}

/// What is given to a check, by its key.
fn values(goal: &GoalPaper) -> [(&'static str, Option<&str>); 8] {
    [
        ("role", goal.role.as_deref()),
        ("user", goal.user.as_deref()),
        ("by", goal.by.as_deref()),
        ("repository", goal.repository.as_deref()),
        ("action", goal.action.as_deref()),
        ("audience", goal.audience.as_deref()),
        ("on", goal.on.as_deref()),
        ("rule", goal.rule.as_deref()),
    ]
}

/// The words of [`Check`], each with the keys that it wants.
const CHECKS: [(&str, &[&str]); 12] = [
    ("okteto-pulls", &["role", "repository"]),
    ("nobody-else", &["role"]),
    ("may-not", &["role", "action", "repository"]),
    ("pulled", &["by", "repository"]),
    ("key-pulls", &["user", "repository"]),
    ("no-outage", &["user", "repository"]),
    ("first-keys-gone", &["user"]),
    ("provider-lists", &["audience"]),
    ("unchanged", &["role"]),
    ("gone", &["role"]),
    ("one-run", &["role"]),
    ("accepted", &["on", "rule"]),
];

/// A text without the blank lines around it.
fn said(text: &str) -> String {
    text.trim().to_owned()
}
