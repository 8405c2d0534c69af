//! What-if runs: a log read in one view, once as it is and once under a scenario, and what would be
//! otherwise. Only those whom the scenario could change are read. It holds a reader, so what it
//! imagines cannot get into a log.

pub(crate) mod affected;
mod build;
mod sweep;
mod totals;

pub use affected::Affected;
pub use build::BuiltUnder;
pub use sweep::{Counted, Swept, Table, sweep};
pub use totals::Totals;

use std::collections::BTreeSet;

use waystage_core::contribution::Contributions;
use waystage_core::id::ParticipantId;
use waystage_core::replayed::Lens;
use waystage_core::rules::{Reading, RuleReading};
use waystage_core::scenario::Scenario;
use waystage_core::table::{Cell, Model};
use waystage_core::view::{Through, View};
use waystage_store::{Digest, EventReader, StoreError};

use crate::difference::{Comparison, Difference, PersonDifference, Side};
use crate::digest::Bytes;
use crate::reading::all_of;
use crate::replay::Progress;

/// A what-if run that is to be made.
///
/// ```
/// use std::sync::Arc;
/// use waystage_core::programme::Adoptions;
/// use waystage_core::replayed::Lens;
/// use waystage_core::scenario::Scenario;
/// use waystage_core::time::Timestamp;
/// use waystage_core::view::View;
/// use waystage_replay::what_if::WhatIf;
/// use waystage_store::MemoryStore;
/// let log = MemoryStore::new("example.org/working-well");
/// let view = View::new("2021-09-30".parse().unwrap(), Timestamp::MAX);
/// let lens = Lens::new(view, Arc::new(Adoptions::default()));
/// let would_be = WhatIf::new(&log, &lens, &Scenario::empty(), &[])?.made()?;
/// assert!(would_be.difference.is_empty() && would_be.affected.participants.is_empty());
/// # Ok::<(), waystage_store::StoreError>(())
/// ```
///
/// It was given a reader, which is all that it has, and does not give it away:
///
/// ```compile_fail,E0616
/// use waystage_replay::what_if::WhatIf;
/// fn takes<'a>(what_if: &WhatIf<'a>) -> &'a dyn waystage_store::EventReader {
///     what_if.reader
/// }
/// ```
///
/// Even whoever got at it could not write: [`EventReader`] has no way of it, and does not become a
/// writer.
pub struct WhatIf<'a> {
    reader: &'a dyn EventReader,
    plain: Lens,
    imagined: Lens,
    models: &'a [&'a dyn Model],
    asked_totals: totals::Asked,
    watch: Option<&'a (dyn Fn(Progress) + Sync)>,
}

/// What would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct WouldBe {
    /// The view in which both were read, up to a position of the log.
    pub view: View,
    /// Whom the scenario could change.
    pub affected: Affected,
    /// Participants who were read again, on both sides.
    pub recomputed: u64,
    /// Models for which everybody was read, because they read every programme's rules of everybody.
    pub for_everybody: Vec<String>,
    /// What differs. Where totals were asked for, each model says what it was before.
    pub difference: Difference,
    /// Where the totals are from.
    pub totals: Totals,
    /// Events that were folded to sum the baseline, beside those of the difference.
    pub folded_for_totals: u64,
}

impl<'a> WhatIf<'a> {
    /// Returns the run of a scenario in the view of a lens, which is read without it: the view goes
    /// up to where the log ends now.
    ///
    /// # Errors
    ///
    /// Where the log cannot be asked how far it goes.
    pub fn new(
        reader: &'a dyn EventReader,
        lens: &Lens,
        scenario: &Scenario,
        models: &'a [&'a dyn Model],
    ) -> Result<Self, StoreError> {
        let view = match (lens.view.through, reader.last_position()?) {
            (Through::Head, Some(last)) => lens.view.through(last),
            _ => lens.view,
        };
        let plain = lens.at(view).scenario(Scenario::empty());
        let imagined = plain.clone().scenario(scenario.clone());
        let asked_totals = totals::Asked::Nothing;
        Ok(Self { reader, plain, imagined, models, asked_totals, watch: None })
    }

    /// Returns the view in which both are read.
    pub const fn view(&self) -> View {
        self.plain.view
    }

    /// Returns the lens of the scenario.
    pub const fn lens(&self) -> &Lens {
        &self.imagined
    }

    /// Has the progress told now and then.
    #[must_use]
    pub fn watched(self, watch: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Adds up the baseline once, over everybody, so that figures have their totals.
    #[must_use]
    pub fn summing(self) -> Self {
        Self { asked_totals: totals::Asked::Summed, ..self }
    }

    /// Takes the baseline's totals from models that are kept at exactly this view, in the order of
    /// the models.
    #[must_use]
    pub fn with_kept(self, kept: Vec<Contributions<Cell>>) -> Self {
        Self { asked_totals: totals::Asked::Kept(kept), ..self }
    }

    /// Returns whom the scenario could change, without replaying anybody.
    pub fn affected(&self) -> Result<Affected, StoreError> {
        affected::affected(self.reader, &self.plain, &self.imagined)
    }

    /// Makes the run.
    ///
    /// # Errors
    ///
    /// Where the store fails. An event that cannot be read parks its participant.
    pub fn made(self) -> Result<WouldBe, StoreError> {
        let affected = self.affected()?;
        let (plain, imagined) = (&self.plain, &self.imagined);
        let side = |lens| Side { reader: self.reader, lens };
        let compare = |models, only| {
            let comparison = Comparison::new(side(plain), side(imagined), models).only(only);
            match self.watch {
                Some(watch) => comparison.watched(watch).made(),
                None => comparison.made(),
            }
        };
        let mut difference = compare(self.models, &affected.participants)?;
        let wide = self.wide(&affected);
        if !wide.is_empty() {
            let others = self.others(&affected.participants)?;
            let models: Vec<&dyn Model> = wide.iter().map(|place| self.models[*place]).collect();
            let rest = compare(&models, &others)?;
            take_in(&mut difference, rest, &wide);
        }
        let mut would_be = WouldBe {
            view: plain.view,
            recomputed: difference.participants,
            for_everybody: wide.iter().map(|at| self.models[*at].name().to_owned()).collect(),
            affected,
            difference,
            totals: Totals::LeftOut,
            folded_for_totals: 0,
        };
        self.fill_totals(&mut would_be)?;
        Ok(would_be)
    }

    /// Returns the places of the models for which everybody has to be read.
    fn wide(&self, affected: &Affected) -> Vec<usize> {
        if affected.programmes.is_empty() {
            return Vec::new();
        }
        let models = self.models.iter().enumerate();
        models.filter(|(_, model)| model.reads_every_programme()).map(|(at, _)| at).collect()
    }

    fn others(
        &self,
        affected: &BTreeSet<ParticipantId>,
    ) -> Result<BTreeSet<ParticipantId>, StoreError> {
        let all = all_of(self.reader, &self.imagined)?.into_iter();
        Ok(all.filter(|each| !affected.contains(each)).collect())
    }
}

