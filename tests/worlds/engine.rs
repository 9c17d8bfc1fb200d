//! The wizard's task runner over the practice account in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use okteto_ecr::app::task::{
    Applied, ApplyOutcome, Bearer, End, Job, KeyBearer, KeySource, ProbeOrder, RoleBearer,
    StepOutcome, TaskId, TokenSource,
};
use okteto_ecr::cluster::Kubectl;
use okteto_ecr::domain::answers::Answers;
use okteto_ecr::domain::custody::Custody;
use okteto_ecr::domain::draft::{Draft, Field};
use okteto_ecr::domain::fault::Fault;
use okteto_ecr::domain::handoff::Handoff;
use okteto_ecr::domain::intent::{Caller, Intent};
use okteto_ecr::domain::inventory::Inventory;
use okteto_ecr::domain::plan::{Choices, Plan, Stamp, plan};
use okteto_ecr::domain::probe::{Refusals, Verdict};
use okteto_ecr::engine::runner::{Event, Runner};
use okteto_ecr::ports::World;
use okteto_ecr::practice::account::refusal::Refusal;
use okteto_ecr::practice::account::registry::Denial;
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::render::okteto::manifest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::unbounded_channel;

use crate::stage::{Meanwhile, Told};
use crate::table::Asked;
use crate::world::Practice;

/// How long after the start of a change somebody else does something.
const MEANWHILE: Duration = Duration::from_millis(300);
const WAIT: Duration = Duration::from_mins(2);

pub struct Engine {
    pub practice: Practice,
    /// In the place of the practice cluster.
    pub kubectl: Option<PathBuf>,
    home: TempDir,
    runtime: Runtime,
}

