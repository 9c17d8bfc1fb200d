//! Signature Version 4, verified.
//!
//! Sources: IAM user guide, "Create a signed AWS API request" and "Troubleshoot Signature Version 4 signing"; the
//! wording of refusals also as the SDKs' issue trackers quote it from AWS.

use std::fmt::Write as _;

use aws_lc_rs::{constant_time, digest, hmac};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::http::request::Parts;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};

use crate::practice::account::refusal::Refusal;
use crate::practice::account::{Account, Principal, Service};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";
const DATE: &str = "%Y%m%dT%H%M%SZ";
/// How far the clocks may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Headers that must be signed where they are sent.
const SIGNED: [&str; 3] = ["host", "x-amz-date", "x-amz-security-token"];
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The `Authorization` header, taken apart.
#[derive(Debug)]
struct Signature<'a> {
    key: &'a str,
    /// `20150830`
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    /// Names of the signed headers.
    headers: Vec<&'a str>,
    /// In hexadecimal.
    value: &'a str,
}

/// Who signed a request, and for which region. The use of the key is noted.
///
/// # Errors
/// AWS's refusal of a request that is not signed, not well, or by nobody it knows.
pub(super) fn verify(
    account: &mut Account,
    now: Timestamp,
    service: Service,
    request: &Parts,
    body: &Bytes,
) -> Result<(Principal, String), Refusal> {
    let words = Words { service };
    let headers = &request.headers;
    let Some(header) = headers.get(AUTHORIZATION) else { return Err(words.missing()) };
    let header = header.to_str().map_err(|_| words.missing())?;
    let signature = Signature::parse(header).map_err(|why| words.incomplete(&why))?;
    for name in SIGNED {
        if headers.contains_key(name) && !signature.headers.contains(&name) {
            let why = format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.");
            return Err(words.mismatch(&why));
        }
    }
    let sent = one(headers, "x-amz-date").ok_or_else(|| {
        words.incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    let at = DateTime::strptime(DATE, sent)
        .and_then(|time| TimeZone::UTC.to_timestamp(time))
        .map_err(|_| {
            words.incomplete(&format!("Date must be in ISO-8601 'basic format'. Got '{sent}'."))
        })?;
    let is_session = headers.contains_key("x-amz-security-token");
    let token = is_session.then(|| one(headers, "x-amz-security-token").unwrap_or_default());
    let (secret, caller) = account.key(now, service, signature.key, token)?;
    signature.scope(service, sent).map_err(|why| words.mismatch(&why))?;
    current(at, now).map_err(|why| words.mismatch(&why))?;
    let payload = hex(digest::digest(&digest::SHA256, body).as_ref());
    let agrees = one(headers, "x-amz-content-sha256").is_none_or(|sent| sent == payload);
    let wanted = signature.compute(request, sent, &payload, &secret);
    let is_equal =
        constant_time::verify_slices_are_equal(wanted.as_bytes(), signature.value.as_bytes());
    if !agrees || is_equal.is_err() {
        return Err(words.mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ));
    }
    // IAM's calls are made there, whatever they were signed for (IAM user guide, `aws:RequestedRegion`).
    let region = if service == Service::Iam { "us-east-1" } else { signature.region };
    account.note_use(now, service, signature.key, region);
    Ok((caller, region.to_owned()))
}

impl<'a> Signature<'a> {
    fn parse(header: &'a str) -> Result<Self, String> {
        let (algorithm, fields) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(format!("Unsupported AWS 'algorithm': '{algorithm}'."));
        }
        let (mut credential, mut headers, mut value) = (None, None, None);
        for field in fields.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            let (name, text) = field.split_once('=').ok_or_else(|| {
                format!("'{field}' not a valid key=value pair (missing equal-sign) in Authorization header.")
            })?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut headers,
                "Signature" => &mut value,
                _ => continue,
            };
            if place.replace(text).is_some() {
                return Err(format!("Authorization header has '{name}' twice."));
            }
        }
        let requires = |name| format!("Authorization header requires '{name}' parameter.");
        let credential = credential.ok_or_else(|| requires("Credential"))?;
        let value = value.ok_or_else(|| requires("Signature"))?;
        let headers = headers.ok_or_else(|| requires("SignedHeaders"))?;
        let [key, date, region, service, terminator] =
            credential.split('/').collect::<Vec<_>>()[..]
        else {
            return Err(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{credential}'"
            ));
        };
        let headers = headers.split(';').collect();
        Ok(Self { key, date, region, service, terminator, headers, value })
    }

    /// Is it signed for this service, a region of its and the day of the request?
    fn scope(&self, service: Service, sent: &str) -> Result<(), String> {
        let name = service.name();
        // AWS's own endpoint of IAM takes `us-east-1` only. But that comes from the rules of AWS's endpoints: every SDK that
        // is given an endpoint of its own, as here, signs for the region of its settings.
        if !is_region(self.region) {
            return Err(format!(
                "Credential should be scoped to a valid region, not '{}'. ",
                self.region
            ));
        }
        if self.service != name {
            return Err(format!("Credential should be scoped to correct service: '{name}'. "));
        }
        if self.terminator != TERMINATOR {
            return Err(format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'. ",
                self.terminator
            ));
        }
        let day = sent.split('T').next().unwrap_or_default();
        if day != self.date {
            return Err(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != \
                 '{day}', from '{sent}'.",
                self.date
            ));
        }
        Ok(())
    }

    /// What the signature must be.
    fn compute(&self, request: &Parts, sent: &str, payload: &str, secret: &SecretString) -> String {
        let mut canonical =
            format!("{}\n/\n{}\n", request.method, canonical_query(request.uri.query()));
        for name in &self.headers {
            let values: Vec<String> = request
                .headers
                .get_all(*name)
                .iter()
                .map(|value| {
                    let text = String::from_utf8_lossy(value.as_bytes());
                    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
                })
                .collect();
            let _ = writeln!(canonical, "{name}:{}", values.join(","));
        }
        let _ = write!(canonical, "\n{}\n{payload}", self.headers.join(";"));
        let canonical = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let Self { date, region, service, terminator, .. } = self;
        let text =
            format!("{ALGORITHM}\n{sent}\n{date}/{region}/{service}/{terminator}\n{canonical}");
        let mut key = sign(format!("AWS4{}", secret.expose_secret()).as_bytes(), date);
        for part in [region, service, terminator] {
            key = sign(key.as_ref(), part);
        }
        hex(sign(key.as_ref(), &text).as_ref())
    }
}

