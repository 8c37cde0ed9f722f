// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Configurator } from "src/configurator/Configurator.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Test } from "test/base/Test.sol";

/// @notice BeamState with whatever governance has decided.
contract AnyState {
    uint256 public hop;
    uint256 public maxChange;
    bool public exists;
    uint256 public initMax;
    uint256 public initSlope;
    bool public stopped;
    address public rateLimits;

    function set(uint256 hop_, bool exists_, uint128 max, uint128 slope, bool stopped_, address limits)
        external
    {
        (hop, exists, initMax, initSlope, stopped, rateLimits) = (hop_, exists_, max, slope, stopped_, limits);
        maxChange = 1.25e18;
    }

    function hopOf(address) external view returns (uint256) {
        return hop;
    }

    function maxChangeOf(address) external view returns (uint256) {
        return maxChange;
    }

    function initFor(bytes32, address) external view returns (bool, uint256, uint256) {
        return exists ? (true, initMax, initSlope) : (false, 0, 0);
    }

    function isGovOps(address, address) external pure returns (bool) {
        return true;
    }

    function rateLimitsOf(address) external view returns (address) {
        return rateLimits;
    }

    function venueActionFor(bytes32, address) external pure returns (bytes32) {
        return 0;
    }
}

/// @notice The Configurator on real RateLimits, for every setting of governance and every request of a cBEAM.
contract SymbolicSorl is Test {
    uint256 private constant NOW = 1_767_225_600;
    bytes32 private constant KEY = "key";
    AnyState private state;
    RateLimits private limits;
    Configurator private configurator;

    function setUp() public {
        vm.warp(NOW);
        state = new AnyState();
        limits = new RateLimits(address(this));
        configurator = new Configurator(address(state));
        limits.grantRole(limits.DEFAULT_ADMIN_ROLE(), address(configurator));
    }

    /// @dev Every limit that stands and every decision of governance; amounts below 2^192, so that 1.25 of them fits.
    function _any(
        uint128 max,
        uint128 slope,
        uint128 last,
        uint32 hop,
        bool exists,
        uint128 initMax,
        uint128 initSlope
    ) private {
        vm.assume(last <= max);
        limits.setRateLimitData(KEY, max, slope, last, NOW);
        state.set(hop, exists, initMax, initSlope, false, address(limits));
    }

    /// @dev CF1: whatever goes through ends no higher than the init, what stood, or 1.25 of what stood.
    function check_I24_neverAboveTheBound(
        uint128 max,
        uint128 slope,
        uint32 hop,
        bool exists,
        uint128 initMax,
        uint128 initSlope,
        uint256 newMax,
        uint256 newSlope
    ) public {
        _any(max, slope, 0, hop, exists, initMax, initSlope);
        configurator.setRateLimit(address(1), KEY, newMax, newSlope);
        RateLimitData memory to = limits.getRateLimitData(KEY);
        assert(
            to.maxAmount <= initMax || to.maxAmount <= max || to.maxAmount <= uint256(max) * 1.25e18 / 1e18
        );
        assert(to.slope <= initSlope || to.slope <= slope || to.slope <= uint256(slope) * 1.25e18 / 1e18);
        // Without an init nothing rises.
        if (!exists) assert(to.maxAmount <= max && (to.slope <= slope || to.maxAmount == 0));
    }

    /// @dev CF3: lowering goes through whatever governance has decided.
    function check_I24_loweringIsAlwaysPossible(
        uint128 max,
        uint128 slope,
        uint32 hop,
        bool exists,
        uint256 newMax,
        uint256 newSlope
    ) public {
        _any(max, slope, 0, hop, exists, 0, 0);
        vm.assume(max > 0 && newMax <= max && newSlope <= slope);
        (bool ok,) = address(configurator)
            .call(abi.encodeCall(Configurator.setRateLimit, (address(1), KEY, newMax, newSlope)));
        assert(ok);
    }

    /// @dev CF6: what is available never jumps.
    function check_I24_availableNeverJumps(
        uint128 max,
        uint128 slope,
        uint128 last,
        uint32 hop,
        uint128 initMax,
        uint256 newMax,
        uint256 newSlope
    ) public {
        _any(max, slope, last, hop, true, initMax, type(uint64).max);
        uint256 before = limits.getCurrentRateLimit(KEY);
        configurator.setRateLimit(address(1), KEY, newMax, newSlope);
        assert(limits.getCurrentRateLimit(KEY) <= before);
    }
}
