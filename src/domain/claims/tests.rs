use serde_json::json;

use super::*;
use crate::domain::sample::{AUDIENCE, ISSUER, SUBJECT, intent};

fn token(header: &Value, payload: &Value) -> WebToken {
    let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    WebToken::new(&format!("{}.{}.c2ln\n", part(header), part(payload)))
}

fn payload() -> Value {
    json!({"iss": ISSUER, "aud": [AUDIENCE], "sub": SUBJECT, "iat": 1000, "exp": 1600})
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k"})
}

#[test]
fn good_claims_are_read_and_fit() {
    let claims = Claims::read(&token(&header(), &payload())).unwrap();
    assert_eq!(claims.audiences, [AUDIENCE]);
    assert_eq!(claims.key_id.as_deref(), Some("k"));
    let details = claims.check(&intent(), 1060).unwrap();
    assert!(details.contains(&"good for 9 min".to_owned()), "{details:?}");
}

#[test]
fn each_missing_or_mistyped_claim_is_named() {
    for claim in ["iss", "aud", "sub", "exp", "iat"] {
        for wrong in [Value::Null, json!(1.5)] {
            let mut claims = payload();
            claims[claim] = wrong;
            let fault = Claims::read(&token(&header(), &claims)).unwrap_err();
            assert_eq!(fault.evidence["claim"], claim);
        }
        let mut claims = payload();
        claims.as_object_mut().unwrap().remove(claim);
        let fault = Claims::read(&token(&header(), &claims)).unwrap_err();
        assert_eq!((fault.cause, &*fault.evidence["claim"]), (Cause::TokenMalformed, claim));
    }
}

#[test]
fn what_is_no_token_says_what_it_looks_like() {
    for (text, words) in [
        ("", "empty"),
        ("hello", "not a web token"),
        ("eyJhbGciOiJSUzI1NiJ9.e30", "cut off"),
        ("eyJhbGciOiJSUzI1NiJ9.e30.", "cut off"),
        ("a b.c.d", "not base64url"),
        ("W10.e30.c2ln", "JSON object"),
        (&"x".repeat(20_001), "20000"),
    ] {
        let fault = Claims::read(&WebToken::new(text)).unwrap_err();
        assert_eq!(fault.cause, Cause::TokenMalformed);
        assert!(fault.message.contains(words), "{text:.20} {fault}");
    }
}

#[test]
fn each_mismatch_has_its_cause() {
    for (claim, value, cause) in [
        ("iss", json!(format!("{ISSUER}/")), Cause::IssuerMismatch),
        ("aud", json!(["okteto.example.com/us-west-2"]), Cause::AudienceMismatch),
        ("azp", json!("somebody"), Cause::AudienceMismatch),
        ("sub", json!("system:serviceaccount:okteto:default"), Cause::SubjectMismatch),
        ("exp", json!(1050), Cause::TokenExpired),
    ] {
        let mut claims = payload();
        claims[claim] = value;
        let fault = Claims::read(&token(&header(), &claims)).unwrap().check(&intent(), 1060);
        assert_eq!(fault.unwrap_err().cause, cause, "{claim}");
    }
    let unsigned = token(&json!({"alg": "none"}), &payload());
    let fault = Claims::read(&unsigned).unwrap().check(&intent(), 1060).unwrap_err();
    assert_eq!(fault.cause, Cause::TokenSignature);
}

#[test]
fn the_first_difference_is_pointed_at() {
    assert_eq!(first_difference("abc", "abd").unwrap(), "character 3: wanted 'c', got 'd'");
    assert_eq!(first_difference("ab", "ab/").unwrap(), "character 3: wanted the end, got '/'");
    assert_eq!(first_difference("ä", "ä"), None);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_or_stands_in_its_fault(text in "[!-~]{12,60}", payload in ".{0,40}") {
        let made = format!("{text}.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
        for token in [text.clone(), made] {
            if let Err(fault) = Claims::read(&WebToken::new(&token)) {
                let said = format!("{fault:?}");
                proptest::prop_assert!(!said.contains(&text), "{}", said);
            }
        }
    }
}
