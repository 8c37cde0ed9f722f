// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";

/// @title Sends assets to destinations on the list
contract TransferAssetFacet is Facet {
    /// @notice `amount` (asset units) of `asset` went to `destination`.
    event TransferAssetTransfer(address indexed asset, address indexed destination, uint256 amount);

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "TRANSFER_ASSET_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](2);
        list[0] =
            Wire(ControllerSurface.transferAsset_transfer.selector, TransferAssetFacet.transfer.selector);
        list[1] = Wire(
            ControllerSurface.transferAsset_getTransferRateLimitKey.selector,
            TransferAssetFacet.getTransferRateLimitKey.selector
        );
    }

    /// @notice Sends `amount` (asset units) of `asset` from the proxy. Allocator only; uses
    ///         LIMIT_ASSET_TRANSFER(asset, destination). Reverts with `TransferFailed` when the token says no, with
    ///         `BalanceMismatch` unless exactly `amount` left the proxy.
    function transfer(address asset, address destination, uint256 amount)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
    {
        _decrease(RateLimitKeys.assetTransfer(asset, destination), amount);
        uint256 expected = _proxyBalance(asset) - amount;
        ProxyTokens.transfer(_shared().proxy, asset, destination, amount);
        _requireBalance(asset, expected);
        emit TransferAssetTransfer(asset, destination, amount);
    }

    /// @notice Key that `transfer` uses.
    function getTransferRateLimitKey(address asset, address destination) external pure returns (bytes32) {
        return RateLimitKeys.assetTransfer(asset, destination);
    }
}