/// Takes in the difference of other people, in some of the models.
fn take_in(difference: &mut Difference, rest: Difference, models: &[usize]) {
    let all = difference.models.len();
    for (at, model) in models.iter().zip(rest.models) {
        difference.models[*at].change.take_in(model.change);
        difference.models[*at].assumed.take_in(model.assumed);
    }
    let spread = |parts: Vec<Contributions<Cell>>| {
        let mut spread = vec![Contributions::none(); all];
        for (at, part) in models.iter().zip(parts) {
            spread[*at] = part;
        }
        spread
    };
    difference.people.extend(rest.people.into_iter().map(|person| PersonDifference {
        by_facts: spread(person.by_facts.clone()),
        by_rules: spread(person.by_rules.clone()),
        ..person
    }));
    difference.people.sort_by_key(|person| person.participant);
    difference.participants += rest.participants;
    difference.folded += rest.folded;
    difference.events += rest.events;
    difference.assumed_facts += rest.assumed_facts;
    difference.parked.extend(rest.parked);
    difference.parked.sort();
}

impl WouldBe {
    /// Returns how many readings changed, and how many of those rest on what the scenario assumes.
    pub fn readings_changed(&self) -> (u64, u64) {
        let readings = self.difference.people.iter().flat_map(|person| &person.readings);
        readings.fold((0, 0), |(all, assumed), each| (all + 1, assumed + u64::from(each.assumed)))
    }

    /// Returns the digest of the result: of who is affected, every reading that changed and every
    /// figure that did, delivery fees among them. It is the same for the same log, view and
    /// scenario, however it was found.
    pub fn digest(&self) -> Digest {
        let mut bytes = Bytes::of("waystage.what-if.v1\n");
        bytes.count(self.affected.participants.len());
        for participant in &self.affected.participants {
            bytes.id(participant.as_bytes());
        }
        bytes.count(self.difference.people.len());
        for person in &self.difference.people {
            bytes.id(person.participant.as_bytes());
            bytes.count(person.readings.len());
            for change in &person.readings {
                bytes.id(change.participation.as_bytes());
                bytes.text(change.rule.as_str());
                bytes.text(change.tier.as_ref().map_or("", |tier| tier.as_str()));
                reading(&mut bytes, change.before.as_ref());
                reading(&mut bytes, change.after.as_ref());
            }
        }
        bytes.count(self.difference.models.len());
        for model in &self.difference.models {
            bytes.text(&model.name);
            bytes.tables(&model.tables);
            bytes.cells(&model.change);
        }
        if !self.difference.delivery.is_empty() {
            bytes.text("delivery");
            bytes.count(self.difference.delivery.len());
            for change in &self.difference.delivery {
                bytes.text(&change.programme);
                for side in [change.before, change.after] {
                    bytes.text(&format!("{} {} {}", side.fees, side.pence, side.unknown));
                }
            }
        }
        bytes.digest()
    }
}

fn reading(bytes: &mut Bytes, reading: Option<&RuleReading>) {
    let Some(reading) = reading else { return bytes.text("absent") };
    bytes.text(reading.reading.answer().as_str());
    bytes.day(match &reading.reading {
        Reading::Met(met) => Some(met.on),
        Reading::NotMet => None,
        Reading::NotYet { until } => *until,
        Reading::Unknown { missing, .. } => Some(*missing),
    });
}
