// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { PsmConfig, Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { BalanceLike, Facet } from "src/pau/facets/Facet.sol";

interface LitePsmLike {
    function dai() external view returns (address);
    function gem() external view returns (address);
    function to18ConversionFactor() external view returns (uint256);
    function fill() external returns (uint256 wad);
    function buyGemNoFee(address usr, uint256 gemAmt) external returns (uint256 daiInWad);
    function sellGemNoFee(address usr, uint256 gemAmt) external returns (uint256 daiOutWad);
}

interface PsmWrapperLike {
    function gem() external view returns (address);
    function psm() external view returns (address);
    function usds() external view returns (address);
    function buyGem(address usr, uint256 gemAmt) external returns (uint256 usdsInWad);
    function sellGem(address usr, uint256 gemAmt) external returns (uint256 usdsOutWad);
}

interface DaiUsdsLike {
    function dai() external view returns (address);
    function usds() external view returns (address);
    function daiToUsds(address usr, uint256 wad) external;
    function usdsToDai(address usr, uint256 wad) external;
}

/// @title Converts between USDS and USDC at Sky's peg stability module
/// @notice WRAPPER goes through the open wrapper and pays its fee up to a maximum; it needs no spell. NO_FEE goes
///         through DAI and needs the proxy to be a `bud` of the LitePSM. HALTED refuses both directions.
/// @dev USDC, DAI and USDS are taken to be worth the same; there is no oracle, but `setHalted`.
contract PsmFacet is Facet {
    error UnknownMode(uint8 mode);
    error InvalidConfig(bytes32 what);
    error SwapsHalted();
    error PsmNotSet();
    error PsmShort(uint256 usdcLeft);
    error FeeTooHigh(uint256 fee, uint256 maxFee);

    /// @notice The PAU converts as `config` says.
    event PSMConfigSet(PsmConfig config);
    /// @notice Conversion was halted or goes on.
    event PSMHalted(bool halted, address indexed by);
    /// @notice USDS became `usdcAmount` USDC (6 decimals).
    event PSMSwapUSDSToUSDC(uint256 usdcAmount);
    /// @notice `usdcAmount` USDC (6 decimals) became USDS.
    event PSMSwapUSDCToUSDS(uint256 usdcAmount);
    /// @notice The conversion cost `usdsFee` USDS (18 decimals).
    event PSMFeePaid(uint256 usdsFee);

    /// @custom:storage-location erc7201:sky.pau.storage.PSMFacet.v1
    struct PsmStorage {
        PsmConfig config;
        address usds; // as the configured contracts named them when they were set
        address usdc;
        address dai;
        bool halted; // whatever the config says
    }

    uint8 private constant WRAPPER = 0;
    uint8 private constant NO_FEE = 1;
    uint8 private constant HALTED = 2;

    uint256 private constant WAD = 1e18;
    // USDS wei per USDC unit.
    uint256 private constant FACTOR = 1e12;
    // erc7201("sky.pau.storage.PSMFacet.v1")
    bytes32 private constant SLOT = 0xcdbd88958ac52f424bad1558e5b4a6759184bc73770b3dceb6f48ad1cf46b100;

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "PSM_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](10);
        list[0] = Wire(ControllerSurface.psm_setConfig.selector, PsmFacet.setConfig.selector);
        list[1] = Wire(ControllerSurface.psm_swapUSDSToUSDC.selector, PsmFacet.swapUSDSToUSDC.selector);
        list[2] = Wire(ControllerSurface.psm_swapUSDCToUSDS.selector, PsmFacet.swapUSDCToUSDS.selector);
        list[3] = Wire(ControllerSurface.psm_config.selector, PsmFacet.config.selector);
        list[4] = Wire(ControllerSurface.psm_usds.selector, PsmFacet.usds.selector);
        list[5] = Wire(ControllerSurface.psm_usdc.selector, PsmFacet.usdc.selector);
        list[6] = Wire(ControllerSurface.psm_dai.selector, PsmFacet.dai.selector);
        list[7] = Wire(
            ControllerSurface.psm_usdsToUSDCSwapRateLimitKey.selector,
            PsmFacet.usdsToUSDCSwapRateLimitKey.selector
        );
        list[8] = Wire(ControllerSurface.psm_setHalted.selector, PsmFacet.setHalted.selector);
        list[9] = Wire(ControllerSurface.psm_halted.selector, PsmFacet.halted.selector);
    }

    /// @notice Sets how this PAU converts and reads the three tokens from the contracts named. Parameter admin only.
    ///         Reverts with `UnknownMode`, or with `InvalidConfig` when the contracts that the mode uses do not belong
    ///         together. HALTED is taken without a look at the rest, so that a halt never depends on others.
    function setConfig(PsmConfig calldata config_) external nonReentrant onlyParamAdmin {
        PsmStorage storage $ = _psmStorage();
        if (config_.mode > HALTED) revert UnknownMode(config_.mode);
        if (config_.mode != HALTED) {
            LitePsmLike psm = LitePsmLike(config_.psm);
            if (psm.to18ConversionFactor() != FACTOR) revert InvalidConfig("factor");
            if (config_.maxFeeWad > WAD) revert InvalidConfig("maxFeeWad");
            (address usdc_, address dai_) = (psm.gem(), psm.dai());
            ($.usdc, $.dai) = (usdc_, dai_);
            if (config_.mode == WRAPPER) {
                PsmWrapperLike wrapper = PsmWrapperLike(config_.wrapper);
                if (wrapper.psm() != config_.psm || wrapper.gem() != usdc_) revert InvalidConfig("wrapper");
                $.usds = wrapper.usds();
            } else {
                DaiUsdsLike daiUsds = DaiUsdsLike(config_.daiUsds);
                if (daiUsds.dai() != dai_) revert InvalidConfig("daiUsds");
                $.usds = daiUsds.usds();
            }
        }
        $.config = config_;
        emit PSMConfigSet(config_);
    }

    /// @notice The guard of the peg: with USDC, DAI or USDS off its dollar, whoever sees it stops both directions at once.
    ///         Freezer, conserver or admin halt; the admin alone lifts, so that no config set since lifts it unnoticed.
    function setHalted(bool halted_) external nonReentrant {
        if (!_hasRole(Roles.DEFAULT_ADMIN)) {
            if (!halted_) _checkRole(Roles.DEFAULT_ADMIN);
            if (!_hasRole(Roles.CONSERVER)) _checkRole(Roles.FREEZER);
        }
        _psmStorage().halted = halted_;
        emit PSMHalted(halted_, msg.sender);
    }

    /// @notice Turns USDS of the proxy into exactly `usdcAmount` USDC (6 decimals). Allocator only; uses
    ///         LIMIT_USDS_TO_USDC, in USDC. Pays usdcAmount * 1e12 USDS, in WRAPPER also the fee, rounded down by the
    ///         wrapper; reverts with `FeeTooHigh` beyond the maximum, `PsmNotSet`, `SwapsHalted`, `BalanceMismatch`,
    ///         or as the PSM does (halted, not a bud, pocket short).
    function swapUSDSToUSDC(uint256 usdcAmount)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(usdcAmount)
    {
        PsmStorage storage $ = _active();
        _decrease(RateLimitKeys.usdsToUsdc(), usdcAmount);
        uint256 usdcExpected = _proxyBalance($.usdc) + usdcAmount;
        uint256 usdsHeld = _proxyBalance($.usds);
        uint256 par = usdcAmount * FACTOR;
        address proxy = _shared().proxy;

        if ($.config.mode == WRAPPER) {
            // The allowance is the bound: the wrapper cannot take a fee above the maximum.
            uint256 most = par + Math.mulDiv(par, $.config.maxFeeWad, WAD);
            _approve($.usds, $.config.wrapper, most);
            _doCall($.config.wrapper, abi.encodeCall(PsmWrapperLike.buyGem, (proxy, usdcAmount)));
            _approve($.usds, $.config.wrapper, 0);
            _checkFee(Math.saturatingSub(usdsHeld - _proxyBalance($.usds), par), most - par);
        } else {
            _payInto($.config.daiUsds, $.usds, par, abi.encodeCall(DaiUsdsLike.usdsToDai, (proxy, par)));
            _payInto($.config.psm, $.dai, par, abi.encodeCall(LitePsmLike.buyGemNoFee, (proxy, usdcAmount)));
        }
        _requireBalance($.usdc, usdcExpected);
        emit PSMSwapUSDSToUSDC(usdcAmount);
    }

    /// @notice Turns exactly `usdcAmount` USDC (6 decimals) of the proxy into USDS. Allocator only; gives back to
    ///         LIMIT_USDS_TO_USDC if that is set. Receives usdcAmount * 1e12 USDS, in WRAPPER less the fee. Fills the
    ///         PSM with DAI as often as it runs dry, and converts all or nothing: reverts with `PsmShort` or the PSM's
    ///         own error when it cannot be filled, else as `swapUSDSToUSDC`.
    function swapUSDCToUSDS(uint256 usdcAmount)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(usdcAmount)
    {
        PsmStorage storage $ = _active();
        uint256 usdcExpected = _proxyBalance($.usdc) - usdcAmount;
        uint256 usdsHeld = _proxyBalance($.usds);
        uint256 par = usdcAmount * FACTOR;
        address proxy = _shared().proxy;

        if ($.config.mode == WRAPPER) {
            _sellInParts($, $.config.wrapper, PsmWrapperLike.sellGem.selector, usdcAmount);
            uint256 received = _proxyBalance($.usds) - usdsHeld;
            _checkFee(Math.saturatingSub(par, received), Math.mulDiv(par, $.config.maxFeeWad, WAD));
        } else {
            _sellInParts($, $.config.psm, LitePsmLike.sellGemNoFee.selector, usdcAmount);
            _payInto($.config.daiUsds, $.dai, par, abi.encodeCall(DaiUsdsLike.daiToUsds, (proxy, par)));
            _requireBalance($.usds, usdsHeld + par);
        }
        _requireBalance($.usdc, usdcExpected);
        _tryIncrease(RateLimitKeys.usdsToUsdc(), usdcAmount);
        emit PSMSwapUSDCToUSDS(usdcAmount);
    }

    /// @notice How this PAU converts; all zero before the first `setConfig`.
    function config() external view returns (PsmConfig memory) {
        return _psmStorage().config;
    }

    /// @notice Whether the peg's guard has halted conversion; `config().mode` may halt it too.
    function halted() external view returns (bool) {
        return _psmStorage().halted;
    }

    /// @notice The USDS token in use; zero if not configured.
    function usds() external view returns (address) {
        return _psmStorage().usds;
    }

    /// @notice The USDC token in use; zero if not configured.
    function usdc() external view returns (address) {
        return _psmStorage().usdc;
    }

    /// @notice The DAI token in use; zero if not configured.
    function dai() external view returns (address) {
        return _psmStorage().dai;
    }

    /// @notice Key that `swapUSDSToUSDC` uses and `swapUSDCToUSDS` gives back to; 6 decimals.
    function usdsToUSDCSwapRateLimitKey() external pure returns (bytes32) {
        return RateLimitKeys.usdsToUsdc();
    }

    /// @dev The PSM pays from DAI that it holds. What it holds is sold into first: USDC in the pocket is what lets the
    ///      next `fill` mint more.
    function _sellInParts(PsmStorage storage $, address venue, bytes4 sell, uint256 usdcAmount) private {
        _approve($.usdc, venue, usdcAmount);
        address proxy = _shared().proxy;
        uint256 left = usdcAmount;
        while (left != 0) {
            uint256 room = _room($);
            if (room == 0) {
                LitePsmLike($.config.psm).fill();
                room = _room($);
                if (room == 0) revert PsmShort(left);
            }
            uint256 part = Math.min(left, room);
            _doCall(venue, abi.encodeWithSelector(sell, proxy, part));
            left -= part;
        }
        _approve($.usdc, venue, 0);
    }

    /// @dev USDC that the PSM can take before its DAI runs out.
    function _room(PsmStorage storage $) private view returns (uint256) {
        return BalanceLike($.dai).balanceOf($.config.psm) / FACTOR;
    }

    function _checkFee(uint256 fee, uint256 maxFee) private {
        if (fee > maxFee) revert FeeTooHigh(fee, maxFee);
        if (fee != 0) emit PSMFeePaid(fee);
    }

    function _active() private view returns (PsmStorage storage $) {
        $ = _psmStorage();
        if ($.halted || $.config.mode == HALTED) revert SwapsHalted();
        if ($.config.psm == address(0)) revert PsmNotSet();
    }

    function _psmStorage() private pure returns (PsmStorage storage $) {
        assembly ("memory-safe") {
            $.slot := SLOT
        }
    }
}
