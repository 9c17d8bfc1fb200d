//! What each fix comes to, and all of them one after the other.

use serde_json::Value;

use super::super::Given;
use super::super::admit::{Admitted, Intruder, Meant, intruders_of};
use super::proof::Proof;
use super::{Looked, look_at};
use crate::domain::evaluate::Policy;
use crate::domain::finding::{Finding, Severity};
use crate::domain::policy::Document;

/// How many fixes are taken one after the other: more than a policy of 4096 characters has findings that a document
/// mends.
const STEPS: usize = 32;

/// A trust policy judged.
pub struct Linted {
    /// What is wrong, worst first. A document that a fix offers was tried: the finding is gone, and nothing worse is new.
    pub found: Vec<Finding>,
    /// What the evaluator says; `None` where it could only guess, or where no account takes a document of that length.
    proof: Option<Proof>,
    /// What the documents are that mend something, each once.
    tried: Vec<Tried>,
}

#[derive(Clone)]
struct Tried {
    document: Value,
    looked: Looked,
}

/// A trust policy with some of its fixes taken.
pub struct Mended {
    /// The document.
    pub document: Value,
    /// Its policy; `None` as of the one that was judged.
    pub policy: Option<Policy>,
    /// Who gets in then.
    pub admitted: Vec<Admitted>,
    /// What is still wrong. What its fixes offer was not tried.
    pub left: Vec<Finding>,
}

impl Linted {
    /// Judges a trust policy.
    #[must_use]
    pub fn of(given: &Given, meant: &Meant) -> Self {
        let Looked { mut found, proof } = look_at(given, meant);
        let mut tried: Vec<Tried> = Vec::new();
        let mut holds = Vec::with_capacity(found.len());
        for finding in &found {
            let document = finding.fix.as_ref().and_then(|fix| fix.document.as_ref());
            holds.push(document.is_some_and(|document| {
                let at = tried.iter().position(|one| one.document == *document);
                let at = at.unwrap_or_else(|| {
                    tried.push(attempt(given, meant, document));
                    tried.len() - 1
                });
                tried.get(at).is_some_and(|one| is_better(&found, &one.looked.found, finding))
            }));
        }
        for (finding, holds) in found.iter_mut().zip(holds) {
            if let Some(fix) = finding.fix.as_mut().filter(|_| !holds) {
                fix.document = None;
            }
        }
        Self { found, proof, tried }
    }

    /// The policy; `None` where the evaluator could only guess at it, or where no account takes a document of that length.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.proof.as_ref().map(|proof| &proof.policy)
    }

    /// Who gets in.
    #[must_use]
    pub fn admitted(&self) -> &[Admitted] {
        self.proof.as_ref().map_or(&[], |proof| &proof.admitted)
    }

    /// Who gets in and was not meant to.
    #[must_use]
    pub fn intruders(&self, meant: &Meant) -> Vec<Intruder> {
        let Some(Proof { policy, admitted, intruders }) = &self.proof else { return Vec::new() };
        intruders.clone().unwrap_or_else(|| intruders_of(policy, meant, admitted))
    }

    /// The policy with the fixes of what is wished taken one after the other, the worst first, each tried anew, until none is
    /// left that betters it. No step leaves more of the worst than there was before it, and none comes back to where one
    /// was.
    #[must_use]
    pub fn mended(
        &self,
        given: &Given,
        meant: &Meant,
        wished: impl Fn(&Finding) -> bool,
    ) -> Option<Mended> {
        let document =
            |finding: &Finding| finding.fix.as_ref().and_then(|fix| fix.document.clone());
        let at = self.found.iter().filter(|f| wished(f)).find_map(|finding| {
            let document = document(finding)?;
            let at = self.tried.iter().position(|one| one.document == document)?;
            let after = self.tried.get(at)?;
            (weight(&after.looked.found) <= weight(&self.found)).then_some(at)
        })?;
        let mut now = self.tried.get(at)?.clone();
        let mut been = vec![given.document.value.clone(), now.document.clone()];
        for _ in 0..STEPS {
            let next = now.looked.found.iter().filter(|f| wished(f)).find_map(|finding| {
                let document = document(finding).filter(|document| !been.contains(document))?;
                let next = attempt(given, meant, &document);
                let (before, after) = (&now.looked.found, &next.looked.found);
                let is_no_worse = weight(after) <= weight(before);
                (is_no_worse && is_better(before, after, finding)).then_some(next)
            });
            match next {
                Some(next) => now = next,
                None => break,
            }
            been.push(now.document.clone());
        }
        let Tried { document, looked: Looked { found: left, proof } } = now;
        let (policy, admitted) = proof.map_or((None, Vec::new()), |p| (Some(p.policy), p.admitted));
        Some(Mended { document, policy, admitted, left })
    }
}

fn attempt(given: &Given, meant: &Meant, document: &Value) -> Tried {
    let whole = Document { value: document.clone(), duplicates: Vec::new() };
    let looked = look_at(&Given { document: whole, ..given.clone() }, meant);
    Tried { document: document.clone(), looked }
}

/// How many findings there are of each rank above a note, the worst first: what is less is better.
fn weight(found: &[Finding]) -> Vec<usize> {
    let of = |rank: u8| found.iter().filter(|f| f.severity.rank() == rank).count();
    (Severity::Low.rank()..=Severity::Critical.rank()).rev().map(of).collect()
}

/// Whether what a fix came to is better: one finding of this rule less, and none more that is worse.
fn is_better(before: &[Finding], after: &[Finding], finding: &Finding) -> bool {
    let of_rule = |list: &[Finding]| list.iter().filter(|f| f.rule == finding.rule).count();
    let alike = |list: &[Finding], one: &Finding| {
        list.iter().filter(|f| (f.rule, f.severity) == (one.rule, one.severity)).count()
    };
    of_rule(after) < of_rule(before)
        && after.iter().all(|new| {
            new.severity.rank() <= finding.severity.rank()
                || alike(after, new) <= alike(before, new)
        })
}
