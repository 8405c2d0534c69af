//! `restated`: what has changed since figures were published, by how much and why.

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::Restatement;
use waystage::core::table::{Cell, Model};
use waystage::replay::difference::{FactDiffers, ModelDifference, PersonDifference};

use crate::arguments::Arguments;
use crate::command::{anchored, kept};
use crate::failure::Failure;
use crate::output::{Output, Rows};
use crate::progress::Progress;

/// The exit code where a figure is not what it was.
const CHANGED: u8 = 1;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let engine = anchored::open(&arguments.store)?;
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

/// A cell of a figure that changed, and who changed it.
struct Changed<'a> {
    cell: &'a Cell,
    published: i64,
    delta: i64,
    people: Vec<(&'a PersonDifference, i64, i64)>,
}

fn changed(restated: &Restatement) -> Vec<Changed<'_>> {
    let (Some(figure), Some(since)) = (restated.figure(), &restated.since) else {
        return Vec::new();
    };
    let before = |cell: &Cell| figure.before.as_ref().map_or(0, |before| before.get(cell));
    let cells = figure.change.iter().map(|(cell, delta)| {
        let people = since.people.iter().filter_map(|person| {
            let by_facts = person.by_facts.first().map_or(0, |part| part.get(cell));
            let by_rules = person.by_rules.first().map_or(0, |part| part.get(cell));
            (by_facts != 0 || by_rules != 0).then_some((person, by_facts, by_rules))
        });
        Changed { cell, published: before(cell), delta, people: people.collect() }
    });
    cells.collect()
}

fn row_json(figure: &ModelDifference, cell: &Cell) -> Value {
    let table = figure.tables.get(cell.table);
    let columns = table.map_or(&[][..], |table| &table.columns);
    let row = columns.iter().zip(&cell.row);
    row.map(|(column, value)| (column.name.to_owned(), json!(value.to_string())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn names(figure: &ModelDifference, cell: &Cell) -> (String, String) {
    let table = figure.tables.get(cell.table);
    let measure = table.and_then(|table| table.measures.get(cell.measure));
    let table = table.map_or(String::new(), |table| table.name.clone());
    (table, measure.map_or(String::new(), |measure| measure.name.to_owned()))
}

fn document(restated: &Restatement) -> Value {
    let differs: Vec<&str> = restated.differs.iter().map(|each| each.member.as_str()).collect();
    let figure = restated.figure();
    let changes: Vec<Value> = changed(restated)
        .iter()
        .filter_map(|changed| {
            let figure = figure?;
            let (table, measure) = names(figure, changed.cell);
            Some(json!({
                "table": table,
                "row": row_json(figure, changed.cell),
                "measure": measure,
                "published": changed.published,
                "now": changed.published + changed.delta,
                "delta": changed.delta,
                "because": changed.people.iter().map(person_json).collect::<Vec<_>>(),
            }))
        })
        .collect();
    json!({
        "name": restated.name,
        "model": restated.certificate.model,
        "as_of": restated.certificate.as_of,
        "published_at": restated.recorded_at.to_string(),
        "position": restated.position.get(),
        "reproduced": differs.is_empty() && figure.is_some(),
        "differs": differs,
        "changed": changes,
        "stands": restated.stands(),
    })
}

fn person_json((person, by_facts, by_rules): &(&PersonDifference, i64, i64)) -> Value {
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
            "differs": differs(fact.differs),
        })).collect::<Vec<_>>(),
        "rules": person.rules.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
    })
}

fn called(person: &PersonDifference) -> String {
    person.reference.clone().unwrap_or_else(|| person.participant.to_string())
}

const fn differs(how: FactDiffers) -> &'static str {
    how.as_str()
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
    let Some(figure) = restated.figure() else {
        output.line("  no read model of that name is known here")?;
        return Ok(());
    };
    let changed = changed(restated);
    if changed.is_empty() {
        output.line("  stands as it was published")?;
        return Ok(());
    }
    let mut rows = Rows::new(["figure", "row", "#published", "#now", "#change", "because of"]);
    for each in changed.iter().take(kept::SHOWN_MAX) {
        let (table, measure) = names(figure, each.cell);
        let row: Vec<String> = each.cell.row.iter().map(ToString::to_string).collect();
        let people = each.people.iter().map(|(person, _, by_rules)| {
            let facts: Vec<String> = person
                .facts
                .iter()
                .map(|fact| format!("{} {}", differs(fact.differs), fact.event.label))
                .collect();
            let rules = if *by_rules == 0 { "" } else { " rules changed" };
            format!("{}:{rules} {}", called(person), facts.join(", "))
        });
        rows.row([
            format!("{table}.{measure}"),
            row.join(" "),
            each.published.to_string(),
            (each.published + each.delta).to_string(),
            format!("{:+}", each.delta),
            people.collect::<Vec<_>>().join("; "),
        ]);
    }
    output.table(&rows)?;
    if changed.len() > kept::SHOWN_MAX {
        output.line(&format!("… and {} more: see --json", changed.len() - kept::SHOWN_MAX))?;
    }
    Ok(())
}
