//! What happens in a generated life, before it has names and days: which facts, about which of a
//! few things, how long after the referral and how late told. Days cluster around the boundaries
//! that rules care about.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use waystage_core::journey::Fact;
use waystage_core::journey::diagnostic::{BetterOff, Diagnostic};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::{Arm, Eligibility, Entry, Marked};
use waystage_core::journey::evidence::{Consent, Evidence, StatementKind};
use waystage_core::journey::money::{Claim, Money};
use waystage_core::journey::support::{Appointment, ConcernNoted, Delivery, Intervention, Support};

/// A fact of a generated life; small numbers stand for names.
#[derive(Debug, Clone)]
pub(super) enum Draft {
    Marked(fn(Marked) -> Fact),
    Characterised { born: u16 },
    Assessed(Eligibility),
    Allocated(Arm),
    Grouped { group: u8 },
    Transferred { to: u8 },
    Rated { category: u8, severity: u8 },
    Answered { sitting: u8, question: u8, answer: u8 },
    BetterOff(BetterOff),
    KeyWorker { who: u8 },
    Contacted,
    Appointed(fn(Appointment) -> Support),
    Offered { step: fn(Intervention) -> Support, which: u8, category: u8, delivery: Delivery },
    Qualified,
    Concerned(fn(ConcernNoted) -> Support),
    JobStarted { job: u8, hours: u8, own: bool },
    JobChanged { job: u8, hours: u8 },
    JobEnded { job: u8 },
    Verified { job: u8, covers: u16 },
    Paid { scheme: u8, kind: StatementKind, pence: i32, qualifying: bool },
    Benefit { lasts: Option<u16> },
    Consented(fn(Consent) -> Evidence),
    Claimed { step: fn(Claim) -> Money, rule: u8 },
    Withdrawn { target: u16 },
    Moved { target: u16, days: i16 },
    Amended { target: u16, choice: u16 },
}

/// A fact, when it happened after the referral, and how late it was told.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    pub(super) draft: Draft,
    pub(super) day: u16,
    pub(super) late: u16,
}

/// Which programme somebody is referred to for the second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Same,
    Other,
    NotAdopted,
}

/// A person: one participation or two.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) known_late: u16,
    pub(super) group: u8,
    pub(super) facts: Vec<Dated>,
    pub(super) second_referral: Option<(u16, Again)>,
}

/// Returns people.
pub(super) fn person() -> impl Strategy<Value = Person> {
    let beginning = vec(dated(entry()), 1..5);
    let support = vec(dated(support()), 0..8);
    let sittings = vec(sitting(), 0..3);
    let work = vec(dated(work()), 0..14);
    let corrections = vec(dated(correction()), 0..6);
    let started = option::weighted(0.85, 0_u16..40);
    let again = prop::sample::select(&[Again::Same, Again::Other, Again::NotAdopted][..]);
    let second_referral = option::weighted(0.25, (0_u16..300, again));
    let facts = (beginning, support, sittings, work, corrections, started);
    let known_late = prop_oneof![3 => Just(0_u16), 1 => 0_u16..100];
    let rest = (known_late, 0_u8..3, second_referral);
    (facts, rest).prop_map(|(facts, (known_late, group, second_referral))| {
        let (mut all, support, sittings, work, corrections, started) = facts;
        all.extend(started.map(|day| Dated { draft: Draft::Marked(STARTED), day, late: 2 }));
        all.extend(support);
        all.extend(sittings.into_iter().flatten());
        all.extend(work);
        all.extend(corrections);
        Person { known_late, group, facts: all, second_referral }
    })
}

const STARTED: fn(Marked) -> Fact = |marked| Fact::Entry(Entry::Started(marked));

fn dated(draft: impl Strategy<Value = Draft>) -> impl Strategy<Value = Dated> {
    (draft, day(), late()).prop_map(|(draft, day, late)| Dated { draft, day, late })
}

fn day() -> impl Strategy<Value = u16> {
    prop_oneof![4 => 0_u16..120, 3 => 80_u16..260, 2 => 0_u16..700]
}

fn late() -> impl Strategy<Value = u16> {
    prop_oneof![3 => Just(0_u16), 2 => 0_u16..20, 1 => 0_u16..400]
}

fn marked(steps: &'static [fn(Marked) -> Fact]) -> impl Strategy<Value = Draft> {
    prop::sample::select(steps).prop_map(Draft::Marked)
}

fn entry() -> impl Strategy<Value = Draft> {
    const REST: &[fn(Marked) -> Fact] = &[
        |marked| Fact::Entry(Entry::NotStarted(marked)),
        |marked| Fact::Support(Support::Completed(marked)),
        |marked| Fact::Entry(Entry::Rejoined(marked)),
        STARTED,
    ];
    prop_oneof![
        4 => marked(&[|marked| Fact::Entry(Entry::ReferralAcknowledged(marked))]),
        3 => marked(&[|marked| Fact::Support(Support::Exited(marked))]),
        4 => marked(REST),
        1 => prop::sample::select(Eligibility::ALL).prop_map(Draft::Assessed),
    ]
}

