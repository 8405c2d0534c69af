//! Evidence packs: a folder for each claim that was drawn, with everything that somebody needs who
//! checks it without this program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use waystage::core::id::{EventId, ParticipantId};
use waystage::core::journey::evidence::Evidence;
use waystage::core::journey::{Claimed, Fact, Kind, Recorded};
use waystage::core::replayed::{Lens, Replayed};
use waystage::core::rules::{Reading, RuleReading};
use waystage::replay::audit::{AuditFinding, Audited, Item, Sample};
use waystage::store::{StoredEvent, codec};
use waystage::{Access, Engine, EngineError};
use waystage_caseload::describe;

use super::finding_json;
use super::sample::{item_json, sample_json};
use crate::command::{case_file, view_json};
use crate::failure::Failure;
use crate::output::Output;

/// Makes the folder for packs, which must not hold anything yet.
pub(super) fn prepare(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let mut held = fs::read_dir(folder).map_err(|error| unwritable(folder, &error))?;
    if held.next().is_none() {
        return Ok(());
    }
    let says = format!("{} holds something already: choose another folder", folder.display());
    Err(Failure::Usage(says))
}

/// Writes the packs of a sample into a folder that was prepared.
pub(super) fn write(
    (engine, looking): (&Engine, &Access<'_>),
    audited: &Audited,
    sample: &Sample,
    folder: &Path,
) -> Result<usize, Failure> {
    let lens = engine.lens(audited.view)?;
    let items: Vec<&Item> = sample.items().collect();
    put(&folder.join("sample.json"), &text(&sample_json(sample)))?;
    for (item, name) in items.iter().zip(names(&items)) {
        let own = folder.join(name);
        fs::create_dir(&own).map_err(|error| unwritable(&own, &error))?;
        write_item((engine, looking), audited, &lens, item, &own)?;
    }
    Ok(items.len())
}

/// Writes everything about one claim into its own folder. What is to be added to a pack is added
/// here.
fn write_item(
    (engine, looking): (&Engine, &Access<'_>),
    audited: &Audited,
    lens: &Lens,
    item: &Item,
    folder: &Path,
) -> Result<(), Failure> {
    let participant = item.claim.participant.id;
    let rows: BTreeMap<EventId, StoredEvent> =
        engine.reader().rows_of(participant)?.into_iter().map(|row| (row.id, row)).collect();
    let timeline = folder.join("timeline.txt");
    let file = fs::File::create(&timeline).map_err(|error| unwritable(&timeline, &error))?;
    let (because, evidence) = engine.replay(lens).one(participant, |replayed| {
        let mut output = Output::to(file);
        case_file(replayed, item.claim.participant.reference.as_str(), &mut output)?;
        output.finish()?;
        let case = Case { item, replayed, rows: &rows };
        Ok::<_, Failure>((case.because(audited), case.evidence()))
    })??;
    put(&folder.join("because.json"), &text(&because))?;
    put(&folder.join("evidence.json"), &text(&evidence))?;
    write_proofs(looking, participant, &folder.join("proofs"))
}

/// Writes a proof of each of the participant's events that a checkpoint covers: that it stands in
/// the log as it is written here can then be checked offline, by anybody.
fn write_proofs(
    looking: &Access<'_>,
    participant: ParticipantId,
    folder: &Path,
) -> Result<(), Failure> {
    let proofs = match looking.prove(participant) {
        Err(EngineError::NotCovered { .. }) => return Ok(()),
        proofs => proofs?,
    };
    fs::create_dir(folder).map_err(|error| unwritable(folder, &error))?;
    for (event, proof) in proofs {
        put(&folder.join(format!("{event}.tlog-proof")), &proof.to_string())?;
    }
    Ok(())
}

/// A claim, its participant as replayed in the view, and what is stored of them.
struct Case<'a> {
    item: &'a Item,
    replayed: &'a Replayed<'a>,
    rows: &'a BTreeMap<EventId, StoredEvent>,
}

impl Case<'_> {
    /// Returns what the rules read of the claim at both times, by which version, and why.
    fn because(&self, audited: &Audited) -> Value {
        let claim = self.item.claim.claim.id;
        let names = |finding: &&AuditFinding| finding.events.iter().any(|event| event.id == claim);
        let findings = audited.findings.iter().filter(names).map(finding_json);
        let now = self.at(self.replayed);
        let then = self.claimed().map(|claimed| {
            let lens = self.replayed.when_claimed(claimed);
            self.at(&self.replayed.at(&lens))
        });
        json!({
            "claim": item_json(self.item),
            "event": self.event(claim),
            "as_known_then": then,
            "as_known_now": now,
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    fn claimed(&self) -> Option<&Claimed> {
        let journey = &self.replayed.journey;
        let of = journey.participations.iter();
        let of = of.clone().find(|of| of.id == self.item.claim.participation.id)?;
        let mut submitted = of.claims.iter().filter(|claim| claim.kind == Kind::ClaimSubmitted);
        submitted
            .find(|claim| journey.facts[claim.step.fact].recorded.id == self.item.claim.claim.id)
    }

    /// Returns what a replay reads of what the claim names.
    fn at(&self, replayed: &Replayed<'_>) -> Value {
        let claim = &self.item.claim;
        let readings = replayed.named(claim.participation.id, &claim.rule);
        json!({
            "view": view_json(&replayed.lens.view),
            "supported": replayed.supports(claim.participation.id, &claim.rule),
            "readings": readings.map(|each| self.reading(replayed, each)).collect::<Vec<_>>(),
        })
    }

    fn reading(&self, replayed: &Replayed<'_>, reading: &RuleReading) -> Value {
        let rule = replayed.lens.programmes().get(&reading.programme);
        let rule = rule.and_then(|programme| programme.rule(&reading.rule));
        let version = rule.and_then(|rule| {
            rule.versions.iter().find(|each| Some(each.effective_from) == reading.version)
        });
        let (on, because, amounts) = match &reading.reading {
            Reading::Met(met) => {
                let because = met.because.iter().map(|event| self.event(*event)).collect();
                (Some(met.on.to_string()), because, serde_json::to_value(&met.amounts).ok())
            }
            _ => (None, Vec::new(), None),
        };
        json!({
            "rule": reading.name(),
            "reads": reading.reading.answer().as_str(),
            "on": on,
            "amounts": amounts,
            "version": reading.version.map(|day| day.to_string()),
            "source": rule.map(|rule| rule.reference.as_str()),
            "source_of_version": version.and_then(|version| version.reference.as_deref()),
            "assumption": version.and_then(|version| version.assumption.as_deref()),
            "because": because,
        })
    }

    /// Returns an event with everything by which it can be found and checked.
    fn event(&self, id: EventId) -> Value {
        let Some(row) = self.rows.get(&id) else { return json!({ "id": id.to_string() }) };
        let recorded = self.replayed.stream().iter().find(|event| event.id == id);
        let says =
            recorded.and_then(Recorded::fact).map(|fact| describe(fact, &self.replayed.journey));
        json!({
            "event": recorded.map(Recorded::label),
            "id": id.to_string(),
            "kind": &*row.kind,
            "says": says,
            "on": row.on.to_string(),
            "recorded_at": row.recorded_at.to_string(),
            "reported_at": row.reported_at.map(|instant| instant.to_string()),
            "actor": row.actor.as_str(),
            "source": row.sourced.as_ref().map(|it| it.source.as_str()),
            "position": row.position.get(),
            "version": row.version.get(),
            "leaf": row.leaf.to_string(),
        })
    }

    /// Returns every fact of the evidence step that the view sees: how and when it was obtained,
    /// what it covers, by whom and from where; and whether what is read of the claim rests on it.
    fn evidence(&self) -> Value {
        let claim = &self.item.claim;
        let readings = self.replayed.named(claim.participation.id, &claim.rule);
        let because: BTreeSet<EventId> = readings
            .filter_map(|each| match &each.reading {
                Reading::Met(met) => Some(&met.because),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let journey = &self.replayed.journey;
        let jobs = journey
            .jobs
            .iter()
            .filter(|job| because.contains(&journey.facts[job.started.fact].recorded.id));
        let verifies: BTreeSet<EventId> = jobs
            .flat_map(|job| &job.verified)
            .map(|verified| journey.facts[verified.fact].recorded.id)
            .collect();
        let evidence = journey.facts.iter().filter_map(|(_, seen)| {
            let Fact::Evidence(fact) = seen.fact.as_ref() else { return None };
            let id = seen.recorded.id;
            let (method, from, to) = covers(fact);
            Some(json!({
                "event": seen.recorded.label(),
                "id": id.to_string(),
                "kind": codec::stored(fact.kind()).0,
                "says": describe(&seen.fact, journey),
                "method": method,
                "obtained_on": seen.on.to_string(),
                "covers_from": from.map(|day| day.to_string()),
                "covers_to": to.map(|day| day.to_string()),
                "actor": seen.recorded.actor.as_str(),
                "source": seen.recorded.sourced.as_ref().map(|it| it.source.as_str()),
                "source_ref": seen.recorded.sourced.as_ref().map(|it| it.reference.as_str()),
                "recorded_at": seen.recorded.recorded_at.to_string(),
                "rests_on_it": because.contains(&id),
                "verifies_its_work": verifies.contains(&id),
            }))
        });
        Value::Array(evidence.collect())
    }
}

type Day = Option<chrono::NaiveDate>;

/// Returns how a piece of evidence was obtained, and which days it covers.
fn covers(fact: &Evidence) -> (Option<&str>, Day, Day) {
    match fact {
        Evidence::EmploymentVerified(fact) => {
            (Some(fact.method.as_str()), Some(fact.covers_from), Some(fact.covers_to))
        }
        Evidence::EarningsReported(fact) => (None, Some(fact.period_from), Some(fact.period_to)),
        Evidence::BenefitObserved(fact) => (None, Some(fact.observed_from), fact.observed_to),
        Evidence::ConsentRecorded(fact) | Evidence::ConsentWithdrawn(fact) => {
            (fact.method.as_deref(), None, None)
        }
    }
}

/// Returns the names of the folders: what the source calls the claim, with its id where that is no
/// name for a folder or another claim has it too.
fn names(items: &[&Item]) -> Vec<String> {
    let plain = |label: &str| -> String {
        let fits = |each: char| each.is_ascii_alphanumeric() || "-_".contains(each);
        label.chars().map(|each| if fits(each) { each } else { '_' }).take(80).collect()
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        // a file system may not tell upper case from lower
        *counts.entry(plain(&item.claim.claim.label).to_lowercase()).or_default() += 1;
    }
    let name = |item: &&Item| {
        let label = &item.claim.claim.label;
        let plain = plain(label);
        let is_alone = counts.get(&plain.to_lowercase()) == Some(&1);
        if is_alone && plain == *label { plain } else { format!("{plain}-{}", item.claim.claim.id) }
    };
    items.iter().map(name).collect()
}

fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

fn put(path: &PathBuf, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}
