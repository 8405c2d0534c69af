//! The caseload: one row a participation, with its stage, what is due next and what looks wrong.

use chrono::NaiveDate;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipationId;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Finding, Job, Participation, Stage};
use waystage_core::programme::{Milestone, Phase};
use waystage_core::readings::{Case, StandardAnswer};
use waystage_core::replayed::Replayed;
use waystage_core::rules::Reading;
use waystage_core::table::{Cell, Table, Tabular, Value, day, integer, measure, text};

/// A participation on the caseload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseloadRow {
    /// The programme.
    pub programme: String,
    /// The participation, as its source calls it.
    pub participation: String,
    /// The participant, as its source calls it, or the opaque id.
    pub participant: String,
    /// The authority of the home at referral.
    pub area: String,
    /// The client group declared at referral.
    pub group: Option<String>,
    /// The provider referred to.
    pub provider: String,
    /// The key worker of the day.
    pub key_worker: Option<String>,
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub since: NaiveDate,
    /// Jobs held on the last day of the view, by what was reported.
    pub jobs_held: u32,
    /// The next date that matters, and what it is about.
    pub next: Option<(NaiveDate, String)>,
    /// What looks wrong, each once, in the order of what it says.
    pub findings: Vec<Finding>,
    /// The participation itself: two sources may use one reference.
    pub id: ParticipationId,
}

/// The caseload of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caseload;

// What time alone changes here is what standards, limits, rules and held jobs say, and no more.
impl Projection for Caseload {
    type Key = CaseloadRow;

    fn name(&self) -> &'static str {
        "caseload"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<CaseloadRow> {
        let participations = replayed.journey.participations.iter();
        Contributions::of(participations.map(|participation| (row(replayed, participation), 1)))
    }
}

fn row(replayed: &Replayed<'_>, participation: &Participation) -> CaseloadRow {
    let as_of = replayed.lens.view.as_of;
    let jobs_held = replayed.journey.jobs.iter().filter(|job| is_held(job, as_of)).count();
    CaseloadRow {
        programme: participation.programme.to_string(),
        participation: participation.reference.to_string(),
        participant: participant(replayed),
        area: participation.local_authority.to_string(),
        group: participation.group.clone(),
        provider: participation.provider.clone(),
        key_worker: participation.key_worker.clone(),
        stage: participation.stage,
        since: participation.stage_since,
        jobs_held: u32::try_from(jobs_held).unwrap_or(u32::MAX),
        next: next_dates(replayed, participation).into_iter().min(),
        findings: findings(replayed, participation),
        id: participation.id,
    }
}

/// Returns what the view knows the participant by: a reference that was told later is not known
/// yet.
fn participant(replayed: &Replayed<'_>) -> String {
    let mut facts = replayed.journey.facts.iter();
    let named = facts.find_map(|(_, seen)| match &*seen.fact {
        Fact::Entry(Entry::CharacteristicsRecorded(fact)) => Some(fact.participant_ref.to_string()),
        _ => None,
    });
    named.unwrap_or_else(|| replayed.journey.participant.to_string())
}

/// Returns whether a job is held on a day, by what was reported.
pub(crate) fn is_held(job: &Job, as_of: NaiveDate) -> bool {
    job.ended.is_none_or(|ended| as_of <= ended.on)
}

/// Returns whether somebody still works with a participation at this stage.
pub(crate) const fn is_open(stage: Stage) -> bool {
    !matches!(stage, Stage::NotStarted | Stage::Completed | Stage::Exited)
}

fn findings(replayed: &Replayed<'_>, participation: &Participation) -> Vec<Finding> {
    let about = |of: Option<_>| of.is_none_or(|of| of == participation.id);
    let found = replayed.journey.findings.iter().filter(|found| about(found.participation));
    let mut findings: Vec<Finding> = found.map(|found| found.finding).collect();
    findings.sort_unstable_by_key(|finding| finding.says());
    findings.dedup();
    findings
}

