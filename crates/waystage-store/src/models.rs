//! Keeping read models: where they stand, and the one way of bringing them further. What is kept
//! here is disposable; the log can always give it again.

mod fit;
mod generations;
mod layout;
mod memory;

use std::fmt;

use chrono::NaiveDate;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::{Cell, Table, Value};
use waystage_core::view::Basis;
use waystage_evidence::Digest;

use crate::error::StoreError;

pub use fit::{COLUMNS_MAX, NAME_BYTES_MAX, OWN_TABLES, check_shapes, is_plain};
pub use generations::{Generation, Generations, KeptModel};
pub use layout::{Layout, RowChange, row_changes};
pub use memory::MemoryModels;

/// The last event that kept models hold, and its leaf: in another log, or in one that went another
/// way since, no event has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// Its position.
    pub position: Position,
    /// The hash of its frame.
    pub leaf: Digest,
}

/// How far a set of models was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Built {
    /// Up to this participant, in order of ids; none where nobody was replayed yet.
    Through(Option<ParticipantId>),
    /// Every participant.
    Whole,
}

/// Where kept models stand: what they were read from, with and as of. Together with a model's
/// fingerprint it says everything that its rows follow from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// The last event of the log that is in; none where the log was empty.
    pub anchor: Option<Anchor>,
    /// The day up to which facts are read.
    pub as_of: NaiveDate,
    /// What "known" means.
    pub basis: Basis,
    /// The digest of the packs and tables in force.
    pub packs: Digest,
    /// How far they were built.
    pub built: Built,
}

impl Stand {
    /// Returns the last position that is in.
    pub fn position(&self) -> Option<Position> {
        self.anchor.map(|anchor| anchor.position)
    }
}

impl fmt::Display for Stand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position().map_or(0, Position::get);
        write!(f, "position {position}, as of {}, basis {}", self.as_of, self.basis)
    }
}

/// The generations of a model: the one that answers, the one being built beside it, and the one
/// that answered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Answers.
    Live,
    /// Is being built.
    Next,
    /// Answered before the last switch.
    Previous,
}

/// A model as it is kept: its name, what its behaviour is known by, and its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The model's name, unique in its set.
    pub name: String,
    /// What its behaviour is known by: another fingerprint is another model.
    pub fingerprint: Digest,
    /// Its tables; no two of a set have one name.
    pub tables: Vec<Table>,
}

/// A participant who is left out of a model because something about them cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parked {
    /// The participant.
    pub participant: ParticipantId,
    /// The event that cannot be read; none where it is the model that failed on the participant.
    pub position: Option<Position>,
    /// What is wrong.
    pub says: String,
}

/// What changes in one model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelChange {
    /// The model.
    pub model: String,
    /// What is added to its cells; less than nothing takes away.
    pub cells: Contributions<Cell>,
    /// For each participant who was read again: the first later day on which time alone could
    /// change their part.
    pub due: Vec<(ParticipantId, Option<NaiveDate>)>,
    /// For each participant who was read again: why they are parked, if they are.
    pub parked: Vec<(ParticipantId, Option<Parked>)>,
}

/// One step of a set of models from one stand to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where the set must stand.
    pub from: Stand,
    /// Where it stands afterwards.
    pub to: Stand,
    /// What changes, by model.
    pub models: Vec<ModelChange>,
}

/// A row of a kept table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// A value for each column.
    pub row: Vec<Value>,
    /// An amount for each measure.
    pub amounts: Vec<i64>,
}

/// What went wrong with kept models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The log or the file of the models failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else brought the models further since their stand was read.
    #[error("the read models moved on while they were brought up to date: try again")]
    Moved,
    /// The models are not kept, or were never built.
    #[error("the read model {model} is not kept here: rebuild it")]
    NotKept {
        /// The model.
        model: String,
    },
    /// What is kept was made by a model that behaves otherwise.
    #[error(
        "the read model {model} was built by a definition that behaves otherwise than this one: rebuild it"
    )]
    Stale {
        /// The model.
        model: String,
    },
    /// The models hold events that the log does not have.
    #[error(
        "the read models hold events up to position {position} that this log does not: rebuild them"
    )]
    Foreign {
        /// The last position that the models hold.
        position: Position,
    },
    /// What is being built cannot take the place of what answers.
    #[error("what was built cannot be switched to: {says}")]
    NotReady {
        /// Why.
        says: &'static str,
    },
    /// A set of models cannot be kept as it is.
    #[error("the read models cannot be kept: {says}")]
    Unfit {
        /// Why, and what to change.
        says: String,
    },
    /// The file is no file of read models, or is damaged.
    #[error("{path} cannot be used ({says}): rebuild the read models, which makes it anew")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        says: String,
    },
}

