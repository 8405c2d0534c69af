//! Projections about many participants. Each is a pure function from one replayed participant to
//! keyed integers; the application picks the ones it wants.

mod accelerated;
mod claims;
mod columns;
mod definitions;
mod eligibility;
mod fees;
mod funnel;
mod needs;
mod provision;
mod standards;
mod targets;

pub use accelerated::{Accelerated, AcceleratedKey, AcceleratedRow};
pub use claims::{ClaimRow, Claims};
pub use definitions::{DefinitionRow, Definitions, DefinitionsKey};
pub use eligibility::{Doubt, Eligibility, EligibilityKey, Ineligible};
pub use fees::{EarnedRow, Fees, FeesCount, FeesKey};
pub use funnel::{Dimension, FourCounts, Funnel, FunnelCount, FunnelKey, FunnelRow};
pub use needs::{
    NeedRow, Needs, NeedsCount, NeedsKey, NeedsOf, Severity, TravelledCount, TravelledRow,
};
pub use provision::{Offer, OfferStep, Provision, ProvisionCount, ProvisionKey, ProvisionRow};
pub use standards::{SixCounts, StandardKey, StandardRow, Standards};
pub use targets::{
    Ages, AgesCount, AgesKey, AgesRow, Compared, TargetKey, TargetRow, Targets, ages,
};
pub use waystage_core::programme::{Delivered, delivered};
