// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitSetting } from "src/configurator/BeamTypes.sol";
import { BeamState } from "src/configurator/BeamState.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

interface TokenLike {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice An honest vault but for its entry price, which whoever moves a thin market can set. Exits are pro rata, so
///         what a depositor pays too much goes to the other holders.
contract ThinMarketVault {
    address public asset;
    uint256 public price = 1e18; // assets per share asked of depositors
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    constructor(address asset_) {
        asset = asset_;
    }

    function move(uint256 price_) external {
        price = price_;
    }

    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        shares = assets * 1e18 / price;
        TokenLike(asset).transferFrom(msg.sender, address(this), assets);
        totalSupply += shares;
        balanceOf[receiver] += shares;
    }

    function redeemAll() external returns (uint256 assets) {
        uint256 shares = balanceOf[msg.sender];
        assets = shares * TokenLike(asset).balanceOf(address(this)) / totalSupply;
        balanceOf[msg.sender] = 0;
        totalSupply -= shares;
        TokenLike(asset).transfer(msg.sender, assets);
    }
}

/// @notice The OnBoarding theft (P31): somebody holds both the cBEAM and the relayer of a PAU, and a new venue is about
///         to be onboarded at 100,000 a day. What they get, with each of our precautions left out and with all of them.
contract CompromisedCbeamTest is ConfiguratorBase {
    // Shown by forge under "Logs".
    event log_named_decimal_uint(string what, uint256 amount, uint256 decimals);

    uint256 private constant INITIAL = 100_000e18;
    uint256 private constant SLOPE = INITIAL / uint256(1 days);
    uint256 private constant DETECTION = 24 hours;
    // The attacker holds nearly all of the vault, so that nearly all of what the PAU overpays is theirs.
    uint256 private constant STAKE = 1e12 * 1e18;

    address private attacker = makeAddr("attacker");
    ThinMarketVault private venue;
    bytes32 private key;
    bytes private tight; // at most 1.01 assets a share, as reviewed for this venue
    bytes private stale; // at most 3, left from another time

    function setUp() public override {
        super.setUp();
        venue = new ThinMarketVault(address(usds));
        key = RateLimitKeys.erc4626Deposit(address(usds), address(venue));
        tight = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (address(venue), 100e18, 101e18));
        stale = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (address(venue), 1e18, 3e18));
        usds.mint(address(proxy), 1_000_000_000e18);
        usds.mint(attacker, STAKE);
        vm.startPrank(attacker);
        usds.approve(address(venue), STAKE);
        venue.deposit(STAKE, attacker);
        vm.stopPrank();
    }

    /// @dev Limit and configuration as two unrelated inits. The limit grows for 30 days on a venue where nothing can
    ///      move, so nobody looks; then it is configured by a call from another time, and drained in one transaction.
    function test_P31_without_atomic_onboarding() public {
        addInit(key, INITIAL, SLOPE);
        allow(stale);
        allow(tight);
        set(key, INITIAL, SLOPE);
        for (uint256 hop = 1; hop <= 40; ++hop) {
            vm.warp(START + hop * HOP);
            vm.prank(relayer);
            vm.expectRevert(
                abi.encodeWithSelector(Erc4626Facet.MaxExchangeRateNotSet.selector, address(venue))
            );
            pau.erc4626_deposit(address(venue), 1e18, 0);
            uint256 slope = limits.getRateLimitData(key).slope;
            set(key, limits.getRateLimitData(key).maxAmount * 5 / 4, slope * 5 / 4);
        }
        skip(HOP);
        uint256 drained = available(key);
        _act(stale);
        uint256 stolen = _drain(3e18);
        _print("without atomic onboarding: moved in one transaction", drained);
        _print("without atomic onboarding: stolen", stolen);
        vm.assertEq(drained / 1e18, 752_316_384, "7,523 times the initial limit");
        vm.assertGt(stolen, 501_000_000e18, "two thirds of it");
    }

    /// @dev The init names the configuration, but a stale call is still allowed. Nothing was there to grow, so the theft
    ///      is that of one new limit until it is noticed.
    function test_P31_with_atomic_onboarding_and_a_stale_action() public {
        _addVenueInit();
        allow(tight);
        allow(stale);
        _openAsAttacker();
        _act(stale);
        (uint256 moved, uint256 stolen) = _stealUntilNoticed(3e18);
        _print("atomic onboarding, stale action alive: moved in 24 h", moved);
        _print("atomic onboarding, stale action alive: stolen in 24 h", stolen);
        // 0.75 of a day at the initial slope and 0.25 at a fourth more: 1.0625 times the initial limit.
        vm.assertLe(moved, INITIAL * 10_625 / 10_000, "no more than 1.0625 times");
        vm.assertApproxEqAbs(moved, INITIAL * 10_625 / 10_000, 1e6, "and not less but for the slope's floor");
        vm.assertLe(stolen, moved * 2 / 3 + 1e6, "two thirds of it");
        vm.assertGt(stolen, moved * 66 / 100, "two thirds of it");
    }

    /// @dev All of it: the init names the configuration, and the stale call died at its time. What is left is the slippage
    ///      that governance reviewed.
    function test_P31_with_atomic_onboarding() public {
        _addVenueInit();
        allow(tight);
        vm.prank(sky);
        state.addInitAction(keccak256(stale), address(0), true, uint64(block.timestamp + 1 days));
        skip(2 days);
        _openAsAttacker();
        vm.prank(cbeam);
        vm.expectRevert(
            abi.encodeWithSelector(BeamState.ActionExpired.selector, keccak256(stale), START + 1 days)
        );
        configurator.callControllerAction(almProxy, stale);

        skip(1 hours);
        venue.move(3e18);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.ExchangeRateTooHigh.selector, 3e36, 1.01e36));
        pau.erc4626_deposit(address(venue), 3_000e18, 0);
        vm.warp(START + 2 days);

        (uint256 moved, uint256 stolen) = _stealUntilNoticed(1.01e18);
        _print("atomic onboarding, nothing stale: moved in 24 h", moved);
        _print("atomic onboarding, nothing stale: stolen in 24 h", stolen);
        vm.assertLe(moved, INITIAL * 10_625 / 10_000, "no more than 1.0625 times");
        vm.assertLe(stolen, moved / 100, "the reviewed 1 % of it");
    }

    /// @dev With atomic onboarding there is no way to have a limit before the configuration, in whatever order.
    function test_P31_nothing_to_grow_beforehand() public {
        _addVenueInit();
        allow(tight);
        bytes memory refusal =
            abi.encodeWithSelector(Configurator.OnboardRequired.selector, key, keccak256(tight));
        vm.expectRevert(refusal);
        set(key, INITIAL, SLOPE);
        vm.expectRevert(refusal);
        set(key, 1, 0);
        set(key, 0, SLOPE);
        skip(30 days);
        vm.assertEq(limits.getRateLimitData(key).slope, 0, "no slope either");
        _openAsAttacker();
        vm.assertEq(available(key), 0, "and at the start nothing is available");
    }

    function _addVenueInit() private {
        vm.prank(sky);
        state.addVenueInitRateLimit(key, address(0), INITIAL, SLOPE, keccak256(tight));
    }

    function _openAsAttacker() private {
        bytes[] memory actions = new bytes[](1);
        actions[0] = tight;
        RateLimitSetting[] memory settings = new RateLimitSetting[](1);
        settings[0] = RateLimitSetting(key, INITIAL, SLOPE);
        vm.prank(cbeam);
        configurator.onboard(almProxy, actions, settings);
    }

    /// @dev As fast as it goes: all that is there after a hop, one increase, all that is there when it is noticed.
    function _stealUntilNoticed(uint256 price) private returns (uint256 moved, uint256 stolen) {
        uint256 start = block.timestamp;
        vm.warp(start + HOP);
        moved = available(key);
        stolen = _drain(price);
        set(key, INITIAL * 5 / 4, SLOPE * 5 / 4);
        vm.warp(start + DETECTION);
        moved += available(key);
        stolen += _drain(price);
    }

    /// @dev One round: the price is moved, the relayer deposits all that the limit gives, the attacker leaves with the
    ///      gain and comes back with the stake.
    function _drain(uint256 price) private returns (uint256 stolen) {
        uint256 amount = available(key);
        // A wei below, since shares are rounded down.
        venue.move(price - 1);
        vm.prank(relayer);
        pau.erc4626_deposit(address(venue), amount, 0);
        venue.move(1e18);
        vm.startPrank(attacker);
        uint256 got = venue.redeemAll();
        stolen = got - STAKE;
        usds.approve(address(venue), STAKE);
        venue.deposit(STAKE, attacker);
        vm.stopPrank();
    }

    function _act(bytes memory data) private {
        vm.prank(cbeam);
        configurator.callControllerAction(almProxy, data);
    }

    function _print(string memory what, uint256 amount) private {
        emit log_named_decimal_uint(what, amount, 18);
    }
}
