//! `[[pack]]`: edits of adopted packs. They are made to the pack's own text, which is then read and
//! checked as any pack is; whatever is wrong is told at the line of the scenario that brought it
//! about.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use waystage_core::id::ProgrammeId;
use waystage_core::programme::{Programme, Programmes};

use super::Standing;
use super::item::{ItemEdit, table_of};
use super::picks::known_programme;
use super::sections::SECTIONS;
use crate::check::check_packs;
use crate::entry::Entry;
use crate::error::PackError;
use crate::kind::{OneOrMore, Text};
use crate::list::List;
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::pack::{Pack, pack, placed, syntax};
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

/// What is set in `[programme]` itself.
pub(super) struct Head<'t> {
    set: Option<&'t DeTable<'t>>,
    remove: Vec<(String, usize)>,
}

/// What became of one edit over all packs: which ids it saw, and what it found to do.
#[derive(Default)]
pub(super) struct Track {
    pub(super) seen: BTreeSet<String>,
    pub(super) acted: bool,
    pub(super) there_already: bool,
    pub(super) removed: BTreeSet<String>,
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

    /// Makes the edits, and one more where there is one, and reads the packs again. Returns the
    /// programmes that they act on, and what is newly worth a second look about them.
    pub(super) fn apply(
        &self,
        standing: &Standing<'_>,
        below: &Programmes,
        extra: Option<&PackEdit<'_>>,
        notes: &mut Notes<'_>,
    ) -> Result<(Vec<Programme>, Vec<Warning>), Noted> {
        let edits: Vec<&PackEdit<'_>> = self.packs.iter().chain(extra).collect();
        let mut tracks: Vec<Vec<Track>> = Vec::new();
        for edit in &edits {
            tracks.push(edit.items.iter().map(|_| Track::default()).collect());
        }
        let mut packs = Vec::new();
        let mut before = Vec::new();
        let mut wrong = None;
        for (id, text) in standing.packs {
            let own = |edit: &&&PackEdit<'_>| edit.programmes.contains(id);
            let Some(first) = edits.iter().find(own).map(|edit| edit.at) else { continue };
            let file = format!("{id}.toml");
            match edited(&edits, id, (&file, text), &mut tracks, notes) {
                Ok(Some(pack)) => {
                    packs.push(pack);
                    before.extend(placed(&file, text));
                }
                Ok(None) => {}
                Err(errors) => wrong = Some(notes.absorb(at_the_edit(errors, first, notes))),
            }
        }
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        untouched(&edits, &tracks, notes)?;
        let ids: Vec<ProgrammeId> = packs.iter().map(|pack| pack.programme.id.clone()).collect();
        let checked = check_packs(packs, below);
        if !checked.errors.is_empty() {
            let at = edits.first().map_or(0, |edit| edit.at);
            return Err(notes.absorb(at_the_edit(checked.errors, at, notes)));
        }
        let known = check_packs(before, below).warnings;
        let is_new = |warning: &Warning| known.iter().all(|old| old.message() != warning.message());
        let warnings = checked.warnings.into_iter().filter(is_new).collect();
        let edited = ids.iter().filter_map(|id| checked.programmes.get(id).cloned()).collect();
        Ok((edited, warnings))
    }
}

/// Returns errors of a pack as errors of the scenario: those that stand in the pack's own text are
/// told at the edit that brought them about.
fn at_the_edit(
    errors: impl IntoIterator<Item = PackError>,
    at: usize,
    notes: &Notes<'_>,
) -> Vec<PackError> {
    let (file, _) = notes.source();
    let errors = errors.into_iter().map(|error| {
        if error.place().file == file { error } else { error.edited(notes.place(at)) }
    });
    errors.collect()
}

