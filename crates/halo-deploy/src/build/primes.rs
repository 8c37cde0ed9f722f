//! The Primes' side: the limits that let a Prime enter a Unit, redeem and leave.

use alloy_primitives::U256;
use halo_spec::{LimitName, LimitValue, LimitsStart, Prime, Scenario, ScenarioPrime, UnitSpec};
use halo_templates::{
    bindings::{BeamState, RateLimits},
    template,
};

use super::{
    Context, configurator,
    core::Core,
    draft::{At, Draft},
    labels, predict,
    unit::{self, Set},
};
use crate::{
    error::{Error, Result},
    fact::{Fact, Limit, PrimeProxy},
};

/// What a Prime grants itself for each Unit of the Class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimeLimits {
    /// The Prime.
    pub prime: Prime,
    /// How much it may ask to deposit into one Unit, asset units. Redeeming and leaving is unlimited.
    pub deposit: LimitValue,
    /// What is available of it at first.
    pub start: LimitsStart,
}

impl PrimeLimits {
    /// What the Primes of a scenario grant themselves.
    #[must_use]
    pub fn of_scenario(scenario: &Scenario) -> Vec<Self> {
        let limits = |one: &ScenarioPrime| Self {
            prime: one.prime.clone(),
            deposit: one.deposit,
            start: scenario.limits_start,
        };
        scenario.primes.iter().map(limits).collect()
    }
}

pub(crate) fn plan(
    context: &Context<'_>,
    core: &Core,
    unit: &UnitSpec,
    at: &predict::Unit,
    primes: &[PrimeLimits],
    draft: &mut Draft,
) -> Result<()> {
    for limits in primes.iter().filter(|one| may_enter(unit, &one.prime)) {
        let prime = &limits.prime;
        let rate_limits = prime.rate_limits.ok_or_else(|| Error::Unplannable {
            what: format!("the Prime {} has no rate limits to set", prime.slug),
            remedy: "give `rate_limits` in the network's file".to_owned(),
        })?;
        let contract = At {
            name: format!("prime/{}/rate-limits", prime.slug),
            template: &template::RateLimits,
            address: rate_limits,
        };
        let unlimited = LimitValue { max: U256::MAX, ..LimitValue::default() };
        for (name, value, start) in [
            (LimitName::Erc7540Deposit, limits.deposit, limits.start),
            (LimitName::Erc7540Redeem, unlimited, LimitsStart::Full),
            (LimitName::LctsExit, unlimited, LimitsStart::Full),
        ] {
            let label = labels::limit(context, &name, Some(&unit.slug));
            let set = Set {
                key: name.key(context.spec.asset.address, at.unit.at.address),
                max: value.max,
                slope: value.slope.per_second,
            };
            let fact = Fact::Limit(Limit {
                contract: contract.name.clone(),
                address: contract.address,
                label: label.clone(),
                key: set.key,
                max: set.max,
                slope: set.slope,
                symbol: context.spec.asset.symbol.clone(),
                decimals: context.spec.asset.decimals,
            });
            let id = format!("unit/{}/prime/{}/{}", unit.slug, prime.slug, labels::step(&name));
            let title = format!("{} sets {label}", prime.name);
            let signer = context.prime(prime)?;
            match start {
                LimitsStart::Full => set.full(draft, id, title, &signer, &contract, vec![fact])?,
                LimitsStart::Empty => {
                    let call = RateLimits::setRateLimitPreservingCall {
                        key: set.key,
                        maxAmount: set.max,
                        slope: set.slope,
                    };
                    draft.call(id, title, &signer, &contract, &call, vec![fact])?;
                }
            }
        }
        grow(context, core, unit, at, limits, draft)?;
        let prime = PrimeProxy { slug: prime.slug.clone(), proxy: prime.alm_proxy };
        draft.outcome(unit::onboarding(core, unit, 3, Some(prime)));
    }
    Ok(())
}

/// Adds the step that lets the Prime's subscriptions grow without a vote, which the onboarding mask asks for.
fn grow(
    context: &Context<'_>,
    core: &Core,
    unit: &UnitSpec,
    at: &predict::Unit,
    limits: &PrimeLimits,
    draft: &mut Draft,
) -> Result<()> {
    let (prime, state) = (&limits.prime, &core.beam.state);
    let LimitValue { max, slope } = limits.deposit;
    let name = LimitName::Erc7540Deposit;
    let call = BeamState::addInitRateLimitCall {
        key: name.key(context.spec.asset.address, at.unit.at.address),
        almProxy: prime.alm_proxy,
        maxAmount: max,
        slope: slope.per_second,
    };
    let fact = configurator::live(state, call.key, call.almProxy, max, slope.per_second)?;
    draft.call(
        format!("unit/{}/prime/{}/init", unit.slug, prime.slug),
        format!("Let {} of {} grow", labels::limit(context, &name, Some(&unit.slug)), prime.name),
        &context.governance,
        state,
        &call,
        vec![fact],
    )
}

fn may_enter(unit: &UnitSpec, prime: &Prime) -> bool {
    unit.open || unit.entrants.contains(&prime.alm_proxy)
}
