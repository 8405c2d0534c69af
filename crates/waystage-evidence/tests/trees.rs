//! Trees: however a root is come by, it is the same, and the one that another library computes.
#![allow(clippy::unwrap_used)] // a test may

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use waystage_evidence::{
    CompactRange, Digest, KeptNodes, Leaves, MissingNode, Nodes, SIZE_MAX, consistency_proof,
    empty_root, inclusion_proof, leaf, node, range_at, root_at, verify_consistency,
    verify_inclusion,
};

type Oracle = MemoryBackedTree<Sha256, Vec<u8>>;

/// The root as RFC 6962 defines it, word for word.
fn naive(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [only] => *only,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(middle);
            node(&naive(left), &naive(right))
        }
    }
}

fn entries(size: usize) -> Vec<Vec<u8>> {
    (0..size).map(|index| format!("entry {index}").into_bytes()).collect()
}

fn joined(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn all_leaves(entries: &[Vec<u8>]) -> Vec<Digest> {
    entries.iter().map(|entry| leaf(entry)).collect()
}

#[test]
fn every_root_to_600_is_the_definition_and_the_other_librarys() {
    let entries = entries(600);
    let leaves = all_leaves(&entries);
    let (mut tree, mut oracle) = (CompactRange::new(), Oracle::new());
    assert_eq!(tree.root(), empty_root());
    for (index, entry) in entries.iter().enumerate() {
        tree.push(leaves[index]);
        oracle.push(entry.clone());
        assert_eq!(tree.root().as_bytes().as_slice(), oracle.root().as_bytes().as_slice());
        assert_eq!(tree.root(), naive(&leaves[..=index]));
    }
}

#[test]
fn parts_that_do_not_fit_make_no_tree() {
    let peaks = |count: usize| vec![leaf(b"any"); count];
    assert_eq!(CompactRange::of_parts(0, vec![]), Some(CompactRange::new()));
    for (size, count, fits) in [
        (0, 1, false),
        (1, 0, false),
        (1, 1, true),
        (6, 2, true),
        (7, 2, false),
        (7, 3, true),
        (7, 4, false),
        (SIZE_MAX, 63, true),
        (SIZE_MAX + 1, 1, false),
        (u64::MAX, 64, false),
    ] {
        let tree = CompactRange::of_parts(size, peaks(count));
        assert_eq!(tree.is_some(), fits, "{count} peaks for {size}");
    }
}

#[test]
fn nodes_that_are_not_complete_are_not_told() {
    let leaves = all_leaves(&entries(5));
    let kept = KeptNodes::of_leaves(leaves.clone());
    for (height, index) in [(0, 5), (1, 2), (2, 1), (3, 0), (64, 0), (255, 0), (63, u64::MAX)] {
        let missing = Err(MissingNode { height, index });
        assert_eq!(kept.node(height, index), missing);
        assert_eq!(Leaves(&leaves).node(height, index), missing);
    }
    assert!(root_at(&kept, 6).is_err());
    assert!(root_at(&Leaves(&leaves), u64::MAX).is_err());
    assert!(range_at(&kept, u64::MAX).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_tree_taken_up_anywhere_grows_to_the_same_root(size in 0_usize..700, cut in 0_usize..700) {
        let leaves = all_leaves(&entries(size));
        let cut = cut.min(size);
        let kept = KeptNodes::of_leaves(leaves.clone());
        let mut tree = range_at(&kept, cut as u64).unwrap();
        prop_assert_eq!(tree.root(), naive(&leaves[..cut]));
        prop_assert_eq!(tree.peaks().len(), cut.count_ones() as usize);
        prop_assert_eq!(&tree, &range_at(&Leaves(&leaves), cut as u64).unwrap());
        let parts = CompactRange::of_parts(tree.size(), tree.peaks().to_vec());
        prop_assert_eq!(parts.as_ref(), Some(&tree));
        for leaf in &leaves[cut..] {
            tree.push(*leaf);
        }
        prop_assert_eq!(&tree, kept.tree());
        prop_assert_eq!(tree.root(), naive(&leaves));
        prop_assert_eq!(root_at(&Leaves(&leaves), size as u64).unwrap(), naive(&leaves));
    }

    #[test]
    fn every_complete_node_is_told_once_and_is_the_root_of_its_leaves(size in 0_usize..400) {
        let leaves = all_leaves(&entries(size));
        let (mut tree, mut told) = (CompactRange::new(), Vec::new());
        for leaf in &leaves {
            let before = told.len();
            tree.push_telling(*leaf, |height, index, hash| told.push((height, index, hash)));
            let heights: Vec<u8> = told[before..].iter().map(|(height, ..)| *height).collect();
            let ascending = (0..).take(heights.len()).collect::<Vec<u8>>();
            prop_assert_eq!(heights, ascending);
        }
        let mut expected = 0;
        for height in 0..10_u8 {
            let width = 1_usize << height;
            for index in 0..size / width {
                let hash = naive(&leaves[index * width..(index + 1) * width]);
                prop_assert!(told.contains(&(height, index as u64, hash)));
                expected += 1;
            }
        }
        prop_assert_eq!(told.len(), expected);
    }

    #[test]
    fn proofs_are_those_of_the_other_library_and_each_takes_the_others(
        size in 1_usize..2_000,
        picks in proptest::collection::vec((any::<u64>(), any::<u64>()), 8),
    ) {
        let entries = entries(size);
        let (mut oracle, mut olds) = (Oracle::new(), vec![Oracle::new().root()]);
        for entry in &entries {
            oracle.push(entry.clone());
            olds.push(oracle.root());
        }
        let kept = KeptNodes::of_leaves(all_leaves(&entries));
        let root = kept.tree().root();
        let size = size as u64;
        for (index, old) in picks {
            let (index, old) = (index % size, 1 + old % size);
            let proof = inclusion_proof(&kept, index, size).unwrap();
            let theirs = oracle.prove_inclusion(usize::try_from(index).unwrap());
            prop_assert_eq!(joined(&proof), theirs.as_bytes());
            let entry = &entries[usize::try_from(index).unwrap()];
            prop_assert!(oracle.root().verify_inclusion(entry, index, &theirs).is_ok());
            prop_assert!(verify_inclusion(leaf(entry), index, size, &proof, root).is_ok());

            let proof = consistency_proof(&kept, old, size).unwrap();
            let theirs = oracle.prove_consistency(usize::try_from(size - old).unwrap());
            prop_assert_eq!(joined(&proof), theirs.as_bytes());
            let old_root = root_at(&kept, old).unwrap();
            let place = usize::try_from(old).unwrap();
            prop_assert!(oracle.root().verify_consistency(&olds[place], &theirs).is_ok());
            prop_assert!(verify_consistency(old, old_root, size, root, &proof).is_ok());
        }
    }
}
