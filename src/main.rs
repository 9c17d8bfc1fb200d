//! Reads the command line, builds the outside, runs, and ends with the exit code of the contract.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use okteto_ecr::app::step::Step;
use okteto_ecr::app::wizard::{Lessons, Setup};
use okteto_ecr::aws::{Aws, AwsOptions, Fixed};
use okteto_ecr::cli::{
    Cli, Color, Command, FollowArgs, Global, PracticeCommand, ReviewArgs, UndoArgs, asks_for_json,
};
use okteto_ecr::clock;
use okteto_ecr::cluster::Kubectl;
use okteto_ecr::discovery::{Visitor, VisitorOptions};
use okteto_ecr::domain::exercise::progress::Progress;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::partition::Region;
use okteto_ecr::engine::read_only::ReadOnly;
use okteto_ecr::engine::runner::Runner;
use okteto_ecr::follow::host::Host;
use okteto_ecr::follow::viewer::{self, Session};
use okteto_ecr::headless::{self, Out, Reveal, Setting, Signals};
use okteto_ecr::ledger::{self, Ledger, Log, Run};
use okteto_ecr::ports::{CallRecord, Cloud, OnCall, Roster, World};
use okteto_ecr::practice::exercises::shipped;
use okteto_ecr::practice::open::Practice;
use okteto_ecr::practice::own::{self, Own};
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::registry::{Puller, PullerOptions, Reach, Url};
use okteto_ecr::ui::theme::Theme;
use okteto_ecr::{shell, terminal};
use rustix::process::{Resource, Rlimit, setrlimit};
use secrecy::ExposeSecret;
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::unbounded_channel;

/// Wrong use.
const USE: u8 = 2;
/// A bug in the program.
const BUG: u8 = 70;

fn main() -> ExitCode {
    no_core();
    outlive_full_files();
    let cli = match Cli::read(env::args_os()) {
        Ok(cli) => cli,
        Err(told) => {
            let _ = told.print();
            let code = u8::try_from(told.exit_code()).unwrap_or(USE);
            if code == USE && asks_for_json(env::args_os()) {
                // The words went to standard error already; a script reads the result.
                Out::standard().fault_as_json(&misused(&told.to_string()));
            }
            return ExitCode::from(code);
        }
    };
    ExitCode::from(catch_unwind(AssertUnwindSafe(|| run(cli))).unwrap_or(BUG))
}

/// What is in memory does not get into a file by a crash: tokens and keys are there.
fn no_core() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // Where the system refuses even less, it stays as it is.
    let _ = setrlimit(Resource::Core, none);
}

/// Writing past a limit on the size of files must fail like a full disk, and not end the program: a call that is not in the
/// journal is not sent, and the one that was sent is still answered.
fn outlive_full_files() {
    // Any handler of our own keeps the signal from ending the program; nothing has to be done about it. Where the system
    // refuses it, it stays as it is.
    let _ = flag::register(SIGXFSZ, Arc::default());
}

/// Wrong use as a fault: the first paragraph of what the parser says.
fn misused(told: &str) -> Fault {
    let words: Vec<&str> =
        told.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let words = words.join(" ");
    Fault::new(Cause::BadAnswers, words.strip_prefix("error: ").unwrap_or(&words))
        .remedy("run: okteto-ecr help")
}

fn run(cli: Cli) -> u8 {
    let own = match cli.exercises().map(own::read).transpose() {
        Ok(own) => own,
        Err(fault) => {
            Out::standard().fault(&fault, false);
            return USE;
        }
    };
    let practises = cli.practises();
    let Cli { command, global, .. } = cli;
    let json = command.as_ref().is_some_and(Command::is_json);
    let is_review = matches!(&command, Some(Command::Review(args)) if args.format.is_none());
    let full_screen = match &command {
        None => Some(("wizard", "use plan, apply and pull-test with --answers")),
        Some(Command::Follow(_)) => Some(("view of a session", "read the log of its run")),
        Some(_) if is_review => {
            Some(("full-screen review", "use review with --format text, json, csv or sarif"))
        }
        Some(_) => None,
    };
    if let Some((what, instead)) = full_screen
        && let Some(sentence) = no_terminal(what, instead)
    {
        let _ = writeln!(io::stderr(), "{sentence}");
        return USE;
    }
    let done = match command {
        Some(Command::Practice(args)) => serve(args.command),
        Some(Command::Follow(args)) => follow(&args, &global),
        // Needs neither AWS nor the state folder.
        Some(Command::CheckTrust(args)) => Ok(headless::check_trust(&args, Out::standard())),
        Some(Command::Review(args)) if is_review => {
            wizard(&global, false, None, Step::Review, args.accepted_file())
        }
        Some(command) => print(command, &global),
        None => {
            let begin_at = if practises { Step::Practice } else { Step::Mode };
            wizard(&global, practises, own, begin_at, ReviewArgs::ACCEPTED.into())
        }
    };
    done.unwrap_or_else(|fault| {
        Out::standard().fault(&fault, json);
        if fault.cause == Cause::BadAnswers { USE } else { 1 }
    })
}

