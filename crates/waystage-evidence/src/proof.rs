//! Proofs that a leaf is in a tree, and that a tree only grew: made from complete nodes, and
//! checked with nothing but the proof. As RFC 6962, sections 2.1.1 and 2.1.2, and RFC 9162,
//! sections 2.1.3.2 and 2.1.4.2, say.

use crate::digest::Digest;
use crate::tree::{CompactRange, SIZE_MAX, empty_root, node, root_over};

/// Whoever can tell the complete nodes of a tree: those over a power of two of leaves, which never
/// change once the leaves are there.
pub trait Nodes {
    /// What can go wrong.
    type Error;

    /// Returns the node at this height (0 is a leaf) and index among those of its height. Only
    /// nodes whose leaves are all in the tree are asked for.
    fn node(&self, height: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// A node was asked for that is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no complete node {index} at height {height}: it has fewer leaves than asked")]
pub struct MissingNode {
    /// Its height.
    pub height: u8,
    /// Its index among those of the height.
    pub index: u64,
}

/// The leaves of a tree in memory; a node is computed whenever it is asked for. For many proofs
/// take [`KeptNodes`].
#[derive(Debug, Clone, Copy)]
pub struct Leaves<'a>(pub &'a [Digest]);

impl Nodes for Leaves<'_> {
    type Error = MissingNode;

    fn node(&self, height: u8, index: u64) -> Result<Digest, MissingNode> {
        let missing = MissingNode { height, index };
        let width = 1_usize.checked_shl(u32::from(height)).ok_or(missing)?;
        let begin = usize::try_from(index).ok().and_then(|index| index.checked_mul(width));
        let begin = begin.ok_or(missing)?;
        let end = begin.checked_add(width).ok_or(missing)?;
        let mut range = CompactRange::new();
        for leaf in self.0.get(begin..end).ok_or(missing)? {
            range.push(*leaf);
        }
        Ok(range.root())
    }
}

/// All complete nodes of a tree in memory, twice as many hashes as it has leaves.
#[derive(Debug, Clone, Default)]
pub struct KeptNodes {
    tree: CompactRange,
    levels: Vec<Vec<Digest>>,
}

impl KeptNodes {
    /// Returns the nodes of the tree with these leaves.
    pub fn of_leaves(leaves: impl IntoIterator<Item = Digest>) -> Self {
        let mut nodes = Self::default();
        leaves.into_iter().for_each(|leaf| nodes.push(leaf));
        nodes
    }

    /// Takes in the next leaf.
    pub fn push(&mut self, leaf: Digest) {
        let levels = &mut self.levels;
        self.tree.push_telling(leaf, |height, _, hash| {
            let height = usize::from(height);
            if levels.len() <= height {
                levels.push(Vec::new());
            }
            levels[height].push(hash);
        });
    }

    /// Returns the tree as it stands.
    pub fn tree(&self) -> &CompactRange {
        &self.tree
    }
}

impl Nodes for KeptNodes {
    type Error = MissingNode;

    fn node(&self, height: u8, index: u64) -> Result<Digest, MissingNode> {
        let level = self.levels.get(usize::from(height));
        let hash = usize::try_from(index).ok().and_then(|index| level?.get(index)).copied();
        hash.ok_or(MissingNode { height, index })
    }
}

/// Returns the complete nodes over the leaves from `begin` up to `end`, from left to right. Fits
/// where `begin` is a multiple of every power of two that goes into the width.
fn peaks<N: Nodes>(nodes: &N, begin: u64, end: u64) -> Result<Vec<Digest>, N::Error> {
    let (mut peaks, mut at) = (Vec::new(), begin);
    while at < end {
        let height = (end - at).ilog2();
        peaks.push(nodes.node(u8::try_from(height).unwrap_or(u8::MAX), at >> height)?);
        at += 1 << height;
    }
    Ok(peaks)
}

fn root_between<N: Nodes>(nodes: &N, begin: u64, end: u64) -> Result<Digest, N::Error> {
    Ok(root_over(&peaks(nodes, begin, end)?))
}

