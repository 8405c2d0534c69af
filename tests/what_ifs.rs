//! What-if questions as scenario files, against answers that another program computed: every
//! reading that changed, and no other. The same is asked of another extract, a folder with its
//! own `answers.json`, where one is at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use waystage::core::id::ParticipantId;
use waystage::core::journey::Recorded;
use waystage::core::replayed::{Lens, Replayed};
use waystage::core::rules::{Reading, RuleReading};
use waystage::core::view::View;
use waystage::programmes::ScenarioFile;
use waystage::{Adoption, Engine, EngineError, Figures, ImportPlan, SourceNames, scenario_digest};
use waystage_store::read_stream;

const FILES: [(&str, &str); 6] = [
    ("W1a", include_str!("what_ifs/W1a.toml")),
    ("W1b", include_str!("what_ifs/W1b.toml")),
    ("W1c", include_str!("what_ifs/W1c.toml")),
    ("W2", include_str!("what_ifs/W2.toml")),
    ("W3a", include_str!("what_ifs/W3a.toml")),
    ("W3b", include_str!("what_ifs/W3b.toml")),
];

type Streams = BTreeMap<ParticipantId, Vec<Recorded>>;
type Readings = BTreeMap<(String, String), Value>;

/// An extract, imported, with its answers.
struct World {
    engine: Engine,
    streams: Streams,
    answers: Value,
}

impl World {
    fn of(folder: &Path) -> Self {
        let (packs, tables) = (folder.join("packs"), folder.join("tables"));
        let adoption = Adoption::read(Some(&packs), Some(&tables)).unwrap();
        let engine = Engine::in_memory("example.org/what-ifs");
        let plan = ImportPlan {
            folder: folder.to_owned(),
            source: "extract".into(),
            adoption,
            batch: 200,
            dry_run: false,
            strict: false,
        };
        engine.import(&plan, &|_, _| {}).unwrap();
        let reader = engine.reader();
        let all = reader.participants().unwrap().into_iter();
        let streams = all.filter(|id| *id != ParticipantId::LOG);
        let streams = streams.map(|id| (id, read_stream(reader, id).unwrap().events)).collect();
        let answers = std::fs::read_to_string(folder.join("answers.json")).unwrap();
        Self { engine, streams, answers: serde_json::from_str(&answers).unwrap() }
    }

    fn small() -> Self {
        Self::of(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("extracts/small"))
    }

    fn read(&self, (id, text): (&str, &str), plain: &Lens) -> ScenarioFile {
        let names = SourceNames("extract".into());
        let file = format!("{id}.toml");
        let read = self.engine.scenario((&file, text), plain.view, &names);
        let (view, file) = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(view, plain.view);
        file
    }

    /// Returns the lens of a question without its scenario.
    fn lens(&self, asked: &Value) -> Lens {
        let day = asked["as_of"].as_str().unwrap().parse().unwrap();
        let known_at = asked["known_at"].as_str().unwrap().parse().unwrap();
        let view = View::new(day, known_at).basis(waystage::core::view::Basis::Reported);
        self.engine.lens(view).unwrap()
    }

    fn asked(&self, id: &str) -> &Value {
        let all = self.answers["what_ifs"].as_array().unwrap();
        all.iter().find(|asked| asked["id"] == id).unwrap()
    }
}

fn readings(streams: &Streams, lens: &Lens) -> Readings {
    let mut all = Readings::new();
    for (id, stream) in streams {
        let replayed = Replayed::of(*id, stream, lens);
        let of = &replayed.journey.participations;
        for each in &replayed.readings {
            let of = of.iter().find(|of| of.id == each.participation).unwrap();
            let tier = each.tier.as_ref().map(|tier| format!("/{tier}")).unwrap_or_default();
            let key = (of.reference.to_string(), format!("{}{tier}", each.rule));
            all.insert(key, told(&each.reading));
        }
    }
    all
}

fn told(reading: &Reading) -> Value {
    match reading {
        Reading::Met(met) => json!(["met", met.on.to_string()]),
        Reading::NotMet => json!(["not_met"]),
        Reading::NotYet { until } => json!(["not_yet", until.map(|until| until.to_string())]),
        Reading::Unknown { missing, .. } => json!(["unknown", missing.to_string()]),
    }
}

/// Returns every reading that changed: participation, rule, before, after.
fn changes(before: &Readings, after: &Readings) -> Vec<Value> {
    let absent = json!(["absent"]);
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let changed = keys.filter_map(|key| {
        let of = |all: &Readings| all.get(key).unwrap_or(&absent).clone();
        let (before, after) = (of(before), of(after));
        (before != after).then(|| json!([key.0, key.1, before, after]))
    });
    sorted(changed.collect())
}

