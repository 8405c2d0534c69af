//! Diagnostic assessments and presenting needs: answers as given, some declined, and severities
//! from 0 to 6, looked at again for some.

use super::calendar::{Date, date, days_after, days_between, working_day_from};
use super::figures::SEVERE_HOUSING;
use super::funnel::Participation;
use super::sheets::File;
use super::source::{Delay, Source};

/// A need of a participant as first seen.
pub(super) struct Need {
    pub(super) category: &'static str,
    pub(super) severity: u32,
}

/// Category, permille of starts in which it is severe, permille of the others in which it is
/// noted at all. Only the severe share of housing is published.
const NEEDS: [(&str, u32, u32); 8] = [
    ("mental_health", 300, 850),
    ("physical_health", 270, 800),
    ("housing", SEVERE_HOUSING, 640),
    ("debt", 130, 600),
    ("skills", 180, 780),
    ("substance_misuse", 50, 400),
    ("caring", 60, 380),
    ("work_experience", 210, 700),
];

/// Tells the assessments and needs of a participation; the needs as first seen.
pub(super) fn tell(
    source: &mut Source,
    participation: &Participation,
    start: Date,
    until: Date,
) -> Vec<Need> {
    tell_wellbeing(source, participation, start, until);
    tell_questions(source, participation, start);
    let needs = draw_needs(source);
    let on = working_day_from(days_after(start, source.chance.early_between(0, 21)));
    tell_needs(source, participation, &needs, on);
    if days_between(start, until) > 180 && source.chance.falls(350) {
        review_needs(source, participation, &needs, start, until);
    }
    needs
}

fn draw_needs(source: &mut Source) -> Vec<Need> {
    let mut needs = Vec::new();
    for (category, severe, noted) in NEEDS {
        if source.chance.falls(severe) {
            let severity = source.chance.weighted(&[(55, 4), (31, 5), (14, 6)]);
            needs.push(Need { category, severity });
        } else if source.chance.falls(noted) {
            let severity = source.chance.weighted(&[(26, 0), (25, 1), (26, 2), (23, 3)]);
            needs.push(Need { category, severity });
        }
    }
    needs
}

/// Tells the needs of one meeting, written up together.
fn tell_needs(source: &mut Source, participation: &Participation, needs: &[Need], on: Date) {
    let written_up = days_after(on, Delay::Ordinary.days(&mut source.chance));
    for Need { category, severity } in needs {
        let cells = [participation.id.as_str(), category, &severity.to_string()];
        source.tell_from(File::Needs, on, written_up, Delay::SameDay, &cells);
    }
}

/// Half a year on, some needs are less, a few are more. Housing mostly stays as it is.
fn review_needs(
    source: &mut Source,
    participation: &Participation,
    needs: &[Need],
    start: Date,
    until: Date,
) {
    let days = source.chance.between(150, days_between(start, until));
    let on = working_day_from(days_after(start, days));
    let mut reviewed = Vec::new();
    for need in needs.iter().filter(|need| need.severity >= 2) {
        let category = need.category;
        let stays = if category == "housing" { 800 } else { 350 };
        let severity = if source.chance.falls(stays) {
            need.severity
        } else if source.chance.falls(120) {
            (need.severity + 1).min(6)
        } else {
            need.severity.saturating_sub(source.chance.between(1, 3))
        };
        reviewed.push(Need { category, severity });
    }
    tell_needs(source, participation, &reviewed, on);
}

/// The seven items of the short wellbeing scale, at the start and for some at the end.
fn tell_wellbeing(source: &mut Source, participation: &Participation, start: Date, until: Date) {
    if source.chance.falls(300) {
        return;
    }
    let level = source.chance.between(1, 3);
    let on = working_day_from(days_after(start, source.chance.early_between(0, 28)));
    tell_seven_items(source, participation, "initial", level, on);
    if source.chance.falls(380) {
        // Out of sequence for a few: answered after the end.
        let late = source.chance.weighted(&[(85, 0), (15, 12)]);
        let on = working_day_from(days_after(until, late));
        let better = source.chance.weighted(&[(45, 1), (40, 0), (15, 2)]);
        tell_seven_items(source, participation, "exit", level + better, on);
    }
}

fn tell_seven_items(
    source: &mut Source,
    participation: &Participation,
    stage: &str,
    level: u32,
    on: Date,
) {
    let assessment = format!("{}-{stage}", participation.id);
    let written_up = days_after(on, Delay::Prompt.days(&mut source.chance));
    for item in 1..=7 {
        let code = format!("item{item}");
        let answer = (level + source.chance.below(3)).clamp(1, 5).to_string();
        let answer = if source.chance.falls(15) { "" } else { answer.as_str() };
        let cells =
            [participation.id.as_str(), &assessment, "swemwbs", "7-item", stage, &code, answer];
        source.tell_from(File::Assessments, on, written_up, Delay::SameDay, &cells);
    }
}

/// A handful of coded questions, under the template of its time.
fn tell_questions(source: &mut Source, participation: &Participation, start: Date) {
    if !source.chance.falls(300) {
        return;
    }
    let version = if start < date(2020, 4, 1) { "1" } else { "2" };
    let assessment = format!("{}-diagnostic", participation.id);
    let on = working_day_from(days_after(start, source.chance.early_between(0, 14)));
    let written_up = days_after(on, Delay::Prompt.days(&mut source.chance));
    let answers: [(&str, &[&str]); 6] = [
        ("confidence_to_work", &["1", "2", "3", "4", "5"]),
        ("last_worked", &["under_1_year", "1_to_2_years", "2_to_5_years", "over_5_years", "never"]),
        ("limited_by_health", &["a_lot", "a_little", "not_at_all", ""]),
        ("online_at_home", &["yes", "yes", "no"]),
        ("transport", &["own", "public", "public", "none"]),
        ("caring_hours", &["0", "0", "0", "5", "10", "20", "35", ""]),
    ];
    for (code, choices) in answers {
        let value = source.chance.one_of(choices);
        let id = participation.id.as_str();
        let cells = [id, &assessment, "diagnostic", version, "initial", code, value];
        source.tell_from(File::Assessments, on, written_up, Delay::SameDay, &cells);
    }
}
