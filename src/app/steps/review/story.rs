//! All there is to say of a row, in blocks: each is a place where the cursor of the detail can stand.

use super::words::{counted, day, letter, many, read_at};
use super::{Thing, now};
use crate::app::steps::apply::story::fault;
use crate::app::wizard::App;
use crate::domain::finding::Severity;
use crate::domain::key::LastUse;
use crate::domain::policy::{Document, explain};
use crate::domain::review::account::RepositoryEntry;
use crate::domain::review::found::Found;
use crate::domain::review::rights::Rights;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::{Accepted, Standing};
use crate::domain::review::view::Judge;
use crate::domain::review::{ProviderReview, UserReview, repository};

/// How a line is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Content.
    Plain,
    /// A title, or what one acts on.
    Bold,
    /// Where something came from.
    Dim,
    /// Something to look at.
    Warning,
    /// The first line of a finding of this severity.
    Severity(Severity),
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A title or a gap: the cursor passes it over.
    Title,
    /// A fact.
    Fact,
    /// The finding of this number.
    Finding(usize),
    /// A line of the document, by its number from 0.
    Document(usize),
}

/// A piece of the detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub what: What,
    /// Its lines; wrapped when drawn.
    pub lines: Vec<(Voice, String)>,
}

impl Block {
    fn title(text: impl Into<String>) -> [Self; 2] {
        let of = |voice, text| Self { what: What::Title, lines: vec![(voice, text)] };
        [of(Voice::Plain, String::new()), of(Voice::Bold, text.into())]
    }

    fn fact(text: impl Into<String>) -> Self {
        Self { what: What::Fact, lines: vec![(Voice::Plain, text.into())] }
    }

    /// The same, spoken otherwise.
    fn spoken(mut self, voice: Voice) -> Self {
        for line in &mut self.lines {
            line.0 = voice;
        }
        self
    }
}

/// Everything about what a row is made of; of a role also what the repositories say to it; of a role or user what the
/// journal has of it.
#[must_use]
pub fn whole(
    thing: Thing<'_>,
    judge: Judge<'_>,
    now: Option<i64>,
    repositories: &[RepositoryEntry],
    journal: &[String],
) -> Vec<Block> {
    let findings = findings(thing, judge);
    match thing {
        Thing::Role(role) => of_role(role, findings, repositories, journal),
        Thing::User(user) => of_user(user, findings, now, journal),
        Thing::Provider(provider) => of_provider(provider, findings),
        Thing::Account(_) => findings,
    }
}

fn findings(thing: Thing<'_>, judge: Judge<'_>) -> Vec<Block> {
    let found = thing.found();
    let mut blocks: Vec<Block> = match found.len() {
        0 => Block::title("Findings: none").into(),
        n => Block::title(many(n, "finding")).into(),
    };
    for (i, one) in found.iter().enumerate() {
        if i > 0 {
            blocks.push(Block { what: What::Title, lines: vec![(Voice::Plain, String::new())] });
        }
        blocks.push(Block { what: What::Finding(i), lines: finding(one, &judge.standing(one)) });
    }
    blocks
}

/// Everything about a finding.
#[must_use]
pub fn finding(found: &Found, standing: &Standing) -> Vec<(Voice, String)> {
    let finding = &found.finding;
    let rule = found.rule();
    let severity = finding.severity;
    let mut head =
        format!("{}  {}  {}  {}", letter(severity), severity.word(), finding.rule, finding.place);
    if *standing != Standing::Known {
        head = format!("{head}  {}", standing.word());
    }
    let mut lines =
        vec![(Voice::Severity(severity), head), (Voice::Bold, format!("   {}", finding.message))];
    let mut add = |voice, label: &str, text: &str| {
        if !text.is_empty() {
            lines.push((voice, format!("   {label:10}{text}")));
        }
    };
    for (i, line) in found.evidence.iter().enumerate() {
        add(Voice::Plain, if i == 0 { "Shown by" } else { "" }, line);
    }
    add(Voice::Plain, "Why", rule.why);
    add(Voice::Dim, "Source", rule.source);
    add(Voice::Plain, "Mend", &remedy(found));
    match standing {
        Standing::New | Standing::Known => {}
        Standing::Accepted(one) => add(Voice::Plain, "Accepted", &acceptance(one)),
        Standing::Expired(one) => {
            add(Voice::Warning, "Expired", &format!("it was accepted {}", acceptance(one)));
        }
    }
    lines
}

