//! The answers file: a saved format of its own (TOML, versioned), not the program's types.
//!
//! Values stand in it as they are meant, to the letter; paths stay relative as typed, and the reader of the file
//! resolves them against the file's folder.

mod nearest;
mod print;

use toml::de::{DeTable, DeValue};

use super::custody::CustodyChoice;
use super::draft::{Draft, Field, Mode, PolicyChoice, list};
use super::fault::{Cause, Fault};
use super::host::RegistryHost;
use super::partition::{AccountId, Region};
use super::probe::Depth;
use super::problem::Problem;

/// The answers file.
#[derive(Debug, Clone, Copy)]
pub struct Answers;

/// Every key that the file knows.
const KEYS: [&str; 24] = [
    "format",
    "mode",
    "region",
    "account",
    "registry",
    "oidc.issuer",
    "oidc.audience",
    "oidc.subject",
    "oidc.role",
    "iam_user.user",
    "iam_user.secret_to",
    "access.policy",
    "access.repositories",
    "access.path",
    "access.permissions_boundary",
    "access.tags",
    "access.max_session_seconds",
    "access.description",
    "pull_test.image",
    "pull_test.platform",
    "pull_test.depth",
    "pull_test.token_file",
    "cluster.context",
    "cluster.namespace",
];

/// The sections that keys stand in.
const SECTIONS: [&str; 5] = ["oidc", "iam_user", "access", "pull_test", "cluster"];

impl Answers {
    /// Reads an answers file. Each value is checked by itself; whether they hold together is `Draft::intent`'s to say.
    ///
    /// # Errors
    /// `bad-answers` with `key` and `line` (from 1) as evidence: not TOML, an unknown key (`nearest` names the nearest
    /// known one), a value of the wrong type or that would not do (`reason`, `example`), another format than 1, a
    /// region that is not the registry's.
    pub fn parse(text: &str) -> Result<Draft, Fault> {
        let table = DeTable::parse(text).map_err(|e| {
            let line = e.span().map_or(1, |span| line_at(text, span.start));
            Fault::new(
                Cause::BadAnswers,
                format!("the answers are not TOML, line {line}: {}", e.message().trim()),
            )
            .with("line", line.to_string())
        })?;
        let mut reader = Reader { text, draft: Draft::default(), format: false, region: None };
        reader.table("", table.get_ref())?;
        reader.finish()
    }

    /// Writes the answers so that `parse` reads the same draft again. What is empty is left out.
    #[must_use]
    pub fn print(draft: &Draft) -> String {
        print::print(draft)
    }
}

/// A value of a file with its full key and line.
pub(super) struct Entry<'a> {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: &'a DeValue<'a>,
}

impl Entry<'_> {
    pub(super) fn wrong(&self, problem: &Problem) -> Fault {
        let Self { key, line, .. } = self;
        Fault::new(Cause::BadAnswers, format!("{key}, line {line}: {problem}"))
            .with("key", key.as_str())
            .with("line", line.to_string())
            .with("reason", format!("{}: {}", problem.what, problem.why))
            .with("example", problem.example.as_str())
    }

    pub(super) fn mistyped(&self, wanted: &str, example: &str) -> Fault {
        let got = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let why = format!("the key takes {wanted}");
        self.wrong(&Problem::new(format!("this is {got}"), why, example))
    }

    pub(super) fn text(&self, example: &str) -> Result<String, Fault> {
        match self.value {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.mistyped("a text", &format!("{example:?}"))),
        }
    }

    pub(super) fn whole_number(&self, example: &str) -> Result<u32, Fault> {
        match self.value {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| self.mistyped("a whole number that is not so large", example)),
            _ => Err(self.mistyped("a whole number", example)),
        }
    }

    /// One of a few words.
    fn word<T: Copy>(&self, known: &[(&str, T)]) -> Result<T, Fault> {
        let words: Vec<String> = known.iter().map(|(word, _)| format!("{word:?}")).collect();
        let example = known.first().map_or("", |(word, _)| word);
        let text = self.text(example)?;
        known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
            let why = format!("the key takes {}", words.join(", "));
            self.wrong(&Problem::new(format!("{text:?} is not known"), why, format!("{example:?}")))
        })
    }
}

