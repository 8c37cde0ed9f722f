// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { ALMProxy } from "src/pau/ALMProxy.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";
import { Test } from "test/base/Test.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";

/// @notice Gives the library an address, so that a test can expect its reverts.
contract ProxyTokensHarness {
    function approve(address proxy, address token, address spender, uint256 amount) external {
        ProxyTokens.approve(proxy, token, spender, amount);
    }

    function transfer(address proxy, address token, address to, uint256 amount) external {
        ProxyTokens.transfer(proxy, token, to, amount);
    }

    function transferFrom(address proxy, address token, address from, uint256 amount) external {
        ProxyTokens.transferFrom(proxy, token, from, amount);
    }
}

/// @notice P13: the answers of a token, read as they are and not as they look inside the proxy's bytes.
contract ProxyTokensTest is Test {
    ALMProxy private proxy;
    ProxyTokensHarness private harness;
    TokenMock private token;
    address private spender = makeAddr("spender");

    function setUp() public {
        proxy = new ALMProxy(address(this));
        harness = new ProxyTokensHarness();
        proxy.grantRole(proxy.CONTROLLER(), address(harness));
        token = new TokenMock();
        token.mint(address(proxy), 100);
    }

    function test_approve_accepts_true_and_nothing() public {
        _approve(5);
        vm.assertEq(token.allowance(address(proxy), spender), 5, "true");
        token.setApprove(TokenMock.Answer.NOTHING);
        _approve(6);
        vm.assertEq(token.allowance(address(proxy), spender), 6, "nothing");
    }

    function test_approve_goes_through_zero() public {
        token.setApproveOnlyFromZero();
        _approve(5);
        _approve(7);
        vm.assertEq(token.allowance(address(proxy), spender), 7, "as USDT");
        _approve(0);
        vm.assertEq(token.allowance(address(proxy), spender), 0, "cleared");
    }

    function test_P13_approve_refuses_every_other_answer() public {
        TokenMock.Answer[3] memory answers =
            [TokenMock.Answer.FALSE, TokenMock.Answer.TWO_WORDS, TokenMock.Answer.TWO];
        for (uint256 i; i < answers.length; ++i) {
            token.setApprove(answers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(ProxyTokens.ApproveFailed.selector, address(token), spender)
            );
            _approve(5);
        }
        token.setApprove(TokenMock.Answer.REVERT);
        vm.expectRevert("TokenMock");
        _approve(5);
        vm.assertEq(token.allowance(address(proxy), spender), 0, "none stands");
    }

    function test_transfer_accepts_true_and_nothing() public {
        harness.transfer(address(proxy), address(token), spender, 10);
        token.setTransfer(TokenMock.Answer.NOTHING);
        harness.transfer(address(proxy), address(token), spender, 5);
        vm.assertEq(token.balanceOf(spender), 15, "sent");
    }

    function test_transfers_refuse_every_other_answer() public {
        token.mint(spender, 50);
        vm.prank(spender);
        token.approve(address(proxy), 50);
        TokenMock.Answer[3] memory answers =
            [TokenMock.Answer.FALSE, TokenMock.Answer.TWO_WORDS, TokenMock.Answer.TWO];
        for (uint256 i; i < answers.length; ++i) {
            token.setTransfer(answers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(ProxyTokens.TransferFailed.selector, address(token), spender)
            );
            harness.transfer(address(proxy), address(token), spender, 1);
            vm.expectRevert(
                abi.encodeWithSelector(ProxyTokens.TransferFailed.selector, address(token), address(proxy))
            );
            harness.transferFrom(address(proxy), address(token), spender, 1);
        }
        token.setTransfer(TokenMock.Answer.TRUE);
        harness.transferFrom(address(proxy), address(token), spender, 50);
        vm.assertEq(token.balanceOf(address(proxy)), 150, "taken");
    }

    function test_no_code_is_no_token() public {
        address nobody = makeAddr("nobody");
        vm.expectRevert(abi.encodeWithSelector(Address.AddressEmptyCode.selector, nobody));
        harness.transfer(address(proxy), nobody, spender, 1);
        vm.expectRevert(abi.encodeWithSelector(Address.AddressEmptyCode.selector, nobody));
        harness.approve(address(proxy), nobody, spender, 1);
    }

    function _approve(uint256 amount) private {
        harness.approve(address(proxy), address(token), spender, amount);
    }
}
