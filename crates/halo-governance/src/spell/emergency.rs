//! What the hat stops at once.

use serde_json::{Value, json};

use super::{Draft, merge};
use crate::{Result, Scene, scene::Unit, tables::Tables, words::address};

/// UnitState, as the contracts count it.
const FROZEN: u8 = 3;
const CLOSED: u8 = 5;

pub(super) fn unit_freeze(scene: &Scene) -> Result<Draft> {
    let own = scene.unit()?;
    let slug = scene.manifest.unit.slug.clone();
    let mut draft = of_class(
        scene,
        format!("UnitFreeze: the Unit {slug} of the Class {}", scene.manifest.class.slug),
        "No entry, lock or settlement any more; whoever waits may leave, and claims go on.",
    )?;
    let units = units(scene, |unit| if unit.at == own { "FROZEN" } else { "ACTIVE" })?;
    let unit = json!({ "slug": slug, "at": address(own) });
    merge(&mut draft.values, json!({ "unit": unit, "units": units }));
    Ok(draft)
}

pub(super) fn class_freeze(scene: &Scene) -> Result<Draft> {
    let mut draft = of_class(
        scene,
        format!("ClassFreeze: every Unit of the Class {}", scene.manifest.class.slug),
        "No entry, lock or settlement in any Unit, and nothing leaves by the off-ramp; whoever waits may leave.",
    )?;
    let units = units(scene, |_| "FROZEN")?;
    merge(&mut draft.values, json!({ "units": units }));
    Ok(draft)
}

pub(super) fn relayer_purge(scene: &Scene) -> Result<Draft> {
    let mut draft = of_class(
        scene,
        format!(
            "RelayerPurge: every relayer and settler of the Class {}",
            scene.manifest.class.slug
        ),
        "Nobody moves the Class's assets or settles its Units until its governance names others.",
    )?;
    draft.tables.leaves("class/acl", "ALLOCATOR_ROLE", Vec::new());
    draft.tables.leaves("class/acl", "SETTLER_ROLE", Vec::new());
    Ok(draft)
}

pub(super) fn configurator_stop(scene: &Scene) -> Result<Draft> {
    let beam = beam(scene)?;
    let mom = scene.contract("core/beam-mom")?;
    Ok(Draft {
        title: "ConfiguratorStop: limits only fall until Sky starts it again".to_owned(),
        notice: vec![
            "GovOps of every PAU can lower and remove limits, and nothing else.".to_owned(),
        ],
        executor: "the Configurator's Mom".to_owned(),
        executor_at: mom,
        values: json!({
            "beam": beam,
        }),
        tables: Tables::of(scene)?,
    })
}

/// A spell that acts on the Class through its EmergencyGuard, by the Mom, which is one of the Class's wardens.
fn of_class(scene: &Scene, title: String, notice: &str) -> Result<Draft> {
    let mom = scene.contract("core/halo-mom")?;
    Ok(Draft {
        title,
        notice: vec![notice.to_owned()],
        executor: "the Mom of the Halos".to_owned(),
        executor_at: mom,
        values: json!({
            "mom": address(mom),
            "class": scene.manifest.class.slug,
            "guard": address(scene.contract("class/guard")?),
            "acl": address(scene.contract("class/acl")?),
            "state": { "frozen": FROZEN, "closed": CLOSED },
        }),
        tables: Tables::of(scene)?,
    })
}

/// The Configurator Unit as values for the templates.
pub(super) fn beam(scene: &Scene) -> Result<Value> {
    Ok(json!({
        "state": address(scene.contract("core/beam-state")?),
        "timelock": address(scene.contract("core/beam-timelock")?),
        "scheduler": address(scene.contract("core/beam-scheduler")?),
        "mom": address(scene.contract("core/beam-mom")?),
    }))
}

/// All Units of the Class, each with the state that it is left in.
fn units(scene: &Scene, after: impl Fn(&Unit) -> &'static str) -> Result<Vec<Value>> {
    let units = scene.units()?;
    let row = |unit: &Unit| json!({ "slug": unit.name, "at": address(unit.at), "state_after": after(unit) });
    Ok(units.iter().map(row).collect())
}
