//! User mode: the user, where the secret goes, the key that is made, and its rotation.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{Applied, ApplyOutcome, End, Job, News, StepOutcome};
use okteto_ecr::domain::arn::{PolicyArn, UserArn};
use okteto_ecr::domain::custody::{SeenPlace, SeenSecret};
use okteto_ecr::domain::draft::Field;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::inventory::{Inventory, SeenUser};
use okteto_ecr::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use okteto_ecr::domain::operation::Deed;
use okteto_ecr::domain::partition::Partition;
use okteto_ecr::domain::probe::{ProbeReport, Rung, RungResult, RungStatus, Try, Verdict, Wait};
use okteto_ecr::domain::secret::AccessKey;
use secrecy::ExposeSecret as _;

use super::support::{ASCII, Desk, MONO, UTF8};

pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub const OLD: &str = "AKIAIOSFODNN7EXAMPLE";
pub const NEW: &str = "AKIAI44QH8DHBEXAMPLE";
/// When the account is read.
const NOW: i64 = 1_790_000_000;
const DAY: i64 = 86_400;

/// The three sizes, under one name.
macro_rules! pictures {
    ($desk:expr, $name:literal) => {
        assert_snapshot!(concat!($name, "_80x24"), $desk.picture(80, 24, UTF8));
        assert_snapshot!(concat!($name, "_100x30"), $desk.picture(100, 30, UTF8));
        assert_snapshot!(concat!($name, "_60x15"), $desk.picture(60, 15, UTF8));
        $desk.any_size();
    };
}

/// At the identity step of user mode.
fn identity() -> Desk {
    let mut desk = Desk::new();
    desk.app.draft.context = Some("my-cluster".to_owned());
    desk.press("Esc Down Enter");
    desk
}

pub fn access() -> Desk {
    let mut desk = identity();
    desk.press("Enter");
    desk
}

/// At the choice of where the secret goes.
fn secret() -> Desk {
    let mut desk = access();
    desk.press("Tab Tab");
    desk
}

fn key(id: &str, status: KeyStatus, days: i64, last_use: LastUse) -> SeenKey {
    let id = KeyId::parse(id).unwrap();
    SeenKey { id, status, created_at: Some(NOW - days * DAY), last_use }
}

fn old(status: KeyStatus) -> SeenKey {
    key(OLD, status, 400, LastUse::At(NOW - 3 * 3600, "ecr".to_owned()))
}

fn new() -> SeenKey {
    key(NEW, KeyStatus::Active, 0, LastUse::Never)
}

fn user(ours: bool, keys: Vec<SeenKey>) -> Inventory {
    let name = "private-registry-user";
    let tag = if ours { ("okteto-ecr:run", "x") } else { ("owner", "somebody") };
    Inventory {
        user: Some(SeenUser {
            arn: UserArn::parse(&format!("arn:aws:iam::112233445566:user/{name}")).unwrap(),
            name: name.to_owned(),
            path: "/".to_owned(),
            created_at: None,
            tags: BTreeMap::from([(tag.0.to_owned(), tag.1.to_owned())]),
            boundary: None,
            attached: vec![PolicyArn::managed(
                Partition::Aws,
                "AmazonEC2ContainerRegistryReadOnly",
            )],
            inline: BTreeMap::new(),
            groups: if ours { Vec::new() } else { vec!["developers".to_owned()] },
            has_password: Some(!ours),
            keys,
        }),
        place: Some(Ok(SeenPlace::Free)),
        read_at: Some(NOW),
        ..Inventory::default()
    }
}

/// The same, and the Secret holds this key.
fn in_secret(id: &str, seen: Inventory) -> Inventory {
    let key = KeyId::parse(id).ok();
    let ours = SeenSecret { is_ours: true, key, version: "1".to_owned() };
    Inventory { place: Some(Ok(SeenPlace::Ours(ours))), ..seen }
}

fn read(desk: &mut Desk, seen: Inventory) {
    desk.end(|j| matches!(j, Job::Survey(_)), End::Surveyed(Ok(Box::new(seen))));
}

pub fn planned(seen: Inventory) -> Desk {
    let mut desk = access();
    desk.press("Enter");
    read(&mut desk, seen);
    desk
}

