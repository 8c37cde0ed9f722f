// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { ConserverController } from "src/emergency/ConserverController.sol";
import { GuardInit, MigrationPlan } from "src/emergency/EmergencyTypes.sol";
import { Steward } from "src/emergency/Steward.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { EndpointConfig } from "src/offramp/OfframpTypes.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { MigrationBase } from "test/emergency/MigrationBase.sol";

interface TokenLike {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice What a conserver can do with a Class that it has taken over, and every way in which it alone could steal.
contract ConserverControllerTest is MigrationBase {
    address private clerk = makeAddr("clerk");

    // --- What it is for ---

    function test_value_comes_home() public {
        // A payment was on its way out when the Class was taken over; sUSDS and USDC lie in custody.
        usdc.mint(address(custody), 30_000e6);
        usds.mint(address(this), 50_000e18);
        usds.approve(address(susds), 50_000e18);
        susds.deposit(50_000e18, address(custody));
        vm.prank(relayer);
        pau.offramp_send(custodian, address(usdc), 10_000e6, "ref");
        steward = _takeOver();
        (EndpointConfig memory endpoint,) = ledger.endpointOf(custodian);
        usdc.mint(endpoint.buffer, 10_000e6);
        uint256 before = usds.balanceOf(address(custody));

        vm.startPrank(conserver);
        steward.recall(abi.encodeCall(ControllerSurface.offramp_claim, (custodian, address(usdc))));
        vm.assertEq(usdc.balanceOf(address(custody)), 30_000e6, "claimed at the endpoint");
        steward.recall(abi.encodeCall(ControllerSurface.psm_swapUSDCToUSDS, (30_000e6)));
        vm.assertEq(usds.balanceOf(address(custody)), before + 30_000e18, "USDS for USDC");
        uint256 shares = susds.balanceOf(address(custody));
        steward.recall(abi.encodeCall(ControllerSurface.erc4626_redeem, (address(susds), shares, 0)));
        vm.assertApproxEqAbs(usds.balanceOf(address(custody)), before + 80_000e18, 1, "sUSDS is USDS again");
        vm.stopPrank();
        vm.assertEq(_count(Roles.ALLOCATOR), 0, "the relayer's role was held for the calls alone");
    }

    /// @dev "Stuck operator": the settler is dead in the middle of an epoch. Those who wait leave by themselves; the
    /// conserver takes over, names another settler, and the rest is redeemed at the attestors' price.
    function test_stuck_operator() public {
        _subscribe(unit, alfa, 20_000e18);
        _redeem(unit, carbon, 100_000e18);
        _lock(unit);
        vm.prank(alfa);
        vm.expectRevert();
        unit.exitDeposit(alfa, alfa);
        skip(6 hours + 1);
        vm.prank(stranger);
        unit.unlockStale();
        vm.prank(alfa);
        unit.exitDeposit(alfa, alfa);
        vm.assertEq(usds.balanceOf(alfa), 20_000e18, "principal back after maxLock, with nobody's help");

        steward = _takeOver();
        vm.startPrank(conserver);
        steward.openExits(address(unit));
        steward.setSettler(clerk);
        steward.fundRedemptions(address(unit), 100_000e18);
        vm.stopPrank();
        vm.assertTrue(unit.state() == UnitState.WINDING_DOWN, "winding down");
        vm.assertEq(unit.redeemLiquidity(), 100_000e18, "funded");
        _epoch(unit);
        vm.prank(carbon);
        unit.withdraw(100_000e18, carbon, carbon);
        vm.assertEq(usds.balanceOf(carbon), 100_000e18, "redeemed");
        vm.assertEq(usds.allowance(address(custody), address(unit)), 0, "no allowance is left");
    }

    function test_losses_are_the_conservers_own_to_book() public {
        _takeOver();
        vm.prank(conserver);
        book.applyLoss(5_000e18, "evidence");
        vm.assertEq(book.nav(), 995_000e18, "booked");
    }

    /// @dev Also a freeze of this stage ends in winding down only, never in new subscriptions.
    function test_openExits() public {
        steward = _takeOver();
        vm.startPrank(conserver);
        steward.openExits(address(unit));
        guard.freezeUnit(address(unit));
        steward.openExits(address(unit));
        vm.assertTrue(unit.state() == UnitState.WINDING_DOWN, "again");
        vm.expectRevert(abi.encodeWithSelector(Steward.ForeignUnit.selector, address(target)));
        steward.openExits(address(target));
        vm.stopPrank();
    }

    function test_openExits_of_a_closed_unit() public {
        HaloUnit second = _deployUnitIn(CLASS_ID, "second");
        vm.startPrank(haloProxy);
        second.windDown();
        second.close();
        vm.stopPrank();
        steward = _takeOver();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(ConserverController.UnitClosed.selector, address(second)));
        steward.openExits(address(second));
    }

