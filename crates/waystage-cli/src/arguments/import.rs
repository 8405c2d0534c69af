//! What may be written after `import`.

use std::path::PathBuf;

use clap::Args;

use super::{Previewed, source};

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder of CSV files.
    pub(crate) folder: PathBuf,
    /// The system that it comes from. It scopes every reference, and with a row's ref it is the
    /// key by which a row is known again.
    #[arg(long, value_name = "NAME", value_parser = source)]
    pub(crate) source: String,
    /// Packs to adopt before; default: packs/ in the folder, where it exists.
    #[arg(long, value_name = "DIR")]
    pub(crate) packs: Option<PathBuf>,
    /// Tables to adopt before; default: tables/ in the folder, where it exists.
    #[arg(long, value_name = "DIR")]
    pub(crate) tables: Option<PathBuf>,
    /// Participants in one atomic unit.
    #[arg(long, default_value_t = 250, value_name = "N")]
    pub(crate) batch: usize,
    /// Says everything and stores nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Stores nothing where a row is rejected.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Writes the rejected rows as CSV into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) previewed: Previewed,
}
