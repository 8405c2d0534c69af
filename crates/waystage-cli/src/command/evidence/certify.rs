//! `certify`: signs what a read model gives in a view, or under a scenario, or checks such a
//! certificate.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use waystage::Engine;
use waystage::core::table::Model;
use waystage::evidence::certified_view;
use waystage::evidence_format::{Certificate, SignedNote};

use crate::arguments::{Arguments, Certify};
use crate::command::{anchored, kept, scenario};
use crate::failure::Failure;
use crate::output::{Output, Rows};

use super::{key_file, public_key, read, refused, secret_key, write};

/// The exit code where a certificate does not agree with the log.
const DIFFERS: u8 = 1;

pub(crate) fn run(
    asked: &Certify,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    if let Some(file) = &asked.check {
        return check(file, asked, &engine, arguments, output);
    }
    let model = model(asked.model.as_deref().unwrap_or_default())?;
    let key = secret_key(&key_file(&asked.signing, &arguments.store))?;
    let anchor = anchored::anchor(arguments);
    let view = asked.view.view(&engine);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let certified = match &asked.scenario {
        Some(file) => {
            let (view, read) = scenario::read(file, asked.source.as_deref(), view, &engine)?;
            let scenario = scenario::one(file, read)?;
            looking.certify_what_if(&*model, view, &scenario, &key, &anchor)?
        }
        None => looking.certify(&*model, view, &key, &anchor)?,
    };
    if let Some(folder) = &asked.out {
        std::fs::create_dir_all(folder)?;
        let note = certified.note.to_string();
        write(&folder.join(format!("{}.certificate", model.name())), note.as_bytes())?;
        write(&folder.join(format!("{}.result", model.name())), &certified.result)?;
    }
    if let Some(name) = &asked.publish {
        let _ = engine.publish(name, &certified.note, arguments.actor.as_str())?;
    }
    if arguments.json {
        output.json(&json!({
            "model": model.name(),
            "certificate": certified.note.to_string(),
            "rows": certified.certificate.rows,
            "published": asked.publish,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(certified.note.to_string().trim_end())?;
    if let Some(name) = &asked.publish {
        output.line("")?;
        output
            .line(&format!("published as {name}: `waystage restated` says what changes since"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check(
    file: &Path,
    asked: &Certify,
    engine: &Engine,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let note: SignedNote = read(file)?.parse().map_err(|error| refused(file, &error))?;
    let certificate = Certificate::of_note(&note).map_err(|error| refused(file, &error))?;
    let trusted = asked.trust.as_deref().map(public_key).transpose()?;
    let model = model(&certificate.model)?;
    let scenario = match &asked.scenario {
        Some(file) => {
            let view = certified_view(&certificate)?;
            let (_, read) = scenario::read(file, asked.source.as_deref(), view, engine)?;
            Some(scenario::one(file, read)?)
        }
        None => None,
    };
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let differs = looking.check_certificate(&note, trusted.as_ref(), &*model, scenario.as_ref())?;
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    if arguments.json {
        let differs: Vec<_> = differs
            .iter()
            .map(|each| {
                let (member, certified, found) = (&each.member, &each.certified, &each.found);
                json!({ "member": member, "certified": certified, "found": found })
            })
            .collect();
        let ok = differs.is_empty();
        output.json(&json!({ "differs": differs, "ok": ok, "signed": trusted.is_some() }))?;
        return Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) });
    }
    if differs.is_empty() {
        let signed = match trusted {
            Some(_) => "its signature fits",
            None => "its signature was not checked: give --trust",
        };
        output
            .line(&format!("everything that it names was computed again and agrees; {signed}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Rows::new(["member", "certified", "found now"]);
    for each in &differs {
        rows.row([each.member.clone(), shown(&each.certified), shown(&each.found)]);
    }
    output.table(&rows)?;
    Ok(ExitCode::from(DIFFERS))
}

/// Returns the read model of a name.
fn model(name: &str) -> Result<Arc<dyn Model>, Failure> {
    let models = kept::models();
    let names: Vec<&str> = models.iter().map(|model| model.name()).collect();
    let says = format!("there is no read model {name}; there are {}", names.join(", "));
    models.iter().find(|model| model.name() == name).cloned().ok_or(Failure::Usage(says))
}
