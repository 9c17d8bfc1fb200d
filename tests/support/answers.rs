//! Answers files.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The tutorial's answers, to be changed by key and written to a file.
#[derive(Debug, Clone)]
pub struct Answers(Table);

impl Answers {
    pub const ISSUER: &str =
        "https://container.googleapis.com/v1/projects/p/locations/us-central1/clusters/c";
    pub const AUDIENCE: &str = "okteto.example.com/us-east-2";
    pub const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
    pub const ROLE: &str = "my-private-registry";

    /// The tutorial's answers for an account in us-east-2.
    pub fn tutorial(account: &str) -> Self {
        let mut answers = Self(Table::new());
        answers.put("format", 1).put("mode", "oidc").put("region", "us-east-2");
        answers.put("account", account);
        answers.put("oidc.issuer", Self::ISSUER).put("oidc.audience", Self::AUDIENCE);
        answers.put("oidc.subject", Self::SUBJECT).put("oidc.role", Self::ROLE);
        answers.put("access.policy", "read-only");
        answers
    }

    /// Sets a key such as `access.policy`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.put(key, value);
        self
    }

    /// Sets what the pull test fetches, and with which token.
    #[must_use]
    pub fn pulling(self, image: &str, token_file: &Path) -> Self {
        self.with("pull_test.image", image)
            .with("pull_test.token_file", token_file.display().to_string())
    }

    /// Takes a key out.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        let (table, name) = self.place(key);
        table.remove(name);
        self
    }

    fn put(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        let (table, name) = self.place(key);
        table.insert(name.to_owned(), value.into());
        self
    }

    fn place<'a>(&mut self, key: &'a str) -> (&mut Table, &'a str) {
        let Some((section, name)) = key.split_once('.') else { return (&mut self.0, key) };
        let section = self.0.entry(section).or_insert_with(|| Table::new().into());
        (section.as_table_mut().expect("a section"), name)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// Writes `answers.toml` into a folder.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("answers.toml");
        std::fs::write(&path, self.text()).expect("a file");
        path
    }
}
