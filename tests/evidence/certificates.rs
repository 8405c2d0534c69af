//! Certificates: the same bytes on two machines and from both stores, and whatever is another is
//! named.

use tempfile::tempdir;
use waystage::core::table::Model;
use waystage::core::view::{Basis, View};
use waystage::evidence_format::{Certificate, SignedNote};
use waystage::{Adoption, Engine};
use waystage_cohorts::{Claims, Dimension, Funnel, Needs};
use waystage_store::sha256;

use super::given::{anchor, imported, in_a_file, in_memory, key};

fn funnel() -> Funnel {
    Funnel { by: vec![Dimension::Programme, Dimension::Month] }
}

fn view() -> View {
    let known_at = "2021-10-14T23:59:59.5Z".parse().unwrap();
    View::new("2021-09-30".parse().unwrap(), known_at).basis(Basis::Reported)
}

#[test]
fn a_certificate_is_the_same_bytes_from_both_stores_and_on_any_day() {
    let folder = tempdir().unwrap();
    let other = tempdir().unwrap();
    let (one, two) = (imported(in_memory()), imported(in_a_file(&folder)));
    for model in [&funnel() as &dyn Model, &Claims, &Needs] {
        let first = one
            .access("user:test", "a test")
            .certify(model, view(), &key(), &anchor(&other))
            .unwrap();
        let second = two
            .access("user:test", "a test")
            .certify(model, view(), &key(), &anchor(&folder))
            .unwrap();
        assert_eq!(first.note.to_string(), second.note.to_string());
        assert_eq!(first.result, second.result);
        assert_eq!(sha256(&first.result), first.certificate.result);
        let lines = std::str::from_utf8(&first.result).unwrap().lines().count();
        assert_eq!(lines as u64, first.certificate.rows);
        assert_eq!(
            two.access("user:test", "a test")
                .certify(model, view(), &key(), &anchor(&folder))
                .unwrap(),
            second
        );
    }
}

#[test]
fn a_certificate_checks_on_another_store_of_the_same_log_and_later() {
    let folder = tempdir().unwrap();
    let (one, two) = (imported(in_memory()), imported(in_a_file(&folder)));
    let certified = one
        .access("user:test", "a test")
        .certify(&funnel(), view(), &key(), &anchor(&folder))
        .unwrap();
    let trusted = key();
    let check = |engine: &Engine| {
        engine.check_certificate(&certified.note, Some(trusted.public()), &funnel()).unwrap()
    };
    assert_eq!(check(&two), []);
    // what is recorded later changes nothing of what was certified
    let today = two.today().as_of;
    two.determine(today, Basis::Recorded).unwrap();
    assert_eq!(check(&two), []);
}

/// Returns the members that are named where a certificate says something else than the log gives.
fn named(engine: &Engine, certificate: &Certificate, model: &dyn Model) -> Vec<String> {
    let note = certificate.sign(&[&key()]).unwrap();
    let differs = engine.check_certificate(&note, Some(key().public()), model).unwrap();
    differs.into_iter().map(|each| each.member).collect()
}

#[test]
fn whatever_is_another_is_named() {
    let folder = tempdir().unwrap();
    let engine = imported(in_memory());
    let certified = engine
        .access("user:test", "a test")
        .certify(&funnel(), view(), &key(), &anchor(&folder))
        .unwrap();
    let sound = certified.certificate;
    assert_eq!(named(&engine, &sound, &funnel()), Vec::<String>::new());
    let other = |change: fn(&mut Certificate)| {
        let mut certificate = sound.clone();
        change(&mut certificate);
        named(&engine, &certificate, &funnel())
    };
    assert_eq!(other(|it| it.root = sha256(b"another")), ["root"]);
    assert_eq!(other(|it| it.fingerprint = sha256(b"another")), ["fingerprint"]);
    assert_eq!(other(|it| it.result = sha256(b"another")), ["result"]);
    assert_eq!(other(|it| it.version += 1), ["version"]);
    assert_eq!(other(|it| it.rows += 1), ["rows"]);
    assert_eq!(other(|it| it.parked += 1), ["parked"]);
    assert_eq!(other(|it| it.erased += 1), ["erased"]);
    assert_eq!(other(|it| it.participants += 1), ["participants"]);
    assert_eq!(other(|it| it.scenario = Some(sha256(b"another"))), ["scenario"]);
    assert_eq!(other(|it| it.model = "needs".to_owned()), ["model"]);
    let pack = sound.packs.keys().next().unwrap().clone();
    let mut certificate = sound.clone();
    certificate.packs.insert(pack.clone(), sha256(b"another"));
    assert_eq!(named(&engine, &certificate, &funnel()), [format!("pack {pack}")]);
    // another view is another computation: at least the result is another
    assert!(other(|it| it.as_of = "2018-01-01".to_owned()).contains(&"result".to_owned()));
    assert!(
        other(|it| it.known_at = "2018-01-01T00:00:00.000000Z".to_owned())
            .contains(&"result".to_owned())
    );
    assert!(other(|it| it.size -= 300).contains(&"root".to_owned()));
    assert!(
        other(|it| it.basis = waystage::evidence_format::CertifiedBasis::Recorded)
            .contains(&"result".to_owned())
    );
    // another model of the same log
    let by_area = Funnel { by: vec![Dimension::Programme, Dimension::Area] };
    let names = named(&engine, &sound, &by_area);
    assert!(names.contains(&"fingerprint".to_owned()) && names.contains(&"result".to_owned()));
}

#[test]
fn a_view_without_an_end_is_not_certified() {
    let folder = tempdir().unwrap();
    let engine = imported(in_memory());
    let endless = View { known_at: waystage::core::time::Timestamp::MAX, ..view() };
    let looking = engine.access("user:test", "a test");
    let refused = looking.certify(&funnel(), endless, &key(), &anchor(&folder)).unwrap_err();
    assert!(refused.to_string().contains("its view has no end"), "{refused}");
}

#[test]
fn every_byte_of_a_signed_certificate_counts() {
    let folder = tempdir().unwrap();
    let engine = imported(in_memory());
    let certified = engine
        .access("user:test", "a test")
        .certify(&funnel(), view(), &key(), &anchor(&folder))
        .unwrap();
    let note = certified.note.to_string();
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let Ok(read) = text.parse::<SignedNote>() else { continue };
        let checked = engine.check_certificate(&read, Some(key().public()), &funnel());
        assert!(checked.is_err(), "byte {at} of {text}");
    }
}

#[test]
fn another_log_of_the_same_name_is_noticed() {
    let folder = tempdir().unwrap();
    let engine = imported(in_memory());
    let certified = engine
        .access("user:test", "a test")
        .certify(&funnel(), view(), &key(), &anchor(&folder))
        .unwrap();
    let other = in_memory();
    other.adopt(&Adoption::bundled()).unwrap();
    let other = imported(other);
    let differs = other.check_certificate(&certified.note, None, &funnel()).unwrap();
    assert!(differs.iter().any(|each| each.member == "root"));
}
