//! Programmes as dated data: rules with versions, service standards, fees, and the rate tables and
//! calendars that they name. Everything here comes from packs; no programme is code.

mod adoptions;
mod delivered;
mod geography;
mod provision;

pub use adoptions::{Adopted, Adoption, Adoptions, Skip};
pub use delivered::{Delivered, delivered};
pub use geography::{AreaName, Geography};
pub use provision::{
    Accelerator, ClaimRule, ClaimTerms, ClientGroup, Cohort, DeliveryFee, Gate, GateTest, Ground,
    GroupVersion, Instrument, InterventionKind, Limit, Measure, Pauses, Phase, Provision,
    Questions, Retention, Scoring, SevereFrom, Target,
};

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::calendar::BankHolidays;
use crate::id::{CalendarId, ProgrammeId, RateTableId, RuleId, TierId};
use crate::journey::code::{GssCode, codes};
use crate::rules::{
    Continuous, Earnings, JobStart, SelfEmployedDays, StatusAtPoint, WeeksInWindow,
};

codes! {
    /// The rule families: the ways in which outcomes are defined.
    Family {
        /// A job starts inside a window.
        JobStart = "job_start",
        /// Earnings reach a wage-indexed threshold inside a window.
        Earnings = "earnings",
        /// Days of self-employment add up.
        SelfEmployedDays = "self_employed_days",
        /// So many weeks in work inside a window of weeks.
        WeeksInWindow = "weeks_in_window",
        /// Continuous work with a gap allowance.
        Continuous = "continuous",
        /// In work within days of leaving.
        StatusAtPoint = "status_at_point",
    }
    /// Which date picks the version of a rule.
    JudgedBy {
        /// The day of the referral.
        Referral = "referral",
        /// The day of the start.
        Start = "start",
        /// The day of the first submitted claim, or `as_of` where there is none.
        Claim = "claim",
        /// The day of the outcome itself.
        Outcome = "outcome",
    }
    /// A milestone that a service standard counts from or to.
    Milestone {
        /// The referral was received.
        Received = "received",
        /// The referral's own day.
        Referred = "referred",
        /// The referral was acknowledged.
        Acknowledged = "acknowledged",
        /// The participation started.
        Started = "started",
        /// The action plan was agreed.
        ActionPlan = "action_plan",
        /// A key worker was assigned for the first time.
        KeyWorker = "key_worker",
        /// Contact was made for the first time.
        Contact = "contact",
        /// An appointment was attended for the first time.
        Appointment = "appointment",
        /// An assessment was answered for the first time.
        Diagnostic = "diagnostic",
        /// The person was shown whether work would leave them better off.
        BetterOff = "better_off",
        /// A job started, at or after the start.
        JobStarted = "job_started",
        /// In-work support began.
        InWorkSupport = "in_work_support",
        /// The participation ended, started or not.
        Ended = "ended",
    }
}

/// What a version of a rule demands, by family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    /// A job starts.
    JobStart(JobStart),
    /// Earnings reach a threshold.
    Earnings(Earnings),
    /// Days of self-employment.
    SelfEmployedDays(SelfEmployedDays),
    /// Weeks in work inside a window.
    WeeksInWindow(WeeksInWindow),
    /// Continuous work.
    Continuous(Continuous),
    /// In work on leaving.
    StatusAtPoint(StatusAtPoint),
}

impl Terms {
    /// Returns the family.
    pub const fn family(&self) -> Family {
        match self {
            Self::JobStart(_) => Family::JobStart,
            Self::Earnings(_) => Family::Earnings,
            Self::SelfEmployedDays(_) => Family::SelfEmployedDays,
            Self::WeeksInWindow(_) => Family::WeeksInWindow,
            Self::Continuous(_) => Family::Continuous,
            Self::StatusAtPoint(_) => Family::StatusAtPoint,
        }
    }
}

/// One version of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    /// The day from which it is in force, until the next version is.
    pub effective_from: NaiveDate,
    /// What it demands.
    pub terms: Terms,
    /// What was assumed where the source is silent; every report that rests on it prints it.
    pub assumption: Option<String>,
    /// Where the values of this version are written, if they have a source of their own.
    pub reference: Option<String>,
}

/// A rule of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name within the programme.
    pub id: RuleId,
    /// Its family; every version has the same.
    pub family: Family,
    /// Which date picks the version.
    pub judged_by: JudgedBy,
    /// Where the rule is written: an address or the title of a document.
    pub reference: String,
    /// The client groups that it is read for; empty means everybody.
    pub groups: Vec<String>,
    /// Its versions, earliest first.
    pub versions: Vec<RuleVersion>,
}

impl Rule {
    /// Returns the version in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> Option<&RuleVersion> {
        self.versions.iter().rev().find(|version| version.effective_from <= day)
    }

    /// Returns whether the rule is read for a participation of this client group. A participation
    /// of another group, or of none, has no reading of a rule that names its groups.
    pub fn is_read_for(&self, group: Option<&str>) -> bool {
        self.groups.is_empty()
            || group.is_some_and(|group| self.groups.iter().any(|own| own == group))
    }

    /// Returns the tiers of all versions; a rule without tiers has the single tier `None`.
    pub fn tiers(&self) -> Vec<Option<TierId>> {
        let mut tiers: Vec<Option<TierId>> = self
            .versions
            .iter()
            .filter_map(|version| match &version.terms {
                Terms::Earnings(earnings) => Some(earnings),
                _ => None,
            })
            .flat_map(|earnings| earnings.thresholds.iter().map(|each| each.tier.clone()))
            .collect();
        tiers.sort();
        tiers.dedup();
        if tiers.is_empty() { vec![None] } else { tiers }
    }
}

