//! What a programme's documents say beside its outcomes: who may join, how long support lasts, what
//! is asked and offered, what claims need, what was planned, and how long records are kept. All of
//! it is dated data; whatever reads it answers, and never refuses a fact.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Within;
use crate::calendar::{DayCount, Month};
use crate::id::{ProgrammeId, RuleId, TierId};
use crate::journey::code::{GssCode, codes};
use crate::journey::entry::ParticipationType;
use crate::journey::evidence::Method;
use crate::journey::support::Delivery;

codes! {
    /// A part of the time on a programme.
    Phase {
        /// From the start to a job.
        PreWork = "pre_work",
        /// From the first job start after the start.
        InWork = "in_work",
        /// From the start, work or no work.
        Total = "total",
    }
    /// What a pause does to a limit.
    Pauses {
        /// The clock stops: days of a pause do not count.
        Extend = "extend",
        /// The clock goes on.
        Ignore = "ignore",
    }
    /// Which participations stand together in a cohort, by the day of their start.
    Cohort {
        /// Those of a month.
        Month = "month",
        /// Those of a quarter of the calendar year.
        Quarter = "quarter",
        /// Those of a calendar year.
        Year = "year",
        /// All of them.
        All = "all",
    }
    /// What a target counts, by the day on which it happened.
    Measure {
        /// Referrals.
        Referrals = "referrals",
        /// Participations that started.
        Starts = "starts",
        /// Participations with a job start after their start.
        JobStarts = "job_starts",
        /// Outcomes that read met.
        Outcomes = "outcomes",
    }
}

/// Everything that a pack says beside standards, rules and fees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provision {
    /// The client groups in full; the programme's list of codes names them all.
    pub groups: Vec<ClientGroup>,
    /// Who may join, as questions that can be answered from facts.
    pub gates: Vec<Gate>,
    /// How long support lasts.
    pub limits: Vec<Limit>,
    /// What is asked, and how answers are scored.
    pub instruments: Vec<Instrument>,
    /// Which severity of a need counts as severe, earliest first.
    pub severe: Vec<SevereFrom>,
    /// What is offered.
    pub interventions: Vec<InterventionKind>,
    /// What a claim needs.
    pub claims: Vec<ClaimRule>,
    /// What is paid whatever comes of it.
    pub deliveries: Vec<DeliveryFee>,
    /// What is paid beside fees where a cohort has many outcomes.
    pub accelerators: Vec<Accelerator>,
    /// What was planned.
    pub targets: Vec<Target>,
    /// How long records are kept.
    pub retentions: Vec<Retention>,
}

/// Where a value is written, and what was assumed where nothing is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ground {
    /// The title or address of the source.
    pub reference: Option<String>,
    /// What was assumed where the source is silent.
    pub assumption: Option<String>,
}

/// A client group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientGroup {
    /// Its code in facts.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its versions, earliest first.
    pub versions: Vec<GroupVersion>,
    /// Where it is written.
    pub ground: Ground,
}

/// How a group joins from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupVersion {
    /// The day from which it is in force.
    pub effective_from: NaiveDate,
    /// By choice or mandated.
    pub participation: ParticipationType,
    /// Whether referrals of the group are taken; a suspension is a version that is closed.
    pub open: bool,
    /// Where it is written.
    pub ground: Ground,
}

impl ClientGroup {
    /// Returns the version in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> Option<&GroupVersion> {
        self.versions.iter().rev().find(|version| version.effective_from <= day)
    }
}

/// A question about who may join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its name within the programme.
    pub id: String,
    /// What is asked.
    pub test: GateTest,
    /// Where it is written.
    pub ground: Ground,
}

