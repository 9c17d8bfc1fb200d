use std::time::Instant;

use super::*;

const AT: Timestamp = Timestamp::constant(1_780_000_000, 0);
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";

fn part(token: &WebToken, at: usize) -> Value {
    let part = token.expose().split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn a_token_is_shaped_like_kubernetes_makes_it() {
    let issuer = Issuer::new("https://cluster.example.com");
    let token = issuer.mint(AT, SUBJECT, &["okteto"], LIFE).unwrap();
    let header = part(&token, 0);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["kid"].as_str().unwrap().len(), 43);
    assert_eq!(header["kid"], issuer.jwks()["keys"][0]["kid"]);
    let claims = part(&token, 1);
    assert_eq!(claims["aud"], json!(["okteto"]));
    assert_eq!(claims["exp"], 1_780_003_600);
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(claims["kubernetes.io"]["serviceaccount"]["name"], "okteto");
    let again = part(&issuer.mint(AT, SUBJECT, &["okteto"], LIFE).unwrap(), 1);
    assert_eq!(claims["kubernetes.io"], again["kubernetes.io"]);
    assert_ne!(claims["jti"], again["jti"]);
    let jti = claims["jti"].as_str().unwrap();
    assert_eq!((jti.len(), jti.get(14..15), jti.matches('-').count()), (36, Some("4"), 4));
}

#[test]
fn what_kubernetes_would_not_issue_is_refused() {
    let issuer = Issuer::new("https://cluster.example.com");
    for (subject, audiences, seconds, says) in [
        ("okteto", &["a"][..], LIFE, "does not begin with system:serviceaccount:"),
        (SUBJECT, &[][..], LIFE, "an audience is missing"),
        (SUBJECT, &["a"][..], 599, "599 seconds"),
    ] {
        let problem = issuer.mint(AT, subject, audiences, seconds).unwrap_err();
        assert!(problem.what.contains(says), "{problem}");
    }
}

#[test]
fn claims_can_be_put_wrong_on_purpose() {
    let issuer = Issuer::new("https://cluster.example.com");
    let mut request = TokenRequest::new(SUBJECT, &["a"], 600)
        .with("aud", json!("a"))
        .with("azp", json!("b"))
        .without("iat");
    request.kid = Some("other".to_owned());
    let token = issuer.sign(AT, &request).unwrap();
    assert_eq!(part(&token, 0)["kid"], "other");
    let claims = part(&token, 1);
    assert_eq!(
        (&claims["aud"], &claims["azp"], claims.get("iat")),
        (&json!("a"), &json!("b"), None)
    );
}

#[test]
fn only_keys_that_are_in_use_are_published_and_making_an_issuer_makes_none() {
    let start = Instant::now();
    let issuer = Issuer::new("https://cluster.example.com/");
    assert!(start.elapsed().as_millis() < 5, "{:?}", start.elapsed());
    assert_eq!(issuer.discovery()["jwks_uri"], "https://cluster.example.com/openid/v1/jwks");
    assert_eq!(issuer.discovery()["issuer"], "https://cluster.example.com/");
    let mut request = TokenRequest::new(SUBJECT, &["a"], 600);
    request.algorithm = Algorithm::Es512;
    issuer.clone().sign(AT, &request).unwrap();
    let keys = issuer.jwks()["keys"].clone();
    assert_eq!(keys.as_array().unwrap().len(), 2);
    assert_eq!((&keys[0]["kty"], &keys[1]["crv"]), (&json!("RSA"), &json!("P-521")));
}
