//! The answers as TOML, in the order of the documentation.

use std::fmt::Write;

use toml::Value;

use crate::domain::custody::CustodyChoice;
use crate::domain::draft::{Draft, Field, Mode, list};
use crate::domain::host::RegistryHost;
use crate::domain::partition::Region;

/// A section under way: its header is written with its first line.
struct Section<'a> {
    out: &'a mut String,
    header: &'a str,
}

impl Section<'_> {
    fn line(&mut self, key: &str, value: impl Into<Value>) {
        // Writing to a String cannot fail.
        let header = std::mem::take(&mut self.header);
        if !header.is_empty() {
            let _ = write!(self.out, "\n[{header}]\n");
        }
        let _ = writeln!(self.out, "{key} = {}", value.into());
    }

    fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.line(key, text);
        }
    }

    /// Fields under the last parts of their keys.
    fn fields(&mut self, draft: &Draft, fields: &[Field]) {
        for field in fields {
            let key = field.key();
            let key = key.rsplit('.').next().unwrap_or(key);
            self.text(key, draft.text(*field));
        }
    }
}

pub(super) fn print(draft: &Draft) -> String {
    let mut out = String::new();
    let mut top = Section { out: &mut out, header: "" };
    top.line("format", 1);
    top.line("mode", draft.mode.word());
    let registry = draft.text(Field::Registry);
    if Region::parse(registry).is_ok() {
        top.text("region", registry);
    } else if let Ok(host) = RegistryHost::parse(registry) {
        top.text("region", host.region.as_str());
    }
    top.text("account", draft.account.as_deref().unwrap_or_default());
    if Region::parse(registry).is_err() {
        top.text("registry", registry);
    }

    Section { out: &mut out, header: "oidc" }
        .fields(draft, &[Field::Issuer, Field::Audience, Field::Subject, Field::Role]);

    let mut user = Section { out: &mut out, header: "iam_user" };
    user.fields(draft, &[Field::User]);
    if draft.mode == Mode::IamUser || draft.custody != CustodyChoice::default() {
        match (draft.custody, draft.text(Field::KeyFile)) {
            (CustodyChoice::Kubernetes, _) => user.text("secret_to", "kubernetes"),
            (CustodyChoice::Show, _) => user.text("secret_to", "show"),
            (CustodyChoice::File, "") => {}
            (CustodyChoice::File, path) => user.text("secret_to", &format!("file:{path}")),
        }
    }

    let mut access = Section { out: &mut out, header: "access" };
    access.line("policy", draft.policy.word());
    let repositories = list::items(draft.text(Field::Repositories));
    if !repositories.is_empty() {
        access.line("repositories", repositories);
    }
    access.fields(draft, &[Field::Path, Field::Boundary]);
    if let Ok(tags) = list::tags(draft.text(Field::Tags))
        && !tags.is_empty()
    {
        let table = tags.into_iter().map(|(key, value)| (key, Value::from(value)));
        access.line("tags", Value::Table(table.collect()));
    }
    if let Ok(seconds) = draft.text(Field::MaxSession).parse::<i64>() {
        access.line("max_session_seconds", seconds);
    }
    access.fields(draft, &[Field::Description]);

    let mut pull = Section { out: &mut out, header: "pull_test" };
    pull.fields(draft, &[Field::Image, Field::Platform]);
    pull.line("depth", draft.depth.word());
    pull.fields(draft, &[Field::TokenFile]);

    let mut cluster = Section { out: &mut out, header: "cluster" };
    cluster.text("context", draft.context.as_deref().unwrap_or_default());
    cluster.fields(draft, &[Field::Namespace]);
    out
}
