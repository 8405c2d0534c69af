//! Rules read one participation through one view and answer in four ways: met, not met, not yet,
//! unknown. Unknown is not "no", and not-yet is not "no". One file per rule family.
//!
//! A rule sees facts only: no clock, no order of arrival, no earlier answer.

pub mod account;
mod anchor;
mod change;
mod continuous;
mod days;
mod earnings;
mod job_start;
mod self_employed_days;
mod status_at_point;
mod weeks_in_window;

pub use anchor::{Anchor, AnchorChoice};
pub use change::next_change;
pub use continuous::{Continuous, Length};
pub use days::{MultipleJobs, SectorRule, WorkTest};
pub use earnings::{Earnings, RateAsOf, Threshold};
pub use job_start::JobStart;
pub use self_employed_days::SelfEmployedDays;
pub use status_at_point::StatusAtPoint;
pub use weeks_in_window::WeeksInWindow;

use chrono::NaiveDate;

use crate::determination::Amounts;
use crate::id::{EventId, ParticipationId, ProgrammeId, RuleId, TierId};
use crate::journey::code::codes;
use crate::journey::{FactIndex, Journey, Kind, Participation};
use crate::programme::{JudgedBy, Programme, Programmes, Rule, RuleVersion, Terms};

codes! {
    /// The four readings.
    Answer {
        /// Satisfied.
        Met = "met",
        /// No day to come can satisfy it, given what is known of the days that have passed.
        NotMet = "not_met",
        /// Days to come may still satisfy it.
        NotYet = "not_yet",
        /// The days have passed, and whether they counted was never reported.
        Unknown = "unknown",
    }
    /// A kind of evidence that would settle an unknown reading.
    MissingEvidence {
        /// A verification of the silent job, or its end.
        EmploymentVerification = "employment_verification",
    }
}

/// Why and when a rule was satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// The last day whose evidence it needed.
    pub on: NaiveDate,
    /// The events that alone give the same reading, in effective order, each followed by the
    /// corrections that shaped it.
    pub because: Vec<EventId>,
    /// The amounts that decided it.
    pub amounts: Amounts,
}

/// What a rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Satisfied.
    Met(Met),
    /// No day to come can satisfy it.
    NotMet,
    /// Days to come may still satisfy it.
    NotYet {
        /// The last day that can count; none where there is no such day.
        until: Option<NaiveDate>,
    },
    /// Whether the days counted was never reported.
    Unknown {
        /// The first day that is not known.
        missing: NaiveDate,
        /// What would settle it.
        evidence: MissingEvidence,
    },
}

impl Reading {
    /// Returns which of the four it is.
    pub const fn answer(&self) -> Answer {
        match self {
            Self::Met(_) => Answer::Met,
            Self::NotMet => Answer::NotMet,
            Self::NotYet { .. } => Answer::NotYet,
            Self::Unknown { .. } => Answer::Unknown,
        }
    }
}

/// One rule (and tier) of one participation, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleReading {
    /// The participation.
    pub participation: ParticipationId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// The rule.
    pub rule: RuleId,
    /// The tier, where the rule has tiers.
    pub tier: Option<TierId>,
    /// The version read, by the day from which it is in force; none where none could be picked.
    pub version: Option<NaiveDate>,
    /// What it reads.
    pub reading: Reading,
}

impl RuleReading {
    /// Returns the rule's name, with its tier where it has tiers: `rule/tier`.
    pub fn name(&self) -> String {
        match &self.tier {
            Some(tier) => format!("{}/{tier}", self.rule),
            None => self.rule.to_string(),
        }
    }
}

/// What a family's file answers; facts are still places in the journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answered {
    Met { on: NaiveDate, facts: Vec<FactIndex>, amounts: Amounts },
    NotMet,
    NotYet { until: Option<NaiveDate> },
    Unknown { missing: NaiveDate },
}

/// What a family's file reads from: one started participation through one view.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) journey: &'a Journey<'a>,
    pub(crate) participation: &'a Participation,
    pub(crate) start: NaiveDate,
    pub(crate) as_of: NaiveDate,
    pub(crate) programmes: &'a Programmes,
    /// The days on which this version may be met: its own time where the outcome picks it.
    pub(crate) from: NaiveDate,
    pub(crate) before: Option<NaiveDate>,
}

impl Subject<'_> {
    /// Returns the answer where it may count: a met outside the version's own time does not.
    pub(crate) fn counting(&self, answered: Answered) -> Answered {
        match answered {
            Answered::Met { on, .. }
                if on < self.from || self.before.is_some_and(|before| before <= on) =>
            {
                Answered::NotMet
            }
            answered => answered,
        }
    }
}

/// Reads every rule of a programme for one participation, in the order of the pack. A rule for
/// other client groups than the participation's is not read at all. The group is the one of the
/// referral: a later change of group leaves the participation under the rules it was referred to.
pub fn read_programme(
    journey: &Journey<'_>,
    participation: &Participation,
    programme: &Programme,
    programmes: &Programmes,
    as_of: NaiveDate,
) -> Vec<RuleReading> {
    let mut readings = Vec::new();
    let group = participation.group.as_deref();
    for rule in programme.rules.iter().filter(|rule| rule.is_read_for(group)) {
        for tier in rule.tiers() {
            let (version, reading) =
                read_rule(journey, participation, rule, tier.as_ref(), programmes, as_of);
            readings.push(RuleReading {
                participation: participation.id,
                programme: programme.id.clone(),
                rule: rule.id.clone(),
                tier,
                version,
                reading,
            });
        }
    }
    readings
}

