//! Audits of whole extracts: claims against answers that another program computed, runs that an
//! engine made, and logs of many people in which one event was changed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use waystage::replay::audit::{AuditFinding, AuditKind, Audited};
use waystage::{Adoption, Engine, ImportPlan, SystemClock, SystemIds};
use waystage_core::id::{EventId, Position};
use waystage_core::journey::evidence::Evidence;
use waystage_core::journey::money::Money;
use waystage_core::journey::{Fact, Record};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_replay::audit::Audit;
use waystage_store::{EventReader, MemoryStore, StoredEvent, codec};

use crate::log::{about_determinations, harmless, with};

const FAR_END: &str = "2025-10-19";

fn small() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small")
}

/// Returns an engine in memory over an extract, taken from so many sources, and its log.
fn imported(folder: &Path, sources: u32) -> (Engine, Arc<MemoryStore>) {
    let store = Arc::new(MemoryStore::new("example.org/audited"));
    let ids = Box::<SystemIds>::default();
    let engine = Engine::with(Arc::clone(&store) as _, Box::new(SystemClock), ids);
    let (packs, tables) = (folder.join("packs"), folder.join("tables"));
    for number in 0..sources {
        let plan = ImportPlan {
            folder: folder.to_owned(),
            source: format!("source-{number}").as_str().into(),
            adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
            batch: 250,
            dry_run: false,
            strict: false,
        };
        engine.import(&plan, &|_, _| {}).unwrap();
    }
    (engine, store)
}

fn far_end(basis: Basis) -> View {
    View::new(FAR_END.parse().unwrap(), Timestamp::MAX).basis(basis)
}

fn answers(folder: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("answers.json")).unwrap()).unwrap()
}

