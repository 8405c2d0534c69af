//! What a what-if costs is counted: of one participant in a hundred it folds no more events than
//! they have, and finds them without decoding others.

use waystage::core::table::Model;
use waystage::core::view::View;
use waystage::{Adoption, Engine, Figures, ImportPlan, SourceNames};

use crate::every::every_model;
use crate::population::{population_of, write_with_packs};

const PARTICIPANTS: usize = 2000;

fn imported(folder: &std::path::Path) -> Engine {
    write_with_packs(&population_of(PARTICIPANTS), folder);
    let engine = Engine::in_memory("example.org/counted");
    let (packs, tables) = (folder.join("packs"), folder.join("tables"));
    let plan = ImportPlan {
        folder: folder.to_owned(),
        source: "source".into(),
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        batch: 500,
        dry_run: false,
        strict: false,
    };
    let report = engine.import(&plan, &|_, _| {}).unwrap();
    assert_eq!(report.counted.all().rejected, 0);
    engine
}

#[test]
fn a_scenario_that_touches_one_in_a_hundred_folds_their_events_alone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = imported(folder.path());
    let all = engine.reader().last_position().unwrap().unwrap().get();
    let people: Vec<String> = (0..20).map(|index| format!("\"P{}\"", index * 99)).collect();
    let text = format!(
        "[scenario]\nname = \"one in a hundred\"\npurpose = \"counted\"\n[[change]]\n\
         do = \"without\"\nwhere = {{ participant = [{}], kinds = \"JobStarted\" }}\n",
        people.join(", ")
    );
    let names = SourceNames("source".into());
    let view = View { as_of: "2020-01-01".parse().unwrap(), ..engine.today() };
    let (view, file) = engine.scenario(("one.toml", &text), view, &names).unwrap();
    let boxes = every_model();
    let models: Vec<&dyn Model> = boxes.iter().map(|model| &**model).collect();
    let looking = engine.access("user:analyst-1", "counting");
    let asked = looking.what_if(&file.scenario, view, &models, Figures::Changes, &|_| {});
    let would_be = asked.unwrap().would_be;
    assert_eq!(would_be.affected.participants.len(), 20);
    assert_eq!((would_be.recomputed, would_be.difference.people.len()), (20, 20));
    // of each hundred events one and a half at most; both sides fold them
    let events = would_be.difference.events;
    assert!(events > 0 && events * 1000 <= all * 15, "{events} of {all} events were folded");
    assert_eq!(would_be.difference.folded, 2 * events);
    let decoded = would_be.affected.decoded;
    assert!(decoded * 1000 <= all * 15, "{decoded} of {all} events were decoded to find them");
    assert!(would_be.affected.sifted >= all - 10 && would_be.folded_for_totals == 0);
    // whom a change names by id need not even be looked for
    let concerned = would_be.affected.participants.clone();
    let ids: Vec<String> = concerned.iter().map(|id| format!("\"{id}\"")).collect();
    let text = text.replace("participant = [", "participant_id = [");
    let (before, rest) = text.split_once("participant_id = [").unwrap();
    let text =
        format!("{before}participant_id = [{}{}", ids.join(", "), &rest[rest.find(']').unwrap()..]);
    let (view, file) = engine.scenario(("two.toml", &text), view, &names).unwrap();
    let asked = looking.what_if(&file.scenario, view, &models, Figures::Changes, &|_| {});
    let again = asked.unwrap().would_be;
    assert_eq!((again.affected.sifted, &again.affected.participants), (0, &concerned));
    assert_eq!(again.digest(), would_be.digest());
}
