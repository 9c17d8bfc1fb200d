//! Leaving: what is asked before, what is said after, how it is reported.

use super::message::Exit;
use super::overlay::{Matter, Overlay, Question};
use super::slot::Slot;
use super::steps::{mend, practice, undo};
use super::wizard::{App, PRACTICE};

impl App {
    /// Whether this start made something as the wizard's own run, or took back a part of one. A call that was not answered may
    /// have made something, too.
    #[must_use]
    pub fn has_made(&self) -> bool {
        let made = self.changes_made > 0 || self.apply.may_exist().next().is_some();
        made || undo::half_done(self).is_some()
    }

    /// How leaving now would be reported.
    #[must_use]
    pub fn exit_now(&self) -> Exit {
        let made = self.has_made() || mend::may_exist(self);
        if made { Exit::LeftWithChanges } else { Exit::Left }
    }

    /// How what was made can be gone on with, or taken back, after the program has ended; none where nothing was.
    #[must_use]
    pub fn way_on(&self) -> Option<String> {
        let run = &self.setup.stamp.run;
        let made = self.apply.may_exist().next().is_some();
        made.then(|| {
            if self.apply.is_finished {
                return format!("okteto-ecr undo {run} takes it back.");
            }
            format!("c in the next start continues this run; okteto-ecr undo {run} takes it back.")
        })
    }

    /// What is said in the terminal after the screen was given back: what exists, how to go on, and where the answers are.
    #[must_use]
    pub fn last_words(&self) -> Vec<String> {
        let places = self.places();
        if self.setup.practice {
            let gone = "It is gone, with all that was made in it; AWS was not asked.";
            let record = practice::record::place(self);
            let words = std::iter::once(format!("{PRACTICE} {gone}"));
            return words.chain(places).chain(record).collect();
        }
        let made: Vec<String> = self.apply.may_exist().map(|made| format!("  + {made}")).collect();
        let taken_back = undo::half_done(self);
        let mended = mend::last_words(self);
        let mut words = match (made.is_empty(), &taken_back) {
            (true, None) if !mended.is_empty() => Vec::new(),
            (true, None) => vec![match undo::taken_back(self) {
                Some(run) => format!("Run {run} was taken back: nothing of it is left in AWS."),
                None => "Nothing was changed in AWS.".to_owned(),
            }],
            (true, Some(_)) => Vec::new(),
            (false, _) => vec!["Made in AWS:".to_owned()],
        };
        words.extend(made);
        for held in &self.apply.held {
            words.push(format!(
                "The secret of {} was held in memory only and is gone. If nobody took it, delete that key.",
                held.id
            ));
        }
        match taken_back {
            Some(run) => words.push(format!(
                "Run {run} was taken back in part: okteto-ecr undo {run} takes back the rest."
            )),
            None => words.extend(self.way_on()),
        }
        words.extend(mended);
        words.extend(places);
        words
    }

    /// Where answers and log are.
    fn places(&self) -> Vec<String> {
        let folder = self.setup.run_folder.display();
        if self.log.starts_with(&self.setup.run_folder) {
            return vec![format!("Answers and log: {folder}")];
        }
        vec![format!("Answers: {folder}"), format!("Log: {}", self.log.display())]
    }

    /// Opens the question whether to leave; leaves at once where nothing would be lost.
    pub fn ask_to_leave(&mut self) {
        self.write_draft();
        let mut body = Vec::new();
        if self.slots.changing().is_some() {
            body.push(
                "A change is being sent. Leaving lets the call under way end first.".to_owned(),
            );
        }
        let made: Vec<String> = self.apply.made().map(|made| format!("+ {made}")).collect();
        let mended: Vec<String> = mend::made(self).flat_map(mend::Made::lines).collect();
        match (made.is_empty(), undo::half_done(self)) {
            (true, None) if !mended.is_empty() => {}
            (_, Some(run)) => body
                .push(format!("Run {run} is taken back in part: the rest of it is still in AWS.")),
            (true, None) => body.push(match undo::taken_back(self) {
                Some(run) => format!("Run {run} was taken back: nothing of it is left in AWS."),
                None => "Nothing has been changed in AWS.".to_owned(),
            }),
            (false, None) => body.push("Made so far:".to_owned()),
        }
        let can_take_back = !made.is_empty() && self.slots.changing().is_none();
        body.extend(made);
        body.extend(mended);
        for held in &self.apply.held {
            body.push(format!("The secret of {} is held here only, and is lost then.", held.id));
        }
        body.push(String::new());
        body.push("Your answers are saved; the next start offers them again.".to_owned());
        let saving = self.saving();
        self.start(Slot::Save, saving);
        let choices: &[&str] = if can_take_back {
            &["Stay", "Leave", "Take it back, then leave"]
        } else {
            &["Stay", "Leave"]
        };
        let question = Question::new(Matter::Leave, "Leave the wizard?", body, choices);
        self.overlay = Some(Overlay::Question(question));
    }
}
