//! Claims: what a provider believes happened, submitted, validated or failed, paid, and a few
//! clawed back. The belief is the provider's own rough reading, not the programme's rule: it is
//! meant to be wrong now and then.

use super::calendar::{Date, days_after, days_between, working_day_from};
use super::closing::Closing;
use super::figures::{CLAIMED_OUTCOMES, EARLY_CLAIMS};
use super::funnel::Participation;
use super::pay::{Paid, WINDOW_DAYS, pence_an_hour};
use super::programmes::{Belief, Fee};
use super::sheets::File;
use super::source::{Delay, Source};
use super::work::Spell;

/// What a provider goes by.
pub(super) struct Beliefs<'a> {
    pub(super) start: Date,
    pub(super) closing: &'a Closing,
    pub(super) spells: &'a [Spell],
    pub(super) paid: &'a [Paid],
}

impl Beliefs<'_> {
    /// Returns the day on which the provider believes that the outcome happened.
    fn day_of(&self, belief: Belief) -> Option<Date> {
        match belief {
            Belief::Earnings(rates) => self.day_of_earnings(rates),
            Belief::SelfEmployed { days } => self.day_of_self_employment(days),
            Belief::Unbroken { days, gap_days_max, weekly_minutes_min } => self
                .spells
                .iter()
                .filter(|spell| spell.starts >= self.start)
                .map(|anchor| (days_after(anchor.starts, days - 1), anchor.starts))
                .find(|(last, first)| {
                    self.unbroken_until(*first, gap_days_max, weekly_minutes_min) >= *last
                })
                .map(|(last, _)| last),
            Belief::AtExit => self.day_in_work_after_leaving(),
        }
    }

    fn day_of_earnings(&self, rates: &[(Date, u32)]) -> Option<Date> {
        let threshold = i64::from(16 * 26 * pence_an_hour(rates, self.start)?);
        let window_ends = days_after(self.start, WINDOW_DAYS);
        let mut total = 0;
        let mut reached = None;
        for paid in self.paid.iter().filter(|paid| paid.on <= window_ends) {
            total += paid.pence;
            reached = if total >= threshold { reached.or(Some(paid.on)) } else { None };
        }
        reached
    }

    fn day_of_self_employment(&self, days: u32) -> Option<Date> {
        let window_ends = days_after(self.start, WINDOW_DAYS);
        let mut left = days;
        for spell in self.spells.iter().filter(|spell| spell.self_employed) {
            let from = spell.starts.max(self.start);
            let worked = days_between(from, spell.believed_until().min(window_ends)) + 1;
            if worked >= left {
                return Some(days_after(from, left - 1));
            }
            left -= worked;
        }
        None
    }

    /// Returns the last day of work that began on `first`, over gaps that the programme allows.
    fn unbroken_until(&self, first: Date, gap_days_max: u32, weekly_minutes_min: u32) -> Date {
        self.spells
            .iter()
            .filter(|spell| spell.starts >= first)
            .filter(|spell| spell.weekly_minutes >= weekly_minutes_min)
            .filter(|spell| spell.change.is_none_or(|(_, minutes)| minutes >= weekly_minutes_min))
            .fold(first, |reached, spell| {
                let within_gap = spell.starts <= days_after(reached, gap_days_max + 1);
                if within_gap { reached.max(spell.believed_until()) } else { reached }
            })
    }

    fn day_in_work_after_leaving(&self) -> Option<Date> {
        let left = self.closing.on;
        self.spells
            .iter()
            .filter(|_| self.closing.reported)
            .filter(|spell| spell.starts <= days_after(left, 28) && spell.believed_until() >= left)
            .map(|spell| spell.starts.max(left))
            .min()
    }
}

/// Tells the claims of a participation.
pub(super) fn tell(source: &mut Source, participation: &Participation, beliefs: &Beliefs) {
    for fee in participation.programme.fees {
        let outcome = beliefs.day_of(fee.belief);
        tell_early_claim(source, participation, fee, beliefs, outcome);
        if let Some(outcome) = outcome.filter(|_| source.chance.falls(CLAIMED_OUTCOMES)) {
            let wait = source.chance.early_between(3, 70);
            let submitted = working_day_from(days_after(outcome, wait));
            tell_claim(source, participation, fee, submitted);
        }
    }
}

/// A few claim while the work has only begun, and mostly fail.
fn tell_early_claim(
    source: &mut Source,
    participation: &Participation,
    fee: &Fee,
    beliefs: &Beliefs,
    outcome: Option<Date>,
) {
    let job = beliefs.spells.iter().find(|spell| spell.starts >= beliefs.start);
    let Some(job) = job.filter(|_| source.chance.falls(EARLY_CLAIMS)) else {
        return;
    };
    let on = working_day_from(days_after(job.starts, source.chance.between(40, 150)));
    if outcome.is_some_and(|outcome| outcome <= on) {
        return;
    }
    let id = participation.id.as_str();
    if tell_step(source, id, fee.rule, ("submitted", fee.pence), on) && source.chance.falls(850) {
        let on = working_day_from(days_after(on, source.chance.between(5, 35)));
        tell_step(source, id, fee.rule, ("failed", ""), on);
    }
}

fn tell_claim(source: &mut Source, participation: &Participation, fee: &Fee, submitted: Date) {
    let id = participation.id.as_str();
    if !tell_step(source, id, fee.rule, ("submitted", fee.pence), submitted) {
        return;
    }
    let validated = working_day_from(days_after(submitted, source.chance.between(5, 45)));
    if source.chance.falls(70) {
        tell_step(source, id, fee.rule, ("failed", ""), validated);
        return;
    }
    if source.chance.falls(30) || !tell_step(source, id, fee.rule, ("validated", ""), validated) {
        return;
    }
    let paid = working_day_from(days_after(validated, source.chance.between(7, 35)));
    if tell_step(source, id, fee.rule, ("paid", fee.pence), paid) && source.chance.falls(22) {
        let on = working_day_from(days_after(paid, source.chance.between(40, 400)));
        tell_step(source, id, fee.rule, ("clawed_back", fee.pence), on);
    }
}

/// Tells a step of a claim; whether it was told by the far end.
fn tell_step(
    source: &mut Source,
    participation: &str,
    rule: &str,
    (step, pence): (&str, &str),
    on: Date,
) -> bool {
    let cells = [participation, rule, step, pence];
    source.tell(File::Claims, on, Delay::Prompt, &cells).is_some()
}
