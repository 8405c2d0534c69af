//! What a rule reads, and what is expected of it.

use chrono::NaiveDate;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Answer, Reading, RuleReading};

use super::life::day;
use super::wrong;
use crate::logs::Streams;

/// What a rule reads of one participation.
#[derive(Debug, Clone)]
pub struct Reads {
    reading: RuleReading,
    as_of: NaiveDate,
}

impl Reads {
    /// Reads a rule of the only participation that has it, or says why there is no such one.
    pub(super) fn of(streams: &Streams, lens: &Lens, rule: &str) -> Result<Self, String> {
        let replayed: Vec<Replayed<'_>> =
            streams.iter().map(|(id, stream)| Replayed::of(*id, stream, lens)).collect();
        let all: Vec<&RuleReading> = replayed.iter().flat_map(|each| &each.readings).collect();
        let asked: Vec<&&RuleReading> = all.iter().filter(|each| each.name() == rule).collect();
        match asked.as_slice() {
            [one] => Ok(Self { reading: (**one).clone(), as_of: lens.view.as_of }),
            [] => {
                let mut names: Vec<String> = all.iter().map(|each| each.name()).collect();
                names.sort();
                names.dedup();
                let read = match names.as_slice() {
                    [] => "no rule is: name the programmes with `under`".to_owned(),
                    names => format!("these are: {}", names.join(", ")),
                };
                Err(format!("{rule} is not read of anybody as of {}; {read}", lens.view.as_of))
            }
            several => Err(format!(
                "{rule} is read of {} participations: give the facts of one",
                several.len()
            )),
        }
    }

    /// Expects one of the four answers.
    #[track_caller]
    pub fn then(&self, answer: Answer) -> &Self {
        self.expect(&answer.to_string(), self.reading.reading.answer() == answer);
        self
    }

    /// Expects that it is met on a day: the last one whose evidence it needed.
    #[track_caller]
    pub fn then_met(&self, on: &str) -> &Self {
        let on = day(on);
        let is_met = matches!(&self.reading.reading, Reading::Met(met) if met.on == on);
        self.expect(&format!("met on {on}"), is_met);
        self
    }

    /// Expects that it is not met, whatever is to come.
    #[track_caller]
    pub fn then_not_met(&self) -> &Self {
        self.then(Answer::NotMet)
    }

    /// Expects that it may still be met, until this day.
    #[track_caller]
    pub fn then_not_yet(&self, until: &str) -> &Self {
        let until = day(until);
        let is_not_yet = self.reading.reading == Reading::NotYet { until: Some(until) };
        self.expect(&format!("not yet, until {until}"), is_not_yet);
        self
    }

    /// Expects that nobody reported whether it is met, from this day.
    #[track_caller]
    pub fn then_unknown(&self, from: &str) -> &Self {
        let from = day(from);
        let is_unknown =
            matches!(self.reading.reading, Reading::Unknown { missing, .. } if missing == from);
        self.expect(&format!("unknown from {from}"), is_unknown);
        self
    }

    #[track_caller]
    fn expect(&self, expected: &str, is_so: bool) {
        if !is_so {
            let (rule, read) = (self.reading.name(), says(&self.reading.reading));
            let says = format!("{rule} reads {read} as of {}; expected: {expected}", self.as_of);
            wrong(&says);
        }
    }
}

/// Returns a reading in words.
fn says(reading: &Reading) -> String {
    match reading {
        Reading::Met(met) => format!("met on {}", met.on),
        Reading::NotMet => "not_met".to_owned(),
        Reading::NotYet { until: Some(until) } => format!("not_yet, until {until}"),
        Reading::NotYet { until: None } => "not_yet, with no last day".to_owned(),
        Reading::Unknown { missing, .. } => format!("unknown from {missing}"),
    }
}
