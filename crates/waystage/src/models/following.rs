//! A thread that follows the log and brings the models up to date: after each append that it sees,
//! and when the day changes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use waystage_store::StoreError;
use waystage_store::models::Slot;

use super::kept::Kept;
use crate::error::EngineError;

/// How long it waits for the log before it looks whether it is to stop and what day it is.
const LOOK: Duration = Duration::from_millis(250);

/// Starts the follower of kept models.
pub(super) fn start(kept: &Arc<Kept>) -> Result<JoinHandle<()>, EngineError> {
    let kept = Arc::clone(kept);
    let named = std::thread::Builder::new().name("waystage-models".to_owned());
    let started = named.spawn(move || follow(&kept));
    started.map_err(|error| StoreError::NoResources { says: error.to_string() }.into())
}

fn follow(kept: &Kept) {
    let mut failed = false;
    while !kept.stopping.load(Ordering::Relaxed) {
        let stand = kept.store.stand(Slot::Live).ok().flatten();
        let position = stand.as_ref().and_then(|stand| stand.position());
        let last = kept.reader.wait_after(position, LOOK).unwrap_or(position);
        let is_behind = position < last || kept.is_another_day(stand.map(|stand| stand.as_of));
        if kept.stopping.load(Ordering::Relaxed) || !is_behind {
            continue;
        }
        if let Err(error) = kept.refresh() {
            if !failed {
                tracing::warn!(says = %error, "waystage.refresh.failed");
            }
            failed = true;
            std::thread::sleep(LOOK);
        } else {
            failed = false;
        }
    }
}
