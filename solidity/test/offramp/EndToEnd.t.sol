// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { BookInit, HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, Report, ReporterInit } from "src/book/PositionReporter.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { Acknowledgement } from "src/offramp/OfframpTypes.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";

/// @notice The Unit, as far as a Book looks at it.
contract UnitStub {
    address public asset;
    address public book;
    address public classProxy;
    uint256 public redeemLiquidity;
    uint8 public tranche;

    constructor(address asset_, address book_, address classProxy_) {
        (asset, book, classProxy) = (asset_, book_, classProxy_);
    }
}

/// @notice PSM, ledger, reporter and Book, all real: money goes out, becomes a position, comes home with a gain; another
///         payment is lost. The Class has a million USDS; 2-of-3 attestors with keys.
contract OfframpEndToEndTest is OfframpBase {
    HaloBook private haloBook;
    PositionReporter private reporter;
    address[] private attestors;
    mapping(address => uint256) private keyOf;

    function setUp() public override {
        super.setUp();
        haloBook = HaloBook(Clones.clone(address(new HaloBook())));
        reporter = PositionReporter(Clones.clone(address(new PositionReporter())));
        _deployLedger(address(reporter), address(haloBook));
        haloBook.initialize(
            BookInit({
                acl: address(acl),
                reporter: address(reporter),
                asset: address(usds),
                mode: 0,
                maxUpBpsPerDay: 10,
                reviewDownBps: 100,
                maxReportAge: 36 hours,
                factory: address(this),
                ledger: address(ledger)
            })
        );
        _makeAttestors();
        reporter.initialize(
            ReporterInit({
                acl: address(acl),
                book: address(haloBook),
                attestors: attestors,
                threshold: 2,
                costToleranceBps: 500,
                ledger: address(ledger)
            })
        );
        haloBook.addUnit(address(new UnitStub(address(usds), address(haloBook), address(proxy))), 0, 0, 0);

        custodyBuffer = newBuffer(address(proxy));
        setEndpoint(custodyConfig());
        setLimit(RateLimitKeys.usdsToUsdc(), 1_000_000e6);
        vm.startPrank(address(proxy)); // the base gave it more than this Class has
        usds.transfer(address(1), 9_000_000e18);
        usdc.transfer(address(1), 10_000_000e6);
        vm.stopPrank();
        vm.startPrank(admin);
        pau.offramp_setLedger(address(ledger));
        pau.psm_setConfig(PsmConfig(0, address(psm), address(daiUsds), address(wrapper), 0));
        haloBook.forceNav(1_000_000e18, "start");
        vm.stopPrank();
        skip(1 hours);
    }

    function test_a_position_comes_and_goes() public {
        // Out: 400,000 USDS become USDC and go to the custodian.
        _pay(400_000e6, "invoice");
        assertBuckets(custody, 400_000e18, 0, 0);

        // No report can have more in flight than the ledger knows of.
        _refusedReport(0, 400_000e18 + 1, 600_000e18, PositionReporter.InFlightOverstated.selector);
        _report(0, 400_000e18, 600_000e18);
        vm.assertEq(haloBook.nav(), 1_000_000e18, "nothing gained, nothing lost");

        // A bond is bought. Only then is it a position, and only a quorum says so.
        _refuseLoneAttestor();
        acknowledge(custody, 400_000e18);
        assertBuckets(custody, 0, 400_000e18, 0);
        skip(1 days);
        _refusedReport(400_000e18, 1, 600_000e18, PositionReporter.InFlightOverstated.selector);
        _report(400_500e18, 0, 600_000e18);
        vm.assertEq(haloBook.nav(), 1_000_500e18, "it earned");

        // Home: the bond matures at 400,600, by the buffer.
        usdc.mint(address(custodyBuffer), 400_600e6);
        vm.startPrank(relayer);
        pau.offramp_claim(custody, address(usdc));
        pau.psm_swapUSDCToUSDS(400_600e6);
        vm.stopPrank();
        assertBuckets(custody, 0, 400_000e18, 400_600e18);
        matchReturn(custody, 0, 400_600e18);
        assertBuckets(custody, 0, 0, 0);
        skip(1 days);
        _report(0, 0, 1_000_600e18);
        vm.assertEq(haloBook.nav(), 1_000_600e18, "all of it is income");
        vm.assertEq(usds.balanceOf(address(proxy)), 1_000_600e18, "and here");
    }

    function test_write_off_lowers_nav_once_and_is_reviewed() public {
        _pay(400_000e6, "invoice");
        _report(0, 400_000e18, 600_000e18);
        skip(1 hours);

        vm.prank(conserver);
        ledger.writeOff(custody, 150_000e18, true, "theft");
        vm.assertEq(haloBook.nav(), 850_000e18, "once");
        vm.assertTrue(haloBook.underReview(), "a fall of 15 % waits for a second key");
        assertBuckets(custody, 250_000e18, 0, 0);
        // Who wrote it off is not the second key.
        uint64 seq = reporter.lastSeq();
        vm.prank(conserver);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.confirm(seq);
        vm.prank(attestors[2]); // did not sign the report
        reporter.confirm(seq);
        vm.assertFalse(haloBook.underReview(), "confirmed");

        // The next report says the same and takes nothing off again.
        skip(1 hours);
        _refusedReport(0, 400_000e18, 600_000e18, PositionReporter.InFlightOverstated.selector);
        _report(0, 250_000e18, 600_000e18);
        vm.assertEq(haloBook.nav(), 850_000e18, "still once");
    }

    /// @dev The bucket stays written off though the loss is refused: what that leaves open, in numbers.
    function test_a_refused_write_off_stays_off_the_ledger() public {
        _pay(400_000e6, "invoice");
        _report(0, 400_000e18, 600_000e18);
        skip(1 hours);
        vm.prank(conserver);
        ledger.writeOff(custody, 150_000e18, true, "an error");
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.reject(seq);
        vm.assertEq(haloBook.nav(), 1_000_000e18, "the Book has it back");
        assertBuckets(custody, 250_000e18, 0, 0);

        // A report has to call it a position above cost, and that asks for a second key.
        skip(1 hours);
        _refusedReport(0, 400_000e18, 600_000e18, PositionReporter.InFlightOverstated.selector);
        _report(150_000e18, 250_000e18, 600_000e18);
        vm.assertTrue(haloBook.underReview(), "waits");

        // The endpoint has room for as much again, until it is switched off: a million is out, and 850,000 are counted.
        uint256 snapshot = vm.snapshotState();
        _pay(600_000e6, "more");
        assertBuckets(custody, 850_000e18, 0, 0);
        vm.revertToState(snapshot);
        vm.prank(conserver);
        ledger.deactivate(custody);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.EndpointInactive.selector, custody));
        pau.offramp_send(custody, address(usdc), 1, "more");
    }

    /// @dev A return counts as in flight until it is attributed, and lies in custody already: not twice by one quorum.
    function test_a_return_is_not_counted_twice() public {
        _pay(400_000e6, "invoice");
        _report(0, 400_000e18, 600_000e18);
        _giveBackHalf();
        skip(1 days);
        _report(0, 200_000e18, 800_000e18);
        vm.assertFalse(haloBook.underReview(), "once");
        skip(1 days);
        _report(0, 200_100e18, 800_000e18);
        vm.assertTrue(haloBook.underReview(), "a part of it twice");
        matchReturn(custody, 200_000e18, 0);
        skip(1 days);
        _refusedReport(0, 200_000e18 + 1, 800_000e18, PositionReporter.InFlightOverstated.selector);
    }

    function _giveBackHalf() private {
        usdc.mint(address(custodyBuffer), 200_000e6);
        vm.startPrank(relayer);
        pau.offramp_claim(custody, address(usdc));
        pau.psm_swapUSDCToUSDS(200_000e6);
        vm.stopPrank();
    }

    /// @dev Value far above what the ledger says the positions cost needs a second key.
    function test_value_is_held_against_cost() public {
        _pay(400_000e6, "invoice");
        acknowledge(custody, 200_000e18);
        _report(210_000e18, 190_000e18, 600_000e18);
        vm.assertFalse(haloBook.underReview(), "5 % above cost");
        skip(1 hours);
        _report(210_001e18, 189_999e18, 600_000e18);
        vm.assertTrue(haloBook.underReview(), "beyond");
    }

    // --- statements with real keys ---

    function signed(bytes32 digest)
        internal
        view
        override
        returns (address[] memory signers, bytes[] memory signatures)
    {
        if (attestors.length == 0) return super.signed(digest);
        (signers, signatures) = (new address[](2), new bytes[](2));
        for (uint256 i; i < 2; ++i) {
            signers[i] = attestors[i];
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[attestors[i]], digest);
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    /// @dev `amount` USDC of the Class's USDS go to the custodian.
    function _pay(uint256 amount, bytes32 ref) private {
        vm.startPrank(relayer);
        pau.psm_swapUSDSToUSDC(amount);
        pau.offramp_send(custody, address(usdc), amount, ref);
        vm.stopPrank();
    }

    /// @dev One key is no quorum, and a report's signatures are none for a statement.
    function _refuseLoneAttestor() private {
        Acknowledgement memory a = Acknowledgement(custody, 1, "bond", ledger.lastNonce() + 1);
        (address[] memory two, bytes[] memory signatures) = signed(ledger.acknowledgementDigest(a));
        (address[] memory one, bytes[] memory signature) = (new address[](1), new bytes[](1));
        (one[0], signature[0]) = (two[0], signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.InsufficientSigners.selector, 1, 2));
        ledger.acknowledge(a, one, signature);
        (two, signatures) = signed(reporter.digestOf(_reportOf(0, 0, 0)));
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, two[0]));
        ledger.acknowledge(a, two, signatures);
    }

    function _report(uint256 deployed, uint256 inFlight, uint256 liquid) private {
        Report memory r = _reportOf(deployed, inFlight, liquid);
        (address[] memory signers, bytes[] memory signatures) = signed(reporter.digestOf(r));
        reporter.post(r, signers, signatures);
    }

    function _refusedReport(uint256 deployed, uint256 inFlight, uint256 liquid, bytes4 error) private {
        Report memory r = _reportOf(deployed, inFlight, liquid);
        (address[] memory signers, bytes[] memory signatures) = signed(reporter.digestOf(r));
        vm.expectPartialRevert(error);
        reporter.post(r, signers, signatures);
    }

    function _reportOf(uint256 deployed, uint256 inFlight, uint256 liquid)
        private
        view
        returns (Report memory r)
    {
        (r.seq, r.asOf) = (reporter.lastSeq() + 1, uint64(block.timestamp));
        (r.deployedValue, r.inFlightValue, r.liquidValue) = (deployed, inFlight, liquid);
    }

    /// @dev Three, by ascending address.
    function _makeAttestors() private {
        string[3] memory names = ["first attestor", "second attestor", "third attestor"];
        for (uint256 i; i < 3; ++i) {
            (address account, uint256 key) = makeAddrAndKey(names[i]);
            keyOf[account] = key;
            attestors.push(account);
            for (uint256 j = i; j > 0 && attestors[j] < attestors[j - 1]; --j) {
                (attestors[j], attestors[j - 1]) = (attestors[j - 1], attestors[j]);
            }
        }
    }
}
