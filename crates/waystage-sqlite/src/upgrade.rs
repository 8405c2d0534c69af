//! Bringing an older layout of a log up to the present one. Events are not touched: what is new is
//! added, computed from what is there, in one transaction.

use std::path::Path;

use rusqlite::TransactionBehavior;
use waystage_evidence::Digest;
use waystage_store::StoreError;

use crate::failure::{failed, failed_at_commit};
use crate::profile;
use crate::schema::{self, Differs};
use crate::tree;

/// The layout that had events and no tree.
const WITHOUT_A_TREE: i32 = 1;

/// Brings a file up to the present layout where it has an older one; whoever has the lease may.
pub(crate) fn bring_up(path: &Path) -> Result<(), StoreError> {
    let mut connection = profile::open_unsettled(path)?;
    let version: i32 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if version != WITHOUT_A_TREE {
        return Ok(());
    }
    schema::holds(&connection, &schema::EVENTS.iter()).map_err(|differs| match differs {
        Differs::Storage(error) => error,
        Differs::Object(says) => {
            StoreError::UnsupportedFormat { path: path.display().to_string(), says }
        }
    })?;
    profile::settle(&connection, path, profile::Purpose::WriteLog)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    for (_, statement) in schema::EVIDENCE {
        transaction.execute(statement, []).map_err(failed)?;
    }
    let leaves: Vec<Digest> = transaction
        .prepare("SELECT leaf FROM event ORDER BY position")
        .and_then(|mut statement| {
            let leaves = statement.query_map([], |row| row.get(0).map(Digest::from_bytes))?;
            leaves.collect()
        })
        .map_err(failed)?;
    tree::extend(&transaction, leaves)?;
    transaction.pragma_update(None, "user_version", schema::USER_VERSION).map_err(failed)?;
    transaction.commit().map_err(failed_at_commit)
}
