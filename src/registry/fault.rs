//! Refusals of the registry, and of the host that holds its layers, in this program's words.
//!
//! Sources: OCI distribution specification, "Error Codes"; Amazon ECR user guide, `common-errors-docker`,
//! `repository-policies` and `vpc-endpoints`; IAM user guide, `troubleshoot_access-denied`.

use serde_json::Value;

use crate::domain::denial::Denial;
use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::PullWish;
use crate::domain::secret::Login;
use crate::web::{Exchange, host};

/// What was asked for when the answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    /// A manifest or an index.
    Manifest,
    /// The config or a layer.
    Blob,
    /// An upload that was to be begun.
    Upload,
}

impl Thing {
    /// How the call is logged, and its path.
    pub(super) fn request(self, repository: &str, reference: &str) -> (&'static str, String) {
        match self {
            Self::Manifest => ("GET manifest", format!("/v2/{repository}/manifests/{reference}")),
            Self::Blob => ("GET blob", format!("/v2/{repository}/blobs/{reference}")),
            Self::Upload => ("POST upload", format!("/v2/{repository}/blobs/uploads/")),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Blob => "layer",
            Self::Upload => "push",
        }
    }
}

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The registry itself.
    Registry,
    /// The host it sent us to.
    LayerHost,
}

/// What a refusal's body says.
struct Said {
    code: Option<String>,
    text: String,
}

impl Said {
    /// Of a registry: `{"errors":[{"code","message"}]}`, or else plain text, as proxies and older ECR send it.
    fn registry(body: &[u8]) -> Self {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let text_of = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        if let Some(json) = json {
            let first = json.pointer("/errors/0").unwrap_or(&json);
            let text = text_of(first, "message").or_else(|| text_of(first, "Message"));
            return Self { code: text_of(first, "code"), text: text.unwrap_or_default() };
        }
        Self { code: None, text: short(&String::from_utf8_lossy(body)) }
    }

    /// Of S3: only `Code` and `Message` of its XML, because the rest may repeat the signed query.
    fn layer_host(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            rest.split_once("</").map(|(inner, _)| short(inner))
        };
        Self { code: element("Code"), text: element("Message").unwrap_or_default() }
    }
}

fn short(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(400).collect()
}

/// The account of an ARN.
fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// An answer other than 200 as a fault.
pub(super) fn refused(
    exchange: &Exchange,
    body: &[u8],
    place: Place,
    thing: Thing,
    login: &Login,
    wish: &PullWish,
) -> Fault {
    let said = match place {
        Place::Registry => Said::registry(body),
        Place::LayerHost => Said::layer_host(body),
    };
    let status = exchange.status();
    let at = host(exchange.url());
    let fault = match place {
        Place::Registry => at_registry(status, &said, thing, login.stale, wish),
        Place::LayerHost => blocked(
            Fault::new(Cause::Unreachable, format!("{at} answered {status}")),
            Place::LayerHost,
            wish,
        ),
    };
    let mut fault = fault
        .with("status", status.to_string())
        .with("host", at)
        .with("path", exchange.url().path())
        .request(exchange.request_id());
    if let Some(code) = said.code {
        fault = fault.with("code", code);
    }
    if !said.text.is_empty() {
        fault = fault.with("registry_said", said.text);
    }
    fault
}

/// A lost connection to the layer host is the firewall's doing more often than not; one to the registry stays
/// what it is.
pub(super) fn blocked(fault: Fault, place: Place, wish: &PullWish) -> Fault {
    let lost = matches!(fault.cause, Cause::Unreachable | Cause::DeadlinePassed);
    if place == Place::Registry || !lost {
        return fault;
    }
    let region = &wish.host.region;
    let bucket = format!("prod-{region}-starport-layer-bucket");
    Fault {
        cause: Cause::LayerHostBlocked,
        message: format!("the registry works, but the host of its layers does not: {}", fault.message),
        ..fault
    }
    .with("bucket", &bucket)
    .remedy(format!(
        "let the network reach Amazon S3 too: ECR keeps layers in the bucket {bucket}, from where they are fetched \
         by https"
    ))
}

