//! Grids: many values of one parameter against one baseline. Each stream is read and decoded once,
//! and read under every value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::id::{ParticipantId, ProgrammeId, RuleId, TierId};
use waystage_core::readings::{Case, Earned};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Answer, RuleReading};
use waystage_core::scenario::Scenario;
use waystage_core::view::{Through, View};
use waystage_store::models::Parked;
use waystage_store::{EventReader, StoreError};

use super::affected::{affected_by, programmes};
use crate::difference::readings_differ;
use crate::reading::{judged, parked, read_there, replayed};
use crate::replay::Progress;

const BATCH: usize = 64;

/// What a sweep counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// Readings of met of the swept rules.
    pub met: u64,
    /// Of those, the ones that rest on what the scenario assumes.
    pub met_on_assumed: u64,
    /// Readings of not met.
    pub not_met: u64,
    /// Readings of not yet.
    pub not_yet: u64,
    /// Readings of unknown.
    pub unknown: u64,
    /// Fees that were earned by the swept rules, in pence, where the amount is known.
    pub fee_pence: u64,
    /// Fees of theirs whose amount is not known.
    pub fees_unknown: u64,
    /// Participants of whom any reading is another than in the baseline.
    pub participants_changed: u64,
    /// Readings that are others than in the baseline.
    pub readings_changed: u64,
}

/// The table of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct Table {
    /// The view in which all were read.
    pub view: View,
    /// The baseline: no scenario.
    pub baseline: Swept,
    /// Each value's counts, in the order of the values.
    pub values: Vec<Swept>,
    /// Participants who were read.
    pub participants: u64,
    /// Events that were decoded, each once.
    pub events: u64,
    /// Who could not be read.
    pub parked: Vec<Parked>,
}

/// Which readings a sweep counts, and the fees on them: those of the swept rules.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// The rules that are swept, by programme.
    pub rules: &'a BTreeMap<ProgrammeId, BTreeSet<RuleId>>,
    /// The tier, where only one is counted.
    pub tier: Option<&'a str>,
}

impl Counted<'_> {
    fn counts(&self, programme: &ProgrammeId, rule: &RuleId, tier: Option<&TierId>) -> bool {
        self.rules.get(programme).is_some_and(|rules| rules.contains(rule))
            && self.tier.is_none_or(|own| tier.is_some_and(|tier| tier.as_str() == own))
    }
}

/// Reads a log under each of some scenarios, which change the same facts as the first, and counts.
/// Everybody who was referred to one of the programmes is read, and whoever a scenario could
/// change.
///
/// # Errors
///
/// Where the store fails. An event that cannot be read parks its participant.
pub fn sweep(
    reader: &dyn EventReader,
    lens: &Lens,
    scenarios: &[Scenario],
    counted: Counted<'_>,
    watch: &(dyn Fn(Progress) + Sync),
) -> Result<Table, StoreError> {
    let view = match (lens.view.through, reader.last_position()?) {
        (Through::Head, Some(last)) => lens.view.through(last),
        _ => lens.view,
    };
    let plain = lens.at(view).scenario(Scenario::empty());
    let imagined: Vec<Lens> =
        scenarios.iter().map(|scenario| plain.clone().scenario(scenario.clone())).collect();
    let mut concerned: BTreeSet<ProgrammeId> = counted.rules.keys().cloned().collect();
    concerned.extend(imagined.iter().flat_map(|lens| programmes(&plain, lens)));
    let nothing = Scenario::empty();
    let changes = scenarios.first().unwrap_or(&nothing);
    let who = affected_by(reader, &plain, changes, concerned)?.participants;
    let who: Vec<ParticipantId> = who.into_iter().collect();
    let (all, done) = (who.len() as u64, AtomicU64::new(0));
    let parts = who.par_chunks(BATCH).map(|batch| {
        let mut part = Part::of(imagined.len());
        for participant in batch {
            part.take(reader, *participant, &plain, &imagined, counted)?;
        }
        let batch = batch.len() as u64;
        let participants = done.fetch_add(batch, Ordering::Relaxed) + batch;
        watch(Progress { participants, participants_all: all, events: 0 });
        Ok::<_, StoreError>(part)
    });
    let nothing = || Part::of(imagined.len());
    let whole = parts.try_reduce(nothing, |one, other| Ok(one.and(other)))?;
    let Part { baseline, values, events, mut parked } = whole;
    parked.sort();
    Ok(Table { view, baseline, values, participants: all, events, parked })
}

