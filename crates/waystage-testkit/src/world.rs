//! Generated worlds: a programme with rules of every family, a few people with dense lives, and
//! corrections of corrections. Days cluster around the boundaries that rules care about, so that
//! laws are tried where they could fail. A world shrinks to fewer people and fewer facts.

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use waystage_core::calendar::{DayCount, Month, days_after};
use waystage_core::id::{Actor, EventId, Named, ParticipantId, Position, ProgrammeId, Source};
use waystage_core::journey::code::GssCode;
use waystage_core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::employment::{
    Employment, JobChanged, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage_core::journey::entry::{
    CharacteristicsRecorded, Entry, Marked, ParticipationType, Referred,
};
use waystage_core::journey::evidence::{
    EarningsReported, EmploymentVerified, Evidence, Method, StatementKind,
};
use waystage_core::journey::money::{Claim, Money};
use waystage_core::journey::support::Support;
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::programme::{
    Adopted, Adoption, Adoptions, Fee, FeeVersion, Gate, GateTest, Ground, Limit, Measure,
    Milestone, Pauses, Phase, Programme, Provision, RateRow, RateTable, Standard, Target, Within,
};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::{NewEvent, naming};

use crate::rules::{RuleDraft, rule};

/// The programme of every generated world.
pub const PROGRAMME: &str = "generated";

/// A fact of a generated world, not yet dated absolutely.
#[derive(Debug, Clone)]
enum Draft {
    Acknowledged,
    Started,
    NotStarted,
    Exited,
    Completed,
    Rejoined,
    JobStarted { job: u8, hours: u8, own: bool },
    JobChanged { job: u8, hours: u8 },
    JobEnded { job: u8 },
    Verified { job: u8, covers: u16 },
    Paid { scheme: u8, kind: StatementKind, pence: i32, qualifying: bool },
    Claimed { rule: u8 },
    Withdrawn { target: u16 },
    Moved { target: u16, days: i16 },
    Rehoured { target: u16, hours: u8 },
}

/// A fact, when it happened after the referral, and how late it was told.
#[derive(Debug, Clone)]
struct Dated {
    draft: Draft,
    day: u16,
    late: u16,
}

/// A person: one participation, or two of the same programme.
#[derive(Debug, Clone)]
struct Person {
    facts: Vec<Dated>,
    second_referral: Option<u16>,
}

/// A generated world.
#[derive(Debug, Clone)]
pub struct World {
    /// The programmes that it reads with.
    pub adoptions: Adoptions,
    /// Its events, each with whose stream it belongs to, in the order of being told.
    pub events: Vec<(ParticipantId, NewEvent)>,
    /// A view within it.
    pub view: View,
}

/// Returns worlds.
pub fn worlds() -> impl Strategy<Value = World> {
    let views = (0_u16..900, 0_u16..1000, any::<bool>());
    (vec(rule(), 1..6), vec(person(), 1..4), views).prop_map(|(rules, people, view)| {
        let events = people.iter().enumerate().flat_map(|(index, person)| lived(index, person));
        let mut events: Vec<_> = events.collect();
        events.sort_by_key(|(_, event)| (event.reported_at, event.id));
        World { adoptions: adopted(&rules), events, view: viewed(view) }
    })
}

fn viewed((as_of, known, reported): (u16, u16, bool)) -> View {
    let basis = if reported { Basis::Reported } else { Basis::Recorded };
    View::new(days_after(first_day(), u32::from(as_of)), noon(u32::from(known))).basis(basis)
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 1, 20).unwrap_or_default()
}

/// Returns noon of the day that many days after the first.
pub fn noon(day: u32) -> Timestamp {
    let midnight = days_after(first_day(), day).and_hms_opt(12, 0, 0).unwrap_or_default();
    Timestamp::from_micros(midnight.and_utc().timestamp_micros())
}

/// Returns the view of everything that a world ever tells, up to its last day.
pub fn far_end(basis: Basis) -> View {
    View::new(days_after(first_day(), 2000), noon(3000)).basis(basis)
}

