// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { PositionReporter, Report } from "src/book/PositionReporter.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { ConserverController } from "src/emergency/ConserverController.sol";
import { DailyLimit, MigrationPlan, PlanStep, PlanUnit, Progress } from "src/emergency/EmergencyTypes.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { ClassParams, UnitParams } from "src/factory/FactoryTypes.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { Acknowledgement, EndpointConfig, Match } from "src/offramp/OfframpTypes.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";

/// @notice One tranched CLO Class from its deployment to its end, each act by the hand that would do it. What one act
///         leaves is what the next begins with.
contract FullLifeTest is EmergencyBase {
    struct PrimePau {
        bytes32 id;
        address proxy;
        RateLimits limits;
        AccessControls acl;
        ControllerSurface controller;
        address subProxy;
        address operator;
    }

    uint256 private constant JUNIOR = 300_000e18;
    uint256 private constant SENIOR = 600_000e18;
    uint256 private constant SENT = 500_000e6;
    uint256 private constant SLOPE = uint256(400_000e18) / 1 days;

    PrimePau private spark;
    PrimePau private grove;
    HaloUnit private junior;
    HaloUnit private senior;
    address private govOps = makeAddr("govOps");
    bytes32[] private noProof;

    function _classParams() internal override returns (ClassParams memory p) {
        p = classParams();
        p.book.mode = 1;
        p.book.maxUpBpsPerDay = 10;
        p.book.costToleranceBps = 500;
        (p.limits[3].maxAmount, p.limits[3].slope) = (400_000e18, SLOPE);
    }

    function test_fullLifeOfATranchedCloClass() public {
        _deploy();
        _onboard();
        _dayOne();
        _netting();
        _ramp();
        _deployOfframp();
        _yield();
        _redeem();
        _loss();
        _takeOverAndMigrate();
    }

    // --- Deploy, artifact ---

    /// @dev The Class and its equity stand (setUp); the senior Unit joins the same Class, PAU, beacon and Book.
    function _deploy() private {
        junior = unit;
        vm.prank(haloProxy);
        bytes32 artifact = artifacts.create(ArtifactKind.UNIT, CLASS_ID, "clo-senior");
        UnitParams memory p = _unitParams("clo-senior");
        (p.tranche, p.annualBps, p.minCoverBps, p.artifactId) = (1, 500, 2_000, artifact);
        vm.prank(deployer);
        vm.expectRevert();
        factory.deployUnit(CLASS_ID, p);
        approveParams(artifact, keccak256(abi.encode(p)));
        vm.prank(deployer);
        senior = HaloUnit(factory.deployUnit(CLASS_ID, p).unit);
        _activate(address(senior));
        vm.assertTrue(
            senior.acl() == junior.acl() && senior.book() == junior.book()
                && senior.classProxy() == junior.classProxy(),
            "one Class"
        );
        (uint8 tranche, uint16 annualBps, uint16 minCoverBps) =
            units.unitTerms(units.unitByAddress(address(senior)));
        vm.assertTrue(tranche == 1 && annualBps == 500 && minCoverBps == 2_000, "and what differs");
    }

    // --- Onboard on two Primes ---

    function _onboard() private {
        spark = PrimePau({
            id: PRIME_ID,
            proxy: address(primeProxy),
            limits: primeLimits,
            acl: primeAcl,
            controller: ControllerSurface(address(primeController)),
            subProxy: primeSubProxy,
            operator: makeAddr("spark relayer")
        });
        address subProxy = makeAddr("grove subProxy");
        grove.subProxy = subProxy;
        grove.operator = makeAddr("grove relayer");
        grove.proxy = address(new ALMProxy(subProxy));
        grove.limits = new RateLimits(subProxy);
        grove.acl = new AccessControls(subProxy);
        grove.controller = ControllerSurface(
            address(
                new Controller(
                    address(grove.acl), address(facetBeacon), grove.proxy, address(grove.limits), address(0)
                )
            )
        );
        vm.startPrank(sky);
        units.setBeamState(address(beamState));
        grove.id = units.registerPrime("grove", grove.proxy, address(grove.limits), address(grove.controller));
        beamState.setHop(address(0), 18 hours);
        beamState.setMaxChange(address(0), 1.25e18);
        vm.stopPrank();
        _wire(spark);
        _wire(grove);
        HaloUnit[2] memory both = [junior, senior];
        for (uint256 i; i < 2; ++i) {
            vm.prank(haloProxy);
            both[i].setEntrant(grove.proxy, true);
            _allow(spark, both[i]);
            _allow(grove, both[i]);
        }
    }

    function _wire(PrimePau storage prime) private {
        bytes32[] memory facets = new bytes32[](2);
        (facets[0], facets[1]) = (bytes32("ERC7540_FACET"), "LCTS_PRIME_FACET");
        vm.startPrank(prime.subProxy);
        ALMProxy(payable(prime.proxy)).grantRole(CONTROLLER_ROLE, address(prime.controller));
        prime.limits.grantRole(CONTROLLER_ROLE, address(prime.controller));
        prime.acl.grantRole(Roles.ALLOCATOR, prime.operator);
        Controller(address(prime.controller)).syncIntegrations(new bytes32[](0), facets);
        vm.stopPrank();
        vm.prank(sky);
        beamState.registerPau(
            prime.proxy, Pau(address(prime.controller), address(prime.limits), address(prime.acl), prime.id)
        );
    }

    /// @dev The fourth requirement is met by limits and a live init, and not before.
    function _allow(PrimePau storage prime, HaloUnit at) private {
        bytes32 id = units.unitByAddress(address(at));
        bytes32 key = RateLimitKeys.erc7540Deposit(address(usds), address(at));
        vm.assertEq(units.onboarding(id, prime.proxy), uint256(7), "not yet");
        vm.startPrank(prime.subProxy);
        prime.limits.setRateLimitData(key, 1_000_000e18, 0, 1_000_000e18, block.timestamp);
        prime.limits.setUnlimitedRateLimitData(RateLimitKeys.erc7540Redeem(address(at)));
        prime.limits.setUnlimitedRateLimitData(RateLimitKeys.lctsExit(address(at)));
        vm.stopPrank();
        vm.prank(sky);
        beamState.addInitRateLimit(key, prime.proxy, 1_000_000e18, 0);
        vm.assertEq(units.onboarding(id, prime.proxy), uint256(15), "properly onboarded");
    }

    // --- Day 1 ---

    /// @dev The equity settles first, and the senior enters as far as it is covered: here all of it.
    function _dayOne() private {
        _request(spark, junior, 100_000e18);
        _request(grove, junior, JUNIOR - 100_000e18);
        _request(spark, senior, 400_000e18);
        _request(grove, senior, SENIOR - 400_000e18);
        vm.prank(settler);
        junior.lockEpoch();
        vm.prank(settler);
        senior.lockEpoch();
        _settle(junior, MAX, MAX);
        _settle(senior, MAX, MAX);
        _claim(spark, junior);
        _claim(grove, junior);
        _claim(spark, senior);
        _claim(grove, senior);
        vm.assertEq(usds.balanceOf(address(custody)), JUNIOR + SENIOR, "all in custody");
        vm.assertEq(book.nav(), JUNIOR + SENIOR, "and in the Book");
        vm.assertEq(senior.balanceOf(spark.proxy) + senior.balanceOf(grove.proxy), SENIOR, "at par");
    }

    /// @dev What one Prime leaves the other takes: no asset moves in custody, and no cover is asked for.
    function _netting() private {
        skip(1 days);
        _beats();
        _request(grove, senior, 100_000e18);
        vm.prank(spark.operator);
        spark.controller.erc7540_requestRedeem(address(senior), 100_000e18);
        uint256 held = usds.balanceOf(address(custody));
        _epochOf(senior, 0, 0, 0);
        _claim(grove, senior);
        vm.prank(spark.operator);
        spark.controller.erc7540_claimRedeem(address(senior));
        vm.assertEq(usds.balanceOf(address(custody)), held, "nothing left custody");
        vm.assertApproxEqAbs(usds.balanceOf(spark.proxy), 100_000e18, 20e18, "one Prime is paid");
        vm.assertApproxEqAbs(senior.balanceOf(spark.proxy), 300_000e18, 1, "by the other");
    }

    // --- Ramp ---

    /// @dev 14 days of timelock, then 25 % per 18 h: 400 k to 500 k at once, and to 625 k no second sooner.
    function _ramp() private {
        bytes32 registration = timelock.pendingAt(0);
        bytes32 key = RateLimitKeys.offrampSend(address(usdc), custodian);
        vm.prank(sky);
        beamState.addInitRateLimit(key, address(custody), 400_000e18, SLOPE);
        vm.expectRevert();
        timelock.executeBatch(registration);
        skip(14 days);
        timelock.executeBatch(registration);
        vm.prank(sky);
        beamState.addGovOps(address(custody), govOps);

        vm.startPrank(govOps);
        vm.expectRevert(
            abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, 500_000e18 + 1, 500_000e18)
        );
        configurator.setRateLimit(address(custody), key, 500_000e18 + 1, SLOPE);
        configurator.setRateLimit(address(custody), key, 500_000e18, SLOPE);
        vm.assertEq(limits.getCurrentRateLimit(key), 400_000e18, "what is available does not jump");
        uint256 next = block.timestamp + 18 hours;
        vm.expectRevert(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, next));
        configurator.setRateLimit(address(custody), key, 625_000e18, SLOPE);
        vm.warp(next);
        configurator.setRateLimit(address(custody), key, 625_000e18, SLOPE);
        vm.stopPrank();
        vm.assertEq(limits.getCurrentRateLimit(key), 500_000e18, "and has grown to the limit before");
    }

    // --- Off-ramp ---

    /// @dev USDS to USDC to the custodian; in flight until the attestors say that it became a position.
    function _deployOfframp() private {
        vm.startPrank(relayer);
        pau.psm_swapUSDSToUSDC(SENT);
        vm.expectRevert();
        pau.offramp_send(custodian, address(usdc), SENT + 1, "instruction");
        pau.offramp_send(custodian, address(usdc), SENT, "instruction");
        vm.stopPrank();
        vm.assertEq(usdc.balanceOf(custodian), SENT, "paid out");
        vm.assertEq(ledger.inFlightTotal(), 500_000e18, "in flight");
        skip(1 hours);
        _report(0, 500_000e18);

        Acknowledgement memory a = Acknowledgement(custodian, 500_000e18, "loans", 1);
        (address[] memory signers, bytes[] memory signatures) = quorum(ledger.acknowledgementDigest(a));
        ledger.acknowledge(a, signers, signatures);
        vm.assertEq(ledger.inFlightTotal(), 0, "arrived");
        vm.assertEq(ledger.atCostTotal(), 500_000e18, "at cost");
        skip(1 hours);
        _report(500_000e18, 0);
        vm.assertFalse(book.underReview(), "nothing gained or lost on the way");
    }

    // --- Report, yield ---

    /// @dev 9,000 in 30 days: the senior its 5 % a year, the junior the rest.
    function _yield() private {
        uint256 before = book.indexOf(address(senior));
        skip(30 days);
        _report(509_000e18, 0);
        uint256 gained = book.indexOf(address(senior)) - before;
        vm.assertApproxEqAbs(gained, before * 500 * 30 / 365 / 10_000, before / 100_000, "senior: 5 % a year");
        vm.assertEq(book.indexOf(address(senior)), book.targetOf(address(senior)), "its whole claim");
        (uint256 low, uint256 high) = (book.indexOf(address(senior)), book.indexOf(address(junior)));
        vm.assertGt(high, low, "the junior has the rest");
        vm.assertEq(book.nav(), JUNIOR + SENIOR + 9_000e18, "nothing else");
    }

    // --- Redeem ---

    /// @dev A position is sold, comes back through its buffer, and pays a redeemer.
    function _redeem() private {
        vm.prank(spark.operator);
        spark.controller.erc7540_requestRedeem(address(senior), 150_000e18);
        // With the few shares for which netting left no subscriber: they had earned, and par did not buy them all.
        uint256 shares = senior.pendingRedeemRequest(0, spark.proxy);
        _comeHome(200_000e6);
        vm.startPrank(relayer);
        pau.offramp_claim(custodian, address(usdc));
        pau.psm_swapUSDCToUSDS(200_000e6);
        pau.lctsHalo_fundRedemption(address(senior), 160_000e18);
        vm.stopPrank();
        Match memory m = Match(custodian, address(usdc), 0, 200_000e18, "loans", 2);
        (address[] memory signers, bytes[] memory signatures) = quorum(ledger.matchDigest(m));
        ledger.matchReturn(m, signers, signatures);
        vm.assertEq(ledger.atCostTotal(), 300_000e18, "what was sold is no position any more");

        uint256 held = usds.balanceOf(spark.proxy);
        _epochOf(senior, 309_000e18, MAX, MAX);
        vm.prank(spark.operator);
        spark.controller.erc7540_claimRedeem(address(senior));
        uint256 paid = usds.balanceOf(spark.proxy) - held;
        vm.assertApproxEqAbs(
            paid, shares * book.indexOf(address(senior)) / RAY, 1e6, "at the price of the Book"
        );
        vm.assertGt(paid, shares, "with what it had earned");
    }

    // --- Loss of 15 % ---

    /// @dev Written off where it was lost: the junior bears it, the senior's share is worth what it was.
    function _loss() private {
        uint256 price = book.indexOf(address(senior));
        uint256 nav = book.nav();
        uint256 lost = nav * 15 / 100;
        vm.prank(conserver);
        ledger.writeOff(custodian, lost, false, "default");
        vm.assertEq(book.nav(), nav - lost, "booked once");
        vm.assertTrue(book.underReview(), "and waits for a second key");
        (address third,) = attestor(2);
        uint64 seq = reporter.lastSeq();
        vm.prank(third);
        reporter.confirm(seq);
        vm.assertEq(book.indexOf(address(senior)), price, "the senior is whole");
        vm.assertLt(book.indexOf(address(junior)), 0.65e27, "the junior bore it");
        vm.assertTrue(book.solvent(), "and covers it");
    }

    // --- Takeover, migration ---

    function _takeOverAndMigrate() private {
        HaloUnit newJunior = _deployTarget("next");
        HaloUnit newSenior = _deployTarget("after");
        MigrationPlan memory p;
        p.sourceClass = CLASS_ID;
        p.deadline = uint64(block.timestamp + 30 days);
        p.units = new PlanUnit[](2);
        p.units[0] = PlanUnit(address(junior), address(newJunior), 0.4e27);
        p.units[1] = PlanUnit(address(senior), address(newSenior), 0.9e27);
        p.steps = new PlanStep[](2);
        p.steps[0] = PlanStep(address(usds), address(junior), MAX);
        p.steps[1] = PlanStep(address(usds), address(senior), MAX);
        p.dailyLimits = new DailyLimit[](1);
        p.dailyLimits[0] = DailyLimit(address(usds), MAX);
        approveParams(artifacts.idOf(ArtifactKind.HALO, HALO_ID), keccak256(abi.encode(p)));

        ConserverController steward = _takeOver();
        vm.assertTrue(senior.state() == UnitState.FROZEN, "frozen");
        vm.prank(relayer);
        vm.expectRevert();
        pau.offramp_claim(custodian, address(usdc));
        vm.prank(haloProxy);
        vm.expectRevert();
        junior.unfreeze();

        // Everything comes home through the conserver's hands, who can bring in and not send out.
        uint256 aside = senior.redeemLiquidity();
        uint256 left = (book.nav() - usds.balanceOf(address(custody)) - aside) / 1e12;
        _comeHome(left);
        vm.startPrank(conserver);
        steward.recall(abi.encodeCall(ControllerSurface.lctsHalo_defundRedemption, (address(senior), aside)));
        steward.recall(abi.encodeCall(ControllerSurface.offramp_claim, (custodian, address(usdc))));
        steward.recall(abi.encodeCall(ControllerSurface.psm_swapUSDCToUSDS, (left)));
        vm.expectRevert();
        steward.recall(abi.encodeCall(ControllerSurface.offramp_send, (custodian, address(usdc), 1, "away")));
        steward.announce(keccak256(abi.encode(p)), noProof);
        vm.stopPrank();
        skip(DELAY);
        _report(0, 0);
        vm.prank(conserver);
        steward.migrate(p, noProof);
        _swapOver(steward, p, newJunior, newSenior);
    }

    function _swapOver(
        ConserverController steward,
        MigrationPlan memory p,
        HaloUnit newJunior,
        HaloUnit newSenior
    ) private {
        uint256 juniorWorth = junior.totalSupply() * book.indexOf(address(junior)) / RAY;
        uint256 seniorWorth = senior.totalSupply() * book.indexOf(address(senior)) / RAY;
        vm.startPrank(conserver);
        steward.runStep(p, 0, juniorWorth);
        steward.runStep(p, 1, seniorWorth);
        vm.stopPrank();
        MigrationVault juniors = _enter(steward, junior, newJunior, "next");
        MigrationVault seniors = _enter(steward, senior, newSenior, "after");
        vm.prank(conserver);
        steward.conclude();
        vm.assertTrue(steward.progress() == Progress.SUCCEEDED, "both tranches");

        uint256 newShares;
        newShares += _swap(juniors, junior, spark.proxy) + _swap(juniors, junior, grove.proxy);
        vm.assertApproxEqAbs(newShares, juniorWorth, 10, "the juniors have what was left to them");
        newShares = _swap(seniors, senior, spark.proxy) + _swap(seniors, senior, grove.proxy);
        vm.assertApproxEqAbs(newShares, seniorWorth, 10, "the seniors their whole claim");
        vm.assertGe(newShares, senior.totalSupply(), "more than they had paid in");
        vm.assertEq(junior.totalSupply() + senior.totalSupply(), 0, "no old share is left");
        vm.assertLe(book.nav(), 1e13, "nor any value but the dust of six decimals");
    }

    function _enter(ConserverController steward, HaloUnit from, HaloUnit to, string memory slug)
        private
        returns (MigrationVault vault_)
    {
        vault_ = MigrationVault(steward.vaultOf(address(from)));
        vm.startPrank(haloProxy);
        to.setEntrant(address(vault_), true);
        to.setEntrant(grove.proxy, true);
        vm.stopPrank();
        _beat(to, slug);
        vault_.enter();
        _epoch(to);
    }

    function _swap(MigrationVault vault_, HaloUnit from, address who) private returns (uint256 newShares) {
        uint256 shares = from.balanceOf(who);
        if (shares == 0) return 0;
        vm.startPrank(who);
        from.approve(address(vault_), shares);
        (newShares,) = vault_.swap(shares, who);
        vm.stopPrank();
    }

    // --- Hands ---

    function _request(PrimePau storage prime, HaloUnit at, uint256 assets) private {
        usds.mint(prime.proxy, assets);
        vm.prank(prime.operator);
        prime.controller.erc7540_requestDeposit(address(at), assets);
    }

    function _claim(PrimePau storage prime, HaloUnit at) private {
        vm.prank(prime.operator);
        prime.controller.erc7540_claimDeposit(address(at));
    }

    /// @dev The custodian pays `amount` USDC back to where the Class told it to.
    function _comeHome(uint256 amount) private {
        (EndpointConfig memory endpoint,) = ledger.endpointOf(custodian);
        vm.prank(custodian);
        usdc.transfer(endpoint.buffer, amount);
    }

    function _beats() private {
        heartbeats();
        units.poke(units.unitByAddress(address(junior)));
        units.poke(units.unitByAddress(address(senior)));
    }

    /// @dev Lock, report of a moment after it, settlement.
    function _epochOf(HaloUnit at, uint256 deployed, uint256 subscribes, uint256 redeems) private {
        vm.prank(settler);
        at.lockEpoch();
        skip(1 hours);
        _report(deployed, 0);
        _settle(at, subscribes, redeems);
    }

    /// @dev Two of three attest: so much deployed, so much on its way, and what the chain shows of the rest.
    function _report(uint256 deployed, uint256 inFlight) private {
        Report memory report = Report({
            seq: reporter.lastSeq() + 1,
            asOf: uint64(block.timestamp),
            deployedValue: deployed,
            inFlightValue: inFlight,
            liquidValue: book.measuredLiquidity(),
            feesAccrued: 0,
            positionsRoot: "positions",
            docHash: "document",
            uri: "ipfs://report"
        });
        (address[] memory signers, bytes[] memory signatures) = quorum(reporter.digestOf(report));
        reporter.post(report, signers, signatures);
    }
}
