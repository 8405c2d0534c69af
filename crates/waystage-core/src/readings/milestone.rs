//! Milestones: the days that standards count from and to.

use chrono::NaiveDate;

use super::Case;
use crate::journey::diagnostic::Diagnostic;
use crate::journey::employment::Employment;
use crate::journey::support::Support;
use crate::journey::{Fact, Step};
use crate::programme::Milestone;

impl Case<'_> {
    /// Returns the day on which a milestone was reached first; none where it was not.
    pub fn milestone(&self, milestone: Milestone) -> Option<NaiveDate> {
        let of = self.participation;
        let on = |step: Option<Step>| step.map(|step| step.on);
        match milestone {
            Milestone::Received => Some(of.received_on),
            Milestone::Referred => Some(of.referred.on),
            Milestone::Acknowledged => on(of.acknowledged),
            Milestone::Started => on(of.started),
            Milestone::ActionPlan => on(of.action_plan),
            Milestone::JobStarted => self.first_job_start(),
            Milestone::Ended => on(of.closed),
            Milestone::KeyWorker => {
                self.first(|fact| matches!(fact, Fact::Support(Support::KeyWorkerAssigned(_))))
            }
            Milestone::Contact => self.first(|fact| {
                matches!(
                    fact,
                    Fact::Support(Support::ContactMade(_) | Support::AppointmentAttended(_))
                )
            }),
            Milestone::Appointment => {
                self.first(|fact| matches!(fact, Fact::Support(Support::AppointmentAttended(_))))
            }
            Milestone::Diagnostic => self
                .first(|fact| matches!(fact, Fact::Diagnostic(Diagnostic::AssessmentAnswered(_)))),
            Milestone::BetterOff => self
                .first(|fact| matches!(fact, Fact::Diagnostic(Diagnostic::BetterOffCalculated(_)))),
            Milestone::InWorkSupport => self.first(|fact| {
                matches!(fact, Fact::Employment(Employment::InWorkSupportStarted(_)))
            }),
        }
    }

    fn first(&self, is_it: impl Fn(&Fact) -> bool) -> Option<NaiveDate> {
        self.facts().find(|(_, _, fact)| is_it(fact)).map(|(_, on, _)| on)
    }

    /// Returns the day of the first job start at or after the start of the participation.
    pub(super) fn first_job_start(&self) -> Option<NaiveDate> {
        let start = self.participation.started?.on;
        let starts = self.journey.jobs.iter().map(|job| job.started.on);
        starts.filter(|on| start <= *on).min()
    }
}
