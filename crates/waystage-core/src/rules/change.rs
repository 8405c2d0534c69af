//! On which later day time alone changes what a rule reads: nothing new is learned, days pass.
//!
//! Between two turns (a silent job is no longer believed, a window ends, a version or a rate takes
//! effect) every day to come is like the one before it, and a reading that has changed does not
//! change back. So it is enough to read the rule at the turns, and to search the one stretch in
//! which it changed.

use chrono::NaiveDate;

use super::{Answer, Reading, WorkTest, first_claim, read_rule};
use crate::calendar::{day_before, days_after};
use crate::id::TierId;
use crate::journey::{Job, Journey, Participation};
use crate::programme::{JudgedBy, Programme, Programmes, Rule, RuleVersion, Terms};

/// Returns the first day after `as_of` on which a rule of the programme reads otherwise of the
/// participation although nothing new is learned; none where no day to come changes anything.
pub fn next_change(
    journey: &Journey<'_>,
    participation: &Participation,
    programme: &Programme,
    programmes: &Programmes,
    as_of: NaiveDate,
) -> Option<NaiveDate> {
    let start = participation.started?.on;
    let case = Changing { journey, participation, programmes, start, as_of };
    let group = participation.group.as_deref();
    let read = programme.rules.iter().filter(|rule| rule.is_read_for(group));
    read.flat_map(|rule| rule.tiers().into_iter().map(move |tier| (rule, tier)))
        .filter_map(|(rule, tier)| case.first_change(rule, tier.as_ref()))
        .min()
}

/// A started participation whose readings are looked at on days to come.
#[derive(Clone, Copy)]
struct Changing<'a> {
    journey: &'a Journey<'a>,
    participation: &'a Participation,
    programmes: &'a Programmes,
    start: NaiveDate,
    as_of: NaiveDate,
}

impl Changing<'_> {
    fn first_change(&self, rule: &Rule, tier: Option<&TierId>) -> Option<NaiveDate> {
        let read =
            |as_of| read_rule(self.journey, self.participation, rule, tier, self.programmes, as_of);
        let now = read(self.as_of);
        let changed = |day| read(day) != now;
        let mut same_through = self.as_of;
        for turn in self.turns(rule, &now.1) {
            let before = day_before(turn);
            if same_through < before && changed(before) {
                return Some(first_in(same_through, before, changed));
            }
            if changed(turn) {
                return Some(turn);
            }
            same_through = turn;
        }
        None
    }

    /// Returns the days to come between which every day is like the one before it.
    fn turns(&self, rule: &Rule, now: &Reading) -> Vec<NaiveDate> {
        let claimed = first_claim(self.participation, rule).is_some();
        let may_change = match rule.judged_by {
            JudgedBy::Outcome => true,
            JudgedBy::Claim => !claimed,
            JudgedBy::Referral | JudgedBy::Start => false,
        };
        // what is settled stays so for as long as the version does that it is read by
        if !may_change && now.answer() != Answer::NotYet {
            return Vec::new();
        }
        let mut turns: Vec<NaiveDate> = Vec::new();
        for version in &rule.versions {
            turns.push(version.effective_from);
            self.turns_of(version, &mut turns);
        }
        turns.retain(|turn| self.as_of < *turn);
        turns.sort_unstable();
        turns.dedup();
        turns
    }

    fn turns_of(&self, version: &RuleVersion, turns: &mut Vec<NaiveDate>) {
        let jobs = &self.journey.jobs;
        match &version.terms {
            Terms::JobStart(terms) => turns.extend(terms.last_day(self.start).map(after)),
            Terms::Earnings(terms) => {
                turns.extend(terms.last_day(self.start).map(after));
                let rates = self.programmes.rates.get(&terms.rate_table);
                let rows = rates.into_iter().flat_map(|table| &table.rows);
                turns.extend(rows.map(|row| row.effective_from));
            }
            Terms::SelfEmployedDays(terms) => {
                turns.extend(terms.last_day(self.start).map(after));
                turns.extend(doubted(&terms.test(), jobs));
            }
            Terms::WeeksInWindow(terms) => {
                turns.extend(terms.anchor.last_day(self.start).map(after));
                turns.extend(jobs.iter().map(|job| after(terms.last_day(job.started.on))));
                turns.extend(doubted(&terms.test, jobs));
            }
            Terms::Continuous(terms) => {
                turns.extend(terms.anchor.last_day(self.start).map(after));
                turns.extend(jobs.iter().map(|job| after(terms.last_day(job.started.on))));
                turns.extend(doubted(&terms.test, jobs));
            }
            Terms::StatusAtPoint(terms) => {
                let exit = self.participation.exited;
                turns.extend(exit.map(|exit| after(days_after(exit.on, terms.within_days))));
                turns.extend(doubted(&terms.test(), jobs));
            }
        }
    }
}

fn after(day: NaiveDate) -> NaiveDate {
    days_after(day, 1)
}

/// Returns the days on which a job is no longer held, or no longer believed to be.
fn doubted(test: &WorkTest, jobs: &[Job]) -> Vec<NaiveDate> {
    let last = |job: &Job| job.ended.map(|ended| ended.on).or(test.believed_through(job));
    test.jobs(jobs).filter_map(last).map(after).collect()
}

/// Returns the first day after `same` up to `changed` on which it is changed, where it stays so.
fn first_in(
    same: NaiveDate,
    changed: NaiveDate,
    is_changed: impl Fn(NaiveDate) -> bool,
) -> NaiveDate {
    let days = |from: NaiveDate, to: NaiveDate| {
        u32::try_from(to.signed_duration_since(from).num_days()).unwrap_or(0)
    };
    let (mut same, mut changed) = (same, changed);
    while 1 < days(same, changed) {
        let middle = days_after(same, days(same, changed) / 2);
        if is_changed(middle) {
            changed = middle;
        } else {
            same = middle;
        }
    }
    changed
}
