//! Scenario files: what-if questions in TOML. A file is read against what is in force, and checked
//! as packs are: its edits are made to the adopted packs' own text, which is then read again.

mod changes;
mod edit;
mod grid;
mod idle;
mod item;
mod names;
mod payload;
mod picks;
mod sections;
mod steps;
mod tables;

use std::collections::BTreeMap;

use toml::de::DeTable;
use waystage_core::id::ProgrammeId;
use waystage_core::programme::Programmes;
use waystage_core::scenario::{BaseView, Overlay, Scenario};

pub use self::grid::{Grid, Point};
pub use self::names::Names;

use self::edit::{Applied, Edits};
use crate::entry::Entry;
use crate::error::PackErrors;
use crate::kind::{Day, Instant, Text};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::pack::syntax;
use crate::problem::Problem;
use crate::warning::Warning;
use crate::word::word;

/// What a scenario file is read against.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// The programmes and tables in force.
    pub programmes: &'a Programmes,
    /// The text of each pack in force, by its programme; edits are made to these.
    pub packs: &'a BTreeMap<ProgrammeId, String>,
    /// The ids of what facts name.
    pub names: &'a dyn Names,
}

/// A scenario file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioFile {
    /// The scenario; where there is a grid, without its parameter.
    pub scenario: Scenario,
    /// The parameter that is swept, and the scenario of each of its values.
    pub grid: Option<Grid>,
    /// What is worth a second look about the packs as edited.
    pub warnings: Vec<Warning>,
}

/// Reads a scenario file. `file` is only its name in messages.
///
/// ```
/// use std::collections::BTreeMap;
/// use waystage_core::programme::Programmes;
/// use waystage_programmes::{Standing, read_scenario};
/// let standing = Standing {
///     programmes: &Programmes::default(),
///     packs: &BTreeMap::new(),
///     names: &(),
/// };
/// let text = "
/// [scenario]
/// name = \"no job ever started\"
/// purpose = \"an example\"
/// [[change]]
/// do = \"without\"
/// where = { kinds = \"JobStarted\" }
/// ";
/// let read = read_scenario("example.toml", text, &standing).unwrap();
/// assert_eq!(read.scenario.changes.len(), 1);
/// ```
pub fn read_scenario(
    file: &str,
    text: &str,
    standing: &Standing<'_>,
) -> Result<ScenarioFile, PackErrors> {
    let mut notes = Notes::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let read = match syntax(&mut notes, &errors) {
        Ok(()) => scenario(&Entry::file("the scenario", &table), standing, &mut notes),
        Err(refusal) => Err(refusal),
    };
    notes.finish(read)
}

/// Reads the view that a scenario file asks for, and nothing else of it: which packs are in force,
/// and so what the rest is read against, may depend on it.
pub fn read_base(file: &str, text: &str) -> Result<BaseView, PackErrors> {
    let mut notes = Notes::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let read = match syntax(&mut notes, &errors) {
        Ok(()) => head(&Entry::file("the scenario", &table), &mut notes).map(|head| head.base),
        Err(refusal) => Err(refusal),
    };
    notes.finish(read)
}

const TOP: &[&str] = &["scenario", "pack", "rates", "holidays", "change", "grid"];

fn scenario(
    file: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<ScenarioFile, Noted> {
    file.only(notes, TOP);
    let head = head(file, notes);
    let tables = tables::overlay(file, standing, notes);
    let changes = changes::changes(file, standing, notes);
    let edits = Edits::of(file, standing, notes);
    let grid = grid::sweep(file, standing, notes);
    let (head, tables, changes, edits) = (head?, tables?, changes?, edits?);
    let below = match &tables {
        Some(tables) => Scenario::overlaid("", tables.clone()).overlay(standing.programmes.clone()),
        None => standing.programmes.clone(),
    };
    let Applied { programmes, warnings, .. } = edits.apply(standing, &below, None, notes)?;
    let with = |programmes| Scenario {
        changes: changes.clone(),
        overlays: tables.clone().into_iter().chain(laid(programmes)).collect(),
        ..head.clone()
    };
    let grid = match grid? {
        Some(sweep) => {
            let mut points = Vec::new();
            let mut swept = BTreeMap::new();
            for (value, edit) in sweep.points() {
                let applied = edits.apply(standing, &below, Some(&edit), notes)?;
                points.push(Point { value, scenario: with(applied.programmes) });
                // every value is set in the same rules
                swept = applied.last;
            }
            Some(sweep.grid(swept, points))
        }
        None => None,
    };
    Ok(ScenarioFile { scenario: with(programmes), grid, warnings })
}

fn laid(programmes: Vec<waystage_core::programme::Programme>) -> Option<Overlay> {
    (!programmes.is_empty()).then(|| Overlay { programmes, ..Overlay::default() })
}

const HEAD: &[&str] = &["name", "purpose", "assumptions", "as_of", "known_at", "basis"];

fn head(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Scenario, Noted> {
    let (key, name) = ("scenario", "[scenario]");
    let entry = file.table(notes, (key, name), name)?.ok_or_else(|| {
        let write = "[scenario] with a name and a purpose".to_owned();
        notes.refuse(file.at, Problem::MissingKey { key, entry: file.name, write })
    })?;
    entry.only(notes, HEAD);
    let name = entry.required(notes, "name", Text);
    let purpose = entry.required(notes, "purpose", Text);
    let assumptions = entry.optional(notes, "assumptions", List(Text));
    let as_of = entry.optional(notes, "as_of", Day);
    let known_at = entry.optional(notes, "known_at", Instant);
    let basis = entry.optional(notes, "basis", word());
    Ok(Scenario {
        name: name?,
        purpose: purpose?,
        assumptions: assumptions?.unwrap_or_default(),
        base: BaseView { as_of: as_of?, known_at: known_at?, basis: basis? },
        ..Scenario::empty()
    })
}
