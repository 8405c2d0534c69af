//! What a pack may be missing: gaps between what it says and what it needs, days far off, tables
//! that end before the programme does. None of it refuses anything.

use chrono::{Datelike, NaiveDate};
use waystage_core::calendar::days_after;
use waystage_core::programme::{GateTest, JudgedBy, Programme, Programmes, Terms};
use waystage_core::rules::RateAsOf;

use crate::warning::Concern;

/// Years after the last referral after which a version can hardly be meant.
const YEARS_AFTER: i32 = 10;
/// The year after which a version can hardly be meant, where referrals have no end.
const YEAR_MAX: i32 = 2050;
/// Days for which the last rate of a table is taken to hold: rates are announced every year.
const RATE_HOLDS: u32 = 730;

/// Returns what is worth a second look about a programme among others and the tables in force.
pub(crate) fn weigh(programme: &Programme, all: &Programmes) -> Vec<Concern> {
    let mut concerns = Vec::new();
    late_rules(programme, &mut concerns);
    late_fees(programme, &mut concerns);
    far_days(programme, &mut concerns);
    short_tables(programme, all, &mut concerns);
    strangers(programme, all, &mut concerns);
    concerns
}

/// Rules whose first version begins after referrals do: who comes before is not met by anything.
fn late_rules(programme: &Programme, concerns: &mut Vec<Concern>) {
    let Some(opens) = programme.referrals_from else { return };
    for rule in &programme.rules {
        let by_entry = matches!(rule.judged_by, JudgedBy::Referral | JudgedBy::Start);
        let Some(first) = rule.versions.first().map(|version| version.effective_from) else {
            continue;
        };
        if by_entry && opens < first {
            let rule = rule.id.to_string();
            concerns.push(Concern::RuleBeginsLate { rule, first, opens });
        }
    }
}

/// Fees that begin after the rule that they pay for.
fn late_fees(programme: &Programme, concerns: &mut Vec<Concern>) {
    for fee in &programme.fees {
        let rule = programme.rule(&fee.on).and_then(|rule| rule.versions.first());
        let pays = rule.zip(fee.versions.first());
        if let Some((rule, fee_from)) = pays
            && rule.effective_from < fee_from.effective_from
        {
            concerns.push(Concern::FeeBeginsLate {
                fee: fee.on.to_string(),
                first: fee_from.effective_from,
                rule: rule.effective_from,
            });
        }
    }
}

/// Versions far in the future.
fn far_days(programme: &Programme, concerns: &mut Vec<Concern>) {
    let limit = programme.referrals_until.map_or(YEAR_MAX, |until| until.year() + YEARS_AFTER);
    let rules = programme.rules.iter().flat_map(|rule| {
        let days = rule.versions.iter().map(|version| version.effective_from);
        days.map(|day| (format!("rule {:?}", rule.id.as_str()), day))
    });
    let fees = programme.fees.iter().flat_map(|fee| {
        let days = fee.versions.iter().map(|version| version.effective_from);
        days.map(|day| (format!("the fee on {:?}", fee.on.as_str()), day))
    });
    let far = rules.chain(fees).filter(|(_, day)| limit < day.year());
    concerns.extend(far.map(|(what, day)| Concern::FarOff { what, day }));
}

/// Rates and calendars that end before the programme does.
fn short_tables(programme: &Programme, all: &Programmes, concerns: &mut Vec<Concern>) {
    let Some(closes) = programme.referrals_until else { return };
    for rule in &programme.rules {
        for version in &rule.versions {
            let Terms::Earnings(terms) = &version.terms else { continue };
            let table = all.rates.get(&terms.rate_table);
            let Some(last) = table.and_then(|table| table.rows.last()) else { continue };
            let needed = match terms.rate_as_of {
                RateAsOf::Start => closes,
                RateAsOf::FirstPayment | RateAsOf::Outcome => days_after(closes, terms.window_days),
            };
            let concern = Concern::RatesEnd {
                rule: rule.id.to_string(),
                table: terms.rate_table.to_string(),
                last: last.effective_from,
                needed,
            };
            let is_short = days_after(last.effective_from, RATE_HOLDS) < needed;
            if is_short && !concerns.contains(&concern) {
                concerns.push(concern);
            }
        }
    }
    let calendar = programme.calendar.as_ref().and_then(|id| all.calendars.get(id));
    if let Some(calendar) = calendar
        && let Some(last) = calendar.days.last()
        && year_end(*last) < closes
    {
        let calendar = calendar.id.to_string();
        concerns.push(Concern::CalendarEnds { calendar, last: *last, closes });
    }
}

fn year_end(day: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), 12, 31).unwrap_or(day)
}

/// Programmes that gates name and nobody has, and areas without a name.
fn strangers(programme: &Programme, all: &Programmes, concerns: &mut Vec<Concern>) {
    for gate in &programme.provision.gates {
        let (GateTest::NeverStarted { programmes } | GateTest::NotAtOnceWith { programmes }) =
            &gate.test
        else {
            continue;
        };
        let strange = programmes.iter().filter(|id| **id != programme.id && all.get(id).is_none());
        concerns.extend(strange.map(|id| Concern::GateOfAStranger {
            gate: gate.id.clone(),
            programme: id.to_string(),
        }));
    }
    let is_named = |code| all.geographies.values().any(|geography| geography.knows(code));
    let unnamed = programme.areas.iter().filter(|code| !is_named(**code));
    if !all.geographies.is_empty() {
        concerns.extend(unnamed.map(|code| Concern::AreaWithoutName { code: code.to_string() }));
    }
}
