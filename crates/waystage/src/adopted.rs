//! What the log adopted and decided, read once and again only where its own stream has grown.

use std::sync::{Arc, Mutex, PoisonError};

use waystage_core::id::{ParticipantId, Version};
use waystage_core::programme::Adoptions;
use waystage_store::{EventReader, read_log};

use crate::adopt;
use crate::error::EngineError;

/// The adoptions of a log, as last read.
#[derive(Debug, Default)]
pub(crate) struct Adopted {
    last: Mutex<Option<(Option<Version>, Arc<Adoptions>)>>,
}

impl Adopted {
    /// Returns what the log has adopted and decided by now, in log order.
    pub(crate) fn read(&self, reader: &dyn EventReader) -> Result<Arc<Adoptions>, EngineError> {
        let version = reader.stream_version(ParticipantId::LOG)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of_version, adoptions)) = &*last
            && *of_version >= version
        {
            return Ok(Arc::clone(adoptions));
        }
        let log = read_log(reader)?;
        let adoptions = Arc::new(adopt::adoptions(&log.events)?);
        *last = Some((log.head().version(), Arc::clone(&adoptions)));
        Ok(adoptions)
    }
}
