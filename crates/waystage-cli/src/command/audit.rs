//! `audit`: derives everything again, as known when it was made and as known now.

mod pack;
mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage::core::journey::Finding;
use waystage::replay::audit::{AuditFinding, AuditKind, Audited, Checked, Plan, Sample};

use crate::arguments::{Arguments, Audit};
use crate::command::anchored;
use crate::command::view_words;
use crate::failure::Failure;
use crate::output::{Output, Rows};
use crate::progress::Progress;

/// The exit code where something was found.
const FOUND: u8 = 1;

/// Findings of a kind that are printed for people; JSON has them all.
const SHOWN_MAX: usize = 3;

pub(crate) fn run(
    asked: &Audit,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    asked.only.iter().try_for_each(|kind| check_kind(kind))?;
    asked.out.as_deref().map_or(Ok(()), pack::prepare)?;
    let payments = asked.payments.as_deref().map(waystage::payments).transpose()?;
    let engine = anchored::open(arguments)?;
    let view = asked.view.view(&engine);
    let progress = Progress::new("participants", arguments.quiet);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let mut audited = looking.audit(view, &|at| progress.replayed(at))?;
    if let Some(payments) = payments {
        audited.against(&payments);
    }
    output.left_out(&audited.parked);
    let sample = asked.sample.map(|size| audited.sample(plan(asked, size)));
    let packs = match (&sample, &asked.out) {
        (Some(sample), Some(folder)) => {
            Some((pack::write((&engine, &looking), &audited, sample, folder)?, folder))
        }
        _ => None,
    };
    let told = Told::of(&audited, &asked.only);
    if arguments.json {
        output.json(&document(&audited, &told, sample.as_ref()))?;
    } else {
        output.line(&view_words(&view))?;
        print(&audited, &told, output)?;
        if let Some(sample) = &sample {
            sample::print(sample, output)?;
        }
        if let Some((count, folder)) = packs {
            output.line(&format!("{count} evidence packs are in {}", folder.display()))?;
        }
    }
    Ok(if told.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

/// The findings that are told. A sample is judged by all of them, whichever are told.
struct Told<'a> {
    findings: Vec<&'a AuditFinding>,
    /// How many there are of kinds that were not asked for.
    others: usize,
    is_all: bool,
}

impl<'a> Told<'a> {
    fn of(audited: &'a Audited, only: &[String]) -> Self {
        let is_told = |finding: &&AuditFinding| {
            only.is_empty() || only.iter().any(|kind| kind == finding.kind.as_str())
        };
        let findings: Vec<&AuditFinding> = audited.findings.iter().filter(is_told).collect();
        let others = audited.findings.len() - findings.len();
        Self { findings, others, is_all: only.is_empty() }
    }
}

fn plan(asked: &Audit, size: u64) -> Plan {
    Plan { size, seed: asked.seed.clone(), from: asked.from, until: asked.until }
}

fn document(audited: &Audited, told: &Told<'_>, sample: Option<&Sample>) -> Value {
    let mut document = json!({
        "checked": checked_json(&audited.checked, audited.parked.len()),
        "findings": told.findings.iter().map(|finding| finding_json(finding)).collect::<Vec<_>>(),
        "clean": audited.is_clean(),
    });
    let mut put = |key: &str, value: Value| document[key] = value;
    if !told.is_all {
        put("findings_of_other_kinds", told.others.into());
    }
    if let Some(sample) = sample {
        put("sample", sample::sample_json(sample));
    }
    document
}

fn checked_json(checked: &Checked, parked: usize) -> Value {
    let mut document = Map::new();
    for (what, count) in counts(checked) {
        document.insert(what.to_owned(), count.into());
    }
    document.insert("parked".to_owned(), parked.into());
    document.into()
}

/// Returns how much was looked at, each with its name.
fn counts(checked: &Checked) -> [(&'static str, u64); 10] {
    [
        ("participants", checked.participants),
        ("events", checked.events),
        ("runs", checked.runs),
        ("replays", checked.replays),
        ("determinations", checked.determinations),
        ("withdrawals", checked.withdrawals),
        ("participations", checked.participations),
        ("claims", checked.claims),
        ("payments", checked.payments),
        ("payments_of_file", checked.payments_of_file),
    ]
}

/// Returns a finding as JSON; what it does not have is left out.
pub(crate) fn finding_json(finding: &AuditFinding) -> Value {
    let labels: Vec<&str> = finding.events.iter().map(|event| event.label.as_str()).collect();
    let ids: Vec<String> = finding.events.iter().map(|event| event.id.to_string()).collect();
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("kind", finding.kind.as_str().into());
    put("says", finding.says.clone().into());
    put("events", labels.into());
    put("event_ids", ids.into());
    if let Some(participant) = &finding.participant {
        put("participant", participant.reference.as_str().into());
    }
    if let Some(participation) = &finding.participation {
        put("participation", participation.reference.as_str().into());
    }
    if let Some(programme) = &finding.programme {
        put("programme", programme.as_str().into());
    }
    if let Some(rule) = &finding.rule {
        put("rule", rule.as_str().into());
    }
    if let Some(version) = finding.rule_version {
        put("version", version.to_string().into());
    }
    if let Some(source) = &finding.source {
        put("source", source.clone().into());
    }
    document.into()
}

/// Checks that there is a kind of finding of this name.
fn check_kind(name: &str) -> Result<(), Failure> {
    let journeys = Finding::ALL.iter().map(|finding| finding.as_str());
    let kinds: BTreeSet<&str> =
        AuditKind::OWN.iter().map(|kind| kind.as_str()).chain(journeys).collect();
    if kinds.contains(name) {
        return Ok(());
    }
    let names: Vec<&str> = kinds.into_iter().collect();
    Err(Failure::Usage(format!("there is no kind {name}; there are {}", names.join(", "))))
}

fn print(audited: &Audited, told: &Told<'_>, output: &mut Output) -> Result<(), Failure> {
    let mut rows = Rows::new(["checked", "#count"]);
    for (what, count) in counts(&audited.checked) {
        rows.row([what.to_owned(), count.to_string()]);
    }
    output.table(&rows)?;
    output.line("")?;
    if audited.is_clean() {
        output.line("clean: nothing was found")?;
        return Ok(());
    }
    if !told.findings.is_empty() {
        print_findings(&told.findings, if told.is_all { SHOWN_MAX } else { usize::MAX }, output)?;
    }
    if !told.is_all {
        output.line(&format!(
            "{} findings are of the kinds asked for, and {} of others",
            told.findings.len(),
            told.others
        ))?;
    }
    output.line("every finding, with its events and its source: --json")?;
    Ok(())
}

/// Prints findings by kind: how many, and the first few.
fn print_findings(
    findings: &[&AuditFinding],
    shown_max: usize,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut by_kind: BTreeMap<AuditKind, Vec<&AuditFinding>> = BTreeMap::new();
    for finding in findings {
        by_kind.entry(finding.kind).or_default().push(finding);
    }
    output.line(&format!("{} findings of {} kinds", findings.len(), by_kind.len()))?;
    for (kind, findings) in by_kind {
        output.line("")?;
        output.line(&format!("{} × {}: {}", findings.len(), kind.as_str(), kind.heading()))?;
        for finding in findings.iter().take(shown_max) {
            output.line(&format!("  {}", sentence(finding)))?;
        }
        if findings.len() > shown_max {
            output.line(&format!("  … and {} more", findings.len() - shown_max))?;
        }
    }
    output.line("")?;
    Ok(())
}

fn sentence(finding: &AuditFinding) -> String {
    let about = finding.participation.as_ref().map(|it| it.reference.to_string());
    let about = about.or_else(|| finding.participant.as_ref().map(|it| it.reference.to_string()));
    let events: Vec<&str> = finding.events.iter().map(|event| event.label.as_str()).collect();
    let about = about.map_or_else(String::new, |about| format!("{about}: "));
    format!("{about}{} [{}]", finding.says, events.join(", "))
}
