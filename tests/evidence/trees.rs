//! The tree is kept with every append, in memory and in a file alike; proofs made from it verify.

use rusqlite::Connection;
use tempfile::tempdir;
use waystage::Engine;
use waystage::evidence::Trust;
use waystage::evidence_format::{
    CompactRange, KeyChain, Leaves, Nodes, consistency_proof, inclusion_proof, verify_consistency,
    verify_inclusion,
};
use waystage_store::{Digest, KeptTree};

use super::given::{anchor, imported, in_a_file, in_memory, key};

fn leaves(engine: &Engine) -> Vec<Digest> {
    let rows = engine.reader().rows_after(None, usize::MAX).unwrap();
    rows.iter().map(|row| row.leaf).collect()
}

#[test]
fn both_stores_keep_the_tree_of_their_leaves() {
    let folder = tempdir().unwrap();
    for engine in [imported(in_memory()), imported(in_a_file(&folder))] {
        let leaves = leaves(&engine);
        let mut range = CompactRange::new();
        for leaf in &leaves {
            range.push(*leaf);
        }
        let kept = engine.reader().kept_range().unwrap().unwrap();
        assert_eq!(kept, range);
        let size = leaves.len() as u64;
        let tree = KeptTree(engine.reader());
        for height in 0..10_u8 {
            let whole = size >> height;
            for index in (0..whole).step_by(7).chain(whole.checked_sub(1)) {
                let node = tree.node(height, index).unwrap();
                assert_eq!(node, Leaves(&leaves).node(height, index).unwrap(), "{height} {index}");
            }
            assert!(tree.node(height, whole).is_err(), "there is no whole node at {whole}");
        }
    }
}

#[test]
fn proofs_from_a_kept_tree_verify_at_every_size() {
    let folder = tempdir().unwrap();
    let engine = imported(in_a_file(&folder));
    let leaves = leaves(&engine);
    let tree = KeptTree(engine.reader());
    let size = leaves.len() as u64;
    for (index, old) in (0..size).step_by(13).zip((1..=size).rev().step_by(13)) {
        let root = Leaves(&leaves);
        let root = waystage::evidence_format::root_at(&root, size).unwrap();
        let proof = inclusion_proof(&tree, index, size).unwrap();
        let leaf = leaves[usize::try_from(index).unwrap()];
        verify_inclusion(leaf, index, size, &proof, root).unwrap();
        let before = waystage::evidence_format::root_at(&tree, old).unwrap();
        let proof = consistency_proof(&tree, old, size).unwrap();
        verify_consistency(old, before, size, root, &proof).unwrap();
    }
}

#[test]
fn a_participants_proofs_verify_by_the_key_alone() {
    let folder = tempdir().unwrap();
    let engine = imported(in_a_file(&folder));
    let person = engine.reader().participants().unwrap()[7];
    let looking = engine.access("user:test", "a test");
    let refused = looking.prove(person).unwrap_err().to_string();
    assert!(refused.contains("no checkpoint covers position"), "{refused}");
    engine.checkpoint(&key(), &anchor(&folder), &|_| {}).unwrap();
    let proofs = looking.prove(person).unwrap();
    assert_eq!(proofs.len(), engine.reader().rows_of(person).unwrap().len());
    let trusted = KeyChain::trusting(key().public().clone());
    for (event, proof) in proofs {
        let file = proof.to_string();
        let read: waystage::evidence_format::ProofFile = file.parse().unwrap();
        let proven = read.verify(&trusted).unwrap();
        assert_eq!(proven.event.event_id, *event.as_bytes());
        assert!(file.len() < 2048, "{} bytes", file.len());
    }
}

#[test]
fn a_file_of_the_first_layout_gets_its_tree_when_it_is_opened() {
    let folder = tempdir().unwrap();
    let store = folder.path().join("store");
    drop(imported(Engine::create(&store, "example.org/older").unwrap()));
    let file = store.join("journeys.db");
    let before = {
        let engine = Engine::open(&store).unwrap();
        (leaves(&engine), engine.reader().kept_range().unwrap())
    };
    {
        let raw = Connection::open(&file).unwrap();
        raw.execute_batch(
            "DROP TABLE tree; DROP TABLE tree_node; DROP TABLE epoch; DROP TABLE note;
             PRAGMA user_version = 1",
        )
        .unwrap();
    }
    let engine = Engine::open(&store).unwrap();
    assert_eq!((leaves(&engine), engine.reader().kept_range().unwrap()), before);
    let verified = engine.verify_log(&Trust::default(), &|_| {}).unwrap();
    assert_eq!(verified.size, before.0.len() as u64);
    drop(engine);
    let raw = Connection::open(&file).unwrap();
    let version: i64 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 2);
}

#[test]
fn a_checkpoint_is_not_signed_where_a_bit_turned_since_it_was_written() {
    let folder = tempdir().unwrap();
    let store = folder.path().join("store");
    drop(imported(Engine::create(&store, super::given::ORIGIN).unwrap()));
    {
        let raw = Connection::open(store.join("journeys.db")).unwrap();
        let made: String = raw
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE name = 'event_is_never_changed'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        raw.execute_batch("DROP TRIGGER event_is_never_changed").unwrap();
        raw.execute_batch("UPDATE event SET reported_at = reported_at + 1 WHERE position = 300")
            .unwrap();
        raw.execute_batch(&made).unwrap();
    }
    let engine = Engine::open(&store).unwrap();
    let refused = engine.checkpoint(&key(), &anchor(&folder), &|_| {}).unwrap_err().to_string();
    assert!(refused.contains("position 300"), "{refused}");
    assert!(anchor(&folder).read().unwrap().is_none(), "nothing was anchored");
}
