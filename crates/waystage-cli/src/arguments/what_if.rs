//! What `what-if` is asked with.

use std::path::PathBuf;

use clap::Args;

use super::{ViewArguments, source};

#[derive(Debug, Args)]
pub(crate) struct WhatIf {
    /// The scenario file.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: PathBuf,
    /// The source whose references the file uses; default: that of the log's first fact.
    #[arg(long, value_name = "NAME", value_parser = source)]
    pub(crate) source: Option<String>,
    /// Writes the read models under the scenario into this folder, as NAME.views.db.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Writes what would be otherwise as CSV into the folder of --out too.
    #[arg(long, requires = "out")]
    pub(crate) csv: bool,
    /// Looks at this read model only; may be given more than once. Default: all.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Vec<String>,
    /// Says by how much figures would change, and not what they are: nobody is read for that beside
    /// those who are affected.
    #[arg(long)]
    pub(crate) changes_only: bool,
    /// Shows so many people behind each reason.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}
