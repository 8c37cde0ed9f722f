//! What Sky signs for a Class and for a Unit: what GovOps may do from then on, and the artifact edit that ends it.

use alloy_primitives::{Address, B256, U256};

use halo_spec::{Configurator, keys};
use halo_templates::bindings::{ControllerSurface, HaloUnit};
use serde_json::{Value, json};

use super::{Draft, by_sky, edit, emergency::beam};
use crate::{
    Error, Result, Scene, Terms, sanity,
    tables::Tables,
    words::{Amount, address, constant, number, word},
};

pub(super) fn class(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let (executor, executor_at) = by_sky(scene);
    let beam = beam(scene)?;
    let pace = pace(terms, scene)?;
    let gov_ops: Vec<_> = pace.gov_ops.iter().map(|usr| address(*usr)).collect();
    let venue = venue(scene)?;
    let venue_key = venue.as_ref().map(|venue| venue.init.key);
    let inits: Vec<Init> =
        class_inits(scene)?.into_iter().filter(|init| Some(init.key) != venue_key).collect();
    let mut all_inits: Vec<_> = inits.iter().map(Init::to_json).collect();
    all_inits.extend(venue.as_ref().map(|venue| venue.init.to_json()));
    let mut tables = Tables::of(scene)?;
    let edit = edit(terms, scene, &mut tables, "class", None)?;
    let class = &scene.manifest.class;
    Ok(Draft {
        title: format!("OnboardHaloClass: {}", class.slug),
        notice: vec![
            "After the timelock's delay GovOps may set the limits of the Class's PAU, up to the inits below and from there by a quarter".to_owned(),
            "every 18 hours. Until then any canceller may strike out each part. The artifact edit says that this is the Class".to_owned(),
            "whose text and parameters were reviewed.".to_owned(),
        ],
        executor,
        executor_at,
        values: json!({
            "class": class.slug,
            "beam": beam,
            "alm_proxy": address(scene.contract("class/alm-proxy")?),
            "usds": address(scene.network.sky.usds),
            "registration": word(registration(scene)?),
            "gov_ops": gov_ops,
            "hop": pace.hop,
            "max_change_bps": pace.max_change_bps,
            "max_change": format!("{}e14", 10_000 + u32::from(pace.max_change_bps)),
            "inits": inits.iter().map(Init::to_json).collect::<Vec<_>>(),
            "all_inits": all_inits,
            "venue": venue.map(|venue| venue.to_json()),
            "edit": edit,
        }),
        tables,
    })
}

