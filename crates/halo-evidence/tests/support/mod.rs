//! The Treasury bills of the examples: planned, and deployed on an embedded chain.

#![allow(dead_code, reason = "each test uses a part")]

use alloy_primitives::Address;
use halo_chain::{Embedded, Genesis, GenesisTerms, now};
use halo_deploy::{Manifest, Plan, PrimeLimits, apply};
use halo_evidence::assertions::deployers;
use halo_spec::{ClassSpec, Network, Scenario};
use halo_templates::Tree;

pub(crate) struct Example {
    pub(crate) network: Network,
    pub(crate) class: ClassSpec,
    pub(crate) manifest: Manifest,
    pub(crate) deployers: Vec<Address>,
    scenario: Scenario,
    plan: Plan,
}

impl Example {
    pub(crate) fn new() -> Self {
        let network = Network::embedded().unwrap();
        let file = tree().root().join("../deployments/specs/tbill.toml");
        let class = ClassSpec::load(&file, &network).unwrap().value;
        let scenario = Scenario::day1(&network, &class.asset).unwrap().value;
        let plan = Plan::new(&class, &network, &PrimeLimits::of_scenario(&scenario)).unwrap();
        let manifest = Manifest::new(&plan, "bills", &[]).unwrap();
        let deployers = deployers(&plan);
        Self { network, class, manifest, deployers, scenario, plan }
    }

    pub(crate) fn deploy(&self) -> Embedded {
        let terms = GenesisTerms::of_scenario(&self.network, &self.scenario);
        let mut chain = Genesis::build(&terms).unwrap().chain;
        now(apply(&self.plan, &mut chain, |_| {})).unwrap();
        chain
    }
}

/// The sources of this checkout.
pub(crate) fn tree() -> Tree {
    Tree::find(None).unwrap()
}
