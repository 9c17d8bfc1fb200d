//! Both policies as texts to read: each line with what it says and how the tutorial's differs.

use crate::app::wizard::App;
use crate::domain::draft::Mode;
use crate::domain::intent::{Intent, OidcIntent};
use crate::domain::policy::explain::{self, Line};
use crate::domain::policy::{TRUST_QUOTA, permission as permissions, size, trust as trusts};
use crate::domain::trust::admit::{self, Admitted, Intruder, Meant};

/// A policy's text with everything said about it.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Its name.
    pub title: String,
    /// The text, byte for byte.
    pub text: String,
    /// Whether this text is what is sent.
    pub is_sent: bool,
    /// Its lines, explained.
    pub lines: Vec<Line>,
    /// For each line the tutorial's, placeholders filled in, where it differs even then.
    pub tutorial: Vec<Option<String>>,
    /// Who may do what.
    pub sentence: String,
    /// Of a trust policy, who gets in.
    pub admitted: Option<String>,
    /// What was looked for in it.
    pub checks: Vec<Check>,
    /// Who gets in and was not meant.
    pub intruders: Vec<Intruder>,
}

/// One thing looked for in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Whether it was found so.
    pub met: bool,
    /// What was found.
    pub words: String,
}

/// Which neighbours.
const TRIED: &str = "Tried as neighbours: other service accounts and namespaces, other audiences and clusters, claims \
                     left out, letters in the other case, wildcards filled in.";

/// What is wanted, or why that cannot be said yet.
///
/// # Errors
/// A sentence for the operator.
pub fn intent(app: &App) -> Result<Intent, String> {
    let Some(caller) = app.who.known() else {
        return Err("AWS has not said yet who you are; the policies name your account.".to_owned());
    };
    app.draft.intent(caller).map_err(|fault| fault.message)
}

/// The trust policy.
///
/// # Errors
/// Why there is none yet.
pub fn trust(app: &App) -> Result<Paper, String> {
    let Intent::Oidc(intent) = intent(app)? else {
        return Err("A user has no trust policy: whoever has its key is the user.".to_owned());
    };
    let text = trusts::text(&intent);
    let theirs = trusts::tutorial_text(&intent);
    let lines = explain::lines(&text);
    let mut theirs = theirs.lines();
    let tutorial = lines
        .iter()
        .map(|line| {
            let their = theirs.next()?;
            let differs = line.contrast.as_ref().is_some_and(|c| c.differs);
            (differs && their != line.text).then(|| their.to_owned())
        })
        .collect();
    let meant = Meant::from(&intent);
    let policy = admit::read(&text).ok_or("The trust policy cannot be judged.")?;
    let admitted = admit::admitted(&policy, &meant);
    let intruders = admit::intruders(&policy, &meant);
    let checks = checks(&intent, &text, &admitted, &intruders);
    Ok(Paper {
        title: "Trust policy".to_owned(),
        sentence: trusts::sentence(&intent, checks.iter().take(2).all(|c| c.met)),
        admitted: Some(admit::sentence(&admitted)),
        checks,
        intruders,
        is_sent: true,
        lines,
        tutorial,
        text,
    })
}

/// What a user costs, beside what it may do.
pub const COST: &str = "Whoever has the key is the user: it never expires, and AWS does not ask from where. The policy is \
                        attached straight to the user, as the tutorial does it.";

/// The paper that says most: the trust policy, or of a user what it may do.
///
/// # Errors
/// Why there is none yet.
pub fn leading(app: &App) -> Result<Paper, String> {
    match app.draft.mode {
        Mode::Oidc => trust(app),
        Mode::IamUser => permission(app),
    }
}

/// What a trust policy owes: nobody else, whom it was made for, and a length that AWS takes.
fn checks(
    intent: &OidcIntent,
    text: &str,
    admitted: &[Admitted],
    intruders: &[Intruder],
) -> Vec<Check> {
    let (issuer, audience) = (intent.issuer.url(), intent.audience.as_str());
    let subject = intent.subject.to_string();
    let lets = admitted.iter().any(|set| set.has(issuer, audience, &subject));
    let length = size(text);
    vec![
        Check {
            met: intruders.is_empty(),
            words: match intruders.len() {
                0 => "No neighbour token gets in".to_owned(),
                1 => "A neighbour token gets in; i tells which".to_owned(),
                n => format!("{n} neighbour tokens get in; i tells which"),
            },
        },
        Check {
            met: lets,
            words: if lets { "Okteto's token gets in" } else { "Okteto's token does not get in" }
                .to_owned(),
        },
        Check {
            met: length <= TRUST_QUOTA,
            words: format!("{length} of {TRUST_QUOTA} characters"),
        },
    ]
}

