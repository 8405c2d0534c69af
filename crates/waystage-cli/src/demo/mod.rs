//! `demo`: a made-up population, taken in by the same road as a provider's extract, and a walk
//! through the answers with a word on each.

mod evidence;
mod population;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use chrono::NaiveDate;
use serde_json::json;
use waystage::core::journey::correction::Correction;
use waystage::core::journey::{Fact, Kind};
use waystage::core::replayed::Replayed;
use waystage::core::view::{Basis, View};
use waystage::{Adoption, AsOf, Engine, ImportPlan, ImportReport, Rebuild};
use waystage_cohorts::{Claims, Dimension, Funnel};

use crate::arguments::{Arguments, Demo};
use crate::command::kept;
use crate::command::{
    print_assumptions, print_claims, print_funnel, print_import, print_timeline, view_words,
};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// The last day of the generated history.
const FAR_END: (i32, u32, u32) = (2025, 9, 30);
/// A quarter end within it, for looking back.
const QUARTER_END: (i32, u32, u32) = (2021, 9, 30);
/// Ten working days after that quarter end, when its figures were due.
const QUARTER_KNOWN: &str = "2021-10-14T23:59:59Z";

pub(crate) fn run(
    demo: &Demo,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let folder = folder(demo)?;
    let begun = Instant::now();
    if arguments.json {
        return in_json(demo, &folder, output);
    }
    output.line("== 1. A population =====================================================")?;
    output.line(&format!(
        "{} made-up participants (seed {}) of five Working Well programmes and three others, shaped \
         by published figures. Nobody is real. The extract is in {}",
        demo.participants,
        demo.seed,
        folder.join("extract").display()
    ))?;
    generate(demo, &folder)?;

    output.line("\n== 2. Import: every row one fact, nothing lost, nothing twice ==========")?;
    let progress = Progress::new("events", arguments.quiet);
    let (engine, report) = import(&folder, &|done, all| progress.at(done, all))?;
    print_import(&report, output)?;

    let told = walk(&engine, output)?;
    let reported = View { as_of: day(FAR_END), ..engine.today() }.basis(Basis::Reported);
    drop(engine);
    keep(&folder.join("store"), output)?;
    evidence::sign_and_audit(&folder.join("store"), reported, output)?;
    output.line("\n== What to try next ====================================================")?;
    let program =
        std::env::current_exe().map_or("waystage".into(), |path| path.display().to_string());
    let store = folder.join("store").display().to_string();
    let known = "--as-of 2021-09-30 --known-at 2021-10-14T23:59:59Z --basis reported";
    let told = told.map(|named| format!("show {named} --basis reported"));
    for line in told.into_iter().chain([
        format!("funnel --by programme,area {known}"),
        "readings --json | head".to_owned(),
        "rebuild --verify".to_owned(),
        "explain 'funnel.starts[programme=working-well-pilot]' --limit 2".to_owned(),
        "audit --basis reported --sample 20 --seed 1".to_owned(),
        "verify".to_owned(),
        "caseload | less".to_owned(),
        "programmes show working-well-pilot".to_owned(),
        "determine   # again: nothing but its own record".to_owned(),
    ]) {
        output.line(&format!("  {program} --store {store} {line}"))?;
    }
    let shown = folder.display();
    output.line(&format!("\nall of it is in {shown}, which may be deleted at any time"))?;
    output.line(&format!("done in {} s", begun.elapsed().as_secs()))?;
    Ok(ExitCode::SUCCESS)
}

fn generate(demo: &Demo, folder: &Path) -> Result<(), Failure> {
    let plan = population::Plan { participants: demo.participants, seed: demo.seed };
    write(&folder.join("extract"), &population::generate(&plan))
}

fn import(folder: &Path, watch: &dyn Fn(u64, u64)) -> Result<(Engine, ImportReport), Failure> {
    let engine = Engine::create(&folder.join("store"), "waystage.example/demo")?;
    let plan = ImportPlan {
        folder: folder.join("extract"),
        source: "demo".into(),
        adoption: Adoption::bundled(),
        batch: 250,
        dry_run: false,
        strict: false,
    };
    let report = engine.import(&plan, watch)?;
    Ok((engine, report))
}

fn in_json(demo: &Demo, folder: &Path, output: &mut Output) -> Result<ExitCode, Failure> {
    generate(demo, folder)?;
    let (engine, report) = import(folder, &|_, _| {})?;
    let run = engine.determine(day(FAR_END), Basis::Recorded)?;
    let all = report.counted.all();
    output.json(&json!({
        "participants": demo.participants,
        "seed": demo.seed,
        "extract": folder.join("extract").display().to_string(),
        "store": folder.join("store").display().to_string(),
        "accepted": all.accepted,
        "rejected": all.rejected,
        "determined": run.determined,
    }))?;
    Ok(ExitCode::SUCCESS)
}

/// Walks through the answers and returns the participant whose case file was shown.
fn walk(engine: &Engine, output: &mut Output) -> Result<Option<String>, Failure> {
    let far_end = day(FAR_END);
    output.line("\n== 3. Determine: what dated rules make of the facts, with reasons ======")?;
    let run = engine.determine(far_end, Basis::Recorded)?;
    output.line(&format!(
        "{} outcomes were determined as of {far_end} and stand in their participants' streams, each \
         with the rule version, the amounts and the events that alone give the same answer.",
        run.determined
    ))?;

    output.line("\n== 4. Funnel: unknown is not no, and not yet is not no =================")?;
    let view = View { as_of: far_end, ..engine.today() };
    output.line(&view_words(&view))?;
    funnel(engine, view, output)?;

    output.line("\n== 5. The same question, as known at a past quarter end ================")?;
    let quarter_end = day(QUARTER_END);
    let known_at = QUARTER_KNOWN.parse().unwrap_or(view.known_at);
    let then = View::new(quarter_end, known_at).basis(Basis::Reported);
    let now = View { as_of: quarter_end, ..view };
    compare(engine, then, now, output)?;

    output.line("\n== 6. Claims: what was paid for, and what the rules say ================")?;
    let reported = view.basis(Basis::Reported);
    output.line(&view_words(&reported))?;
    let claims = engine.sum(&Claims, reported)?;
    let claims: Vec<_> = claims.iter().map(|(claim, _)| claim).collect();
    print_claims(&claims[..], output)?;

    output.line("\n== 7. One person, with corrections struck through ======================")?;
    case_file(engine, reported, output)
}

