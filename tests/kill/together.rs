//! Two processes at once on one state folder.

use std::time::{Duration, Instant};

use crate::cases::create;
use crate::proxy::{Deed, PATIENCE};
use crate::world::World;

#[test]
fn the_second_says_so_and_changes_nothing() {
    let world = World::new(create());
    let operator = world.operator();
    let mut first = operator.start(&operator.apply_line(), Some((1, 0, Deed::Hold)));
    world.proxy.await_deed();
    let sent = world.proxy.writes();
    let journal = operator.journal();
    for line in [operator.apply_line(), operator.undo_line(&[&journal.run])] {
        let second = operator.run_beside(&line).exits(1);
        let fault = &second.value()["fault"];
        assert_eq!(fault["cause"], "in-use", "{second:#?}");
        assert_eq!(fault["evidence"]["process"], first.id().to_string(), "{second:#?}");
        assert_eq!(fault["evidence"]["run"], journal.run.as_str(), "{second:#?}");
    }
    assert_eq!(world.proxy.writes(), sent, "the second sends nothing that changes");
    assert_eq!(operator.journal().text, journal.text);
    let runs = operator.run_beside(&operator.line(&["runs"])).exits(0).value();
    assert_eq!(runs["runs"][0]["outcome"], "running", "{runs:#}");

    // Killed: nobody holds the lock any more. Its call arrives all the same, late.
    first.kill().unwrap();
    first.wait().unwrap();
    world.proxy.release();
    let end = Instant::now() + PATIENCE;
    while world.picture(None) == world.beginning() {
        assert!(Instant::now() < end, "the call does not arrive");
        std::thread::sleep(Duration::from_millis(5));
    }
    operator.resumed();
    assert_eq!(operator.journal().run, journal.run);
    operator.undone();
    assert_eq!(world.picture(None), world.beginning());
}
