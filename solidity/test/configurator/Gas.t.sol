// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

/// @notice Ceilings of gas. Slots and accounts are cold at first touch, as at the start of a transaction; the intrinsic
///         21,000 and the calldata are not counted.
contract ConfiguratorGasTest is ConfiguratorBase {
    uint256 private constant SET = 90_000;
    bytes32 private constant NEW = keccak256("NEW");

    function setUp() public override {
        super.setUp();
        addInit(KEY, 100e18, 1e18);
        addInit(NEW, 100e18, 1e18);
        set(KEY, 100e18, 1e18);
        skip(HOP);
    }

    function test_increase() public {
        vm.prank(cbeam);
        configurator.setRateLimit(almProxy, KEY, 125e18, 1.25e18);
        vm.assertLe(vm.snapshotGasLastCall("configurator", "setRateLimit, increase"), SET, "increase");
    }

    function test_decrease() public {
        vm.prank(cbeam);
        configurator.setRateLimit(almProxy, KEY, 50e18, 0.5e18);
        vm.assertLe(vm.snapshotGasLastCall("configurator", "setRateLimit, decrease"), SET, "decrease");
    }

    /// @dev Three slots written for the first time are 66,300 of it.
    function test_new_key() public {
        vm.prank(cbeam);
        configurator.setRateLimit(almProxy, NEW, 100e18, 1e18);
        vm.assertLe(vm.snapshotGasLastCall("configurator", "setRateLimit, new key"), SET + 66_300, "new key");
    }
}
