//! Reading an export, a line at a time. It is believed only once somebody has verified what came of
//! it: nothing here trusts a leaf.

use std::collections::BTreeMap;
use std::io::BufRead;

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{Digest, Epoch, KeptNote, NO_LEAF, NoteSort, StoredEvent, origin_at};

use super::FORMAT;
use super::line::{Begin, EventLine, NoteLine};

/// Why a file is no export.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {says}")]
pub struct ExportRefused {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it, and what to do.
    pub says: String,
}

/// An export that is being read: an iterator over its events, then its notes.
pub struct LogExport<R> {
    file: R,
    line: u64,
    tips: BTreeMap<ParticipantId, Digest>,
    is_bad: bool,
    epochs: Vec<Epoch>,
    size: u64,
    given: u64,
}

impl<R: BufRead> LogExport<R> {
    /// Begins to read an export.
    ///
    /// # Errors
    ///
    /// [`ExportRefused`] where the first line is not that of an export of this form.
    pub fn begin(file: R) -> Result<Self, ExportRefused> {
        let mut export = Self {
            file,
            line: 0,
            tips: BTreeMap::new(),
            is_bad: false,
            epochs: Vec::new(),
            size: 0,
            given: 0,
        };
        let text = export.next_line()?.unwrap_or_default();
        let begin: Begin = export.parsed(&text)?;
        if begin.format != FORMAT {
            return Err(export.refused(format!("its form is {}: {FORMAT} is read", begin.format)));
        }
        for epoch in begin.epochs {
            let Some(first) = Position::new(epoch.first) else {
                return Err(export.refused("an epoch begins at position 0".to_owned()));
            };
            export.epochs.push(Epoch { first, origin: epoch.origin });
        }
        let in_order = export.epochs.is_sorted_by(|one, next| one.first < next.first);
        let first = export.epochs.first().map(|epoch| epoch.first);
        if !in_order || first != Some(Position::FIRST) {
            let says = "its epochs are not in order, or the first does not begin at position 1";
            return Err(export.refused(says.to_owned()));
        }
        export.size = begin.size;
        Ok(export)
    }

    /// Returns the stretches of the log that have an identity of their own.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// Returns how many events it says it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the next event; none after the last.
    ///
    /// # Errors
    ///
    /// [`ExportRefused`] where the line is no event.
    pub fn event(&mut self) -> Result<Option<StoredEvent>, ExportRefused> {
        if self.given == self.size {
            return Ok(None);
        }
        let Some(text) = self.next_line()? else {
            let (given, size) = (self.given, self.size);
            let says = format!("it ends after {given} of {size} events: get the whole of it");
            return Err(self.refused(says));
        };
        let line: EventLine = self.parsed(&text)?;
        let previous = line.previous.clone();
        let event = line.event().map_err(|member| self.refused(format!("{member} is none")))?;
        self.check_previous(&event, &previous)?;
        self.given += 1;
        Ok(Some(event))
    }

    /// Returns the notes, which come after the events.
    ///
    /// # Errors
    ///
    /// [`ExportRefused`] where a line is no note.
    pub fn notes(&mut self) -> Result<Vec<KeptNote>, ExportRefused> {
        let mut notes: Vec<KeptNote> = Vec::new();
        while let Some(text) = self.next_line()? {
            let (sort, text) = match self.parsed(&text)? {
                NoteLine::Checkpoint(text) => (NoteSort::Checkpoint, text),
                NoteLine::Rotation(text) => (NoteSort::Rotation, text),
                NoteLine::Recovery(text) => (NoteSort::Recovery, text),
            };
            let Some(size) = size_in(sort, &text) else {
                return Err(self.refused(format!("the {sort} names no size")));
            };
            let before = notes.iter().rev().find(|note| note.sort == sort);
            // an epoch begins with one recovery
            let least = before.map_or(0, |note| note.size + u64::from(sort == NoteSort::Recovery));
            if size < least {
                return Err(self.refused(format!("this {sort} is not in the order of sizes")));
            }
            notes.push(KeptNote { sort, size, text });
        }
        Ok(notes)
    }

    /// Refuses an event that names another leaf before it in its stream than there is. Behind an
    /// event that does not give its own leaf nothing is looked at: whoever takes that one in finds
    /// it, and it is the first that is bad.
    fn check_previous(&mut self, event: &StoredEvent, previous: &str) -> Result<(), ExportRefused> {
        let before = self.tips.insert(event.participant, event.leaf).unwrap_or(NO_LEAF);
        if self.is_bad {
            return Ok(());
        }
        if before.to_string() != previous {
            let says = "previous is not the leaf of the event before in the stream";
            return Err(self.refused(says.to_owned()));
        }
        let origin = origin_at(&self.epochs, event.position).unwrap_or_default();
        self.is_bad = event.leaf != event.leaf_of(origin, before);
        Ok(())
    }

    fn next_line(&mut self) -> Result<Option<String>, ExportRefused> {
        self.line += 1;
        let mut text = String::new();
        if let Err(error) = self.file.read_line(&mut text) {
            return Err(self.refused(error.to_string()));
        }
        match (text.pop(), text.contains('\r')) {
            (None, _) => Ok(None),
            (Some('\n'), false) => Ok(Some(text)),
            _ => {
                Err(self.refused("it does not end with a line feed alone: get it again".to_owned()))
            }
        }
    }

    fn parsed<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, ExportRefused> {
        serde_json::from_str(text).map_err(|error| {
            let column = error.column();
            self.refused(format!("it is no line of an export (column {column})"))
        })
    }

    fn refused(&self, says: String) -> ExportRefused {
        ExportRefused { line: self.line, says }
    }
}

/// Returns the size that a note names: the line of its text where that kind of note has it.
fn size_in(sort: NoteSort, text: &str) -> Option<u64> {
    let line = match sort {
        NoteSort::Checkpoint => 1,
        NoteSort::Rotation => 2,
        NoteSort::Recovery => 5,
    };
    text.lines().nth(line)?.parse().ok()
}