fn acceptance(one: &Accepted) -> String {
    format!("until {} by {} on {}: {}", one.until, one.by, one.at, one.reason)
}

/// What is said where nothing more is known of how to mend it.
const BY_HAND: &str = "by hand";

/// What mends a finding, and whether f makes a plan of it.
#[must_use]
pub fn remedy(found: &Found) -> String {
    let words = found.finding.fix.as_ref().map_or("", |fix| fix.words.as_str());
    match (&found.rotates, words) {
        (Some(user), _) => format!("rotate the key of {user}; f says how"),
        (None, "") if found.calls.is_empty() => BY_HAND.to_owned(),
        (None, "") => many(found.calls.len(), "call"),
        (None, words) if found.calls.is_empty() => format!("by hand: {words}"),
        (None, words) => format!("{words} ({})", many(found.calls.len(), "call")),
    }
}

/// When something was made and last used.
fn history(created_at: Option<i64>, last: &LastUse) -> String {
    let used = match last {
        LastUse::Unknown => "last use not known".to_owned(),
        // AWS keeps track for 400 days (IAM API reference, `RoleLastUsed`).
        LastUse::Never => "never used that AWS knows of (it keeps 400 days)".to_owned(),
        LastUse::At(at, place) if place.is_empty() => format!("last used {}", day(Some(*at))),
        LastUse::At(at, place) => format!("last used {}, {place}", day(Some(*at))),
    };
    format!("made {}, {used}", day(created_at))
}

fn unread(fault: Option<&crate::domain::fault::Fault>) -> Option<Block> {
    let fault = fault?;
    let text = format!("! Not all of it could be read: {}", fault.message);
    Some(Block {
        what: What::Fact,
        lines: vec![(Voice::Warning, text), (Voice::Dim, format!("  {}", fault.what_to_do()))],
    })
}

fn of_role(
    role: &RoleReview,
    findings: Vec<Block>,
    repositories: &[RepositoryEntry],
    journal: &[String],
) -> Vec<Block> {
    let RoleReview { entry, trust, rights, .. } = role;
    let mut blocks = vec![
        Block::fact(entry.arn.to_string()).spoken(Voice::Dim),
        Block::fact(history(entry.created_at, &entry.last_use)),
    ];
    blocks.extend(unread(entry.unread.as_ref()));
    blocks.extend(Block::title("Trust, in one sentence"));
    blocks.extend(trust.meant.iter().map(|meant| Block::fact(format!("Meant     {meant}"))));
    blocks.push(Block::fact(format!("Real      {}", trust.real)));
    blocks.extend(trust.beyond.iter().map(|beyond| Block::fact(format!("          {beyond}"))));
    blocks.extend(findings);
    blocks.extend(Block::title("Who gets in"));
    if trust.admits.is_empty() {
        let with = if trust.beyond.is_empty() { "Nobody." } else { "Nobody with a token." };
        blocks.push(Block::fact(with));
    }
    for set in &trust.admits {
        let caseless = if set.is_caseless() { ", in capitals or not" } else { "" };
        let mut lines = vec![
            (Voice::Plain, format!("Subject   {}{caseless}", set.subject)),
            (Voice::Plain, format!("Audience  {}", set.audience)),
            (Voice::Dim, format!("Issuer    {}", set.issuer)),
        ];
        lines.extend(set.except.iter().map(|not| {
            let words = format!("but not   {} for {} of {}", not.subject, not.audience, not.issuer);
            (Voice::Plain, words)
        }));
        blocks.push(Block { what: What::Fact, lines });
    }
    blocks.extend(
        trust.beyond.iter().map(|beyond| Block::fact(format!("Without a token: {beyond}"))),
    );
    if !trust.intruders.is_empty() {
        blocks.extend(Block::title("Not meant, and gets in all the same"));
    }
    for intruder in &trust.intruders {
        let lines = vec![
            (Voice::Warning, format!("! {}", intruder.why)),
            (Voice::Dim, format!("  {}", intruder.holder.to_json())),
        ];
        blocks.push(Block { what: What::Fact, lines });
    }
    blocks.extend(of_rights(rights.as_ref()));
    let matters = repository::matters(repositories, &entry.arn);
    if !matters.is_empty() {
        blocks.extend(Block::title("What repositories say to it by their own policies"));
    }
    blocks
        .extend(matters.into_iter().map(|one| Block::fact(format!("{}: {}", one.arn, one.words))));
    let facts = [
        ("Path", entry.path.clone()),
        ("Boundary", entry.boundary.as_ref().map(ToString::to_string).unwrap_or_default()),
        (
            "Session",
            entry
                .max_session_seconds
                .map(|seconds| format!("at most {seconds} s"))
                .unwrap_or_default(),
        ),
    ];
    blocks.extend(Block::title("Tags and the rest"));
    blocks.extend(tags(&entry.tags));
    blocks.extend(labelled(&facts));
    blocks.extend(past(journal));
    blocks.extend(document("The trust policy", &entry.trust));
    blocks
}

