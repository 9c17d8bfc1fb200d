//! The real cluster as the program meets it: through a kubectl on `PATH` that notes what others on the machine could
//! see of it and of the program that runs it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::key::NAMESPACE;
use crate::support::{Kube, Run, program};

/// A new cluster with Okteto's namespace.
pub fn cluster() -> Kube {
    let kube = Kube::start();
    kube.namespace(NAMESPACE);
    kube
}

/// A run that reaches the cluster by this kubeconfig.
pub fn reaching(run: Run, kubeconfig: &Path) -> Run {
    let bin = run.home().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let (seen, held) = (seen(&run), held(&run));
    // The process and its parent as /proc shows them. While there is a file `hold`, a Secret is not sent on: kubectl
    // stands there with its input unread.
    let script = format!(
        "#!/bin/sh\n\
         for of in $$ $PPID; do for what in cmdline environ limits; do\n\
         echo; echo \"# $what of $of\"; tr '\\0' '\\n' </proc/$of/$what; done; done >>'{seen}'\n\
         case \" $* \" in *dry-run*) ;; *' create '*|*' replace '*)\n\
         if [ -e '{held}' ]; then echo $$ >'{held}.pid'; while [ -e '{held}' ]; do sleep 0.05; done; fi ;; esac\n\
         exec '{kubectl}' \"$@\"\n",
        seen = seen.display(),
        held = held.display(),
        kubectl = program("kubectl").display(),
    );
    let path = bin.join("kubectl");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let before = std::env::var("PATH").unwrap();
    run.env("PATH", format!("{}:{before}", bin.display())).env("KUBECONFIG", kubeconfig)
}

/// Where the notes are.
pub fn seen(run: &Run) -> PathBuf {
    run.home().join("kubectl-seen")
}

fn held(run: &Run) -> PathBuf {
    run.home().join("hold")
}

/// From now on no Secret is sent on.
pub fn hold(run: &Run) {
    let _ = std::fs::remove_file(note(run));
    std::fs::write(held(run), "").unwrap();
}

/// What stands there is sent on, and so is all from now on.
pub fn release(run: &Run) {
    std::fs::remove_file(held(run)).unwrap();
}

fn note(run: &Run) -> PathBuf {
    run.home().join("hold.pid")
}

/// Waits until kubectl stands there with a Secret that the program has sent: its process id.
pub fn standing(program: &mut Child, run: &Run) -> String {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let text = std::fs::read_to_string(note(run)).unwrap_or_default();
        if text.ends_with('\n') {
            return text.trim().to_owned();
        }
        assert!(program.try_wait().unwrap().is_none(), "the program ended before");
        assert!(Instant::now() < end, "kubectl was not run to write a Secret");
        std::thread::sleep(Duration::from_millis(10));
    }
}
