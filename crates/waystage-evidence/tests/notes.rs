//! Keys, signed notes and checkpoints: they read as they print, and nothing that was touched is
//! taken.
#![allow(clippy::unwrap_used)] // a test may

mod support;

use proptest::prelude::*;
use support::{ORIGIN, checkpoint_of, frames, log_key, nodes, signed, witness_key};
use waystage_evidence::{
    Checkpoint, CheckpointError, KeyError, KeyKind, NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, NoteError,
    PublicKey, SecretKey, SignedCheckpoint, SignedNote, empty_root, sha256,
};

const SEEN: u64 = 1_767_229_260;

fn seen() -> SignedCheckpoint {
    let checkpoint = checkpoint_of(ORIGIN, &nodes(&frames(7, 99)), 7);
    signed(&checkpoint, &log_key(1)).cosign(&witness_key(), SEEN).unwrap()
}

#[test]
fn every_byte_of_a_checkpoint_counts() {
    let note = seen().to_string();
    let (log, witness) = (log_key(1), witness_key());
    let witness_line = note.find("— auditor").unwrap();
    let (mut refused, mut other_line) = (0, 0);
    for place in 0..note.len() {
        for bit in 0..8 {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let read = String::from_utf8(bytes).ok().map(|text| text.parse::<SignedCheckpoint>());
            let Some(Ok(read)) = read else {
                refused += 1;
                continue;
            };
            // what the log signed is whole only where the witness's line was touched
            assert_eq!(read.verify(log.public()).is_ok(), place >= witness_line);
            // and what the witness signed only where the log's line was
            let by_witness = read.cosigned_by(witness.public());
            let is_whole = place < witness_line && read.note.text() == seen().note.text();
            assert_eq!(by_witness == Ok(Some(SEEN)), is_whole, "byte {place}, bit {bit}");
            other_line += 1;
        }
    }
    assert_eq!(refused + other_line, note.len() * 8);
    assert!(refused > 500 && other_line > 500, "{refused} and {other_line}");
}

#[test]
fn a_key_that_is_not_asked_about_may_say_anything() {
    let (log, other) = (log_key(1), log_key(9));
    let note = SignedNote::sign("said\n", &[&log, &other]).unwrap();
    let broken = note.to_string().replace("said\n", "told\n");
    let note: SignedNote = broken.parse().unwrap();
    let bad = NoteError::BadSignature { name: ORIGIN.to_owned() };
    assert_eq!(note.verify(log.public()), Err(bad.clone()));
    let stranger = log_key(4);
    let missing = NoteError::NotSigned { name: ORIGIN.to_owned() };
    assert_eq!(note.verify(stranger.public()), Err(missing));

    // one good line of a key does not make up for a bad one of it
    let good = SignedNote::sign("told\n", &[&log]).unwrap();
    assert!(good.is_signed_by(log.public()));
    let both = good.clone().with(note.signatures()[0].clone()).unwrap();
    assert_eq!(both.verify(log.public()), Err(bad));
    // and a bad one of another does not matter
    let both = good.with(note.signatures()[1].clone()).unwrap();
    assert_eq!(both.verify(log.public()), Ok(()));
}

#[test]
fn a_witness_says_when_it_saw_first_and_signs_nothing_else() {
    let (log, witness) = (log_key(1), witness_key());
    let twice = seen().cosign(&witness, SEEN - 60).unwrap();
    assert_eq!(twice.cosigned_by(witness.public()), Ok(Some(SEEN - 60)));
    assert_eq!(twice.note.verify(witness.public()), Ok(()));
    let stranger = SecretKey::of_seed("auditor.example/w2", KeyKind::Witness, [3; 32]).unwrap();
    assert_eq!(twice.cosigned_by(stranger.public()), Ok(None));

    let name = || "auditor.example/w1".to_owned();
    let refused = SignedNote::sign("any\n", &[&witness]);
    assert_eq!(refused, Err(NoteError::Witness { name: name() }));
    let no_witness = NoteError::NoWitness { name: ORIGIN.to_owned() };
    assert_eq!(seen().cosign(&log, SEEN), Err(no_witness.clone().into()));
    assert_eq!(seen().cosigned_by(log.public()), Err(no_witness.into()));

    // one secret for both kinds is two keys, and a line of one is none of the other
    let as_log = SecretKey::of_seed("auditor.example/w1", KeyKind::Log, [2; 32]).unwrap();
    assert_ne!(as_log.public().id(), witness.public().id());
    assert!(!seen().note.is_signed_by(as_log.public()));
    let origin = CheckpointError::Origin { origin: ORIGIN.to_owned(), name: name() };
    assert_eq!(seen().verify(witness.public()), Err(origin));
}

