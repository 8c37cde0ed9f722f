// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BeamMom } from "src/configurator/BeamMom.sol";
import { Mom } from "src/governance/Mom.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

contract BeamMomTest is ConfiguratorBase {
    address private spell = makeAddr("spell");

    function test_construction() public {
        vm.expectRevert(abi.encodeWithSelector(Mom.ZeroAddress.selector, bytes32("owner")));
        new BeamMom(address(0), address(state), address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Mom.ZeroAddress.selector, bytes32("state")));
        new BeamMom(sky, address(0), address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Mom.ZeroAddress.selector, bytes32("timelock")));
        new BeamMom(sky, address(state), address(0));
        vm.assertEq(mom.owner(), sky, "owner");
        vm.assertEq(mom.authority(), address(chief), "authority");
        vm.assertEq(mom.state(), address(state), "state");
        vm.assertEq(mom.timelock(), address(timelock), "timelock");
    }

    function test_the_hat_stops_and_pauses_at_once() public {
        chief.lift(spell);
        vm.startPrank(spell);
        mom.stop();
        mom.pause();
        vm.stopPrank();
        vm.assertTrue(state.stopped(), "stopped");
        vm.assertTrue(timelock.paused(), "paused");
    }

    function test_the_owner_may_too() public {
        vm.startPrank(sky);
        mom.setAuthority(address(0));
        mom.stop();
        mom.pause();
        vm.stopPrank();
        vm.assertTrue(state.stopped() && timelock.paused(), "both");
    }

    function test_nobody_else() public {
        chief.lift(spell);
        address[4] memory others = [council, cbeam, admin, stranger];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Mom.NotAuthorized.selector, others[i]);
            assertRefused(address(mom), others[i], abi.encodeCall(BeamMom.stop, ()), refusal);
            assertRefused(address(mom), others[i], abi.encodeCall(BeamMom.pause, ()), refusal);
        }
        // A hat taken off, and no Chief at all.
        chief.lift(stranger);
        bytes memory no = abi.encodeWithSelector(Mom.NotAuthorized.selector, spell);
        assertRefused(address(mom), spell, abi.encodeCall(BeamMom.stop, ()), no);
        chief.lift(spell);
        vm.prank(sky);
        mom.setAuthority(address(0));
        assertRefused(address(mom), spell, abi.encodeCall(BeamMom.pause, ()), no);
    }

    function test_ownership() public {
        bytes memory refusal = abi.encodeWithSelector(Mom.NotOwner.selector, stranger);
        assertRefused(address(mom), stranger, abi.encodeCall(Mom.setOwner, (stranger)), refusal);
        assertRefused(address(mom), stranger, abi.encodeCall(Mom.setAuthority, (stranger)), refusal);
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(Mom.ZeroAddress.selector, bytes32("owner")));
        mom.setOwner(address(0));
        vm.expectEmit(address(mom));
        emit Mom.AuthoritySet(spell);
        mom.setAuthority(spell);
        vm.expectEmit(address(mom));
        emit Mom.OwnerSet(council);
        mom.setOwner(council);
        vm.stopPrank();
        assertRefused(
            address(mom),
            sky,
            abi.encodeCall(Mom.setOwner, (sky)),
            abi.encodeWithSelector(Mom.NotOwner.selector, sky)
        );
    }
}
