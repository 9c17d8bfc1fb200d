//! Pre-signed URLs of the layers: who shows one is given the bytes, for a while, and is asked nothing else.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::random;
use super::refusal::Refusal;

/// For so long, in seconds. The pre-signed URLs of ECR carry an hour in `X-Amz-Expires`.
const LIFE: i64 = 3600;

const DATE: &str = "%Y%m%dT%H%M%SZ";

/// The query of a pre-signed URL for a digest.
pub(super) fn issue(now: Timestamp, region: &str, digest: &str) -> String {
    let scope =
        format!("{}/{}/{region}/s3/aws4_request", random::key_id("ASIA"), now.strftime("%Y%m%d"));
    let pairs = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", scope),
        ("X-Amz-Date", now.strftime(DATE).to_string()),
        ("X-Amz-Expires", LIFE.to_string()),
        ("X-Amz-SignedHeaders", "host".to_owned()),
    ];
    let signature = hmac::sign(key(), text(digest, &pairs).as_bytes());
    let hex =
        signature.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .append_pair("X-Amz-Signature", &hex)
        .finish()
}

/// Whether a query was issued for this digest and still counts.
///
/// # Errors
/// As S3 refuses (API reference, "Error responses").
pub(super) fn check(now: Timestamp, digest: &str, ticket: &str) -> Result<(), Refusal> {
    let mut pairs: Vec<(String, String)> =
        form_urlencoded::parse(ticket.as_bytes()).into_owned().collect();
    let value = |pairs: &[(String, String)], name: &str| {
        pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    };
    let signature = value(&pairs, "X-Amz-Signature")
        .ok_or_else(|| Refusal::new("AccessDenied", "Access Denied"))?;
    pairs.retain(|(name, _)| name != "X-Amz-Signature");
    hmac::verify(key(), text(digest, &pairs).as_bytes(), &bytes(&signature)).map_err(|_| {
        Refusal::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        )
    })?;
    let made = value(&pairs, "X-Amz-Date")
        .and_then(|date| TimeZone::UTC.to_timestamp(DateTime::strptime(DATE, date).ok()?).ok());
    let life = SignedDuration::from_secs(LIFE);
    match made.map(|made| made + life) {
        Some(end) if now < end => Ok(()),
        _ => Err(Refusal::new("AccessDenied", "Request has expired")),
    }
}

/// Known to nobody else, and gone with the process.
fn key() -> &'static hmac::Key {
    static KEY: OnceLock<hmac::Key> = OnceLock::new();
    KEY.get_or_init(|| hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()))
}

fn text<N: AsRef<str>>(digest: &str, pairs: &[(N, String)]) -> String {
    pairs
        .iter()
        .fold(digest.to_owned(), |text, (name, value)| format!("{text}\n{}={value}", name.as_ref()))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    digits
        .unwrap_or_default()
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |sum, digit| (sum << 4) | digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_for_its_digest_and_its_hour() {
        let now = Timestamp::constant(1_780_000_000, 0);
        let ticket = issue(now, "us-east-2", "sha256:aa");
        check(now, "sha256:aa", &ticket).unwrap();
        check(now + SignedDuration::from_secs(3599), "sha256:aa", &ticket).unwrap();
        let longer = ticket.replace("X-Amz-Expires=3600", "X-Amz-Expires=9999");
        for (later, digest, ticket, code, message) in [
            (3600, "sha256:aa", ticket.as_str(), "AccessDenied", "Request has expired"),
            (0, "sha256:bb", &ticket, "SignatureDoesNotMatch", "The request signature"),
            (0, "sha256:aa", &longer, "SignatureDoesNotMatch", "The request signature"),
            (0, "sha256:aa", "", "AccessDenied", "Access Denied"),
        ] {
            let no = check(now + SignedDuration::from_secs(later), digest, ticket).unwrap_err();
            assert_eq!((no.code, no.status), (code, 403));
            assert!(no.message.starts_with(message), "{no}");
        }
    }
}
