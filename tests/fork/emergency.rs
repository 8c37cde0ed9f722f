//! The brake and the takeover, rehearsed on a fork: a warden freezes a Unit and Sky lets it go on; the conserver takes the
//! Class over, opens the exits of that Unit, and Sky gives the Class back.

use alloy_primitives::{Address, B256};
use halo_chain::{Chain, Embedded, now};
use halo_deploy::Plan;
use halo_templates::bindings::{ConserverController, EmergencyGuard, HaloUnit, UnitRegistry};
use halo_tests::World;

/// UnitState and Stage, as the contracts count them.
const ACTIVE: u8 = 1;
const FROZEN: u8 = 3;
const WINDING_DOWN: u8 = 4;
const NORMAL: u8 = 0;
const PENDING: u8 = 1;
const TAKEN: u8 = 2;

/// What each step left, for one source to be compared with another.
pub(crate) fn emergency(
    world: &World,
    plan: &Plan,
    chain: &mut Embedded,
) -> Result<String, String> {
    let at = |name: &str| plan.address(name).unwrap();
    let slug = &world.spec.units[0].slug;
    let (unit, guard) = (at(&format!("unit/{slug}/unit")), at("class/guard"));
    let registry = at("core/unit-registry");
    let (sky, conserver) = (world.network.governance.pause_proxy, world.spec.conserver);
    let warden = world.spec.freezers[0];
    let mut left = Vec::new();
    let mut look = |chain: &Embedded, state: u8, stage: u8| -> Result<(), String> {
        let read = |error: halo_chain::Error| error.to_string();
        let found = now(chain.read(unit, &HaloUnit::stateCall {})).map_err(read)?;
        let at_stage = now(chain.read(guard, &EmergencyGuard::stageCall {})).map_err(read)?;
        let roles = now(chain.read(guard, &EmergencyGuard::suspendedRolesCall {})).map_err(read)?;
        assert_eq!((found, at_stage), (state, stage), "after {left:?}");
        assert_eq!(roles.is_zero(), stage != PENDING, "after {left:?}");
        left.push((found, at_stage, roles));
        Ok(())
    };
    macro_rules! act {
        ($from:expr, $to:expr, $call:expr) => {
            now(chain.write($from, $to, &$call)).map_err(|error| error.to_string())?
        };
    }

    look(chain, ACTIVE, NORMAL)?;
    let freeze = EmergencyGuard::freezeUnitCall { unit };
    assert!(now(chain.write(Address::ZERO, guard, &freeze)).is_err(), "anybody froze it");
    act!(warden, guard, freeze);
    look(chain, FROZEN, NORMAL)?;
    act!(sky, guard, EmergencyGuard::unfreezeUnitCall { unit });
    look(chain, ACTIVE, NORMAL)?;

    act!(
        conserver,
        guard,
        EmergencyGuard::initiateTakeoverCall { reasonHash_: B256::repeat_byte(7) }
    );
    look(chain, FROZEN, PENDING)?;
    let complete = EmergencyGuard::completeTakeoverCall {};
    assert!(now(chain.write(conserver, guard, &complete)).is_err(), "Sky had no time to say no");
    chain.advance(world.spec.takeover_delay.into()).map_err(|error| error.to_string())?;
    act!(conserver, guard, complete);
    look(chain, FROZEN, TAKEN)?;
    let controller = now(chain.read(guard, &EmergencyGuard::conserverControllerCall {}));
    let controller = controller.map_err(|error| error.to_string())?;
    act!(conserver, controller, ConserverController::openExitsCall { unit });
    look(chain, WINDING_DOWN, TAKEN)?;
    let record = UnitRegistry::unitRecordCall { unitId: world.spec.units[0].id };
    let record = now(chain.read(registry, &record)).map_err(|error| error.to_string())?;
    act!(sky, guard, EmergencyGuard::returnControlCall { admin: world.spec.admins[0] });
    look(chain, WINDING_DOWN, NORMAL)?;
    let code = now(chain.code_hash(controller)).map_err(|error| error.to_string())?;
    Ok(format!("{left:?} {controller} {code} {}", record.standing as u8))
}
