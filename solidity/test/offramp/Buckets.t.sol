// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { Acknowledgement, EndpointConfig, Match } from "src/offramp/OfframpTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";
import { MockLossBook } from "test/mocks/offramp/MockLossBook.sol";
import { MockQuorum } from "test/mocks/offramp/MockQuorum.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice What moves value between the three buckets, and what does not.
contract BucketsTest is OfframpBase {
    // --- the cap ---

    function test_sends_stop_at_the_cap_without_a_statement() public {
        send(custody, 999_999e6);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.InFlightCapExceeded.selector, CAP + 1e12, CAP));
        pau.offramp_send(custody, address(usdc), 1e6 + 1, "ref");
        send(custody, 1e6);
        assertBuckets(custody, CAP, 0, 0);
        skip(365 days);
        _noRoom();

        // Cash back makes no room by itself ...
        giveBack(custodyBuffer, custody, 400_000e6);
        assertBuckets(custody, CAP, 0, 400_000e18);
        _noRoom();
        // ... nor does attributing it to a position; a payment that was returned does, and so does a position bought.
        acknowledge(custody, 300_000e18);
        assertBuckets(custody, 700_000e18, 300_000e18, 400_000e18);
        matchReturn(custody, 200_000e18, 100_000e18);
        assertBuckets(custody, 500_000e18, 200_000e18, 100_000e18);
        send(custody, 500_000e6);
        _noRoom();
        vm.assertEq(ledger.inFlightTotal(), CAP, "in flight");
        vm.assertEq(ledger.atCostTotal(), 200_000e18, "at cost");
    }

    function test_a_lower_cap_takes_nothing_back() public {
        send(custody, 600e6);
        EndpointConfig memory p = custodyConfig();
        p.maxInFlight = 100e18;
        setEndpoint(p);
        _noRoom();
        acknowledge(custody, 500e18);
        _noRoom();
        acknowledge(custody, 10e18);
        send(custody, 10e6);
    }

    function test_totals_are_over_all_endpoints() public {
        send(custody, 600e6);
        send(desk, 40e6);
        acknowledge(custody, 500e18);
        acknowledge(desk, 1e18);
        vm.assertEq(ledger.inFlightTotal(), 139e18, "in flight");
        vm.assertEq(ledger.atCostTotal(), 501e18, "at cost");
        vm.assertEq(ledger.paymentsOf(custody), 1, "payments");
    }

    // --- attributing returns ---

    /// @dev The naive "sent less returned" would take the second payment for settled.
    function test_position_proceeds_do_not_cancel_another_payment() public {
        send(custody, 100e6);
        acknowledge(custody, 100e18);
        send(custody, 80e6);
        giveBack(custodyBuffer, custody, 100e6); // the first position matured
        matchReturn(custody, 0, 100e18);
        assertBuckets(custody, 80e18, 0, 0);
    }

    function test_partial_returns() public {
        send(custody, 100e6);
        giveBack(custodyBuffer, custody, 30e6);
        giveBack(custodyBuffer, custody, 20e6);
        matchReturn(custody, 45e18, 0);
        assertBuckets(custody, 55e18, 0, 5e18);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 5e18));
        this.matchReturn_(custody, 3e18, 3e18);
        matchReturn(custody, 5e18, 0);
        assertBuckets(custody, 50e18, 0, 0);
    }

    /// @dev More came back than the position cost: the cost goes to zero and no further, the rest is income.
    function test_excess_returns_are_income() public {
        send(custody, 100e6);
        acknowledge(custody, 100e18);
        giveBack(custodyBuffer, custody, 104e6);
        Match memory m = Match(custody, address(usdc), 0, 104e18, "bond", 2);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.matchDigest(m));
        vm.expectEmit(address(ledger));
        emit OfframpLedger.OfframpMatched(custody, "bond", address(usdc), 0, 104e18, 4e18, 2);
        ledger.matchReturn(m, signers, signatures);
        assertBuckets(custody, 0, 0, 0);
        vm.assertEq(ledger.atCostTotal(), 0, "at cost");
    }

    function test_no_more_returns_than_were_paid() public {
        send(custody, 100e6);
        giveBack(custodyBuffer, custody, 150e6);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 100e18));
        this.matchReturn_(custody, 101e18, 0);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 150e18));
        this.matchReturn_(custody, MAX, MAX);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 100e18));
        this.acknowledge_(custody, 100e18 + 1);
    }

    function test_matches_name_an_asset_of_the_endpoint() public {
        giveBack(custodyBuffer, custody, 1e6);
        Match memory m = Match(custody, address(dai), 0, 1e18, "bond", 1);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.matchDigest(m));
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.AssetNotListed.selector, custody, address(dai)));
        ledger.matchReturn(m, signers, signatures);
    }

    // --- who speaks ---

    function test_the_allocator_alone_confirms_nothing() public {
        send(custody, 100e6);
        giveBack(custodyBuffer, custody, 100e6);
        address[] memory signers = new address[](1);
        bytes[] memory signatures = new bytes[](1);
        Acknowledgement memory a = Acknowledgement(custody, 1, "position", 1);
        Match memory m = Match(custody, address(usdc), 1, 0, "position", 1);
        vm.startPrank(relayer);
        vm.expectRevert(MockQuorum.NoQuorum.selector);
        ledger.acknowledge(a, new address[](0), new bytes[](0));
        vm.expectRevert(MockQuorum.NoQuorum.selector);
        ledger.matchReturn(m, new address[](0), new bytes[](0));
        signers[0] = relayer;
        signatures[0] = quorum.sign(ledger.acknowledgementDigest(a), relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.SignerIsAllocator.selector, relayer));
        ledger.acknowledge(a, signers, signatures);
        signatures[0] = quorum.sign(ledger.matchDigest(m), relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.SignerIsAllocator.selector, relayer));
        ledger.matchReturn(m, signers, signatures);
        vm.stopPrank();
        assertBuckets(custody, 100e18, 0, 100e18);
    }

    /// @dev Even an attestor does not count while it can pay out.
    function test_an_attestor_who_allocates_does_not_count() public {
        send(custody, 100e6);
        vm.prank(admin);
        acl.grantRole(Roles.ALLOCATOR, bob);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.SignerIsAllocator.selector, bob));
        this.acknowledge_(custody, 1);
    }

    /// @dev Anybody may bring what a quorum signed, the relayer too.
    function test_anybody_brings_statements() public {
        send(custody, 100e6);
        Acknowledgement memory a = Acknowledgement(custody, 60e18, "bond", 1);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.acknowledgementDigest(a));
        vm.expectEmit(address(ledger));
        emit OfframpLedger.OfframpAcknowledged(custody, "bond", 60e18, 1);
        vm.prank(stranger);
        ledger.acknowledge(a, signers, signatures);
        assertBuckets(custody, 40e18, 60e18, 0);
    }

    function test_statements_count_once_and_in_order() public {
        send(custody, 100e6);
        Acknowledgement memory a = Acknowledgement(custody, 10e18, "bond", 2);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.acknowledgementDigest(a));
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.BadNonce.selector, 1));
        ledger.acknowledge(a, signers, signatures);
        a.nonce = 1;
        (signers, signatures) = signed(ledger.acknowledgementDigest(a));
        ledger.acknowledge(a, signers, signatures);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.BadNonce.selector, 2));
        ledger.acknowledge(a, signers, signatures);
        // One count for both kinds.
        Match memory m = Match(custody, address(usdc), 0, 0, "bond", 1);
        (signers, signatures) = signed(ledger.matchDigest(m));
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.BadNonce.selector, 2));
        ledger.matchReturn(m, signers, signatures);
    }

    /// @dev EIP-712 written out by hand, with the type strings spelled here.
    function test_digests() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Halo Offramp Ledger"),
                keccak256("1"),
                block.chainid,
                address(ledger)
            )
        );
        vm.assertEq(ledger.domainSeparator(), domain, "domain");
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Acknowledgement(address target,uint256 amount,bytes32 positionId,uint64 nonce)"),
                custody,
                uint256(5),
                bytes32("bond"),
                uint64(9)
            )
        );
        vm.assertEq(
            ledger.acknowledgementDigest(Acknowledgement(custody, 5, "bond", 9)),
            keccak256(abi.encodePacked(hex"1901", domain, hash)),
            "acknowledgement"
        );
        hash = keccak256(
            abi.encode(
                keccak256(
                    "Match(address target,address asset,uint256 inFlight,uint256 position,bytes32 positionId,uint64 nonce)"
                ),
                custody,
                address(usdc),
                uint256(5),
                uint256(6),
                bytes32("bond"),
                uint64(9)
            )
        );
        vm.assertEq(
            ledger.matchDigest(Match(custody, address(usdc), 5, 6, "bond", 9)),
            keccak256(abi.encodePacked(hex"1901", domain, hash)),
            "match"
        );
    }

    /// @dev A statement for one ledger or chain is nothing on another.
    function test_digests_are_of_one_ledger_and_chain() public {
        Acknowledgement memory a = Acknowledgement(custody, 5, "bond", 1);
        bytes32 here = ledger.acknowledgementDigest(a);
        OfframpLedger other = OfframpLedger(Clones.clone(address(new OfframpLedger())));
        vm.assertNotEq(other.acknowledgementDigest(a), here, "ledger");
        vm.chainId(999);
        vm.assertNotEq(ledger.acknowledgementDigest(a), here, "chain");
    }

    // --- losses ---

    function test_write_off_lowers_the_book_exactly_once() public {
        send(custody, 100e6);
        acknowledge(custody, 60e18);
        book.setNav(1_000e18);
        vm.expectEmit(address(ledger));
        emit OfframpLedger.OfframpWrittenOff(custody, 15e18, 15e18, true, "theft", conserver);
        vm.prank(conserver);
        ledger.writeOff(custody, 15e18, true, "theft");
        assertBuckets(custody, 25e18, 60e18, 0);
        vm.assertEq(book.nav(), 985e18, "nav");
        vm.assertEq(book.losses(), 1, "once");
        vm.assertEq(book.evidence(), bytes32("theft"), "evidence");

        vm.prank(admin);
        ledger.writeOff(custody, 60e18, false, "default");
        assertBuckets(custody, 25e18, 0, 0);
        vm.assertEq(book.nav(), 925e18, "nav");
        vm.assertEq(book.losses(), 2, "once each");
        vm.assertEq(ledger.inFlightTotal(), 25e18, "in flight");
        vm.assertEq(ledger.atCostTotal(), 0, "at cost");
    }

    function test_write_off_is_of_what_is_there() public {
        send(custody, 100e6);
        acknowledge(custody, 60e18);
        book.setNav(1_000e18);
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 40e18));
        ledger.writeOff(custody, 40e18 + 1, true, "theft");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 60e18));
        ledger.writeOff(custody, 60e18 + 1, false, "theft");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.ExceedsBucket.selector, 0));
        ledger.writeOff(stranger, 1, true, "theft");
        vm.stopPrank();
        vm.assertEq(book.nav(), 1_000e18, "nav");
    }

    /// @dev A Book in an asset of 6 decimals: rounded up, since a loss is never told too small.
    function testFuzz_write_off_in_the_books_units(uint256 amount) public {
        MockLossBook other = new MockLossBook(1e12);
        other.setNav(1_000e6);
        _deployLedger(address(quorum), address(other));
        setEndpoint(custodyConfig());
        vm.prank(admin);
        pau.offramp_setLedger(address(ledger));
        send(custody, 100e6);
        amount = bound(amount, 0, 100e18);
        vm.prank(conserver);
        ledger.writeOff(custody, amount, true, "theft");
        uint256 lost = 1_000e6 - other.nav();
        vm.assertGe(lost * 1e12, amount, "not too little");
        vm.assertLt(lost * 1e12, amount + 1e12, "and the least");
    }

    /// @dev When reports have taken all of it off already, the bucket can still be cleared.
    function test_write_off_takes_no_more_than_there_is() public {
        send(custody, 100e6);
        book.setNav(30e18);
        vm.prank(conserver);
        ledger.writeOff(custody, 100e18, true, "theft");
        vm.assertEq(book.nav(), 0, "nav");
        assertBuckets(custody, 0, 0, 0);
    }

    // --- decimals ---

    function testFuzz_decimals_are_normalised_exactly(uint8 decimals, uint256 amount) public {
        decimals = uint8(bound(decimals, 6, 18));
        uint256 scale = 10 ** (18 - decimals);
        amount = bound(amount, 1, CAP / scale);
        MockToken token = new MockToken(decimals);
        EndpointConfig memory p = custodyConfig();
        p.assets = new address[](1);
        p.assets[0] = address(token);
        setEndpoint(p);
        bytes32 key = RateLimitKeys.offrampSend(address(token), custody);
        setLimit(key, CAP);
        token.mint(address(proxy), amount);

        vm.prank(relayer);
        pau.offramp_send(custody, address(token), amount, "ref");
        assertBuckets(custody, amount * scale, 0, 0);
        vm.assertEq(available(key), CAP - amount * scale, "the limit counts the same");
        vm.assertEq(token.balanceOf(custody), amount, "paid");

        vm.prank(custody);
        token.transfer(address(custodyBuffer), amount);
        vm.prank(relayer);
        pau.offramp_claim(custody, address(token));
        assertBuckets(custody, amount * scale, 0, amount * scale);
        vm.assertEq(token.balanceOf(address(proxy)), amount, "home");
        Match memory m = Match(custody, address(token), amount * scale, 0, "return", 1);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.matchDigest(m));
        ledger.matchReturn(m, signers, signatures);
        vm.prank(relayer);
        pau.offramp_sync(custody);
        assertBuckets(custody, 0, 0, 0);
        vm.assertEq(available(key), CAP, "given back");
    }

    /// @dev 6 and 18 decimals count the same.
    function test_both_decimals_share_one_cap() public {
        send(custody, 400_000e6);
        vm.startPrank(relayer);
        pau.offramp_send(custody, address(usds), 600_000e18, "ref");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.InFlightCapExceeded.selector, CAP + 1, CAP));
        pau.offramp_send(custody, address(usds), 1, "ref");
        vm.stopPrank();
    }

    function _noRoom() private {
        vm.prank(relayer);
        vm.expectPartialRevert(OfframpLedger.InFlightCapExceeded.selector);
        pau.offramp_send(custody, address(usdc), 1, "ref");
    }

    function acknowledge_(address target, uint256 amount) external {
        acknowledge(target, amount);
    }

    function matchReturn_(address target, uint256 inFlight, uint256 position) external {
        matchReturn(target, inFlight, position);
    }
}