fn person() -> impl Strategy<Value = Person> {
    let beginning = vec(dated(entry()), 1..5);
    let work = vec(dated(work()), 0..14);
    let corrections = vec(dated(correction()), 0..6);
    let started = option::weighted(0.85, 0_u16..40);
    (beginning, work, corrections, started, option::weighted(0.2, 0_u16..300)).prop_map(
        |(mut facts, work, corrections, started, second_referral)| {
            let start = started.map(|day| Dated { draft: Draft::Started, day, late: 2 });
            facts.extend(start);
            facts.extend(work);
            facts.extend(corrections);
            Person { facts, second_referral }
        },
    )
}

fn dated(draft: impl Strategy<Value = Draft>) -> impl Strategy<Value = Dated> {
    let day = prop_oneof![4 => 0_u16..120, 3 => 80_u16..260, 2 => 0_u16..700];
    let late = prop_oneof![3 => Just(0_u16), 2 => 0_u16..20, 1 => 0_u16..400];
    (draft, day, late).prop_map(|(draft, day, late)| Dated { draft, day, late })
}

fn entry() -> impl Strategy<Value = Draft> {
    prop_oneof![
        4 => Just(Draft::Acknowledged),
        1 => Just(Draft::NotStarted),
        3 => Just(Draft::Exited),
        1 => Just(Draft::Completed),
        1 => Just(Draft::Rejoined),
        1 => Just(Draft::Started),
    ]
}

fn work() -> impl Strategy<Value = Draft> {
    let hours = || prop_oneof![Just(7_u8), Just(8), Just(16), Just(20), 0_u8..60];
    let kind = prop_oneof![
        4 => Just(StatementKind::Original),
        2 => Just(StatementKind::Delta),
        1 => Just(StatementKind::YearToDate),
    ];
    let paid = (0_u8..2, kind, -20_000_i32..90_000, any::<bool>(), any::<bool>());
    prop_oneof![
        5 => (0_u8..3, hours(), prop::bool::weighted(0.3))
            .prop_map(|(job, hours, own)| Draft::JobStarted { job, hours, own }),
        2 => (0_u8..3, hours()).prop_map(|(job, hours)| Draft::JobChanged { job, hours }),
        3 => (0_u8..3).prop_map(|job| Draft::JobEnded { job }),
        3 => (0_u8..3, 0_u16..120).prop_map(|(job, covers)| Draft::Verified { job, covers }),
        4 => paid.prop_map(|(scheme, kind, pence, a, b)| Draft::Paid {
            scheme,
            kind,
            pence: if kind == StatementKind::Delta { pence } else { pence.abs() },
            qualifying: a || b,
        }),
        1 => (0_u8..6).prop_map(|rule| Draft::Claimed { rule }),
    ]
}

fn correction() -> impl Strategy<Value = Draft> {
    prop_oneof![
        4 => any::<u16>().prop_map(|target| Draft::Withdrawn { target }),
        3 => (any::<u16>(), -30_i16..30).prop_map(|(target, days)| Draft::Moved { target, days }),
        2 => (any::<u16>(), 0_u8..40)
            .prop_map(|(target, hours)| Draft::Rehoured { target, hours }),
    ]
}

fn source() -> Source {
    Source::from("generated")
}

/// Turns a person into events. Corrections act on events that stand before them, so chains of any
/// depth come about.
fn lived(index: usize, person: &Person) -> Vec<(ParticipantId, NewEvent)> {
    let name = format!("P{index}");
    let mut life = Life { name: name.clone(), events: Vec::new() };
    let characteristics = CharacteristicsRecorded {
        participant_ref: name.as_str().into(),
        birth_year: 1980,
        sex: None,
        qualification: None,
        local_authority: area(0),
    };
    life.tell(0, 0, Fact::Entry(Entry::CharacteristicsRecorded(characteristics)));
    life.refer(0, 0);
    if let Some(day) = person.second_referral {
        life.refer(1, day);
    }
    for dated in &person.facts {
        life.take(dated, person.second_referral.is_some());
    }
    let participant = naming::participant(&source(), &name);
    life.events.into_iter().map(|event| (participant, event)).collect()
}

struct Life {
    name: String,
    events: Vec<NewEvent>,
}

impl Life {
    fn tell(&mut self, day: u16, late: u16, fact: Fact) {
        let reference = format!("{}-{:03}", self.name, self.events.len());
        let sourced = Sourced { source: source(), reference: reference.as_str().into() };
        let reported_at = noon(u32::from(day) + u32::from(late));
        self.events.push(NewEvent {
            id: naming::event(&sourced, reported_at),
            on: days_after(first_day(), u32::from(day)),
            reported_at: Some(reported_at),
            actor: Actor::from("system:test"),
            sourced: Some(sourced),
            correlation: None,
            causation: None,
            record: Record::Fact(fact),
        });
    }

