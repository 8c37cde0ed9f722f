// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";

interface HaloUnitLike {
    function asset() external view returns (address);
    function classProxy() external view returns (address);
    function depositLiquidity(uint256 amount) external;
    function withdrawLiquidity(uint256 amount) external;
}

/// @title The Halo's side of a Unit: liquidity for redemptions
contract LctsHaloFacet is Facet {
    error ForeignUnit(address unit);

    /// @notice `amount` (asset units) of `asset` is set aside in `unit` for redemptions.
    event LCTSFundRedemption(address indexed unit, address indexed asset, uint256 amount);
    /// @notice `amount` (asset units) of `asset` came back from `unit`.
    event LCTSDefundRedemption(address indexed unit, address indexed asset, uint256 amount);

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "LCTS_HALO_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](3);
        list[0] =
            Wire(ControllerSurface.lctsHalo_fundRedemption.selector, LctsHaloFacet.fundRedemption.selector);
        list[1] = Wire(
            ControllerSurface.lctsHalo_defundRedemption.selector, LctsHaloFacet.defundRedemption.selector
        );
        list[2] = Wire(
            ControllerSurface.lctsHalo_getFundRedemptionRateLimitKey.selector,
            LctsHaloFacet.getFundRedemptionRateLimitKey.selector
        );
    }

    /// @notice Sets exactly `amount` (asset units) aside in `unit` for its redeemers. Allocator only; uses
    ///         LIMIT_LCTS_FUND_REDEEM(asset, unit). Reverts with `ForeignUnit` unless the Unit pays to this proxy, with
    ///         `BalanceMismatch` unless exactly that much was taken.
    function fundRedemption(address unit, uint256 amount)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
    {
        address asset = _own(unit);
        _decrease(RateLimitKeys.lctsFundRedeem(asset, unit), amount);
        _payInto(unit, asset, amount, abi.encodeCall(HaloUnitLike.depositLiquidity, (amount)));
        emit LCTSFundRedemption(unit, asset, amount);
    }

    /// @notice Takes exactly `amount` (asset units) back from `unit`, as far as the Unit lets go of it. Allocator only;
    ///         gives back to LIMIT_LCTS_FUND_REDEEM(asset, unit) if that is set. Either that key or
    ///         LIMIT_LCTS_EXIT(unit) must exist, else `VenueNotOnboarded`. Reverts with `ForeignUnit`,
    ///         `BalanceMismatch`, or as the Unit does.
    function defundRedemption(address unit, uint256 amount)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
    {
        address asset = _own(unit);
        bytes32 fundKey = RateLimitKeys.lctsFundRedeem(asset, unit);
        if (!_exists(fundKey) && !_exists(RateLimitKeys.lctsExit(unit))) revert VenueNotOnboarded(unit);
        uint256 expected = _proxyBalance(asset) + amount;
        _doCall(unit, abi.encodeCall(HaloUnitLike.withdrawLiquidity, (amount)));
        _requireBalance(asset, expected);
        _tryIncrease(fundKey, amount);
        emit LCTSDefundRedemption(unit, asset, amount);
    }

    /// @notice Key that `fundRedemption` uses and `defundRedemption` gives back to.
    function getFundRedemptionRateLimitKey(address unit, address asset) external pure returns (bytes32) {
        return RateLimitKeys.lctsFundRedeem(asset, unit);
    }

    /// @dev The asset of a Unit that pays to this proxy. A unit that lies about it has no key.
    function _own(address unit) private view returns (address asset) {
        if (HaloUnitLike(unit).classProxy() != _shared().proxy) revert ForeignUnit(unit);
        return HaloUnitLike(unit).asset();
    }
}
