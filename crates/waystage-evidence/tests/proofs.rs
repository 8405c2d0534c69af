//! Proofs: all of small trees hold, and none holds after any bit of it is turned.
#![allow(clippy::unwrap_used)] // a test may

use std::thread;

use waystage_evidence::{
    Digest, KeptNodes, NO_LEAF, ProofError, consistency_proof, empty_root, inclusion_proof, leaf,
    root_at, verify_consistency, verify_inclusion,
};

fn leaves(size: u64) -> Vec<Digest> {
    (0..size).map(|index| leaf(&index.to_be_bytes())).collect()
}

fn turned(hash: Digest, bit: u32) -> Digest {
    let mut bytes = *hash.as_bytes();
    bytes[(bit / 8) as usize] ^= 1 << (bit % 8);
    Digest::from_bytes(bytes)
}

#[test]
fn all_inclusion_proofs_of_trees_to_1024_hold() {
    let leaves = leaves(1_024);
    let nodes = KeptNodes::of_leaves(leaves.clone());
    let hold_for = |begin: u64| {
        let mut held = 0_u64;
        for size in (begin..=1_024).step_by(2) {
            let root = root_at(&nodes, size).unwrap();
            for (index, leaf) in (0..size).zip(&leaves) {
                let proof = inclusion_proof(&nodes, index, size).unwrap();
                verify_inclusion(*leaf, index, size, &proof, root).unwrap();
                held += 1;
            }
        }
        held
    };
    let held = thread::scope(|scope| {
        let even = scope.spawn(|| hold_for(0));
        hold_for(1) + even.join().unwrap()
    });
    assert_eq!(held, 1_024 * 1_025 / 2);
}

#[test]
fn all_consistency_proofs_of_trees_to_256_hold() {
    let nodes = KeptNodes::of_leaves(leaves(256));
    let roots: Vec<Digest> = (0..=256).map(|size| root_at(&nodes, size).unwrap()).collect();
    let mut held = 0;
    for (new, new_root) in (0..).zip(&roots) {
        for (old, old_root) in (0..=new).zip(&roots) {
            let proof = consistency_proof(&nodes, old, new).unwrap();
            verify_consistency(old, *old_root, new, *new_root, &proof).unwrap();
            held += 1;
        }
    }
    assert_eq!(held, 257 * 258 / 2);
}

/// From the root down: whether the leaf lies to the left (its sibling to the right). Two sizes that
/// give one index the same way have the same computation, so a proof cannot tell them apart; the
/// checkpoint, which signs size and root together, does.
fn way(index: u64, size: u64) -> Option<Vec<bool>> {
    let (mut index, mut size, mut way) = (index, size, Vec::new());
    if index >= size {
        return None;
    }
    while size > 1 {
        let middle = 1 << (size - 1).ilog2();
        way.push(index < middle);
        (index, size) =
            if index < middle { (index, middle) } else { (index - middle, size - middle) };
    }
    Some(way)
}

/// The same for two sizes: the way to where the old tree ends, and whether it begins elsewhere.
fn growth(old: u64, new: u64) -> Option<(Vec<bool>, bool)> {
    let (mut old, mut new, mut way, mut elsewhere) = (old, new, Vec::new(), false);
    if old == 0 || old >= new {
        return None;
    }
    while old != new {
        let middle = 1 << (new - 1).ilog2();
        way.push(old <= middle);
        if old <= middle {
            new = middle;
        } else {
            (old, new, elsewhere) = (old - middle, new - middle, true);
        }
    }
    Some((way, elsewhere))
}

/// A proof of either sort: numbers and hashes, any bit of which can be turned.
#[derive(Clone)]
struct Claim {
    is_inclusion: bool,
    numbers: [u64; 2],
    /// Leaf or older root, then root.
    ends: [Digest; 2],
    hashes: Vec<Digest>,
}

impl Claim {
    fn verify(&self) -> Result<(), ProofError> {
        let ([first, second], [from, root]) = (self.numbers, self.ends);
        if self.is_inclusion {
            verify_inclusion(from, first, second, &self.hashes, root)
        } else {
            verify_consistency(first, from, second, root, &self.hashes)
        }
    }

    fn has_shape_of(&self, other: &Self) -> bool {
        let ([first, second], [one, two]) = (self.numbers, other.numbers);
        if self.is_inclusion {
            way(first, second).is_some_and(|ours| way(one, two) == Some(ours))
        } else {
            growth(first, second).is_some_and(|ours| growth(one, two) == Some(ours))
        }
    }
}

fn claims() -> Vec<Claim> {
    let leaves = leaves(1_024);
    let nodes = KeptNodes::of_leaves(leaves.clone());
    let root = |size| root_at(&nodes, size).unwrap();
    let mut claims = Vec::new();
    for size in [1, 2, 3, 4, 5, 7, 8, 13, 64, 100, 255, 257, 1_000, 1_023, 1_024] {
        for index in [0, 1, size / 3, size / 2, size - 1] {
            if index < size {
                claims.push(Claim {
                    is_inclusion: true,
                    numbers: [index, size],
                    ends: [leaves[usize::try_from(index).unwrap()], root(size)],
                    hashes: inclusion_proof(&nodes, index, size).unwrap(),
                });
            }
            let old = index + 1;
            if old < size {
                claims.push(Claim {
                    is_inclusion: false,
                    numbers: [old, size],
                    ends: [root(old), root(size)],
                    hashes: consistency_proof(&nodes, old, size).unwrap(),
                });
            }
        }
    }
    claims
}

