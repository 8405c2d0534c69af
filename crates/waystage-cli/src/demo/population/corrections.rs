//! Rows put right later: dates, hours, severities and the like amended, rows withdrawn, and a
//! few corrections withdrawn in turn. What a row may be corrected to follows from its file.

use super::calendar::{Date, days_after, days_before};
use super::chance::Chance;
use super::figures::{
    CORRECTED_ROWS, CORRECTED_ROWS_OF_WORK, GREATER_MANCHESTER, WITHDRAWN_CORRECTIONS,
};
use super::programmes::PROGRAMMES;
use super::sheets::{File, Row};
use super::source::{Delay, Source};

/// What is wrong with a row.
enum Slip {
    Withdraw { reason: &'static str },
    Amend { field: &'static str, value: String, reason: &'static str },
}

/// Corrects a row that was just told, in a few cases.
pub(super) fn perhaps(source: &mut Source, row: &Row, cells: &[&str]) {
    let permille = match row.file {
        File::Referrals | File::Jobs | File::Earnings => CORRECTED_ROWS_OF_WORK,
        _ => CORRECTED_ROWS,
    };
    if !source.chance.falls(permille) {
        return;
    }
    let Some(slip) = slip_of(&mut source.chance, row, cells) else {
        return;
    };
    let Some(correction) = correct(source, row, &slip) else {
        return;
    };
    if source.chance.falls(WITHDRAWN_CORRECTIONS) {
        let reason = "the first record was right";
        let Some(second) = correct(source, &correction, &Slip::Withdraw { reason }) else {
            return;
        };
        if source.chance.falls(250) {
            let reason = "withdrawn in error";
            correct(source, &second, &Slip::Withdraw { reason });
        }
    } else if source.chance.falls(80)
        && let Some(again) = slip_of(&mut source.chance, row, cells)
    {
        correct(source, row, &again);
    }
}

/// Writes a correction some time after the row was reported.
fn correct(source: &mut Source, target: &Row, slip: &Slip) -> Option<Row> {
    let days = source.chance.banded(&[(45, (1, 14)), (40, (15, 75)), (15, (76, 300))]);
    let on = days_after(target.reported.date, days);
    let reference = target.reference();
    let cells = match slip {
        Slip::Withdraw { reason } => [reference.as_str(), "withdraw", "", "", reason],
        Slip::Amend { field, value, reason } => {
            [reference.as_str(), "amend", field, value.as_str(), reason]
        }
    };
    source.write(File::Corrections, on, on, Delay::Prompt, &cells)
}

/// Draws what is wrong with a row; nothing where a file has nothing that is often wrong.
fn slip_of(chance: &mut Chance, row: &Row, cells: &[&str]) -> Option<Slip> {
    match row.file {
        File::Participants => Some(of_participant(chance, cells)),
        File::Referrals => of_referral(chance, row, cells),
        File::Progress => Some(of_progress(chance, row, cells)),
        File::Assessments => of_answer(chance, cells),
        File::Needs => of_need(chance, cells),
        File::Interventions => Some(other_day(chance, row, "keyed on the wrong day")),
        File::Jobs => Some(of_job(chance, row, cells)),
        File::Evidence => Some(of_evidence(cells)),
        File::Earnings => Some(of_statement(chance, cells)),
        File::Benefits => Some(Slip::Withdraw { reason: "seen on another person's record" }),
        File::Corrections | File::Claims => None,
    }
}

fn amend(field: &'static str, value: &str, reason: &'static str) -> Slip {
    Slip::Amend { field, value: value.to_owned(), reason }
}

/// Some days earlier, or a little later where the row had already been reported by then.
fn other_day(chance: &mut Chance, row: &Row, reason: &'static str) -> Slip {
    let later = days_after(row.on, chance.between(1, 6));
    let on: Date = if later <= row.reported.date && chance.falls(500) {
        later
    } else {
        days_before(row.on, chance.between(1, 14))
    };
    amend("on", &on.to_string(), reason)
}

fn of_participant(chance: &mut Chance, cells: &[&str]) -> Slip {
    match cells {
        [.., qualification, home] if home.starts_with("E08") && chance.falls(670) => {
            let other = chance.weighted(GREATER_MANCHESTER);
            if other == *home {
                amend("qualification", other_than(qualification), "certificate seen")
            } else {
                amend("local_authority", other, "home address was out of date")
            }
        }
        [.., qualification, _] => {
            amend("qualification", other_than(qualification), "certificate seen")
        }
        _ => Slip::Withdraw { reason: "entered on the wrong record" },
    }
}

fn other_than(qualification: &str) -> &'static str {
    if qualification == "level2" { "level1" } else { "level2" }
}