/// Keeps read models. Whoever holds only this cannot reach the log.
///
/// Each call that writes is one transaction: all of it holds afterwards, or nothing.
pub trait ModelStore: Send + Sync {
    /// Returns where a generation stands; none where there is none.
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError>;

    /// Returns the models that stand where the generation stands, by name, each with its
    /// fingerprint. One that a change left out was left behind and is not among them.
    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError>;

    /// Begins a next generation of these models, empty, at a stand. One that was being built is
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`ModelError::Unfit`] where names are no plain names or stand twice, or a table is one of
    /// another live model; [`check_shapes`] has the rules.
    fn begin(&self, shapes: &[Shape], stand: &Stand) -> Result<(), ModelError>;

    /// Brings the live or the next generation from one stand to another. Models that the change
    /// does not name are left behind: their rows stay as they are, and they no longer answer.
    ///
    /// # Errors
    ///
    /// [`ModelError::Moved`] where it does not stand where the change begins;
    /// [`ModelError::NotKept`] where a model is not of the generation, or was left behind;
    /// [`ModelError::Unfit`] where a cell fits no table of its model.
    fn apply(&self, slot: Slot, change: &Change) -> Result<(), ModelError>;

    /// Makes the next generation the live one, and the live one of the same models the previous;
    /// the previous one before that is dropped. Live models of other names stay live.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotReady`] where nothing is being built, it is not whole, one of its models
    /// was left behind, or live models of other names, which stay and answer, stand elsewhere.
    fn switch(&self) -> Result<(), ModelError>;

    /// Makes the previous generation the next one, where it stands; whatever was being built is
    /// dropped, and so are models of it that had been left behind when they were replaced, unless
    /// all had. Brought up to date and switched to, it is live again.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotReady`] where there is no previous generation.
    fn reinstate(&self) -> Result<(), ModelError>;

    /// Drops the next generation, if there is one.
    fn abandon(&self) -> Result<(), ModelError>;

    /// Returns whose part of which model is due by a day, in order of participants. Models that
    /// were left behind are left out.
    fn due(&self, slot: Slot, by: NaiveDate) -> Result<Vec<(ParticipantId, String)>, ModelError>;

    /// Opens a snapshot: everything that is read from it is of one moment.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, ModelError>;
}

/// Kept models at one moment.
pub trait Snapshot {
    /// Returns where a generation stands; none where there is none.
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError>;

    /// Returns the models that stand where the generation stands, by name, each with its
    /// fingerprint.
    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError>;

    /// Returns the rows of a model's table, in order of their columns; also of a model that was
    /// left behind.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotKept`] where the generation has no such table, [`ModelError::Stale`] where
    /// it has one with other columns or measures.
    fn rows(&self, slot: Slot, table: &Table) -> Result<Vec<Row>, ModelError>;

    /// Returns who is parked in a model, in order of participants.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotKept`] where the generation has no such model.
    fn parked(&self, slot: Slot, model: &str) -> Result<Vec<Parked>, ModelError>;

    /// Returns all amounts of a model.
    fn cells(&self, slot: Slot, tables: &[Table]) -> Result<Contributions<Cell>, ModelError> {
        let mut cells = Contributions::none();
        for (table, shape) in tables.iter().enumerate() {
            for row in self.rows(slot, shape)? {
                for (measure, amount) in row.amounts.iter().enumerate() {
                    cells.count(Cell { table, row: row.row.clone(), measure }, *amount);
                }
            }
        }
        Ok(cells)
    }
}
