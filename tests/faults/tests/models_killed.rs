//! Kept models under kills: the program is killed at any instant, and at writes of a rebuild.
//! Before anything is caught up, what the file holds is what the log gives at the place where it
//! says that it stands; then it is caught up, and a rebuild that was cut off ends in the same.
//! Controls show that a wrong row, a wrong place and a lost day would be seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;
use rusqlite::Connection;
use waystage::{Engine, Rebuild};
use waystage_core::id::Position;
use waystage_faults::kept::{self, Acknowledged, Running};
use waystage_faults::lives::Caller;
use waystage_faults::{Chance, factor, fast_folder, fresh, program};
use waystage_sqlite::SqliteModels;
use waystage_store::models::{Built, Slot, Stand};
use waystage_store::{Digest, verify};

const KEEPER: &str = env!("CARGO_BIN_EXE_keeper");
/// How many kills one store suffers before another is begun.
const KILLS_OF_A_STORE: u64 = 5;

#[derive(Debug, Default)]
struct Counts {
    kills: u64,
    at_spawn: u64,
    acknowledged: u64,
    generations: u64,
    behind: u64,
    building: u64,
    whole: u64,
    resumed: u64,
}

/// What the file of the models holds, before anybody catches up: every generation is compared with
/// the log at its own place.
#[derive(Debug)]
struct Left {
    live: Option<Stand>,
    next: Option<Stand>,
}

fn look(folder: &Path, engine: &Engine, counts: &mut Counts) -> Left {
    let path = kept::file(folder);
    if !path.exists() {
        return Left { live: None, next: None };
    }
    // it is opened, so it holds the tables of its models and no others
    let store = SqliteModels::open(&path).unwrap();
    let mut stands = Vec::new();
    for slot in [Slot::Live, Slot::Next, Slot::Previous] {
        let compared = fresh::compare_kept(&store, slot, engine);
        if let Some(compared) = &compared {
            compared.assert_clean(&format!("{slot:?} after kill {}", counts.kills));
            assert_eq!(compared.models, fresh::models().len() as u64, "{slot:?}");
            counts.generations += 1;
        }
        stands.push(compared.map(|compared| compared.stand));
    }
    drop(store);
    let raw = Connection::open(&path).unwrap();
    let says: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(says, "ok");
    let [live, next, _] = <[Option<Stand>; 3]>::try_from(stands).unwrap();
    let last = engine.reader().last_position().unwrap();
    counts.behind += u64::from(live.as_ref().is_some_and(|live| live.position() < last));
    let is_whole = |next: &Stand| next.built == Built::Whole;
    counts.building += u64::from(next.as_ref().is_some_and(|next| !is_whole(next)));
    counts.whole += u64::from(next.as_ref().is_some_and(is_whole));
    Left { live, next }
}

/// Catches up and rebuilds: everything equals the log, and what was left over was gone on with.
fn catch_up(engine: Engine, left: &Left, counts: &mut Counts) -> (Stand, Vec<Digest>) {
    let day = left.live.as_ref().map_or_else(kept::first_day, |live| live.as_of);
    let engine = engine.keep(fresh::every(day)).unwrap();
    let last = engine.reader().last_position().unwrap();
    let compared = fresh::compare(&engine);
    compared.assert_clean("caught up");
    assert_eq!(compared.stand.position(), last);
    let before = fresh::digests(&engine).unwrap();
    let models = engine.models().unwrap();
    let how = Rebuild { in_steps_of: 7, ..Rebuild::default() };
    let rebuilt = models.rebuild(&[], &how).unwrap();
    // what was being built before anything answered, `keep` has gone on with; what was whole and
    // not switched to is begun anew
    let is_part = |next: &Stand| next.built != Built::Whole;
    let has_next = left.live.is_some() && left.next.as_ref().is_some_and(is_part);
    assert_eq!(rebuilt.built.resumed, has_next, "{left:?}");
    counts.resumed += u64::from(has_next);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(fresh::digests(&engine).unwrap(), before, "another model than before");
    let status = models.status().unwrap();
    assert_eq!((status.behind, &status.building, status.failure), (0, &None, None));
    before
}

