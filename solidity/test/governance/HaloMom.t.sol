// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Chief } from "fixtures/Chief.sol";
import { HaloMom } from "src/governance/HaloMom.sol";
import { Mom } from "src/governance/Mom.sol";
import { Test } from "test/base/Test.sol";

/// @notice Stands for an EmergencyGuard and keeps what it was told by whom.
contract GuardMock {
    bytes public last;
    address public by;

    fallback() external {
        last = msg.data;
        by = msg.sender;
    }
}

contract HaloMomTest is Test {
    HaloMom private mom;
    Chief private chief;
    GuardMock private guard;
    address private sky = makeAddr("sky");
    address private spell = makeAddr("spell");
    address private unit = makeAddr("unit");

    function setUp() public {
        mom = new HaloMom(sky);
        chief = new Chief();
        guard = new GuardMock();
    }

    function test_theHatStops() public {
        vm.prank(sky);
        mom.setAuthority(address(chief));
        chief.lift(spell);
        stopAll(spell);
        chief.lift(makeAddr("another spell"));
        refuseAll(spell);
    }

    function test_theOwnerStopsAndNobodyElse() public {
        stopAll(sky);
        // Without a Chief there is no hat.
        refuseAll(spell);
        refuseAll(address(0));
        vm.prank(sky);
        mom.setAuthority(address(chief));
        refuseAll(spell);
    }

    function test_ownership() public {
        vm.expectRevert(abi.encodeWithSelector(Mom.ZeroAddress.selector, bytes32("owner")));
        new HaloMom(address(0));
        vm.startPrank(spell);
        vm.expectRevert(abi.encodeWithSelector(Mom.NotOwner.selector, spell));
        mom.setOwner(spell);
        vm.expectRevert(abi.encodeWithSelector(Mom.NotOwner.selector, spell));
        mom.setAuthority(spell);
        vm.stopPrank();
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(Mom.ZeroAddress.selector, bytes32("owner")));
        mom.setOwner(address(0));
        mom.setOwner(spell);
        vm.stopPrank();
        stopAll(spell);
        refuseAll(sky);
    }

    function stopAll(address caller) private {
        vm.startPrank(caller);
        mom.freezeUnit(address(guard), unit);
        vm.assertEq(guard.last(), abi.encodeWithSignature("freezeUnit(address)", unit), "unit");
        mom.freezeClass(address(guard));
        vm.assertEq(guard.last(), abi.encodeWithSignature("freezeClass()"), "class");
        mom.purgeOperators(address(guard));
        vm.assertEq(guard.last(), abi.encodeWithSignature("purgeOperators()"), "operators");
        vm.assertEq(guard.by(), address(mom), "by the mom");
        vm.stopPrank();
    }

    function refuseAll(address caller) private {
        vm.startPrank(caller);
        bytes memory refusal = abi.encodeWithSelector(Mom.NotAuthorized.selector, caller);
        vm.expectRevert(refusal);
        mom.freezeUnit(address(guard), unit);
        vm.expectRevert(refusal);
        mom.freezeClass(address(guard));
        vm.expectRevert(refusal);
        mom.purgeOperators(address(guard));
        vm.stopPrank();
    }
}