fn at_registry(status: u16, said: &Said, thing: Thing, stale: bool, wish: &PullWish) -> Fault {
    let lower = said.text.to_lowercase();
    let code = said.code.as_deref().unwrap_or_default();
    let (image, registry, word) = (&wish.image, &wish.host, thing.word());
    let repository = image.repository.as_str();
    let login_error = matches!(status, 400 | 401 | 403);
    if status == 429 || code == "TOOMANYREQUESTS" {
        return Fault::new(Cause::Throttled, format!("{registry} asks to slow down"));
    }
    let denial = Denial::read(&said.text);
    if let Some(action) = &denial.action {
        return denied(action, &denial, repository);
    }
    if login_error && (lower.contains("expired") || (stale && status == 401)) {
        return Fault::new(
            Cause::RegistryTokenExpired,
            format!("{registry} says that the registry login has expired"),
        );
    }
    if login_error && lower.contains("region") {
        return Fault::new(
            Cause::RegistryRegionMismatch,
            format!("{registry} refuses a login of another region"),
        )
        .with("wanted", registry.region.to_string());
    }
    match status {
        401 => Fault::new(
            Cause::RegistryLoginRefused,
            format!("{registry} does not take the registry login"),
        ),
        403 if !code.is_empty() => Fault::new(
            Cause::PullPermissionMissing,
            format!("the registry denies the {word} of {image}"),
        )
        .with("resource", repository),
        404 if code == "NAME_UNKNOWN" || said.text.contains("RepositoryNotFound") => Fault::new(
            Cause::RepositoryMissing,
            format!("{registry} has no repository {repository}"),
        )
        .with("resource", repository),
        404 if thing == Thing::Manifest => {
            Fault::new(Cause::ImageMissing, format!("the repository has no image {image}"))
                .with("resource", image.to_string())
        }
        404 if thing == Thing::Blob => Fault::new(
            Cause::ImageMissing,
            format!("the registry lacks a layer that the manifest of {image} names"),
        )
        .remedy("push the image again"),
        408 | 500.. => Fault::new(Cause::Unreachable, format!("{registry} answered {status}"))
            .remedy("try again; if it stays so, look at the AWS Health Dashboard or at the proxy in between"),
        _ => Fault::new(
            Cause::Unexplained,
            format!("{registry} answered {status} to the question for a {word} of {image}"),
        )
        .remedy(
            "look at what it said: where that is not ECR's, something between here and the registry answers, and HTTPS_PROXY \
             and NO_PROXY say what",
        ),
    }
}

