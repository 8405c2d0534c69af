//! `diff`: how two views, stores, scenarios or the kept read models differ, and why.

mod sides;

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage::core::table::Model;
use waystage::replay::difference::Difference;
use waystage::replay::models::Checked;

use self::sides::{Open, Opened};
use crate::arguments::{Arguments, Diff};
use crate::command::kept;
use crate::difference;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// The exit code where something differs.
const DIFFERENT: u8 = 1;

pub(crate) fn run(
    diff: &Diff,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let mut open = Open::of(diff, arguments)?;
    let (before, after) = (open.side(&diff.before)?, open.side(&diff.after)?);
    let kept = open.kept();
    let models = kept::models();
    let models: Vec<&dyn Model> = models.iter().map(|model| &**model).collect();
    let progress = Progress::new("participants", arguments.quiet);
    let engine = open.looking(&before);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let (one, other) = (before.compared(), after.compared());
    let compared = looking.compare_sides(one, other, &models, &|at| progress.replayed(at))?;
    output.left_out(&compared.parked);
    if let Some(folder) = &diff.csv {
        difference::write_csv(&compared, folder)?;
    }
    let clean = kept.is_none_or(Checked::is_clean);
    if arguments.json {
        output.json(&document(&before, &after, &compared, kept))?;
    } else {
        output.line(&format!("before: {}", before.words()))?;
        output.line(&format!("after:  {}", after.words()))?;
        if let Some(kept) = kept {
            print_kept(kept, output)?;
        }
        difference::print(&compared, diff.limit, output)?;
    }
    let same = clean && compared.is_empty();
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) })
}

fn document(
    before: &Opened,
    after: &Opened,
    compared: &Difference,
    kept: Option<&Checked>,
) -> Value {
    let mut document: Map<String, Value> = difference::document(compared);
    document.insert("before".to_owned(), before.json());
    document.insert("after".to_owned(), after.json());
    if let Some(kept) = kept {
        let kept = json!({
            "models": kept.models,
            "not_checked": kept.not_checked,
            "stand": kept::stand_json(&kept.stand),
            "differences": difference::amounts_json(&kept.differences),
            "clean": kept.is_clean(),
        });
        document.insert("kept".to_owned(), kept);
    }
    Value::Object(document)
}

/// Says whether the read models are what the log gives at the place where they stand: only then is
/// a difference from there one from them.
fn print_kept(kept: &Checked, output: &mut Output) -> Result<(), Failure> {
    let (models, stand) = (kept.models.len(), &kept.stand);
    if kept.is_clean() {
        output.line(&format!("{models} read models at {stand} hold what the log gives there"))?;
    } else {
        output
            .line(&format!("the read models at {stand} do not hold what the log gives there:"))?;
        difference::print_amounts(&kept.differences, ("kept", "log gives"), output)?;
        output.line("`waystage scrub` traces it, `waystage rebuild` makes them anew")?;
    }
    if !kept.not_checked.is_empty() {
        let names = kept.not_checked.join(", ");
        output.line(&format!("not compared, because they wait for a rebuild: {names}"))?;
    }
    Ok(())
}
