//! Who looked, as the program keeps it: what leaves a record, and that copies take it along.

use super::{Store, says};

fn looks(store: &Store) -> Vec<String> {
    let looks = store.json(&["accesses"]);
    looks.iter().map(|look| look["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn whoever_is_shown_and_whatever_is_checked_leaves_a_record() {
    let store = Store::with_extract();
    let participant = store.json(&["caseload"])[0]["participant"].as_str().unwrap().to_owned();
    store.run(&["show", &participant, "--actor", "user:caseworker-2"]);
    store.run(&["checkpoint", "--new-key"]);
    let note = store.run(&["certify", "funnel", "--as-of", "2021-09-30"]).stdout;
    let file = store.folder.path().join("funnel.note");
    std::fs::write(&file, note).unwrap();
    let (code, said) = says(&store.run(&["certify", "--check", file.to_str().unwrap()]));
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(looks(&store), ["show", "certify", "certify --check"]);
    assert_eq!(store.json(&["accesses"])[0]["actor"], "user:caseworker-2");
}

#[test]
fn a_backup_takes_along_who_looked_and_a_restored_store_is_signed_and_verified() {
    let store = Store::with_extract();
    store.run(&["audit"]);
    let copy = store.folder.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    assert_eq!(says(&store.run(&["checkpoint", "--new-key"])).0, Some(0));
    let (code, said) = says(&store.run(&["backup", copy]));
    assert_eq!(code, Some(0), "{said}");
    let home = store.folder.path().join("store");
    std::fs::rename(&home, store.folder.path().join("lost")).unwrap();
    let (code, said) = says(&store.run(&["restore", copy]));
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(looks(&store), ["audit", "backup"]);
    for again in [&["verify"][..], &["audit"], &["checkpoint"], &["verify"]] {
        let (code, said) = says(&store.run(again));
        assert!(matches!(code, Some(0 | 1)), "{again:?}: {said}");
    }
}

#[test]
fn a_log_of_who_looked_that_is_lost_is_told_and_does_not_keep_the_log_from_being_signed() {
    let store = Store::with_extract();
    store.run(&["audit"]);
    assert_eq!(says(&store.run(&["checkpoint", "--new-key"])).0, Some(0));
    std::fs::remove_file(store.folder.path().join("store/access.db")).unwrap();
    let (code, said) = says(&store.run(&["verify"]));
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("the log of who looked is gone. Where it was lost, copy it back"),
        "{said}"
    );
    store.run(&["audit"]);
    let out = store.folder.path().join("signed");
    let (code, said) = says(&store.run(&["checkpoint", "--out", out.to_str().unwrap()]));
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("the log itself is signed; the log of who looked is not"), "{said}");
    assert!(out.exists());
}

