//! Who may join: each gate is a question about the day of the referral, answered in four ways.

use chrono::{Datelike, NaiveDate};

use super::Case;
use crate::calendar::Span;
use crate::id::{EventId, ProgrammeId};
use crate::journey::entry::{Eligibility, Entry};
use crate::journey::evidence::Evidence;
use crate::journey::{Fact, FactIndex, Participation};
use crate::programme::{Gate, GateTest};
use crate::rules::Answer;

/// A gate, read on one participation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateReading {
    /// The gate's name within its programme.
    pub gate: String,
    /// What it reads.
    pub answer: Answer,
    /// The events that it rests on: the referral, and those that decided.
    pub because: Vec<EventId>,
}

type Decided = (Answer, Vec<FactIndex>);

fn decided(is_met: bool) -> Answer {
    if is_met { Answer::Met } else { Answer::NotMet }
}

impl Case<'_> {
    /// Reads every gate of the programme, in the order of its pack.
    pub fn gates(&self) -> impl Iterator<Item = GateReading> {
        self.programme.provision.gates.iter().map(|gate| self.gate(gate))
    }

    fn gate(&self, gate: &Gate) -> GateReading {
        let (answer, mut facts) = self.test(&gate.test);
        facts.push(self.participation.referred.fact);
        GateReading { gate: gate.id.clone(), answer, because: self.journey.facts.events(facts) }
    }

    fn test(&self, test: &GateTest) -> Decided {
        let (of, day) = (self.participation, self.participation.referred.on);
        match test {
            GateTest::ReferredInTime => {
                let early = self.programme.referrals_from.is_some_and(|from| day < from);
                let late = self.programme.referrals_until.is_some_and(|until| until < day);
                (decided(!early && !late), Vec::new())
            }
            GateTest::LivesInArea => {
                let areas = &self.programme.areas;
                let inside = areas.is_empty() || areas.contains(&of.local_authority);
                (decided(inside), Vec::new())
            }
            GateTest::GroupIsOpen => (self.group_is_open(day), Vec::new()),
            GateTest::Age { least, most } => self.age(day, *least, *most),
            GateTest::OutOfWork => self.out_of_work(day),
            GateTest::OnBenefit { benefits } => self.on_benefit(day, benefits),
            GateTest::NeverStarted { programmes } => self.never_started(day, programmes),
            GateTest::NotAtOnceWith { programmes } => self.not_at_once_with(programmes),
            GateTest::AssessedEligible => self.assessed_eligible(),
        }
    }

    fn group_is_open(&self, day: NaiveDate) -> Answer {
        let Some(code) = &self.participation.group else { return Answer::Unknown };
        let named = &self.programme.groups;
        if !named.is_empty() && !named.contains(code) {
            return Answer::NotMet;
        }
        let groups = &self.programme.provision.groups;
        let Some(group) = groups.iter().find(|group| group.id == *code) else {
            return Answer::Unknown; // nothing is said of it
        };
        let version = group.in_force(day);
        decided(version.is_some_and(|version| {
            version.open && version.participation == self.participation.participation_type
        }))
    }

    /// Only the year of birth is recorded: in the year of a birthday the age may be either.
    fn age(&self, day: NaiveDate, least: u32, most: Option<u32>) -> Decided {
        let recorded = self.journey.facts.iter().filter_map(|(index, seen)| match &*seen.fact {
            Fact::Entry(Entry::CharacteristicsRecorded(fact)) => Some((index, fact.birth_year)),
            _ => None,
        });
        let Some((index, born)) = recorded.last() else { return (Answer::Unknown, Vec::new()) };
        let after = day.year() - i32::from(born);
        let fits = |age: i32| {
            u32::try_from(age).is_ok_and(|age| least <= age && most.is_none_or(|most| age <= most))
        };
        let answer = match (fits(after - 1), fits(after)) {
            (true, true) => Answer::Met,
            (false, false) => Answer::NotMet,
            _ => Answer::Unknown,
        };
        (answer, vec![index])
    }

    fn out_of_work(&self, day: NaiveDate) -> Decided {
        let held = self
            .journey
            .jobs
            .iter()
            .find(|job| job.started.on <= day && job.ended.is_none_or(|ended| day <= ended.on));
        match held {
            Some(job) => (Answer::NotMet, vec![job.started.fact]),
            None => (Answer::Met, Vec::new()),
        }
    }

    /// Nothing observed is not "no": benefits are not reported for everybody.
    fn on_benefit(&self, day: NaiveDate, benefits: &[String]) -> Decided {
        let observed = self.journey.facts.iter().find(|(_, seen)| match &*seen.fact {
            Fact::Evidence(Evidence::BenefitObserved(fact)) => {
                benefits.contains(&fact.benefit)
                    && fact.observed_from <= day
                    && fact.observed_to.is_none_or(|to| day <= to)
            }
            _ => false,
        });
        match observed {
            Some((index, _)) => (Answer::Met, vec![index]),
            None => (Answer::Unknown, Vec::new()),
        }
    }

    fn never_started(&self, day: NaiveDate, programmes: &[ProgrammeId]) -> Decided {
        let before = self.others().find_map(|other| {
            let started = other.started?;
            (programmes.contains(&other.programme) && started.on < day).then_some(started.fact)
        });
        (decided(before.is_none()), before.into_iter().collect())
    }

    /// The referral itself begins it: what matters is another programme while this one is wanted.
    fn not_at_once_with(&self, programmes: &[ProgrammeId]) -> Decided {
        let spells = self.spells();
        let waited_to = match (spells.first(), self.participation.closed) {
            (Some(spell), _) => spell.first(),
            (None, Some(closed)) => closed.on,
            (None, None) => self.as_of,
        };
        let waited = Span::new(self.participation.referred.on, waited_to);
        let own: Vec<Span> = waited.into_iter().chain(spells).collect();
        let at_once = self.others().find_map(|other| {
            let is_another = other.programme != self.participation.programme;
            let none_is_named = programmes.is_empty();
            let is_meant = programmes.contains(&other.programme) || none_is_named && is_another;
            let others = super::spells(self.journey, other, self.as_of);
            let meets = |spell: &Span| own.iter().any(|own| own.and(*spell).is_some());
            let started = other.started.filter(|_| is_meant && others.iter().any(meets));
            started.map(|started| started.fact)
        });
        (decided(at_once.is_none()), at_once.into_iter().collect())
    }

    fn others(&self) -> impl Iterator<Item = &Participation> {
        let own = self.participation.id;
        self.journey.participations.iter().filter(move |other| other.id != own)
    }

    fn assessed_eligible(&self) -> Decided {
        let assessed = self.facts().filter_map(|(index, _, fact)| match fact {
            Fact::Entry(Entry::EligibilityAssessed(fact)) => Some((index, fact.decision)),
            _ => None,
        });
        match assessed.last() {
            Some((index, decision)) => (decided(decision == Eligibility::Eligible), vec![index]),
            None if self.participation.started.is_none() && self.participation.closed.is_none() => {
                (Answer::NotYet, Vec::new())
            }
            None => (Answer::Unknown, Vec::new()),
        }
    }
}