/// Why what takes the whole screen cannot be shown, if so.
fn no_terminal(what: &str, instead: &str) -> Option<String> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Some(format!("okteto-ecr: the {what} needs a terminal; without one {instead}"));
    }
    env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb").then(|| {
        format!("okteto-ecr: the {what} cannot draw on a terminal of TERM=dumb; {instead}")
    })
}

/// Looks on at a session of another terminal.
fn follow(args: &FollowArgs, global: &Global) -> Result<u8, Fault> {
    let folder = Ledger::open(global.state_dir.clone())?.following();
    let theme = theme(global);
    let runtime = runtime()?;
    let ending = runtime.block_on(async {
        let session = Session::find(&folder, args.run.as_deref()).await?;
        Ok(viewer::watch(session, theme).await)
    });
    end(runtime, None);
    match ending? {
        Ok(viewer::Ending::Left) => Ok(0),
        Ok(viewer::Ending::Over) => {
            let _ = writeln!(io::stderr(), "okteto-ecr: the session ended");
            Ok(0)
        }
        Ok(viewer::Ending::Signal(number)) => {
            let _ = signal_hook::low_level::emulate_default_handler(number);
            Ok(shell::Ending::Signal(number).code())
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(Fault::new(Cause::Unexplained, "what the session sends is not understood")
                .remedy("follow it with the same version of okteto-ecr as it runs"))
        }
        Err(error) => Err(went_away(&error)),
    }
}

fn went_away(error: &io::Error) -> Fault {
    Fault::new(Cause::Unexplained, format!("the terminal went away: {error}"))
}

/// The commands that print.
fn print(command: Command, global: &Global) -> Result<u8, Fault> {
    let ledger = Ledger::open(global.state_dir.clone())?;
    let run = ledger.begin(clock::now());
    own_up(run.folder());
    let mut out = Out::standard();
    let log = match command {
        Command::Info(_) | Command::Runs(_) => None,
        // What changes something is not done without its log.
        Command::Apply(_) | Command::Undo(UndoArgs { yes: true, .. }) if !global.read_only => {
            Some(listened(&run)?)
        }
        _ => match listened(&run) {
            Ok(log) => Some(log),
            Err(fault) => {
                out.say(&format!("note: no log is kept: {}", fault.message));
                None
            }
        },
    };
    let on_call: OnCall = Arc::new(|record| ledger::note(&record));
    let world = world(global, &on_call, &run)?;
    let runtime = runtime()?;
    let read_only = global.read_only;
    let code = runtime.block_on(async {
        let signals = Signals::new().map_err(|error| no_start(&error))?;
        let reveal = reveal();
        let setting = Setting { world, ledger, run, read_only, out, reveal };
        Ok(headless::run(command, setting, signals).await)
    });
    end(runtime, log);
    code
}

/// Shows an access key to whoever sits at the terminal, if anybody does: for both of what is typed and what is printed.
fn reveal() -> Option<Reveal> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return None;
    }
    Some(Box::new(|key| {
        let (id, secret) = (key.id.as_str(), key.secret.expose_secret());
        let shown = terminal::show(&[("Access Key", id), ("Secret Access Key", secret)])?;
        Ok(Box::new(move || shown.is_over()))
    }))
}

