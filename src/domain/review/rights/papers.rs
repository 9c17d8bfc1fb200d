//! The policies of a role or user, gathered and read.

use std::collections::{BTreeMap, BTreeSet};

use super::settle::{Known, settle};
use crate::domain::arn::PolicyArn;
use crate::domain::evaluate::{Policy, Unsound};
use crate::domain::inventory;
use crate::domain::policy::Document;
use crate::domain::review::account::{GroupEntry, RoleEntry, Shelf, UserEntry};
use crate::domain::review::role::RoleReview;

/// What says what a role or user may do, and what that is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Papers {
    /// Its ARN.
    pub arn: String,
    /// Managed policies attached to it.
    pub attached: Vec<PolicyArn>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Its path.
    pub path: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether an Okteto instance pulls by it, or may: this program made it, its trust policy names Okteto's namespace, or lets
    /// Okteto in among others. A role that is open to every account of a cluster counts: whoever may run a build there has its
    /// rights. By this rights are called too wide.
    pub is_puller: bool,
    /// Whether it is made for that: this program made it, or its trust policy names Okteto's namespace. By this rights are
    /// called missing: a role for something else that is open by mistake lacks nothing.
    pub is_for_pulls: bool,
}

impl Papers {
    /// Those of a role whose trust policy was judged: that says for whom it is.
    #[must_use]
    pub fn of(role: &RoleReview) -> Self {
        Self {
            is_puller: role.trust.is_okteto,
            is_for_pulls: role.is_for_okteto(),
            ..Self::from(&role.entry)
        }
    }
}

/// Those of a role of which nothing is known but what it is: for whom, [`Papers::of`] knows better.
impl From<&RoleEntry> for Papers {
    fn from(entry: &RoleEntry) -> Self {
        Self {
            arn: entry.arn.as_str().to_owned(),
            attached: entry.attached.clone(),
            inline: entry.inline.clone(),
            groups: Vec::new(),
            boundary: entry.boundary.clone(),
            path: entry.path.clone(),
            tags: entry.tags.clone(),
            is_puller: inventory::is_ours(&entry.tags),
            is_for_pulls: inventory::is_ours(&entry.tags),
        }
    }
}

impl From<&UserEntry> for Papers {
    fn from(entry: &UserEntry) -> Self {
        Self {
            arn: entry.arn.as_str().to_owned(),
            attached: entry.attached.clone(),
            inline: entry.inline.clone(),
            groups: entry.groups.clone(),
            boundary: entry.boundary.clone(),
            path: entry.path.clone(),
            tags: entry.tags.clone(),
            is_puller: inventory::is_ours(&entry.tags),
            is_for_pulls: inventory::is_ours(&entry.tags),
        }
    }
}

/// Where a policy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain::review) enum Place {
    /// Attached to the role or user itself.
    Attached(PolicyArn),
    /// In it, by name.
    Inline(String),
    /// In a group or attached to it.
    Group,
}

/// A policy that was read.
#[derive(Debug, Clone)]
pub(in crate::domain::review) struct Paper {
    /// Where it stands.
    pub place: Place,
    /// As `Rights::sources` names it.
    pub name: String,
    /// As written.
    pub policy: Policy,
    /// At its best: each condition that is not known met where it allows, not met where it denies.
    pub best: Policy,
    /// At its worst, the other way about.
    pub worst: Policy,
}

/// All that was read.
#[derive(Debug, Clone)]
pub(in crate::domain::review) struct Reading {
    /// The policies of the role or user and of its groups.
    pub papers: Vec<Paper>,
    /// The boundary; `None` where there is none or it could not be read, which is no cap.
    pub boundary: Option<Paper>,
    /// What could not be read, by name.
    pub unread: Vec<String>,
    /// Who asks, and what is known of every request of its.
    pub known: Known,
}

impl Papers {
    /// The managed policies whose documents are needed: its own, its groups', its boundary. Each once.
    #[must_use]
    pub fn managed<'a>(&'a self, held: &'a Shelf) -> Vec<&'a PolicyArn> {
        let groups = self.groups.iter().filter_map(|name| held.groups.get(name));
        let all = self.attached.iter().chain(groups.flat_map(|group| &group.attached));
        let mut seen = BTreeSet::new();
        all.chain(&self.boundary).filter(|arn| seen.insert(*arn)).collect()
    }

    /// The second field of its ARN.
    pub(in crate::domain::review) fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// Reads all of it, by name: in which order AWS lists what is attached says nothing.
    pub(in crate::domain::review) fn read(&self, held: &Shelf) -> Reading {
        let known = Known::of(&self.arn, &self.tags);
        let (attached, groups) = (in_order(&self.attached), in_order(&self.groups));
        let mut reading = Reading { papers: Vec::new(), boundary: None, unread: Vec::new(), known };
        for arn in attached {
            reading.add(Place::Attached(arn.clone()), arn.name().to_owned(), text(held, arn));
        }
        for (name, text) in &self.inline {
            reading.add(Place::Inline(name.clone()), format!("inline {name}"), Some(text));
        }
        for name in groups {
            let Some(GroupEntry { attached, inline, .. }) = held.groups.get(name) else {
                reading.unread.push(format!("group {name}"));
                continue;
            };
            for arn in in_order(attached) {
                let title = format!("group {name}: {}", arn.name());
                reading.add(Place::Group, title, text(held, arn));
            }
            for (policy, text) in inline {
                reading.add(Place::Group, format!("group {name}: inline {policy}"), Some(text));
            }
        }
        if let Some(arn) = &self.boundary {
            let (name, place) = (format!("boundary {}", arn.name()), Place::Attached(arn.clone()));
            match text(held, arn).and_then(|text| paper(place, &name, text, &reading.known)) {
                Some(boundary) => reading.boundary = Some(boundary),
                None => reading.unread.push(name),
            }
        }
        reading
    }
}

impl Reading {
    fn add(&mut self, place: Place, name: String, text: Option<&String>) {
        match text.and_then(|text| paper(place, &name, text, &self.known)) {
            Some(paper) => self.papers.push(paper),
            None => self.unread.push(name),
        }
    }

    /// What was read, by name, the boundary last.
    pub(in crate::domain::review) fn sources(&self) -> Vec<String> {
        self.papers.iter().chain(&self.boundary).map(|paper| paper.name.clone()).collect()
    }
}

fn in_order<T: Ord>(list: &[T]) -> Vec<&T> {
    let mut list: Vec<&T> = list.iter().collect();
    list.sort();
    list
}

fn text<'a>(shelf: &'a Shelf, arn: &PolicyArn) -> Option<&'a String> {
    shelf.policies.get(arn)?.as_ref().ok()
}

/// Of a repeated key the last counts: AWS takes no such document, so that it can only be one that was written by hand.
fn paper(place: Place, name: &str, text: &str, known: &Known) -> Option<Paper> {
    let document = Document::parse(text).ok()?;
    let policy = match Policy::read(&document) {
        Err(Unsound::Repeated(_)) => Policy::read_last(&document).ok()?,
        read => read.ok()?,
    };
    Some(Paper {
        place,
        name: name.to_owned(),
        best: settle(&policy, known, true),
        worst: settle(&policy, known, false),
        policy,
    })
}
