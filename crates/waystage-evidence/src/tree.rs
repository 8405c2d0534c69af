//! The tree of RFC 6962 over the leaves of a log, kept as the few hashes from which it can grow.

use crate::digest::{Digest, sha256, sha256_of};

/// The most leaves that a tree may have.
pub const SIZE_MAX: u64 = i64::MAX as u64;

/// Returns the leaf of these bytes: SHA-256 over a zero byte and them.
pub fn leaf(leaf_data: &[u8]) -> Digest {
    sha256_of(&[&[0], leaf_data])
}

/// Returns the node over two: SHA-256 over a byte of one and both.
pub fn node(left: &Digest, right: &Digest) -> Digest {
    sha256_of(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// Returns the root of the tree that has no leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    sha256(b"")
}

/// Returns the root over complete trees that stand side by side, from left to right.
pub(crate) fn root_over(peaks: &[Digest]) -> Digest {
    let mut from_right = peaks.iter().rev();
    let last = from_right.next().copied().unwrap_or_else(empty_root);
    from_right.fold(last, |right, left| node(left, &right))
}

/// A whole tree as its size and the roots of the complete trees that it consists of, at most 63:
/// enough to take further leaves and to say the root, and nothing more.
///
/// ```
/// use waystage_evidence::{CompactRange, leaf, node};
///
/// let [first, second] = [leaf(b"one"), leaf(b"two")];
/// let mut tree = CompactRange::new();
/// tree.push(first);
/// tree.push(second);
/// assert_eq!((tree.size(), tree.root()), (2, node(&first, &second)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    peaks: Vec<Digest>,
}

impl CompactRange {
    /// Returns the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the tree of these parts, or nothing where the number of peaks is not the one that a
    /// tree of this size has, or the size is over [`SIZE_MAX`].
    pub fn of_parts(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        let fits = size <= SIZE_MAX && peaks.len() as u64 == u64::from(size.count_ones());
        fits.then_some(Self { size, peaks })
    }

    /// Returns the number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the roots of the complete trees, from left (the largest) to right.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Takes in the next leaf.
    pub fn push(&mut self, leaf: Digest) {
        self.push_telling(leaf, |_, _, _| ());
    }

    /// Takes in the next leaf and tells every node that it completes: height (0 is the leaf
    /// itself), index among those of this height, hash. Heights ascend. What was told is never told
    /// again and never changes.
    pub fn push_telling(&mut self, leaf: Digest, mut told: impl FnMut(u8, u64, Digest)) {
        let (mut height, mut index, mut hash) = (0, self.size, leaf);
        told(height, index, hash);
        while index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node(&left, &hash);
            height += 1;
            index >>= 1;
            told(height, index, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Returns the root.
    pub fn root(&self) -> Digest {
        root_over(&self.peaks)
    }
}
