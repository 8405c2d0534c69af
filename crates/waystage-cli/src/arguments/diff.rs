//! What may be written after `diff`, and after `import --preview`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use waystage::core::id::Position;
use waystage::core::time::Timestamp;
use waystage::core::view::{Basis, View};

use super::{ViewArguments, bases, day, position, source};

/// How many people are shown behind each reason where nobody says how many.
pub(crate) const LIMIT: usize = 5;

#[derive(Debug, Args)]
#[command(after_help = "A and B are each one of:\n\
  now                       today, as known now\n\
  view:KEY=VALUE,KEY=VALUE  the view of the flags below with another as_of, known_at, basis or\n\
                            through\n\
  store:DIR                 another store\n\
  backup:FILE               a backup, or a log that `export log` wrote; it is never written to\n\
  scenario:FILE             what a scenario file imagines\n\
  kept                      the read models beside the store, at the place where they stand\n\
\n\
Exit codes: 0 nothing differs, 1 something does.")]
pub(crate) struct Diff {
    /// The first side.
    #[arg(value_name = "A", value_parser = side)]
    pub(crate) before: Side,
    /// The second side.
    #[arg(value_name = "B", value_parser = side)]
    pub(crate) after: Side,
    /// Writes figures.csv, readings.csv and people.csv into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) csv: Option<PathBuf>,
    /// The source whose references a scenario uses; default: that of the log's first fact.
    #[arg(long, value_name = "NAME", value_parser = source)]
    pub(crate) source: Option<String>,
    /// Shows so many people behind each reason.
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

/// One of two that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    View(Asked),
    Now,
    Store(PathBuf),
    Backup(PathBuf),
    Scenario(PathBuf),
    Kept,
}

/// What is asked of a view; the rest is the base view's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    as_of: Option<NaiveDate>,
    known_at: Option<Timestamp>,
    basis: Option<Basis>,
    through: Option<Position>,
}

impl Asked {
    /// Returns the view with what is asked.
    pub(crate) fn over(&self, view: View) -> View {
        let view = View {
            as_of: self.as_of.unwrap_or(view.as_of),
            known_at: self.known_at.unwrap_or(view.known_at),
            basis: self.basis.unwrap_or(view.basis),
            ..view
        };
        self.through.map_or(view, |position| view.through(position))
    }
}

const SIDES: &str = "write now, view:KEY=VALUE,…, store:DIR, backup:FILE, scenario:FILE or kept";

fn side(text: &str) -> Result<Side, String> {
    match text.split_once(':').unwrap_or((text, "")) {
        ("now", "") => Ok(Side::Now),
        ("kept", "") => Ok(Side::Kept),
        ("view", asked) => asked_view(asked).map(Side::View),
        ("store" | "backup" | "scenario", "") => Err(format!("the path is missing: {SIDES}")),
        ("store", path) => Ok(Side::Store(path.into())),
        ("backup", path) => Ok(Side::Backup(path.into())),
        ("scenario", path) => Ok(Side::Scenario(path.into())),
        _ => Err(SIDES.to_owned()),
    }
}

fn asked_view(text: &str) -> Result<Asked, String> {
    let mut asked = Asked::default();
    for each in text.split(',').filter(|each| !each.is_empty()) {
        let (key, value) = each.split_once('=').unwrap_or((each, ""));
        match key {
            "as_of" => asked.as_of = Some(day(value)?),
            "known_at" => {
                let known_at = value.parse();
                let write = "write an instant such as 2021-10-14T23:59:59Z".to_owned();
                asked.known_at = Some(known_at.map_err(|_| write)?);
            }
            "basis" => {
                let write = "write basis=recorded or basis=reported".to_owned();
                asked.basis = Some(Basis::parse(value).ok_or(write)?);
            }
            "through" => asked.through = Some(position(value)?),
            _ => return Err("a view has as_of, known_at, basis and through".to_owned()),
        }
    }
    Ok(asked)
}

/// What may be asked of a preview.
#[derive(Debug, Args)]
#[command(next_help_heading = "Preview")]
pub(crate) struct Previewed {
    /// Says what taking the extract would change, figure by figure and reading by reading, and
    /// stores nothing.
    #[arg(long)]
    pub(crate) preview: bool,
    /// The day as of which the change is read; default: today.
    #[arg(long, value_name = "DATE", value_parser = day, requires = "preview")]
    as_of: Option<NaiveDate>,
    /// What "known" means to it: recorded (default) or reported.
    #[arg(long, value_parser = bases(), requires = "preview")]
    basis: Option<Basis>,
    /// Shows so many people behind each reason; default: 5.
    #[arg(long, value_name = "N", requires = "preview")]
    limit: Option<usize>,
    /// Writes figures.csv, readings.csv and people.csv into this folder.
    #[arg(long, value_name = "DIR", requires = "preview")]
    pub(crate) csv: Option<PathBuf>,
}

impl Previewed {
    /// Returns the view that is asked for.
    pub(crate) fn view(&self, today: View) -> View {
        let asked = Asked { as_of: self.as_of, basis: self.basis, ..Asked::default() };
        asked.over(today)
    }

    /// Returns how many people are shown behind each reason.
    pub(crate) fn limit(&self) -> usize {
        self.limit.unwrap_or(LIMIT)
    }
}
