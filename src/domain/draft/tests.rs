use proptest::prelude::*;

use super::*;
use crate::domain::fault::Cause;
use crate::domain::sample::{AUDIENCE, HOST, ISSUER, SUBJECT, caller, intent};

const PROVIDER: &str = "arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
const ROLE: &str = "arn:aws:iam::112233445566:role/my-private-registry";

/// Every value of the tutorial, as its reader would have it in the clipboard.
const TUTORIAL: [&str; 16] = [
    ISSUER,
    SUBJECT,
    AUDIENCE,
    PROVIDER,
    ROLE,
    "my-private-registry",
    "private-registry-user",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
    "https://{AWS_ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com",
    "https://112233445566.dkr.ecr.us-east-2.amazonaws.com",
    "<<your-access-key>>",
    "${ROLE_ARN}",
    "${OIDC_ENDPOINT}:aud",
    "file://trust-policy.json",
    "sts:AssumeRoleWithWebIdentity",
    "ec2.amazonaws.com",
];

fn draft() -> Draft {
    let mut draft = Draft::default();
    draft.set(Field::Issuer, ISSUER);
    draft.set(Field::Audience, AUDIENCE);
    draft.set(Field::Subject, SUBJECT);
    draft.set(Field::Role, "my-private-registry");
    draft.set(Field::Registry, "us-east-2");
    draft
}

/// What a field makes of a text in the end: the value, or the problem's words.
fn made(field: Field, text: &str) -> Result<String, String> {
    let understood = field.understand(text).map_err(|p| p.what)?;
    field.check(&understood.value).map_err(|p| p.what)?;
    Ok(understood.value)
}

#[test]
fn each_value_of_the_tutorial_is_taken_or_named_in_every_field() {
    for field in Field::ALL {
        for text in TUTORIAL {
            for text in [text.to_owned(), format!("export X=\"{text}\"\n")] {
                let bare = text.starts_with("export") || field == Field::Description;
                match field.understand(&text) {
                    Ok(u) => {
                        assert!(bare || u.value == text || !u.notes.is_empty(), "{field:?} {text}");
                    }
                    Err(p) => assert!(!p.what.is_empty() && p.example == field.example(), "{p}"),
                }
            }
        }
    }
    let kinds = |field| TUTORIAL.map(|text| made(field, text).is_ok());
    let only = |places: &[usize]| std::array::from_fn(|at| places.contains(&at));
    assert_eq!(kinds(Field::Issuer), only(&[0, 3]));
    assert_eq!(kinds(Field::Subject), only(&[1]));
    assert_eq!(kinds(Field::Registry), only(&[9]));
    assert_eq!(kinds(Field::Boundary), only(&[7]));
    assert_eq!(kinds(Field::Role), only(&[4, 5, 6, 15]));
    assert_eq!(kinds(Field::MaxSession), only(&[]));
}

#[test]
fn the_wrong_kind_is_named() {
    for (field, text, words) in [
        (Field::Role, PROVIDER, "the ARN of an identity provider, a role's name"),
        (Field::Issuer, ROLE, "the ARN of a role, an issuer"),
        (Field::Role, HOST, "the host of a registry, a role's name"),
        (Field::Role, AUDIENCE, "an audience, by its look"),
        (Field::Registry, SUBJECT, "a subject"),
        (Field::Registry, "public.ecr.aws/x/y", "ECR Public"),
        (Field::Registry, ISSUER, "a URL"),
        (Field::Audience, ROLE, "the ARN of a role, an audience"),
        (Field::Subject, ISSUER, "a URL"),
        (Field::Image, HOST, "the host of a registry"),
        (Field::Issuer, "${OIDC_ENDPOINT}", "${OIDC_ENDPOINT} is a placeholder"),
        (Field::Role, "<<your-role>>", "<<your-role>> is a placeholder"),
        (Field::Audience, "$AUDIENCE", "$AUDIENCE is a placeholder"),
        (Field::Audience, "a\nb\n", "2 lines"),
        (Field::TokenFile, "eyJh.eyJi.c2ln", "a token"),
        (Field::Description, "AKIAIOSFODNN7EXAMPLE", "the id of an access key"),
    ] {
        let problem = field.understand(text).unwrap_err();
        assert!(problem.what.contains(words), "{text}: {problem}");
    }
}

