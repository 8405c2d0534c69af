//! Earnings as a payroll feed brings them: a statement a month for each employed job, with the
//! feed's own later corrections. Only for programmes whose outcome is read from earnings.

use super::calendar::{Date, days_after, days_between, month_last, tax_year};
use super::figures::{
    FAR_END, NATIONAL_LIVING_WAGE, UNSEEN_BY_PAYROLL, UNSEEN_BY_PAYROLL_FEW_HOURS,
};
use super::funnel::Participation;
use super::people::Participant;
use super::sheets::File;
use super::source::{Delay, Source};
use super::work::Spell;

/// The days from the start of a participation to the end of its earnings window.
pub(super) const WINDOW_DAYS: u32 = 638;

/// What one statement added to the counted pay, in pence, and on which pay date.
pub(super) struct Paid {
    pub(super) on: Date,
    pub(super) pence: i64,
}

/// The pay of one job: whose, from which scheme, and how much is counted in the tax year so far.
struct Payroll<'a> {
    person: &'a str,
    scheme: String,
    tax_year: i32,
    pence_to_date: i64,
    paid: Vec<Paid>,
}

/// One statement as its row has it.
struct Statement {
    kind: &'static str,
    on: Date,
    period: (Date, Date),
    pence: i64,
    qualifying: bool,
}

/// Returns the pence an hour in force on a day; none before the first row.
pub(super) fn pence_an_hour(table: &[(Date, u32)], on: Date) -> Option<u32> {
    table.iter().rev().find(|(from, _)| *from <= on).map(|(_, pence)| *pence)
}

/// Tells the statements of a participation's employed jobs; what they added up to, by date.
pub(super) fn tell(
    source: &mut Source,
    participant: &Participant,
    participation: &Participation,
    start: Date,
    spells: &[Spell],
) -> Vec<Paid> {
    let mut paid = Vec::new();
    if !participation.programme.has_payroll_feed() {
        return paid;
    }
    for spell in spells.iter().filter(|spell| !spell.self_employed) {
        let few_hours = spell.weekly_minutes <= 12 * 60;
        let unseen = if few_hours { UNSEEN_BY_PAYROLL_FEW_HOURS } else { UNSEEN_BY_PAYROLL };
        if !source.chance.falls(unseen) {
            paid.append(&mut tell_job(source, &participant.reference, start, spell));
        }
    }
    paid.sort_by_key(|statement| statement.on);
    paid
}

fn tell_job(source: &mut Source, person: &str, start: Date, spell: &Spell) -> Vec<Paid> {
    let chance = &mut source.chance;
    let scheme = format!("9{:02}/AA{:05}", chance.below(20), chance.between(1, 4_000));
    let above_minimum = chance.weighted(&[(46, 0), (24, 25), (16, 80), (10, 200), (4, 500)]);
    let mut payroll = Payroll { person, scheme, tax_year: 0, pence_to_date: 0, paid: Vec::new() };
    let last = spell.ends.min(days_after(start, WINDOW_DAYS + 40)).min(FAR_END);
    let mut from = spell.starts.max(start);
    while from <= last {
        let on = month_last(from);
        let until = on.min(spell.ends);
        if on > FAR_END {
            break;
        }
        let hourly = pence_an_hour(NATIONAL_LIVING_WAGE, on).unwrap_or(650) + above_minimum;
        let pence = gross_pence(source, spell, hourly, (from, until));
        let qualifying = !source.chance.falls(14);
        let statement =
            Statement { kind: "original", on, period: (from, until), pence, qualifying };
        tell_statement(source, &mut payroll, &statement);
        if qualifying {
            correct(source, &mut payroll, &statement);
        }
        from = days_after(on, 1);
    }
    payroll.paid
}

/// Hours x rate x weeks, a little more or less than that from month to month.
fn gross_pence(
    source: &mut Source,
    spell: &Spell,
    hourly: u32,
    (from, until): (Date, Date),
) -> i64 {
    let days = i64::from(days_between(from, until) + 1);
    let weekly_minutes = i64::from(spell.weekly_minutes_on(until));
    let percent = i64::from(source.chance.weighted(&[(70, 100), (10, 90), (8, 80), (12, 110)]));
    weekly_minutes * i64::from(hourly) * days * percent / (7 * 60 * 100)
}

/// Now and then the feed puts a statement right: by the difference, or by a new total for the
/// tax year. Both come before the next month's statement.
fn correct(source: &mut Source, payroll: &mut Payroll, original: &Statement) {
    let (kind, days) = match source.chance.below(1_000) {
        0..22 => ("delta", source.chance.between(5, 25)),
        22..37 => ("year_to_date", source.chance.between(5, 25)),
        _ => return,
    };
    let on = days_after(original.on, days);
    let share = i64::from(source.chance.between(2, 18));
    let less = source.chance.falls(550);
    let difference = original.pence * if less { -share } else { share } / 100;
    let statement =
        |pence| Statement { kind, on, period: original.period, pence, qualifying: true };
    if kind == "delta" && difference != 0 {
        tell_statement(source, payroll, &statement(difference));
    } else if kind == "year_to_date" && tax_year(on) == tax_year(original.on) {
        let total = (payroll.pence_to_date + difference).max(0);
        tell_statement(source, payroll, &statement(total));
    }
}

fn tell_statement(source: &mut Source, payroll: &mut Payroll, statement: &Statement) {
    let Statement { kind, on, period, pence, qualifying } = statement;
    let cells = [
        payroll.person,
        kind,
        &payroll.scheme,
        &period.0.to_string(),
        &period.1.to_string(),
        &pence.to_string(),
        if *qualifying { "true" } else { "false" },
    ];
    let told = source.tell(File::Earnings, *on, Delay::Payroll, &cells);
    if told.is_none() || !qualifying {
        return;
    }
    if payroll.tax_year != tax_year(*on) {
        payroll.tax_year = tax_year(*on);
        payroll.pence_to_date = 0;
    }
    let added = if *kind == "year_to_date" { pence - payroll.pence_to_date } else { *pence };
    payroll.pence_to_date += added;
    payroll.paid.push(Paid { on: *on, pence: added });
}
