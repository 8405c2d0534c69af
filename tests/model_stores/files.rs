//! What a file of read models may be: opened, made, refused and made anew.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use waystage_sqlite::{SqliteLog, SqliteModels};
use waystage_store::models::{ModelError, ModelStore, Slot};
use waystage_store::{EventReader, StoreError};

use crate::kept::{
    a_file, a_folder, claims, more_waits, names_in, nothing_of, outside, rows, rows_of, said,
    stand, step, waits, waits_table,
};

#[test]
fn a_file_is_made_where_there_is_none_and_kept_where_there_is_one() {
    let (_folder, path) = a_folder();
    drop(a_file(&path));
    assert_eq!(names_in(&path), ["journeys.views.db"], "nothing stays beside it");
    let models = SqliteModels::open(&path).unwrap();
    assert_eq!(models.path(), path);
    assert_eq!(models.stand(Slot::Live).unwrap(), Some(stand(2)));
    assert_eq!(rows(&models), rows_of(1));
}

#[test]
fn there_has_to_be_a_folder() {
    let (_folder, path) = a_folder();
    let inside = path.join("journeys.views.db");
    let refused = SqliteModels::open(&inside).unwrap_err();
    assert!(matches!(refused, ModelError::Store(StoreError::NotFound { .. })), "{refused:?}");
}

#[test]
fn making_a_file_that_was_cut_short_is_done_again() {
    let (_folder, path) = a_folder();
    fs::write(&path, "").unwrap();
    drop(a_file(&path));
    // SQLite has written its first page, and none of the tables
    let (_other_folder, path) = a_folder();
    outside(&path, "PRAGMA journal_mode = WAL");
    assert!(fs::metadata(&path).unwrap().len() > 0);
    assert_eq!(rows(&a_file(&path)), rows_of(1));
}

#[test]
fn many_make_one_file_at_the_same_time() {
    let (_folder, path) = a_folder();
    let models: Vec<SqliteModels> = thread::scope(|scope| {
        let opening: Vec<_> =
            (0..8).map(|_| scope.spawn(|| SqliteModels::open(&path).unwrap())).collect();
        opening.into_iter().map(|opened| opened.join().unwrap()).collect()
    });
    models[0].begin(&[waits()], &stand(1)).unwrap();
    models[1].switch().unwrap();
    for models in &models {
        assert_eq!(models.stand(Slot::Live).unwrap(), Some(stand(1)));
    }
}