struct Part {
    baseline: Swept,
    values: Vec<Swept>,
    events: u64,
    parked: Vec<Parked>,
}

impl Part {
    fn of(values: usize) -> Self {
        let values = vec![Swept::default(); values];
        Self { baseline: Swept::default(), values, events: 0, parked: Vec::new() }
    }

    fn and(mut self, other: Self) -> Self {
        self.baseline.add(&other.baseline);
        for (sum, part) in self.values.iter_mut().zip(&other.values) {
            sum.add(part);
        }
        self.events += other.events;
        self.parked.extend(other.parked);
        self
    }

    fn take(
        &mut self,
        reader: &dyn EventReader,
        participant: ParticipantId,
        plain: &Lens,
        imagined: &[Lens],
        counted: Counted<'_>,
    ) -> Result<(), StoreError> {
        // what one lens wants of a stream all want; the first has the scenario's assumed people
        let stream = match read_there(reader, participant, imagined.first().unwrap_or(plain)) {
            Ok(stream) => stream.map_or(Vec::new(), |stream| stream.events),
            Err(error) => {
                self.parked.push(parked(participant, error)?);
                return Ok(());
            }
        };
        self.events += stream.len() as u64;
        match read(participant, &stream, plain, imagined, counted) {
            Ok((baseline, values)) => {
                self.baseline.add(&baseline);
                for (sum, value) in self.values.iter_mut().zip(&values) {
                    sum.add(value);
                }
            }
            Err(parked) => self.parked.push(parked),
        }
        Ok(())
    }
}

/// Reads one participant under every lens; where it fails under one, they are in none.
fn read(
    participant: ParticipantId,
    stream: &[waystage_core::journey::Recorded],
    plain: &Lens,
    imagined: &[Lens],
    counted: Counted<'_>,
) -> Result<(Swept, Vec<Swept>), Parked> {
    let before = replayed(participant, stream, plain)?;
    // the scenarios change the same facts: one journey serves all
    let folded = match imagined.first() {
        Some(first) if !first.scenario.changes.is_empty() => {
            Some(replayed(participant, stream, first)?)
        }
        _ => None,
    };
    let folded = folded.as_ref().unwrap_or(&before);
    let values = imagined.iter().map(|lens| {
        let after = judged(folded, lens)?;
        let mut swept = Swept::of(&after, counted);
        swept.readings_changed = readings_differ(&before, &after);
        swept.participants_changed = u64::from(swept.readings_changed > 0);
        Ok(swept)
    });
    let values = values.collect::<Result<Vec<_>, Parked>>()?;
    Ok((Swept::of(&before, counted), values))
}

impl Swept {
    fn of(replayed: &Replayed<'_>, counted: Counted<'_>) -> Self {
        let mut swept = Self::default();
        let ours = |reading: &&RuleReading| {
            counted.counts(&reading.programme, &reading.rule, reading.tier.as_ref())
        };
        for reading in replayed.readings.iter().filter(ours) {
            match reading.reading.answer() {
                Answer::Met => {
                    swept.met += 1;
                    let assumed = !replayed.rests_on(reading).is_empty();
                    swept.met_on_assumed += u64::from(assumed);
                }
                Answer::NotMet => swept.not_met += 1,
                Answer::NotYet => swept.not_yet += 1,
                Answer::Unknown => swept.unknown += 1,
            }
        }
        for case in Case::all(replayed) {
            let id = &case.programme.id;
            let ours = |earned: &Earned| counted.counts(id, &earned.fee, earned.tier.as_ref());
            for earned in case.earned().filter(ours) {
                match earned.pence {
                    Some(pence) => swept.fee_pence += pence,
                    None => swept.fees_unknown += 1,
                }
            }
        }
        swept
    }

    /// Adds what was counted of others.
    pub fn add(&mut self, other: &Self) {
        self.met += other.met;
        self.met_on_assumed += other.met_on_assumed;
        self.not_met += other.not_met;
        self.not_yet += other.not_yet;
        self.unknown += other.unknown;
        self.fee_pence += other.fee_pence;
        self.fees_unknown += other.fees_unknown;
        self.participants_changed += other.participants_changed;
        self.readings_changed += other.readings_changed;
    }
}
