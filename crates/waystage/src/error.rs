//! What can go wrong when an engine is asked for something.

use waystage_core::id::{ParticipantId, Position};
use waystage_exchange::log::{ExportFailed, ExportRefused};
use waystage_exchange::{ExtractRefused, ImportError, PaymentsRefused};
use waystage_programmes::PackError;
use waystage_replay::FigureError;
use waystage_store::StoreError;
use waystage_store::models::ModelError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An import stopped half-way.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// An extract is not one.
    #[error("the extract is refused: {0}")]
    Extract(#[from] ExtractRefused),
    /// A file of payments is not one.
    #[error("the payments are refused: {0}")]
    Payments(#[from] PaymentsRefused),
    /// Packs or tables have errors; each names file, line and what to write instead.
    #[error("{} in packs or tables:\n{}", counted(.0.len()), listed(.0))]
    Packs(Vec<PackError>),
    /// A pack in the log cannot be read by this engine.
    #[error(
        "{what} that the log adopted at position {position} cannot be read by this version of the engine: {says}"
    )]
    AdoptedUnreadable {
        /// What was adopted.
        what: String,
        /// Where in the log.
        position: u64,
        /// Why it cannot be read.
        says: String,
    },
    /// A file or folder cannot be read or made.
    #[error("{path}: {says}")]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        says: String,
    },
    /// A day that has not come cannot be determined.
    #[error("{asked} has not come yet ({today} is today): determine up to today or an earlier day")]
    NotYetCome {
        /// The day asked for.
        asked: chrono::NaiveDate,
        /// Today.
        today: chrono::NaiveDate,
    },
    /// What is imagined would be written beside a log.
    #[error(
        "{path} lies in the folder of a store, where nothing imagined is written: name another folder"
    )]
    NotThere {
        /// The path.
        path: String,
    },
    /// The read models failed.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// The engine keeps no read models.
    #[error("this engine keeps no read models: say which with `keep`")]
    NoModels,
    /// No model that is wired has a table of that name.
    #[error("no read model that is wired has a table {table}; there are {tables}")]
    NoSuchTable {
        /// The table asked for.
        table: String,
        /// Those that there are.
        tables: String,
    },
    /// A read model has no such figure.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// An event can be read, and nobody fails on its participant.
    #[error("the event at position {position} can be read: withdraw it if it is wrong")]
    NothingToSkip {
        /// The position.
        position: Position,
    },
    /// What was asked for changes the engine itself, and somebody else has a clone of it.
    #[error("the engine is shared already: keep its models before it is cloned")]
    Shared,
    /// There is no event at a position that could be skipped.
    #[error(
        "there is no participant's event at position {position}: `parked` names those that cannot be read"
    )]
    NoSuchEvent {
        /// The position.
        position: Position,
    },
    /// Something that was signed, or is to be, does not fit.
    #[error("{what}: {says}")]
    Evidence {
        /// What it is.
        what: String,
        /// What does not fit.
        says: String,
    },
    /// A key is not the one that signs.
    #[error("this key does not sign here: {says}")]
    WrongKey {
        /// Why not.
        says: String,
    },
    /// No checkpoint covers what is to be proved.
    #[error("no checkpoint covers position {position}: sign one with `checkpoint`")]
    NotCovered {
        /// The first position that is to be proved.
        position: Position,
    },
    /// The log was signed, and its anchor is not where it was looked for.
    #[error(
        "the log was signed before, and there is no anchor at {path}: bring it back, name where it is, or begin another on purpose"
    )]
    NoAnchor {
        /// Where it was looked for.
        path: String,
    },
    /// A view reaches further than the log.
    #[error("the log does not reach as far as position {asked}: read it up to its end")]
    BeyondEnd {
        /// The position asked for.
        asked: Position,
    },
    /// A view without an end is to be certified.
    #[error("its view has no end: say up to which day and instant it reads")]
    Endless,
    /// Nobody else agreed to what needs two.
    #[error("somebody else than who declares a loss has to agree to it")]
    NeedsTwo,
    /// A loss is to be declared where nothing is lost.
    #[error("the store holds what was signed: there is no loss to declare")]
    NothingLost,
    /// An export is not one, or not whole.
    #[error("the export is refused: {0}")]
    ExportRefused(#[from] ExportRefused),
    /// An export was not written to its end.
    #[error(transparent)]
    ExportFailed(#[from] ExportFailed),
    /// A log in memory has no file.
    #[error("a log in memory cannot be copied: create a store in a folder")]
    InMemory,
    /// An asynchronous call ended without an answer: its runtime was shut down, or it panicked.
    /// Whether it wrote something will be seen when it is sent again.
    #[error(
        "the call ended without an answer ({says}): send the same facts again to learn whether they were recorded"
    )]
    NoAnswer {
        /// How it ended.
        says: String,
    },
    /// The corpus that read models are known by cannot be read: the build is broken.
    #[error("the golden corpus of this engine is broken: {what}: {says}")]
    CorpusUnreadable {
        /// What of it.
        what: String,
        /// Why.
        says: String,
    },
    /// Somebody else kept recording at the same place.
    #[error("stream {participant} kept changing while it was written: try again")]
    Contended {
        /// The stream.
        participant: ParticipantId,
    },
}

fn counted(errors: usize) -> String {
    match errors {
        1 => "1 error".to_owned(),
        errors => format!("{errors} errors"),
    }
}

fn listed(errors: &[PackError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
