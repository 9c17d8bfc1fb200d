//! The Secret that holds an access key: looked at without what is in it, written by standard input.
//!
//! Never by `kubectl apply`: its client side keeps the whole manifest, the secret included, in an annotation
//! (`kubectl.kubernetes.io/last-applied-configuration`), which `kubectl describe` shows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::complaints;
use crate::domain::custody::{
    KEY_ANNOTATION, MANAGED_BY, SECRET_KEYS, SecretPlace, SeenPlace, SeenSecret,
};
use crate::domain::fault::{Cause, Fault};
use crate::domain::key::KeyId;
use crate::domain::secret::AccessKey;

/// What a dry run writes in the place of a key.
const MADE_UP: &str = "made-up-by-a-dry-run";

/// Three fields of the metadata, a line each; nothing of what is in the Secret (kubectl reference, "`JSONPath` Support").
pub(super) fn metadata() -> String {
    let escaped = |name: &str| name.replace('.', "\\.");
    let (label, annotation) = (escaped(MANAGED_BY.0), escaped(KEY_ANNOTATION));
    format!(
        "jsonpath={{.metadata.resourceVersion}}{{\"\\n\"}}{{.metadata.labels.{label}}}{{\"\\n\"}}{{.metadata.annotations.{annotation}}}"
    )
}

/// What the three lines say; nothing where there is no Secret.
pub(super) fn seen(lines: &str) -> Option<SeenSecret> {
    let mut lines = lines.lines();
    let version = lines.next().filter(|version| !version.is_empty())?.to_owned();
    let is_ours = lines.next() == Some(MANAGED_BY.1);
    let key = lines.next().and_then(|key| KeyId::parse(key).ok());
    Some(SeenSecret { is_ours, key, version })
}

/// A Secret that is there is written anew if it is ours; another's is left alone.
pub(super) fn place(seen: Option<SeenSecret>, of: &SecretPlace) -> Result<SeenPlace, Fault> {
    match seen {
        None => Ok(SeenPlace::Free),
        Some(seen) if seen.is_ours => Ok(SeenPlace::Ours(seen)),
        Some(_) => Err(foreign(of)),
    }
}

fn foreign(of: &SecretPlace) -> Fault {
    let message = format!("there is a {of} that this program did not make");
    Fault::new(Cause::Conflict, message).with("resource", of.to_string()).remedy(
        "see what uses it; if nothing does, delete it or give it another name, or let the secret go elsewhere",
    )
}

/// The Secret as it is sent; without a key with made-up values, for a dry run. JSON, which kubectl takes as it does YAML.
pub(super) fn manifest(
    place: &SecretPlace,
    key: Option<&AccessKey>,
    over: Option<&SeenSecret>,
) -> SecretString {
    let [id_field, secret_field] = SECRET_KEYS;
    let (id, secret) =
        key.map_or((MADE_UP, MADE_UP), |key| (key.id.as_str(), key.secret.expose_secret()));
    let mut manifest = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": place.name,
            "namespace": place.namespace,
            "labels": { MANAGED_BY.0: MANAGED_BY.1 },
            "annotations": { KEY_ANNOTATION: id },
        },
    });
    if let Some(over) = over {
        // A change in between makes it a conflict (Kubernetes API concepts, "Resource versions").
        manifest["metadata"]["resourceVersion"] = over.version.as_str().into();
    }
    // Put together by hand, so that no copy of the secret is left in a tree of values.
    let encoded = Zeroizing::new(STANDARD.encode(secret));
    let head = manifest.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    crate::domain::secret::taken(format!(
        "{head},\"data\":{{\"{id_field}\":\"{}\",\"{secret_field}\":\"{}\"}}}}",
        STANDARD.encode(id),
        *encoded
    ))
}

#[derive(Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

/// Borrowed from the answer, so that it is wiped with it.
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "accessKeyId")]
    id: Option<&'a str>,
    #[serde(rename = "secretAccessKey")]
    secret: Option<&'a str>,
}

/// The key in a Secret, of the API server's answer.
pub(super) fn key(answer: &[u8], of: &SecretPlace) -> Result<AccessKey, Fault> {
    let [id_field, secret_field] = SECRET_KEYS;
    let wrong = |why: String| {
        Fault::new(Cause::AccessKeyUnknown, format!("the {of} holds no access key: {why}"))
            .with("resource", of.to_string())
            .remedy(format!("put the key into it under {id_field} and {secret_field}"))
    };
    let stored: Stored<'_> = serde_json::from_slice(answer)
        .map_err(|error| wrong(format!("it cannot be read (column {})", error.column())))?;
    let data = stored.data.ok_or_else(|| wrong("it is empty".to_owned()))?;
    let text = |field: &str, value: Option<&str>| {
        let value = value.ok_or_else(|| wrong(format!("{field} is missing")))?;
        let bytes = STANDARD.decode(value).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| wrong(format!("{field} is no base64")))?;
        // What was put there by hand may end in a line end, which is no part of it for anybody but a careless shell.
        let text = std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned()));
        text.map_err(|_| wrong(format!("{field} is no text")))
    };
    let (id, secret) = (text(id_field, data.id)?, text(secret_field, data.secret)?);
    let id = KeyId::parse(&id).map_err(|problem| wrong(format!("{id_field}: {}", problem.what)))?;
    Ok(AccessKey { id, secret: SecretString::from(secret.as_str()) })
}

/// A complaint with the secret taken out, in either form.
pub(super) fn without(stderr: &str, key: &AccessKey) -> String {
    let secret = key.secret.expose_secret();
    let encoded = Zeroizing::new(STANDARD.encode(secret));
    stderr.replace(secret, "…").replace(encoded.as_str(), "…")
}

