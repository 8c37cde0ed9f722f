//! A Unit: its artifact, its contracts, the limit that funds its redemptions, its activation.

use alloy_primitives::U256;
use halo_spec::UnitSpec;
use halo_templates::bindings::{HaloUnit, LaniakeaFactory, LctsQueue, RateLimits, UnitRegistry};

use super::{
    Context, class, configurator,
    core::Core,
    draft::{At, Draft},
    governance::{self, Subject},
    labels, params, predict,
};
use crate::{
    error::Result,
    fact::{Fact, Onboarding, Record, RecordKind, Standing},
    number::artifact,
};

pub(crate) fn plan(
    context: &Context<'_>,
    core: &Core,
    class: &predict::Class,
    spec: &UnitSpec,
    draft: &mut Draft,
) -> Result<predict::Unit> {
    let name = format!("unit/{}", spec.slug);
    let subject =
        Subject { name: &name, kind: artifact::UNIT, id: spec.id, parent: context.spec.id };
    let params = params::unit(spec, subject.artifact_id());
    let params_hash = params::hash(&params);
    governance::open_artifact(core, draft, &context.halo, &subject, &spec.slug)?;
    governance::edit_artifact(core, draft, &context.halo, &subject, &spec.artifact, params_hash)?;

    let site = predict::Site {
        core,
        factory: core.factory.address,
        chain_id: context.network.chain_id,
        subject: spec.id,
        salt: spec.salt,
    };
    let unit = site.unit(&spec.slug)?;
    let mut expects = vec![Fact::Record(Record {
        registry: core.units.address,
        subject: name.clone(),
        of: RecordKind::Unit,
        id: spec.id,
        parent: context.spec.id,
        params_hash,
        at: unit.addresses(),
        shared: None,
    })];
    expects.extend(wiring(context, core, class, &unit)?);
    expects.extend(terms(spec, &unit.unit.at)?);
    let standing = UnitRegistry::unitTermsReturn {
        tranche: spec.tranche,
        annualBps: spec.annual_bps,
        minCoverBps: spec.min_cover_bps,
    };
    let call = UnitRegistry::unitTermsCall { unitId: spec.id };
    expects.push(core.units.returns(&call, &standing)?);
    draft.deploy(
        format!("{name}/deploy"),
        format!("Deploy the Unit {}", spec.name),
        &context.govops,
        &core.factory,
        &LaniakeaFactory::deployUnitCall { classId: context.spec.id, p: params },
        unit.contracts(),
        expects,
    )?;
    for limit in &spec.limits {
        let at = &class.rate_limits.at;
        let fact = class::limit(context, at, limit, Some((&spec.slug, unit.unit.at.address)));
        let key = limit.name.key(context.spec.asset.address, unit.unit.at.address);
        let call = Set { key, max: limit.max, slope: limit.slope.per_second };
        let id = format!("{name}/limit/{}", labels::step(&limit.name));
        let title = format!("Set {}", labels::limit(context, &limit.name, Some(&spec.slug)));
        call.full(draft, id, title, &context.halo, at, vec![fact])?;
        if context.spec.configurator.is_some() {
            let (proxy, unit) = (class.alm_proxy.at.address, unit.unit.at.address);
            configurator::init(context, core, draft, proxy, limit, Some((&spec.slug, unit)))?;
        }
    }
    Ok(unit)
}

/// A rate limit about to be set.
pub(crate) struct Set {
    pub(crate) key: alloy_primitives::B256,
    pub(crate) max: U256,
    pub(crate) slope: U256,
}

impl Set {
    /// Adds the step that sets the limit with all of it available at once.
    pub(crate) fn full(
        &self,
        draft: &mut Draft,
        id: String,
        title: String,
        signer: &crate::plan::Signer,
        at: &At,
        expects: Vec<Fact>,
    ) -> Result<()> {
        if self.max == U256::MAX {
            let call = RateLimits::setUnlimitedRateLimitDataCall { key: self.key };
            return draft.call(id, title, signer, at, &call, expects);
        }
        let call = RateLimits::setRateLimitDataCall {
            key: self.key,
            maxAmount: self.max,
            slope: self.slope,
            lastAmount: self.max,
            // The time does not matter to a limit that starts full, and a plan knows no time.
            lastUpdated: U256::ZERO,
        };
        draft.call(id, title, signer, at, &call, expects)
    }
}

