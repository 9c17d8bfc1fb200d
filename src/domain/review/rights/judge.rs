//! Which repositories an act is allowed on: each pattern tried.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Act, CUT, Grant, Paper, Papers, Reading, Rights, beyond};
use crate::domain::evaluate::{Effect, Outcome, Policy, Request, Verdict};
use crate::domain::review::account::Shelf;
use crate::domain::trust::admit::pattern::{Pattern, closure_of};

/// What a role or user may do in ECR.
#[must_use]
pub fn judge(papers: &Papers, shelf: &Shelf) -> Rights {
    papers.read(shelf).rights(papers.partition())
}

/// With so many sets of repositories no more is sought of what several have in common. Patterns that have nothing in common,
/// as names have not, are tried however many there are.
const MOST: usize = 512;

/// A set of repositories, and one of them that stands for all that match the same patterns.
struct Cell {
    pattern: Pattern,
    instance: String,
}

impl Reading {
    /// What they come to in a partition.
    pub(in crate::domain::review) fn rights(&self, partition: &str) -> Rights {
        let court = Court::of(self, partition);
        let mut unread = self.unread.clone();
        unread.extend(court.is_cut.then(|| CUT.to_owned()));
        Rights {
            grants: Act::ALL.into_iter().filter_map(|act| court.grant(act)).collect(),
            sources: self.sources(),
            unread,
            beyond: beyond::services(self),
        }
    }

    fn is_allowed(&self, best: bool, action: &str, resource: &str) -> bool {
        let (asker, context) = (&self.known.asker, &self.known.context);
        let request = Request { asker, action, resource, context };
        let of = |paper| side(paper, best);
        is_allowed(self.papers.iter().map(of), self.boundary.as_ref().map(of), &request)
    }
}

fn side(paper: &Paper, best: bool) -> &Policy {
    if best { &paper.best } else { &paper.worst }
}

/// Whether the policies of the identity allow it, together, and the boundary too (`reference_policies_evaluation-logic`).
fn is_allowed<'p>(
    identity: impl Iterator<Item = &'p Policy>,
    boundary: Option<&Policy>,
    request: &Request<'_>,
) -> bool {
    let verdicts: Vec<Verdict> =
        identity.flat_map(|policy| policy.judge(request).statements).collect();
    Outcome::of(&verdicts) == Outcome::Allowed
        && boundary.is_none_or(|policy| policy.judge(request).outcome == Outcome::Allowed)
}

/// The policies at their best, and the repositories that are tried.
struct Court<'a> {
    reading: &'a Reading,
    /// Every repository of the partition.
    all: Pattern,
    cells: Vec<Cell>,
    /// Whether some of what several patterns have in common was not tried.
    is_cut: bool,
}

impl<'a> Court<'a> {
    fn of(reading: &'a Reading, partition: &str) -> Self {
        let all = Pattern::wild(&format!("arn:{partition}:ecr:*:*:repository/*"));
        let mut patterns = vec![all.clone()];
        for paper in reading.papers.iter().chain(&reading.boundary) {
            for policy in [&paper.best, &paper.worst] {
                let about = policy
                    .statements
                    .iter()
                    .filter(|s| s.actions.not || !s.actions.patterns.is_empty());
                let resources = about.filter_map(|s| s.resources.as_ref());
                for pattern in resources.flat_map(|r| &r.patterns) {
                    patterns.extend(scoped(pattern, &all));
                }
            }
        }
        patterns.dedup();
        let (closed, is_whole) = closure_of(&patterns, MOST);
        let cells = closed
            .into_iter()
            .filter(|pattern| all.covers(pattern) && is_arn(pattern))
            .filter_map(|pattern| {
                let instance = pattern.instance(&patterns)?;
                Some(Cell { pattern, instance })
            })
            .collect();
        Self { reading, all, cells, is_cut: !is_whole }
    }

