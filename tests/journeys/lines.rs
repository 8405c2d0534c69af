//! The line language of the golden journeys: one line, one fact. `README.md` beside this file is
//! its manual; this is what turns the lines into facts, for tests of every kind.

use chrono::NaiveDate;
use waystage_core::id::{EventId, ProgrammeId, RuleId, Source};
use waystage_core::journey::code::GssCode;
use waystage_core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::employment::{
    Employment, JobChanged, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage_core::journey::entry::{
    Destination, Entry, GroupChanged, Marked, ParticipationType, Referred, Transferred,
};
use waystage_core::journey::evidence::{
    EarningsReported, EmploymentVerified, Evidence, Method, StatementKind,
};
use waystage_core::journey::money::{Claim, Money};
use waystage_core::journey::support::Support;
use waystage_core::journey::{Fact, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::naming;

/// The home at referral, where a line names none: Bolton.
const HOME: &str = "E08000001";

/// One person, whose facts are told by a source of their own.
pub(crate) struct Person {
    /// What the person is called.
    pub(crate) name: String,
    /// The programme of a referral that names none.
    pub(crate) programme: String,
}

/// One line: a fact, when it happened and when it was told.
pub(crate) struct Line {
    /// The day on which it happened.
    pub(crate) on: NaiveDate,
    /// When its source says that it knew.
    pub(crate) told: Timestamp,
    /// When the store witnessed it; where a line does not say, when it was told.
    pub(crate) stored: Timestamp,
    /// Its name at the source.
    pub(crate) sourced: Sourced,
    /// The event that it becomes.
    pub(crate) id: EventId,
    /// What it says.
    pub(crate) fact: Fact,
}

/// A line before what it says is read: corrections name other lines.
struct Heard<'a> {
    on: NaiveDate,
    told: Timestamp,
    stored: Timestamp,
    sourced: Sourced,
    words: Vec<&'a str>,
}

impl Person {
    /// Returns the person's source.
    pub(crate) fn source(&self) -> Source {
        Source::from(format!("golden:{}", self.name))
    }

    /// Reads lines of facts; what stands after `#` is for people.
    pub(crate) fn read(&self, text: &str) -> Vec<Line> {
        let heard: Vec<Heard<'_>> = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default())
            .filter(|line| !line.trim().is_empty())
            .map(|line| self.hear(line))
            .collect();
        let event = |reference: &str| {
            let named = |each: &&Heard<'_>| each.sourced.reference.as_str() == reference;
            let target = heard.iter().find(named);
            let target = target.unwrap_or_else(|| panic!("no line is called {reference}"));
            naming::event(&target.sourced, target.told)
        };
        heard
            .iter()
            .map(|each| Line {
                on: each.on,
                told: each.told,
                stored: each.stored,
                sourced: each.sourced.clone(),
                id: naming::event(&each.sourced, each.told),
                fact: self.fact(each.on, &each.words, &event),
            })
            .collect()
    }

    fn hear<'a>(&self, line: &'a str) -> Heard<'a> {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let mut ending = |marker: &str| match words.as_slice() {
            [.., at, when] if *at == marker => {
                let when = instant(when);
                words.truncate(words.len() - 2);
                Some(when)
            }
            _ => None,
        };
        let stored = ending("stored");
        let told = ending("told");
        let [on, reference, ..] = words[..] else {
            panic!("a line is a day, a name and what happened: {line:?}");
        };
        let told = told.unwrap_or_else(|| instant(on));
        Heard {
            on: day(on),
            told,
            stored: stored.unwrap_or(told),
            sourced: Sourced { source: self.source(), reference: reference.into() },
            words: words.split_off(2),
        }
    }

    fn fact(&self, on: NaiveDate, words: &[&str], event: &dyn Fn(&str) -> EventId) -> Fact {
        match words {
            ["job", job, rest @ ..] => self.job(job, Sector::Employed, rest),
            ["business", job, rest @ ..] => self.job(job, Sector::SelfEmployed, rest),
            ["earns", gross, rest @ ..] => statement(on, StatementKind::Original, gross, rest),
            ["difference", gross, rest @ ..] => statement(on, StatementKind::Delta, gross, rest),
            ["year-to-date", gross, rest @ ..] => {
                statement(on, StatementKind::YearToDate, gross, rest)
            }
            ["withdraws", target] => Fact::Correction(Correction::FactWithdrawn(FactWithdrawn {
                corrects: event(target),
                reason: None,
            })),
            ["amends", target, field, value] => {
                Fact::Correction(Correction::FactAmended(FactAmended {
                    corrects: event(target),
                    amendment: amendment(field, value),
                    reason: None,
                }))
            }
            [step @ .., "as", participation] => self.step(on, step, participation),
            step => self.step(on, step, "P1"),
        }
    }

    fn step(&self, on: NaiveDate, words: &[&str], reference: &str) -> Fact {
        let named = naming::participation(&self.source(), reference);
        let participation = named.id;
        let marked = Marked { participation, note: None };
        let referred = |programme: &str, home: &str, group: Option<&str>| {
            Fact::Entry(Entry::Referred(Referred {
                participation: named.clone(),
                programme: ProgrammeId::from(programme),
                received_on: on,
                referrer: None,
                participation_type: ParticipationType::Voluntary,
                group: group.map(str::to_owned),
                provider: "provider".to_owned(),
                local_authority: area(home),
            }))
        };
        match words {
            ["referred"] => referred(&self.programme, HOME, None),
            ["referred", "from", home] => referred(&self.programme, home, None),
            ["referred", "to", programme] => referred(programme, HOME, None),
            ["referred", "to", programme, "in", group] => referred(programme, HOME, Some(*group)),
            ["referred", "in", group] => referred(&self.programme, HOME, Some(*group)),
            ["changes", "to", "group", group] => Fact::Entry(Entry::GroupChanged(GroupChanged {
                participation,
                group: (*group).to_owned(),
            })),
            ["acknowledged"] => Fact::Entry(Entry::ReferralAcknowledged(marked)),
            ["not-started"] => Fact::Entry(Entry::NotStarted(marked)),
            ["started"] => Fact::Entry(Entry::Started(marked)),
            ["rejoined"] => Fact::Entry(Entry::Rejoined(marked)),
            ["moves", "to", home] => Fact::Entry(Entry::Transferred(Transferred {
                participation,
                to: Destination::Area(area(home)),
            })),
            ["completed"] => Fact::Support(Support::Completed(marked)),
            ["exited"] => Fact::Support(Support::Exited(marked)),
            ["claims", rule] => Fact::Money(Money::ClaimSubmitted(Claim {
                participation,
                rule: RuleId::from(rule),
                amount_pence: None,
            })),
            _ => panic!("nothing happens that is written so: {}", words.join(" ")),
        }
    }

    fn job(&self, reference: &str, sector: Sector, words: &[&str]) -> Fact {
        let job = naming::job(&self.source(), &self.name, reference);
        match words {
            ["starts", hours] => Fact::Employment(Employment::JobStarted(JobStarted {
                job,
                weekly_minutes: minutes(hours),
                sector,
                reason: None,
            })),
            ["changes", "to", hours] => Fact::Employment(Employment::JobChanged(JobChanged {
                job: job.id,
                weekly_minutes: minutes(hours),
                sector,
                reason: None,
            })),
            ["ends"] => Fact::Employment(Employment::JobEnded(JobEnded {
                job: job.id,
                weekly_minutes: None,
                sector,
                reason: None,
            })),
            ["verified", from, "to", to] => {
                Fact::Evidence(Evidence::EmploymentVerified(EmploymentVerified {
                    job: job.id,
                    method: Method::Payslip,
                    covers_from: day(from),
                    covers_to: day(to),
                }))
            }
            _ => panic!("no job does this: {}", words.join(" ")),
        }
    }
}

