//! `[[change]]`: the changes to facts, in the order in which they are applied.

use waystage_core::id::ParticipantId;
use waystage_core::scenario::{Also, Change};

use super::Standing;
use super::payload::{amendment, fact};
use super::picks::selector;
use crate::entry::Entry;
use crate::kind::{Day, Instant, SHIFT, Text};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::word::{Listed, word};

/// What a change does.
#[derive(Clone, Copy)]
enum Does {
    Without,
    Instead,
    Also,
    Redate,
    Rereport,
    Amend,
}

impl Listed for Does {
    fn all() -> Vec<(&'static str, Self)> {
        vec![
            ("without", Self::Without),
            ("instead", Self::Instead),
            ("also", Self::Also),
            ("redate", Self::Redate),
            ("rereport", Self::Rereport),
            ("amend", Self::Amend),
        ]
    }
}

/// Reads the changes.
pub(super) fn changes(
    file: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<Change>, Noted> {
    let entries = file.tables(notes, ("change", "[[change]]"))?;
    let all: Vec<Result<Change, Noted>> =
        entries.iter().map(|entry| change(entry, standing, notes)).collect();
    all.into_iter().collect()
}

fn change(
    entry: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Change, Noted> {
    let does = entry.required(notes, "do", word::<Does>())?;
    let keys: &[&'static str] = match does {
        Does::Without => &["do", "where"],
        Does::Instead => &["do", "where", "participant", "fact"],
        Does::Also => &["do", "participant", "on", "reported_at", "fact"],
        Does::Redate | Does::Rereport => &["do", "where", "days"],
        Does::Amend => &["do", "where", "field", "value"],
    };
    entry.only(notes, keys);
    Ok(match does {
        Does::Without => Change::Without(selector(entry, standing, notes)?),
        Does::Instead => {
            let picked = selector(entry, standing, notes);
            let whose = entry.glance("participant");
            let fact = fact(entry, whose, standing, notes);
            Change::Instead(picked?, fact?)
        }
        Does::Also => Change::Also(also(entry, standing, notes)?),
        Does::Redate => {
            let (picked, days) = shifted(entry, standing, notes);
            Change::Redate(picked?, days?)
        }
        Does::Rereport => {
            let (picked, days) = shifted(entry, standing, notes);
            Change::Rereport(picked?, days?)
        }
        Does::Amend => {
            let picked = selector(entry, standing, notes);
            let amendment = amendment(entry, standing, notes);
            Change::Amend(picked?, amendment?)
        }
    })
}

type Shifted = (Result<waystage_core::scenario::Selector, Noted>, Result<i32, Noted>);

fn shifted(entry: &Entry<'_>, standing: &Standing<'_>, notes: &mut Notes<'_>) -> Shifted {
    (selector(entry, standing, notes), entry.required(notes, "days", SHIFT))
}

fn also(entry: &Entry<'_>, standing: &Standing<'_>, notes: &mut Notes<'_>) -> Result<Also, Noted> {
    let whose = entry.required(notes, "participant", Text);
    let participant = whose.clone().and_then(|given| {
        let written: Option<ParticipantId> = given.parse().ok();
        written.or_else(|| standing.names.participant(&given)).ok_or_else(|| {
            notes.refuse(entry.at_value("participant"), Problem::UnknownReference { given })
        })
    });
    let on = entry.required(notes, "on", Day);
    let reported_at = entry.optional(notes, "reported_at", Instant);
    let fact = fact(entry, whose.ok().as_deref(), standing, notes);
    Ok(Also { participant: participant?, on: on?, fact: fact?, reported_at: reported_at? })
}
