// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";

interface Erc7540Like {
    function asset() external view returns (address);
    function convertToAssets(uint256 shares) external view returns (uint256);
    function convertToShares(uint256 assets) external view returns (uint256);
    function maxMint(address receiver) external view returns (uint256);
    function maxWithdraw(address owner) external view returns (uint256);
    function requestDeposit(uint256 assets, address controller, address owner) external returns (uint256);
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256);
    function mint(uint256 shares, address receiver) external returns (uint256);
    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256);
}

/// @title Requests and claims at ERC-7540 vaults on the list, such as a Halo's Units
/// @notice Requests use a limit; claims bring value home and only need the vault to be on the list in one direction,
///         so that closing a limit never shuts in what was already requested.
contract Erc7540Facet is Facet {
    /// @notice `assets` (asset units) were requested to be deposited into `token`.
    event ERC7540RequestDeposit(address indexed token, uint256 assets);
    /// @notice `shares` of `token` were claimed.
    event ERC7540ClaimDeposit(address indexed token, uint256 shares);
    /// @notice `shares` of `token` were requested to be redeemed.
    event ERC7540RequestRedeem(address indexed token, uint256 shares);
    /// @notice `assets` (asset units) were claimed from `token`.
    event ERC7540ClaimRedeem(address indexed token, uint256 assets);

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "ERC7540_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](6);
        list[0] =
            Wire(ControllerSurface.erc7540_requestDeposit.selector, Erc7540Facet.requestDeposit.selector);
        list[1] = Wire(ControllerSurface.erc7540_claimDeposit.selector, Erc7540Facet.claimDeposit.selector);
        list[2] = Wire(ControllerSurface.erc7540_requestRedeem.selector, Erc7540Facet.requestRedeem.selector);
        list[3] = Wire(ControllerSurface.erc7540_claimRedeem.selector, Erc7540Facet.claimRedeem.selector);
        list[4] = Wire(
            ControllerSurface.erc7540_getRequestDepositRateLimitKey.selector,
            Erc7540Facet.getRequestDepositRateLimitKey.selector
        );
        list[5] = Wire(
            ControllerSurface.erc7540_getRequestRedeemRateLimitKey.selector,
            Erc7540Facet.getRequestRedeemRateLimitKey.selector
        );
    }

    /// @notice Requests to deposit exactly `amount` (asset units). Allocator only; uses
    ///         LIMIT_7540_DEPOSIT(asset, token). Reverts with `BalanceMismatch` unless exactly that much was taken.
    function requestDeposit(address token, uint256 amount)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
    {
        address proxy = _shared().proxy;
        address asset = Erc7540Like(token).asset();
        _decrease(RateLimitKeys.erc7540Deposit(asset, token), amount);
        _payInto(token, asset, amount, abi.encodeCall(Erc7540Like.requestDeposit, (amount, proxy, proxy)));
        emit ERC7540RequestDeposit(token, amount);
    }

    /// @notice Claims all the shares that are ready. Allocator only. Reverts with `VenueNotOnboarded`.
    function claimDeposit(address token) external nonReentrant onlyRole(Roles.ALLOCATOR) {
        _requireOnboarded(token, Erc7540Like(token).asset());
        address proxy = _shared().proxy;
        uint256 shares = Erc7540Like(token).maxMint(proxy);
        _doCall(token, abi.encodeCall(Erc7540Like.mint, (shares, proxy)));
        emit ERC7540ClaimDeposit(token, shares);
    }

    /// @notice Requests to redeem `shares`. Allocator only; uses LIMIT_7540_REDEEM(token) by what the shares are worth
    ///         now in asset units, rounded up.
    function requestRedeem(address token, uint256 shares)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(shares)
    {
        uint256 value = Erc7540Like(token).convertToAssets(shares);
        // The vault rounds down; without this a stream of dust would pass the limit at no cost.
        if (Erc7540Like(token).convertToShares(value) < shares) ++value;
        _decrease(RateLimitKeys.erc7540Redeem(token), value);
        address proxy = _shared().proxy;
        _doCall(token, abi.encodeCall(Erc7540Like.requestRedeem, (shares, proxy, proxy)));
        emit ERC7540RequestRedeem(token, shares);
    }

    /// @notice Claims all the assets that are ready. Allocator only. Reverts with `VenueNotOnboarded`, or with
    ///         `BalanceMismatch` unless the vault paid what it said.
    function claimRedeem(address token) external nonReentrant onlyRole(Roles.ALLOCATOR) {
        address asset = Erc7540Like(token).asset();
        _requireOnboarded(token, asset);
        address proxy = _shared().proxy;
        uint256 assets = Erc7540Like(token).maxWithdraw(proxy);
        uint256 expected = _proxyBalance(asset) + assets;
        _doCall(token, abi.encodeCall(Erc7540Like.withdraw, (assets, proxy, proxy)));
        _requireBalance(asset, expected);
        emit ERC7540ClaimRedeem(token, assets);
    }

    /// @notice Key that `requestDeposit` uses.
    function getRequestDepositRateLimitKey(address token, address asset) external pure returns (bytes32) {
        return RateLimitKeys.erc7540Deposit(asset, token);
    }

    /// @notice Key that `requestRedeem` uses.
    function getRequestRedeemRateLimitKey(address token) external pure returns (bytes32) {
        return RateLimitKeys.erc7540Redeem(token);
    }

    function _requireOnboarded(address token, address asset) private view {
        if (
            !_exists(RateLimitKeys.erc7540Redeem(token))
                && !_exists(RateLimitKeys.erc7540Deposit(asset, token))
        ) {
            revert VenueNotOnboarded(token);
        }
    }
}
