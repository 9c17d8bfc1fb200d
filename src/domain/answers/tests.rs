use proptest::prelude::*;

use super::*;
use crate::domain::custody::Custody;
use crate::domain::sample::{AUDIENCE, HOST, ISSUER, SUBJECT};

const WHOLE: &str = r#"
format = 1
mode = "oidc"
region = "us-east-2"
account = "112233445566"
registry = "112233445566.dkr.ecr.us-east-2.amazonaws.com"

[oidc]
issuer = "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c"
audience = "okteto.example.com/us-east-2"
subject = "system:serviceaccount:okteto:okteto"
role = "my-private-registry"

[iam_user]
user = "private-registry-user"
secret_to = "kubernetes"

[access]
policy = "repositories"
repositories = ["team/app", "team/base/*"]
path = "/"
permissions_boundary = "arn:aws:iam::112233445566:policy/b"
tags = { owner = "platform team", "a=b" = "" }
max_session_seconds = 3_600
description = "it's \"fine\""

[pull_test]
image = "team/app:latest"
platform = "linux/amd64"
depth = "smallest-layer"
token_file = "../t"

[cluster]
context = "c"
namespace = "okteto"
"#;

#[test]
fn the_file_of_the_documentation_is_read_whole_and_written_alike() {
    let draft = Answers::parse(WHOLE).unwrap();
    assert_eq!(draft.text(Field::Tags), "\"a=b\"= owner=\"platform team\"");
    assert_eq!(draft.text(Field::MaxSession), "3600");
    assert_eq!(draft.text(Field::TokenFile), "../t");
    let again = Answers::parse(&Answers::print(&draft)).unwrap();
    assert_eq!(again, draft);
}

#[test]
fn a_region_alone_stands_for_the_registry() {
    let draft = Answers::parse("format = 1\nregion = \"us-east-2\"").unwrap();
    assert_eq!(draft.text(Field::Registry), "us-east-2");
    assert_eq!(Answers::parse(&Answers::print(&draft)).unwrap(), draft);
}

#[test]
fn what_is_wrong_is_named_with_key_line_reason_and_example() {
    for (text, key, line, words) in [
        ("[oidc]\nisuer = 'x'", "oidc.isuer", "2", "oidc.issuer"),
        ("issuer = 'x'", "issuer", "1", "oidc.issuer"),
        ("[acess]\npath = '/'", "acess", "1", "access"),
        ("format = 2", "format", "1", "format 2"),
        ("format = '1'", "format", "1", "whole number"),
        ("mode = 'odic'", "mode", "1", "oidc"),
        ("account = 112233445566", "account", "1", "a text"),
        ("[oidc]\n\nissuer = 'http://x'", "oidc.issuer", "3", "https://"),
        ("[access]\nrepositories = 'a'", "access.repositories", "2", "list"),
        ("[access]\nrepositories = ['A/b']", "access.repositories", "2", "lower-case"),
        ("[access]\ntags = { 'aws:x' = 'y' }", "access.tags", "2", "aws:"),
        ("[access]\ntags = { 'okteto-ecr:run' = 'y' }", "access.tags", "2", "okteto-ecr:"),
        ("[access]\nmax_session_seconds = 60", "access.max_session_seconds", "2", "3600"),
        ("[access]\nmax_session_seconds = -1", "access.max_session_seconds", "2", "whole number"),
        ("[pull_test]\ndepth = 'deep'", "pull_test.depth", "2", "full"),
        ("[iam_user]\nsecret_to = 'file:'", "iam_user.secret_to", "2", "kubernetes"),
        ("oidc = 1", "oidc", "1", "a table"),
    ] {
        let fault = Answers::parse(text).unwrap_err();
        assert_eq!(fault.cause, Cause::BadAnswers, "{text}");
        assert_eq!((&*fault.evidence["key"], &*fault.evidence["line"]), (key, line), "{text}");
        assert!(fault.message.contains(words), "{text}: {fault}");
        assert!(fault.evidence.contains_key("example"), "{text}");
    }
}

#[test]
fn region_and_registry_may_not_contradict() {
    let text = format!("format = 1\nregion = 'eu-west-1'\nregistry = '{HOST}'");
    assert_eq!(Answers::parse(&text).unwrap_err().evidence["key"], "region");
    assert_eq!(Answers::parse("mode = 'oidc'").unwrap_err().evidence["key"], "format");
    assert_eq!(Answers::parse("format = = 1").unwrap_err().evidence["line"], "1");
}

