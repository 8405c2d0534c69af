//! `claims`: submitted claims and whether the rules support them.

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage_caseload::pounds;
use waystage_cohorts::{ClaimRow, Claims};

use crate::arguments::{Arguments, Viewed};
use crate::command::viewing::Viewing;
use crate::command::{assumptions, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// Claims that are printed one by one for people; JSON has them all.
const SHOWN_MAX: usize = 40;

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &viewed.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let model = viewing.sum(&Claims, output)?;
    let claims: Vec<&ClaimRow> = model.iter().map(|(claim, _)| claim).collect();
    if arguments.json {
        for claim in &claims {
            output.json(&claim_json(claim))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print(&claims, output)?;
    let programmes = claims.iter().map(|claim| claim.programme.clone()).collect();
    assumptions::print(lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn claim_json(claim: &ClaimRow) -> Value {
    json!({
        "claim": claim.claim,
        "participation": claim.participation,
        "rule": claim.rule,
        "submitted_on": claim.submitted_on.to_string(),
        "amount_pence": claim.amount_pence,
        "supported_then": claim.supported_then,
        "supported_now": claim.supported_now,
    })
}

/// Prints how claims stand, and those that the rules do not support at both times.
pub(crate) fn print(claims: &[&ClaimRow], output: &mut Output) -> Result<(), Failure> {
    output
        .line("then: as of the claim's day, as known when it was learned; now: as in this view")?;
    let mut rows = Rows::new(["supported then", "supported now", "#claims", "#amount"]);
    for (then, now) in [(true, true), (true, false), (false, true), (false, false)] {
        let of_these = claims
            .iter()
            .filter(|claim| (claim.supported_then, claim.supported_now) == (then, now));
        let count = of_these.clone().count();
        let pence: i128 = of_these.filter_map(|claim| claim.amount_pence).map(i128::from).sum();
        rows.row([word(then), word(now), count.to_string(), pounds(pence)]);
    }
    output.table(&rows)?;
    let doubtful: Vec<_> =
        claims.iter().filter(|claim| !(claim.supported_then && claim.supported_now)).collect();
    if doubtful.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.line("claims that the rules did not support then, or do not now:")?;
    let titles =
        ["claim", "participation", "programme", "rule", "submitted", "#amount", "then", "now"];
    let mut rows = Rows::new(titles);
    for claim in doubtful.iter().take(SHOWN_MAX) {
        rows.row([
            claim.claim.clone(),
            claim.participation.clone(),
            claim.programme.clone(),
            claim.rule.clone(),
            claim.submitted_on.to_string(),
            claim.amount_pence.map_or_else(String::new, pounds),
            word(claim.supported_then),
            word(claim.supported_now),
        ]);
    }
    output.table(&rows)?;
    if doubtful.len() > SHOWN_MAX {
        output.line(&format!("… and {} more: see --json", doubtful.len() - SHOWN_MAX))?;
    }
    Ok(())
}

fn word(supported: bool) -> String {
    if supported { "yes" } else { "no" }.to_owned()
}