/// How long a service standard allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Working days of the programme's calendar.
    WorkingDays(u32),
    /// Days.
    Days(u32),
}

/// A service standard: reported, never a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// Its name within the programme.
    pub id: String,
    /// Counted from here; that day is day 0.
    pub from: Milestone,
    /// To be done by then.
    pub to: Milestone,
    /// How long it may take.
    pub within: Within,
    /// What was assumed where the source is silent.
    pub assumption: Option<String>,
    /// Where the standard is written.
    pub reference: Option<String>,
}

/// What an outcome or a start is worth from a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeVersion {
    /// The day from which it is in force.
    pub effective_from: NaiveDate,
    /// Pence; absent where no amount is known.
    pub pence: Option<u64>,
    /// What was assumed where the source is silent.
    pub assumption: Option<String>,
    /// Where the amount is written.
    pub reference: Option<String>,
}

/// What an outcome is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// The rule whose outcome is paid, or `start` for the start of a participation.
    pub on: RuleId,
    /// The tier that is paid, where the rule has tiers.
    pub tier: Option<TierId>,
    /// Where it is written that this is paid for.
    pub reference: Option<String>,
    /// Its versions, earliest first.
    pub versions: Vec<FeeVersion>,
}

/// A programme: a named set of rules, dated and referenced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Its name in facts.
    pub id: ProgrammeId,
    /// Its name for people.
    pub name: String,
    /// Where it is described.
    pub reference: String,
    /// First and last day of referrals, where limited.
    pub referrals_from: Option<NaiveDate>,
    /// Last day of referrals, where limited.
    pub referrals_until: Option<NaiveDate>,
    /// The client groups; empty means that none is named.
    pub groups: Vec<String>,
    /// The areas; empty means anywhere.
    pub areas: Vec<GssCode>,
    /// The calendar of its working days.
    pub calendar: Option<CalendarId>,
    /// What was assumed about the programme where its source is silent.
    pub assumption: Option<String>,
    /// Its service standards.
    pub standards: Vec<Standard>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// Its fees.
    pub fees: Vec<Fee>,
    /// What it says beside standards, rules and fees.
    pub provision: Box<Provision>,
}

impl Programme {
    /// Returns the rule of that name.
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }

    /// Returns what was assumed about the programme and its rules where sources are silent, each
    /// with what it is about: whatever rests on readings rests on these.
    pub fn rule_assumptions(&self) -> impl Iterator<Item = (String, &str)> {
        let rules = self.rules.iter().flat_map(|rule| {
            rule.versions.iter().filter_map(move |version| {
                let about = format!("{} from {}", rule.id, version.effective_from);
                Some((about, version.assumption.as_deref()?))
            })
        });
        let programme = self.assumption.as_deref().map(|says| (self.id.to_string(), says));
        programme.into_iter().chain(rules)
    }

    /// Returns everything that was assumed where sources are silent, each with what it is about.
    pub fn assumptions(&self) -> impl Iterator<Item = (String, &str)> {
        let standards = self
            .standards
            .iter()
            .filter_map(|standard| Some((standard.id.clone(), standard.assumption.as_deref()?)));
        let fees = self.fees.iter().flat_map(|fee| {
            fee.versions.iter().filter_map(move |version| {
                let about = format!("fee on {} from {}", fee.on, version.effective_from);
                Some((about, version.assumption.as_deref()?))
            })
        });
        self.rule_assumptions().chain(standards).chain(fees).chain(self.provision.assumptions())
    }
}

/// An hourly rate from a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateRow {
    /// The day from which it is in force.
    pub effective_from: NaiveDate,
    /// Pence an hour.
    pub pence: u32,
}

/// A table of hourly rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateTable {
    /// Its name in packs.
    pub id: RateTableId,
    /// Its name for people.
    pub name: String,
    /// Where the rates were published.
    pub reference: String,
    /// Its rows, earliest first.
    pub rows: Vec<RateRow>,
}

impl RateTable {
    /// Returns the row in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> Option<RateRow> {
        self.rows.iter().rev().find(|row| row.effective_from <= day).copied()
    }
}

/// The programmes that are read, with the tables that their rules name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Programmes {
    /// By name.
    pub programmes: BTreeMap<ProgrammeId, Programme>,
    /// Rate tables by name.
    pub rates: BTreeMap<RateTableId, RateTable>,
    /// Calendars by name.
    pub calendars: BTreeMap<CalendarId, BankHolidays>,
    /// Lists of area codes by name.
    pub geographies: BTreeMap<String, Geography>,
}

impl Programmes {
    /// Returns what an area is called on a day; none where no list has its code then.
    pub fn area_name(&self, code: GssCode, day: NaiveDate) -> Option<&str> {
        self.geographies.values().find_map(|geography| geography.name_on(code, day))
    }

    /// Returns the programme of that name.
    pub fn get(&self, id: &ProgrammeId) -> Option<&Programme> {
        self.programmes.get(id)
    }
}
