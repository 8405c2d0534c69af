//! Read models are disposable, but never wrong: whatever a power cut, a kill or a failing disk
//! leaves, the rows are those of the stand that is said beside them. Steps may be lost; the log has
//! them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use waystage_faults::disk::{Disk, PARTS};
use waystage_faults::power::Bench;
use waystage_faults::program::{self, Asked};
use waystage_faults::{Chance, factor, fast_folder, model_file};

fn bench() -> Option<Bench> {
    Bench::new(env!("CARGO_BIN_EXE_model_writer"), env!("CARGO_TARGET_TMPDIR"))
}

#[test]
fn no_power_cut_leaves_rows_of_another_stand() {
    let Some(bench) = bench() else { return };
    // so many that the journal is brought into the file more than once
    let operations = bench.record(&Asked::plain(&bench.store(), 240));
    let into_the_file = |index: usize| {
        operations[index].kind == 'w' && operations[index].path.ends_with("views.db")
    };
    let left = fast_folder();
    let left = left.path().join("left");
    let (mut disk, mut chance) = (Disk::default(), Chance::new(5));
    let (mut states, mut behind, mut checkpoints) = (0_u64, 0_u64, 0_u64);
    for (index, operation) in operations.iter().enumerate() {
        disk.replay(operation);
        checkpoints += u64::from(into_the_file(index) && !into_the_file(index - 1));
        // all while the file is made, some of the rest
        if index > 60 && chance.below(24 / factor().min(24)) > 0 {
            continue;
        }
        for part in PARTS {
            disk.leave(part, &mut chance, &left);
            let at = model_file::check(&left)
                .unwrap_or_else(|says| panic!("cut after operation {index}, {part:?}: {says}"));
            let told = disk.ledger.acknowledged.keys().next_back().copied().unwrap_or(0);
            assert!(at <= told + 1, "{at} is there, {told} was told");
            behind += u64::from(at < told);
            states += 1;
        }
    }
    println!("{states} disks, {behind} of them behind, {checkpoints} checkpoints");
    assert!(states > 500, "{states}");
    assert!(checkpoints > 1, "the journal was never brought in: {checkpoints}");
    assert!(behind > 0, "the test would not see what is lost");
}

#[test]
fn no_failing_file_operation_leaves_rows_of_another_stand() {
    let Some(bench) = bench() else { return };
    let asked = Asked::plain(&bench.store(), 45);
    program::run(bench.command(&asked).env("FIO_OPS", "wstuor"));
    let operations = bench.counted().len() as u64;
    bench.clear();
    let (mut chance, mut failed, mut unfinished) = (Chance::new(11), 0, 0);
    for point in 1..=operations {
        if point > 60 && chance.below(16 / factor().min(16)) > 0 {
            continue;
        }
        for code in [5, 28] {
            let mut command = bench.command(&asked);
            command.env("FIO_OPS", "wstuor").env("FIO_FAIL", point.to_string());
            let ended = program::run(command.env("FIO_ERR", code.to_string()));
            assert!(matches!(ended.code, Some(0 | 3)), "operation {point}: {}", ended.said);
            failed += u64::from(!ended.said.is_empty());
            unfinished += u64::from(ended.code == Some(3));
            let at = model_file::check(&bench.store())
                .unwrap_or_else(|says| panic!("operation {point} failed with {code}: {says}"));
            assert!(
                ended.code == Some(3) || at == 45,
                "operation {point}: it says that it is done"
            );
            bench.clear();
        }
    }
    println!("{operations} operations, {failed} told, {unfinished} not finished");
    assert!(failed > 20, "the test would not see a failure: {failed}");
    assert_eq!(unfinished, 0, "it goes on when it is opened anew");
}
