//! One participant, replayed: the journey in a view, the rules read on it, and what looks wrong.
//! It is all that a projection ever sees.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::calendar::days_after;
use crate::id::{EventId, ParticipantId, ParticipationId, Reference, RuleId};
use crate::journey::entry::Entry;
use crate::journey::{Claimed, Fact, Finding, Found, Journey, Participation, Recorded};
use crate::programme::{Adoptions, Programme, Programmes};
use crate::readings::{Case, StandardAnswer};
use crate::rules::account::{Account, account_of};
use crate::rules::{Answer, Reading, RuleReading, next_change, read_programme};
use crate::scenario::{Event, Scenario};
use crate::view::View;

/// What a replay reads with: the view, the scenario, and the programmes that the log adopted.
#[derive(Debug, Clone)]
pub struct Lens {
    /// The view.
    pub view: View,
    /// The scenario; the empty one changes nothing.
    pub scenario: Arc<Scenario>,
    adoptions: Arc<Adoptions>,
    programmes: Arc<Programmes>,
}

impl Lens {
    /// Returns the lens of a view, with the programmes that the view reads with.
    pub fn new(view: View, adoptions: Arc<Adoptions>) -> Self {
        let programmes = Arc::new(adoptions.in_force(&view));
        Self { view, scenario: Arc::new(Scenario::empty()), adoptions, programmes }
    }

    /// Returns the lens with a scenario: its facts and its programmes. The view stays as it is.
    #[must_use]
    pub fn scenario(self, scenario: Scenario) -> Self {
        let same = scenario.overlays == self.scenario.overlays;
        let programmes = if same {
            self.programmes
        } else {
            Arc::new(scenario.overlay(self.adoptions.in_force(&self.view)))
        };
        Self { scenario: Arc::new(scenario), programmes, ..self }
    }

    /// Returns the programmes that are read with.
    pub fn programmes(&self) -> &Programmes {
        &self.programmes
    }

    /// Returns what the log adopted and decided.
    pub fn adoptions(&self) -> &Arc<Adoptions> {
        &self.adoptions
    }

    /// Returns the lens of another view of the same log, under the same scenario.
    #[must_use]
    pub fn at(&self, view: View) -> Self {
        let same = self.adoptions.known(&view).eq(self.adoptions.known(&self.view));
        let programmes = if same {
            Arc::clone(&self.programmes)
        } else {
            Arc::new(self.scenario.overlay(self.adoptions.in_force(&view)))
        };
        Self { view, programmes, adoptions: Arc::clone(&self.adoptions), ..self.clone() }
    }
}

impl Lens {
    /// Returns whether anything of a participant is known: of the log, or of what the scenario
    /// assumes. What it imagines away or has told earlier counts as it does where it is recorded.
    pub fn knows_of(&self, participant: ParticipantId, stream: &[Recorded]) -> bool {
        if self.scenario.changes.is_empty() {
            return stream.iter().any(|event| self.view.knows(event));
        }
        self.scenario.knows_of(participant, stream, &self.view)
    }

    /// Returns the lens with the programmes that another reads with: what the facts of one view
    /// give under the rules of another.
    #[must_use]
    pub fn judged_as(self, other: &Self) -> Self {
        let overlays = other.scenario.overlays.clone();
        let scenario = Arc::new(Scenario { overlays, ..(*self.scenario).clone() });
        Self { programmes: Arc::clone(&other.programmes), scenario, ..self }
    }
}

/// One participant, replayed through a lens.
#[derive(Debug, Clone)]
pub struct Replayed<'a> {
    /// The lens.
    pub lens: &'a Lens,
    /// The journey.
    pub journey: Journey<'a>,
    /// Every rule of every participation, in the order of participations and of their packs.
    pub readings: Vec<RuleReading>,
    stream: &'a [Recorded],
    next_change: OnceCell<Option<NaiveDate>>,
}

impl<'a> Replayed<'a> {
    /// Replays a participant's stream. The order of its events does not matter.
    pub fn of(participant: ParticipantId, stream: &'a [Recorded], lens: &'a Lens) -> Self {
        let journey = Journey::of(participant, stream, &lens.view, &lens.scenario);
        let mut replayed =
            Self { lens, journey, readings: Vec::new(), stream, next_change: OnceCell::new() };
        replayed.read_rules();
        replayed
    }

