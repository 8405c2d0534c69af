//! Work: the spells that a participant really had, drawn first and whole, and then what the
//! source heard of them: starts, changes of hours, ends, verifications, or silence.

use super::calendar::{Date, days_after, days_before, days_between, working_day_from};
use super::chance::Chance;
use super::figures::{
    FAR_END, IN_WORK_AT_3_MONTHS, IN_WORK_AT_6_MONTHS, IN_WORK_AT_12_MONTHS, JOB_STARTS,
    JOB_STARTS_IN_WORK, JOB_STARTS_NEWLY_UNEMPLOYED, SELF_EMPLOYED, SILENT_JOBS,
};
use super::funnel::Participation;
use super::people::Participant;
use super::programmes::{IN_WORK_AT_RISK, Programme};
use super::sheets::File;
use super::source::{Delay, Source};

/// How long after the first job started the source still asks.
const FOLLOWED_DAYS: u32 = 420;

/// One spell of work as it was, whatever the source heard of it.
pub(super) struct Spell {
    pub(super) job: String,
    pub(super) starts: Date,
    /// The last day worked, often after the far end of the extract.
    pub(super) ends: Date,
    pub(super) weekly_minutes: u32,
    /// The day of a change of hours, and the minutes from it on.
    pub(super) change: Option<(Date, u32)>,
    pub(super) self_employed: bool,
    /// The last day on which the source asks about it; the start itself for a silent job.
    pub(super) followed_until: Date,
    /// The first day on which the source could learn of the start.
    known_from: Date,
}

impl Spell {
    /// Returns the last day for which the source has reason to believe in the spell.
    pub(super) fn believed_until(&self) -> Date {
        self.ends.min(self.followed_until)
    }

    pub(super) fn weekly_minutes_on(&self, day: Date) -> u32 {
        match self.change {
            Some((on, minutes)) if on <= day => minutes,
            _ => self.weekly_minutes,
        }
    }
}

/// Draws the work of a participant from the start of a participation on, in order of start.
pub(super) fn career(
    source: &mut Source,
    participant: &mut Participant,
    participation: &Participation,
    start: Date,
) -> Vec<Spell> {
    let chance = &mut source.chance;
    let mut spans = Vec::new();
    if participation.group == IN_WORK_AT_RISK {
        let began = days_before(start, chance.between(150, 3_000));
        let lasts = if chance.falls(250) { chance.between(10, 170) } else { 900 };
        spans.push((began, days_after(start, lasts)));
    }
    let found = match participation.group {
        IN_WORK_AT_RISK => JOB_STARTS_IN_WORK,
        "newly_unemployed" => JOB_STARTS_NEWLY_UNEMPLOYED,
        _ => JOB_STARTS,
    };
    if chance.falls(found) {
        find_work(chance, participation, start, &mut spans);
    }
    let found_on = spans.iter().map(|(starts, _)| *starts).filter(|starts| *starts >= start).min();
    let followed_until = match found_on {
        Some(found_on) => days_after(found_on, FOLLOWED_DAYS),
        None => days_after(start, 240),
    };
    spans.sort_unstable();
    spans
        .into_iter()
        .map(|span| Spell {
            known_from: span.0.max(start),
            ..spell(chance, participant, participation, span, followed_until)
        })
        .collect()
}

/// Draws the spells that a job start leads to: one job or two in a row, sometimes another one
/// after a gap, sometimes a small one beside it.
fn find_work(
    chance: &mut Chance,
    participation: &Participation,
    start: Date,
    spans: &mut Vec<(Date, Date)>,
) {
    let search_days = participation.programme.search_days;
    let longest = (search_days - 10).min(560);
    let search = if chance.falls(350) {
        chance.early_between(4, longest)
    } else {
        chance.between(4, longest)
    };
    let found_on = if chance.falls(12) {
        // Out of sequence: at work before the programme had started.
        days_before(start, chance.between(1, 9))
    } else {
        working_day_from(days_after(start, search))
    };
    let days = days_in_work(chance);
    let last = days_after(found_on, days);
    if days > 70 && chance.falls(140) {
        let handover = days_after(found_on, chance.between(30, days - 30));
        let gap = chance.weighted(&[(50, 1), (25, 3), (15, 7), (7, 13), (3, 14)]);
        spans.push((found_on, handover));
        spans.push((days_after(handover, gap), last.max(days_after(handover, 20))));
    } else {
        spans.push((found_on, last));
    }
    if days < 365 && chance.falls(280) {
        let again = days_after(last, chance.between(18, 140));
        if days_between(start, again) + 5 < search_days {
            let days = days_in_work(chance);
            spans.push((again, days_after(again, days)));
        }
    }
    if days > 40 && chance.falls(45) {
        let beside = days_after(found_on, chance.between(5, 30));
        let days = chance.between(20, 200);
        spans.push((beside, days_after(beside, days)));
    }
}

/// Draws how long a person stays in work, by the published shares at 3, 6 and 12 months.
fn days_in_work(chance: &mut Chance) -> u32 {
    if !chance.falls(IN_WORK_AT_3_MONTHS) {
        chance.between(0, 90)
    } else if !chance.falls(IN_WORK_AT_6_MONTHS) {
        chance.between(91, 181)
    } else if !chance.falls(IN_WORK_AT_12_MONTHS) {
        chance.between(182, 364)
    } else {
        chance.between(366, 1_300)
    }
}

