//! The commands that print: the same jobs as the wizard's, from flags. Results go to standard output, talk to standard
//! error; without a word nothing is assumed.

mod apply;
mod check_trust;
mod desk;
mod info;
mod out;
mod plan;
mod practice;
mod pull_test;
mod ready;
mod review;
mod runs;
mod sent;
mod text;
mod undo;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::Command;
use crate::domain::answers::Answers;
use crate::domain::draft::{Draft, Field};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::AccessKey;
use crate::ledger::{Ledger, Run};
use crate::ports::World;

pub use check_trust::check_trust;
pub use desk::{Bell, Signal, Signals};
pub use out::Out;
pub use practice::{exports, practice};

use desk::{Desk, Left};

/// All that a command is given.
pub struct Setting {
    /// The outside.
    pub world: World,
    /// The state folder.
    pub ledger: Ledger,
    /// This run.
    pub run: Run,
    /// Nothing may be changed.
    pub read_only: bool,
    /// Where to print.
    pub out: Out,
    /// Shows an access key to whoever sits at the terminal; none where nobody does.
    pub reveal: Option<Reveal>,
}

/// Shows an access key on a terminal, for a while and nowhere else: until what it answers with is dropped.
pub type Reveal = Box<dyn FnOnce(&AccessKey) -> std::io::Result<IsOver> + Send>;

/// Whether what is shown was looked at for long enough.
pub type IsOver = Box<dyn FnMut() -> std::io::Result<bool> + Send>;

/// Runs a command; answers with the exit code.
pub async fn run(command: Command, setting: Setting, bell: impl Bell) -> u8 {
    let json = command.is_json();
    let Setting { world, ledger, run, read_only, out, reveal } = setting;
    let mut desk = Desk::new(world, out, bell);
    let done = match command {
        Command::Plan(args) => plan::plan(&mut desk, &run, &args).await,
        Command::Apply(args) => apply::apply(&mut desk, &run, &args, read_only, reveal).await,
        Command::PullTest(args) => pull_test::pull_test(&mut desk, &args, read_only).await,
        Command::Review(args) => review::review(&mut desk, &run, &args).await,
        Command::Undo(args) => undo::undo(&mut desk, &args, read_only).await,
        Command::Runs(args) => runs::runs(&mut desk, &run, &args).await,
        Command::Info(args) => info::info(&mut desk, &ledger, &args).await,
        Command::CheckTrust(args) => return check_trust(&args, desk.out),
        // The program itself draws it before it comes to this.
        Command::Follow(_) => Err(Left::Use(Fault::new(
            Cause::BadAnswers,
            "follow draws on a terminal and prints nothing",
        ))),
        Command::Practice(args) => return practice(args.command, desk.out, desk.bell).await,
    };
    match done {
        Ok(code) => code,
        Err(Left::Panicked) => 70,
        Err(Left::Signalled(signal)) => {
            let fault = Fault::new(Cause::Stopped, format!("stopped by {}", signal.name()));
            desk.out.fault(&fault, json);
            signal.code()
        }
        Err(Left::Fault(fault)) => {
            let code = code_of(&fault);
            desk.out.fault(&fault, json);
            code
        }
        Err(Left::Use(fault)) => {
            desk.out.fault(&fault, json);
            2
        }
    }
}

/// A fault before anything was changed.
const fn code_of(fault: &Fault) -> u8 {
    match fault.cause {
        Cause::BadAnswers => 2,
        _ => 1,
    }
}

/// The answers, and the folder that paths in them start from.
struct Given {
    draft: Draft,
    folder: PathBuf,
}

fn given(path: &Path) -> Result<Given, Left> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let shown = path.display().to_string();
        let message = format!("could not read the answers from {shown}: {error}");
        Left::Use(Fault::new(Cause::File, message).with("path", shown))
    })?;
    let mut draft = Answers::parse(&text).map_err(Left::Use)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let key_file = draft.text(Field::KeyFile);
    if !key_file.is_empty() {
        let there = folder.join(key_file).display().to_string();
        draft.set(Field::KeyFile, there);
    }
    Ok(Given { draft, folder })
}

/// A result of the promised shape: `format` first.
fn result(fields: Value) -> Value {
    let mut whole = json!({"format": 1});
    if let (Some(whole), Value::Object(fields)) = (whole.as_object_mut(), fields) {
        whole.extend(fields);
    }
    whole
}

/// Adds what is not in every object of its kind.
fn put(object: &mut Value, key: &str, value: impl Serialize) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), json!(value));
    }
}

#[cfg(test)]
mod tests;
