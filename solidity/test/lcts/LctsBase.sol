// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { BookInit, HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, Report, ReporterInit } from "src/book/PositionReporter.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Roles } from "src/pau/Roles.sol";
import { Clock, SettleParams, UnitInit, UnitState } from "src/lcts/UnitTypes.sol";
import { Test } from "test/base/Test.sol";
import { MockAcl } from "test/mocks/lcts/MockAcl.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice A Class with one Unit, three Primes and three attestors, on real contracts but for the asset and the roles.
abstract contract LctsBase is Test {
    uint256 internal constant RAY = 1e27;
    uint256 internal constant MAX = type(uint256).max;
    /// @dev A Monday, 00:00 UTC.
    uint256 internal constant START = 1_767_571_200;

    MockToken internal token;
    MockAcl internal acl;
    HaloBook internal book;
    PositionReporter internal reporter;
    HaloUnit internal unit;
    LctsQueue internal sub;
    LctsQueue internal red;

    address internal governance = makeAddr("governance");
    address internal settler = makeAddr("settler");
    address internal freezer = makeAddr("freezer");
    address internal conserver = makeAddr("conserver");
    address internal registry = makeAddr("registry");
    address internal factory = makeAddr("factory");
    address internal classProxy = makeAddr("classProxy");
    address internal stranger = makeAddr("stranger");
    address internal holder = makeAddr("holder");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");

    address[] internal attestors;
    mapping(address => uint256) internal keyOf;

    /// @dev One whole token.
    uint256 internal one;

    function setUp() public virtual {
        _deploy(18);
    }

    // --- Deployment ---

    function _deploy(uint8 decimals) internal {
        vm.warp(START);
        one = 10 ** decimals;
        token = _newToken(decimals);
        acl = new MockAcl();
        acl.set(Roles.DEFAULT_ADMIN, governance, true);
        acl.set(Roles.SETTLER, settler, true);
        acl.set(Roles.FREEZER, freezer, true);
        acl.set(Roles.CONSERVER, conserver, true);
        _deployBook();
        unit = _deployUnit(_unitInit());
        sub = unit.subscribeQueue();
        red = unit.redeemQueue();
        vm.prank(registry);
        unit.setSubscribeUntil(type(uint64).max);

        address[4] memory funded = [alice, bob, carol, classProxy];
        for (uint256 i; i < funded.length; ++i) {
            token.mint(funded[i], 1e9 * one);
            vm.prank(funded[i]);
            token.approve(address(unit), MAX);
        }
    }

    function _newToken(uint8 decimals) internal virtual returns (MockToken) {
        return new MockToken(decimals);
    }

    function _deployBook() internal {
        book = HaloBook(Clones.clone(address(new HaloBook())));
        reporter = PositionReporter(Clones.clone(address(new PositionReporter())));
        book.initialize(
            BookInit({
                acl: address(acl),
                reporter: address(reporter),
                asset: address(token),
                mode: 0,
                maxUpBpsPerDay: 10,
                reviewDownBps: 100,
                maxReportAge: 36 hours,
                factory: factory,
                ledger: address(0)
            })
        );
        delete attestors;
        for (uint256 i; i < 3; ++i) {
            (address a, uint256 key) = makeAddrAndKey(string.concat("attestor", vm.toString(i)));
            attestors.push(a);
            keyOf[a] = key;
        }
        for (uint256 i = 1; i < 3; ++i) {
            for (uint256 j = i; j > 0 && attestors[j] < attestors[j - 1]; --j) {
                (attestors[j], attestors[j - 1]) = (attestors[j - 1], attestors[j]);
            }
        }
        reporter.initialize(ReporterInit(address(acl), address(book), attestors, 2, 0, address(0)));
    }

    function _unitInit() internal returns (UnitInit memory p) {
        p.name = "Halo Test Unit";
        p.symbol = "HTU";
        p.asset = address(token);
        p.acl = address(acl);
        p.book = address(book);
        p.classProxy = classProxy;
        p.registry = registry;
        p.subscribeQueue = Clones.clone(address(new LctsQueue()));
        p.redeemQueue = Clones.clone(address(new LctsQueue()));
        p.cap = MAX;
        p.epochSubscribeCap = MAX;
        p.epochRedeemCap = MAX;
        p.minSubscribe = one;
        p.minRedeem = 1e18;
        p.minEpochGap = 20 hours;
        p.maxLock = 6 hours;
        p.clock = Clock(false, 46_800, 57_600);
        p.entrants = new address[](3);
        (p.entrants[0], p.entrants[1], p.entrants[2]) = (alice, bob, carol);
        p.holders = new address[](1);
        p.holders[0] = holder;
    }

    function _deployUnit(UnitInit memory p) internal returns (HaloUnit deployed) {
        deployed = HaloUnit(Clones.clone(address(new HaloUnit())));
        deployed.initialize(p);
        vm.prank(factory);
        book.addUnit(address(deployed), p.tranche, 0, 0);
    }

    // --- Primes ---

    function _subscribe(address user, uint256 assets) internal {
        vm.prank(user);
        unit.requestDeposit(assets, user, user);
    }

    function _redeem(address user, uint256 shares) internal {
        vm.prank(user);
        unit.requestRedeem(shares, user, user);
    }

    function _claimShares(address user) internal returns (uint256 shares) {
        shares = unit.maxMint(user);
        vm.prank(user);
        unit.mint(shares, user);
    }

    function _claimAssets(address user) internal returns (uint256 assets) {
        assets = unit.maxWithdraw(user);
        vm.prank(user);
        unit.withdraw(assets, user, user);
    }

    // --- Operator ---

    /// @dev Warps to when the next lock is possible, and locks.
    function _lock() internal {
        uint256 next = uint256(unit.lastLockAt()) + unit.minEpochGap();
        if (block.timestamp < next) vm.warp(next);
        vm.prank(settler);
        unit.lockEpoch();
    }

    function _params(uint256 subscribeCapacity, uint256 redeemCapacity)
        internal
        view
        returns (SettleParams memory)
    {
        return SettleParams(unit.epoch(), subscribeCapacity, redeemCapacity, 0, MAX);
    }

    function _settle(uint256 subscribeCapacity, uint256 redeemCapacity) internal {
        SettleParams memory p = _params(subscribeCapacity, redeemCapacity);
        vm.prank(settler);
        unit.settleEpoch(p);
    }

    /// @dev A whole epoch with an unchanged NAV.
    function _epoch(uint256 subscribeCapacity, uint256 redeemCapacity) internal {
        _lock();
        skip(1 hours);
        if (!book.isEmpty()) _report(book.nav());
        _settle(subscribeCapacity, redeemCapacity);
    }

    function _fund(uint256 assets) internal {
        vm.prank(classProxy);
        unit.depositLiquidity(assets);
    }

    /// @dev Gives `user` shares through a whole epoch.
    function _invest(address user, uint256 assets) internal returns (uint256 shares) {
        _subscribe(user, assets);
        _epoch(MAX, 0);
        return _claimShares(user);
    }

    // --- Attestors ---

    function _reportOf(uint256 nav) internal view returns (Report memory r) {
        r.seq = reporter.lastSeq() + 1;
        r.asOf = uint64(block.timestamp);
        r.deployedValue = nav;
    }

    function _sign(Report memory r, address signer) internal view returns (bytes memory) {
        (uint8 v, bytes32 s1, bytes32 s2) = vm.sign(keyOf[signer], reporter.digestOf(r));
        return abi.encodePacked(s1, s2, v);
    }

    function _quorum(Report memory r)
        internal
        view
        returns (address[] memory signers, bytes[] memory signatures)
    {
        signers = new address[](2);
        signatures = new bytes[](2);
        for (uint256 i; i < 2; ++i) {
            signers[i] = attestors[i];
            signatures[i] = _sign(r, attestors[i]);
        }
    }

    function _post(Report memory r) internal {
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        reporter.post(r, signers, signatures);
    }

    function _report(uint256 nav) internal {
        _post(_reportOf(nav));
    }

    /// @dev Puts the Book at exactly `nav`, outside the bounds, as governance.
    function _force(uint256 nav) internal {
        vm.prank(governance);
        book.forceNav(nav, "test");
    }
}
