//! Client groups: how each joins, and when its referrals are taken.

use waystage_core::programme::{ClientGroup, GroupVersion};

use super::{Named, ground};
use crate::entry::Entry;
use crate::kind::{Day, Text, Truth};
use crate::notes::{Noted, Notes};
use crate::versions::{in_order, once};
use crate::word::word;

/// Reads the client groups.
pub(super) fn groups(
    file: &Entry<'_>,
    named: &Named<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<ClientGroup>, Noted> {
    let entries = file.tables(notes, ("group", "[[group]]"))?;
    once(notes, "group", &Entry::ids(&entries));
    let all: Vec<_> = entries
        .iter()
        .map(|entry| {
            named.knows_group(entry, "id", notes);
            group(entry, notes)
        })
        .collect();
    all.into_iter().collect()
}

fn group(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<ClientGroup, Noted> {
    entry.only(notes, &["id", "name", "version", "reference", "assumption"]);
    let id = entry.required(notes, "id", Text);
    let name = entry.required(notes, "name", Text);
    let ground = ground(entry, notes);
    let versions = versions(entry, notes);
    Ok(ClientGroup { id: id?, name: name?, versions: versions?, ground: ground? })
}

fn versions(group: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<GroupVersion>, Noted> {
    let entries = group.some_tables(notes, ("version", "[[group.version]]"))?;
    let mut days = Vec::new();
    let mut all = Vec::new();
    for entry in entries {
        entry.only(notes, &["effective_from", "participation", "open", "reference", "assumption"]);
        let effective_from = entry.required(notes, "effective_from", Day);
        let participation = entry.required(notes, "participation", word());
        let open = entry.optional(notes, "open", Truth);
        let ground = ground(&entry, notes);
        days.extend(effective_from.map(|day| (day, entry.at_value("effective_from"))));
        all.push((effective_from, participation, open, ground));
    }
    in_order(notes, "the version", &days);
    let all = all.into_iter().map(|(effective_from, participation, open, ground)| {
        Ok(GroupVersion {
            effective_from: effective_from?,
            participation: participation?,
            open: open?.unwrap_or(true),
            ground: ground?,
        })
    });
    all.collect()
}
