//! The way of an extract: importing it into memory and into a file, reading every rule, adding up
//! the funnel. `cargo bench -p waystage-benches` tells trends on one machine; nothing is gated here.
#![allow(clippy::unwrap_used)] // a benchmark may

use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use waystage::{Adoption, Engine, ImportPlan};
use waystage_cohorts::{Dimension, Funnel};

fn plan() -> ImportPlan {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/extracts/small");
    let (packs, tables) = (folder.join("packs"), folder.join("tables"));
    ImportPlan {
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        folder,
        source: "small".into(),
        batch: 250,
        dry_run: false,
        strict: false,
    }
}

fn import(criterion: &mut Criterion) {
    let plan = plan();
    let mut group = criterion.benchmark_group("import");
    group.throughput(Throughput::Elements(665));
    group.bench_function("into memory", |bench| {
        bench.iter_batched(
            || Engine::in_memory("example.org/bench"),
            |engine| engine.import(&plan, &|_, _| {}).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("into a file", |bench| {
        bench.iter_batched(
            || {
                let folder = tempfile::tempdir().unwrap();
                let engine = Engine::create(folder.path(), "example.org/bench").unwrap();
                (folder, engine)
            },
            |(folder, engine)| {
                let report = engine.import(&plan, &|_, _| {}).unwrap();
                (folder, report)
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn read(criterion: &mut Criterion) {
    let engine = Engine::in_memory("example.org/bench");
    engine.import(&plan(), &|_, _| {}).unwrap();
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Elements(665));
    group.bench_function("every rule of every participation", |bench| {
        let lens = engine.lens(engine.today()).unwrap();
        bench.iter(|| engine.replay(&lens).each(|replayed| replayed.readings.len()).unwrap());
    });
    group.bench_function("the funnel by programme, area and month", |bench| {
        let by = vec![Dimension::Programme, Dimension::Area, Dimension::Month];
        let funnel = Funnel { by };
        bench.iter(|| engine.sum(&funnel, engine.today()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, import, read);
criterion_main!(benches);
