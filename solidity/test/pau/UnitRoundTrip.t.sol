// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { BookInit, HaloBook } from "src/book/HaloBook.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Clock, SettleParams, UnitInit } from "src/lcts/UnitTypes.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice A Prime's PAU and a Halo's PAU on one beacon and one real Unit: money goes out, comes back, and every limit
///         says how much. Each call is its own transaction, so that gas is what a relayer pays less the intrinsic part.
/// forge-config: default.isolate = true
contract UnitRoundTripTest is PauBase {
    uint256 private constant TX = 21_000;

    AccessControls private haloAcl;
    ALMProxy private haloProxy;
    RateLimits private haloLimits;
    ControllerSurface private halo;
    HaloBook private book;
    HaloUnit private unit;
    address private haloRelayer = makeAddr("haloRelayer");
    address private settler = makeAddr("settler");

    bytes32 private depositKey;
    bytes32 private redeemKey;
    bytes32 private fundKey;

    function setUp() public override {
        super.setUp();
        _deployHalo();
        _deployUnit();
        depositKey = RateLimitKeys.erc7540Deposit(address(usds), address(unit));
        redeemKey = RateLimitKeys.erc7540Redeem(address(unit));
        fundKey = RateLimitKeys.lctsFundRedeem(address(usds), address(unit));

        vault.rely(address(proxy));
        buffer.approve(address(usds), address(proxy), MAX);
        vm.startPrank(admin);
        pau.usds_setVault(address(vault));
        limits.setRateLimitData(RateLimitKeys.usdsMint(), 900_000e18, 0, 900_000e18, block.timestamp);
        limits.setRateLimitData(depositKey, 600_000e18, 0, 600_000e18, block.timestamp);
        limits.setRateLimitData(redeemKey, 100_000e18, 0, 100_000e18, block.timestamp);
        limits.setUnlimitedRateLimitData(RateLimitKeys.lctsExit(address(unit)));
        haloLimits.setRateLimitData(fundKey, 50_000e18, 0, 50_000e18, block.timestamp);
        haloLimits.setRateLimitData(RateLimitKeys.usdsToUsdc(), 300_000e6, 0, 300_000e6, block.timestamp);
        vm.stopPrank();
    }

    function test_round_trip() public {
        // The Prime draws and subscribes; the Unit takes three quarters.
        vm.startPrank(relayer);
        pau.usds_mint(900_000e18);
        pau.erc7540_requestDeposit(address(unit), 600_000e18);
        vm.stopPrank();
        vm.assertEq(available(depositKey), 0, "all used");
        assertNoAllowance(address(usds), address(unit));
        _epoch(450_000e18, 0);
        vm.assertEq(usds.balanceOf(address(haloProxy)), 450_000e18, "at the Halo");

        vm.prank(relayer);
        pau.erc7540_claimDeposit(address(unit));
        // The first shares that the proxy ever holds take a new slot of the token.
        _ceiling("erc7540_claimDeposit on a Unit, first shares", 150_000 + 17_100);
        vm.assertEq(unit.balanceOf(address(proxy)), 450_000e18, "shares");

        vm.prank(relayer);
        (uint256 assets, uint256 shares) = pau.lctsPrime_exit(address(unit));
        _ceiling("lctsPrime_exit on a Unit", 170_000);
        vm.assertEq(assets, 150_000e18, "what was not taken came back");
        vm.assertEq(shares, 0, "the shares were claimed before");
        vm.assertEq(available(depositKey), 150_000e18, "and the limit with it");

        // The Halo converts some, and sets some aside for redeemers.
        vm.startPrank(haloRelayer);
        halo.psm_swapUSDSToUSDC(300_000e6);
        halo.lctsHalo_fundRedemption(address(unit), 50_000e18);
        vm.stopPrank();
        _ceiling("lctsHalo_fundRedemption on a Unit", 160_000);
        vm.assertEq(usdc.balanceOf(address(haloProxy)), 300_000e6, "on the way to the assets");
        vm.assertEq(unit.redeemLiquidity(), 50_000e18, "set aside");
        vm.assertEq(haloLimits.getCurrentRateLimit(fundKey), 0, "all used");
        vm.assertEq(usds.allowance(address(haloProxy), address(unit)), 0, "allowance of the Halo");

        // The Prime redeems more than there is, gets what there is, and takes the rest of the shares back.
        vm.prank(relayer);
        pau.erc7540_requestRedeem(address(unit), 80_000e18);
        vm.assertEq(available(redeemKey), 20_000e18, "by value");
        _epoch(0, 30_000e18);
        vm.prank(relayer);
        pau.erc7540_claimRedeem(address(unit));
        vm.assertEq(usds.balanceOf(address(proxy)), 480_000e18, "redeemed");
        vm.prank(relayer);
        (shares, assets) = pau.lctsPrime_exitRedemption(address(unit));
        vm.assertEq(shares, 50_000e18, "the rest");
        vm.assertEq(assets, 0, "the assets were claimed before");
        vm.assertEq(unit.balanceOf(address(proxy)), 420_000e18, "back in the proxy");
        vm.assertEq(available(redeemKey), 70_000e18, "and the limit with it");

        // Nobody waits, so the Halo may take the rest of the liquidity back.
        vm.prank(haloRelayer);
        halo.lctsHalo_defundRedemption(address(unit), 20_000e18);
        vm.assertEq(unit.redeemLiquidity(), 0, "none aside");
        vm.assertEq(haloLimits.getCurrentRateLimit(fundKey), 20_000e18, "given back");

        // The Prime repays what it has.
        vm.prank(relayer);
        pau.usds_burn(480_000e18);
        vm.assertEq(vault.debt(), 420_000e18, "the debt is what the Halo still works with");
    }

    /// @dev While a lock holds what waits, what earlier settlements made can still be collected.
    function test_settled_generations_are_collected_under_lock() public {
        vm.startPrank(relayer);
        pau.usds_mint(100_000e18);
        pau.erc7540_requestDeposit(address(unit), 100_000e18);
        vm.stopPrank();
        _epoch(100_000e18, 0); // all of it: the generation is finalized
        vm.prank(relayer);
        pau.usds_mint(10_000e18);
        vm.prank(relayer);
        pau.erc7540_requestDeposit(address(unit), 10_000e18);
        skip(1 days);
        vm.prank(settler);
        unit.lockEpoch();

        vm.prank(relayer);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        pau.lctsPrime_exit(address(unit));
        vm.prank(relayer);
        (uint256 shares, uint256 assets) = pau.lctsPrime_settleFinalized(address(unit));
        vm.assertEq(shares, 100_000e18, "of the first generation");
        vm.assertEq(assets, 0, "nothing was redeemed");
        vm.assertEq(unit.balanceOf(address(proxy)), 100_000e18, "held");
    }

    /// @dev P18: the Halo's own PAU is no entrant of its Class's Unit, whatever its limits say.
    function test_P18_the_halo_cannot_subscribe_to_itself() public {
        usds.mint(address(haloProxy), 10e18);
        vm.startPrank(admin);
        haloLimits.setUnlimitedRateLimitData(depositKey);
        vm.stopPrank();
        vm.prank(haloRelayer);
        vm.expectRevert(abi.encodeWithSignature("SelfDeal()"));
        halo.erc7540_requestDeposit(address(unit), 10e18);
        vm.assertEq(usds.balanceOf(address(haloProxy)), 10e18, "untouched");
    }

    /// @dev The Prime's PAU is not the Class's: it can neither fund nor defund.
    function test_a_prime_cannot_touch_liquidity() public {
        setUnlimited(fundKey);
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSignature("ForeignUnit(address)", address(unit)));
        pau.lctsHalo_fundRedemption(address(unit), 1);
        vm.expectRevert(abi.encodeWithSignature("ForeignUnit(address)", address(unit)));
        pau.lctsHalo_defundRedemption(address(unit), 1);
        vm.stopPrank();
    }

    function _epoch(uint256 subscribeCapacity, uint256 redeemCapacity) private {
        skip(1 days);
        vm.prank(settler);
        unit.lockEpoch();
        skip(1 hours);
        if (!book.isEmpty()) book.postNav(uint64(block.timestamp), book.nav(), 0, false);
        SettleParams memory p = SettleParams(unit.epoch(), subscribeCapacity, redeemCapacity, 0, MAX);
        vm.prank(settler);
        unit.settleEpoch(p);
    }

    function _ceiling(string memory name, uint256 gas) private {
        vm.assertLe(vm.snapshotGasLastCall("pau", name) - TX, gas, name);
    }

    function _deployHalo() private {
        haloAcl = new AccessControls(admin);
        haloProxy = new ALMProxy(admin);
        haloLimits = new RateLimits(admin);
        Controller own = new Controller(
            address(haloAcl), address(beacon), address(haloProxy), address(haloLimits), address(0)
        );
        halo = ControllerSurface(address(own));
        bytes32[] memory ids = new bytes32[](3);
        (ids[0], ids[1], ids[2]) =
        (bytes32("PSM_FACET"), bytes32("LCTS_HALO_FACET"), bytes32("ERC7540_FACET"));
        vm.startPrank(admin);
        own.updateIntegrations(ids);
        haloAcl.grantRole(Roles.ALLOCATOR, haloRelayer);
        haloAcl.grantRole(Roles.SETTLER, settler);
        haloProxy.grantRole(haloProxy.CONTROLLER(), address(own));
        haloLimits.grantRole(haloLimits.CONTROLLER(), address(own));
        halo.psm_setConfig(PsmConfig(0, address(psm), address(daiUsds), address(wrapper), 0));
        vm.stopPrank();
    }

    /// @dev This contract stands for the registry, the factory and the reporter.
    function _deployUnit() private {
        book = HaloBook(Clones.clone(address(new HaloBook())));
        book.initialize(
            BookInit(
                address(haloAcl),
                address(this),
                address(usds),
                0,
                10,
                100,
                36 hours,
                address(this),
                address(0)
            )
        );
        unit = HaloUnit(Clones.clone(address(new HaloUnit())));
        address queue = address(new LctsQueue());
        UnitInit memory p;
        (p.name, p.symbol) = ("Halo Test Unit", "HTU");
        (p.asset, p.acl, p.book) = (address(usds), address(haloAcl), address(book));
        (p.classProxy, p.registry) = (address(haloProxy), address(this));
        (p.subscribeQueue, p.redeemQueue) = (Clones.clone(queue), Clones.clone(queue));
        (p.cap, p.epochSubscribeCap, p.epochRedeemCap) = (MAX, MAX, MAX);
        (p.minSubscribe, p.minRedeem) = (1e18, 1e18);
        (p.minEpochGap, p.maxLock) = (20 hours, 6 hours);
        p.clock = Clock(false, 0, 1);
        p.entrants = new address[](1);
        p.entrants[0] = address(proxy);
        unit.initialize(p);
        book.addUnit(address(unit), 0, 0, 0);
        unit.setSubscribeUntil(type(uint64).max);
    }
}
