//! Keys that change, epochs after a loss, and proof files read by them.
#![allow(clippy::unwrap_used)] // a test may

mod support;

use support::{
    ORIGIN, checkpoint_of, frames, log_key, nodes, proof_file, recovery, rotation, signed,
    witness_key,
};
use waystage_evidence::{
    ChainError, Checkpoint, CheckpointError, KeyChain, KeyKind, NoteError, ProofError, ProofFile,
    ProofFileError, Recovery, Rotation, SecretKey, SignedNote, leaf, next_origin, sha256,
};

/// Sizes at which the key is changed: the keys are 1 up to 10, 2 up to 20 and so on, 6 behind.
const CHANGES: [(u8, u64); 5] = [(1, 10), (2, 20), (3, 30), (4, 40), (5, 50)];

fn at(size: u64) -> Checkpoint {
    checkpoint_of(ORIGIN, &nodes(&frames(60, 99)), size)
}

fn rotated(from: u8, to: u8, at: Checkpoint) -> SignedNote {
    let (old, new) = (log_key(from), log_key(to));
    rotation(at, &old, &new).sign(&old, &new).unwrap()
}

fn five_changes() -> KeyChain {
    let first = KeyChain::trusting(log_key(1).public().clone());
    CHANGES.iter().fold(first, |chain, (from, size)| {
        let note = rotated(*from, from + 1, at(*size)).to_string();
        chain.rotated(&note.parse().unwrap()).unwrap()
    })
}

fn not_signed() -> ChainError {
    NoteError::NotSigned { name: ORIGIN.to_owned() }.into()
}

#[test]
fn five_changes_of_the_key_verify_and_each_key_is_good_in_its_place_alone() {
    let chain = five_changes();
    assert_eq!(chain.key(), log_key(6).public());
    let nodes = nodes(&frames(60, 99));
    for size in 0..=60 {
        let in_force = 1 + u8::try_from(size.max(1) - 1).unwrap() / 10;
        assert_eq!(chain.key_for(size), log_key(in_force).public(), "{size}");
        for seed in 1..=6 {
            let checkpoint = checkpoint_of(ORIGIN, &nodes, size);
            let verified = chain.verify(&signed(&checkpoint, &log_key(seed)));
            let expected = if seed == in_force { Ok(()) } else { Err(not_signed()) };
            assert_eq!(verified, expected, "key {seed} at {size}");
        }
    }
}

#[test]
fn a_stolen_old_key_cannot_take_the_log_beyond_its_end() {
    let (chain, stolen) = (five_changes(), log_key(1));
    // a checkpoint beyond
    for size in [11, 51, 1_000] {
        let forged = Checkpoint { root: sha256(b"forged"), size, ..at(0) };
        assert_eq!(chain.verify(&signed(&forged, &stolen)), Err(not_signed()));
    }
    // another tree at the very end
    let forged = Checkpoint { root: sha256(b"forged"), ..at(10) };
    assert_eq!(chain.verify(&signed(&forged, &stolen)), Err(ChainError::Fork { size: 10 }));
    // another heir
    for size in [10, 55] {
        let heir = rotated(1, 7, Checkpoint { size, ..at(10) });
        assert_eq!(chain.rotated(&heir), Err(ChainError::OldKey));
    }
    // a recovery
    let key = SecretKey::of_seed(&next_origin(ORIGIN), KeyKind::Log, [7; 32]).unwrap();
    let note = recovery(&nodes(&frames(60, 99)), 10, 12, &key).sign(&stolen, &key).unwrap();
    assert_eq!(chain.recovered(&note), Err(not_signed()));
}

#[test]
fn a_change_of_keys_is_signed_by_both_and_in_order() {
    let chain = KeyChain::trusting(log_key(1).public().clone());
    let [one, two, three] = [1, 2, 3].map(log_key);
    let change = rotation(at(10), &one, &two);
    for key in [&one, &two] {
        let half = SignedNote::sign(&change.text(), &[key]).unwrap();
        assert_eq!(chain.rotated(&half), Err(not_signed()));
    }
    assert_eq!(change.sign(&three, &two), Err(ChainError::OldKey));
    let new_key = || ChainError::NewKey { origin: ORIGIN.to_owned() };
    assert_eq!(change.sign(&one, &three), Err(new_key()));
    assert_eq!(rotation(at(10), &one, &one).sign(&one, &one), Err(new_key()));
    assert_eq!(rotation(at(10), &one, &witness_key()).sign(&one, &witness_key()), Err(new_key()));

    let second = chain.rotated(&rotated(1, 2, at(10))).unwrap();
    assert_eq!(second.rotated(&rotated(1, 2, at(10))), Err(ChainError::OldKey));
    let before = ChainError::Backwards { before: 10, size: 9 };
    assert_eq!(second.rotated(&rotated(2, 3, at(9))), Err(before));
    let other = Checkpoint { root: sha256(b"forged"), ..at(10) };
    assert_eq!(second.rotated(&rotated(2, 3, other)), Err(ChainError::Fork { size: 10 }));
    // at one size twice: the key between was never used
    let third = second.rotated(&rotated(2, 3, at(10))).unwrap();
    assert_eq!((third.key_for(10), third.key_for(11)), (one.public(), three.public()));

    let other = Checkpoint { origin: "example.org/other".to_owned(), ..at(10) };
    let text = Rotation { at: other, ..change.clone() }.text();
    let note = SignedNote::sign(&text, &[&one, &two]).unwrap();
    let (origin, found) = (ORIGIN.to_owned(), "example.org/other".to_owned());
    assert_eq!(chain.rotated(&note), Err(ChainError::Origin { origin, found }));
    let note = SignedNote::sign(&change.at.text(), &[&one, &two]).unwrap();
    assert_eq!(chain.rotated(&note), Err(ChainError::Shape("rotation")));
    assert_eq!(Rotation::parse_text(&change.text()), Ok(change));
}

