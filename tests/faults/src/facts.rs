//! The facts that lives are made of: what somebody has to be recorded with, and one of whatever can
//! happen to them.

use chrono::NaiveDate;
use waystage_core::calendar::days_after;
use waystage_core::id::{JobId, Named, ParticipationId};
use waystage_core::journey::Fact;
use waystage_core::journey::code::GssCode;
use waystage_core::journey::diagnostic::{Diagnostic, NeedIdentified};
use waystage_core::journey::employment::{
    Employment, JobChanged, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage_core::journey::entry::{
    CharacteristicsRecorded, Destination, Entry, Marked, Referred, Transferred,
};
use waystage_core::journey::evidence::{
    BenefitObserved, EarningsReported, EmploymentVerified, Evidence, Method, StatementKind,
};
use waystage_core::journey::money::{Claim, Money};
use waystage_core::journey::support::{
    ContactMade, Delivery, Intervention, KeyWorkerAssigned, Support,
};
use waystage_store::naming;

use crate::Chance;
use crate::lives::source;

/// Programmes, each with the first day of the referrals here, and rules that are claimed for.
const PROGRAMMES: [(&str, &str, [&str; 2]); 5] = [
    ("working-well-pilot", "2014-06-02", ["job-start", "sustained-12-months"]),
    ("work-programme", "2014-02-03", ["job-start", "job-outcome-13-weeks"]),
    ("working-well-expansion", "2016-05-02", ["job-start", "sustained-12-months"]),
    ("whp-national", "2018-02-05", ["job-start", "job-outcome"]),
    ("restart", "2021-07-05", ["job-start", "job-outcome"]),
];

/// Returns in how many programmes somebody is.
pub(crate) const fn participations(person: u64) -> u64 {
    1 + person % 3
}

fn programme(person: u64, number: u64) -> (&'static str, NaiveDate, [&'static str; 2]) {
    let at = usize::try_from((person / 3 + number) % 5).unwrap();
    let (programme, first, rules) = PROGRAMMES[at];
    let ahead = u32::try_from(person * 37 % 400).unwrap();
    (programme, days_after(first.parse().unwrap(), ahead), rules)
}

/// Returns the day of somebody's referral to one of their programmes.
pub(crate) fn referred_on(person: u64, number: u64) -> NaiveDate {
    programme(person, number).1
}

fn participation(name: &str, number: u64) -> Named<ParticipationId> {
    naming::participation(&source(), &format!("{name}/R{number}"))
}

fn job(name: &str, number: u32) -> Named<JobId> {
    naming::job(&source(), name, &format!("J{number}"))
}

fn area(number: u64) -> GssCode {
    GssCode::parse(&format!("E0800000{}", 1 + number % 9)).unwrap()
}

/// Returns what everything else about somebody rests on, with their references and days.
pub(crate) fn needed(person: u64, name: &str) -> Vec<(String, NaiveDate, Fact)> {
    let first = referred_on(person, 0);
    let characteristics = CharacteristicsRecorded {
        participant_ref: name.into(),
        birth_year: u16::try_from(1950 + person % 50).unwrap(),
        sex: None,
        qualification: None,
        local_authority: area(person),
    };
    let known = Entry::CharacteristicsRecorded(characteristics).into();
    let mut needed = vec![("CL".to_owned(), first, known)];
    for number in 0..participations(person) {
        let (programme, on, _) = programme(person, number);
        let participation = participation(name, number);
        let mut referred = Referred::to(programme, participation, on, area(person + number));
        referred.provider = format!("provider-{}", person % 3);
        needed.push((format!("R{number}"), on, Entry::Referred(referred).into()));
    }
    needed
}

/// Returns something that happens on a day, and the job that has to be recorded before, if any.
pub(crate) fn any(
    chance: &mut Chance,
    (person, number): (u64, u64),
    name: &str,
    day: NaiveDate,
) -> (Option<(u32, Fact)>, Fact) {
    let of = participation(name, number).id;
    match chance.below(10) {
        0 | 1 => (None, entry(chance, of)),
        2 | 3 => (None, support(chance, (of, name))),
        4..=6 => at_work(chance, name, day),
        7 => (None, earnings(chance, day)),
        8 => (None, benefit_or_need(chance, of, day)),
        _ => (None, claim(chance, of, programme(person, number).2)),
    }
}

fn entry(chance: &mut Chance, of: ParticipationId) -> Fact {
    let marked = Marked::of(of);
    let entry = match chance.below(9) {
        0..=3 => Entry::Started(marked),
        4 | 5 => Entry::ReferralAcknowledged(marked),
        6 => Entry::NotStarted(marked),
        7 => Entry::Rejoined(marked),
        _ => {
            let to = Destination::Provider(format!("provider-{}", chance.below(4)));
            Entry::Transferred(Transferred { participation: of, to })
        }
    };
    entry.into()
}

