//! Which files an extract may hold, and the columns of each in the order in which they are judged.

use std::fmt;

/// A file of an extract. The order is the order in which rows are taken: corrections last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // named after the files
pub enum FileName {
    Participants,
    Referrals,
    Progress,
    Assessments,
    Needs,
    Interventions,
    Contacts,
    Qualifications,
    Concerns,
    Jobs,
    Evidence,
    Earnings,
    Benefits,
    Consents,
    Claims,
    Corrections,
}

impl FileName {
    /// Every file, in the order in which rows are taken.
    pub const ALL: [Self; 16] = [
        Self::Participants,
        Self::Referrals,
        Self::Progress,
        Self::Assessments,
        Self::Needs,
        Self::Interventions,
        Self::Contacts,
        Self::Qualifications,
        Self::Concerns,
        Self::Jobs,
        Self::Evidence,
        Self::Earnings,
        Self::Benefits,
        Self::Consents,
        Self::Claims,
        Self::Corrections,
    ];

    /// Returns the file's name in the folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Participants => "participants.csv",
            Self::Referrals => "referrals.csv",
            Self::Progress => "progress.csv",
            Self::Assessments => "assessments.csv",
            Self::Needs => "needs.csv",
            Self::Interventions => "interventions.csv",
            Self::Contacts => "contacts.csv",
            Self::Qualifications => "qualifications.csv",
            Self::Concerns => "concerns.csv",
            Self::Jobs => "jobs.csv",
            Self::Evidence => "evidence.csv",
            Self::Earnings => "earnings.csv",
            Self::Benefits => "benefits.csv",
            Self::Consents => "consents.csv",
            Self::Claims => "claims.csv",
            Self::Corrections => "corrections.csv",
        }
    }

    /// Returns the columns that the file has beside `ref`, `on` and `reported_at`.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Participants => {
                &["participant", "birth_year", "sex", "qualification", "local_authority"]
            }
            Self::Referrals => &[
                "participant",
                "participation",
                "programme",
                "received_on",
                "referrer",
                "participation_type",
                "group",
                "provider",
                "local_authority",
            ],
            Self::Progress => &["participation", "step", "detail"],
            Self::Assessments => {
                &["participation", "assessment", "instrument", "version", "stage", "code", "value"]
            }
            Self::Needs => &["participation", "category", "severity"],
            Self::Interventions => {
                &["participation", "intervention", "category", "delivery", "provider", "step"]
            }
            Self::Contacts => &["participation", "step", "channel", "purpose", "detail"],
            Self::Qualifications => &["participation", "level", "awarding_body"],
            Self::Concerns => &["participation", "concern", "step"],
            Self::Jobs => &["participant", "job", "step", "weekly_hours", "sector", "reason"],
            Self::Evidence => &["participant", "job", "method", "covers_from", "covers_to"],
            Self::Earnings => &[
                "participant",
                "statement_kind",
                "scheme",
                "period_from",
                "period_to",
                "gross_pence",
                "qualifying",
            ],
            Self::Benefits => &["participant", "benefit", "observed_from", "observed_to"],
            Self::Consents => &["participant", "purpose", "step", "method"],
            Self::Claims => &["participation", "rule", "step", "amount_pence"],
            Self::Corrections => &["corrects", "action", "field", "value", "reason"],
        }
    }

    /// Returns every column of the file, in the order in which they are judged.
    pub fn all_columns(self) -> impl Iterator<Item = &'static str> {
        ["ref", "on", "reported_at"].into_iter().chain(self.columns().iter().copied())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
