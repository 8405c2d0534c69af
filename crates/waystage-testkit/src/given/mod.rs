//! Given, when, then, as types: the wrong order does not compile, and a failure points at the line
//! of the test.
//!
//! ```
//! use waystage_core::journey::Finding;
//! use waystage_testkit::{given, person};
//!
//! let referred = person("P1").referred("2021-03-01", "whp-national").acknowledged("2021-03-02");
//! given(referred.started("2021-03-10"))
//!     .record(person("P1").job("2021-03-05", 20))
//!     .then_recorded()
//!     .then_finds(Finding::JobBeforeStart);
//! ```
//!
//! ```compile_fail
//! # use waystage_testkit::{given, person};
//! given(person("P1").referred("2021-03-01", "whp-national")).then_recorded(); // what is?
//! ```
//!
//! Facts are [given](given()) as lives of people. Then something happens: a fact is
//! [recorded](Given::record), a rule [reads](Given::reads), a projection
//! [contributes](Given::project). Only then are there answers to be expected.

mod life;
mod projected;
mod reads;
mod recording;
mod variations;
mod words;

use chrono::NaiveDate;
use waystage_core::contribution::Projection;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::journey::correction::{Amendment, Correction};
use waystage_core::journey::{Fact, Record};
use waystage_core::programme::{Adopted, Adoption, Adoptions, Programme, Programmes};
use waystage_core::replayed::Lens;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::{NewEvent, check_structure};

use self::life::day;
use crate::logs::{Told, streams};
use crate::parts::label;

pub use life::{Life, job, participant, participation, person};
pub use projected::Projected;
pub use reads::Reads;
pub use recording::Recording;
pub use variations::Variation;

/// Facts of one person or of several.
#[derive(Debug, Clone)]
pub struct Facts(Vec<Life>);

impl From<Life> for Facts {
    fn from(life: Life) -> Self {
        Self(vec![life])
    }
}

impl From<Vec<Life>> for Facts {
    fn from(lives: Vec<Life>) -> Self {
        Self(lives)
    }
}

impl<const N: usize> From<[Life; N]> for Facts {
    fn from(lives: [Life; N]) -> Self {
        Self(lives.into())
    }
}

/// Programmes that are read with: of packs, of an engine or of a log.
#[derive(Debug, Clone, Default)]
pub struct Packs(Adoptions);

impl From<Adoptions> for Packs {
    fn from(adoptions: Adoptions) -> Self {
        Self(adoptions)
    }
}

impl From<Programme> for Packs {
    fn from(programme: Programme) -> Self {
        Self(Adoptions::new(vec![adopted(Adopted::Programme(programme))]))
    }
}

impl From<&Programmes> for Packs {
    fn from(programmes: &Programmes) -> Self {
        let packs = programmes.programmes.values().cloned();
        let packs = packs.map(|programme| adopted(Adopted::Programme(programme)));
        let tables = adopted(Adopted::Tables {
            rates: programmes.rates.values().cloned().collect(),
            calendars: programmes.calendars.values().cloned().collect(),
            geographies: programmes.geographies.values().cloned().collect(),
        });
        Self(Adoptions::new(packs.chain([tables]).collect()))
    }
}

impl From<Programmes> for Packs {
    fn from(programmes: Programmes) -> Self {
        Self::from(&programmes)
    }
}

fn adopted(adopted: Adopted) -> Adoption {
    let (position, recorded_at) = (Position::FIRST, Timestamp::MIN);
    Adoption { position, recorded_at, digest: "none".to_owned(), adopted }
}

/// Facts that were recorded before anything happens, and the view through which they are read.
#[derive(Debug, Clone)]
#[must_use = "nothing is tried until something happens: record, reads or project"]
pub struct Given {
    lives: Vec<Life>,
    packs: Adoptions,
    as_of: Option<NaiveDate>,
    known_at: Timestamp,
}

