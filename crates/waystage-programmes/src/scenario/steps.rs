//! The edits of a file one after the other, as they are made to the packs' own texts. Whatever is
//! wrong then is told at the line of the scenario that brought it about.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use waystage_core::id::ProgrammeId;
use waystage_core::programme::Programmes;

use super::Standing;
use super::edit::PackEdit;
use super::item::{ItemEdit, table_of};
use crate::check::check_packs;
use crate::entry::Entry;
use crate::error::{PackError, PackErrors};
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::pack::{Pack, pack, syntax};
use crate::problem::Problem;

/// What is set in `[programme]` itself.
pub(super) struct Head<'t> {
    pub(super) set: Option<&'t DeTable<'t>>,
    pub(super) remove: Vec<(String, usize)>,
}

/// What became of one edit over all packs: which ids it saw, and what it found to do.
#[derive(Default)]
pub(super) struct Track {
    pub(super) seen: BTreeSet<String>,
    /// The tiers of the items that are called as the edit's are.
    pub(super) tiers: BTreeSet<String>,
    pub(super) acted: bool,
    pub(super) there_already: bool,
    pub(super) removed: BTreeSet<String>,
    /// The names of the items that it acted on, by programme.
    pub(super) acted_on: BTreeMap<ProgrammeId, BTreeSet<String>>,
}

impl Track {
    /// Returns why an edit of a section found nothing to do; none where it did.
    fn found_nothing(&self, item: &ItemEdit<'_>) -> Option<Problem> {
        let (id, what) = (item.called(), item.section.what);
        if self.there_already {
            return Some(Problem::InThePackAlready { what, id });
        }
        if self.acted {
            return None;
        }
        if let Some(tier) = item.tier.clone().filter(|_| !self.tiers.is_empty())
            && !self.tiers.contains(&tier)
        {
            let instead = Instead::of(&tier, self.tiers.iter().map(String::as_str));
            return Some(Problem::NotInThePack { what: "tier", id: tier, instead });
        }
        if item.has_conditions() && self.seen.contains(&id) {
            return Some(Problem::PicksNothing { what });
        }
        let instead = Instead::of(&id, self.seen.iter().map(String::as_str));
        Some(Problem::NotInThePack { what, id, instead })
    }
}

/// One edit: of `[programme]`, or of a section.
struct Step<'e, 't> {
    at: usize,
    programmes: &'e BTreeSet<ProgrammeId>,
    edits: Edit<'e, 't>,
}

enum Edit<'e, 't> {
    Head(&'e Head<'t>),
    Item(&'e ItemEdit<'t>),
}

/// Edits, the packs that they are made to, and against what these are then checked.
pub(super) struct Editing<'e, 't> {
    steps: Vec<Step<'e, 't>>,
    standing: &'e Standing<'e>,
    below: &'e Programmes,
}

/// Returns what the text of a pack is called in messages.
pub(super) fn file_of(id: &ProgrammeId) -> String {
    format!("{id}.toml")
}

impl<'e, 't> Editing<'e, 't> {
    pub(super) fn of(
        packs: impl Iterator<Item = &'e PackEdit<'t>>,
        standing: &'e Standing<'e>,
        below: &'e Programmes,
    ) -> Self
    where
        't: 'e,
    {
        let mut steps = Vec::new();
        for PackEdit { at, programmes, head, items } in packs {
            let head = head.iter().map(|head| (*at, Edit::Head(head)));
            let items = items.iter().map(|item| (item.at, Edit::Item(item)));
            steps.extend(head.chain(items).map(|(at, edits)| Step { at, programmes, edits }));
        }
        Self { steps, standing, below }
    }

    /// Returns a track for each edit.
    pub(super) fn tracks(&self) -> Vec<Track> {
        self.steps.iter().map(|_| Track::default()).collect()
    }

    /// Returns a pack as edited; none where no edit acts on it.
    pub(super) fn edited(
        &self,
        pack: (&ProgrammeId, &str),
        tracks: &mut [Track],
        notes: &Notes<'_>,
    ) -> Result<Option<Pack>, PackErrors> {
        self.after(self.steps.len(), pack, tracks, notes)
    }

