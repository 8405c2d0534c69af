//! Whatever is read: nothing panics, and what is taken prints byte for byte as it was.
#![allow(clippy::unwrap_used)] // a test may

mod support;

use proptest::prelude::*;
use support::one_of_each;
use waystage_evidence::{
    Certificate, Checkpoint, DecodedFrame, Digest, NoteSignature, ProofFile, PublicKey, Recovery,
    Rotation, SecretKey, SignedCheckpoint, SignedNote, verify_consistency, verify_inclusion,
};

/// Reads a text by every parser; returns what was taken, printed again.
fn taken(text: &str) -> Vec<String> {
    [
        text.parse::<PublicKey>().ok().map(|key| key.to_string()),
        text.parse::<SecretKey>().ok().map(|key| key.to_string()),
        text.parse::<NoteSignature>().ok().map(|line| line.to_string()),
        text.parse::<SignedNote>().ok().map(|note| note.to_string()),
        text.parse::<SignedCheckpoint>().ok().map(|note| note.to_string()),
        text.parse::<ProofFile>().ok().map(|file| file.to_string()),
        Checkpoint::parse_text(text).ok().map(|checkpoint| checkpoint.text()),
        Rotation::parse_text(text).ok().map(|rotation| rotation.text()),
        Recovery::parse_text(text).ok().map(|recovery| recovery.text()),
        Certificate::parse_text(text).ok().map(|certificate| certificate.text()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn one_of_each_is_taken() {
    for (name, text) in one_of_each() {
        assert!(taken(&text).contains(&text), "{name}");
    }
}

/// A text that is nearly one: bytes put in, taken out and exchanged, or a piece of another.
fn nearly() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0_u8..4, any::<prop::sample::Index>());
    let (each, edits) = (0..one_of_each().len(), proptest::collection::vec(edit, 1..4));
    (each, 0..one_of_each().len(), edits).prop_map(|(each, other, edits)| {
        let (text, other) = (&one_of_each()[each].1, &one_of_each()[other].1);
        let mut text: Vec<char> = text.chars().collect();
        let other: Vec<char> = other.chars().collect();
        for (place, what, from) in edits {
            let (place, from) = (place.index(text.len() + 1), from.index(other.len()));
            match what {
                0 => text.insert(place, other[from]),
                1 if place < text.len() => text[place] = other[from],
                2 if place < text.len() => drop(text.remove(place)),
                _ => text.splice(place.., other[from..].iter().copied()).for_each(drop),
            }
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nearly_right_texts_are_taken_whole_or_not(text in nearly()) {
        for printed in taken(&text) {
            prop_assert_eq!(&printed, &text);
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        for printed in taken(&text) {
            prop_assert_eq!(&printed, &text);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(DecodedFrame::of_leaf_data(&bytes).is_err());
        let begun = [b"waystage.event.v1\n\0\0\0\x01a".as_slice(), &bytes].concat();
        if let Ok(frame) = DecodedFrame::of_leaf_data(&begun) {
            prop_assert_eq!(frame.frame().leaf_data(), begun);
        }
    }

    #[test]
    fn any_proof_is_answered(
        numbers in any::<(u64, u64)>(),
        hashes in proptest::collection::vec(any::<[u8; 32]>(), 2..80),
    ) {
        let hashes: Vec<Digest> = hashes.into_iter().map(Digest::from_bytes).collect();
        let ([from, root, proof @ ..], (one, other)) = (hashes.as_slice(), numbers) else {
            unreachable!("there are two")
        };
        for (one, other) in [(one, other), (one % 999, other), (one, other % 999)] {
            prop_assert!(verify_inclusion(*from, one, other, proof, *root).is_err());
            prop_assert!(verify_consistency(one, *from, other, *root, proof).is_err());
        }
    }
}
