//! `explain`: who and what is behind one figure of a read model.

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use waystage::EngineError;
use waystage::core::contribution::Contributions;
use waystage::core::rules::Reading;
use waystage::core::table::{Model, Table, Value};
use waystage::exchange::value_json;
use waystage::replay::{Behind, EventBehind, Explained, Figure, Part, ReadingBehind, Reason, Role};

use crate::arguments::{Arguments, Explain};
use crate::command::anchored;
use crate::command::kept::models;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};
use crate::prov;

/// How many participants are shown in full where nobody says how many.
const SHOWN: usize = 10;

pub(crate) fn run(
    explain: &Explain,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let models = models();
    let Some(text) = &explain.figure else {
        list(&models, arguments.json, output)?;
        return Ok(ExitCode::SUCCESS);
    };
    let tables: Vec<Table> = models.iter().flat_map(|model| model.tables()).collect();
    let figure = Figure::parse(text, &tables).map_err(EngineError::from)?;
    let has_it =
        |model: &&Arc<dyn Model>| model.tables().iter().any(|table| table.name == figure.table);
    let Some(model) = models.iter().find(has_it) else {
        return Err(Failure::Usage(format!("no read model has the table {}", figure.table)));
    };
    let engine = anchored::open(arguments)?;
    let view = explain.view.view(&engine);
    let (most, shown) = match (explain.limit, &explain.prov) {
        (Some(limit), _) => (limit, limit),
        (None, Some(_)) => (usize::MAX, SHOWN),
        (None, None) => (SHOWN, SHOWN),
    };
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let explained = looking.explain(&**model, &figure, view, most)?;
    output.left_out(&explained.parked);
    if let Some(path) = &explain.prov {
        let document = format!("{:#}\n", prov::document(&explained));
        fs::write(path, document).map_err(|error| EngineError::Unreadable {
            path: path.display().to_string(),
            says: error.to_string(),
        })?;
    }
    if arguments.json {
        output.json(&explained_json(&explained, shown))?;
    } else {
        print(&explained, shown, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists every table with its columns and measures.
fn list(models: &[Arc<dyn Model>], json: bool, output: &mut Output) -> Result<(), Failure> {
    let mut first = true;
    for table in models.iter().flat_map(|model| model.tables()) {
        if json {
            output.json(&table_json(&table))?;
            continue;
        }
        if !first {
            output.line("")?;
        }
        first = false;
        output.line(&format!("{}: {}", table.name, table.says))?;
        for column in &table.columns {
            output.line(&format!("  [{}={}] {}", column.name, column.kind, column.says))?;
        }
        for measure in &table.measures {
            output.line(&format!("  .{} {}", measure.name, measure.says))?;
        }
    }
    Ok(())
}

fn table_json(table: &Table) -> Json {
    let columns = table.columns.iter().map(
        |column| json!({ "name": column.name, "kind": column.kind.as_str(), "says": column.says }),
    );
    let measures = table.measures.iter();
    let measures = measures.map(|measure| json!({ "name": measure.name, "says": measure.says }));
    json!({
        "table": table.name,
        "says": table.says,
        "columns": columns.collect::<Vec<_>>(),
        "measures": measures.collect::<Vec<_>>(),
    })
}

fn print(explained: &Explained, shown: usize, output: &mut Output) -> Result<(), Failure> {
    output.line(&format!("{} is {}", explained.figure, explained.amount))?;
    output.line(explained.says)?;
    output.line(&view_words(&explained.view))?;
    let (model, version) = explained.model;
    output.line(&format!(
        "model {model} version {version}; packs and tables {}",
        explained.packs_digest
    ))?;
    let shown = shown.min(explained.behind.len());
    let who = match explained.parts.len() {
        0 => "nobody adds to it".to_owned(),
        1 => "1 participant adds to it".to_owned(),
        many => format!("{many} participants add to it, {shown} of them in full below"),
    };
    output.line(&who)?;
    print_reasons(&explained.reasons, output)?;
    for behind in explained.behind.iter().take(shown) {
        output.line("")?;
        print_behind(explained, behind, output)?;
    }
    let more = explained.parts.len() - shown;
    if more > 0 {
        output.line("")?;
        output.line(&format!("and {more} participants more: --limit shows them"))?;
    }
    Ok(())
}

fn print_reasons(reasons: &Contributions<Reason>, output: &mut Output) -> Result<(), Failure> {
    if reasons.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let mut sorted: Vec<(&Reason, i64)> = reasons.iter().collect();
    sorted.sort_by_key(|(reason, readings)| {
        (reason.programme.clone(), reason.rule.clone(), reason.answer, -readings)
    });
    let mut rows = Rows::new(["programme", "rule", "reading", "why", "#readings"]);
    for (reason, readings) in sorted {
        rows.row([
            reason.programme.clone(),
            reason.rule.clone(),
            reason.answer.as_str().replace('_', " "),
            reason.reason.clone(),
            readings.to_string(),
        ]);
    }
    output.table(&rows)?;
    Ok(())
}

fn print_behind(
    explained: &Explained,
    behind: &Behind,
    output: &mut Output,
) -> Result<(), Failure> {
    let part = &behind.part;
    let name = part.reference.as_ref().map_or("(no reference)", |reference| reference.as_str());
    output.line(&format!("{name} ({}) adds {}", part.participant, part.amount))?;
    for (row, amount) in part.rows.iter() {
        output.line(&format!("  row {}: {amount}", row_words(&explained.table, row)))?;
    }
    for reading in &behind.readings {
        let of = &reading.reading;
        let answer = of.reading.answer().as_str().replace('_', " ");
        let version = of.version.map_or_else(String::new, |from| format!(" (from {from})"));
        output.line(&format!(
            "  {}{version} of {} reads {answer}: {}",
            of.name(),
            reading.participation,
            reading.account.says()
        ))?;
        output.line(&format!("    source: {}", reading.reference))?;
        if let Some(assumed) = &reading.assumption {
            output.line(&format!("    assumed: {assumed}"))?;
        }
    }
    let mut rows = Rows::new(["  #position", "event", "on", "kind", "by", "it"]);
    for event in &behind.events {
        rows.row([
            format!("  {}", event.position),
            event.label.clone(),
            event.on.to_string(),
            waystage::store::codec::stored(event.kind).0.to_owned(),
            event.actor.to_string(),
            roles_words(event),
        ]);
    }
    output.table(&rows)?;
    Ok(())
}

fn row_words(table: &Table, row: &[Value]) -> String {
    let columns = table.columns.iter().zip(row);
    let said: Vec<String> =
        columns.map(|(column, value)| format!("{}={value}", column.name)).collect();
    if said.is_empty() { "of all".to_owned() } else { said.join(" ") }
}

/// Says what an event has to do with the figure, the strongest alone.
fn roles_words(event: &EventBehind) -> String {
    let role = event.roles.first().map_or("", |role| match role {
        Role::Gives => "gives the part",
        Role::Explains => "gives the reason",
        Role::Because => "a reading of met rests on it",
        Role::LookedAt => "was looked at",
        Role::Shapes => "corrects what was looked at",
    });
    role.to_owned()
}

fn explained_json(explained: &Explained, shown: usize) -> Json {
    let table = &explained.table;
    let parts = explained.parts.iter().map(|part| Json::Object(part_json(table, part)));
    let behind = explained.behind.iter().take(shown).map(|behind| behind_json(table, behind));
    let (model, version) = explained.model;
    json!({
        "figure": explained.figure.to_string(),
        "amount": explained.amount,
        "says": explained.says,
        "model": { "name": model, "version": version },
        "view": view_json(&explained.view),
        "scenario": explained.scenario,
        "log": {
            "origin": explained.origin,
            "last_position": explained.last.map(|position| position.get()),
        },
        "packs": explained.packs,
        "packs_digest": explained.packs_digest.to_string(),
        "parts": parts.collect::<Vec<_>>(),
        "reasons": explained.reasons.iter().map(reason_json).collect::<Vec<_>>(),
        "behind": behind.collect::<Vec<_>>(),
    })
}

fn reason_json((reason, readings): (&Reason, i64)) -> Json {
    json!({
        "programme": reason.programme,
        "rule": reason.rule,
        "reading": reason.answer.as_str(),
        "why": reason.why.as_str(),
        "reason": reason.reason,
        "readings": readings,
    })
}

fn part_json(table: &Table, part: &Part) -> Map<String, Json> {
    let rows = part.rows.iter().map(|(row, amount)| {
        let columns = table.columns.iter().zip(row);
        let key: Map<String, Json> =
            columns.map(|(column, value)| (column.name.to_owned(), value_json(value))).collect();
        json!({ "key": key, "amount": amount })
    });
    let mut object = Map::new();
    object.insert("participant".to_owned(), json!(part.participant.to_string()));
    let reference = part.reference.as_ref().map(|reference| reference.as_str());
    object.insert("reference".to_owned(), json!(reference));
    object.insert("amount".to_owned(), json!(part.amount));
    object.insert("rows".to_owned(), rows.collect());
    object
}

fn behind_json(table: &Table, behind: &Behind) -> Json {
    let mut object = part_json(table, &behind.part);
    object.insert("readings".to_owned(), behind.readings.iter().map(reading_json).collect());
    object.insert("events".to_owned(), behind.events.iter().map(event_json).collect());
    Json::Object(object)
}

fn reading_json(behind: &ReadingBehind) -> Json {
    let (reading, account) = (&behind.reading, &behind.account);
    let window = account.window().map(|(from, until)| {
        json!({ "from": from.to_string(), "until": until.map(|until| until.to_string()) })
    });
    let because: Vec<String> = match &reading.reading {
        Reading::Met(met) => met.because.iter().map(ToString::to_string).collect(),
        Reading::NotMet | Reading::NotYet { .. } | Reading::Unknown { .. } => Vec::new(),
    };
    json!({
        "participation": behind.participation.as_str(),
        "programme": reading.programme.as_str(),
        "rule": reading.rule.as_str(),
        "tier": reading.tier.as_ref().map(|tier| tier.as_str()),
        "version": reading.version.map(|version| version.to_string()),
        "judged_by": account.judged_by.as_str(),
        "reading": reading.reading.answer().as_str(),
        "why": account.why().as_str(),
        "reason": account.reason(),
        "says": account.says(),
        "window": window,
        "source": behind.reference,
        "assumption": behind.assumption,
        "because": because,
        "looked_at": account.events().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn event_json(event: &EventBehind) -> Json {
    json!({
        "position": event.position.get(),
        "id": event.id.to_string(),
        "kind": waystage::store::codec::stored(event.kind).0,
        "on": event.on.to_string(),
        "recorded_at": event.recorded_at.to_string(),
        "reported_at": event.reported_at.map(|told| told.to_string()),
        "actor": event.actor.as_str(),
        "label": event.label,
        "leaf": event.leaf.to_string(),
        "roles": event.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
    })
}
