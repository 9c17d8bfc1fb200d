//! What a world is, and how it is played.

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::scene::Scene;
use serde_json::Value;

use crate::stage::{Stage, Told};

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The wizard's task runner, in memory.
    Engine,
    /// The real binary, over the wire.
    Command,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A plan, on an account that has nothing yet.
    Plan,
    /// To carry one out.
    Apply,
    /// The pull test, once all is made.
    Pull,
    /// Whether the cluster would take the manifest, once all is made.
    Manifest,
}

/// A world in which something goes wrong.
pub struct World {
    cause: Cause,
    also: &'static [Cause],
    scene: fn(&mut Scene),
    user: bool,
    asked: Asked,
    at: &'static str,
    arrange: fn(&mut Stage),
    shows: &'static [(&'static str, &'static str)],
    remedy: &'static str,
    mend: fn(&mut Stage),
    /// The one way it is played, and why not the other.
    pub only: Option<(Way, &'static str)>,
    /// Whether a real program takes part, which virtual time would not wait for.
    real_time: bool,
}

impl World {
    /// Of this cause, when `asked`: the fault stands at this rung or step, or at `""`, the whole.
    pub const fn of(cause: Cause, asked: Asked, at: &'static str) -> Self {
        Self {
            cause,
            also: &[],
            scene: |_| {},
            user: false,
            asked,
            at,
            arrange: |_| {},
            shows: &[],
            remedy: "",
            mend: |_| {},
            only: None,
            real_time: false,
        }
    }

    /// And these causes behind it.
    pub const fn also(mut self, also: &'static [Cause]) -> Self {
        self.also = also;
        self
    }

    /// The account is another from the start.
    pub const fn scene(mut self, scene: fn(&mut Scene)) -> Self {
        self.scene = scene;
        self
    }

    /// In user mode.
    pub const fn by_user(mut self) -> Self {
        self.user = true;
        self
    }

    /// What goes wrong before the question.
    pub const fn arrange(mut self, arrange: fn(&mut Stage)) -> Self {
        self.arrange = arrange;
        self
    }

    /// The evidence: key, and words of its value.
    pub const fn shows(mut self, shows: &'static [(&'static str, &'static str)]) -> Self {
        self.shows = shows;
        self
    }

    /// Words of the remedy that is told, and how it is carried out.
    pub const fn mend(mut self, words: &'static str, mend: fn(&mut Stage)) -> Self {
        self.remedy = words;
        self.mend = mend;
        self
    }

    pub const fn only(mut self, way: Way, why: &'static str) -> Self {
        self.only = Some((way, why));
        self
    }

    pub const fn in_real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    pub fn causes(&self) -> impl Iterator<Item = Cause> {
        std::iter::once(self.cause).chain(self.also.iter().copied())
    }

    /// Asks, holds the answer against the table, mends, and asks again.
    #[track_caller]
    pub fn play(&self, way: Way) {
        if let Some((only, why)) = self.only
            && only != way
        {
            assert!(!why.is_empty());
            return;
        }
        let mut stage = Stage::new(way, self.scene, self.real_time);
        if self.user {
            stage.by_user();
        }
        if matches!(self.asked, Asked::Pull | Asked::Manifest) {
            stage.make(0);
        }
        (self.arrange)(&mut stage);
        let told = stage.ask(self.asked);
        self.diagnosed(&told, way);
        (self.mend)(&mut stage);
        let told = stage.ask(self.asked);
        assert!(told.went_well && told.faults.is_empty(), "mended, and yet: {:#}", told.whole);
    }

    #[track_caller]
    fn diagnosed(&self, told: &Told, way: Way) {
        let whole = &told.whole;
        let (at, fault) = told.faults.first().unwrap_or_else(|| panic!("no fault: {whole:#}"));
        let causes: Vec<&str> = self.causes().map(Cause::slug).collect();
        let others = fault["also"].as_array().map_or(&[][..], Vec::as_slice);
        let chain: Vec<&Value> = std::iter::once(fault).chain(others).collect();
        let found: Vec<&str> = chain.iter().filter_map(|one| one["cause"].as_str()).collect();
        assert_eq!((at.as_str(), found), (self.at, causes), "{whole:#}");
        for (one, cause) in chain.iter().zip(self.causes()) {
            let remedy = one["remedy"].as_str().unwrap_or_default();
            assert!(!remedy.is_empty(), "no remedy: {one:#}");
            assert!(one["message"].as_str().is_some_and(|text| !text.is_empty()), "{one:#}");
            assert_eq!(one["waiting_helps"], cause.waiting_helps(), "{one:#}");
        }
        let remedy = fault["remedy"].as_str().unwrap_or_default();
        // What an adapter knows beyond the cause, that of the memory does not.
        let in_general = way == Way::Engine && remedy == self.cause.remedy();
        assert!(
            remedy.contains(self.remedy) || in_general,
            "another remedy than {:?}: {fault:#}",
            self.remedy
        );
        for (key, words) in self.shows {
            let seen = fault["evidence"][key].as_str();
            let seen = seen.unwrap_or_else(|| panic!("no {key}: {fault:#}"));
            assert!(seen.contains(words), "{key} without {words:?}: {fault:#}");
        }
    }
}

/// A page of worlds: for each a test of either way, by its name.
macro_rules! worlds {
    ($( $(#[doc = $doc:literal])* $name:ident: $world:expr; )+) => {
        pub const ALL: &[(&str, crate::table::World)] =
            &[$( (stringify!($name), $world) ),+];

        $(
            mod $name {
                use crate::table::Way;

                #[test]
                fn by_engine() {
                    super::play(stringify!($name), Way::Engine);
                }

                #[test]
                fn by_command() {
                    super::play(stringify!($name), Way::Command);
                }
            }
        )+

        #[cfg(test)]
        fn play(name: &str, way: crate::table::Way) {
            let (_, world) = ALL.iter().find(|(one, _)| *one == name).expect("a world");
            world.play(way);
        }
    };
}
pub(crate) use worlds;
