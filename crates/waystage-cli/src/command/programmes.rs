//! `programmes`: lists, shows, checks and adopts packs and tables.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage::core::programme::{Programme, Programmes as InForce, Standard, Terms, Within};
use waystage::core::rules::{Anchor, Length, WorkTest};
use waystage::{Adoption, Engine};
use waystage_caseload::pounds;

use crate::arguments::{Arguments, Programmes, ProgrammesCommand};
use crate::command::anchored;
use crate::command::{open_or_create, rule_sheet};
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(
    programmes: &Programmes,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    match programmes.command.as_ref().unwrap_or(&ProgrammesCommand::List) {
        ProgrammesCommand::List => list(arguments, output),
        ProgrammesCommand::Show { id } => show(id, arguments, output),
        ProgrammesCommand::Check { files } => check(files, arguments, output),
        ProgrammesCommand::Adopt { folder } => adopt(folder.as_deref(), arguments, output),
    }
}

/// Returns the programmes in force in the store or, where there is none, those that come along.
fn in_force(arguments: &Arguments) -> Result<InForce, Failure> {
    if Engine::exists(&arguments.store) {
        let engine = anchored::open(arguments)?;
        return Ok(engine.lens(engine.today())?.programmes().clone());
    }
    Ok(Engine::in_memory("waystage.example/none").check(&Adoption::bundled())?.programmes)
}

