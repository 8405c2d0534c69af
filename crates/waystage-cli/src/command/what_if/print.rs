//! A what-if for people: what was asked, who is affected, what changes and why.

use waystage::Supposed;
use waystage::core::rules::{Answer, Reading, RuleReading};

use super::document::changed;
use crate::command::view_words;
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(super) fn print(supposed: &Supposed, limit: usize, output: &mut Output) -> Result<(), Failure> {
    head(supposed, output)?;
    if supposed.is_empty() {
        output.line("\nnothing would be otherwise")?;
        return Ok(());
    }
    reasons(supposed, limit, output)?;
    readings(supposed, limit, output)?;
    figures(supposed, limit, output)
}

fn head(supposed: &Supposed, output: &mut Output) -> Result<(), Failure> {
    let would_be = &supposed.would_be;
    let scenario = &supposed.scenario;
    output.line(&format!("what if: {}", scenario.name))?;
    if !scenario.purpose.is_empty() {
        output.line(&format!("for: {}", scenario.purpose))?;
    }
    for assumption in &scenario.assumptions {
        output.line(&format!("taken for granted: {assumption}"))?;
    }
    for change in &supposed.changes {
        output.line(&format!("change: {change}"))?;
    }
    output.line(&view_words(&would_be.view))?;
    let (readings, assumed) = would_be.readings_changed();
    let difference = &would_be.difference;
    output.line(&format!(
        "{} participants are affected, {} were read again ({} events); {readings} readings would be \
         otherwise, {assumed} of them resting on what is assumed; {} facts are assumed",
        would_be.affected.participants.len(),
        would_be.recomputed,
        difference.events,
        difference.assumed_facts,
    ))?;
    if !would_be.for_everybody.is_empty() {
        let models = would_be.for_everybody.join(", ");
        output
            .line(&format!("everybody was read for {models}: it reads every programme's rules"))?;
    }
    output.line(&format!("scenario {}", supposed.scenario_digest))?;
    output.line(&format!("result   {}", supposed.digest()))?;
    Ok(())
}

fn reasons(supposed: &Supposed, limit: usize, output: &mut Output) -> Result<(), Failure> {
    let reasons = supposed.would_be.difference.reasons().into_iter();
    let mut reasons: Vec<_> = reasons.map(|(why, readings)| (why, readings.len())).collect();
    if reasons.is_empty() {
        return Ok(());
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    output.line("")?;
    let mut rows = Rows::new(["#readings", "programme", "rule", "before", "after", "why"]);
    let words = |answer: Option<Answer>| {
        answer.map_or_else(|| "-".to_owned(), |answer| answer.as_str().replace('_', " "))
    };
    for (reason, count) in reasons.iter().take(limit) {
        rows.row([
            count.to_string(),
            reason.programme.to_string(),
            reason.rule.clone(),
            words(reason.before),
            words(reason.after),
            reason.reason.clone(),
        ]);
    }
    output.table(&rows)?;
    more(reasons.len(), limit, "reasons", output)
}

fn readings(supposed: &Supposed, limit: usize, output: &mut Output) -> Result<(), Failure> {
    let changed = changed(supposed);
    output.line("")?;
    let titles = ["participation", "rule", "before", "after", "because", "assumed"];
    let mut rows = Rows::new(titles);
    for (_, change) in changed.iter().take(limit) {
        let tier = change.tier.as_ref().map_or_else(String::new, |tier| format!("/{tier}"));
        rows.row([
            change.reference.clone(),
            format!("{}{tier}", change.rule),
            words(change.before.as_ref()),
            words(change.after.as_ref()),
            change.because.join(" "),
            if change.assumed { "yes".to_owned() } else { String::new() },
        ]);
    }
    output.table(&rows)?;
    more(changed.len(), limit, "readings", output)
}

fn words(reading: Option<&RuleReading>) -> String {
    let Some(reading) = reading else { return "-".to_owned() };
    let answer = reading.reading.answer().as_str().replace('_', " ");
    match &reading.reading {
        Reading::Met(met) => format!("{answer} on {}", met.on),
        Reading::NotYet { until: Some(until) } => format!("{answer} until {until}"),
        Reading::Unknown { missing, .. } => format!("{answer} from {missing}"),
        Reading::NotYet { until: None } | Reading::NotMet => answer,
    }
}

fn figures(supposed: &Supposed, limit: usize, output: &mut Output) -> Result<(), Failure> {
    let figures = supposed.would_be.difference.figures();
    output.line("")?;
    output.line(match supposed.would_be.totals {
        waystage::replay::what_if::Totals::Kept => "totals: from the kept read models",
        waystage::replay::what_if::Totals::Summed => "totals: the baseline was added up",
        waystage::replay::what_if::Totals::LeftOut => "totals: left out",
    })?;
    let titles = ["figure", "row", "#before", "#after", "#change", "#of assumed", "#people"];
    let mut rows = Rows::new(titles);
    for figure in figures.iter().take(limit) {
        let row: Vec<String> =
            figure.row().map(|(column, value)| format!("{column}={value}")).collect();
        let table = figure.table().map_or("", |table| table.name.as_str());
        let or_dash = |amount: Option<i64>| amount.map_or("-".to_owned(), |it| it.to_string());
        rows.row([
            format!("{table}.{}", figure.measure()),
            row.join(" "),
            or_dash(figure.before),
            or_dash(figure.before.map(|before| before + figure.change)),
            format!("{:+}", figure.change),
            figure.model.assumed.get(figure.cell).to_string(),
            figure.shares.len().to_string(),
        ]);
    }
    output.table(&rows)?;
    more(figures.len(), limit, "figures", output)
}

fn more(all: usize, limit: usize, what: &str, output: &mut Output) -> Result<(), Failure> {
    if limit < all {
        output.line(&format!("and {} more {what}: --limit, or --json for all", all - limit))?;
    }
    Ok(())
}
