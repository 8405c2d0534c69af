//! Proving: an event, its place and a checkpoint, in a file that anybody can check offline.

use waystage_core::id::{EventId, ParticipantId};
use waystage_evidence::{ProofFile, SignedCheckpoint, inclusion_proof, leaf, verify_inclusion};
use waystage_store::{KeptTree, NO_LEAF, StoreError, StoredEvent, origin_at};

use crate::engine::Engine;
use crate::error::EngineError;

use super::{newest, refused};

impl Engine {
    /// Returns a proof for each event of a participant that the newest checkpoint covers, in the
    /// order of the stream, with the event's id.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotCovered`] where no checkpoint was signed since the first of them was
    /// recorded.
    pub(crate) fn prove(
        &self,
        participant: ParticipantId,
    ) -> Result<Vec<(EventId, ProofFile)>, EngineError> {
        let rows = self.reader().rows_of(participant)?;
        let first = rows.first().map(|row| row.position);
        let covering = newest(self.reader())?
            .filter(|signed| first.is_some_and(|first| first.get() <= signed.checkpoint.size));
        let Some(covering) = covering else {
            return match first {
                Some(position) => Err(EngineError::NotCovered { position }),
                None => Ok(Vec::new()),
            };
        };
        let mut previous = NO_LEAF;
        let mut proofs = Vec::new();
        for row in rows.iter().filter(|row| row.position.get() <= covering.checkpoint.size) {
            proofs.push((row.id, self.proof(row, previous, &covering)?));
            previous = row.leaf;
        }
        Ok(proofs)
    }

    /// Makes a proof and checks it before anybody sees it.
    fn proof(
        &self,
        row: &StoredEvent,
        previous: waystage_store::Digest,
        covering: &SignedCheckpoint,
    ) -> Result<ProofFile, EngineError> {
        let reader = self.reader();
        let epochs = reader.epochs()?;
        let origin = origin_at(&epochs, row.position).unwrap_or_default();
        let leaf_data = row.leaf_data_of(origin, previous);
        let index = row.position.get() - 1;
        let at = &covering.checkpoint;
        let hashes = inclusion_proof(&KeptTree(reader), index, at.size)?;
        if leaf(&leaf_data) != row.leaf {
            let says = "its columns do not give its leaf";
            return Err(StoreError::Corrupt { position: row.position, says }.into());
        }
        verify_inclusion(row.leaf, index, at.size, &hashes, at.root)
            .map_err(|error| refused(format!("the proof of position {}", row.position), &error))?;
        Ok(ProofFile { leaf_data, index, hashes, note: covering.clone() })
    }

    /// Returns the newest checkpoint of the log's present epoch that it keeps, with every line that
    /// it has; none where it was never signed.
    pub fn newest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        newest(self.reader())
    }
}
