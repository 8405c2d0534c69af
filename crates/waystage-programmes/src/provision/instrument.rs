//! Instruments: coded questions by domain, and how answers are scored.

use waystage_core::programme::{Instrument, Questions, Scoring};

use super::ground;
use crate::entry::Entry;
use crate::kind::{Text, Truth, Whole};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::once;

const ANSWER: Whole<u32> = Whole::new(0, 1000, 5);
const POINTS: Whole<u32> = Whole::new(0, 100_000, 10);

/// Reads the instruments.
pub(super) fn instruments(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<Instrument>, Noted> {
    let entries = file.tables(notes, ("instrument", "[[instrument]]"))?;
    once(notes, "instrument", &Entry::ids(&entries));
    let all: Vec<_> = entries.iter().map(|entry| instrument(entry, notes)).collect();
    all.into_iter().collect()
}

fn instrument(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Instrument, Noted> {
    entry.only(notes, &["id", "name", "questions", "scoring", "reference", "assumption"]);
    let id = entry.required(notes, "id", Text);
    let name = entry.required(notes, "name", Text);
    let ground = ground(entry, notes);
    let questions = questions(entry, notes);
    let scorings = entry.tables(notes, ("scoring", "[[instrument.scoring]]"));
    let scorings = scorings.and_then(|entries| {
        let versions: Vec<(&str, usize)> = entries
            .iter()
            .filter_map(|each| Some((each.glance("version")?, each.at_value("version"))))
            .collect();
        once(notes, "scoring", &versions);
        let all: Vec<_> = entries.iter().map(|each| scoring(each, notes)).collect();
        all.into_iter().collect()
    });
    Ok(Instrument {
        id: id?,
        name: name?,
        questions: questions?,
        scorings: scorings?,
        ground: ground?,
    })
}

fn questions(instrument: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<Questions>, Noted> {
    let entries = instrument.some_tables(notes, ("questions", "[[instrument.questions]]"))?;
    let mut seen: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for entry in &entries {
        let read = of_domain(entry, notes);
        if let Ok(read) = &read {
            for code in &read.codes {
                if seen.contains(code) {
                    let problem = Problem::ListedTwice { key: "codes", given: format!("{code:?}") };
                    notes.refuse(entry.at_value("codes"), problem);
                }
                seen.push(code.clone());
            }
        }
        all.push(read);
    }
    all.into_iter().collect()
}

fn of_domain(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Questions, Noted> {
    entry.only(notes, &["domain", "codes", "least", "most"]);
    let domain = entry.required(notes, "domain", Text);
    let codes = entry.required(notes, "codes", List(Text));
    let least = entry.optional(notes, "least", ANSWER);
    let most = entry.optional(notes, "most", ANSWER);
    let (least, most) = (least?, most?);
    match (least, most) {
        (Some(least), Some(most)) if most < least => {
            let problem = Problem::MostBelowLeast { least, most };
            Err(notes.refuse(entry.at_value("most"), problem))
        }
        (None, Some(_)) => {
            entry.required_beside(notes, ("least", "most"), ANSWER)?;
            Ok(Questions { domain: domain?, codes: codes?, least, most })
        }
        (Some(_), None) => {
            entry.required_beside(notes, ("most", "least"), ANSWER)?;
            Ok(Questions { domain: domain?, codes: codes?, least, most })
        }
        _ => Ok(Questions { domain: domain?, codes: codes?, least, most }),
    }
}

fn scoring(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Scoring, Noted> {
    let keys = ["version", "severe_from", "lower_is_better", "change", "reference", "assumption"];
    entry.only(notes, &keys);
    let version = entry.required(notes, "version", Text);
    let severe_from = entry.optional(notes, "severe_from", POINTS);
    let lower_is_better = entry.required(notes, "lower_is_better", Truth);
    let change = entry.optional(notes, "change", POINTS);
    let ground = ground(entry, notes);
    Ok(Scoring {
        version: version?,
        severe_from: severe_from?,
        lower_is_better: lower_is_better?,
        change: change?,
        ground: ground?,
    })
}