/// Takes facts as given: of one [`person`], or of several in an array or a vector.
///
/// They are read as of the last day of which any of them tells, and as known at the end, unless it
/// is said otherwise; and under no programme unless one is named.
///
/// # Panics
///
/// Where a fact names something that is not told before it, as recording would refuse it.
#[track_caller]
pub fn given(facts: impl Into<Facts>) -> Given {
    let mut lives: Vec<Life> = Vec::new();
    for life in facts.into().0 {
        match lives.iter().position(|each| each.name == life.name) {
            Some(place) => lives[place] = lives[place].clone().and(life),
            None => lives.push(life),
        }
    }
    let given = Given { lives, packs: Adoptions::default(), as_of: None, known_at: Timestamp::MAX };
    if let Err(says) = given.checked() {
        wrong(&format!("the given facts cannot be recorded: {says}"));
    }
    given
}

/// Fails the test that calls.
#[track_caller]
#[allow(clippy::panic)] // what is not as expected fails the test
fn wrong(says: &str) -> ! {
    panic!("{says}")
}

impl Given {
    /// Reads facts up to this day.
    #[track_caller]
    pub fn as_of(self, on: &str) -> Self {
        Self { as_of: Some(day(on)), ..self }
    }

    /// Reads what was told by the end of this day.
    #[track_caller]
    pub fn known_at(self, on: &str) -> Self {
        let end = day(on).and_hms_micro_opt(23, 59, 59, 999_999).unwrap_or_default();
        Self { known_at: Timestamp::from_micros(end.and_utc().timestamp_micros()), ..self }
    }

    /// Reads under these programmes.
    pub fn under(self, packs: impl Into<Packs>) -> Self {
        Self { packs: packs.into().0, ..self }
    }

    /// Records what is told next of one person, as an engine would.
    #[track_caller]
    #[must_use = "say what is to become of it: then_recorded, then_refused, then_finds, then_reads"]
    pub fn record(self, life: Life) -> Recording {
        match Recording::of(self, life) {
            Ok(recording) => recording,
            Err(says) => wrong(&says),
        }
    }

    /// Reads a rule (`rule`, or `rule/tier`) of the only participation that it is read for.
    #[track_caller]
    #[must_use = "say what the rule is to read: then, then_met"]
    pub fn reads(self, rule: &str) -> Reads {
        let (events, lens) = (self.events(), self.lens());
        match Reads::of(&streams(&events), &lens, rule) {
            Ok(reads) => reads,
            Err(says) => wrong(&says),
        }
    }

    /// Asks a projection what these people contribute.
    #[track_caller]
    #[must_use = "say what it is to count: then_counts, then_count, then_nothing"]
    pub fn project<P>(self, projection: &P) -> Projected<'_, P>
    where
        P: Projection,
        P::Key: std::fmt::Debug,
    {
        Projected::of(self.events(), self.lens(), projection)
    }

    /// Returns the events of everybody, in the order of being written down.
    #[track_caller]
    fn events(&self) -> Vec<Told> {
        match self.lives.iter().map(Life::events).collect::<Result<Vec<_>, _>>() {
            Ok(events) => events.into_iter().flatten().collect(),
            Err(says) => wrong(&says),
        }
    }

    fn checked(&self) -> Result<(), String> {
        for life in &self.lives {
            let events: Vec<Told> = life.events()?;
            let only: Vec<NewEvent> = events.iter().map(|(_, event)| event.clone()).collect();
            for (index, told) in events.iter().enumerate() {
                check_structure(&[], &only[..=index])
                    .map_err(|refusal| format!("{}: {refusal}", label(&told.1)))?;
            }
        }
        Ok(())
    }

    fn lens(&self) -> Lens {
        let last = self.lives.iter().filter_map(|life| life.events().ok()).flatten();
        let last = last.map(|(_, event)| last_day(&event)).max().unwrap_or_default();
        let view = View::new(self.as_of.unwrap_or(last), self.known_at).basis(Basis::Reported);
        Lens::new(view, self.packs.clone().into())
    }

    fn life_of(&self, participant: ParticipantId) -> Option<&Life> {
        self.lives.iter().find(|life| life::participant(&life.name) == participant)
    }
}

/// Returns the last day of which an event tells: its own, or one that a fact is moved to.
fn last_day(event: &NewEvent) -> NaiveDate {
    match &event.record {
        Record::Fact(Fact::Correction(Correction::FactAmended(fact))) => match fact.amendment {
            Amendment::On(day) => event.on.max(day),
            _ => event.on,
        },
        _ => event.on,
    }
}
