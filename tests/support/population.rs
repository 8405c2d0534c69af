//! A mid-size extract, made by plain loops: the same every time.

use std::fs;
use std::path::Path;

use waystage_programmes::{bundled_packs, bundled_tables};

use crate::texts::Texts;

/// How many participants there are. It is no multiple of the batches that tests use.
pub(crate) const PARTICIPANTS: usize = 300;

/// Returns the day that is so many days into the population's history, in thirty-day months.
fn day(days: usize) -> String {
    let (year, month, day) = (2015 + days / 360, days / 30 % 12 + 1, days % 28 + 1);
    format!("{year}-{month:02}-{day:02}")
}

/// Returns the extract: every row is acceptable, and no two share a `ref`.
pub(crate) fn population() -> Texts {
    population_of(PARTICIPANTS)
}

/// As [`population`], of so many participants.
pub(crate) fn population_of(participants: usize) -> Texts {
    let mut texts = Texts::default();
    for number in 0..participants {
        of_one(&mut texts, number);
    }
    texts
}

fn of_one(texts: &mut Texts, number: usize) {
    let start = day(number % 300);
    let told = format!("{start}T09:{:02}:00+01:00", number % 60);
    let later = day(number % 300 + 400);
    let told_later = format!("{later}T12:00:00Z");
    let head = |kind: &str| format!("{kind}{number},{start},{told}");
    let late = |kind: &str| format!("{kind}{number},{later},{told_later}");
    let (person, place, job) = (format!("P{number}"), format!("W{number}"), format!("J{number}"));
    let row = format!("{},{person},{},F,level2,E08000003", head("CL"), 1950 + number % 50);
    texts.push("participants.csv", &row);
    let row = format!(
        "{},{person},{place},working-well-pilot,{start},jobcentre,voluntary,esa_wrag,ingeus,\
         E0800000{}",
        head("RF"),
        1 + number % 9
    );
    texts.push("referrals.csv", &row);
    texts.push("progress.csv", &format!("{},{place},started,", head("PG")));
    texts.push("needs.csv", &format!("{},{place},debt,{}", head("ND"), number % 7));
    if number.is_multiple_of(3) {
        let row = format!("{},{person},{job},started,{}.5,employed,", head("JB"), 10 + number % 20);
        texts.push("jobs.csv", &row);
        let row = format!("{},{person},{job},payslip,{start},{later}", late("EV"));
        texts.push("evidence.csv", &row);
    }
    if number.is_multiple_of(6) {
        let row = format!("{},{person},{job},ended,,employed,\"left, by choice\"", late("JE"));
        texts.push("jobs.csv", &row);
        let row = format!("{},{place},sustained-12-months,submitted,300000", late("CM"));
        texts.push("claims.csv", &row);
    }
    if number.is_multiple_of(5) {
        let row = format!("{},ND{number},amend,severity,1,typing error", late("CX"));
        texts.push("corrections.csv", &row);
        let row = format!("{},CX{number},withdraw,,,it was right", late("CY"));
        texts.push("corrections.csv", &row);
    }
}

/// Writes an extract into a folder, with the packs and tables that it needs.
pub(crate) fn write_with_packs(texts: &Texts, folder: &Path) {
    texts.write(folder);
    for (name, files) in [("packs", bundled_packs()), ("tables", bundled_tables())] {
        let folder = folder.join(name);
        fs::create_dir(&folder).expect("a folder");
        for (file, text) in
            files.iter().filter(|(file, _)| name != "packs" || file.contains("pilot"))
        {
            fs::write(folder.join(file), text).expect("a file");
        }
    }
}
