//! Which rows stand: references are looked up whatever the order of the rows, duplicates and
//! conflicts are settled by reference, and each rejected row gets its first fault.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::{
    Actor, EventId, JobId, ParticipantId, ParticipationId, ProgrammeId, Reference, RuleId, Source,
    TierId,
};
use waystage_core::journey::correction::{Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Record, Recorded, Sourced};
use waystage_core::programme::Programmes;
use waystage_store::{NewEvent, StoreError, naming};

use super::amend::amendment;
use super::cell::Fault;
use super::chains::{Follows, Link, Target, follow};
use super::csv_text::Extract;
use super::known::Known;
use super::report::{Code, Counted, Reject};
use super::row::{About, Cells, CorrectionRow, Row, Says};
use super::shape::FileName;

/// Rounds of settling which job starts stand. Real extracts need two; each more is a job whose
/// start shares its reference with a row of another such job.
const ROUNDS_MAX: usize = 256;

/// An extract, judged: what is to be recorded, and what came of every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// What came of the rows.
    pub counted: Counted,
    /// The events to record, by participant, in the order of being reported.
    pub accepted: BTreeMap<ParticipantId, Vec<NewEvent>>,
}

/// Judges every row of an extract against itself, against what the log holds of the source, and
/// against the adopted programmes. Nothing is stored.
///
/// `correlation` marks the events of this import; it takes no part in telling duplicates.
pub fn judge(
    extract: &Extract,
    source: &Source,
    known: &Known<'_>,
    programmes: &Programmes,
    correlation: EventId,
) -> Result<Intake, StoreError> {
    let mut lines = Vec::new();
    for (file, rows) in &extract.files {
        for raw in rows {
            let row = Cells { file: *file, values: &raw.cells, source }.row();
            lines.push(Line { file: *file, number: raw.line, row });
        }
    }
    let mut starts = starts_of(lines.iter());
    let mut before = None;
    let mut pass = Pass::new(source, known, programmes, correlation);
    for _ in 0..ROUNDS_MAX {
        pass = Pass::new(source, known, programmes, correlation);
        pass.starts = starts;
        pass.take_facts(&lines)?;
        starts = starts_of(lines.iter().zip(&pass.verdicts).filter_map(|(line, verdict)| {
            (!matches!(verdict, Verdict::Rejected(_))).then_some(line)
        }));
        if starts == pass.starts || before.as_ref() == Some(&starts) {
            break;
        }
        before = Some(pass.starts.clone());
    }
    pass.take_corrections(&lines)?;
    Ok(pass.intake(extract, &lines))
}

/// A row of corrections, where its cells are in order.
type CorrectionLine<'a> = (&'a Line, Option<(&'a Row, &'a CorrectionRow)>);

/// What a row of corrections says of what it acts on, or why it may not.
type Found = Option<Result<Standing, Fault>>;

struct Line {
    file: FileName,
    number: u64,
    row: Result<Row, Fault>,
}

enum Verdict {
    Accepted,
    Duplicate,
    Rejected(Fault),
}

type Starts = BTreeMap<JobId, BTreeSet<Reference>>;

/// Returns the references of the rows that start each job. A job's id holds its participant.
fn starts_of<'a>(lines: impl Iterator<Item = &'a Line>) -> Starts {
    let mut starts = Starts::new();
    for row in lines.filter_map(|line| line.row.as_ref().ok()) {
        if let Says::Fact(Fact::Employment(Employment::JobStarted(started))) = &row.says {
            starts.entry(started.job.id).or_default().insert(row.reference.clone());
        }
    }
    starts
}

/// What stands under a reference.
#[derive(Clone, PartialEq)]
struct Standing {
    participant: ParticipantId,
    event: EventId,
    fact: Fact,
    on: chrono::NaiveDate,
    reported_at: Option<waystage_core::time::Timestamp>,
}

impl Standing {
    fn before(recorded: &Recorded) -> Option<Self> {
        Some(Self {
            participant: recorded.participant,
            event: recorded.id,
            fact: recorded.fact()?.clone(),
            on: recorded.on,
            reported_at: recorded.reported_at,
        })
    }

    fn states_the_same(&self, other: &Self) -> bool {
        self.participant == other.participant
            && self.on == other.on
            && self.reported_at == other.reported_at
            && self.fact == other.fact
    }
}