/// Checks that everything that was acknowledged is in the log, where it was.
fn is_there(engine: &Engine, acknowledged: &BTreeMap<u64, Acknowledged>) {
    let count = verify(engine.reader()).unwrap();
    let rows = engine.reader().rows_after(None, usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, count);
    for (position, expected) in acknowledged {
        let row = &rows[usize::try_from(position - 1).unwrap()];
        let (position, id, leaf) = (row.position.get(), row.id.to_string(), row.leaf.to_string());
        assert_eq!(Acknowledged { position, id, leaf }, *expected, "lost or elsewhere");
    }
}

/// Kills programs that keep the models of one store, and looks at what each leaves.
fn kill_so_many(seed: u64, kills: u64, counts: &mut Counts) {
    let mut chance = Chance::new(seed);
    let folder = fast_folder();
    drop(kept::created(folder.path()));
    let mut acknowledged = BTreeMap::new();
    let mut day = kept::first_day();
    for kill in 0..kills {
        let work = if chance.below(3) == 0 { "following" } else { "in-step" };
        let command = &mut kept::keeper(KEEPER, folder.path(), work, seed * 100 + kill, day);
        let mut running = Running::start(command);
        let at_spawn = chance.below(3) == 0;
        if at_spawn {
            thread::sleep(Duration::from_micros(chance.below(900_000)));
        } else {
            assert_eq!(running.line(), "KEPT\n");
            thread::sleep(Duration::from_micros(chance.below(700_000)));
        }
        let told = running.kill();
        counts.kills += 1;
        counts.at_spawn += u64::from(at_spawn);
        counts.acknowledged += told.len() as u64;
        acknowledged.extend(told.into_iter().map(|each| (each.position, each)));
        let engine = Engine::open(folder.path()).unwrap();
        is_there(&engine, &acknowledged);
        let left = look(folder.path(), &engine, counts);
        day = left.live.as_ref().map_or_else(kept::first_day, |live| live.as_of);
        // now and then the next program finds what was left as it is
        if kill % 2 == 0 || kill + 1 == kills {
            catch_up(engine, &left, counts);
        }
    }
}

#[test]
fn models_of_a_killed_program_stand_where_they_say_and_are_caught_up() {
    let mut counts = Counts::default();
    for store in 1..=4 * factor() {
        kill_so_many(store, KILLS_OF_A_STORE, &mut counts);
    }
    println!("kept models under kills: {counts:?}");
    assert!(counts.acknowledged > counts.kills, "the programs hardly came to record");
    assert!(counts.building + counts.whole > 0, "no rebuild was ever cut off");
}

