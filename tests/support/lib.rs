//! What the end-to-end tests stand on: an example spec, its network, its scenario, the chain it is deployed on.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

pub mod signers;

use std::path::{Path, PathBuf};

use alloy_sol_types::SolCall;
use halo_chain::{Embedded, Genesis, GenesisTerms, now};
use halo_deploy::{Action, Applied, Manifest, Plan, PrimeLimits, apply};
use halo_spec::{ClassSpec, Network, Scenario};
use proptest::test_runner::{Config as ProptestConfig, FileFailurePersistence, RngSeed};

/// The example specs.
pub const SPECS: [&str; 3] = ["tbill", "mmf", "clo"];

/// An example spec with what it is read against.
pub struct World {
    /// The Class.
    pub spec: ClassSpec,
    /// The embedded network.
    pub network: Network,
    /// Day 1.
    pub scenario: Scenario,
}

impl World {
    /// The example of that name.
    pub fn of(name: &str) -> Self {
        let network = Network::embedded().unwrap();
        let path = deployments().join("specs").join(format!("{name}.toml"));
        let spec = ClassSpec::load(&path, &network).unwrap().value;
        let scenario = Scenario::day1(&network, &spec.asset).unwrap().value;
        Self { spec, network, scenario }
    }

    /// Block 0 of its chain.
    pub fn genesis(&self) -> Genesis {
        Genesis::build(&GenesisTerms::of_scenario(&self.network, &self.scenario)).unwrap()
    }

    /// Its plan, the Primes' limits included.
    pub fn plan(&self) -> Plan {
        Plan::new(&self.spec, &self.network, &PrimeLimits::of_scenario(&self.scenario)).unwrap()
    }

    /// The plan, the chain on which it was applied, and what that sent.
    pub fn deployed(&self) -> (Plan, Embedded, Applied) {
        let (plan, mut chain) = (self.plan(), self.genesis().chain);
        let applied = run(&plan, &mut chain);
        (plan, chain, applied)
    }
}

/// The folder of specs, networks, scenarios and assumptions.
pub fn deployments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deployments")
}

/// Applies a plan.
pub fn run(plan: &Plan, chain: &mut Embedded) -> Applied {
    now(apply(plan, chain, |_| {})).unwrap_or_else(|error| panic!("{error}"))
}

/// A manifest for each Unit.
pub fn manifests(plan: &Plan, applied: &Applied) -> Vec<Manifest> {
    let units = plan.subject.units.iter();
    units.map(|unit| Manifest::new(plan, &unit.slug, &applied.transactions).unwrap()).collect()
}

/// The call that a step makes.
pub fn call<C: SolCall>(plan: &Plan, step: &str) -> C {
    let step = plan.steps.iter().find(|one| one.id == step).unwrap();
    match &step.action {
        Action::Call(call) => C::abi_decode(&call.data).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// How a property test runs its part of `cases` scripts: as many and from that seed unless `PROPTEST_CASES` and
/// `PROPTEST_RNG_SEED` say otherwise. Seeds that failed are kept beside `source_file`, the caller's `file!()`.
pub fn scripts_config(
    cases: u32,
    parts: u32,
    seed: u64,
    source_file: &'static str,
) -> ProptestConfig {
    let given = |name| std::env::var_os(name).is_some();
    let mut config = ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        source_file: Some(source_file),
        ..ProptestConfig::default()
    };
    if !given("PROPTEST_CASES") {
        config.cases = cases;
    }
    config.cases = config.cases.div_ceil(parts);
    if !given("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(seed);
    }
    config
}
