// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title Keys of the rate limits
/// @notice Names as in production; tuples are asset first, then venue, hashed with abi.encode and never packed.
/// @dev A key that is not set reverts on use, so the set of keys is also the list of venues allowed.
library RateLimitKeys {
    bytes32 internal constant LIMIT_USDS_MINT = keccak256("LIMIT_USDS_MINT");
    bytes32 internal constant LIMIT_USDS_TO_USDC = keccak256("LIMIT_USDS_TO_USDC");
    bytes32 internal constant LIMIT_ASSET_TRANSFER = keccak256("LIMIT_ASSET_TRANSFER");
    bytes32 internal constant LIMIT_4626_DEPOSIT = keccak256("LIMIT_4626_DEPOSIT");
    bytes32 internal constant LIMIT_4626_WITHDRAW = keccak256("LIMIT_4626_WITHDRAW");
    bytes32 internal constant LIMIT_7540_DEPOSIT = keccak256("LIMIT_7540_DEPOSIT");
    bytes32 internal constant LIMIT_7540_REDEEM = keccak256("LIMIT_7540_REDEEM");
    bytes32 internal constant LIMIT_LCTS_EXIT = keccak256("LIMIT_LCTS_EXIT");
    bytes32 internal constant LIMIT_LCTS_FUND_REDEEM = keccak256("LIMIT_LCTS_FUND_REDEEM");
    bytes32 internal constant LIMIT_OFFRAMP_SEND = keccak256("LIMIT_OFFRAMP_SEND");
    bytes32 internal constant LIMIT_OFFRAMP_RETURN = keccak256("LIMIT_OFFRAMP_RETURN");

    /// @notice `base` over one address.
    function make(bytes32 base, address a) internal pure returns (bytes32) {
        return keccak256(abi.encode(base, a));
    }

    /// @notice `base` over two addresses, order kept.
    function make(bytes32 base, address a, address b) internal pure returns (bytes32) {
        return keccak256(abi.encode(base, a, b));
    }

    /// @notice USDS drawn from the allocator vault; 18 decimals.
    function usdsMint() internal pure returns (bytes32) {
        return LIMIT_USDS_MINT;
    }

    /// @notice USDS converted to USDC, counted in USDC; 6 decimals.
    function usdsToUsdc() internal pure returns (bytes32) {
        return LIMIT_USDS_TO_USDC;
    }

    /// @notice Plain transfers of `asset` to `destination`; asset units.
    function assetTransfer(address asset, address destination) internal pure returns (bytes32) {
        return make(LIMIT_ASSET_TRANSFER, asset, destination);
    }

    /// @notice Deposits of `asset` into the ERC-4626 `vault`; asset units.
    function erc4626Deposit(address asset, address vault) internal pure returns (bytes32) {
        return make(LIMIT_4626_DEPOSIT, asset, vault);
    }

    /// @notice Withdrawals and redemptions from the ERC-4626 `vault`; asset units.
    function erc4626Withdraw(address vault) internal pure returns (bytes32) {
        return make(LIMIT_4626_WITHDRAW, vault);
    }

    /// @notice Deposit requests of `asset` to the ERC-7540 `vault`; asset units.
    function erc7540Deposit(address asset, address vault) internal pure returns (bytes32) {
        return make(LIMIT_7540_DEPOSIT, asset, vault);
    }

    /// @notice Redeem requests to the ERC-7540 `vault`, by value; asset units.
    function erc7540Redeem(address vault) internal pure returns (bytes32) {
        return make(LIMIT_7540_REDEEM, vault);
    }

    /// @notice Gate for taking anything back from `unit`; only its existence counts.
    function lctsExit(address unit) internal pure returns (bytes32) {
        return make(LIMIT_LCTS_EXIT, unit);
    }

    /// @notice Redemption liquidity of `asset` given to `unit` by its Class; asset units.
    function lctsFundRedeem(address asset, address unit) internal pure returns (bytes32) {
        return make(LIMIT_LCTS_FUND_REDEEM, asset, unit);
    }

    /// @notice Payments of `asset` to the off-ramp endpoint `target`; 18 decimals, whatever the asset has.
    function offrampSend(address asset, address target) internal pure returns (bytes32) {
        return make(LIMIT_OFFRAMP_SEND, asset, target);
    }

    /// @notice Gate for taking `asset` back from the off-ramp endpoint `target`; only its existence counts.
    function offrampReturn(address asset, address target) internal pure returns (bytes32) {
        return make(LIMIT_OFFRAMP_RETURN, asset, target);
    }
}