/// One pass over the rows, in the order in which they are taken.
struct Pass<'a> {
    source: &'a Source,
    known: &'a Known<'a>,
    programmes: &'a Programmes,
    correlation: EventId,
    starts: Starts,
    participants: BTreeSet<ParticipantId>,
    participations: BTreeMap<ParticipationId, (ParticipantId, ProgrammeId)>,
    standing: BTreeMap<Reference, Standing>,
    accepted: BTreeMap<ParticipantId, Vec<NewEvent>>,
    verdicts: Vec<Verdict>,
}

impl<'a> Pass<'a> {
    fn new(
        source: &'a Source,
        known: &'a Known<'a>,
        programmes: &'a Programmes,
        correlation: EventId,
    ) -> Self {
        Self {
            source,
            known,
            programmes,
            correlation,
            starts: Starts::new(),
            participants: known.participants.clone(),
            participations: known.participations.clone(),
            standing: BTreeMap::new(),
            accepted: BTreeMap::new(),
            verdicts: Vec::new(),
        }
    }

    fn take_facts(&mut self, lines: &[Line]) -> Result<(), StoreError> {
        for line in lines.iter().take_while(|line| line.file != FileName::Corrections) {
            let verdict = match &line.row {
                Err(fault) => Verdict::Rejected(fault.clone()),
                Ok(row) => match (self.refer(row), &row.says) {
                    (Err(fault), _) => Verdict::Rejected(fault),
                    (Ok(participant), Says::Fact(fact)) => {
                        self.settle(row, participant, fact.clone())?
                    }
                    (Ok(_), Says::Correction(_)) => continue,
                },
            };
            self.verdicts.push(verdict);
        }
        Ok(())
    }

    /// Looks up what a row refers to, from left to right, and returns whose stream it belongs to.
    fn refer(&self, row: &Row) -> Result<ParticipantId, Fault> {
        let Says::Fact(fact) = &row.says else {
            return Ok(ParticipantId::LOG);
        };
        match (&row.about, fact) {
            (About::Participant(name), fact) => {
                let participant = naming::participant(self.source, name);
                let opens = matches!(fact, Fact::Entry(Entry::CharacteristicsRecorded(_)));
                if !opens && !self.participants.contains(&participant) {
                    return Err(Fault::new("participant", Code::UnknownParticipant, name));
                }
                match fact {
                    Fact::Entry(Entry::Referred(referred))
                        if self.programmes.get(&referred.programme).is_none() =>
                    {
                        let name = referred.programme.as_str();
                        Err(Fault::new("programme", Code::UnknownProgramme, name))
                    }
                    Fact::Employment(Employment::JobStarted(_)) => Ok(participant),
                    fact => match fact.job() {
                        Some(job) if !self.knows_job(participant, job, &row.reference) => {
                            Err(Fault::new("job", Code::UnknownJob, &row.job))
                        }
                        _ => Ok(participant),
                    },
                }
            }
            (About::Participation(name), fact) => {
                let id = naming::participation(self.source, name).id;
                let Some((participant, programme)) = self.participations.get(&id) else {
                    return Err(Fault::new("participation", Code::UnknownParticipation, name));
                };
                if let Fact::Money(money) = fact {
                    self.rule(programme, &money.claim().rule)?;
                }
                Ok(*participant)
            }
            (About::Target(_), _) => Ok(ParticipantId::LOG),
        }
    }

    /// A rule is named by its id, or with its tier as `rule/tier`.
    fn rule(&self, programme: &ProgrammeId, named: &RuleId) -> Result<(), Fault> {
        let programme = self.programmes.get(programme);
        let is_rule = |id: &RuleId| programme.is_some_and(|each| each.rule(id).is_some());
        let is_tier = || {
            let (rule, tier) = named.as_str().split_once('/')?;
            let rule = programme?.rule(&RuleId::from(rule))?;
            rule.tiers().contains(&Some(TierId::from(tier))).then_some(())
        };
        if is_rule(named) || is_tier().is_some() {
            return Ok(());
        }
        Err(Fault::new("rule", Code::UnknownRule, named.as_str()))
    }

