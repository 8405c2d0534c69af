//! What packs assume where their sources are silent. Every report that rests on a rule prints it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waystage::core::programme::Programmes;

use crate::failure::Failure;
use crate::output::Output;

/// Prints the assumptions of the programmes that a report rests on.
pub(crate) fn print(
    programmes: &Programmes,
    named: &BTreeSet<String>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut begun = false;
    for programme in of(programmes, named) {
        for (about, assumption) in programme.rule_assumptions() {
            if !begun {
                output.line("")?;
                output.line("assumed where sources are silent:")?;
                begun = true;
            }
            output.line(&format!("  {} {about}: {assumption}", programme.id))?;
        }
    }
    Ok(())
}

/// Returns the assumptions of the programmes that a report rests on.
pub(crate) fn json(programmes: &Programmes, named: &BTreeSet<String>) -> Value {
    let each = of(programmes, named).flat_map(|programme| {
        programme.rule_assumptions().map(|(about, assumption)| {
            json!({ "programme": programme.id.as_str(), "about": about, "says": assumption })
        })
    });
    Value::Array(each.collect())
}

fn of<'a>(
    programmes: &'a Programmes,
    named: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a waystage::core::programme::Programme> {
    programmes.programmes.values().filter(|programme| named.contains(programme.id.as_str()))
}
