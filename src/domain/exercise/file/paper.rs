//! The file as it is written: what each key may hold. What is not here is an unknown key.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// What is looked at first: of another format nothing else can be told.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) format: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    /// Read as [`Head`].
    #[serde(rename = "format")]
    _format: u32,
    pub(super) title: Spanned<String>,
    pub(super) about: Spanned<String>,
    pub(super) story: Spanned<String>,
    #[serde(default)]
    pub(super) world: WorldPaper,
    pub(super) answers: Option<Spanned<String>>,
    pub(super) goals: Spanned<Vec<Spanned<GoalPaper>>>,
    pub(super) hints: Spanned<Vec<String>>,
    pub(super) explanation: Spanned<String>,
    pub(super) sources: Spanned<Vec<String>>,
    pub(super) trainer: TrainerPaper,
    pub(super) solution: WayPaper,
    #[serde(default)]
    pub(super) wrong: Vec<WayPaper>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainerPaper {
    pub(super) fault: String,
    pub(super) ask: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WayPaper {
    pub(super) words: String,
    #[serde(default)]
    pub(super) commands: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WorldPaper {
    pub(super) registry_account: Option<Spanned<String>>,
    pub(super) other_issuers: Vec<Spanned<String>>,
    pub(super) providers: Vec<ProviderPaper>,
    pub(super) roles: Vec<Spanned<RolePaper>>,
    pub(super) users: Vec<Spanned<UserPaper>>,
    pub(super) repositories: Vec<Spanned<RepositoryPaper>>,
    pub(super) token: Option<TokenPaper>,
    pub(super) stopped_after: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderPaper {
    pub(super) issuer: Option<Spanned<String>>,
    pub(super) audiences: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RolePaper {
    pub(super) name: String,
    pub(super) trust: Spanned<String>,
    #[serde(default)]
    pub(super) attached: Vec<String>,
    #[serde(default)]
    pub(super) inline: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) spreads_for: u64,
    #[serde(default)]
    pub(super) days: u32,
    pub(super) used_days_ago: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserPaper {
    pub(super) name: String,
    #[serde(default)]
    pub(super) attached: Vec<String>,
    #[serde(default)]
    pub(super) keys: Vec<KeyPaper>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyPaper {
    #[serde(default)]
    pub(super) days: u32,
    pub(super) used_days_ago: Option<u32>,
    #[serde(default)]
    pub(super) in_secret: bool,
    #[serde(default)]
    pub(super) inactive: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoryPaper {
    pub(super) name: String,
    pub(super) tags: Vec<String>,
    pub(super) policy: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenPaper {
    pub(super) issued_minutes_ago: u32,
    pub(super) minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoalPaper {
    pub(super) text: String,
    pub(super) ask: Option<String>,
    #[serde(default)]
    pub(super) choices: Vec<String>,
    pub(super) answer: Option<OneOrMore>,
    pub(super) check: Option<String>,
    pub(super) role: Option<String>,
    pub(super) user: Option<String>,
    pub(super) by: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) action: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) on: Option<String>,
    pub(super) rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}
