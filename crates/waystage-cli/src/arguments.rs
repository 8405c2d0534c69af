//! What may be written on the command line. Help, completions and man pages come from here.

mod diff;
mod evidence;
mod import;
mod what_if;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use waystage::Engine;
use waystage::core::calendar::Month;
use waystage::core::id::Position;
use waystage::core::time::Timestamp;
use waystage::core::view::{Basis, View};
use waystage_cohorts::Dimension;

pub(crate) use diff::{Diff, Previewed, Side};
pub(crate) use evidence::{
    Certify, Checkpoint, Export, ExportFormat, Prove, Recover, Signing, Verify,
};
pub(crate) use import::Import;
pub(crate) use what_if::WhatIf;

/// Participant journeys: what was known, and when; what dated rules make of it; and why.
#[derive(Debug, Parser)]
#[command(name = "waystage", version, max_term_width = 100)]
#[command(after_help = "Start with `waystage demo`. Every command has its own --help.\n\
Exit codes: 0 done, 1 a difference was reported, 2 usage, 3 input rejected, 4 integrity failed, \
5 conflict or busy, 6 storage.")]
pub(crate) struct Arguments {
    /// The store's folder; it holds journeys.db and disposable files beside it.
    #[arg(long, global = true, default_value = "./waystage", value_name = "DIR")]
    #[arg(help_heading = "Everywhere")]
    pub(crate) store: PathBuf,
    /// Prints JSON with stable, sorted keys: one document, or one a line where the list is long.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
    /// Prints no progress.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// The anchor: the newest checkpoint, in a file that never goes back. A store that is older
    /// does not open. Keep it on another disk than the store; default: beside the store's folder,
    /// with its name and .anchor behind it.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub(crate) anchor: Option<PathBuf>,
    /// Who asks, a pseudonym: commands that look for a purpose record it.
    #[arg(long, global = true, default_value = "user:cli", value_name = "ACTOR")]
    #[arg(help_heading = "Everywhere")]
    pub(crate) actor: String,
    /// What for, in words: commands that look for a purpose record it.
    #[arg(long, global = true, default_value = "not stated", value_name = "TEXT")]
    #[arg(help_heading = "Everywhere")]
    pub(crate) purpose: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Generates a Greater-Manchester-like population, takes it in, and walks through the answers.
    Demo(Demo),
    /// Creates an empty store.
    Init(Init),
    /// Lists, shows, checks and adopts programme packs and their tables.
    Programmes(Programmes),
    /// Takes a journey extract: a folder of CSV files, every row one fact.
    Import(Import),
    /// Makes a determine run: reads every rule as known now and records what it says.
    Determine(Determine),
    /// Shows one participant's timeline: facts, corrections, determinations, findings, next dates.
    Show(Show),
    /// Reads every rule of every participation.
    Readings(Viewed),
    /// Counts from referral to sustainment, with every denominator and every unknown shown.
    Funnel(Funnel),
    /// Reads the same journeys by every programme's outcome rules at once: who counts where, with
    /// the unknown and the not-yet.
    Definitions(Definitions),
    /// Lists participations with their stage, what is due next and what looks wrong.
    Caseload(Viewed),
    /// Lists submitted claims and whether the rules support them, as known then and as known now.
    Claims(Viewed),
    /// Counts service standards: what was done in time, late, or not at all.
    ///
    /// A standard runs from one milestone to another ("received to acknowledged within 2 working
    /// days"). It reads met, late, open (not due yet), missing (overdue), not due (what it counts
    /// from has not happened) or unknown (its calendar is not there). The six add up
    /// to the referrals of the row; a share is taken of those that fell due.
    Standards(Standards),
    /// Reads the gates of every programme and names whom a commissioner would ask about.
    ///
    /// A gate is a question about the day of the referral: age, area, benefit, group, other
    /// programmes. Nobody is refused for it. Participations whose gate reads not met, and those at
    /// once on two programmes, are listed with the events that say so. In JSON every line has a
    /// kind: `gate`, `not_met` or `at_once`.
    Eligibility(Viewed),
    /// Counts needs by category and severity, and how far scores came from the first to the latest.
    ///
    /// A need is severe where its rating reaches the threshold that the pack has in force on the
    /// day it was identified, and unknown where it has none. Scores are added up by the version of
    /// the instrument that each assessment says it was made with; versions are never mixed.
    Needs(Viewed),
    /// Counts interventions by step, way of delivery and provider, and how long people wait.
    ///
    /// Each intervention is counted once by every step that it reached, from recommended to
    /// completed or withdrawn. Waits run from the referral to the first day; those who still wait
    /// are counted apart, up to the last day of the view.
    Provision(Viewed),
    /// Counts open participations by key worker: those who look for work and those in work.
    ///
    /// Nobody's participations are counted too. In work is by what was reported.
    KeyWorkers(Viewed),
    /// Compares what was planned with what happened, and cohorts at like ages.
    ///
    /// Targets are read in the month, over three and twelve months that end with it, and from the
    /// beginning. The second table has outcomes by start and by months since the start, of those
    /// who started so long ago: a young cohort does not look like a bad one.
    Targets(Targets),
    /// Adds up the fees that starts and outcomes earned, and delivery fees, by month.
    ///
    /// These are the pack's own amounts, by the version in force on the day that earned them. What
    /// was claimed is under `claims`. Fees whose amount nobody published are counted apart, never
    /// as nothing.
    Fees(Viewed),
    /// Names who and what is behind one figure: participants, rules, reasons and events.
    ///
    /// A figure is a measure of a table, in the rows that have certain values:
    /// `TABLE.MEASURE[column=value,column=value]`; columns that are not named are summed over.
    /// Without a figure it lists the tables with their columns and measures.
    Explain(Explain),
    /// Reads the log under a scenario and says what would be otherwise, for whom and why.
    ///
    /// The scenario is a file: `docs/SCENARIOS.md`. Nothing is recorded but that somebody asked.
    /// Only those whom it could change are read. Exit code 1 where something would be otherwise.
    WhatIf(WhatIf),
    /// Builds the read models as SQL tables beside the log: plain tables that any SQL tool opens.
    ///
    /// They are built beside those that answer, from the log alone and on every core; compared; and
    /// switched to in one transaction. A rebuild that was cut off goes on where it stopped. From
    /// then on `import`, `determine` and the like keep them up to date. A missing or damaged file
    /// is made anew: it holds nothing that the log does not give again.
    Rebuild(Rebuild),
    /// Compares the read models with the log, and traces what differs to the first event behind it.
    Scrub(Scrub),
    /// Lists participants of whom an event cannot be read: every report is without them.
    Parked,
    /// Goes on without an event that cannot be read; who decided so and why is recorded.
    Skip {
        /// The event's position, as `parked` names it.
        #[arg(value_parser = position)]
        position: Position,
        #[command(flatten)]
        decided: Decided,
    },
    /// Reads a participant again with everything that was recorded, skipped events too.
    Retry {
        /// The participant, as the source calls it, or the engine's id.
        participant: String,
        #[command(flatten)]
        decided: Decided,
    },
    /// Derives every determination and every claim again, as known when it was made and as known
    /// now, and says what differs.
    ///
    /// Exit code 1 says that something was found. A finding is no error and refuses nothing: it is
    /// where somebody has to look, with the events and the source of the rule.
    Audit(Audit),
    /// Signs the log as it stands: what came since the last time is read again and computed again.
    ///
    /// Hand the checkpoint to somebody else: it is worth what they hold. The anchor beside the
    /// store is brought forward, and from then on a store that is older does not open.
    Checkpoint(Checkpoint),
    /// Reads the whole log again and compares it with every checkpoint that is held.
    ///
    /// Compared are the checkpoints that the log keeps, the anchor, and those that are given. Where
    /// something was changed, the first position that does not fit is named.
    Verify(Verify),
    /// Proves a participant's events: files that anybody can check offline.
    Prove(Prove),
    /// Signs what a read model gives in a view, or checks such a certificate.
    Certify(Certify),
    /// Lists published figures: what has changed since, by how much, and why.
    Restated,
    /// Says how two views, stores, backups or scenarios differ: figures, readings, people, and why.
    Diff(Diff),
    /// Goes on with a store that is older than what is known of it, and declares what is lost.
    Recover(Recover),
    /// Writes the log for other programs.
    Export(Export),
    /// Lists who looked for a purpose: audits, exports, certificates, what-ifs.
    Accesses,
    /// Says what the store holds.
    Status,
    /// Copies the log into a new file while it is in use, checked event by event.
    Backup {
        /// The file, which must not be there yet. Who looked is copied to FILE.access.
        file: PathBuf,
    },
    /// Makes the store anew from a backup or an exported log, checked event by event.
    Restore {
        /// The backup, or a file that `export log` wrote. FILE.access of a backup is taken
        /// along.
        file: PathBuf,
    },
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes man pages into a folder.
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How many participants.
    #[arg(long, default_value_t = 5_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) participants: u32,
    /// The same seed gives the same population.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Where the extract and the store go; made if need be. Default: a new folder below the
    /// system's temporary folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The log's identity, such as example.org/working-well. It is hashed into every event and
    /// cannot be changed.
    #[arg(long, default_value = "waystage.example/log", value_name = "TEXT")]
    pub(crate) origin: String,
}

