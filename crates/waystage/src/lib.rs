#![doc = include_str!("../../../README.md")]
//!
//! # The crates behind
//!
//! [`core`] holds facts, journeys, rules, views and contributions; [`store`] the contract of a log;
//! [`replay`] the one loop; [`programmes`] packs as data; [`exchange`] what comes in. This crate
//! puts them together as an [`Engine`], and it alone reads the clock and makes ids.

mod access;
mod adopt;
mod adopted;
pub mod asynchronous;
mod audit;
mod clock;
mod compare;
mod copies;
pub mod corpus;
mod determine;
mod engine;
mod error;
pub mod evidence;
mod explain;
mod intake;
mod meter;
mod models;
mod names;
mod preview;
mod record;
mod restated;
mod scenario;
mod what_if;

pub use access::{Access, Look};
pub use adopt::Adoption;
pub use audit::payments;
pub use clock::{Clock, IdSource, SystemClock, SystemIds};
pub use compare::Compared;
pub use determine::Run;
pub use engine::{Engine, Status};
pub use error::EngineError;
pub use intake::{ImportPlan, ImportReport};
pub use meter::{Meter, NoMeter};
pub use models::{
    AsOf, ModelState, ModelStatus, Models, ModelsAt, ModelsStatus, Pace, ReadModels, Rebuild,
    Rebuilt,
};
pub use names::{StoreNames, Strangers};
pub use preview::Preview;
pub use record::NewFact;
pub use restated::Restatement;
pub use scenario::{SourceNames, scenario_digest};
pub use what_if::{Figures, Supposed};

pub use waystage_core as core;
pub use waystage_evidence as evidence_format;
pub use waystage_exchange as exchange;
pub use waystage_programmes as programmes;
pub use waystage_replay as replay;
pub use waystage_store as store;
