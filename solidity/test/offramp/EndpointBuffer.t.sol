// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";

contract EndpointBufferTest is OfframpBase {
    function test_binds_once() public {
        vm.assertEq(custodyBuffer.almProxy(), address(proxy), "proxy");
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        custodyBuffer.initialize(stranger);
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        EndpointBuffer(payable(bufferTemplate)).initialize(stranger);
        EndpointBuffer fresh = EndpointBuffer(payable(Clones.clone(bufferTemplate)));
        vm.expectRevert(EndpointBuffer.ZeroProxy.selector);
        fresh.initialize(address(0));
    }

    /// @dev P23: the allowance has no end, so that no gift can outgrow it.
    function test_P23_listed_assets_are_approved_without_end() public view {
        vm.assertEq(usdc.allowance(address(custodyBuffer), address(proxy)), MAX, "usdc");
        vm.assertEq(usds.allowance(address(custodyBuffer), address(proxy)), MAX, "usds");
    }

    /// @dev P13: tokens that answer nothing, or refuse to change a standing allowance, are approved all the same; one that
    ///      says no is not.
    function test_P13_odd_tokens() public {
        TokenMock odd = new TokenMock();
        odd.setApproveOnlyFromZero();
        odd.setApprove(TokenMock.Answer.NOTHING);
        custodyBuffer.approveAsset(address(odd));
        custodyBuffer.approveAsset(address(odd));
        vm.assertEq(odd.allowance(address(custodyBuffer), address(proxy)), MAX, "approved twice");
        TokenMock no = new TokenMock();
        no.setApprove(TokenMock.Answer.FALSE);
        vm.expectRevert(abi.encodeWithSignature("SafeERC20FailedOperation(address)", address(no)));
        custodyBuffer.approveAsset(address(no));
    }

    /// @dev P7: ETH has a way home, and only home.
    function test_P7_ether_goes_home() public {
        vm.deal(stranger, 3 ether);
        vm.prank(stranger);
        (bool ok,) = address(custodyBuffer).call{ value: 3 ether }("");
        vm.assertTrue(ok, "takes ETH");
        vm.expectEmit(address(custodyBuffer));
        emit EndpointBuffer.Rescued(address(0), 3 ether);
        vm.prank(stranger);
        custodyBuffer.rescueEth();
        vm.assertEq(address(proxy).balance, 3 ether, "home");
        vm.assertEq(stranger.balance, 0, "nowhere else");
    }

    /// @dev P7: so has a token that strayed here.
    function test_P7_strayed_tokens_go_home() public {
        MockToken stray = new MockToken(18);
        stray.mint(address(custodyBuffer), 7e18);
        vm.expectEmit(address(custodyBuffer));
        emit EndpointBuffer.Rescued(address(stray), 7e18);
        vm.prank(stranger);
        custodyBuffer.rescue(address(stray));
        vm.assertEq(stray.balanceOf(address(proxy)), 7e18, "home");
    }

    /// @dev What an endpoint returned must be counted: nobody can bring it home past the ledger, and so use up a cap for good.
    function test_returns_are_not_rescued() public {
        usdc.mint(address(custodyBuffer), 5e6);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(EndpointBuffer.IsReturnAsset.selector, address(usdc)));
        custodyBuffer.rescue(address(usdc));
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        assertBuckets(custody, 0, 0, 5e18);
    }

    /// @dev Somebody may close `rescue` for a stray token by having it approved; then the proxy itself can take it.
    function test_a_stray_token_approved_by_a_stranger_is_not_stuck() public {
        MockToken stray = new MockToken(18);
        stray.mint(address(custodyBuffer), 7e18);
        vm.prank(stranger);
        custodyBuffer.approveAsset(address(stray));
        vm.expectRevert(abi.encodeWithSelector(EndpointBuffer.IsReturnAsset.selector, address(stray)));
        custodyBuffer.rescue(address(stray));

        bytes32 role = proxy.CONTROLLER();
        vm.startPrank(admin);
        proxy.grantRole(role, admin);
        proxy.doCall(
            address(stray), abi.encodeCall(stray.transferFrom, (address(custodyBuffer), address(proxy), 7e18))
        );
        proxy.revokeRole(role, admin);
        vm.stopPrank();
        vm.assertEq(stray.balanceOf(address(proxy)), 7e18, "home");
    }

    /// @dev P4: a token that calls back meets the guard.
    function test_P4_no_way_back_in() public {
        MockToken stray = new MockToken(18);
        stray.mint(address(custodyBuffer), 7e18);
        stray.setHook(address(custodyBuffer), abi.encodeCall(EndpointBuffer.rescueEth, ()));
        custodyBuffer.rescue(address(stray));
        vm.assertFalse(stray.hookOk(), "refused");
        vm.assertEq(
            stray.hookResult(), abi.encodeWithSignature("ReentrancyGuardReentrantCall()"), "by the guard"
        );
    }
}