fn support() -> impl Strategy<Value = Draft> {
    const MARKED: &[fn(Marked) -> Fact] = &[
        |marked| Fact::Diagnostic(Diagnostic::ActionPlanAgreed(marked)),
        |marked| Fact::Support(Support::Paused(marked)),
        |marked| Fact::Support(Support::Paused(marked)),
        |marked| Fact::Support(Support::Resumed(marked)),
        |marked| Fact::Employment(Employment::InWorkSupportStarted(marked)),
        |marked| Fact::Employment(Employment::InWorkSupportEnded(marked)),
    ];
    const APPOINTMENTS: &[fn(Appointment) -> Support] =
        &[Support::AppointmentBooked, Support::AppointmentAttended, Support::AppointmentMissed];
    const CONCERNS: &[fn(ConcernNoted) -> Support] =
        &[Support::ConcernRaised, Support::ConcernClosed];
    let appointments = prop::sample::select(APPOINTMENTS);
    let concerns = prop::sample::select(CONCERNS);
    let rated = (0_u8..3, 0_u8..7);
    let rated = rated.prop_map(|(category, severity)| Draft::Rated { category, severity });
    prop_oneof![
        4 => marked(MARKED),
        3 => (0_u8..3).prop_map(|who| Draft::KeyWorker { who }),
        2 => rated,
        6 => offered(),
        1 => Just(Draft::Contacted),
        1 => appointments.prop_map(Draft::Appointed),
        1 => concerns.prop_map(Draft::Concerned),
        1 => Just(Draft::Qualified),
        1 => prop::sample::select(BetterOff::ALL).prop_map(Draft::BetterOff),
        1 => prop::sample::select(Arm::ALL).prop_map(Draft::Allocated),
        1 => (0_u8..3).prop_map(|group| Draft::Grouped { group }),
        1 => (0_u8..6).prop_map(|to| Draft::Transferred { to }),
        1 => (1950_u16..2005).prop_map(|born| Draft::Characterised { born }),
    ]
}

fn offered() -> impl Strategy<Value = Draft> {
    const STEPS: &[fn(Intervention) -> Support] = &[
        Support::InterventionRecommended,
        Support::InterventionReferred,
        Support::InterventionReferred,
        Support::InterventionAccepted,
        Support::InterventionDeclined,
        Support::InterventionWaitListed,
        Support::InterventionStarted,
        Support::InterventionStarted,
        Support::InterventionAttended,
        Support::InterventionMissed,
        Support::InterventionCompleted,
        Support::InterventionWithdrawn,
    ];
    let step = prop::sample::select(STEPS);
    let delivery = prop::sample::select(Delivery::ALL);
    (step, 0_u8..2, 0_u8..2, delivery).prop_map(|(step, which, category, delivery)| {
        Draft::Offered { step, which, category, delivery }
    })
}

/// Returns both answers of a sitting: only together are they scored.
fn sitting() -> impl Strategy<Value = Vec<Dated>> {
    let answer = || prop_oneof![6 => 0_u8..4, 1 => Just(4_u8)];
    (0_u8..3, day(), late(), answer(), answer()).prop_map(|(sitting, day, late, one, other)| {
        let answered = |question, answer| Dated {
            draft: Draft::Answered { sitting, question, answer },
            day,
            late,
        };
        vec![answered(0, one), answered(1, other)]
    })
}

fn work() -> impl Strategy<Value = Draft> {
    const CLAIMS: &[fn(Claim) -> Money] = &[
        Money::ClaimSubmitted,
        Money::ClaimSubmitted,
        Money::ClaimSubmitted,
        Money::ClaimValidated,
        Money::ClaimFailed,
        Money::ClaimPaid,
        Money::ClaimClawedBack,
    ];
    const CONSENTS: &[fn(Consent) -> Evidence] =
        &[Evidence::ConsentRecorded, Evidence::ConsentWithdrawn];
    let hours = || prop_oneof![Just(7_u8), Just(8), Just(16), Just(20), 0_u8..60];
    let kind = prop_oneof![
        4 => Just(StatementKind::Original),
        2 => Just(StatementKind::Delta),
        1 => Just(StatementKind::YearToDate),
    ];
    let paid = (0_u8..2, kind, -20_000_i32..90_000, any::<bool>(), any::<bool>());
    let claims = (prop::sample::select(CLAIMS), 0_u8..6);
    prop_oneof![
        10 => (0_u8..3, hours(), prop::bool::weighted(0.3))
            .prop_map(|(job, hours, own)| Draft::JobStarted { job, hours, own }),
        4 => (0_u8..3, hours()).prop_map(|(job, hours)| Draft::JobChanged { job, hours }),
        6 => (0_u8..3).prop_map(|job| Draft::JobEnded { job }),
        6 => (0_u8..3, 0_u16..120).prop_map(|(job, covers)| Draft::Verified { job, covers }),
        8 => paid.prop_map(|(scheme, kind, pence, a, b)| Draft::Paid {
            scheme,
            kind,
            pence: if kind == StatementKind::Delta { pence } else { pence.abs() },
            qualifying: a || b,
        }),
        4 => claims.prop_map(|(step, rule)| Draft::Claimed { step, rule }),
        1 => option::of(0_u16..200).prop_map(|lasts| Draft::Benefit { lasts }),
        1 => prop::sample::select(CONSENTS).prop_map(Draft::Consented),
    ]
}

fn correction() -> impl Strategy<Value = Draft> {
    prop_oneof![
        4 => any::<u16>().prop_map(|target| Draft::Withdrawn { target }),
        3 => (any::<u16>(), -30_i16..30).prop_map(|(target, days)| Draft::Moved { target, days }),
        3 => (any::<u16>(), any::<u16>())
            .prop_map(|(target, choice)| Draft::Amended { target, choice }),
    ]
}
