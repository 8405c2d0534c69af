//! Grids: which rules are swept.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::{ProgrammeId, RuleId};
use waystage_core::programme::Terms;

use super::{HEAD, in_force, read};

type Rules = BTreeMap<ProgrammeId, BTreeSet<RuleId>>;

fn swept(grid: &str) -> Rules {
    let file = read(&format!("{HEAD}[grid]\n{grid}")).unwrap_or_else(|errors| panic!("{errors}"));
    let grid = file.grid.unwrap();
    assert!(grid.programmes.iter().eq(grid.swept.keys()));
    grid.swept
}

#[test]
fn a_grid_says_which_rules_have_its_parameter() {
    let mut all = Rules::new();
    let programmes = in_force().programmes;
    for (id, programme) in &programmes {
        for rule in &programme.rules {
            let has = rule.versions.iter().any(|version| match &version.terms {
                Terms::Continuous(terms) => terms.max_total_gap_days.is_some(),
                _ => false,
            });
            if has {
                all.entry(id.clone()).or_default().insert(rule.id.clone());
            }
        }
    }
    let parameter = "parameter = \"max_total_gap_days\"\nvalues = [7, 28]\n";
    let grid = swept(&format!("programme = \"*\"\nrule = \"*\"\n{parameter}"));
    assert_eq!(grid, all);
    assert!(!grid.is_empty() && grid.len() < programmes.len());
    // a rule that is named is swept in those of the programmes that have it
    let both =
        "programme = [\"working-well-expansion\", \"ipes\"]\nrule = \"sustained-12-months\"\n";
    let one = Rules::from([(
        "working-well-expansion".into(),
        BTreeSet::from(["sustained-12-months".into()]),
    )]);
    assert_eq!(swept(&format!("{both}{parameter}")), one);
}

#[test]
fn a_grid_of_a_tier_sweeps_every_rule_that_has_it() {
    let grid = "programme = \"ipes\"\nrule = \"*\"\ntier = \"lower\"\n\
        parameter = \"hours_per_week\"\nvalues = [8, 10]\n";
    let one = Rules::from([("ipes".into(), BTreeSet::from(["job-outcome".into()]))]);
    assert_eq!(swept(grid), one);
}