/// AWS's own sentence came through the registry.
fn denied(action: &str, denial: &Denial, repository: &str) -> Fault {
    let resource = denial.resource.as_deref();
    let foreign = match (denial.actor.as_deref().and_then(account), resource.and_then(account)) {
        (Some(ours), Some(theirs)) => ours != theirs,
        _ => false,
    };
    let kind = denial.kind();
    let by_repository = denial.is_by_resource() || kind.is_none() && foreign;
    let mut fault = if by_repository {
        Fault::new(
            Cause::RepositoryPolicyMissing,
            format!("the repository's own policy does not let the role do {action}"),
        )
        .remedy(format!(
            "in the account of the registry, let the repository policy of {repository} allow the role \
             ecr:BatchGetImage and ecr:GetDownloadUrlForLayer"
        ))
    } else if denial.explicit {
        Fault::new(
            Cause::PullPermissionMissing,
            format!("a policy forbids the role {action} on {repository}"),
        )
        .remedy("find the Deny statement in the kind of policy that the message names; no Allow outweighs it")
    } else {
        Fault::new(
            Cause::PullPermissionMissing,
            format!("the role may log in but not do {action} on {repository}"),
        )
        .remedy(format!("let the role's permissions allow {action} on the repository"))
    };
    fault = fault.with("action", action).with("resource", resource.unwrap_or(repository));
    if let Some(kind) = kind {
        fault = fault.with("policy", kind);
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::host::{ImageRef, RegistryHost};
    use crate::domain::probe::{Depth, Platform};

    const USER: &str = "User: arn:aws:sts::112233445566:assumed-role/r/s is not authorized to perform: \
                        ecr:BatchGetImage on resource: arn:aws:ecr:us-east-2:";

    fn cause(status: u16, body: &str, thing: Thing) -> (Cause, Fault) {
        let wish = PullWish {
            host: RegistryHost::parse("112233445566.dkr.ecr.us-east-2.amazonaws.com").unwrap(),
            image: ImageRef::parse("team/app:1").unwrap(),
            platform: Platform::default(),
            depth: Depth::Full,
        };
        let fault = at_registry(status, &Said::registry(body.as_bytes()), thing, false, &wish);
        (fault.cause, fault)
    }

    fn errors(code: &str, message: &str) -> String {
        serde_json::json!({"errors": [{"code": code, "message": message}]}).to_string()
    }

    #[test]
    fn every_refusal_of_a_registry_has_its_cause() {
        use Thing::{Blob, Manifest};
        let role = format!(
            "{USER}112233445566:repository/team/app because no identity-based policy allows the ecr:BatchGetImage action"
        );
        let policy = format!(
            "{USER}998877665544:repository/team/app because no resource-based policy allows the ecr:BatchGetImage action"
        );
        let other = format!("{USER}998877665544:repository/team/app");
        let deny = format!(
            "{USER}112233445566:repository/team/app with an explicit deny in a service control policy"
        );
        let expired = "Your authorization token has expired. Reauthenticate and try again.";
        for (status, body, thing, wanted) in [
            (
                401,
                errors("UNAUTHORIZED", "authentication required"),
                Manifest,
                Cause::RegistryLoginRefused,
            ),
            (401, String::new(), Manifest, Cause::RegistryLoginRefused),
            (403, errors("DENIED", expired), Manifest, Cause::RegistryTokenExpired),
            (403, format!("denied: {expired}\n"), Blob, Cause::RegistryTokenExpired),
            (
                400,
                errors("DENIED", "token is for another region"),
                Manifest,
                Cause::RegistryRegionMismatch,
            ),
            (403, errors("DENIED", &role), Manifest, Cause::PullPermissionMissing),
            (403, errors("DENIED", &deny), Manifest, Cause::PullPermissionMissing),
            (403, errors("DENIED", &policy), Manifest, Cause::RepositoryPolicyMissing),
            (403, errors("DENIED", &other), Manifest, Cause::RepositoryPolicyMissing),
            (
                403,
                errors("DENIED", "requested access is denied"),
                Blob,
                Cause::PullPermissionMissing,
            ),
            (403, "<html>blocked by proxy</html>".to_owned(), Manifest, Cause::Unexplained),
            (404, errors("NAME_UNKNOWN", "name unknown"), Manifest, Cause::RepositoryMissing),
            (
                404,
                errors("MANIFEST_UNKNOWN", "Requested image not found"),
                Manifest,
                Cause::ImageMissing,
            ),
            (404, errors("BLOB_UNKNOWN", "blob unknown"), Blob, Cause::ImageMissing),
            (429, "Rate exceeded".to_owned(), Manifest, Cause::Throttled),
            (400, errors("TOOMANYREQUESTS", "Rate exceeded"), Manifest, Cause::Throttled),
            (503, String::new(), Manifest, Cause::Unreachable),
            (415, "{}".to_owned(), Manifest, Cause::Unexplained),
        ] {
            assert_eq!(cause(status, &body, thing).0, wanted, "{status} {body}");
        }
        let (_, fault) = cause(403, &errors("DENIED", &role), Manifest);
        assert_eq!(fault.evidence["action"], "ecr:BatchGetImage");
        assert_eq!(
            fault.evidence["resource"],
            "arn:aws:ecr:us-east-2:112233445566:repository/team/app"
        );
        assert_eq!(fault.evidence["policy"], "identity-based");
    }

    #[test]
    fn of_the_layer_host_only_code_and_message_are_kept() {
        let said = Said::layer_host(
            b"<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message><StringToSign>secret</StringToSign></Error>",
        );
        assert_eq!(
            (said.code.as_deref(), said.text.as_str()),
            (Some("SignatureDoesNotMatch"), "no")
        );
    }
}
