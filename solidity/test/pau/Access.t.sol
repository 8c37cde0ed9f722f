// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { Controller } from "src/pau/Controller.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { PauActions } from "test/pau/PauActions.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice Every function of the Controller against every role (I23, the PAU's part).
contract AccessTest is PauBase {
    address private settler = makeAddr("settler");
    address private warden = makeAddr("warden");
    address private conserver = makeAddr("conserver");
    address private revoker = makeAddr("revoker");
    address private paramAdmin = makeAddr("paramAdmin");

    function setUp() public override {
        super.setUp();
        vm.startPrank(admin);
        acl.grantRole(Roles.SETTLER, settler);
        acl.grantRole(Roles.FREEZER, warden);
        acl.grantRole(Roles.CONSERVER, conserver);
        acl.grantRole(Roles.REVOKER, revoker);
        acl.grantRole(Roles.PARAM_ADMIN, paramAdmin);
        vm.stopPrank();
    }

    function test_the_list_is_whole() public view {
        uint256 wired;
        for (uint256 i; i < facets.length; ++i) {
            wired += facets[i].wires().length;
        }
        // The last of the list is the Controller's own.
        vm.assertEq(PauActions.all(stranger).length - 1 + PauActions.VIEWS, wired, "actions and views");
    }

    function test_value_moves_for_the_allocator_alone() public {
        address[7] memory others = [admin, settler, warden, conserver, revoker, paramAdmin, stranger];
        bytes[] memory actions = PauActions.all(address(usds));
        for (uint256 i = PauActions.FIRST_ALLOCATION; i + 1 < actions.length; ++i) {
            for (uint256 j; j < others.length; ++j) {
                _assertRefused(
                    others[j],
                    actions[i],
                    abi.encodeWithSignature(
                        "AccessControlUnauthorizedAccount(address,bytes32)", others[j], Roles.ALLOCATOR
                    )
                );
            }
            // The allocator gets past the door; with nothing set up it then fails for another reason.
            _assertLetIn(relayer, actions[i]);
        }
    }

    function test_parameters_are_the_admins_and_the_parameter_admins() public {
        address[6] memory others = [relayer, settler, warden, conserver, revoker, stranger];
        bytes[] memory actions = PauActions.all(address(usds));
        for (uint256 i = PauActions.FIRST_PARAMETER; i < PauActions.FIRST_ALLOCATION; ++i) {
            for (uint256 j; j < others.length; ++j) {
                _assertRefused(
                    others[j],
                    actions[i],
                    abi.encodeWithSignature(
                        "AccessControlUnauthorizedAccount(address,bytes32)", others[j], Roles.PARAM_ADMIN
                    )
                );
            }
            // These two get past the door; with a venue that answers nothing they then fail for another reason.
            _assertLetIn(admin, actions[i]);
            _assertLetIn(paramAdmin, actions[i]);
        }
    }

    function test_wiring_is_the_admins_alone() public {
        address[7] memory others = [relayer, settler, warden, conserver, revoker, paramAdmin, stranger];
        bytes[] memory actions = PauActions.all(address(usds));
        for (uint256 j; j < others.length; ++j) {
            _assertRefused(
                others[j],
                actions[actions.length - 1],
                abi.encodeWithSelector(Controller.NotAdmin.selector, others[j])
            );
        }
    }

    function test_a_revoked_relayer_is_out_at_once() public {
        vm.prank(admin);
        acl.revokeRole(Roles.ALLOCATOR, relayer);
        bytes[] memory actions = PauActions.all(address(usds));
        for (uint256 i = PauActions.FIRST_ALLOCATION; i + 1 < actions.length; ++i) {
            _assertRefused(
                relayer,
                actions[i],
                abi.encodeWithSignature(
                    "AccessControlUnauthorizedAccount(address,bytes32)", relayer, Roles.ALLOCATOR
                )
            );
        }
    }

    /// @dev A facet alone has no ACL: each of its state-changing functions fails for everyone, and its views read zero.
    function test_facets_do_nothing_when_called_directly() public {
        bytes[] memory actions = PauActions.all(address(usds));
        uint256 tried;
        for (uint256 i; i < facets.length; ++i) {
            Wire[] memory wires = facets[i].wires();
            for (uint256 j; j < wires.length; ++j) {
                for (uint256 k; k < actions.length; ++k) {
                    if (bytes4(actions[k]) != wires[j].callSelector) continue;
                    bytes memory data = actions[k];
                    bytes4 selector = wires[j].delegateSelector;
                    assembly ("memory-safe") {
                        mstore(add(data, 32), or(selector, shr(32, shl(32, mload(add(data, 32))))))
                    }
                    vm.prank(k < PauActions.FIRST_ALLOCATION ? admin : relayer);
                    (bool ok,) = address(facets[i]).call(data);
                    vm.assertFalse(ok, "no ACL, no action");
                    ++tried;
                }
            }
        }
        vm.assertEq(tried, actions.length - 1, "each was tried");
    }

    function _assertLetIn(address caller, bytes memory data) private {
        vm.prank(caller);
        (, bytes memory result) = address(controller).call(data);
        vm.assertNotEq(bytes4(result), IAccessControl.AccessControlUnauthorizedAccount.selector, "let in");
    }

    function _assertRefused(address caller, bytes memory data, bytes memory reason) private {
        vm.prank(caller);
        (bool ok, bytes memory result) = address(controller).call(data);
        vm.assertFalse(ok, "must be refused");
        vm.assertEq(result, reason, "reason");
    }
}
