//! Attacks that compute everything anew, with and without the signing key: rewriting, forking,
//! going back to a copy. Only what somebody else holds finds them.

use std::fs;

use waystage::evidence::{Anchor, Declared, HeldCheckpoint, Trust};
use waystage::evidence_format::{KeyKind, SecretKey};
use waystage::{Engine, EngineError};
use waystage_sqlite::SqliteLog;
use waystage_store::{Epoch, EventReader, NO_LEAF, NoteSort, StoreError, StoredEvent};

use super::held::{ORIGIN, Store, key};

/// Returns every event of a store, and the epochs.
fn taken(store: &Store) -> (Vec<StoredEvent>, Vec<Epoch>) {
    let log = SqliteLog::open(&store.file()).unwrap();
    (log.rows_after(None, usize::MAX).unwrap(), log.epochs().unwrap())
}

/// Numbers events anew and computes every leaf anew, so that the log fits itself.
fn made_to_fit(mut rows: Vec<StoredEvent>) -> Vec<StoredEvent> {
    let mut tips = std::collections::BTreeMap::new();
    let mut last = None;
    for row in &mut rows {
        let (version, leaf) = tips.get(&row.participant).copied().unzip();
        row.position = waystage::core::id::Position::after(last);
        row.version = waystage::core::id::Version::after(version);
        row.leaf = row.leaf_of(ORIGIN, leaf.unwrap_or(NO_LEAF));
        tips.insert(row.participant, (row.version, row.leaf));
        last = Some(row.position);
    }
    rows
}

/// Writes another history over the store's, all of it consistent with itself.
fn written_over(store: &Store, rows: Vec<StoredEvent>) {
    let (_, epochs) = taken(store);
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", store.file().display()));
    }
    let mut events = made_to_fit(rows).into_iter().map(Ok);
    SqliteLog::take_in(&store.file(), &epochs, &mut events, &mut || Ok(Vec::new())).unwrap();
}

/// Signs the store as it is with the stolen key, over the anchor too.
fn signed_with_the_stolen_key(store: &Store) {
    fs::remove_file(store.anchor.path()).unwrap();
    let engine = Engine::open(&store.path()).unwrap();
    engine.checkpoint(&store.key, &store.anchor, &|_| {}).unwrap();
}