/// Returns the dates that matter for a participation: standards that fall due or are overdue, the
/// last days of support, and the last days that can count for rules that are not met yet.
pub(crate) fn next_dates(
    replayed: &Replayed<'_>,
    participation: &Participation,
) -> Vec<(NaiveDate, String)> {
    let as_of = replayed.lens.view.as_of;
    let case = Case::of(replayed, participation);
    let standards = case.into_iter().flat_map(still_due);
    let limits = case.into_iter().flat_map(support_ends);
    let readings = replayed.readings.iter().filter_map(|reading| match reading.reading {
        Reading::NotYet { until: Some(until) }
            if reading.participation == participation.id && as_of <= until =>
        {
            Some((until, format!("last day that can count for {}", reading.name())))
        }
        _ => None,
    });
    let mut dates: Vec<_> = standards.chain(limits).chain(readings).collect();
    dates.sort();
    dates
}

/// Returns the standards that somebody can still act on, with the day on which each is due.
fn still_due(case: Case<'_>) -> impl Iterator<Item = (NaiveDate, String)> {
    let participation = case.participation;
    // nobody acknowledges a referral any more that has become a start
    let started = participation.started.is_some();
    let read = case.programme.standards.iter().zip(case.standards().collect::<Vec<_>>());
    read.filter_map(move |(standard, reading)| {
        let overtaken = standard.to == Milestone::Acknowledged && started;
        if participation.closed.is_some() || overtaken {
            return None;
        }
        let says = match reading.answer {
            StandardAnswer::Open => "is due",
            StandardAnswer::Missing => "is overdue",
            StandardAnswer::Met
            | StandardAnswer::Late
            | StandardAnswer::NotDue
            | StandardAnswer::Unknown => return None,
        };
        Some((reading.due?, format!("{} {says}", standard.id)))
    })
}

/// Returns the last days of support of somebody who is still on the programme. What lasts until a
/// job starts is over with the first one.
fn support_ends(case: Case<'_>) -> impl Iterator<Item = (NaiveDate, String)> {
    let is_open = is_open(case.participation.stage);
    let works = case.milestone(Milestone::JobStarted).is_some();
    let read = case.programme.provision.limits.iter().zip(case.limits().collect::<Vec<_>>());
    read.filter_map(move |(limit, reading)| {
        let last = reading.last?;
        if !is_open || (limit.phase == Phase::PreWork && works) {
            return None;
        }
        let says = if last < case.as_of { "support ended" } else { "last day of support" };
        Some((last, format!("{says} ({})", limit.id)))
    })
}

impl Tabular for Caseload {
    fn tables(&self) -> Vec<Table> {
        let columns = [
            text("programme", "The programme of the participation, by its name in facts."),
            text("participation", "The participation, as its source calls it."),
            text(
                "participation_id",
                "The id of the participation: two sources may use one reference.",
            ),
            text("participant", "The participant, as its source calls it, or the opaque id."),
            text("area", "The authority of the home at referral, by its GSS code."),
            text("client_group", "The client group declared at referral, if any."),
            text("provider", "The provider referred to."),
            text("key_worker", "The key worker of the day; nothing where none was assigned."),
            text("stage", "Where the participation stands."),
            day("stage_since", "The day since which it stands there."),
            integer("jobs_held", "Jobs held on the last day of the view, by what was reported."),
            day("next_on", "The next day that matters; nothing where none does."),
            text("next_what", "What the next day is about."),
            text(
                "findings",
                "What looks wrong, by the codes of findings, with semicolons between.",
            ),
        ];
        let table = Table::new(
            "caseload",
            "A participation with where it stands, what is next and what looks wrong.",
        );
        let table = columns.into_iter().fold(table, Table::column);
        vec![table.measure(measure("participations", "1 for each participation."))]
    }

    fn cell(&self, key: CaseloadRow) -> Cell {
        let (next_on, next_what) = key.next.unzip();
        let findings: Vec<&str> = key.findings.iter().map(|finding| finding.as_str()).collect();
        let findings = (!findings.is_empty()).then(|| findings.join("; "));
        let row: Vec<Value> = vec![
            key.programme.into(),
            key.participation.into(),
            key.id.to_string().into(),
            key.participant.into(),
            key.area.into(),
            key.group.into(),
            key.provider.into(),
            key.key_worker.into(),
            key.stage.as_str().into(),
            key.since.into(),
            key.jobs_held.into(),
            next_on.into(),
            next_what.into(),
            findings.into(),
        ];
        Cell::of(0, row, 0)
    }
}
