//! Facts and amendments written in TOML. Their shape is that of the log's payloads, so one reader
//! serves every kind; what a source named is written as the source calls it.

use serde::Deserialize;
use serde::de::Error as _;
use toml::de::{DeTable, DeValue, Error};
use toml::{Table, Value};
use waystage_core::id::{AssessmentId, EventId, InterventionId, JobId, ParticipationId};
use waystage_core::journey::correction::Amendment;
use waystage_core::journey::{Fact, Kind};

use super::Standing;
use super::picks::kind_of_fact;
use crate::entry::Entry;
use crate::kind::Text;
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// Reads `fact = { kind = ..., ... }`; a job is one of the participant who is called so.
pub(super) fn fact(
    change: &Entry<'_>,
    participant: Option<&str>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Fact, Noted> {
    let write = "fact = { kind = \"JobStarted\", job = \"J-1\", weekly_minutes = 960, \
                 sector = \"employed\" }";
    let Some(entry) = change.table(notes, ("fact", "fact"), write)? else {
        let (key, write) = ("fact", write.to_owned());
        let problem = Problem::MissingKey { key, entry: change.name, write };
        return Err(notes.refuse(change.at, problem));
    };
    let kind = kind_of_fact(&entry, notes, "kind")?;
    let mut fields = entry.toml().clone();
    fields.remove("kind");
    let payload = Payload { kind, standing, participant: participant.unwrap_or_default() };
    let read = payload.table(&fields).and_then(|table| {
        let none = || Err(Error::custom("it is none"));
        Fact::of_kind(kind, Value::Table(table)).unwrap_or_else(none)
    });
    read.map_err(|error| {
        let says = reworded(error.message());
        notes.refuse(entry.at, Problem::NotThatFact { kind: format!("{kind:?}"), says })
    })
}

/// Reads `field` and `value` of an amendment.
pub(super) fn amendment(
    change: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Amendment, Noted> {
    let given = change.required(notes, "field", Text)?;
    let mut fields = DeTable::new();
    for key in ["field", "value"] {
        let Some((name, value)) = change.toml().get_key_value(key) else {
            let write = "value = 960, or whatever the field holds".to_owned();
            let problem = Problem::MissingKey { key, entry: change.name, write };
            return Err(notes.refuse(change.at, problem));
        };
        fields.insert(name.clone(), value.clone());
    }
    let payload = Payload { kind: Kind::FactAmended, standing, participant: "" };
    let read = payload.table(&fields);
    let read = read.and_then(|table| Amendment::deserialize(Value::Table(table)));
    read.map_err(|error| {
        let says = reworded(error.message());
        notes.refuse(change.at_value("field"), Problem::NotThatAmendment { given, says })
    })
}

/// What the values of a payload are read by.
struct Payload<'a> {
    kind: Kind,
    standing: &'a Standing<'a>,
    participant: &'a str,
}

impl Payload<'_> {
    fn table(&self, fields: &DeTable<'_>) -> Result<Table, Error> {
        let fields = fields.iter().map(|(key, value)| {
            let key: &str = key.get_ref();
            Ok((key.to_owned(), self.value(key, value.get_ref())?))
        });
        fields.collect()
    }

    fn value(&self, key: &str, value: &DeValue<'_>) -> Result<Value, Error> {
        Ok(match value {
            DeValue::String(text) => self.text(key, text)?,
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                Value::Integer(number.map_err(|_| Error::custom("a number is too large"))?)
            }
            DeValue::Float(_) => {
                let says = format!("{key} is a number with a decimal point: write whole units");
                return Err(Error::custom(says));
            }
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Datetime(when) => Value::String(when.to_string()),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.value(key, item.get_ref()));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(fields) => Value::Table(self.table(fields)?),
        })
    }

    /// Returns what a text stands for: the id of what a source named, or itself.
    fn text(&self, key: &str, text: &str) -> Result<Value, Error> {
        let names = self.standing.names;
        let found = match key {
            "participation" => id::<ParticipationId>(text, || names.participation(text)),
            "job" if self.participant.is_empty() && text.parse::<JobId>().is_err() => {
                let says = format!(
                    "a job is called {text:?} for one participant: name the participant, or write the \
                     job's id"
                );
                return Err(Error::custom(says));
            }
            "job" => id::<JobId>(text, || names.job(self.participant, text)),
            "intervention" => id::<InterventionId>(text, || names.intervention(text)),
            "assessment" => id::<AssessmentId>(text, || names.assessment(text)),
            "corrects" => id::<EventId>(text, || None),
            _ => return Ok(Value::String(text.to_owned())),
        };
        let says = || format!("no {key} is called {text:?}: write its reference or its id");
        let id = Value::String(found.ok_or_else(|| Error::custom(says()))?);
        if !self.names(key) {
            return Ok(id);
        }
        let reference = Value::String(text.to_owned());
        let both = [("id".to_owned(), id), ("ref".to_owned(), reference)];
        Ok(Value::Table(both.into_iter().collect()))
    }

    /// Returns whether a fact of this kind opens what the key names, and keeps what it is called.
    fn names(&self, key: &str) -> bool {
        matches!(
            (self.kind, key),
            (Kind::Referred, "participation")
                | (Kind::JobStarted, "job")
                | (_, "intervention" | "assessment")
        )
    }
}

fn id<T: std::str::FromStr + ToString>(
    text: &str,
    named: impl FnOnce() -> Option<T>,
) -> Option<String> {
    let written: Option<T> = text.parse().ok();
    written.or_else(named).map(|id| id.to_string())
}

/// Returns what a reader of payloads says, with the nearest word where it lists what it knows.
fn reworded(says: &str) -> String {
    let Some((what, known)) = says.split_once(", expected ") else { return says.to_owned() };
    let quoted = |text: &'_ str| -> Vec<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (given, known) = (quoted(what), quoted(known));
    match given.first() {
        Some(given) if !known.is_empty() => {
            let instead = Instead::of(given, known.iter().map(String::as_str)).or_all();
            format!("{}: {instead}", what.replace('`', "\""))
        }
        _ => says.to_owned(),
    }
}
