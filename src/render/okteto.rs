//! The `Registry` object of Okteto, ready for `kubectl apply`.

use serde::Serialize;

use crate::domain::handoff::Handoff;

/// The namespace of Okteto's guides.
pub const NAMESPACE: &str = "okteto";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    api_version: &'a str,
    kind: &'a str,
    metadata: Metadata<'a>,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    name: String,
    namespace: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    aws_iam_role: AwsIamRole<'a>,
}

#[derive(Serialize)]
struct AwsIamRole<'a> {
    audience: &'a str,
    #[serde(rename = "roleARN")]
    role_arn: &'a str,
}

/// The manifest as YAML: `admin.okteto.com/v1`, `Registry`, named by the registry's bare host. Without a namespace it
/// is `okteto`. The label that would make it editable in the dashboard is left out on purpose.
///
/// # Errors
/// The serializer's; none is known for these texts.
pub fn manifest(
    handoff: &Handoff,
    namespace: Option<&str>,
) -> Result<String, serde_saphyr::ser::Error> {
    serde_saphyr::to_string(&Manifest {
        api_version: "admin.okteto.com/v1",
        kind: "Registry",
        metadata: Metadata {
            // The names of Kubernetes objects are lower-case.
            name: handoff.hostname.to_lowercase(),
            namespace: namespace.unwrap_or(NAMESPACE),
        },
        spec: Spec {
            aws_iam_role: AwsIamRole {
                audience: &handoff.audience,
                role_arn: handoff.role_arn.as_str(),
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::intent;
    use serde_json::{Value, json};

    #[test]
    fn the_manifest_is_the_documented_one() {
        let handoff = Handoff::new(&intent(), intent().role_arn());
        let text = manifest(&handoff, None).unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(
            read,
            json!({
                "apiVersion": "admin.okteto.com/v1",
                "kind": "Registry",
                "metadata": {
                    "name": "112233445566.dkr.ecr.us-east-2.amazonaws.com",
                    "namespace": "okteto",
                },
                "spec": { "awsIamRole": {
                    "audience": "okteto.example.com/us-east-2",
                    "roleARN": "arn:aws:iam::112233445566:role/my-private-registry",
                }},
            }),
            "{text}"
        );
    }

    #[test]
    fn values_that_yaml_would_read_otherwise_are_quoted() {
        let mut handoff = Handoff::new(&intent(), intent().role_arn());
        for audience in ["true", "1.0", "a: b", "#x", "null", "012"] {
            handoff.audience = audience.to_owned();
            let text = manifest(&handoff, Some("123")).unwrap();
            let read: Value = serde_saphyr::from_str(&text).unwrap();
            assert_eq!(read["spec"]["awsIamRole"]["audience"], audience, "{text}");
            assert_eq!(read["metadata"]["namespace"], "123", "{text}");
        }
    }
}
