//! The words of a life: one for each fact that tests tell often. Everything else is said with
//! [`Life::fact`].

use waystage_core::id::RuleId;
use waystage_core::journey::Fact;
use waystage_core::journey::diagnostic::{Diagnostic, NeedIdentified};
use waystage_core::journey::employment::{
    Employment, JobChanged, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage_core::journey::entry::{Entry, GroupChanged, Marked};
use waystage_core::journey::evidence::{
    EarningsReported, EmploymentVerified, Evidence, Method, StatementKind,
};
use waystage_core::journey::money::{Claim, Money};
use waystage_core::journey::support::{KeyWorkerAssigned, Support};

use super::life::{Life, day};

impl Life {
    /// Acknowledges the referral.
    #[track_caller]
    pub fn acknowledged(self, on: &str) -> Self {
        self.marked(on, |marked| Entry::ReferralAcknowledged(marked).into())
    }

    /// Starts the participation.
    #[track_caller]
    pub fn started(self, on: &str) -> Self {
        self.marked(on, |marked| Entry::Started(marked).into())
    }

    /// Closes the participation without a start.
    #[track_caller]
    pub fn not_started(self, on: &str) -> Self {
        self.marked(on, |marked| Entry::NotStarted(marked).into())
    }

    /// Takes the person on again after leaving.
    #[track_caller]
    pub fn rejoined(self, on: &str) -> Self {
        self.marked(on, |marked| Entry::Rejoined(marked).into())
    }

    /// Agrees an action plan.
    #[track_caller]
    pub fn planned(self, on: &str) -> Self {
        self.marked(on, |marked| Diagnostic::ActionPlanAgreed(marked).into())
    }

    /// Pauses the participation.
    #[track_caller]
    pub fn paused(self, on: &str) -> Self {
        self.marked(on, |marked| Support::Paused(marked).into())
    }

    /// Resumes the participation.
    #[track_caller]
    pub fn resumed(self, on: &str) -> Self {
        self.marked(on, |marked| Support::Resumed(marked).into())
    }

    /// Completes the participation.
    #[track_caller]
    pub fn completed(self, on: &str) -> Self {
        self.marked(on, |marked| Support::Completed(marked).into())
    }

    /// Ends the participation early.
    #[track_caller]
    pub fn exited(self, on: &str) -> Self {
        self.marked(on, |marked| Support::Exited(marked).into())
    }

    #[track_caller]
    fn marked(self, on: &str, fact: fn(Marked) -> Fact) -> Self {
        self.say(day(on), move |spoken| Ok(fact(Marked::of(spoken.participation()))))
    }

    /// Changes the client group.
    #[track_caller]
    pub fn group_changed(self, on: &str, group: &str) -> Self {
        let group = group.to_owned();
        self.say(day(on), move |spoken| {
            let participation = spoken.participation();
            Ok(Entry::GroupChanged(GroupChanged { participation, group: group.clone() }).into())
        })
    }

    /// Assigns a key worker.
    #[track_caller]
    pub fn key_worker(self, on: &str, key_worker: &str) -> Self {
        let key_worker = key_worker.to_owned();
        self.say(day(on), move |spoken| {
            let participation = spoken.participation();
            let key_worker = key_worker.clone();
            Ok(Support::KeyWorkerAssigned(KeyWorkerAssigned { participation, key_worker }).into())
        })
    }

    /// Identifies a need with its severity, 0 (none) to 6.
    #[track_caller]
    pub fn need(self, on: &str, category: &str, severity: u8) -> Self {
        let category = category.to_owned();
        self.say(day(on), move |spoken| {
            let participation = spoken.participation();
            let category = category.clone();
            let need = NeedIdentified { participation, category, severity };
            Ok(Diagnostic::NeedIdentified(need).into())
        })
    }

    /// Starts a job for an employer with hours a week; what follows is about this job.
    #[track_caller]
    pub fn job(self, on: &str, hours: u32) -> Self {
        self.works(on, hours, Sector::Employed)
    }

    /// Starts a spell of self-employment with hours a week; what follows is about this spell.
    #[track_caller]
    pub fn self_employed(self, on: &str, hours: u32) -> Self {
        self.works(on, hours, Sector::SelfEmployed)
    }

    #[track_caller]
    fn works(self, on: &str, hours: u32, sector: Sector) -> Self {
        self.say(day(on), move |spoken| {
            let job = spoken.next_job();
            let weekly_minutes = WeeklyMinutes::from_hours(hours);
            Ok(Employment::JobStarted(JobStarted { job, weekly_minutes, sector, reason: None })
                .into())
        })
    }

    /// Changes the hours a week of the job.
    #[track_caller]
    pub fn changed(self, on: &str, hours: u32) -> Self {
        self.say(day(on), move |spoken| {
            let changed = JobChanged {
                job: spoken.job(),
                weekly_minutes: WeeklyMinutes::from_hours(hours),
                sector: Sector::Employed,
                reason: None,
            };
            Ok(Employment::JobChanged(changed).into())
        })
    }

    /// Ends the job; the day is the last day worked.
    #[track_caller]
    pub fn ended(self, on: &str) -> Self {
        self.say(day(on), move |spoken| {
            let ended = JobEnded {
                job: spoken.job(),
                weekly_minutes: None,
                sector: Sector::Employed,
                reason: None,
            };
            Ok(Employment::JobEnded(ended).into())
        })
    }

    /// Verifies the job by a payslip that covers the days up to one, from the day it was seen or
    /// from that one if it is earlier.
    #[track_caller]
    pub fn verified(self, on: &str, covers_to: &str) -> Self {
        let (on, covers_to) = (day(on), day(covers_to));
        self.say(on, move |spoken| {
            let verified = EmploymentVerified {
                job: spoken.job(),
                method: Method::Payslip,
                covers_from: on.min(covers_to),
                covers_to,
            };
            Ok(Evidence::EmploymentVerified(verified).into())
        })
    }

    /// Reports pay in pence, paid on a day.
    #[track_caller]
    pub fn paid(self, on: &str, gross_pence: i64) -> Self {
        let on = day(on);
        self.say(on, move |_| {
            let reported = EarningsReported {
                statement_kind: StatementKind::Original,
                scheme: "payroll".to_owned(),
                period_from: on,
                period_to: on,
                gross_pence,
                qualifying: true,
            };
            Ok(Evidence::EarningsReported(reported).into())
        })
    }

    /// Submits a claim under a rule, without an amount.
    #[track_caller]
    pub fn claimed(self, on: &str, rule: &str) -> Self {
        self.claim(on, rule, Money::ClaimSubmitted)
    }

    /// Pays a claim under a rule, without an amount.
    #[track_caller]
    pub fn claim_paid(self, on: &str, rule: &str) -> Self {
        self.claim(on, rule, Money::ClaimPaid)
    }

    #[track_caller]
    fn claim(self, on: &str, rule: &str, step: fn(Claim) -> Money) -> Self {
        let rule = RuleId::from(rule);
        self.say(day(on), move |spoken| {
            let participation = spoken.participation();
            let rule = rule.clone();
            Ok(step(Claim { participation, rule, amount_pence: None }).into())
        })
    }
}
