//! `provision`: interventions from recommendation to their end, and how long people wait.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage_cohorts::{OfferStep, Provision, ProvisionRow};

use crate::arguments::{Arguments, Viewed};
use crate::command::assumptions::{self, Ground};
use crate::command::viewing::Viewing;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows, tenths};

/// The steps that are shown, each with its name.
const STEPS: [(&str, OfferStep); 8] = [
    ("recommended", OfferStep::Recommended),
    ("referred", OfferStep::Referred),
    ("accepted", OfferStep::Accepted),
    ("declined", OfferStep::Declined),
    ("wait_listed", OfferStep::WaitListed),
    ("started", OfferStep::Started),
    ("completed", OfferStep::Completed),
    ("withdrawn", OfferStep::Withdrawn),
];

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &viewed.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let rows = Provision::rows(&viewing.sum(&Provision, output)?);
    let programmes: BTreeSet<String> = rows.iter().map(|row| row.offer.programme.clone()).collect();
    let ground = Ground::Interventions;
    if arguments.json {
        let rows: Vec<Value> = rows.iter().map(row_json).collect();
        output.json(&json!({
            "view": view_json(&view), "rows": rows,
            "assumptions": assumptions::json_of(ground, lens.programmes(), &programmes),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print(&rows, output)?;
    assumptions::print_of(ground, lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn row_json(row: &ProvisionRow) -> Value {
    let steps: serde_json::Map<String, Value> =
        STEPS.iter().map(|(name, step)| ((*name).to_owned(), json!(row.reached(*step)))).collect();
    json!({
        "programme": row.offer.programme,
        "category": row.offer.category,
        "delivery": row.offer.delivery.as_str(),
        "provider": row.offer.provider,
        "in_catalogue": row.offer.in_catalogue,
        "interventions": row.interventions,
        "steps": steps,
        "waited": row.waited,
        "waited_days": row.waited_days,
        "waiting": row.waiting,
        "waiting_days": row.waiting_days,
    })
}

fn print(rows: &[ProvisionRow], output: &mut Output) -> Result<(), Failure> {
    output.line("interventions, each once by every step that it reached:")?;
    let named = ["programme", "category", "delivery", "provider", "catalogue", "#all"];
    let steps = STEPS.iter().map(|(name, _)| format!("#{}", name.replace('_', "-")));
    let waits = ["#waited", "#mean days", "#waiting", "#mean days"];
    let titles = named.into_iter().map(ToOwned::to_owned).chain(steps);
    let mut table = Rows::new(titles.chain(waits.into_iter().map(ToOwned::to_owned)));
    for row in rows {
        let catalogue = match row.offer.in_catalogue {
            Some(true) => "yes",
            Some(false) => "no",
            None => "-",
        };
        let own = [
            row.offer.programme.clone(),
            row.offer.category.clone(),
            row.offer.delivery.as_str().replace('_', " "),
            row.offer.provider.clone().unwrap_or_else(|| "(none)".to_owned()),
            catalogue.to_owned(),
            row.interventions.to_string(),
        ];
        let steps = STEPS.iter().map(|(_, step)| row.reached(*step).to_string());
        let waits = [
            row.waited.to_string(),
            tenths(row.waited_days, row.waited),
            row.waiting.to_string(),
            tenths(row.waiting_days, row.waiting),
        ];
        table.row(own.into_iter().chain(steps).chain(waits));
    }
    output.table(&table)?;
    output.line("\"waited\" counts from the referral (without one, from the recommendation) to the first day; \"waiting\" has none yet, and nobody declined, ended it or left. \"catalogue\": whether the pack lists the category, a dash where it has no catalogue.")?;
    Ok(())
}
