//! The `Registry` object of Okteto, ready for `kubectl apply`.

use serde::Serialize;

use crate::domain::custody::SECRET_KEYS;
use crate::domain::handoff::{Credential, Handoff};

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
enum Spec<'a> {
    AwsIamRole {
        audience: &'a str,
        #[serde(rename = "roleARN")]
        role_arn: &'a str,
    },
    AwsIamUser {
        #[serde(rename = "accessKeyIDSecretRef")]
        id: SecretRef<'a>,
        #[serde(rename = "secretAccessKeySecretRef")]
        secret: SecretRef<'a>,
    },
}

/// A field of a Secret in the same namespace.
#[derive(Serialize)]
struct SecretRef<'a> {
    key: &'a str,
    name: &'a str,
}

/// The manifest as YAML: `admin.okteto.com/v1`, `Registry`, named by the registry's bare host. Of a user's key it names
/// the Secret, which has to be there. The label that would make it editable in the dashboard is left out on purpose.
///
/// # Errors
/// The serializer's; none is known for these texts.
pub fn manifest(handoff: &Handoff, namespace: &str) -> Result<String, serde_saphyr::ser::Error> {
    let spec = match &handoff.credential {
        Credential::Role { role_arn, audience } => {
            Spec::AwsIamRole { audience, role_arn: role_arn.as_str() }
        }
        Credential::User { secret, .. } => {
            let [id, secret] = SECRET_KEYS.map(|key| SecretRef { key, name: secret });
            Spec::AwsIamUser { id, secret }
        }
    };
    serde_saphyr::to_string(&Manifest {
        api_version: "admin.okteto.com/v1",
        kind: "Registry",
        metadata: Metadata {
            // The names of Kubernetes objects are lower-case.
            name: handoff.hostname.to_lowercase(),
            namespace,
        },
        spec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{intent, user_intent};
    use serde_json::{Value, json};

    #[test]
    fn the_manifest_is_the_documented_one() {
        let handoff = Handoff::of_role(&intent(), intent().role_arn());
        let text = manifest(&handoff, "okteto").unwrap();
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
        for audience in ["true", "1.0", "a: b", "#x", "null", "012"] {
            let mut handoff = Handoff::of_role(&intent(), intent().role_arn());
            let role_arn = intent().role_arn();
            handoff.credential = Credential::Role { role_arn, audience: audience.to_owned() };
            let text = manifest(&handoff, "123").unwrap();
            let read: Value = serde_saphyr::from_str(&text).unwrap();
            assert_eq!(read["spec"]["awsIamRole"]["audience"], audience, "{text}");
            assert_eq!(read["metadata"]["namespace"], "123", "{text}");
        }
    }

    #[test]
    fn a_users_key_is_named_by_its_secret() {
        let text = manifest(&Handoff::of_user(&user_intent(), None), "okteto").unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        let name = "okteto-ecr-112233445566-us-east-2";
        assert_eq!(
            read["spec"],
            json!({ "awsIamUser": {
                "accessKeyIDSecretRef": { "key": "accessKeyId", "name": name },
                "secretAccessKeySecretRef": { "key": "secretAccessKey", "name": name },
            }}),
            "{text}"
        );
    }
}