fn sorted(mut changes: Vec<Value>) -> Vec<Value> {
    changes.sort_by_key(ToString::to_string);
    changes
}

/// Asks every question of an extract and compares every reading that changed.
fn check(world: &World) -> usize {
    let mut compared = 0;
    for (id, text) in FILES {
        let asked = world.asked(id);
        let plain = world.lens(asked);
        let file = world.read((id, text), &plain);
        let imagined = plain.clone().scenario(file.scenario.clone());
        let before = readings(&world.streams, &plain);
        let found = changes(&before, &readings(&world.streams, &imagined));
        let expected = sorted(asked["changes"].as_array().unwrap().clone());
        let beyond = found.iter().filter(|each| !expected.contains(each));
        let missing = expected.iter().filter(|each| !found.contains(each));
        let wrong: Vec<String> = beyond
            .map(|each| format!("{id}: changed, and should not have: {each}"))
            .chain(missing.map(|each| format!("{id}: should have changed: {each}")))
            .collect();
        assert!(
            wrong.is_empty(),
            "{} differ:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(20)].join("\n")
        );
        assert_eq!(found.len(), expected.len(), "{id}");
        assert!(!found.is_empty(), "{id}");
        compared += found.len();

        if let Some(rows) = asked["withdrawn_rows"].as_u64() {
            let all = world.streams.iter();
            let away = all.map(|(id, stream)| file.scenario.away(*id, stream).len() as u64);
            assert_eq!(away.sum::<u64>(), rows, "{id}");
        }

        assert_eq!(asked_of_the_engine(world, &file, &plain), expected, "{id}");

        // only those whom the scenario touches need be replayed
        let affected = file.scenario.affected(plain.programmes());
        let touched = world.streams.iter().filter(|(participant, stream)| {
            file.scenario.touches(**participant, stream, &affected)
        });
        let touched: Streams = touched.map(|(id, stream)| (*id, stream.clone())).collect();
        let some = changes(&readings(&touched, &plain), &readings(&touched, &imagined));
        assert_eq!(some.len(), expected.len(), "{id}");
        assert_eq!(touched.len() < world.streams.len(), id != "W3a", "{id}");
    }
    compared
}

/// Returns every reading that changed, as the engine's what-if says.
fn asked_of_the_engine(world: &World, file: &ScenarioFile, plain: &Lens) -> Vec<Value> {
    let looking = world.engine.access("user:analyst-1", "answers");
    let asked = looking.what_if(&file.scenario, plain.view, &[], Figures::Changes, &|_| {});
    let difference = asked.unwrap().would_be.difference;
    assert!(difference.parked.is_empty());
    let of = |reading: &Option<RuleReading>| {
        reading.as_ref().map_or_else(|| json!(["absent"]), |reading| told(&reading.reading))
    };
    let changed = difference.people.iter().flat_map(|person| &person.readings);
    sorted(
        changed
            .map(|each| json!([each.reference, each.name(), of(&each.before), of(&each.after)]))
            .collect(),
    )
}

#[test]
fn every_reading_of_the_small_extract_changes_as_the_answers_say() {
    assert_eq!(check(&World::small()), 24);
}

/// `EXTRACT=FOLDER cargo test --test what_ifs -- --ignored`: the same for one that is not here.
#[test]
#[ignore = "needs an extract with answers in EXTRACT; .ci/run runs it where that is set"]
fn every_reading_of_another_extract_changes_as_its_answers_say() {
    let folder = std::env::var_os("EXTRACT").expect("EXTRACT names a folder");
    assert!(check(&World::of(Path::new(&folder))) > 0);
}

#[test]
fn a_grid_asks_for_each_value_what_its_own_file_would() {
    let world = World::small();
    let asked = world.asked("W1b");
    let plain = world.lens(asked);
    let text = "
        [scenario]
        name = \"the gap\"
        purpose = \"how strict is the gap allowance?\"
        [grid]
        programme = \"working-well-expansion\"
        rule = \"sustained-12-months\"
        parameter = \"max_gap_days\"
        values = [28, 7]
    ";
    let grid = world.read(("grid", text), &plain).grid.unwrap();
    let values: Vec<&str> = grid.points.iter().map(|point| point.value.as_str()).collect();
    assert_eq!((values, grid.parameter.as_str()), (vec!["28", "7"], "max_gap_days"));
    let digests = grid.points.iter().map(|point| scenario_digest(&point.scenario));
    let digests: std::collections::BTreeSet<String> = digests.collect();
    assert!(digests.len() == 2 && digests.iter().all(|digest| digest.len() == 64));
    let before = readings(&world.streams, &plain);
    let changed = grid.points.iter().map(|point| {
        let imagined = plain.clone().scenario(point.scenario.clone());
        changes(&before, &readings(&world.streams, &imagined))
    });
    let expected = asked["changes"].as_array().unwrap().clone();
    assert_eq!(changed.collect::<Vec<_>>(), [vec![], sorted(expected)]);
}

