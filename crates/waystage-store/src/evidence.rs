//! What a store keeps of the tree over its leaves, and the notes that were signed over it.

use std::fmt;

use waystage_core::id::Position;
use waystage_evidence::{CompactRange, Digest, Nodes};

use crate::error::StoreError;
use crate::reader::EventReader;

/// Nodes of the tree are kept at every so many levels: the nodes between are few and quickly
/// computed again.
pub const NODE_STEP: u8 = 8;

/// A stretch of the log under one identity. Every log begins with one; another begins where
/// somebody went on with an older copy and declared it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Its first position.
    pub first: Position,
    /// The identity that events from there on are hashed with.
    pub origin: String,
}

/// Returns the identity that a position is hashed with. The epochs are in order.
pub fn origin_at(epochs: &[Epoch], position: Position) -> Option<&str> {
    epochs.iter().rev().find(|epoch| epoch.first <= position).map(|epoch| epoch.origin.as_str())
}

/// What a signed note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteSort {
    /// The root of the tree at a size.
    Checkpoint,
    /// Another key signs from here on.
    Rotation,
    /// Somebody went on with an older copy.
    Recovery,
}

impl NoteSort {
    /// Every sort.
    pub const ALL: [Self; 3] = [Self::Checkpoint, Self::Rotation, Self::Recovery];

    /// Returns its stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Rotation => "rotation",
            Self::Recovery => "recovery",
        }
    }
}

impl fmt::Display for NoteSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A signed note that a store keeps: the bytes as they were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNote {
    /// What it is about.
    pub sort: NoteSort,
    /// The size of the tree that it names.
    pub size: u64,
    /// The whole note, with its signature lines.
    pub text: String,
}

/// The tree of a log, as its store keeps it: what proofs are made from.
pub struct KeptTree<'a, R: ?Sized>(pub &'a R);

impl<R: EventReader + ?Sized> Nodes for KeptTree<'_, R> {
    type Error = StoreError;

    fn node(&self, height: u8, index: u64) -> Result<Digest, StoreError> {
        self.0.tree_node(height, index)
    }
}

/// Computes a node of the tree from the stored leaves below it.
///
/// # Errors
///
/// [`StoreError::Damaged`] where the log ends before the last of these leaves.
pub fn node_of_leaves(
    reader: &(impl EventReader + ?Sized),
    height: u8,
    index: u64,
) -> Result<Digest, StoreError> {
    let leaves = 1_u64.checked_shl(u32::from(height)).unwrap_or(u64::MAX);
    let first = index.saturating_mul(leaves);
    let mut range = CompactRange::new();
    while range.size() < leaves {
        let after = Position::new(first.saturating_add(range.size()));
        let wanted = usize::try_from(leaves - range.size()).unwrap_or(usize::MAX).min(4096);
        let rows = reader.rows_after(after, wanted)?;
        if rows.is_empty() {
            let says = "its tree was asked for a node beyond its end".to_owned();
            return Err(StoreError::Damaged { says });
        }
        for row in &rows {
            range.push(row.leaf);
        }
    }
    Ok(range.root())
}