/// What a gate asks, on the day of the referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateTest {
    /// Is the referral within the days of referrals?
    ReferredInTime,
    /// Does the person live in one of the programme's areas?
    LivesInArea,
    /// Is the group one of the programme's, open on that day, and joined as it is joined?
    GroupIsOpen,
    /// Is the age within these years? Only the year of birth is recorded.
    Age {
        /// The least age in whole years.
        least: u32,
        /// The highest age in whole years, where there is one.
        most: Option<u32>,
    },
    /// Is there no job on that day?
    OutOfWork,
    /// Was one of these benefits observed on that day?
    OnBenefit {
        /// The benefits, as facts name them.
        benefits: Vec<String>,
    },
    /// Did the person never start one of these programmes before?
    NeverStarted {
        /// The programmes.
        programmes: Vec<ProgrammeId>,
    },
    /// Is the person on none of these programmes at the same time? On no other at all where none is
    /// named.
    NotAtOnceWith {
        /// The programmes.
        programmes: Vec<ProgrammeId>,
    },
    /// Was the person assessed as eligible?
    AssessedEligible,
}

/// How long support lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Its name within the programme.
    pub id: String,
    /// Of which part of the time.
    pub phase: Phase,
    /// Days.
    pub days: u32,
    /// Whether the first day is day 0 or day 1.
    pub day_count: DayCount,
    /// What a pause does to it.
    pub pauses: Pauses,
    /// Where it is written.
    pub ground: Ground,
}

/// A questionnaire or a catalogue of questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Its name in facts.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The questions, by domain.
    pub questions: Vec<Questions>,
    /// How answers are scored, by version; none where they are not.
    pub scorings: Vec<Scoring>,
    /// Where it is written.
    pub ground: Ground,
}

impl Instrument {
    /// Returns the questions of a domain that has this code.
    pub fn question(&self, code: &str) -> Option<&Questions> {
        self.questions.iter().find(|each| each.codes.iter().any(|known| known == code))
    }

    /// Returns how many questions there are.
    pub fn count(&self) -> usize {
        self.questions.iter().map(|each| each.codes.len()).sum()
    }
}

/// Questions of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// What they are about.
    pub domain: String,
    /// Their codes in facts.
    pub codes: Vec<String>,
    /// The least answer that is a number; answers are not numbers where it is absent.
    pub least: Option<u32>,
    /// The highest answer that is a number.
    pub most: Option<u32>,
}

/// How the answers to an instrument make a score: they are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoring {
    /// The version of the instrument, as facts name it.
    pub version: String,
    /// From this score on it is severe; absent where nothing is called so.
    pub severe_from: Option<u32>,
    /// Whether a lower score is the better one.
    pub lower_is_better: bool,
    /// The least change that means something, in points.
    pub change: Option<u32>,
    /// Where it is written.
    pub ground: Ground,
}

/// From which severity on a need counts as severe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SevereFrom {
    /// The day from which it is in force.
    pub effective_from: NaiveDate,
    /// The least severity that is severe, on the scale from 0 to 6.
    pub severity: u8,
    /// Where it is written.
    pub ground: Ground,
}

/// A kind of intervention that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterventionKind {
    /// Its category in facts.
    pub category: String,
    /// Its name for people.
    pub name: String,
    /// Services that are named.
    pub services: Vec<String>,
    /// How it may be delivered; any way where none is named.
    pub delivery: Vec<Delivery>,
    /// Where it is written.
    pub ground: Ground,
}

/// What a claim for an outcome needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRule {
    /// The rule that is claimed under.
    pub on: RuleId,
    /// Its versions, earliest first; the day of the claim picks one. An easement is a version.
    pub versions: Vec<ClaimTerms>,
}

/// What a claim needs that is made from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimTerms {
    /// The day from which it is in force.
    pub effective_from: NaiveDate,
    /// How long after the outcome the claim may be made at the earliest.
    pub wait: Option<Within>,
    /// How often the same outcome may be claimed.
    pub attempts: Option<u32>,
    /// The methods of evidence of which one must cover the work, where money depends on it; any
    /// where none is named.
    pub evidence: Vec<Method>,
    /// The last day on which it may be made; the line is closed from the day after.
    pub line_closes: Option<NaiveDate>,
    /// Where it is written.
    pub ground: Ground,
}

impl ClaimRule {
    /// Returns the version in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> Option<&ClaimTerms> {
        self.versions.iter().rev().find(|version| version.effective_from <= day)
    }
}

/// What is paid each month whatever comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFee {
    /// The first day of the first month.
    pub from: NaiveDate,
    /// The last day of the last month.
    pub until: NaiveDate,
    /// Pence a month; absent where no amount is known.
    pub pence: Option<u64>,
    /// Where it is written.
    pub ground: Ground,
}