fn drafts() -> impl Strategy<Value = Draft> {
    let tags = prop::collection::btree_map("[a-z=: ]{1,5}x", "[a-zé= ]{0,5}", 0..3);
    let option = |pattern: &'static str| prop::option::of(pattern);
    (
        (any::<bool>(), 0..3_u8, 0..3_u8, any::<bool>()),
        tags,
        (option("[a-z/:]{1,9}"), option("[a-z]{1,9}"), option("[a-z '\"\\\\]{1,9}")),
        (option("[ -~]{1,20}"), prop::option::of(3600..=43_200_u32)),
        prop::collection::vec("[a-z]{2,5}(/[a-z]{2,5})?", 0..3),
    )
        .prop_map(
            |(
                (user, policy, depth, region),
                tags,
                (context, namespace, path),
                (description, seconds),
                repositories,
            )| {
                let mut draft = Draft {
                    mode: if user { Mode::IamUser } else { Mode::Oidc },
                    account: region.then(|| "000000000001".to_owned()),
                    policy: [
                        PolicyChoice::ReadOnly,
                        PolicyChoice::PullOnly,
                        PolicyChoice::Repositories,
                    ][usize::from(policy)],
                    depth: [Depth::Full, Depth::SmallestLayer, Depth::Manifest][usize::from(depth)],
                    context,
                    custody: if user { CustodyChoice::File } else { CustodyChoice::default() },
                    ..Draft::default()
                };
                draft.set(Field::Namespace, namespace.clone().unwrap_or_default());
                draft.set(Field::User, namespace.unwrap_or_default());
                draft.set(Field::KeyFile, if user { "a b" } else { "" });
                draft.set(Field::Registry, if region { "us-east-2" } else { HOST });
                draft.set(Field::Issuer, ISSUER);
                draft.set(Field::Audience, AUDIENCE);
                draft.set(Field::Subject, SUBJECT);
                draft.set(Field::Tags, list::print_tags(&tags));
                draft.set(Field::TokenFile, path.unwrap_or_default());
                draft.set(Field::Description, description.unwrap_or_default());
                draft.set(Field::MaxSession, seconds.map_or(String::new(), |s| s.to_string()));
                draft.set(Field::Repositories, repositories.join(" "));
                draft
            },
        )
}

#[test]
fn the_examples_are_answers_of_a_whole_intent() {
    for (text, changes) in [
        (include_str!("../../../assets/answers.toml"), "read-only"),
        (include_str!("../../../assets/answers-repositories.toml"), "repositories"),
        (include_str!("../../../assets/answers-user.toml"), "pull-only"),
    ] {
        let draft = Answers::parse(text).unwrap();
        let intent = draft.intent(&crate::domain::sample::caller()).unwrap();
        assert_eq!(intent.access().permissions.word(), changes);
        assert_eq!(draft.pull_wish(&intent).unwrap().image.to_string(), "team/app:latest");
        assert_eq!(Answers::parse(&Answers::print(&draft)), Ok(draft));
    }
}

#[test]
fn where_the_secret_goes_is_read_and_written_alike_and_no_secret_is_there() {
    let custody = |secret_to: &str| {
        let text = format!(
            "format = 1\nmode = 'iam-user'\nregion = 'us-east-2'\n[iam_user]\nuser = 'u'\nsecret_to = '{secret_to}'\n\
             [cluster]\ncontext = 'c'\nnamespace = 'n'\n"
        );
        let draft = Answers::parse(&text).unwrap();
        let printed = Answers::print(&draft);
        assert!(printed.contains(&format!("secret_to = \"{secret_to}\"")), "{printed}");
        assert_eq!(Answers::parse(&printed), Ok(draft.clone()));
        let intent = draft.intent(&crate::domain::sample::caller()).unwrap();
        intent.user().unwrap().custody.clone()
    };
    let Custody::Kubernetes(place) = custody("kubernetes") else { panic!("no Secret") };
    let name = "okteto-ecr-112233445566-us-east-2";
    assert_eq!((place.context.as_deref(), &*place.namespace, &*place.name), (Some("c"), "n", name));
    assert_eq!(custody("file:keys/okteto"), Custody::File("keys/okteto".into()));
    assert_eq!(custody("show"), Custody::Show);
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(draft in drafts()) {
        let text = Answers::print(&draft);
        prop_assert_eq!(Answers::parse(&text).map_err(|f| f.message), Ok(draft), "{}", text);
    }

    #[test]
    fn no_text_makes_the_reader_fall(text in "[a-z\\[\\]={}'\".\n 0-9]{0,60}") {
        let _ = Answers::parse(&text);
    }
}
