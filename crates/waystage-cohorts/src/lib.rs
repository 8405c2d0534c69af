//! Projections about many participants. Each is a pure function from one replayed participant to
//! keyed integers; the application picks the ones it wants.

mod claims;
mod definitions;
mod funnel;

pub use claims::{ClaimRow, Claims};
pub use definitions::{DefinitionRow, Definitions, DefinitionsKey};
pub use funnel::{Dimension, FourCounts, Funnel, FunnelCount, FunnelKey, FunnelRow};