/// Returns how many leaves stand in the left part of a tree: the largest power of two below `size`,
/// which is two or more.
fn left_part(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Returns the root of the first `size` leaves.
pub fn root_at<N: Nodes>(nodes: &N, size: u64) -> Result<Digest, N::Error> {
    root_between(nodes, 0, size)
}

/// Returns the tree of the first `size` leaves (at most [`SIZE_MAX`]), ready to grow.
pub fn range_at<N: Nodes>(nodes: &N, size: u64) -> Result<CompactRange, N::Error> {
    let size = size.min(SIZE_MAX);
    Ok(CompactRange::of_parts(size, peaks(nodes, 0, size)?).unwrap_or_default())
}

/// Returns the proof that the leaf of this index is in the tree of the first `size` leaves, from
/// its sibling upwards. Where the index is not below the size there is none: the answer is empty,
/// and [`verify_inclusion`] refuses it.
///
/// ```
/// use waystage_evidence::{KeptNodes, inclusion_proof, leaf, verify_inclusion};
///
/// let leaves = [leaf(b"one"), leaf(b"two"), leaf(b"three")];
/// let nodes = KeptNodes::of_leaves(leaves);
/// let proof = inclusion_proof(&nodes, 1, 3)?;
/// assert_eq!(proof, [leaves[0], leaves[2]]);
/// verify_inclusion(leaves[1], 1, 3, &proof, nodes.tree().root())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inclusion_proof<N: Nodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, N::Error> {
    let (mut begin, mut end, mut proof) = (0, size, Vec::new());
    if index >= size {
        return Ok(proof);
    }
    while end - begin > 1 {
        let middle = begin + left_part(end - begin);
        if index < middle {
            proof.push(root_between(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(root_between(nodes, begin, middle)?);
            begin = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Returns the proof that the tree of `old` leaves is the beginning of the tree of `new`. It is
/// empty where `old` is zero or equals `new`, and where `old` is larger, which
/// [`verify_consistency`] refuses.
///
/// ```
/// use waystage_evidence::{KeptNodes, consistency_proof, leaf, root_at, verify_consistency};
///
/// let nodes = KeptNodes::of_leaves([leaf(b"one"), leaf(b"two"), leaf(b"three")]);
/// let (old, new) = (root_at(&nodes, 2)?, root_at(&nodes, 3)?);
/// verify_consistency(2, old, 3, new, &consistency_proof(&nodes, 2, 3)?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn consistency_proof<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Digest>, N::Error> {
    let (mut begin, mut end, mut proof) = (0, new, Vec::new());
    if old == 0 || old >= new {
        return Ok(proof);
    }
    while end != old {
        let middle = begin + left_part(end - begin);
        if old <= middle {
            proof.push(root_between(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(root_between(nodes, begin, middle)?);
            begin = middle;
        }
    }
    // the old tree itself needs no saying: whoever checks has its root
    if begin > 0 {
        proof.push(root_between(nodes, begin, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The leaf lies outside the tree.
    #[error("index {index} is not in a tree of {size} leaves: take a later checkpoint")]
    Outside {
        /// The leaf's index, from 0.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The newer tree is the smaller.
    #[error("a tree of {old} leaves cannot become one of {new}: the log was cut short")]
    Shrunk {
        /// The older size.
        old: u64,
        /// The newer size.
        new: u64,
    },
    /// The number of hashes is not the one that such a proof has.
    #[error("the proof has {got} hashes and needs {needed}: take the whole of it")]
    Length {
        /// How many it has.
        got: usize,
        /// How many it needs.
        needed: usize,
    },
    /// The leaf and the proof do not give the root.
    #[error("the proof does not lead to the root: the leaf is not in this tree")]
    Root,
    /// The proof does not give the older root.
    #[error(
        "the proof does not lead to the older root: the log was rewritten, or another is meant"
    )]
    OldRoot,
    /// The proof does not give the newer root.
    #[error(
        "the proof does not lead to the newer root: the log was rewritten, or another is meant"
    )]
    NewRoot,
}

/// Returns how many hashes join node `at` of the `last + 1` nodes of one height to the root:
/// one a height, without those where it is last and has no sibling.
fn joins(mut at: u64, mut last: u64) -> usize {
    let mut joins = 0;
    while last > 0 {
        joins += usize::from(at & 1 == 1 || at != last);
        at >>= 1;
        last >>= 1;
    }
    joins
}

/// Checks that the leaf of this index is in the tree of this size and root. Size and root have to
/// come from one checkpoint: with another size of the same shape on the leaf's way up the proof
/// leads to the same root.
pub fn verify_inclusion(
    leaf: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside { index, size });
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    let (got, needed) = (proof.len(), joins(at, last));
    if got != needed {
        return Err(ProofError::Length { got, needed });
    }
    for sibling in proof {
        (at, last) = below_sibling(at, last);
        hash = if at & 1 == 1 { node(sibling, &hash) } else { node(&hash, sibling) };
        at >>= 1;
        last >>= 1;
    }
    if hash == root { Ok(()) } else { Err(ProofError::Root) }
}

/// Rises past the heights where the node is the last and has no sibling.
fn below_sibling(mut at: u64, mut last: u64) -> (u64, u64) {
    while at == last && at & 1 == 0 && at != 0 {
        at >>= 1;
        last >>= 1;
    }
    (at, last)
}

/// Checks that the tree of `old` leaves is the beginning of the tree of `new`. Size and root of
/// each have to come from one checkpoint.
pub fn verify_consistency(
    old: u64,
    old_root: Digest,
    new: u64,
    new_root: Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == 0 || old == new {
        let expected = if old == 0 { empty_root() } else { new_root };
        return match proof.len() {
            0 if old_root != expected => Err(ProofError::OldRoot),
            // of nothing there is one root
            0 if new == 0 && new_root != expected => Err(ProofError::NewRoot),
            0 => Ok(()),
            got => Err(ProofError::Length { got, needed: 0 }),
        };
    }
    // the largest complete tree that ends where the old one does: from it the way goes up
    let height = old.trailing_zeros();
    let (mut at, mut last) = ((old - 1) >> height, (new - 1) >> height);
    let says_start = !old.is_power_of_two();
    let (got, needed) = (proof.len(), joins(at, last) + usize::from(says_start));
    let (start, siblings) = match proof.split_first() {
        _ if got != needed => return Err(ProofError::Length { got, needed }),
        Some((first, rest)) if says_start => (*first, rest),
        _ => (old_root, proof),
    };
    let (mut old_hash, mut new_hash) = (start, start);
    for sibling in siblings {
        (at, last) = below_sibling(at, last);
        if at & 1 == 1 {
            old_hash = node(sibling, &old_hash);
            new_hash = node(sibling, &new_hash);
        } else {
            new_hash = node(&new_hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    match (old_hash == old_root, new_hash == new_root) {
        (false, _) => Err(ProofError::OldRoot),
        (true, false) => Err(ProofError::NewRoot),
        (true, true) => Ok(()),
    }
}
