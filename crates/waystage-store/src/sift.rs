//! Sifting a log: which streams hold a row that could matter, without decoding any. What is let
//! through may not matter after all; what is held back surely does not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use waystage_core::id::{EventId, ParticipantId, Position};
use waystage_core::journey::Kind;

use crate::codec::stored;
use crate::error::StoreError;
use crate::event::StoredEvent;
use crate::reader::EventReader;

/// Rows that are looked through at a time, where a store has no shorter way.
const PAGE: usize = 4096;

/// What a row has to be like to be let through. What is absent lets every row through.
///
/// ```
/// use waystage_store::Pattern;
/// let pattern = Pattern::default().of_kinds(["Referred"]).holding(["whp-national"]);
/// assert!(pattern.kinds.is_some() && pattern.texts.is_some());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern {
    /// The stored names of kinds.
    pub kinds: Option<BTreeSet<&'static str>>,
    /// The stream that it stands in.
    pub participants: Option<BTreeSet<ParticipantId>>,
    /// Its id.
    pub ids: Option<BTreeSet<EventId>>,
    /// What its source calls it.
    pub references: Option<BTreeSet<String>>,
    /// Its day is this one or later, written as the log writes it.
    pub from: Option<String>,
    /// Its day is this one or earlier.
    pub until: Option<String>,
    /// Any of these stands in its payload.
    pub texts: Option<BTreeSet<String>>,
    /// Any of these is a whole string of its payload.
    pub strings: Option<BTreeSet<String>>,
}

impl Pattern {
    /// Lets through rows of these kinds only.
    #[must_use]
    pub fn of_kinds(self, kinds: impl IntoIterator<Item = &'static str>) -> Self {
        Self { kinds: Some(kinds.into_iter().collect()), ..self }
    }

    /// Lets through rows whose payload holds any of these texts; and those of which that cannot be
    /// told without decoding, because they are of an old shape or have characters escaped.
    #[must_use]
    pub fn holding<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        Self { texts: Some(texts.into_iter().map(Into::into).collect()), ..self }
    }

    /// Lets through rows whose payload has any of these as a whole string, however many they are;
    /// and those of which that cannot be told without decoding, as [`Pattern::holding`] says.
    ///
    /// ```
    /// use waystage_core::id::{EventId, ParticipantId};
    /// use waystage_store::{Glimpse, Pattern};
    /// let pattern = Pattern::default().naming(["E08000003"]);
    /// let is_let_through = |payload: &str, schema: u32| {
    ///     pattern.lets_through(&Glimpse {
    ///         participant: ParticipantId::LOG,
    ///         id: EventId::from_bytes([0; 16]),
    ///         kind: "Referred",
    ///         schema,
    ///         on: "2021-03-01",
    ///         reference: None,
    ///         payload: payload.as_bytes(),
    ///     })
    /// };
    /// assert!(is_let_through(r#"{"area":"E08000003"}"#, 1));
    /// assert!(!is_let_through(r#"{"area":"E080000031"}"#, 1));
    /// assert!(!is_let_through(r#"{"area":"E","note":"08000003"}"#, 1));
    /// assert!(is_let_through(r#"{"area":"\u004508000003"}"#, 1), "it may be the same");
    /// assert!(is_let_through(r#"{"place":1}"#, 0), "of an old shape");
    /// ```
    #[must_use]
    pub fn naming<T: Into<String>>(self, strings: impl IntoIterator<Item = T>) -> Self {
        Self { strings: Some(strings.into_iter().map(Into::into).collect()), ..self }
    }

    /// Returns whether rows of a kind, by its stored name, can be let through.
    pub fn is_of(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }

    /// Returns whether it lets a row through.
    pub fn lets_through(&self, row: &Glimpse<'_>) -> bool {
        let is_called =
            |names: &BTreeSet<String>| row.reference.is_some_and(|is| names.contains(is));
        self.is_of(row.kind)
            && self.participants.as_ref().is_none_or(|ids| ids.contains(&row.participant))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && self.references.as_ref().is_none_or(is_called)
            && self.from.as_deref().is_none_or(|from| from <= row.on)
            && self.until.as_deref().is_none_or(|until| row.on <= until)
            && self.texts.as_ref().is_none_or(|texts| is_unclear(row) || holds(row, texts))
            && self.strings.as_ref().is_none_or(|strings| is_unclear(row) || names(row, strings))
    }
}

