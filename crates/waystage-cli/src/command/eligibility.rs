//! `eligibility`: what each gate reads, and whom a commissioner would ask about.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage_cohorts::{Doubt, Eligibility, Ineligible};

use crate::arguments::{Arguments, Viewed};
use crate::command::assumptions::{self, Ground};
use crate::command::viewing::Viewing;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// Participations that are printed one by one for people; JSON has them all.
const SHOWN_MAX: usize = 40;

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &viewed.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let model = viewing.sum(&Eligibility, output)?;
    let (gates, asked) = (Eligibility::gates(&model), Eligibility::ineligible(&model));
    let programmes: BTreeSet<String> =
        gates.keys().map(|(programme, _)| programme.clone()).collect();
    if arguments.json {
        for ((programme, gate), counts) in &gates {
            output.json(&json!({
                "kind": "gate", "programme": programme, "gate": gate, "met": counts.met,
                "not_met": counts.not_met, "not_yet": counts.not_yet, "unknown": counts.unknown,
                "referrals": counts.all(),
            }))?;
        }
        for row in &asked {
            output.json(&row_json(row))?;
        }
        let assumed = assumptions::json_of(Ground::Gates, lens.programmes(), &programmes);
        output.json(&json!({
            "kind": "view", "view": view_json(&view), "assumptions": assumed,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    let titles = ["#met", "#not met", "#not yet", "#unknown", "#referrals"];
    let mut table = Rows::new(["programme", "gate"].into_iter().chain(titles));
    for ((programme, gate), counts) in &gates {
        let numbers = [counts.met, counts.not_met, counts.not_yet, counts.unknown, counts.all()];
        let named = [programme.clone(), gate.clone()];
        table.row(named.into_iter().chain(numbers.iter().map(ToString::to_string)));
    }
    if table.is_empty() {
        output.line("no programme with a referral in this view has gates")?;
    } else {
        output.line("gates, each asked about the day of the referral, of all referrals:")?;
        output.table(&table)?;
    }
    print(&asked, output)?;
    assumptions::print_of(Ground::Gates, lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn row_json(row: &Ineligible) -> Value {
    match &row.doubt {
        Doubt::Gate(gate) => json!({
            "kind": "not_met", "programme": row.programme, "participation": row.participation,
            "gate": gate, "because": row.because,
        }),
        Doubt::AtOnceOn { programme, participation, .. } => json!({
            "kind": "at_once", "programme": row.programme, "participation": row.participation,
            "with": { "programme": programme, "participation": participation },
            "because": row.because,
        }),
    }
}

fn print(asked: &[&Ineligible], output: &mut Output) -> Result<(), Failure> {
    if asked.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.line("to be asked about, with the events that say so (nobody is refused for it):")?;
    let mut table = Rows::new(["programme", "participation", "why", "because"]);
    for row in asked.iter().take(SHOWN_MAX) {
        let why = match &row.doubt {
            Doubt::Gate(gate) => format!("{gate}: not met"),
            Doubt::AtOnceOn { programme, participation, .. } => {
                format!("at once on {programme} ({participation})")
            }
        };
        let because = row.because.join(" ");
        table.row([row.programme.clone(), row.participation.clone(), why, because]);
    }
    output.table(&table)?;
    if asked.len() > SHOWN_MAX {
        output.line(&format!("… and {} more: see --json", asked.len() - SHOWN_MAX))?;
    }
    Ok(())
}
