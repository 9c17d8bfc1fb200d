//! A class of one: an exercise open on a served practice account, the shell of another window, and how far the goals are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use okteto_ecr::app::task::{End, Job, Report, TaskId};
use okteto_ecr::aws::{Aws, AwsOptions, Fixed};
use okteto_ecr::clock;
use okteto_ecr::discovery::{Visitor, VisitorOptions};
use okteto_ecr::domain::answers::Answers;
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::exercise::Exercise;
use okteto_ecr::domain::exercise::file::parse;
use okteto_ecr::domain::exercise::goal::{By, Standing};
use okteto_ecr::domain::partition::Region;
use okteto_ecr::engine::runner::{Event, Runner};
use okteto_ecr::headless::exports;
use okteto_ecr::ledger::{Ledger, Run};
use okteto_ecr::ports::{Archive, OnCall, World};
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Account, Principal, Service};
use okteto_ecr::practice::cluster::PracticeCluster;
use okteto_ecr::practice::exercises::FILES;
use okteto_ecr::practice::front::{Front, Reply};
use okteto_ecr::practice::open::Practice;
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::practice::wire::serve;
use okteto_ecr::registry::{Puller, PullerOptions, Reach, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{BINARY, program};

/// How long the shell may take on a machine that is busy elsewhere.
const PATIENCE: Duration = Duration::from_mins(2);

/// An exercise that is open.
pub struct Class {
    pub exercise: Arc<Exercise>,
    pub practice: Practice,
    pub world: World,
    /// Seconds by which the clock of the practice world was put on.
    later: Arc<AtomicI64>,
    runner: Runner,
    events: UnboundedReceiver<Event>,
    run: Run,
    /// How many runs were begun beside it.
    runs: usize,
    folder: TempDir,
    home: TempDir,
    io: Runtime,
}

impl Class {
    /// Opens an exercise as the wizard does: by the engine's job, on an account behind the real servers.
    pub fn open(name: &str) -> Self {
        let io = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let text = FILES.iter().find(|(known, _)| *known == name).expect("a shipped exercise").1;
        let exercise = Arc::new(parse(name, text).expect("an exercise that can be read"));
        let later: Arc<AtomicI64> = Arc::default();
        let practice = io.block_on(practice(&later));
        let (folder, home) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        let ledger = Ledger::open(Some(home.path().join("state"))).expect("a ledger");
        let run = ledger.begin(clock::now());
        let world = world(&practice, &run);
        let (out, events) = unbounded_channel();
        let runner = io.block_on(async { Runner::new(world.clone(), out) });
        let mut class = Self {
            exercise: Arc::clone(&exercise),
            practice,
            world,
            later,
            runner,
            events,
            run,
            runs: 0,
            folder,
            home,
            io,
        };
        let job = Job::OpenExercise(class.run.id().to_owned(), exercise);
        let End::ExerciseOpened(Ok(draft)) = class.job(job) else { panic!("{name} does not open") };
        class.keep(&draft);
        class
    }

    /// The id of a run that there was not yet.
    pub fn next_run(&mut self) -> String {
        self.runs += 1;
        format!("run-{}", self.runs)
    }

    /// What the wizard's fields hold, in the file that the commands read.
    fn keep(&self, draft: &Draft) {
        std::fs::write(self.folder().join("answers.toml"), Answers::print(draft)).expect("a file");
    }

    pub fn answers(&self) -> Draft {
        let text = std::fs::read_to_string(self.folder().join("answers.toml")).expect("answers");
        Answers::parse(&text).expect("answers")
    }

    /// Where the commands run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn accepted(&self) -> PathBuf {
        self.folder().join("okteto-ecr-accepted.toml")
    }

    /// Runs a job of the engine to its end.
    pub fn job(&mut self, job: Job) -> End {
        let Self { io, runner, events, .. } = self;
        io.block_on(async {
            runner.start(TaskId(1), job);
            loop {
                match events.recv().await.expect("an end") {
                    Event::Report(_, Report::End(end)) => return end,
                    Event::Report(..) => {}
                    Event::Panicked => panic!("a task broke"),
                }
            }
        })
    }

    pub fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.io.block_on(what)
    }

    /// As much time passes as what is there needs to be seen everywhere.
    pub fn let_it_spread(&self) {
        let most = self.exercise.world.roles.iter().map(|role| role.spreads_for).max();
        let seconds = i64::try_from(most.unwrap_or_default()).expect("a time");
        self.later.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Another window: a shell that took the export lines, with the AWS CLI and the program at hand.
    pub fn shell(&self, commands: &[String]) {
        let script = self.folder().join("commands.sh");
        let lines = [exports(&self.practice), commands.join("\n"), String::new()];
        std::fs::write(&script, lines.concat()).expect("a script");
        let beside = |path: &Path| path.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let path = [beside(&program("aws")), beside(Path::new(BINARY)), path].join(":");
        let log = self.folder().join("commands.log");
        let out = std::fs::File::create(&log).expect("a log");
        let mut child = Command::new("sh")
            .args(["-eu"])
            .arg(&script)
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("AWS_PAGER", "")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("KUBECONFIG", "/nonexistent")
            .env("XDG_STATE_HOME", self.home.path().join("elsewhere"))
            .env("LANG", "C.UTF-8")
            .stdin(std::process::Stdio::null())
            .stdout(out.try_clone().expect("a second handle"))
            .stderr(out)
            .spawn()
            .expect("a shell");
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child to wait for") {
                break status;
            }
            if Instant::now() > end {
                let _ = child.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let told = std::fs::read_to_string(&log).unwrap_or_default();
        assert!(status.success(), "{}: {status}\n{commands:#?}\n{told}", self.exercise.name);
    }

    /// How far each goal is, in words; none for those that are met. The questions are answered right or not at all.
    pub fn open_goals(&self, answered: bool) -> Vec<String> {
        let classroom = self.world.classroom.as_ref().expect("a classroom");
        let standings = self.wait(classroom.standings());
        assert_eq!(standings.len(), self.exercise.goals.len(), "a standing for each goal");
        let accepted = self.run.read_accepted(&self.accepted()).expect("what was accepted");
        let whole: Vec<Standing> = self
            .exercise
            .goals
            .iter()
            .zip(standings)
            .map(|(goal, standing)| match &goal.by {
                By::Answer(question) => {
                    let answer = if answered { question.right[0].as_str() } else { "" };
                    if question.is_right(answer) {
                        Standing::Met
                    } else {
                        Standing::Open("not answered".to_owned())
                    }
                }
                By::State(check) => {
                    check.by_papers(&accepted).or(standing).expect("the account can tell")
                }
            })
            .collect();
        let open: Vec<String> = self
            .exercise
            .goals
            .iter()
            .zip(&whole)
            .filter_map(|(goal, standing)| match standing {
                Standing::Met => None,
                Standing::Open(why) => Some(format!("{}: {why}", goal.text)),
            })
            .collect();
        assert_eq!(self.exercise.is_done(&whole), open.is_empty());
        open
    }

    /// Puts a trust policy onto a role, as an administrator does.
    pub fn rewrite_trust(&self, role: &str, trust: &Value) {
        let input = json!({"RoleName": role, "PolicyDocument": trust.to_string()});
        let operator = Principal::User("trainee".to_owned());
        let front = &self.practice.served.front;
        let call = front.call(
            Service::Iam,
            "UpdateAssumeRolePolicy",
            "us-east-1",
            Some(operator),
            Input::from_json(input),
        );
        let reply = self.wait(call);
        assert!(matches!(reply, Reply::Answer(Ok(_))), "{role}: {reply:?}");
    }
}

