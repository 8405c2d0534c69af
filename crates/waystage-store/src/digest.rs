//! A digest that compares two stores by what was recorded, not by when or where.

use waystage_core::id::ParticipantId;
use waystage_core::time::Timestamp;
use waystage_evidence::{ContentDigest, Digest};

use crate::codec::stored;
use crate::error::StoreError;
use crate::reader::EventReader;
use waystage_core::journey::Kind;

const PAGE: usize = 4096;

/// Returns how many facts a log holds, and their digest: participant, id, kind, `on`,
/// `reported_at` and payload of each, whatever their order. Determinations and the log's own
/// stream are left out, because they can be derived again.
pub fn facts_digest(reader: &(impl EventReader + ?Sized)) -> Result<(u64, Digest), StoreError> {
    let derived =
        [Kind::OutcomeDetermined, Kind::DeterminationWithdrawn].map(|kind| stored(kind).0);
    let mut digest = ContentDigest::default();
    let mut after = None;
    loop {
        let rows = reader.rows_after(after, PAGE)?;
        let Some(last) = rows.last() else {
            return Ok(digest.finish());
        };
        after = Some(last.position);
        let facts = rows
            .iter()
            .filter(|row| row.participant != ParticipantId::LOG && !derived.contains(&&*row.kind));
        for row in facts {
            digest.take(
                row.participant.as_bytes(),
                row.id.as_bytes(),
                &row.kind,
                &row.on.to_string(),
                row.reported_at.map(Timestamp::micros),
                &row.payload,
            );
        }
    }
}
