// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BeaconClass, BeaconRegistry, BeaconStatus } from "src/registry/BeaconRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { Test } from "test/base/Test.sol";

contract BeaconRegistryTest is Test {
    BeaconRegistry private registry;
    address private sky = makeAddr("sky");
    address private council = makeAddr("council");
    address private operator = makeAddr("operator");
    address private stranger = makeAddr("stranger");
    bytes32 private id;

    function setUp() public {
        vm.warp(1_800_000_000);
        registry = new BeaconRegistry(sky);
        vm.startPrank(sky);
        registry.setCouncil(council);
        id = registry.register("lpha-lcts/acme", operator, BeaconClass.LPHA, "class", "authority", "ipfs://a");
        vm.stopPrank();
    }

    function test_register() public {
        BeaconRegistry.Beacon memory beacon = registry.beacon(id);
        vm.assertEq(id, keccak256("lpha-lcts/acme"), "id");
        vm.assertEq(beacon.operator, operator, "operator");
        vm.assertTrue(
            beacon.class == BeaconClass.LPHA && beacon.status == BeaconStatus.ACTIVE, "class, status"
        );
        vm.assertEq(beacon.subject, "class", "subject");
        vm.assertEq(beacon.authorityHash, "authority", "authority");
        vm.assertEq(beacon.registeredAt, block.timestamp, "registeredAt");
        vm.assertEq(beacon.lastHeartbeat, uint256(0), "no heartbeat yet");
        vm.assertEq(beacon.name, "lpha-lcts/acme", "name");
        vm.assertEq(registry.count(), 1, "count");
        vm.assertEq(registry.idAt(0), id, "idAt");
        vm.assertEq(registry.idOf(operator, "class"), id, "idOf");
        vm.assertTrue(registry.isBound(id, operator, "class"), "bound before the first heartbeat");
        vm.assertFalse(registry.isBound(id, stranger, "class"), "to its operator only");
        vm.assertFalse(registry.isBound(id, operator, "other"), "to its subject only");
        vm.assertFalse(registry.isBound("?", address(0), 0), "an unknown one to nobody");

        // One operator may serve several subjects.
        vm.expectEmit(address(registry));
        bytes32 second = keccak256("lpha-lcts/zenith");
        emit BeaconRegistry.BeaconRegistered(
            second, operator, "other", BeaconClass.RELAY, "x", "lpha-lcts/zenith", "u"
        );
        vm.prank(sky);
        registry.register("lpha-lcts/zenith", operator, BeaconClass.RELAY, "other", "x", "u");
    }

    function test_registerRefuses() public {
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.AlreadyRegistered.selector, id));
        registry.register("lpha-lcts/acme", stranger, BeaconClass.LPHA, "class", 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(BeaconRegistry.OperatorTaken.selector, operator, bytes32("class"))
        );
        registry.register("second", operator, BeaconClass.LPHA, "class", 0, "");
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("operator")));
        registry.register("second", address(0), BeaconClass.LPHA, "class", 0, "");
        vm.expectRevert(BeaconRegistry.EmptyName.selector);
        registry.register("", stranger, BeaconClass.LPHA, "class", 0, "");
        vm.expectRevert(BeaconRegistry.EmptySubject.selector);
        registry.register("second", stranger, BeaconClass.LPHA, 0, 0, "");

        // A suspended beacon still holds its place, a revoked one does not.
        registry.suspend(id);
        vm.expectRevert(
            abi.encodeWithSelector(BeaconRegistry.OperatorTaken.selector, operator, bytes32("class"))
        );
        registry.register("second", operator, BeaconClass.LPHA, "class", 0, "");
        registry.revoke(id);
        bytes32 second = registry.register("second", operator, BeaconClass.LPHA, "class", 0, "");
        vm.assertEq(registry.idOf(operator, "class"), second, "replaced");
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.AlreadyRegistered.selector, id));
        registry.register("lpha-lcts/acme", stranger, BeaconClass.LPHA, "class", 0, "");
    }

    function test_heartbeatWritesOneSlot() public {
        vm.record();
        vm.expectEmit(address(registry));
        emit BeaconRegistry.Heartbeat(id, "root", uint64(block.timestamp));
        vm.prank(operator);
        registry.heartbeat(id, "root");
        (, bytes32[] memory writes) = vm.accesses(address(registry));
        vm.assertEq(writes.length, 1, "writes");
        vm.assertEq(registry.beacon(id).lastHeartbeat, block.timestamp, "heard");
    }

    function test_isAlive() public {
        vm.assertFalse(registry.isAlive(operator, "class", 36 hours), "never heard");
        vm.prank(operator);
        registry.heartbeat(id, 0);
        vm.assertTrue(registry.isAlive(operator, "class", 36 hours), "heard");
        vm.assertFalse(registry.isAlive(operator, "other", 36 hours), "of another subject");
        vm.assertFalse(registry.isAlive(stranger, "class", 36 hours), "not the operator");

        uint256 heard = block.timestamp;
        vm.warp(heard + 36 hours);
        vm.assertTrue(registry.isAlive(operator, "class", 36 hours), "just within");
        vm.warp(heard + 36 hours + 1);
        vm.assertFalse(registry.isAlive(operator, "class", 36 hours), "silent");
    }

    function test_suspendResumeRevoke() public {
        vm.prank(operator);
        registry.heartbeat(id, 0);

        vm.expectEmit(address(registry));
        emit BeaconRegistry.BeaconStatusSet(id, BeaconStatus.ACTIVE, BeaconStatus.SUSPENDED, council);
        vm.prank(council);
        registry.suspend(id);
        vm.assertFalse(registry.isAlive(operator, "class", 36 hours), "suspended");
        vm.assertFalse(registry.isBound(id, operator, "class"), "suspended");
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.WrongStatus.selector, BeaconStatus.SUSPENDED));
        registry.heartbeat(id, 0);
        vm.prank(council);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.WrongStatus.selector, BeaconStatus.SUSPENDED));
        registry.suspend(id);

        vm.prank(sky);
        registry.resume(id);
        vm.assertTrue(registry.isAlive(operator, "class", 36 hours), "resumed");
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.WrongStatus.selector, BeaconStatus.ACTIVE));
        registry.resume(id);

        vm.startPrank(council);
        registry.revoke(id);
        vm.assertFalse(registry.isAlive(operator, "class", 36 hours), "revoked");
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.WrongStatus.selector, BeaconStatus.REVOKED));
        registry.revoke(id);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.WrongStatus.selector, BeaconStatus.REVOKED));
        registry.suspend(id);
        vm.stopPrank();
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.WrongStatus.selector, BeaconStatus.REVOKED));
        registry.resume(id);
    }

    function test_unknownBeacon() public {
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.UnknownBeacon.selector, bytes32("?")));
        registry.suspend("?");
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.UnknownBeacon.selector, bytes32("?")));
        registry.resume("?");
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.UnknownBeacon.selector, bytes32("?")));
        registry.revoke("?");
        vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.NotOperator.selector, sky));
        registry.heartbeat("?", 0);
        vm.assertFalse(registry.isAlive(address(0), 0, type(uint256).max), "nobody is not alive");
    }

    function test_access() public {
        address[3] memory callers = [stranger, operator, council];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            bytes memory refusal = abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]);
            vm.expectRevert(refusal);
            registry.register("x", stranger, BeaconClass.LPHA, "class", 0, "");
            vm.expectRevert(refusal);
            registry.resume(id);
            vm.expectRevert(refusal);
            registry.setAdmin(stranger);
            vm.expectRevert(refusal);
            registry.setCouncil(stranger);
            vm.stopPrank();
        }
        address[2] memory powerless = [stranger, operator];
        for (uint256 i; i < powerless.length; ++i) {
            vm.startPrank(powerless[i]);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotCouncil.selector, powerless[i]));
            registry.suspend(id);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotCouncil.selector, powerless[i]));
            registry.revoke(id);
            vm.stopPrank();
        }
        address[3] memory notOperators = [stranger, council, sky];
        for (uint256 i; i < notOperators.length; ++i) {
            vm.prank(notOperators[i]);
            vm.expectRevert(abi.encodeWithSelector(BeaconRegistry.NotOperator.selector, notOperators[i]));
            registry.heartbeat(id, 0);
        }
    }

    function testFuzz_alivenessIsExact(uint32 silence, uint32 maxAge) public {
        vm.prank(operator);
        registry.heartbeat(id, 0);
        vm.warp(block.timestamp + silence);
        vm.assertEq(registry.isAlive(operator, "class", maxAge), silence <= maxAge, "alive");
    }
}
