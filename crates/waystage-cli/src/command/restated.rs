//! `restated`: what has changed since figures were published, by how much and why.

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::Restatement;
use waystage::core::table::Model;
use waystage::replay::difference::{Difference, FigureChange, Share};

use crate::arguments::Arguments;
use crate::command::{anchored, kept};
use crate::difference::{called, facts_words, figure_name};
use crate::failure::Failure;
use crate::output::{Output, Rows};
use crate::progress::Progress;

/// The exit code where a figure is not what it was.
const CHANGED: u8 = 1;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let models = kept::models();
    let models: Vec<&dyn Model> = models.iter().map(|model| &**model).collect();
    let progress = Progress::new("participants", arguments.quiet);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let restated = looking.restated(&models, &|at| progress.replayed(at))?;
    for each in &restated {
        if let Some(since) = &each.since {
            output.left_out(&since.parked);
        }
    }
    if arguments.json {
        for each in &restated {
            output.json(&document(each))?;
        }
    } else if restated.is_empty() {
        output.line("nothing was published: `waystage certify MODEL --publish NAME`")?;
    } else {
        for each in &restated {
            print(each, output)?;
        }
    }
    let stand = restated.iter().all(Restatement::stands);
    Ok(if stand { ExitCode::SUCCESS } else { ExitCode::from(CHANGED) })
}

fn changed(restated: &Restatement) -> Vec<FigureChange<'_>> {
    restated.since.as_ref().map_or_else(Vec::new, Difference::figures)
}

/// Returns who cannot be read now, and so is on neither side.
fn parked(restated: &Restatement) -> Vec<String> {
    let since = restated.since.iter().flat_map(|since| &since.parked);
    since.map(|parked| parked.participant.to_string()).collect()
}

fn row_json(figure: &FigureChange<'_>) -> Value {
    let row = figure.row().map(|(column, value)| (column.to_owned(), json!(value.to_string())));
    row.collect::<serde_json::Map<_, _>>().into()
}

fn document(restated: &Restatement) -> Value {
    let differs: Vec<&str> = restated.differs.iter().map(|each| each.member.as_str()).collect();
    let figure = restated.figure();
    let figures = changed(restated);
    let changes = figures.iter().map(|changed| {
        let published = changed.before.unwrap_or(0);
        json!({
            "table": changed.table().map_or("", |table| table.name.as_str()),
            "row": row_json(changed),
            "measure": changed.measure(),
            "published": published,
            "now": published + changed.change,
            "delta": changed.change,
            "because": changed.shares.iter().map(person_json).collect::<Vec<_>>(),
        })
    });
    json!({
        "name": restated.name,
        "model": restated.certificate.model,
        "as_of": restated.certificate.as_of,
        "published_at": restated.recorded_at.to_string(),
        "position": restated.position.get(),
        "reproduced": differs.is_empty() && figure.is_some(),
        "differs": differs,
        "changed": changes.collect::<Vec<_>>(),
        "parked": parked(restated),
        "stands": restated.stands(),
    })
}

fn person_json(share: &Share<'_>) -> Value {
    let Share { person, by_facts, by_rules } = share;
    json!({
        "participant": called(person),
        "delta": by_facts + by_rules,
        "by_facts": by_facts,
        "by_rules": by_rules,
        "facts": person.facts.iter().map(|fact| json!({
            "event": fact.event.label,
            "kind": format!("{:?}", fact.event.kind),
            "on": fact.event.on.to_string(),
            "recorded_at": fact.event.recorded_at.to_string(),
            "actor": fact.event.actor.as_str(),
            "differs": fact.differs.as_str(),
        })).collect::<Vec<_>>(),
        "rules": person.rules.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
    })
}

fn print(restated: &Restatement, output: &mut Output) -> Result<(), Failure> {
    let certificate = &restated.certificate;
    output.line(&format!(
        "{}: {} as of {}, published at {} (position {})",
        restated.name,
        certificate.model,
        certificate.as_of,
        restated.recorded_at,
        restated.position
    ))?;
    for each in &restated.differs {
        let says = "cannot be computed again as it was";
        output.line(&format!("  {says}: {} is another now", each.member))?;
    }
    if restated.figure().is_none() {
        output.line("  no read model of that name is known here")?;
        return Ok(());
    }
    let changed = changed(restated);
    if restated.stands() {
        output.line("  stands as it was published")?;
        return Ok(());
    }
    let missing = parked(restated);
    if !missing.is_empty() {
        output.line(&format!(
            "  cannot be read any more, and missing here on both sides: {}",
            missing.join(", ")
        ))?;
    }
    if changed.is_empty() {
        output.line("  no figure of those who can be read has changed")?;
        return Ok(());
    }
    let mut rows = Rows::new(["figure", "row", "#published", "#now", "#change", "because of"]);
    for each in changed.iter().take(kept::SHOWN_MAX) {
        let row: Vec<String> = each.cell.row.iter().map(ToString::to_string).collect();
        let people = each.shares.iter().map(|share| {
            let rules = if share.by_rules == 0 { "" } else { " rules changed" };
            format!("{}:{rules} {}", called(share.person), facts_words(&share.person.facts))
        });
        let published = each.before.unwrap_or(0);
        rows.row([
            figure_name(each),
            row.join(" "),
            published.to_string(),
            (published + each.change).to_string(),
            format!("{:+}", each.change),
            people.collect::<Vec<_>>().join("; "),
        ]);
    }
    output.table(&rows)?;
    if changed.len() > kept::SHOWN_MAX {
        output.line(&format!("… and {} more: see --json", changed.len() - kept::SHOWN_MAX))?;
    }
    Ok(())
}
