//! One finding of an audit: what, about whom, by which rule and source, and the events behind it.

use chrono::NaiveDate;
use waystage_core::id::{EventId, Named, ParticipantId, ParticipationId, ProgrammeId, RuleId};
use waystage_core::journey::{Participation, Recorded};
use waystage_core::programme::Programme;

use super::kind::AuditKind;

/// An event that a finding names, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cited {
    /// The source's reference, or the id.
    pub label: String,
    /// The event.
    pub id: EventId,
}

/// Something that an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFinding {
    /// What.
    pub kind: AuditKind,
    /// Whom it is about; none where it is about a run or a line of a file.
    pub participant: Option<Named<ParticipantId>>,
    /// Which participation, where it is about one.
    pub participation: Option<Named<ParticipationId>>,
    /// Its programme.
    pub programme: Option<ProgrammeId>,
    /// The rule, the standard or the duty; a rule with its tier as `rule/tier`.
    pub rule: Option<RuleId>,
    /// The version of the rule, by the day from which it is in force.
    pub rule_version: Option<NaiveDate>,
    /// The events behind it, the one that it is about first.
    pub events: Vec<Cited>,
    /// What was found, as a sentence.
    pub says: String,
    /// Where the rule is written.
    pub source: Option<String>,
}

impl AuditFinding {
    pub(super) fn new(kind: AuditKind, says: String) -> Self {
        Self {
            kind,
            participant: None,
            participation: None,
            programme: None,
            rule: None,
            rule_version: None,
            events: Vec::new(),
            says,
            source: None,
        }
    }

    pub(super) fn of(self, participant: &Named<ParticipantId>) -> Self {
        Self { participant: Some(participant.clone()), ..self }
    }

    pub(super) fn on(self, participation: &Participation) -> Self {
        let named = Named { id: participation.id, reference: participation.reference.clone() };
        Self {
            participation: Some(named),
            programme: Some(participation.programme.clone()),
            ..self
        }
    }

    pub(super) fn rule(self, rule: impl Into<RuleId>, version: Option<NaiveDate>) -> Self {
        Self { rule: Some(rule.into()), rule_version: version, ..self }
    }

    pub(super) fn citing(mut self, events: impl IntoIterator<Item = Cited>) -> Self {
        for event in events {
            if !self.events.contains(&event) {
                self.events.push(event);
            }
        }
        self
    }

    pub(super) fn source(self, source: Option<&str>) -> Self {
        Self { source: source.map(ToOwned::to_owned), ..self }
    }

    /// Returns whether the finding puts this claim in error.
    pub fn puts_in_error(&self, claim: EventId) -> bool {
        self.kind.touches_payment() && self.events.iter().any(|event| event.id == claim)
    }

    /// Returns what findings are ordered by.
    pub(super) fn order(&self) -> impl Ord + use<> {
        let participant = self.participant.as_ref().map(|it| (it.reference.clone(), it.id));
        let participation = self.participation.as_ref().map(|it| (it.reference.clone(), it.id));
        let about = (participation, participant, self.rule.clone());
        (self.kind, about, self.events.clone(), self.says.clone())
    }
}

/// Returns an event as a finding names it.
pub(super) fn cited(recorded: &Recorded) -> Cited {
    Cited { label: recorded.label(), id: recorded.id }
}

/// Returns an event of a stream as a finding names it, also where it is not there.
pub(super) fn cited_of(stream: &[Recorded], id: EventId) -> Cited {
    let found = stream.iter().find(|recorded| recorded.id == id);
    found.map_or_else(|| Cited { label: id.to_string(), id }, cited)
}

/// Returns where a version of a rule is written: of its own, or with the rule.
pub(super) fn source_of<'p>(
    programme: &'p Programme,
    rule: &RuleId,
    version: Option<NaiveDate>,
) -> Option<&'p str> {
    let rule = programme.rule(rule)?;
    let version = rule.versions.iter().find(|each| Some(each.effective_from) == version);
    let own = version.and_then(|version| version.reference.as_deref());
    Some(own.unwrap_or(&rule.reference))
}
