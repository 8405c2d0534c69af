//! What went wrong, and the exit code that says so to other programs.

use std::fmt;
use std::io;
use std::process::ExitCode;

use waystage::EngineError;
use waystage::exchange::ImportError;
use waystage::exchange::log::ExportFailed;
use waystage::store::StoreError;
use waystage::store::models::ModelError;

/// The exit codes of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Usage = 2,
    Rejected = 3,
    Integrity = 4,
    Busy = 5,
    Storage = 6,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    Engine(EngineError),
    Usage(String),
    Integrity(String),
    Output(io::Error),
}

impl Failure {
    /// Returns whether whoever read the output has had enough of it.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(crate) fn code(&self) -> ExitCode {
        let code = match self {
            Self::Engine(error) => code_of(error),
            Self::Usage(_) => Code::Usage,
            Self::Integrity(_) => Code::Integrity,
            Self::Output(_) => Code::Storage,
        };
        code.into()
    }
}

fn code_of(error: &EngineError) -> Code {
    match error {
        EngineError::Store(error) | EngineError::Models(ModelError::Store(error)) => {
            code_of_store(error)
        }
        EngineError::Models(ModelError::Moved) => Code::Busy,
        EngineError::Models(ModelError::Stale { .. } | ModelError::Foreign { .. }) => {
            Code::Integrity
        }
        EngineError::NoSuchEvent { .. }
        | EngineError::Figure(_)
        | EngineError::NothingToSkip { .. }
        | EngineError::Models(ModelError::NotKept { .. }) => Code::Usage,
        EngineError::Import(ImportError::Store { source, .. }) => code_of_store(source),
        EngineError::Extract(_) | EngineError::Packs(_) | EngineError::Payments(_) => {
            Code::Rejected
        }
        EngineError::NotYetCome { .. } | EngineError::NotThere { .. } => Code::Usage,
        EngineError::Contended { .. } => Code::Busy,
        EngineError::AdoptedUnreadable { .. } | EngineError::Evidence { .. } => Code::Integrity,
        EngineError::ExportFailed(ExportFailed::Store(error)) => code_of_store(error),
        EngineError::NoAnchor { .. } => Code::Integrity,
        EngineError::WrongKey { .. }
        | EngineError::NotCovered { .. }
        | EngineError::BeyondEnd { .. }
        | EngineError::Endless
        | EngineError::NeedsTwo
        | EngineError::NothingLost => Code::Usage,
        EngineError::ExportRefused(_) => Code::Rejected,
        _ => Code::Storage,
    }
}

fn code_of_store(error: &StoreError) -> Code {
    match error {
        StoreError::Conflict { .. }
        | StoreError::Busy
        | StoreError::Locked { .. }
        | StoreError::HeldByReader { .. } => Code::Busy,
        StoreError::Corrupt { .. }
        | StoreError::Damaged { .. }
        | StoreError::Unreadable { .. }
        | StoreError::NotDecodable { .. }
        | StoreError::Rewritten { .. }
        | StoreError::BehindCheckpoint { .. }
        | StoreError::BehindReceipt { .. } => Code::Integrity,
        StoreError::Refused(_) => Code::Rejected,
        _ => Code::Storage,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => fmt::Display::fmt(error, f),
            Self::Usage(says) | Self::Integrity(says) => f.write_str(says),
            Self::Output(error) => write!(f, "the output cannot be written: {error}"),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
