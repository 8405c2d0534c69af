//! The small extract, imported.

use std::path::{Path, PathBuf};

use waystage::{Adoption, Engine, ImportPlan, ImportReport};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small")
}

/// Returns the packs and tables of the extract. Its packs do not say which needs are severe; the
/// answers take 4 and more of 6.
fn adoption() -> Adoption {
    let packs = folder().join("packs");
    let tables = folder().join("tables");
    let mut adoption = Adoption::read(Some(&packs), Some(&tables)).unwrap();
    for (_, text) in &mut adoption.packs {
        text.push_str("\n[[severe]]\neffective_from = 2010-01-01\nseverity = 4\n");
    }
    adoption
}

pub(crate) fn imported() -> (Engine, ImportReport) {
    let engine = Engine::in_memory("example.org/small");
    let plan = ImportPlan {
        folder: folder(),
        source: "small".into(),
        adoption: adoption(),
        batch: 20,
        dry_run: false,
        strict: false,
    };
    let report = engine.import(&plan, &|_, _| {}).unwrap();
    (engine, report)
}
