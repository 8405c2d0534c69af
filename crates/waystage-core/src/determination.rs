//! What is recorded but is no fact: determinations (what dated rules said, with their reasons) and
//! the log's own entries (which packs and tables were in force, which runs were made). No reading
//! ever sees a determination.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::id::{EventId, ParticipantId, ParticipationId, Position, ProgrammeId, RuleId, TierId};
use crate::journey::Kind;
use crate::time::Timestamp;
use crate::view::Basis;

/// The amounts that decided a reading of met, by rule family. All are integers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case", deny_unknown_fields)]
pub enum Amounts {
    /// A job started.
    JobStart {
        /// Minutes a week at the start.
        weekly_minutes: u32,
    },
    /// Earnings reached a threshold.
    Earnings {
        /// The window's total on the day, in pence.
        total_pence: i64,
        /// The hourly rate that fixed the threshold, in pence.
        rate_pence: u32,
        /// The hours that the threshold stands for, in minutes over the whole period.
        minutes: u64,
    },
    /// Days in self-employment.
    SelfEmployedDays {
        /// Days counted.
        days: u32,
    },
    /// Weeks in work.
    WeeksInWindow {
        /// Weeks counted.
        weeks: u32,
        /// The first day of the window.
        anchor: NaiveDate,
    },
    /// Continuous work.
    Continuous {
        /// The first day of the period.
        anchor: NaiveDate,
        /// The longest gap, in days.
        longest_gap_days: u32,
        /// All gaps together, in days.
        total_gap_days: u32,
    },
    /// A status on a day.
    StatusAtPoint {
        /// The exit.
        exit: NaiveDate,
    },
}

/// Rules read met, and it is recorded with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeDetermined {
    /// The participation.
    pub participation: ParticipationId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// The rule.
    pub rule: RuleId,
    /// The tier, where the rule has tiers.
    pub tier: Option<TierId>,
    /// The version of the rule, by the day from which it is in force.
    pub rule_version: NaiveDate,
    /// The events that alone give the same reading, in effective order.
    pub because: Vec<EventId>,
    /// The amounts that decided it.
    pub amounts: Amounts,
    /// The determine run.
    pub run: EventId,
}

/// How a determination stopped standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Changed {
    /// The rule reads met on another day, by another version or with other amounts.
    Otherwise,
    /// The rule no longer reads met.
    NoLongerMet {
        /// What it reads now: `not_met`, `not_yet` or `unknown`.
        reads: String,
    },
    /// Nothing is read any more: the participation, its programme or the rule is gone.
    NotRead,
}

/// A determination no longer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeterminationWithdrawn {
    /// The determination that is withdrawn.
    pub determination: EventId,
    /// What changed.
    pub changed: Changed,
    /// The determine run.
    pub run: EventId,
}

/// What rules said of the facts of one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Determination {
    /// A reading of met, recorded.
    OutcomeDetermined(OutcomeDetermined),
    /// One withdrawn.
    DeterminationWithdrawn(DeterminationWithdrawn),
}

impl Determination {
    /// Returns the kind of event.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::OutcomeDetermined(_) => Kind::OutcomeDetermined,
            Self::DeterminationWithdrawn(_) => Kind::DeterminationWithdrawn,
        }
    }
}

/// A pack was adopted: from here on the programme is read by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackAdopted {
    /// The programme.
    pub id: ProgrammeId,
    /// SHA-256 of the text, in hexadecimal.
    pub digest: String,
    /// The pack itself.
    pub text: String,
}

/// Rate tables or calendars were adopted. A table replaces the one of the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TablesAdopted {
    /// SHA-256 of the text, in hexadecimal.
    pub digest: String,
    /// The tables themselves.
    pub text: String,
}

/// A determine run was made at this view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeterminationsMade {
    /// The day up to which facts were read.
    pub as_of: NaiveDate,
    /// The basis of knowledge.
    pub basis: Basis,
    /// The last position read; none in an empty log.
    pub through: Option<Position>,
    /// SHA-256 over the packs and tables in force, in hexadecimal.
    pub packs_digest: String,
}