/// kubectl's complaint about a Secret as a fault.
pub(super) fn refused(stderr: &str) -> Fault {
    let said: String = complaints(stderr).join(" ").chars().take(600).collect();
    let has = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    let fault = if has(&["(NotFound)"]) && has(&["namespaces"]) {
        Fault::new(Cause::AdmissionRefused, "the cluster has no such namespace").remedy(
            "check that this is the cluster Okteto runs in, and name Okteto's namespace there",
        )
    } else if has(&["(NotFound)"]) {
        Fault::new(Cause::AccessKeyUnknown, "the cluster has no such Secret")
            .remedy("make the key with plan and apply, by a rotation where the user has one whose secret nobody has, or name the namespace that the Secret is in")
    } else if has(&["(AlreadyExists)", "(Conflict)", "the object has been modified"]) {
        Fault::new(Cause::Conflict, "the Secret was changed by somebody else just now")
            .remedy("make the plan again: it shows what is there now")
    } else if has(&["denied the request", "denied request:", "denied by"]) {
        Fault::new(Cause::AdmissionRefused, "a policy of the cluster refuses the Secret")
            .remedy("ask the owner of the policy that it names, or let the secret go elsewhere")
    } else if has(&["(Forbidden)", "is forbidden"]) {
        Fault::new(Cause::ClusterPermissionMissing, "the cluster does not let this user do it")
            .remedy("ask for the right to get, create and update Secrets in the namespace, or let the secret go elsewhere")
    } else if has(&["(Invalid)", "is invalid", "(BadRequest)", "error validating"]) {
        Fault::new(Cause::AdmissionRefused, "the cluster finds the Secret invalid")
            .remedy("correct the field that it names")
    } else if has(&["invalid argument \"server\""]) {
        Fault::new(Cause::Unexplained, "this kubectl cannot try a Secret on the server")
            .remedy("install kubectl 1.18 or newer")
    } else {
        return super::refused(stderr);
    };
    Fault { message: format!("{}: {said}", fault.message), ..fault }.with("kubectl_said", said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn place_of() -> SecretPlace {
        SecretPlace {
            context: None,
            namespace: "okteto".to_owned(),
            name: "okteto-ecr-112233445566-us-east-2".to_owned(),
        }
    }

    #[test]
    fn a_complaint_that_quotes_the_secret_is_told_without_it() {
        let key = AccessKey {
            id: KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap(),
            secret: SecretString::from(SECRET),
        };
        let quoting = format!(
            "Error from server: admission webhook \"w\" denied the request: {SECRET} {}",
            STANDARD.encode(SECRET)
        );
        let fault = refused(&without(&quoting, &key));
        assert_eq!(fault.cause, Cause::AdmissionRefused);
        let told = format!("{fault:?}");
        assert!(!told.contains(SECRET) && !told.contains(&STANDARD.encode(SECRET)), "{told}");
    }

    #[test]
    fn what_is_sent_is_read_again() {
        let key = AccessKey {
            id: KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap(),
            secret: SecretString::from(SECRET),
        };
        let over = SeenSecret { is_ours: true, key: None, version: "17".to_owned() };
        let sent = manifest(&place_of(), Some(&key), Some(&over));
        let value: serde_json::Value = serde_json::from_str(sent.expose_secret()).unwrap();
        assert_eq!(value["metadata"]["resourceVersion"], "17");
        assert_eq!(value["metadata"]["annotations"][KEY_ANNOTATION], key.id.as_str());
        assert_eq!(value["type"], "Opaque");
        let read = super::key(sent.expose_secret().as_bytes(), &place_of()).unwrap();
        assert_eq!((read.id, read.secret.expose_secret()), (key.id, SECRET));
        let dry = manifest(&place_of(), None, None);
        assert!(!dry.expose_secret().contains("resourceVersion"));
    }

    #[test]
    fn a_secret_without_a_key_says_what_is_missing() {
        for (answer, why) in [
            (
                r#"{"data":{"accessKeyId":"QUtJQUlPU0ZPRE5ON0VYQU1QTEU="}}"#,
                "secretAccessKey is missing",
            ),
            (
                r#"{"data":{"accessKeyId":"QQ==","secretAccessKey":"QQ=="}}"#,
                "accessKeyId: this is no id",
            ),
            (r#"{"data":{"accessKeyId":"%","secretAccessKey":"QQ=="}}"#, "no base64"),
            ("{}", "empty"),
            ("[", "cannot be read"),
        ] {
            let fault = super::key(answer.as_bytes(), &place_of()).unwrap_err();
            assert_eq!(fault.cause, Cause::AccessKeyUnknown);
            assert!(fault.message.contains(why), "{fault}");
        }
    }

    #[test]
    fn only_ours_is_written_anew() {
        assert_eq!(seen(""), None);
        assert_eq!(place(None, &place_of()), Ok(SeenPlace::Free));
        let ours = seen("17\nokteto-ecr\nAKIAIOSFODNN7EXAMPLE").unwrap();
        assert_eq!(ours.key.as_ref().map(KeyId::as_str), Some("AKIAIOSFODNN7EXAMPLE"));
        assert!(matches!(place(Some(ours), &place_of()), Ok(SeenPlace::Ours(_))));
        for foreign in ["17\n\n", "17\nHelm\nAKIAIOSFODNN7EXAMPLE", "17"] {
            let fault = place(seen(foreign), &place_of()).unwrap_err();
            assert_eq!(fault.cause, Cause::Conflict);
        }
    }
}
