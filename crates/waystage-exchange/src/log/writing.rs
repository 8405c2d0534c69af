//! Writing an export: a page of events at a time, in the order of their positions.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use waystage_core::id::{ParticipantId, Position};
use waystage_store::{Digest, EventReader, NoteSort, StoreError};

use super::FORMAT;
use super::line::{Begin, EpochLine, EventLine, NoteLine};

const PAGE: usize = 4096;

/// Why an export was not written to its end. What was written so far is no whole export, and
/// whoever reads it sees that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportFailed {
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be written.
    #[error("the export cannot be written: {0}")]
    NotWritten(#[from] std::io::Error),
    /// A payload is no text, which no store of this engine holds.
    #[error("the payload at position {position} is no text: verify the log")]
    NoText {
        /// The position.
        position: Position,
    },
}

/// Writes a log as lines of JSON, with the notes that were signed over it. `watch` is told now and
/// then how many events have been written. Returns how many there are.
///
/// # Errors
///
/// [`ExportFailed`] where the log cannot be read or the lines cannot be written.
pub fn export_log(
    reader: &(impl EventReader + ?Sized),
    out: &mut dyn Write,
    watch: &dyn Fn(u64),
) -> Result<u64, ExportFailed> {
    let size = reader.last_position()?.map_or(0, Position::get);
    let epochs = reader.epochs()?.into_iter();
    let epochs = epochs.map(|each| EpochLine { first: each.first.get(), origin: each.origin });
    let begin = Begin { epochs: epochs.collect(), format: FORMAT.to_owned(), size };
    line(out, &begin)?;
    let mut tips: BTreeMap<ParticipantId, Digest> = BTreeMap::new();
    let mut last = None;
    while last.map_or(0, Position::get) < size {
        let rows = reader.rows_after(last, PAGE)?;
        if rows.is_empty() {
            let says = "the log ends before its last position".to_owned();
            return Err(StoreError::Damaged { says }.into());
        }
        for row in rows.iter().take_while(|row| row.position.get() <= size) {
            let previous = tips.insert(row.participant, row.leaf);
            let previous = previous.unwrap_or(Digest::from_bytes([0; 32]));
            let event = EventLine::of(row, previous)
                .ok_or(ExportFailed::NoText { position: row.position })?;
            line(out, &event)?;
            last = Some(row.position);
        }
        watch(last.map_or(0, Position::get));
    }
    for sort in [NoteSort::Rotation, NoteSort::Recovery, NoteSort::Checkpoint] {
        let mut notes = reader.notes(sort)?;
        notes.retain(|note| note.size <= size);
        notes.sort_by_key(|note| note.size);
        for note in notes {
            line(
                out,
                &match sort {
                    NoteSort::Checkpoint => NoteLine::Checkpoint(note.text),
                    NoteSort::Rotation => NoteLine::Rotation(note.text),
                    NoteSort::Recovery => NoteLine::Recovery(note.text),
                },
            )?;
        }
    }
    out.flush()?;
    Ok(size)
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> Result<(), ExportFailed> {
    let mut bytes = serde_json::to_vec(value).map_err(std::io::Error::from)?;
    bytes.push(b'\n');
    Ok(out.write_all(&bytes)?)
}