/// The log had been older than what was known of it, or another one, and somebody went on with it
/// all the same: what was recorded in between is lost here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossDeclared {
    /// A position that is known to have been recorded.
    pub known_position: Position,
    /// The hash of the frame that stood there, in hexadecimal.
    pub known_leaf: String,
    /// The last position that the log had when the loss was declared; none in an empty log.
    pub through: Option<Position>,
    /// Why, in words.
    pub reason: String,
}

/// An event cannot be read, and somebody decided to go on without it: from here on it is left out
/// of whatever is replayed, and everything that rests on its participant says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSkipped {
    /// Whose event.
    pub participant: ParticipantId,
    /// Its position.
    pub position: Position,
    /// Why, in words.
    pub reason: String,
}

/// A participant is to be read again with everything that was recorded: none of their events is
/// skipped any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParticipantRetried {
    /// The participant.
    pub participant: ParticipantId,
    /// Why, in words.
    pub reason: String,
}

/// Somebody goes on with a copy that is older than a checkpoint that is known. This event is the
/// first of a new epoch of the log: from here on, events are hashed with another identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRecovered {
    /// The identity from here on.
    pub origin: String,
    /// The newest checkpoint that is known of the log as it was: the whole signed note.
    pub old_checkpoint: String,
    /// The first position that is lost; none where nothing is known to be.
    pub lost_from: Option<Position>,
    /// The last position that is known to be lost.
    pub lost_through: Option<Position>,
    /// Who declares it, a pseudonym.
    pub operator: String,
    /// Who agreed to it, a pseudonym.
    pub approver: String,
    /// Why, in words.
    pub reason: String,
}

/// A figure was published, with the certificate that says what it was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigurePublished {
    /// What people call it, such as the report and its month.
    pub name: String,
    /// The certificate: the whole signed note.
    pub certificate: String,
}

/// Somebody looked, for a purpose: an audit, an export, a certificate, a replay under a scenario.
/// It stands in a log of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRecorded {
    /// What was done, such as `audit`.
    pub what: String,
    /// What for, in words.
    pub purpose: String,
    /// What it was about: a figure, a participant, a file. None where it was about everything.
    pub about: Option<String>,
    /// The day up to which facts were read, where a view was.
    pub as_of: Option<NaiveDate>,
    /// Up to when knowledge was read, where a view was.
    pub known_at: Option<Timestamp>,
    /// The basis of knowledge, where a view was read.
    pub basis: Option<Basis>,
    /// The last position of the log that was read; none where it was empty.
    pub through: Option<Position>,
}

/// An event of the log's own stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEntry {
    /// A pack was adopted.
    PackAdopted(PackAdopted),
    /// Tables were adopted.
    TablesAdopted(TablesAdopted),
    /// A determine run was made.
    DeterminationsMade(DeterminationsMade),
    /// A loss was declared.
    LossDeclared(LossDeclared),
    /// An event is left out from here on.
    EventSkipped(EventSkipped),
    /// A participant is read again with everything.
    ParticipantRetried(ParticipantRetried),
    /// Somebody went on with an older copy.
    LogRecovered(LogRecovered),
    /// A figure was published.
    FigurePublished(FigurePublished),
    /// Somebody looked, for a purpose.
    AccessRecorded(AccessRecorded),
}

impl LogEntry {
    /// Returns the kind of event.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::PackAdopted(_) => Kind::PackAdopted,
            Self::TablesAdopted(_) => Kind::TablesAdopted,
            Self::DeterminationsMade(_) => Kind::DeterminationsMade,
            Self::LossDeclared(_) => Kind::LossDeclared,
            Self::EventSkipped(_) => Kind::EventSkipped,
            Self::ParticipantRetried(_) => Kind::ParticipantRetried,
            Self::LogRecovered(_) => Kind::LogRecovered,
            Self::FigurePublished(_) => Kind::FigurePublished,
            Self::AccessRecorded(_) => Kind::AccessRecorded,
        }
    }
}