fn support(chance: &mut Chance, (of, name): (ParticipationId, &str)) -> Fact {
    let marked = Marked::of(of);
    let number = chance.below(3);
    let intervention = Intervention {
        participation: of,
        intervention: naming::intervention(&source(), &format!("{name}/I{number}")),
        category: ["skills", "health", "debt"][usize::try_from(number).unwrap()].to_owned(),
        delivery: Delivery::InHouse,
        provider: None,
    };
    let key_worker = format!("worker-{}", chance.below(5));
    let support = match chance.below(12) {
        0 | 1 => Support::KeyWorkerAssigned(KeyWorkerAssigned { participation: of, key_worker }),
        2 => {
            let channel = "phone".to_owned();
            Support::ContactMade(ContactMade { participation: of, channel, purpose: None })
        }
        3 => Support::InterventionRecommended(intervention),
        4 => Support::InterventionWaitListed(intervention),
        5 => Support::InterventionStarted(intervention),
        6 => Support::InterventionCompleted(intervention),
        7 => Support::InterventionDeclined(intervention),
        8 => Support::Paused(marked),
        9 => Support::Resumed(marked),
        10 => Support::Completed(marked),
        _ => Support::Exited(marked),
    };
    support.into()
}

/// Returns something about a job, and the start of that job.
fn at_work(chance: &mut Chance, name: &str, day: NaiveDate) -> (Option<(u32, Fact)>, Fact) {
    let number = u32::try_from(chance.below(3)).unwrap();
    let job = job(name, number);
    let id = job.id;
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(16 + number));
    let sector = Sector::Employed;
    let weekly_minutes = WeeklyMinutes::from_hours(u32::try_from(chance.below(40)).unwrap());
    let fact: Fact = match chance.below(5) {
        0 | 1 => {
            let covers_to = days_after(day, u32::try_from(chance.below(120)).unwrap());
            let (method, covers_from) = (Method::Payslip, day);
            let verified = EmploymentVerified { job: id, method, covers_from, covers_to };
            Evidence::EmploymentVerified(verified).into()
        }
        2 | 3 => {
            let changed = JobChanged { job: id, weekly_minutes, sector, reason: None };
            Employment::JobChanged(changed).into()
        }
        _ => {
            let ended = JobEnded { job: id, weekly_minutes: None, sector, reason: None };
            Employment::JobEnded(ended).into()
        }
    };
    (Some((number, Employment::JobStarted(start).into())), fact)
}

fn earnings(chance: &mut Chance, day: NaiveDate) -> Fact {
    let kinds = [StatementKind::Original, StatementKind::Delta, StatementKind::YearToDate];
    let statement_kind = kinds[usize::try_from(chance.below(3)).unwrap()];
    let reported = EarningsReported {
        statement_kind,
        scheme: format!("S{}", chance.below(2)),
        period_from: day,
        period_to: days_after(day, 30),
        gross_pence: i64::try_from(chance.below(200_000)).unwrap(),
        qualifying: chance.below(4) > 0,
    };
    Evidence::EarningsReported(reported).into()
}

fn benefit_or_need(chance: &mut Chance, of: ParticipationId, day: NaiveDate) -> Fact {
    if chance.below(2) == 0 {
        let observed_to = (chance.below(2) == 0).then(|| days_after(day, 90));
        let benefit = ["esa", "uc", "jsa"][usize::try_from(chance.below(3)).unwrap()].to_owned();
        return Evidence::BenefitObserved(BenefitObserved {
            benefit,
            observed_from: day,
            observed_to,
        })
        .into();
    }
    let severity = u8::try_from(chance.below(7)).unwrap();
    let need = NeedIdentified { participation: of, category: "debt".to_owned(), severity };
    Diagnostic::NeedIdentified(need).into()
}

fn claim(chance: &mut Chance, of: ParticipationId, rules: [&str; 2]) -> Fact {
    let claim = Claim {
        participation: of,
        rule: rules[usize::try_from(chance.below(2)).unwrap()].into(),
        amount_pence: Some(i64::try_from(chance.below(400_000)).unwrap()),
    };
    let money = match chance.below(5) {
        0 | 1 => Money::ClaimSubmitted(claim),
        2 => Money::ClaimPaid(claim),
        3 => Money::ClaimFailed(claim),
        _ => Money::ClaimClawedBack(claim),
    };
    money.into()
}