/// Reads one rule (and tier) of one participation. Returns the version that was read, by the day
/// from which it is in force, and the reading.
pub fn read_rule(
    journey: &Journey<'_>,
    participation: &Participation,
    rule: &Rule,
    tier: Option<&TierId>,
    programmes: &Programmes,
    as_of: NaiveDate,
) -> (Option<NaiveDate>, Reading) {
    let Some(started) = participation.started else {
        let reading = match participation.closed {
            Some(_) => Reading::NotMet,
            None => Reading::NotYet { until: None },
        };
        return (None, reading);
    };
    let subject = Subject {
        journey,
        participation,
        start: started.on,
        as_of,
        programmes,
        from: NaiveDate::MIN,
        before: None,
    };
    let claim = first_claim(participation, rule);
    let judged_on = match rule.judged_by {
        JudgedBy::Referral => participation.referred.on,
        JudgedBy::Start => started.on,
        JudgedBy::Claim => claim.map_or(as_of, |(on, _)| on),
        JudgedBy::Outcome => return read_by_outcome(subject, rule, tier),
    };
    let Some(version) = rule.in_force(judged_on) else {
        return (None, Reading::NotMet);
    };
    let answered = read_version(subject, version, tier);
    let picked_by = match rule.judged_by {
        JudgedBy::Claim => claim.map(|(_, fact)| fact),
        JudgedBy::Referral | JudgedBy::Start | JudgedBy::Outcome => None,
    };
    (Some(version.effective_from), subject.reading(answered, picked_by))
}

/// Tries each version; a met counts only inside the version's own time, and the earliest wins.
/// With none, the version in force on `as_of` is read, its met outside its time not counting.
fn read_by_outcome(
    subject: Subject<'_>,
    rule: &Rule,
    tier: Option<&TierId>,
) -> (Option<NaiveDate>, Reading) {
    let in_its_time = |index: usize, version: &RuleVersion| Subject {
        from: version.effective_from,
        before: rule.versions.get(index + 1).map(|next| next.effective_from),
        ..subject
    };
    let mut earliest: Option<(NaiveDate, &RuleVersion, Answered)> = None;
    let mut standing = None;
    for (index, version) in rule.versions.iter().enumerate() {
        let answered = read_version(in_its_time(index, version), version, tier);
        match answered {
            Answered::Met { on, .. } if earliest.as_ref().is_none_or(|(met, ..)| on < *met) => {
                earliest = Some((on, version, answered));
            }
            Answered::Met { .. } => {}
            answered if version.effective_from <= subject.as_of => {
                standing = Some((version, answered));
            }
            _ => {}
        }
    }
    match (earliest, standing) {
        (Some((on, version, answered)), _) => {
            let picked_by = closing_that_picks(subject, rule, tier, (version.effective_from, on));
            (Some(version.effective_from), subject.reading(answered, picked_by))
        }
        (None, Some((version, answered))) => {
            (Some(version.effective_from), subject.reading(answered, None))
        }
        (None, None) => (None, Reading::NotMet),
    }
}

/// Returns the closing where it picks the version that is met: had the participation stayed open,
/// another one would have been met first, because its job starts end with the closing.
fn closing_that_picks(
    subject: Subject<'_>,
    rule: &Rule,
    tier: Option<&TierId>,
    (version, met_on): (NaiveDate, NaiveDate),
) -> Option<FactIndex> {
    let closed = subject.participation.closed.filter(|_| rule.versions.len() > 1)?;
    let open = Participation { closed: None, ..subject.participation.clone() };
    let (by, reading) = read_by_outcome(Subject { participation: &open, ..subject }, rule, tier);
    match reading {
        Reading::Met(met) if met.on <= met_on && by != Some(version) => Some(closed.fact),
        _ => None,
    }
}

fn read_version(subject: Subject<'_>, version: &RuleVersion, tier: Option<&TierId>) -> Answered {
    match &version.terms {
        Terms::JobStart(terms) => subject.counting(terms.read(subject)),
        Terms::Earnings(terms) => subject.counting(terms.read(subject, tier)),
        Terms::SelfEmployedDays(terms) => subject.counting(terms.read(subject)),
        Terms::StatusAtPoint(terms) => subject.counting(terms.read(subject)),
        Terms::WeeksInWindow(terms) => terms.read(subject),
        Terms::Continuous(terms) => terms.read(subject),
    }
}

fn first_claim(participation: &Participation, rule: &Rule) -> Option<(NaiveDate, FactIndex)> {
    participation
        .claims
        .iter()
        .find(|claim| claim.kind == Kind::ClaimSubmitted && claim.names(&rule.id))
        .map(|claim| (claim.step.on, claim.step.fact))
}

impl Subject<'_> {
    fn reading(&self, answered: Answered, picked_by: Option<FactIndex>) -> Reading {
        match answered {
            Answered::Met { on, mut facts, amounts } => {
                facts.push(self.participation.referred.fact);
                facts.extend(self.participation.started.map(|started| started.fact));
                facts.extend(picked_by);
                Reading::Met(Met { on, because: self.journey.facts.events(facts), amounts })
            }
            Answered::NotMet => Reading::NotMet,
            Answered::NotYet { until } => Reading::NotYet { until },
            Answered::Unknown { missing } => {
                Reading::Unknown { missing, evidence: MissingEvidence::EmploymentVerification }
            }
        }
    }
}
