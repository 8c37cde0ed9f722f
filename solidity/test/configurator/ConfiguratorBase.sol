// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BeamMom } from "src/configurator/BeamMom.sol";
import { BeamScheduler, BatchOrder } from "src/configurator/BeamScheduler.sol";
import { BeamState } from "src/configurator/BeamState.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { PauRegistrar } from "src/configurator/PauRegistrar.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { BeaconClass, BeaconRegistry } from "src/registry/BeaconRegistry.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice Says who the hat is.
contract ChiefMock {
    address public hat;

    function lift(address hat_) external {
        hat = hat_;
    }

    function canCall(address src, address, bytes4) external view returns (bool) {
        return src == hat;
    }
}

/// @notice The whole Configurator Unit beside a PAU with every facet. The PAU is registered and `cbeam` accordant;
///         there are no inits.
abstract contract ConfiguratorBase is PauBase {
    uint256 internal constant DELAY = 14 days;
    uint256 internal constant HOP = 18 hours;
    uint256 internal constant MAX_CHANGE = 1.25e18;
    bytes32 internal constant SUBJECT = "class";
    bytes32 internal constant KEY = keccak256("KEY");

    address internal sky = makeAddr("sky");
    address internal council = makeAddr("council");
    address internal factory = makeAddr("factory");
    address internal cbeam = makeAddr("cbeam");
    address internal warden = makeAddr("warden");
    address internal almProxy;

    BeaconRegistry internal operators;
    BeamTimelock internal timelock;
    BeamState internal state;
    Configurator internal configurator;
    BeamMom internal mom;
    ChiefMock internal chief;
    PauRegistrar internal registrar;
    BeamScheduler internal scheduler;

    function setUp() public virtual override {
        super.setUp();
        almProxy = address(proxy);
        operators = new BeaconRegistry(sky);
        timelock = new BeamTimelock(sky, DELAY);
        state = new BeamState(sky, address(operators));
        configurator = new Configurator(address(state));
        mom = new BeamMom(sky, address(state), address(timelock));
        chief = new ChiefMock();
        registrar = new PauRegistrar(address(timelock), address(state), sky);
        scheduler = new BeamScheduler(address(timelock), address(state), sky);

        vm.startPrank(sky);
        state.grantRole(state.DELAYED(), address(timelock));
        state.grantRole(state.IMMEDIATE(), council);
        state.grantRole(state.IMMEDIATE(), address(mom));
        state.grantRole(state.CONFIGURATOR(), address(configurator));
        state.setHop(address(0), uint64(HOP));
        state.setMaxChange(address(0), uint192(MAX_CHANGE));
        timelock.grantRole(timelock.PROPOSER_ROLE(), council);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(registrar));
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(scheduler));
        timelock.grantRole(timelock.CANCELLER_ROLE(), council);
        timelock.grantRole(timelock.CANCELLER_ROLE(), warden);
        timelock.grantRole(timelock.PAUSER_ROLE(), council);
        timelock.grantRole(timelock.PAUSER_ROLE(), address(mom));
        mom.setAuthority(address(chief));
        registrar.setFactory(factory);
        registrar.setCouncil(council);
        scheduler.setCouncil(council);
        scheduler.kiss(council);
        state.registerPau(almProxy, thisPau());
        state.addGovOps(almProxy, cbeam);
        vm.stopPrank();

        vm.startPrank(admin);
        limits.grantRole(limits.LIMIT_SETTER(), address(configurator));
        acl.grantRole(Roles.PARAM_ADMIN, address(configurator));
        acl.grantRole(Roles.REVOKER, address(configurator));
        acl.setRoleRevoker(Roles.ALLOCATOR, Roles.REVOKER);
        acl.setRoleRevoker(Roles.FREEZER, Roles.REVOKER);
        acl.grantRole(Roles.FREEZER, warden);
        vm.stopPrank();
    }

    function thisPau() internal view returns (Pau memory) {
        return Pau(address(controller), address(limits), address(acl), SUBJECT);
    }

    /// @dev For every PAU, by the ward.
    function addInit(bytes32 key, uint256 maxAmount, uint256 slope) internal {
        vm.prank(sky);
        state.addInitRateLimit(key, address(0), maxAmount, slope);
    }

    /// @dev For every PAU, without end, by the ward.
    function allow(bytes memory data) internal {
        vm.prank(sky);
        state.addInitAction(keccak256(data), address(0), false, 0);
    }

    function stop() internal {
        vm.prank(council);
        state.stop();
    }

    /// @dev By `cbeam`.
    function set(bytes32 key, uint256 maxAmount, uint256 slope) internal {
        vm.prank(cbeam);
        configurator.setRateLimit(almProxy, key, maxAmount, slope);
    }

    function registerBeacon(string memory name, address operator, BeaconClass class, bytes32 subject)
        internal
        returns (bytes32)
    {
        vm.prank(sky);
        return operators.register(name, operator, class, subject, "authority", "");
    }

    /// @dev A batch of one call.
    function single(address target, bytes memory payload)
        internal
        pure
        returns (address[] memory targets, bytes[] memory payloads)
    {
        targets = new address[](1);
        payloads = new bytes[](1);
        targets[0] = target;
        payloads[0] = payload;
    }

    /// @dev By the council, without a predecessor.
    function schedule(address target, bytes memory payload, bytes32 salt) internal returns (bytes32) {
        (address[] memory targets, bytes[] memory payloads) = single(target, payload);
        vm.prank(council);
        return timelock.scheduleBatch(targets, payloads, 0, salt);
    }

    function order(bytes32 salt) internal pure returns (BatchOrder memory) {
        return BatchOrder(0, salt);
    }

    function assertLimit(bytes32 key, uint256 maxAmount, uint256 slope, uint256 left) internal view {
        RateLimitData memory data = limits.getRateLimitData(key);
        vm.assertEq(data.maxAmount, maxAmount, "max");
        vm.assertEq(data.slope, slope, "slope");
        vm.assertEq(available(key), left, "available");
    }

    function assertRefused(address target, address caller, bytes memory data, bytes memory reason) internal {
        vm.prank(caller);
        (bool ok, bytes memory result) = target.call(data);
        vm.assertFalse(ok, "must be refused");
        vm.assertEq(result, reason, "reason");
    }

    function unauthorized(address caller, bytes32 role) internal pure returns (bytes memory) {
        return abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", caller, role);
    }
}
