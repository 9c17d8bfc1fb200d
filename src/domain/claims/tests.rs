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
        ("iat", json!(1060 - OLDEST - 1), Cause::TokenTooOld),
        ("iat", json!(1060 + LEEWAY + 1), Cause::ClockSkew),
        ("nbf", json!(1060 + LEEWAY + 1), Cause::ClockSkew),
    ] {
        let mut claims = payload();
        claims[claim] = value;
        if claim != "exp" {
            claims["exp"] = json!(9000);
        }
        let fault = Claims::read(&token(&header(), &claims)).unwrap().check(&intent(), 1060);
        let fault = fault.unwrap_err();
        assert_eq!((fault.cause, fault.others().count()), (cause, 0), "{claim}");
        assert_eq!(fault.evidence["claim"], claim);
    }
    for (claim, value) in [("iat", 1060 - OLDEST), ("iat", 1060 + LEEWAY), ("nbf", 1060 + LEEWAY)] {
        let mut claims = payload();
        (claims[claim], claims["exp"]) = (json!(value), json!(9000));
        let claims = Claims::read(&token(&header(), &claims)).unwrap();
        assert!(claims.check(&intent(), 1060).is_ok(), "{claim} {value}");
    }
    let unsigned = token(&json!({"alg": "none"}), &payload());
    let fault = Claims::read(&unsigned).unwrap().check(&intent(), 1060).unwrap_err();
    assert_eq!(fault.cause, Cause::TokenSignature);
}

#[test]
fn all_that_is_wrong_is_said_in_the_order_of_sts() {
    let all = json!({"iss": "https://x", "aud": ["y"], "sub": "z", "iat": 0, "exp": 10});
    let fault = Claims::read(&token(&header(), &all)).unwrap().check(&intent(), 1060).unwrap_err();
    let causes: Vec<_> = std::iter::once(&fault).chain(fault.others()).map(|f| f.cause).collect();
    assert_eq!(
        causes,
        [
            Cause::IssuerMismatch,
            Cause::TokenExpired,
            Cause::AudienceMismatch,
            Cause::SubjectMismatch
        ]
    );
}

#[test]
fn a_key_that_is_not_published_is_named() {
    let claims = Claims::read(&token(&header(), &payload())).unwrap();
    let keys = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect::<Vec<_>>();
    assert_eq!(claims.check_key(&keys(&["a", "k"])), Ok(()));
    let fault = claims.check_key(&keys(&["a", "b"])).unwrap_err();
    assert_eq!((fault.cause, &*fault.evidence["got"]), (Cause::TokenSignature, "k"));
    let unnamed = Claims::read(&token(&json!({"alg": "RS256"}), &payload())).unwrap();
    assert_eq!(unnamed.check_key(&keys(&["a"])), Ok(()), "left to AWS");
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