impl Engine {
    pub fn new(scene: fn(&mut Scene), real_time: bool) -> Self {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(!real_time).build().unwrap();
        let practice = runtime.block_on(async { Practice::of(scene) });
        Self { practice, kubectl: None, home: TempDir::new().unwrap(), runtime }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn now(&self) -> jiff::Timestamp {
        self.runtime.block_on(async { self.practice.front().now() })
    }

    pub fn pass(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    pub fn registry_says(&self, said: Option<(u16, &'static str, &str)>) {
        *self.practice.registry_says.lock().unwrap() = said.map(|(status, code, text)| Denial {
            status,
            code,
            message: text.to_owned(),
            challenge: false,
        });
    }

    pub fn sts_says(&self, said: Option<(u16, &'static str, &str)>) {
        *self.practice.sts_says.lock().unwrap() =
            said.map(|(status, code, text)| Refusal { status, code, message: text.to_owned() });
    }

    pub fn trust_shows(&self, there: &str, shown: &str) {
        *self.practice.trust_shows.lock().unwrap() = Some((there.to_owned(), shown.to_owned()));
    }

    fn world(&self) -> World {
        let world = self.practice.world();
        match &self.kubectl {
            Some(path) => World { cluster: Arc::new(Kubectl::at(path.as_os_str())), ..world },
            None => world,
        }
    }

    /// Does a job to its end.
    fn end(&self, job: Job, meanwhile: Option<Meanwhile>) -> End {
        let work = async {
            let (out, mut events) = unbounded_channel();
            let mut runner = Runner::new(self.world(), out);
            runner.start(TaskId(1), job);
            let disturb = tokio::time::sleep(MEANWHILE);
            tokio::pin!(disturb);
            let mut meanwhile = meanwhile;
            loop {
                tokio::select! {
                    biased;
                    () = &mut disturb, if meanwhile.is_some() => match meanwhile.take() {
                        Some(Meanwhile::Colleague(act)) => act(&self.practice.front()),
                        Some(Meanwhile::Interrupt) => runner.cancel(TaskId(1)),
                        None => {}
                    },
                    event = events.recv() => match event {
                        Some(Event::Report(_, okteto_ecr::app::task::Report::End(end))) => return end,
                        Some(Event::Report(..)) => {}
                        Some(Event::Panicked) | None => panic!("a task broke"),
                    },
                }
            }
        };
        self.runtime.block_on(work)
    }

    pub fn ask(&self, asked: Asked, answers: &Path, meanwhile: Option<Meanwhile>) -> Told {
        let told = self.told(asked, answers, meanwhile);
        told.unwrap_or_else(|fault| {
            let fault = serde_json::to_value(&fault).unwrap();
            Told { went_well: false, faults: vec![(String::new(), fault.clone())], whole: fault }
        })
    }

    fn told(
        &self,
        asked: Asked,
        answers: &Path,
        meanwhile: Option<Meanwhile>,
    ) -> Result<Told, Fault> {
        let draft = Answers::parse(&std::fs::read_to_string(answers).unwrap())?;
        let caller = self.caller()?;
        let intent = draft.intent(&caller)?;
        let planned = || {
            let seen = self.survey(&intent)?;
            let stamp = Stamp { run: "run-1".to_owned(), version: "0.1.0".to_owned() };
            Ok::<Plan, Fault>(plan(&intent, &seen, &caller, &stamp, &Choices::default()))
        };
        match asked {
            Asked::Pull => self.pull(&draft, &intent),
            Asked::Plan => {
                let plan = planned()?;
                let conflicts: Vec<&str> = plan.conflicts().map(|s| s.reason.as_str()).collect();
                let whole = json!(conflicts);
                Ok(Told { went_well: conflicts.is_empty(), faults: Vec::new(), whole })
            }
            Asked::Apply => {
                let plan = planned()?;
                match self.end(Job::Apply(Box::new(plan.clone())), meanwhile) {
                    End::Applied(applied) => Ok(applied_told(&plan, &applied)),
                    other => panic!("{other:?}"),
                }
            }
            Asked::Manifest => {
                let text = manifest(&Handoff::planned(&intent), draft.namespace()).unwrap();
                match self.end(Job::TryManifest(None, text), None) {
                    End::ManifestTried(answer) => answer.map(|()| Told {
                        went_well: true,
                        faults: Vec::new(),
                        whole: Value::Null,
                    }),
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    fn caller(&self) -> Result<Caller, Fault> {
        match self.end(Job::Whoami { until_renewed: false }, None) {
            End::Caller(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn survey(&self, intent: &Intent) -> Result<Inventory, Fault> {
        match self.end(Job::Survey(Box::new(intent.clone())), None) {
            End::Surveyed(answer) => answer.map(|seen| *seen),
            other => panic!("{other:?}"),
        }
    }

    fn pull(&self, draft: &Draft, intent: &Intent) -> Result<Told, Fault> {
        let wish = draft.pull_wish(intent)?;
        let bearer = match intent {
            Intent::Oidc(oidc) => {
                let role = self.survey(intent).ok().and_then(|seen| Some(seen.role?.arn));
                let token = match draft.text(Field::TokenFile) {
                    "" => TokenSource::Cluster(draft.context.clone()),
                    path => TokenSource::File(path.into()),
                };
                let role = role.unwrap_or_else(|| oidc.role_arn());
                Bearer::Role(RoleBearer { intent: oidc.clone(), role, token })
            }
            Intent::IamUser(user) => {
                let key = match &user.custody {
                    Custody::Kubernetes(place) => KeySource::Secret(place.clone()),
                    Custody::File(path) => KeySource::File(path.clone()),
                    Custody::Show => panic!("nobody is there to take it"),
                };
                Bearer::Key(KeyBearer { intent: user.clone(), user: user.user_arn(), key })
            }
        };
        let order =
            ProbeOrder { bearer, wish, wait: WAIT, just_changed: false, refusals: Refusals::All };
        let End::Probed(report) = self.end(Job::Probe(Box::new(order)), None) else {
            panic!("no report")
        };
        let rungs: Vec<Value> = report
            .rungs
            .iter()
            .map(|rung| json!([rung.rung.id(), rung.status.word(), rung.detail, rung.fault]))
            .collect();
        let faults = report.rungs.iter().filter_map(|rung| {
            let fault = rung.fault.as_ref()?;
            Some((rung.rung.id().to_owned(), serde_json::to_value(fault).unwrap()))
        });
        Ok(Told {
            went_well: report.verdict != Verdict::Failed,
            faults: faults.collect(),
            whole: json!(rungs),
        })
    }
}

fn applied_told(plan: &Plan, applied: &Applied) -> Told {
    let steps = plan.changes().zip(&applied.steps).filter_map(|(step, outcome)| match outcome {
        StepOutcome::Failed { fault, .. } | StepOutcome::Unknown { fault, .. } => {
            Some((step.id.word().to_owned(), fault))
        }
        StepOutcome::Done { .. } | StepOutcome::Skipped => None,
    });
    let whole = applied.fault.iter().map(|fault| (String::new(), fault));
    let faults = steps.chain(whole);
    let faults = faults.map(|(at, fault)| (at, serde_json::to_value(fault).unwrap()));
    Told {
        went_well: applied.outcome == ApplyOutcome::Done && applied.differs.is_empty(),
        faults: faults.collect(),
        whole: format!("{applied:#?}").into(),
    }
}
