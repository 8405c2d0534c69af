//! `import`: takes a journey extract.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::core::table::Model;
use waystage::exchange::{Code as Fault, Extract, Reject};
use waystage::{Adoption, Engine, EngineError, ImportPlan, ImportReport, Preview};

use crate::arguments::{Arguments, Import};
use crate::command::{kept, open_or_create, view_json, view_words};
use crate::difference;
use crate::failure::{Code, Failure};
use crate::output::{Output, Rows};
use crate::progress::Progress;

/// Rejected rows that are printed one by one; all of them stand in the JSON and the rejects file.
const SHOWN_MAX: usize = 20;

pub(crate) fn run(
    import: &Import,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let plan = plan(import)?;
    let mut rejects_file = import.rejects.as_deref().map(create).transpose()?;
    let is_new = !Engine::exists(&arguments.store);
    if is_new {
        // a folder that is no extract must not leave an empty store behind
        Extract::read_folder(&plan.folder).map_err(EngineError::from)?;
    }
    let mut stores = !import.dry_run && !import.previewed.preview;
    if is_new && import.strict && stores {
        let trial = ImportPlan { dry_run: true, ..plan.clone() };
        let report = Engine::in_memory(ORIGIN).import(&trial, &|_, _| {})?;
        stores = report.counted.rejects.is_empty();
    }
    let engine = if is_new && !stores {
        Engine::in_memory(ORIGIN)
    } else {
        open_or_create(arguments, ORIGIN)?
    };
    if import.previewed.preview {
        return preview((import, &plan), &engine, rejects_file, arguments, output);
    }
    let progress = Progress::new("events", arguments.quiet);
    let report = engine.import(&plan, &|done, all| progress.at(done, all))?;
    kept::say_failure(&engine);
    if let Some(file) = &mut rejects_file {
        write_rejects(file, &report.counted.rejects)?;
    }
    let rejected = !report.counted.rejects.is_empty();
    if arguments.json {
        output.json(&report_json(&import.source, &report))?;
    } else {
        if is_new && stores {
            let store = arguments.store.display();
            output
                .line(&format!("created {store} for {ORIGIN} (`init --origin` names another)"))?;
        }
        print(&report, output)?;
        output.line(match (import.dry_run, import.strict && rejected) {
            (true, _) => "dry run: nothing was stored",
            (false, true) => "strict: rows were rejected, so nothing was stored",
            (false, false) => "next: `waystage readings`, `waystage funnel --by programme,area`",
        })?;
    }
    Ok(if rejected { Code::Rejected.into() } else { ExitCode::SUCCESS })
}

/// Says what taking the extract would change; nothing is stored.
fn preview(
    (import, plan): (&Import, &ImportPlan),
    engine: &Engine,
    rejects_file: Option<File>,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let asked = &import.previewed;
    let view = asked.view(engine.today());
    let models = kept::models();
    let models: Vec<&dyn Model> = models.iter().map(|model| &**model).collect();
    let progress = Progress::new("participants", arguments.quiet);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let watch = |at| progress.replayed(at);
    let (report, preview) = looking.preview_import(plan, view, &models, &watch)?;
    if let Some(mut file) = rejects_file {
        write_rejects(&mut file, &report.counted.rejects)?;
    }
    let changed = preview.as_ref().map(|preview| &preview.difference);
    if let Some(changed) = changed {
        output.left_out(&changed.parked);
    }
    if let (Some(folder), Some(changed)) = (&asked.csv, changed) {
        difference::write_csv(changed, folder)?;
    }
    if arguments.json {
        let mut document = report_json(&import.source, &report);
        document["preview"] = preview.as_ref().map_or(Value::Null, preview_json);
        output.json(&document)?;
    } else {
        print(&report, output)?;
        output.line("")?;
        match &preview {
            None => output.line("strict: rows are rejected, so nothing would be stored")?,
            Some(preview) => {
                output.line(&format!(
                    "taken now it would record {} events and adopt {} packs and tables;",
                    preview.new, preview.adopted
                ))?;
                output.line(&view_words(&preview.after))?;
                difference::print(&preview.difference, asked.limit(), output)?;
            }
        }
        output.line("preview: nothing was stored")?;
    }
    let rejected = !report.counted.rejects.is_empty();
    Ok(if rejected { Code::Rejected.into() } else { ExitCode::SUCCESS })
}

fn preview_json(preview: &Preview) -> Value {
    let mut document = difference::document(&preview.difference);
    document.insert("before".to_owned(), view_json(&preview.before));
    document.insert("after".to_owned(), view_json(&preview.after));
    document.insert("new".to_owned(), json!(preview.new));
    document.insert("adopted".to_owned(), json!(preview.adopted));
    Value::Object(document)
}

