//! `show`: one participant's timeline, as a case file.

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::Engine;
use waystage::core::id::ParticipantId;
use waystage::core::replayed::Replayed;
use waystage::core::rules::Reading;
use waystage::store::codec;
use waystage_caseload::{Entry, Fate, Timeline};

use crate::arguments::{Arguments, Show};
use crate::command::anchored;
use crate::command::{assumptions, readings, view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(
    show: &Show,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let participant = find(&engine, &show.participant)?;
    let view = show.view.view(&engine);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    looking.one(participant, view, |replayed| {
        if arguments.json {
            output.json(&timeline_json(replayed))?;
        } else {
            case_file(replayed, &show.participant, output)?;
        }
        Ok(ExitCode::SUCCESS)
    })?
}

/// Prints the case file of a replayed participant: who and in which view, the timeline, and what
/// was assumed.
pub(crate) fn case_file(
    replayed: &Replayed<'_>,
    named: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let lens = replayed.lens;
    output.line(&format!("participant {named}, {}", view_words(&lens.view)))?;
    print(replayed, output)?;
    let participations = replayed.journey.participations.iter();
    let programmes = participations.map(|each| each.programme.to_string()).collect();
    assumptions::print(lens.programmes(), &programmes, output)
}

/// Finds a participant by the engine's id or by what a source calls it.
pub(crate) fn find(engine: &Engine, named: &str) -> Result<ParticipantId, Failure> {
    let participants = engine.reader().participants()?;
    if let Ok(id) = named.parse::<ParticipantId>()
        && participants.contains(&id)
    {
        return Ok(id);
    }
    let lens = engine.lens(engine.today())?;
    let labelled = engine.replay(&lens).each(|replayed| {
        let is_named = replayed.reference().is_some_and(|reference| reference.as_str() == named);
        let mut participations = replayed.journey.participations.iter();
        let has_named = participations.any(|each| each.reference.as_str() == named);
        (is_named || has_named).then_some(replayed.journey.participant)
    })?;
    let found: Vec<ParticipantId> = labelled.into_iter().flatten().collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::Usage(format!(
            "no participant or participation is called {named:?}: `waystage caseload` lists them"
        ))),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let says = format!(
                "several sources call a participant {named:?}: write one of the ids {}",
                ids.join(", ")
            );
            Err(Failure::Usage(says))
        }
    }
}

/// Prints the case file of a replayed participant.
pub(crate) fn print(replayed: &Replayed<'_>, output: &mut Output) -> Result<(), Failure> {
    let timeline = Timeline::of(replayed);
    let mut rows = Rows::new(["day", "event", "known since", "what happened"]);
    for entry in &timeline.entries {
        let known = entry.learned_at.date().to_string();
        for (number, text) in lines(entry).into_iter().enumerate() {
            let once = |text: &str| {
                if number == 0 { text.to_owned() } else { String::new() }
            };
            rows.row([once(&entry.on.to_string()), once(&entry.event), once(&known), text]);
        }
    }
    if rows.is_empty() {
        output.line("nothing was known in this view (imported history: try --basis reported)")?;
        return Ok(());
    }
    output.table(&rows)?;
    print_readings(replayed, output)?;
    if !replayed.journey.findings.is_empty() {
        output.line("")?;
        output.line("what looks wrong:")?;
        for found in &replayed.journey.findings {
            let events: Vec<String> =
                found.events.iter().map(|event| replayed.label(*event)).collect();
            output.line(&format!("  {}: {}", events.join(", "), found.finding.says()))?;
        }
    }
    if !timeline.next.is_empty() {
        output.line("")?;
        output.line("what is next:")?;
        for (on, what, participation) in &timeline.next {
            output.line(&format!("  {on}  {participation}: {what}"))?;
        }
    }
    Ok(())
}