#[test]
fn what_is_pasted_is_understood_and_said() {
    let digest = format!("team/app@sha256:{}", "a".repeat(64));
    for (field, text, value, words) in [
        (Field::Audience, "export AUDIENCE=\"a/us-east-2\"\r\n", "a/us-east-2", "(CR)"),
        (Field::Audience, "AUDIENCE='a b'", "a b", "took off AUDIENCE="),
        (Field::Audience, "“a”", "a", "smart quote (U+201C)"),
        (Field::Audience, "\u{a0}a\u{200b}b ", "ab", "zero-width space (U+200B)"),
        (Field::Audience, "\u{feff}a", "a", "byte order mark"),
        (Field::Issuer, PROVIDER, ISSUER, "provider's ARN"),
        (Field::Issuer, " https://x.example/a/ ", "https://x.example/a/", ""),
        (
            Field::Issuer,
            "https://x.example/.well-known/openid-configuration",
            "https://x.example",
            "openid-configuration",
        ),
        (Field::Role, "arn:aws:iam::112233445566:role/a/b/c", "c", "/a/b/"),
        (Field::Registry, &format!("https://{HOST}./"), HOST, "bare host"),
        (Field::Registry, &format!("{HOST}:443/team/app:1.0"), HOST, "bare host"),
        (Field::Registry, "arn:aws:ecr:us-east-2:112233445566:repository/a", HOST, "ARN"),
        (Field::Registry, "us-east-2", "us-east-2", ""),
        (
            Field::Issuer,
            &format!("\"OpenIDConnectProviderArn\": \"{PROVIDER}\""),
            ISSUER,
            "OpenIDConnectProviderArn: of a line of JSON",
        ),
        (Field::Role, &format!("  \"Arn\": \"{ROLE}\",\n"), "my-private-registry", "JSON"),
        (Field::Image, &format!("docker pull {HOST}/{digest}"), &digest, "registry's host"),
        (Field::Repositories, &format!("{HOST}/team/app:1, b/*"), "team/app b/*", "tag"),
        (Field::Tags, "OWNER=x", "OWNER=x", ""),
        (Field::Tags, "\"a b\"=\"c d\" e=f", "\"a b\"=\"c d\" e=f", ""),
    ] {
        let understood = field.understand(text).unwrap();
        assert_eq!(understood.value, value, "{text}");
        let notes = understood.notes.join("; ");
        assert!(notes.contains(words), "{text}: {notes}");
        assert_eq!(notes.is_empty(), words.is_empty(), "{text}: {notes}");
    }
}

#[test]
fn an_audience_of_another_region_is_a_warning_with_a_suggestion() {
    let mut draft = draft();
    assert_eq!(draft.judge(Field::Audience), Verdict::Good);
    assert_eq!(draft.suggestion(Field::Audience), None);
    draft.set(Field::Audience, "okteto.example.com/us-west-2");
    assert_eq!(
        draft.judge(Field::Audience),
        Verdict::Warning("Says us-west-2, but the registry is in us-east-2".to_owned())
    );
    assert_eq!(draft.suggestion(Field::Audience).as_deref(), Some(AUDIENCE));
    draft.set(Field::Issuer, "x.example/id/1");
    assert_eq!(draft.suggestion(Field::Issuer).as_deref(), Some("https://x.example/id/1"));
    draft.set(Field::Issuer, "https://eastus.oic.prod-aks.azure.com/t/u");
    assert!(matches!(draft.judge(Field::Issuer), Verdict::Warning(_)));
    assert!(draft.suggestion(Field::Issuer).unwrap().ends_with("/u/"));
    draft.set(Field::Subject, "");
    assert_eq!(draft.judge(Field::Subject), Verdict::Empty);
    assert_eq!(draft.suggestion(Field::Subject).as_deref(), Some(SUBJECT));
}

#[test]
fn the_registry_is_held_against_the_caller() {
    let mut draft = draft();
    assert_eq!(draft.judge_for(Field::Registry, Some(&caller())), Verdict::Good);
    draft.set(Field::Registry, HOST.replace("112233445566", "999999999999"));
    let verdict = draft.judge_for(Field::Registry, Some(&caller()));
    assert!(
        matches!(&verdict, Verdict::Warning(w) if w.contains("repository policy")),
        "{verdict:?}"
    );
    draft.set(Field::Registry, "us-gov-west-1");
    let verdict = draft.judge_for(Field::Registry, Some(&caller()));
    assert!(matches!(&verdict, Verdict::Wrong(p) if p.what.contains("aws-us-gov")), "{verdict:?}");
    for field in [Field::Image, Field::Repositories] {
        assert!(field.check(&format!("{HOST}/team/app")).is_err());
    }
}