/// What the Unit and its queues stand on.
fn wiring(
    context: &Context<'_>,
    core: &Core,
    class: &predict::Class,
    made: &predict::Unit,
) -> Result<Vec<Fact>> {
    let predict::Unit { unit, subscribe_queue, redeem_queue } = made;
    let (unit, subscribe, redeem) = (&unit.at, &subscribe_queue.at, &redeem_queue.at);
    let asset = context.spec.asset.address;
    Ok(vec![
        unit.returns(&HaloUnit::assetCall {}, &asset)?,
        unit.returns(&HaloUnit::aclCall {}, &class.acl.at.address)?,
        unit.returns(&HaloUnit::bookCall {}, &class.book.at.address)?,
        unit.returns(&HaloUnit::classProxyCall {}, &class.alm_proxy.at.address)?,
        unit.returns(&HaloUnit::registryCall {}, &core.units.address)?,
        unit.returns(&HaloUnit::subscribeQueueCall {}, &subscribe.address)?,
        unit.returns(&HaloUnit::redeemQueueCall {}, &redeem.address)?,
        subscribe.returns(&LctsQueue::unitCall {}, &unit.address)?,
        subscribe.returns(&LctsQueue::underlyingCall {}, &asset)?,
        subscribe.returns(&LctsQueue::rewardCall {}, &unit.address)?,
        redeem.returns(&LctsQueue::unitCall {}, &unit.address)?,
        redeem.returns(&LctsQueue::underlyingCall {}, &unit.address)?,
        redeem.returns(&LctsQueue::rewardCall {}, &asset)?,
    ])
}

/// What the Unit was told. Its place, rate and cover lie in the Book, where the registry reads them.
fn terms(spec: &UnitSpec, at: &At) -> Result<Vec<Fact>> {
    let clock = HaloUnit::clockReturn {
        enforce: spec.clock.enforce,
        lockFrom: spec.clock.lock_from,
        lockTo: spec.clock.lock_to,
    };
    let mut facts = vec![
        at.returns(&HaloUnit::nameCall {}, &spec.name)?,
        at.returns(&HaloUnit::symbolCall {}, &spec.symbol)?,
        at.returns(&HaloUnit::trancheCall {}, &spec.tranche)?,
        at.returns(&HaloUnit::capCall {}, &spec.cap)?,
        at.returns(&HaloUnit::epochSubscribeCapCall {}, &spec.epoch_subscribe_cap)?,
        at.returns(&HaloUnit::epochRedeemCapCall {}, &spec.epoch_redeem_cap)?,
        at.returns(&HaloUnit::minEpochGapCall {}, &spec.min_epoch_gap)?,
        at.returns(&HaloUnit::maxLockCall {}, &spec.max_lock)?,
        at.returns(&HaloUnit::clockCall {}, &clock)?,
        at.returns(&HaloUnit::openCall {}, &spec.open)?,
    ];
    for account in &spec.entrants {
        facts.push(at.returns(&HaloUnit::isEntrantCall(*account), &true)?);
    }
    for account in &spec.holders {
        facts.push(at.returns(&HaloUnit::isHolderCall(*account), &true)?);
    }
    Ok(facts)
}

/// Adds the step that opens the Unit for subscriptions, and the requirements of onboarding.
pub(crate) fn activate(
    context: &Context<'_>,
    core: &Core,
    spec: &UnitSpec,
    draft: &mut Draft,
) -> Result<()> {
    let (registry, unit) = (core.units.address, &spec.slug);
    let standing = Standing { registry, unit: unit.clone(), unit_id: spec.id };
    draft.call(
        format!("unit/{unit}/activate"),
        format!("Open the Unit {} for subscriptions", spec.name),
        &context.governance,
        &core.units,
        &UnitRegistry::activateCall { unitId: spec.id },
        vec![Fact::Standing(standing)],
    )?;
    for bit in 0..=2 {
        draft.outcome(onboarding(core, spec, bit, None));
    }
    Ok(())
}

/// A requirement of the onboarding mask.
pub(crate) fn onboarding(
    core: &Core,
    spec: &UnitSpec,
    bit: u8,
    prime: Option<crate::fact::PrimeProxy>,
) -> Fact {
    let (registry, unit, unit_id) = (core.units.address, spec.slug.clone(), spec.id);
    Fact::Onboarding(Onboarding { registry, unit, unit_id, bit, prime })
}