    /// Returns a pack after so many of the edits.
    fn after(
        &self,
        count: usize,
        (id, text): (&ProgrammeId, &str),
        tracks: &mut [Track],
        notes: &Notes<'_>,
    ) -> Result<Option<Pack>, PackErrors> {
        let steps = self.steps.iter().zip(tracks).take(count);
        let mut own = steps.filter(|(step, _)| step.programmes.contains(id)).peekable();
        if own.peek().is_none() {
            return Ok(None);
        }
        let file = file_of(id);
        let mut over = Notes::over(notes.source(), (&file, text));
        let (table, errors) = DeTable::parse_recoverable(text);
        if let Err(refusal) = syntax(&mut over, &errors) {
            return over.finish(Err(refusal));
        }
        let by = notes.source().1.len() + 1;
        let mut table = shifted_table(table.get_ref(), by);
        let mut acted = false;
        for (step, track) in own {
            acted |= match step.edits {
                Edit::Head(head) => head.apply(step.at, &mut table, track),
                Edit::Item(item) => item.apply((id, &mut table), track),
            };
        }
        if !acted {
            return Ok(None);
        }
        let table = Spanned::new(by..by, table);
        let read = pack(&Entry::file("the pack", &table), &mut over);
        over.finish(read).map(Some)
    }

    /// Returns why a pack would be refused after so many of the edits.
    fn errors_after(
        &self,
        count: usize,
        pack: (&ProgrammeId, &str),
        notes: &Notes<'_>,
    ) -> Vec<PackError> {
        match self.after(count, pack, &mut self.tracks(), notes) {
            Ok(Some(pack)) => check_packs(vec![pack], self.below).errors,
            Ok(None) => Vec::new(),
            Err(errors) => Vec::from_iter(errors),
        }
    }

    /// Returns errors of a pack as errors of the scenario. Those that stand in the pack's own text
    /// are told at the edit since which they stand there: one may mend what an earlier one broke.
    pub(super) fn at_the_edits(
        &self,
        errors: Vec<PackError>,
        pack: (&ProgrammeId, &str),
        notes: &Notes<'_>,
    ) -> Vec<PackError> {
        let (file, _) = notes.source();
        let is_placed = |error: &PackError| error.place().file == file;
        let (mut told, mut open): (Vec<_>, Vec<_>) = errors.into_iter().partition(is_placed);
        let mut first = 0;
        for (count, step) in self.steps.iter().enumerate().rev() {
            if !step.programmes.contains(pack.0) {
                continue;
            }
            first = step.at;
            if open.is_empty() {
                break;
            }
            let before = self.errors_after(count, pack, notes);
            let stood = |error: &PackError| {
                let same =
                    |old: &PackError| (old.kind(), old.place()) == (error.kind(), error.place());
                before.iter().any(same)
            };
            let (old, new): (Vec<_>, Vec<_>) = open.into_iter().partition(stood);
            told.extend(new.into_iter().map(|error| error.edited(notes.place(step.at))));
            open = old;
        }
        told.extend(open.into_iter().map(|error| error.edited(notes.place(first))));
        told
    }

    /// Returns errors of all packs as errors of the scenario.
    pub(super) fn at_the_edits_of_each(
        &self,
        mut errors: Vec<PackError>,
        notes: &Notes<'_>,
    ) -> Vec<PackError> {
        let mut told = Vec::new();
        for (id, text) in self.standing.packs {
            let is_own = |error: &PackError| error.place().file == file_of(id);
            let (own, others) = errors.into_iter().partition(is_own);
            told.extend(self.at_the_edits(own, (id, text), notes));
            errors = others;
        }
        // the others stand at a line of the scenario already
        told.extend(errors);
        told
    }

    /// Notes edits that found nothing to act on in any pack.
    pub(super) fn untouched(&self, tracks: &[Track], notes: &mut Notes<'_>) -> Result<(), Noted> {
        let mut wrong = None;
        for (step, track) in self.steps.iter().zip(tracks) {
            let (what, removes) = match step.edits {
                Edit::Head(head) => ("programme", &head.remove[..]),
                Edit::Item(item) => (item.section.what, item.removes()),
            };
            if let Edit::Item(item) = step.edits
                && let Some(problem) = track.found_nothing(item)
            {
                wrong = Some(notes.refuse(item.id_at, problem));
                continue;
            }
            for (key, at) in removes {
                if !track.removed.contains(key) {
                    let key = key.clone();
                    wrong = Some(notes.refuse(*at, Problem::NothingToRemove { what, key }));
                }
            }
        }
        wrong.map_or(Ok(()), Err)
    }
}

impl Head<'_> {
    fn apply<'p>(&'p self, at: usize, pack: &mut DeTable<'p>, track: &mut Track) -> bool {
        let Some(programme) = pack.get_mut("programme") else { return false };
        let Some(mut table) = table_of(programme) else { return false };
        for (key, _) in &self.remove {
            if table.remove(key.as_str()).is_some() {
                track.removed.insert(key.clone());
            }
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
