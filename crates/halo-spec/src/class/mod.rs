//! A Class with its Units: the file, what it means, and what must hold of it.

mod check;
mod configurator;
mod endpoint;
pub(crate) mod file;
mod governance;
mod resolve;
mod roles;
mod spec;
mod tranche;
mod unit;

pub use configurator::Configurator;
pub use endpoint::{Endpoint, EndpointKind};
pub use file::{BookMode, Facet, PsmMode, Seniority, SettlementDays};
pub use governance::{HaloGovernance, HaloToken};
pub use spec::{Beacon, BookTerms, ClassSpec, Clock, Halo, Psm, TEMPLATE_VERSION, UnitSpec};
