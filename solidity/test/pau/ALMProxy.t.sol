// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Errors } from "@openzeppelin/contracts/utils/Errors.sol";

import { ALMProxy } from "src/pau/ALMProxy.sol";
import { Guarded } from "src/pau/Guarded.sol";
import { Test } from "test/base/Test.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";

contract CallTarget {
    error Refused(uint256 code);

    uint256 public value;
    address public caller;

    function set(uint256 value_) external payable returns (uint256) {
        value = value_;
        caller = msg.sender;
        return value_ * 2;
    }

    function refuse(uint256 code) external pure {
        revert Refused(code);
    }

    function refuseSilently() external pure {
        assembly {
            revert(0, 0)
        }
    }
}

contract ALMProxyTest is Test {
    address private admin = makeAddr("admin");
    address private controller = makeAddr("controller");
    address private stranger = makeAddr("stranger");
    ALMProxy private proxy;
    CallTarget private target;

    function setUp() public {
        proxy = new ALMProxy(admin);
        target = new CallTarget();
        vm.startPrank(admin);
        proxy.grantRole(proxy.CONTROLLER(), controller);
        vm.stopPrank();
    }

    function test_zero_admin_reverts() public {
        vm.expectRevert(Guarded.ZeroAdmin.selector);
        new ALMProxy(address(0));
    }

    function test_roles_at_birth() public {
        ALMProxy fresh = new ALMProxy(admin);
        vm.assertEq(fresh.getRoleMemberCount(0x00), 1, "admins");
        vm.assertEq(fresh.getRoleMember(0x00, 0), admin, "admin");
        vm.assertEq(fresh.getRoleMemberCount(fresh.CONTROLLER()), 0, "controllers");
        vm.assertEq(fresh.getRoleMemberCount(fresh.DELEGATE_CONTROLLER()), 0, "delegate controllers");
    }

    function test_call_passes_data_and_result() public {
        vm.prank(controller);
        bytes memory result = proxy.doCall(address(target), abi.encodeCall(CallTarget.set, (21)));
        vm.assertEq(abi.decode(result, (uint256)), 42, "result");
        vm.assertEq(target.value(), 21, "value");
        vm.assertEq(target.caller(), address(proxy), "caller");
    }

    function test_call_bubbles_the_revert() public {
        vm.startPrank(controller);
        vm.expectRevert(abi.encodeWithSelector(CallTarget.Refused.selector, 7));
        proxy.doCall(address(target), abi.encodeCall(CallTarget.refuse, (7)));
        vm.expectRevert(Errors.FailedCall.selector);
        proxy.doCall(address(target), abi.encodeCall(CallTarget.refuseSilently, ()));
        vm.stopPrank();
    }

    /// @dev A typo in an address must not look like success.
    function test_call_to_no_code_reverts() public {
        address nobody = makeAddr("nobody");
        bytes memory refusal = abi.encodeWithSelector(Address.AddressEmptyCode.selector, nobody);
        vm.deal(address(proxy), 1 ether);
        vm.startPrank(admin);
        proxy.grantRole(proxy.DELEGATE_CONTROLLER(), controller);
        vm.stopPrank();
        vm.startPrank(controller);
        vm.expectRevert(refusal);
        proxy.doCall(nobody, "x");
        vm.expectRevert(refusal);
        proxy.doCallWithValue(nobody, "", 1 ether);
        vm.expectRevert(refusal);
        proxy.doDelegateCall(nobody, "x");
        vm.stopPrank();
    }

    function test_call_with_value() public {
        vm.deal(controller, 1 ether);
        vm.deal(address(proxy), 2 ether);
        vm.startPrank(controller);
        proxy.doCallWithValue{ value: 1 ether }(address(target), abi.encodeCall(CallTarget.set, (1)), 3 ether);
        vm.assertEq(address(target).balance, 3 ether, "own and sent");
        vm.assertEq(address(proxy).balance, 0, "all of it");
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientBalance.selector, 0, 1));
        proxy.doCallWithValue(address(target), abi.encodeCall(CallTarget.set, (1)), 1);
        vm.stopPrank();
    }

    function test_receives_ether() public {
        vm.deal(address(this), 1 ether);
        (bool ok,) = address(proxy).call{ value: 1 ether }("");
        vm.assertTrue(ok, "taken");
        vm.assertEq(address(proxy).balance, 1 ether, "held");
    }

    function test_delegate_call_needs_its_own_role() public {
        bytes32 role = proxy.DELEGATE_CONTROLLER();
        bytes memory data = abi.encodeCall(CallTarget.set, (5));
        vm.prank(controller);
        vm.expectRevert(
            abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", controller, role)
        );
        proxy.doDelegateCall(address(target), data);

        vm.startPrank(admin);
        proxy.grantRole(role, admin);
        proxy.doDelegateCall(address(target), data);
        vm.stopPrank();
        vm.assertEq(target.value(), 0, "the target is untouched");
        vm.assertEq(uint256(vm.load(address(proxy), bytes32(uint256(0)))), 5, "its code ran in the proxy");
    }

    /// @dev Governance can always recover: grant, call, revoke.
    function test_governance_frees_a_stuck_asset() public {
        TokenMock token = new TokenMock();
        token.mint(address(proxy), 9);
        vm.startPrank(admin);
        bytes32 role = proxy.CONTROLLER();
        proxy.grantRole(role, admin);
        proxy.doCall(address(token), abi.encodeCall(TokenMock.transfer, (admin, 9)));
        proxy.revokeRole(role, admin);
        vm.assertEq(token.balanceOf(admin), 9, "freed");
        vm.expectRevert(
            abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", admin, role)
        );
        proxy.doCall(address(token), abi.encodeCall(TokenMock.transfer, (admin, 0)));
        vm.stopPrank();
    }

    function test_access() public {
        bytes32 role = proxy.CONTROLLER();
        address[2] memory callers = [admin, stranger];
        for (uint256 i; i < callers.length; ++i) {
            bytes memory refusal = abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", callers[i], role
            );
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            proxy.doCall(address(target), abi.encodeCall(CallTarget.set, (1)));
            vm.expectRevert(refusal);
            proxy.doCallWithValue(address(target), abi.encodeCall(CallTarget.set, (1)), 0);
            vm.stopPrank();
        }
    }
}
