//! A sample of claims, as JSON and as tables.

use serde_json::{Map, Value, json};
use waystage::replay::audit::{Estimate, Item, METHOD, Sample, Stratum};
use waystage_caseload::pounds;

use crate::failure::Failure;
use crate::output::{Output, Rows, percent};

/// Claims in error that are printed one by one for people; JSON has them all.
const SHOWN_MAX: usize = 10;

/// Returns a sample and what follows from it as JSON.
pub(crate) fn sample_json(sample: &Sample) -> Value {
    let plan = &sample.plan;
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    json!({
        "seed": plan.seed,
        "asked": plan.size,
        "from": day(plan.from),
        "until": day(plan.until),
        "method": METHOD,
        "estimate": estimate_json(&sample.estimate),
        "strata": sample.strata.iter().map(stratum_json).collect::<Vec<_>>(),
    })
}

fn estimate_json(estimate: &Estimate) -> Value {
    let extrapolated = &estimate.extrapolated;
    json!({
        "population": estimate.population,
        "sampled": estimate.sampled,
        "errors": estimate.errors,
        "error_rate": format!("{}/{}", estimate.errors, estimate.sampled),
        "errors_in_population": {
            "confidence": "95/100",
            "least": estimate.interval.least,
            "most": estimate.interval.most,
        },
        "error_pence": amount(estimate.error_pence),
        "extrapolated_pence": amount(extrapolated.rounded()),
        "extrapolated_exactly": {
            "whole": amount(extrapolated.whole),
            "and": format!("{}/{}", extrapolated.numerator, extrapolated.denominator),
        },
        "least_pence": amount(estimate.least_pence),
        "most_pence": amount(estimate.most_pence),
        "claims_without_amount": estimate.without_amount,
        "claims_beyond_the_sample": estimate.beyond_the_sample,
    })
}

/// Returns pence as a number, or as text where no number of JSON holds it.
fn amount(pence: i128) -> Value {
    i64::try_from(pence).map_or_else(|_| pence.to_string().into(), Value::from)
}

fn stratum_json(stratum: &Stratum) -> Value {
    json!({
        "programme": stratum.programme.as_str(),
        "rule": stratum.rule.as_str(),
        "population": stratum.population,
        "claimed_pence": amount(stratum.claimed_pence),
        "items": stratum.items.iter().map(item_json).collect::<Vec<_>>(),
    })
}

/// Returns a claim that was drawn as JSON.
pub(crate) fn item_json(item: &Item) -> Value {
    let claim = &item.claim;
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("claim", claim.claim.label.as_str().into());
    put("claim_id", claim.claim.id.to_string().into());
    put("participant", claim.participant.reference.as_str().into());
    put("participation", claim.participation.reference.as_str().into());
    put("programme", claim.programme.as_str().into());
    put("rule", claim.rule.as_str().into());
    put("submitted_on", claim.submitted_on.to_string().into());
    put("amount_pence", claim.amount_pence.into());
    put("supported_then", claim.supported_then.into());
    put("supported_now", claim.supported_now.into());
    put("in_error", item.in_error.into());
    let kinds: Vec<&str> = item.kinds.iter().map(|kind| kind.as_str()).collect();
    put("because_of", kinds.into());
    document.into()
}

/// Prints what was drawn, what is in error, and what follows.
pub(crate) fn print(sample: &Sample, output: &mut Output) -> Result<(), Failure> {
    let (plan, estimate) = (&sample.plan, &sample.estimate);
    output.line("")?;
    output.line(&format!("a sample of claims, drawn with the seed {:?}", plan.seed))?;
    let mut rows = Rows::new(["programme", "rule", "#claims", "#drawn", "#in error"]);
    for stratum in &sample.strata {
        let errors = stratum.items.iter().filter(|item| item.in_error).count();
        rows.row([
            stratum.programme.to_string(),
            stratum.rule.to_string(),
            stratum.population.to_string(),
            stratum.items.len().to_string(),
            errors.to_string(),
        ]);
    }
    output.table(&rows)?;
    output.line("")?;
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (errors, sampled) = (estimate.errors, estimate.sampled);
    let rate = percent(count(errors), count(sampled));
    output.line(&format!("{errors} of {sampled} claims drawn are in error ({rate})"))?;
    let (least, most) = (estimate.interval.least, estimate.interval.most);
    output.line(&format!("of all {} between {least} and {most}, at 95 %", estimate.population))?;
    let of = |pence: i128| pounds(pence);
    output.line(&format!(
        "worth {} in the sample, {} in all by extrapolation; that many errors are worth between \
         {} and {}",
        of(estimate.error_pence),
        of(estimate.extrapolated.rounded()),
        of(estimate.least_pence),
        of(estimate.most_pence)
    ))?;
    if estimate.without_amount > 0 {
        let count = estimate.without_amount;
        output.line(&format!("{count} claims state no amount and count as nothing"))?;
    }
    if estimate.beyond_the_sample > 0 {
        let count = estimate.beyond_the_sample;
        output.line(&format!(
            "the extrapolated value is without {count} claims of programmes and rules of which \
             none was drawn: draw more"
        ))?;
    }
    print_errors(sample, output)?;
    output.line(&format!("method: {METHOD}"))?;
    Ok(())
}

fn print_errors(sample: &Sample, output: &mut Output) -> Result<(), Failure> {
    let errors: Vec<&Item> = sample.items().filter(|item| item.in_error).collect();
    for item in errors.iter().take(SHOWN_MAX) {
        let mut kinds: Vec<&str> = item.kinds.iter().map(|kind| kind.as_str()).collect();
        if !item.claim.supported_now {
            kinds.insert(0, "not supported now");
        }
        output.line(&format!(
            "  {} of {} under {}: {}",
            item.claim.claim.label,
            item.claim.participation.reference,
            item.claim.rule,
            kinds.join(", ")
        ))?;
    }
    if errors.len() > SHOWN_MAX {
        output.line(&format!("  … and {} more: see --json", errors.len() - SHOWN_MAX))?;
    }
    Ok(())
}