/// What may have become of a file, and what is said of it.
type Damage = (&'static str, fn(&Path));

const DAMAGE: &[Damage] = &[
    ("file is not a database", |path| fs::write(path, "provider,people\n".repeat(500)).unwrap()),
    ("file is not a database", |path| over(path, 0, &[0; 100])),
    ("database disk image is malformed", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }),
    ("it is no file of read models", |path| outside(path, "PRAGMA application_id = 7")),
    ("it is no file of read models", |path| {
        fs::remove_file(path).unwrap();
        outside(path, "CREATE TABLE waits (provider TEXT)");
    }),
    ("it is no file of read models", |path| {
        fs::remove_file(path).unwrap();
        outside(path, "PRAGMA user_version = 1");
    }),
    ("its layout is version 2 and this engine reads version 1", |path| {
        outside(path, "PRAGMA user_version = 2");
    }),
    ("its due is missing", |path| outside(path, "DROP TABLE due")),
    ("its due_by_day is missing", |path| outside(path, "DROP INDEX due_by_day")),
    ("its parked is not as this engine makes it", |path| {
        outside(path, "ALTER TABLE parked ADD COLUMN since TEXT");
    }),
    ("its waits is missing", |path| outside(path, "DROP TABLE waits")),
    ("its waits is not as this engine makes it", |path| {
        outside(path, "ALTER TABLE waits ADD COLUMN more TEXT");
    }),
    ("its waits is not as this engine makes it", |path| outside(path, "DELETE FROM about_tables")),
    ("its waits_by_provider is not as this engine makes it", |path| {
        outside(path, "CREATE VIEW waits_by_provider AS SELECT provider FROM waits");
    }),
    ("its counting is not as this engine makes it", |path| {
        outside(path, "CREATE TRIGGER counting AFTER INSERT ON waits BEGIN DELETE FROM waits; END");
    }),
    ("its mine is not as this engine makes it", |path| {
        outside(path, "CREATE TABLE mine (id INTEGER)");
    }),
    ("a read model is of no generation", |path| outside(path, "DELETE FROM generation")),
    ("a generation is none of the three", |path| {
        outside(path, "UPDATE read_model SET generation = 'last'");
    }),
    ("a digest is none", |path| outside(path, "UPDATE read_model SET fingerprint = 'abc'")),
    ("a digest is none", |path| {
        outside(path, "UPDATE generation SET packs = substr(packs, 1, 63) || 'é'");
    }),
    ("a day is no date", |path| outside(path, "UPDATE generation SET as_of = 'today'")),
    ("a basis is none", |path| outside(path, "UPDATE generation SET basis = 'heard'")),
    ("a position has no leaf, or a leaf no position", |path| {
        outside(path, "UPDATE generation SET leaf = NULL");
    }),
    ("a position is no number from 1", |path| outside(path, "UPDATE generation SET position = 0")),
    ("it names a participant \"all\"", |path| outside(path, "UPDATE generation SET built = 'all'")),
    ("it names a table or a column \"x\\\" TEXT) --\", which is no plain name", |path| {
        outside(path, "UPDATE about_columns SET column_name = 'x\" TEXT) --' WHERE place = 0");
    }),
    ("waits has a column of no kind", |path| {
        outside(path, "UPDATE about_columns SET kind = 'real' WHERE place = 0");
    }),
    ("it is no plain file", |path| {
        fs::remove_file(path).unwrap();
        symlink("elsewhere", path).unwrap();
    }),
];

/// Writes bytes over those of a file.
fn over(path: &Path, at: usize, bytes: &[u8]) {
    let mut all = fs::read(path).unwrap();
    all[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, all).unwrap();
}

#[test]
fn what_is_no_file_of_read_models_says_so_and_is_made_anew() {
    for (says, damage) in DAMAGE {
        let (_folder, path) = a_folder();
        drop(a_file(&path));
        damage(&path);
        let refused = SqliteModels::open(&path).unwrap_err();
        assert!(matches!(refused, ModelError::Damaged { .. }), "{refused:?}");
        assert_eq!(
            said(&refused, &path),
            format!(
                "…/journeys.views.db cannot be used ({says}): rebuild the read models, which makes it anew"
            )
        );
        let models = SqliteModels::remake(&path).unwrap();
        assert_eq!(models.stand(Slot::Live).unwrap(), None, "{says}");
        drop(models);
        assert_eq!(names_in(&path), ["journeys.views.db"]);
        assert_eq!(rows(&a_file(&path)), rows_of(1));
    }
}

#[test]
fn a_file_is_made_anew_where_there_is_none_and_where_a_journal_was_left() {
    let (_folder, path) = a_folder();
    fs::write(path.with_extension("db-wal"), "left").unwrap();
    fs::write(path.with_extension("db-shm"), "over").unwrap();
    drop(SqliteModels::remake(&path).unwrap());
    assert_eq!(names_in(&path), ["journeys.views.db"]);
    fs::remove_file(&path).unwrap();
    fs::write(path.with_extension("db-wal"), "left").unwrap();
    assert_eq!(rows(&a_file(&path)), rows_of(1));
}

#[test]
fn a_folder_in_its_place_is_refused_and_left_alone() {
    let (_folder, path) = a_folder();
    fs::create_dir(&path).unwrap();
    let refused = SqliteModels::open(&path).unwrap_err();
    assert!(matches!(refused, ModelError::Damaged { .. }), "{refused:?}");
    let refused = SqliteModels::remake(&path).unwrap_err();
    assert!(matches!(refused, ModelError::Store(_)), "{refused:?}");
    assert!(path.is_dir());
}

