//! A generated life, told: drafts get names, days and sources, and become events. Corrections act
//! on events that stand before them, so chains of any depth come about.

use waystage_core::calendar::days_after;
use waystage_core::id::{
    Actor, EventId, Named, ParticipantId, ParticipationId, ProgrammeId, Source,
};
use waystage_core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::diagnostic::{
    AssessmentAnswered, AssessmentStage, BetterOffCalculated, Diagnostic, NeedIdentified,
};
use waystage_core::journey::employment::{
    Employment, JobChanged, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage_core::journey::entry::{
    Allocated, CharacteristicsRecorded, Destination, EligibilityAssessed, Entry, GroupChanged,
    Marked, Referred, Transferred,
};
use waystage_core::journey::evidence::{
    BenefitObserved, Consent, EarningsReported, EmploymentVerified, Evidence, Method,
};
use waystage_core::journey::money::Claim;
use waystage_core::journey::support::{
    Appointment, Concern, ConcernNoted, ContactMade, Delivery, Intervention, KeyWorkerAssigned,
    QualificationAchieved, Support,
};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_store::{NewEvent, naming};

use super::draft::{Again, Dated, Draft, Person};
use super::programme::{OTHER, PROGRAMME, area};
use super::{first_day, noon};

const CATEGORIES: [&str; 3] = ["housing", "debt", "health"];
const OFFERS: [&str; 2] = ["therapy", "training"];
const GROUPS: [&str; 3] = ["esa", "jsa", "nobody-knows"];

fn source() -> Source {
    Source::from("generated")
}

/// Turns a person into events.
pub(super) fn lived(index: usize, person: &Person) -> Vec<(ParticipantId, NewEvent)> {
    let name = format!("P{index}");
    let mut life = Life { name: name.clone(), events: Vec::new() };
    life.tell(0, person.known_late, life.characteristics(1980));
    life.refer(0, 0, PROGRAMME, person.group);
    if let Some((day, again)) = person.second_referral {
        let programme = match again {
            Again::Same => PROGRAMME,
            Again::Other => OTHER,
            Again::NotAdopted => "adopted-by-nobody",
        };
        life.refer(1, day, programme, person.group + 1);
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

    fn participation(&self, number: u8) -> Named<ParticipationId> {
        naming::participation(&source(), &format!("{}/{number}", self.name))
    }

    fn characteristics(&self, birth_year: u16) -> Fact {
        Fact::Entry(Entry::CharacteristicsRecorded(CharacteristicsRecorded {
            participant_ref: self.name.as_str().into(),
            birth_year,
            sex: None,
            qualification: None,
            local_authority: area(0),
        }))
    }

    fn refer(&mut self, number: u8, day: u16, programme: &str, group: u8) {
        let received_on = days_after(first_day(), u32::from(day));
        let participation = self.participation(number);
        let fact = Referred {
            group: GROUPS.get(usize::from(group)).map(|group| (*group).to_owned()),
            provider: format!("provider-{number}"),
            ..Referred::to(
                ProgrammeId::from(programme),
                participation,
                received_on,
                area(u32::from(number)),
            )
        };
        self.tell(day, 1, Fact::Entry(Entry::Referred(fact)));
    }

    fn take(&mut self, dated: &Dated, twice: bool) {
        let Dated { draft, day, late } = dated;
        let of = self.participation(u8::from(twice && day % 2 == 1)).id;
        let fact = self
            .entry(draft, of)
            .or_else(|| self.support(draft, of))
            .or_else(|| self.employment(draft))
            .or_else(|| evidence(draft, *day, &self.name))
            .unwrap_or_else(|| self.correction(draft, of));
        self.tell(*day, *late, fact);
    }

    fn entry(&self, draft: &Draft, of: ParticipationId) -> Option<Fact> {
        let fact = match draft {
            Draft::Marked(step) => return Some(step(Marked::of(of))),
            Draft::Characterised { born } => return Some(self.characteristics(*born)),
            Draft::Assessed(decision) => Entry::EligibilityAssessed(EligibilityAssessed {
                participation: of,
                decision: *decision,
            }),
            Draft::Allocated(arm) => Entry::Allocated(Allocated { participation: of, arm: *arm }),
            Draft::Grouped { group } => Entry::GroupChanged(GroupChanged {
                participation: of,
                group: GROUPS[usize::from(*group)].to_owned(),
            }),
            Draft::Transferred { to } => Entry::Transferred(Transferred {
                participation: of,
                to: match to % 2 {
                    0 => Destination::Provider(format!("provider-{to}")),
                    _ => Destination::Area(area(u32::from(*to))),
                },
            }),
            _ => return None,
        };
        Some(Fact::Entry(fact))
    }

    fn support(&self, draft: &Draft, participation: ParticipationId) -> Option<Fact> {
        let fact = match draft {
            Draft::KeyWorker { who } => Support::KeyWorkerAssigned(KeyWorkerAssigned {
                participation,
                key_worker: format!("worker-{who}"),
            }),
            Draft::Contacted => Support::ContactMade(ContactMade {
                participation,
                channel: "telephone".to_owned(),
                purpose: None,
            }),
            Draft::Appointed(step) => {
                step(Appointment { participation, purpose: "review".to_owned(), note: None })
            }
            Draft::Offered { step, which, category, delivery } => step(Intervention {
                participation,
                intervention: naming::intervention(&source(), &format!("{}/I{which}", self.name)),
                category: OFFERS[usize::from(*category)].to_owned(),
                delivery: *delivery,
                provider: (*which == 0).then(|| "clinic".to_owned()),
            }),
            Draft::Qualified => Support::QualificationAchieved(QualificationAchieved {
                participation,
                level: "level2".to_owned(),
                awarding_body: None,
            }),
            Draft::Concerned(step) => {
                step(ConcernNoted { participation, concern: Concern::Complaint })
            }
            _ => return self.diagnostic(draft, participation),
        };
        Some(Fact::Support(fact))
    }

    fn diagnostic(&self, draft: &Draft, participation: ParticipationId) -> Option<Fact> {
        let fact = match draft {
            Draft::Rated { category, severity } => Diagnostic::NeedIdentified(NeedIdentified {
                participation,
                category: CATEGORIES[usize::from(*category)].to_owned(),
                severity: *severity,
            }),
            Draft::Answered { sitting, question, answer } => {
                let assessment = format!("{}/A{sitting}", self.name);
                Diagnostic::AssessmentAnswered(AssessmentAnswered {
                    participation,
                    assessment: naming::assessment(&source(), &assessment),
                    instrument: "scale".to_owned(),
                    instrument_version: "1".to_owned(),
                    stage: AssessmentStage::Initial,
                    code: format!("q{question}"),
                    answer: (*answer < 4).then(|| answer.to_string()),
                })
            }
            Draft::BetterOff(result) => Diagnostic::BetterOffCalculated(BetterOffCalculated {
                participation,
                result: *result,
            }),
            _ => return None,
        };
        Some(Fact::Diagnostic(fact))
    }

    fn employment(&self, draft: &Draft) -> Option<Fact> {
        let job = |job: u8| naming::job(&source(), &self.name, &format!("J{job}"));
        let fact = match draft {
            Draft::JobStarted { job: number, hours, own } => Employment::JobStarted(JobStarted {
                sector: if *own { Sector::SelfEmployed } else { Sector::Employed },
                ..JobStarted::employed(job(*number), minutes(*hours))
            }),
            Draft::JobChanged { job: number, hours } => Employment::JobChanged(JobChanged {
                job: job(*number).id,
                weekly_minutes: minutes(*hours),
                sector: Sector::Employed,
                reason: None,
            }),
            Draft::JobEnded { job: number } => Employment::JobEnded(JobEnded {
                job: job(*number).id,
                weekly_minutes: None,
                sector: Sector::Employed,
                reason: None,
            }),
            _ => return None,
        };
        Some(Fact::Employment(fact))
    }

    /// Corrections and claims: what is left.
    fn correction(&self, draft: &Draft, participation: ParticipationId) -> Fact {
        match draft {
            Draft::Claimed { step, rule } => Fact::Money(step(Claim {
                participation,
                rule: format!("rule-{rule}").into(),
                amount_pence: Some(100_000),
            })),
            Draft::Moved { target, days } => self.redate(*target, *days),
            Draft::Amended { target, choice } => {
                let choices = amendments();
                let from = usize::from(*choice) % choices.len();
                let mut turned = choices[from..].iter().chain(&choices[..from]);
                let amended = turned.find_map(|to| self.amend(*target, to));
                amended.unwrap_or_else(|| self.withdraw(*target))
            }
            Draft::Withdrawn { target } => self.withdraw(*target),
            _ => self.withdraw(0),
        }
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
        fact.can_be_amended(amendment).then(|| amended(target.id, amendment.clone()))
    }
}

fn amended(corrects: EventId, amendment: Amendment) -> Fact {
    let fact = FactAmended { corrects, amendment, reason: None };
    Fact::Correction(Correction::FactAmended(fact))
}

fn minutes(hours: u8) -> WeeklyMinutes {
    WeeklyMinutes::from_hours(u32::from(hours))
}

fn evidence(draft: &Draft, day: u16, name: &str) -> Option<Fact> {
    let day = u32::from(day);
    let after = |days: u16| days_after(first_day(), day + u32::from(days));
    let fact = match draft {
        Draft::Verified { job, covers } => Evidence::EmploymentVerified(EmploymentVerified {
            job: naming::job(&source(), name, &format!("J{job}")).id,
            method: Method::Payslip,
            covers_from: after(0),
            covers_to: after(*covers),
        }),
        Draft::Paid { scheme, kind, pence, qualifying } => {
            Evidence::EarningsReported(EarningsReported {
                statement_kind: *kind,
                scheme: format!("S{scheme}"),
                period_from: first_day(),
                period_to: first_day(),
                gross_pence: i64::from(*pence),
                qualifying: *qualifying,
            })
        }
        Draft::Benefit { lasts } => Evidence::BenefitObserved(BenefitObserved {
            benefit: "esa".to_owned(),
            observed_from: first_day(),
            observed_to: lasts.map(after),
        }),
        Draft::Consented(step) => {
            step(Consent { purpose: "employer_contact".to_owned(), method: None })
        }
        _ => return None,
    };
    Some(Fact::Evidence(fact))
}

/// One amendment for each field that something reads.
fn amendments() -> Vec<Amendment> {
    vec![
        Amendment::WeeklyMinutes(minutes(12)),
        Amendment::WeeklyMinutes(minutes(30)),
        Amendment::Sector(Sector::SelfEmployed),
        Amendment::CoversTo(days_after(first_day(), 200)),
        Amendment::Method(Method::SelfDeclaration),
        Amendment::GrossPence(50_000),
        Amendment::Qualifying(false),
        Amendment::AmountPence(70_000),
        Amendment::LocalAuthority(area(4)),
        Amendment::ReceivedOn(days_after(first_day(), 9)),
        Amendment::Provider("provider-7".to_owned()),
        Amendment::Group("jsa".to_owned()),
        Amendment::Severity(5),
        Amendment::Category("therapy".to_owned()),
        Amendment::Delivery(Delivery::InHouse),
        Amendment::Answer("2".to_owned()),
        Amendment::KeyWorker("worker-9".to_owned()),
        Amendment::BirthYear(1990),
        Amendment::Note("amended".to_owned()),
    ]
}
