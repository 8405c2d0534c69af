//! The employment step: jobs and spells of self-employment. They belong to the participant, so one
//! job can count for several participations.

use serde::{Deserialize, Serialize};

use super::code::codes;
use super::correction::Amendment;
use super::entry::Marked;
use super::kind::Kind;
use super::steps::step;
use crate::id::{JobId, Named, ParticipationId};

codes! {
    /// Whether somebody works for an employer or for themselves.
    Sector {
        /// For an employer.
        Employed = "employed",
        /// For themselves.
        SelfEmployed = "self_employed",
    }
}

/// Minutes worked in a week; sixteen hours are 960.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct WeeklyMinutes(pub u32);

impl WeeklyMinutes {
    /// Returns whole hours a week as minutes.
    #[must_use]
    pub const fn from_hours(hours: u32) -> Self {
        Self(hours.saturating_mul(60))
    }
}

impl std::fmt::Display for WeeklyMinutes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0 / 60, self.0 % 60) {
            (hours, 0) => f.pad(&format!("{hours} h")),
            (hours, minutes) => f.pad(&format!("{hours} h {minutes} min")),
        }
    }
}

/// A job starts. Of several starts of one job the first opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobStarted {
    /// The job.
    pub job: Named<JobId>,
    /// Minutes a week.
    pub weekly_minutes: WeeklyMinutes,
    /// For whom.
    pub sector: Sector,
    /// What was said about it.
    pub reason: Option<String>,
}

impl JobStarted {
    /// Returns the start of a job for an employer.
    pub const fn employed(job: Named<JobId>, weekly_minutes: WeeklyMinutes) -> Self {
        Self { job, weekly_minutes, sector: Sector::Employed, reason: None }
    }
}

/// The hours of a job change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobChanged {
    /// The job.
    pub job: JobId,
    /// Minutes a week from this day.
    pub weekly_minutes: WeeklyMinutes,
    /// As reported; a job keeps the sector of its start.
    pub sector: Sector,
    /// What was said about it.
    pub reason: Option<String>,
}

/// A job ends; `on` is the last day worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobEnded {
    /// The job.
    pub job: JobId,
    /// Minutes a week at the end, where reported.
    pub weekly_minutes: Option<WeeklyMinutes>,
    /// As reported; a job keeps the sector of its start.
    pub sector: Sector,
    /// Why it ended.
    pub reason: Option<String>,
}

step! {
    /// Facts of the employment step.
    Employment {
        JobStarted(JobStarted),
        JobChanged(JobChanged),
        InWorkSupportStarted(Marked),
        InWorkSupportEnded(Marked),
        JobEnded(JobEnded),
    }
}

impl Employment {
    /// Returns the job that the fact is about.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::JobStarted(fact) => Some(fact.job.id),
            Self::JobChanged(fact) => Some(fact.job),
            Self::JobEnded(fact) => Some(fact.job),
            Self::InWorkSupportStarted(_) | Self::InWorkSupportEnded(_) => None,
        }
    }

    /// Returns the participation that the fact is about; jobs are the person's own.
    pub fn participation(&self) -> Option<ParticipationId> {
        match self {
            Self::InWorkSupportStarted(fact) | Self::InWorkSupportEnded(fact) => {
                Some(fact.participation)
            }
            Self::JobStarted(_) | Self::JobChanged(_) | Self::JobEnded(_) => None,
        }
    }

    pub(super) fn amend(&mut self, amendment: &Amendment) -> bool {
        use Amendment as To;
        match (self, amendment.clone()) {
            (Self::JobStarted(fact), To::WeeklyMinutes(minutes)) => fact.weekly_minutes = minutes,
            (Self::JobStarted(fact), To::Sector(sector)) => fact.sector = sector,
            (Self::JobStarted(fact), To::Reason(reason)) => fact.reason = Some(reason),
            (Self::JobChanged(fact), To::WeeklyMinutes(minutes)) => fact.weekly_minutes = minutes,
            (Self::JobChanged(fact), To::Sector(sector)) => fact.sector = sector,
            (Self::JobChanged(fact), To::Reason(reason)) => fact.reason = Some(reason),
            (Self::JobEnded(fact), To::WeeklyMinutes(minutes)) => {
                fact.weekly_minutes = Some(minutes);
            }
            (Self::JobEnded(fact), To::Sector(sector)) => fact.sector = sector,
            (Self::JobEnded(fact), To::Reason(reason)) => fact.reason = Some(reason),
            (Self::InWorkSupportStarted(fact) | Self::InWorkSupportEnded(fact), To::Note(note)) => {
                fact.note = Some(note);
            }
            _ => return false,
        }
        true
    }
}