/// The words of the Query protocol and of JSON for the same things.
#[derive(Clone, Copy)]
struct Words {
    service: Service,
}

impl Words {
    fn pick(self, query: &'static str, json: &'static str) -> &'static str {
        if self.service == Service::Ecr { json } else { query }
    }

    fn missing(self) -> Refusal {
        Refusal::new(
            self.pick("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
            self.pick("Request is missing Authentication Token", "Missing Authentication Token"),
        )
    }

    fn incomplete(self, why: &str) -> Refusal {
        Refusal::new(self.pick("IncompleteSignature", "IncompleteSignatureException"), why)
    }

    fn mismatch(self, why: &str) -> Refusal {
        Refusal::new(self.pick("SignatureDoesNotMatch", "InvalidSignatureException"), why)
    }
}

fn current(sent: Timestamp, now: Timestamp) -> Result<(), String> {
    let text = |time: Timestamp| time.strftime(DATE);
    let least = now.saturating_sub(SKEW).unwrap_or(now);
    let most = now.saturating_add(SKEW).unwrap_or(now);
    let (sent_text, now_text) = (text(sent), text(now));
    if sent < least {
        let least = text(least);
        Err(format!(
            "Signature expired: {sent_text} is now earlier than {least} ({now_text} - 5 min.)"
        ))
    } else if sent > most {
        let most = text(most);
        Err(format!(
            "Signature not yet current: {sent_text} is still later than {most} ({now_text} + 5 min.)"
        ))
    } else {
        Ok(())
    }
}

/// Names and values encoded alike whoever sent them, in order.
fn canonical_query(query: Option<&str>) -> String {
    let encode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8_lossy();
        utf8_percent_encode(&text, UNRESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A region of the standard partition (botocore `partitions.json`).
fn is_region(text: &str) -> bool {
    const HEADS: [&str; 9] = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"];
    let [head, middle, number] = text.split('-').collect::<Vec<_>>()[..] else { return false };
    HEADS.contains(&head)
        && !middle.is_empty()
        && middle.bytes().all(|byte| byte.is_ascii_lowercase())
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The value of a header that is sent once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn sign(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
