//! Why a manifest would not be taken, read from kubectl's words.
//!
//! kubectl and the API server have no machine-readable form for this: `apply` prints the message of the server's
//! `Status`, after `Error from server (REASON): error when creating "STDIN":` (k8s.io/kubectl, `pkg/cmd/util`).

use super::complaints;
use crate::domain::fault::{Cause, Fault};

/// The flag by which nothing changes: validation, defaulting and admission are run, nothing is stored (Kubernetes API
/// concepts, "Dry-run"). An older kubectl than 1.18 takes no value here and refuses to run.
pub(super) const DRY_RUN: &str = "--dry-run=server";

/// kubectl's complaint about a manifest as a fault.
pub(super) fn refused(stderr: &str) -> Fault {
    let said: String = complaints(stderr).join(" ").chars().take(600).collect();
    let has = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    let fault = if has(&["no matches for kind", "doesn't have a resource type"]) {
        Fault::new(Cause::RegistryKindMissing, "the cluster has no Registry kind of Okteto")
            .remedy(
                "check that this is the cluster Okteto runs in: the kind comes with Okteto, from version 1.14 on, with awsIamRole from 1.22 on; kubectl get crd lists what is there",
            )
    } else if has(&["does not support dry run"]) {
        Fault::new(Cause::Unexplained, "a webhook of the cluster cannot be asked without a change")
            .remedy("apply the manifest by hand and look at what the cluster answers")
    } else if let Some((webhook, reason)) = denied(&said) {
        Fault::new(Cause::AdmissionRefused, format!("the cluster refuses the manifest: {reason}"))
            .with("webhook", webhook)
            .with("webhook_said", reason)
            .remedy("change what it names; Okteto's dialog of step 6 asks for the same values")
    } else if has(&["failed calling webhook", "failed to call webhook"]) {
        Fault::new(Cause::AdmissionRefused, "the webhook that judges the manifest does not answer")
            .remedy(
                "look at the Deployment okteto-regcreds in Okteto's namespace: while it does not answer, no Registry can be made",
            )
    } else if has(&["denied request:", "denied the request", "denied by"]) {
        Fault::new(Cause::AdmissionRefused, "a policy of the cluster refuses the manifest")
            .remedy("ask the owner of the policy that it names")
    } else if has(&["(Forbidden)", "is forbidden"]) {
        Fault::new(Cause::ClusterPermissionMissing, "the cluster does not let this user do it")
            .remedy(
                "ask for the right to get, create and patch Registry objects of admin.okteto.com in the namespace, or let Okteto's administrator apply the manifest",
            )
    } else if has(&["(NotFound)"]) && has(&["namespaces"]) {
        Fault::new(Cause::AdmissionRefused, "the cluster has no such namespace").remedy(
            "check that this is the cluster Okteto runs in, and the namespace in the manifest",
        )
    } else if has(&["failed to download openapi"]) {
        // Before it sends the manifest kubectl asks the cluster for its fields: what fails then is no fault of theirs.
        return super::refused(stderr);
    } else if has(&[
        "is invalid",
        "(Invalid)",
        "(BadRequest)",
        "error validating",
        "strict decoding",
    ]) {
        Fault::new(Cause::AdmissionRefused, "the cluster finds the manifest invalid")
            .remedy("correct the field that it names")
    } else if has(&["invalid argument \"server\""]) {
        Fault::new(Cause::Unexplained, "this kubectl cannot try a manifest on the server")
            .remedy("install kubectl 1.18 or newer")
    } else {
        return super::refused(stderr);
    };
    // A webhook's reason stands in the message already.
    let message = match fault.evidence.get("webhook") {
        Some(_) => fault.message.clone(),
        None => format!("{}: {said}", fault.message),
    };
    Fault { message, ..fault }.with("kubectl_said", said)
}

/// Name and reason of `admission webhook "NAME" denied the request: REASON` (k8s.io/apiserver,
/// `pkg/admission/plugin/webhook/errors`).
fn denied(said: &str) -> Option<(&str, &str)> {
    let (_, rest) = said.split_once("admission webhook \"")?;
    let (name, rest) = rest.split_once('"')?;
    let (_, reason) = rest.split_once(" denied the request")?;
    Some((name, reason.trim_start_matches([':', ' '])))
}
