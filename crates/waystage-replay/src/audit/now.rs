//! One participant as known now: what every family of checks looks at, and where it puts what it
//! finds.

use chrono::NaiveDate;
use waystage_core::id::EventId;
use waystage_core::journey::{FactIndex, Finding, Found, Kind, Participation, Step};
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Reading, RuleReading};

use super::finding::{AuditFinding, Cited, cited_of};
use super::kind::AuditKind;
use super::person::Names;

/// A replayed participant under audit.
pub(super) struct Now<'a> {
    pub(super) replayed: &'a Replayed<'a>,
    pub(super) names: &'a Names,
    pub(super) findings: Vec<AuditFinding>,
}

impl<'a> Now<'a> {
    pub(super) fn of(replayed: &'a Replayed<'a>, names: &'a Names) -> Self {
        Self { replayed, names, findings: Vec::new() }
    }

    /// Returns a finding about a participation, to be completed.
    pub(super) fn about(
        &self,
        kind: AuditKind,
        participation: &Participation,
        says: String,
    ) -> AuditFinding {
        AuditFinding::new(kind, says).of(&self.names.participant).on(participation)
    }

    pub(super) fn cited(&self, event: EventId) -> Cited {
        cited_of(self.replayed.stream(), event)
    }

    pub(super) fn fact(&self, fact: FactIndex) -> Cited {
        self.cited(self.replayed.journey.facts[fact].recorded.id)
    }

    pub(super) fn readings(&self, of: &Participation) -> impl Iterator<Item = &'a RuleReading> {
        let (id, replayed) = (of.id, self.replayed);
        replayed.readings.iter().filter(move |each| each.participation == id)
    }

    /// Returns the submitted claims of a participation for a rule or a tier of it.
    pub(super) fn claims_for(&self, of: &Participation, reading: &RuleReading) -> Vec<Cited> {
        let claims = of.claims.iter().filter(|claim| claim.kind == Kind::ClaimSubmitted);
        let named = claims
            .filter(|claim| claim.rule == reading.rule || claim.rule.as_str() == reading.name());
        named.map(|claim| self.fact(claim.step.fact)).collect()
    }

    /// Returns the stretches of days over which a participation is open: from its start, or its
    /// referral where it never started, and from every time that the person came back; the last
    /// stretch without an end where it goes on.
    pub(super) fn open(&self, of: &Participation) -> Vec<(NaiveDate, Option<Step>)> {
        let mut stretches = Vec::new();
        let mut open = Some(of.started.unwrap_or(of.referred).on);
        for fact in &of.facts {
            let seen = &self.replayed.journey.facts[*fact];
            match seen.fact.kind() {
                Kind::NotStarted if of.started.is_some() => {}
                Kind::NotStarted | Kind::Completed | Kind::Exited => {
                    let end = Step { on: seen.on, fact: *fact };
                    stretches.extend(open.take().map(|from| (from, Some(end))));
                }
                Kind::Rejoined => {
                    open.get_or_insert(seen.on);
                }
                _ => {}
            }
        }
        stretches.extend(open.map(|from| (from, None)));
        stretches
    }

    /// Takes over what looks wrong in the journey, but what is looked at more closely elsewhere.
    pub(super) fn journey(&mut self) {
        let journey = &self.replayed.journey;
        for found in &journey.findings {
            let of = journey.participations.iter().find(|of| Some(of.id) == found.participation);
            if CLOSER.contains(&found.finding)
                || of.is_some_and(|of| self.is_late_acknowledgement(of, found))
            {
                continue;
            }
            let kind = AuditKind::Journey(found.finding);
            let says = found.finding.says().to_owned();
            let finding = match of {
                Some(of) => self.about(kind, of, says),
                None => AuditFinding::new(kind, says).of(&self.names.participant),
            };
            let participation = found.participation.map(|id| self.names.participation(id));
            let source = of.and_then(|of| self.replayed.programme(of));
            let source = source.map(|programme| programme.reference.as_str());
            let source = source.filter(|_| RESTS_ON_THE_PACK.contains(&found.finding));
            let events: Vec<Cited> = found.events.iter().map(|event| self.cited(*event)).collect();
            let finding = finding.citing(events).source(source);
            self.findings.push(AuditFinding { participation, ..finding });
        }
    }
}

impl Now<'_> {
    /// Returns whether a step is out of sequence because it acknowledges after the start.
    fn is_late_acknowledgement(&self, of: &Participation, found: &Found) -> bool {
        let after = of.acknowledged.zip(of.started).filter(|(late, start)| start.on < late.on);
        found.finding == Finding::OutOfSequence
            && after.is_some_and(|(late, _)| {
                found.events == [self.replayed.journey.facts[late.fact].recorded.id]
            })
    }
}

/// Findings that have a check of their own, which says more.
const CLOSER: &[Finding] = &[
    Finding::StartWithoutAcknowledgement,
    Finding::AcknowledgedAfterStart,
    Finding::ClaimPaidTwice,
    Finding::JobStartToldAfterClaim,
];

/// Findings that say what the pack says.
const RESTS_ON_THE_PACK: &[Finding] =
    &[Finding::UnknownGroup, Finding::OutsideReferralDates, Finding::OutsideAreas];

/// Returns what readings read, in words: `rule reads not met`.
pub(super) fn reads<'r>(readings: impl Iterator<Item = &'r RuleReading>) -> String {
    let each = readings.map(|each| match &each.reading {
        Reading::Met(met) => format!("{} reads met on {}", each.name(), met.on),
        Reading::NotMet => format!("{} reads not met", each.name()),
        Reading::NotYet { until: Some(until) } => {
            format!("{} reads not yet, days can count until {until}", each.name())
        }
        Reading::NotYet { until: None } => format!("{} reads not yet", each.name()),
        Reading::Unknown { missing, .. } => {
            format!("{} reads unknown, nothing was reported about {missing} and after", each.name())
        }
    });
    let all: Vec<String> = each.collect();
    if all.is_empty() {
        "the programme has no rule of that name".to_owned()
    } else {
        all.join("; ")
    }
}
