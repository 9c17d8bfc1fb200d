//! An emulator behind a front, a registry with its login, an issuer, and the binary set up for all three.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{
    Answers, Finished, Front, Issuer, Ministack, Moto, Registry, Run, assert_nowhere,
};

/// Which emulator.
pub enum Emulator {
    Moto(Moto),
    Ministack(Ministack),
}

/// The whole bench.
pub struct Bench {
    pub emulator: Emulator,
    pub front: Front,
    pub registry: Registry,
    pub issuer: Issuer,
    pub run: Run,
}

impl Bench {
    /// moto, which believes every token, with client ids by the front.
    pub fn moto() -> Self {
        Self::with_moto(Registry::start(Moto::REGISTRY_TOKEN))
    }

    /// moto and this registry.
    pub fn with_moto(registry: Registry) -> Self {
        let moto = Moto::start();
        let front = Front::with_client_ids(moto.port());
        Self::build(Emulator::Moto(moto), front, registry)
    }

    /// ministack, which holds tokens to the trust.
    pub fn ministack() -> Self {
        let ministack = Ministack::start();
        let front = Front::before(ministack.port());
        let registry = Registry::start(Ministack::REGISTRY_TOKEN);
        Self::build(Emulator::Ministack(ministack), front, registry)
    }

    fn build(emulator: Emulator, front: Front, registry: Registry) -> Self {
        let issuer = Issuer::start(Answers::ISSUER);
        let run = Run::on_front(&front).registry(&registry).issuer(&issuer);
        Self { emulator, front, registry, issuer, run }
    }

    pub fn account(&self) -> &'static str {
        match self.emulator {
            Emulator::Moto(_) => Moto::ACCOUNT,
            Emulator::Ministack(_) => Ministack::ACCOUNT,
        }
    }

    /// The AWS CLI, past the front: what it does is not counted.
    pub fn aws(&self, args: &[&str]) -> Value {
        match &self.emulator {
            Emulator::Moto(moto) => moto.aws(args),
            Emulator::Ministack(ministack) => ministack.aws(args),
        }
    }

    /// A token as the emulator takes it, for this audience.
    pub fn token(&self, audience: &str) -> String {
        let mut mint = self.issuer.claims(audience, Answers::SUBJECT);
        mint.array = matches!(self.emulator, Emulator::Moto(_));
        self.issuer.mint(&mint)
    }

    /// The tutorial's answers, pulling an image with a good token.
    pub fn answers(&self, image: &str) -> Answers {
        let file = self.run.file("token", &self.token(Answers::AUDIENCE));
        Answers::tutorial(self.account()).pulling(image, &file)
    }

    /// Writes the answers beside the token.
    pub fn write(&self, answers: &Answers) -> PathBuf {
        answers.write(self.run.home())
    }

    pub fn plan(&self, answers: &Path) -> Finished {
        self.run.json("plan", answers, &[])
    }

    /// `apply --yes`, with names confirmed.
    pub fn apply(&self, answers: &Path, confirmed: &[&str]) -> Finished {
        let mut args = vec!["--yes"];
        args.extend(confirmed.iter().flat_map(|name| ["--confirm", name]));
        self.run.json("apply", answers, &args)
    }

    /// The pull test, without patience, as emulators change at once, and without what must be refused: their registry
    /// lets everybody push who may log in.
    pub fn pull_test(&self, answers: &Path) -> Finished {
        self.run.json("pull-test", answers, &["--wait", "0", "--skip-refusals"])
    }

    /// Makes the role by `apply`, which must work.
    pub fn applied(&self, answers: &Path) {
        let done = self.apply(answers, &[]).exits(0);
        assert_eq!(done.value()["outcome"], "done", "{done:#?}");
    }

    /// Fails where a token or a password is in the outputs or in what the program keeps.
    pub fn assert_no_secret(&self, finished: &Finished) {
        let token = std::fs::read_to_string(self.run.home().join("token")).expect("a token");
        for secret in [token.as_str(), self.registry.token()] {
            assert_nowhere(secret, &finished.outputs(), &self.run.state());
        }
        // The signature alone would do harm too.
        let signature = token.rsplit('.').next().expect("a signature");
        assert_nowhere(signature, &finished.outputs(), &self.run.state());
        finished.assert_plain();
    }
}

/// Every `cause` of a fault in a result.
pub fn causes(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = map.get("cause").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(map.values().flat_map(causes)).collect()
        }
        Value::Array(items) => items.iter().flat_map(causes).collect(),
        _ => Vec::new(),
    }
}

/// Fails unless a result holds a fault of this cause.
#[track_caller]
pub fn assert_cause(finished: &Finished, cause: &str) {
    let found = causes(&finished.value());
    assert!(found.iter().any(|found| found == cause), "{found:?} is not {cause}: {finished:#?}");
}

/// `id` and another word of each step or rung.
pub fn words(value: &Value, list: &str, word: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = value[list].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| (text(&item["id"]), text(&item[word]))).collect()
}

/// The word of one of them.
#[track_caller]
pub fn word_of(value: &Value, list: &str, id: &str, word: &str) -> String {
    let all = words(value, list, word);
    let found = all.iter().find(|(found, _)| found == id);
    found.unwrap_or_else(|| panic!("no {id} in {all:?}")).1.clone()
}