struct Reader<'a> {
    text: &'a str,
    draft: Draft,
    format: bool,
    region: Option<Region>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) -> Result<(), Fault> {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let line = line_at(self.text, name.span().start);
            let section = format!("{key}.");
            match value.get_ref() {
                DeValue::Table(inner) if SECTIONS.contains(&key.as_str()) => {
                    self.table(&section, inner)?;
                }
                value if SECTIONS.contains(&key.as_str()) => {
                    let example = format!("[{key}]");
                    return Err(Entry { key, line, value }.mistyped("a table", &example));
                }
                value if KEYS.contains(&key.as_str()) => self.entry(&Entry { key, line, value })?,
                _ => return Err(unknown(&key, line)),
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry<'_>) -> Result<(), Fault> {
        let draft = &mut self.draft;
        match entry.key.as_str() {
            "format" => {
                let format = entry.whole_number("1")?;
                if format != 1 {
                    let what = format!("format {format}");
                    let why = "this program knows format 1; a newer one may know more";
                    return Err(entry.wrong(&Problem::new(what, why, "1")));
                }
                self.format = true;
            }
            "mode" => {
                draft.mode = entry.word(&[("oidc", Mode::Oidc), ("iam-user", Mode::IamUser)])?;
            }
            "account" => {
                let account = entry.text("112233445566")?;
                AccountId::parse(&account).map_err(|p| entry.wrong(&p))?;
                draft.account = Some(account);
            }
            "region" => {
                let region = entry.text("us-east-2")?;
                self.region = Some(Region::parse(&region).map_err(|p| entry.wrong(&p))?);
            }
            "registry" => {
                let host = entry.text(Field::Registry.example())?;
                RegistryHost::parse(&host).map_err(|p| entry.wrong(&p))?;
                draft.set(Field::Registry, host);
            }
            "access.policy" => {
                draft.policy = entry.word(&[
                    ("read-only", PolicyChoice::ReadOnly),
                    ("pull-only", PolicyChoice::PullOnly),
                    ("repositories", PolicyChoice::Repositories),
                ])?;
            }
            "pull_test.depth" => {
                draft.depth = entry.word(&[
                    ("full", Depth::Full),
                    ("smallest-layer", Depth::SmallestLayer),
                    ("manifest", Depth::Manifest),
                ])?;
            }
            "iam_user.secret_to" => {
                let (custody, file) = secret_to(entry)?;
                draft.custody = custody;
                draft.set(Field::KeyFile, file);
            }
            "cluster.context" => draft.context = Some(entry.text("my-cluster")?),
            _ => self.field(entry)?,
        }
        Ok(())
    }

    /// A key that is a field of the draft.
    fn field(&mut self, entry: &Entry<'_>) -> Result<(), Fault> {
        let Some(field) = Field::ALL.into_iter().find(|f| f.key() == entry.key) else {
            return Err(unknown(&entry.key, entry.line));
        };
        let text = match field {
            Field::Repositories => repositories(entry)?,
            Field::Tags => tags(entry)?,
            Field::MaxSession => entry.whole_number(field.example())?.to_string(),
            _ => entry.text(field.example())?,
        };
        // An empty text is an answer not yet given.
        if !text.is_empty() {
            field.check(&text).map_err(|p| entry.wrong(&p))?;
        }
        self.draft.set(field, text);
        Ok(())
    }

    fn finish(mut self) -> Result<Draft, Fault> {
        if !self.format {
            return Err(Fault::new(
                Cause::BadAnswers,
                "format: the answers do not say their format: it stands in each file, so that old ones can \
                 still be read; for example format = 1",
            )
            .with("key", "format")
            .with("reason", "missing")
            .with("example", "format = 1"));
        }
        let Some(region) = self.region else { return Ok(self.draft) };
        let host = RegistryHost::parse(self.draft.text(Field::Registry)).ok();
        if let Some(host) = host
            && host.region != region
        {
            return Err(Fault::new(
                Cause::BadAnswers,
                format!("region: {region} is not the region of the registry {host}; leave one of the two out"),
            )
            .with("key", "region")
            .with("reason", "region and registry contradict each other")
            .with("example", host.region.as_str()));
        }
        if self.draft.text(Field::Registry).is_empty() {
            self.draft.set(Field::Registry, region.as_str());
        }
        Ok(self.draft)
    }
}

fn unknown(key: &str, line: usize) -> Fault {
    let known: Vec<&str> = KEYS.into_iter().chain(SECTIONS).collect();
    no_such_key(key, line, &known)
}

/// Refuses a key and names the nearest of those that there are.
pub(super) fn no_such_key(key: &str, line: usize, known: &[&str]) -> Fault {
    let nearest = nearest::nearest(key, known);
    Fault::new(
        Cause::BadAnswers,
        format!("{key}, line {line}: there is no such key; the nearest is {nearest}"),
    )
    .with("key", key)
    .with("line", line.to_string())
    .with("reason", "no such key")
    .with("nearest", nearest)
    .with("example", nearest)
}

/// Where the secret goes, and to which file.
fn secret_to(entry: &Entry<'_>) -> Result<(CustodyChoice, String), Fault> {
    let text = entry.text("kubernetes")?;
    match text.as_str() {
        "kubernetes" => return Ok((CustodyChoice::Kubernetes, String::new())),
        "show" => return Ok((CustodyChoice::Show, String::new())),
        _ => {}
    }
    if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
        return Ok((CustodyChoice::File, path.to_owned()));
    }
    let why = "the key takes \"kubernetes\", \"file:PATH\" or \"show\"";
    Err(entry.wrong(&Problem::new(format!("{text:?} is not known"), why, "\"kubernetes\"")))
}

fn repositories(entry: &Entry<'_>) -> Result<String, Fault> {
    let example = r#"["team/app", "team/base/*"]"#;
    let DeValue::Array(list) = entry.value else {
        return Err(entry.mistyped("a list of texts", example));
    };
    let mut names = Vec::new();
    for item in list {
        let DeValue::String(name) = item.get_ref() else {
            return Err(entry.mistyped("a list of texts", example));
        };
        Field::Repositories.check(name).map_err(|p| entry.wrong(&p))?;
        names.push(name.to_string());
    }
    Ok(names.join(" "))
}

fn tags(entry: &Entry<'_>) -> Result<String, Fault> {
    let example = r#"{ owner = "platform" }"#;
    let DeValue::Table(table) = entry.value else {
        return Err(entry.mistyped("a table of texts", example));
    };
    let mut tags = std::collections::BTreeMap::new();
    for (key, value) in table {
        let DeValue::String(value) = value.get_ref() else {
            return Err(entry.mistyped("a table of texts", example));
        };
        if key.get_ref().contains('"') || value.contains('"') {
            let what = "'\"' cannot stand in a tag";
            let why = "AWS takes letters, digits, spaces and _.:/=+-@";
            return Err(entry.wrong(&Problem::new(what, why, example)));
        }
        tags.insert(key.get_ref().to_string(), value.to_string());
    }
    Ok(list::print_tags(&tags))
}

/// The line of a byte offset, from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