/// An attack: its name, the rewriting, and the first position that it changes.
type Rewriting = (&'static str, fn(&mut Vec<StoredEvent>, usize));

const REWRITINGS: &[Rewriting] = &[
    ("an amount is raised and everything is hashed anew", |rows, at| {
        let payload = String::from_utf8(rows[at].payload.clone()).unwrap();
        rows[at].payload = payload.replace("\"amount_pence\":", "\"amount_pence\":9").into_bytes();
    }),
    ("an actor is exchanged and everything is hashed anew", |rows, at| {
        rows[at].actor = "user:other".into();
    }),
    ("an event is left out and everything is hashed anew", |rows, at| {
        rows.remove(at);
    }),
    ("an event is put in and everything is hashed anew", |rows, at| {
        let mut more = rows[at].clone();
        more.id = waystage::core::id::EventId::from_bytes([9; 16]);
        more.sourced = None;
        rows.insert(at, more);
    }),
    ("two events change places and everything is hashed anew", |rows, at| {
        let (one, other) = (rows[at].recorded_at, rows[at + 1].recorded_at);
        rows.swap(at, at + 1);
        (rows[at].recorded_at, rows[at + 1].recorded_at) = (one, other);
    }),
    ("the tail is cut off and everything is hashed anew", |rows, at| rows.truncate(at)),
    ("an event comes from another store and everything is hashed anew", |rows, at| {
        rows[at].sourced.as_mut().unwrap().source = "elsewhere".into();
    }),
];

#[test]
fn a_history_that_was_written_anew_is_found_by_whoever_holds_an_old_checkpoint() {
    let store = Store::made();
    let (rows, _) = taken(&store);
    let at = usize::try_from(store.first("ClaimSubmitted")).unwrap() - 1;
    for stolen in [false, true] {
        for (name, rewrite) in REWRITINGS {
            let attacked = store.copied();
            let mut other = rows.clone();
            rewrite(&mut other, at);
            written_over(&attacked, other);
            if stolen {
                signed_with_the_stolen_key(&attacked);
            }
            let first = at as u64 + 1;
            assert_eq!(
                attacked.audited(true),
                Some((first, exactly(name, first, &store))),
                "{name}"
            );
            // without the leaves it lies somewhere before the checkpoint, or is missing behind it
            let (from, through) = attacked.audited(false).unwrap();
            assert!(from <= first && first <= through, "{name}: {from} to {through}");
            // the store itself sees nothing: it fits itself, and the key is the right one
            assert_eq!(attacked.audited_with(Vec::new(), Some(store.key.public().clone())), None);
        }
    }
}

/// A cut tail is missing up to the checkpoint; anything else lies at one place.
fn exactly(name: &str, first: u64, store: &Store) -> u64 {
    if name.starts_with("the tail") { store.old.checkpoint.size } else { first }
}

#[test]
fn of_two_old_checkpoints_the_one_that_fits_narrows_where_it_lies() {
    let store = Store::made();
    let (mut rows, _) = taken(&store);
    let newest = store.anchor.read().unwrap().unwrap();
    let at = usize::try_from(store.old.checkpoint.size).unwrap(); // the first event after it
    rows[at].actor = "user:other".into();
    written_over(&store, rows);
    let held = [store.old.clone(), newest.clone()].map(HeldCheckpoint::of);
    let found = store.audited_with(held.to_vec(), None);
    assert_eq!(found, Some((store.old.checkpoint.size + 1, newest.checkpoint.size)));
}

#[test]
fn a_store_that_went_back_to_a_copy_does_not_open_and_does_not_sign() {
    let store = Store::made();
    let copy = store.folder.path().join("copy.db");
    Engine::open(&store.path()).unwrap().backup(&copy).unwrap();
    let before = store.size;
    {
        let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
        let today = engine.today().as_of;
        engine.determine(today, waystage::core::view::Basis::Recorded).unwrap();
        engine.checkpoint(&store.key, &store.anchor, &|_| {}).unwrap();
    }
    fs::copy(&copy, store.file()).unwrap();
    let refused = Engine::open_anchored(&store.path(), &store.anchor).err().unwrap();
    assert!(
        matches!(&refused, EngineError::Store(StoreError::BehindCheckpoint { last, .. })
            if last.map(|last| last.get()) == Some(before)),
        "{refused}"
    );
    // whoever opens it all the same cannot sign it either
    let engine = Engine::open(&store.path()).unwrap();
    let refused = engine.checkpoint(&store.key, &store.anchor, &|_| {}).unwrap_err();
    assert!(
        matches!(refused, EngineError::Store(StoreError::BehindCheckpoint { .. })),
        "{refused}"
    );
}

/// Two histories that part after the auditor's checkpoint, both signed with the log's key.
fn forked() -> (Store, Store) {
    let (one, other) = {
        let store = Store::made();
        (store.copied(), store.copied())
    };
    for (store, actor) in [(&one, "user:a"), (&other, "user:b")] {
        let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
        let person = waystage::core::id::ParticipantId::from_bytes([3; 16]);
        let contact = waystage::core::journey::employment::JobStarted::employed(
            waystage::core::id::Named::new(waystage::core::id::JobId::from_bytes([4; 16]), "j"),
            waystage::core::journey::employment::WeeklyMinutes::from_hours(16),
        );
        let fact = waystage::core::journey::employment::Employment::JobStarted(contact);
        let today = engine.today().as_of;
        engine.record(person, vec![engine.fact(today, actor, fact)]).unwrap();
        engine.checkpoint(&store.key, &store.anchor, &|_| {}).unwrap();
    }
    (one, other)
}

#[test]
fn a_fork_is_found_by_exchanging_one_checkpoint() {
    let (one, other) = forked();
    let (here, there) =
        (one.anchor.read().unwrap().unwrap(), other.anchor.read().unwrap().unwrap());
    assert_eq!(here.checkpoint.size, there.checkpoint.size);
    assert_ne!(here.checkpoint.root, there.checkpoint.root);
    let held = vec![HeldCheckpoint::of(there.clone())];
    let (from, through) = one.audited_with(held, Some(key().public().clone())).unwrap();
    let parted = one.size + 1;
    assert!(from <= parted && parted <= through);
    // a witness that keeps one head does not sign the other, and an anchor does not go over
    let engine = Engine::open(&one.path()).unwrap();
    let witness = SecretKey::of_seed("auditor.example/w1", KeyKind::Witness, [2; 32]).unwrap();
    let seen = there.cosign(&witness, 1_767_229_260).unwrap();
    assert!(engine.keep_cosigned(&seen).is_err());
    assert!(Engine::open_anchored(&one.path(), &other.anchor).is_err());
}

#[test]
fn a_loss_is_declared_under_another_identity_and_both_epochs_verify() {
    let store = Store::made();
    let copy = store.folder.path().join("copy.db");
    Engine::open(&store.path()).unwrap().backup(&copy).unwrap();
    {
        let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
        let today = engine.today().as_of;
        engine.determine(today, waystage::core::view::Basis::Recorded).unwrap();
        engine.checkpoint(&store.key, &store.anchor, &|_| {}).unwrap();
    }
    let lost = store.anchor.read().unwrap().unwrap();
    fs::copy(&copy, store.file()).unwrap();
    let next = SecretKey::of_seed(&format!("{ORIGIN}/e2"), KeyKind::Log, [8; 32]).unwrap();
    let declared = |approver: &str| Declared {
        operator: "user:1".to_owned(),
        approver: approver.to_owned(),
        reason: "the disk was lost".to_owned(),
    };
    let recover = |approver| {
        let keys = (&store.key, &next);
        Engine::recover(&store.path(), &lost, keys, &store.anchor, &declared(approver))
    };
    assert!(recover("user:1").is_err(), "nobody agrees with themselves");
    let (engine, signed) = recover("user:2").unwrap();
    assert_eq!(engine.reader().origin(), format!("{ORIGIN}/e2"));
    drop(engine);

    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    let today = engine.today().as_of;
    engine.determine(today, waystage::core::view::Basis::Recorded).unwrap();
    engine.checkpoint(&next, &store.anchor, &|_| {}).unwrap();
    let held = [store.old.clone(), lost.clone(), signed].map(HeldCheckpoint::of);
    let trust = Trust { key: Some(store.key.public().clone()), held: held.to_vec() };
    let verified = engine.verify_log(&trust, &|_| {}).unwrap();
    assert_eq!(verified.lost.len(), 1);
    let told = &verified.lost[0];
    assert_eq!((told.from.get(), told.through.get()), (store.size + 1, lost.checkpoint.size));
    assert_eq!((told.operator.as_str(), told.approver.as_str()), ("user:1", "user:2"));
    // the old key does not sign any more
    assert!(matches!(
        engine.checkpoint(&store.key, &store.anchor, &|_| {}),
        Err(EngineError::WrongKey { .. })
    ));
}

#[test]
fn nothing_is_declared_lost_that_is_there() {
    let store = Store::made();
    let next = SecretKey::of_seed(&format!("{ORIGIN}/e2"), KeyKind::Log, [8; 32]).unwrap();
    let declared = Declared {
        operator: "user:1".to_owned(),
        approver: "user:2".to_owned(),
        reason: "just so".to_owned(),
    };
    let keys = (&store.key, &next);
    let known = store.anchor.read().unwrap().unwrap();
    let refused = Engine::recover(&store.path(), &known, keys, &store.anchor, &declared);
    assert!(matches!(refused, Err(EngineError::NothingLost)));
}

#[test]
fn a_stolen_old_key_signs_nothing_after_it_was_changed() {
    let store = Store::made();
    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    let mut old = key();
    for seed in 20..25 {
        let new = SecretKey::of_seed(ORIGIN, KeyKind::Log, [seed; 32]).unwrap();
        engine.rotate_key(&old, &new, &store.anchor).unwrap();
        let today = engine.today().as_of;
        engine.determine(today, waystage::core::view::Basis::Recorded).unwrap();
        let refused = engine.checkpoint(&old, &store.anchor, &|_| {});
        assert!(matches!(refused, Err(EngineError::WrongKey { .. })));
        engine.checkpoint(&new, &store.anchor, &|_| {}).unwrap();
        old = new;
    }
    // the auditor still trusts the first key, and all five changes verify from it
    assert_eq!(store.audited_open(&engine), Ok(()));
    // a checkpoint beyond the first change that the first key signed is refused
    let mut forged = engine.checkpoint(&old, &store.anchor, &|_| {}).unwrap();
    forged.note = forged.checkpoint.sign(&[&store.key]).unwrap();
    let held = vec![HeldCheckpoint::of(forged)];
    let key = Some(store.key.public().clone());
    let trust = Trust { key, held };
    assert!(engine.verify_log(&trust, &|_| {}).is_err());
}

impl Store {
    fn audited_open(&self, engine: &Engine) -> Result<(), String> {
        let held = vec![HeldCheckpoint::of(self.old.clone())];
        let key = Some(self.key.public().clone());
        let trust = Trust { key, held };
        engine.verify_log(&trust, &|_| {}).map(|_| ()).map_err(|error| error.to_string())
    }
}

#[test]
fn an_anchor_that_was_taken_away_or_spoilt_is_noticed() {
    let store = Store::made();
    fs::write(store.anchor.path(), "nothing of the kind").unwrap();
    let refused = Engine::open_anchored(&store.path(), &store.anchor).err().unwrap();
    assert!(matches!(refused, EngineError::Evidence { .. }), "{refused}");
    // one of another log is none of this one
    let other = SecretKey::of_seed("example.org/elsewhere", KeyKind::Log, [1; 32]).unwrap();
    let elsewhere = Engine::in_memory("example.org/elsewhere");
    let anchor = Anchor::at(store.folder.path().join("elsewhere"));
    elsewhere.checkpoint(&other, &anchor, &|_| {}).unwrap();
    assert!(Engine::open_anchored(&store.path(), &anchor).is_err());
}

#[test]
fn notes_of_every_sort_come_back_from_an_export() {
    let store = Store::made();
    let engine = Engine::open(&store.path()).unwrap();
    let mut lines = Vec::new();
    let looking = engine.access("user:1", "for the auditor");
    looking.export(&mut lines, &|_| {}).unwrap();
    let export = store.folder.path().join("log.ndjson");
    fs::write(&export, &lines).unwrap();
    let folder = store.folder.path().join("elsewhere");
    let again = Engine::restore_export(&export, &folder).unwrap();
    for sort in NoteSort::ALL {
        assert_eq!(again.reader().notes(sort).unwrap(), engine.reader().notes(sort).unwrap());
    }
    let rows = |engine: &Engine| engine.reader().rows_after(None, usize::MAX).unwrap();
    assert_eq!(rows(&again), rows(&engine));
    // a line less, or another byte, and it is refused; nothing is left behind
    for damage in [
        |text: &str| text.replacen("ClaimSubmitted", "ClaimValidated", 1),
        |text: &str| text.split_inclusive('\n').take(100).collect(),
        |text: &str| text.replacen("\"position\":50,", "\"position\":51,", 1),
    ] {
        let text = String::from_utf8(lines.clone()).unwrap();
        fs::write(&export, damage(&text)).unwrap();
        let refused = store.folder.path().join("refused");
        assert!(Engine::restore_export(&export, &refused).is_err());
        assert!(!refused.join("journeys.db").exists());
    }
}

/// What somebody does who has the file and no key: everything from an old copy on is written anew
/// under an identity that nobody declared with a note.
#[test]
fn a_forged_epoch_hides_nothing_without_the_note_that_binds_it() {
    let store = Store::made();
    let (mut rows, mut epochs) = taken(&store);
    let at = 400;
    rows.truncate(at);
    rows[299].actor = "user:other".into();
    let next = format!("{ORIGIN}/e2");
    let mut declared = rows[0].clone();
    declared.participant = waystage::core::id::ParticipantId::LOG;
    declared.kind = "LogRecovered".into();
    declared.payload = format!(
        "{{\"origin\":\"{next}\",\"old_checkpoint\":{:?},\"lost_from\":401,\"lost_through\":{},\
         \"operator\":\"a\",\"approver\":\"b\",\"reason\":\"c\"}}",
        store.old.to_string(),
        store.old.checkpoint.size
    )
    .into_bytes();
    declared.recorded_at = rows[at - 1].recorded_at;
    declared.id = waystage::core::id::EventId::from_bytes([9; 16]);
    declared.sourced = None;
    rows.push(declared);
    let mut rows = made_to_fit(rows);
    let last = rows.len() - 1;
    let of_the_log = waystage::core::id::ParticipantId::LOG;
    let before = rows[..last].iter().rev().find(|row| row.participant == of_the_log);
    rows[last].leaf = rows[last].leaf_of(&next, before.unwrap().leaf);
    epochs.push(Epoch { first: rows[last].position, origin: next });
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", store.file().display()));
    }
    let mut events = rows.into_iter().map(Ok);
    let mut no_notes = || Ok(Vec::new());
    SqliteLog::take_in(&store.file(), &epochs, &mut events, &mut no_notes).unwrap();
    for leaves in [true, false] {
        assert!(store.audited(leaves).is_some(), "no note binds the epoch");
    }
    assert!(Engine::open_anchored(&store.path(), &store.anchor).is_err());
}

