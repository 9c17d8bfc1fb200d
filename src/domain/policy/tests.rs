use super::*;
use crate::domain::access::Permissions;
use crate::domain::name::RepositoryPattern;
use crate::domain::sample::intent;

#[test]
fn the_trust_text_is_the_corrected_one_of_the_sibling_page() {
    let name =
        "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
    let expected = format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Principal": {{
        "Federated": "arn:aws:iam::112233445566:oidc-provider/{name}"
      }},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {{
        "StringEquals": {{
          "{name}:aud": "okteto.example.com/us-east-2",
          "{name}:sub": "system:serviceaccount:okteto:okteto"
        }}
      }}
    }}
  ]
}}"#
    );
    assert_eq!(trust::text(&intent()), expected);
}

#[test]
fn every_line_is_explained_and_two_differ_from_the_tutorial() {
    let text = trust::text(&intent());
    let lines = explain::lines(&text);
    let joined: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
    assert_eq!(joined.join("\n"), text);
    let differ: Vec<&str> = lines
        .iter()
        .filter(|l| l.contrast.as_ref().is_some_and(|c| c.differs))
        .map(|l| l.text.trim())
        .collect();
    assert_eq!(differ.len(), 2);
    let filled = trust::tutorial_text(&intent());
    let really: Vec<&str> = text
        .lines()
        .zip(filled.lines())
        .filter(|(ours, theirs)| ours != theirs)
        .map(|(ours, _)| ours.trim())
        .collect();
    assert_eq!(differ, really);
    let all: Vec<&str> = lines.iter().map(|l| l.reads.as_str()).collect();
    assert!(all.contains(&"Here ends the statement."), "{all:#?}");
    assert!(all.contains(&"Here ends StringEquals."), "{all:#?}");
    assert!(all.contains(&"The token must carry aud = okteto.example.com/us-east-2."));
}

#[test]
fn the_sentence_promises_only_what_holds() {
    let intent = intent();
    assert_eq!(
        trust::sentence(&intent, true),
        "Pods of okteto/okteto in myCluster may read ECR in account 112233445566. Nobody else may."
    );
    assert!(!trust::sentence(&intent, false).contains("Nobody else"));
}

#[test]
fn chosen_repositories_become_arns_of_their_registry() {
    let mut intent = intent();
    intent.host = crate::domain::host::RegistryHost::parse(
        "999999999999.dkr.ecr.us-gov-west-1.amazonaws.com",
    )
    .unwrap();
    let list = vec![RepositoryPattern::parse("team/base/*").unwrap()];
    let text = permission::inline(&intent.host, &list);
    assert!(
        text.contains(r#""arn:aws-us-gov:ecr:us-gov-west-1:999999999999:repository/team/base/*""#)
    );
    assert!(explain::lines(&text).iter().any(|l| l.reads == "The repository team/base/*."));
    intent.access.permissions = Permissions::Repositories(list);
    let preview = permission::preview(&intent.access, &intent.host);
    assert!(preview.is_sent && preview.text == text);
    assert!(permission::sentence(&intent.access, &intent.host, "role").contains("team/base/*"));
    for permissions in [Permissions::ReadOnly, Permissions::PullOnly] {
        intent.access.permissions = permissions;
        let preview = permission::preview(&intent.access, &intent.host);
        assert!(!preview.is_sent && Document::parse(&preview.text).is_ok());
        let lines = explain::lines(&preview.text);
        assert!(!lines.iter().any(|l| l.reads.starts_with("The call")), "{lines:#?}");
    }
}

#[test]
fn whoever_needs_no_token_is_told_in_a_sentence() {
    let text = r#"{
  "Statement": [
    {
      "Principal": {
        "AWS": "arn:aws:iam::112233445566:root",
        "Service": "ec2.amazonaws.com"
      },
      "Condition": {
        "ForAnyValue:StringLike": {
          "token.actions.githubusercontent.com:sub": "repo:acme*"
        },
        "IpAddressIfExists": {
          "aws:SourceIp": "192.0.2.0/24"
        }
      }
    },
    {
      "Principal": {
        "AWS": [
          "arn:aws:iam::112233445566:role/team/ci",
          "AIDACKCEVSQ6C2EXAMPLE"
        ]
      }
    },
    {
      "Principal": "*"
    }
  ]
}"#;
    let lines = explain::lines(text);
    let reads = |part: &str| &lines.iter().find(|l| l.text.contains(part)).unwrap().reads;
    let is = |part: &str, wanted: &str| assert_eq!(reads(part), wanted);
    is(
        ":root",
        "Whomever the account 112233445566 lets use it: root stands for the whole account.",
    );
    is("Service", "The AWS service ec2.amazonaws.com, on the account's behalf.");
    is("role/", "The role team/ci of the account 112233445566: whoever has assumed it.");
    assert!(reads("AIDACK").contains("gone"));
    is("\"*\"", "Everyone with an AWS account, unless a condition says otherwise.");
    is("acme*", "The token's sub is held against repo:acme*.");
    is(
        "aws:SourceIp",
        "What the request or the token says of aws:SourceIp is held against 192.0.2.0/24.",
    );
    is("IpAddress", "Each key is compared by IpAddress. It also holds where the key is absent.");
    for line in &lines {
        assert!(line.reads.ends_with('.'), "{line:?}");
        assert!(
            !line.reads.starts_with(char::is_lowercase) || line.text.contains("ec2"),
            "{line:?}"
        );
    }
}