#[derive(Debug, Args)]
pub(crate) struct Programmes {
    #[command(subcommand)]
    pub(crate) command: Option<ProgrammesCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProgrammesCommand {
    /// Lists the programmes in force in the store (or, without a store, those that come along).
    List,
    /// Shows one programme as a rule sheet: everything that its pack says, with where it is written
    /// and what is assumed.
    Show {
        /// The programme's id.
        id: String,
    },
    /// Checks a pack or tables file, and says what to write instead.
    Check {
        /// Packs or tables files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Adopts the packs and tables of a folder (its *.toml, or packs/ and tables/ within it).
    Adopt {
        /// The folder; without it, the packs and tables that come along.
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Determine {
    /// The day up to which facts are read; default: today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<NaiveDate>,
    /// What "known" means in the run.
    #[arg(long, default_value = "recorded", value_parser = bases())]
    pub(crate) basis: Basis,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The participant, as the source calls it, or the engine's id.
    pub(crate) participant: String,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Viewed {
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Draws a sample of so many claims, and says what it says of all of them: how many are in
    /// error, within which bounds, and what they are worth.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sample: Option<u64>,
    /// The seed of the sample: the same seed draws the same claims from the same log, anywhere.
    #[arg(long, value_name = "S", default_value = "1", value_parser = seed)]
    pub(crate) seed: String,
    /// Draws only from claims of this day and later.
    #[arg(long, value_name = "DATE", value_parser = day, requires = "sample")]
    pub(crate) from: Option<NaiveDate>,
    /// Draws only from claims of this day and earlier.
    #[arg(long, value_name = "DATE", value_parser = day, requires = "sample")]
    pub(crate) until: Option<NaiveDate>,
    /// Writes an evidence pack for each claim of the sample into a folder, which must be empty.
    #[arg(long, value_name = "DIR", requires = "sample")]
    pub(crate) out: Option<PathBuf>,
    /// Tells findings of this kind only, and all of them; may be given more than once. A sample is
    /// judged by findings of every kind all the same.
    #[arg(long, value_name = "KIND")]
    pub(crate) only: Vec<String>,
    /// Compares the payments of the log with those of a file: CSV with the columns claim,
    /// participation, rule and `amount_pence` (below nothing where it was taken back).
    #[arg(long, value_name = "FILE")]
    pub(crate) payments: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Funnel {
    /// What rows are grouped by, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "programme", value_parser = dimensions())]
    pub(crate) by: Vec<Dimension>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Definitions {
    /// Shows how the others overlap with this one: who is counted by both, and by one alone.
    #[arg(long, value_name = "PROGRAMME/RULE")]
    pub(crate) against: Option<String>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Standards {
    /// What rows are grouped by beside programme and standard, separated by commas.
    #[arg(long, value_delimiter = ',', value_parser = dimensions())]
    pub(crate) by: Vec<Dimension>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Targets {
    /// The month that is compared, such as 2021-09; default: the month of --as-of.
    #[arg(long, value_name = "MONTH", value_parser = month)]
    pub(crate) month: Option<Month>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The figure, such as `funnel.starts[programme=whp-national]`. Without it, lists what there
    /// is.
    pub(crate) figure: Option<String>,
    /// Writes where the figure comes from into this file, as W3C PROV-JSON.
    #[arg(long, value_name = "FILE", requires = "figure")]
    pub(crate) prov: Option<PathBuf>,
    /// Shows so many participants in full; default: 10, and all in a file of --prov.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// Rebuilds this model only; may be given more than once. Default: all.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Vec<String>,
    /// Compares what is kept with the log, and changes nothing.
    #[arg(long, conflicts_with_all = ["as_of", "basis"])]
    pub(crate) verify: bool,
    /// The day as of which they stand, until they are rebuilt for another; default: today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<NaiveDate>,
    /// What "known" means to them: recorded (default) or reported.
    #[arg(long, value_parser = bases())]
    pub(crate) basis: Option<Basis>,
}

#[derive(Debug, Args)]
pub(crate) struct Scrub {
    /// Looks at this model only; may be given more than once. Default: all.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Vec<String>,
}

/// Who decided, and why.
#[derive(Debug, Args)]
pub(crate) struct Decided {
    /// Why, in words; it is recorded.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who decides, a pseudonym; it is recorded.
    #[arg(long, value_name = "ACTOR", default_value = "user:cli")]
    pub(crate) by: String,
}

/// Which facts are read, and as known when.
#[derive(Debug, Args)]
#[command(next_help_heading = "View")]
pub(crate) struct ViewArguments {
    /// Facts that happened later are not seen; default: today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<NaiveDate>,
    /// Facts learned later are not seen, such as 2021-10-14T23:59:59Z; default: now.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) known_at: Option<Timestamp>,
    /// What "learned" means: recorded (the store witnessed it) or reported (the source says so;
    /// used for imported history).
    #[arg(long, default_value = "recorded", value_parser = bases())]
    pub(crate) basis: Basis,
    /// Reads the log up to this position only.
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub(crate) through: Option<Position>,
}

impl ViewArguments {
    /// Returns the view that is asked for, with what the engine's clock says for the rest.
    pub(crate) fn view(&self, engine: &Engine) -> View {
        let today = engine.today();
        let known_at = self.known_at.unwrap_or(today.known_at);
        let view = View::new(self.as_of.unwrap_or(today.as_of), known_at).basis(self.basis);
        self.through.map_or(view, |position| view.through(position))
    }
}

fn bases() -> impl TypedValueParser<Value = Basis> {
    PossibleValuesParser::new(Basis::ALL.iter().map(|basis| basis.as_str()))
        .map(|text| Basis::parse(&text).unwrap_or(Basis::Recorded))
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write a day such as 2021-09-30".to_owned())
}

fn month(text: &str) -> Result<Month, String> {
    let first = format!("{text}-01").parse().map_err(|_| "write a month such as 2021-09")?;
    Ok(Month::of(first))
}

/// The name of a system: it is hashed into ids and kept with every event.
fn source(text: &str) -> Result<String, String> {
    match text.len() {
        0 => Err("name the system that the extract comes from".to_owned()),
        1..=1024 => Ok(text.to_owned()),
        _ => Err("write at most 1024 bytes".to_owned()),
    }
}

/// A seed stands on a line of its own where it is hashed.
fn seed(text: &str) -> Result<String, String> {
    if text.contains(char::is_control) {
        return Err("write a seed without line breaks".to_owned());
    }
    Ok(text.to_owned())
}

fn position(text: &str) -> Result<Position, String> {
    let number = text.parse().ok().and_then(Position::new);
    number.ok_or_else(|| "write a position in the log, a number from 1".to_owned())
}

fn dimensions() -> impl TypedValueParser<Value = Dimension> {
    PossibleValuesParser::new(Dimension::ALL.map(Dimension::as_str))
        .map(|text| Dimension::parse(&text).unwrap_or(Dimension::Programme))
}
