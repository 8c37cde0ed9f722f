//! Decisions as calls: where to send what. Who must send it stands at each function.

use crate::{lcts::settler::Action, prime::Act};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use halo_templates::bindings::{
    BeaconRegistry, ControllerSurface, FreezerModule, HaloUnit, UnitRegistry,
};

/// A call without value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Contract.
    pub to: Address,
    /// Calldata.
    pub data: Bytes,
}

impl Call {
    fn new(to: Address, call: &impl SolCall) -> Self {
        Self { to, data: call.abi_encode().into() }
    }
}

/// The beacon that lpha-lcts runs as, and the registries that it reports to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// beaconId
    pub id: B256,
    /// BeaconRegistry.
    pub beacons: Address,
    /// UnitRegistry.
    pub units: Address,
    /// Digest of the operator's state, for watchers to compare.
    pub state_root: B256,
}

/// What the beacon's operator sends, who holds SETTLER.
pub fn action(beacon: &Beacon, action: &Action) -> Call {
    match action {
        Action::Heartbeat => {
            let call =
                BeaconRegistry::heartbeatCall { id: beacon.id, stateRoot: beacon.state_root };
            Call::new(beacon.beacons, &call)
        }
        Action::Poke { id } => Call::new(beacon.units, &UnitRegistry::pokeCall { unitId: *id }),
        Action::Lock { unit } => Call::new(*unit, &HaloUnit::lockEpochCall {}),
        Action::Settle { unit, order } => {
            // At exactly the index that was read: at another one the order is void.
            let p = HaloUnit::SettleParams {
                epoch: order.epoch,
                subscribeCapacity: order.input.subscribe_capacity,
                redeemCapacity: order.input.redeem_capacity,
                minIndex: order.input.index,
                maxIndex: order.input.index,
            };
            Call::new(*unit, &HaloUnit::settleEpochCall { p })
        }
        Action::UnlockStale { unit } => Call::new(*unit, &HaloUnit::unlockStaleCall {}),
    }
}

/// What a Prime's relayer, who holds ALLOCATOR, sends to the Prime's `controller`.
pub fn act(controller: Address, act: &Act) -> Call {
    match *act {
        Act::MintUsds { amount } => {
            Call::new(controller, &ControllerSurface::usds_mintCall { usdsAmount: amount })
        }
        Act::SwapUsdsToUsdc { usdc } => {
            Call::new(controller, &ControllerSurface::psm_swapUSDSToUSDCCall { usdcAmount: usdc })
        }
        Act::RequestDeposit { unit: token, amount } => {
            Call::new(controller, &ControllerSurface::erc7540_requestDepositCall { token, amount })
        }
        Act::ClaimDeposit { unit: token } => {
            Call::new(controller, &ControllerSurface::erc7540_claimDepositCall { token })
        }
        Act::RequestRedeem { unit: token, shares } => {
            Call::new(controller, &ControllerSurface::erc7540_requestRedeemCall { token, shares })
        }
        Act::ClaimRedeem { unit: token } => {
            Call::new(controller, &ControllerSurface::erc7540_claimRedeemCall { token })
        }
    }
}

/// What a warden, who holds FREEZER, sends to the FreezerModule `freezer` to take `relayer` out.
pub fn halt(freezer: Address, relayer: Address) -> Call {
    Call::new(freezer, &FreezerModule::removeRelayerCall { relayer })
}

/// What a Class's relayer sends to the Class's `controller` to have redeemers paid.
pub fn fund_redemption(controller: Address, unit: Address, amount: U256) -> Call {
    Call::new(controller, &ControllerSurface::lctsHalo_fundRedemptionCall { unit, amount })
}