/// A store whose models stand at the end of a log of some lives, and how they stand.
fn filled(folder: &Path, calls: u64) -> (Stand, Vec<Digest>) {
    let engine = kept::created(folder);
    let mut caller = Caller::new(1, 1);
    for _ in 0..calls {
        let call = caller.call();
        let receipts = engine.record(call.participant, call.facts.clone()).unwrap();
        caller.answered(call, &receipts);
    }
    let day = "2019-03-01".parse().unwrap();
    let engine = engine.keep(fresh::every(day)).unwrap();
    // the last event is one that changes a model
    let mut other = Caller::new(2, 1);
    let mut call = other.call();
    call.facts.truncate(1);
    let receipts = engine.record(call.participant, call.facts).unwrap();
    assert!(!receipts[0].duplicate);
    fresh::digests(&engine).unwrap()
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Ends the program at writes to the models' file during a rebuild and its switch: some of all, and
/// each of the last, among which the switch is.
#[test]
fn a_rebuild_that_is_cut_off_at_any_write_leaves_what_answers_and_goes_on() {
    let Some(shim) = program::shim(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let place = fast_folder();
    let (template, folder) = (place.path().join("template"), place.path().join("cut"));
    let (stand, digests) = filled(&template, 60);
    let run = |point: u64, counted: &Path| {
        copy(&template, &folder);
        let mut command = kept::keeper(KEEPER, &folder, "rebuild", 0, stand.as_of);
        program::behind(shim, &mut command, &kept::file(&folder));
        command.env("FIO_OPS", "w").env("FIO_KILL", "1").env("FIO_COUNT", counted);
        command.env("FIO_FAIL", point.to_string());
        command.output().unwrap()
    };
    let counted = place.path().join("counted");
    assert!(run(0, &counted).status.success());
    let writes = fs::read_to_string(&counted).unwrap().lines().count() as u64;
    let mut chance = Chance::new(5);
    let some = (0..8 * factor()).map(|_| 1 + chance.below(writes));
    let last = (0..8 * factor()).map(|back| writes.saturating_sub(back).max(1));
    let points: std::collections::BTreeSet<u64> = some.chain(last).collect();
    let mut counts = Counts::default();
    for point in &points {
        let ended = run(*point, Path::new("/dev/null"));
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(137), "write {point}: {said}");
        counts.kills += 1;
        let engine = Engine::open(&folder).unwrap();
        let left = look(&folder, &engine, &mut counts);
        assert_eq!(left.live.as_ref(), Some(&stand), "write {point}");
        let after = catch_up(engine, &left, &mut counts);
        assert_eq!(after, (stand.clone(), digests.clone()), "write {point}");
    }
    println!("a rebuild of {writes} writes, cut off at {} of them: {counts:?}", points.len());
    assert!(counts.resumed > 0 && counts.resumed < counts.kills, "before and after the switch");
}

/// Returns what a change to the models' file by somebody else makes the comparison say.
fn says_after(folder: &Path, change: &dyn Fn(&Connection)) -> Vec<String> {
    let copied = folder.join("changed");
    copy(&folder.join("template"), &copied);
    let raw = Connection::open(kept::file(&copied)).unwrap();
    change(&raw);
    drop(raw);
    let engine = Engine::open(&copied).unwrap();
    let store = SqliteModels::open(&kept::file(&copied)).unwrap();
    let compared = fresh::compare_kept(&store, Slot::Live, &engine).unwrap();
    drop(store);
    // what answers through the engine is compared by its digests
    let engine = engine.keep(fresh::every(compared.stand.as_of)).unwrap();
    let of_rows = compared.differences.iter().any(|each| each.contains("Cell"));
    if of_rows && compared.stand.position() == engine.reader().last_position().unwrap() {
        assert!(!fresh::compare(&engine).differences.is_empty(), "the digests do not show it");
    }
    compared.differences
}

#[test]
fn the_control_sees_a_wrong_row_a_wrong_place_and_a_lost_day() {
    let place = fast_folder();
    let (stand, _) = filled(&place.path().join("template"), 25);
    let engine = Engine::open(&place.path().join("template")).unwrap();
    let last = stand.position().unwrap().get();
    let before = engine.reader().rows_after(Position::new(last - 2), 1).unwrap().remove(0);
    drop(engine);
    let run = |raw: &Connection, sql: &str| assert!(raw.execute(sql, []).unwrap() > 0, "{sql}");
    let says = |sql: &'static str| says_after(place.path(), &|raw| run(raw, sql));
    assert_eq!(says_after(place.path(), &|_| {}), Vec::<String>::new());
    let one = says("UPDATE funnel SET referrals = referrals + 1 WHERE rowid = 2");
    assert!(
        one.len() == 1 && one[0].starts_with("funnel: ") && one[0].ends_with("by -1"),
        "{one:?}"
    );
    let gone = says("DELETE FROM caseload WHERE rowid = 1");
    assert!(gone.len() == 1 && gone[0].starts_with("caseload: "), "{gone:?}");
    let late = says(
        "DELETE FROM due WHERE (due_list, participant, day) IN
            (SELECT due_list, participant, day FROM due ORDER BY day LIMIT 1)",
    );
    assert!(late.iter().any(|each| each.contains(" is due by ")), "{late:?}");
    let back = says_after(place.path(), &|raw| {
        for table in ["generation", "read_model"] {
            let sql = format!("UPDATE {table} SET position = ?1, leaf = ?2");
            let leaf = before.leaf.to_string();
            raw.execute(&sql, (i64::try_from(before.position.get()).unwrap(), leaf)).unwrap();
        }
    });
    assert!(back.iter().any(|each| each.starts_with("heads: ")), "a place too early: {back:?}");
    let other = says_after(place.path(), &|raw| {
        let day: NaiveDate = "2018-03-01".parse().unwrap();
        for table in ["generation", "read_model"] {
            raw.execute(&format!("UPDATE {table} SET as_of = ?1"), [day.to_string()]).unwrap();
        }
    });
    assert!(other.len() > 3, "another day: {other:?}");
}
