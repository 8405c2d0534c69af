//! What a refusal says, word for word: what is wrong, where, and what to do.

use std::fmt::Display;

use waystage_evidence::{
    CertificateError, ChainError, CheckpointError, FrameError, KeyError, MissingNode, NoteError,
    ProofError, ProofFileError,
};

fn name() -> String {
    "example.org/log".to_owned()
}

fn other() -> String {
    "example.org/other".to_owned()
}

fn check(cases: &[(&dyn Display, &str)]) {
    for (error, says) in cases {
        assert_eq!(error.to_string(), *says);
    }
}

#[test]
fn keys_and_notes() {
    check(&[
        (
            &KeyError::Shape("name+id+base64"),
            "a key is written name+id+base64: copy the whole of it",
        ),
        (
            &KeyError::Name,
            "the name of a key is not empty and has no spaces, control characters or `+`: rename it",
        ),
        (
            &KeyError::Id,
            "the id of the key is not the one of its name and bytes: copy the key again",
        ),
        (
            &KeyError::Bytes,
            "the last part of the key is not base64 of its kind (log or witness) and 32 bytes: copy the key again",
        ),
        (
            &KeyError::Unsafe,
            "the bytes of the key are no safe Ed25519 key: ask its owner for another",
        ),
        (
            &NoteError::TooLong { got: 70_000 },
            "the note has 70000 bytes, and at most 65536 are read",
        ),
        (
            &NoteError::TooManySignatures { got: 65 },
            "the note has 65 signatures, and at most 64 are read",
        ),
        (
            &NoteError::Control { line: 3 },
            "line 3 of the note has a control character: copy the note again, byte for byte",
        ),
        (&NoteError::Text, "the text of a note ends with a line feed, and is not empty"),
        (
            &NoteError::Unsigned,
            "the note has no empty line before signatures that end with a line feed: take all of it",
        ),
        (
            &NoteError::Line { number: 2 },
            "signature 2 of the note is not written `— name base64`: copy the note again",
        ),
        (
            &NoteError::NotSigned { name: name() },
            "the note is not signed by example.org/log with the key that is trusted: ask for one that is",
        ),
        (
            &NoteError::BadSignature { name: name() },
            "the signature of example.org/log does not fit the text: one of them was changed",
        ),
        (
            &NoteError::Witness { name: name() },
            "example.org/log is a witness, and signs only checkpoints, with a time: let it cosign",
        ),
        (
            &NoteError::NoWitness { name: name() },
            "example.org/log is no witness: take a witness's key",
        ),
    ]);
}

#[test]
fn proofs_and_frames() {
    check(&[
        (
            &MissingNode { height: 2, index: 7 },
            "the tree has no complete node 7 at height 2: it has fewer leaves than asked",
        ),
        (
            &ProofError::Outside { index: 3, size: 3 },
            "index 3 is not in a tree of 3 leaves: take a later checkpoint",
        ),
        (
            &ProofError::Shrunk { old: 3, new: 2 },
            "a tree of 3 leaves cannot become one of 2: the log was cut short",
        ),
        (
            &ProofError::Length { got: 1, needed: 2 },
            "the proof has 1 hashes and needs 2: take the whole of it",
        ),
        (&ProofError::Root, "the proof does not lead to the root: the leaf is not in this tree"),
        (
            &ProofError::OldRoot,
            "the proof does not lead to the older root: the log was rewritten, or another is meant",
        ),
        (
            &ProofError::NewRoot,
            "the proof does not lead to the newer root: the log was rewritten, or another is meant",
        ),
        (
            &FrameError { part: "day" },
            "the bytes are no event of a log, their day does not fit: take them from the log again",
        ),
        (
            &ProofFileError::TooLong { got: 3_000_000 },
            "the proof file has 3000000 bytes, and at most 2162688 are read",
        ),
        (
            &ProofFileError::Shape("line `index`"),
            "the proof file's line `index` does not fit: take the whole file again, byte for byte",
        ),
        (
            &ProofFileError::Origin { origin: name(), found: other() },
            "the event was recorded in example.org/other and the proof is of example.org/log: they do not belong together",
        ),
        (
            &ProofFileError::Position { position: 5, index: 5 },
            "the event was recorded at position 5, and the proof is of index 5: its index is 4",
        ),
    ]);
}

#[test]
fn checkpoints_chains_and_certificates() {
    check(&[
        (
            &CheckpointError::Shape,
            "the text is not a checkpoint's: a line for the origin, the size, and the root in base64",
        ),
        (
            &CheckpointError::Origin { origin: name(), name: other() },
            "the checkpoint is of example.org/log, and the key is of example.org/other: take the key of that log",
        ),
        (
            &CheckpointError::Text,
            "the checkpoint's note holds another text: read both from one place",
        ),
        (
            &ChainError::Shape("rotation"),
            "the text is not a rotation note's: take the whole note, byte for byte",
        ),
        (
            &ChainError::OldKey,
            "the note gives up a key that is not the last trusted one: take the notes in order",
        ),
        (
            &ChainError::NewKey { origin: name() },
            "the note's new key is not another key of the log example.org/log: make one with that name",
        ),
        (
            &ChainError::Origin { origin: name(), found: other() },
            "the note is of example.org/other and the trusted key of example.org/log: take that log's notes",
        ),
        (
            &ChainError::Backwards { before: 10, size: 9 },
            "the key was changed at size 10 already, and 9 lies before: notes are in order",
        ),
        (
            &ChainError::Fork { size: 10 },
            "two roots at size 10 are signed: the log was forked, keep both as proof",
        ),
        (
            &ChainError::BeforeEpoch { size: 5, first: 6 },
            "size 5 lies before the epoch of this key, which begins at 6: take a checkpoint of the epoch",
        ),
        (
            &CertificateError::Shape("rows"),
            "the certificate's line `rows` does not fit or stands elsewhere: take the whole note again",
        ),
        (
            &CertificateError::Packs,
            "the certificate's `packs` is not the digest of its pack lines: one of them was changed",
        ),
        (
            &CertificateError::Origin { origin: name(), name: other() },
            "the certificate is of example.org/log, and the key is of example.org/other: take the key of that log",
        ),
        (
            &ChainError::from(NoteError::Text),
            "the text of a note ends with a line feed, and is not empty",
        ),
    ]);
}