fn labelled(facts: &[(&str, String)]) -> Vec<Block> {
    let there = facts.iter().filter(|(_, text)| !text.is_empty());
    there.map(|(label, text)| Block::fact(format!("{label:10}{text}"))).collect()
}

fn tags(tags: &std::collections::BTreeMap<String, String>) -> Vec<Block> {
    if tags.is_empty() {
        return vec![Block::fact("Tags      none")];
    }
    let line = |(i, (key, value)): (usize, (&String, &String))| {
        Block::fact(format!("{:10}{key}={value}", if i == 0 { "Tags" } else { "" }))
    };
    tags.iter().enumerate().map(line).collect()
}

/// What may be done in ECR, a line for each kind of doing and where.
fn of_rights(rights: Option<&Rights>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Block::title("Rights in ECR").into();
    let Some(rights) = rights else {
        blocks.push(Block::fact("Not read yet."));
        return blocks;
    };
    if rights.grants.is_empty() {
        blocks.push(Block::fact("None."));
    }
    for grant in &rights.grants {
        let whether =
            if grant.conditional { ", under conditions that were not judged" } else { "" };
        let mut lines = Vec::new();
        for (i, on) in grant.on.iter().enumerate() {
            let on = if on == "*" { "every repository" } else { on };
            let label = if i == 0 { grant.act.word() } else { "" };
            lines.push((Voice::Plain, format!("{label:12}{on}{whether}")));
        }
        lines.extend(
            grant.except.iter().map(|not| (Voice::Plain, format!("{:12}but not {not}", ""))),
        );
        blocks.push(Block { what: What::Fact, lines });
    }
    let list = |label: &str, all: &[String]| -> Vec<Block> {
        let line = |(i, text): (usize, &String)| {
            let label = if i == 0 { label } else { "" };
            Block::fact(format!("{label:12}{text}"))
        };
        all.iter().enumerate().map(line).collect()
    };
    blocks.extend(list("from", &rights.sources));
    blocks.extend(list("beyond ECR", &rights.beyond));
    let missing = list("! not read", &rights.unread).into_iter();
    blocks.extend(missing.map(|block| block.spoken(Voice::Warning)));
    blocks
}

/// The document, a block a line.
fn document(title: &str, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Block::title(title).into();
    for (i, line) in laid_out(text).lines().enumerate() {
        let lines = vec![(Voice::Plain, format!("{:>3}  {line}", i + 1))];
        blocks.push(Block { what: What::Document(i), lines });
    }
    blocks
}

/// A document with a line for each part. What is not JSON stands there as it is; so does what has a key twice, of which
/// any other form would drop one.
fn laid_out(text: &str) -> String {
    let read = Document::parse(text).ok().filter(|document| document.duplicates.is_empty());
    let pretty = read.and_then(|document| serde_json::to_string_pretty(&document.value).ok());
    pretty.unwrap_or_else(|| text.to_owned())
}

