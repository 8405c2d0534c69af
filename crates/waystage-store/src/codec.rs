//! What stored bytes mean. The names below are the storage format: they are written with every
//! event and never renamed. Each kind has the version of its payload's shape beside it.

use std::cmp::Ordering;

use serde_json::Value;
use waystage_core::determination::{Determination, LogEntry};
use waystage_core::journey::correction::Correction;
use waystage_core::journey::diagnostic::Diagnostic;
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::evidence::Evidence;
use waystage_core::journey::money::Money;
use waystage_core::journey::support::Support;
use waystage_core::journey::{Fact, Kind, Record, Recorded};

use crate::error::StoreError;
use crate::event::StoredEvent;
use crate::upcast::{self, BrokenChain, HOPS};

macro_rules! stored_kinds {
    ($($wrap:ident $step:ident { $($kind:ident = $name:literal, $schema:literal;)* })*) => {
        /// Returns the stored name of a kind and the current version of its payload's shape.
        pub const fn stored(kind: Kind) -> (&'static str, u32) {
            match kind { $($(Kind::$kind => ($name, $schema),)*)* }
        }

        /// Returns the payload as JSON bytes.
        fn to_bytes(record: &Record) -> serde_json::Result<Vec<u8>> {
            match record {
                $($($wrap!($step, $step::$kind(payload)) => serde_json::to_vec(payload),)*)*
            }
        }

        /// Returns what a payload of the current shape says.
        fn from_bytes(kind: Kind, bytes: &[u8]) -> serde_json::Result<Record> {
            Ok(match kind {
                $($(Kind::$kind => $wrap!($step, $step::$kind(serde_json::from_slice(bytes)?)),)*)*
            })
        }
    };
}

macro_rules! fact {
    ($step:ident, $($inner:tt)*) => { Record::Fact(Fact::$step($($inner)*)) };
}

macro_rules! determination {
    ($step:ident, $($inner:tt)*) => { Record::Determination($($inner)*) };
}

macro_rules! log {
    ($step:ident, $($inner:tt)*) => { Record::Log($($inner)*) };
}

stored_kinds! {
    fact Entry {
        CharacteristicsRecorded = "CharacteristicsRecorded", 1;
        Referred = "Referred", 1;
        ReferralAcknowledged = "ReferralAcknowledged", 1;
        EligibilityAssessed = "EligibilityAssessed", 1;
        Allocated = "Allocated", 1;
        NotStarted = "NotStarted", 1;
        Started = "Started", 1;
        Rejoined = "Rejoined", 1;
        GroupChanged = "GroupChanged", 1;
        Transferred = "Transferred", 1;
    }
    fact Diagnostic {
        AssessmentAnswered = "AssessmentAnswered", 1;
        NeedIdentified = "NeedIdentified", 1;
        BetterOffCalculated = "BetterOffCalculated", 1;
        ActionPlanAgreed = "ActionPlanAgreed", 1;
    }
    fact Support {
        KeyWorkerAssigned = "KeyWorkerAssigned", 1;
        ContactMade = "ContactMade", 1;
        AppointmentBooked = "AppointmentBooked", 1;
        AppointmentAttended = "AppointmentAttended", 1;
        AppointmentMissed = "AppointmentMissed", 1;
        InterventionRecommended = "InterventionRecommended", 1;
        InterventionReferred = "InterventionReferred", 1;
        InterventionAccepted = "InterventionAccepted", 1;
        InterventionDeclined = "InterventionDeclined", 1;
        InterventionWaitListed = "InterventionWaitListed", 1;
        InterventionStarted = "InterventionStarted", 1;
        InterventionAttended = "InterventionAttended", 1;
        InterventionMissed = "InterventionMissed", 1;
        InterventionCompleted = "InterventionCompleted", 1;
        InterventionWithdrawn = "InterventionWithdrawn", 1;
        QualificationAchieved = "QualificationAchieved", 1;
        ConcernRaised = "ConcernRaised", 1;
        ConcernClosed = "ConcernClosed", 1;
        Paused = "Paused", 1;
        Resumed = "Resumed", 1;
        Completed = "Completed", 1;
        Exited = "Exited", 1;
    }
    fact Employment {
        JobStarted = "JobStarted", 1;
        JobChanged = "JobChanged", 1;
        InWorkSupportStarted = "InWorkSupportStarted", 1;
        InWorkSupportEnded = "InWorkSupportEnded", 1;
        JobEnded = "JobEnded", 1;
    }
    fact Evidence {
        EmploymentVerified = "EmploymentVerified", 1;
        EarningsReported = "EarningsReported", 1;
        BenefitObserved = "BenefitObserved", 1;
        ConsentRecorded = "ConsentRecorded", 1;
        ConsentWithdrawn = "ConsentWithdrawn", 1;
    }
    fact Money {
        ClaimSubmitted = "ClaimSubmitted", 1;
        ClaimValidated = "ClaimValidated", 1;
        ClaimFailed = "ClaimFailed", 1;
        ClaimPaid = "ClaimPaid", 1;
        ClaimClawedBack = "ClaimClawedBack", 1;
    }
    fact Correction {
        FactAmended = "FactAmended", 1;
        FactWithdrawn = "FactWithdrawn", 1;
    }
    determination Determination {
        OutcomeDetermined = "OutcomeDetermined", 1;
        DeterminationWithdrawn = "DeterminationWithdrawn", 1;
    }
    log LogEntry {
        PackAdopted = "PackAdopted", 1;
        TablesAdopted = "TablesAdopted", 1;
        DeterminationsMade = "DeterminationsMade", 1;
        LossDeclared = "LossDeclared", 1;
        EventSkipped = "EventSkipped", 1;
        ParticipantRetried = "ParticipantRetried", 1;
        LogRecovered = "LogRecovered", 1;
        FigurePublished = "FigurePublished", 1;
        AccessRecorded = "AccessRecorded", 1;
    }
}

