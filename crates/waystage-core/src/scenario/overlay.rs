//! Overlays: programmes and tables that a scenario reads with in the place of those in force.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::calendar::BankHolidays;
use crate::id::ProgrammeId;
use crate::programme::{Fee, Programme, Programmes, RateTable, Rule, Terms};

/// Programmes and tables in the place of those of the same names; they are read and checked as
/// adopted ones are, before they get here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlay {
    /// The day from which it holds; none means that it always did. Rules, fees and rates keep
    /// their versions of earlier days; what has no versions holds whole.
    pub from: Option<NaiveDate>,
    /// Programmes.
    pub programmes: Vec<Programme>,
    /// Rate tables.
    pub rates: Vec<RateTable>,
    /// Calendars.
    pub calendars: Vec<BankHolidays>,
}

impl Overlay {
    /// Returns these programmes and tables with the overlay.
    #[must_use]
    pub(super) fn over(&self, mut below: Programmes) -> Programmes {
        for programme in &self.programmes {
            let old = below.programmes.get(&programme.id);
            let new = match (self.from, old) {
                (Some(from), Some(old)) => from_a_day(old, programme, from),
                _ => programme.clone(),
            };
            below.programmes.insert(new.id.clone(), new);
        }
        for table in &self.rates {
            let mut new = table.clone();
            if let (Some(from), Some(old)) = (self.from, below.rates.get(&table.id)) {
                let day = |row: &crate::programme::RateRow| row.effective_from;
                let set = |row: &mut crate::programme::RateRow| row.effective_from = from;
                new.rows = spliced(&old.rows, &table.rows, from, day, set);
            }
            below.rates.insert(new.id.clone(), new);
        }
        let calendars = self.calendars.iter().map(|each| (each.id.clone(), each.clone()));
        below.calendars.extend(calendars);
        below
    }

    /// Returns the programmes whose readings it could change: those that it replaces, and those
    /// that name a table or calendar that it replaces.
    pub(super) fn affected(&self, programmes: &Programmes) -> BTreeSet<ProgrammeId> {
        let own = self.programmes.iter().map(|programme| programme.id.clone());
        own.chain(self.naming_tables(programmes)).collect()
    }

    /// Returns the programmes that name a table which it changes.
    pub(super) fn naming_tables(
        &self,
        programmes: &Programmes,
    ) -> impl Iterator<Item = ProgrammeId> {
        let naming = programmes.programmes.values().filter(|programme| {
            let calendar = programme.calendar.as_ref();
            let dated = self.calendars.iter().any(|each| Some(&each.id) == calendar);
            let paid = self.rates.iter().any(|table| names(programme, table));
            dated || paid
        });
        naming.map(|programme| programme.id.clone())
    }
}

fn names(programme: &Programme, table: &RateTable) -> bool {
    let versions = programme.rules.iter().flat_map(|rule| &rule.versions);
    versions.into_iter().any(|version| match &version.terms {
        Terms::Earnings(terms) => terms.rate_table == table.id,
        _ => false,
    })
}

fn from_a_day(old: &Programme, new: &Programme, from: NaiveDate) -> Programme {
    let rules = new.rules.iter().map(|rule| match old.rule(&rule.id) {
        Some(was) if (was.family, was.judged_by) == (rule.family, rule.judged_by) => Rule {
            versions: spliced(
                &was.versions,
                &rule.versions,
                from,
                |version| version.effective_from,
                |version| version.effective_from = from,
            ),
            ..rule.clone()
        },
        _ => rule.clone(),
    });
    let fees = new.fees.iter().map(|fee| {
        match old.fees.iter().find(|was| (&was.on, &was.tier) == (&fee.on, &fee.tier)) {
            Some(was) => Fee {
                versions: spliced(
                    &was.versions,
                    &fee.versions,
                    from,
                    |version| version.effective_from,
                    |version| version.effective_from = from,
                ),
                ..fee.clone()
            },
            None => fee.clone(),
        }
    });
    Programme { rules: rules.collect(), fees: fees.collect(), ..new.clone() }
}

/// Returns the old versions up to the day, then those of the new that hold from it on.
fn spliced<V: Clone>(
    old: &[V],
    new: &[V],
    from: NaiveDate,
    day: impl Fn(&V) -> NaiveDate,
    set: impl Fn(&mut V),
) -> Vec<V> {
    let mut all: Vec<V> = old.iter().filter(|version| day(version) < from).cloned().collect();
    if let Some(mut holds) = new.iter().rev().find(|version| day(version) <= from).cloned() {
        set(&mut holds);
        all.push(holds);
    }
    all.extend(new.iter().filter(|version| from < day(version)).cloned());
    all
}