fn second_key() -> SecretKey {
    SecretKey::of_seed(&format!("{ORIGIN}/e2"), KeyKind::Log, [1; 32]).unwrap()
}

#[test]
fn an_epoch_goes_on_with_its_own_key_and_remembers_the_old_origins() {
    // 7 events were known, 5 are left, the sixth declares the loss
    let (frames, key) = (frames(9, 6), second_key());
    let nodes = nodes(&frames);
    let old = five_changes();
    let declared = recovery(&nodes, 5, 6, &key);
    let note = declared.sign(&log_key(6), &key).unwrap();
    assert_eq!(Recovery::verified(&note, &old), Ok(declared.clone()));
    let new = old.recovered(&note.to_string().parse().unwrap()).unwrap();
    assert_eq!(new.key(), key.public());
    assert_eq!(new.origin_at(4), ORIGIN);
    assert_eq!(new.origin_at(5), format!("{ORIGIN}/e2"));

    let checkpoint = |size| checkpoint_of(key.public().name(), &nodes, size);
    assert_eq!(new.verify(&signed(&checkpoint(9), &key)), Ok(()));
    assert_eq!(new.verify(&signed(&checkpoint(6), &key)), Ok(()));
    let before = ChainError::BeforeEpoch { size: 5, first: 6 };
    assert_eq!(new.verify(&signed(&checkpoint(5), &key)), Err(before));
    let fork = Checkpoint { root: sha256(b"forged"), ..checkpoint(6) };
    assert_eq!(new.verify(&signed(&fork, &key)), Err(ChainError::Fork { size: 6 }));
    let old_one = signed(&checkpoint_of(ORIGIN, &nodes, 5), &log_key(1));
    assert_eq!(old.verify(&old_one), Ok(()));
    assert!(matches!(new.verify(&old_one), Err(ChainError::Origin { .. })));

    // events of both epochs are shown by one checkpoint of the new one
    for index in 0..9 {
        let file = proof_file(&frames, index, signed(&checkpoint(9), &key)).to_string();
        let proven = file.parse::<ProofFile>().unwrap().verify(&new).unwrap();
        assert_eq!(proven.event.origin, new.origin_at(index));
        assert_eq!(proven.event.position, index + 1);
    }
    // and none by a chain that knows nothing of the old one
    let unaware = KeyChain::trusting(key.public().clone());
    let early = proof_file(&frames, 2, signed(&checkpoint(9), &key));
    assert!(matches!(early.verify(&unaware), Err(ProofFileError::Origin { .. })));
}

#[test]
fn a_recovery_is_signed_by_both_epochs_and_names_the_next() {
    let nodes = nodes(&frames(9, 6));
    let (old, new) = (log_key(1), second_key());
    let chain = KeyChain::trusting(old.public().clone());
    let declared = recovery(&nodes, 5, 6, &new);
    for key in [&old, &new] {
        let half = SignedNote::sign(&declared.text(), &[key]).unwrap();
        let refused = chain.recovered(&half);
        let missing = |error: &ChainError| {
            matches!(
                error,
                ChainError::Checkpoint(CheckpointError::Note(NoteError::NotSigned { .. }))
            )
        };
        assert!(refused.as_ref().is_err_and(missing), "{refused:?}");
    }
    let third = SecretKey::of_seed(&format!("{ORIGIN}/e3"), KeyKind::Log, [1; 32]).unwrap();
    let skips = recovery(&nodes, 5, 6, &third);
    assert!(matches!(skips.sign(&old, &third), Err(ChainError::Origin { .. })));
    let empty = recovery(&nodes, 5, 0, &new);
    assert_eq!(empty.sign(&old, &new), Err(ChainError::Shape("recovery")));
    assert_eq!(declared.sign(&new, &new), Err(ChainError::OldKey));
    assert!(matches!(declared.sign(&old, &third), Err(ChainError::NewKey { .. })));
    assert_eq!(Recovery::parse_text(&declared.text()), Ok(declared.clone()));
    let known = chain.rotated(&rotated(1, 2, at(5))).unwrap();
    let mut forked = declared;
    forked.old.root = sha256(b"forged");
    let note = forked.sign(&log_key(2), &new).unwrap();
    assert_eq!(known.recovered(&note), Err(ChainError::Fork { size: 5 }));
}