    /// A job is known by an accepted start: one that stands already, or one under another reference
    /// than the row's own. Of two rows that share a reference only one stands, so a row cannot rest
    /// on a start that it would displace.
    fn knows_job(&self, participant: ParticipantId, job: JobId, reference: &Reference) -> bool {
        let elsewhere = || {
            let starts = self.starts.get(&job);
            starts.is_some_and(|starts| starts.iter().any(|start| start != reference))
        };
        let stands = || match self.standing.get(reference).map(|standing| &standing.fact) {
            Some(Fact::Employment(Employment::JobStarted(started))) => started.job.id == job,
            _ => false,
        };
        self.known.jobs.contains(&(participant, job)) || elsewhere() || stands()
    }

    /// Settles a row whose references are known: first of its reference, duplicate, or conflict.
    fn settle(
        &mut self,
        row: &Row,
        participant: ParticipantId,
        fact: Fact,
    ) -> Result<Verdict, StoreError> {
        let sourced = Sourced { source: self.source.clone(), reference: row.reference.clone() };
        let event = naming::event(&sourced, row.told.at);
        let reported_at = Some(row.told.at);
        let now = Standing { participant, event, fact, on: row.on, reported_at };
        if let Some(before) = self.find(&row.reference)? {
            return Ok(if before.states_the_same(&now) {
                Verdict::Duplicate
            } else {
                let reference = row.reference.as_str();
                Verdict::Rejected(Fault::new("ref", Code::ConflictingDuplicate, reference))
            });
        }
        match &now.fact {
            Fact::Entry(Entry::CharacteristicsRecorded(_)) => {
                self.participants.insert(participant);
            }
            Fact::Entry(Entry::Referred(referred)) => {
                let named = &referred.participation;
                if self.participations.contains_key(&named.id) {
                    let (column, code) = ("participation", Code::ConflictingDuplicate);
                    let fault = Fault::new(column, code, named.reference.as_str());
                    return Ok(Verdict::Rejected(fault));
                }
                let referred = (participant, referred.programme.clone());
                self.participations.insert(named.id, referred);
            }
            _ => {}
        }
        self.accepted.entry(participant).or_default().push(NewEvent {
            id: event,
            on: row.on,
            reported_at,
            actor: Actor::from("system:import"),
            sourced: Some(sourced),
            correlation: Some(self.correlation),
            causation: None,
            record: Record::Fact(now.fact.clone()),
        });
        self.standing.insert(row.reference.clone(), now);
        Ok(Verdict::Accepted)
    }

    fn find(&self, reference: &Reference) -> Result<Option<Standing>, StoreError> {
        if let Some(standing) = self.standing.get(reference) {
            return Ok(Some(standing.clone()));
        }
        Ok(self.known.find(reference)?.as_ref().and_then(Standing::before))
    }

    /// Takes the corrections: first what each acts on is found, to any depth and in any order of
    /// the rows, then they are settled in the order of the rows.
    fn take_corrections(&mut self, lines: &[Line]) -> Result<(), StoreError> {
        let rows: Vec<CorrectionLine<'_>> = lines
            .iter()
            .filter(|line| line.file == FileName::Corrections)
            .map(|line| match &line.row {
                Ok(row @ Row { says: Says::Correction(correction), .. }) => {
                    (line, Some((row, correction)))
                }
                _ => (line, None),
            })
            .collect();
        let found = self.find_targets(&rows)?;
        for ((line, row), found) in rows.iter().zip(found) {
            let verdict = match (row, found) {
                (Some((row, _)), Some(Ok(standing))) => {
                    self.settle(row, standing.participant, standing.fact)?
                }
                (Some(_), Some(Err(fault))) => Verdict::Rejected(fault),
                (Some((_, correction)), None) => {
                    let corrects = &correction.corrects;
                    Verdict::Rejected(Fault::new("corrects", Code::UnknownTarget, corrects))
                }
                (None, _) => match &line.row {
                    Err(fault) => Verdict::Rejected(fault.clone()),
                    Ok(_) => continue,
                },
            };
            self.verdicts.push(verdict);
        }
        Ok(())
    }

