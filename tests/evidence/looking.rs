//! Every look for a purpose leaves a record, or is refused.

use std::fs;

use tempfile::tempdir;
use waystage::Engine;
use waystage::core::table::Model;
use waystage::evidence::Trust;
use waystage::evidence_format::{KeyKind, SecretKey};
use waystage_cohorts::{Dimension, Funnel};

use super::given::{ORIGIN, anchor, imported, key};

#[test]
fn each_look_leaves_one_record_in_a_log_with_the_same_evidence() {
    let folder = tempdir().unwrap();
    let store = folder.path().join("store");
    let engine = imported(Engine::create(&store, ORIGIN).unwrap());
    engine.checkpoint(&key(), &anchor(&folder), &|_| {}).unwrap();
    assert!(!engine.has_access_log() && engine.accesses().unwrap().is_empty());
    let funnel = Funnel { by: vec![Dimension::Programme] };
    let models = [&funnel as &dyn Model];
    let (person, view) = (engine.reader().participants().unwrap()[0], engine.today());

    let looking = engine.access("user:auditor-3", "the yearly sample");
    let mut told = Vec::new();
    let mut looked = |what: &str| {
        told.push(what.to_owned());
        let looks = engine.accesses().unwrap();
        let whats: Vec<String> = looks.iter().map(|look| look.what.clone()).collect();
        assert_eq!(whats, told);
        let last = looks.last().unwrap();
        assert_eq!(last.actor.as_str(), "user:auditor-3");
        assert_eq!(last.purpose, "the yearly sample");
        assert_eq!(last.through, engine.reader().last_position().unwrap());
    };
    let _ = looking.audit(view, &|_| {}).unwrap();
    looked("audit");
    looking.export(&mut Vec::new(), &|_| {}).unwrap();
    looked("export");
    looking.certify(&funnel, view, &key(), &anchor(&folder)).unwrap();
    looked("certify");
    looking.prove(person).unwrap();
    looked("prove");
    looking.restated(&models, &|_| {}).unwrap();
    looked("restated");
    let _ = looking.compare(view, view, &models, &|_| {}).unwrap();
    looked("diff");

    // the log of looks is signed and verified as any log is
    let log = engine.access_log().unwrap();
    let origin = format!("{ORIGIN}/access");
    assert_eq!(log.reader().origin(), origin);
    let own = SecretKey::of_seed(&origin, KeyKind::Log, [4; 32]).unwrap();
    let own_anchor = waystage::evidence::Anchor::at(folder.path().join("access.anchor"));
    let signed = log.checkpoint(&own, &own_anchor, &|_| {}).unwrap();
    assert_eq!(signed.checkpoint.size, 6);
    let trust = Trust { key: Some(own.public().clone()), ..Trust::default() };
    assert_eq!(log.verify_log(&trust, &|_| {}).unwrap().compared, 1);
    drop((log, engine));
    let again = Engine::open(&store).unwrap();
    assert_eq!(again.accesses().unwrap().len(), 6);
}

#[test]
fn a_look_at_a_view_without_an_end_is_recorded_and_read_back() {
    let engine = imported(super::given::in_memory());
    let endless = waystage::core::view::View::new(
        chrono::NaiveDate::MAX,
        waystage::core::time::Timestamp::MAX,
    );
    let looking = engine.access("user:1", "everything");
    let _ = looking.audit(endless, &|_| {}).unwrap();
    let _ = looking.audit(endless, &|_| {}).unwrap();
    assert_eq!(engine.accesses().unwrap().len(), 2);
}

#[test]
fn nobody_gets_an_answer_whose_look_cannot_be_recorded() {
    let folder = tempdir().unwrap();
    let store = folder.path().join("store");
    let engine = imported(Engine::create(&store, ORIGIN).unwrap());
    fs::write(store.join("access.db"), "no log").unwrap();
    let looking = engine.access("user:1", "just so");
    assert!(looking.audit(engine.today(), &|_| {}).is_err());
    let mut out = Vec::new();
    assert!(looking.export(&mut out, &|_| {}).is_err());
    assert!(out.is_empty(), "not a byte was written");
}