fn of_referral(chance: &mut Chance, row: &Row, cells: &[&str]) -> Option<Slip> {
    let [_, _, programme, _, _, _, group, ..] = cells else {
        return None;
    };
    let (_, programme) = PROGRAMMES.iter().find(|(_, known)| known.id == *programme)?;
    let other = chance.weighted(programme.groups);
    if other != *group && chance.falls(500) {
        return Some(amend("group", other, "referred under the wrong group"));
    }
    let on = days_before(row.on, chance.between(1, 10)).to_string();
    Some(amend("on", &on, "date of the referral letter"))
}

fn of_progress(chance: &mut Chance, row: &Row, cells: &[&str]) -> Slip {
    match cells {
        [_, "started", _] => other_day(chance, row, "start date keyed from the wrong meeting"),
        [_, "paused" | "better_off" | "action_plan", _] if chance.falls(250) => {
            Slip::Withdraw { reason: "entered on the wrong record" }
        }
        [_, "key_worker", wrong] if chance.falls(600) => {
            let drawn = format!("KW{:03}", chance.between(1, 179));
            let right = if drawn == *wrong { "KW180" } else { &drawn };
            amend("detail", right, "wrong key worker chosen from the list")
        }
        _ => other_day(chance, row, "keyed on the wrong day"),
    }
}

fn of_answer(chance: &mut Chance, cells: &[&str]) -> Option<Slip> {
    let [_, _, "swemwbs", _, _, _, value] = cells else {
        return None;
    };
    let answer = chance.one_of(&["1", "2", "3", "4", "5"]);
    (answer != *value).then(|| amend("value", answer, "answer misread"))
}

fn of_need(chance: &mut Chance, cells: &[&str]) -> Option<Slip> {
    let severity: u32 = cells.get(2)?.parse().ok()?;
    let step = chance.between(1, 2);
    let other = if severity > step { severity - step } else { severity + step };
    Some(amend("severity", &other.to_string(), "scored on the old form"))
}

fn of_job(chance: &mut Chance, row: &Row, cells: &[&str]) -> Slip {
    match cells {
        [_, _, "ended", ..] if chance.falls(80) => {
            Slip::Withdraw { reason: "still employed, payslip seen" }
        }
        [_, _, "ended", ..] => other_day(chance, row, "last day worked confirmed by employer"),
        [_, _, "started", ..] if chance.falls(70) => {
            Slip::Withdraw { reason: "employer has no record of the job" }
        }
        [_, _, _, hours, ..] if chance.falls(550) => {
            let other = chance.one_of(&["7.5", "12", "16", "18.5", "20", "24", "30", "37.5"]);
            let other = if other == *hours { "22" } else { other };
            amend("weekly_hours", other, "hours on the contract")
        }
        _ => other_day(chance, row, "start confirmed by payslip"),
    }
}

fn of_evidence(cells: &[&str]) -> Slip {
    match cells {
        [_, _, "payslip", ..] => amend("method", "employer_letter", "letter filed as a payslip"),
        _ => amend("method", "payslip", "payslip filed as something else"),
    }
}

fn of_statement(chance: &mut Chance, cells: &[&str]) -> Slip {
    let pence = cells.get(5).and_then(|pence| pence.parse::<i64>().ok()).unwrap_or(0);
    match chance.below(10) {
        0..5 if pence > 0 => {
            let percent = i64::from(chance.one_of(&[50, 85, 95, 104, 110]));
            amend("gross_pence", &(pence * percent / 100).to_string(), "employer resent the month")
        }
        5..8 if cells.last() == Some(&"true") => {
            amend("qualifying", "false", "pay in lieu from an earlier job")
        }
        _ => Slip::Withdraw { reason: "statement belonged to another person" },
    }
}