#[test]
fn the_draft_becomes_the_intent_and_shows_what_follows() {
    assert_eq!(draft().intent(&caller()).unwrap(), intent().into());
    let derived = draft().derived(Some(&caller()));
    assert_eq!(derived.provider_arn.as_deref(), Some(PROVIDER));
    assert_eq!(derived.host.as_deref(), Some(HOST));
    assert_eq!(derived.role_arn.as_deref(), Some(ROLE));
    assert_eq!(derived.keys.unwrap()[0], format!("{}:aud", ISSUER.trim_start_matches("https://")));
    assert_eq!(Draft::default().derived(None), Derived::default());
    let mut pull = draft();
    pull.set(Field::Image, "team/app");
    assert_eq!(pull.pull_wish(&intent().into()).unwrap().image.to_string(), "team/app:latest");
    assert_eq!(draft().pull_wish(&intent().into()).unwrap_err().evidence["key"], "pull_test.image");
}

#[test]
fn what_does_not_hold_together_is_named() {
    type Spoil = fn(&mut Draft);
    let cases: [(Spoil, Cause, &str); 8] = [
        (|d| d.account = Some("000000000001".to_owned()), Cause::WrongAccount, "000000000001"),
        (|d| d.set(Field::Registry, "cn-north-1"), Cause::WrongAccount, "partition"),
        (|d| d.set(Field::Registry, ""), Cause::BadAnswers, "registry"),
        (|d| d.set(Field::Issuer, ""), Cause::BadAnswers, "oidc.issuer"),
        (|d| d.policy = PolicyChoice::Repositories, Cause::BadAnswers, "access.repositories"),
        (
            |d| d.set(Field::Boundary, "arn:aws-cn:iam::112233445566:policy/b"),
            Cause::BadAnswers,
            "access.permissions_boundary",
        ),
        (|d| d.mode = Mode::IamUser, Cause::BadAnswers, "iam_user.user"),
        (|d| d.set(Field::Tags, "a=1 a=2"), Cause::BadAnswers, "access.tags"),
    ];
    for (spoil, cause, words) in cases {
        let mut draft = draft();
        spoil(&mut draft);
        let fault = draft.intent(&caller()).unwrap_err();
        assert_eq!(fault.cause, cause);
        assert!(fault.message.contains(words), "{fault}");
    }
}

#[test]
fn limits_of_tags_description_and_session() {
    for (field, text) in [
        (Field::Tags, "aws:x=1".to_owned()),
        (Field::Tags, "AWS:x=1".to_owned()),
        (Field::Tags, "okteto-ecr:run=1".to_owned()),
        (Field::Tags, "=1".to_owned()),
        (Field::Tags, "a".to_owned()),
        (Field::Tags, "a=<".to_owned()),
        (Field::Tags, format!("{}=1", "k".repeat(129))),
        (Field::Tags, format!("k={}", "v".repeat(257))),
        (Field::Tags, (0..49).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(" ")),
        (Field::Description, "€".to_owned()),
        (Field::Description, "d".repeat(1001)),
        (Field::MaxSession, "3599".to_owned()),
        (Field::MaxSession, "43201".to_owned()),
        (Field::Platform, "linux".to_owned()),
        (Field::Platform, "linux/".to_owned()),
    ] {
        assert!(field.check(&text).is_err(), "{field:?} {text}");
    }
    assert!(Field::Tags.check(&format!("{}={}", "k".repeat(128), "v".repeat(256))).is_ok());
    assert!(Field::Description.check("Zugriff für Okteto").is_ok());
}

proptest! {
    #[test]
    fn nothing_pasted_makes_a_field_fall_and_twice_is_once(text in ".{0,40}", at in 0..14_usize) {
        let field = Field::ALL[at];
        if let Ok(once) = field.understand(&text) {
            let mut draft = draft();
            draft.set(field, once.value.clone());
            let _ = (draft.judge(field), draft.suggestion(field), draft.intent(&caller()));
            prop_assert!(!once.value.contains('\n'));
        }
    }
}
