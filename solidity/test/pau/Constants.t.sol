// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ALMProxy } from "src/pau/ALMProxy.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { Dispatch, PsmConfig, Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { Erc7540Facet } from "src/pau/facets/Erc7540Facet.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { PsmFacet } from "src/pau/facets/PsmFacet.sol";
import { TransferAssetFacet } from "src/pau/facets/TransferAssetFacet.sol";
import { UsdsFacet } from "src/pau/facets/UsdsFacet.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice Names, selectors, keys and slots against the strings they come from and the values that production has.
contract ConstantsTest is PauBase {
    function test_roles() public view {
        vm.assertEq(Roles.DEFAULT_ADMIN, bytes32(0), "admin");
        vm.assertEq(Roles.ALLOCATOR, keccak256("ALLOCATOR_ROLE"), "allocator");
        vm.assertEq(Roles.SETTLER, keccak256("SETTLER_ROLE"), "settler");
        vm.assertEq(Roles.FREEZER, keccak256("FREEZER_ROLE"), "freezer");
        vm.assertEq(Roles.CONSERVER, keccak256("CONSERVER_ROLE"), "conserver");
        vm.assertEq(Roles.REVOKER, keccak256("REVOKER_ROLE"), "revoker");
        vm.assertEq(Roles.PARAM_ADMIN, keccak256("PARAM_ADMIN_ROLE"), "parameter admin");
        vm.assertEq(limits.LIMIT_SETTER(), keccak256("LIMIT_SETTER"), "setter of the limits");
        vm.assertEq(uint256(Roles.ALLOCATOR) >> 224, 0x68bf109b, "allocator as in production");
        vm.assertEq(limits.CONTROLLER(), keccak256("CONTROLLER"), "controller of the limits");
        vm.assertEq(proxy.CONTROLLER(), keccak256("CONTROLLER"), "controller of the proxy");
        vm.assertEq(uint256(proxy.CONTROLLER()) >> 224, 0x70546d1c, "controller as in production");
        vm.assertEq(proxy.DELEGATE_CONTROLLER(), keccak256("DELEGATE_CONTROLLER"), "delegate controller");
    }

    function test_key_bases() public pure {
        vm.assertEq(
            RateLimitKeys.LIMIT_USDS_MINT,
            0xcb0537d5e5dba65a8edbac12555995860e5b8e1b70996011edb1ca8173e56d3c,
            "mint"
        );
        vm.assertEq(
            RateLimitKeys.LIMIT_USDS_TO_USDC,
            0x00d4cb8ac2838f11d95b0136a919a13b994f920024aba35eee16dc433c65851c,
            "psm"
        );
        vm.assertEq(
            RateLimitKeys.LIMIT_ASSET_TRANSFER,
            0x48f98264e3feb9c04c94251c86b84a95f369fb2973906e457f22ec9080cb6755,
            "transfer"
        );
        vm.assertEq(
            RateLimitKeys.LIMIT_4626_DEPOSIT,
            0xc80e541ae8dbb00d82e12edc8dbc29e6ae9ebed737088df9145797f7edca3b42,
            "4626 deposit"
        );
        vm.assertEq(
            RateLimitKeys.LIMIT_4626_WITHDRAW,
            0xcbdb6738b19dd3b24f89f36d3582b7d46aa62654d6d68e2f61094c597ada836b,
            "4626 withdraw"
        );
        vm.assertEq(RateLimitKeys.LIMIT_7540_DEPOSIT, keccak256("LIMIT_7540_DEPOSIT"), "7540 deposit");
        vm.assertEq(RateLimitKeys.LIMIT_7540_REDEEM, keccak256("LIMIT_7540_REDEEM"), "7540 redeem");
        vm.assertEq(
            RateLimitKeys.LIMIT_LCTS_EXIT,
            0x78aa09a8a961976be8ab8a7756b4ea8227119f373d03ada34c742f5594ec45d4,
            "exit"
        );
        vm.assertEq(
            RateLimitKeys.LIMIT_LCTS_FUND_REDEEM,
            0x340dcd856913bad9c8219dd61047c8da3b9ed18a3c4b884cc5d7fe687f2463b7,
            "fund"
        );
        vm.assertEq(RateLimitKeys.LIMIT_OFFRAMP_SEND, keccak256("LIMIT_OFFRAMP_SEND"), "off-ramp send");
        vm.assertEq(RateLimitKeys.LIMIT_OFFRAMP_RETURN, keccak256("LIMIT_OFFRAMP_RETURN"), "off-ramp return");
    }

    /// @dev P20: keys come from typed values in one encoding; asset before venue.
    function testFuzz_P20_keys(address asset, address venue) public pure {
        vm.assertEq(RateLimitKeys.usdsMint(), keccak256("LIMIT_USDS_MINT"), "mint");
        vm.assertEq(RateLimitKeys.usdsToUsdc(), keccak256("LIMIT_USDS_TO_USDC"), "psm");
        vm.assertEq(
            RateLimitKeys.assetTransfer(asset, venue),
            keccak256(abi.encode(keccak256("LIMIT_ASSET_TRANSFER"), asset, venue)),
            "transfer"
        );
        vm.assertEq(
            RateLimitKeys.erc4626Deposit(asset, venue),
            keccak256(abi.encode(keccak256("LIMIT_4626_DEPOSIT"), asset, venue)),
            "4626 deposit"
        );
        vm.assertEq(
            RateLimitKeys.erc4626Withdraw(venue),
            keccak256(abi.encode(keccak256("LIMIT_4626_WITHDRAW"), venue)),
            "4626 withdraw"
        );
        vm.assertEq(
            RateLimitKeys.erc7540Deposit(asset, venue),
            keccak256(abi.encode(keccak256("LIMIT_7540_DEPOSIT"), asset, venue)),
            "7540 deposit"
        );
        vm.assertEq(
            RateLimitKeys.erc7540Redeem(venue),
            keccak256(abi.encode(keccak256("LIMIT_7540_REDEEM"), venue)),
            "7540 redeem"
        );
        vm.assertEq(
            RateLimitKeys.lctsExit(venue), keccak256(abi.encode(keccak256("LIMIT_LCTS_EXIT"), venue)), "exit"
        );
        vm.assertEq(
            RateLimitKeys.lctsFundRedeem(asset, venue),
            keccak256(abi.encode(keccak256("LIMIT_LCTS_FUND_REDEEM"), asset, venue)),
            "fund"
        );
        vm.assertEq(
            RateLimitKeys.offrampSend(asset, venue),
            keccak256(abi.encode(keccak256("LIMIT_OFFRAMP_SEND"), asset, venue)),
            "off-ramp send"
        );
        vm.assertEq(
            RateLimitKeys.offrampReturn(asset, venue),
            keccak256(abi.encode(keccak256("LIMIT_OFFRAMP_RETURN"), asset, venue)),
            "off-ramp return"
        );
    }

    /// @dev The getters that a Controller answers give the keys that the facets use.
    function testFuzz_key_getters(address asset, address venue) public view {
        vm.assertEq(pau.usds_mintRateLimitKey(), RateLimitKeys.usdsMint(), "mint");
        vm.assertEq(pau.psm_usdsToUSDCSwapRateLimitKey(), RateLimitKeys.usdsToUsdc(), "psm");
        vm.assertEq(
            pau.transferAsset_getTransferRateLimitKey(asset, venue),
            RateLimitKeys.assetTransfer(asset, venue),
            "transfer"
        );
        vm.assertEq(
            pau.erc4626_getDepositRateLimitKey(venue, asset),
            RateLimitKeys.erc4626Deposit(asset, venue),
            "deposit"
        );
        vm.assertEq(
            pau.erc4626_getWithdrawRateLimitKey(venue), RateLimitKeys.erc4626Withdraw(venue), "withdraw"
        );
        vm.assertEq(
            pau.erc7540_getRequestDepositRateLimitKey(venue, asset),
            RateLimitKeys.erc7540Deposit(asset, venue),
            "request deposit"
        );
        vm.assertEq(
            pau.erc7540_getRequestRedeemRateLimitKey(venue),
            RateLimitKeys.erc7540Redeem(venue),
            "request redeem"
        );
        vm.assertEq(pau.lctsPrime_getExitRateLimitKey(venue), RateLimitKeys.lctsExit(venue), "exit");
        vm.assertEq(
            pau.lctsHalo_getFundRedemptionRateLimitKey(venue, asset),
            RateLimitKeys.lctsFundRedeem(asset, venue),
            "fund"
        );
        vm.assertEq(
            pau.offramp_sendRateLimitKey(asset, venue), RateLimitKeys.offrampSend(asset, venue), "send"
        );
        vm.assertEq(
            pau.offramp_returnRateLimitKey(asset, venue), RateLimitKeys.offrampReturn(asset, venue), "return"
        );
    }

    function test_selectors_of_production() public pure {
        vm.assertEq(ControllerSurface.usds_setVault.selector, bytes4(0xbc4bf322), "usds_setVault");
        vm.assertEq(ControllerSurface.usds_mint.selector, bytes4(0xa5b7e02d), "usds_mint");
        vm.assertEq(ControllerSurface.usds_burn.selector, bytes4(0x48d63a13), "usds_burn");
        vm.assertEq(ControllerSurface.psm_swapUSDSToUSDC.selector, bytes4(0x3f45168c), "psm_swapUSDSToUSDC");
        vm.assertEq(ControllerSurface.psm_swapUSDCToUSDS.selector, bytes4(0x8c88adef), "psm_swapUSDCToUSDS");
        vm.assertEq(
            ControllerSurface.transferAsset_transfer.selector, bytes4(0x56ebb17a), "transferAsset_transfer"
        );
        vm.assertEq(ControllerSurface.erc4626_deposit.selector, bytes4(0xfc78974a), "erc4626_deposit");
        vm.assertEq(ControllerSurface.erc4626_withdraw.selector, bytes4(0xd04771b8), "erc4626_withdraw");
        vm.assertEq(ControllerSurface.erc4626_redeem.selector, bytes4(0xe7accdce), "erc4626_redeem");
        vm.assertEq(ControllerSurface.lctsPrime_exit.selector, bytes4(0x7d84c3c9), "lctsPrime_exit");
        vm.assertEq(
            ControllerSurface.lctsHalo_fundRedemption.selector, bytes4(0x4270a23f), "lctsHalo_fundRedemption"
        );
        vm.assertEq(
            ControllerSurface.lctsHalo_defundRedemption.selector,
            bytes4(0xb5ffef96),
            "lctsHalo_defundRedemption"
        );
        vm.assertEq(
            ControllerSurface.erc7540_requestDeposit.selector,
            bytes4(keccak256("erc7540_requestDeposit(address,uint256)")),
            "erc7540_requestDeposit"
        );
        vm.assertEq(
            ControllerSurface.erc7540_claimDeposit.selector,
            bytes4(keccak256("erc7540_claimDeposit(address)")),
            "erc7540_claimDeposit"
        );
        vm.assertEq(
            ControllerSurface.erc7540_requestRedeem.selector,
            bytes4(keccak256("erc7540_requestRedeem(address,uint256)")),
            "erc7540_requestRedeem"
        );
        vm.assertEq(
            ControllerSurface.erc7540_claimRedeem.selector,
            bytes4(keccak256("erc7540_claimRedeem(address)")),
            "erc7540_claimRedeem"
        );
    }

    function test_selectors_of_the_core() public pure {
        vm.assertEq(ALMProxy.doCall.selector, bytes4(0x3aada4d2), "doCall");
        vm.assertEq(ALMProxy.doCallWithValue.selector, bytes4(0xd71f93f8), "doCallWithValue");
        vm.assertEq(ALMProxy.doDelegateCall.selector, bytes4(0x8ce4a1f2), "doDelegateCall");
        vm.assertEq(Controller.updateIntegrations.selector, bytes4(0xaf666640), "updateIntegrations");
        vm.assertEq(Controller.removeIntegrations.selector, bytes4(0x339a441f), "removeIntegrations");
        vm.assertEq(FreezerModule.removeRelayer.selector, bytes4(0x60f0a5ac), "removeRelayer");
    }

    function test_event_topics_of_production() public pure {
        vm.assertEq(
            RateLimits.RateLimitDataSet.selector,
            keccak256("RateLimitDataSet(bytes32,uint256,uint256,uint256,uint256)"),
            "set"
        );
        vm.assertEq(
            RateLimits.RateLimitDecreaseTriggered.selector,
            keccak256("RateLimitDecreaseTriggered(bytes32,uint256,uint256,uint256)"),
            "decrease"
        );
        vm.assertEq(
            RateLimits.RateLimitIncreaseTriggered.selector,
            keccak256("RateLimitIncreaseTriggered(bytes32,uint256,uint256,uint256)"),
            "increase"
        );
        vm.assertEq(UsdsFacet.USDSMint.selector, keccak256("USDSMint(uint256)"), "mint");
        vm.assertEq(UsdsFacet.USDSBurn.selector, keccak256("USDSBurn(uint256)"), "burn");
        vm.assertEq(PsmFacet.PSMSwapUSDSToUSDC.selector, keccak256("PSMSwapUSDSToUSDC(uint256)"), "to USDC");
        vm.assertEq(PsmFacet.PSMSwapUSDCToUSDS.selector, keccak256("PSMSwapUSDCToUSDS(uint256)"), "to USDS");
        vm.assertEq(
            TransferAssetFacet.TransferAssetTransfer.selector,
            keccak256("TransferAssetTransfer(address,address,uint256)"),
            "transfer"
        );
        vm.assertEq(
            Erc4626Facet.ERC4626Deposit.selector,
            keccak256("ERC4626Deposit(address,uint256,uint256)"),
            "4626 deposit"
        );
        vm.assertEq(
            Erc4626Facet.ERC4626Withdraw.selector,
            keccak256("ERC4626Withdraw(address,uint256,uint256)"),
            "4626 withdraw"
        );
        vm.assertEq(
            Erc4626Facet.ERC4626Redeem.selector,
            keccak256("ERC4626Redeem(address,uint256,uint256)"),
            "4626 redeem"
        );
        vm.assertEq(
            Erc7540Facet.ERC7540RequestDeposit.selector,
            keccak256("ERC7540RequestDeposit(address,uint256)"),
            "7540 request deposit"
        );
        vm.assertEq(
            Erc7540Facet.ERC7540ClaimDeposit.selector,
            keccak256("ERC7540ClaimDeposit(address,uint256)"),
            "7540 claim deposit"
        );
        vm.assertEq(
            Erc7540Facet.ERC7540RequestRedeem.selector,
            keccak256("ERC7540RequestRedeem(address,uint256)"),
            "7540 request redeem"
        );
        vm.assertEq(
            Erc7540Facet.ERC7540ClaimRedeem.selector,
            keccak256("ERC7540ClaimRedeem(address,uint256)"),
            "7540 claim redeem"
        );
        vm.assertEq(
            Controller.IntegrationSet.selector,
            keccak256("IntegrationSet(bytes32,(address,(bytes4,bytes4)[]))"),
            "integration"
        );
    }

    /// @dev Every function of the surface is wired once, to the facet of its prefix.
    function test_surface_is_wired_whole() public view {
        uint256 wired;
        for (uint256 i; i < facets.length; ++i) {
            Wire[] memory wires = facets[i].wires();
            for (uint256 j; j < wires.length; ++j) {
                Dispatch memory to = controller.getDispatch(wires[j].callSelector);
                vm.assertEq(to.facet, address(facets[i]), "facet");
                vm.assertEq(to.delegateSelector, wires[j].delegateSelector, "selector");
            }
            wired += wires.length;
        }
        bytes4 all;
        // The id of an interface is the XOR of its selectors, so it covers each of them.
        for (uint256 i; i < facets.length; ++i) {
            Wire[] memory wires = facets[i].wires();
            for (uint256 j; j < wires.length; ++j) {
                all ^= wires[j].callSelector;
            }
        }
        vm.assertEq(all, type(ControllerSurface).interfaceId, "no function is missing or foreign");
        vm.assertEq(wired, 45, "count");
    }

    /// @dev A wire answers under the facet's own name: prefix and delegate name give the call selector.
    function test_wires_join_equal_names() public view {
        _assertWire(facets[0], "usds_", "setVault(address)");
        _assertWire(facets[0], "usds_", "mint(uint256)");
        _assertWire(facets[0], "usds_", "burn(uint256)");
        _assertWire(facets[0], "usds_", "vault()");
        _assertWire(facets[0], "usds_", "usds()");
        _assertWire(facets[0], "usds_", "mintRateLimitKey()");
        _assertWire(facets[1], "psm_", "setConfig((uint8,address,address,address,uint256))");
        _assertWire(facets[1], "psm_", "swapUSDSToUSDC(uint256)");
        _assertWire(facets[1], "psm_", "swapUSDCToUSDS(uint256)");
        _assertWire(facets[1], "psm_", "config()");
        _assertWire(facets[1], "psm_", "usds()");
        _assertWire(facets[1], "psm_", "usdc()");
        _assertWire(facets[1], "psm_", "dai()");
        _assertWire(facets[1], "psm_", "usdsToUSDCSwapRateLimitKey()");
        _assertWire(facets[2], "transferAsset_", "transfer(address,address,uint256)");
        _assertWire(facets[2], "transferAsset_", "getTransferRateLimitKey(address,address)");
        _assertWire(facets[3], "erc4626_", "setMaxExchangeRate(address,uint256,uint256)");
        _assertWire(facets[3], "erc4626_", "deposit(address,uint256,uint256)");
        _assertWire(facets[3], "erc4626_", "withdraw(address,uint256,uint256)");
        _assertWire(facets[3], "erc4626_", "redeem(address,uint256,uint256)");
        _assertWire(facets[3], "erc4626_", "getMaxExchangeRate(address)");
        _assertWire(facets[3], "erc4626_", "getDepositRateLimitKey(address,address)");
        _assertWire(facets[3], "erc4626_", "getWithdrawRateLimitKey(address)");
        _assertWire(facets[4], "erc7540_", "requestDeposit(address,uint256)");
        _assertWire(facets[4], "erc7540_", "claimDeposit(address)");
        _assertWire(facets[4], "erc7540_", "requestRedeem(address,uint256)");
        _assertWire(facets[4], "erc7540_", "claimRedeem(address)");
        _assertWire(facets[4], "erc7540_", "getRequestDepositRateLimitKey(address,address)");
        _assertWire(facets[4], "erc7540_", "getRequestRedeemRateLimitKey(address)");
        _assertWire(facets[5], "lctsPrime_", "exit(address)");
        _assertWire(facets[5], "lctsPrime_", "exitRedemption(address)");
        _assertWire(facets[5], "lctsPrime_", "settleFinalized(address)");
        _assertWire(facets[5], "lctsPrime_", "getExitRateLimitKey(address)");
        _assertWire(facets[6], "lctsHalo_", "fundRedemption(address,uint256)");
        _assertWire(facets[6], "lctsHalo_", "defundRedemption(address,uint256)");
        _assertWire(facets[6], "lctsHalo_", "getFundRedemptionRateLimitKey(address,address)");
        _assertWire(facets[1], "psm_", "setHalted(bool)");
        _assertWire(facets[1], "psm_", "halted()");
        _assertWire(facets[7], "offramp_", "setLedger(address)");
        _assertWire(facets[7], "offramp_", "send(address,address,uint256,bytes32)");
        _assertWire(facets[7], "offramp_", "claim(address,address)");
        _assertWire(facets[7], "offramp_", "sync(address)");
        _assertWire(facets[7], "offramp_", "ledger()");
        _assertWire(facets[7], "offramp_", "sendRateLimitKey(address,address)");
        _assertWire(facets[7], "offramp_", "returnRateLimitKey(address,address)");
    }

    function test_integration_ids() public view {
        vm.assertEq(facets[0].integrationId(), bytes32("USDS_FACET"), "usds");
        vm.assertEq(facets[1].integrationId(), bytes32("PSM_FACET"), "psm");
        vm.assertEq(facets[2].integrationId(), bytes32("TRANSFER_ASSET_FACET"), "transfer");
        vm.assertEq(facets[3].integrationId(), bytes32("ERC4626_FACET"), "4626");
        vm.assertEq(facets[4].integrationId(), bytes32("ERC7540_FACET"), "7540");
        vm.assertEq(facets[5].integrationId(), bytes32("LCTS_PRIME_FACET"), "prime");
        vm.assertEq(facets[6].integrationId(), bytes32("LCTS_HALO_FACET"), "halo");
        vm.assertEq(facets[7].integrationId(), bytes32("OFFRAMP_FACET"), "off-ramp");
    }

    /// @dev P5: each facet keeps its parameters in its own namespace, and setting one onboards nothing elsewhere.
    function test_P5_parameters_lie_in_their_own_namespaces() public {
        vm.startPrank(admin);
        pau.usds_setVault(address(vault));
        pau.psm_setConfig(PsmConfig(0, address(psm), address(0), address(wrapper), 7));
        pau.erc4626_setMaxExchangeRate(address(susds), 1e18, 2e18);
        vm.stopPrank();
        address at = address(controller);
        vm.assertEq(
            vm.load(at, _erc7201("sky.pau.storage.USDSFacet.v1")),
            bytes32(uint256(uint160(address(vault)))),
            "usds"
        );
        vm.assertEq(
            vm.load(at, bytes32(uint256(_erc7201("sky.pau.storage.PSMFacet.v1")) + 3)),
            bytes32(uint256(7)),
            "psm"
        );
        bytes32 rateSlot = keccak256(abi.encode(address(susds), _erc7201("sky.pau.storage.ERC4626Facet.v1")));
        vm.assertEq(vm.load(at, rateSlot), bytes32(uint256(2e36)), "4626");

        // The exchange rate of a vault opens nothing by itself.
        vm.startPrank(relayer);
        expectNoKey(RateLimitKeys.erc4626Deposit(address(usds), address(susds)));
        pau.erc4626_deposit(address(susds), 0, 0);
        expectNoKey(RateLimitKeys.erc7540Deposit(address(usds), address(susds)));
        pau.erc7540_requestDeposit(address(susds), 0);
        expectNoKey(RateLimitKeys.assetTransfer(address(usds), address(susds)));
        pau.transferAsset_transfer(address(usds), address(susds), 0);
        vm.stopPrank();
    }

    /// @dev P20: a word with dirt above the address is refused, not cleaned into a second spelling of one key.
    function test_P20_dirty_addresses_are_refused() public {
        setUnlimited(RateLimitKeys.assetTransfer(address(usds), stranger));
        bytes memory clean =
            abi.encodeCall(ControllerSurface.transferAsset_transfer, (address(usds), stranger, 0));
        bytes memory dirty = abi.encodePacked(
            ControllerSurface.transferAsset_transfer.selector,
            uint256(uint160(address(usds))) | (1 << 160),
            uint256(uint160(stranger)),
            uint256(0)
        );
        vm.startPrank(relayer);
        (bool ok,) = address(controller).call(clean);
        vm.assertTrue(ok, "clean");
        (ok,) = address(controller).call(dirty);
        vm.assertFalse(ok, "dirty");
        vm.stopPrank();
    }

    function _assertWire(Facet facet, string memory prefix, string memory name) private view {
        bytes4 callSelector = bytes4(keccak256(bytes(string.concat(prefix, name))));
        Dispatch memory to = controller.getDispatch(callSelector);
        vm.assertEq(to.facet, address(facet), name);
        vm.assertEq(to.delegateSelector, bytes4(keccak256(bytes(name))), name);
    }

    function _erc7201(string memory name) private pure returns (bytes32) {
        return keccak256(abi.encode(uint256(keccak256(bytes(name))) - 1)) & ~bytes32(uint256(0xff));
    }
}