    /// Returns what each row of corrections says of what it acts on, or why it may not; none where
    /// it acts on nothing.
    fn find_targets(&self, rows: &[CorrectionLine<'_>]) -> Result<Vec<Found>, StoreError> {
        let mut facts: Vec<Option<Standing>> = Vec::new();
        let mut links: Vec<Link> = Vec::new();
        let mut taken: BTreeSet<Reference> = BTreeSet::new();
        let mut places: Vec<Option<usize>> = Vec::new();
        let mut sound: Vec<(&Row, &CorrectionRow)> = Vec::new();
        for (_, row) in rows {
            places.push(row.as_ref().map(|_| links.len()));
            let Some((row, correction)) = row else { continue };
            let corrects = Reference::from(&correction.corrects);
            let fact = self.find(&corrects)?;
            let target = match &fact {
                Some(fact) if corrected(row, correction, fact).is_ok() => Target::Fact,
                Some(_) => Target::Unfit,
                None => Target::Elsewhere,
            };
            if self.find(&row.reference)?.is_some() {
                taken.insert(row.reference.clone());
            }
            let (reference, amends) = (row.reference.clone(), correction.amend.is_some());
            links.push(Link { reference, corrects, target, amends });
            facts.push(fact);
            sound.push((row, correction));
        }
        let follows = follow(&links, |reference| taken.contains(reference));
        let mut said = Vec::with_capacity(links.len());
        for (at, (row, correction)) in sound.iter().enumerate() {
            let target = match follows[at] {
                Follows::Nothing => None,
                Follows::Fact | Follows::Unfit if facts[at].is_some() => facts[at].clone(),
                Follows::Correction(target) => self.acted_on(&sound, &facts, &follows, target),
                Follows::Fact | Follows::Unfit => {
                    let first = links.iter().position(|link| link.reference == links[at].corrects);
                    first.and_then(|first| self.acted_on(&sound, &facts, &follows, first))
                }
            };
            said.push(target.map(|target| {
                corrected(row, correction, &target).map(|fact| self.standing(row, &target, fact))
            }));
        }
        Ok(places.into_iter().map(|place| place.and_then(|at| said[at].clone())).collect())
    }

    /// Returns the correction in a row as something that stands: its participant is that of the
    /// fact at the end of its chain.
    fn acted_on(
        &self,
        sound: &[(&Row, &CorrectionRow)],
        facts: &[Option<Standing>],
        follows: &[Follows],
        row: usize,
    ) -> Option<Standing> {
        let mut end = row;
        while let Follows::Correction(target) = follows[end] {
            end = target;
        }
        let fact = facts[end].as_ref()?;
        let (of_row, correction) = sound[row];
        let withdraws = FactWithdrawn { corrects: fact.event, reason: correction.reason.clone() };
        let fact_of_row = Fact::Correction(Correction::FactWithdrawn(withdraws));
        Some(self.standing(of_row, fact, fact_of_row))
    }

    fn standing(&self, row: &Row, target: &Standing, fact: Fact) -> Standing {
        let sourced = Sourced { source: self.source.clone(), reference: row.reference.clone() };
        Standing {
            participant: target.participant,
            event: naming::event(&sourced, row.told.at),
            fact,
            on: row.on,
            reported_at: Some(row.told.at),
        }
    }

    fn intake(self, extract: &Extract, lines: &[Line]) -> Intake {
        let mut counted = Counted::default();
        for file in extract.files.keys() {
            counted.files.entry(*file).or_default();
        }
        for (line, verdict) in lines.iter().zip(self.verdicts) {
            let counts = counted.files.entry(line.file).or_default();
            counts.rows += 1;
            match verdict {
                Verdict::Accepted => counts.accepted += 1,
                Verdict::Duplicate => counts.duplicates += 1,
                Verdict::Rejected(Fault { column, code, value }) => {
                    counts.rejected += 1;
                    let (file, line) = (line.file, line.number);
                    counted.rejects.push(Reject { file, line, column, code, value });
                }
            }
        }
        counted.rejects.sort_by_key(|reject| (reject.file.as_str(), reject.line));
        let mut accepted = self.accepted;
        for events in accepted.values_mut() {
            events.sort_by_key(|a| (a.reported_at, a.id));
        }
        Intake { counted, accepted }
    }
}

fn corrected(row: &Row, correction: &CorrectionRow, target: &Standing) -> Result<Fact, Fault> {
    let corrects = target.event;
    let reason = correction.reason.clone();
    Ok(Fact::Correction(match &correction.amend {
        None => Correction::FactWithdrawn(FactWithdrawn { corrects, reason }),
        Some((field, value)) => {
            let amendment = amendment(&target.fact, field, value, row.told)?;
            Correction::FactAmended(FactAmended { corrects, amendment, reason })
        }
    }))
}
