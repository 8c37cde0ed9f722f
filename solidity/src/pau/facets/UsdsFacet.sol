// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";

interface AllocatorVaultLike {
    function buffer() external view returns (address);
    function usds() external view returns (address);
    function draw(uint256 wad) external;
    function wipe(uint256 wad) external;
}

/// @title Draws and repays USDS at the PAU's allocator vault
/// @dev The vault rounds debt up on draw and down on wipe and charges a stability fee, so drawing and repaying the same
///      amount leaves a little debt; nothing here counts on it returning to where it was.
contract UsdsFacet is Facet {
    error VaultNotSet();

    /// @notice The PAU's allocator vault is `vault`.
    event USDSVaultSet(address indexed vault);
    /// @notice `usdsAmount` (18 decimals) was drawn to the proxy.
    event USDSMint(uint256 usdsAmount);
    /// @notice `usdsAmount` (18 decimals) was repaid from the proxy.
    event USDSBurn(uint256 usdsAmount);

    /// @custom:storage-location erc7201:sky.pau.storage.USDSFacet.v1
    struct UsdsStorage {
        address vault;
        address usds; // as the vault named it when it was set
        address buffer; // likewise
    }

    // erc7201("sky.pau.storage.USDSFacet.v1")
    bytes32 private constant SLOT = 0xeb14dfb2e71bee4012142363a6b9a4ac529734e72a5b7fc8a9e74774349daf00;

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "USDS_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](6);
        list[0] = Wire(ControllerSurface.usds_setVault.selector, UsdsFacet.setVault.selector);
        list[1] = Wire(ControllerSurface.usds_mint.selector, UsdsFacet.mint.selector);
        list[2] = Wire(ControllerSurface.usds_burn.selector, UsdsFacet.burn.selector);
        list[3] = Wire(ControllerSurface.usds_vault.selector, UsdsFacet.vault.selector);
        list[4] = Wire(ControllerSurface.usds_usds.selector, UsdsFacet.usds.selector);
        list[5] = Wire(ControllerSurface.usds_mintRateLimitKey.selector, UsdsFacet.mintRateLimitKey.selector);
    }

    /// @notice Sets the allocator vault and takes USDS and the buffer from it. Parameter admin only. Zero switches the facet off.
    function setVault(address vault_) external nonReentrant onlyParamAdmin {
        UsdsStorage storage $ = _usdsStorage();
        $.vault = vault_;
        $.usds = vault_ == address(0) ? address(0) : AllocatorVaultLike(vault_).usds();
        $.buffer = vault_ == address(0) ? address(0) : AllocatorVaultLike(vault_).buffer();
        emit USDSVaultSet(vault_);
    }

    /// @notice Draws `usdsAmount` (18 decimals) from the vault to the proxy. Allocator only; uses LIMIT_USDS_MINT.
    ///         Reverts with `VaultNotSet`, or `BalanceMismatch` unless exactly that much arrived.
    function mint(uint256 usdsAmount) external nonReentrant onlyRole(Roles.ALLOCATOR) notMax(usdsAmount) {
        UsdsStorage storage $ = _set();
        _decrease(RateLimitKeys.usdsMint(), usdsAmount);
        uint256 expected = _proxyBalance($.usds) + usdsAmount;
        _doCall($.vault, abi.encodeCall(AllocatorVaultLike.draw, (usdsAmount)));
        ProxyTokens.transferFrom(_shared().proxy, $.usds, $.buffer, usdsAmount);
        _requireBalance($.usds, expected);
        emit USDSMint(usdsAmount);
    }

    /// @notice Repays `usdsAmount` (18 decimals) from the proxy. Allocator only; gives back to LIMIT_USDS_MINT if that
    ///         is set. Reverts with `VaultNotSet`, or `BalanceMismatch` unless exactly that much left.
    function burn(uint256 usdsAmount) external nonReentrant onlyRole(Roles.ALLOCATOR) notMax(usdsAmount) {
        UsdsStorage storage $ = _set();
        uint256 held = _proxyBalance($.usds);
        ProxyTokens.transfer(_shared().proxy, $.usds, $.buffer, usdsAmount);
        _doCall($.vault, abi.encodeCall(AllocatorVaultLike.wipe, (usdsAmount)));
        _requireBalance($.usds, held - usdsAmount);
        _tryIncrease(RateLimitKeys.usdsMint(), usdsAmount);
        emit USDSBurn(usdsAmount);
    }

    /// @notice The allocator vault; zero if not set.
    function vault() external view returns (address) {
        return _usdsStorage().vault;
    }

    /// @notice The USDS token; zero if no vault is set.
    function usds() external view returns (address) {
        return _usdsStorage().usds;
    }

    /// @notice Key that `mint` uses and `burn` gives back to.
    function mintRateLimitKey() external pure returns (bytes32) {
        return RateLimitKeys.usdsMint();
    }

    function _set() private view returns (UsdsStorage storage $) {
        $ = _usdsStorage();
        if ($.vault == address(0)) revert VaultNotSet();
    }

    function _usdsStorage() private pure returns (UsdsStorage storage $) {
        assembly ("memory-safe") {
            $.slot := SLOT
        }
    }
}