/// The commands of practice, which need neither AWS nor the state folder.
fn serve(command: PracticeCommand) -> Result<u8, Fault> {
    let runtime = runtime()?;
    let code = runtime.block_on(async {
        let signals = Signals::new().map_err(|error| no_start(&error))?;
        Ok(headless::practice(command, Out::standard(), signals).await)
    });
    end(runtime, None);
    code
}

/// The wizard; in practice with the exercises that were named beside those that are shipped.
fn wizard(
    global: &Global,
    in_practice: bool,
    own: Option<Own>,
    begin_at: Step,
    accepted: PathBuf,
) -> Result<u8, Fault> {
    let mut ledger = Ledger::open(global.state_dir.clone())?;
    if in_practice {
        ledger = ledger.for_practice();
    }
    let run = ledger.begin(clock::now());
    let log = listened(&run)?;
    let (told, calls) = unbounded_channel::<CallRecord>();
    let on_call: OnCall = Arc::new(move |record: CallRecord| {
        ledger::note(&record);
        // Nobody listens any more once the wizard has ended.
        let _ = told.send(record);
    });
    let runtime = runtime()?;
    let practice = if in_practice {
        Some(runtime.block_on(Practice::open(Scene::default())).map_err(|e| no_start(&e))?)
    } else {
        None
    };
    let world = match &practice {
        Some(practice) => made_up(practice, global, &on_call, &run)?,
        None => world(global, &on_call, &run)?,
    };
    let lessons = practice.as_ref().map(|practice| lessons(practice, &ledger, own));
    let setup = Setup {
        read_only: global.read_only,
        mask: global.mask,
        practice: in_practice,
        stamp: run.stamp(),
        run_folder: run.folder(),
        accepted,
        begin_at,
        last: ledger.latest_answers().map(|(_, draft)| draft),
        lessons: lessons.unwrap_or_default(),
    };
    let theme = theme(global);
    let ending = runtime.block_on(async {
        let (out, events) = unbounded_channel();
        let host = Host::open(ledger.make_following(), run.id());
        shell::run(setup, theme, Runner::new(world, out), events, calls, host).await
    });
    drop(practice);
    end(runtime, Some(log));
    if let Ok(shell::Ending::Signal(number)) = ending {
        // Whoever waits for this process is told which signal it was: a shell makes 128 + number of it.
        let _ = signal_hook::low_level::emulate_default_handler(number);
    }
    ending.map(shell::Ending::code).map_err(|error| went_away(&error))
}

/// What can be practised, and how far the learner is.
fn lessons(practice: &Practice, ledger: &Ledger, own: Option<Own>) -> Lessons {
    let (progress, fault) = match ledger.progress() {
        Ok(progress) => (progress, None),
        Err(fault) => (Progress::default(), Some(fault)),
    };
    let is_file = own.as_ref().is_some_and(|own| own.is_file);
    let own = own.map(|own| own.exercises).unwrap_or_default();
    let (exercises, at) = own::among(shipped(), own);
    let exercises = exercises.into_iter().map(Arc::new).collect();
    let begin = at.filter(|_| is_file);
    Lessons { exercises, begin, progress, fault, exports: headless::exports(practice).into() }
}

/// A bug in the program: one sentence on standard error. The wizard has a hook of its own.
fn own_up(folder: PathBuf) {
    std::panic::set_hook(Box::new(move |bug| {
        let place = bug.location().map(|at| format!(" at {}:{}", at.file(), at.line()));
        let _ = writeln!(
            io::stderr(),
            "okteto-ecr met a bug in itself{} and stopped. The log is in {}; plan shows what exists in AWS.",
            place.unwrap_or_default(),
            folder.display()
        );
    }));
}

fn listened(run: &Run) -> Result<Log, Fault> {
    let log = run.open_log()?;
    log.listen();
    Ok(log)
}

fn runtime() -> Result<Runtime, Fault> {
    let built = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| no_start(&error))
}

fn no_start(error: &io::Error) -> Fault {
    Fault::new(Cause::Unexplained, format!("the program could not start: {error}"))
}

/// Nothing is waited for any more: a read of standard input may never end.
fn end(runtime: Runtime, log: Option<Log>) {
    runtime.shutdown_timeout(Duration::from_millis(100));
    drop(log);
}

