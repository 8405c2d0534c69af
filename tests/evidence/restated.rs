//! Published figures keep their certificate; what has changed since is listed, and adds up.

use tempfile::tempdir;
use waystage::Engine;
use waystage::core::contribution::Contributions;
use waystage::core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage::core::journey::{Fact, Kind};
use waystage::core::table::{Cell, Model};
use waystage::core::view::{Basis, View};
use waystage_cohorts::{Dimension, Funnel};
use waystage_store::read_stream;

use super::given::{anchor, imported, in_memory, key};

fn funnel() -> Funnel {
    Funnel { by: vec![Dimension::Programme] }
}

fn published(engine: &Engine, view: View) {
    let folder = tempdir().unwrap();
    let certified = engine
        .access("user:test", "a test")
        .certify(&funnel(), view, &key(), &anchor(&folder))
        .unwrap();
    let _ = engine.publish("the funnel", &certified.note, "user:1").unwrap();
}

/// Withdraws one start and amends one job's first day.
fn corrected(engine: &Engine) {
    let today = engine.today().as_of;
    let mut done = (false, false);
    for person in engine.reader().participants().unwrap() {
        let stream = read_stream(engine.reader(), person).unwrap();
        for event in &stream.events {
            let Some(fact) = event.fact() else { continue };
            let correction = match fact.kind() {
                Kind::Started if !done.0 => {
                    done.0 = true;
                    Correction::FactWithdrawn(FactWithdrawn { corrects: event.id, reason: None })
                }
                Kind::JobStarted if done.0 && !done.1 => {
                    done.1 = true;
                    let day = event.on.succ_opt().unwrap();
                    let amendment = Amendment::On(day);
                    Correction::FactAmended(FactAmended {
                        corrects: event.id,
                        amendment,
                        reason: None,
                    })
                }
                _ => continue,
            };
            let fact = engine.fact(today, "user:2", Fact::Correction(correction));
            engine.record(person, vec![fact]).unwrap();
            break;
        }
    }
    assert!(done.0 && done.1);
}

#[test]
fn a_figure_stands_until_something_changes_it_and_then_the_changes_add_up() {
    let engine = imported(in_memory());
    let view = View { as_of: "2025-09-09".parse().unwrap(), ..engine.today() };
    published(&engine, view);
    let looking = engine.access("user:3", "the revision note");
    let model = funnel();
    let models = [&model as &dyn Model];
    let restated = looking.restated(&models, &|_| {}).unwrap();
    assert_eq!(restated.len(), 1);
    assert!(restated[0].stands());

    let before = engine.sum(&model, view).unwrap();
    corrected(&engine);
    let restated = looking.restated(&models, &|_| {}).unwrap();
    let each = &restated[0];
    assert_eq!(each.differs, [], "the figure as it was can still be computed");
    assert!(!each.stands());
    let now = View { as_of: view.as_of, ..engine.today() };
    let after = engine.sum(&model, now).unwrap();
    assert_ne!(before.model, after.model);

    // published + change = now, cell by cell, and the people's parts are the change
    let figure = each.figure().unwrap();
    let mut sum = figure.before.clone().unwrap();
    sum.add(&figure.change);
    let cells = |engine: &Engine, view| {
        let (_, result) = engine.certificate(&model, &engine.lens(view).unwrap(), None).unwrap();
        result
    };
    let tables = Model::tables(&model);
    assert_eq!(waystage::exchange::result_file(&tables, &sum), cells(&engine, now));
    let mut parts: Contributions<Cell> = Contributions::none();
    for person in &each.since.as_ref().unwrap().people {
        parts.add(&person.by_facts[0]);
        parts.add(&person.by_rules[0]);
        assert!(!person.facts.is_empty(), "a fact is named for everybody");
        assert_eq!(person.by_rules[0], Contributions::none(), "no rule changed");
    }
    assert_eq!(parts, figure.change);
}

#[test]
fn what_rules_changed_is_told_apart_from_what_facts_changed() {
    let engine = imported(in_memory());
    let view = View { as_of: "2025-09-09".parse().unwrap(), ..engine.today() };
    published(&engine, view);
    // the pilot asks for a job that starts within three months now
    let programmes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small/packs");
    let text = std::fs::read_to_string(programmes.join("working-well-pilot.toml")).unwrap();
    let changed = text.replace("family = \"job_start\"", "family = \"job_start\"\n# read again");
    assert_ne!(text, changed);
    let changed = changed.replacen("within_days = 730", "within_days = 90", 1);
    let adoption = waystage::Adoption {
        packs: vec![("working-well-pilot.toml".to_owned(), changed)],
        ..Default::default()
    };
    engine.adopt(&adoption).unwrap();
    corrected(&engine);
    let model = funnel();
    let looking = engine.access("user:3", "the revision note");
    let restated = looking.restated(&[&model as &dyn Model], &|_| {}).unwrap();
    let since = restated[0].since.as_ref().unwrap();
    let sums = since.people.iter().fold(
        (Contributions::none(), Contributions::none()),
        |(mut facts, mut rules), person| {
            facts.add(&person.by_facts[0]);
            rules.add(&person.by_rules[0]);
            (facts, rules)
        },
    );
    assert_ne!(sums.0, Contributions::none());
    assert_ne!(sums.1, Contributions::none());
    let mut both = sums.0;
    both.add(&sums.1);
    assert_eq!(both, restated[0].figure().unwrap().change);
    assert_eq!(view.basis, Basis::Recorded);
}
