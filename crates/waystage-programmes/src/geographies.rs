//! Lists of area codes, each code with its name and the days of its use.

use waystage_core::journey::code::GssCode;
use waystage_core::programme::{AreaName, Geography};

use crate::assumed::reference;
use crate::entry::Entry;
use crate::kind::{Area, Day, Text};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::place::Place;
use crate::problem::Problem;
use crate::versions::once;

/// Reads the geographies of a file, each with the place of its id.
pub(crate) fn geographies(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<(Geography, Place)>, Noted> {
    let entries = file.tables(notes, ("geography", "[[geography]]"))?;
    once(notes, "geography", &Entry::ids(&entries));
    let all: Vec<Result<(Geography, Place), Noted>> = entries
        .iter()
        .map(|entry| Ok((geography(entry, notes)?, notes.place(entry.at_value("id")))))
        .collect();
    all.into_iter().collect()
}

fn geography(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Geography, Noted> {
    entry.only(notes, &["id", "name", "reference", "assumption", "area"]);
    let id = entry.required(notes, "id", Text);
    let name = entry.required(notes, "name", Text);
    let reference = reference(entry, notes);
    let areas = entry.some_tables(notes, ("area", "[[geography.area]]")).and_then(|entries| {
        let mut seen: Vec<(GssCode, usize)> = Vec::new();
        let all: Vec<_> = entries.iter().map(|each| area(each, &mut seen, notes)).collect();
        all.into_iter().collect::<Result<Vec<AreaName>, Noted>>()
    });
    Ok(Geography { id: id?, name: name?, reference: reference?, areas: areas? })
}

fn area(
    entry: &Entry<'_>,
    seen: &mut Vec<(GssCode, usize)>,
    notes: &mut Notes<'_>,
) -> Result<AreaName, Noted> {
    entry.only(notes, &["code", "name", "from", "until", "followed_by"]);
    let code = entry.required(notes, "code", Area)?;
    if let Some((_, first)) = seen.iter().find(|(known, _)| *known == code) {
        let problem =
            Problem::IdTwice { what: "code", id: code.to_string(), line: notes.line(*first) };
        return Err(notes.refuse(entry.at_value("code"), problem));
    }
    seen.push((code, entry.at_value("code")));
    let name = entry.required(notes, "name", Text);
    let from = entry.optional(notes, "from", Day);
    let until = entry.optional(notes, "until", Day);
    let followed_by = entry.optional(notes, "followed_by", List(Area));
    let (from, until) = (from?, until?);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let problem = Problem::SpanBackwards { entry: entry.name, from, until };
        return Err(notes.refuse(entry.at_value("until"), problem));
    }
    Ok(AreaName { code, name: name?, from, until, followed_by: followed_by?.unwrap_or_default() })
}