fn world(global: &Global, on_call: &OnCall, run: &Run) -> Result<World, Fault> {
    let ca_bundle = env::var_os("AWS_CA_BUNDLE").filter(|p| !p.is_empty()).map(PathBuf::from);
    let options = AwsOptions {
        profile: global.profile.clone(),
        region: global.region.clone(),
        endpoint_url: global.endpoint_url.clone(),
        fixed: None,
    };
    let (cloud, roster) = cloud(options, global, on_call);
    let issuer_endpoint = url(global.issuer_endpoint.as_deref(), "--issuer-endpoint")?;
    let registry_endpoint = url(global.registry_endpoint.as_deref(), "--registry-endpoint")?;
    let reach = Reach::World(ca_bundle);
    let visitor = VisitorOptions { issuer_endpoint, reach: reach.clone() };
    let puller = PullerOptions { registry_endpoint, reach };
    Ok(World {
        cloud,
        roster,
        issuers: Arc::new(Visitor::new(visitor, Arc::clone(on_call))),
        registry: Arc::new(Puller::new(puller, Arc::clone(on_call))),
        cluster: Arc::new(Kubectl::default()),
        ledger: Arc::new(run.clone()),
        archive: Arc::new(run.clone()),
        classroom: None,
    })
}

/// The outside of practice: the same adapters, and nothing of the environment.
fn made_up(
    practice: &Practice,
    global: &Global,
    on_call: &OnCall,
    run: &Run,
) -> Result<World, Fault> {
    let Practice { served, scene, key: (id, secret), .. } = practice;
    let region = Region::parse(&scene.region)
        .map_err(|problem| Fault::new(Cause::Unexplained, format!("the scene: {problem}")))?;
    let fixed = Fixed {
        endpoint: served.aws.clone(),
        access_key_id: id.clone(),
        secret_access_key: secret.clone(),
        region,
        name: "practice",
    };
    let options = AwsOptions { fixed: Some(fixed), ..AwsOptions::default() };
    let (issuer_endpoint, registry_endpoint) =
        (url(Some(&served.issuer), "issuer")?, url(Some(&served.registry), "registry")?);
    let visitor = VisitorOptions { issuer_endpoint, reach: Reach::Loopback };
    let puller = PullerOptions { registry_endpoint, reach: Reach::Loopback };
    let (cloud, roster) = cloud(options, global, on_call);
    Ok(World {
        cloud,
        roster,
        issuers: Arc::new(Visitor::new(visitor, Arc::clone(on_call))),
        registry: Arc::new(Puller::new(puller, Arc::clone(on_call))),
        cluster: Arc::new(practice.cluster.clone()),
        ledger: Arc::new(run.clone()),
        archive: Arc::new(run.clone()),
        classroom: Some(Arc::new(practice.classroom())),
    })
}

fn cloud(
    options: AwsOptions,
    global: &Global,
    on_call: &OnCall,
) -> (Arc<dyn Cloud>, Arc<dyn Roster>) {
    let aws = Arc::new(Aws::new(options, Arc::clone(on_call)));
    let roster = Arc::clone(&aws);
    (if global.read_only { Arc::new(ReadOnly::new(aws)) } else { aws }, roster)
}

/// An endpoint given by an option; an empty one is none.
fn url(text: Option<&str>, option: &str) -> Result<Option<Url>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let parsed = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    parsed.map(Some).ok_or_else(|| {
        Fault::new(
            Cause::BadAnswers,
            format!("{option}: {text:?} is no URL; for example http://127.0.0.1:5000"),
        )
        .with("key", option)
    })
}

/// How things look, by the options and the environment.
fn theme(global: &Global) -> Theme {
    Theme { colour: colour(global.color), ascii: ascii(global), mask: global.mask }
}

/// `NO_COLOR` counts if it is not empty (no-color.org); an option counts more.
fn colour(wish: Color) -> bool {
    match wish {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// ASCII where it is asked for, where the locale does not name UTF-8, on the console, and where the glyphs of frames
/// may be two cells wide (ux G1, G4).
fn ascii(global: &Global) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_lowercase();
    let utf8 = locale.contains("utf-8") || locale.contains("utf8");
    let wide = ["ja", "ko", "zh"].iter().any(|language| locale.starts_with(language));
    global.ascii || !utf8 || wide || env::var_os("TERM").is_some_and(|term| term == "linux")
}
