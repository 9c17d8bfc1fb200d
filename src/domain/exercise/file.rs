//! An exercise as a TOML file: a format of its own, versioned, described in `assets/practice/README.md`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::goal::{By, Check, Goal, Question};
use super::world::{Key, Provider, Repository, Role, SavedToken, User, World};
use super::{Exercise, Trainer, Way};
use crate::domain::answers::Answers;
use crate::domain::draft::Draft;
use crate::domain::fault::{Cause, Fault};
use crate::domain::issuer::Issuer;
use crate::domain::partition::AccountId;

/// Reads an exercise. `name` is the file's, without its ending.
///
/// # Errors
/// `bad-answers` with `line` (from 1): not TOML, an unknown key, a value of the wrong type or that would not do, with the
/// reason.
pub fn parse(name: &str, text: &str) -> Result<Exercise, Fault> {
    let paper: Paper = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        wrong(text, at, error.message().trim())
    })?;
    Reader { text }.exercise(name, paper)
}

fn wrong(text: &str, at: usize, why: &str) -> Fault {
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    Fault::new(Cause::BadAnswers, format!("line {line}: {why}"))
        .with("line", line.to_string())
        .remedy("assets/practice/README.md describes the format")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    format: Spanned<u32>,
    title: Spanned<String>,
    about: Spanned<String>,
    story: Spanned<String>,
    #[serde(default)]
    world: WorldPaper,
    answers: Option<Spanned<String>>,
    goals: Spanned<Vec<Spanned<GoalPaper>>>,
    hints: Spanned<Vec<String>>,
    explanation: Spanned<String>,
    sources: Spanned<Vec<String>>,
    trainer: TrainerPaper,
    solution: WayPaper,
    #[serde(default)]
    wrong: Vec<WayPaper>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainerPaper {
    fault: String,
    ask: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WayPaper {
    words: String,
    #[serde(default)]
    commands: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WorldPaper {
    registry_account: Option<Spanned<String>>,
    other_issuers: Vec<Spanned<String>>,
    providers: Vec<ProviderPaper>,
    roles: Vec<Spanned<RolePaper>>,
    users: Vec<Spanned<UserPaper>>,
    repositories: Vec<Spanned<RepositoryPaper>>,
    token: Option<TokenPaper>,
    stopped_after: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderPaper {
    issuer: Option<Spanned<String>>,
    audiences: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolePaper {
    name: String,
    trust: String,
    #[serde(default)]
    attached: Vec<String>,
    #[serde(default)]
    inline: BTreeMap<String, String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    spreads_for: u64,
    #[serde(default)]
    days: u32,
    used_days_ago: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserPaper {
    name: String,
    #[serde(default)]
    attached: Vec<String>,
    #[serde(default)]
    keys: Vec<KeyPaper>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyPaper {
    #[serde(default)]
    days: u32,
    used_days_ago: Option<u32>,
    #[serde(default)]
    in_secret: bool,
    #[serde(default)]
    inactive: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepositoryPaper {
    name: String,
    tags: Vec<String>,
    policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenPaper {
    issued_minutes_ago: u32,
    minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoalPaper {
    text: String,
    ask: Option<String>,
    #[serde(default)]
    choices: Vec<String>,
    answer: Option<OneOrMore>,
    check: Option<String>,
    role: Option<String>,
    user: Option<String>,
    by: Option<String>,
    repository: Option<String>,
    action: Option<String>,
    audience: Option<String>,
    on: Option<String>,
    rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Turns what stands in the file into what is meant.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn exercise(&self, name: &str, paper: Paper) -> Result<Exercise, Fault> {
        if *paper.format.get_ref() != 1 {
            let why = "this program knows format 1, a newer one may know more";
            return Err(self.wrong(&paper.format, why));
        }
        let hints = <[String; 3]>::try_from(paper.hints.get_ref().clone());
        let hints = hints.map_err(|found| {
            let why = format!("there are {} hints; an exercise has three", found.len());
            self.wrong(&paper.hints, &why)
        })?;
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
        wrong(self.text, at.span().start, why)
    }

    fn said(&self, text: &Spanned<String>) -> Result<String, Fault> {
        let plain = said(text.get_ref());
        if plain.is_empty() { Err(self.wrong(text, "nothing is said here")) } else { Ok(plain) }
    }

    /// What would be in an answers file, but for its first line.
    fn answers(&self, text: &Spanned<String>) -> Result<Draft, Fault> {
        let whole = format!("format = 1\n{}", text.get_ref());
        Answers::parse(&whole)
            .map_err(|fault| self.wrong(text, &format!("in the answers: {}", fault.message)))
    }

    fn world(&self, paper: WorldPaper) -> Result<World, Fault> {
        let issuer = |text: &Spanned<String>| match Issuer::parse(text.get_ref()) {
            Ok(issuer) => Ok(issuer.url().to_owned()),
            Err(problem) => Err(self.wrong(text, &problem.to_string())),
        };
        if let Some(account) = &paper.registry_account {
            AccountId::parse(account.get_ref())
                .map_err(|problem| self.wrong(account, &problem.to_string()))?;
        }
        let mut providers = Vec::new();
        for one in paper.providers {
            let issuer = one.issuer.as_ref().map(&issuer).transpose()?;
            providers.push(Provider { issuer, audiences: one.audiences });
        }
        let named = |at: std::ops::Range<usize>, name: &str| {
            let why = "a name is missing; for example name = \"my-private-registry\"";
            if name.is_empty() { Err(wrong(self.text, at.start, why)) } else { Ok(()) }
        };
        let mut roles = Vec::new();
        for one in paper.roles {
            named(one.span(), &one.get_ref().name)?;
            let one = one.into_inner();
            roles.push(Role {
                name: one.name,
                trust: said(&one.trust),
                attached: one.attached,
                inline: one.inline.into_iter().map(|(name, text)| (name, said(&text))).collect(),
                tags: one.tags.into_iter().collect(),
                spreads_for: one.spreads_for,
                days: one.days,
                used_days_ago: one.used_days_ago,
            });
        }
        let mut users = Vec::new();
        for one in paper.users {
            named(one.span(), &one.get_ref().name)?;
            let one = one.into_inner();
            let keys = one.keys.into_iter().map(|key| Key {
                days: key.days,
                used_days_ago: key.used_days_ago,
                in_secret: key.in_secret,
                inactive: key.inactive,
            });
            users.push(User { name: one.name, attached: one.attached, keys: keys.collect() });
        }
        let mut repositories = Vec::new();
        for one in paper.repositories {
            named(one.span(), &one.get_ref().name)?;
            if one.get_ref().tags.is_empty() {
                return Err(self.wrong(&one, "a repository has at least one tag"));
            }
            let one = one.into_inner();
            let policy = one.policy.map(|text| said(&text));
            repositories.push(Repository { name: one.name, tags: one.tags, policy });
        }
        Ok(World {
            registry_account: paper.registry_account.map(Spanned::into_inner),
            other_issuers: paper.other_issuers.iter().map(issuer).collect::<Result<_, _>>()?,
            providers,
            roles,
            users,
            repositories,
            token: paper.token.map(|token| SavedToken {
                issued_minutes_ago: token.issued_minutes_ago,
                minutes: token.minutes,
            }),
            stopped_after: paper.stopped_after,
        })
    }

    fn goal(&self, paper: Spanned<GoalPaper>) -> Result<Goal, Fault> {
        let at = paper.span();
        let off = |why: &str| wrong(self.text, at.start, why);
        let goal = paper.into_inner();
        let text = goal.text.trim().to_owned();
        if text.is_empty() {
            return Err(off("nothing is said here"));
        }
        match (goal.ask, goal.check) {
            (Some(ask), None) => {
                let right = match goal.answer {
                    None => return Err(off("a question has an answer")),
                    Some(OneOrMore::One(one)) => vec![one],
                    Some(OneOrMore::More(more)) => more,
                };
                let question = Question { ask, choices: goal.choices, right };
                let has_right =
                    |question: &Question| question.choices.iter().any(|c| question.is_right(c));
                if question.right.iter().all(|right| right.trim().is_empty()) {
                    return Err(off("a question has an answer"));
                }
                if !question.choices.is_empty() && !has_right(&question) {
                    return Err(off("the answer is none of the choices"));
                }
                Ok(Goal { text, by: By::Answer(question) })
            }
            (None, Some(word)) => {
                let need = |value: Option<String>, key: &str| {
                    let why = format!("the check {word} wants the key {key}");
                    value.filter(|text| !text.is_empty()).ok_or_else(|| off(&why))
                };
                let role = || need(goal.role.clone(), "role");
                let user = || need(goal.user.clone(), "user");
                let repository = || need(goal.repository.clone(), "repository");
                let check = match word.as_str() {
                    "okteto-pulls" => {
                        Check::OktetoPulls { role: role()?, repository: repository()? }
                    }
                    "nobody-else" => Check::NobodyElse { role: role()? },
                    "may-not" => Check::MayNot {
                        role: role()?,
                        action: need(goal.action.clone(), "action")?,
                        repository: repository()?,
                    },
                    "pulled" => Check::Pulled {
                        by: need(goal.by.clone(), "by")?,
                        repository: repository()?,
                    },
                    "key-pulls" => Check::KeyPulls { user: user()?, repository: repository()? },
                    "no-outage" => Check::NoOutage { user: user()?, repository: repository()? },
                    "first-keys-gone" => Check::FirstKeysGone { user: user()? },
                    "provider-lists" => {
                        Check::ProviderLists { audience: need(goal.audience.clone(), "audience")? }
                    }
                    "unchanged" => Check::Unchanged { role: role()? },
                    "gone" => Check::Gone { role: role()? },
                    "one-run" => Check::OneRun { role: role()? },
                    "accepted" => Check::Accepted {
                        on: need(goal.on.clone(), "on")?,
                        rule: need(goal.rule.clone(), "rule")?,
                    },
                    other => {
                        let known = CHECKS.join(", ");
                        return Err(off(&format!("{other:?} is no check; known are {known}")));
                    }
                };
                Ok(Goal { text, by: By::State(check) })
            }
            _ => Err(off("a goal has either ask, with its answer, or check")),
        }
    }
}

/// The words of [`Check`].
const CHECKS: [&str; 12] = [
    "okteto-pulls",
    "nobody-else",
    "may-not",
    "pulled",
    "key-pulls",
    "no-outage",
    "first-keys-gone",
    "provider-lists",
    "unchanged",
    "gone",
    "one-run",
    "accepted",
];

/// A text without the blank lines around it.
fn said(text: &str) -> String {
    text.trim().to_owned()
}
