//! The Halo's own way to another Unit: a plan that its artifact commits to, announced.

use alloy_primitives::{Address, U256, keccak256, uint};
use alloy_sol_types::{SolValue, sol};
use halo_spec::amount::format_number;
use halo_templates::bindings::{EmergencyGuard, HaloUnit, TemplateRegistry};
use serde_json::json;

use super::{Draft, by_halo, edit};
use crate::{
    Error, Result, Scene, Terms,
    tables::Tables,
    words::{Amount, address, word},
};

sol! {
    struct PlanUnit {
        address unit;
        address target;
        uint256 minRatio;
    }

    struct PlanStep {
        address asset;
        address destination;
        uint256 max;
    }

    struct DailyLimit {
        address asset;
        uint256 max;
    }

    struct MigrationPlan {
        bytes32 sourceClass;
        uint64 deadline;
        PlanUnit[] units;
        PlanStep[] steps;
        DailyLimit[] dailyLimits;
    }
}

/// TemplateKind.GUARD.
const GUARD: u8 = 3;

/// The least shares of the target for one share, RAY: one for one, less half a percent for rounding and a day's yield.
const MIN_RATIO: U256 = uint!(995_000_000_000_000_000_000_000_000_U256);

pub(super) fn unit(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let deadline = terms.deadline.ok_or_else(|| Error::Terms {
        what: "it is not said until when the migration may move value".to_owned(),
        remedy: "give the second with --deadline".to_owned(),
    })?;
    let (executor, executor_at) = by_halo(scene);
    let guard = scene.contract("class/guard")?;
    let asset = scene.asset()?;
    let next = next_controller(scene, guard)?;
    let moves = moves(terms, scene)?;
    let plan = plan(scene, asset.address, deadline, &moves);
    let plan_hash = keccak256(plan.abi_encode());
    let daily = plan.dailyLimits.first().map(|limit| Amount::new(limit.max, asset));
    let rows: Vec<_> = moves
        .iter()
        .map(|one| {
            json!({
                "slug": one.slug,
                "at": address(one.at),
                "target": one.target.map(address),
                "min_ratio": format_number(MIN_RATIO, 0),
                "max": Amount::new(one.max, asset),
            })
        })
        .collect();

    let mut tables = Tables::of(scene)?;
    for (contract, role) in [("class/acl", "DEFAULT_ADMIN_ROLE"), ("class/alm-proxy", "CONTROLLER")]
    {
        tables.gains(contract, role, next);
    }
    let edit = edit(terms, scene, &mut tables, "halo", Some(plan_hash))?;
    let (class, slug) = (&scene.manifest.class.slug, &scene.manifest.unit.slug);
    Ok(Draft {
        title: format!("MigrateUnit: the Unit {slug} with its Class {class}"),
        notice: vec![
            "Freezes the Class, commits the Halo artifact to the plan below and announces it. After the Class's takeover delay the".to_owned(),
            "Halo may carry it out, step by step and within its limits; until then whoever may edit the artifact can withdraw it.".to_owned(),
        ],
        executor,
        executor_at,
        values: json!({
            "guard": address(guard),
            "acl": address(scene.contract("class/acl")?),
            "units_registry": address(scene.contract("core/unit-registry")?),
            "class_id": word(scene.manifest.class.id),
            "class": class,
            "asset": address(asset.address),
            "units": rows,
            "daily": daily,
            "deadline": deadline,
            "next_controller": address(next),
            "plan_hash": word(plan_hash),
            "edit": edit,
        }),
        tables,
    })
}

/// What becomes of a Unit.
struct Move {
    slug: String,
    at: Address,
    target: Option<Address>,
    /// The most that its vault is sent, asset units: its cap. The contract sends it no more than it is worth.
    max: U256,
}

/// All Units of the Class share one value, so all of them move.
fn moves(terms: &Terms, scene: &Scene) -> Result<Vec<Move>> {
    let units = scene.units()?;
    if let Some(slug) =
        terms.targets.keys().find(|slug| units.iter().all(|unit| unit.name != **slug))
    {
        let known: Vec<_> = units.iter().map(|unit| unit.name.as_str()).collect();
        return Err(Error::Terms {
            what: format!("the Class has no Unit `{slug}`"),
            remedy: format!("its Units are {}", known.join(", ")),
        });
    }
    let row = |unit: crate::scene::Unit| {
        let target = terms.targets.get(&unit.name).copied();
        let shares = scene.read(unit.at, &HaloUnit::totalSupplyCall {})?;
        if target.is_none() && !shares.is_zero() {
            return Err(Error::Terms {
                what: format!("the Unit {} has shares, and they become nothing", unit.name),
                remedy: format!(
                    "name the Unit that they become shares of with --target {}=0x…",
                    unit.name
                ),
            });
        }
        let max = scene.read(unit.at, &HaloUnit::capCall {})?;
        Ok(Move { slug: unit.name, at: unit.at, target, max })
    };
    units.into_iter().map(row).collect()
}

/// The plan, as the contract hashes it.
fn plan(scene: &Scene, asset: Address, deadline: u64, moves: &[Move]) -> MigrationPlan {
    let unit = |one: &Move| PlanUnit {
        unit: one.at,
        target: one.target.unwrap_or_default(),
        minRatio: if one.target.is_some() { MIN_RATIO } else { U256::ZERO },
    };
    let moving = || moves.iter().filter(|one| one.target.is_some());
    let step = |one: &Move| PlanStep { asset, destination: one.at, max: one.max };
    let daily = moving().fold(U256::ZERO, |sum, one| sum.saturating_add(one.max));
    let limit = (!daily.is_zero()).then_some(DailyLimit { asset, max: daily });
    MigrationPlan {
        sourceClass: scene.manifest.class.id,
        deadline,
        units: moves.iter().map(unit).collect(),
        steps: moving().map(step).collect(),
        dailyLimits: limit.into_iter().collect(),
    }
}

/// The ConserverController that the guard makes first. It numbers them, and a Class that was migrated or taken over before
/// needs a look of its own.
fn next_controller(scene: &Scene, guard: Address) -> Result<Address> {
    let last = scene.read(guard, &EmergencyGuard::conserverControllerCall {})?;
    if !last.is_zero() {
        return Err(Error::Terms {
            what: format!("the guard of the Class has made the ConserverController {last} before"),
            remedy: "carry its plan out, or have Sky end it".to_owned(),
        });
    }
    let templates = scene.contract("core/template-registry")?;
    let id = keccak256((U256::from(GUARD), "ConserverController".to_owned()).abi_encode_params());
    let made = scene.read(templates, &TemplateRegistry::deployableCall { templateId: id })?;
    let salt = keccak256(U256::from(1).abi_encode());
    Ok(guard.create2(salt, keccak256(made.code)))
}
