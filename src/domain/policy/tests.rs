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