#[test]
fn a_log_is_never_deleted() {
    let (_folder, path) = a_folder();
    let log = SqliteLog::create(&path, "example.org/mistaken").unwrap();
    for _ in 0..2 {
        let refused = SqliteModels::open(&path).unwrap_err();
        assert_eq!(
            said(&refused, &path),
            "…/journeys.views.db cannot be used (it is no file of read models): \
             rebuild the read models, which makes it anew"
        );
        let refused = SqliteModels::remake(&path).unwrap_err();
        assert_eq!(
            said(&refused, &path),
            "there is something at …/journeys.views.db already: open it, or choose another place"
        );
    }
    assert_eq!(log.last_position().unwrap(), None);
    drop(log);
    // a copy of it has no lease beside it, but says itself what it is
    fs::remove_file(path.with_extension("db.lease")).unwrap();
    assert!(SqliteModels::remake(&path).is_err());
    assert_eq!(SqliteLog::open(&path).unwrap().origin(), "example.org/mistaken");
}

#[test]
fn damage_that_is_noticed_later_has_the_same_name() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    outside(&path, "UPDATE waits SET cohort = '2021-3' WHERE cohort IS NOT NULL");
    let damaged = models.snapshot().unwrap().rows(Slot::Live, &waits_table()).unwrap_err();
    assert_eq!(
        said(&damaged, &path),
        "…/journeys.views.db cannot be used (column cohort of waits holds what is no month): \
         rebuild the read models, which makes it anew"
    );
    outside(&path, "UPDATE parked SET participant = 'somebody'");
    let damaged = models.snapshot().unwrap().parked(Slot::Live, "waits").unwrap_err();
    assert!(matches!(damaged, ModelError::Damaged { .. }), "{damaged:?}");
    outside(&path, "UPDATE due SET participant = 'somebody'");
    let damaged = models.due(Slot::Live, chrono::NaiveDate::MAX).unwrap_err();
    assert!(matches!(damaged, ModelError::Damaged { .. }), "{damaged:?}");
    outside(&path, "ALTER TABLE waits RENAME COLUMN people TO persons");
    let applied = models.apply(Slot::Live, &step(2, vec![more_waits(1)]));
    assert!(matches!(applied, Err(ModelError::Damaged { .. })), "{applied:?}");
    let read = models.snapshot().and_then(|each| each.rows(Slot::Live, &waits_table()));
    assert!(matches!(read, Err(ModelError::Damaged { .. })), "{read:?}");
    // the handle itself can go on
    outside(&path, "ALTER TABLE waits RENAME COLUMN persons TO people");
    outside(&path, "UPDATE waits SET cohort = '2021-03' WHERE cohort IS NOT NULL");
    assert_eq!(rows(&models), rows_of(1));
    assert_eq!(models.stand(Slot::Live).unwrap(), Some(stand(2)));
}

/// A page of zeros is none of a table: whichever it is, it is noticed when it is needed, and the
/// handle says nothing else.
#[test]
fn a_lost_page_is_damage_or_of_no_account() {
    let (_folder, path) = a_folder();
    drop(a_file(&path));
    let whole = fs::read(&path).unwrap();
    let mut damaged = 0;
    for page in 0..whole.len() / 4096 {
        fs::write(&path, &whole).unwrap();
        over(&path, page * 4096, &[0; 4096]);
        let read = SqliteModels::open(&path).and_then(|models| {
            models.apply(Slot::Live, &step(2, vec![more_waits(1)]))?;
            let rows = models.snapshot()?.rows(Slot::Live, &waits_table())?;
            Ok((rows, models.due(Slot::Live, chrono::NaiveDate::MAX)?.len()))
        });
        match read {
            Ok(read) => assert_eq!(read, (rows_of(2), 1), "page {page}"),
            Err(ModelError::Damaged { .. }) => damaged += 1,
            Err(error) => panic!("page {page}: {error:?}"),
        }
    }
    assert!(damaged > 8, "only {damaged} pages are needed");
}