/// What is paid more for each outcome of a cohort above a number. It is a rule about cohorts: no
/// one participation earns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accelerator {
    /// The rule whose outcomes are counted.
    pub on: RuleId,
    /// The tier, where the rule has tiers.
    pub tier: Option<TierId>,
    /// What a cohort is.
    pub cohort: Cohort,
    /// Outcomes of a cohort that are paid by their fee alone.
    pub above: u32,
    /// Pence more for each further outcome; absent where no amount is known.
    pub pence: Option<u64>,
    /// Where it is written.
    pub ground: Ground,
}

/// What was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name within the programme.
    pub id: String,
    /// What is counted.
    pub measure: Measure,
    /// The rule whose outcomes are counted, where it counts outcomes.
    pub rule: Option<RuleId>,
    /// Of this area alone, where one is named.
    pub area: Option<GssCode>,
    /// Of this group alone, where one is named.
    pub group: Option<String>,
    /// How many, by month.
    pub profile: BTreeMap<Month, u32>,
    /// Where it is written.
    pub ground: Ground,
}

/// How long records are kept, by what they are tagged with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The tag: the fund or duty that asks for it.
    pub tag: String,
    /// The last day until which they are kept, whatever happens.
    pub until: Option<NaiveDate>,
    /// Months after the participation ended.
    pub months_after_end: Option<u32>,
    /// Concerns participations that started on this day or later.
    pub starts_from: Option<NaiveDate>,
    /// Concerns participations that started on this day or earlier.
    pub starts_until: Option<NaiveDate>,
    /// Where it is written.
    pub ground: Ground,
}

impl Provision {
    /// Returns every ground, each with what it is about.
    pub fn grounds(&self) -> impl Iterator<Item = (String, &Ground)> {
        let groups = self.groups.iter().flat_map(|group| {
            let own = (format!("group {}", group.id), &group.ground);
            let versions = group.versions.iter().map(|version| {
                (format!("group {} from {}", group.id, version.effective_from), &version.ground)
            });
            std::iter::once(own).chain(versions)
        });
        let gates = self.gates.iter().map(|gate| (format!("gate {}", gate.id), &gate.ground));
        let limits = self.limits.iter().map(|each| (format!("limit {}", each.id), &each.ground));
        let instruments = self.instruments.iter().flat_map(|each| {
            let own = (format!("instrument {}", each.id), &each.ground);
            let scorings = each.scorings.iter().map(|scoring| {
                (format!("scoring of {} {}", each.id, scoring.version), &scoring.ground)
            });
            std::iter::once(own).chain(scorings)
        });
        let severe = self
            .severe
            .iter()
            .map(|each| (format!("severe from {}", each.effective_from), &each.ground));
        let interventions = self
            .interventions
            .iter()
            .map(|each| (format!("intervention {}", each.category), &each.ground));
        let claims = self.claims.iter().flat_map(|claim| {
            claim.versions.iter().map(|version| {
                (format!("claim of {} from {}", claim.on, version.effective_from), &version.ground)
            })
        });
        let deliveries = self
            .deliveries
            .iter()
            .map(|each| (format!("delivery fee from {}", each.from), &each.ground));
        let accelerators = self
            .accelerators
            .iter()
            .map(|each| (format!("accelerator on {}", each.on), &each.ground));
        let targets = self.targets.iter().map(|each| (format!("target {}", each.id), &each.ground));
        let retentions =
            self.retentions.iter().map(|each| (format!("retention {}", each.tag), &each.ground));
        groups
            .chain(gates)
            .chain(limits)
            .chain(instruments)
            .chain(severe)
            .chain(interventions)
            .chain(claims)
            .chain(deliveries)
            .chain(accelerators)
            .chain(targets)
            .chain(retentions)
    }

    /// Returns what was assumed where sources are silent, each with what it is about.
    pub fn assumptions(&self) -> impl Iterator<Item = (String, &str)> {
        self.grounds().filter_map(|(about, ground)| Some((about, ground.assumption.as_deref()?)))
    }
}
