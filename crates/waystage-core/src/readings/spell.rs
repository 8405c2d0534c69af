//! Spells: the days on which somebody is on a programme, from the start to the leaving, and again
//! from a return. A day of leaving is the last day of its spell.

use chrono::NaiveDate;

use super::Case;
use crate::calendar::Span;
use crate::journey::{Journey, Kind, Participation};

impl Case<'_> {
    /// Returns the spells of the participation, earliest first; the last is open where nobody left.
    pub fn spells(&self) -> Vec<Span> {
        spells(self.journey, self.participation, self.as_of)
    }
}

/// Returns the spells of a participation up to a day, whether or not its programme is adopted.
pub fn spells(journey: &Journey<'_>, participation: &Participation, as_of: NaiveDate) -> Vec<Span> {
    let mut spells = Vec::new();
    let (mut since, mut begun, mut left) = (None, false, false);
    for index in &participation.facts {
        let seen = &journey.facts[*index];
        match seen.fact.kind() {
            Kind::Started if !begun && !left => (since, begun) = (Some(seen.on), true),
            Kind::Rejoined if left => (since, left) = (Some(seen.on), false),
            Kind::Completed | Kind::Exited => {
                left = true;
                spells.extend(since.take().and_then(|since| Span::new(since, seen.on)));
            }
            _ => {}
        }
    }
    spells.extend(since.and_then(|since| Span::new(since, as_of)));
    spells
}