#[test]
fn a_fact_that_is_assumed_is_told_apart_in_what_it_changes() {
    let world = World::small();
    let plain = world.lens(world.asked("W1b"));
    // somebody who started and never had a job
    let find = |(id, stream): (&ParticipantId, &Vec<Recorded>)| {
        let replayed = Replayed::of(*id, stream, &plain);
        let of = replayed.journey.participations.iter().find(|of| of.started.is_some())?;
        let [reference, participation] = [replayed.reference()?, &of.reference].map(<_>::to_string);
        let rule = replayed
            .readings
            .iter()
            .find(|each| each.participation == of.id && each.rule.as_str() == "job-start")?;
        let idle = replayed.journey.jobs.is_empty() && rule.reading == Reading::NotMet;
        idle.then(|| (*id, reference, participation, of.started.unwrap().on))
    };
    let (id, reference, participation, started) = world.streams.iter().find_map(find).unwrap();
    let text = format!(
        "
        [scenario]
        name = \"one more job\"
        purpose = \"what would it have counted for?\"
        [[change]]
        do = \"also\"
        participant = \"{reference}\"
        on = {started}
        fact = {{ kind = \"JobStarted\", job = \"J-1\", weekly_minutes = 960, sector = \"employed\" }}
        [[change]]
        do = \"also\"
        participant = \"{reference}\"
        on = {started}
        fact = {{ kind = \"ClaimSubmitted\", participation = \"{participation}\", rule = \"job-start\" }}
        "
    );
    let file = world.read(("also", &text), &plain);
    let imagined = plain.clone().scenario(file.scenario.clone());
    let found = changes(&readings(&world.streams, &plain), &readings(&world.streams, &imagined));
    let met = json!([participation, "job-start", ["not_met"], ["met", started.to_string()]]);
    assert!(found.contains(&met), "{found:?}");
    assert!(found.iter().all(|each| each[0] == json!(participation)), "{found:?}");
    let replayed = Replayed::of(id, &world.streams[&id], &imagined);
    let rule = replayed.readings.iter().find(|each| each.rule.as_str() == "job-start").unwrap();
    assert_eq!(replayed.rests_on(rule), [0].into());
    let Reading::Met(reading) = &rule.reading else { panic!("not met") };
    let names: Vec<String> = reading.because.iter().map(|event| replayed.label(*event)).collect();
    assert_eq!(names.last().unwrap(), "assumed by change 1");
    let of = replayed.journey.participations.iter();
    let claims: usize = of.map(|of| of.claims.len()).sum();
    let before = Replayed::of(id, &world.streams[&id], &plain);
    let of = before.journey.participations.iter();
    assert_eq!(claims, of.map(|of| of.claims.len()).sum::<usize>() + 1);
    assert!(replayed.holds_assumed() && !before.holds_assumed());
}

#[test]
fn a_scenario_is_read_against_what_was_in_force_in_the_view_that_it_asks_for() {
    let world = World::small();
    let text = |known_at: &str| {
        format!(
            "[scenario]\nname = \"one\"\npurpose = \"a test\"\nbasis = \"recorded\"\n\
             known_at = {known_at}\n[[pack]]\nprogramme = \"working-well-pilot\"\nset = {{ name = \"another\" }}\n"
        )
    };
    let read = |known_at: &str| {
        let names = SourceNames("extract".into());
        world.engine.scenario(("one.toml", &text(known_at)), world.engine.today(), &names)
    };
    // before the log was begun it had adopted nothing
    let Err(EngineError::Packs(errors)) = read("2001-01-01T00:00:00Z") else { panic!("read") };
    assert_eq!((errors.len(), errors[0].kind()), (1, "UnknownProgramme"));
    let (view, file) = read("2999-01-01T00:00:00Z").unwrap();
    assert_eq!(file.scenario.overlays.len(), 1);
    assert_eq!(view.known_at, "2999-01-01T00:00:00Z".parse().unwrap());
}