    fn participation(&self, number: u8) -> Named<waystage_core::id::ParticipationId> {
        naming::participation(&source(), &format!("{}/{number}", self.name))
    }

    fn refer(&mut self, number: u8, day: u16) {
        let fact = Referred {
            participation: self.participation(number),
            programme: ProgrammeId::from(PROGRAMME),
            received_on: days_after(first_day(), u32::from(day)),
            referrer: None,
            participation_type: ParticipationType::Voluntary,
            group: None,
            provider: "provider-a".to_owned(),
            local_authority: area(u32::from(number)),
        };
        self.tell(day, 1, Fact::Entry(Entry::Referred(fact)));
    }

    fn take(&mut self, dated: &Dated, twice: bool) {
        let Dated { draft, day, late } = dated;
        let number = u8::from(twice && day % 2 == 1);
        let marked = Marked { participation: self.participation(number).id, note: None };
        let job = |job: u8| naming::job(&source(), &self.name, &format!("J{job}"));
        let minutes = |hours: u8| WeeklyMinutes::from_hours(u32::from(hours));
        let sector = |own: bool| if own { Sector::SelfEmployed } else { Sector::Employed };
        let (sector_of_change, reason) = (Sector::Employed, None);
        let fact = match draft {
            Draft::Acknowledged => Fact::Entry(Entry::ReferralAcknowledged(marked)),
            Draft::Started => Fact::Entry(Entry::Started(marked)),
            Draft::NotStarted => Fact::Entry(Entry::NotStarted(marked)),
            Draft::Rejoined => Fact::Entry(Entry::Rejoined(marked)),
            Draft::Exited => Fact::Support(Support::Exited(marked)),
            Draft::Completed => Fact::Support(Support::Completed(marked)),
            Draft::JobStarted { job: number, hours, own } => {
                Fact::Employment(Employment::JobStarted(JobStarted {
                    job: job(*number),
                    weekly_minutes: minutes(*hours),
                    sector: sector(*own),
                    reason,
                }))
            }
            Draft::JobChanged { job: number, hours } => {
                Fact::Employment(Employment::JobChanged(JobChanged {
                    job: job(*number).id,
                    weekly_minutes: minutes(*hours),
                    sector: sector_of_change,
                    reason,
                }))
            }
            Draft::JobEnded { job: number } => Fact::Employment(Employment::JobEnded(JobEnded {
                job: job(*number).id,
                weekly_minutes: None,
                sector: sector_of_change,
                reason,
            })),
            Draft::Verified { job: number, covers } => {
                Fact::Evidence(Evidence::EmploymentVerified(EmploymentVerified {
                    job: job(*number).id,
                    method: Method::Payslip,
                    covers_from: days_after(first_day(), u32::from(*day)),
                    covers_to: days_after(first_day(), u32::from(*day) + u32::from(*covers)),
                }))
            }
            Draft::Paid { scheme, kind, pence, qualifying } => {
                Fact::Evidence(Evidence::EarningsReported(EarningsReported {
                    statement_kind: *kind,
                    scheme: format!("S{scheme}"),
                    period_from: first_day(),
                    period_to: first_day(),
                    gross_pence: i64::from(*pence),
                    qualifying: *qualifying,
                }))
            }
            Draft::Claimed { rule } => Fact::Money(Money::ClaimSubmitted(Claim {
                participation: self.participation(number).id,
                rule: format!("rule-{rule}").into(),
                amount_pence: Some(100_000),
            })),
            Draft::Withdrawn { target } => self.withdraw(*target),
            Draft::Moved { target, days } => self.redate(*target, *days),
            Draft::Rehoured { target, hours } => {
                let to = Amendment::WeeklyMinutes(minutes(*hours));
                self.amend(*target, &to).unwrap_or_else(|| self.withdraw(*target))
            }
        };
        self.tell(*day, *late, fact);
    }

    fn target(&self, target: u16) -> &NewEvent {
        // the referral and the characteristics are left alone two times in three
        let spared = if target.is_multiple_of(3) { 0 } else { 2 };
        let choices = self.events.len() - spared.min(self.events.len() - 1);
        &self.events[self.events.len() - 1 - usize::from(target) % choices]
    }

