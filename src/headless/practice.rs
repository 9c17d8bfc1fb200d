//! `practice serve`, `practice token`: the practice account for other tools.

use std::path::Path;

use secrecy::ExposeSecret;

use super::desk::Bell;
use super::{Out, code_of};
use crate::cli::{PracticeCommand, ServeArgs, TokenArgs};
use crate::domain::fault::{Cause, Fault};
use crate::ledger;
use crate::practice::mint::mint;
use crate::practice::open::Practice;
use crate::practice::scene::Scene;
use crate::render::shell::{quote, quoted};

/// What would lead the AWS CLI past the exported values, or keep them from counting.
const UNSET: &str = "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_IAM \
                     AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL_ECR\n";

/// Runs a command of practice; answers with the exit code.
pub async fn practice(command: PracticeCommand, mut out: Out, mut bell: impl Bell) -> u8 {
    let done = match command {
        PracticeCommand::Serve(args) => serve(&args, &mut out, &mut bell).await,
        PracticeCommand::Token(args) => token(&args, &mut out, &mut bell).await,
    };
    done.unwrap_or_else(|fault| {
        out.fault(&fault, false);
        code_of(&fault)
    })
}

/// Serves until a signal comes.
async fn serve(args: &ServeArgs, out: &mut Out, bell: &mut impl Bell) -> Result<u8, Fault> {
    let opened = Practice::open(Scene::default()).await;
    let practice = opened.map_err(|error| {
        Fault::new(Cause::Unexplained, format!("the practice account could not start: {error}"))
    })?;
    let lines = exports(&practice);
    if let Some(path) = &args.export_file {
        ledger::write(path, lines.as_bytes())?;
    }
    out.text(&lines);
    for line in talk(&practice, args.export_file.as_deref()) {
        out.say(&line);
    }
    let signal = bell.rings().await;
    out.say(&format!("{}: the practice account is gone", signal.name()));
    Ok(signal.code())
}

/// What a shell is given, one variable a line.
#[must_use]
pub fn exports(practice: &Practice) -> String {
    let Practice { served, scene, key: (id, secret), .. } = practice;
    let issuer = scene.issuers.first().map_or("", String::as_str);
    let values = [
        ("AWS_ENDPOINT_URL", served.aws.as_str()),
        ("AWS_ACCESS_KEY_ID", id),
        ("AWS_SECRET_ACCESS_KEY", secret.expose_secret()),
        ("AWS_REGION", &scene.region),
        // Version 1 of the AWS CLI reads this one only.
        ("AWS_DEFAULT_REGION", &scene.region),
        ("OIDC_ENDPOINT", issuer),
        ("OKTETO_SERVICE_ACCOUNT", &scene.subject),
        ("OKTETO_ECR_REGISTRY_ENDPOINT", &served.registry),
        ("OKTETO_ECR_ISSUER_ENDPOINT", &served.issuer),
        ("OKTETO_ECR_PRACTICE", &served.issuer),
    ];
    let lines = values.map(|(name, value)| format!("export {name}={}\n", quoted(value)));
    lines.concat() + UNSET
}

/// How it is used.
fn talk(practice: &Practice, file: Option<&Path>) -> [String; 3] {
    let Scene { account, region, .. } = &practice.scene;
    let take = file.map_or_else(
        || "take the lines above into another terminal".to_owned(),
        |file| {
            let file = quote(&file.display().to_string());
            format!("in another terminal: eval \"$(cat {file})\"")
        },
    );
    [
        format!("PRACTICE: the made-up account {account} is served on this machine; {take}"),
        format!("a token: okteto-ecr practice token --audience okteto.example.com/{region}"),
        "Ctrl-C ends it, and all that was made in it is gone then".to_owned(),
    ]
}

async fn token(args: &TokenArgs, out: &mut Out, bell: &mut impl Bell) -> Result<u8, Fault> {
    let Some(url) = args.practice_url.as_deref().filter(|url| !url.is_empty()) else {
        let message = "no practice account is named: OKTETO_ECR_PRACTICE is not set";
        return Err(Fault::new(Cause::BadAnswers, message).remedy(
            "start one with okteto-ecr practice serve, and take its export lines into this shell",
        ));
    };
    let minted = tokio::select! {
        signal = bell.rings() => return Ok(signal.code()),
        minted = mint(url, args.audience.as_deref(), args.subject.as_deref()) => minted?,
    };
    out.text(minted.expose());
    Ok(0)
}