/// A store with a declared loss, and what was lost.
fn recovered(rewrite: bool) -> (Store, waystage::evidence_format::SignedCheckpoint, Vec<u8>) {
    let store = Store::made();
    let lost = store.anchor.read().unwrap().unwrap();
    let leaves = Engine::open(&store.path()).unwrap().leaves(lost.checkpoint.size).unwrap();
    let (mut rows, _) = taken(&store);
    rows.pop();
    if rewrite {
        rows[299].actor = "user:other".into();
    }
    written_over(&store, rows);
    let next = SecretKey::of_seed(&format!("{ORIGIN}/e2"), KeyKind::Log, [8; 32]).unwrap();
    let declared = Declared {
        operator: "user:1".to_owned(),
        approver: "user:2".to_owned(),
        reason: "the disk was lost".to_owned(),
    };
    let keys = (&store.key, &next);
    drop(Engine::recover(&store.path(), &lost, keys, &store.anchor, &declared).unwrap());
    (store, lost, leaves)
}

#[test]
fn a_declared_loss_hides_no_rewriting_before_it() {
    for (rewrite, expected) in [(false, None), (true, Some((300, 300)))] {
        let (store, lost, leaves) = recovered(rewrite);
        let held = HeldCheckpoint { leaves: Some(leaves), ..HeldCheckpoint::of(lost) };
        assert_eq!(store.audited_with(vec![held], Some(key().public().clone())), expected);
    }
}

