//! Killed at each changing call and at each point of it, then to the end, then back to the beginning.

use std::os::unix::process::ExitStatusExt;

use okteto_ecr::domain::journal::{Phase, Record};
use serde_json::Value;

use crate::proxy::Point;
use crate::world::{Mode, Operator, World};

/// An undisturbed run from the start to the wished end.
struct Undisturbed<'a> {
    operator: Operator<'a>,
    /// The account at its end.
    wished: Value,
    /// The changing calls, each with the number of looks at the caller before it.
    writes: Vec<(String, usize)>,
}

fn undisturbed(world: &World) -> Undisturbed<'_> {
    let operator = world.operator();
    let done = operator.apply();
    assert_eq!(done.code, Some(0), "{done:#?}");
    let writes = world.proxy.writes();
    assert!(!writes.is_empty(), "nothing was to be done: {done:#?}");
    let journal = operator.journal();
    assert_eq!(journal.past().phase, Phase::Done);
    let wished = world.picture(Some(&journal.run));
    assert_ne!(wished, world.beginning());
    Undisturbed { operator, wished, writes }
}

/// Holds what the journal says at the death of the process.
#[track_caller]
fn assert_last(operator: &Operator, call: &str, point: Point) {
    let Some(journal) = operator.journals().pop() else {
        assert_eq!(point, Point::Unannounced, "{call} was sent without a journal");
        return;
    };
    match (journal.read().lines.last(), point) {
        (Some(Record::Began(began)), Point::Unsent | Point::Unanswered | Point::Unrecorded) => {
            assert_eq!(began.call, format!("iam:{call}"));
        }
        (Some(Record::Ended(_)), Point::Unannounced | Point::Unfollowed) => {}
        (last, _) => panic!("{call} {point:?}: the journal ends with {last:?}"),
    }
}

/// After each call but the last, what follows is the look before the next.
fn points(is_last: bool) -> impl Iterator<Item = Point> {
    Point::ALL.into_iter().filter(move |point| is_last || *point != Point::Unfollowed)
}

fn begin_case(what: &str, number: usize, call: &str, point: Point) {
    // Shown where the test fails.
    println!("{what}, killed at call {number}, {call}, {point:?}");
}

/// `apply` is killed at each call; it is resumed to the wished end and undone to the start; and undone at once.
pub fn apply(mode: Mode) {
    let world = World::new(mode);
    let Undisturbed { wished, writes, .. } = undisturbed(&world);
    let beginning = world.beginning();
    for (number, (call, looks)) in (1..).zip(&writes) {
        for point in points(number == writes.len()) {
            begin_case("apply", number, call, point);
            let operator = world.operator();
            operator.killed(&operator.apply_line(), number, *looks, point);
            assert_last(&operator, call, point);
            let (other, then) = (operator.copy(), world.account());

            operator.resumed();
            let journal = operator.journal();
            assert_eq!(journal.past().phase, Phase::Done, "{}", journal.text);
            assert_eq!(world.picture(Some(&journal.run)), wished, "resumed to another end");
            operator.undone();
            assert_eq!(world.picture(None), beginning, "undone to another start");
            assert_eq!(operator.journal().past().phase, Phase::Undone);

            world.restore(&then);
            if !other.journals().is_empty() {
                other.undone();
                assert_eq!(other.journal().past().phase, Phase::Undone);
            }
            assert_eq!(world.picture(None), beginning, "undone at once to another start");
        }
    }
}

/// `undo` is killed at each call, and started again.
pub fn undo(mode: Mode) {
    let world = World::new(mode);
    let Undisturbed { operator: first, .. } = undisturbed(&world);
    let (beginning, end) = (world.beginning(), world.account());
    let other = first.copy();
    other.undone();
    assert_eq!(world.picture(None), beginning, "undone to another start");
    let writes = world.proxy.writes();
    assert!(!writes.is_empty(), "nothing was to be undone");
    for (number, (call, looks)) in (1..).zip(&writes) {
        for point in points(number == writes.len()) {
            begin_case("undo", number, call, point);
            world.restore(&end);
            let operator = first.copy();
            let before = operator.journal().text.len();
            operator.killed(&operator.undo_line(&[]), number, *looks, point);
            if point != Point::Unannounced || operator.journal().text.len() > before {
                assert_last(&operator, call, point);
            }
            operator.undone();
            assert_eq!(world.picture(None), beginning, "undone to another start");
            assert_eq!(operator.journal().past().phase, Phase::Undone);
        }
    }
}

/// Killed at its first call each time it is started, once AWS has carried that out; then `undo` likewise.
pub fn again_and_again(mode: Mode) {
    let world = World::new(mode);
    let Undisturbed { wished, writes, .. } = undisturbed(&world);
    for point in [Point::Unanswered, Point::Unrecorded] {
        println!("{point:?}");
        let operator = world.operator();
        let starts = starts(&operator, &operator.apply_line(), point);
        assert_eq!(starts, writes.len() + 1);
        let journal = operator.journal();
        assert_eq!(world.picture(Some(&journal.run)), wished);
        let starts = self::starts(&operator, &operator.undo_line(&[]), point);
        assert!(starts > 2, "undone in {starts}");
        assert_eq!(world.picture(None), world.beginning());
        assert_eq!(operator.journal().past().phase, Phase::Undone);
    }
}

/// How many starts it took until one came to its end.
fn starts(operator: &Operator, line: &[String], point: Point) -> usize {
    for start in 1..20 {
        let ended = operator.perhaps_killed(line, 1, 0, point);
        if ended.status.signal() != Some(9) {
            assert_eq!(ended.status.code(), Some(0), "{ended:?}");
            return start;
        }
    }
    panic!("it does not come to an end");
}

/// What cannot be taken back: `apply` is killed and resumed to the wished end, where `undo` leaves all as it is.
pub fn irrevocable(mode: Mode) {
    let world = World::new(mode);
    let Undisturbed { wished, writes, .. } = undisturbed(&world);
    for (number, (call, looks)) in (1..).zip(&writes) {
        for point in points(number == writes.len()) {
            begin_case("apply", number, call, point);
            let operator = world.operator();
            operator.killed(&operator.apply_line(), number, *looks, point);
            assert_last(&operator, call, point);
            let (other, then) = (operator.copy(), world.account());
            operator.resumed();
            assert_eq!(world.picture(None), wished, "resumed to another end");
            operator.undone();
            assert_eq!(world.picture(None), wished, "undo changed something");
            assert_eq!(operator.journal().past().phase, Phase::Undone);
            world.restore(&then);
            let before = world.picture(None);
            if !other.journals().is_empty() {
                other.undone();
            }
            assert_eq!(world.picture(None), before, "undo changed something");
        }
    }
}
