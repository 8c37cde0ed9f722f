// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { EndpointConfig } from "src/offramp/OfframpTypes.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { OfframpFacet } from "src/pau/facets/OfframpFacet.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";
import { UnitMock } from "test/mocks/pau/UnitMock.sol";

/// @notice Payments and returns through the Controller, on a real ledger.
contract OfframpFacetTest is OfframpBase {
    bytes32 private sendKey;
    bytes32 private returnKey;

    function setUp() public override {
        super.setUp();
        sendKey = RateLimitKeys.offrampSend(address(usdc), custody);
        returnKey = RateLimitKeys.offrampReturn(address(usdc), custody);
        setLimit(sendKey, 400e18); // 18 decimals, though USDC has 6
    }

    function test_send_boundary_and_deltas() public {
        vm.startPrank(relayer);
        expectExceeded(sendKey, 400e18 + 1e12, 400e18);
        pau.offramp_send(custody, address(usdc), 400e6 + 1, "ref");
        vm.expectEmit(address(controller));
        emit OfframpFacet.OfframpSent(custody, address(usdc), 400e6, 400e18, "invoice 7", 1);
        pau.offramp_send(custody, address(usdc), 400e6, "invoice 7");
        vm.stopPrank();
        vm.assertEq(usdc.balanceOf(address(proxy)), 10_000_000e6 - 400e6, "proxy");
        vm.assertEq(usdc.balanceOf(custody), 400e6, "endpoint");
        vm.assertEq(available(sendKey), 0, "limit");
        assertBuckets(custody, 400e18, 0, 0);
        assertNoAllowance(address(usdc), custody);
        assertNoAllowance(address(usdc), address(ledger));
        assertEmptyController(address(usdc));
    }

    function test_claim_takes_all_and_deltas() public {
        send(custody, 300e6);
        usdc.mint(address(custodyBuffer), 123e6);
        vm.expectEmit(address(controller));
        emit OfframpFacet.OfframpReturned(custody, address(usdc), 123e6, 123e18);
        vm.startPrank(relayer);
        pau.offramp_claim(custody, address(usdc));
        vm.expectRevert(abi.encodeWithSelector(OfframpFacet.NothingToClaim.selector, custody, address(usdc)));
        pau.offramp_claim(custody, address(usdc));
        vm.stopPrank();
        vm.assertEq(usdc.balanceOf(address(custodyBuffer)), 0, "buffer");
        vm.assertEq(usdc.balanceOf(address(proxy)), 10_000_000e6 - 300e6 + 123e6, "proxy");
        vm.assertEq(available(sendKey), 100e18, "a return gives nothing back by itself");
        assertBuckets(custody, 300e18, 0, 123e18);
        assertEmptyController(address(usdc));
    }

    /// @dev The limit gets back what a quorum found to be returned payments: at the next claim, or by sync; once.
    function test_limit_gets_back_what_was_matched() public {
        send(custody, 300e6);
        giveBack(custodyBuffer, custody, 100e6);
        matchReturn(custody, 60e18, 40e18);
        vm.assertEq(available(sendKey), 100e18, "not before the next call");
        vm.assertEq(ledger.creditOf(custody, address(usdc)), 60e18, "kept for it");
        giveBack(custodyBuffer, custody, 1e6);
        vm.assertEq(available(sendKey), 160e18, "claim");
        matchReturn(custody, 1e18, 0);
        vm.startPrank(relayer);
        pau.offramp_sync(custody);
        vm.assertEq(available(sendKey), 161e18, "sync");
        pau.offramp_sync(custody);
        vm.assertEq(available(sendKey), 161e18, "once");
        vm.stopPrank();
        vm.assertEq(ledger.creditOf(custody, address(usdc)), 0, "used");
    }

    function test_limit_never_rises_above_its_maximum() public {
        send(custody, 300e6);
        giveBack(custodyBuffer, custody, 300e6);
        matchReturn(custody, 300e18, 0);
        setLimit(sendKey, 350e18);
        vm.prank(relayer);
        pau.offramp_sync(custody);
        vm.assertEq(available(sendKey), 350e18, "full");
    }

    /// @dev The room goes to the asset in which the payment was made.
    function test_room_is_of_the_asset_matched() public {
        bytes32 usdsKey = RateLimitKeys.offrampSend(address(usds), custody);
        setLimit(usdsKey, 50e18);
        send(custody, 100e6);
        vm.prank(relayer);
        pau.offramp_send(custody, address(usds), 50e18, "ref");
        usds.mint(address(custodyBuffer), 100e18);
        vm.startPrank(relayer);
        pau.offramp_claim(custody, address(usds)); // paid in USDC, returned in USDS
        vm.stopPrank();
        matchReturn(custody, 100e18, 0);
        vm.prank(relayer);
        pau.offramp_sync(custody);
        vm.assertEq(available(sendKey), 400e18, "usdc");
        vm.assertEq(available(usdsKey), 0, "usds");
    }

    /// @dev P1: a closed entrance shuts nothing in, and its key stays closed.
    function test_P1_zero_key_closes_one_way() public {
        send(custody, 300e6);
        giveBack(custodyBuffer, custody, 50e6);
        matchReturn(custody, 50e18, 0);
        setLimit(sendKey, 0);
        setUnlimited(returnKey);
        vm.startPrank(relayer);
        expectNoKey(sendKey);
        pau.offramp_send(custody, address(usdc), 1, "ref");
        vm.stopPrank();
        giveBack(custodyBuffer, custody, 250e6);
        vm.assertEq(limits.getRateLimitData(sendKey).maxAmount, 0, "still no key");
        assertBuckets(custody, 250e18, 0, 250e18);
    }

    /// @dev The return key is a gate: only that it is there counts. Without either key the pair is not onboarded.
    function test_claims_need_one_of_two_keys() public {
        usdc.mint(address(custodyBuffer), 50e6);
        setLimit(sendKey, 0);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.VenueNotOnboarded.selector, custody));
        pau.offramp_claim(custody, address(usdc));
        setLimit(returnKey, 1);
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        vm.assertEq(available(returnKey), 1, "not used up");
    }

    /// @dev P14: neither table nor key is enough alone.
    function test_P14_each_pair_needs_both_lists() public {
        setLimit(RateLimitKeys.offrampSend(address(usdc), stranger), 1e18);
        setLimit(RateLimitKeys.offrampSend(address(dai), custody), 1e18);
        setLimit(RateLimitKeys.offrampSend(address(usds), custody), 0);
        dai.mint(address(proxy), 1e18);
        dai.mint(address(custodyBuffer), 1e18);
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.EndpointInactive.selector, stranger));
        pau.offramp_send(stranger, address(usdc), 1, "ref");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.AssetNotListed.selector, custody, address(dai)));
        pau.offramp_send(custody, address(dai), 1, "ref");
        expectNoKey(RateLimitKeys.offrampSend(address(usds), custody));
        pau.offramp_send(custody, address(usds), 1, "ref");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.UnknownEndpoint.selector, stranger));
        pau.offramp_claim(stranger, address(usdc));
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.AssetNotListed.selector, custody, address(dai)));
        pau.offramp_claim(custody, address(dai));
        vm.stopPrank();
    }

    function test_nothing_is_no_payment() public {
        vm.prank(relayer);
        vm.expectRevert(OfframpLedger.ZeroAmount.selector);
        pau.offramp_send(custody, address(usdc), 0, "ref");
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        vm.prank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.offramp_send(custody, address(usdc), MAX, "ref");
    }

    /// @dev P16: no function of the off-ramp takes ETH, and none can send any.
    function test_P16_no_ether() public {
        vm.deal(relayer, 10);
        vm.deal(address(proxy), 5 ether);
        bytes[4] memory calls = [
            abi.encodeCall(pau.offramp_send, (custody, address(usdc), 1e6, "ref")),
            abi.encodeCall(pau.offramp_claim, (custody, address(usdc))),
            abi.encodeCall(pau.offramp_sync, (custody)),
            abi.encodeCall(pau.offramp_setLedger, (address(ledger)))
        ];
        usdc.mint(address(custodyBuffer), 1e6);
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(relayer);
            (bool ok,) = address(controller).call{ value: 1 }(calls[i]);
            vm.assertFalse(ok, "takes no ETH");
            vm.prank(i == 3 ? admin : relayer);
            (ok,) = address(controller).call(calls[i]);
            vm.assertTrue(ok, "but for the ETH it would have gone");
        }
        vm.assertEq(address(proxy).balance, 5 ether, "untouched");
        (bool taken,) = address(ledger).call{ value: 1 }("");
        vm.assertFalse(taken, "nor does the ledger");
    }

    /// @dev P21: whoever sends tokens to the proxy, the buffer, the endpoint or the ledger stops and frees nothing.
    function test_P21_donations_change_nothing() public {
        send(custody, 300e6);
        address[5] memory places =
            [address(proxy), address(custodyBuffer), custody, address(ledger), address(controller)];
        for (uint256 i; i < places.length; ++i) {
            usdc.mint(places[i], 1);
        }
        assertBuckets(custody, 300e18, 0, 0);
        send(custody, 10e6);
        giveBack(custodyBuffer, custody, 20e6);
        assertBuckets(custody, 310e18, 0, 20e18 + 1e12); // the gift came home too, and frees nothing
        vm.assertEq(available(sendKey), 90e18, "limit");
        matchReturn(custody, 20e18, 1e12); // with the next match it is income
        assertBuckets(custody, 290e18, 0, 0);
    }

    /// @dev P23: however much lies in a buffer, one claim takes it.
    function testFuzz_P23_claims_take_any_balance(uint256 amount) public {
        amount = bound(amount, 1, type(uint128).max / 1e12);
        giveBack(custodyBuffer, custody, amount);
        assertBuckets(custody, 0, 0, amount * 1e12);
        vm.assertEq(usdc.balanceOf(address(custodyBuffer)), 0, "all of it");
    }

    /// @dev P38: redemption liquidity and a payment want the same money in one block: one gets it, the other fails whole.
    function test_P38_two_claims_on_one_balance() public {
        UnitMock unit = new UnitMock(address(usds), address(proxy));
        bytes32 fundKey = RateLimitKeys.lctsFundRedeem(address(usds), address(unit));
        bytes32 key = RateLimitKeys.offrampSend(address(usds), custody);
        setLimit(fundKey, 800_000e18);
        setLimit(key, 800_000e18);
        vm.prank(address(proxy));
        usds.transfer(stranger, 9_000_000e18);
        uint256 id = vm.snapshotState();
        vm.startPrank(relayer);
        pau.lctsHalo_fundRedemption(address(unit), 600_000e18);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        pau.offramp_send(custody, address(usds), 400_000e18 + 1, "ref");
        assertBuckets(custody, 0, 0, 0);
        vm.assertEq(available(key), 800_000e18, "limit untouched");
        pau.offramp_send(custody, address(usds), 400_000e18, "ref");
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(address(proxy)), 0, "all used, none twice");

        vm.revertToState(id);
        vm.startPrank(relayer);
        pau.offramp_send(custody, address(usds), 600_000e18, "ref");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        pau.lctsHalo_fundRedemption(address(unit), 400_000e18 + 1);
        vm.assertEq(available(fundKey), 800_000e18, "limit untouched");
        pau.lctsHalo_fundRedemption(address(unit), 400_000e18);
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(address(proxy)), 0, "all used, none twice");
    }

    // --- USDC's blacklist ---

    function test_blacklisted_endpoint_is_not_paid() public {
        usdc.blacklist(custody);
        vm.prank(relayer);
        vm.expectRevert("Blacklistable: account is blacklisted");
        pau.offramp_send(custody, address(usdc), 1e6, "ref");
        assertBuckets(custody, 0, 0, 0);
        vm.assertEq(available(sendKey), 400e18, "limit untouched");
    }

    function test_blacklisted_proxy_moves_nothing_and_loses_nothing() public {
        send(custody, 100e6);
        usdc.mint(address(custodyBuffer), 40e6);
        usdc.blacklist(address(proxy));
        vm.startPrank(relayer);
        vm.expectRevert("Blacklistable: account is blacklisted");
        pau.offramp_send(custody, address(usdc), 1e6, "ref");
        vm.expectRevert("Blacklistable: account is blacklisted");
        pau.offramp_claim(custody, address(usdc));
        pau.offramp_send(custody, address(usds), 1e18, "ref"); // another asset is not touched by it
        vm.stopPrank();
        assertBuckets(custody, 101e18, 0, 0);
        usdc.unBlacklist(address(proxy));
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        assertBuckets(custody, 101e18, 0, 40e18);
    }

    /// @dev A blacklisted buffer can neither be paid to nor emptied. Once the attestors have stated what is in flight, the
    ///      endpoint gets another, and what the old one holds waits there.
    function test_blacklisted_buffer_is_replaced() public {
        send(custody, 100e6);
        usdc.mint(address(custodyBuffer), 40e6);
        usdc.blacklist(address(custodyBuffer));
        vm.prank(relayer);
        vm.expectRevert("Blacklistable: account is blacklisted");
        pau.offramp_claim(custody, address(usdc));
        assertBuckets(custody, 100e18, 0, 0);

        acknowledge(custody, 100e18); // a claim on the custodian
        EndpointConfig memory p = custodyConfig();
        p.buffer = address(newBuffer(address(proxy)));
        setEndpoint(p);
        usdc.mint(p.buffer, 60e6);
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        matchReturn(custody, 0, 60e18);
        assertBuckets(custody, 0, 40e18, 0);

        usdc.unBlacklist(address(custodyBuffer));
        setEndpoint(custodyConfig());
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        matchReturn(custody, 0, 40e18);
        assertBuckets(custody, 0, 0, 0);
    }

    // --- tokens that misbehave ---

    function test_tokens_that_take_a_fee() public {
        MockToken token = _listed();
        token.setFee(100);
        token.mint(address(proxy), 1_000);
        token.mint(address(custodyBuffer), 1_000);
        // The fee falls on the receiver: a payment leaves whole, a return comes short and is refused.
        vm.startPrank(relayer);
        pau.offramp_send(custody, address(token), 1_000, "ref");
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 1_000, 990));
        pau.offramp_claim(custody, address(token));
        vm.stopPrank();
    }

    function test_tokens_that_say_no() public {
        MockToken token = _listed();
        token.mint(address(proxy), 1_000);
        vm.mockCall(address(token), abi.encodeCall(token.transfer, (custody, 5)), abi.encode(false));
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(ProxyTokens.TransferFailed.selector, address(token), custody));
        pau.offramp_send(custody, address(token), 5, "ref");
        // One that says yes and does nothing.
        vm.mockCall(address(token), abi.encodeCall(token.transfer, (custody, 5)), abi.encode(true));
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 995, 1_000));
        pau.offramp_send(custody, address(token), 5, "ref");
        assertBuckets(custody, 0, 0, 0);
    }

    // --- the ledger ---

    function test_set_ledger() public {
        OfframpLedger old = ledger;
        vm.expectEmit(address(controller));
        emit OfframpFacet.OfframpLedgerSet(address(0));
        vm.prank(admin);
        pau.offramp_setLedger(address(0));
        vm.assertEq(pau.offramp_ledger(), address(0), "off");
        vm.startPrank(relayer);
        vm.expectRevert(OfframpFacet.LedgerNotSet.selector);
        pau.offramp_send(custody, address(usdc), 1, "ref");
        vm.expectRevert(OfframpFacet.LedgerNotSet.selector);
        pau.offramp_claim(custody, address(usdc));
        vm.expectRevert(OfframpFacet.LedgerNotSet.selector);
        pau.offramp_sync(custody);
        vm.stopPrank();

        address paramAdmin = makeAddr("paramAdmin");
        vm.prank(admin);
        acl.grantRole(Roles.PARAM_ADMIN, paramAdmin);
        vm.prank(paramAdmin);
        pau.offramp_setLedger(address(old));
        vm.assertEq(pau.offramp_ledger(), address(old), "on");
    }

    function test_a_foreign_ledger_is_refused() public {
        _refusesLedgerThatSays(address(controller), stranger);
        _refusesLedgerThatSays(stranger, address(proxy));
    }

    function _refusesLedgerThatSays(address controller_, address proxy_) private {
        address other = makeAddr("other ledger");
        vm.mockCall(other, abi.encodeCall(ledger.controller, ()), abi.encode(controller_));
        vm.mockCall(other, abi.encodeCall(ledger.almProxy, ()), abi.encode(proxy_));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(OfframpFacet.ForeignLedger.selector, other));
        pau.offramp_setLedger(other);
    }

    function _listed() private returns (MockToken token) {
        token = new MockToken(6);
        EndpointConfig memory p = custodyConfig();
        p.assets = new address[](1);
        p.assets[0] = address(token);
        setEndpoint(p);
        setLimit(RateLimitKeys.offrampSend(address(token), custody), 1e18);
    }
}