#[test]
fn a_copy_that_is_refused_leaves_nothing_behind_and_takes_no_other_log_along() {
    let store = Store::with_extract();
    store.run(&["audit"]);
    let path = |name: &str| store.folder.path().join(name);
    let copy = path("copy.db");
    let backup = || says(&store.run(&["backup", copy.to_str().unwrap()]));
    std::fs::write(&copy, "somebody's").unwrap();
    assert_eq!(backup().0, Some(6));
    assert!(!path("copy.db.access").exists());
    std::fs::remove_file(&copy).unwrap();
    std::fs::write(path("copy.db.access"), "somebody's").unwrap();
    assert_eq!(backup().0, Some(6));
    assert!(!copy.exists());
    std::fs::remove_file(path("copy.db.access")).unwrap();
    assert_eq!(backup().0, Some(0));

    let other = Store::new();
    other.run(&["init", "--origin", "example.org/another"]);
    other.run(&["audit"]);
    let theirs = path("theirs.db");
    assert_eq!(says(&other.run(&["backup", theirs.to_str().unwrap()])).0, Some(0));
    let ours = path("copy.db.access");
    let whole = std::fs::read(&ours).unwrap();
    let restored = Store::new();
    let restore = || says(&restored.run(&["restore", copy.to_str().unwrap()]));
    let home = restored.folder.path().join("store");
    for wrong in [std::fs::read(path("theirs.db.access")).unwrap(), whole[..5000].to_vec()] {
        std::fs::write(&ours, wrong).unwrap();
        let (code, said) = restore();
        assert_ne!(code, Some(0), "{said}");
        let left: Vec<_> = std::fs::read_dir(&home).unwrap().map(|it| it.unwrap().path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
    std::fs::write(&ours, whole).unwrap();
    assert_eq!(restore().0, Some(0));
    assert_eq!(looks(&restored), ["audit", "backup", "backup", "backup"]);
}

#[test]
fn of_two_logs_of_who_looked_the_longer_is_taken_and_none_where_they_went_apart() {
    let store = Store::with_extract();
    let path = |name: &str| store.folder.path().join(name);
    let copies = ["monday", "friday"].map(|name| path(name).to_str().unwrap().to_owned());
    for copy in &copies {
        store.run(&["audit"]);
        assert_eq!(says(&store.run(&["backup", copy])).0, Some(0));
    }
    let home = path("store");
    let lose_the_log = || {
        for name in ["journeys.db", "journeys.db-wal", "journeys.db-shm"] {
            let _ = std::fs::remove_file(home.join(name));
        }
    };
    let restore = |copy: &str| {
        lose_the_log();
        says(&store.run(&["restore", copy]))
    };
    let all = ["audit", "backup", "audit", "backup"];
    assert_eq!(restore(&copies[0]).0, Some(0));
    assert_eq!(looks(&store), all, "what is there is newer than Monday's");
    std::fs::remove_file(home.join("access.db")).unwrap();
    assert_eq!(restore(&copies[0]).0, Some(0));
    assert_eq!(looks(&store), all[..2]);
    assert_eq!(restore(&copies[1]).0, Some(0));
    assert_eq!(looks(&store), all, "Friday's goes on from what is there");
    std::fs::remove_file(home.join("access.db")).unwrap();
    assert_eq!(restore(&copies[0]).0, Some(0));
    store.run(&["audit", "--purpose", "something else"]);
    let (code, said) = restore(&copies[1]);
    assert_ne!(code, Some(0));
    assert!(said.contains("went different ways: keep both"), "{said}");
    assert!(!home.join("journeys.db").exists());
    assert!(home.join("access.db").exists());
}

#[test]
fn a_damaged_copy_of_who_looked_does_not_take_the_place_of_what_is_there() {
    let store = Store::with_extract();
    let copy = store.folder.path().join("copy");
    let copy = copy.to_str().unwrap();
    let home = store.folder.path().join("store");
    store.run(&["audit"]);
    let before = std::fs::read(home.join("access.db")).unwrap();
    for _ in 0..3 {
        store.run(&["audit"]);
    }
    assert_eq!(says(&store.run(&["backup", copy])).0, Some(0));
    let looks = rusqlite::Connection::open(format!("{copy}.access")).unwrap();
    looks.execute_batch("DROP TRIGGER event_is_never_changed").unwrap();
    let damage = "UPDATE event SET leaf = zeroblob(32) WHERE position = 4";
    assert_eq!(looks.execute(damage, []).unwrap(), 1);
    drop(looks);
    for name in ["journeys.db", "access.db"] {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(home.join(format!("{name}{end}")));
        }
    }
    std::fs::write(home.join("access.db"), &before).unwrap();
    let (code, said) = says(&store.run(&["restore", copy]));
    assert_ne!(code, Some(0), "{said}");
    assert!(!home.join("journeys.db").exists());
    assert_eq!(std::fs::read(home.join("access.db")).unwrap(), before);
}

#[test]
fn an_empty_log_has_no_figure_to_certify() {
    let store = Store::new();
    store.run(&["init"]);
    store.run(&["checkpoint", "--new-key"]);
    let (code, said) = says(&store.run(&["certify", "funnel", "--as-of", "2021-09-30"]));
    assert_ne!(code, Some(0));
    assert!(said.contains("the log is empty, so there is no figure"), "{said}");
}