#[test]
fn epochs_are_numbered() {
    for (origin, next) in [
        ("a/b", "a/b/e2"),
        ("a/b/e2", "a/b/e3"),
        ("a/b/e9", "a/b/e10"),
        ("a/b/e1", "a/b/e1/e2"),
        ("a/b/e02", "a/b/e02/e2"),
        ("a/b/e", "a/b/e/e2"),
        ("a/e2/b", "a/e2/b/e2"),
    ] {
        assert_eq!(next_origin(origin), next);
    }
}

#[test]
fn a_proof_file_shows_the_event_and_nothing_that_was_changed() {
    let (frames, key) = (frames(7, 99), log_key(1));
    let chain = KeyChain::trusting(key.public().clone());
    let note = signed(&checkpoint_of(ORIGIN, &nodes(&frames), 7), &key);
    let good = proof_file(&frames, 4, note.clone());
    let proven = good.to_string().parse::<ProofFile>().unwrap().verify(&chain).unwrap();
    assert_eq!(proven.event.frame().leaf(), leaf(&frames[4]));
    assert_eq!(proven.checkpoint, note.checkpoint);

    let other_place = ProofFile { index: 5, ..good.clone() };
    let error = ProofFileError::Position { position: 5, index: 5 };
    assert_eq!(other_place.verify(&chain), Err(error));
    let other_event = ProofFile { leaf_data: frames[5].clone(), ..good.clone() };
    let error = ProofFileError::Position { position: 6, index: 4 };
    assert_eq!(other_event.verify(&chain), Err(error));
    let mut edited = good.clone();
    let place = edited.leaf_data.len() - 36;
    edited.leaf_data[place] ^= 1;
    assert_eq!(edited.verify(&chain), Err(ProofError::Root.into()));
    let wider = signed(&checkpoint_of(ORIGIN, &nodes(&frames), 4), &key);
    let outside = ProofFile { note: wider, ..good.clone() };
    let error = ProofError::Outside { index: 4, size: 4 };
    assert_eq!(outside.verify(&chain), Err(error.into()));
    let stranger = KeyChain::trusting(log_key(8).public().clone());
    assert_eq!(good.verify(&stranger), Err(not_signed().into()));
    let name = "example.org/other";
    let other_log = SecretKey::of_seed(name, KeyKind::Log, [1; 32]).unwrap();
    let moved = signed(&Checkpoint { origin: name.to_owned(), ..note.checkpoint }, &other_log);
    let moved = ProofFile { note: moved, ..good };
    let refused = moved.verify(&KeyChain::trusting(other_log.public().clone()));
    assert!(matches!(refused, Err(ProofFileError::Origin { .. })), "{refused:?}");
}

#[test]
fn every_bit_of_a_proof_file_counts() {
    let (frames, key) = (frames(7, 99), log_key(1));
    let chain = KeyChain::trusting(key.public().clone());
    let note = signed(&checkpoint_of(ORIGIN, &nodes(&frames), 7), &key);
    let file = proof_file(&frames, 4, note).to_string();
    let mut refused = 0;
    for place in 0..file.len() {
        for bit in 0..8 {
            let mut bytes = file.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let read =
                String::from_utf8(bytes).ok().and_then(|text| text.parse::<ProofFile>().ok());
            assert!(
                read.is_none_or(|read| read.verify(&chain).is_err()),
                "byte {place}, bit {bit}"
            );
            refused += 1;
        }
    }
    assert_eq!(refused, file.len() * 8);
}

#[test]
fn a_proof_file_has_one_form() {
    let (frames, key) = (frames(7, 99), log_key(1));
    let note = signed(&checkpoint_of(ORIGIN, &nodes(&frames), 7), &key);
    let good = proof_file(&frames, 4, note).to_string();
    let shape = ProofFileError::Shape;
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    for (bad, error) in [
        (String::new(), shape("first line")),
        (good.replace("@v1", "@v2"), shape("first line")),
        (good.replace("extra ", "extra  "), shape("line `extra`")),
        (good.replace("extra d2F5", "extra ?2F5"), shape("line `extra`")),
        (good.replace("index 4", "index 04"), shape("line `index`")),
        (good.replace("index 4", "index -4"), shape("line `index`")),
        (good.replace("index 4", "place 4"), shape("line `index`")),
        (good.replace("index 4\n", "index 4\nAAAA\n"), shape("list of hashes")),
        (
            good.replace("index 4\n", &format!("index 4\n{}", hash.repeat(64))),
            shape("list of hashes"),
        ),
        (good.replace("index 4\n", "index 4\n\n"), CheckpointError::Shape.into()),
        (good.split("\n\n").next().unwrap().to_owned(), shape("empty line")),
    ] {
        assert_eq!(bad.parse::<ProofFile>(), Err(error), "{bad}");
    }
}
