// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Pausable } from "@openzeppelin/contracts/utils/Pausable.sol";

import { BeamState } from "src/configurator/BeamState.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { PauRegistrar } from "src/configurator/PauRegistrar.sol";
import { Governed } from "src/registry/Governed.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

contract PauRegistrarTest is ConfiguratorBase {
    function test_construction() public {
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("timelock")));
        new PauRegistrar(address(0), address(state), sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("state")));
        new PauRegistrar(address(timelock), address(0), sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("admin")));
        new PauRegistrar(address(timelock), address(state), address(0));
        vm.assertEq(registrar.timelock(), address(timelock), "timelock");
        vm.assertEq(registrar.state(), address(state), "state");
        vm.assertEq(registrar.factory(), factory, "factory");
    }

    function test_register_schedules_that_and_nothing_else() public {
        address fresh = makeAddr("fresh proxy");
        Pau memory pau_ = thisPau();
        (address[] memory targets, bytes[] memory payloads) =
            single(address(state), abi.encodeCall(BeamState.registerPau, (fresh, pau_)));
        bytes32 id = timelock.hashOperation(targets, payloads, 0, bytes32(uint256(uint160(fresh))));
        vm.expectEmit(address(registrar));
        emit PauRegistrar.PauScheduled(fresh, id, pau_);
        vm.prank(factory);
        vm.assertEq(registrar.register(fresh, pau_), id, "id");
        BeamTimelock.Operation memory operation = timelock.operation(id);
        vm.assertEq(operation.targets.length, 1, "one call");
        vm.assertEq(operation.targets[0], address(state), "of the state");
        vm.assertEq(operation.payloads[0], payloads[0], "that registers");
        vm.assertEq(operation.readyAt, START + DELAY, "after the delay");

        vm.startPrank(factory);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.AlreadyScheduled.selector, id));
        registrar.register(fresh, pau_);
        vm.stopPrank();
        vm.prank(council);
        timelock.pause();
        vm.prank(factory);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        registrar.register(makeAddr("another"), pau_);
    }

    function test_only_the_factory_registers() public {
        address[4] memory others = [sky, council, cbeam, stranger];
        bytes memory call = abi.encodeCall(PauRegistrar.register, (almProxy, thisPau()));
        for (uint256 i; i < others.length; ++i) {
            assertRefused(
                address(registrar),
                others[i],
                call,
                abi.encodeWithSelector(PauRegistrar.NotFactory.selector, others[i])
            );
        }
    }

    function test_the_factory_is_named_by_the_admin_and_dropped_by_the_council() public {
        bytes memory name = abi.encodeCall(PauRegistrar.setFactory, (stranger));
        bytes memory drop = abi.encodeCall(PauRegistrar.dropFactory, ());
        address at = address(registrar);
        assertRefused(at, council, name, abi.encodeWithSelector(Governed.NotAdmin.selector, council));
        assertRefused(at, factory, drop, abi.encodeWithSelector(Governed.NotCouncil.selector, factory));
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("factory")));
        registrar.setFactory(address(0));

        vm.expectEmit(at);
        emit PauRegistrar.FactorySet(address(0));
        vm.prank(council);
        registrar.dropFactory();
        assertRefused(
            at,
            factory,
            abi.encodeCall(PauRegistrar.register, (almProxy, thisPau())),
            abi.encodeWithSelector(PauRegistrar.NotFactory.selector, factory)
        );
        vm.expectEmit(at);
        emit PauRegistrar.FactorySet(stranger);
        vm.prank(sky);
        registrar.setFactory(stranger);
        vm.assertEq(registrar.factory(), stranger, "named");
    }
}
