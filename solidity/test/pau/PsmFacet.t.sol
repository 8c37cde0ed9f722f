// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { LitePsm } from "fixtures/LitePsm.sol";
import { UsdsPsmWrapper } from "fixtures/UsdsPsmWrapper.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { PsmFacet } from "src/pau/facets/PsmFacet.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice Both modes on the stand-ins of LitePSM (pocket 1 M USDC, 100 k DAI ready), wrapper and converter.
contract PsmFacetTest is PauBase {
    uint8 private constant WRAPPER = 0;
    uint8 private constant NO_FEE = 1;
    uint8 private constant HALTED = 2;

    bytes32 private key = RateLimitKeys.usdsToUsdc();

    function setUp() public override {
        super.setUp();
        psm.kiss(address(proxy));
        usds.mint(address(proxy), 1_000_000e18);
        usdc.mint(address(proxy), 1_000_000e6);
        setLimit(key, 500_000e6);
        _configure(WRAPPER, 0);
    }

    // --- both modes, without a fee ---

    function test_usds_to_usdc_boundary_and_deltas() public {
        for (uint8 mode; mode < HALTED; ++mode) {
            uint256 id = vm.snapshotState();
            _configure(mode, 0);
            vm.startPrank(relayer);
            expectExceeded(key, 500_000e6 + 1, 500_000e6);
            pau.psm_swapUSDSToUSDC(500_000e6 + 1);
            vm.expectEmit(address(controller));
            emit PsmFacet.PSMSwapUSDSToUSDC(500_000e6);
            pau.psm_swapUSDSToUSDC(500_000e6);
            vm.stopPrank();
            _assertHeld(500_000e18, 1_500_000e6);
            vm.assertEq(usdc.balanceOf(pocket), 500_000e6, "pocket");
            vm.assertEq(available(key), 0, "limit");
            _assertClean();
            vm.revertToState(id);
        }
    }

    function test_I22_usdc_to_usds_gives_back_and_deltas() public {
        for (uint8 mode; mode < HALTED; ++mode) {
            uint256 id = vm.snapshotState();
            _configure(mode, 0);
            vm.startPrank(relayer);
            pau.psm_swapUSDSToUSDC(30_000e6);
            vm.expectEmit(address(controller));
            emit PsmFacet.PSMSwapUSDCToUSDS(50_000e6);
            pau.psm_swapUSDCToUSDS(50_000e6);
            vm.stopPrank();
            _assertHeld(1_020_000e18, 980_000e6);
            vm.assertEq(usdc.balanceOf(pocket), 1_020_000e6, "pocket");
            vm.assertEq(available(key), 500_000e6, "limit, saturated");
            _assertClean();
            vm.revertToState(id);
        }
    }

    function testFuzz_par_is_exact_in_both_modes(uint256 amount, bool noFee, bool toUsdc) public {
        amount = bound(amount, 0, 400_000e6);
        _configure(noFee ? NO_FEE : WRAPPER, 0);
        vm.prank(relayer);
        if (toUsdc) {
            pau.psm_swapUSDSToUSDC(amount);
            _assertHeld(1_000_000e18 - amount * 1e12, 1_000_000e6 + amount);
        } else {
            pau.psm_swapUSDCToUSDS(amount);
            _assertHeld(1_000_000e18 + amount * 1e12, 1_000_000e6 - amount);
        }
        _assertClean();
    }

    /// @dev P1: a zeroed key closes the way to USDC and not the way back.
    function test_P1_zero_key_closes_one_way() public {
        setLimit(key, 0);
        for (uint8 mode; mode < HALTED; ++mode) {
            _configure(mode, 0);
            vm.startPrank(relayer);
            expectNoKey(key);
            pau.psm_swapUSDSToUSDC(1);
            pau.psm_swapUSDCToUSDS(1e6);
            vm.stopPrank();
        }
        vm.assertEq(limits.getRateLimitData(key).maxAmount, 0, "still no key");
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        setUnlimited(key);
        vm.startPrank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.psm_swapUSDSToUSDC(MAX);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.psm_swapUSDCToUSDS(MAX);
        vm.stopPrank();
    }

    /// @dev P21: tokens given to the proxy in between change nothing.
    function test_P21_donations_change_nothing() public {
        dai.mint(address(proxy), 77);
        usds.mint(address(proxy), 1); // dust below one USDC unit stays where it is
        for (uint8 mode; mode < HALTED; ++mode) {
            _configure(mode, 0);
            vm.startPrank(relayer);
            pau.psm_swapUSDSToUSDC(1e6);
            pau.psm_swapUSDCToUSDS(1e6);
            vm.stopPrank();
        }
        _assertHeld(1_000_000e18 + 1, 1_000_000e6);
        vm.assertEq(dai.balanceOf(address(proxy)), 77, "dai");
    }

    // --- P34.1: DAI runs short ---

    /// @dev 100 k DAI are ready; each part sold puts USDC into the pocket, which lets the next fill mint as much.
    function test_P34_short_dai_is_filled() public {
        for (uint8 mode; mode < HALTED; ++mode) {
            uint256 id = vm.snapshotState();
            _configure(mode, 0);
            vm.expectEmit(address(psm));
            emit LitePsm.Fill(100_000e18);
            vm.prank(relayer);
            pau.psm_swapUSDCToUSDS(350_000e6);
            _assertHeld(1_350_000e18, 650_000e6);
            vm.assertEq(usdc.balanceOf(pocket), 1_350_000e6, "pocket");
            vm.assertEq(dai.balanceOf(address(psm)), 50_000e18, "what the fourth fill left");
            _assertClean();
            vm.revertToState(id);
        }
    }

    function test_P34_an_empty_psm_is_filled_first() public {
        _drainFloat();
        usdc.mint(pocket, 200_000e6); // a payment to the pocket backs more DAI
        vm.prank(relayer);
        pau.psm_swapUSDCToUSDS(200_000e6);
        _assertHeld(1_200_000e18, 800_000e6);
    }

    /// @dev All or nothing: at the ceiling the fill fails, and with it the whole swap.
    function test_P34_no_fill_no_swap() public {
        psm.file("line", 1_150_000e18);
        for (uint8 mode; mode < HALTED; ++mode) {
            _configure(mode, 0);
            vm.startPrank(relayer);
            vm.expectRevert("DssLitePsm/nothing-to-fill");
            pau.psm_swapUSDCToUSDS(150_001e6);
            vm.stopPrank();
            _assertHeld(1_000_000e18, 1_000_000e6);
        }
        vm.prank(relayer);
        pau.psm_swapUSDCToUSDS(150_000e6);
        _assertHeld(1_150_000e18, 850_000e6);
    }

    /// @dev A fill that mints less than one USDC's worth gets nowhere, and must not loop.
    function test_P34_a_fill_of_dust_reverts() public {
        _drainFloat();
        vm.mockCall(address(psm), abi.encodeCall(LitePsm.fill, ()), abi.encode(uint256(1)));
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.PsmShort.selector, 10e6));
        pau.psm_swapUSDCToUSDS(10e6);
    }

    // --- P34.2 and P34.3: a direction is halted ---

    function test_P34_selling_halted() public {
        psm.file("tin", MAX);
        vm.prank(relayer);
        vm.expectRevert("DssLitePsm/sell-gem-halted");
        pau.psm_swapUSDCToUSDS(1e6);
        vm.prank(relayer);
        pau.psm_swapUSDSToUSDC(1e6);
        _assertHeld(999_999e18, 1_000_001e6);
    }

    function test_P34_buying_halted() public {
        psm.file("tout", MAX);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11)); // the wrapper overflows, as the real one does
        pau.psm_swapUSDSToUSDC(1e6);
        vm.prank(relayer);
        pau.psm_swapUSDCToUSDS(1e6);
        _assertHeld(1_000_001e18, 999_999e6);
    }

    /// @dev Those kissed trade on, as at the real PSM.
    function test_P34_halts_do_not_reach_no_fee() public {
        psm.file("tin", MAX);
        psm.file("tout", MAX);
        _configure(NO_FEE, 0);
        vm.startPrank(relayer);
        pau.psm_swapUSDSToUSDC(1e6);
        pau.psm_swapUSDCToUSDS(1e6);
        vm.stopPrank();
        _assertHeld(1_000_000e18, 1_000_000e6);
    }

    // --- P34.4: a fee is turned on ---

    function test_P34_fee_above_the_maximum() public {
        psm.file("tin", 0.0011e18);
        psm.file("tout", 0.0011e18);
        _configure(WRAPPER, 0.001e18);
        vm.startPrank(relayer);
        // The allowance is the maximum, so the token refuses the wrapper.
        vm.expectRevert("Usds/insufficient-allowance");
        pau.psm_swapUSDSToUSDC(1_000e6);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.FeeTooHigh.selector, 1.1e18, 1e18));
        pau.psm_swapUSDCToUSDS(1_000e6);
        vm.stopPrank();
        _assertHeld(1_000_000e18, 1_000_000e6);
    }

    function test_P34_fee_at_the_maximum_is_paid_and_said() public {
        psm.file("tin", 0.001e18);
        psm.file("tout", 0.002e18);
        _configure(WRAPPER, 0.002e18);
        vm.startPrank(relayer);
        vm.expectEmit(address(controller));
        emit PsmFacet.PSMFeePaid(2e18);
        pau.psm_swapUSDSToUSDC(1_000e6);
        _assertHeld(998_998e18, 1_001_000e6);
        vm.expectEmit(address(controller));
        emit PsmFacet.PSMFeePaid(1e18);
        pau.psm_swapUSDCToUSDS(1_000e6);
        vm.stopPrank();
        _assertHeld(999_997e18, 1_000_000e6);
        _assertClean();
    }

    function test_no_fee_pays_none() public {
        psm.file("tin", 0.01e18);
        psm.file("tout", 0.01e18);
        _configure(NO_FEE, 0);
        vm.startPrank(relayer);
        pau.psm_swapUSDSToUSDC(1_000e6);
        pau.psm_swapUSDCToUSDS(1_000e6);
        vm.stopPrank();
        _assertHeld(1_000_000e18, 1_000_000e6);
    }

    function testFuzz_fee_is_bounded(uint256 amount, uint256 tin, uint256 tout, uint256 maxFee) public {
        amount = bound(amount, 1, 90_000e6);
        (tin, tout, maxFee) = (bound(tin, 0, 0.1e18), bound(tout, 0, 0.1e18), bound(maxFee, 0, 0.1e18));
        psm.file("tin", tin);
        psm.file("tout", tout);
        _configure(WRAPPER, maxFee);
        uint256 par = amount * 1e12;

        vm.prank(relayer);
        (bool ok,) = address(controller).call(abi.encodeCall(pau.psm_swapUSDSToUSDC, (amount)));
        vm.assertEq(ok, par * tout / 1e18 <= par * maxFee / 1e18, "buying");
        uint256 before = usds.balanceOf(address(proxy));
        vm.prank(relayer);
        (ok,) = address(controller).call(abi.encodeCall(pau.psm_swapUSDCToUSDS, (amount)));
        vm.assertEq(ok, par * tin / 1e18 <= par * maxFee / 1e18, "selling");
        if (ok) vm.assertEq(usds.balanceOf(address(proxy)) - before, par - par * tin / 1e18, "proceeds");
        _assertClean();
    }

    // --- P34.5: not kissed ---

    function test_P34_no_fee_needs_the_kiss() public {
        psm.diss(address(proxy));
        _configure(NO_FEE, 0);
        vm.startPrank(relayer);
        vm.expectRevert("DssLitePsm/not-whitelisted");
        pau.psm_swapUSDSToUSDC(1e6);
        vm.expectRevert("DssLitePsm/not-whitelisted");
        pau.psm_swapUSDCToUSDS(1e6);
        vm.stopPrank();
        _configure(WRAPPER, 0);
        vm.prank(relayer);
        pau.psm_swapUSDSToUSDC(1e6);
        _assertHeld(999_999e18, 1_000_001e6);
    }

    function test_short_pocket() public {
        setLimit(key, 1_000_001e6);
        usds.mint(address(proxy), 1e18);
        vm.prank(relayer);
        vm.expectRevert("ERC20: transfer amount exceeds balance");
        pau.psm_swapUSDSToUSDC(1_000_001e6);
    }

    function test_paused_usdc() public {
        usdc.pause();
        vm.prank(relayer);
        vm.expectRevert("Pausable: paused");
        pau.psm_swapUSDSToUSDC(1e6);
    }

    // --- configuration ---

    function test_config_is_read_and_announced() public {
        PsmConfig memory config = PsmConfig(NO_FEE, address(psm), address(daiUsds), address(0), 5);
        vm.expectEmit(address(controller));
        emit PsmFacet.PSMConfigSet(config);
        vm.prank(admin);
        pau.psm_setConfig(config);
        vm.assertEq(abi.encode(pau.psm_config()), abi.encode(config), "config");
        vm.assertEq(pau.psm_usds(), address(usds), "usds");
        vm.assertEq(pau.psm_usdc(), address(usdc), "usdc");
        vm.assertEq(pau.psm_dai(), address(dai), "dai");
    }

    function test_config_is_checked() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.UnknownMode.selector, 3));
        pau.psm_setConfig(PsmConfig(3, address(psm), address(daiUsds), address(wrapper), 0));

        vm.expectRevert(abi.encodeWithSelector(PsmFacet.InvalidConfig.selector, bytes32("maxFeeWad")));
        pau.psm_setConfig(PsmConfig(WRAPPER, address(psm), address(daiUsds), address(wrapper), 1e18 + 1));

        LitePsm other = new LitePsm("OTHER", address(usdc), address(dai), pocket, vow);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.InvalidConfig.selector, bytes32("wrapper")));
        pau.psm_setConfig(PsmConfig(WRAPPER, address(other), address(daiUsds), address(wrapper), 0));

        // A PSM whose DAI is USDS does not go with the converter.
        LitePsm foreign = new LitePsm("FOREIGN", address(usdc), address(usds), pocket, vow);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.InvalidConfig.selector, bytes32("daiUsds")));
        pau.psm_setConfig(PsmConfig(NO_FEE, address(foreign), address(daiUsds), address(0), 0));

        // A gem of 18 decimals.
        LitePsm wide = new LitePsm("WIDE", address(dai), address(dai), pocket, vow);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.InvalidConfig.selector, bytes32("factor")));
        pau.psm_setConfig(PsmConfig(NO_FEE, address(wide), address(daiUsds), address(0), 0));
        vm.stopPrank();
    }

    /// @dev A wrapper that names the right PSM and another gem.
    function test_config_checks_the_wrappers_gem() public {
        UsdsPsmWrapper liar = new UsdsPsmWrapper(address(psm), address(daiUsds));
        vm.mockCall(address(liar), abi.encodeCall(liar.gem, ()), abi.encode(address(dai)));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(PsmFacet.InvalidConfig.selector, bytes32("wrapper")));
        pau.psm_setConfig(PsmConfig(WRAPPER, address(psm), address(0), address(liar), 0));
    }

    function test_halt_stops_both_ways() public {
        vm.prank(admin);
        pau.psm_setConfig(PsmConfig(HALTED, address(0), address(0), address(0), 0));
        vm.startPrank(relayer);
        vm.expectRevert(PsmFacet.SwapsHalted.selector);
        pau.psm_swapUSDSToUSDC(1);
        vm.expectRevert(PsmFacet.SwapsHalted.selector);
        pau.psm_swapUSDCToUSDS(1);
        vm.stopPrank();
        vm.assertEq(available(key), 500_000e6, "limit untouched");
    }

    // --- the guard of the peg ---

    /// @dev P34: whoever sees the peg slip stops both directions in both modes at once; only governance lifts.
    function test_P34_peg_guard_stops_both_ways() public {
        address warden = makeAddr("warden");
        vm.prank(admin);
        acl.grantRole(Roles.FREEZER, warden);
        for (uint8 mode; mode < HALTED; ++mode) {
            _configure(mode, 0);
            vm.expectEmit(address(controller));
            emit PsmFacet.PSMHalted(true, warden);
            vm.prank(warden);
            pau.psm_setHalted(true);
            vm.assertTrue(pau.psm_halted(), "halted");
            vm.startPrank(relayer);
            vm.expectRevert(PsmFacet.SwapsHalted.selector);
            pau.psm_swapUSDSToUSDC(1e6);
            vm.expectRevert(PsmFacet.SwapsHalted.selector);
            pau.psm_swapUSDCToUSDS(1e6);
            vm.stopPrank();
            vm.assertEq(available(key), 500_000e6, "limit untouched");
            // Another config does not lift it.
            _configure(mode, 0);
            vm.assertTrue(pau.psm_halted(), "still halted");
            vm.prank(warden);
            expectUnauthorized(warden, Roles.DEFAULT_ADMIN);
            pau.psm_setHalted(false);
            vm.prank(admin);
            pau.psm_setHalted(false);
            vm.startPrank(relayer);
            pau.psm_swapUSDSToUSDC(1e6);
            pau.psm_swapUSDCToUSDS(1e6);
            vm.stopPrank();
        }
        _assertHeld(1_000_000e18, 1_000_000e6);
    }

    /// @dev I23, for the one function that several roles may call.
    function test_I23_who_may_halt() public {
        bytes32[6] memory roles = [
            Roles.ALLOCATOR, Roles.SETTLER, Roles.REVOKER, Roles.PARAM_ADMIN, Roles.FREEZER, Roles.CONSERVER
        ];
        for (uint256 i; i < roles.length; ++i) {
            address account = address(uint160(0x1000 + i));
            vm.prank(admin);
            acl.grantRole(roles[i], account);
            vm.startPrank(account);
            if (i < 4) expectUnauthorized(account, Roles.FREEZER);
            pau.psm_setHalted(true);
            expectUnauthorized(account, Roles.DEFAULT_ADMIN);
            pau.psm_setHalted(false);
            vm.stopPrank();
            vm.assertEq(pau.psm_halted(), i >= 4, "by these two");
        }
        vm.startPrank(admin);
        pau.psm_setHalted(false);
        pau.psm_setHalted(true);
        vm.stopPrank();
        vm.assertTrue(pau.psm_halted(), "and by governance");
    }

    /// @dev P34: a halted direction in both directions of NO_FEE, a short PSM and a fee, all at once: those kissed get
    ///      through at par, the others are told why not.
    function test_P34_every_state_at_once() public {
        psm.file("tin", MAX);
        psm.file("tout", 0.01e18);
        _drainFloat();
        usdc.mint(pocket, 50_000e6);
        _configure(NO_FEE, 0);
        vm.startPrank(relayer);
        pau.psm_swapUSDCToUSDS(70_000e6); // filled twice
        pau.psm_swapUSDSToUSDC(70_000e6);
        vm.stopPrank();
        _assertHeld(1_000_000e18, 1_000_000e6);
        _configure(WRAPPER, 0.009e18);
        vm.startPrank(relayer);
        vm.expectRevert("DssLitePsm/sell-gem-halted");
        pau.psm_swapUSDCToUSDS(1_000e6);
        vm.expectRevert("Usds/insufficient-allowance");
        pau.psm_swapUSDSToUSDC(1_000e6);
        vm.stopPrank();
        _configure(WRAPPER, 0.01e18);
        vm.prank(relayer);
        pau.psm_swapUSDSToUSDC(1_000e6);
        _assertHeld(1_000_000e18 - 1_010e18, 1_001_000e6);
        _assertClean();
    }

    /// @dev Blacklisted by USDC, the proxy converts nothing and loses nothing.
    function test_blacklisted_proxy() public {
        usdc.blacklist(address(proxy));
        for (uint8 mode; mode < HALTED; ++mode) {
            _configure(mode, 0);
            vm.startPrank(relayer);
            vm.expectRevert("Blacklistable: account is blacklisted");
            pau.psm_swapUSDSToUSDC(1e6);
            vm.expectRevert("Blacklistable: account is blacklisted");
            pau.psm_swapUSDCToUSDS(1e6);
            vm.stopPrank();
        }
        _assertHeld(1_000_000e18, 1_000_000e6);
        vm.assertEq(available(key), 500_000e6, "limit untouched");
    }

    function test_unset_config_refuses() public {
        // A fresh PAU: same facets, nothing configured.
        PauBase.setUp();
        vm.startPrank(relayer);
        vm.expectRevert(PsmFacet.PsmNotSet.selector);
        pau.psm_swapUSDSToUSDC(1);
        vm.expectRevert(PsmFacet.PsmNotSet.selector);
        pau.psm_swapUSDCToUSDS(1);
        vm.stopPrank();
    }

    function _configure(uint8 mode, uint256 maxFee) private {
        vm.prank(admin);
        pau.psm_setConfig(PsmConfig(mode, address(psm), address(daiUsds), address(wrapper), maxFee));
    }

    function _drainFloat() private {
        uint256 float = dai.balanceOf(address(psm));
        vm.prank(address(psm));
        dai.transfer(vow, float);
    }

    function _assertHeld(uint256 usds_, uint256 usdc_) private view {
        vm.assertEq(usds.balanceOf(address(proxy)), usds_, "usds of the proxy");
        vm.assertEq(usdc.balanceOf(address(proxy)), usdc_, "usdc of the proxy");
    }

    /// @dev P12 and I22
    function _assertClean() private view {
        address[3] memory tokens = [address(usds), address(usdc), address(dai)];
        address[3] memory spenders = [address(psm), address(wrapper), address(daiUsds)];
        for (uint256 i; i < tokens.length; ++i) {
            for (uint256 j; j < spenders.length; ++j) {
                assertNoAllowance(tokens[i], spenders[j]);
            }
            assertEmptyController(tokens[i]);
        }
        vm.assertEq(dai.balanceOf(address(proxy)), 0, "no dai is left");
    }
}