/// Returns whether what a payload holds cannot be told by its bytes: it is of an old shape, or has
/// characters escaped.
fn is_unclear(row: &Glimpse<'_>) -> bool {
    static SCHEMAS: LazyLock<BTreeMap<&str, u32>> =
        LazyLock::new(|| Kind::ALL.iter().map(|kind| stored(*kind)).collect());
    SCHEMAS.get(row.kind) != Some(&row.schema) || row.payload.contains(&b'\\')
}

fn holds(row: &Glimpse<'_>, texts: &BTreeSet<String>) -> bool {
    texts.iter().any(|text| contains(row.payload, text.as_bytes()))
}

/// Returns whether any string of a payload without escapes is one of these.
fn names(row: &Glimpse<'_>, strings: &BTreeSet<String>) -> bool {
    let mut between_quotes = row.payload.split(|byte| *byte == b'"').skip(1).step_by(2);
    between_quotes.any(|text| str::from_utf8(text).is_ok_and(|text| strings.contains(text)))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return true };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(part) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// What is seen of a row that is sifted.
#[derive(Debug, Clone, Copy)]
pub struct Glimpse<'a> {
    /// Whose stream it stands in.
    pub participant: ParticipantId,
    /// The event's id.
    pub id: EventId,
    /// The stored name of its kind.
    pub kind: &'a str,
    /// The version of its payload's shape.
    pub schema: u32,
    /// Its day, as the log writes it.
    pub on: &'a str,
    /// What its source calls it.
    pub reference: Option<&'a str>,
    /// Its payload.
    pub payload: &'a [u8],
}

/// What sifting came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sifted {
    /// For each pattern, the participants who have a row that it lets through.
    pub having: Vec<BTreeSet<ParticipantId>>,
    /// Rows that were looked at.
    pub rows: u64,
}

impl Sifted {
    /// Returns that nothing was looked at yet, for so many patterns.
    pub fn nothing(patterns: usize) -> Self {
        Self { having: vec![BTreeSet::new(); patterns], rows: 0 }
    }

    /// Looks at a row.
    pub fn look(&mut self, patterns: &[Pattern], row: &Glimpse<'_>) {
        self.rows += 1;
        for (pattern, having) in patterns.iter().zip(&mut self.having) {
            if pattern.lets_through(row) {
                having.insert(row.participant);
            }
        }
    }

    /// Adds what sifting another part of the log came to.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        for (having, more) in self.having.iter_mut().zip(other.having) {
            having.extend(more);
        }
    }
}

/// Sifts row by row, as any reader can.
pub(crate) fn row_by_row(
    reader: &(impl EventReader + ?Sized),
    patterns: &[Pattern],
    through: Option<Position>,
) -> Result<Sifted, StoreError> {
    let mut sifted = Sifted::nothing(patterns.len());
    let mut at = None;
    loop {
        let rows = reader.rows_after(at, PAGE)?;
        for row in &rows {
            if through.is_some_and(|through| through < row.position) {
                return Ok(sifted);
            }
            glimpse(row, |row| sifted.look(patterns, row));
        }
        let Some(last) = rows.last() else { return Ok(sifted) };
        at = Some(last.position);
    }
}

fn glimpse(row: &StoredEvent, look: impl FnOnce(&Glimpse<'_>)) {
    if row.participant == ParticipantId::LOG {
        return;
    }
    look(&Glimpse {
        participant: row.participant,
        id: row.id,
        kind: &row.kind,
        schema: row.schema,
        on: &row.on.to_string(),
        reference: row.sourced.as_ref().map(|sourced| sourced.reference.as_str()),
        payload: &row.payload,
    });
}
