// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Usdc } from "fixtures/Usdc.sol";
import { Usds } from "fixtures/Usds.sol";
import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { Acknowledgement, Buckets, EndpointConfig, Match } from "src/offramp/OfframpTypes.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Test } from "test/base/Test.sol";
import { MockLossBook } from "test/mocks/offramp/MockLossBook.sol";
import { MockQuorum } from "test/mocks/offramp/MockQuorum.sol";

/// @notice Everybody around a ledger, acting at random, with a count of its own of what they did. `target(0)` is a custody
///         account, `target(1)` a desk; the tokens are USDC and USDS.
contract OfframpHandler is Test {
    /// @dev 18 decimals, over the whole run. What the buckets must be follows from these, by a way that the ledger does not
    ///      go: it nets as it goes, this adds up and subtracts at the end.
    struct Ghost {
        uint256 sent;
        uint256 acknowledged;
        uint256 returned;
        uint256 matchedInFlight;
        uint256 matchedPosition;
        uint256 income;
        uint256 writtenOffInFlight;
        uint256 writtenOffAtCost;
        uint256 mostInFlight;
        uint256 highestCap;
    }

    struct Actors {
        address admin;
        address relayer;
        address warden;
        address conserver;
        address alice;
        address bob;
    }

    OfframpLedger public ledger;
    ControllerSurface public pau;
    address public proxy;
    Actors private _who;
    Usdc private _usdc;
    Usds private _usds;
    MockLossBook private _book;
    MockQuorum private _quorum;
    address[2] public target;
    mapping(address target => Ghost) private _ghost;
    uint256 public credits;
    uint256 public given; // to the proxy, for nothing

    /// @dev Things that must not happen in one step, kept since the runner does not fail on a revert.
    bool public statementMovedMoney;
    bool public returnFreedRoom;
    bool public beyondTheCap;
    bool public paidWhileStopped;
    bool public lostOtherThanWrittenOff;

    constructor(
        OfframpLedger ledger_,
        ControllerSurface pau_,
        address proxy_,
        Usdc usdc_,
        Usds usds_,
        MockLossBook book_,
        MockQuorum quorum_,
        address[2] memory targets,
        Actors memory who
    ) {
        (ledger, pau, proxy, _usdc, _usds, _book, _quorum) =
        (ledger_, pau_, proxy_, usdc_, usds_, book_, quorum_);
        target = targets;
        _who = who;
        for (uint256 i; i < 2; ++i) {
            (EndpointConfig memory p,) = ledger.endpointOf(target[i]);
            _ghost[target[i]].highestCap = p.maxInFlight;
        }
    }

    function ghost(address at) external view returns (Ghost memory) {
        return _ghost[at];
    }

    // --- the relayer ---

    function send(uint256 i, bool inUsds, uint256 amount) external {
        address to = target[i % 2];
        (EndpointConfig memory p, bool active) = ledger.endpointOf(to);
        bool stopped = !active || ledger.halted();
        // Up to a little more than there is room for.
        uint256 room = p.maxInFlight - Math.min(p.maxInFlight, _inFlight(to));
        amount = bound(amount, 1, room / (inUsds ? 1 : 1e12) + 2);
        vm.prank(_who.relayer);
        pau.offramp_send(to, _token(inUsds), amount, "ref");
        if (stopped) paidWhileStopped = true;
        Ghost storage g = _ghost[to];
        g.sent += inUsds ? amount : amount * 1e12;
        uint256 inFlight = ledger.bucketsOf(to).inFlight;
        if (inFlight > p.maxInFlight) beyondTheCap = true;
        if (inFlight > g.mostInFlight) g.mostInFlight = inFlight;
    }

    function claim(uint256 i, bool inUsds) external {
        address from = target[i % 2];
        uint256 amount = _balance(inUsds, ledger.bufferOf(from));
        uint256 before = _inFlight(from);
        credits += ledger.creditOf(from, _token(inUsds));
        vm.prank(_who.relayer);
        pau.offramp_claim(from, _token(inUsds));
        _ghost[from].returned += inUsds ? amount : amount * 1e12;
        if (_inFlight(from) != before) returnFreedRoom = true;
    }

    function sync(uint256 i) external {
        address of_ = target[i % 2];
        uint256 before = _inFlight(of_);
        credits += ledger.creditOf(of_, address(_usdc)) + ledger.creditOf(of_, address(_usds));
        vm.prank(_who.relayer);
        pau.offramp_sync(of_);
        if (_inFlight(of_) != before) returnFreedRoom = true;
    }

    // --- endpoints and strangers ---

    function payBack(uint256 i, bool inUsds, uint256 amount) external {
        address from = target[i % 2];
        uint256 has = _balance(inUsds, from);
        if (has == 0) return;
        amount = bound(amount, 1, has);
        address to = ledger.bufferOf(from);
        vm.prank(from);
        if (inUsds) _usds.transfer(to, amount);
        else _usdc.transfer(to, amount);
    }

    /// @dev Gains, or gifts: to a buffer, an endpoint or the proxy.
    function give(uint256 i, bool inUsds, uint256 where, uint256 amount) external {
        amount = bound(amount, 1, inUsds ? 1_000e18 : 1_000e6);
        address to = where % 3 == 0 ? ledger.bufferOf(target[i % 2]) : where % 3 == 1 ? target[i % 2] : proxy;
        if (inUsds) _usds.mint(to, amount);
        else _usdc.mint(to, amount);
        if (to == proxy) given += inUsds ? amount : amount * 1e12;
    }

    function pass(uint256 seconds_) external {
        skip(bound(seconds_, 0, 1 days));
    }

    // --- the attestors ---

    function acknowledge(uint256 i, uint256 amount) external {
        address of_ = target[i % 2];
        Acknowledgement memory a = Acknowledgement(
            of_, bound(amount, 0, ledger.bucketsOf(of_).inFlight + 1), "position", ledger.lastNonce() + 1
        );
        (address[] memory signers, bytes[] memory signatures) = _sign(ledger.acknowledgementDigest(a));
        uint256 money = _money();
        ledger.acknowledge(a, signers, signatures);
        if (_money() != money) statementMovedMoney = true;
        _ghost[of_].acknowledged += a.amount;
    }

    function matchReturn(uint256 i, bool inUsds, uint256 inFlight, uint256 position) external {
        address of_ = target[i % 2];
        Buckets memory b = ledger.bucketsOf(of_);
        inFlight = bound(inFlight, 0, (b.inFlight < b.unmatched ? b.inFlight : b.unmatched));
        position = bound(position, 0, b.unmatched - inFlight);
        Match memory m = Match(of_, _token(inUsds), inFlight, position, "position", ledger.lastNonce() + 1);
        (address[] memory signers, bytes[] memory signatures) = _sign(ledger.matchDigest(m));
        uint256 money = _money();
        ledger.matchReturn(m, signers, signatures);
        if (_money() != money) statementMovedMoney = true;
        Ghost storage g = _ghost[of_];
        g.matchedInFlight += inFlight;
        g.matchedPosition += position;
        if (position > b.atCost) g.income += position - b.atCost;
    }

    // --- governance, conserver, wardens ---

    function writeOff(uint256 i, bool fromInFlight, uint256 amount) external {
        address of_ = target[i % 2];
        Buckets memory b = ledger.bucketsOf(of_);
        amount = bound(amount, 0, fromInFlight ? b.inFlight : b.atCost);
        _book.setNav(type(uint128).max);
        vm.prank(_who.conserver);
        ledger.writeOff(of_, amount, fromInFlight, "evidence");
        if (type(uint128).max - _book.nav() != amount) lostOtherThanWrittenOff = true;
        Ghost storage g = _ghost[of_];
        if (fromInFlight) g.writtenOffInFlight += amount;
        else g.writtenOffAtCost += amount;
    }

    function setCap(uint256 i, uint256 cap) external {
        (EndpointConfig memory p,) = ledger.endpointOf(target[i % 2]);
        p.maxInFlight = bound(cap, 0, 2_000_000e18);
        vm.prank(_who.admin);
        ledger.setEndpoint(p);
        if (p.maxInFlight > _ghost[p.target].highestCap) _ghost[p.target].highestCap = p.maxInFlight;
    }

    function deactivate(uint256 i, uint256 which) external {
        if (which % 4 != 0) return;
        vm.prank(_who.warden);
        ledger.deactivate(target[i % 2]);
    }

    function haltOrResume(uint256 which) external {
        // Rather on than off, or little would happen.
        vm.prank(which % 4 == 0 ? _who.warden : _who.admin);
        if (which % 4 == 0) ledger.halt();
        else ledger.resume();
    }

    // --- what there is ---

    function _token(bool inUsds) private view returns (address) {
        return inUsds ? address(_usds) : address(_usdc);
    }

    function _balance(bool inUsds, address of_) private view returns (uint256) {
        return inUsds ? _usds.balanceOf(of_) : _usdc.balanceOf(of_);
    }

    function _inFlight(address of_) private view returns (uint256) {
        return ledger.bucketsOf(of_).inFlight;
    }

    /// @dev One number for who holds what.
    function _money() private view returns (uint256) {
        bytes memory all;
        address[5] memory places =
            [proxy, target[0], target[1], ledger.bufferOf(target[0]), ledger.bufferOf(target[1])];
        for (uint256 i; i < places.length; ++i) {
            all = abi.encode(all, _usdc.balanceOf(places[i]), _usds.balanceOf(places[i]));
        }
        return uint256(keccak256(all));
    }

    function _sign(bytes32 digest)
        private
        view
        returns (address[] memory signers, bytes[] memory signatures)
    {
        (signers, signatures) = (new address[](2), new bytes[](2));
        (signers[0], signers[1]) = (_who.alice, _who.bob);
        for (uint256 i; i < 2; ++i) {
            signatures[i] = _quorum.sign(digest, signers[i]);
        }
    }
}
