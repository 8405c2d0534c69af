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
    SqliteLog::take_in(&store.file(), &epochs, &mut events, &mut Vec::new).unwrap();
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
    let held = [store.old.clone(), newest.clone()]
        .map(|checkpoint| HeldCheckpoint { checkpoint, leaves: None });
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
    let held = vec![HeldCheckpoint { checkpoint: there.clone(), leaves: None }];
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
    let held = [store.old.clone(), lost.clone(), signed]
        .map(|checkpoint| HeldCheckpoint { checkpoint, leaves: None });
    let trust =
        Trust { key: Some(store.key.public().clone()), witnesses: Vec::new(), held: held.to_vec() };
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
    let refused = Engine::recover(&store.path(), &store.old, keys, &store.anchor, &declared);
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
    let held = vec![HeldCheckpoint { checkpoint: forged, leaves: None }];
    let key = Some(store.key.public().clone());
    let trust = Trust { key, witnesses: Vec::new(), held };
    assert!(engine.verify_log(&trust, &|_| {}).is_err());
}

impl Store {
    fn audited_open(&self, engine: &Engine) -> Result<(), String> {
        let held = vec![HeldCheckpoint { checkpoint: self.old.clone(), leaves: None }];
        let key = Some(self.key.public().clone());
        let trust = Trust { key, witnesses: Vec::new(), held };
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