    function test_exits_stay_shut_while_a_migration_runs() public {
        MigrationPlan memory p = _plan();
        _ready(p);
        _migrate(p);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSignature("PlanRunning(bytes32)", _hash(p)));
        steward.openExits(address(unit));
    }

    // --- Who ---

    /// @dev Every function for everybody else, at every stage.
    function test_nobody_else() public {
        MigrationPlan memory p = _plan();
        vm.prank(haloProxy);
        ConserverController halos = ConserverController(guard.prepareMigration());
        _nobody(halos, p, haloProxy);
        _initiate();
        _nobody(halos, p, address(0));
        vm.warp(guard.readyAt());
        vm.prank(conserver);
        steward = ConserverController(guard.completeTakeover());
        _nobody(steward, p, conserver);
        _nobody(halos, p, address(0));
    }

    function _nobody(ConserverController at, MigrationPlan memory p, address but) private {
        address[9] memory all =
            [conserver, haloProxy, freezer, relayer, settler, sky, council, stranger, alfa];
        bytes[] memory calls = new bytes[](8);
        calls[0] = abi.encodeCall(at.recall, (abi.encodeCall(ControllerSurface.psm_swapUSDCToUSDS, (0))));
        calls[1] = abi.encodeCall(at.fundRedemptions, (address(unit), 1));
        calls[2] = abi.encodeCall(at.openExits, (address(unit)));
        calls[3] = abi.encodeCall(at.setSettler, (clerk));
        calls[4] = abi.encodeCall(at.announce, (_hash(p), noProof));
        calls[5] = abi.encodeCall(at.migrate, (p, noProof));
        calls[6] = abi.encodeCall(at.runStep, (p, 0, 1));
        calls[7] = abi.encodeCall(at.dropAllowance, (address(usds), stranger));
        for (uint256 i; i < all.length; ++i) {
            vm.assertEq(at.isSteward(all[i]), all[i] == but, "who is steward");
            if (all[i] == but) continue;
            for (uint256 c; c < calls.length; ++c) {
                vm.prank(all[i]);
                vm.expectRevert(abi.encodeWithSelector(Steward.NotSteward.selector, all[i]));
                (bool ok,) = address(at).call(calls[c]);
                ok;
            }
        }
    }

    function test_initialize_once_and_only_a_guards_word_counts() public {
        GuardInit memory init = _guardInit();
        steward = _takeOver();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        steward.initialize(init);
        ConserverController template = new ConserverController();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(init);
        vm.assertEq(steward.guard(), address(guard), "its guard");
        vm.assertEq(keccak256(abi.encode(steward.config())), keccak256(abi.encode(init)), "its Class");

        // A clone that the conserver makes for itself obeys a contract without any role.
        vm.startPrank(conserver);
        ConserverController own = ConserverController(Clones.clone(address(template)));
        own.initialize(init);
        vm.expectRevert();
        own.fundRedemptions(address(unit), 1);
        vm.stopPrank();
    }

    // --- Ways to steal, each of which fails ---

    /// @dev Nothing leads outward through the Class's Controller.
    function test_recall_takes_only_what_comes_home() public {
        steward = _takeOver();
        bytes[] memory outward = new bytes[](12);
        outward[0] =
            abi.encodeCall(ControllerSurface.transferAsset_transfer, (address(usds), conserver, 1e18));
        outward[1] = abi.encodeCall(ControllerSurface.offramp_send, (custodian, address(usdc), 1e6, "ref"));
        outward[2] = abi.encodeCall(ControllerSurface.offramp_setLedger, (conserver));
        outward[3] = abi.encodeCall(ControllerSurface.psm_swapUSDSToUSDC, (1e6));
        outward[4] = abi.encodeCall(ControllerSurface.psm_setHalted, (false));
        outward[5] = abi.encodeCall(ControllerSurface.erc4626_deposit, (address(susds), 1e18, 0));
        outward[6] = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (address(susds), 1, 1e36));
        outward[7] = abi.encodeCall(ControllerSurface.erc7540_requestDeposit, (address(target), 1e18));
        outward[8] = abi.encodeCall(ControllerSurface.lctsHalo_fundRedemption, (address(unit), 1e18));
        outward[9] = abi.encodeCall(ControllerSurface.usds_burn, (1e18));
        outward[10] = abi.encodeWithSignature("syncIntegrations(bytes32[],bytes32[])", noProof, noProof);
        outward[11] = "";
        vm.startPrank(conserver);
        for (uint256 i; i < outward.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ConserverController.NotInward.selector, bytes4(outward[i]))
            );
            steward.recall(outward[i]);
        }
        vm.stopPrank();
    }

    /// @dev The guard is the admin of everything, and the conserver its guest: none of it can be called directly.
    function test_the_conserver_has_no_power_of_its_own() public {
        steward = _takeOver();
        bytes32 haloArtifact = artifacts.idOf(ArtifactKind.HALO, HALO_ID);
        vm.startPrank(conserver);
        vm.expectRevert();
        custody.doCall(address(usds), abi.encodeCall(usds.transfer, (conserver, 1)));
        vm.expectRevert();
        acl.grantRole(Roles.ALLOCATOR, conserver);
        vm.expectRevert();
        acl.grantRole(Roles.DEFAULT_ADMIN, conserver);
        vm.expectRevert();
        custody.grantRole(keccak256("CONTROLLER"), conserver);
        vm.expectRevert();
        limits.setUnlimitedRateLimitData("key");
        vm.expectRevert();
        book.forceNav(2_000_000e18, "evidence");
        vm.expectRevert();
        unit.setHolder(conserver, true);
        vm.expectRevert();
        unit.setEntrant(conserver, true);
        vm.expectRevert();
        unit.skim(address(usds), conserver);
        vm.expectRevert();
        unit.unfreeze();
        vm.expectRevert();
        guard.returnControl(conserver);
        vm.expectRevert();
        guard.setConserver(stranger, true);
        vm.expectRevert();
        artifacts.edit(haloArtifact, 0, "text", _hash(_plan()), "ipfs://", 0);
        vm.stopPrank();
    }

    /// @dev Money for redeemers goes to Units of this Class, and a Unit that somebody else made is none.
    function test_funds_go_to_units_of_this_class_only() public {
        steward = _takeOver();
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Steward.ForeignUnit.selector, address(target)));
        steward.fundRedemptions(address(target), 1e18);
        FakeUnit fake = new FakeUnit(address(usds), address(book));
        vm.expectRevert(abi.encodeWithSelector(Steward.ForeignUnit.selector, address(fake)));
        steward.fundRedemptions(address(fake), 1e18);
        // And out of a Unit they only come back to custody, by the custody's own call.
        steward.fundRedemptions(address(unit), 1_000e18);
        vm.expectRevert(abi.encodeWithSignature("NotClassProxy()"));
        unit.withdrawLiquidity(1_000e18);
        uint256 before = usds.balanceOf(address(custody));
        steward.recall(abi.encodeCall(ControllerSurface.lctsHalo_defundRedemption, (address(unit), 1_000e18)));
        vm.assertEq(usds.balanceOf(address(custody)), before + 1_000e18, "home");
        vm.stopPrank();
    }

    /// @dev An allowance that the Halo left behind would take everything that comes home later.
    function test_an_allowance_left_behind() public {
        vm.startPrank(haloProxy);
        custody.grantRole(keccak256("CONTROLLER"), haloProxy);
        custody.doCall(address(usds), abi.encodeCall(usds.approve, (haloProxy, MAX)));
        vm.stopPrank();
        steward = _takeOver();
        vm.startPrank(conserver);
        vm.expectRevert(
            abi.encodeWithSelector(ConserverController.NoAllowance.selector, address(usds), conserver)
        );
        steward.dropAllowance(address(usds), conserver);
        // What is no ERC-20 is not called, or an NFT with the number 0 would be given away.
        vm.expectRevert();
        steward.dropAllowance(address(book), conserver);
        steward.dropAllowance(address(usds), haloProxy);
        vm.stopPrank();
        vm.prank(haloProxy);
        vm.expectRevert();
        usds.transferFrom(address(custody), haloProxy, 1);
    }

    function test_neither_conserver_nor_attestor_settles() public {
        steward = _takeOver();
        (address a,) = attestor(0);
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(ConserverController.ConflictOfDuty.selector, conserver));
        steward.setSettler(conserver);
        vm.expectRevert(abi.encodeWithSelector(ConserverController.ConflictOfDuty.selector, a));
        steward.setSettler(a);
        steward.setSettler(clerk);
        guard.purgeOperators();
        vm.stopPrank();
        vm.assertEq(_count(Roles.SETTLER), 0, "and whom it named it can dismiss");
    }
}

/// @notice Looks like a Unit of the Class, and keeps what it is given.
contract FakeUnit {
    address public asset;
    address public book;

    constructor(address asset_, address book_) {
        (asset, book) = (asset_, book_);
    }

    function depositLiquidity(uint256 amount) external {
        TokenLike(asset).transferFrom(msg.sender, address(this), amount);
    }
}