/// As [`Practice::open`] puts it together, by a clock that can be put on.
async fn practice(later: &Arc<AtomicI64>) -> Practice {
    let scene = Scene::default();
    let account = Account::new(&scene);
    let key = account.credentials(&scene.users[0].name).expect("the operator's key");
    let later = Arc::clone(later);
    let now = move || clock::now() + SignedDuration::from_secs(later.load(Ordering::SeqCst));
    let served = serve(Front::new(account, Arc::new(now))).await.expect("ports on loopback");
    let cluster = PracticeCluster::new(scene.issuers[0].clone(), served.issuer.clone());
    Practice { served, scene, key, cluster }
}

/// The outside as the program puts it together for practice.
fn world(practice: &Practice, run: &Run) -> World {
    let Practice { served, scene, key: (id, secret), .. } = practice;
    let fixed = Fixed {
        endpoint: served.aws.clone(),
        access_key_id: id.clone(),
        secret_access_key: secret.clone(),
        region: Region::parse(&scene.region).expect("a region"),
        name: "practice",
    };
    let on_call: OnCall = Arc::new(|_| {});
    let options = AwsOptions { fixed: Some(fixed), ..AwsOptions::default() };
    let aws = Arc::new(Aws::new(options, Arc::clone(&on_call)));
    let url = |text: &str| Some(Url::parse(text).expect("a URL"));
    let visitor = VisitorOptions { issuer_endpoint: url(&served.issuer), reach: Reach::Loopback };
    let puller = PullerOptions { registry_endpoint: url(&served.registry), reach: Reach::Loopback };
    let (ledger, archive) = (Arc::new(run.clone()), Arc::new(run.clone()));
    World {
        cloud: Arc::clone(&aws) as _,
        roster: aws,
        issuers: Arc::new(Visitor::new(visitor, Arc::clone(&on_call))),
        registry: Arc::new(Puller::new(puller, on_call)),
        cluster: Arc::new(practice.cluster.clone()),
        ledger,
        archive,
        classroom: Some(Arc::new(practice.classroom())),
    }
}
