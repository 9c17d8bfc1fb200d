//! What the practice cluster says to a manifest: it knows Okteto's `Registry` kind and holds a manifest against the rules
//! that Okteto's guide states (`self-hosted/manage/crds.mdx`, "Private Registries").

use serde_json::Value;

use crate::domain::arn::RoleArn;
use crate::domain::fault::{Cause, Fault};

/// The webhook that a practice cluster plays.
const WEBHOOK: &str = "registries.practice";

/// Whether the cluster would take it. Nothing is kept.
///
/// # Errors
/// `registry-kind-missing` for what is no `Registry`, `admission-refused` with the rule that it breaks.
pub fn admit(manifest: &str) -> Result<(), Fault> {
    let manifest: Value = serde_saphyr::from_str(manifest)
        .map_err(|error| refused(&format!("it is not YAML: {error}")))?;
    let text = |at: &str| manifest.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    if (version, kind) != ("admin.okteto.com/v1", "Registry") {
        let said = format!("no matches for kind \"{kind}\" in version \"{version}\"");
        return Err(Fault::new(
            Cause::RegistryKindMissing,
            format!("the cluster does not know this kind: {said}"),
        )
        .with("kubectl_said", said)
        .remedy("Okteto's kind is Registry of admin.okteto.com/v1"));
    }
    let name = text("/metadata/name");
    if !is_subdomain(name) {
        return Err(refused(&format!(
            "metadata.name: {name:?} is not a lower-case DNS name without scheme, port or path"
        )));
    }
    if !name.ends_with(".amazonaws.com") {
        return Err(refused(&format!("metadata.name: {name:?} does not end in .amazonaws.com")));
    }
    let ways = ["static", "awsIamUser", "awsIamRole"];
    if ways.iter().filter(|way| manifest["spec"].get(**way).is_some()).count() != 1 {
        return Err(refused("spec: exactly one of static, awsIamUser and awsIamRole is needed"));
    }
    if let Some(user) = manifest["spec"].get("awsIamUser") {
        return refs(user);
    }
    if manifest["spec"].get("awsIamRole").is_none() {
        return Ok(());
    }
    if text("/spec/awsIamRole/audience").is_empty() {
        return Err(refused("spec.awsIamRole.audience: required"));
    }
    match RoleArn::parse(text("/spec/awsIamRole/roleARN")) {
        Ok(_) => Ok(()),
        Err(problem) => Err(refused(&format!("spec.awsIamRole.roleARN: {}", problem.what))),
    }
}

/// The two references of `awsIamUser`, each with `key` and `name`. Whether their Secret is there is not asked: the guide
/// says to make it first, and not that anything is refused otherwise.
fn refs(user: &Value) -> Result<(), Fault> {
    for field in ["accessKeyIDSecretRef", "secretAccessKeySecretRef"] {
        let text = |part: &str| user[field][part].as_str().unwrap_or_default();
        if user.get(field).is_none() {
            return Err(refused(&format!("spec.awsIamUser.{field}: required")));
        }
        let (key, name) = (text("key"), text("name"));
        if !is_data_key(key) {
            return Err(refused(&format!(
                "spec.awsIamUser.{field}.key: {key:?} is no key of a Secret's data"
            )));
        }
        if !is_subdomain(name) {
            return Err(refused(&format!(
                "spec.awsIamUser.{field}.name: {name:?} is no name of a Secret"
            )));
        }
    }
    Ok(())
}

/// As Kubernetes lets a key of a Secret's data be ("Secrets", "Constraints on Secret names and data").
fn is_data_key(key: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    (1..=253).contains(&key.len()) && key.bytes().all(good)
}

fn refused(rule: &str) -> Fault {
    Fault::new(Cause::AdmissionRefused, format!("the cluster refuses the manifest: {rule}"))
        .with("webhook", WEBHOOK)
        .with("webhook_said", rule)
        .remedy("change what it names; Okteto's dialog of step 6 asks for the same values")
}

/// RFC 1123 subdomain, as Kubernetes names objects ("Object Names and IDs").
fn is_subdomain(name: &str) -> bool {
    let good = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        !label.is_empty()
            && label.bytes().all(|b| inner(b) || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handoff::Handoff;
    use crate::domain::sample::{intent, user_intent};
    use crate::render::okteto::manifest;

    #[test]
    fn it_admits_what_this_program_writes_and_refuses_each_broken_rule() {
        let good = manifest(&Handoff::of_role(&intent(), intent().role_arn()), "okteto").unwrap();
        assert_eq!(admit(&good), Ok(()));
        for (from, to, cause, rule) in [
            ("Registry", "PrivateRegistry", Cause::RegistryKindMissing, "PrivateRegistry"),
            ("admin.okteto.com/v1", "okteto.com/v1", Cause::RegistryKindMissing, "okteto.com/v1"),
            ("name: 1", "name: https://1", Cause::AdmissionRefused, "metadata.name"),
            ("amazonaws.com\n", "amazonaws.com.cn\n", Cause::AdmissionRefused, ".amazonaws.com"),
            ("us-east-2.amazonaws", "US-EAST-2.amazonaws", Cause::AdmissionRefused, "lower-case"),
            (
                "audience: okteto.example.com/us-east-2",
                "audience: ''",
                Cause::AdmissionRefused,
                "audience",
            ),
            ("roleARN", "roleArn", Cause::AdmissionRefused, "roleARN"),
            (":role/", ":oidc-provider/", Cause::AdmissionRefused, "roleARN"),
            ("awsIamRole", "awsIAMRole", Cause::AdmissionRefused, "exactly one"),
        ] {
            let fault = admit(&good.replace(from, to)).unwrap_err();
            assert_eq!(fault.cause, cause, "{to}");
            assert!(fault.message.contains(rule), "{to}: {fault}");
        }
    }

    #[test]
    fn a_user_is_two_references_to_a_secret() {
        let good = manifest(&Handoff::of_user(&user_intent(), None), "okteto").unwrap();
        assert_eq!(admit(&good), Ok(()));
        assert!(good.contains("accessKeyIDSecretRef") && good.contains("secretAccessKeySecretRef"));
        for (from, to, rule) in [
            ("accessKeyIDSecretRef", "accessKeyIdSecretRef", "accessKeyIDSecretRef: required"),
            ("secretAccessKeySecretRef", "secretRef", "secretAccessKeySecretRef: required"),
            ("key: accessKeyId", "field: accessKeyId", "accessKeyIDSecretRef.key"),
            ("key: secretAccessKey", "key: 'secret key'", "secretAccessKeySecretRef.key"),
            ("name: okteto-ecr", "name: Okteto-ecr", "Ref.name"),
            ("name: okteto-ecr", "of: okteto-ecr", "Ref.name"),
            ("awsIamUser", "awsIAMUser", "exactly one"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from} is not there: {good}");
            let fault = admit(&bad).unwrap_err();
            assert_eq!(fault.cause, Cause::AdmissionRefused, "{to}");
            assert!(fault.message.contains(rule), "{to}: {fault}");
        }
    }
}
