//! What may be written after the commands that sign, verify, prove and certify.

use std::path::PathBuf;

use clap::Args;

use super::{ViewArguments, source};

/// Where the key is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Signing {
    /// The file of the log's secret key; default: the store's name with .key behind it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Checkpoint {
    #[command(flatten)]
    pub(crate) signing: Signing,
    /// Makes a new secret key where there is none yet, and prints the public one.
    #[arg(long)]
    pub(crate) new_key: bool,
    /// Begins another anchor where there is none, although the log was signed before: for a copy
    /// that was made on purpose.
    #[arg(long)]
    pub(crate) new_anchor: bool,
    /// Writes the leaves of the checkpoint, 32 bytes for each event: whoever holds them beside it
    /// learns exactly which event was changed later.
    #[arg(long, value_name = "FILE")]
    pub(crate) leaves: Option<PathBuf>,
    /// Writes the checkpoint into a file as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Changes the key: the log is signed once more with --key, and from then on with the key in
    /// this file, which is made. Prints the note that says so.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["leaves", "out"])]
    pub(crate) rotate_to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A checkpoint that somebody holds; may be given more than once.
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Vec<PathBuf>,
    /// The leaves of the checkpoint that is given: with them the first event that was changed is
    /// known exactly.
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(crate) leaves: Option<PathBuf>,
    /// The log's public key, as it was handed over; without it no signature is checked.
    #[arg(long, value_name = "KEY")]
    pub(crate) trust: Option<String>,
    /// The public key of a witness whose line has to stand under the checkpoints that are given.
    #[arg(long, value_name = "KEY", requires = "against")]
    pub(crate) witness: Vec<String>,
    /// Signs as a witness, once all of it is verified: the file of the witness's secret key, which
    /// is made if need be; prints the newest checkpoint with the witness's line.
    #[arg(long, value_name = "FILE", requires = "trust")]
    pub(crate) cosign: Option<PathBuf>,
    /// The witness's name, where its key is made.
    #[arg(long, value_name = "TEXT", default_value = "waystage.example/witness")]
    pub(crate) cosign_as: String,
}

#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// The participant, as the source calls it, or the engine's id.
    pub(crate) participant: String,
    /// Writes a .tlog-proof file for each event into this folder, which is made if need be.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Certify {
    /// The read model, such as funnel.
    #[arg(required_unless_present = "check")]
    pub(crate) model: Option<String>,
    /// Writes MODEL.certificate and MODEL.result into this folder, which is made if need be.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Records in the log that the figure was published under this name: `restated` then says what
    /// has changed since.
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    pub(crate) publish: Option<String>,
    /// Checks a certificate instead: computes again all that it names, and says which differs.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["as_of", "known_at", "through"])]
    pub(crate) check: Option<PathBuf>,
    /// The log's public key, with which a certificate is checked.
    #[arg(long, value_name = "KEY", requires = "check")]
    pub(crate) trust: Option<String>,
    /// Certifies, or checks, what the read model would give under this scenario. The certificate
    /// has the scenario's digest, so that nobody takes it for what was recorded.
    #[arg(long, value_name = "FILE", conflicts_with = "publish")]
    pub(crate) scenario: Option<PathBuf>,
    /// The source whose references the scenario uses; default: that of the log's first fact.
    #[arg(long, value_name = "NAME", value_parser = source, requires = "scenario")]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Recover {
    /// Says that it is meant: what is lost stays lost, and the log says so for ever.
    #[arg(long, required = true)]
    pub(crate) declare: bool,
    /// The newest checkpoint that anybody holds; default: the anchor.
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Who declares it, a pseudonym.
    #[arg(long, value_name = "ACTOR")]
    pub(crate) operator: String,
    /// Who agreed to it, a pseudonym; somebody else.
    #[arg(long, value_name = "ACTOR")]
    pub(crate) approver: String,
    /// Why, in words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// What is written.
    #[arg(value_enum)]
    pub(crate) format: ExportFormat,
    /// The file; default: standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExportFormat {
    /// The whole log, an event a line, with what was signed of it: what verify.py reads, and
    /// `restore` takes in.
    Log,
    /// The log of who looked at this one, in the same form.
    Accesses,
}
