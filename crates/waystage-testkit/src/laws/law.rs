//! Which laws there are, how often they are tried, and what broke one.

use std::fmt;

/// A law of read models. A projection that keeps to [`Projection`]'s contract keeps them all.
///
/// [`Projection`]: waystage_core::contribution::Projection
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// The order in which facts arrive changes nothing on the basis `reported`.
    ArrivalOrder,
    /// Nor does it on the basis `recorded`, once everything is recorded. A model that asks what was
    /// known when (through [`Replayed::at`]) may depend on it: there, the order of recording is
    /// what was known.
    ///
    /// [`Replayed::at`]: waystage_core::replayed::Replayed::at
    RecordingOrder,
    /// Asked again, in parallel, in batches of any size, of a store or shard by shard, the parts
    /// are the same and add up to the same.
    Sums,
    /// Kept up event by event (the old part taken away, the new one added), the model is what it
    /// would be if it were built anew.
    Upkeep,
    /// The model as of a day, as known at an instant, is the model of a log that was cut there and
    /// has nothing of later days.
    AsOf,
    /// The empty scenario changes nothing, and imagining the journey without a fact is the same as
    /// having the fact withdrawn.
    Scenario,
    /// One model and the difference to another make the other, and the difference is the sum over
    /// the participants whose parts changed.
    Difference,
    /// What is learned later changes nothing in a view as known before.
    LearnedLater,
    /// With nothing new learned, a part stays as it is until the day that was told as due.
    Due,
    /// Each key stands in a cell of its own, within the shape of the tables.
    Cells,
    /// The model counts something in generated worlds; or else no law was tried on anything.
    Counts,
}

impl Law {
    /// Every law, in the order of being tried.
    pub const ALL: &'static [Self] = &[
        Self::ArrivalOrder,
        Self::RecordingOrder,
        Self::Sums,
        Self::Upkeep,
        Self::AsOf,
        Self::Scenario,
        Self::Difference,
        Self::LearnedLater,
        Self::Due,
        Self::Cells,
        Self::Counts,
    ];

    /// Returns the law as a sentence.
    pub const fn says(self) -> &'static str {
        match self {
            Self::ArrivalOrder => "the order in which facts arrive changes nothing",
            Self::RecordingOrder => "once all is recorded, in which order it was changes nothing",
            Self::Sums => {
                "asked again, in parallel, in batches or in shards, the parts are the same"
            }
            Self::Upkeep => "kept up event by event, the model is what it would be if built anew",
            Self::AsOf => "a view is the model of a log that was cut where the view ends",
            Self::Scenario => "imagining without a fact is the same as having it withdrawn",
            Self::Difference => "every difference is the sum of what participants changed",
            Self::LearnedLater => "what is learned later changes nothing that was known before",
            Self::Due => "time alone changes nothing before the day that is told as due",
            Self::Cells => "each key stands in a cell of its own, within its tables",
            Self::Counts => "the model counts something",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.says())
    }
}

/// How often the laws are tried, on which worlds, and which of them.
///
/// ```
/// use waystage_testkit::laws::Tries;
/// let ten_times_as_often = Tries { cases: 10 * Tries::default().cases, ..Tries::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tries {
    /// How many generated worlds are tried.
    pub cases: u32,
    /// What the worlds are generated from: the same seed gives the same worlds.
    pub seed: u64,
    /// In how many worlds, at least, the model must count something. A model of a programme of its
    /// own, which no generated world has, says 0 and tries less.
    pub counting_min: u32,
    /// Which laws are tried.
    pub laws: Vec<Law>,
}

impl Default for Tries {
    /// 48 worlds, or so many times more as the environment says: `LAW_FACTOR=50 cargo test`.
    fn default() -> Self {
        let factor = std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok());
        Self { cases: 48 * factor.unwrap_or(1), seed: 7, counting_min: 1, laws: Law::ALL.to_vec() }
    }
}

impl Tries {
    /// Returns tries of all these laws but some.
    #[must_use]
    pub fn except(mut self, laws: &[Law]) -> Self {
        self.laws.retain(|law| !laws.contains(law));
        self
    }

    /// Returns tries of these laws only.
    #[must_use]
    pub fn only(self, laws: &[Law]) -> Self {
        Self { laws: laws.to_vec(), ..self }
    }
}

/// What broke a law: the smallest world that was found in which it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The model.
    pub model: &'static str,
    /// The law.
    pub law: Law,
    /// What differs.
    pub says: String,
    /// The world, for people to read: its view, its rules and its events.
    pub world: String,
    /// What the worlds were generated from.
    pub seed: u64,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, law, says, world, seed } = self;
        writeln!(f, "{model} breaks a law: {law}")?;
        writeln!(f, "  {says}")?;
        if !world.is_empty() {
            writeln!(f, "  in this world, the smallest that was found with the seed {seed}:")?;
            write!(f, "{world}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}