fn list(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let programmes = in_force(arguments)?;
    if arguments.json {
        let list = programmes.programmes.values().map(|programme| {
            let rules: Vec<_> = programme.rules.iter().map(|rule| rule.id.as_str()).collect();
            json!({ "id": programme.id.as_str(), "name": programme.name, "rules": rules })
        });
        output.json(&json!(list.collect::<Vec<_>>()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Rows::new(["id", "name", "rules"]);
    for programme in programmes.programmes.values() {
        let rules: Vec<_> = programme.rules.iter().map(|rule| rule.id.as_str()).collect();
        rows.row([programme.id.to_string(), programme.name.clone(), rules.join(", ")]);
    }
    output.table(&rows)?;
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str, arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let programmes = in_force(arguments)?;
    let Some(programme) = programmes.get(&id.into()) else {
        let known: Vec<_> = programmes.programmes.keys().map(|id| id.as_str()).collect();
        return Err(Failure::Usage(format!(
            "no programme is called {id:?}: write one of {}",
            known.join(", ")
        )));
    };
    if arguments.json {
        output.json(&programme_json(programme))?;
    } else {
        print(programme, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn programme_json(programme: &Programme) -> Value {
    let rules = programme.rules.iter().map(|rule| {
        let versions = rule.versions.iter().map(|version| {
            let terms: Map<String, Value> =
                terms(&version.terms).into_iter().map(|(key, value)| (key, json!(value))).collect();
            let from = version.effective_from.to_string();
            json!({ "effective_from": from, "terms": terms, "assumption": version.assumption })
        });
        json!({
            "id": rule.id.as_str(),
            "family": rule.family.as_str(),
            "judged_by": rule.judged_by.as_str(),
            "reference": rule.reference,
            "versions": versions.collect::<Vec<_>>(),
        })
    });
    let fees = programme.fees.iter().flat_map(|fee| {
        fee.versions.iter().map(|version| {
            let from = version.effective_from.to_string();
            let tier = fee.tier.as_ref().map(|tier| tier.as_str());
            json!({
                "on": fee.on.as_str(), "tier": tier, "effective_from": from,
                "pence": version.pence, "assumption": version.assumption,
            })
        })
    });
    let mut sheet = json!({
        "id": programme.id.as_str(),
        "name": programme.name,
        "reference": programme.reference,
        "assumption": programme.assumption,
        "referrals_from": programme.referrals_from.map(|day| day.to_string()),
        "referrals_until": programme.referrals_until.map(|day| day.to_string()),
        "groups": programme.groups,
        "areas": programme.areas.iter().map(|area| area.as_str()).collect::<Vec<_>>(),
        "calendar": programme.calendar.as_ref().map(|calendar| calendar.as_str()),
        "standards": programme.standards.iter().map(standard).collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
        "fees": fees.collect::<Vec<_>>(),
    });
    if let Some(sheet) = sheet.as_object_mut() {
        let sections = rule_sheet::json(&programme.provision).into_iter();
        sheet.extend(sections.map(|(name, section)| (name.to_owned(), section)));
    }
    sheet
}

fn standard(standard: &Standard) -> String {
    let (id, from, to) = (&standard.id, standard.from, standard.to);
    match standard.within {
        Within::WorkingDays(days) => format!("{id}: {from} to {to} within {days} working days"),
        Within::Days(days) => format!("{id}: {from} to {to} within {days} days"),
    }
}

fn print(programme: &Programme, output: &mut Output) -> Result<(), Failure> {
    output.line(&format!("{} ({})", programme.name, programme.id))?;
    output.line(&format!("source: {}", programme.reference))?;
    let day = |day: Option<chrono::NaiveDate>| day.map_or("open".to_owned(), |day| day.to_string());
    let (from, until) = (day(programme.referrals_from), day(programme.referrals_until));
    output.line(&format!("referrals: {from} to {until}"))?;
    let listed = |list: Vec<&str>, none: &str| {
        if list.is_empty() { none.to_owned() } else { list.join(", ") }
    };
    let groups = programme.groups.iter().map(String::as_str).collect();
    output.line(&format!("groups: {}", listed(groups, "any")))?;
    let areas = programme.areas.iter().map(|area| area.as_str()).collect();
    output.line(&format!("areas: {}", listed(areas, "anywhere")))?;
    for each in &programme.standards {
        output.line(&format!("standard {}", standard(each)))?;
    }
    for rule in &programme.rules {
        output.line("")?;
        let (family, judged_by) = (rule.family, rule.judged_by);
        output.line(&format!("rule {}: {family}, judged by {judged_by}", rule.id))?;
        output.line(&format!("  source: {}", rule.reference))?;
        for version in &rule.versions {
            let terms = terms(&version.terms).into_iter();
            let terms: Vec<String> = terms.map(|(key, value)| format!("{key} {value}")).collect();
            output.line(&format!("  from {}: {}", version.effective_from, terms.join(", ")))?;
        }
    }
    if !programme.fees.is_empty() {
        output.line("")?;
    }
    for fee in &programme.fees {
        let tier = fee.tier.as_ref().map_or_else(String::new, |tier| format!("/{tier}"));
        for version in &fee.versions {
            let amount = version.pence.map_or("amount not stated".to_owned(), pounds);
            let from = version.effective_from;
            output.line(&format!("fee on {}{tier} from {from}: {amount}", fee.on))?;
        }
    }
    for line in rule_sheet::lines(&programme.provision) {
        output.line(&line)?;
    }
    // what is assumed of the sections above stands beside each of them
    let said: Vec<String> = programme.provision.assumptions().map(|(about, _)| about).collect();
    let mut assumptions =
        programme.assumptions().filter(|(about, _)| !said.contains(about)).peekable();
    if assumptions.peek().is_some() {
        output.line("")?;
        output.line("assumed where sources are silent:")?;
    }
    for (about, assumption) in assumptions {
        output.line(&format!("  {about}: {assumption}"))?;
    }
    Ok(())
}

/// Returns the terms of a version in the words of the pack.
fn terms(terms: &Terms) -> Vec<(String, String)> {
    let mut said: Vec<(&str, Option<String>)> = Vec::new();
    let count = |number: u32| Some(number.to_string());
    match terms {
        Terms::JobStart(it) => {
            said.push(("within_days", it.within_days.and_then(count)));
            said.push(("min_weekly_hours", it.min_weekly.map(|least| least.to_string())));
            said.push(("sector", Some(it.sector.to_string())));
        }
        Terms::Earnings(it) => {
            said.push(("window_days", count(it.window_days)));
            for threshold in &it.thresholds {
                let tier =
                    threshold.tier.as_ref().map_or(String::new(), |tier| format!(" ({tier})"));
                let (hours, weeks) = (threshold.weekly, threshold.weeks);
                said.push(("threshold", Some(format!("{hours} a week for {weeks} weeks{tier}"))));
            }
            said.push(("rate_table", Some(it.rate_table.to_string())));
            said.push(("rate_as_of", Some(it.rate_as_of.to_string())));
        }
        Terms::SelfEmployedDays(it) => {
            said.push(("days", count(it.days)));
            said.push(("window_days", count(it.window_days)));
            said.push(("silence_days", it.silence_days.and_then(count)));
        }
        Terms::WeeksInWindow(it) => {
            said.push(("weeks", count(it.weeks)));
            said.push(("window_weeks", count(it.window_weeks)));
            said.extend(work(&it.anchor, &it.test));
        }
        Terms::Continuous(it) => {
            said.push(match it.length {
                Length::Months(months) => ("months", count(months)),
                Length::Weeks(weeks) => ("weeks", count(weeks)),
            });
            said.push(("max_gap_days", count(it.max_gap_days)));
            said.push(("max_total_gap_days", it.max_total_gap_days.and_then(count)));
            said.extend(work(&it.anchor, &it.test));
        }
        Terms::StatusAtPoint(it) => {
            said.push(("within_days", count(it.within_days)));
            said.push(("sector", Some(it.sector.to_string())));
            said.push(("silence_days", it.silence_days.and_then(count)));
        }
    }
    said.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn work(anchor: &Anchor, test: &WorkTest) -> [(&'static str, Option<String>); 6] {
    [
        ("anchor", Some(anchor.choice.to_string())),
        ("within_days", anchor.within_days.map(|days| days.to_string())),
        ("min_weekly_hours", test.min_weekly.map(|least| least.to_string())),
        ("multiple_jobs", Some(test.multiple_jobs.to_string())),
        ("silence_days", test.silence_days.map(|days| days.to_string())),
        ("sector", Some(test.sector.to_string())),
    ]
}

fn check(
    files: &[PathBuf],
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = if Engine::exists(&arguments.store) {
        anchored::open(arguments)?
    } else {
        let engine = Engine::in_memory("waystage.example/none");
        engine.adopt(&Adoption { packs: Vec::new(), tables: Adoption::bundled().tables })?;
        engine
    };
    let mut adoption = Adoption::default();
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        adoption.take(file.display().to_string(), text);
    }
    let checked = engine.check(&adoption)?;
    let warnings: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
    if arguments.json {
        output.json(&json!({ "files": files.len(), "warnings": warnings }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for warning in &warnings {
        output.line(&format!("worth a second look: {warning}"))?;
    }
    output.line(&match files.len() {
        1 => "1 file is in order".to_owned(),
        files => format!("{files} files are in order"),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn adopt(
    folder: Option<&Path>,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let mut adoption = match folder {
        None => Adoption::bundled(),
        Some(folder) => {
            let within = |name: &str| Some(folder.join(name)).filter(|within| within.is_dir());
            match (within("packs"), within("tables")) {
                (None, None) => Adoption::read_together(folder)?,
                (packs, tables) => Adoption::read(packs.as_deref(), tables.as_deref())?,
            }
        }
    };
    if adoption.packs.is_empty() && adoption.tables.is_empty() {
        return Err(Failure::Usage("the folder has no .toml file: name one with packs".to_owned()));
    }
    let has_none = !Engine::exists(&arguments.store) || in_force(arguments)?.rates.is_empty();
    if adoption.tables.is_empty() && has_none {
        adoption.tables = Adoption::bundled().tables;
    }
    // what is refused must not leave an empty store behind
    if !Engine::exists(&arguments.store) {
        Engine::in_memory("waystage.example/none").check(&adoption)?;
    }
    let engine = open_or_create(arguments, "waystage.example/log")?;
    let (adopted, warnings) = engine.adopt(&adoption)?;
    if arguments.json {
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        output.json(&json!({ "adopted": adopted, "warnings": warnings }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for warning in &warnings {
        output.line(&format!("worth a second look: {warning}"))?;
    }
    output
        .line(&format!("adopted {adopted} packs and tables; the others were in force already"))?;
    Ok(ExitCode::SUCCESS)
}