fn spell(
    chance: &mut Chance,
    participant: &mut Participant,
    participation: &Participation,
    (starts, ends): (Date, Date),
    followed_until: Date,
) -> Spell {
    participant.jobs += 1;
    let weekly_minutes = weekly_minutes(chance, participation.programme);
    let days = days_between(starts, ends);
    let new_hours = (days > 60 && chance.falls(150)).then(|| {
        let on = days_after(starts, chance.between(21, days.min(300)));
        let minutes = chance.weighted(&[(20, 480), (30, 960), (25, 1_200), (25, 1_800)]);
        (on, minutes)
    });
    let silent = chance.falls(SILENT_JOBS);
    let followed_until = if silent { starts } else { followed_until };
    Spell {
        job: format!("{}-J{}", participant.reference, participant.jobs),
        starts,
        ends,
        weekly_minutes,
        change: new_hours.filter(|(_, minutes)| *minutes != weekly_minutes),
        self_employed: chance.falls(SELF_EMPLOYED),
        followed_until,
        known_from: starts,
    }
}

fn weekly_minutes(chance: &mut Chance, programme: &Programme) -> u32 {
    if programme.id == "specialist-employment-service" {
        return chance.weighted(&[(15, 240), (25, 480), (20, 600), (25, 960), (15, 1_200)]);
    }
    chance.weighted(&[
        (19, 480),
        (13, 600),
        (15, 720),
        (4, 930),
        (23, 960),
        (4, 1_080),
        (8, 1_200),
        (3, 1_440),
        (3, 1_500),
        (4, 1_800),
        (2, 2_100),
        (2, 2_250),
    ])
}

/// Writes minutes as the hours of a row, such as `15.5`.
pub(super) fn hours(minutes: u32) -> String {
    let whole = minutes / 60;
    match minutes % 60 {
        0 => whole.to_string(),
        15 => format!("{whole}.25"),
        30 => format!("{whole}.5"),
        rest => format!("{whole}.{:02}", rest * 100 / 60),
    }
}

/// Tells what the source heard of each spell.
pub(super) fn tell(source: &mut Source, participant: &Participant, spells: &[Spell]) {
    for spell in spells.iter().filter(|spell| spell.starts <= FAR_END) {
        tell_spell(source, participant, spell);
    }
}

fn tell_spell(source: &mut Source, participant: &Participant, spell: &Spell) {
    let person = participant.reference.as_str();
    let job = spell.job.as_str();
    let sector = if spell.self_employed { "self_employed" } else { "employed" };
    let hours_at_start = hours(spell.weekly_minutes);
    let cells = [person, job, "started", &hours_at_start, sector, ""];
    let heard =
        source.tell_from(File::Jobs, spell.starts, spell.known_from, Delay::Hearsay, &cells);
    if heard.is_none() || spell.followed_until == spell.starts {
        return;
    }
    if let Some((on, minutes)) = spell.change.filter(|(on, _)| *on <= spell.believed_until()) {
        let reason = source.chance.one_of(&["more hours", "phased return", "contract change", ""]);
        let known_from = on.max(spell.known_from);
        let cells = [person, job, "changed", &hours(minutes), sector, reason];
        source.tell_from(File::Jobs, on, known_from, Delay::Hearsay, &cells);
    }
    tell_evidence(source, person, spell);
    if spell.ends <= spell.followed_until || source.chance.falls(200) {
        let reason = end_reason(&mut source.chance, spell.self_employed);
        let cells = [person, job, "ended", "", sector, reason];
        source.tell(File::Jobs, spell.ends, Delay::Hearsay, &cells);
    }
}

fn end_reason(chance: &mut Chance, self_employed: bool) -> &'static str {
    if self_employed {
        return chance.weighted(&[(6, "ceased trading"), (3, "better job"), (1, "")]);
    }
    chance.weighted(&[
        (24, "contract ended"),
        (17, "better job"),
        (17, "resigned"),
        (12, "ill health"),
        (10, "dismissed"),
        (9, "redundancy"),
        (6, "season over, \"may return\""),
        (5, ""),
    ])
}

/// Verifies a spell every few months, as long as it lasts and the source asks.
fn tell_evidence(source: &mut Source, person: &str, spell: &Spell) {
    if source.chance.falls(70) {
        return;
    }
    let mut from = spell.starts.max(days_before(spell.known_from, 60));
    let mut until = days_after(spell.known_from, source.chance.between(12, 40));
    while until < spell.believed_until() && until <= FAR_END {
        if !source.chance.falls(80) {
            tell_verification(source, person, spell, (from, until));
            from = days_after(until, 1);
        }
        until = days_after(until, source.chance.between(50, 92));
    }
    let last = spell.believed_until();
    if from < last && last <= FAR_END && source.chance.falls(600) {
        tell_verification(source, person, spell, (from, last));
    }
}

fn tell_verification(source: &mut Source, person: &str, spell: &Spell, covers: (Date, Date)) {
    let method = if spell.self_employed {
        source.chance.weighted(&[(60, "self_declaration"), (25, "hmrc"), (15, "contract")])
    } else {
        source.chance.weighted(&[
            (38, "payslip"),
            (18, "hmrc"),
            (16, "employer_letter"),
            (16, "employer_call"),
            (8, "self_declaration"),
            (4, "contract"),
        ])
    };
    let on = working_day_from(days_after(covers.1, source.chance.between(0, 12)));
    let (from, until) = (covers.0.to_string(), covers.1.to_string());
    let cells = [person, spell.job.as_str(), method, &from, &until];
    source.tell(File::Evidence, on, Delay::Ordinary, &cells);
}
