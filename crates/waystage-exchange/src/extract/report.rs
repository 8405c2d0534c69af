//! What came of the rows: counts by file, and each rejected row with its place and fault.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::shape::FileName;

/// Why a row is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Not a date of the form `YYYY-MM-DD`, years 1900 to 2100.
    BadDate,
    /// Not an RFC 3339 instant with its zone.
    BadTimestamp,
    /// Not a number of the form that the column has, or out of its range.
    BadNumber,
    /// Not in the closed list, or no GSS code.
    BadCode,
    /// Blank where a value is needed.
    MissingValue,
    /// No accepted row of `participants.csv` names the participant.
    UnknownParticipant,
    /// No accepted row of `referrals.csv` names the participation.
    UnknownParticipation,
    /// No pack names the programme.
    UnknownProgramme,
    /// The participation's programme has no such rule.
    UnknownRule,
    /// No accepted `started` row names the job.
    UnknownJob,
    /// No recorded fact or correction has this reference.
    UnknownTarget,
    /// Dated later than the day on which it was reported.
    FutureDate,
    /// The reference, or the participation, is taken by another fact.
    ConflictingDuplicate,
    /// The corrected fact has no such field, or it may not be amended.
    UnknownField,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 14] = [
        Self::BadDate,
        Self::BadTimestamp,
        Self::BadNumber,
        Self::BadCode,
        Self::MissingValue,
        Self::UnknownParticipant,
        Self::UnknownParticipation,
        Self::UnknownProgramme,
        Self::UnknownRule,
        Self::UnknownJob,
        Self::UnknownTarget,
        Self::FutureDate,
        Self::ConflictingDuplicate,
        Self::UnknownField,
    ];

    /// Returns the code as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadDate => "bad_date",
            Self::BadTimestamp => "bad_timestamp",
            Self::BadNumber => "bad_number",
            Self::BadCode => "bad_code",
            Self::MissingValue => "missing_value",
            Self::UnknownParticipant => "unknown_participant",
            Self::UnknownParticipation => "unknown_participation",
            Self::UnknownProgramme => "unknown_programme",
            Self::UnknownRule => "unknown_rule",
            Self::UnknownJob => "unknown_job",
            Self::UnknownTarget => "unknown_target",
            Self::FutureDate => "future_date",
            Self::ConflictingDuplicate => "conflicting_duplicate",
            Self::UnknownField => "unknown_field",
        }
    }

    /// Returns what is wrong and what to do, for people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::BadDate => "is no date: write YYYY-MM-DD, between 1900 and 2100",
            Self::BadTimestamp => "is no instant: write it with its zone, 2021-03-04T10:15:00Z",
            Self::BadNumber => "is no number of this column's form and range",
            Self::BadCode => "is none of the words or codes that this column takes",
            Self::MissingValue => "is blank and needs a value",
            Self::UnknownParticipant => "names a participant without an accepted row of its own",
            Self::UnknownParticipation => "names a participation without an accepted referral",
            Self::UnknownProgramme => "names a programme for which no pack is adopted",
            Self::UnknownRule => "names no rule of the participation's programme",
            Self::UnknownJob => "names a job without an accepted start",
            Self::UnknownTarget => "names no recorded fact or correction",
            Self::FutureDate => "lies after the day on which it was reported",
            Self::ConflictingDuplicate => "is taken already by a row with other content",
            Self::UnknownField => "is no field of the corrected fact that may be amended",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A rejected row: where it is and its first fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reject {
    /// The file.
    pub file: FileName,
    /// The physical line on which the row starts; the header is line 1.
    pub line: u64,
    /// The column.
    pub column: &'static str,
    /// What is wrong.
    pub code: Code,
    /// The value that is wrong.
    pub value: String,
}

/// What came of the rows of one file, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FileCounts {
    /// Rows read.
    pub rows: u64,
    /// Rows that are facts not recorded before.
    pub accepted: u64,
    /// Rows that state again what is recorded.
    pub duplicates: u64,
    /// Rows that cannot be a fact.
    pub rejected: u64,
}

/// What came of an extract's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// By file, for the files that the extract has.
    pub files: BTreeMap<FileName, FileCounts>,
    /// The rejected rows, by name of file and line.
    pub rejects: Vec<Reject>,
}

impl Counted {
    /// Returns the counts over all files.
    pub fn all(&self) -> FileCounts {
        self.files.values().fold(FileCounts::default(), |sum, file| FileCounts {
            rows: sum.rows + file.rows,
            accepted: sum.accepted + file.accepted,
            duplicates: sum.duplicates + file.duplicates,
            rejected: sum.rejected + file.rejected,
        })
    }
}
