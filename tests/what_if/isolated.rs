//! A what-if leaves nothing behind but that somebody asked: the log and the live models are the
//! same bytes afterwards. What it builds stands elsewhere and says what it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use waystage::core::table::Model;
use waystage::core::view::{Basis, View};
use waystage::evidence::Anchor;
use waystage::evidence_format::{KeyKind, SecretKey};
use waystage::programmes::ScenarioFile;
use waystage::replay::what_if::Totals;
use waystage::store::models::{ModelStore, Slot, Snapshot};
use waystage::{
    Adoption, AsOf, Engine, EngineError, Figures, ImportPlan, Pace, ReadModels, SourceNames,
};
use waystage_cohorts::{Definitions, Dimension, Fees, Funnel};
use waystage_sqlite::SqliteModels;

const GAP: &str = include_str!("../what_ifs/W1b.toml");
pub(crate) const GRID: &str = "
[scenario]
name = \"the gap\"
purpose = \"how strict is it?\"
[grid]
programme = \"working-well-expansion\"
rule = \"sustained-12-months\"
parameter = \"max_gap_days\"
from = 7
to = 42
step = 7
";

/// Returns the small extract in a folder.
pub(crate) fn imported(folder: &Path) -> Engine {
    with_extract(Engine::create(folder, "example.org/what-if").unwrap())
}

/// Takes in the small extract.
pub(crate) fn with_extract(engine: Engine) -> Engine {
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small");
    let (packs, tables) = (small.join("packs"), small.join("tables"));
    let plan = ImportPlan {
        folder: small,
        source: "extract".into(),
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        batch: 200,
        dry_run: false,
        strict: false,
    };
    engine.import(&plan, &|_, _| {}).unwrap();
    engine
}

fn models() -> Vec<Arc<dyn Model>> {
    let by = vec![Dimension::Programme];
    vec![Arc::new(Funnel { by }), Arc::new(Fees), Arc::new(Definitions)]
}

fn view(engine: &Engine) -> View {
    View { as_of: "2021-09-30".parse().unwrap(), ..engine.today() }
}

pub(crate) fn read(engine: &Engine, text: &str) -> (View, ScenarioFile) {
    let names = SourceNames("extract".into());
    engine.scenario(("asked.toml", text), view(engine), &names).unwrap()
}

/// Returns every file of a folder with its bytes, but those of the access log, and the index of a
/// write-ahead log, which readers lock in.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        !name.starts_with("access.db") && !name.ends_with("-shm")
    };
    entries.filter(is_kept).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn the_log_and_the_live_models_are_the_same_bytes_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (store, out) = (folder.path().join("store"), folder.path().join("out"));
    let wired = ReadModels::new()
        .with_all(models())
        .as_of(AsOf::On("2021-09-30".parse().unwrap()))
        .pace(Pace::OnDemand);
    let engine = imported(&store).keep(wired).unwrap();
    engine.models().unwrap().refresh().unwrap();
    let looking = engine.access("user:analyst-1", "the tender");
    let before = bytes(&store);
    assert!(before.keys().any(|path| path.ends_with("journeys.db")), "{:?}", before.keys());
    assert!(before.keys().any(|path| path.ends_with("journeys.views.db")), "{:?}", before.keys());

    let chosen = models();
    let chosen: Vec<&dyn Model> = chosen.iter().map(|model| &**model).collect();
    let (asked, file) = read(&engine, GAP);
    for figures in [Figures::Totals, Figures::Changes] {
        let supposed = looking.what_if(&file.scenario, asked, &chosen, figures, &|_| {}).unwrap();
        assert!(!supposed.is_empty());
    }
    let path = out.join("a.views.db");
    let built = looking.keep_what_if(&file.scenario, asked, models(), &path, &|_| {}).unwrap();
    assert!(built.parked.is_empty());
    let (asked, grid) = read(&engine, GRID);
    let table = looking.sweep(&grid.grid.unwrap(), asked, &|_| {}).unwrap();
    assert_eq!(table.values.len(), 6);

    assert_eq!(before, bytes(&store), "something of the store was written to");
    let looks: Vec<String> = engine.accesses().unwrap().into_iter().map(|look| look.what).collect();
    assert_eq!(looks, ["what-if", "what-if", "what-if", "what-if grid"]);
    let looks = engine.accesses().unwrap();
    assert_eq!(looks[0].purpose, "the tender");
    let about = looks[0].about.clone().unwrap();
    assert!(about.contains(&waystage::scenario_digest(&file.scenario)), "{about}");

    // it opens like any file of models, and says what it is
    let kept = SqliteModels::open(&path).unwrap();
    let snapshot = kept.snapshot().unwrap();
    let rows = snapshot.rows(Slot::Live, &about_table(&*snapshot)).unwrap();
    let said: Vec<(String, String)> =
        rows.iter().map(|row| (row.row[1].to_string(), row.row[2].to_string())).collect();
    let says = |name: &str| said.iter().find(|(each, _)| each == name).unwrap().1.clone();
    assert_eq!(says("scenario"), file.scenario.name);
    assert_eq!(says("scenario_digest"), waystage::scenario_digest(&file.scenario));
    assert!(says("what").starts_with("a what-if"));
    // no engine takes it for the models of the log
    let live = engine.models().unwrap().status().unwrap().stand.unwrap();
    assert_ne!(built.stand.packs, live.packs);

    // and beside a log nothing imagined is written
    let inside = store.join("a.views.db");
    let refused = looking.keep_what_if(&file.scenario, asked, models(), &inside, &|_| {});
    assert!(matches!(refused, Err(EngineError::NotThere { .. })));
    assert!(!inside.exists());
}

