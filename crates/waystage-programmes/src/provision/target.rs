//! Targets: how many were planned, by month. A number for several months is spread over them, as
//! evenly as whole numbers allow.

use std::collections::BTreeMap;

use waystage_core::calendar::Month;
use waystage_core::id::RuleId;
use waystage_core::programme::{Measure, Target};

use super::{Named, ground, named_in_the_pack};
use crate::entry::Entry;
use crate::kind::{Area, Day, Text, Whole};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::once;
use crate::word::word;

const COUNT: Whole<u32> = Whole::new(0, 10_000_000, 28);

/// Reads the targets.
pub(super) fn targets(
    file: &Entry<'_>,
    named: &Named<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<Target>, Noted> {
    let entries = file.tables(notes, ("target", "[[target]]"))?;
    once(notes, "target", &Entry::ids(&entries));
    let all: Vec<_> = entries
        .iter()
        .map(|entry| {
            named_in_the_pack(entry, notes, ("rule", "rule"), named.rule_ids());
            named.knows_group(entry, "group", notes);
            target(entry, notes)
        })
        .collect();
    all.into_iter().collect()
}

fn target(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Target, Noted> {
    let keys = ["id", "measure", "rule", "area", "group", "period", "reference", "assumption"];
    entry.only(notes, &keys);
    let id = entry.required(notes, "id", Text);
    let measure = entry.required(notes, "measure", word::<Measure>());
    let rule = match measure {
        Ok(Measure::Outcomes) => entry.required_beside(notes, ("rule", "measure"), Text).map(Some),
        Ok(measure) if entry.has("rule") => {
            let problem = Problem::NotOfMeasure { measure: measure.as_str() };
            Err(notes.refuse(entry.at_key("rule"), problem))
        }
        _ => Ok(None),
    };
    let area = entry.optional(notes, "area", Area);
    let group = entry.optional(notes, "group", Text);
    let ground = ground(entry, notes);
    let profile = profile(entry, notes);
    Ok(Target {
        id: id?,
        measure: measure?,
        rule: rule?.map(RuleId::from),
        area: area?,
        group: group?,
        profile: profile?,
        ground: ground?,
    })
}

fn profile(target: &Entry<'_>, notes: &mut Notes<'_>) -> Result<BTreeMap<Month, u32>, Noted> {
    let entries = target.some_tables(notes, ("period", "[[target.period]]"))?;
    let mut profile = BTreeMap::new();
    let mut wrong = None;
    for entry in &entries {
        match period(entry, notes) {
            Ok(months) => {
                for (month, count) in months {
                    if profile.insert(month, count).is_some() {
                        let problem = Problem::MonthTwice { month: month.to_string() };
                        wrong = Some(notes.refuse(entry.at_value("from"), problem));
                    }
                }
            }
            Err(refusal) => wrong = Some(refusal),
        }
    }
    wrong.map_or(Ok(profile), Err)
}

fn period(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<(Month, u32)>, Noted> {
    entry.only(notes, &["from", "until", "count"]);
    let from = entry.required(notes, "from", Day);
    let until = entry.required(notes, "until", Day);
    let count = entry.required(notes, "count", COUNT);
    let (from, until, count) = (from?, until?, count?);
    if until < from {
        let problem = Problem::SpanBackwards { entry: entry.name, from, until };
        return Err(notes.refuse(entry.at_value("until"), problem));
    }
    let first = Month::of(from);
    let months = u64::from(first.until(Month::of(until))) + 1;
    // month n has what is due by its end less what was due before
    let due = |n: u64| u32::try_from(u64::from(count) * n / months).unwrap_or(count);
    let spread = (0_u32..).zip(0..months);
    Ok(spread.map(|(place, n)| (first.after(place), due(n + 1) - due(n))).collect())
}
