//! What-ifs at the size of a real log, timed and counted: `WHAT_IF_STORE=FOLDER cargo test
//! --release --test what_if -- --ignored --nocapture`, with the store of
//! `waystage demo --participants 50000`.
//! `.ci/run` asks the same of a smaller store, for the counts.

use std::path::PathBuf;
use std::time::Instant;

use waystage::core::journey::Fact;
use waystage::core::journey::entry::Entry;
use waystage::core::table::Model;
use waystage::core::view::{Basis, View};
use waystage::store::read_stream;
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

const HUNDREDTH: &str = "one in a hundred, changes only";

/// Returns the scenario that moves the referrals of some people by a week.
fn a_week_later(key: &str, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!(
        "[scenario]\nname = \"one in a hundred\"\npurpose = \"timed\"\n[[change]]\n\
         do = \"redate\"\ndays = 7\nwhere = {{ {key} = [{}], kinds = \"Referred\" }}\n",
        names.join(", ")
    )
}

/// Returns the peak of this process's memory in kilobytes, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or_else(String::new, |line| {
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    })
}

#[test]
#[ignore = "needs the store of a demo in WHAT_IF_STORE; .ci/run makes one"]
fn what_ifs_at_scale() {
    let store = PathBuf::from(std::env::var_os("WHAT_IF_STORE").expect("WHAT_IF_STORE: a store"));
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
    let of_the_log = engine.reader();
    let count = participants.len() / 100;
    let (ids, references): (Vec<String>, Vec<String>) = participants
        .iter()
        .step_by(100)
        .take(count)
        .map(|participant| {
            let stream = read_stream(of_the_log, *participant).unwrap().events;
            let reference = stream.iter().find_map(|event| match event.fact()? {
                Fact::Entry(Entry::CharacteristicsRecorded(fact)) => Some(&fact.participant_ref),
                _ => None,
            });
            (participant.to_string(), reference.unwrap().to_string())
        })
        .unzip();
    let [by_id, by_reference] = [("participant_id", &ids), ("participant", &references)]
        .map(|(key, names)| a_week_later(key, names));
    for (what, text, models, figures) in [
        (HUNDREDTH, by_id.as_str(), &models, Figures::Changes),
        (
            "one in a hundred, by what the source calls them",
            &by_reference,
            &models,
            Figures::Changes,
        ),
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
        assert_eq!(would_be.affected.sifted == 0, what == HUNDREDTH, "ids are not looked for");
        if text != GAP {
            assert_eq!(would_be.affected.participants.len(), count);
            assert!(
                would_be.difference.events * 1000 <= last * 15,
                "1 % of people, 1.5 % of events"
            );
        }
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
    assert_eq!(table.values.len(), 60);
    assert!(table.events < last, "whoever the rule is not about is not read");
}
