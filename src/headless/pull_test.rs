//! `pull-test`: the live pull.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::desk::{Bell, Desk, Left, stray};
use super::out::Out;
use super::{Given, given, put, ready, result, text};
use crate::app::task::{
    Bearer, End, Job, KeyBearer, KeySource, News, ProbeOrder, RoleBearer, TokenSource,
};
use crate::cli::{Format, PullTestArgs};
use crate::domain::arn::RoleArn;
use crate::domain::custody::Custody;
use crate::domain::draft::{Field, Mode};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::{Intent, OidcIntent, UserIntent};
use crate::domain::probe::{BlobProgress, ProbeReport, Refusals, Rung, Verdict, mebibytes};

/// For how long after a change a refusal that waiting may mend is tried again.
const WAIT: Duration = Duration::from_mins(2);
/// Between two lines about the same bytes.
const BETWEEN_LINES: Duration = Duration::from_secs(2);

pub(super) async fn pull_test<B: Bell>(
    desk: &mut Desk<B>,
    args: &PullTestArgs,
    read_only: bool,
) -> Result<u8, Left> {
    let given = given(&args.answers)?;
    let checked = ready::check(&given.draft)?;
    given.draft.pull_wish(&checked.intent).map_err(Left::Use)?;
    let order = order(desk, args, &given, checked, read_only).await?;
    let mut to_be_refused = to_be_refused(&order);
    let streamed = args.format == Format::Text;
    let mut progress = Progress::default();
    let tell = |out: &mut Out, news: News| {
        let begins = matches!(&news, News::RungBegan(rung) if Rung::REFUSALS.contains(rung));
        if let Some(words) = to_be_refused.take_if(|_| begins) {
            out.say(&words);
        }
        progress.tell(out, news, streamed);
    };
    let report = match desk.follow(Job::Probe(Box::new(order)), tell).await? {
        (End::Probed(report), _) => *report,
        (End::Stopped, Some(signal)) => return Err(Left::Signalled(signal)),
        _ => return Err(stray()),
    };
    match args.format {
        Format::Json => desk.out.json(&value(&report)),
        Format::Text => desk.out.text(&summary(&report)),
    }
    Ok(u8::from(report.verdict == Verdict::Failed))
}

/// What is to be tested, with what.
async fn order<B: Bell>(
    desk: &mut Desk<B>,
    args: &PullTestArgs,
    given: &Given,
    checked: ready::Checked,
    read_only: bool,
) -> Result<ProbeOrder, Left> {
    let mode = checked.intent.mode();
    let (needless, why) = match mode {
        Mode::Oidc => {
            (args.access_key_file.is_some(), "--access-key-file is for mode = \"iam-user\"")
        }
        Mode::IamUser => (args.token_file.is_some(), "--token-file is for mode = \"oidc\""),
    };
    if needless {
        return Err(Left::Use(Fault::new(Cause::BadAnswers, why).with("key", "mode")));
    }
    // The key's own test takes no part of the operator's: he is asked only who he is where nothing else says the account.
    let (intent, is_ours) = match checked {
        ready::Checked { intent: Intent::IamUser(user), names_account: true } => {
            (user.into(), false)
        }
        checked => ours(desk, given, checked).await?,
    };
    let wish = given.draft.pull_wish(&intent)?;
    let bearer = match intent {
        Intent::Oidc(intent) => {
            let there = if is_ours { role_there(desk, &intent).await? } else { None };
            let role = there.unwrap_or_else(|| intent.role_arn());
            Bearer::Role(RoleBearer { intent, role, token: token(args, given) })
        }
        Intent::IamUser(intent) => {
            let key = key(args, &intent)?;
            Bearer::Key(KeyBearer { user: intent.user_arn(), intent, key })
        }
    };
    let refusals = match (args.skip_refusals, read_only) {
        (true, _) => Refusals::LeftOut,
        (false, true) => Refusals::AllButPush,
        (false, false) => Refusals::All,
    };
    let (wait, just_changed) =
        (args.wait.map_or(WAIT, Duration::from_secs), args.wait.is_some_and(|seconds| seconds > 0));
    Ok(ProbeOrder { bearer, wish, wait, just_changed, refusals })
}

/// The operator's login is not needed for the test: without one, or with one of elsewhere, the account that the
/// answers name is taken, or the registry's, and a refusal is explained less well. Says whether there is one.
async fn ours<B: Bell>(
    desk: &mut Desk<B>,
    given: &Given,
    checked: ready::Checked,
) -> Result<(Intent, bool), Left> {
    match desk.whoami().await?.and_then(|caller| given.draft.intent(&caller)) {
        Ok(intent) => Ok((intent, true)),
        // A bad endpoint or bundle would spoil the test as well.
        Err(fault) if matches!(fault.cause, Cause::BadAnswers | Cause::File) => Err(fault.into()),
        Err(fault) if checked.names_account => {
            let why = fault.cause.slug();
            desk.out.say(&format!(
                "note: no AWS login of that account ({why}); a refusal can be explained only in part"
            ));
            Ok((checked.intent, false))
        }
        Err(fault) => {
            let remedy = "name the account in the answers, for example account = \"112233445566\": the test \
                          itself needs no AWS login";
            Err(fault.remedy(remedy).into())
        }
    }
}

