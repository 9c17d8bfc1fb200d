//! Resources of permission policies.

use super::LEGACY;
use super::principal::is_account_id;
use crate::domain::partition::Partition;

/// `*` or an ARN of six fields. The words are reported (moto's cases); that the account must be digits, `aws`, empty or a
/// wildcard is reported by users who left a placeholder there.
pub(super) fn resource(text: &str) -> Result<(), String> {
    const PATHS: &str = "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, \
        policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";
    if text == "*" {
        return Ok(());
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, partition, ..] = fields[..] else {
        return Err(format!("Resource {text} must be in ARN format or \"*\"."));
    };
    if partition != "*" && Partition::from_id(partition).is_none() {
        let field = |at| fields.get(at).unwrap_or(&"*");
        return Err(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{}:{}:{}:{}\".",
            field(2),
            field(3),
            field(4),
            field(5)
        ));
    }
    let [_, _, service, region, account, path] = fields[..] else {
        return Err(match fields.get(2) {
            None => {
                "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
            }
            Some(_) => LEGACY.to_owned(),
        });
    };
    let is_account = match account {
        "" | "aws" => true,
        _ if account.contains(['*', '?']) => {
            account.chars().all(|c| matches!(c, '0'..='9' | '*' | '?'))
        }
        _ => is_account_id(account),
    };
    if prefix != "arn" || service.is_empty() || path.is_empty() || !is_account {
        return Err(LEGACY.to_owned());
    }
    if service.contains(['*', '?']) {
        return Err(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
        );
    }
    if service != "iam" {
        return Ok(());
    }
    if !region.is_empty() {
        return Err(format!("IAM resource {text} cannot contain region information."));
    }
    if path != "*" && !PATHS.split(", ").any(|kind| path.starts_with(kind)) {
        return Err(format!("IAM resource path must either be \"*\" or start with {PATHS}."));
    }
    Ok(())
}
