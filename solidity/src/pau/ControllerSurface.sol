// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { PsmConfig } from "src/pau/PauTypes.sol";

/// @title What a Controller answers once its facets are wired
/// @notice Each name is the facet's prefix and the facet's own name; units, access and reverts stand at the facet.
interface ControllerSurface {
    // USDS_FACET
    function usds_setVault(address vault) external;
    function usds_mint(uint256 usdsAmount) external;
    function usds_burn(uint256 usdsAmount) external;
    function usds_vault() external view returns (address);
    function usds_usds() external view returns (address);
    function usds_mintRateLimitKey() external pure returns (bytes32);

    // PSM_FACET
    function psm_setConfig(PsmConfig calldata config) external;
    function psm_setHalted(bool halted) external;
    function psm_swapUSDSToUSDC(uint256 usdcAmount) external;
    function psm_swapUSDCToUSDS(uint256 usdcAmount) external;
    function psm_config() external view returns (PsmConfig memory);
    function psm_halted() external view returns (bool);
    function psm_usds() external view returns (address);
    function psm_usdc() external view returns (address);
    function psm_dai() external view returns (address);
    function psm_usdsToUSDCSwapRateLimitKey() external pure returns (bytes32);

    // TRANSFER_ASSET_FACET
    function transferAsset_transfer(address asset, address destination, uint256 amount) external;
    function transferAsset_getTransferRateLimitKey(address asset, address destination)
        external
        pure
        returns (bytes32);

    // ERC4626_FACET
    function erc4626_setMaxExchangeRate(address token, uint256 shares, uint256 maxExpectedAssets) external;
    function erc4626_deposit(address token, uint256 amount, uint256 minSharesOut)
        external
        returns (uint256 shares);
    function erc4626_withdraw(address token, uint256 amount, uint256 maxSharesIn)
        external
        returns (uint256 shares);
    function erc4626_redeem(address token, uint256 shares, uint256 minAssetsOut)
        external
        returns (uint256 assets);
    function erc4626_getMaxExchangeRate(address token) external view returns (uint256);
    function erc4626_getDepositRateLimitKey(address token, address asset) external pure returns (bytes32);
    function erc4626_getWithdrawRateLimitKey(address token) external pure returns (bytes32);

    // ERC7540_FACET
    function erc7540_requestDeposit(address token, uint256 amount) external;
    function erc7540_claimDeposit(address token) external;
    function erc7540_requestRedeem(address token, uint256 shares) external;
    function erc7540_claimRedeem(address token) external;
    function erc7540_getRequestDepositRateLimitKey(address token, address asset)
        external
        pure
        returns (bytes32);
    function erc7540_getRequestRedeemRateLimitKey(address token) external pure returns (bytes32);

    // LCTS_PRIME_FACET
    function lctsPrime_exit(address unit) external returns (uint256 assets, uint256 shares);
    function lctsPrime_exitRedemption(address unit) external returns (uint256 shares, uint256 assets);
    function lctsPrime_settleFinalized(address unit) external returns (uint256 shares, uint256 assets);
    function lctsPrime_getExitRateLimitKey(address unit) external pure returns (bytes32);

    // LCTS_HALO_FACET
    function lctsHalo_fundRedemption(address unit, uint256 amount) external;
    function lctsHalo_defundRedemption(address unit, uint256 amount) external;
    function lctsHalo_getFundRedemptionRateLimitKey(address unit, address asset)
        external
        pure
        returns (bytes32);

    // OFFRAMP_FACET
    function offramp_setLedger(address ledger) external;
    function offramp_send(address target, address asset, uint256 amount, bytes32 ref) external;
    function offramp_claim(address target, address asset) external;
    function offramp_sync(address target) external;
    function offramp_ledger() external view returns (address);
    function offramp_sendRateLimitKey(address asset, address target) external pure returns (bytes32);
    function offramp_returnRateLimitKey(address asset, address target) external pure returns (bytes32);
}
