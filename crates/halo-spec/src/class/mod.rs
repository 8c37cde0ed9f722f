//! A Class with its Units: the file, what it means, and what must hold of it.

mod check;
pub(crate) mod file;
mod resolve;
mod roles;
mod spec;
mod unit;

pub use file::{BookMode, EndpointKind, Facet, PsmMode, Seniority, SettlementDays};
pub use spec::{
    Beacon, BookTerms, ClassSpec, Clock, Endpoint, Halo, Psm, TEMPLATE_VERSION, UnitSpec,
};
