//! The Halo's own way to another Unit: a plan that its artifact commits to, announced.

use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::{SolValue, sol};
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
const MIN_RATIO: &str = "995_000_000_000_000_000_000_000_000";

pub(super) fn unit(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let deadline = terms.deadline.ok_or_else(|| Error::Terms {
        what: "it is not said until when the migration may move value".to_owned(),
        remedy: "give the second with --deadline".to_owned(),
    })?;
    let (executor, executor_at) = by_halo(scene);
    let guard = scene.contract("class/guard")?;
    let own = scene.unit()?;
    let asset = scene.asset()?;
    let max = Amount::new(scene.read(own, &HaloUnit::capCall {})?, asset);
    let next = next_controller(scene, guard)?;

    let units = scene.units()?;
    let target_of = |at: Address| terms.target.filter(|_| at == own);
    let plan = plan(scene, terms, deadline)?;
    let plan_hash = keccak256(plan.abi_encode());
    let moving: Vec<_> = (0..units.len())
        .filter(|at| units.get(*at).is_some_and(|unit| target_of(unit.at).is_some()))
        .collect();
    let rows: Vec<_> = units
        .iter()
        .map(|unit| {
            json!({
                "slug": unit.name,
                "at": address(unit.at),
                "target": target_of(unit.at).map(address),
                "min_ratio": MIN_RATIO,
                "max": max,
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
    let values = json!({
        "guard": address(guard),
        "acl": address(scene.contract("class/acl")?),
        "units_registry": address(scene.contract("core/unit-registry")?),
        "class_id": word(scene.manifest.class.id),
        "class": class,
        "asset": address(asset.address),
        "units": rows,
        "moving": moving,
        "deadline": deadline,
        "next_controller": address(next),
        "plan_hash": word(plan_hash),
        "edit": edit,
    });
    Ok(Draft {
        title: format!("MigrateUnit: the Unit {slug} of the Class {class}"),
        notice: vec![
            "Freezes the Class, commits the Halo artifact to the plan below and announces it. After the Class's takeover delay the".to_owned(),
            "Halo may carry it out, step by step and within its limits; until then whoever may edit the artifact can withdraw it.".to_owned(),
        ],
        executor,
        executor_at,
        values,
        tables,
    })
}

/// The plan of the terms, as the contract hashes it.
fn plan(scene: &Scene, terms: &Terms, deadline: u64) -> Result<MigrationPlan> {
    let own = scene.unit()?;
    let asset = scene.asset()?.address;
    let max = scene.read(own, &HaloUnit::capCall {})?;
    let ratio: U256 = MIN_RATIO.replace('_', "").parse().unwrap_or_default();
    let target = terms.target;
    let units = scene.units()?;
    let row = |at: Address| match target.filter(|_| at == own) {
        Some(target) => PlanUnit { unit: at, target, minRatio: ratio },
        None => PlanUnit { unit: at, target: Address::ZERO, minRatio: U256::ZERO },
    };
    let steps = target.map(|_| PlanStep { asset, destination: own, max });
    let limits = target.map(|_| DailyLimit { asset, max });
    Ok(MigrationPlan {
        sourceClass: scene.manifest.class.id,
        deadline,
        units: units.iter().map(|unit| row(unit.at)).collect(),
        steps: steps.into_iter().collect(),
        dailyLimits: limits.into_iter().collect(),
    })
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