/// What each line of a role's document says.
#[must_use]
pub fn reads(thing: Thing<'_>) -> Vec<String> {
    let Thing::Role(role) = thing else { return Vec::new() };
    explain::lines(&laid_out(&role.entry.trust)).into_iter().map(|line| line.reads).collect()
}

fn of_user(
    user: &UserReview,
    findings: Vec<Block>,
    now: Option<i64>,
    journal: &[String],
) -> Vec<Block> {
    let UserReview { entry, rights, .. } = user;
    let mut blocks = vec![
        Block::fact(entry.arn.to_string()).spoken(Voice::Dim),
        Block::fact(format!("made {}", day(entry.created_at))),
    ];
    blocks.extend(unread(entry.unread.as_ref()));
    blocks.extend(Block::title("Keys"));
    match &entry.keys {
        None => blocks.push(Block::fact("Not read.")),
        Some(keys) if keys.is_empty() => blocks.push(Block::fact("None.")),
        Some(keys) => blocks.extend(keys.iter().map(|key| Block::fact(key.words(now)))),
    }
    blocks.extend(findings);
    blocks.extend(of_rights(Some(rights)));
    let password = match entry.has_password {
        None => "not read",
        Some(true) => "yes: it can log in to the console",
        Some(false) => "no",
    };
    let facts = [
        ("Password", password.to_owned()),
        ("Groups", entry.groups.join(", ")),
        ("Path", entry.path.clone()),
        ("Boundary", entry.boundary.as_ref().map(ToString::to_string).unwrap_or_default()),
    ];
    blocks.extend(Block::title("Tags and the rest"));
    blocks.extend(tags(&entry.tags));
    blocks.extend(labelled(&facts));
    blocks.extend(past(journal));
    blocks
}

/// What was done to it from here.
fn past(journal: &[String]) -> Vec<Block> {
    let mut blocks: Vec<Block> =
        Block::title("Changes by this program, in this machine's journal").into();
    blocks.extend(journal.iter().map(Block::fact));
    if journal.is_empty() {
        blocks.push(Block::fact("None. Of other changes IAM keeps no record; CloudTrail may."));
    }
    blocks
}

fn of_provider(provider: &ProviderReview, findings: Vec<Block>) -> Vec<Block> {
    let mut blocks = vec![Block::fact(provider.arn.to_string()).spoken(Voice::Dim)];
    match &provider.seen {
        Err(fault) => blocks.extend(unread(Some(fault))),
        Ok(seen) => blocks.push(Block::fact(format!("made {}", day(seen.created_at)))),
    }
    blocks.extend(findings);
    if let Ok(seen) = &provider.seen {
        blocks.extend(Block::title("Audiences that it lists"));
        blocks.extend(seen.audiences.iter().map(Block::fact));
        blocks.extend(Block::title("Tags"));
        blocks.extend(tags(&seen.tags));
    }
    blocks.extend(Block::title("Roles that trust it"));
    if provider.trusted_by.is_empty() {
        blocks.push(Block::fact("None."));
    }
    blocks.extend(provider.trusted_by.iter().map(Block::fact));
    blocks
}