#[test]
fn a_recovery_that_was_cut_off_goes_on_with_the_same_key() {
    let store = Store::made();
    let lost = store.anchor.read().unwrap().unwrap();
    let (mut rows, _) = taken(&store);
    rows.pop();
    written_over(&store, rows);
    let next = SecretKey::of_seed(&format!("{ORIGIN}/e2"), KeyKind::Log, [8; 32]).unwrap();
    let declared = Declared {
        operator: "user:1".to_owned(),
        approver: "user:2".to_owned(),
        reason: "the disk was lost".to_owned(),
    };
    let recover = |anchor: &Anchor| {
        let keys = (&store.key, &next);
        Engine::recover(&store.path(), &lost, keys, anchor, &declared).map(|_| ())
    };
    // an anchor that cannot be brought forward is noticed before anything is written
    let nowhere = Anchor::at(store.folder.path().join("missing/anchor"));
    assert!(recover(&nowhere).is_err());
    assert_eq!(Engine::open(&store.path()).unwrap().reader().origin(), ORIGIN);
    // cut off after the epoch began: the notes are gone
    recover(&store.anchor).unwrap();
    store.sql("DELETE FROM note");
    fs::write(store.anchor.path(), lost.to_string()).unwrap();
    recover(&store.anchor).unwrap();
    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    let trust = Trust {
        key: Some(key().public().clone()),
        held: vec![HeldCheckpoint::of(store.old.clone())],
    };
    engine.verify_log(&trust, &|_| {}).unwrap();
}