/// The permission policy.
///
/// # Errors
/// Why there is none yet.
pub fn permission(app: &App) -> Result<Paper, String> {
    let intent = intent(app)?;
    let preview = permissions::preview(intent.access(), intent.host());
    let mut lines = explain::lines(&preview.text);
    // What the tutorial gets wrong it gets wrong in the trust policy.
    for line in &mut lines {
        line.contrast = None;
    }
    Ok(Paper {
        title: preview.name,
        sentence: permissions::sentence(intent.access(), intent.host(), intent.principal().kind()),
        admitted: None,
        checks: Vec::new(),
        intruders: Vec::new(),
        is_sent: preview.is_sent,
        tutorial: vec![None; lines.len()],
        lines,
        text: preview.text,
    })
}

impl Paper {
    /// How many lines differ from the tutorial's with its placeholders filled in.
    #[must_use]
    pub fn differing(&self) -> usize {
        self.tutorial.iter().flatten().count()
    }

    /// The lines as they are searched: each with the tutorial's, where that stands beside it.
    #[must_use]
    pub fn searched(&self, diff: bool) -> Vec<String> {
        let theirs = |i: usize| self.tutorial.get(i).and_then(Option::as_ref).filter(|_| diff);
        let line = |(i, line): (usize, &Line)| match theirs(i) {
            Some(theirs) => format!("{theirs}\n{}", line.text),
            None => line.text.clone(),
        };
        self.lines.iter().enumerate().map(line).collect()
    }

    /// The next or previous line about which the tutorial has something to mend, going round.
    #[must_use]
    pub fn jump(&self, row: usize, forward: bool) -> Option<usize> {
        let rows: Vec<usize> = (0..self.lines.len())
            .filter(|i| self.lines.get(*i).is_some_and(|l| l.contrast.is_some()))
            .collect();
        if forward {
            rows.iter().find(|i| **i > row).or(rows.first()).copied()
        } else {
            rows.iter().rev().find(|i| **i < row).or(rows.last()).copied()
        }
    }

    /// What a line says, and how and why the tutorial's is another.
    #[must_use]
    pub fn about(&self, row: usize) -> Vec<String> {
        let Some(line) = self.lines.get(row) else { return Vec::new() };
        let mut about = vec![line.reads.clone()];
        if let Some(contrast) = &line.contrast {
            about.push(String::new());
            about.push(
                if contrast.differs {
                    "Why it differs from the tutorial"
                } else {
                    "Beside the tutorial"
                }
                .to_owned(),
            );
            about.push(contrast.why.to_owned());
        }
        about
    }

    /// Everything about a line and its document, to be read whole.
    #[must_use]
    pub fn story(&self, row: usize) -> Vec<String> {
        let mut story = Vec::new();
        if let Some(line) = self.lines.get(row) {
            story.extend([line.text.trim_start().to_owned(), String::new()]);
            story.extend(self.about(row));
            if let Some(contrast) = &line.contrast {
                story.extend([
                    String::new(),
                    "The tutorial prints".to_owned(),
                    format!("  {}", contrast.printed),
                ]);
            }
            if let Some(Some(filled)) = self.tutorial.get(row) {
                story.extend([
                    "which, filled in to the letter, is".to_owned(),
                    format!("  {}", filled.trim()),
                ]);
            }
        }
        story.extend([String::new(), "In one sentence".to_owned(), self.sentence.clone()]);
        if let Some(admitted) = &self.admitted {
            story.extend([String::new(), "Who gets in".to_owned(), admitted.clone()]);
            story.extend([String::new(), "Checks".to_owned()]);
            story.extend(
                self.checks
                    .iter()
                    .map(|c| format!("  {} {}", if c.met { "+" } else { "!" }, c.words)),
            );
            story.extend([String::new(), TRIED.to_owned()]);
        }
        for intruder in &self.intruders {
            story.extend([String::new(), intruder.why.clone()]);
            story.push(format!("  {}", intruder.holder.to_json()));
        }
        story
    }
}
