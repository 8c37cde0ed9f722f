//! The example specs, and the terms of a spell for each.

#![allow(dead_code, reason = "each test uses a part")]

use std::path::Path;

use alloy_primitives::U256;
use halo_chain::{Embedded, Genesis, GenesisTerms, now};
use halo_deploy::{Plan, PrimeLimits, apply};
use halo_governance::{Caps, Result, Scene, Spell, SpellKind, Terms, generate};
use halo_spec::{ClassSpec, Network, Scenario};
use halo_templates::{Tree, compile::Solc};

/// An example with what a spell needs beside it.
pub(crate) struct Example {
    pub(crate) spec: ClassSpec,
    pub(crate) network: Network,
    pub(crate) scenario: Scenario,
    pub(crate) tree: Tree,
    pub(crate) solc: Solc,
}

impl Example {
    pub(crate) fn of(name: &str) -> Self {
        let tree = Tree::find(None).unwrap();
        let solc = Solc::find(&tree, None).unwrap();
        let network = Network::embedded().unwrap();
        let path = tree.root().join(format!("../deployments/specs/{name}.toml"));
        let spec = ClassSpec::load(&path, &network).unwrap().value;
        let scenario = Scenario::day1(&network, &spec.asset).unwrap().value;
        Self { spec, network, scenario, tree, solc }
    }

    /// Terms that make sense for the example.
    pub(crate) fn terms(&self, kind: SpellKind) -> Terms {
        let unit = self.spec.units.first().unwrap();
        let caps = Caps {
            cap: Some(unit.cap * U256::from(3) / U256::from(2)),
            epoch_subscribe: Some(U256::MAX),
            epoch_redeem: Some(unit.epoch_redeem_cap / U256::from(2)),
        };
        Terms {
            caps: if kind == SpellKind::CapChange { caps } else { Caps::default() },
            template: Some("HaloUnit".to_owned()),
            deadline: Some(self.scenario.start + 90 * 86_400),
            ..Terms::default()
        }
    }

    /// Block 0 of its chain.
    pub(crate) fn genesis(&self) -> Embedded {
        let terms = GenesisTerms::of_scenario(&self.network, &self.scenario);
        Genesis::build(&terms).unwrap().chain
    }

    pub(crate) fn plan(&self) -> Plan {
        let primes = PrimeLimits::of_scenario(&self.scenario);
        Plan::new(&self.spec, &self.network, &primes).unwrap()
    }

    /// Applies its plan.
    pub(crate) fn deploy(&self, chain: &mut Embedded) -> Plan {
        let plan = self.plan();
        now(apply(&plan, chain, |_| {})).unwrap_or_else(|error| panic!("{error}"));
        plan
    }

    pub(crate) fn scene(&self, kind: SpellKind, terms: &Terms) -> Result<Scene> {
        Scene::rehearse(kind, terms, &self.spec, &self.network, &self.scenario)
    }

    pub(crate) fn spell(&self, kind: SpellKind, terms: &Terms, out: &Path) -> Result<Spell> {
        generate(kind, terms, &self.scene(kind, terms)?, &self.tree, &self.solc, out)
    }
}