/// Where the key is: as told, else where its secret went.
fn key(args: &PullTestArgs, intent: &UserIntent) -> Result<KeySource, Left> {
    if let Some(path) = &args.access_key_file {
        return Ok(KeySource::File(path.clone()));
    }
    match &intent.custody {
        Custody::Kubernetes(place) => Ok(KeySource::Secret(place.clone())),
        Custody::File(path) => Ok(KeySource::File(path.clone())),
        Custody::Show => {
            let message =
                "secret_to = \"show\" keeps the secret nowhere: the test has to be given the key";
            let fault = Fault::new(Cause::BadAnswers, message).with("key", Field::KeyFile.key());
            Err(Left::Use(
                fault.remedy("give it with --access-key-file FILE, or - for standard input"),
            ))
        }
    }
}

/// The role's ARN as AWS has it; where it cannot be read, the one it should have.
async fn role_there<B: Bell>(
    desk: &mut Desk<B>,
    intent: &OidcIntent,
) -> Result<Option<RoleArn>, Left> {
    match desk.survey(&Intent::Oidc(intent.clone())).await {
        Ok(seen) => Ok(seen.role.map(|role| role.arn)),
        Err(Left::Fault(_)) => Ok(None),
        Err(left) => Err(left),
    }
}

fn token(args: &PullTestArgs, given: &Given) -> TokenSource {
    if let Some(path) = &args.token_file {
        return TokenSource::File(path.clone());
    }
    match given.draft.text(Field::TokenFile) {
        "" => TokenSource::Cluster(given.draft.context.clone()),
        "-" => TokenSource::File(PathBuf::from("-")),
        path => TokenSource::File(given.folder.join(Path::new(path))),
    }
}

/// What is said before it is tried what must be refused.
fn to_be_refused(order: &ProbeOrder) -> Option<String> {
    let mut things = Vec::new();
    let from_cluster =
        matches!(&order.bearer, Bearer::Role(RoleBearer { token: TokenSource::Cluster(_), .. }));
    if order.refusals != Refusals::LeftOut && from_cluster {
        things.extend(["a token for another audience", "a token of another service account"]);
    }
    if order.refusals == Refusals::All {
        things.push("a push (an upload is begun; if it is let in, it is cancelled)");
    }
    let count = match things.len() {
        0 => return None,
        1 => "one thing",
        2 => "two things",
        _ => "three things",
    };
    Some(format!("next: {count} that must be refused: {}", things.join(", ")))
}

#[derive(Default)]
struct Progress {
    blobs: BTreeMap<String, BlobProgress>,
    said: Option<Instant>,
}

impl Progress {
    /// With `streamed` the rungs are the result and are printed as they come; else they are talk.
    fn tell(&mut self, out: &mut Out, news: News, streamed: bool) {
        match news {
            News::RungEnded(result) if streamed => out.text(&text::rung(&result)),
            News::RungEnded(result) => out.say(&text::rung(&result)),
            News::Tried(tried) => {
                if let Some(next) = tried.next_in {
                    let came = match tried.refused {
                        Some(fault) => format!("was refused ({})", fault.cause.slug()),
                        None => "was let in".to_owned(),
                    };
                    let until = tried.wait.map_or_else(String::new, |wait| {
                        format!("; {}, so it goes on up to {} s", wait.why, wait.until.as_secs())
                    });
                    out.say(&format!(
                        "{}: try {} after {} {came}, next in {} s{until}",
                        tried.rung.id(),
                        tried.number,
                        text::seconds(tried.after),
                        next.as_secs()
                    ));
                }
            }
            News::Layers(blobs) => {
                self.blobs = blobs.into_iter().map(|b| (b.digest.clone(), b)).collect();
                self.said = Some(Instant::now());
            }
            News::Bytes(progress) => {
                self.blobs.insert(progress.digest.clone(), progress);
                if self.said.is_none_or(|then| then.elapsed() >= BETWEEN_LINES) {
                    self.said = Some(Instant::now());
                    let (received, total) = self
                        .blobs
                        .values()
                        .fold((0_u64, 0_u64), |(r, t), b| (r + b.received, t + b.total));
                    let (received, total) = (mebibytes(received), mebibytes(total));
                    out.say(&format!("layers: {received} of {total}"));
                }
            }
            _ => {}
        }
    }
}

fn value(report: &ProbeReport) -> Value {
    let rungs: Vec<Value> = report
        .rungs
        .iter()
        .map(|rung| {
            let mut shown = json!({
                "id": rung.rung.id(),
                "status": rung.status.word(),
                "ms": rung.took.as_millis(),
                "detail": rung.detail,
            });
            if let Some(fault) = &rung.fault {
                put(&mut shown, "fault", fault);
            }
            shown
        })
        .collect();
    let image = report.image.as_ref().map(|image| {
        json!({
            "reference": image.reference,
            "digest": image.digest,
            "platform": image.platform,
            "layers": image.layers,
            "bytes": image.bytes,
        })
    });
    result(json!({
        "verdict": report.verdict.word(),
        "rungs": rungs,
        "image": image,
        "bytes_per_second": report.bytes_per_second,
    }))
}

fn summary(report: &ProbeReport) -> String {
    let mut lines = Vec::new();
    if let Some(image) = &report.image {
        lines.push(format!("\nImage    {}\nDigest   {}", image.reference, image.digest));
    }
    if let Some(speed) = report.bytes_per_second {
        lines.push(format!("Speed    {} per second", mebibytes(speed)));
    }
    lines.push(match report.verdict {
        Verdict::Passed => "Passed: the image came whole out of the registry.".to_owned(),
        Verdict::Partly => {
            "Partly: what was tried worked; the whole image was not asked for.".to_owned()
        }
        Verdict::Failed => "Failed.".to_owned(),
    });
    lines.join("\n")
}