#[test]
fn an_index_that_hides_events_of_somebody_is_found() {
    let store = Store::made();
    let raw = rusqlite::Connection::open(store.file()).unwrap();
    let made: String = raw
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'event_of_participant'", [], |row| {
            row.get(0)
        })
        .unwrap();
    raw.execute_batch(
        "DROP INDEX event_of_participant; CREATE UNIQUE INDEX event_of_participant ON event \
         (participant, version) WHERE participant <> 5 OR version < 3; \
         PRAGMA writable_schema = ON",
    )
    .unwrap();
    let put_back = "UPDATE sqlite_schema SET sql = ?1 WHERE name = 'event_of_participant'";
    raw.execute(put_back, [made]).unwrap();
    raw.execute_batch("PRAGMA writable_schema = RESET").unwrap();
    drop(raw);
    assert!(store.audited(true).is_some());
}

#[test]
fn a_forged_note_makes_nobody_sign_what_was_not_read() {
    let store = Store::made();
    let (new, size) = {
        let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
        let new = SecretKey::of_seed(ORIGIN, KeyKind::Log, [21; 32]).unwrap();
        engine.rotate_key(&store.key, &new, &store.anchor).unwrap();
        let today = engine.today().as_of;
        engine.determine(today, waystage::core::view::Basis::Recorded).unwrap();
        (new, engine.reader().last_position().unwrap().unwrap().get())
    };
    let forged = {
        let engine = Engine::open(&store.path()).unwrap();
        let tree = waystage_store::KeptTree(engine.reader());
        let root = waystage::evidence_format::root_at(&tree, size).unwrap();
        let nobody = SecretKey::of_seed(ORIGIN, KeyKind::Log, [99; 32]).unwrap();
        let at = waystage::evidence_format::Checkpoint { origin: ORIGIN.to_owned(), size, root };
        let note = waystage_store::KeptNote {
            sort: NoteSort::Checkpoint,
            size,
            text: at.sign(&[&nobody]).unwrap().to_string(),
        };
        waystage_store::EventStore::keep_note(
            &SqliteLog::open(&{
                drop(engine);
                store.file()
            })
            .unwrap(),
            note,
        )
        .unwrap();
        size
    };
    store.sql(&format!("UPDATE event SET reported_at = 7 WHERE position = {forged}"));
    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    assert!(engine.checkpoint(&new, &store.anchor, &|_| {}).is_err());
}

