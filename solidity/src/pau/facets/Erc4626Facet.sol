// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";

interface Erc4626Like {
    function asset() external view returns (address);
    function deposit(uint256 assets, address receiver) external returns (uint256 shares);
    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares);
    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets);
}

/// @title Deposits into and withdraws from ERC-4626 vaults on the list
/// @notice A vault needs both a rate limit and a maximum exchange rate; a rate of zero means "not onboarded".
contract Erc4626Facet is Facet {
    error ZeroToken();
    error ZeroShares();
    error MaxExchangeRateNotSet(address token);
    error ExchangeRateTooHigh(uint256 rate, uint256 maxRate);
    error TooFewShares(uint256 shares, uint256 minShares);
    error TooManyShares(uint256 shares, uint256 maxShares);
    error TooFewAssets(uint256 assets, uint256 minAssets);

    /// @notice `assets` (asset units) went into `token` for `shares`.
    event ERC4626Deposit(address indexed token, uint256 assets, uint256 shares);
    /// @notice `assets` (asset units) came out of `token` for `shares`, by assets.
    event ERC4626Withdraw(address indexed token, uint256 assets, uint256 shares);
    /// @notice `assets` (asset units) came out of `token` for `shares`, by shares.
    event ERC4626Redeem(address indexed token, uint256 shares, uint256 assets);
    /// @notice Deposits into `token` may cost at most `maxExchangeRate` (1e36 * assets / shares).
    event ERC4626MaxExchangeRateSet(address indexed token, uint256 maxExchangeRate);

    /// @custom:storage-location erc7201:sky.pau.storage.ERC4626Facet.v1
    struct Erc4626Storage {
        mapping(address token => uint256) maxExchangeRates;
    }

    uint256 private constant PRECISION = 1e36;
    // erc7201("sky.pau.storage.ERC4626Facet.v1")
    bytes32 private constant SLOT = 0xff00b7bf03054889656e52db9e9ee5ee36d0a6360e21036fb566f0cbe8c36900;

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "ERC4626_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](7);
        list[0] = Wire(
            ControllerSurface.erc4626_setMaxExchangeRate.selector, Erc4626Facet.setMaxExchangeRate.selector
        );
        list[1] = Wire(ControllerSurface.erc4626_deposit.selector, Erc4626Facet.deposit.selector);
        list[2] = Wire(ControllerSurface.erc4626_withdraw.selector, Erc4626Facet.withdraw.selector);
        list[3] = Wire(ControllerSurface.erc4626_redeem.selector, Erc4626Facet.redeem.selector);
        list[4] = Wire(
            ControllerSurface.erc4626_getMaxExchangeRate.selector, Erc4626Facet.getMaxExchangeRate.selector
        );
        list[5] = Wire(
            ControllerSurface.erc4626_getDepositRateLimitKey.selector,
            Erc4626Facet.getDepositRateLimitKey.selector
        );
        list[6] = Wire(
            ControllerSurface.erc4626_getWithdrawRateLimitKey.selector,
            Erc4626Facet.getWithdrawRateLimitKey.selector
        );
    }

    /// @notice Sets the most that a deposit may pay: `maxExpectedAssets` (asset units) for `shares`, kept as
    ///         1e36 * assets / shares rounded down. Zero assets take the vault off. Parameter admin only. Reverts with
    ///         `ZeroToken`, or `ZeroShares` for assets without shares.
    function setMaxExchangeRate(address token, uint256 shares, uint256 maxExpectedAssets)
        external
        nonReentrant
        onlyParamAdmin
    {
        if (token == address(0)) revert ZeroToken();
        uint256 rate = _exchangeRate(shares, maxExpectedAssets);
        _erc4626Storage().maxExchangeRates[token] = rate;
        emit ERC4626MaxExchangeRateSet(token, rate);
    }

    /// @notice Deposits exactly `amount` (asset units). Allocator only; uses LIMIT_4626_DEPOSIT(asset, token).
    ///         Reverts with `MaxExchangeRateNotSet`, `ExchangeRateTooHigh`, `TooFewShares` or `BalanceMismatch`.
    /// @return shares received by the proxy
    function deposit(address token, uint256 amount, uint256 minSharesOut)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
        returns (uint256 shares)
    {
        uint256 maxRate = _erc4626Storage().maxExchangeRates[token];
        if (maxRate == 0) revert MaxExchangeRateNotSet(token);
        address asset = Erc4626Like(token).asset();
        _decrease(RateLimitKeys.erc4626Deposit(asset, token), amount);

        uint256 held = _proxyBalance(token);
        _payInto(token, asset, amount, abi.encodeCall(Erc4626Like.deposit, (amount, _shared().proxy)));
        shares = _proxyBalance(token) - held;
        if (shares < minSharesOut) revert TooFewShares(shares, minSharesOut);
        uint256 rate = _exchangeRate(shares, amount);
        if (rate > maxRate) revert ExchangeRateTooHigh(rate, maxRate);
        emit ERC4626Deposit(token, amount, shares);
    }

    /// @notice Withdraws exactly `amount` (asset units). Allocator only; uses LIMIT_4626_WITHDRAW(token) and gives back
    ///         to LIMIT_4626_DEPOSIT(asset, token) if that is set. Reverts with `TooManyShares` or `BalanceMismatch`.
    /// @return shares taken from the proxy
    function withdraw(address token, uint256 amount, uint256 maxSharesIn)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
        returns (uint256 shares)
    {
        _decrease(RateLimitKeys.erc4626Withdraw(token), amount);
        address proxy = _shared().proxy;
        address asset = Erc4626Like(token).asset();
        uint256 assetsExpected = _proxyBalance(asset) + amount;
        uint256 sharesHeld = _proxyBalance(token);
        _doCall(token, abi.encodeCall(Erc4626Like.withdraw, (amount, proxy, proxy)));
        _requireBalance(asset, assetsExpected);
        shares = sharesHeld - _proxyBalance(token);
        if (shares > maxSharesIn) revert TooManyShares(shares, maxSharesIn);
        _tryIncrease(RateLimitKeys.erc4626Deposit(asset, token), amount);
        emit ERC4626Withdraw(token, amount, shares);
    }

    /// @notice Redeems exactly `shares`. Allocator only; limits as for `withdraw`, by what was received.
    ///         Reverts with `TooFewAssets` or `BalanceMismatch`.
    /// @return assets received by the proxy, asset units
    function redeem(address token, uint256 shares, uint256 minAssetsOut)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(shares)
        returns (uint256 assets)
    {
        address proxy = _shared().proxy;
        address asset = Erc4626Like(token).asset();
        uint256 assetsHeld = _proxyBalance(asset);
        uint256 sharesExpected = _proxyBalance(token) - shares;
        _doCall(token, abi.encodeCall(Erc4626Like.redeem, (shares, proxy, proxy)));
        _requireBalance(token, sharesExpected);
        assets = _proxyBalance(asset) - assetsHeld;
        if (assets < minAssetsOut) revert TooFewAssets(assets, minAssetsOut);
        _decrease(RateLimitKeys.erc4626Withdraw(token), assets);
        _tryIncrease(RateLimitKeys.erc4626Deposit(asset, token), assets);
        emit ERC4626Redeem(token, shares, assets);
    }

    /// @notice Most that a deposit into `token` may pay, 1e36 * assets / shares; zero if not onboarded.
    function getMaxExchangeRate(address token) external view returns (uint256) {
        return _erc4626Storage().maxExchangeRates[token];
    }

    /// @notice Key that `deposit` uses.
    function getDepositRateLimitKey(address token, address asset) external pure returns (bytes32) {
        return RateLimitKeys.erc4626Deposit(asset, token);
    }

    /// @notice Key that `withdraw` and `redeem` use.
    function getWithdrawRateLimitKey(address token) external pure returns (bytes32) {
        return RateLimitKeys.erc4626Withdraw(token);
    }

    function _exchangeRate(uint256 shares, uint256 assets) private pure returns (uint256) {
        if (assets == 0) return 0;
        if (shares == 0) revert ZeroShares();
        return Math.mulDiv(PRECISION, assets, shares);
    }

    function _erc4626Storage() private pure returns (Erc4626Storage storage $) {
        assembly ("memory-safe") {
            $.slot := SLOT
        }
    }
}
