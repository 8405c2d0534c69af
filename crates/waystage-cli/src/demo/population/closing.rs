//! How a participation ends: support completed, left early, or never closed.

use super::calendar::{Date, days_after, working_day_from};
use super::funnel::Participation;
use super::source::{Delay, Source};
use super::work::Spell;

/// The end of a participation, drawn before anything in between is told.
pub(super) struct Closing {
    /// The last day of support, whether or not the source says so.
    pub(super) on: Date,
    pub(super) step: &'static str,
    pub(super) detail: &'static str,
    /// Whether the source says so.
    pub(super) reported: bool,
}

/// Draws how and when a participation ends, given the work that it led to.
pub(super) fn plan(
    source: &mut Source,
    participation: &Participation,
    start: Date,
    spells: &[Spell],
) -> Closing {
    let programme = participation.programme;
    let chance = &mut source.chance;
    let end_of_search = days_after(start, programme.search_days - 1);
    let found = spells.iter().filter(|spell| spell.starts >= start).map(|spell| spell.starts).min();
    let last_job = spells.iter().map(|spell| spell.starts).max().unwrap_or(start).max(start);
    let last_day = spells.iter().map(|spell| spell.ends).max().unwrap_or(start);
    let (on, step, detail) = if let Some(found) = found {
        let end_of_support = days_after(found, programme.in_work_days.max(30));
        if last_day >= end_of_support {
            (end_of_support.max(last_job), "completed", "support complete")
        } else if chance.falls(400) {
            let on = days_after(last_day.max(start), chance.between(5, 60));
            (on, "exited", chance.one_of(&["disengaged", "ill health", "moved away"]))
        } else {
            (end_of_search.max(last_day), "completed", "completer")
        }
    } else if chance.falls(420) {
        let days = chance.early_between(15, programme.search_days - 2);
        let reason = chance.weighted(&[
            (34, "disengaged"),
            (24, "ill health"),
            (14, "no contact"),
            (12, "moved away"),
            (12, "not appropriate, referred on"),
            (4, "moved abroad"),
        ]);
        (days_after(start, days), "exited", reason)
    } else {
        (end_of_search, "completed", "completer")
    };
    Closing { on: working_day_from(on), step, detail, reported: !chance.falls(35) }
}

/// Tells the end, and for a few that they came back.
pub(super) fn tell(source: &mut Source, participation: &Participation, closing: &Closing) {
    if !closing.reported {
        return;
    }
    let id = participation.id.as_str();
    source.step(id, closing.step, closing.detail, closing.on, Delay::Ordinary);
    if closing.step == "exited" && source.chance.falls(25) {
        let on = working_day_from(days_after(closing.on, source.chance.between(20, 150)));
        source.step(id, "rejoined", "", on, Delay::Prompt);
    }
}
