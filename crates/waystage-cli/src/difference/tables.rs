//! A difference for people: how much differs, which figures, why, and who is behind each.

use std::collections::BTreeSet;

use waystage::core::id::ParticipantId;
use waystage::replay::difference::{Difference, FigureChange, PersonDifference, ReadingChange};

use super::{answer_words, called, causes_words, figure_name, income, reading_words};
use crate::command::kept::SHOWN_MAX;
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// Prints a difference, with at most so many people behind each reason.
pub(crate) fn print(
    difference: &Difference,
    limit: usize,
    output: &mut Output,
) -> Result<(), Failure> {
    let figures = difference.figures();
    let readings: usize = difference.people.iter().map(|person| person.readings.len()).sum();
    output.line(&format!(
        "{} of {} participants differ: {readings} readings and {} figures are others",
        difference.people.len(),
        difference.participants,
        figures.len()
    ))?;
    print_figures(&figures, output)?;
    income::print(difference, output)?;
    print_reasons(difference, output)?;
    print_people(difference, limit, output)
}

/// Prints each measure that changed, with all of its rows together; and the rows where they are
/// few.
fn print_figures(figures: &[FigureChange<'_>], output: &mut Output) -> Result<(), Failure> {
    if figures.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let mut measures: Vec<Vec<&FigureChange<'_>>> = Vec::new();
    for figure in figures {
        let same = |all: &&mut Vec<&FigureChange<'_>>| {
            all.first().is_some_and(|first| measure_of(first) == measure_of(figure))
        };
        match measures.iter_mut().find(same) {
            Some(all) => all.push(figure),
            None => measures.push(vec![figure]),
        }
    }
    let mut rows =
        Rows::new(["figure", "#before", "#after", "#change", "#rows changed", "#people"]);
    for all in measures {
        let Some(first) = all.first() else { continue };
        let (_, table, measure) = measure_of(first);
        let of_measure = first.model.before.as_ref().map(|before| {
            let cells =
                before.iter().filter(|(cell, _)| (cell.table, cell.measure) == (table, measure));
            cells.map(|(_, amount)| amount).sum::<i64>()
        });
        let change: i64 = all.iter().map(|figure| figure.change).sum();
        let people: BTreeSet<ParticipantId> = all
            .iter()
            .flat_map(|figure| &figure.shares)
            .map(|share| share.person.participant)
            .collect();
        rows.row([
            figure_name(first),
            amount(of_measure),
            amount(of_measure.map(|before| before + change)),
            signed(change),
            all.len().to_string(),
            people.len().to_string(),
        ]);
    }
    output.table(&rows)?;
    if figures.len() <= SHOWN_MAX {
        return print_rows(figures, output);
    }
    output.line(&format!("each of the {} rows is in --json and --csv", figures.len()))?;
    Ok(())
}

fn measure_of<'d>(figure: &FigureChange<'d>) -> (&'d str, usize, usize) {
    (&figure.model.name, figure.cell.table, figure.cell.measure)
}

fn amount(amount: Option<i64>) -> String {
    amount.map_or("-".to_owned(), |amount| amount.to_string())
}

fn signed(change: i64) -> String {
    if change == 0 { "0".to_owned() } else { format!("{change:+}") }
}

fn print_rows(figures: &[FigureChange<'_>], output: &mut Output) -> Result<(), Failure> {
    output.line("")?;
    let mut rows = Rows::new(["figure", "#before", "#after", "#change", "row"]);
    for figure in figures {
        let row: Vec<String> =
            figure.row().map(|(column, value)| format!("{column}={value}")).collect();
        rows.row([
            figure_name(figure),
            amount(figure.before),
            amount(figure.before.map(|before| before + figure.change)),
            signed(figure.change),
            row.join(" "),
        ]);
    }
    output.table(&rows)?;
    Ok(())
}

fn print_reasons(difference: &Difference, output: &mut Output) -> Result<(), Failure> {
    let reasons = difference.reasons();
    if reasons.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let titles = ["programme", "rule", "before", "after", "why", "#readings", "such as"];
    let mut rows = Rows::new(titles);
    for (why, readings) in reasons.iter().take(SHOWN_MAX) {
        rows.row([
            why.programme.to_string(),
            why.rule.clone(),
            answer_words(why.before),
            answer_words(why.after),
            why.reason.clone(),
            readings.len().to_string(),
            readings.first().map_or_else(String::new, |(_, change)| change.reference.clone()),
        ]);
    }
    output.table(&rows)?;
    if SHOWN_MAX < reasons.len() {
        let more = reasons.len() - SHOWN_MAX;
        output.line(&format!("and {more} more reasons: --json has them all"))?;
    }
    Ok(())
}

fn print_people(difference: &Difference, limit: usize, output: &mut Output) -> Result<(), Failure> {
    for (why, readings) in difference.reasons().iter().take(SHOWN_MAX) {
        if limit == 0 {
            break;
        }
        output.line("")?;
        let (before, after) = (answer_words(why.before), answer_words(why.after));
        output.line(&format!("{} {}: {before}, then {after}", why.programme, why.rule))?;
        for (person, change) in readings.iter().take(limit) {
            print_change(person, change, output)?;
        }
        left(readings.len(), limit, output)?;
    }
    let silent: Vec<&PersonDifference> =
        difference.people.iter().filter(|person| person.readings.is_empty()).collect();
    if !silent.is_empty() && limit > 0 {
        output.line("")?;
        output.line("in figures alone, with every reading the same:")?;
        for person in silent.iter().take(limit) {
            output.line(&format!("  {}: {}", called(person), causes_words(person)))?;
        }
        left(silent.len(), limit, output)?;
    }
    Ok(())
}

fn print_change(
    person: &PersonDifference,
    change: &ReadingChange,
    output: &mut Output,
) -> Result<(), Failure> {
    let sides = [change.before.as_ref(), change.after.as_ref()];
    let name = called(person);
    output.line(&format!("  {name} ({}): {}", change.reference, causes_words(person)))?;
    for (reading, says) in sides.into_iter().zip(&change.says) {
        let says = says.as_ref().map_or_else(String::new, |says| format!(": {says}"));
        output.line(&format!("    {}{says}", reading_words(reading)))?;
    }
    let assumed = if change.assumed { " (assumed)" } else { "" };
    if !change.because.is_empty() {
        output.line(&format!("    because of {}{assumed}", change.because.join(", ")))?;
    }
    Ok(())
}

fn left(all: usize, limit: usize, output: &mut Output) -> Result<(), Failure> {
    if limit < all {
        output.line(&format!("  and {} more: --limit shows them", all - limit))?;
    }
    Ok(())
}
