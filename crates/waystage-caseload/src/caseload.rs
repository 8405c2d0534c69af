//! The caseload: one row a participation, with its stage, what is due next and what looks wrong.

use chrono::NaiveDate;
use waystage_core::calendar::days_after;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipationId;
use waystage_core::journey::{Job, Participation, Stage};
use waystage_core::programme::{Milestone, Programme, Standard, Within};
use waystage_core::replayed::Replayed;
use waystage_core::rules::Reading;

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
    /// What looks wrong, in words.
    pub findings: Vec<&'static str>,
    /// The participation itself: two sources may use one reference.
    pub id: ParticipationId,
}

/// The caseload of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caseload;

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
    let held = |job: &&Job| job.ended.is_none_or(|ended| as_of <= ended.on);
    let jobs_held = replayed.journey.jobs.iter().filter(held).count();
    let participant = replayed.reference().map(ToString::to_string);
    CaseloadRow {
        programme: participation.programme.to_string(),
        participation: participation.reference.to_string(),
        participant: participant.unwrap_or_else(|| replayed.journey.participant.to_string()),
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

fn findings(replayed: &Replayed<'_>, participation: &Participation) -> Vec<&'static str> {
    let about = |of: Option<_>| of.is_none_or(|of| of == participation.id);
    let found = replayed.journey.findings.iter().filter(|found| about(found.participation));
    let mut says: Vec<&'static str> = found.map(|found| found.finding.says()).collect();
    says.sort_unstable();
    says.dedup();
    says
}

/// Returns the dates that matter for a participation: standards that fall due or are overdue, and
/// the last days that can count for rules that are not met yet.
pub(crate) fn next_dates(
    replayed: &Replayed<'_>,
    participation: &Participation,
) -> Vec<(NaiveDate, String)> {
    let as_of = replayed.lens.view.as_of;
    let programme = replayed.programme(participation);
    let standards = programme.into_iter().flat_map(|programme| {
        programme.standards.iter().filter_map(|standard| {
            let due = due(replayed, programme, participation, standard)?;
            let says = if due < as_of { "is overdue" } else { "is due" };
            Some((due, format!("{} {says}", standard.id)))
        })
    });
    let readings = replayed.readings.iter().filter_map(|reading| match reading.reading {
        Reading::NotYet { until: Some(until) }
            if reading.participation == participation.id && as_of <= until =>
        {
            Some((until, format!("last day that can count for {}", reading.name())))
        }
        _ => None,
    });
    let mut dates: Vec<_> = standards.chain(readings).collect();
    dates.sort();
    dates
}

/// Returns the day on which a standard is due that is not met yet.
fn due(
    replayed: &Replayed<'_>,
    programme: &Programme,
    participation: &Participation,
    standard: &Standard,
) -> Option<NaiveDate> {
    // nobody acknowledges a referral any more that has become a start
    let overtaken = standard.to == Milestone::Acknowledged && participation.started.is_some();
    if participation.closed.is_some() || overtaken || on(participation, standard.to).is_some() {
        return None;
    }
    let from = on(participation, standard.from)?;
    Some(match standard.within {
        Within::Days(days) => days_after(from, days),
        Within::WorkingDays(days) => {
            let calendar = programme.calendar.as_ref()?;
            replayed.lens.programmes().calendars.get(calendar)?.working_days_after(from, days)
        }
    })
}

fn on(participation: &Participation, milestone: Milestone) -> Option<NaiveDate> {
    match milestone {
        Milestone::Received => Some(participation.received_on),
        Milestone::Referred => Some(participation.referred.on),
        Milestone::Acknowledged => participation.acknowledged.map(|step| step.on),
        Milestone::Started => participation.started.map(|step| step.on),
        Milestone::ActionPlan => participation.action_plan.map(|step| step.on),
    }
}
