//! What a key worker does with a participant between start and end, apart from diagnostics and
//! interventions: action plan, better-off calculation, pauses, moves, changes of group.

use super::calendar::{
    Date, days_after, days_before, days_between, working_day_from, working_days_after,
};
use super::figures::GREATER_MANCHESTER;
use super::funnel::Participation;
use super::source::{Delay, Source};

/// Tells the steps of support from the start to the end of a participation.
pub(super) fn tell(source: &mut Source, participation: &Participation, start: Date, until: Date) {
    let id = participation.id.as_str();
    tell_key_workers(source, id, start, until);
    tell_action_plan(source, id, start);
    if source.chance.falls(280) {
        let answer = source.chance.weighted(&[(82, "better"), (11, "same"), (7, "worse")]);
        let on = working_day_from(days_after(start, source.chance.early_between(5, 200)));
        source.step(id, "better_off", answer, on, Delay::Ordinary);
    }
    tell_pause(source, id, start, until);
    tell_move(source, participation, start, until);
    tell_other_group(source, participation, start, until);
}

/// A key worker from the first meeting on, and for some another one later.
fn tell_key_workers(source: &mut Source, participation: &str, start: Date, until: Date) {
    let mut on = start;
    loop {
        let key_worker = format!("KW{:03}", source.chance.between(1, 180));
        source.step(participation, "key_worker", &key_worker, on, Delay::Prompt);
        let days = days_between(on, until);
        if days < 60 || !source.chance.falls(170) {
            return;
        }
        on = working_day_from(days_after(on, source.chance.between(30, days)));
    }
}

/// Agreed mostly within 20 working days, sometimes late or never, rarely before the start.
fn tell_action_plan(source: &mut Source, participation: &str, start: Date) {
    let on = match source.chance.weighted(&[(6, 0), (690, 1), (170, 2), (52, 3), (82, 4)]) {
        0 => days_before(start, source.chance.between(1, 6)),
        1 => working_days_after(start, source.chance.between(0, 8)),
        2 => working_days_after(start, source.chance.between(9, 18)),
        3 => working_days_after(start, source.chance.between(19, 70)),
        _ => return,
    };
    source.step(participation, "action_plan", "", on, Delay::Ordinary);
}

fn tell_pause(source: &mut Source, participation: &str, start: Date, until: Date) {
    let days = days_between(start, until);
    if days < 60 || !source.chance.falls(65) {
        return;
    }
    let on = working_day_from(days_after(start, source.chance.between(20, days - 20)));
    let reason = source.chance.one_of(&["ill health", "caring", "hospital stay", "bereavement"]);
    source.step(participation, "paused", reason, on, Delay::Ordinary);
    if source.chance.falls(800) {
        let on = working_day_from(days_after(on, source.chance.between(7, 90)));
        source.step(participation, "resumed", "", on, Delay::Ordinary);
    }
}

fn tell_move(source: &mut Source, participation: &Participation, start: Date, until: Date) {
    let days = days_between(start, until);
    if days < 30 || !source.chance.falls(30) {
        return;
    }
    let on = working_day_from(days_after(start, source.chance.between(10, days)));
    let programme = participation.programme;
    let provider = source.chance.weighted(programme.providers);
    let area = source.chance.weighted(GREATER_MANCHESTER);
    let detail = if provider != participation.provider {
        format!("provider={provider}")
    } else if programme.covers(area) && area != participation.area {
        format!("area={area}")
    } else {
        return;
    };
    source.step(&participation.id, "transferred", &detail, on, Delay::Ordinary);
}

fn tell_other_group(source: &mut Source, participation: &Participation, start: Date, until: Date) {
    let group = source.chance.weighted(participation.programme.groups);
    let days = days_between(start, until);
    if group != participation.group && days > 30 && source.chance.falls(40) {
        let on = working_day_from(days_after(start, source.chance.between(10, days)));
        source.step(&participation.id, "group_changed", group, on, Delay::Ordinary);
    }
}