fn nothing() -> Inventory {
    Inventory { place: Some(Ok(SeenPlace::Free)), read_at: Some(NOW), ..Inventory::default() }
}

fn done() -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(300) }
}

/// Some state of the account, one for each number below 8.
pub fn of(n: usize) -> Inventory {
    match n {
        0 => nothing(),
        1 => user(false, Vec::new()),
        2 => user(false, vec![old(KeyStatus::Inactive), new()]),
        3 => user(true, vec![old(KeyStatus::Active)]),
        4 => user(true, vec![old(KeyStatus::Active), new()]),
        5 => user(true, vec![new()]),
        6 => user(true, vec![old(KeyStatus::Inactive), new()]),
        _ => Inventory { place: None, ..user(true, vec![old(KeyStatus::Inactive)]) },
    }
}

/// The plan is applied, its last step ends so.
fn applied(desk: &mut Desk, last: StepOutcome, held: bool) {
    desk.press("Enter Tab Enter");
    let count = desk.app.apply.run().expect("it was sent").course.progress.len();
    desk.end(|j| matches!(j, Job::Apply(_)), ended(count, last, held));
}

/// So many steps were carried out, and with them a key was made.
pub fn made(count: usize, held: bool) -> End {
    ended(count, done(), held)
}

fn ended(count: usize, last: StepOutcome, held: bool) -> End {
    let good = matches!(last, StepOutcome::Done { .. });
    let mut steps = vec![done(); count - 1];
    steps.push(last);
    let id = KeyId::parse(OLD).unwrap();
    let applied = Applied {
        outcome: if good { ApplyOutcome::Done } else { ApplyOutcome::Failed },
        steps,
        key: good.then(|| id.clone()),
        held: held.then(|| AccessKey { id, secret: SECRET.into() }),
        ..Applied::default()
    };
    End::Applied(Box::new(applied))
}