    /// Replays the same participant through another lens: as known when a claim was made, say.
    pub fn at<'b>(&self, lens: &'b Lens) -> Replayed<'b>
    where
        'a: 'b,
    {
        Replayed::of(self.journey.participant, self.stream, lens)
    }

    /// Reads the same journey by the programmes of another lens, which is of the same view of the
    /// same log and changes the same facts: what is folded once can be read under many rules.
    pub fn judged<'b>(&self, lens: &'b Lens) -> Replayed<'b>
    where
        'a: 'b,
    {
        let mut journey: Journey<'b> = self.journey.clone();
        journey.findings.retain(|found| !is_of_programmes(found.finding));
        let (readings, stream, next_change) = (Vec::new(), self.stream, OnceCell::new());
        let mut judged = Replayed { lens, journey, readings, stream, next_change };
        judged.read_rules();
        judged
    }

    /// Returns the whole stream, whatever the view sees of it.
    pub const fn stream(&self) -> &'a [Recorded] {
        self.stream
    }

    /// Returns the events that are known here: those of the log that the view knows, as the
    /// scenario leaves them, and those that it assumes. Determinations are among them.
    pub fn known(&self) -> Vec<Event<'a>> {
        self.lens.scenario.known(self.journey.participant, self.stream, &self.lens.view)
    }

    /// Returns the programme of a participation, where a pack for it is in force.
    pub fn programme(&self, participation: &Participation) -> Option<&Programme> {
        self.lens.programmes().get(&participation.programme)
    }

    /// Returns the source's reference for the participant, where the view sees it.
    pub fn reference(&self) -> Option<&Reference> {
        self.journey.facts.iter().find_map(|(_, seen)| match seen.fact.as_ref() {
            Fact::Entry(Entry::CharacteristicsRecorded(fact)) => Some(&fact.participant_ref),
            _ => None,
        })
    }

    /// Returns the name under which people find an event of this stream; what a scenario assumes is
    /// called by its change, counted from 1, unless it is assumed as it would be recorded.
    pub fn label(&self, event: EventId) -> String {
        let recorded = self.stream.iter().find(|recorded| recorded.id == event);
        match (recorded, self.journey.facts.assumed_by(event)) {
            (Some(recorded), _) => recorded.label(),
            (None, Some(change)) => {
                let arrived = self.lens.scenario.arrived(self.journey.participant, change, event);
                arrived.unwrap_or_else(|| format!("assumed by change {}", change.saturating_add(1)))
            }
            (None, None) => event.to_string(),
        }
    }

    /// Returns the changes of the scenario, by their places, that a reading of met rests on: its
    /// events are assumed by them, told at another time, or corrected otherwise than they were.
    /// None where every event that it rests on is recorded as it is read. Other readings name no
    /// events; ask [`Replayed::holds_assumed`] of them.
    pub fn rests_on(&self, reading: &RuleReading) -> BTreeSet<u32> {
        let Reading::Met(met) = &reading.reading else { return BTreeSet::new() };
        met.because.iter().filter_map(|event| self.journey.facts.assumed_by(*event)).collect()
    }

    /// Returns whether any fact that is read here is assumed.
    pub fn holds_assumed(&self) -> bool {
        self.journey.facts.iter().any(|(_, seen)| seen.assumed.is_some())
    }

    /// Returns what a rule looked at for a reading of one of these participations, by the rules of
    /// whatever programme it was read; worked out when asked for. None for a reading of somebody
    /// else, or of a rule that this lens does not read with.
    pub fn account(&self, reading: &RuleReading) -> Option<Account> {
        let mut participations = self.journey.participations.iter();
        let participation = participations.find(|each| each.id == reading.participation)?;
        let rule = self.lens.programmes().get(&reading.programme)?.rule(&reading.rule)?;
        let (programmes, as_of) = (self.lens.programmes(), self.lens.view.as_of);
        Some(account_of(&self.journey, participation, rule, reading, programmes, as_of))
    }

    /// Returns what a claim of a participation names: the readings of a rule (with tiers, all of
    /// them), or of `rule/tier` where no rule is called so. None where the programme has neither.
    pub fn named<'r>(
        &'r self,
        participation: ParticipationId,
        named: &'r RuleId,
    ) -> impl Iterator<Item = &'r RuleReading> {
        let own =
            move || self.readings.iter().filter(move |each| each.participation == participation);
        let is_rule = own().any(|each| each.rule == *named);
        own().filter(
            move |each| {
                if is_rule { each.rule == *named } else { each.name() == named.as_str() }
            },
        )
    }

    /// Returns whether the rules support a claim of a participation: what it names reads met here.
    pub fn supports(&self, participation: ParticipationId, named: &RuleId) -> bool {
        self.named(participation, named).any(|each| each.reading.answer() == Answer::Met)
    }

    /// Returns the lens of a claim's own day, as known when the claim was learned.
    pub fn when_claimed(&self, claim: &Claimed) -> Lens {
        let view = self.lens.view;
        let known_at = self.journey.facts[claim.step.fact].recorded.learned_at(view.basis);
        self.lens.at(View { as_of: claim.step.on, known_at, ..view })
    }

    /// Returns the first later day on which time alone could change what is read here: a fact that
    /// is dated later comes into sight, a rule reads otherwise, a standard falls due, a limit is
    /// reached, a job is no longer held. None where no day to come changes anything.
    pub fn next_change(&self) -> Option<NaiveDate> {
        *self.next_change.get_or_init(|| self.find_next_change())
    }

    fn find_next_change(&self) -> Option<NaiveDate> {
        let as_of = self.lens.view.as_of;
        let after = |day: NaiveDate| (as_of <= day).then(|| days_after(day, 1));
        let ended = self.journey.jobs.iter().filter_map(|job| job.ended);
        let jobs = ended.filter_map(|ended| after(ended.on));
        let readings = Case::all(self).flat_map(|case| {
            let standards = case.standards().filter(|each| each.answer == StandardAnswer::Open);
            let due = standards.filter_map(|standard| after(standard.due?)).min();
            let limits = case.limits().filter_map(|limit| after(limit.last?)).min();
            let rules = next_change(
                case.journey,
                case.participation,
                case.programme,
                case.programmes,
                as_of,
            );
            [due, limits, rules].into_iter().flatten()
        });
        self.journey.facts.to_come().into_iter().chain(jobs).chain(readings).min()
    }

    fn read_rules(&mut self) {
        for participation in &self.journey.participations {
            let Some(programme) = self.lens.programmes.get(&participation.programme) else {
                self.journey.findings.push(self.about(Finding::ProgrammeNotAdopted, participation));
                continue;
            };
            self.readings.extend(read_programme(
                &self.journey,
                participation,
                programme,
                &self.lens.programmes,
                self.lens.view.as_of,
            ));
            let wrong = misfits(programme, participation);
            let wrong: Vec<Found> = wrong.map(|each| self.about(each, participation)).collect();
            self.journey.findings.extend(wrong);
        }
        self.journey.findings.sort();
    }

    fn about(&self, finding: Finding, participation: &Participation) -> Found {
        let referral = self.journey.facts[participation.referred.fact].recorded.id;
        Found::new(finding, Some(participation.id), vec![referral])
    }
}

/// Returns whether a finding follows from programmes, not from the facts alone.
const fn is_of_programmes(finding: Finding) -> bool {
    matches!(
        finding,
        Finding::ProgrammeNotAdopted
            | Finding::UnknownGroup
            | Finding::OutsideReferralDates
            | Finding::OutsideAreas
    )
}

/// Returns where a referral and its programme's pack disagree.
fn misfits(programme: &Programme, participation: &Participation) -> impl Iterator<Item = Finding> {
    let on = participation.referred.on;
    let unknown_group = participation
        .group
        .as_ref()
        .is_some_and(|group| !programme.groups.is_empty() && !programme.groups.contains(group));
    let outside_dates = programme.referrals_from.is_some_and(|from| on < from)
        || programme.referrals_until.is_some_and(|until| until < on);
    let outside_areas =
        !programme.areas.is_empty() && !programme.areas.contains(&participation.local_authority);
    [
        unknown_group.then_some(Finding::UnknownGroup),
        outside_dates.then_some(Finding::OutsideReferralDates),
        outside_areas.then_some(Finding::OutsideAreas),
    ]
    .into_iter()
    .flatten()
}
