//! What callers record while models are kept: lives in several programmes, told late, in calls of
//! several facts, corrected, corrected again, and sent again. Everything follows from numbers.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use waystage::NewFact;
use waystage_core::calendar::days_after;
use waystage_core::id::{EventId, ParticipantId, Source};
use waystage_core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::employment::WeeklyMinutes;
use waystage_core::journey::{Fact, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{Receipt, naming};

use crate::Chance;
use crate::facts;

/// How many calls are about somebody before there is somebody else in their place.
const CALLS_OF_ONE: u64 = 24;
/// How many people a caller has alone at a time, and how many all callers share.
const OWN: u64 = 3;
const SHARED: u64 = 6;
/// How many calls a caller remembers, to send them again.
const REMEMBERED: usize = 40;

/// Facts of one participant that are recorded together.
#[derive(Debug, Clone)]
pub struct Call {
    /// The participant.
    pub participant: ParticipantId,
    /// The facts.
    pub facts: Vec<NewFact>,
    /// What was answered when they were sent before.
    pub before: Option<Vec<Receipt>>,
}

/// Somebody, as one caller knows them.
#[derive(Debug, Clone, Default)]
struct Known {
    told: BTreeSet<String>,
    facts: Vec<(EventId, NaiveDate, Fact)>,
    calls: u64,
}

/// One caller, and what they have told so far.
#[derive(Debug, Clone)]
pub struct Caller {
    number: u64,
    chance: Chance,
    calls: u64,
    known: std::collections::BTreeMap<u64, Known>,
    sent: Vec<Call>,
    again: u64,
}

impl Caller {
    /// Returns the caller of a number; another seed gives another caller of other references.
    pub const fn new(number: u64, seed: u64) -> Self {
        Self {
            number: seed * 1_000 + number,
            chance: Chance::new(seed * 1_000 + number),
            calls: 0,
            known: std::collections::BTreeMap::new(),
            sent: Vec::new(),
            again: 0,
        }
    }

    /// Returns how many calls were sent again.
    pub const fn again(&self) -> u64 {
        self.again
    }

    /// Returns what is recorded next.
    pub fn call(&mut self) -> Call {
        self.calls += 1;
        if self.chance.below(8) == 0 && !self.sent.is_empty() {
            self.again += 1;
            let at = self.chance.below(self.sent.len() as u64);
            return self.sent[usize::try_from(at).unwrap()].clone();
        }
        let person = self.person();
        let mut call = Call { participant: participant(person), facts: Vec::new(), before: None };
        let mut known = self.known.remove(&person).unwrap_or_default();
        known.calls += 1;
        for number in 0..=self.chance.below(4) {
            let reference = format!("{}-{}-{number}", self.number, self.calls);
            self.tell(person, &mut known, &reference, &mut call);
        }
        self.known.insert(person, known);
        call
    }

    /// Takes in what a call was answered, and checks that one that was sent again got the same.
    pub fn answered(&mut self, call: Call, receipts: &[Receipt]) {
        if let Some(before) = &call.before {
            let again = receipts.iter().zip(before);
            assert_eq!(receipts.len(), before.len());
            for (receipt, before) in again {
                assert_eq!(*receipt, Receipt { duplicate: true, ..*before }, "not the first one");
            }
            return;
        }
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push(Call { before: Some(receipts.to_vec()), ..call });
    }

    /// Returns whom the next call is about: their own people, or everybody's.
    fn person(&mut self) -> u64 {
        let turn = self.calls / CALLS_OF_ONE;
        if self.chance.below(4) == 0 {
            return turn * SHARED + self.chance.below(SHARED);
        }
        1_000_000 * (self.number + 1) + turn * OWN + self.chance.below(OWN)
    }

    /// Adds one fact to a call, and before it what has to be recorded for it.
    fn tell(&mut self, person: u64, known: &mut Known, reference: &str, call: &mut Call) {
        let chance = &mut self.chance;
        let participation = chance.below(facts::participations(person));
        let day = days_after(facts::referred_on(person, participation), days(chance));
        let name = name(person);
        let needed = facts::needed(person, &name);
        for (reference, on, fact) in needed {
            known.add(call, &format!("{name}/{reference}"), (on, 2), fact);
        }
        let corrects = chance.below(4) == 0 && known.calls > 1;
        let fact = if corrects {
            correction(chance, &known.facts)
        } else {
            let (job, fact) = facts::any(chance, (person, participation), &name, day);
            if let Some((number, job)) = job {
                let on = days_after(facts::referred_on(person, 0), 20 + 90 * number);
                known.add(call, &format!("{name}/J{number}"), (on, 30), job);
            }
            fact
        };
        let late = [0, 0, 3, 40, 300][usize::try_from(chance.below(5)).unwrap()];
        known.add(call, reference, (day, late), fact);
    }
}

impl Known {
    /// Adds a fact to a call unless this caller has told it.
    fn add(&mut self, call: &mut Call, reference: &str, (on, late): (NaiveDate, u32), fact: Fact) {
        if !self.told.insert(reference.to_owned()) {
            return;
        }
        let sourced = Sourced { source: source(), reference: reference.into() };
        let id = EventId::from_bytes([0; 16]);
        let new = NewFact::new(id, on, "user:1", fact.clone());
        let new = new.sourced(sourced, noon(days_after(on, late)));
        self.facts.push((new.id, on, fact));
        call.facts.push(new);
    }
}

/// Returns a day after a referral: often soon, sometimes after years.
fn days(chance: &mut Chance) -> u32 {
    let most = [30, 120, 400, 900][usize::try_from(chance.below(4)).unwrap()];
    u32::try_from(chance.below(most)).unwrap()
}

/// Returns a correction of something that was told: also of a correction.
fn correction(chance: &mut Chance, facts: &[(EventId, NaiveDate, Fact)]) -> Fact {
    // what came last is corrected most, so that corrections of corrections come about
    let among = facts.len() as u64;
    let back = if chance.below(2) == 0 { chance.below(among.min(4)) } else { chance.below(among) };
    let (corrects, on, fact) = &facts[facts.len() - 1 - usize::try_from(back).unwrap()];
    let corrects = *corrects;
    let withdrawn = Correction::FactWithdrawn(FactWithdrawn { corrects, reason: None });
    let amendments = [
        Amendment::On(days_after(*on, u32::try_from(1 + chance.below(40)).unwrap())),
        Amendment::WeeklyMinutes(WeeklyMinutes::from_hours(
            u32::try_from(chance.below(40)).unwrap(),
        )),
        Amendment::GrossPence(i64::try_from(chance.below(900_000)).unwrap()),
        Amendment::Provider(format!("provider-{}", chance.below(3))),
        Amendment::CoversTo(days_after(*on, u32::try_from(chance.below(200)).unwrap())),
        Amendment::AmountPence(i64::try_from(chance.below(400_000)).unwrap()),
        Amendment::BirthYear(u16::try_from(1950 + chance.below(50)).unwrap()),
        Amendment::Severity(u8::try_from(chance.below(7)).unwrap()),
    ];
    let fitting: Vec<&Amendment> =
        amendments.iter().filter(|amendment| fact.can_be_amended(amendment)).collect();
    if fitting.is_empty() || chance.below(5) < 2 {
        return withdrawn.into();
    }
    let amendment = fitting[usize::try_from(chance.below(fitting.len() as u64)).unwrap()].clone();
    Correction::FactAmended(FactAmended { corrects, amendment, reason: None }).into()
}

fn name(person: u64) -> String {
    format!("P{person}")
}

fn participant(person: u64) -> ParticipantId {
    naming::participant(&source(), &name(person))
}

/// The system that all of it comes from.
pub fn source() -> Source {
    Source::from("lives")
}

fn noon(day: NaiveDate) -> Timestamp {
    let noon = day.and_hms_opt(12, 0, 0).unwrap();
    Timestamp::from_micros(noon.and_utc().timestamp_micros())
}