#[test]
fn the_user() {
    let mut desk = identity();
    pictures!(desk, "user_identity");
    assert_snapshot!("user_identity_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.paste("arn:aws:iam::112233445566:role/my-role");
    assert_snapshot!("user_identity_role_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn permissions_and_options_have_nothing_of_a_role() {
    let mut desk = access();
    pictures!(desk, "user_permissions");
    let picture = desk.picture(100, 30, UTF8);
    assert!(!picture.contains("Trust") && picture.contains("never expires"), "{picture}");
    desk.press("BackTab");
    let picture = desk.picture(100, 30, UTF8);
    assert!(picture.contains("Tags") && !picture.contains("session"), "{picture}");
}

#[test]
fn where_the_secret_goes() {
    let mut desk = secret();
    assert_snapshot!("user_secret_trying_80x24", desk.picture(80, 24, UTF8));
    let tried = |place| End::PlaceTried(place);
    desk.end(|j| matches!(j, Job::TryPlace(_)), tried(Ok(SeenPlace::Free)));
    pictures!(desk, "user_secret_kubernetes");
    assert_snapshot!("user_secret_mono_80x24", desk.picture(80, 24, MONO));
    desk.press("r");
    let refused = Fault::new(
        Cause::ClusterPermissionMissing,
        "the cluster does not let this user do it: secrets is forbidden: User \"dev\" cannot create resource",
    )
    .remedy("ask for the right to get, create and update Secrets in the namespace");
    desk.end(|j| matches!(j, Job::TryPlace(_)), tried(Err(refused)));
    pictures!(desk, "user_secret_refused");
    desk.press("Down Tab");
    pictures!(desk, "user_secret_file");
    desk.press("BackTab Down");
    pictures!(desk, "user_secret_show");
    desk.press("i");
    assert_snapshot!("user_secret_compared_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn a_new_user_is_planned_asked_about_and_made() {
    let mut desk = planned(nothing());
    desk.press("Down Down Down");
    pictures!(desk, "user_plan_new");
    desk.press("Enter");
    pictures!(desk, "user_question");
    desk.press("Esc");
    desk.picture(60, 15, UTF8);
    desk.press("Enter");
    assert_snapshot!("user_question_low_60x15", desk.picture(60, 15, UTF8));
    desk.press("Esc");
    applied(&mut desk, done(), false);
    pictures!(desk, "user_made");
}

#[test]
fn a_user_that_is_there_is_shown_whole_and_adopted_by_name() {
    let keys = vec![old(KeyStatus::Inactive), new()];
    let mut desk = planned(user(false, keys));
    pictures!(desk, "user_plan_there");
    desk.press("G i");
    assert_snapshot!("user_there_whole_80x24", desk.picture(80, 24, UTF8));
    // Without a key one is made, and somebody else's user is named first.
    let mut desk = planned(user(false, Vec::new()));
    desk.press("Enter");
    assert_snapshot!("user_adopted_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn a_place_that_would_not_take_the_secret_stands_in_the_way() {
    let fault = Fault::new(Cause::File, "could not make the file key.env: it is there already")
        .remedy("name a file that is not there yet");
    let mut desk = planned(Inventory { place: Some(Err(fault)), ..nothing() });
    pictures!(desk, "user_plan_no_place");
    let mut desk = planned(in_secret(NEW, nothing()));
    desk.press("Enter");
    assert_snapshot!("user_question_foreign_secret_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn what_could_not_be_delivered_is_deleted_and_what_was_lost_is_found() {
    let mut desk = planned(nothing());
    let fault = Fault::new(
        Cause::AdmissionRefused,
        format!("the secret could not be delivered, and the key {OLD} was deleted at once: a policy of the cluster refuses the Secret"),
    )
    .with("key", OLD)
    .with("key_deleted", "yes")
    .remedy("ask the owner of the policy that it names");
    applied(&mut desk, StepOutcome::Failed { fault, took: Duration::from_secs(1) }, false);
    pictures!(desk, "user_not_delivered");

    let mut desk = planned(nothing());
    let fault = Fault::new(Cause::Unreachable, "iam:CreateAccessKey got no whole answer")
        .with("outcome", "unknown")
        .with("unknown_key", OLD)
        .remedy(format!("delete the key {OLD}: nobody has its secret"));
    applied(&mut desk, StepOutcome::Unknown { fault, took: Duration::from_mins(1) }, false);
    pictures!(desk, "user_lost_key");
    desk.press("f");
    read(&mut desk, user(true, vec![old(KeyStatus::Active)]));
    desk.press("Enter");
    assert_snapshot!("user_lost_key_question_80x24", desk.picture(80, 24, UTF8));
}

/// A pull test of the key, from the set-up on.
fn at_pull(desk: &mut Desk) {
    desk.press("Enter");
    desk.paste("team/app:latest");
}

fn rung(rung: Rung, status: RungStatus, detail: &str) -> RungResult {
    let took = Duration::from_millis(400);
    RungResult { rung, status, took, detail: detail.to_owned(), fault: None }
}

fn passed(desk: &mut Desk, id: &str) {
    desk.end(|j| matches!(j, Job::Probe(_)), pulled(id));
}

/// A pull test with this key has passed.
pub fn pulled(id: &str) -> End {
    let details = [
        format!("{id}, from the Secret okteto/okteto-ecr-112233445566-us-east-2"),
        "arn:aws:iam::112233445566:user/private-registry-user".to_owned(),
        "good until 2026-11-24T04:53:00Z".to_owned(),
        "sha256:aa, linux/amd64, 5 layers".to_owned(),
        "6 blobs, 96.0 MiB".to_owned(),
        "size and sha256 of 6 blobs".to_owned(),
        "denied: ecr:InitiateLayerUpload".to_owned(),
    ];
    let rungs = Rung::USER.into_iter().zip(&details);
    let report = ProbeReport {
        verdict: Verdict::Passed,
        rungs: rungs.map(|(r, detail)| rung(r, RungStatus::Passed, detail)).collect(),
        image: None,
        bytes_per_second: Some(7 << 20),
        key: KeyId::parse(id).ok(),
    };
    End::Probed(Box::new(report))
}

#[test]
fn the_pull_test_of_a_key() {
    let mut desk = planned(nothing());
    applied(&mut desk, done(), false);
    at_pull(&mut desk);
    pictures!(desk, "user_pull_setup");
    desk.press("Enter");
    let probing = |j: &Job| matches!(j, Job::Probe(_));
    desk.news(probing, News::RungBegan(Rung::AccessKey));
    let refused = Fault::new(Cause::AccessKeyUnknown, "sts:GetCallerIdentity was refused");
    desk.news(
        probing,
        News::Tried(Try {
            rung: Rung::AccessKey,
            number: 3,
            after: Duration::from_secs(7),
            refused: Some(refused),
            next_in: Some(Duration::from_secs(8)),
            wait: Some(Wait {
                why: "the key was made 9 s ago".to_owned(),
                until: Duration::from_secs(111),
            }),
        }),
    );
    desk.wait(3000);
    pictures!(desk, "user_pull_waiting");
    passed(&mut desk, OLD);
    pictures!(desk, "user_pull_passed");
}

#[test]
fn the_hand_over_and_the_secret_that_is_masked() {
    let mut desk = planned(nothing());
    applied(&mut desk, done(), false);
    at_pull(&mut desk);
    desk.press("Enter");
    passed(&mut desk, OLD);
    desk.press("Enter");
    pictures!(desk, "user_handover");
    desk.press("e");
    pictures!(desk, "user_manifest");

    let mut desk = secret();
    desk.press("Down Down Enter");
    read(&mut desk, nothing());
    applied(&mut desk, done(), true);
    at_pull(&mut desk);
    desk.press("Enter");
    passed(&mut desk, OLD);
    desk.press("Enter");
    pictures!(desk, "user_handover_held");
    assert_snapshot!("user_handover_held_ascii_80x24", desk.picture(80, 24, ASCII));
    let shows = |desk: &mut Desk| desk.picture(80, 24, UTF8).contains(SECRET);
    assert!(!shows(&mut desk));
    desk.press("v");
    assert!(shows(&mut desk), "{}", desk.picture(80, 24, UTF8));
    desk.wait(19_000);
    assert!(shows(&mut desk));
    desk.wait(1_100);
    assert!(!shows(&mut desk), "it is hidden by time alone");
    desk.press("v v");
    assert!(!shows(&mut desk));
    // Another step, and back: nothing is shown unasked.
    desk.press("v Esc Enter");
    assert!(!shows(&mut desk));
    assert!(!format!("{:?}", desk.app).contains(SECRET));
    desk.press("Enter");
    assert_snapshot!("user_finish_held_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc q");
    assert_snapshot!("user_leave_held_80x24", desk.picture(80, 24, UTF8));
    assert!(desk.app.apply.held[0].secret.expose_secret() == SECRET);
}

#[test]
fn the_rotation_from_its_beginning_to_its_end() {
    let mut desk = planned(user(true, vec![old(KeyStatus::Active)]));
    desk.press("K");
    assert_snapshot!("rotation_reading_80x24", desk.picture(80, 24, UTF8));
    read(&mut desk, in_secret(OLD, user(true, vec![old(KeyStatus::Active)])));
    pictures!(desk, "rotation_second");
    desk.press("Enter");
    assert_snapshot!("rotation_second_question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc");
    applied(&mut desk, done(), false);
    read(&mut desk, in_secret(NEW, user(true, vec![old(KeyStatus::Active), new()])));
    pictures!(desk, "rotation_test");
    desk.press("Enter");
    desk.paste("team/app:latest");
    desk.press("Enter");
    passed(&mut desk, NEW);
    assert_snapshot!("rotation_pulled_80x24", desk.picture(80, 24, UTF8));
    desk.press("Enter");
    read(&mut desk, user(true, vec![old(KeyStatus::Active), new()]));
    pictures!(desk, "rotation_okteto");
    desk.press("Enter");
    assert_snapshot!("rotation_okteto_question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Tab Enter");
    pictures!(desk, "rotation_retire");
    desk.press("Enter");
    assert_snapshot!("rotation_retire_question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc r");
    read(&mut desk, user(true, vec![old(KeyStatus::Inactive), new()]));
    pictures!(desk, "rotation_watch");
    super::svg::assert_is("rotation", &desk.buffer(100, 30, UTF8));
    desk.press("u");
    assert_snapshot!("rotation_restore_question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc Enter");
    assert_snapshot!("rotation_delete_question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Tab Tab").paste(OLD).press("Enter Tab Enter");
    let (steps, outcome) = (vec![done()], ApplyOutcome::Done);
    let applied = Applied { outcome, steps, ..Applied::default() };
    desk.end(|j| matches!(j, Job::Apply(_)), End::Applied(Box::new(applied)));
    read(&mut desk, user(true, vec![new()]));
    pictures!(desk, "rotation_done");
}

#[test]
fn a_rotation_that_cannot_go_on_says_why() {
    let both = [old(KeyStatus::Inactive), key(NEW, KeyStatus::Inactive, 1, LastUse::Unknown)];
    let mut desk = planned(user(true, both.to_vec()));
    desk.press("Esc");
    desk.app.draft.set(Field::User, "private-registry-user");
    desk.press("Enter");
    read(&mut desk, user(true, both.to_vec()));
    assert_snapshot!("rotation_none_active_plan_80x24", desk.picture(80, 24, UTF8));
    desk.press("K");
    read(&mut desk, user(true, both.to_vec()));
    assert_snapshot!("rotation_none_active_80x24", desk.picture(80, 24, UTF8));
    desk.press("u");
    assert_snapshot!("rotation_none_active_question_80x24", desk.picture(80, 24, UTF8));
}

/// Two keys, and the younger is one whose secret nobody here has: the way on is by the operator's word alone.
#[test]
fn a_second_key_whose_secret_nobody_has() {
    let both = [old(KeyStatus::Active), new()];
    let mut desk = planned(user(true, both.to_vec()));
    desk.press("K");
    read(&mut desk, user(true, both.to_vec()));
    pictures!(desk, "rotation_unheld");
    desk.press("f");
    assert_snapshot!("rotation_unheld_question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc");
    assert!(!desk.started.iter().any(|(_, job)| matches!(job, Job::Apply(_))));
}

/// A call that makes a key is not walked away from, and a reading that was walked away from is read anew.
#[test]
fn the_rotation_is_left_while_it_reads_and_not_while_it_sends() {
    let one = || in_secret(OLD, user(true, vec![old(KeyStatus::Active)]));
    let mut desk = planned(one());
    desk.press("K Esc");
    assert_eq!(desk.app.step, Step::Apply);
    read(&mut desk, one());
    desk.press("K");
    read(&mut desk, one());
    desk.press("Enter Tab Enter");
    assert!(desk.app.apply.running().is_some(), "{}", desk.picture(80, 24, UTF8));
    desk.press("Esc");
    assert_eq!(desk.app.step, Step::Rotation);
    assert!(desk.picture(80, 24, UTF8).contains("is being sent"));
}

/// Two keys of which one was made here: leaving for good is asked about.
#[test]
fn an_unfinished_rotation_is_not_finished_in_passing() {
    let mut desk = planned(in_secret(OLD, user(true, vec![old(KeyStatus::Active)])));
    desk.press("K");
    read(&mut desk, in_secret(OLD, user(true, vec![old(KeyStatus::Active)])));
    desk.press("Enter Tab Enter");
    let made = Applied {
        outcome: ApplyOutcome::Done,
        steps: vec![done()],
        key: KeyId::parse(NEW).ok(),
        ..Applied::default()
    };
    desk.end(|j| matches!(j, Job::Apply(_)), End::Applied(Box::new(made)));
    read(&mut desk, in_secret(NEW, user(true, vec![old(KeyStatus::Active), new()])));
    desk.press("Enter");
    desk.paste("team/app:latest");
    desk.press("Enter");
    passed(&mut desk, NEW);
    desk.press("Enter");
    read(&mut desk, in_secret(NEW, user(true, vec![old(KeyStatus::Active), new()])));
    desk.press("Esc");
    read(&mut desk, in_secret(NEW, user(true, vec![old(KeyStatus::Active), new()])));
    desk.app.go_to(Step::Okteto);
    desk.press("Enter");
    let picture = desk.picture(80, 24, UTF8);
    assert!(picture.contains("not at its end") && picture.contains(OLD), "{picture}");
}
