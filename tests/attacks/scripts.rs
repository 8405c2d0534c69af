//! Attacks with SQL on the file: the columns, the rows, the names that they are numbered with, the
//! tree that is kept and the notes. Nothing that is hashed with an event is computed anew.

use super::held::Store;

/// An attack: its name, the statements for a position, and the first bad position that an auditor
/// must be told who holds the old checkpoint with its leaves.
struct Script {
    name: &'static str,
    sql: fn(u64) -> String,
    first_bad: fn(u64) -> u64,
}

/// The attacked event is a claim: whoever changes a log wants money.
const SCRIPTS: &[Script] = &[
    Script {
        name: "a payload is edited",
        sql: |at| format!("UPDATE event SET payload = payload || ' ' WHERE position = {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "an amount is edited within its payload",
        sql: |at| {
            format!(
                "UPDATE event SET payload = replace(payload, '\"amount_pence\":', \
                 '\"amount_pence\":1') WHERE position = {at}"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "a kind is another",
        sql: |at| {
            format!(
                "UPDATE event SET kind = (SELECT number FROM kind WHERE name = 'ClaimPaid') \
                 WHERE position = {at}"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "a shape's version is another",
        sql: |at| format!("UPDATE event SET schema = 2 WHERE position = {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "an actor is another",
        sql: |at| {
            format!(
                "INSERT INTO actor (name) VALUES ('user:other'); UPDATE event SET actor = \
                 (SELECT number FROM actor WHERE name = 'user:other') WHERE position = {at}"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "an actor is renamed everywhere",
        sql: |at| {
            format!(
                "UPDATE actor SET name = 'user:renamed' WHERE number = \
                 (SELECT actor FROM event WHERE position = {at})"
            )
        },
        first_bad: |_| 0, // the first event of that actor
    },
    Script {
        name: "it was recorded earlier",
        sql: |at| format!("UPDATE event SET recorded_at = recorded_at - 1 WHERE position = {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "it was reported earlier",
        sql: |at| format!("UPDATE event SET reported_at = reported_at - 1 WHERE position = {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "it happened on another day",
        sql: |at| {
            format!(
                "UPDATE event SET happened_on = date(happened_on, '-1 day') WHERE position = {at}"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "its source calls it otherwise",
        sql: |at| format!("UPDATE event SET source_ref = source_ref || 'x' WHERE position = {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "a source is renamed",
        sql: |_| "UPDATE source SET name = 'other'".to_owned(),
        first_bad: |_| 0, // the first event of that source
    },
    Script {
        name: "it is somebody else's",
        sql: |at| {
            format!(
                "UPDATE event SET participant = (SELECT participant FROM event WHERE position = \
                 {at} - 100), version = 999 WHERE position = {at}"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "a person is exchanged for another",
        sql: |at| {
            format!(
                "UPDATE participant SET id = x'0102030405060708090a0b0c0d0e0f10' WHERE number = \
                 (SELECT participant FROM event WHERE position = {at})"
            )
        },
        first_bad: |_| 0, // the first event of that person
    },
    Script {
        name: "it is deleted",
        sql: |at| format!("DELETE FROM event WHERE position = {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "it is deleted and the gap is closed",
        sql: |at| {
            format!(
                "DELETE FROM event WHERE position = {at}; UPDATE event SET position = \
                 -position WHERE position > {at}; UPDATE event SET position = -position - 1 \
                 WHERE position < 0"
            )
            .replace(
                "UPDATE event SET position",
                "PRAGMA ignore_check_constraints = ON; UPDATE event SET position",
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "the tail is deleted",
        sql: |at| format!("DELETE FROM event WHERE position >= {at}"),
        first_bad: |at| at,
    },
    Script {
        name: "the tail is deleted with the tree over it",
        sql: |at| {
            format!(
                "DELETE FROM event WHERE position >= {at}; DELETE FROM tree_node; \
                 DELETE FROM tree; DELETE FROM note"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "one is inserted",
        sql: |at| {
            format!(
                "PRAGMA ignore_check_constraints = ON; \
                 UPDATE event SET position = -position WHERE position >= {at}; \
                 UPDATE event SET position = -position + 1 WHERE position < 0; \
                 INSERT INTO event SELECT {at}, participant, 999, \
                 x'000102030405060708090a0b0c0d0e0f', kind, schema, recorded_at, \
                 reported_at, happened_on, actor, source, \
                 'inserted', correlation, causation, payload, sealed_hash, leaf \
                 FROM event WHERE position = {at} + 1"
            )
        },
        first_bad: |at| at,
    },
    Script {
        name: "two payloads are swapped",
        sql: |at| {
            format!(
                "CREATE TEMP TABLE kept AS SELECT position, payload FROM event; \
                 UPDATE event SET payload = (SELECT payload FROM kept WHERE position = {at}) \
                 WHERE position = {at} - 1; \
                 UPDATE event SET payload = (SELECT payload FROM kept WHERE position = {at} - 1) \
                 WHERE position = {at}"
            )
        },
        first_bad: |at| at - 1,
    },
    Script {
        name: "two events change places",
        sql: |at| {
            format!(
                "PRAGMA ignore_check_constraints = ON; \
                 UPDATE event SET position = -1 WHERE position = {at}; \
                 UPDATE event SET position = {at} WHERE position = {at} - 1; \
                 UPDATE event SET position = {at} - 1 WHERE position = -1"
            )
        },
        first_bad: |at| at - 1,
    },
    Script {
        name: "a leaf is another",
        sql: |at| format!("UPDATE event SET leaf = x'{}' WHERE position = {at}", "ab".repeat(32)),
        first_bad: |at| at,
    },
    Script {
        name: "an epoch begins that nobody declared",
        sql: |at| format!("INSERT INTO epoch VALUES (2, {at}, 'example.org/attacked/e2')"),
        first_bad: |at| at,
    },
    Script {
        name: "a node of the tree is another",
        sql: |_| format!("UPDATE tree_node SET hash = x'{}' WHERE number = 1", "cd".repeat(32)),
        first_bad: |_| 257,
    },
    Script {
        name: "the peaks of the tree are others",
        sql: |_| "UPDATE tree SET peaks = zeroblob(length(peaks))".to_owned(),
        first_bad: |_| u64::MAX, // behind the last event
    },
];

#[test]
fn an_auditor_with_an_old_checkpoint_finds_each_attack_with_sql_and_where_it_lies() {
    let store = Store::made();
    assert_eq!(store.audited(true), None, "nothing was attacked yet");
    let at = store.first("ClaimSubmitted");
    assert!(at > 300 && at < store.old.checkpoint.size);
    for script in SCRIPTS {
        let attacked = store.copied();
        attacked.sql(&(script.sql)(at));
        let found = attacked.audited(true);
        let (first, through) = found.unwrap_or_else(|| panic!("not found: {}", script.name));
        let is_cut = script.name.starts_with("the tail");
        let last = if is_cut { attacked.old.checkpoint.size } else { first };
        assert_eq!(through, last, "{}: the leaves say exactly where", script.name);
        match (script.first_bad)(at) {
            0 => assert!(first <= at, "{}: {first}", script.name),
            u64::MAX => assert_eq!(first, store.size + 1, "{}", script.name),
            expected => assert_eq!(first, expected, "{}", script.name),
        }
        // without the leaves it is found as well, and not before the event that was attacked
        let (first_without, _) = attacked.audited(false).unwrap();
        assert!(first <= first_without, "{}: {first_without}", script.name);
    }
}

#[test]
fn a_checkpoint_of_another_log_is_no_evidence_about_this_one() {
    let store = Store::made();
    store.sql("UPDATE log SET origin = 'example.org/other'");
    let engine = waystage::Engine::open(&store.path()).unwrap();
    let held = waystage::evidence::HeldCheckpoint::of(store.old.clone());
    let trust = waystage::evidence::Trust { held: vec![held], ..Default::default() };
    let says = engine.verify_log(&trust, &|_| {}).unwrap_err().to_string();
    assert!(says.contains("is of another log"), "{says}");
}

#[test]
fn what_a_store_keeps_of_its_own_notes_cannot_be_edited_unseen() {
    let store = Store::made();
    for sql in [
        "UPDATE note SET text = replace(text, 'example', 'exemple')",
        "UPDATE note SET text = text || 'x'",
        "UPDATE note SET digest = zeroblob(32)",
    ] {
        let attacked = store.copied();
        attacked.sql(sql);
        let engine = waystage::Engine::open(&attacked.path()).unwrap();
        assert!(
            engine.verify_log(&waystage::evidence::Trust::default(), &|_| {}).is_err(),
            "{sql}"
        );
    }
}

#[test]
fn a_file_whose_triggers_are_gone_does_not_open() {
    let store = Store::made();
    let raw = rusqlite::Connection::open(store.file()).unwrap();
    raw.execute_batch("DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE position = 9")
        .unwrap();
    drop(raw);
    let says = waystage::Engine::open(&store.path()).err().unwrap().to_string();
    assert!(says.contains("event_is_never_deleted is missing"), "{says}");
}