/// Returns the pack as edited; none where no edit acts on it.
fn edited(
    edits: &[&PackEdit<'_>],
    id: &ProgrammeId,
    (file, text): (&str, &str),
    tracks: &mut [Vec<Track>],
    notes: &Notes<'_>,
) -> Result<Option<Pack>, crate::error::PackErrors> {
    let mut over = Notes::over(notes.source(), (file, text));
    let (table, errors) = DeTable::parse_recoverable(text);
    if let Err(refusal) = syntax(&mut over, &errors) {
        return over.finish(Err(refusal));
    }
    let by = notes.source().1.len() + 1;
    let mut table = shifted_table(table.get_ref(), by);
    let mut acted = false;
    for (edit, tracks) in edits.iter().zip(tracks) {
        if !edit.programmes.contains(id) {
            continue;
        }
        if let Some(head) = &edit.head {
            acted |= head.apply(edit.at, &mut table);
        }
        for (item, track) in edit.items.iter().zip(tracks) {
            acted |= item.apply(&mut table, track);
        }
    }
    if !acted {
        return Ok(None);
    }
    let table = Spanned::new(by..by, table);
    let read = pack(&Entry::file("the pack", &table), &mut over);
    over.finish(read).map(Some)
}

/// Notes edits that found nothing to act on in any pack.
fn untouched(
    edits: &[&PackEdit<'_>],
    tracks: &[Vec<Track>],
    notes: &mut Notes<'_>,
) -> Result<(), Noted> {
    let mut wrong = None;
    for (edit, tracks) in edits.iter().zip(tracks) {
        for (item, track) in edit.items.iter().zip(tracks) {
            if track.there_already {
                let (id, what) = (item.called(), item.section.what);
                wrong = Some(notes.refuse(item.id_at, Problem::InThePackAlready { what, id }));
                continue;
            }
            if !track.acted {
                let (id, what) = (item.called(), item.section.what);
                let instead = Instead::of(&id, track.seen.iter().map(String::as_str));
                let problem = Problem::NotInThePack { what, id, instead };
                wrong = Some(notes.refuse(item.id_at, problem));
                continue;
            }
            for (key, at) in item.removes() {
                if !track.removed.contains(key) {
                    let (key, what) = (key.clone(), item.section.what);
                    wrong = Some(notes.refuse(*at, Problem::NothingToRemove { what, key }));
                }
            }
        }
    }
    wrong.map_or(Ok(()), Err)
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
    if set.is_none() && remove.is_empty() {
        return Ok(None);
    }
    if let Some(set) = set.filter(|set| set.has("id")) {
        return Err(notes.refuse(set.at_key("id"), Problem::ProgrammeKeepsId {}));
    }
    let at = entry.at_value("remove");
    let remove = remove.into_iter().map(|key| (key, at)).collect();
    Ok(Some(Head { set: set.map(|set| set.toml()), remove }))
}

impl Head<'_> {
    fn apply<'p>(&'p self, at: usize, pack: &mut DeTable<'p>) -> bool {
        let Some(programme) = pack.get_mut("programme") else { return false };
        let Some(mut table) = table_of(programme) else { return false };
        for (key, _) in &self.remove {
            table.remove(key.as_str());
        }
        for (key, value) in self.set.into_iter().flatten() {
            table.remove(key.get_ref().as_ref());
            table.insert(key.clone(), value.clone());
        }
        *programme = Spanned::new(at..at, DeValue::Table(table));
        true
    }
}

/// Returns a table whose bytes are counted from later on.
fn shifted_table<'t>(table: &DeTable<'t>, by: usize) -> DeTable<'t> {
    let mut shifted = DeTable::new();
    for (key, value) in table {
        let span = key.span();
        let key = Spanned::new(span.start + by..span.end + by, key.get_ref().clone());
        shifted.insert(key, shifted_value(value, by));
    }
    shifted
}

fn shifted_value<'t>(value: &Spanned<DeValue<'t>>, by: usize) -> Spanned<DeValue<'t>> {
    let span = value.span();
    let shifted = match value.get_ref() {
        DeValue::Table(table) => DeValue::Table(shifted_table(table, by)),
        DeValue::Array(items) => {
            let mut shifted = toml::de::DeArray::new();
            items.iter().for_each(|item| shifted.push(shifted_value(item, by)));
            DeValue::Array(shifted)
        }
        plain => plain.clone(),
    };
    Spanned::new(span.start + by..span.end + by, shifted)
}
