// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { SettleParams } from "src/lcts/UnitTypes.sol";
import { UnitVault } from "src/lcts/UnitVault.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { Acknowledgement, Match } from "src/offramp/OfframpTypes.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { SystemWorld } from "test/system/SystemWorld.sol";

/// @notice Everybody acts at random on one Class: Primes, an honest and a hostile settler, reporter, relayer, custodian,
///         freezer, conserver, governance, cBEAM and donor. An action that the contracts refuse does nothing.
/// @dev What an action itself must keep is noted in `broken`, since a revert here would only undo the action.
contract SystemHandler is SystemWorld {
    string public broken;
    /// @dev Actions that went through, by name.
    mapping(bytes32 name => uint256) public done;
    uint256 public steps;

    constructor() {
        _build();
    }

    function _hold(bool holds, string memory sentence) private {
        if (!holds && bytes(broken).length == 0) broken = sentence;
    }

    function _try(bytes32 name, address from, address to, bytes memory data) private returns (bool ok) {
        ++steps;
        vm.prank(from);
        (ok,) = to.call(data);
        if (ok) ++done[name];
    }

    /// @dev What nobody but settlements, reports, losses and governance may move.
    modifier movesNoValue() {
        uint256 nav = book.nav();
        (uint256 j, uint256 s) = (junior.index(), senior.index());
        _;
        _hold(book.nav() == nav, "I17 NAV moved");
        _hold(junior.index() == j && senior.index() == s, "I17 a price moved");
    }

    function _unit(uint256 seed) private view returns (HaloUnit) {
        return seed % 2 == 0 ? junior : senior;
    }

    // --- Primes ---

    function subscribe(uint256 who, uint256 which, uint256 amount) external movesNoValue {
        HaloUnit at = _unit(which);
        address user = users(who % 3);
        amount = bound(amount, 1_000e18, 2_000_000e18);
        usds.mint(user, amount);
        if (user == address(primeProxy)) {
            bytes memory data =
                abi.encodeCall(ControllerSurface.erc7540_requestDeposit, (address(at), amount));
            uint256 before = primeLimits.getCurrentRateLimit(depositKey);
            bool ok = _try("subscribe by PAU", primeRelayer, address(prime), data);
            uint256 used = ok && at == senior ? amount : 0;
            _hold(primeLimits.getCurrentRateLimit(depositKey) == before - used, "I20 a limit was not used");
            return;
        }
        vm.prank(user);
        usds.approve(address(at), amount);
        _try("subscribe", user, address(at), abi.encodeCall(UnitVault.requestDeposit, (amount, user, user)));
    }

    function redeem(uint256 who, uint256 which, uint256 shares) external movesNoValue {
        HaloUnit at = _unit(which);
        address user = users(who % 3);
        if (at.balanceOf(user) < 1_000e18) return;
        shares = bound(shares, 1_000e18, at.balanceOf(user));
        if (user == address(primeProxy)) {
            bytes memory data = abi.encodeCall(ControllerSurface.erc7540_requestRedeem, (address(at), shares));
            _try("redeem by PAU", primeRelayer, address(prime), data);
        } else {
            _try("redeem", user, address(at), abi.encodeCall(UnitVault.requestRedeem, (shares, user, user)));
        }
    }

    function claim(uint256 who, uint256 which) external movesNoValue {
        HaloUnit at = _unit(which);
        address user = users(who % 3);
        if (user == address(primeProxy)) {
            _try(
                "claim by PAU",
                primeRelayer,
                address(prime),
                abi.encodeCall(prime.erc7540_claimDeposit, (address(at)))
            );
            _try(
                "claim by PAU",
                primeRelayer,
                address(prime),
                abi.encodeCall(prime.erc7540_claimRedeem, (address(at)))
            );
        } else {
            bool ok =
                _try("claim", user, address(at), abi.encodeCall(UnitVault.settleFinalized, (user, user)));
            _hold(ok, "I10 a claim was refused");
        }
    }

    function exit(uint256 who, uint256 which, bool redeems) external movesNoValue {
        HaloUnit at = _unit(which);
        address user = users(who % 3);
        LctsQueue queue = redeems ? at.redeemQueue() : at.subscribeQueue();
        uint256 due = queue.remainingOf(user) + queue.refundOf(user);
        bool ok;
        if (user == address(primeProxy)) {
            bytes memory data = redeems
                ? abi.encodeCall(prime.lctsPrime_exitRedemption, (address(at)))
                : abi.encodeCall(prime.lctsPrime_exit, (address(at)));
            ok = _try("exit by PAU", primeRelayer, address(prime), data);
        } else {
            bytes memory data = redeems
                ? abi.encodeCall(UnitVault.exitRedeem, (user, user))
                : abi.encodeCall(UnitVault.exitDeposit, (user, user));
            ok = _try("exit", user, address(at), data);
        }
        if (due > 0 && !at.locked()) _hold(ok, "I10 principal was held back");
    }

    // --- Settler ---

    function lock(uint256 which) external movesNoValue {
        HaloUnit at = _unit(which);
        uint256 next = uint256(at.lastLockAt()) + at.minEpochGap();
        if (block.timestamp < next) vm.warp(next);
        _try("lock", settler, address(at), abi.encodeCall(HaloUnit.lockEpoch, ()));
    }

    function settle(uint256 which, uint256 subscribeCapacity, uint256 redeemCapacity) external {
        HaloUnit at = _unit(which);
        subscribeCapacity = subscribeCapacity % 3 == 0 ? MAX : bound(subscribeCapacity, 0, 5_000_000e18);
        redeemCapacity = redeemCapacity % 3 == 0 ? MAX : bound(redeemCapacity, 0, 5_000_000e18);
        _settleWith(at, SettleParams(at.epoch(), subscribeCapacity, redeemCapacity, 0, MAX));
    }

    /// @dev Whatever a settler who was taken over may say.
    function settleHostile(uint256 which, SettleParams calldata p) external {
        _settleWith(_unit(which), p);
    }

    function _settleWith(HaloUnit at, SettleParams memory p) private {
        (uint256 j, uint256 s) = (_index(junior), _index(senior));
        uint256 liquidity = at.redeemLiquidity();
        uint256 custody_ = usds.balanceOf(address(custody));
        bool covered = book.coverOf(1) >= 1_500;
        if (!_try("settle", settler, address(at), abi.encodeCall(HaloUnit.settleEpoch, (p)))) return;
        _hold(_index(junior) >= j && _index(senior) >= s, "I13 an index fell");
        _hold(at.redeemLiquidity() <= liquidity, "I16 liquidity came from nowhere");
        uint256 taken = usds.balanceOf(address(custody)) - custody_;
        _hold(taken <= p.subscribeCapacity && taken <= at.epochSubscribeCap(), "I16 beyond a ceiling");
        _hold(liquidity - at.redeemLiquidity() <= p.redeemCapacity, "I16 paid beyond a ceiling");
        if (covered && senior.totalSupply() > 0) _hold(book.coverOf(1) >= 1_500, "I15 cover was given up");
    }

    /// @dev 0 without shares: an empty Unit's index says nothing.
    function _index(HaloUnit at) private view returns (uint256) {
        return at.totalSupply() == 0 ? 0 : book.indexOf(address(at));
    }

    function unlock(uint256 which, uint256 wait) external movesNoValue {
        HaloUnit at = _unit(which);
        if (!at.locked()) return;
        uint256 stale = uint256(at.lastLockAt()) + at.maxLock() + 1 + wait % 1 days;
        if (wait % 2 == 0 && block.timestamp < stale) vm.warp(stale);
        _try("unlock", stranger, address(at), abi.encodeCall(HaloUnit.unlockStale, ()));
    }

    // --- Reporter, conserver ---

    function report(uint256 seed) external {
        skip(1 + seed % 6 hours);
        uint256 nav = book.nav();
        if (nav == 0) return;
        uint256 most = book.maxNavAt(uint64(block.timestamp));
        uint256 value = bound(seed, nav - nav / 20, most);
        ++steps;
        if (_reportNav(value)) {
            ++done["report"];
            _hold(book.nav() == value, "I17 a report that says otherwise");
        } else {
            _hold(book.nav() == nav, "I17 a refused report moved NAV");
        }
        _hold(!_reportNav(most + most / 50 + 1), "I17 a report beyond the bound");
    }

    function review(uint256 seed) external {
        (address third,) = attestor(2);
        bytes memory data = seed % 3 == 0
            ? abi.encodeCall(reporter.reject, (reporter.lastSeq()))
            : abi.encodeCall(reporter.confirm, (reporter.lastSeq()));
        _try("review", seed % 2 == 0 ? third : conserver, address(reporter), data);
    }

    function loss(uint256 amount) external {
        uint256 nav = book.nav();
        amount = bound(amount, 0, nav / 10);
        bytes memory data = abi.encodeCall(HaloBook.applyLoss, (amount, "loss"));
        if (_try("loss", conserver, address(book), data)) {
            _hold(book.nav() == nav - amount, "I17 another loss");
        }
    }

    // --- Relayer, custodian ---

    function fund(uint256 which, uint256 amount, bool back) external movesNoValue {
        HaloUnit at = _unit(which);
        amount = bound(amount, 0, back ? at.redeemLiquidity() : usds.balanceOf(address(custody)));
        uint256 held = usds.balanceOf(address(custody)) + at.redeemLiquidity();
        bytes memory data = back
            ? abi.encodeCall(ControllerSurface.lctsHalo_defundRedemption, (address(at), amount))
            : abi.encodeCall(ControllerSurface.lctsHalo_fundRedemption, (address(at), amount));
        _try(back ? bytes32("defund") : bytes32("fund"), relayer, address(pau), data);
        _hold(usds.balanceOf(address(custody)) + at.redeemLiquidity() == held, "I20 funding lost something");
    }

    function swap(uint256 amount, bool back) external movesNoValue {
        amount = bound(amount, 1, 5_000_000e6);
        bytes memory data = back
            ? abi.encodeCall(ControllerSurface.psm_swapUSDCToUSDS, (amount))
            : abi.encodeCall(ControllerSurface.psm_swapUSDSToUSDC, (amount));
        _try("swap", relayer, address(pau), data);
    }

    function send(uint256 amount) external movesNoValue {
        amount = bound(amount, 1, 5_000_000e6);
        (uint256 held, uint256 inFlight) = (usdc.balanceOf(address(custody)), ledger.inFlightTotal());
        bytes memory data =
            abi.encodeCall(ControllerSurface.offramp_send, (custodian, address(usdc), amount, "reference"));
        if (!_try("send", relayer, address(pau), data)) amount = 0;
        _hold(usdc.balanceOf(address(custody)) == held - amount, "I20 another amount left");
        _hold(ledger.inFlightTotal() == inFlight + amount * 1e12, "I20 what left is not in flight");
        _hold(ledger.inFlightTotal() <= 8_000_000e18, "I20 beyond what may be in flight");
    }

    function giveBack(uint256 amount) external movesNoValue {
        amount = bound(amount, 0, usdc.balanceOf(custodian));
        address buffer = ledger.bufferOf(custodian);
        vm.prank(custodian);
        usdc.transfer(buffer, amount);
        bytes memory data = abi.encodeCall(ControllerSurface.offramp_claim, (custodian, address(usdc)));
        _try("offramp claim", relayer, address(pau), data);
    }

    function attest(uint256 amount, bool matches) external movesNoValue {
        uint64 nonce = ledger.lastNonce() + 1;
        uint256 inFlight = ledger.bucketsOf(custodian).inFlight;
        uint256 unmatched = ledger.bucketsOf(custodian).unmatched;
        amount = bound(amount, 0, matches ? unmatched : inFlight);
        Acknowledgement memory a = Acknowledgement(custodian, amount, "position", nonce);
        Match memory m = Match(
            custodian,
            address(usdc),
            _least(amount, inFlight),
            amount - _least(amount, inFlight),
            "position",
            nonce
        );
        bytes32 digest = matches ? ledger.matchDigest(m) : ledger.acknowledgementDigest(a);
        (address[] memory signers, bytes[] memory signatures) = quorum(digest);
        bytes memory data = matches
            ? abi.encodeCall(OfframpLedger.matchReturn, (m, signers, signatures))
            : abi.encodeCall(OfframpLedger.acknowledge, (a, signers, signatures));
        _try(matches ? bytes32("match") : bytes32("acknowledge"), stranger, address(ledger), data);
    }

    /// @dev A relayer who was taken over: nothing leaves to where it is not listed.
    function steal(uint256 how, uint256 amount) external movesNoValue {
        amount = bound(amount, 1, 1e30);
        bytes[4] memory ways = [
            abi.encodeCall(ControllerSurface.transferAsset_transfer, (address(usds), relayer, amount)),
            abi.encodeCall(ControllerSurface.offramp_send, (relayer, address(usdc), amount, "mine")),
            abi.encodeCall(ControllerSurface.lctsHalo_fundRedemption, (relayer, amount)),
            abi.encodeCall(ControllerSurface.erc4626_withdraw, (relayer, amount, MAX))
        ];
        _hold(!_try("steal", relayer, address(pau), ways[how % 4]), "I20 a theft went through");
    }

    // --- Wardens, governance, donor, time ---

    function guardAct(uint256 which, uint256 what) external movesNoValue {
        HaloUnit at = _unit(which);
        if (what % 8 == 0) {
            _try("freeze", freezer, address(at), abi.encodeCall(HaloUnit.freeze, ()));
        } else if (what % 8 == 1) {
            _try("pause", freezer, address(at), abi.encodeCall(HaloUnit.pauseSubscribe, ()));
        } else if (what % 2 == 0) {
            _try("unfreeze", haloProxy, address(at), abi.encodeCall(HaloUnit.unfreeze, ()));
        } else {
            _try("resume", haloProxy, address(at), abi.encodeCall(HaloUnit.resumeSubscribe, ()));
        }
    }

    function setLimit(uint256 max, uint256 wait) external movesNoValue {
        skip(wait % 1 days);
        uint256 from = primeLimits.getRateLimitData(depositKey).maxAmount;
        uint256 available = primeLimits.getCurrentRateLimit(depositKey);
        max = bound(max, 0, 40_000_000e18);
        bytes memory data =
            abi.encodeCall(Configurator.setRateLimit, (address(primeProxy), depositKey, max, 100e18));
        bool ok = _try("limit", cBeam, address(configurator), data);
        uint256 now_ = primeLimits.getRateLimitData(depositKey).maxAmount;
        uint256 ceiling = from * 5 / 4 > 10_000_000e18 ? from * 5 / 4 : 10_000_000e18;
        _hold(now_ <= ceiling && (ok || now_ == from), "I24 a limit beyond its bound");
        _hold(primeLimits.getCurrentRateLimit(depositKey) <= available, "I24 room came from nowhere");
    }

    function donate(uint256 to, uint256 amount) external movesNoValue {
        amount = bound(amount, 0, 1e9 * 1e18);
        address[6] memory places = [
            address(junior),
            address(senior.subscribeQueue()),
            address(senior.redeemQueue()),
            address(book),
            address(custody),
            address(ledger)
        ];
        bytes32 before = _numbers();
        usds.mint(places[to % 6], amount);
        _hold(_numbers() == before, "I18 a donation counted");
    }

    function _numbers() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                book.nav(),
                book.trancheValues(),
                junior.totalAssets(),
                senior.totalAssets(),
                junior.redeemLiquidity(),
                senior.subscribeQueue().totalUnderlying(),
                senior.redeemQueue().owedReward(),
                ledger.inFlightTotal()
            )
        );
    }

    /// @dev Operators show life, and somebody looks.
    function beat(uint256 wait) external movesNoValue {
        skip(wait % 12 hours);
        heartbeats();
        units.poke(units.unitByAddress(address(junior)));
        units.poke(units.unitByAddress(address(senior)));
    }

    // --- For the invariants ---

    function users(uint256 i) public view returns (address) {
        return i == 0 ? address(primeProxy) : i == 1 ? bravo : carbon;
    }

    function world() external view returns (HaloUnit, HaloUnit, HaloBook, address, address, address) {
        return (junior, senior, book, address(custody), address(pau), address(prime));
    }

    function thieves() external view returns (address[3] memory) {
        return [relayer, settler, stranger];
    }

    function venues() external view returns (address[6] memory) {
        return [address(wrapper), address(psm), address(daiUsds), address(junior), address(senior), custodian];
    }

    function tokens() external view returns (address, address) {
        return (address(usds), address(usdc));
    }
}