fn lines(entry: &Entry) -> Vec<String> {
    match &entry.fate {
        Fate::Stands => vec![entry.says.clone()],
        Fate::Amended { by, was } => vec![
            entry.says.clone(),
            format!("  was: {} (amended by {})", struck(was), by.join(", ")),
        ],
        Fate::Withdrawn { by } => vec![format!("{} (withdrawn by {by})", struck(&entry.says))],
        Fate::Later => vec![format!("{} (later than the view; not read)", entry.says)],
        Fate::Corrects { target } => vec![format!("corrects {target}: {}", entry.says)],
        Fate::Overtaken { target, by } => {
            vec![format!("corrects {target}: {} (overtaken by {by})", struck(&entry.says))]
        }
        Fate::Determines => vec![format!("» {}", entry.says)],
        Fate::ImaginedAway => vec![format!("{} (not so in the scenario)", struck(&entry.says))],
    }
}

/// Returns text struck through, in plain characters: it survives pipes and files.
fn struck(text: &str) -> String {
    format!("~~{text}~~")
}

fn print_readings(replayed: &Replayed<'_>, output: &mut Output) -> Result<(), Failure> {
    output.line("")?;
    output.line("what the rules read:")?;
    for reading in &replayed.readings {
        let participation =
            replayed.journey.participations.iter().find(|each| each.id == reading.participation);
        let name = participation.map_or_else(String::new, |each| each.reference.to_string());
        let says = match &reading.reading {
            Reading::Met(met) => {
                let because: Vec<String> =
                    met.because.iter().map(|event| replayed.label(*event)).collect();
                format!("met on {} because of {}", met.on, because.join(", "))
            }
            Reading::NotMet => "not met".to_owned(),
            Reading::NotYet { until: Some(until) } => {
                format!("not yet; days can count until {until}")
            }
            Reading::NotYet { until: None } => "not yet".to_owned(),
            Reading::Unknown { missing, .. } => {
                format!("unknown: nothing was reported about {missing} and after")
            }
        };
        output.line(&format!("  {name} {}: {says}", reading.name()))?;
    }
    Ok(())
}

fn timeline_json(replayed: &Replayed<'_>) -> Value {
    let timeline = Timeline::of(replayed);
    let entries: Vec<Value> = timeline.entries.iter().map(entry_json).collect();
    let findings = replayed.journey.findings.iter().map(|found| {
        let events: Vec<String> = found.events.iter().map(|event| replayed.label(*event)).collect();
        json!({ "finding": found.finding.as_str(), "says": found.finding.says(), "events": events })
    });
    let next = timeline.next.iter().map(|(on, what, participation)| {
        json!({ "on": on.to_string(), "what": what, "participation": participation })
    });
    json!({
        "view": view_json(&replayed.lens.view),
        "participant": replayed.reference().map(|reference| reference.as_str()),
        "id": replayed.journey.participant.to_string(),
        "entries": entries,
        "readings": readings::json_of(replayed),
        "findings": findings.collect::<Vec<_>>(),
        "next": next.collect::<Vec<_>>(),
    })
}

fn entry_json(entry: &Entry) -> Value {
    let (fate, detail) = match &entry.fate {
        Fate::Stands => ("stands", Value::Null),
        Fate::Amended { by, was } => ("amended", json!({ "by": by, "was": was })),
        Fate::Withdrawn { by } => ("withdrawn", json!({ "by": by })),
        Fate::Later => ("later", Value::Null),
        Fate::Corrects { target } => ("corrects", json!({ "target": target })),
        Fate::Overtaken { target, by } => ("overtaken", json!({ "target": target, "by": by })),
        Fate::Determines => ("determines", Value::Null),
        Fate::ImaginedAway => ("imagined_away", Value::Null),
    };
    json!({
        "on": entry.on.to_string(),
        "event": entry.event,
        "kind": codec::stored(entry.kind).0,
        "says": entry.says,
        "fate": fate,
        "detail": detail,
        "known_since": entry.learned_at.to_string(),
    })
}
