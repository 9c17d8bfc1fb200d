//! A service account token from a practice account that is served, by whichever process.

use std::time::Duration;

use form_urlencoded::Serializer;
use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};

use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::WebToken;
use crate::web::{is_loopback, loopback_only};

/// It is on this machine; most of this is for the first token, whose key is made for it.
const WITHIN: Duration = Duration::from_secs(20);
const START: &str = "start one: okteto-ecr practice serve";

/// Asks for a token at the URL of a served practice account. What is not said is as the account has it: its own
/// audience, Okteto's service account.
///
/// # Errors
/// `bad-answers`: the URL leads off this machine, or there is no token for that audience and subject.
/// `cluster-unreachable`: nothing of this kind answers there.
pub async fn mint(
    url: &str,
    audience: Option<&str>,
    subject: Option<&str>,
) -> Result<WebToken, Fault> {
    let wrong = |message: String| Fault::new(Cause::BadAnswers, message);
    let place = Url::parse(url).ok().and_then(|url| url.join("/practice/token").ok());
    let place =
        place.filter(|url| url.scheme() == "http" && is_loopback(url)).ok_or_else(|| {
            let why = "a practice account is served on this machine only";
            wrong(format!("{url:?}: {why}; for example http://127.0.0.1:40000"))
        })?;
    let silent = |why: String| {
        Fault::new(Cause::ClusterUnreachable, format!("no practice account answers at {url}"))
            .with("reason", why)
            .remedy(START)
    };
    let wishes = [("audience", audience), ("subject", subject)];
    let given = wishes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let form = Serializer::new(String::new()).extend_pairs(given).finish();
    let client = loopback_only().timeout(WITHIN).build().map_err(|e| silent(e.to_string()))?;
    let asked = client
        .post(place)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await;
    let answer = asked.map_err(|error| silent(error.without_url().to_string()))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| silent(error.without_url().to_string()))?;
    match status {
        StatusCode::OK => Ok(WebToken::new(text.trim())),
        StatusCode::BAD_REQUEST => Err(wrong(text.trim().to_owned())),
        other => Err(silent(format!("HTTP {}", other.as_u16()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_this_machine_is_asked() {
        for url in ["https://127.0.0.1:1", "http://example.com", "nonsense", ""] {
            assert_eq!(mint(url, None, None).await.unwrap_err().cause, Cause::BadAnswers, "{url}");
        }
        // Port 1 of loopback is nobody's.
        let fault = mint("http://127.0.0.1:1", None, None).await.unwrap_err();
        assert_eq!(fault.cause, Cause::ClusterUnreachable);
        assert!(fault.remedy.unwrap().contains("practice serve"));
    }
}