    fn grant(&self, act: Act) -> Option<Grant> {
        let on_all = self.registry(act, true);
        let allowed = self.allowed(act);
        let listed = self.listed(&allowed);
        if listed.is_empty() && !on_all {
            return None;
        }
        let cells = || listed.iter().filter_map(|at| self.cells.get(*at));
        let written = self.written(act);
        let word = |cell: &Cell| self.word(&cell.pattern, &written);
        let mut on: Vec<String> = cells().map(word).collect();
        if on_all && !on.iter().any(|on| on == "*") {
            on.insert(0, "*".to_owned());
        }
        let mut except: Vec<String> = Vec::new();
        for cell in cells() {
            for hole in self.holes(cell, &allowed) {
                let hole = word(hole);
                if !except.contains(&hole) {
                    except.push(hole);
                }
            }
        }
        let firm =
            self.registry(act, false) || cells().any(|cell| self.is_firm(act, &cell.instance));
        Some(Grant { act, on, except, conditional: !firm })
    }

    /// Whether an action of the act that no resource scopes is allowed.
    fn registry(&self, act: Act, best: bool) -> bool {
        act.registry_actions().iter().any(|action| self.reading.is_allowed(best, action, "*"))
    }

    /// Whether the act can be done on a repository at worst.
    fn is_firm(&self, act: Act, repository: &str) -> bool {
        let mut actions = act.actions().iter();
        let is_allowed = |action: &&str| self.reading.is_allowed(false, action, repository);
        if act.needs_all() { actions.all(is_allowed) } else { actions.any(is_allowed) }
    }

    /// On which cells the act is allowed. Actions that the same statements are about are tried once.
    fn allowed(&self, act: Act) -> Vec<bool> {
        let mut tried: BTreeMap<Vec<bool>, Vec<bool>> = BTreeMap::new();
        let mut done: Option<Vec<bool>> = None;
        for action in act.actions() {
            let about = self.about(action);
            let now = tried.entry(about).or_insert_with_key(|about| self.try_all(action, about));
            done = Some(match done {
                None => now.clone(),
                Some(done) => {
                    let both =
                        |(a, b): (bool, &bool)| if act.needs_all() { a && *b } else { a || *b };
                    done.into_iter().zip(now.iter()).map(both).collect()
                }
            });
        }
        done.unwrap_or_else(|| vec![false; self.cells.len()])
    }

    /// Which statements are about an action, boundary last: the evaluator knows.
    fn about(&self, action: &str) -> Vec<bool> {
        let (asker, context) = (&self.reading.known.asker, &self.reading.known.context);
        let request = Request { asker, action, resource: "*", context };
        let all = self.reading.papers.iter().chain(&self.reading.boundary);
        all.flat_map(|paper| paper.best.judge(&request).statements).map(|v| v.action).collect()
    }

    /// An action tried on each cell, by the statements that are about it.
    fn try_all(&self, action: &str, about: &[bool]) -> Vec<bool> {
        let mut flags = about.iter();
        let mut only = |paper: &Paper| Policy {
            version: paper.best.version.clone(),
            statements: paper
                .best
                .statements
                .iter()
                .filter(|_| flags.next().copied().unwrap_or_default())
                .cloned()
                .collect(),
        };
        let identity: Vec<Policy> = self.reading.papers.iter().map(&mut only).collect();
        let boundary = self.reading.boundary.as_ref().map(&mut only);
        let allows = |policy: &Policy| policy.statements.iter().any(|s| s.effect == Effect::Allow);
        if !identity.iter().any(allows) {
            return vec![false; self.cells.len()];
        }
        let (asker, context) = (&self.reading.known.asker, &self.reading.known.context);
        let is_allowed = |cell: &Cell| {
            let request = Request { asker, action, resource: &cell.instance, context };
            is_allowed(identity.iter(), boundary.as_ref(), &request)
        };
        self.cells.iter().map(is_allowed).collect()
    }