#[test]
fn whoever_was_stopped_and_goes_on_later_is_refused() {
    let (_folder, path) = a_folder();
    let stopped = a_file(&path);
    let from = stopped.stand(Slot::Live).unwrap();
    let other = SqliteModels::open(&path).unwrap();
    other.apply(Slot::Live, &step(2, vec![more_waits(1)])).unwrap();
    assert_eq!(from, Some(stand(2)));
    let late = stopped.apply(Slot::Live, &step(2, vec![more_waits(5)]));
    assert!(matches!(late, Err(ModelError::Moved)), "{late:?}");
    other.begin(&[waits()], &stand(7)).unwrap();
    other.switch().unwrap();
    let late = stopped.apply(Slot::Live, &step(3, vec![more_waits(5)]));
    assert!(matches!(late, Err(ModelError::Moved)), "{late:?}");
    assert_eq!(rows(&stopped), []);
    stopped.apply(Slot::Live, &step(7, vec![more_waits(3)])).unwrap();
    assert_eq!(rows(&other), rows_of(3));
}

#[test]
fn handles_that_are_open_go_on_with_a_file_that_was_made_anew() {
    let (_folder, path) = a_folder();
    let old = a_file(&path);
    let reading = old.snapshot().unwrap();
    let new = SqliteModels::remake(&path).unwrap();
    assert_eq!(old.stand(Slot::Live).unwrap(), None);
    let late = old.apply(Slot::Live, &step(2, vec![more_waits(1)]));
    assert!(matches!(late, Err(ModelError::Moved)), "{late:?}");
    new.begin(&[waits()], &stand(1)).unwrap();
    new.switch().unwrap();
    old.apply(Slot::Live, &step(1, vec![more_waits(4)])).unwrap();
    assert_eq!(rows(&new), rows_of(4));
    assert_eq!(reading.rows(Slot::Live, &waits_table()).unwrap(), rows_of(1), "what it began with");
    drop(reading);
    assert_eq!(rows(&old), rows_of(4));
    drop((old, new));
    // whoever closed last has brought everything into the new file
    assert_eq!(names_in(&path), ["journeys.views.db"]);
    assert_eq!(rows(&SqliteModels::open(&path).unwrap()), rows_of(4));
}

#[test]
fn a_file_that_was_deleted_under_its_handle_is_an_empty_one() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    fs::remove_file(&path).unwrap();
    assert_eq!(models.stand(Slot::Live).unwrap(), None);
    let late = models.apply(Slot::Live, &step(2, vec![more_waits(1)]));
    assert!(matches!(late, Err(ModelError::Moved)), "{late:?}");
    models.begin(&[waits(), claims()], &stand(1)).unwrap();
    models.switch().unwrap();
    models.apply(Slot::Live, &step(1, vec![more_waits(2), nothing_of("claims")])).unwrap();
    drop(models);
    assert_eq!(rows(&SqliteModels::open(&path).unwrap()), rows_of(2));
}

#[test]
fn whoever_writes_from_outside_is_waited_for() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    let (begun, has_begun) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let connection = Connection::open(&path).unwrap();
            connection.execute_batch("BEGIN IMMEDIATE; UPDATE waits SET people = people").unwrap();
            begun.send(()).unwrap();
            thread::sleep(Duration::from_millis(300));
            connection.execute_batch("COMMIT").unwrap();
        });
        has_begun.recv().unwrap();
        models.apply(Slot::Live, &step(2, vec![more_waits(1)])).unwrap();
    });
    assert_eq!(rows(&models), rows_of(2));
}

#[test]
fn a_file_is_sound_to_whoever_opens_it_while_another_switches() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let switching = scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                models.begin(&[waits(), claims()], &stand(2)).unwrap();
                models.switch().unwrap();
            }
        });
        let opened = (0..150).map(|_| SqliteModels::open(&path)?.stand(Slot::Live));
        let stands: Result<Vec<_>, _> = opened.collect();
        is_over.store(true, Ordering::Release);
        switching.join().unwrap();
        assert!(stands.unwrap().iter().all(|at| *at == Some(stand(2))));
    });
}
