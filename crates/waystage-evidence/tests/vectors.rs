//! The published vectors, byte for byte: leaves, roots, keys and a whole checkpoint with a witness.
#![allow(clippy::unwrap_used)] // a test may

use waystage_evidence::{
    Checkpoint, CompactRange, Digest, EventFrame, KeptNodes, KeyKind, NO_LEAF, PublicKey,
    SecretKey, SignedCheckpoint, SignedNote, event_id, leaf, root_at, sha256,
};

const ORIGIN: &str = "example.org/waystage/test";
const LOG: &str = "example.org/waystage/test+8d759a2d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
const WITNESS: &str = "auditor.example/w1+2a09e825+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
const SEEN: u64 = 1_767_229_260;
const CHECKPOINT: &str = include_str!("checkpoint.txt");
const FIRST_LEAF_DATA: &str = "77617973746167652e6576656e742e76310a000000196578616d706c652e6f72\
    672f77617973746167652f74657374000000000000000000000010000102030405060708090a0b0c0d0e0f0000\
    00000000000100000000000000000000000000000000000000000000000000000000000000000000001001\
    9b76daa800d8b33b707411c3be76b70000000852656665727265640000000100064748462040000000000800\
    064748462040000000000a323032362d30312d30310000000d73797374656d3a696d706f72740000000c6578\
    74726163743a64656d6f00000003522d310000000000000000000000137b2270726f6772616d6d65223a2277\
    7770227d0000000000000000000000000000000000000000000000000000000000000000";

fn counting(from: u8) -> [u8; 16] {
    std::array::from_fn(|index| from + u8::try_from(index).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Returns the leaves of the three published events, and what the first and third are hashes of.
fn published() -> ([Digest; 3], [Vec<u8>; 2]) {
    let ids = ["R-1", "R-2"].map(|name| event_id(1_767_225_600_000, "extract:demo", name));
    let first = EventFrame {
        origin: ORIGIN,
        position: 1,
        participant: &counting(0x00),
        version: 1,
        previous_leaf: NO_LEAF,
        event_id: &ids[0],
        kind: "Referred",
        schema: 1,
        recorded_at: 1_767_225_600_000_000,
        reported_at: Some(1_767_225_600_000_000),
        on: "2026-01-01",
        actor: "system:import",
        sourced: Some(("extract:demo", "R-1")),
        correlation: None,
        causation: None,
        payload: br#"{"programme":"wwp"}"#,
        sealed_hash: None,
    };
    let second = EventFrame {
        position: 2,
        participant: &counting(0x10),
        event_id: &ids[1],
        recorded_at: 1_767_225_600_000_001,
        sourced: Some(("extract:demo", "R-2")),
        sealed_hash: Some(sha256(b"sealed-bytes")),
        ..first
    };
    let third = EventFrame {
        position: 3,
        version: 2,
        previous_leaf: first.leaf(),
        event_id: &[0xa2; 16],
        kind: "JobStarted",
        recorded_at: 1_767_229_200_000_000,
        reported_at: None,
        actor: "user:01",
        sourced: None,
        correlation: Some(&[0xc0; 16]),
        causation: Some(&ids[0]),
        payload: br#"{"weekly_minutes":960}"#,
        ..first
    };
    let data = [first.leaf_data(), third.leaf_data()];
    ([first, second, third].map(|frame| frame.leaf()), data)
}

fn leaves() -> [Digest; 3] {
    published().0
}

#[test]
fn the_frame_agrees_with_the_published_vectors() {
    let (leaves, [first, third]) = published();
    assert_eq!((first.len(), third.len()), (288, 296));
    assert_eq!(hex(&first), FIRST_LEAF_DATA);
    let texts = leaves.map(|leaf| leaf.to_string());
    assert_eq!(texts[0], "46b746715147d71dcbfd6fd797543ea4ab56d88f40b31f1e3523a403c50d23c9");
    assert_eq!(texts[1], "3a381c7b2dc3c53911c59d07c992a13fb162916351688b5f31e78fc49058fa38");
    assert_eq!(texts[2], "679fd4e28a101b0446e91329007529c8fefb5168fd18d9cf9791d7947a408f76");
}

#[test]
fn the_leaves_give_the_published_roots() {
    let leaves = leaves();
    let nodes = KeptNodes::of_leaves(leaves);
    let root = |size| root_at(&nodes, size).unwrap().to_string();
    assert_eq!(root(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(root(1), "46b746715147d71dcbfd6fd797543ea4ab56d88f40b31f1e3523a403c50d23c9");
    assert_eq!(root(1), leaves[0].to_string());
    assert_eq!(root(2), "fec1dcc85565ce6b42a3a672e93c04311d1fa2308892de065abfbbcae6ae7a51");
    assert_eq!(root(3), "8a2e07e4392d4a81a745e5d088f5e7a1613f1b239aa2de9d0dbe93f217df99aa");
}

#[test]
fn the_tree_alone_gives_the_roots_that_others_publish() {
    let mut tree = CompactRange::new();
    let mut roots = Vec::new();
    let inputs: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    for input in inputs {
        tree.push(leaf(input));
        roots.push(tree.root().to_string());
    }
    assert_eq!(roots[0], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_eq!(roots[7], "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

#[test]
fn the_keys_and_the_whole_checkpoint_are_the_published_ones() {
    let log = SecretKey::of_seed(ORIGIN, KeyKind::Log, [1; 32]).unwrap();
    let witness = SecretKey::of_seed("auditor.example/w1", KeyKind::Witness, [2; 32]).unwrap();
    assert_eq!(log.public().to_string(), LOG);
    assert_eq!(witness.public().to_string(), WITNESS);
    assert_eq!(LOG.parse::<PublicKey>().unwrap(), *log.public());

    let root = KeptNodes::of_leaves(leaves()).tree().root();
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root };
    let signed = SignedCheckpoint::of_note(checkpoint.sign(&[&log]).unwrap()).unwrap();
    let seen = signed.cosign(&witness, SEEN).unwrap();
    assert_eq!(seen.to_string(), CHECKPOINT);

    let read: SignedCheckpoint = CHECKPOINT.parse().unwrap();
    assert_eq!(read.checkpoint, checkpoint);
    read.verify(&LOG.parse().unwrap()).unwrap();
    assert_eq!(read.cosigned_by(&WITNESS.parse().unwrap()).unwrap(), Some(SEEN));
}

/// The example by which implementations of signed notes are known to agree.
#[test]
fn the_note_that_others_publish_verifies_and_is_signed_alike() {
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let lines = "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: SecretKey = secret.parse().unwrap();
    assert_eq!(key.to_string(), secret);
    assert_eq!(key.public().to_string(), public);
    let note: SignedNote = format!("{text}{lines}").parse().unwrap();
    note.verify(&public.parse().unwrap()).unwrap();
    assert_eq!(SignedNote::sign(text, &[&key]).unwrap(), note);
}
