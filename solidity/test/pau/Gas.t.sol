// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Controller } from "src/pau/Controller.sol";
import { PsmConfig, Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { UnitMock } from "test/mocks/pau/UnitMock.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract Nothing {
    function nothing() external { }
}

interface NothingSurface {
    function nothing_nothing() external;
}

/// @notice Ceilings of gas. Slots and accounts are cold at first touch, as at the start of a transaction; the intrinsic
///         21,000 and the calldata are not counted.
contract GasTest is PauBase {
    uint256 private constant DECREASE = 16_000;
    uint256 private constant DO_CALL = 9_000;
    uint256 private constant DISPATCH = 8_000;
    uint256 private constant PSM_NO_FEE = 340_000;
    uint256 private constant PSM_WRAPPER = 300_000;
    uint256 private constant EXIT = 170_000;
    uint256 private constant FUND = 160_000;
    uint256 private constant WIRING_HASH = 150_000;

    Nothing private target;
    UnitMock private unit;
    Controller private classController;

    function setUp() public override {
        super.setUp();
        target = new Nothing();
        unit = new UnitMock(address(usds), address(proxy));
        psm.kiss(address(proxy));
        usds.mint(address(proxy), 1_000_000e18);
        usdc.mint(address(proxy), 1_000_000e6);
        setLimit(RateLimitKeys.usdsToUsdc(), 500_000e6);
        setLimit(RateLimitKeys.erc7540Deposit(address(usds), address(unit)), 1_000e18);
        setLimit(RateLimitKeys.lctsFundRedeem(address(usds), address(unit)), 1_000e18);
        setUnlimited(RateLimitKeys.lctsExit(address(unit)));

        Wire[] memory wires = new Wire[](1);
        wires[0] = Wire(NothingSurface.nothing_nothing.selector, Nothing.nothing.selector);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = "NOTHING_FACET";
        vm.startPrank(admin);
        beacon.setIntegration(ids[0], address(target), wires);
        controller.updateIntegrations(ids);
        limits.grantRole(limits.CONTROLLER(), address(this));
        proxy.grantRole(proxy.CONTROLLER(), address(this));
        vm.stopPrank();
        vm.warp(START + 1 days);

        ids = new bytes32[](4);
        (ids[0], ids[1], ids[2], ids[3]) =
        (
            facets[1].integrationId(),
            facets[2].integrationId(),
            facets[3].integrationId(),
            facets[6].integrationId()
        );
        classController =
            new Controller(address(acl), address(beacon), address(proxy), address(limits), address(0));
        vm.prank(admin);
        classController.updateIntegrations(ids);
    }

    function test_decrease() public {
        bytes32 key = RateLimitKeys.usdsToUsdc();
        limits.triggerRateLimitDecrease(key, 1e6);
        uint256 cold = vm.snapshotGasLastCall("pau", "RateLimits decrease, cold slots");
        limits.triggerRateLimitDecrease(key, 1e6);
        uint256 warm = vm.snapshotGasLastCall("pau", "RateLimits decrease, warm slots");
        vm.assertLe(warm, DECREASE, "warm");
        vm.assertLe(cold, 2 * DECREASE, "cold");
    }

    function test_do_call() public {
        target.nothing();
        uint256 direct = vm.snapshotGasLastCall("pau", "empty function, direct");
        proxy.doCall(address(target), abi.encodeCall(Nothing.nothing, ()));
        uint256 through = vm.snapshotGasLastCall("pau", "empty function, through ALMProxy.doCall");
        vm.assertLe(through - direct, DO_CALL, "overhead");
    }

    function test_dispatch() public {
        target.nothing();
        uint256 direct = vm.snapshotGasLastCall("pau", "empty function, direct");
        NothingSurface(address(controller)).nothing_nothing();
        uint256 through = vm.snapshotGasLastCall("pau", "empty function, through the Controller");
        vm.assertLe(through - direct, DISPATCH, "overhead");
    }

    function test_psm_wrapper() public {
        _configure(0);
        vm.startPrank(relayer);
        pau.psm_swapUSDSToUSDC(1_000e6);
        vm.assertLe(vm.snapshotGasLastCall("pau", "psm USDS to USDC, wrapper"), PSM_WRAPPER, "to USDC");
        vm.stopPrank();
    }

    function test_psm_wrapper_back() public {
        _configure(0);
        vm.startPrank(relayer);
        pau.psm_swapUSDCToUSDS(1_000e6);
        vm.assertLe(vm.snapshotGasLastCall("pau", "psm USDC to USDS, wrapper"), PSM_WRAPPER, "to USDS");
        vm.stopPrank();
    }

    function test_psm_no_fee() public {
        _configure(1);
        vm.startPrank(relayer);
        pau.psm_swapUSDSToUSDC(1_000e6);
        vm.assertLe(vm.snapshotGasLastCall("pau", "psm USDS to USDC, no fee"), PSM_NO_FEE, "to USDC");
        vm.stopPrank();
    }

    function test_psm_no_fee_back() public {
        _configure(1);
        vm.startPrank(relayer);
        pau.psm_swapUSDCToUSDS(1_000e6);
        vm.assertLe(vm.snapshotGasLastCall("pau", "psm USDC to USDS, no fee"), PSM_NO_FEE, "to USDS");
        vm.stopPrank();
    }

    /// @dev On a mock Unit, so this is the facet's own part; the whole is measured with the real Unit.
    function test_lcts_facets_on_a_mock_unit() public {
        vm.startPrank(relayer);
        pau.erc7540_requestDeposit(address(unit), 10e18);
        pau.lctsPrime_exit(address(unit));
        vm.assertLe(vm.snapshotGasLastCall("pau", "lctsPrime_exit, mock unit"), EXIT, "exit");
        pau.lctsHalo_fundRedemption(address(unit), 10e18);
        vm.assertLe(vm.snapshotGasLastCall("pau", "lctsHalo_fundRedemption, mock unit"), FUND, "fund");
        vm.stopPrank();
    }

    /// @dev As a Class has it: PSM, transfers, ERC-4626 and the Halo's side of the queues. Part of the onboarding view,
    ///      whose ceiling is 250,000.
    function test_wiring_hash() public {
        classController.wiringHash();
        vm.assertLe(vm.snapshotGasLastCall("pau", "wiringHash of a Class"), WIRING_HASH, "wiringHash");
    }

    function _configure(uint8 mode) private {
        vm.prank(admin);
        pau.psm_setConfig(PsmConfig(mode, address(psm), address(daiUsds), address(wrapper), 0));
    }
}
