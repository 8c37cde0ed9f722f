//! What the tests of the road stand on: an example spec, its network, its scenario.

use std::path::{Path, PathBuf};

use alloy_sol_types::SolCall;
use halo_chain::{Embedded, Genesis, GenesisTerms, now};
use halo_deploy::{Action, Applied, Manifest, Plan, PrimeLimits, apply};
use halo_spec::{ClassSpec, Network, Scenario};

/// The example specs.
pub(crate) const SPECS: [&str; 3] = ["tbill", "mmf", "clo"];

pub(crate) struct World {
    pub(crate) spec: ClassSpec,
    pub(crate) network: Network,
    pub(crate) scenario: Scenario,
}

impl World {
    pub(crate) fn of(name: &str) -> Self {
        let network = Network::embedded().unwrap();
        let path = deployments().join("specs").join(format!("{name}.toml"));
        let spec = ClassSpec::load(&path, &network).unwrap().value;
        let scenario = Scenario::day1(&network, &spec.asset).unwrap().value;
        Self { spec, network, scenario }
    }

    pub(crate) fn genesis(&self) -> Genesis {
        Genesis::build(&GenesisTerms::of_scenario(&self.network, &self.scenario)).unwrap()
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan::new(&self.spec, &self.network, &PrimeLimits::of_scenario(&self.scenario)).unwrap()
    }

    /// The plan, the chain on which it was applied, and what that sent.
    pub(crate) fn deployed(&self) -> (Plan, Embedded, Applied) {
        let (plan, mut chain) = (self.plan(), self.genesis().chain);
        let applied = run(&plan, &mut chain);
        (plan, chain, applied)
    }
}

fn deployments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deployments")
}

pub(crate) fn run(plan: &Plan, chain: &mut Embedded) -> Applied {
    now(apply(plan, chain, |_| {})).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn manifests(plan: &Plan, applied: &Applied) -> Vec<Manifest> {
    let units = plan.subject.units.iter();
    units.map(|unit| Manifest::new(plan, &unit.slug, &applied.transactions).unwrap()).collect()
}

/// The call that a step makes.
pub(crate) fn call<C: SolCall>(plan: &Plan, step: &str) -> C {
    let step = plan.steps.iter().find(|one| one.id == step).unwrap();
    match &step.action {
        Action::Call(call) => C::abi_decode(&call.data).unwrap(),
        other => panic!("{other:?}"),
    }
}
