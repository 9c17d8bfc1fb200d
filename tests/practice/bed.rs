//! A practice account served in the test's own process, and its tokens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use okteto_ecr::practice::account::Account;
use okteto_ecr::practice::account::difficulty::{Trouble, What};
use okteto_ecr::practice::front::{Clock, Front};
use okteto_ecr::practice::issuer::{Issuer, TokenRequest};
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::practice::wire::{Served, serve};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::support::Answers;

/// What is served, and how it is met.
pub struct Practice {
    pub served: Served,
    /// Access key and secret of the operator.
    pub root: (String, String),
    pub account: String,
    _runtime: Runtime,
}

impl Practice {
    /// The tutorial's world.
    pub fn start() -> Self {
        Self::of(&Scene::default())
    }

    pub fn of(scene: &Scene) -> Self {
        Self::at(scene, Arc::new(okteto_ecr::clock::now))
    }

    /// By another clock than this machine's.
    pub fn at(scene: &Scene, clock: Clock) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let front = Front::new(Account::new(scene), clock);
        let served = runtime.block_on(serve(front)).expect("ports on loopback");
        let (key, secret) =
            served.front.account().credentials(&scene.users[0].name).expect("the operator's key");
        let root = (key, secret.expose_secret().to_owned());
        Self { served, root, account: scene.account.clone(), _runtime: runtime }
    }

    /// What goes wrong from now on, `times` times.
    pub fn trouble(&self, on: &str, what: What, times: Option<u32>) {
        let trouble = Trouble { on: on.to_owned(), after: 0, times, what };
        self.served.front.account().trouble(trouble);
    }

    pub fn issuer(&self) -> Issuer {
        let account = self.served.front.account();
        let (url, _) = account.okteto();
        account.issuers().into_iter().find(|issuer| issuer.url == url).expect("the cluster")
    }

    /// A token as Okteto's cluster would make it.
    pub fn token(&self) -> String {
        self.sign(&TokenRequest::new(Answers::SUBJECT, &[Answers::AUDIENCE], 3600))
    }

    pub fn sign(&self, request: &TokenRequest) -> String {
        let now = self.served.front.now();
        self.issuer().sign(now, request).expect("a token").expose().to_owned()
    }

    /// Tokens as wanted, and wrong in one thing each.
    pub fn tokens(&self) -> BTreeMap<&'static str, String> {
        let good = TokenRequest::new(Answers::SUBJECT, &[Answers::AUDIENCE], 3600);
        let past = self.served.front.now() - Duration::from_mins(1);
        let token = self.sign(&good);
        let altered = alter(&token);
        BTreeMap::from([
            ("token", token),
            ("token_altered", altered),
            (
                "token_audience",
                self.sign(&TokenRequest::new(
                    Answers::SUBJECT,
                    &["okteto.example.com/elsewhere"],
                    3600,
                )),
            ),
            (
                "token_subject",
                self.sign(&TokenRequest::new(
                    "system:serviceaccount:default:default",
                    &[Answers::AUDIENCE],
                    3600,
                )),
            ),
            ("token_expired", self.sign(&good.clone().with("exp", json!(past.as_second())))),
            (
                "token_issuer",
                self.sign(&good.with("iss", json!("https://oidc.example.com/absent"))),
            ),
        ])
    }
}

/// The same token with a signature that is not its own.
pub fn alter(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let turned: String = signature.chars().rev().collect();
    format!("{signed}.{turned}")
}