    fn withdraw(&self, target: u16) -> Fact {
        let corrects = self.target(target).id;
        Fact::Correction(Correction::FactWithdrawn(FactWithdrawn { corrects, reason: None }))
    }

    fn redate(&self, target: u16, days: i16) -> Fact {
        let on = self.target(target).on;
        let shift = chrono::Days::new(u64::from(days.unsigned_abs()));
        let moved = if days < 0 { on - shift } else { on + shift };
        self.amend(target, &Amendment::On(moved)).unwrap_or_else(|| self.withdraw(target))
    }

    fn amend(&self, target: u16, amendment: &Amendment) -> Option<Fact> {
        let target = self.target(target);
        let Record::Fact(fact) = &target.record else { return None };
        fact.can_be_amended(amendment).then(|| {
            Fact::Correction(Correction::FactAmended(FactAmended {
                corrects: target.id,
                amendment: amendment.clone(),
                reason: None,
            }))
        })
    }
}

fn area(number: u32) -> GssCode {
    let text = format!("E0800000{}", number % 10);
    GssCode::parse(&text).unwrap_or_else(|| unreachable!("eight digits"))
}

/// Returns the generated programme and its rates, adopted before anything else.
fn adopted(rules: &[RuleDraft]) -> Adoptions {
    let rules = rules.iter().enumerate();
    let programme = Programme {
        id: ProgrammeId::from(PROGRAMME),
        name: "Generated".to_owned(),
        reference: "none: generated for tests".to_owned(),
        referrals_from: None,
        referrals_until: None,
        groups: Vec::new(),
        areas: Vec::new(),
        calendar: None,
        assumption: None,
        standards: vec![standard()],
        rules: rules.map(|(index, draft)| draft.rule(index, first_day())).collect(),
        fees: ["start", "rule-0"].into_iter().map(fee).collect(),
        provision: Box::new(provision()),
    };
    let row = |day, pence| RateRow { effective_from: days_after(first_day(), day), pence };
    let rates = RateTable {
        id: "generated".into(),
        name: "Generated".to_owned(),
        reference: "none: generated for tests".to_owned(),
        rows: vec![row(0, 500), row(75, 600), row(200, 550)],
    };
    let adoption = |adopted| Adoption {
        position: Position::FIRST,
        recorded_at: Timestamp::MIN,
        digest: "none".to_owned(),
        adopted,
    };
    Adoptions::new(vec![
        adoption(Adopted::Programme(programme)),
        adoption(Adopted::Tables {
            rates: vec![rates],
            calendars: Vec::new(),
            geographies: Vec::new(),
        }),
    ])
}

fn standard() -> Standard {
    Standard {
        id: "acknowledge".to_owned(),
        from: Milestone::Received,
        to: Milestone::Acknowledged,
        within: Within::Days(20),
        reference: None,
        assumption: None,
    }
}

fn fee(on: &str) -> Fee {
    let version = |day, pence| FeeVersion {
        effective_from: days_after(first_day(), day),
        pence,
        reference: None,
        assumption: None,
    };
    let versions = vec![version(0, Some(10_000)), version(100, None)];
    Fee { on: on.into(), tier: None, reference: None, versions }
}

/// Returns what the programme says beside its rules: every world has it, so that whatever reads it
/// is tried on every world.
fn provision() -> Provision {
    let gate = |id: &str, test| Gate { id: id.to_owned(), test, ground: Ground::default() };
    Provision {
        gates: vec![
            gate("out-of-work", GateTest::OutOfWork),
            gate("alone", GateTest::NotAtOnceWith { programmes: Vec::new() }),
        ],
        limits: vec![Limit {
            id: "in-work".to_owned(),
            phase: Phase::InWork,
            days: 100,
            day_count: DayCount::StartIsDay1,
            pauses: Pauses::Extend,
            ground: Ground::default(),
        }],
        targets: vec![Target {
            id: "job-starts".to_owned(),
            measure: Measure::JobStarts,
            rule: None,
            area: None,
            group: None,
            profile: [(Month::of(first_day()), 3)].into(),
            ground: Ground::default(),
        }],
        ..Provision::default()
    }
}

/// Returns the events of a world by their ids.
pub fn ids(world: &World) -> Vec<EventId> {
    world.events.iter().map(|(_, event)| event.id).collect()
}
