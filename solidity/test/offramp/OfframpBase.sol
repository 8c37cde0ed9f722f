// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import {
    Acknowledgement,
    Buckets,
    EndpointConfig,
    FIAT_CUSTODY,
    LedgerInit,
    Match,
    OTC_DESK
} from "src/offramp/OfframpTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { MockLossBook } from "test/mocks/offramp/MockLossBook.sol";
import { MockQuorum } from "test/mocks/offramp/MockQuorum.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice A PAU with a ledger and two endpoints: a custody account and a desk, both for USDC and USDS. Cap 1 M each; the
///         desk must bring 99.95 % back and forgets 1 M a day. All limits are open, so that tests close what they are about.
abstract contract OfframpBase is PauBase {
    uint256 internal constant CAP = 1_000_000e18;
    uint256 internal constant LEAST = 0.9995e18;
    uint256 internal constant RECHARGE = uint256(1_000_000e18) / 1 days;

    address internal warden = makeAddr("warden");
    address internal conserver = makeAddr("conserver");
    address internal deployer = makeAddr("factory");
    address internal custody = makeAddr("custody");
    address internal desk = makeAddr("desk");
    address internal alice = makeAddr("attestor alice");
    address internal bob = makeAddr("attestor bob");

    address internal bufferTemplate;
    OfframpLedger internal ledger;
    EndpointBuffer internal custodyBuffer;
    EndpointBuffer internal deskBuffer;
    MockLossBook internal book;
    MockQuorum internal quorum;

    function setUp() public virtual override {
        super.setUp();
        bufferTemplate = address(new EndpointBuffer());
        book = new MockLossBook(1);
        quorum = new MockQuorum();
        _deployLedger(address(quorum), address(book));

        vm.startPrank(admin);
        acl.grantRole(Roles.FREEZER, warden);
        acl.grantRole(Roles.CONSERVER, conserver);
        pau.offramp_setLedger(address(ledger));
        vm.stopPrank();
        custodyBuffer = newBuffer(address(proxy));
        deskBuffer = newBuffer(address(proxy));
        setEndpoint(custodyConfig());
        setEndpoint(deskConfig());

        address[2] memory targets = [custody, desk];
        for (uint256 i; i < 2; ++i) {
            setUnlimited(RateLimitKeys.offrampSend(address(usdc), targets[i]));
            setUnlimited(RateLimitKeys.offrampSend(address(usds), targets[i]));
        }
        usdc.mint(address(proxy), 10_000_000e6);
        usds.mint(address(proxy), 10_000_000e18);
    }

    function _deployLedger(address reporter_, address book_) internal {
        ledger = OfframpLedger(Clones.clone(address(new OfframpLedger())));
        ledger.initialize(ledgerInit(reporter_, book_));
    }

    function ledgerInit(address reporter_, address book_) internal returns (LedgerInit memory) {
        return LedgerInit({
            acl: address(acl),
            controller: address(controller),
            almProxy: address(proxy),
            reporter: reporter_,
            book: book_,
            factory: deployer,
            bufferHash: Clones.clone(bufferTemplate).codehash
        });
    }

    function newBuffer(address boundTo) internal returns (EndpointBuffer fresh) {
        fresh = EndpointBuffer(payable(Clones.clone(bufferTemplate)));
        fresh.initialize(boundTo);
    }

    function assets() internal view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (address(usdc), address(usds));
    }

    function custodyConfig() internal view returns (EndpointConfig memory) {
        return
            EndpointConfig(custody, FIAT_CUSTODY, assets(), address(custodyBuffer), CAP, 0, 0, "custody kyc");
    }

    function deskConfig() internal view returns (EndpointConfig memory) {
        return EndpointConfig(desk, OTC_DESK, assets(), address(deskBuffer), CAP, LEAST, RECHARGE, "desk kyc");
    }

    function setEndpoint(EndpointConfig memory config) internal {
        vm.prank(admin);
        ledger.setEndpoint(config);
    }

    // --- what people do ---

    function send(address target, uint256 usdcAmount) internal {
        vm.prank(relayer);
        pau.offramp_send(target, address(usdc), usdcAmount, "ref");
    }

    /// @dev The endpoint returns, and the relayer takes it home.
    function giveBack(EndpointBuffer to, address target, uint256 usdcAmount) internal {
        usdc.mint(address(to), usdcAmount);
        vm.prank(relayer);
        pau.offramp_claim(target, address(usdc));
    }

    function acknowledge(address target, uint256 amount) internal {
        Acknowledgement memory a = Acknowledgement(target, amount, "position", ledger.lastNonce() + 1);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.acknowledgementDigest(a));
        ledger.acknowledge(a, signers, signatures);
    }

    function matchReturn(address target, uint256 inFlight, uint256 position) internal {
        Match memory m = Match(target, address(usdc), inFlight, position, "position", ledger.lastNonce() + 1);
        (address[] memory signers, bytes[] memory signatures) = signed(ledger.matchDigest(m));
        ledger.matchReturn(m, signers, signatures);
    }

    function signed(bytes32 digest)
        internal
        view
        virtual
        returns (address[] memory signers, bytes[] memory signatures)
    {
        (signers, signatures) = (new address[](2), new bytes[](2));
        (signers[0], signers[1]) = (alice, bob);
        for (uint256 i; i < 2; ++i) {
            signatures[i] = quorum.sign(digest, signers[i]);
        }
    }

    function assertBuckets(address target, uint256 inFlight, uint256 atCost, uint256 unmatched)
        internal
        view
    {
        Buckets memory b = ledger.bucketsOf(target);
        vm.assertEq(b.inFlight, inFlight, "in flight");
        vm.assertEq(b.atCost, atCost, "at cost");
        vm.assertEq(b.unmatched, unmatched, "unmatched");
    }
}
