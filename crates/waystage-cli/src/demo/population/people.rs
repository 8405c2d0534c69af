//! One participant's life in the extract: who they are, the first programme that they are
//! referred to, sometimes a later one, and the benefits seen meanwhile.

use super::calendar::{Date, days_after, days_before, days_between, working_day_from};
use super::claims;
use super::closing::{self, Closing};
use super::diagnostics;
use super::figures::{GREATER_MANCHESTER, SECOND_REFERRALS, SEXES};
use super::funnel::{self, Participation, Standing};
use super::interventions;
use super::pay;
use super::programmes::{IN_WORK_AT_RISK, LONG_TERM_UNEMPLOYED, MANDATION, PROGRAMMES, Programme};
use super::sheets::File;
use super::source::{Delay, Source};
use super::support;
use super::work::{self, Spell};

use chrono::Datelike;

/// A participant, and how many participations and jobs the source has numbered so far.
pub(super) struct Participant {
    pub(super) reference: String,
    pub(super) area: &'static str,
    pub(super) participations: u32,
    pub(super) jobs: u32,
}

/// Where a referral was to, when, and in which group.
struct Opening {
    programme: &'static Programme,
    group: &'static str,
    on: Date,
}

/// Writes everything that the source knows of one participant.
pub(super) fn live(source: &mut Source, number: u32) {
    let programme = source.chance.weighted(PROGRAMMES);
    let area = source.chance.weighted(programme.areas);
    let reference = format!("D{number:06}");
    let mut participant = Participant { reference, area, participations: 0, jobs: 0 };
    let group = source.chance.weighted(programme.groups);
    let Some(on) = referral_day(source, programme, group, programme.referrals.0) else {
        return;
    };
    tell_characteristics(source, &participant, on);
    let first = Opening { programme, group, on };
    let Some(free_from) = take_part(source, &mut participant, &first) else {
        return;
    };
    if !source.chance.falls(SECOND_REFERRALS) {
        return;
    }
    let wait = source.chance.between(40, 500);
    if let Some(second) = later_opening(source, &first, area, days_after(free_from, wait)) {
        take_part(source, &mut participant, &second);
    }
}

fn tell_characteristics(source: &mut Source, participant: &Participant, on: Date) {
    let age = source.chance.between(18, 64).max(source.chance.between(18, 56));
    let birth_year = (on.year() - i32::try_from(age).unwrap_or(40)).to_string();
    let sex = source.chance.weighted(SEXES);
    let qualification = source.chance.weighted(&[
        (22, "none"),
        (22, "level1"),
        (26, "level2"),
        (16, "level3"),
        (7, "level4plus"),
        (7, ""),
    ]);
    // A few live in another district than the one that they are referred in.
    let home = if participant.area.starts_with("E08") && source.chance.falls(35) {
        source.chance.weighted(GREATER_MANCHESTER)
    } else {
        participant.area
    };
    let cells = [participant.reference.as_str(), &birth_year, sex, qualification, home];
    source.tell(File::Participants, on, Delay::Prompt, &cells);
}

/// Draws a working day on which the programme took referrals of the group, none where none is
/// left from `earliest` on.
fn referral_day(
    source: &mut Source,
    programme: &Programme,
    group: &str,
    earliest: Date,
) -> Option<Date> {
    let spans = if group == LONG_TERM_UNEMPLOYED { MANDATION } else { [programme.referrals; 2] };
    let (first, last) = programme.referrals;
    let open = |(from, until): (Date, Date)| (from.max(first).max(earliest), until.min(last));
    let spans = spans.map(open);
    let weights = spans.map(|(from, until)| {
        let days = days_between(from, until);
        (days, (from, days))
    });
    if weights.iter().all(|(days, _)| *days == 0) {
        return None;
    }
    let (from, days) = source.chance.weighted(&weights);
    Some(working_day_from(days_after(from, source.chance.below(days.saturating_sub(2)))))
}

/// Finds a programme that takes referrals after the first participation, of people of the area.
fn later_opening(
    source: &mut Source,
    first: &Opening,
    area: &str,
    earliest: Date,
) -> Option<Opening> {
    let open: Vec<(u32, &'static Programme)> = PROGRAMMES
        .iter()
        .filter(|(_, programme)| programme.id != first.programme.id && programme.covers(area))
        .filter(|(_, programme)| days_after(earliest, 30) < programme.referrals.1)
        .copied()
        .collect();
    if open.is_empty() {
        return None;
    }
    let programme = source.chance.weighted(&open);
    let group = source.chance.weighted(programme.groups);
    let on = referral_day(source, programme, group, earliest)?;
    Some(Opening { programme, group, on })
}

/// Lives one participation through; the day from which another may begin, if it may.
fn take_part(
    source: &mut Source,
    participant: &mut Participant,
    opening: &Opening,
) -> Option<Date> {
    participant.participations += 1;
    let Opening { programme, group, on } = *opening;
    let participation = funnel::refer(source, participant, programme, group, on)?;
    match funnel::reach_start(source, &participation) {
        Standing::Started(start) => {
            let (closing, spells) = support_and_work(source, participant, &participation, start);
            let in_work = spells.iter().any(|spell| spell.ends > closing.on);
            (!in_work && closing.reported).then_some(closing.on)
        }
        Standing::NotStarted(on) => Some(on),
        Standing::Open => None,
    }
}

fn support_and_work(
    source: &mut Source,
    participant: &mut Participant,
    participation: &Participation,
    start: Date,
) -> (Closing, Vec<Spell>) {
    let spells = work::career(source, participant, participation, start);
    let closing = closing::plan(source, participation, start, &spells);
    support::tell(source, participation, start, closing.on);
    let needs = diagnostics::tell(source, participation, start, closing.on);
    interventions::tell(source, participation, &needs, start, closing.on);
    tell_benefits(source, participant, participation, start, &spells);
    work::tell(source, participant, &spells);
    let paid = pay::tell(source, participant, participation, start, &spells);
    closing::tell(source, participation, &closing);
    let beliefs = claims::Beliefs { start, closing: &closing, spells: &spells, paid: &paid };
    claims::tell(source, participation, &beliefs);
    (closing, spells)
}

/// Tells the benefit seen at the start, and for some that it ended after work began.
fn tell_benefits(
    source: &mut Source,
    participant: &Participant,
    participation: &Participation,
    start: Date,
    spells: &[Spell],
) {
    if participation.group == IN_WORK_AT_RISK || source.chance.falls(350) {
        return;
    }
    let benefit = match participation.group {
        "esa_wrag" => "esa",
        "jsa" => "jsa",
        "income_support" => "income_support",
        _ => source.chance.weighted(&[(78, "universal_credit"), (16, "esa"), (6, "jsa")]),
    };
    let since = source.chance.early_between(60, 2_500);
    let from = days_before(start, since).to_string();
    let seen = days_after(start, source.chance.between(0, 14));
    let cells = [participant.reference.as_str(), benefit, &from, ""];
    source.tell(File::Benefits, seen, Delay::Ordinary, &cells);
    let later_job = spells.iter().find(|spell| spell.starts > start);
    if let Some(job) = later_job.filter(|_| source.chance.falls(400)) {
        let until = days_after(job.starts, source.chance.between(5, 60));
        let seen = days_after(until, source.chance.between(1, 40));
        let cells = [participant.reference.as_str(), benefit, &from, &until.to_string()];
        source.tell(File::Benefits, seen, Delay::Ordinary, &cells);
    }
}