const ORIGIN: &str = "waystage.example/log";

fn plan(import: &Import) -> Result<ImportPlan, Failure> {
    let beside = |given: &Option<PathBuf>, name: &str| {
        let beside = import.folder.join(name);
        given.clone().or_else(|| beside.is_dir().then_some(beside))
    };
    let packs = beside(&import.packs, "packs");
    let tables = beside(&import.tables, "tables");
    Ok(ImportPlan {
        folder: import.folder.clone(),
        source: import.source.as_str().into(),
        adoption: Adoption::read(packs.as_deref(), tables.as_deref())?,
        batch: import.batch,
        dry_run: import.dry_run,
        strict: import.strict,
    })
}

fn create(file: &Path) -> Result<File, Failure> {
    File::create(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

fn report_json(source: &str, report: &ImportReport) -> Value {
    let all = report.counted.all();
    let files: BTreeMap<&str, Value> =
        report.counted.files.iter().map(|(file, counts)| (file.as_str(), json!(counts))).collect();
    json!({
        "source": source,
        "files": files,
        "accepted": all.accepted,
        "duplicates": all.duplicates,
        "rejected": all.rejected,
        "rejects": report.counted.rejects,
    })
}

/// Prints what came of the rows.
pub(crate) fn print(report: &ImportReport, output: &mut Output) -> Result<(), Failure> {
    for warning in &report.warnings {
        output.line(&format!("worth a second look: {warning}"))?;
    }
    let mut rows = Rows::new(["file", "#rows", "#accepted", "#duplicates", "#rejected"]);
    let line = |name: &str, counts: &waystage::exchange::FileCounts| {
        let numbers = [counts.rows, counts.accepted, counts.duplicates, counts.rejected];
        std::iter::once(name.to_owned())
            .chain(numbers.map(|number| number.to_string()))
            .collect::<Vec<_>>()
    };
    for (file, counts) in &report.counted.files {
        rows.row(line(file.as_str(), counts));
    }
    rows.row(line("all", &report.counted.all()));
    output.table(&rows)?;
    print_rejects(&report.counted.rejects, output)
}

fn print_rejects(rejects: &[Reject], output: &mut Output) -> Result<(), Failure> {
    if rejects.is_empty() {
        return Ok(());
    }
    let mut by_code: BTreeMap<Fault, usize> = BTreeMap::new();
    for reject in rejects {
        *by_code.entry(reject.code).or_default() += 1;
    }
    output.line("")?;
    output.line("rejected rows, by reason:")?;
    for (code, count) in &by_code {
        output.line(&format!("  {count:>5}  {code}: the value {}", code.says()))?;
    }
    if by_code.contains_key(&Fault::UnknownProgramme) {
        output
            .line("programmes are known by their packs: see `waystage programmes adopt --help`;")?;
        output.line("what refers to a rejected referral is rejected with it")?;
    }
    output.line("")?;
    // files in the order in which rows depend on each other: causes before what follows from them
    let mut ordered: Vec<&Reject> = rejects.iter().collect();
    ordered.sort_by_key(|reject| (reject.file, reject.line));
    let mut rows = Rows::new(["file", "#line", "column", "code", "value"]);
    for reject in ordered.iter().take(SHOWN_MAX) {
        let (file, line) = (reject.file.as_str().to_owned(), reject.line.to_string());
        let value = format!("{:?}", reject.value);
        rows.row([file, line, reject.column.to_owned(), reject.code.to_string(), value]);
    }
    output.table(&rows)?;
    if rejects.len() > SHOWN_MAX {
        let more = rejects.len() - SHOWN_MAX;
        output.line(&format!("… and {more} more: see --json, or --rejects FILE"))?;
    }
    Ok(())
}

fn write_rejects(file: &mut File, rejects: &[Reject]) -> Result<(), Failure> {
    let cell = |text: &str| {
        let plain = !text.contains(['"', ',', '\n', '\r']);
        if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    let mut text = "file,line,column,code,value,says\n".to_owned();
    for reject in rejects {
        let (line, code) = (reject.line.to_string(), reject.code);
        let (file, value) = (reject.file.as_str(), reject.value.as_str());
        let cells = [file, &line, reject.column, code.as_str(), value, code.says()];
        text.push_str(&cells.map(cell).join(","));
        text.push('\n');
    }
    Ok(file.write_all(text.as_bytes())?)
}
