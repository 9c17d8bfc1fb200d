//! Whatever of an account is kept from the review, the rest is reviewed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::app::task::{Report, TaskId};
use crate::domain::arn::{PolicyArn, RoleArn};
use crate::domain::host::RegistryHost;
use crate::domain::key::LastUse;
use crate::domain::review::account::{GroupEntry, Page, RoleEntry, Summary};
use crate::engine::fake::Fake;
use crate::engine::runner::Event;
use crate::ports::Roster;

/// An account whose answers are written down.
#[derive(Default)]
struct Script {
    details: Mutex<VecDeque<Result<Page, Fault>>>,
    roles: Mutex<VecDeque<Result<Page, Fault>>>,
    users: Mutex<VecDeque<Result<Page, Fault>>>,
    broken: Option<&'static str>,
    single: AtomicUsize,
}

fn next(answers: &Mutex<VecDeque<Result<Page, Fault>>>) -> Answer<'_, Page> {
    let answer = answers.lock().unwrap().pop_front();
    async move { answer.unwrap_or_else(|| Err(denied("not expected"))) }.boxed()
}

impl Roster for Script {
    fn details<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, Page> {
        next(&self.details)
    }

    fn roles<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, Page> {
        next(&self.roles)
    }

    fn role(&self, listed: RoleEntry) -> BoxFuture<'_, RoleEntry> {
        self.single.fetch_add(1, Ordering::SeqCst);
        let unread = (self.broken == Some(&listed.name)).then(|| denied("iam:GetRole"));
        async move { RoleEntry { unread, max_session_seconds: Some(3600), ..listed } }.boxed()
    }

    fn users<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, Page> {
        next(&self.users)
    }

    fn user(&self, listed: UserEntry) -> BoxFuture<'_, UserEntry> {
        async { listed }.boxed()
    }

    fn group<'a>(&'a self, _: &'a str) -> Answer<'a, Option<GroupEntry>> {
        async { Ok(None) }.boxed()
    }

    fn login(&self, user: UserEntry) -> BoxFuture<'_, UserEntry> {
        async { user }.boxed()
    }

    fn policy<'a>(&'a self, _: &'a PolicyArn) -> Answer<'a, Option<String>> {
        async { Err(denied("iam:GetPolicy")) }.boxed()
    }

    fn providers(&self) -> Answer<'_, Vec<(ProviderArn, Result<SeenProvider, Fault>)>> {
        async { Err(denied("iam:ListOpenIDConnectProviders")) }.boxed()
    }

    fn summary(&self) -> Answer<'_, Summary> {
        async { Ok(Summary([("Roles".to_owned(), 5)].into())) }.boxed()
    }

    fn repository_policy<'a>(
        &'a self,
        _: &'a RegistryHost,
        _: &'a str,
    ) -> Answer<'a, Option<String>> {
        async { Ok(None) }.boxed()
    }
}

fn denied(action: &str) -> Fault {
    Fault::new(Cause::PermissionDenied, format!("{action} is denied")).with("action", action)
}

fn busy() -> Fault {
    Fault::new(Cause::Throttled, "rate exceeded")
}

const WEB: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::112233445566:oidc-provider/issuer.example.com/a"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"issuer.example.com/a:aud":"okteto.example.com","issuer.example.com/a:sub":"system:serviceaccount:okteto:okteto"}}}]}"#;
const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn role(name: &str, path: &str, trust: &str) -> RoleEntry {
    RoleEntry {
        arn: RoleArn::parse(&format!("arn:aws:iam::112233445566:role{path}{name}")).unwrap(),
        name: name.to_owned(),
        path: path.to_owned(),
        trust: trust.to_owned(),
        created_at: None,
        max_session_seconds: None,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: LastUse::Unknown,
        unread: None,
    }
}

fn page(roles: &[(&str, &str, &str)], more: bool) -> Page {
    Page {
        roles: roles.iter().map(|(name, path, trust)| role(name, path, trust)).collect(),
        more: more.then(|| "more".to_owned()),
        ..Page::default()
    }
}

fn queue(answers: Vec<Result<Page, Fault>>) -> Mutex<VecDeque<Result<Page, Fault>>> {
    Mutex::new(answers.into())
}

