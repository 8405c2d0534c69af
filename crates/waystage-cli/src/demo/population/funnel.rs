//! From a referral to a start, or to none: received, acknowledged, found eligible, allocated,
//! met. The share that starts is decided here.

use super::calendar::{Date, date, days_after, working_day_from, working_days_after};
use super::figures::{CONTROL_GROUP, INELIGIBLE, STARTS_OF_ELIGIBLE};
use super::people::Participant;
use super::programmes::{LONG_TERM_UNEMPLOYED, Programme};
use super::sheets::File;
use super::source::{Delay, Source};

/// One referral to one programme, as the source numbers it.
pub(super) struct Participation {
    pub(super) id: String,
    pub(super) programme: &'static Programme,
    pub(super) group: &'static str,
    pub(super) area: &'static str,
    pub(super) provider: &'static str,
    pub(super) referred_on: Date,
    received_on: Date,
}

/// How far a referral came.
pub(super) enum Standing {
    Started(Date),
    NotStarted(Date),
    /// Nothing more was reported.
    Open,
}

/// The last day of the randomised trial, which is not published: after the answer of July 2020
/// that describes it.
const RANDOMISED_UNTIL: Date = date(2020, 12, 31);

/// Tells a referral; none where it was not reported by the far end.
pub(super) fn refer(
    source: &mut Source,
    participant: &Participant,
    programme: &'static Programme,
    group: &'static str,
    on: Date,
) -> Option<Participation> {
    let initials = programme.initials;
    let id = format!("{}-{initials}{}", participant.reference, participant.participations);
    let provider = source.chance.weighted(programme.providers);
    let days_on_the_way = source.chance.weighted(&[(60, 0), (28, 1), (12, 2)]);
    let received_on = working_days_after(on, days_on_the_way);
    let mandated = group == LONG_TERM_UNEMPLOYED;
    let referrer = if mandated {
        "jobcentre"
    } else if source.chance.falls(20) {
        ""
    } else {
        source.chance.weighted(programme.referrers)
    };
    let cells = [
        participant.reference.as_str(),
        &id,
        programme.id,
        &received_on.to_string(),
        referrer,
        if mandated { "mandatory" } else { "voluntary" },
        group,
        provider,
        participant.area,
    ];
    source.tell_from(File::Referrals, on, received_on, Delay::Prompt, &cells)?;
    let area = participant.area;
    Some(Participation { id, programme, group, area, provider, referred_on: on, received_on })
}

/// Tells what became of a referral.
pub(super) fn reach_start(source: &mut Source, participation: &Participation) -> Standing {
    tell_acknowledgement(source, participation);
    let decided = working_days_after(participation.received_on, source.chance.between(1, 8));
    if source.chance.falls(INELIGIBLE) {
        source.step(&participation.id, "eligibility", "ineligible", decided, Delay::Ordinary);
        return not_start(source, participation, "not eligible", decided);
    }
    if source.chance.falls(965) {
        source.step(&participation.id, "eligibility", "eligible", decided, Delay::Ordinary);
    }
    if participation.programme.randomised && participation.referred_on <= RANDOMISED_UNTIL {
        let control = source.chance.falls(CONTROL_GROUP);
        let arm = if control { "control" } else { "treatment" };
        source.step(&participation.id, "allocated", arm, decided, Delay::Prompt);
        if control {
            return not_start(source, participation, "control group", decided);
        }
    }
    if source.chance.falls(STARTS_OF_ELIGIBLE) {
        return start(source, participation, decided);
    }
    let reason = source.chance.weighted(&[
        (26, "did not attend"),
        (24, "declined"),
        (16, "no contact"),
        (12, "health deteriorated"),
        (10, "found work"),
        (7, "other provision"),
        (5, "moved away"),
    ]);
    not_start(source, participation, reason, decided)
}

/// Acknowledged mostly within two working days of receipt, sometimes late or never.
fn tell_acknowledgement(source: &mut Source, participation: &Participation) {
    let working_days = source.chance.weighted(&[
        (34, Some(0)),
        (40, Some(1)),
        (14, Some(2)),
        (5, Some(3)),
        (3, Some(5)),
        (1, Some(14)),
        (3, None),
    ]);
    if let Some(working_days) = working_days {
        let on = working_days_after(participation.received_on, working_days);
        source.step(&participation.id, "acknowledged", "", on, Delay::Prompt);
    }
}

/// Starts some days after the referral was received, rarely before the papers were in order.
fn start(source: &mut Source, participation: &Participation, decided: Date) -> Standing {
    let days = source.chance.banded(&[(62, (1, 14)), (30, (15, 35)), (8, (36, 80))]);
    let on = if source.chance.falls(10) {
        participation.received_on
    } else {
        working_day_from(days_after(decided, days))
    };
    match source.step(&participation.id, "started", "", on, Delay::Prompt) {
        Some(_) => Standing::Started(on),
        None => Standing::Open,
    }
}

/// Tells for most that they did not start; of the others the source just stops.
fn not_start(
    source: &mut Source,
    participation: &Participation,
    reason: &str,
    decided: Date,
) -> Standing {
    if source.chance.falls(130) {
        return Standing::Open;
    }
    let on = working_day_from(days_after(decided, source.chance.between(1, 40)));
    match source.step(&participation.id, "not_started", reason, on, Delay::Ordinary) {
        Some(_) => Standing::NotStarted(on),
        None => Standing::Open,
    }
}
