// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ActionProposal, BatchOrder, LimitProposal } from "src/configurator/BeamScheduler.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Pau, RateLimitSetting } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { BeaconClass } from "src/registry/BeaconRegistry.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

/// @notice A PAU from the factory's hands to its first allocation, with nobody holding more than their own role.
contract NewPauTest is ConfiguratorBase {
    bytes32 private constant NEW_SUBJECT = "new class";

    AccessControls private acl2;
    ALMProxy private proxy2;
    RateLimits private limits2;
    Controller private controller2;
    address private operator = makeAddr("operator");
    address private cbeam2 = makeAddr("cbeam2");
    bytes private rate;
    bytes32 private key;

    function setUp() public override {
        super.setUp();
        acl2 = new AccessControls(admin);
        proxy2 = new ALMProxy(admin);
        limits2 = new RateLimits(admin);
        controller2 =
            new Controller(address(acl2), address(beacon), address(proxy2), address(limits2), address(0));
        bytes32[] memory ids = new bytes32[](facets.length);
        for (uint256 i; i < ids.length; ++i) {
            ids[i] = facets[i].integrationId();
        }
        vm.startPrank(admin);
        controller2.updateIntegrations(ids);
        proxy2.grantRole(proxy2.CONTROLLER(), address(controller2));
        limits2.grantRole(limits2.CONTROLLER(), address(controller2));
        limits2.grantRole(limits2.LIMIT_SETTER(), address(configurator));
        acl2.grantRole(Roles.PARAM_ADMIN, address(configurator));
        acl2.grantRole(Roles.REVOKER, address(configurator));
        acl2.setRoleRevoker(Roles.ALLOCATOR, Roles.REVOKER);
        vm.stopPrank();
        key = RateLimitKeys.erc4626Deposit(address(usds), address(susds));
        rate = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (address(susds), 100e18, 101e18));
        usds.mint(address(proxy2), 1_000_000e18);
    }

    function test_from_the_factory_to_the_first_allocation() public {
        // The factory says that there is a new PAU; that is all it can say.
        vm.prank(factory);
        bytes32 registration = registrar.register(
            address(proxy2), Pau(address(controller2), address(limits2), address(acl2), NEW_SUBJECT)
        );
        // The council proposes who may configure it, how far, and the venue with its price.
        LimitProposal[] memory proposals = new LimitProposal[](1);
        proposals[0] =
            LimitProposal(key, address(proxy2), 100_000e18, 100_000e18 / uint256(1 days), 100_000e18);
        vm.startPrank(council);
        bytes32 accordance =
            scheduler.scheduleGovOps(address(proxy2), cbeam2, BatchOrder(registration, "new"));
        bytes32 venue = scheduler.scheduleVenue(
            ActionProposal(rate, address(proxy2), true, uint64(START + 30 days)), proposals, order("new")
        );
        vm.stopPrank();

        vm.warp(START + 14 days - 1);
        vm.assertEq(timelock.getNextExecutableOperation(0), 0, "fourteen days");
        vm.prank(cbeam2);
        vm.expectRevert(abi.encodeWithSelector(Configurator.UnknownPau.selector, address(proxy2)));
        configurator.setRateLimit(address(proxy2), key, 1, 0);
        vm.assertFalse(state.hasLiveInit(key, address(proxy2)), "no live init yet");

        // Any keeper executes what is ready, by what the timelock itself says.
        vm.warp(START + 14 days);
        vm.startPrank(stranger);
        for (uint256 i; i < 3; ++i) {
            timelock.executeBatch(timelock.getNextExecutableOperation(0));
        }
        vm.stopPrank();
        vm.assertEq(timelock.getNextExecutableOperation(0), 0, "all done");
        _assertDone(registration);
        _assertDone(accordance);
        _assertDone(venue);
        vm.assertTrue(state.hasLiveInit(key, address(proxy2)), "live init");

        // The cBEAM names the registered relay and opens the venue.
        registerBeacon("relay/new", operator, BeaconClass.RELAY, NEW_SUBJECT);
        bytes[] memory actions = new bytes[](1);
        actions[0] = rate;
        RateLimitSetting[] memory settings = new RateLimitSetting[](1);
        settings[0] = RateLimitSetting(key, 100_000e18, 100_000e18 / uint256(1 days));
        vm.startPrank(cbeam2);
        configurator.setRelayer(address(proxy2), operator);
        configurator.onboard(address(proxy2), actions, settings);
        vm.stopPrank();

        // What has grown since is what the relayer may move, through the PAU's own Controller.
        vm.assertEq(limits2.getCurrentRateLimit(key), 0, "nothing at the start");
        skip(HOP);
        uint256 slope = 100_000e18 / uint256(1 days);
        uint256 grown = slope * HOP;
        ControllerSurface newPau = ControllerSurface(address(controller2));
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.RateLimitExceeded.selector, key, grown + 1, grown));
        newPau.erc4626_deposit(address(susds), grown + 1, 0);
        newPau.erc4626_deposit(address(susds), grown, 0);
        vm.stopPrank();
        vm.assertEq(held(address(usds), address(proxy2)), 1_000_000e18 - grown, "moved");

        // And the cBEAM raises the limit by a fourth, no more.
        vm.startPrank(cbeam2);
        vm.expectRevert(
            abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, 125_000e18 + 1, 125_000e18)
        );
        configurator.setRateLimit(address(proxy2), key, 125_000e18 + 1, 0);
        configurator.setRateLimit(address(proxy2), key, 125_000e18, slope * 5 / 4);
        vm.stopPrank();
        vm.assertEq(limits2.getRateLimitData(key).maxAmount, 125_000e18, "raised");
        vm.assertEq(limits2.getCurrentRateLimit(key), 0, "no refill");

        // Neither cBEAM reaches the other's PAU.
        vm.prank(cbeam2);
        vm.expectRevert(abi.encodeWithSelector(Configurator.NotAccordant.selector, almProxy, cbeam2));
        configurator.setRateLimit(almProxy, key, 0, 0);
    }

    /// @dev The council sees a registration that it does not want, and strikes it out within the delay.
    function test_a_registration_can_be_cancelled() public {
        vm.prank(factory);
        bytes32 id = registrar.register(
            address(proxy2), Pau(address(controller2), address(limits2), address(acl2), NEW_SUBJECT)
        );
        vm.prank(warden);
        timelock.cancel(id);
        vm.warp(START + 14 days);
        vm.expectRevert(
            abi.encodeWithSelector(BeamTimelock.NotReady.selector, id, BeamTimelock.OperationState.NONE)
        );
        timelock.executeBatch(id);
        vm.assertEq(state.pauOf(address(proxy2)).controller, address(0), "not registered");
    }

    function _assertDone(bytes32 id) private view {
        vm.assertEq(uint256(timelock.stateOf(id)), uint256(BeamTimelock.OperationState.DONE), "done");
    }
}
