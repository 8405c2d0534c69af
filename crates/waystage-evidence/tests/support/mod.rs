//! Keys, a small log and one of every text, for the tests of this crate.
#![allow(dead_code, clippy::unwrap_used)] // each test takes what it needs, and may unwrap

use waystage_evidence::{
    Certificate, CertifiedBasis, Checkpoint, Digest, EventFrame, KeptNodes, KeyKind, NO_LEAF,
    ProofFile, Recovery, Rotation, SecretKey, SignedCheckpoint, inclusion_proof, root_at, sha256,
};

pub(crate) const ORIGIN: &str = "example.org/waystage/test";

pub(crate) fn log_key(seed: u8) -> SecretKey {
    SecretKey::of_seed(ORIGIN, KeyKind::Log, [seed; 32]).unwrap()
}

pub(crate) fn witness_key() -> SecretKey {
    SecretKey::of_seed("auditor.example/w1", KeyKind::Witness, [2; 32]).unwrap()
}

/// Events of one stream; those from `second` on are recorded under that epoch's origin.
pub(crate) fn frames(count: u64, second: u64) -> Vec<Vec<u8>> {
    let mut previous_leaf = NO_LEAF;
    (1..=count)
        .map(|position| {
            let origin = format!("{ORIGIN}/e2");
            let frame = EventFrame {
                origin: if position < second { ORIGIN } else { &origin },
                position,
                participant: &[5; 16],
                version: position,
                previous_leaf,
                event_id: &u128::from(position).to_be_bytes(),
                kind: "ContactMade",
                schema: 1,
                recorded_at: 1_767_225_600_000_000 + i64::try_from(position).unwrap(),
                reported_at: None,
                on: "2026-01-01",
                actor: "user:01",
                sourced: Some(("extract:demo", "R-1")),
                correlation: None,
                causation: Some(&[7; 16]),
                payload: br#"{"by":"phone"}"#,
                sealed_hash: None,
            };
            previous_leaf = frame.leaf();
            frame.leaf_data()
        })
        .collect()
}

pub(crate) fn nodes(frames: &[Vec<u8>]) -> KeptNodes {
    KeptNodes::of_leaves(frames.iter().map(|frame| waystage_evidence::leaf(frame)))
}

pub(crate) fn checkpoint_of(origin: &str, nodes: &KeptNodes, size: u64) -> Checkpoint {
    Checkpoint { origin: origin.to_owned(), size, root: root_at(nodes, size).unwrap() }
}

pub(crate) fn signed(checkpoint: &Checkpoint, key: &SecretKey) -> SignedCheckpoint {
    SignedCheckpoint::of_note(checkpoint.sign(&[key]).unwrap()).unwrap()
}

pub(crate) fn proof_file(frames: &[Vec<u8>], index: u64, note: SignedCheckpoint) -> ProofFile {
    let hashes = inclusion_proof(&nodes(frames), index, note.checkpoint.size).unwrap();
    let leaf_data = frames[usize::try_from(index).unwrap()].clone();
    ProofFile { leaf_data, index, hashes, note }
}

pub(crate) fn certificate(root: Digest, size: u64) -> Certificate {
    let packs = ["pack-wwp", "rates-uk", "calendar-england-and-wales", "geography-gm"];
    Certificate {
        origin: ORIGIN.to_owned(),
        size,
        root,
        as_of: "2026-03-31".to_owned(),
        known_at: "2026-04-30T23:59:59.999999Z".to_owned(),
        basis: CertifiedBasis::Recorded,
        packs: packs.map(|name| (name.to_owned(), sha256(name.as_bytes()))).into(),
        model: "funnel".to_owned(),
        version: 3,
        fingerprint: sha256(b"fingerprint"),
        scenario: Some(sha256(b"scenario")),
        participants: 100,
        parked: 2,
        erased: 1,
        rows: 12,
        result: sha256(b"result"),
    }
}

pub(crate) fn rotation(at: Checkpoint, old: &SecretKey, new: &SecretKey) -> Rotation {
    Rotation { at, old: old.public().clone(), new: new.public().clone() }
}

/// A recovery at `size`: the declaration is the leaf before it.
pub(crate) fn recovery(nodes: &KeptNodes, known: u64, size: u64, key: &SecretKey) -> Recovery {
    let old = checkpoint_of(ORIGIN, nodes, known);
    let new = checkpoint_of(key.public().name(), nodes, size);
    Recovery { old, new, key: key.public().clone() }
}

/// One of every text that this crate reads, with its name.
pub(crate) fn one_of_each() -> Vec<(&'static str, String)> {
    let (frames, key) = (frames(7, 99), log_key(1));
    let nodes = nodes(&frames);
    let checkpoint = checkpoint_of(ORIGIN, &nodes, 7);
    let seen = signed(&checkpoint, &key).cosign(&witness_key(), 1_767_229_260).unwrap();
    let second = SecretKey::of_seed(&format!("{ORIGIN}/e2"), KeyKind::Log, [9; 32]).unwrap();
    vec![
        ("public key", key.public().to_string()),
        ("secret key", key.to_string()),
        ("checkpoint", seen.to_string()),
        ("checkpoint text", checkpoint.text()),
        ("proof file", proof_file(&frames, 4, seen.clone()).to_string()),
        ("rotation", rotation(checkpoint, &key, &log_key(3)).text()),
        ("recovery", recovery(&nodes, 5, 7, &second).text()),
        ("certificate", certificate(sha256(b"root"), 7).text()),
    ]
}
