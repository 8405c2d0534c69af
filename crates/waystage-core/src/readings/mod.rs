//! Readings beside the rules: service standards, who may join, how long support lasts, what
//! assessments score, what a claim needs and what was earned. They see facts and the programme's
//! data only, as rules do, and nothing here refuses a fact.

mod claim;
mod earned;
mod gate;
mod limit;
mod milestone;
mod score;
mod spell;
mod standard;

pub use claim::ClaimReading;
pub use earned::Earned;
pub use gate::GateReading;
pub use limit::LimitReading;
pub use score::{ScoreReading, Travelled};
pub use spell::spells;
pub use standard::{StandardAnswer, StandardReading};

use chrono::NaiveDate;

use crate::journey::{Fact, FactIndex, Journey, Participation};
use crate::programme::{Programme, Programmes, Within};
use crate::replayed::Replayed;
use crate::rules::RuleReading;

/// One participation and its programme, as a view sees them: what every reading here is about.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The participant's journey.
    pub journey: &'a Journey<'a>,
    /// The participation.
    pub participation: &'a Participation,
    /// Its programme.
    pub programme: &'a Programme,
    /// The tables that the programme names, and the other programmes.
    pub programmes: &'a Programmes,
    /// What the programme's rules read of every participation of the participant.
    pub rule_readings: &'a [RuleReading],
    /// The day up to which facts are read.
    pub as_of: NaiveDate,
}

impl<'a> Case<'a> {
    /// Returns the case of a participation; none where its programme is not adopted.
    pub fn of(replayed: &'a Replayed<'a>, participation: &'a Participation) -> Option<Self> {
        Some(Self {
            journey: &replayed.journey,
            participation,
            programme: replayed.programme(participation)?,
            programmes: replayed.lens.programmes(),
            rule_readings: &replayed.readings,
            as_of: replayed.lens.view.as_of,
        })
    }

    /// Returns every case of a participant.
    pub fn all(replayed: &'a Replayed<'a>) -> impl Iterator<Item = Self> {
        let participations = replayed.journey.participations.iter();
        participations.filter_map(|participation| Case::of(replayed, participation))
    }

    /// Returns the facts of the participation, in effective order.
    fn facts(&self) -> impl Iterator<Item = (FactIndex, NaiveDate, &'a Fact)> {
        let journey = self.journey;
        self.participation.facts.iter().map(move |index| {
            let seen = &journey.facts[*index];
            (*index, seen.on, seen.fact.as_ref())
        })
    }

    /// Returns the day that comes so long after another; none where it is counted in working days
    /// of a calendar that is not there.
    fn after(&self, day: NaiveDate, within: Within) -> Option<NaiveDate> {
        match within {
            Within::Days(days) => Some(crate::calendar::days_after(day, days)),
            Within::WorkingDays(days) => {
                let calendar = self.programme.calendar.as_ref()?;
                Some(self.programmes.calendars.get(calendar)?.working_days_after(day, days))
            }
        }
    }
}