/// Compares the claims of an audit with the answers.
fn agrees(folder: &Path) {
    let answers = &answers(folder)["claims"];
    let (engine, _) = imported(folder, 1);
    let view =
        View { known_at: "2025-10-19T23:59:59Z".parse().unwrap(), ..far_end(Basis::Reported) };
    let audited = engine.access("user:test", "a test").audit(view, &|_| {}).unwrap();
    let claims: BTreeSet<String> = audited
        .claims
        .iter()
        .map(|it| {
            let day = it.submitted_on.to_string();
            let (of, then, now) =
                (&it.participation.reference, it.supported_then, it.supported_now);
            json!([it.claim.label, of.as_str(), it.rule.as_str(), day, then, now]).to_string()
        })
        .collect();
    let each = answers["claims"].as_array().unwrap().iter();
    let expected: BTreeSet<String> = each
        .clone()
        .map(|it| {
            let (then, now) = (&it["supported_at_submission"], &it["supported_now"]);
            json!([it["claim"], it["participation"], it["rule"], it["submitted_on"], then, now])
                .to_string()
        })
        .collect();
    assert_eq!(claims, expected);
    let of_kind = |kind: AuditKind| -> BTreeSet<String> {
        let findings = audited.findings.iter().filter(|finding| finding.kind == kind);
        findings.map(|finding| finding.events[0].label.clone()).collect()
    };
    let answered = |then: bool, now: Option<bool>| -> BTreeSet<String> {
        let these = each.clone().filter(|it| {
            it["supported_at_submission"] == then
                && now.is_none_or(|now| it["supported_now"] == now)
        });
        these.map(|it| it["claim"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of_kind(AuditKind::ClaimNotSupportedThen), answered(false, None));
    assert_eq!(of_kind(AuditKind::ClaimNoLongerSupported), answered(true, Some(false)));
    let never = audited.findings.iter().filter(|it| it.kind == AuditKind::OutcomeNeverClaimed);
    let never: BTreeSet<(&str, &str)> = never
        .map(|it| {
            let participation = it.participation.as_ref().unwrap().reference.as_str();
            (participation, it.rule.as_ref().unwrap().as_str())
        })
        .collect();
    let expected = answers["met_never_claimed"].as_array().unwrap().iter();
    let expected: BTreeSet<(&str, &str)> = expected
        .map(|it| (it["participation"].as_str().unwrap(), it["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(never, expected);

    // by what was recorded everything came at once, and at the end the same is known
    let recorded =
        engine.access("user:test", "a test").audit(far_end(Basis::Recorded), &|_| {}).unwrap();
    let now = |audited: &Audited| -> Vec<(EventId, bool)> {
        audited.claims.iter().map(|it| (it.claim.id, it.supported_now)).collect()
    };
    assert_eq!(now(&recorded), now(&audited));
}

#[test]
fn the_claims_of_the_small_extract_are_as_the_answers_say() {
    agrees(&small());
}

/// `EXTRACT=folder cargo test --test audit -- --ignored`: the same for an extract that is not here.
#[test]
#[ignore = "needs an extract with answers in EXTRACT; .ci/run runs it where that is set"]
fn the_claims_of_another_extract_are_as_its_answers_say() {
    agrees(Path::new(&std::env::var("EXTRACT").expect("EXTRACT names a folder")));
}

/// Makes runs at quarter ends, then one as of an earlier day, then a last one.
fn determine(engine: &Engine, basis: Basis) {
    for day in [
        "2016-12-31",
        "2017-06-30",
        "2018-12-31",
        "2019-12-31",
        "2020-12-31",
        "2021-09-30",
        "2021-09-30",
        "2024-06-30",
        "2020-06-30",
        FAR_END,
    ] {
        engine.determine(day.parse().unwrap(), basis).unwrap();
    }
}

#[test]
fn runs_that_an_engine_made_audit_clean_of_determination_findings() {
    for basis in [Basis::Recorded, Basis::Reported] {
        let (engine, store) = imported(&small(), 1);
        determine(&engine, basis);
        let run = engine.determine(FAR_END.parse().unwrap(), basis).unwrap();
        let rows = store.rows_after(None, usize::MAX).unwrap();
        let recorded = rows.iter().find(|row| row.id == run.run).unwrap();
        assert_eq!(run.view.known_at, recorded.recorded_at, "one instant for both");
        for audit_basis in [Basis::Recorded, Basis::Reported] {
            let audited =
                engine.access("user:test", "a test").audit(far_end(audit_basis), &|_| {}).unwrap();
            let found = about_determinations(&audited);
            assert!(found.is_empty(), "{found:#?}");
            assert_eq!(audited.checked.runs, 11);
            assert!(audited.checked.determinations > 60 && audited.checked.withdrawals > 10);
            let few = audited.checked.replays;
            let all = Audit::new(&*store, far_end(audit_basis), engine.adoptions().unwrap());
            let all = all.replaying_all().audited().unwrap();
            assert_eq!(all.findings, audited.findings);
            assert!(few * 10 < all.checked.replays * 9, "{few} of {}", all.checked.replays);
        }
    }
}

fn decoded(row: &StoredEvent) -> Record {
    codec::decode(row).unwrap().record
}

/// Returns what two audits found differently; nothing of it may be about anybody else.
fn difference<'a>(
    of: &StoredEvent,
    before: &'a Audited,
    after: &'a Audited,
) -> Vec<&'a AuditFinding> {
    let only = |one: &'a Audited, other: &'a Audited| {
        one.findings.iter().filter(|finding| !other.findings.contains(finding))
    };
    let differ: Vec<_> = only(before, after).chain(only(after, before)).collect();
    for finding in &differ {
        let participant = finding.participant.as_ref().unwrap();
        assert_eq!(participant.id, of.participant, "{finding:#?}");
    }
    differ
}

/// Changes some events of a log, one at a time: determinations, claims and evidence.
fn every_change_is_found(engine: &Engine, store: &MemoryStore, each: usize) -> [usize; 3] {
    let adoptions = engine.adoptions().unwrap();
    let view = far_end(Basis::Reported);
    let audit =
        |store: &MemoryStore| Audit::new(store, view, Arc::clone(&adoptions)).audited().unwrap();
    let before = audit(store);
    let rows = store.rows_after(None, usize::MAX).unwrap();
    let known: BTreeSet<EventId> = before.claims.iter().map(|claim| claim.claim.id).collect();
    let mut tried = [0; 3];
    let at = |position: Position| position;
    let of = |is_it: &dyn Fn(&StoredEvent) -> bool| -> Vec<&StoredEvent> {
        rows.iter().filter(|row| is_it(row)).step_by(each).collect()
    };
    for row in of(&|row| &*row.kind == "OutcomeDetermined") {
        let after = audit(&with(store, at(row.position), |event| *event = harmless(event.id)));
        let differ = difference(row, &before, &after);
        let kinds: Vec<&str> = differ.iter().map(|finding| finding.kind.as_str()).collect();
        assert_eq!(kinds, ["determination_missing"]);
        tried[0] += 1;
    }
    for row in of(&|row| &*row.kind == "ClaimSubmitted" && known.contains(&row.id)) {
        let after = audit(&with(store, at(row.position), |event| {
            if let Record::Fact(Fact::Money(Money::ClaimSubmitted(claim))) = &mut event.record {
                claim.rule = "another".into();
            }
        }));
        let differ = difference(row, &before, &after);
        let named = |finding: &&AuditFinding| finding.events.iter().any(|it| it.id == row.id);
        let unsupported = |it: &&AuditFinding| it.kind == AuditKind::ClaimNotSupportedThen;
        let found = differ.into_iter().filter(named).find(unsupported);
        assert!(found.is_some(), "{:?}", decoded(row));
        tried[1] += 1;
    }
    for row in of(&|row| &*row.kind == "EarningsReported") {
        let after = audit(&with(store, at(row.position), |event| {
            if let Record::Fact(Fact::Evidence(Evidence::EarningsReported(it))) = &mut event.record
            {
                it.gross_pence += 10_000_000;
            }
        }));
        let differ = difference(row, &before, &after);
        let determined = differ.iter().any(|it| it.kind.as_str().starts_with("determination_"));
        let rested = rows.iter().any(|it| match decoded(it) {
            Record::Determination(
                waystage_core::determination::Determination::OutcomeDetermined(outcome),
            ) => outcome.because.contains(&row.id),
            _ => false,
        });
        if rested {
            assert!(determined, "{:?}", decoded(row));
            tried[2] += 1;
        }
    }
    tried
}

#[test]
fn one_changed_event_is_found_and_nothing_about_anybody_else() {
    let (engine, store) = imported(&small(), 2);
    determine(&engine, Basis::Reported);
    let tried = every_change_is_found(&engine, &store, 9);
    assert!(tried[0] > 10 && tried[1] > 5 && tried[2] > 2, "{tried:?}");
}

/// Ten thousand people: `cargo test --test audit -- --ignored ten_thousand`.
#[test]
#[ignore = "takes a minute; .ci/run runs it"]
fn one_changed_event_among_ten_thousand_people_is_found() {
    let (engine, store) = imported(&small(), 200);
    let people = store.participants().unwrap().len();
    assert!(people >= 10_000, "{people}");
    determine(&engine, Basis::Reported);
    let audited =
        engine.access("user:test", "a test").audit(far_end(Basis::Reported), &|_| {}).unwrap();
    assert!(about_determinations(&audited).is_empty());
    let tried = every_change_is_found(&engine, &store, 6_001);
    assert!(tried[0] > 0 && tried[1] > 0, "{tried:?}");
}