pub(super) fn unit(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let (executor, executor_at) = by_sky(scene);
    let beam = beam(scene)?;
    let (slug, at) = (scene.manifest.unit.slug.clone(), scene.unit()?);
    let asset = scene.asset()?.clone();
    let fund_key = keys::lcts_fund_redeem(asset.address, at);
    let fund = scene.limits_of("class/rate-limits").find(|limit| limit.key == fund_key);
    let fund = Init::of(fund.ok_or_else(|| Error::Terms {
        what: format!("the Class has no limit for funding the redemptions of {slug}"),
        remedy: "give `fund_redemption` in the spec".to_owned(),
    })?)?;
    let primes = primes(scene, at)?;
    let exposure = primes.iter().fold(U256::ZERO, |sum, prime| sum.saturating_add(prime.max));

    let (redeem_key, exit_key) = (keys::erc7540_redeem(at), keys::lcts_exit(at));
    let deposit_key = keys::erc7540_deposit(asset.address, at);
    let alm_proxy = scene.contract("class/alm-proxy")?;
    let init = |key: B256, pau: Address, max: U256, slope: U256, label: String| {
        json!({
            "key": word(key),
            "pau": address(pau),
            "max": number(max, asset.decimals),
            "slope": number(slope, asset.decimals),
            "label": label,
        })
    };
    let mut inits =
        vec![init(fund_key, alm_proxy, fund.max, fund.slope, "funds redemptions".to_owned())];
    for prime in &primes {
        let Prime { slug, at, max, slope } = prime;
        inits.push(init(deposit_key, *at, *max, *slope, format!("{slug} in")));
        inits.push(init(redeem_key, *at, U256::MAX, U256::ZERO, format!("{slug} redeems")));
        inits.push(init(exit_key, *at, U256::MAX, U256::ZERO, format!("{slug} leaves")));
    }
    let mut tables = Tables::of(scene)?;
    let edit = edit(terms, scene, &mut tables, &format!("unit/{slug}"), None)?;
    let operators = scene.manifest.heartbeats.iter().map(|beacon| operator(scene, beacon.beacon));
    Ok(Draft {
        title: format!("OnboardUnit: the Unit {slug} of the Class {}", scene.manifest.class.slug),
        notice: vec![
            "Opens the Unit for subscriptions, and lets GovOps of its Primes open their limits for it after the timelock's".to_owned(),
            "delay: together no more than the Unit can take. The artifact edit says that this is the Unit whose text and".to_owned(),
            "parameters were reviewed.".to_owned(),
        ],
        executor,
        executor_at,
        values: json!({
            "unit": { "slug": slug, "at": address(at), "id": word(scene.manifest.unit.id) },
            "units_registry": address(scene.contract("core/unit-registry")?),
            "beacons": address(scene.contract("core/beacon-registry")?),
            "beam": beam,
            "alm_proxy": address(alm_proxy),
            "fund": fund.to_json(),
            "primes": primes.iter().map(|prime| prime.to_json(&asset)).collect::<Vec<_>>(),
            "deposit_key": word(deposit_key),
            "redeem_key": word(redeem_key),
            "exit_key": word(exit_key),
            "exposure": number(exposure, asset.decimals),
            "inits": inits,
            "operators": operators.collect::<Result<Vec<_>>>()?,
            "edit": edit,
        }),
        tables,
    })
}

/// Who may set the Class's limits, and how fast they may grow.
fn pace(terms: &Terms, scene: &Scene) -> Result<Configurator> {
    let mut pace = scene.pace.clone().ok_or_else(|| Error::Terms {
        what: "the Class takes no limits from the Configurator".to_owned(),
        remedy: "write the spell from a spec that has a [configurator] table".to_owned(),
    })?;
    if let Some(usr) = terms.gov_ops {
        pace.gov_ops = vec![usr];
    }
    Ok(pace)
}

/// A limit as the highest that GovOps may set at once.
struct Init {
    label: String,
    key: B256,
    max: U256,
    slope: U256,
    decimals: u8,
    words: String,
}

impl Init {
    fn of(limit: &halo_deploy::Limit) -> Result<Self> {
        let halo_deploy::Limit { label, key, max, slope, decimals, symbol, .. } = limit;
        let is_way_back =
            ["LIMIT_4626_WITHDRAW", "LIMIT_OFFRAMP_RETURN", "LIMIT_LCTS_EXIT", "LIMIT_7540_REDEEM"]
                .iter()
                .any(|way| label.starts_with(way));
        if !is_way_back {
            sanity::outflow(label, *max, *slope, *decimals)?;
        }
        let token =
            halo_spec::Token { symbol: symbol.clone(), decimals: *decimals, ..Default::default() };
        let words = Amount::new(*max, &token).words;
        Ok(Self {
            label: label.clone(),
            key: *key,
            max: *max,
            slope: *slope,
            decimals: *decimals,
            words,
        })
    }

    fn to_json(&self) -> Value {
        let name = self.label.trim_end_matches(')').replace(", ", "_");
        json!({
            "label": self.label,
            "constant": constant(&name),
            "key": word(self.key),
            "max": number(self.max, self.decimals),
            "slope": number(self.slope, self.decimals),
            "words": self.words,
        })
    }
}

/// The Class's own limits; those about a Unit come with the Unit.
fn class_inits(scene: &Scene) -> Result<Vec<Init>> {
    let is_own = |limit: &&halo_deploy::Limit| {
        !limit.max.is_zero() && !limit.label.starts_with("LIMIT_LCTS_FUND_REDEEM")
    };
    scene.limits_of("class/rate-limits").filter(is_own).map(Init::of).collect()
}

