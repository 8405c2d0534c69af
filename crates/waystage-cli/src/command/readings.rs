//! `readings`: every rule of every participation.

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage::core::replayed::Replayed;
use waystage::core::rules::{Reading, RuleReading};

use crate::arguments::{Arguments, Viewed};
use crate::command::anchored;
use crate::command::{assumptions, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};
use crate::progress::Progress;

struct Row {
    participation: String,
    programme: String,
    reading: RuleReading,
    because: Vec<String>,
}

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let view = viewed.view.view(&engine);
    let lens = engine.lens(view)?;
    let progress = Progress::new("participants", arguments.quiet);
    let watch = |at| progress.replayed(at);
    let looked = engine.replay(&lens).watched(&watch).each(rows)?;
    let mut rows: Vec<Row> = output.looked(looked).into_iter().flatten().collect();
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    if arguments.json {
        for row in &rows {
            output.json(&row_json(row))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    let titles = ["participation", "programme", "rule", "reading", "day", "version", "because"];
    let mut table = Rows::new(titles);
    for row in &rows {
        table.row(cells(row));
    }
    output.table(&table)?;
    let programmes = rows.iter().map(|row| row.programme.clone()).collect();
    assumptions::print(lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn key(row: &Row) -> (&str, &str, Option<&str>, &str) {
    let tier = row.reading.tier.as_ref().map(|tier| tier.as_str());
    (&row.participation, row.reading.rule.as_str(), tier, &row.programme)
}

fn rows(replayed: &Replayed<'_>) -> Vec<Row> {
    let row = |reading: &RuleReading| {
        let participation =
            replayed.journey.participations.iter().find(|each| each.id == reading.participation);
        let because = match &reading.reading {
            Reading::Met(met) => met.because.iter().map(|event| replayed.label(*event)).collect(),
            Reading::NotMet | Reading::NotYet { .. } | Reading::Unknown { .. } => Vec::new(),
        };
        Row {
            participation: participation
                .map_or_else(|| reading.participation.to_string(), |it| it.reference.to_string()),
            programme: reading.programme.to_string(),
            reading: reading.clone(),
            because,
        }
    };
    replayed.readings.iter().map(row).collect()
}

/// Returns every rule of a participant's participations as JSON.
pub(crate) fn json_of(replayed: &Replayed<'_>) -> Vec<Value> {
    rows(replayed).iter().map(row_json).collect()
}

fn row_json(row: &Row) -> Value {
    let reading = &row.reading;
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("participation", json!(row.participation));
    put("programme", json!(row.programme));
    put("rule", json!(reading.rule.as_str()));
    if let Some(tier) = &reading.tier {
        put("tier", json!(tier.as_str()));
    }
    put("reading", json!(reading.reading.answer().as_str()));
    put("because", json!(row.because));
    put("version", json!(reading.version.map(|version| version.to_string())));
    match &reading.reading {
        Reading::Met(met) => {
            put("on", json!(met.on.to_string()));
        }
        Reading::NotYet { until: Some(until) } => {
            put("until", json!(until.to_string()));
        }
        Reading::Unknown { missing, evidence } => {
            put("missing", json!(missing.to_string()));
            put("missing_evidence", json!(evidence.as_str()));
        }
        Reading::NotYet { until: None } | Reading::NotMet => {}
    }
    Value::Object(object)
}

fn cells(row: &Row) -> Vec<String> {
    let reading = &row.reading;
    let rule = reading.name();
    let day = match &reading.reading {
        Reading::Met(met) => met.on.to_string(),
        Reading::NotYet { until } => {
            until.map_or_else(String::new, |until| format!("until {until}"))
        }
        Reading::Unknown { missing, .. } => format!("missing from {missing}"),
        Reading::NotMet => String::new(),
    };
    let version = reading.version.map_or_else(String::new, |version| version.to_string());
    let answer = reading.reading.answer().as_str().replace('_', " ");
    let because = row.because.join(" ");
    vec![row.participation.clone(), row.programme.clone(), rule, answer, day, version, because]
}
