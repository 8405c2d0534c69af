//! What packs assume where their sources are silent. Every report that rests on a rule, a standard
//! or anything else of a pack prints what is assumed of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waystage::core::programme::{Programme, Programmes};

use crate::failure::Failure;
use crate::output::Output;

/// What a report rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// Rules.
    Rules,
    /// Service standards.
    Standards,
    /// Gates and the client groups that they ask about.
    Gates,
    /// Thresholds of severity, and instruments with their scorings.
    Needs,
    /// The catalogue of interventions.
    Interventions,
    /// Fees, delivery fees, and the rules that earn them.
    Fees,
    /// Targets, and the rules that they count.
    Targets,
}

impl Ground {
    /// Returns what a programme assumes of it, each with what it is about.
    fn of(self, programme: &Programme) -> Vec<(String, &str)> {
        let own = || {
            let own = programme.assumption.as_deref().map(|says| (programme.id.to_string(), says));
            own.into_iter()
        };
        let rules = || programme.rule_assumptions();
        let provision = |sections: &'static [&'static str]| {
            let all = programme.provision.assumptions();
            all.filter(move |(about, _)| sections.iter().any(|each| about.starts_with(each)))
        };
        match self {
            Self::Rules => rules().collect(),
            Self::Standards => {
                let standards = programme.standards.iter();
                let standards = standards
                    .filter_map(|each| Some((each.id.clone(), each.assumption.as_deref()?)));
                own().chain(standards).collect()
            }
            Self::Gates => own().chain(provision(&["gate ", "group "])).collect(),
            Self::Needs => {
                own().chain(provision(&["severe ", "instrument ", "scoring "])).collect()
            }
            Self::Interventions => own().chain(provision(&["intervention "])).collect(),
            Self::Fees => {
                let fees = programme.fees.iter().flat_map(|fee| {
                    fee.versions.iter().filter_map(move |version| {
                        let about = format!("fee on {} from {}", fee.on, version.effective_from);
                        Some((about, version.assumption.as_deref()?))
                    })
                });
                rules().chain(fees).chain(provision(&["delivery fee ", "accelerator "])).collect()
            }
            Self::Targets => rules().chain(provision(&["target "])).collect(),
        }
    }
}

/// Prints the assumptions of the programmes that a report of rules rests on.
pub(crate) fn print(
    programmes: &Programmes,
    named: &BTreeSet<String>,
    output: &mut Output,
) -> Result<(), Failure> {
    print_of(Ground::Rules, programmes, named, output)
}

/// Prints what the named programmes assume of what a report rests on.
pub(crate) fn print_of(
    ground: Ground,
    programmes: &Programmes,
    named: &BTreeSet<String>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut begun = false;
    for programme in of(programmes, named) {
        for (about, assumption) in ground.of(programme) {
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

/// Returns the assumptions of the programmes that a report of rules rests on.
pub(crate) fn json(programmes: &Programmes, named: &BTreeSet<String>) -> Value {
    json_of(Ground::Rules, programmes, named)
}

/// Returns what the named programmes assume of what a report rests on.
pub(crate) fn json_of(ground: Ground, programmes: &Programmes, named: &BTreeSet<String>) -> Value {
    let each = of(programmes, named).flat_map(|programme| {
        ground.of(programme).into_iter().map(|(about, assumption)| {
            json!({ "programme": programme.id.as_str(), "about": about, "says": assumption })
        })
    });
    Value::Array(each.collect())
}

fn of<'a>(
    programmes: &'a Programmes,
    named: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a Programme> {
    programmes.programmes.values().filter(|programme| named.contains(programme.id.as_str()))
}
