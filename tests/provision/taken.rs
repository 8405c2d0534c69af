//! The extract of the made-up programme, taken into an engine.

use waystage::{Adoption, Engine, ImportPlan};

/// Returns an engine that has taken the extract.
pub(crate) fn taken() -> Engine {
    let folder = tempfile::tempdir().unwrap();
    crate::world::write(folder.path());
    let (packs, tables) = (folder.path().join("packs"), folder.path().join("tables"));
    let engine = Engine::in_memory("example.org/provision");
    let plan = ImportPlan {
        folder: folder.path().to_owned(),
        source: "t".into(),
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        batch: 3,
        dry_run: false,
        strict: true,
    };
    let report = engine.import(&plan, &|_, _| {}).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.counted.rejects.is_empty(), "{:?}", report.counted.rejects);
    engine
}