/// Where the Class parks idle USDS.
struct Venue {
    at: Address,
    /// USDS wei for 1e18 wei of shares.
    max_assets: Amount,
    init: Init,
}

impl Venue {
    fn to_json(&self) -> Value {
        json!({
            "name": "sUSDS",
            "at": address(self.at),
            "max_assets": self.max_assets,
            "init": self.init.to_json(),
        })
    }
}

/// sUSDS, if the Class has a limit for it, with the exchange rate that its governance set as the highest.
fn venue(scene: &Scene) -> Result<Option<Venue>> {
    let sky = &scene.network.sky;
    let key = keys::erc4626_deposit(sky.usds, sky.susds);
    let Some(limit) = scene.limits_of("class/rate-limits").find(|limit| limit.key == key) else {
        return Ok(None);
    };
    let controller = scene.contract("class/controller")?;
    let call = ControllerSurface::erc4626_getMaxExchangeRateCall { token: sky.susds };
    // Kept as 1e36 × assets / shares, and set for 1e18 shares.
    let kept = scene.read(controller, &call)?;
    let rate = kept / U256::from(1_000_000_000_000_000_000_u64);
    let max_assets = Amount::new(rate, scene.token(sky.usds)?);
    Ok(Some(Venue { at: sky.susds, max_assets, init: Init::of(limit)? }))
}

/// A Prime that may enter the Unit, and what it may put in.
struct Prime {
    slug: String,
    at: Address,
    max: U256,
    slope: U256,
}

impl Prime {
    fn to_json(&self, asset: &halo_spec::Token) -> Value {
        json!({
            "constant": constant(&self.slug),
            "at": address(self.at),
            "max": number(self.max, asset.decimals),
            "slope": number(self.slope, asset.decimals),
            "words": Amount::new(self.max, asset).words,
        })
    }
}

/// The Primes that have a limit for the Unit. Each gets an init of that limit, but of no more than its equal part of the
/// Unit's cap, so that all of them together fit under it.
fn primes(scene: &Scene, unit: Address) -> Result<Vec<Prime>> {
    let asset = scene.asset()?;
    let key = keys::erc7540_deposit(asset.address, unit);
    let limits: Vec<_> = scene
        .manifest
        .limits
        .iter()
        .filter(|limit| limit.key == key && limit.contract.starts_with("prime/"))
        .collect();
    if limits.is_empty() {
        return Err(Error::Terms {
            what: format!("no Prime has a limit for the Unit {}", scene.manifest.unit.slug),
            remedy: "name entrants in the spec, and their deposits in the scenario".to_owned(),
        });
    }
    let cap = scene.read(unit, &HaloUnit::capCall {})?;
    let one = Scene::one(asset);
    // Whole tokens.
    let part = cap / U256::from(limits.len()) / one * one;
    let prime = |limit: &halo_deploy::Limit| {
        let slug = limit.contract.split('/').nth(1).unwrap_or_default();
        let prime = scene
            .network
            .prime(slug)
            .ok_or_else(|| Error::NoContract { name: limit.contract.clone() })?;
        let max = limit.max.min(part);
        let slope = limit.slope.min(part / U256::from(86_400));
        sanity::outflow(&format!("deposit of {slug}"), max, slope, asset.decimals)?;
        Ok(Prime { slug: slug.to_owned(), at: prime.alm_proxy, max, slope })
    };
    limits.into_iter().map(prime).collect()
}

/// A beacon that must be alive when the Unit is activated.
fn operator(scene: &Scene, id: B256) -> Result<Value> {
    use halo_templates::bindings::BeaconRegistry;
    let registry = scene.contract("core/beacon-registry")?;
    let beacon = scene.read(registry, &BeaconRegistry::beaconCall { id })?;
    Ok(json!({ "id": word(id), "operator": address(beacon.operator) }))
}

/// The batch by which the factory's registrar puts the PAU before the Configurator's timelock.
fn registration(scene: &Scene) -> Result<B256> {
    const NAME: &str = "class/registration";
    let found = scene.manifest.scheduled.iter().find(|batch| batch.subject == NAME);
    found.map(|batch| batch.id).ok_or_else(|| Error::NoContract { name: NAME.to_owned() })
}