/// What there is to say of a row beside its table.
#[must_use]
pub fn brief(thing: Thing<'_>, judge: Judge<'_>) -> Vec<(Voice, String)> {
    let mut lines = Vec::new();
    for one in thing.found() {
        let standing = judge.standing(one);
        let severity = one.finding.severity;
        let note = match &standing {
            Standing::Known => String::new(),
            Standing::Accepted(accepted) => format!(" (accepted until {})", accepted.until),
            other => format!(" ({})", other.word()),
        };
        let head = format!("{}  {}{note}", letter(severity), one.finding.message);
        let quiet = !standing.counts();
        lines.push((if quiet { Voice::Dim } else { Voice::Severity(severity) }, head));
        let remedy = remedy(one);
        if remedy != BY_HAND {
            lines.push((Voice::Dim, format!("   Mend: {remedy}")));
        }
    }
    if lines.is_empty() {
        lines.push((Voice::Plain, "Nothing was found.".to_owned()));
    }
    let mut add = |voice, text: String| lines.push((voice, text));
    match thing {
        Thing::Role(role) => {
            add(Voice::Plain, String::new());
            if let Some(meant) = &role.trust.meant {
                add(Voice::Plain, format!("Meant   {meant}"));
            }
            add(Voice::Plain, format!("Real    {}", role.trust.real));
            for beyond in &role.trust.beyond {
                add(Voice::Plain, format!("        {beyond}"));
            }
            let word = role.rights.as_ref().map_or_else(|| "not read yet".to_owned(), Rights::word);
            add(Voice::Plain, format!("May     {word} in ECR"));
            add(Voice::Dim, history(role.entry.created_at, &role.entry.last_use));
            if let Some(fault) = &role.entry.unread {
                add(Voice::Warning, format!("! Not all of it could be read: {}", fault.message));
            }
        }
        Thing::User(user) => {
            add(Voice::Plain, String::new());
            add(Voice::Plain, format!("May     {} in ECR", user.rights.word()));
            for key in user.entry.keys.iter().flatten() {
                add(Voice::Dim, key.words(None));
            }
        }
        Thing::Provider(provider) => {
            add(Voice::Plain, String::new());
            add(Voice::Plain, format!("Trusted by {}", many(provider.trusted_by.len(), "role")));
        }
        Thing::Account(_) => {}
    }
    lines
}

/// All there is to know of this review: how much was read, what was not, what changed since the last one.
#[must_use]
pub fn of_review(app: &App) -> Vec<String> {
    let state = &app.review;
    let mut lines = vec![format!("Account   {}.", counted(state.counts()))];
    if let Some(review) = &state.review {
        lines.push(format!("Caller    {}", review.caller.arn));
        lines.push(format!(
            "Read      {}",
            read_at(review.read_at, now(app)).trim_start_matches("read ")
        ));
    }
    if state.counts().left_out > 0 {
        lines.push(
            "Left out  roles of AWS's own services and of IAM Identity Center, which nobody else can change."
                .to_owned(),
        );
    }
    if state.review.is_none() && state.coming.is_some() {
        lines.push("Not all of the account was read: these are the rows so far.".to_owned());
    }
    lines.extend(state.exported.iter().map(|path| format!("Exported  {}", path.display())));
    let mut part = |title: &str, body: Vec<String>| {
        if !body.is_empty() {
            lines.extend([String::new(), title.to_owned()]);
            lines.extend(body.into_iter().map(|line| format!("  {line}")));
        }
    };
    if let Some(it) = &state.fault {
        part("The last reading failed", fault(it));
    }
    let Some(review) = &state.review else { return lines };
    let gap = |gap: &crate::domain::review::Gap| {
        [format!("{}: {}", gap.what, gap.fault.message), format!("  {}", gap.fault.what_to_do())]
    };
    part("Could not be read", review.gaps.iter().flat_map(gap).collect());
    match &review.triage {
        Err(it) => part("What was accepted could not be read", fault(it)),
        Ok(triage) => {
            let rows = view_counts(app);
            let mut body = vec![format!("{} accepted, kept in {}", rows[0], triage.file.display())];
            if rows[1] > 0 {
                body.push(format!("{} no longer accepted: the day is over", rows[1]));
            }
            body.push(match &triage.known {
                None => "What is new cannot be told: this is the first review of the account."
                    .to_owned(),
                Some(_) => format!("{} new since the last review", rows[2]),
            });
            if !review.gaps.is_empty() {
                let why = "Not all was read: of the rest nothing is called mended, and it is compared with the last review that saw it.";
                body.push(why.to_owned());
            }
            part("Findings", body);
            let gone = state.mended.iter().flatten();
            let gone = gone.map(|one| format!("{}: {} ({})", one.on, one.message, one.rule));
            part("Mended since the last review", gone.collect());
        }
    }
    lines
}

/// How many findings are accepted, expired, new.
fn view_counts(app: &App) -> [usize; 3] {
    use crate::domain::review::view::Table;
    let rows = Table::ALL.into_iter().flat_map(|table| app.review.pane(table).listing.all());
    rows.fold([0; 3], |[accepted, expired, new], row| {
        let stands = row.stands;
        [accepted + stands.accepted, expired + stands.expired, new + stands.new]
    })
}