/// The review, and the names in each of its reports of rows.
async fn reviewed(script: &Arc<Script>) -> (Result<Review, Fault>, Vec<Vec<String>>) {
    let (out, mut events) = unbounded_channel();
    let control = Control::new(TaskId(1), CancellationToken::new(), out);
    let world = World { roster: script.clone(), ..Arc::new(Fake::default()).world() };
    let review = review(&world, &control, "accepted.toml".into()).await;
    drop(control);
    let mut told = Vec::new();
    while let Some(event) = events.recv().await {
        if let Event::Report(_, Report::News(News::RolesJudged(rows, _))) = event {
            told.push(rows.iter().map(|row| row.entry.name.clone()).collect());
        }
    }
    (review, told)
}

fn names(review: &Review) -> Vec<&str> {
    review.roles.iter().map(|role| role.entry.name.as_str()).collect()
}

fn gaps(review: &Review) -> Vec<&str> {
    review.gaps.iter().map(|gap| gap.what.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_are_told_as_they_come_and_what_is_aws_own_is_left_out() {
    let script = Arc::new(Script {
        details: queue(vec![
            Ok(page(
                &[
                    ("b", "/", WEB),
                    ("AWSServiceRoleForECS", "/aws-service-role/ecs.amazonaws.com/", EC2),
                ],
                true,
            )),
            Ok(page(
                &[
                    ("a", "/", WEB),
                    ("ec2", "/", EC2),
                    ("AWSReservedSSO_x", "/aws-reserved/sso.amazonaws.com/", WEB),
                ],
                false,
            )),
        ]),
        ..Script::default()
    });
    let (review, told) = reviewed(&script).await;
    let review = review.unwrap();
    assert_eq!(names(&review), ["a", "b"]);
    assert_eq!(told, [["b"], ["a"]]);
    let Counts { roles, left_out, trusting, total, .. } = review.counts;
    assert_eq!((roles, left_out, trusting, total), (3, 2, 2, Some(5)));
    assert_eq!(gaps(&review), ["the account's identity providers"]);
}

#[tokio::test(start_paused = true)]
async fn while_aws_is_busy_it_waits_and_goes_on() {
    let mut answers: Vec<_> = (0..9).map(|_| Err(busy())).collect();
    answers.push(Ok(page(&[("a", "/", WEB)], false)));
    let script = Arc::new(Script { details: queue(answers), ..Script::default() });
    assert_eq!(names(&reviewed(&script).await.0.unwrap()), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_never_comes_leaves_what_was_read() {
    let script = Arc::new(Script {
        details: queue(vec![
            Ok(page(&[("a", "/", WEB)], true)),
            Err(denied("iam:GetAccountAuthorizationDetails")),
        ]),
        ..Script::default()
    });
    let review = reviewed(&script).await.0.unwrap();
    assert_eq!(names(&review), ["a"]);
    assert_eq!(gaps(&review)[0], "the account beyond 1 roles");
}

#[tokio::test(start_paused = true)]
async fn without_the_details_only_roles_of_web_identities_are_read_one_by_one() {
    let script = Arc::new(Script {
        details: queue(vec![Err(denied("iam:GetAccountAuthorizationDetails"))]),
        roles: queue(vec![
            Ok(page(&[("ec2", "/", EC2), ("web", "/", WEB)], true)),
            Ok(page(&[("broken", "/", WEB)], false)),
        ]),
        users: queue(vec![Err(denied("iam:ListUsers"))]),
        broken: Some("broken"),
        ..Script::default()
    });
    let (review, told) = reviewed(&script).await;
    let review = review.unwrap();
    assert_eq!(names(&review), ["broken", "web"]);
    assert_eq!(told, [["web"], ["broken"]]);
    assert_eq!(script.single.load(Ordering::SeqCst), 2);
    // One that cannot be read is a row with its reason.
    assert!(review.roles[0].entry.unread.is_some());
    assert_eq!(
        gaps(&review),
        [
            "the account's details at once",
            "the account's identity providers",
            "the account's users"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_of_which_nothing_can_be_read_says_why_twice() {
    let script = Arc::new(Script {
        details: queue(vec![Err(denied("iam:GetAccountAuthorizationDetails"))]),
        roles: queue(vec![Err(denied("iam:ListRoles"))]),
        ..Script::default()
    });
    let fault = reviewed(&script).await.0.unwrap_err();
    assert_eq!(fault.evidence["action"], "iam:GetAccountAuthorizationDetails");
    assert_eq!(fault.also.unwrap().evidence["action"], "iam:ListRoles");
}
