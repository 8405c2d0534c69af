//! Adding up many participants' cells: by the hash of each cell, so that long rows are compared
//! only with themselves; and in their order at the end, so that nothing depends on a hash.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use waystage_core::contribution::Contributions;
use waystage_core::table::Cell;

/// A sum of cells on its way.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    by_hash: BTreeMap<u64, Vec<(Cell, i128)>>,
}

impl Tally {
    /// Adds cells.
    pub(crate) fn add(&mut self, cells: Contributions<Cell>) {
        for (cell, amount) in cells {
            self.count(cell, i128::from(amount));
        }
    }

    /// Takes cells away.
    pub(crate) fn subtract(&mut self, cells: Contributions<Cell>) {
        for (cell, amount) in cells {
            self.count(cell, -i128::from(amount));
        }
    }

    fn count(&mut self, cell: Cell, amount: i128) {
        let mut hasher = DefaultHasher::new();
        cell.hash(&mut hasher);
        self.add_to(hasher.finish(), cell, amount);
    }

    /// Adds another sum.
    pub(crate) fn take_in(&mut self, other: Self) {
        if self.by_hash.is_empty() {
            *self = other;
            return;
        }
        for (hash, cells) in other.by_hash {
            for (cell, amount) in cells {
                self.add_to(hash, cell, amount);
            }
        }
    }

    fn add_to(&mut self, hash: u64, cell: Cell, amount: i128) {
        let cells = self.by_hash.entry(hash).or_default();
        match cells.iter_mut().find(|(held, _)| *held == cell) {
            Some((_, held)) => *held += amount,
            None => cells.push((cell, amount)),
        }
    }

    /// Returns the sum; none where an amount is too large to be kept.
    pub(crate) fn finish(self) -> Option<Contributions<Cell>> {
        let cells = self.by_hash.into_values().flatten();
        let cells = cells.map(|(cell, amount)| Some((cell, i64::try_from(amount).ok()?)));
        Some(Contributions::of_distinct(cells.collect::<Option<Vec<_>>>()?))
    }
}
