//! Programme packs: data, and the loader that reads and judges it. A programme is one TOML file,
//! rate tables and calendars are others; adding or changing one touches no code. Reading files is
//! the caller's job: texts come in, and every error names file, line and column.

mod assumed;
mod bundled;
mod calendars;
mod check;
mod entry;
mod error;
mod fee;
mod geographies;
mod group;
mod kind;
mod list;
mod nearest;
mod notes;
mod pack;
mod place;
mod problem;
mod provision;
mod rates;
mod rule;
mod scenario;
mod standard;
mod tables;
mod terms;
mod versions;
mod warning;
mod weigh;
mod word;

pub use bundled::{bundled_packs, bundled_tables};
pub use check::{Checked, Files, check};
pub use error::{PackError, PackErrors};
pub use pack::read_pack;
pub use place::Place;
pub use scenario::{Grid, Names, Point, ScenarioFile, Standing, read_base, read_scenario};
pub use tables::{Tables, read_tables};
pub use warning::Warning;
