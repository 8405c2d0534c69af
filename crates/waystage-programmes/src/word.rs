//! Words from closed lists. The lists themselves are the core's; a word that is not on its list
//! is answered with the list and with the nearest word.

use std::marker::PhantomData;

use toml::de::DeValue;
use waystage_core::calendar::{DayCount, MonthEnd};
use waystage_core::journey::entry::ParticipationType;
use waystage_core::journey::evidence::Method;
use waystage_core::journey::support::Delivery;
use waystage_core::programme::{Cohort, Family, JudgedBy, Measure, Milestone, Pauses, Phase};
use waystage_core::rules::{AnchorChoice, MultipleJobs, RateAsOf, SectorRule};
use waystage_core::view::Basis;

use crate::entry::Field;
use crate::kind::Kind;
use crate::nearest::{Instead, listed};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// A closed list of words.
pub(crate) trait Listed: Copy {
    /// Returns every word with its meaning.
    fn all() -> Vec<(&'static str, Self)>;
}

macro_rules! listed_in_core {
    ($($name:ident)*) => {$(
        impl Listed for $name {
            fn all() -> Vec<(&'static str, Self)> {
                Self::ALL.iter().map(|each| (each.as_str(), *each)).collect()
            }
        }
    )*};
}

listed_in_core! {
    Family JudgedBy Milestone AnchorChoice MultipleJobs RateAsOf SectorRule ParticipationType Method
    Delivery Measure Pauses Phase Cohort Basis
}

impl Listed for DayCount {
    fn all() -> Vec<(&'static str, Self)> {
        vec![("start_is_day_0", Self::StartIsDay0), ("start_is_day_1", Self::StartIsDay1)]
    }
}

impl Listed for MonthEnd {
    fn all() -> Vec<(&'static str, Self)> {
        vec![("clamp", Self::Clamp), ("overflow", Self::Overflow)]
    }
}

/// A word from a closed list.
#[derive(Clone, Copy)]
pub(crate) struct Word<T>(PhantomData<T>);

/// Returns the kind of a word from the list of `T`.
pub(crate) const fn word<T: Listed>() -> Word<T> {
    Word(PhantomData)
}

impl<T: Listed> Kind for Word<T> {
    type Read = T;

    fn example(&self, _key: &str) -> String {
        let words: Vec<&str> = T::all().into_iter().map(|(word, _)| word).collect();
        listed(&words)
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<T, Noted> {
        let DeValue::String(given) = field.value.get_ref() else {
            return Err(field.wrong_type(notes, &self.example(field.key)));
        };
        let all = T::all();
        let found = all.iter().find(|(word, _)| word == given);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let problem = Problem::UnknownWord {
                key: field.key,
                entry: field.entry,
                given: given.clone().into_owned(),
                instead: Instead::of(given, all.iter().map(|(word, _)| *word)),
            };
            notes.refuse(field.at(), problem)
        })
    }
}