#[test]
fn no_proof_holds_after_any_one_bit_is_turned() {
    let (mut refused, mut alike) = (0_u32, 0_u32);
    for claim in claims() {
        claim.verify().unwrap();
        let mut hashes: Vec<Claim> = Vec::new();
        for bit in 0..256 {
            for end in 0..2 {
                let mut changed = claim.clone();
                changed.ends[end] = turned(changed.ends[end], bit);
                hashes.push(changed);
            }
            for place in 0..claim.hashes.len() {
                let mut changed = claim.clone();
                changed.hashes[place] = turned(changed.hashes[place], bit);
                hashes.push(changed);
            }
        }
        for changed in &hashes {
            assert!(changed.verify().is_err());
            refused += 1;
        }
        for (bit, which) in (0..64).flat_map(|bit| [(bit, 0), (bit, 1)]) {
            let mut changed = claim.clone();
            changed.numbers[which] ^= 1 << bit;
            let may_hold = changed.has_shape_of(&claim);
            assert_eq!(changed.verify().is_ok(), may_hold, "{:?}", changed.numbers);
            // an index is never alike another, a size may be
            assert!(!may_hold || which == 1 || !claim.is_inclusion);
            if may_hold {
                alike += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(refused >= 100_000, "{refused} turned bits are too few");
    assert!(alike > 0 && alike < refused / 100, "{alike} sizes of the same shape");
}

#[test]
fn a_size_is_never_taken_for_another_with_that_ones_root() {
    let leaves = leaves(130);
    let nodes = KeptNodes::of_leaves(leaves.clone());
    let roots: Vec<Digest> = (0..=130).map(|size| root_at(&nodes, size).unwrap()).collect();
    let mut refused = 0;
    for size in 1..=64 {
        for index in 0..size {
            let proof = inclusion_proof(&nodes, index, size).unwrap();
            for (other, root) in (0..).zip(&roots).filter(|(other, _)| *other != size) {
                let leaf = leaves[usize::try_from(index).unwrap()];
                assert!(verify_inclusion(leaf, index, other, &proof, *root).is_err());
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 64 * 65 / 2 * 130);
}

#[test]
fn no_proof_holds_with_a_hash_dropped_added_or_exchanged() {
    let mut refused = 0;
    for claim in claims() {
        let count = claim.hashes.len();
        let mut changed = Vec::new();
        for place in 0..count {
            let mut hashes = claim.hashes.clone();
            hashes.remove(place);
            changed.push(hashes);
        }
        for place in 0..=count {
            let extra = claim.hashes.get(place).copied();
            for hash in [NO_LEAF, empty_root(), claim.ends[1]].into_iter().chain(extra) {
                let mut hashes = claim.hashes.clone();
                hashes.insert(place, hash);
                changed.push(hashes);
            }
        }
        for one in 0..count {
            for other in 0..one {
                let mut hashes = claim.hashes.clone();
                hashes.swap(one, other);
                changed.push(hashes);
            }
        }
        for hashes in changed {
            assert!(Claim { hashes, ..claim.clone() }.verify().is_err());
            refused += 1;
        }
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn the_ends_have_their_own_rules() {
    let [one, two] = [leaf(b"1"), leaf(b"2")];
    let empty = empty_root();
    for (old, old_root, new, new_root, proof, answer) in [
        (0, empty, 0, empty, vec![], Ok(())),
        (0, empty, 9, one, vec![], Ok(())),
        (0, one, 9, one, vec![], Err(ProofError::OldRoot)),
        (0, one, 0, one, vec![], Err(ProofError::OldRoot)),
        (0, empty, 0, one, vec![], Err(ProofError::NewRoot)),
        (0, empty, 9, one, vec![one], Err(ProofError::Length { got: 1, needed: 0 })),
        (5, one, 5, one, vec![], Ok(())),
        (5, one, 5, two, vec![], Err(ProofError::OldRoot)),
        (5, one, 5, one, vec![two], Err(ProofError::Length { got: 1, needed: 0 })),
        (5, one, 4, one, vec![], Err(ProofError::Shrunk { old: 5, new: 4 })),
        (4, one, 5, one, vec![], Err(ProofError::Length { got: 0, needed: 1 })),
    ] {
        assert_eq!(verify_consistency(old, old_root, new, new_root, &proof), answer);
    }
    let outside = Err(ProofError::Outside { index: 0, size: 0 });
    assert_eq!(verify_inclusion(one, 0, 0, &[], empty), outside);
    let length = Err(ProofError::Length { got: 0, needed: 64 });
    assert_eq!(verify_inclusion(one, 0, u64::MAX, &[], empty), length);
    assert_eq!(verify_inclusion(one, 0, 1, &[], one), Ok(()));
}
