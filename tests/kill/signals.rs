//! Signals while a changing call hangs: it is waited for, its answer is in the journal, and nothing follows it.

use std::io::{BufRead, BufReader, Read};

use okteto_ecr::domain::journal::{Outcome, Phase, Record};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cases::create;
use crate::proxy::Deed;
use crate::world::World;

const SIGNALS: [(Signal, i32); 3] = [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)];

fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// Stopped with changes made.
#[test]
fn a_signal_waits_for_the_call_under_way() {
    let world = World::new(create());
    for (signal, _) in SIGNALS {
        println!("{signal:?}");
        let operator = world.operator();
        let mut child = operator.start(&operator.apply_line(), Some((2, 0, Deed::Hold)));
        world.proxy.await_deed();
        send(child.id(), signal);
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("is waited for") {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "it was not heard");
        }
        world.proxy.release();
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(4), "{rest}");
        let value: Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!(value["outcome"], "stopped", "{value:#}");
        assert_eq!(world.proxy.writes().len(), 2, "nothing follows");

        let journal = operator.journal();
        assert_eq!(journal.past().phase, Phase::Stopped);
        let lines = journal.read().lines;
        let [.., Record::Began(began), Record::Ended(ended), Record::Closed { .. }] = &lines[..]
        else {
            panic!("{}", journal.text)
        };
        assert_eq!((began.call.as_str(), began.n), ("iam:CreateRole", ended.n));
        assert_eq!(ended.outcome, Outcome::Done);
        operator.resumed();
        assert_eq!(operator.journal().past().phase, Phase::Done);
        operator.undone();
        assert_eq!(world.picture(None), world.beginning());
    }
}

/// Nothing was changed yet: the exit code says which signal it was.
#[test]
fn a_signal_before_the_first_call_changes_nothing() {
    let world = World::new(create());
    for (signal, code) in SIGNALS {
        println!("{signal:?}");
        let operator = world.operator();
        let child = operator.start(&operator.apply_line(), Some((0, 1, Deed::HoldLook)));
        world.proxy.await_deed();
        send(child.id(), signal);
        let ended = child.wait_with_output().unwrap();
        world.proxy.release();
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
        assert!(operator.journals().is_empty());
        assert_eq!(world.picture(None), world.beginning());
    }
}
