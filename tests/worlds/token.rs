//! The token: what it says, who signed it, how old it is, and the issuer behind it.

use std::time::Duration;

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::difficulty::What;
use okteto_ecr::practice::issuer::{Algorithm, TokenRequest};
use serde_json::json;

use crate::stage::{Stage, usual};
use crate::support::Answers;
use crate::table::Asked::Pull;
use crate::table::{World, worlds};
use crate::world::ISSUER;

const ELSEWHERE: &str = "okteto.example.com/us-west-2";
const SOMEBODY: &str = "system:serviceaccount:okteto:default";
const OTHER_CLUSTER: &str = "https://oidc.example.com/another";

/// Seconds from now.
fn in_seconds(seconds: i64) -> i64 {
    okteto_ecr::clock::unix_now() + seconds
}

fn of(claim: &str, value: impl Into<serde_json::Value>) -> TokenRequest {
    usual().with(claim, value.into())
}

worlds! {
    a_token_that_has_ended: World::of(Cause::TokenExpired, Pull, "claims")
        .arrange(|stage| stage.token(&of("exp", in_seconds(-60))))
        .shows(&[("claim", "exp"), ("exp", ""), ("now", "")])
        .mend("take a fresh token", Stage::fresh_token);

    a_token_of_the_day_before_yesterday: World::of(Cause::TokenTooOld, Pull, "claims")
        .arrange(|stage| {
            let issued = in_seconds(-48 * 3600);
            stage.token(&of("iat", issued).with("nbf", issued.into()));
        })
        .shows(&[("claim", "iat"), ("iat", ""), ("now", "")])
        .mend("lives 10 to 60 minutes", Stage::fresh_token);

    a_token_of_a_clock_that_is_ahead: World::of(Cause::ClockSkew, Pull, "claims")
        .arrange(|stage| {
            let issued = in_seconds(1800);
            stage.token(&of("iat", issued).with("nbf", issued.into()));
        })
        .shows(&[("now", ""), ("claim", "")])
        .mend("set the clock", Stage::fresh_token);

    a_token_without_an_audience: World::of(Cause::TokenMalformed, Pull, "claims")
        .arrange(|stage| stage.token(&usual().without("aud")))
        .shows(&[("claim", "aud")])
        .mend("kubectl create token", Stage::fresh_token);

    a_token_that_is_cut_off: World::of(Cause::TokenMalformed, Pull, "claims")
        .arrange(|stage| {
            let token = stage.minted(&usual());
            let (head, _) = token.split_once('.').unwrap();
            stage.token_text(head);
        })
        .shows(&[("parts", "1 of 3")])
        .mend("copy a whole token", Stage::fresh_token);

    an_empty_token: World::of(Cause::TokenMalformed, Pull, "token")
        .arrange(|stage| stage.token_text("\n"))
        .mend("take a fresh token", Stage::fresh_token);

    a_token_file_that_is_not_there: World::of(Cause::File, Pull, "token")
        .arrange(|stage| stage.without_token_file())
        .shows(&[("path", "token")])
        .mend("check that the path is there", Stage::fresh_token);

    a_token_that_was_altered: World::of(Cause::TokenSignature, Pull, "assume")
        .arrange(|stage| {
            let token = stage.minted(&usual());
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let other = if signature.starts_with('A') { 'B' } else { 'A' };
            stage.token_text(&format!("{signed}.{other}{}", signature.get(1..).unwrap()));
        })
        .shows(&[("code", "InvalidIdentityToken"), ("aws_said", "signature")])
        .mend("take a fresh token", Stage::fresh_token);

    a_token_of_a_key_that_is_not_published: World::of(Cause::TokenSignature, Pull, "claims")
        .arrange(|stage| {
            let request = TokenRequest { kid: Some("gone".to_owned()), ..usual() };
            stage.token(&request);
        })
        .shows(&[("claim", "kid"), ("got", "gone")])
        .mend("take a fresh token", Stage::fresh_token);

    a_token_of_another_cluster: World::of(Cause::IssuerMismatch, Pull, "claims")
        .arrange(|stage| stage.token(&of("iss", OTHER_CLUSTER)))
        .shows(&[("claim", "iss"), ("wanted", ISSUER), ("got", OTHER_CLUSTER)])
        .mend("take the token from the cluster", Stage::fresh_token);

    a_token_for_another_audience: World::of(Cause::AudienceMismatch, Pull, "claims")
        .arrange(|stage| {
            stage.token(&TokenRequest::new(Answers::SUBJECT, &[ELSEWHERE], 3600));
        })
        .shows(&[
            ("claim", "aud"),
            ("wanted", Answers::AUDIENCE),
            ("got", ELSEWHERE),
            ("first_difference", "character 23: wanted 'e', got 'w'"),
        ])
        .mend("--audience okteto.example.com/us-east-2", Stage::fresh_token);

    a_token_with_an_authorized_party: World::of(Cause::AudienceMismatch, Pull, "claims")
        .arrange(|stage| stage.token(&of("azp", "somebody")))
        .shows(&[("claim", "azp"), ("wanted", Answers::AUDIENCE), ("got", "somebody")])
        .mend("it has no azp", Stage::fresh_token);

    a_token_of_another_service_account: World::of(Cause::SubjectMismatch, Pull, "claims")
        .arrange(|stage| {
            stage.token(&TokenRequest::new(SOMEBODY, &[Answers::AUDIENCE], 3600));
        })
        .shows(&[
            ("claim", "sub"),
            ("wanted", Answers::SUBJECT),
            ("got", SOMEBODY),
            ("first_difference", "character 30: wanted 'o', got 'd'"),
        ])
        .mend("take the token of that service account", Stage::fresh_token);

    a_token_with_audience_and_subject_wrong: World::of(Cause::AudienceMismatch, Pull, "claims")
        .also(&[Cause::SubjectMismatch])
        .arrange(|stage| stage.token(&TokenRequest::new(SOMEBODY, &[ELSEWHERE], 3600)))
        .shows(&[("claim", "aud"), ("got", ELSEWHERE)])
        .mend("--audience", Stage::fresh_token);

    a_token_for_elsewhere_and_a_trust_of_another_subject:
        World::of(Cause::AudienceMismatch, Pull, "claims")
        .also(&[Cause::SubjectMismatch])
        .arrange(|stage| {
            stage.token(&TokenRequest::new(Answers::SUBJECT, &[ELSEWHERE], 3600));
            stage.edit_trust("okteto:okteto", "okteto:default");
        })
        .shows(&[("claim", "aud"), ("got", ELSEWHERE)])
        .mend("--audience", |stage| {
            stage.fresh_token();
            stage.apply();
        });

    an_ended_token_of_another_cluster: World::of(Cause::IssuerMismatch, Pull, "claims")
        .also(&[Cause::TokenExpired])
        .arrange(|stage| stage.token(&of("iss", OTHER_CLUSTER).with("exp", in_seconds(-60).into())))
        .shows(&[("claim", "iss")])
        .mend("take the token from the cluster", Stage::fresh_token);

    an_issuer_with_a_slash_too_many: World::of(Cause::IssuerMismatch, Pull, "discovery")
        .arrange(|stage| stage.answer("oidc.issuer", &format!("{ISSUER}/")))
        .shows(&[
            ("wanted", "myCluster/"),
            ("got", ISSUER),
            ("first_difference", "character 96: wanted '/', got the end"),
        ])
        .mend("exactly as its own document names it", |stage| stage.answer("oidc.issuer", ISSUER));

    an_issuer_that_is_away_from_here: World::of(Cause::IssuerUnreachable, Pull, "discovery")
        .arrange(|stage| stage.trouble("issuer:discovery", What::Unreachable, 1))
        .mend("from the internet", |stage| stage.pass(Duration::from_secs(5)));

    an_issuer_that_aws_cannot_reach: World::of(Cause::IssuerUnreachable, Pull, "assume")
        .arrange(|stage| stage.trouble("sts:fetch-keys", What::Unreachable, 3))
        .shows(&[("code", "InvalidIdentityToken"), ("aws_said", "verification key")])
        .mend("within 5 seconds", |stage| stage.pass(Duration::from_secs(5)));

    a_signature_that_aws_does_not_take: World::of(Cause::TokenSignature, Pull, "claims")
        .arrange(|stage| {
            let token = stage.minted(&TokenRequest { algorithm: Algorithm::Rs256, ..usual() });
            let (_, rest) = token.split_once('.').unwrap();
            let head = encode(&json!({"alg": "HS256", "typ": "JWT"}));
            stage.token_text(&format!("{head}.{rest}"));
        })
        .shows(&[("claim", "alg"), ("wanted", "RS256"), ("got", "HS256")])
        .mend("clusters sign with RS256", Stage::fresh_token);
}

fn encode(value: &serde_json::Value) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
}
