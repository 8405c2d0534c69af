//! Going on with a log that is older than what is known of it: a new epoch, and the event that
//! declares it, in one transaction.

use std::path::Path;
use std::sync::Arc;

use rusqlite::TransactionBehavior;
use waystage_core::id::Position;
use waystage_store::{Append, Epoch, Receipt, StoreError};

use crate::failure::{failed, failed_at_commit};
use crate::lease::{self, Lease};
use crate::log::{SqliteLog, Tables};
use crate::read::Reading;
use crate::{notes, profile, schema, tree, upgrade, write};

impl SqliteLog {
    /// Begins a new epoch of a log that nobody has open: from its end on, events are hashed with
    /// another identity. `append` holds the event that declares it, and that event is the first of
    /// the epoch. Opens the log and returns it with the receipts.
    ///
    /// # Errors
    ///
    /// As [`SqliteLog::open`], and as appending does; nothing has changed then.
    pub fn begin_epoch(
        path: &Path,
        origin: &str,
        append: Append,
    ) -> Result<(Self, Vec<Receipt>), StoreError> {
        profile::gate()?;
        let path = profile::resolved(path)?;
        lease::check_filesystem(&path)?;
        let lease = Lease::take(&path)?;
        schema::check_head(&path)?;
        upgrade::bring_up(&path)?;
        let mut connection = profile::open_writer(&path)?;
        let append = append.encode()?;
        let tables = Arc::new(Tables::new());
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let tip = Reading { connection: &transaction, tables: &tables }.log_tip()?;
        let first = Position::after(tip.map(|tip| tip.position));
        notes::begin(&transaction, &Epoch { first, origin: origin.to_owned() })?;
        let plan = write::planned(&transaction, origin, &tables, append)?;
        write::keep(&transaction, &tables, &plan.keep)?;
        tree::extend(&transaction, plan.keep.iter().map(|event| event.leaf))?;
        transaction.commit().map_err(failed_at_commit)?;
        drop(connection);
        Ok((Self::open_leased(path, lease)?, plan.receipts))
    }
}
