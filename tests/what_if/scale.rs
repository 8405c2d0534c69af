//! What-ifs at the size of a real log, timed: `WHAT_IF_STORE=FOLDER cargo test --release --test
//! what_if -- --ignored --nocapture`, with the store of `waystage demo --participants 50000`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use waystage::core::table::Model;
use waystage::core::view::{Basis, View};
use waystage::{Engine, Figures, SourceNames};

use crate::every::every_model;

const GAP: &str = "
[scenario]
name = \"a week\"
purpose = \"timed\"
[[pack]]
programme = \"working-well-expansion\"
[[pack.rule]]
id = \"sustained-12-months\"
set = { max_gap_days = 7 }
";

const GRID: &str = "
[scenario]
name = \"sixty values\"
purpose = \"timed\"
[grid]
programme = \"working-well-expansion\"
rule = \"sustained-12-months\"
parameter = \"max_gap_days\"
from = 1
to = 60
";

/// Returns the peak of this process's memory in kilobytes, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or_else(String::new, |line| {
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    })
}

#[test]
#[ignore = "it wants a large store and a quiet machine"]
fn what_ifs_at_scale() {
    let Some(store) = std::env::var_os("WHAT_IF_STORE").map(PathBuf::from) else { return };
    let engine = Engine::open(&store).unwrap();
    let as_of = "2025-09-30".parse().unwrap();
    let view = View { as_of, ..engine.today() }.basis(Basis::Reported);
    let last = engine.reader().last_position().unwrap().unwrap().get();
    let participants = engine.reader().participants().unwrap();
    println!("{} participants, {last} events", participants.len());
    let boxes = every_model();
    let models: Vec<&dyn Model> = boxes.iter().map(|model| &**model).collect();
    let narrow: Vec<&dyn Model> =
        models.iter().copied().filter(|model| !model.reads_every_programme()).collect();
    let looking = engine.access("user:analyst-1", "timing");
    let names = SourceNames("demo".into());
    let mut hundredth = String::new();
    for participant in participants.iter().step_by(100) {
        let _ = write!(hundredth, "\"{participant}\",");
    }
    let hundredth = format!(
        "[scenario]\nname = \"one in a hundred\"\npurpose = \"timed\"\n[[change]]\n\
         do = \"redate\"\ndays = 7\nwhere = {{ participant_id = [{hundredth}], kinds = \"JobStarted\" }}\n"
    );
    for (what, text, models, figures) in [
        ("one in a hundred, changes only", hundredth.as_str(), &models, Figures::Changes),
        ("one rule, changes only, without definitions", GAP, &narrow, Figures::Changes),
        ("one rule, changes only, every model", GAP, &models, Figures::Changes),
        ("one rule, totals summed, every model", GAP, &models, Figures::Totals),
    ] {
        let (view, file) = engine.scenario(("timed.toml", text), view, &names).unwrap();
        let begun = Instant::now();
        let supposed = looking.what_if(&file.scenario, view, models, figures, &|_| {}).unwrap();
        let would_be = &supposed.would_be;
        println!(
            "{what}: {} ms; {} affected, {} read, {} events folded, {} decoded to find, {} sifted, \
             {} people differ; peak {}",
            begun.elapsed().as_millis(),
            would_be.affected.participants.len(),
            would_be.recomputed,
            would_be.difference.events,
            would_be.affected.decoded,
            would_be.affected.sifted,
            would_be.difference.people.len(),
            peak()
        );
    }
    let begun = Instant::now();
    let out = tempfile::tempdir().unwrap();
    let (asked, file) = engine.scenario(("timed.toml", GAP), view, &names).unwrap();
    let all = every_model().into_iter().map(std::sync::Arc::from);
    let path = out.path().join("a.views.db");
    let built = looking.keep_what_if(&file.scenario, asked, all, &path, &|_| {}).unwrap();
    println!(
        "full rebuild into a file: {} ms, {} events; peak {}",
        begun.elapsed().as_millis(),
        built.events,
        peak()
    );
    let (asked, file) = engine.scenario(("timed.toml", GRID), view, &names).unwrap();
    let begun = Instant::now();
    let table = looking.sweep(&file.grid.unwrap(), asked, &|_| {}).unwrap();
    println!(
        "sweep of {} values: {} ms, {} participants, {} events; peak {}",
        table.values.len(),
        begun.elapsed().as_millis(),
        table.participants,
        table.events,
        peak()
    );
}