    /// The allowed cells that are told, by place: what lies in a wider one is left out, unless a hole parts them.
    fn listed(&self, allowed: &[bool]) -> Vec<usize> {
        let with = |wanted: bool| {
            self.cells.iter().enumerate().filter(move |(at, _)| allowed.get(*at) == Some(&wanted))
        };
        let mut order: Vec<(usize, &Cell)> = with(true).collect();
        // The wider first.
        order.sort_by_cached_key(|(_, cell)| {
            Reverse(self.cells.iter().filter(|c| cell.pattern.covers(&c.pattern)).count())
        });
        let mut listed: Vec<(usize, &Cell)> = Vec::new();
        for (at, cell) in order {
            let is_parted = |wide: &Cell| {
                with(false).any(|(_, hole)| {
                    wide.pattern.covers(&hole.pattern) && hole.pattern.covers(&cell.pattern)
                })
            };
            if !listed.iter().any(|(_, w)| w.pattern.covers(&cell.pattern) && !is_parted(w)) {
                listed.push((at, cell));
            }
        }
        let mut listed: Vec<usize> = listed.into_iter().map(|(at, _)| at).collect();
        listed.sort_unstable();
        listed
    }

    /// The widest refused cells within an allowed one.
    fn holes<'c>(&'c self, cell: &Cell, allowed: &[bool]) -> Vec<&'c Cell> {
        let refused: Vec<&Cell> = self
            .cells
            .iter()
            .enumerate()
            .filter(|(at, c)| allowed.get(*at) == Some(&false) && cell.pattern.covers(&c.pattern))
            .map(|(_, c)| c)
            .collect();
        let is_widest = |c: &&&Cell| {
            !refused.iter().any(|r| r.pattern.covers(&c.pattern) && !c.pattern.covers(&r.pattern))
        };
        refused.iter().filter(is_widest).copied().collect()
    }

    /// The patterns of the statements about the act as written, each with what it is among repositories.
    fn written(&self, act: Act) -> Vec<(String, Vec<Pattern>)> {
        let mut written = Vec::new();
        let about: Vec<Vec<bool>> = act.actions().iter().map(|action| self.about(action)).collect();
        let all = self.reading.papers.iter().chain(&self.reading.boundary);
        let statements = all.flat_map(|paper| &paper.best.statements).enumerate();
        for (at, statement) in statements {
            let is_about = about.iter().any(|flags| flags.get(at) == Some(&true));
            for pattern in statement.resources.iter().filter(|_| is_about).flat_map(|r| &r.patterns)
            {
                written.push((pattern.clone(), scoped(pattern, &self.all)));
            }
        }
        written
    }

    /// A set of repositories as the policies write it.
    fn word(&self, pattern: &Pattern, written: &[(String, Vec<Pattern>)]) -> String {
        if *pattern == self.all {
            return "*".to_owned();
        }
        let is_it = |(_, scoped): &&(String, Vec<Pattern>)| scoped[..] == [pattern.clone()];
        written.iter().find(is_it).map_or_else(|| pattern.to_string(), |(text, _)| text.clone())
    }
}

/// What a resource pattern matches among these repositories.
fn scoped(text: &str, all: &Pattern) -> Vec<Pattern> {
    let pattern = Pattern::wild(text);
    if pattern.covers(all) {
        return vec![all.clone()];
    }
    if all.covers(&pattern) {
        return [pattern].into_iter().filter(is_arn).collect();
    }
    let met: Vec<Pattern> = all.meet(&pattern).into_iter().filter(is_arn).collect();
    let is_widest = |p: &&Pattern| !met.iter().any(|m| m.covers(p) && !p.covers(m));
    met.iter().filter(is_widest).cloned().collect()
}

/// Whether it has the six fields of an ARN. No field of a repository's ARN has a colon, so that others match none.
fn is_arn(pattern: &Pattern) -> bool {
    pattern.to_string().matches(':').count() == 5
}
