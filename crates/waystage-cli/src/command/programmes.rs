//! `programmes`: lists, shows, checks and adopts packs and tables.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use waystage::core::programme::{Programme, Programmes as InForce};
use waystage::{Adoption, Engine};

use crate::arguments::{Arguments, Programmes, ProgrammesCommand};
use crate::command::open_or_create;
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
        let engine = Engine::open(&arguments.store)?;
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
    print(programme, output)?;
    Ok(ExitCode::SUCCESS)
}

fn print(programme: &Programme, output: &mut Output) -> Result<(), Failure> {
    output.line(&format!("{} ({})", programme.name, programme.id))?;
    output.line(&format!("source: {}", programme.reference))?;
    let day = |day: Option<chrono::NaiveDate>| day.map_or("open".to_owned(), |day| day.to_string());
    let (from, until) = (day(programme.referrals_from), day(programme.referrals_until));
    output.line(&format!("referrals: {from} to {until}"))?;
    output.line(&format!("groups: {}", programme.groups.join(", ")))?;
    for rule in &programme.rules {
        output.line("")?;
        let (family, judged_by) = (rule.family, rule.judged_by);
        output.line(&format!("rule {}: {family}, judged by {judged_by}", rule.id))?;
        output.line(&format!("  source: {}", rule.reference))?;
        for version in &rule.versions {
            output.line(&format!("  from {}: {:?}", version.effective_from, version.terms))?;
        }
    }
    output.line("")?;
    output.line("assumed where sources are silent:")?;
    for (about, assumption) in programme.assumptions() {
        output.line(&format!("  {about}: {assumption}"))?;
    }
    Ok(())
}

fn check(
    files: &[PathBuf],
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = if Engine::exists(&arguments.store) {
        Engine::open(&arguments.store)?
    } else {
        let engine = Engine::in_memory("waystage.example/none");
        engine.adopt(&Adoption { packs: Vec::new(), tables: Adoption::bundled().tables })?;
        engine
    };
    let mut adoption = Adoption::default();
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        let is_pack = text.lines().any(|line| line.trim_start().starts_with("[programme]"));
        let named = (file.display().to_string(), text);
        if is_pack {
            adoption.packs.push(named);
        } else {
            adoption.tables.push(named);
        }
    }
    let checked = engine.check(&adoption)?;
    for warning in &checked.warnings {
        output.line(&format!("worth a second look: {warning}"))?;
    }
    output.line(&format!("{} files are in order", files.len()))?;
    Ok(ExitCode::SUCCESS)
}

fn adopt(
    folder: Option<&Path>,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let adoption = match folder {
        None => Adoption::bundled(),
        Some(folder) => {
            let within = |name: &str| Some(folder.join(name)).filter(|within| within.is_dir());
            match (within("packs"), within("tables")) {
                (None, None) => Adoption::read(Some(folder), None)?,
                (packs, tables) => Adoption::read(packs.as_deref(), tables.as_deref())?,
            }
        }
    };
    let engine = open_or_create(&arguments.store, "waystage.example/log")?;
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
