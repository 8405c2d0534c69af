//! A claim is judged by the rules that stood when it was learned, so a scenario that says what the
//! rules of today say still changes what was supported then.

use std::path::Path;

use waystage::core::table::Model;
use waystage::core::view::View;
use waystage::{Adoption, Engine, Figures, SourceNames};
use waystage_cohorts::Claims;

use crate::isolated::with_extract;

const HAD_IT_ALWAYS_HELD: &str = "
[scenario]
name = \"a gap of one day\"
purpose = \"had the rule of today always held?\"

[[pack]]
programme = \"working-well-expansion\"

[[pack.rule]]
id = \"sustained-12-months\"
set = { max_gap_days = 1 }
";

#[test]
fn had_the_rules_of_today_always_held_changes_what_was_supported_then() {
    let engine = with_extract(Engine::in_memory("example.org/what-if"));
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small/packs");
    let text = std::fs::read_to_string(packs.join("working-well-expansion.toml")).unwrap();
    let changed = text.replacen("max_gap_days = 28", "max_gap_days = 1", 1);
    assert_ne!(text, changed);
    let packs = vec![("working-well-expansion.toml".to_owned(), changed)];
    engine.adopt(&Adoption { packs, ..Adoption::default() }).unwrap();

    let asked = View { as_of: "2025-09-30".parse().unwrap(), ..engine.today() };
    let names = SourceNames("extract".into());
    let (view, file) = engine.scenario(("always.toml", HAD_IT_ALWAYS_HELD), asked, &names).unwrap();
    let plain = engine.lens(view).unwrap();
    let imagined = plain.clone().scenario(file.scenario.clone());
    assert_eq!(
        plain.programmes(),
        imagined.programmes(),
        "at the view itself nothing is otherwise"
    );

    let looking = engine.access("user:analyst-1", "how strict was it?");
    let models: [&dyn Model; 1] = [&Claims];
    let supposed =
        looking.what_if(&file.scenario, view, &models, Figures::Totals, &|_| {}).unwrap();
    let affected = &supposed.would_be.affected;
    assert!(affected.programmes.iter().any(|id| id.as_str() == "working-well-expansion"));
    assert!(!affected.participants.is_empty());
    // the targeted run says what reading everybody says
    let everybody = |lens: &waystage::core::replayed::Lens| {
        let (certificate, result) = engine.certificate(&Claims, lens, None).unwrap();
        (certificate.rows, result)
    };
    let otherwise = everybody(&plain) != everybody(&imagined);
    assert!(otherwise, "claims of the extract rest on that rule");
    assert!(!supposed.would_be.difference.models[0].change.is_empty());
    for person in &supposed.would_be.difference.people {
        assert!(person.by_facts.iter().all(|part| part.is_empty()), "no fact is otherwise");
        assert!(person.rules.iter().any(|id| id.as_str() == "working-well-expansion"));
    }
}
