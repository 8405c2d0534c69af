//! `[[pack]]`: edits of adopted packs, read from the file. They are made to the pack's own text,
//! which is then read and checked as any pack is.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::ProgrammeId;
use waystage_core::programme::{Programme, Programmes};

use super::Standing;
use super::item::ItemEdit;
use super::picks::known_programme;
use super::sections::SECTIONS;
use super::steps::{Editing, Head, file_of};
use crate::check::check_packs;
use crate::entry::Entry;
use crate::kind::{OneOrMore, Text};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::pack::placed;
use crate::problem::Problem;
use crate::warning::Warning;

/// All edits of a file.
pub(super) struct Edits<'t> {
    packs: Vec<PackEdit<'t>>,
}

/// The edits under one `[[pack]]`.
pub(super) struct PackEdit<'t> {
    pub(super) at: usize,
    pub(super) programmes: BTreeSet<ProgrammeId>,
    pub(super) head: Option<Head<'t>>,
    pub(super) items: Vec<ItemEdit<'t>>,
}

/// What edits make of the packs.
pub(super) struct Applied {
    /// The programmes that they act on.
    pub(super) programmes: Vec<Programme>,
    /// What is newly worth a second look about them.
    pub(super) warnings: Vec<Warning>,
    /// The names of what the last of them acted on, by programme.
    pub(super) last: BTreeMap<ProgrammeId, BTreeSet<String>>,
}

impl<'t> Edits<'t> {
    pub(super) fn of(
        file: &Entry<'t>,
        standing: &Standing<'_>,
        notes: &mut Notes<'_>,
    ) -> Result<Self, Noted> {
        let entries = file.tables(notes, ("pack", "[[pack]]"))?;
        let packs: Vec<Result<PackEdit<'t>, Noted>> =
            entries.iter().map(|entry| pack_edit(entry, standing, notes)).collect();
        Ok(Self { packs: packs.into_iter().collect::<Result<_, _>>()? })
    }

    /// Makes the edits, and one more where there is one, and reads the packs again.
    pub(super) fn apply(
        &self,
        standing: &Standing<'_>,
        below: &Programmes,
        extra: Option<&PackEdit<'_>>,
        notes: &mut Notes<'_>,
    ) -> Result<Applied, Noted> {
        let editing = Editing::of(self.packs.iter().chain(extra), standing, below);
        let mut tracks = editing.tracks();
        let mut packs = Vec::new();
        let mut before = Vec::new();
        let mut wrong = None;
        for (id, text) in standing.packs {
            match editing.edited((id, text), &mut tracks, notes) {
                Ok(Some(pack)) => {
                    packs.push(pack);
                    before.extend(placed(&file_of(id), text));
                }
                Ok(None) => {}
                Err(errors) => {
                    let told = editing.at_the_edits(Vec::from_iter(errors), (id, text), notes);
                    wrong = Some(notes.absorb(told));
                }
            }
        }
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        editing.untouched(&tracks, notes)?;
        let ids: Vec<ProgrammeId> = packs.iter().map(|pack| pack.programme.id.clone()).collect();
        let checked = check_packs(packs, below);
        if !checked.errors.is_empty() {
            let told = editing.at_the_edits_of_each(checked.errors, notes);
            return Err(notes.absorb(told));
        }
        let known = check_packs(before, below).warnings;
        let is_new = |warning: &Warning| known.iter().all(|old| old.message() != warning.message());
        let warnings = checked.warnings.into_iter().filter(is_new).collect();
        let programmes = ids.iter().filter_map(|id| checked.programmes.get(id).cloned()).collect();
        let last = tracks.pop().map(|track| track.acted_on).unwrap_or_default();
        Ok(Applied { programmes, warnings, last })
    }
}

fn pack_edit<'t>(
    entry: &Entry<'t>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<PackEdit<'t>, Noted> {
    let own = ["programme", "set", "remove"].into_iter();
    let keys: Vec<&str> = own.chain(SECTIONS.iter().map(|section| section.key)).collect();
    entry.only(notes, &keys);
    let named = entry.required(notes, "programme", OneOrMore(Text));
    let programmes =
        named.and_then(|named| programmes(&named, entry.at_value("programme"), standing, notes));
    let head = head(entry, notes);
    let mut items = Vec::new();
    let mut wrong = None;
    for section in SECTIONS {
        match entry.tables(notes, (section.key, section.name)) {
            Ok(entries) => {
                for entry in &entries {
                    match ItemEdit::of(entry, section, notes) {
                        Ok(item) => items.push(item),
                        Err(refusal) => wrong = Some(refusal),
                    }
                }
            }
            Err(refusal) => wrong = Some(refusal),
        }
    }
    let (programmes, head) = (programmes?, head?);
    if let Some(refusal) = wrong {
        return Err(refusal);
    }
    if head.is_none() && items.is_empty() {
        return Err(notes.refuse(entry.at, Problem::EditsNothing { what: "pack" }));
    }
    Ok(PackEdit { at: entry.at, programmes, head, items })
}

/// Returns the programmes that are named; `*` is every one.
pub(super) fn programmes(
    named: &[String],
    at: usize,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<BTreeSet<ProgrammeId>, Noted> {
    let mut all = BTreeSet::new();
    for id in named {
        if id == "*" {
            all.extend(standing.packs.keys().cloned());
        } else {
            all.insert(known_programme(id, at, standing, notes)?);
        }
    }
    Ok(all)
}

fn head<'t>(entry: &Entry<'t>, notes: &mut Notes<'_>) -> Result<Option<Head<'t>>, Noted> {
    let set = entry.table(notes, ("set", "set"), "set = { areas = [\"E08000003\"] }")?;
    let remove = entry.optional(notes, "remove", List(Text))?.unwrap_or_default();
    if let Some(set) = set.filter(|set| set.has("id")) {
        return Err(notes.refuse(set.at_key("id"), Problem::ProgrammeKeepsId {}));
    }
    let set = set.map(|set| set.toml()).filter(|set| !set.is_empty());
    if set.is_none() && remove.is_empty() {
        let given = ["set", "remove"].into_iter().find(|key| entry.has(key));
        return given.map_or(Ok(None), |key| {
            Err(notes.refuse(entry.at_key(key), Problem::EditsNothing { what: "pack" }))
        });
    }
    let at = entry.at_value("remove");
    let remove = remove.into_iter().map(|key| (key, at)).collect();
    Ok(Some(Head { set, remove }))
}
