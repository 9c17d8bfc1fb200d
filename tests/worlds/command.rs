//! The real binary over the practice account's wire.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use okteto_ecr::domain::journal::{Format, Header};
use okteto_ecr::ledger::Ledger;
use okteto_ecr::ports::{Journal, Ledger as _};
use okteto_ecr::practice::scene::Scene;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::bed::Practice;
use crate::stage::{ACCOUNT, Meanwhile, Told};
use crate::support::{BINARY, Front, Reply, Run, xml};
use crate::table::Asked;
use crate::world::{OPERATOR, scene};

pub struct Command {
    pub practice: Practice,
    run: Run,
    /// By so many seconds AWS's clock is ahead of this machine's.
    ahead: Arc<AtomicI64>,
    /// What stands before the account or in the place of its registry.
    between: Vec<Front>,
    /// The journal that this process has open.
    at_work: Option<Box<dyn Journal>>,
}

impl Command {
    pub fn new(change: fn(&mut Scene)) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let practice = served(&scene(change), &ahead);
        let run = Run::new().limit(Duration::from_mins(1));
        let mut command = Self { practice, run, ahead, between: Vec::new(), at_work: None };
        command.connect();
        command
    }

    pub fn home(&self) -> &Path {
        self.run.home()
    }

    /// The environment leads to the account.
    fn connect(&mut self) {
        let served = &self.practice.served;
        let (aws, registry, issuer) =
            (served.aws.clone(), served.registry.clone(), served.issuer.clone());
        let (key, secret) = self.practice.root.clone();
        self.env("AWS_ENDPOINT_URL", &aws);
        self.env("AWS_ACCESS_KEY_ID", &key);
        self.env("AWS_SECRET_ACCESS_KEY", &secret);
        self.env("AWS_REGION", "us-east-2");
        self.env("OKTETO_ECR_REGISTRY_ENDPOINT", &registry);
        self.env("OKTETO_ECR_ISSUER_ENDPOINT", &issuer);
    }

    pub fn env(&mut self, name: &str, value: &str) {
        let run = std::mem::replace(&mut self.run, Run::new());
        self.run = run.env(name, value);
    }

    /// This process changes something in a run of its own.
    pub fn be_at_work(&mut self) {
        let ledger = Ledger::open(Some(self.run.state().join("okteto-ecr"))).unwrap();
        let run = ledger.begin(okteto_ecr::clock::now());
        let header = Header {
            format: Format::OURS,
            program: "0.1.0".to_owned(),
            run: run.id().to_owned(),
            account: ACCOUNT.to_owned(),
            partition: "aws".to_owned(),
            region: "us-east-2".to_owned(),
            caller: String::new(),
            mode: "oidc".to_owned(),
            about: "role other".to_owned(),
            registry: String::new(),
            began: "2026-11-23T20:45:12Z".to_owned(),
        };
        self.at_work = Some(run.open_journal(&header).unwrap());
    }

    pub fn end_work(&mut self) {
        self.at_work = None;
    }

    /// The shell has no login.
    pub fn log_out(&mut self) {
        let run = std::mem::replace(&mut self.run, Run::new());
        self.run = run.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    }

    /// With an access key that the operator has in the account.
    pub fn log_in(&mut self) {
        let account = self.practice.served.front.account();
        let (key, secret) = account.credentials(OPERATOR).unwrap();
        drop(account);
        self.env("AWS_ACCESS_KEY_ID", &key);
        self.env("AWS_SECRET_ACCESS_KEY", secret.expose_secret());
    }

    pub fn log_in_at(&mut self, account: &'static str) {
        let scene = scene(|scene| account.clone_into(&mut scene.account));
        self.practice = served(&scene, &self.ahead);
        self.connect();
    }

    /// kubectl is the one of this folder, or there is none.
    pub fn kubectl_in(&mut self, folder: &Path) {
        let own = folder.display().to_string();
        let is_there = folder.join("kubectl").exists();
        self.env("PATH", &if is_there { format!("{own}:/usr/bin:/bin") } else { own });
    }

    /// kubectl makes whatever token is asked for, as the practice cluster.
    pub fn kubectl_mints(&self) -> String {
        let issuer = &self.practice.served.issuer;
        format!(
            r#"input=$(cat)
            audience=$(echo "$input" | sed 's/.*"audiences":\["\([^"]*\)".*/\1/')
            namespace=$(echo "$3" | sed 's|.*/namespaces/\([^/]*\)/.*|\1|')
            account=$(echo "$3" | sed 's|.*/serviceaccounts/\([^/]*\)/.*|\1|')
            subject="system:serviceaccount:$namespace:$account"
            token=$(OKTETO_ECR_PRACTICE={issuer} {BINARY} practice token --audience "$audience" --subject "$subject")
            echo "{{\"status\":{{\"token\":\"$token\"}}}}""#
        )
    }

    pub fn pass(&self, time: Duration) {
        self.ahead.fetch_add(i64::try_from(time.as_secs()).unwrap(), Ordering::SeqCst);
    }

    pub fn registry_says(&mut self, said: Option<(u16, &'static str, &str)>) {
        let url = match said {
            None => self.practice.served.registry.clone(),
            Some((status, code, text)) => {
                let body = match code {
                    "" => text.to_owned(),
                    _ => json!({"errors": [{"code": code, "message": text}]}).to_string(),
                };
                let liar = Front::alone(move |_, _| {
                    Some(Reply::new(status, "application/json", body.clone()))
                });
                let url = liar.url.clone();
                self.between.push(liar);
                url
            }
        };
        self.env("OKTETO_ECR_REGISTRY_ENDPOINT", &url);
    }

    pub fn sts_says(&mut self, said: Option<(u16, &'static str, &str)>) {
        let Some((status, code, text)) = said else {
            let url = self.practice.served.aws.clone();
            return self.env("AWS_ENDPOINT_URL", &url);
        };
        let (port, text) = (self.port(), text.to_owned());
        self.before(Front::scripted(Some(port), move |call, _| {
            (call.action == "AssumeRoleWithWebIdentity").then(|| xml::error(status, code, &text))
        }));
    }

    pub fn trust_shows(&mut self, there: &str, shown: &str) {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let (there, shown) = (encode(there), encode(shown));
        let written = std::sync::atomic::AtomicBool::new(false);
        let port = self.port();
        self.before(Front::scripted(Some(port), move |call, onward| {
            if call.action == "UpdateAssumeRolePolicy" {
                written.store(true, Ordering::SeqCst);
            }
            if call.action != "GetRole" || written.load(Ordering::SeqCst) {
                return None;
            }
            let answer = String::from_utf8(onward().ok()?).ok()?;
            let (_, body) = answer.split_once("\r\n\r\n")?;
            // A colon and the like may be encoded or not: both are read alike.
            let there = there.replace("%2E", ".").replace("%2D", "-");
            let shown = shown.replace("%2E", ".").replace("%2D", "-");
            assert!(body.contains(&there), "{there} is not in {body}");
            Some(Reply::new(200, "text/xml", body.replace(&there, &shown)))
        }));
    }

    fn before(&mut self, front: Front) {
        self.env("AWS_ENDPOINT_URL", &front.url);
        self.between.push(front);
    }

    fn port(&self) -> u16 {
        self.practice.served.aws.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub fn ask(
        &self,
        asked: Asked,
        answers: &Path,
        confirms: &[String],
        words: &[String],
        meanwhile: Option<Meanwhile>,
    ) -> Told {
        let answers = answers.display().to_string();
        let name = match asked {
            Asked::Plan => "plan",
            Asked::Apply => "apply",
            Asked::Pull => "pull-test",
            Asked::Manifest => panic!("no command asks the cluster about the manifest"),
        };
        let mut args = vec![name, "--answers", &answers, "--format", "json"];
        match asked {
            Asked::Apply => {
                args.push("--yes");
                args.extend(confirms.iter().flat_map(|name| ["--confirm", name]));
            }
            // What the account itself knows of late changes is not waited for.
            Asked::Pull if !words.iter().any(|word| word == "--wait") => {
                args.extend(["--wait", "0"]);
            }
            _ => {}
        }
        args.extend(words.iter().map(String::as_str));
        let (code, stdout, stderr) = match meanwhile {
            None => {
                let done = self.run.run(&args);
                (done.code, done.stdout, done.stderr)
            }
            Some(act) => self.disturbed(&args, act),
        };
        let whole: Value =
            serde_json::from_str(&stdout).unwrap_or_else(|why| panic!("{why}: {stdout}\n{stderr}"));
        Told { went_well: code == Some(0), faults: faults(&whole), whole }
    }

    /// Runs a command on a disk on which no file may be longer than so many blocks of 512 bytes. The exit code, and all that
    /// was said.
    pub fn within(&self, blocks: Option<usize>, args: &[&str]) -> (Option<i32>, String) {
        let blocks = blocks.map_or("unlimited".to_owned(), |blocks| blocks.to_string());
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -S -f \"$1\" && shift && exec \"$@\"", "sh", &blocks, BINARY]);
        shell.args(args).current_dir(self.home()).env_clear();
        shell.envs(self.run.environment().iter().map(|(name, value)| (name, value)));
        let done = shell.stdin(Stdio::null()).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What the journals say was begun, as far as the lines are whole.
    pub fn journals(&self) -> String {
        let runs = std::fs::read_dir(self.run.state().join("okteto-ecr/runs"));
        let runs = runs.into_iter().flatten().flatten();
        let texts = runs.filter_map(|run| {
            let text = std::fs::read_to_string(run.path().join("journal.jsonl")).ok()?;
            Some(text.rsplit_once('\n')?.0.to_owned())
        });
        texts.collect()
    }

    /// Runs `apply`; once it has kept its answers, which is right before its first change, somebody does something.
    fn disturbed(&self, args: &[&str], act: Meanwhile) -> (Option<i32>, String, String) {
        let runs = self.run.state().join("okteto-ecr/runs");
        let kept = || {
            let runs = std::fs::read_dir(&runs).into_iter().flatten().flatten();
            runs.filter(|run| run.path().join("answers.toml").exists()).count()
        };
        let before = kept();
        let child = self.run.spawn(args);
        let began = Instant::now();
        while kept() == before && began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(5));
        }
        match act {
            Meanwhile::Colleague(act) => act(&self.practice.served.front),
            Meanwhile::Interrupt => {
                let id = child.id().to_string();
                let sent = std::process::Command::new("kill")
                    .args(["-s", "INT", &id])
                    .stdout(Stdio::null())
                    .status();
                assert!(sent.unwrap().success());
            }
        }
        let done = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    }
}

fn served(scene: &Scene, ahead: &Arc<AtomicI64>) -> Practice {
    let ahead = Arc::clone(ahead);
    let clock = move || {
        let ahead = jiff::SignedDuration::from_secs(ahead.load(Ordering::SeqCst));
        okteto_ecr::clock::now() + ahead
    };
    Practice::at(scene, Arc::new(clock))
}

/// Every fault of a result, with the rung or step that it is of.
fn faults(whole: &Value) -> Vec<(String, Value)> {
    let parts = ["rungs", "steps"].into_iter().filter_map(|part| whole[part].as_array()).flatten();
    let of_parts = parts.map(|part| (part["id"].as_str().unwrap_or_default(), &part["fault"]));
    let all = of_parts.chain([("", &whole["fault"])]);
    all.filter(|(_, fault)| fault.is_object())
        .map(|(at, fault)| (at.to_owned(), fault.clone()))
        .collect()
}
