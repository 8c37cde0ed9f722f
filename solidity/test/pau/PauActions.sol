// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";

/// @notice Every state-changing call that a Controller answers, so that a test about all of them forgets none.
///         `Constants.t.sol` counts the surface; these and the views make up all of it.
library PauActions {
    /// @notice The first of `all` that set parameters; those before are the wardens' switches.
    uint256 internal constant FIRST_PARAMETER = 1;
    /// @notice The first of `all` that move value.
    uint256 internal constant FIRST_ALLOCATION = 5;
    uint256 internal constant VIEWS = 20;

    /// @param venue stands in for every vault, unit, token and destination
    function all(address venue) internal pure returns (bytes[] memory list) {
        list = new bytes[](26);
        list[0] = abi.encodeCall(ControllerSurface.psm_setHalted, (true));
        list[1] = abi.encodeCall(ControllerSurface.usds_setVault, (venue));
        list[2] = abi.encodeCall(ControllerSurface.psm_setConfig, (PsmConfig(0, venue, venue, venue, 0)));
        list[3] = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (venue, 1, 1));
        list[4] = abi.encodeCall(ControllerSurface.offramp_setLedger, (venue));
        list[5] = abi.encodeCall(ControllerSurface.usds_mint, (1));
        list[6] = abi.encodeCall(ControllerSurface.usds_burn, (1));
        list[7] = abi.encodeCall(ControllerSurface.psm_swapUSDSToUSDC, (1));
        list[8] = abi.encodeCall(ControllerSurface.psm_swapUSDCToUSDS, (1));
        list[9] = abi.encodeCall(ControllerSurface.transferAsset_transfer, (venue, venue, 1));
        list[10] = abi.encodeCall(ControllerSurface.erc4626_deposit, (venue, 1, 0));
        list[11] = abi.encodeCall(ControllerSurface.erc4626_withdraw, (venue, 1, type(uint256).max));
        list[12] = abi.encodeCall(ControllerSurface.erc4626_redeem, (venue, 1, 0));
        list[13] = abi.encodeCall(ControllerSurface.erc7540_requestDeposit, (venue, 1));
        list[14] = abi.encodeCall(ControllerSurface.erc7540_claimDeposit, (venue));
        list[15] = abi.encodeCall(ControllerSurface.erc7540_requestRedeem, (venue, 1));
        list[16] = abi.encodeCall(ControllerSurface.erc7540_claimRedeem, (venue));
        list[17] = abi.encodeCall(ControllerSurface.lctsPrime_exit, (venue));
        list[18] = abi.encodeCall(ControllerSurface.lctsPrime_exitRedemption, (venue));
        list[19] = abi.encodeCall(ControllerSurface.lctsPrime_settleFinalized, (venue));
        list[20] = abi.encodeCall(ControllerSurface.lctsHalo_fundRedemption, (venue, 1));
        list[21] = abi.encodeCall(ControllerSurface.lctsHalo_defundRedemption, (venue, 1));
        list[22] = abi.encodeCall(ControllerSurface.offramp_send, (venue, venue, 1, "ref"));
        list[23] = abi.encodeCall(ControllerSurface.offramp_claim, (venue, venue));
        list[24] = abi.encodeCall(ControllerSurface.offramp_sync, (venue));
        // Not the facets', but under the same guard.
        list[25] = abi.encodeCall(Controller.syncIntegrations, (new bytes32[](0), new bytes32[](1)));
    }
}