fn statement(on: NaiveDate, kind: StatementKind, gross: &str, words: &[&str]) -> Fact {
    let (scheme, qualifying) = match words {
        [] => ("main", true),
        ["non-qualifying"] => ("main", false),
        ["from", scheme] => (*scheme, true),
        _ => panic!("no statement says this: {}", words.join(" ")),
    };
    Fact::Evidence(Evidence::EarningsReported(EarningsReported {
        statement_kind: kind,
        scheme: scheme.to_owned(),
        period_from: on,
        period_to: on,
        gross_pence: pence(gross),
        qualifying,
    }))
}

fn amendment(field: &str, value: &str) -> Amendment {
    match field {
        "on" => Amendment::On(day(value)),
        "group" => Amendment::Group(value.to_owned()),
        "hours" => Amendment::WeeklyMinutes(minutes(value)),
        "sector" => Amendment::Sector(Sector::parse(value).expect("a sector")),
        "gross" => Amendment::GrossPence(pence(value)),
        "qualifying" => Amendment::Qualifying(value.parse().expect("true or false")),
        "covers-to" => Amendment::CoversTo(day(value)),
        _ => panic!("no line amends {field}"),
    }
}

/// Reads a day.
pub(crate) fn day(text: &str) -> NaiveDate {
    let day = text.parse();
    day.unwrap_or_else(|_| panic!("{text:?} is not a day"))
}

/// Reads an instant; a day alone is its noon, UTC.
pub(crate) fn instant(text: &str) -> Timestamp {
    let instant =
        if text.contains('T') { text.parse() } else { format!("{text}T12:00:00Z").parse() };
    instant.unwrap_or_else(|_| panic!("{text:?} is not an instant"))
}

fn area(text: &str) -> GssCode {
    GssCode::parse(text).unwrap_or_else(|| panic!("{text:?} is not an area"))
}

/// Reads hours a week: `16h`, `7h30`.
fn minutes(text: &str) -> WeeklyMinutes {
    let (hours, rest) = text.split_once('h').expect("hours are written 16h");
    let rest = if rest.is_empty() { "0" } else { rest };
    let number = |text: &str| text.parse::<u32>().expect("a number of hours");
    WeeklyMinutes(number(hours) * 60 + number(rest))
}

/// Reads pounds and pence: `300.00`, `-10.00`.
fn pence(text: &str) -> i64 {
    let (pounds, rest) = text.split_once('.').expect("money is written 300.00");
    assert_eq!(rest.len(), 2, "money is written 300.00");
    format!("{pounds}{rest}").parse().expect("pounds and pence")
}
