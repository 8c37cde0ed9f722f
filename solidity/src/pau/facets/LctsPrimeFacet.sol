// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";

interface PrimeUnitLike {
    function asset() external view returns (address);
    function convertToAssets(uint256 shares) external view returns (uint256);
    function maxMint(address receiver) external view returns (uint256);
    function maxWithdraw(address owner) external view returns (uint256);
    function mint(uint256 shares, address receiver) external returns (uint256);
    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256);
    function cancelDepositRequest(uint256 requestId, address controller) external;
    function claimCancelDepositRequest(uint256 requestId, address receiver, address controller)
        external
        returns (uint256);
    function cancelRedeemRequest(uint256 requestId, address controller) external;
    function claimCancelRedeemRequest(uint256 requestId, address receiver, address controller)
        external
        returns (uint256);
}

/// @title The Prime's side of a Unit's queues, where ERC-7540 says nothing
/// @notice Everything here brings value back to the proxy. LIMIT_LCTS_EXIT(unit) must exist, else `VenueNotOnboarded`;
///         nothing is taken from it.
/// @dev A Unit is its own share token, and its requests all have the id 0.
contract LctsPrimeFacet is Facet {
    /// @notice `assets` (asset units) came back from the subscribe queue of `unit`.
    event LCTSExit(address indexed unit, uint256 assets);
    /// @notice `shares` came back from the redeem queue of `unit`.
    event LCTSExitRedemption(address indexed unit, uint256 shares);
    /// @notice `shares` and `assets` (asset units) of settled generations were collected from `unit`.
    event LCTSSettleFinalized(address indexed unit, uint256 shares, uint256 assets);

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "LCTS_PRIME_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](4);
        list[0] = Wire(ControllerSurface.lctsPrime_exit.selector, LctsPrimeFacet.exit.selector);
        list[1] =
            Wire(ControllerSurface.lctsPrime_exitRedemption.selector, LctsPrimeFacet.exitRedemption.selector);
        list[2] = Wire(
            ControllerSurface.lctsPrime_settleFinalized.selector, LctsPrimeFacet.settleFinalized.selector
        );
        list[3] = Wire(
            ControllerSurface.lctsPrime_getExitRateLimitKey.selector,
            LctsPrimeFacet.getExitRateLimitKey.selector
        );
    }

    /// @notice Takes what is left of the proxy's deposit request out of an ACTIVE subscribe queue. Shares earned so far
    ///         stay claimable. Allocator only; gives back to LIMIT_7540_DEPOSIT(asset, unit) if that is set. Reverts as
    ///         the queue does when it is locked or holds nothing of the proxy's.
    /// @return assets received by the proxy, asset units
    function exit(address unit) external nonReentrant onlyRole(Roles.ALLOCATOR) returns (uint256 assets) {
        _requireExit(unit);
        address proxy = _shared().proxy;
        address asset = PrimeUnitLike(unit).asset();
        uint256 held = _proxyBalance(asset);
        _doCall(unit, abi.encodeCall(PrimeUnitLike.cancelDepositRequest, (0, proxy)));
        _doCall(unit, abi.encodeCall(PrimeUnitLike.claimCancelDepositRequest, (0, proxy, proxy)));
        assets = _proxyBalance(asset) - held;
        _tryIncrease(RateLimitKeys.erc7540Deposit(asset, unit), assets);
        emit LCTSExit(unit, assets);
    }

    /// @notice Takes what is left of the proxy's redeem request out of an ACTIVE redeem queue. Assets earned so far stay
    ///         claimable. Allocator only; gives the value of the shares now, rounded down, back to
    ///         LIMIT_7540_REDEEM(unit) if that is set. Reverts as the queue does.
    /// @return shares received by the proxy
    function exitRedemption(address unit)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        returns (uint256 shares)
    {
        _requireExit(unit);
        address proxy = _shared().proxy;
        uint256 held = _proxyBalance(unit);
        _doCall(unit, abi.encodeCall(PrimeUnitLike.cancelRedeemRequest, (0, proxy)));
        _doCall(unit, abi.encodeCall(PrimeUnitLike.claimCancelRedeemRequest, (0, proxy, proxy)));
        shares = _proxyBalance(unit) - held;
        _tryIncrease(RateLimitKeys.erc7540Redeem(unit), PrimeUnitLike(unit).convertToAssets(shares));
        emit LCTSExitRedemption(unit, shares);
    }

    /// @notice Collects from both queues whatever settlements have made claimable; while the queues are locked that is
    ///         what finalized generations left. Allocator only. Does nothing when nothing is ready.
    /// @return shares received by the proxy
    /// @return assets received by the proxy, asset units
    function settleFinalized(address unit)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        returns (uint256 shares, uint256 assets)
    {
        _requireExit(unit);
        address proxy = _shared().proxy;
        address asset = PrimeUnitLike(unit).asset();
        uint256 sharesHeld = _proxyBalance(unit);
        uint256 assetsHeld = _proxyBalance(asset);
        uint256 mintable = PrimeUnitLike(unit).maxMint(proxy);
        if (mintable != 0) _doCall(unit, abi.encodeCall(PrimeUnitLike.mint, (mintable, proxy)));
        uint256 withdrawable = PrimeUnitLike(unit).maxWithdraw(proxy);
        if (withdrawable != 0) {
            _doCall(unit, abi.encodeCall(PrimeUnitLike.withdraw, (withdrawable, proxy, proxy)));
        }
        shares = _proxyBalance(unit) - sharesHeld;
        assets = _proxyBalance(asset) - assetsHeld;
        emit LCTSSettleFinalized(unit, shares, assets);
    }

    /// @notice Key whose existence opens this facet for `unit`.
    function getExitRateLimitKey(address unit) external pure returns (bytes32) {
        return RateLimitKeys.lctsExit(unit);
    }

    function _requireExit(address unit) private view {
        if (!_exists(RateLimitKeys.lctsExit(unit))) revert VenueNotOnboarded(unit);
    }
}