/// Returns the table that says what a file of models is.
fn about_table(_: &dyn Snapshot) -> waystage::core::table::Table {
    use waystage::core::table::{Table, integer, measure, text};
    Table::new("what_if", "")
        .column(integer("line", ""))
        .column(text("name", ""))
        .column(text("value", ""))
        .measure(measure("lines", ""))
}

#[test]
fn totals_are_kept_or_summed_and_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let engine = imported(folder.path());
    let (asked, file) = read(&engine, GAP);
    let asked = View { basis: Basis::Recorded, ..asked };
    let scenario = waystage::core::scenario::Scenario {
        base: waystage::core::scenario::BaseView::default(),
        ..file.scenario
    };
    let asked = View { known_at: engine.today().known_at, ..asked };
    let all = models();
    let chosen: Vec<&dyn Model> = all.iter().map(|model| &**model).collect();
    let ask = |engine: &Engine| {
        let looking = engine.access("user:analyst-1", "the tender");
        looking.what_if(&scenario, asked, &chosen, Figures::Totals, &|_| {}).unwrap()
    };
    let summed = ask(&engine);
    assert_eq!(summed.would_be.totals, Totals::Summed);
    let wired = ReadModels::new().with_all(models()).as_of(AsOf::On(asked.as_of));
    let engine = engine.keep(wired).unwrap();
    let kept = ask(&engine);
    assert_eq!(kept.would_be.totals, Totals::Kept);
    assert_eq!(kept.would_be.folded_for_totals, 0);
    assert!(!kept.would_be.difference.figures().is_empty());
    for (one, other) in
        kept.would_be.difference.figures().iter().zip(summed.would_be.difference.figures())
    {
        assert!(one.before.is_some());
        assert_eq!((one.cell, one.before, one.change), (other.cell, other.before, other.change));
    }
    assert_eq!(kept.digest(), summed.digest());
    // of another day nothing is kept
    let other = View { as_of: "2020-09-30".parse().unwrap(), ..asked };
    let looking = engine.access("user:analyst-1", "the tender");
    let other = looking.what_if(&scenario, other, &chosen, Figures::Totals, &|_| {}).unwrap();
    assert_ne!(other.would_be.totals, Totals::Kept);
}

#[test]
fn a_figure_under_a_scenario_is_certified_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let engine = imported(&folder.path().join("store"));
    let (asked, file) = read(&engine, GAP);
    let scenario = &file.scenario;
    let key = SecretKey::of_seed("example.org/what-if", KeyKind::Log, [3; 32]).unwrap();
    let anchor = Anchor::at(folder.path().join("anchor"));
    let looking = engine.access("user:analyst-1", "the tender");
    let certify = || looking.certify_what_if(&Fees, asked, scenario, &key, &anchor).unwrap();
    let certified = certify();
    let digest = certified.certificate.scenario.unwrap().to_string();
    assert_eq!(digest, waystage::scenario_digest(scenario));
    assert_eq!(certify().result, certified.result);
    let note = &certified.note;
    let under = engine.check_certificate_under(note, None, &Fees, scenario).unwrap();
    assert!(under.is_empty(), "{under:?}");
    // it is no figure of the log as it is
    let plain = engine.check_certificate(note, None, &Fees).unwrap();
    assert!(plain.iter().any(|each| each.member == "scenario"), "{plain:?}");
}