/// Keeps the read models beside the log as SQL tables, and says how to open them.
fn keep(store: &Path, output: &mut Output) -> Result<(), Failure> {
    output.line("\n== 8. Read models: the same figures as plain SQL tables ================")?;
    let wired = |_: &Engine| kept::every_model().as_of(AsOf::On(day(FAR_END)));
    let engine = kept::as_they_stand(Engine::open(store)?, wired)?;
    let rebuilt = engine.models()?.rebuild(&[], &Rebuild::default())?;
    let models = rebuilt.switched.map_or(0, |switched| switched.models.len());
    output.line(&format!(
        "{models} read models were built from {} events; from here on they are kept up to date",
        rebuilt.built.events
    ))?;
    let file = store.join(kept::FILE).display().to_string();
    output.line("try any SQL tool, for example:")?;
    output.line(&format!(
        "  sqlite3 {file} \"SELECT programme, sum(referrals), sum(starts) FROM funnel GROUP BY 1\""
    ))?;
    Ok(())
}

fn funnel(engine: &Engine, view: View, output: &mut Output) -> Result<(), Failure> {
    let model = Funnel { by: vec![Dimension::Programme] };
    let rows = Funnel::rows(&engine.sum(&model, view)?.model);
    print_funnel(&model.by, &rows, output)?;
    let named = rows.into_iter().filter_map(|row| row.row.into_iter().next().flatten()).collect();
    print_assumptions(engine.lens(view)?.programmes(), &named, output)
}

fn compare(engine: &Engine, then: View, now: View, output: &mut Output) -> Result<(), Failure> {
    let model = Funnel { by: Vec::new() };
    let mut totals = Vec::new();
    for view in [then, now] {
        let rows = Funnel::rows(&engine.sum(&model, view)?.model);
        let row = rows.into_iter().next().unwrap_or_default();
        let (job_starts, starts) = (row.job_starts, row.starts);
        output.line(&format!(
            "{}:\n  {} referrals, {starts} starts, {job_starts} with a job start",
            view_words(&view),
            row.referrals
        ))?;
        totals.push((row.referrals, starts, job_starts));
    }
    if let [(referrals, starts, jobs), (referrals_now, starts_now, jobs_now)] = totals[..] {
        output.line(&format!(
            "Same day, other knowledge: {:+} referrals, {:+} starts, {:+} job starts were learned or \
             corrected since. Both figures can be had again at any time.",
            referrals_now - referrals,
            starts_now - starts,
            jobs_now - jobs
        ))?;
    }
    Ok(())
}

/// Prints the shortest case file that has a withdrawal, an amendment and a determination.
fn case_file(engine: &Engine, view: View, output: &mut Output) -> Result<Option<String>, Failure> {
    let lens = engine.lens(view)?;
    let tellable = |replayed: &Replayed<'_>| {
        let has = |kind| replayed.stream().iter().any(|event| event.record.kind() == kind);
        let tells = has(Kind::FactAmended)
            && has(Kind::FactWithdrawn)
            && has(Kind::OutcomeDetermined)
            && corrects_work(replayed);
        tells.then_some((replayed.stream().len(), replayed.journey.participant))
    };
    let found = engine.replay(&lens).each(tellable)?;
    let Some((_, participant)) = found.into_iter().flatten().min() else {
        output.line("nobody in so small a population has all of it: try more participants")?;
        return Ok(None);
    };
    engine.replay(&lens).one(participant, |replayed| {
        let named = replayed.reference().map_or_else(String::new, ToString::to_string);
        output.line(&format!("participant {named}, {}", view_words(&view)))?;
        print_timeline(replayed, output)?;
        Ok(Some(named))
    })?
}

fn corrects_work(replayed: &Replayed<'_>) -> bool {
    replayed.stream().iter().filter_map(|event| event.fact()).any(|fact| match fact {
        Fact::Correction(Correction::FactAmended(amended)) => {
            let target = replayed.stream().iter().find(|event| event.id == amended.corrects);
            matches!(target.and_then(|event| event.fact()), Some(Fact::Employment(_)))
        }
        _ => false,
    })
}

fn day((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn folder(demo: &Demo) -> Result<PathBuf, Failure> {
    let folder = match &demo.out {
        Some(folder) => folder.clone(),
        None => (1..=u32::MAX)
            .map(|number| std::env::temp_dir().join(format!("waystage-demo-{number}")))
            .find(|folder| !folder.exists())
            .ok_or_else(|| Failure::Usage("name a folder with --out".to_owned()))?,
    };
    if Engine::exists(&folder.join("store")) {
        let says = format!("{} holds a demo already: choose another folder", folder.display());
        return Err(Failure::Usage(says));
    }
    Ok(folder)
}

fn write(folder: &Path, files: &[population::ExtractFile]) -> Result<(), Failure> {
    let unwritable =
        |error: std::io::Error| Failure::Usage(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritable)?;
    for file in files {
        fs::write(folder.join(file.name), &file.text).map_err(unwritable)?;
    }
    Ok(())
}