#[test]
fn a_checkpoint_belongs_to_the_key_of_its_name() {
    let key = SecretKey::of_seed("example.org/other", KeyKind::Log, [1; 32]).unwrap();
    let (origin, name) = (ORIGIN.to_owned(), "example.org/other".to_owned());
    let error = CheckpointError::Origin { origin, name };
    assert_eq!(seen().checkpoint.sign(&[&key]), Err(error.clone()));
    assert_eq!(seen().verify(key.public()), Err(error));
    let mut mixed = seen();
    mixed.checkpoint.size = 8;
    assert_eq!(mixed.verify(log_key(1).public()), Err(CheckpointError::Text));
    assert_eq!(mixed.cosigned_by(witness_key().public()), Err(CheckpointError::Text));
    assert_eq!(mixed.cosign(&witness_key(), 1), Err(CheckpointError::Text));
}

#[test]
fn the_text_of_a_checkpoint_has_one_form() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let good = format!("a/b\n12\n{root}\n");
    let read = Checkpoint::parse_text(&good).unwrap();
    assert_eq!((read.size, read.root), (12, empty_root()));
    for bad in [
        String::new(),
        "\n".to_owned(),
        good.replace("12", "012"),
        good.replace("12", "+12"),
        good.replace("12", " 12"),
        good.replace("12", ""),
        good.replace("12", "-1"),
        good.replace("12", "18446744073709551616"),
        good.replace("12", "１２"),
        good.replace("a/b", ""),
        good.replace("a/b", "a b"),
        good.replace("a/b", "a+b"),
        good.replace("a/b", "a\u{a0}b"),
        good.replace("a/b", "a\tb"),
        good.replace("uFU=", "uFU"),
        good.replace("uFU=", "uFV="),
        good.replace("uFU=", "uFU=="),
        good.replace("uFU=", "uFU= "),
        good.replace("uFU=", ""),
        good.replace('+', "-").replace('/', "_"),
        format!("{good}\n"),
        format!("{good}an extension\n"),
        good.trim_end().to_owned(),
        good.replace('\n', "\r\n"),
    ] {
        assert_eq!(Checkpoint::parse_text(&bad), Err(CheckpointError::Shape), "{bad:?}");
    }
}

#[test]
fn a_note_has_one_form_and_a_size() {
    let good = seen().note.to_string();
    assert_eq!(good.parse::<SignedNote>().unwrap().to_string(), good);
    let line = |number| NoteError::Line { number };
    for (bad, error) in [
        (String::new(), NoteError::Unsigned),
        ("\n\n".to_owned(), NoteError::Unsigned),
        ("text\n".to_owned(), NoteError::Unsigned),
        ("text\n\n".to_owned(), NoteError::Unsigned),
        (good.trim_end().to_owned(), NoteError::Unsigned),
        (format!("{good}\n"), NoteError::Unsigned),
        (format!("{good}more\n"), line(3)),
        (good.replace("— example", "- example"), line(1)),
        (good.replace("— auditor", "—auditor"), line(2)),
        (good.replace("— auditor", "—  auditor"), line(2)),
        (good.replace("— auditor", "— au+ditor"), line(2)),
        (good.replace("/w1 ", "/w1  "), line(2)),
        ("text\n\n— name AAAAAA==\n".to_owned(), line(1)),
        ("text\n\n— name AAAAAAB=\n".to_owned(), line(1)),
        ("text\n\n— name AAAAAAA\n".to_owned(), line(1)),
        (good.replace('7', "7\t"), NoteError::Control { line: 2 }),
        (good.replace('\n', "\r\n"), NoteError::Control { line: 1 }),
        (format!("\u{7f}{good}"), NoteError::Control { line: 1 }),
        ("a".repeat(NOTE_BYTES_MAX + 1), NoteError::TooLong { got: NOTE_BYTES_MAX + 1 }),
    ] {
        assert_eq!(bad.parse::<SignedNote>(), Err(error), "{:?}", bad.get(..99));
    }
    let many = NOTE_SIGNATURES_MAX;
    let lines = "— name AAAAAAA=\n".repeat(many);
    assert_eq!(format!("a\n\n{lines}").parse::<SignedNote>().unwrap().signatures().len(), many);
    let lines = "— name AAAAAAA=\n".repeat(many + 1);
    let refused = format!("a\n\n{lines}").parse::<SignedNote>();
    assert_eq!(refused, Err(NoteError::TooManySignatures { got: many + 1 }));
    let key = log_key(1);
    assert_eq!(SignedNote::sign("no end", &[&key]), Err(NoteError::Text));
    assert_eq!(SignedNote::sign("", &[&key]), Err(NoteError::Text));
    assert_eq!(SignedNote::sign("a\u{1}\n", &[&key]), Err(NoteError::Control { line: 1 }));
    assert_eq!(SignedNote::sign("a\n", &[]), Err(NoteError::Unsigned));
    let long = format!("{}\n", "a".repeat(NOTE_BYTES_MAX - 1));
    assert!(matches!(SignedNote::sign(&long, &[&key]), Err(NoteError::TooLong { .. })));
}

