//! A what-if for people: what was asked and who is affected, then what differs and why.

use waystage::Supposed;
use waystage::replay::what_if::Totals;

use crate::command::view_words;
use crate::difference;
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn print(supposed: &Supposed, limit: usize, output: &mut Output) -> Result<(), Failure> {
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
    output.line(&format!(
        "{} participants are affected; {} were read again, with {} events",
        would_be.affected.participants.len(),
        would_be.recomputed,
        would_be.difference.events
    ))?;
    if !would_be.for_everybody.is_empty() {
        let models = would_be.for_everybody.join(", ");
        output
            .line(&format!("everybody was read for {models}: it reads every programme's rules"))?;
    }
    assumed(supposed, output)?;
    output.line(&format!("scenario {}", supposed.scenario_digest))?;
    output.line(&format!("result   {}", supposed.digest()))?;
    output.line("")?;
    if supposed.is_empty() {
        output.line("nothing would be otherwise")?;
        return Ok(());
    }
    output.line(match would_be.totals {
        Totals::Kept => "before: as the read models are kept",
        Totals::Summed => "before: added up from the log",
        Totals::LeftOut => "before: left out",
    })?;
    difference::print(&would_be.difference, limit, output)
}

/// Says what of it is assumed: it is never counted silently with the rest.
fn assumed(supposed: &Supposed, output: &mut Output) -> Result<(), Failure> {
    let difference = &supposed.would_be.difference;
    if difference.assumed_facts == 0 {
        return Ok(());
    }
    let (readings, resting) = supposed.would_be.readings_changed();
    let figures = difference.figures();
    let of_assumed = figures.iter().filter(|each| each.model.assumed.get(each.cell) != 0).count();
    output.line(&format!(
        "{} facts are assumed; {resting} of the {readings} readings that change are met by them, or \
         not met of people of whom facts are assumed; {} of the {} figures that change hold such people",
        difference.assumed_facts,
        of_assumed,
        figures.len()
    ))?;
    Ok(())
}
