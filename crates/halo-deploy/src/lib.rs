//! How it gets there: plan, apply, verify, manifest.
//!
//! A [`Plan`] is data: ordered steps with the addresses they will create and the facts they must
//! leave. [`apply`] runs it on any chain and sends only what is not so already. A [`Manifest`] keeps
//! what was done for one Unit, and [`verify`] reads the chain again from it alone.

mod abi;
mod apply;
mod build;
mod check;
mod contract;
mod diff;
mod error;
mod fact;
pub mod handoff;
pub mod journal;
mod json;
mod manifest;
mod means;
mod number;
mod plan;
pub mod rehearse;
pub mod roles;
mod schema;
pub mod send;
pub mod show;
mod store;
mod survey;
mod verify;
mod wiring;

pub use abi::{Argument, decode_call, decode_constructor};
pub use apply::{Applied, Cause, Progress, Stopped, apply};
pub use build::{PACE, Pace, PrimeLimits};
pub use check::Check;
pub use contract::{Contract, Form, core_salt, implementation_of};
pub use diff::{Changed, Field, PlanDiff};
pub use error::{Error, Fault, Result};
pub use fact::{
    Artifact, ArtifactStage, Fact, Heartbeat, Integration, Limit, Offer, Onboarding, Powerless,
    PrimeProxy, Record, RecordKind, Roles, Standing, Template, TemplateStage, Value, Wire, Wiring,
};
pub use manifest::{Calldata, Compiler, MANIFEST_SCHEMA, Manifest, Parameters, Transaction};
pub use means::{Indirect, Means, Road, SafeVersion, SpellMake, TimelockMake};
pub use plan::{Action, Call, Identity, PLAN_SCHEMA, Plan, Role, Signer, Step, Subject};
pub use rehearse::{Rehearsal, Rehearsed, rehearse};
pub use schema::schemas;
pub use survey::{Mark, Survey, Surveyed};
pub use verify::{Report, verify};