#[test]
fn a_key_has_one_form_and_its_secret_is_not_shown() {
    let key = log_key(1);
    let (secret, public) = (key.to_string(), key.public().to_string());
    let again: SecretKey = secret.parse().unwrap();
    assert_eq!((again.to_string(), again.public()), (secret.clone(), key.public()));
    let shown = format!("{key:?}");
    assert!(shown.contains("PublicKey") && !shown.contains("[1, 1, 1"), "{shown}");
    assert!(!shown.contains("0101") && !shown.contains("AQEB"), "{shown}");

    let shape = "name+id+base64";
    for (bad, error) in [
        (String::new(), KeyError::Shape(shape)),
        (public.replace('+', "-"), KeyError::Shape(shape)),
        (public.replace("8d759a2d", "8D759A2D"), KeyError::Shape(shape)),
        (public.replace("8d759a2d", "8d759a2"), KeyError::Shape(shape)),
        (public.replace("8d759a2d", "8d759a2e"), KeyError::Id),
        (public.replace("example", "fxample"), KeyError::Id),
        (public.replace("example", "ex ample"), KeyError::Name),
        (public.replace(ORIGIN, ""), KeyError::Name),
        (format!("{public}="), KeyError::Bytes),
        (format!("{public}\n"), KeyError::Bytes),
        (public[..public.len() - 4].to_owned(), KeyError::Bytes),
        (secret.clone(), KeyError::Shape(shape)),
    ] {
        assert_eq!(bad.parse::<PublicKey>(), Err(error), "{bad}");
    }
    assert!(matches!(public.parse::<SecretKey>(), Err(KeyError::Shape(_))));
    let other = secret.replace("8d759a2d", "8d759a2e");
    assert!(matches!(other.parse::<SecretKey>(), Err(KeyError::Id)));
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
        let refused = SecretKey::of_seed(name, KeyKind::Log, [1; 32]);
        assert!(matches!(refused, Err(KeyError::Name)), "{name:?}");
    }
}

/// Points of small order: signatures by them can be made for any text. And what is no point.
#[test]
fn a_weak_key_is_refused() {
    for (first, base64) in [(0, "AQAA"), (1, "AQEA"), (2, "AQIA")] {
        let mut hashed = b"weak\n\x01".to_vec();
        hashed.push(first);
        hashed.extend([0; 31]);
        let id = &sha256(&hashed).to_string()[..8];
        let key = format!("weak+{id}+{base64}{}", "A".repeat(40));
        assert_eq!(key.parse::<PublicKey>(), Err(KeyError::Unsafe));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn notes_read_as_they_print(
        text in "([a-zA-Z0-9 —é+/=]{0,20}\n){1,6}",
        seeds in proptest::collection::vec(0_u8..9, 1..4),
    ) {
        let keys: Vec<SecretKey> = seeds.iter().map(|seed| log_key(*seed)).collect();
        let note = SignedNote::sign(&text, &keys.iter().collect::<Vec<_>>()).unwrap();
        let read: SignedNote = note.to_string().parse().unwrap();
        prop_assert_eq!(&read, &note);
        for key in &keys {
            prop_assert_eq!(read.verify(key.public()), Ok(()));
        }
    }
}