#[test]
fn right_after_a_change_of_keys_nothing_is_signed_again() {
    let store = Store::made();
    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    let new = SecretKey::of_seed(ORIGIN, KeyKind::Log, [21; 32]).unwrap();
    engine.rotate_key(&store.key, &new, &store.anchor).unwrap();
    let signed = engine.checkpoint(&new, &store.anchor, &|_| {}).unwrap();
    let held = || vec![HeldCheckpoint::of(signed.clone())];
    let trust = |key: &SecretKey| Trust { key: Some(key.public().clone()), held: held() };
    assert_eq!(engine.verify_log(&trust(&store.key), &|_| {}).unwrap().unchecked, 0);
    // whoever was handed the present key alone verifies the log, and is told what it cannot check
    assert!(engine.verify_log(&trust(&new), &|_| {}).unwrap().unchecked > 0);
}

#[test]
fn a_log_that_was_signed_is_not_signed_without_its_anchor() {
    let store = Store::made();
    let engine = Engine::open(&store.path()).unwrap();
    fs::remove_file(store.anchor.path()).unwrap();
    let refused = engine.checkpoint(&store.key, &store.anchor, &|_| {});
    assert!(matches!(refused, Err(EngineError::NoAnchor { .. })));
    let anew = Anchor::beginning_at(store.anchor.path());
    engine.checkpoint(&store.key, &anew, &|_| {}).unwrap();
}

#[test]
fn nothing_is_certified_from_events_that_do_not_give_their_leaves() {
    let store = Store::made();
    let view = Engine::open(&store.path()).unwrap().today();
    store.sql("UPDATE event SET happened_on = '2001-01-01' WHERE position = 320");
    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    let funnel = waystage_cohorts::Funnel { by: Vec::new() };
    let looking = engine.access("user:1", "to publish it");
    let refused = looking.certify(&funnel, view, &store.key, &store.anchor).unwrap_err();
    assert!(refused.to_string().contains("position 320"), "{refused}");
}

#[test]
fn proofs_carry_the_lines_of_witnesses_and_only_the_logs_own_are_kept() {
    let store = Store::made();
    let engine = Engine::open_anchored(&store.path(), &store.anchor).unwrap();
    let witness = SecretKey::of_seed("auditor.example/w1", KeyKind::Witness, [2; 32]).unwrap();
    let newest = engine.newest_checkpoint().unwrap().unwrap();
    let seen = newest.cosign(&witness, 1_767_229_260).unwrap();
    engine.keep_cosigned(&seen).unwrap();
    let person = engine.reader().participants().unwrap()[0];
    for (_, proof) in engine.access("user:1", "a claim").prove(person).unwrap() {
        assert_eq!(proof.note.cosigned_by(witness.public()).unwrap(), Some(1_767_229_260));
    }
    let mut other = seen;
    other.note = other.checkpoint.sign(&[&store.key]).unwrap();
    other.checkpoint.root = waystage_store::sha256(b"another");
    assert!(engine.keep_cosigned(&other).is_err());
}