/// Returns every stored kind with the current version of its payload's shape.
pub fn stored_kinds() -> Vec<(&'static str, u32)> {
    Kind::ALL.iter().map(|kind| stored(*kind)).collect()
}

/// Checks that every version ever stored can be read. Stores call it before they are used.
pub fn check() -> Result<(), BrokenChain> {
    upcast::check(&stored_kinds(), HOPS)
}

/// What is stored of an event's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The stored name of the kind.
    pub kind: &'static str,
    /// The version of the payload's shape.
    pub schema: u32,
    /// JSON.
    pub bytes: Vec<u8>,
}

/// Returns what is stored of an event's content.
pub fn encode(record: &Record) -> Result<Payload, StoreError> {
    let (kind, schema) = stored(record.kind());
    let bytes =
        to_bytes(record).map_err(|error| StoreError::NotEncodable { reason: error.to_string() })?;
    Ok(Payload { kind, schema, bytes })
}

/// Returns what a stored event says, brought up to date from the version that it was stored in.
pub fn decode(stored_event: &StoredEvent) -> Result<Recorded, StoreError> {
    let record = decode_content(&stored_event.kind, stored_event.schema, &stored_event.payload)
        .map_err(|reason| StoreError::NotDecodable {
            position: stored_event.position,
            kind: stored_event.kind.to_string(),
            schema: stored_event.schema,
            reason,
        })?;
    Ok(Recorded {
        position: stored_event.position,
        version: stored_event.version,
        participant: stored_event.participant,
        id: stored_event.id,
        on: stored_event.on,
        recorded_at: stored_event.recorded_at,
        reported_at: stored_event.reported_at,
        actor: stored_event.actor.clone(),
        sourced: stored_event.sourced.clone(),
        correlation: stored_event.correlation,
        causation: stored_event.causation,
        record,
    })
}

fn decode_content(name: &str, schema: u32, bytes: &[u8]) -> Result<Record, String> {
    let Some(kind) = Kind::ALL.iter().copied().find(|kind| stored(*kind).0 == name) else {
        return Err("this version of the engine does not know the kind: use a newer one".to_owned());
    };
    let (_, current) = stored(kind);
    let record = match schema.cmp(&current) {
        Ordering::Equal => from_bytes(kind, bytes),
        Ordering::Greater => {
            return Err(format!("this version of the engine reads up to schema {current}"));
        }
        Ordering::Less => {
            let value: Value =
                serde_json::from_slice(bytes).map_err(|error| what_is_wrong(&error))?;
            let value = upcast::bring_up(HOPS, name, schema, current, value)
                .ok_or_else(|| format!("no chain of upcasts leads from schema {schema}"))?;
            serde_json::to_vec(&value).and_then(|bytes| from_bytes(kind, &bytes))
        }
    };
    record.map_err(|error| what_is_wrong(&error))
}

/// Returns what is wrong with a payload, and where, without a word of what it says: that may speak
/// of the person.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let what = if error.is_data() { "has another shape" } else { "is no JSON" };
    format!("its payload {what} (line {line}, column {column})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_stored_under_a_name_of_its_own() {
        let mut names: Vec<_> = stored_kinds().into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_alphabetic())));
    }

    #[test]
    fn the_chain_of_upcasts_is_whole() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn an_unknown_kind_a_newer_schema_and_a_strange_field_are_errors() {
        let error = |name, schema, bytes: &[u8]| decode_content(name, schema, bytes).unwrap_err();
        assert_eq!(
            error("Telepathy", 1, b"{}"),
            "this version of the engine does not know the kind: use a newer one"
        );
        assert_eq!(error("JobEnded", 9, b"{}"), "this version of the engine reads up to schema 1");
        let strange = br#"{"purpose":"x","method":null,"purpose2":1}"#;
        assert!(
            error("ConsentRecorded", 1, strange)
                .contains("its payload has another shape (line 1, column")
        );
        let twice = br#"{"purpose":"x","purpose":"y","method":null}"#;
        assert!(error("ConsentRecorded", 1, twice).contains("its payload has another shape"));
        assert!(error("ConsentRecorded", 1, b"\xff").contains("its payload is no JSON"));
    }
}
