// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { BalanceLike, Facet } from "src/pau/facets/Facet.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";

interface OfframpLedgerLike {
    function almProxy() external view returns (address);
    function controller() external view returns (address);
    function bufferOf(address target) external view returns (address);
    function assetsOf(address target) external view returns (address[] memory);
    function onSend(address target, address asset, uint256 amount)
        external
        returns (uint256 normalized, uint64 payment);
    function onClaim(address target, address asset, uint256 amount) external returns (uint256 normalized);
    function takeCredit(address target, address asset) external returns (uint256 credit);
}

/// @title Pays to endpoints outside the chain, and takes home what they return
/// @notice An endpoint must stand in the Class's OfframpLedger and have a rate limit for the asset; the ledger also holds
///         the cap on what may be out at once. The limits count 18 decimals, whatever the asset has.
contract OfframpFacet is Facet {
    error LedgerNotSet();
    error ForeignLedger(address ledger);
    error NothingToClaim(address target, address asset);

    /// @notice The PAU books its payments in `ledger`.
    event OfframpLedgerSet(address indexed ledger);
    /// @notice `amount` (asset units; `normalized` with 18 decimals) of `asset` went to `target` as its payment number
    ///         `payment`; `ref` is the hash of the payment instruction.
    event OfframpSent(
        address indexed target,
        address indexed asset,
        uint256 amount,
        uint256 normalized,
        bytes32 indexed ref,
        uint64 payment
    );
    /// @notice `amount` (asset units; `normalized` with 18 decimals) of `asset` came back from `target`.
    event OfframpReturned(address indexed target, address indexed asset, uint256 amount, uint256 normalized);

    /// @custom:storage-location erc7201:sky.pau.storage.OfframpFacet.v1
    struct OfframpStorage {
        address ledger;
    }

    // erc7201("sky.pau.storage.OfframpFacet.v1")
    bytes32 private constant SLOT = 0xb7c56fcf142a3018afcaa7378255b3b3993e5047dd17ed2587d0ecc5d29c9700;

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "OFFRAMP_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](7);
        list[0] = Wire(ControllerSurface.offramp_setLedger.selector, OfframpFacet.setLedger.selector);
        list[1] = Wire(ControllerSurface.offramp_send.selector, OfframpFacet.send.selector);
        list[2] = Wire(ControllerSurface.offramp_claim.selector, OfframpFacet.claim.selector);
        list[3] = Wire(ControllerSurface.offramp_sync.selector, OfframpFacet.sync.selector);
        list[4] = Wire(ControllerSurface.offramp_ledger.selector, OfframpFacet.ledger.selector);
        list[5] =
            Wire(ControllerSurface.offramp_sendRateLimitKey.selector, OfframpFacet.sendRateLimitKey.selector);
        list[6] = Wire(
            ControllerSurface.offramp_returnRateLimitKey.selector, OfframpFacet.returnRateLimitKey.selector
        );
    }

    /// @notice Sets the ledger, which must be bound to this Controller and its proxy, else `ForeignLedger`. Parameter
    ///         admin only. Zero switches the facet off.
    function setLedger(address ledger_) external nonReentrant onlyParamAdmin {
        if (
            ledger_ != address(0)
                && (OfframpLedgerLike(ledger_).almProxy() != _shared().proxy
                    || OfframpLedgerLike(ledger_).controller() != address(this))
        ) revert ForeignLedger(ledger_);
        _offrampStorage().ledger = ledger_;
        emit OfframpLedgerSet(ledger_);
    }

    /// @notice Pays `amount` (asset units) of `asset` to `target`; `ref` is the hash of the payment instruction. Allocator
    ///         only; uses LIMIT_OFFRAMP_SEND(asset, target), 18 decimals. Reverts with `LedgerNotSet`, as the ledger does
    ///         (halted, inactive, not listed, zero, beyond the cap, desk not ready), with `TransferFailed`, or
    ///         `BalanceMismatch` unless exactly that much left the proxy.
    function send(address target, address asset, uint256 amount, bytes32 ref)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        notMax(amount)
    {
        (uint256 normalized, uint64 payment) = _ledger().onSend(target, asset, amount);
        _decrease(RateLimitKeys.offrampSend(asset, target), normalized);
        uint256 expected = _proxyBalance(asset) - amount;
        ProxyTokens.transfer(_shared().proxy, asset, target, amount);
        _requireBalance(asset, expected);
        emit OfframpSent(target, asset, amount, normalized, ref, payment);
    }

    /// @notice Takes all of `asset` that `target` has paid back, and gives LIMIT_OFFRAMP_SEND(asset, target) the room of
    ///         payments found to have come back, if that key is set. Allocator only. One of the two keys over
    ///         (asset, target) must exist, else `VenueNotOnboarded`. Works for endpoints switched off. Reverts with
    ///         `LedgerNotSet`, `NothingToClaim`, `TransferFailed`, `BalanceMismatch`, or as the ledger does.
    function claim(address target, address asset) external nonReentrant onlyRole(Roles.ALLOCATOR) {
        OfframpLedgerLike ledger_ = _ledger();
        bytes32 sendKey = RateLimitKeys.offrampSend(asset, target);
        if (!_exists(sendKey) && !_exists(RateLimitKeys.offrampReturn(asset, target))) {
            revert VenueNotOnboarded(target);
        }
        address buffer = ledger_.bufferOf(target);
        uint256 amount = BalanceLike(asset).balanceOf(buffer);
        if (amount == 0) revert NothingToClaim(target, asset);
        uint256 normalized = ledger_.onClaim(target, asset, amount);
        uint256 expected = _proxyBalance(asset) + amount;
        ProxyTokens.transferFrom(_shared().proxy, asset, buffer, amount);
        _requireBalance(asset, expected);
        _giveBack(ledger_, target, asset);
        emit OfframpReturned(target, asset, amount, normalized);
    }

    /// @notice Gives the limits of all assets of `target` the room of payments found to have come back, as `claim` does for
    ///         one. Allocator only. Reverts with `LedgerNotSet`.
    function sync(address target) external nonReentrant onlyRole(Roles.ALLOCATOR) {
        OfframpLedgerLike ledger_ = _ledger();
        address[] memory assets = ledger_.assetsOf(target);
        for (uint256 i; i < assets.length; ++i) {
            _giveBack(ledger_, target, assets[i]);
        }
    }

    /// @notice The ledger; zero if not set.
    function ledger() external view returns (address) {
        return _offrampStorage().ledger;
    }

    /// @notice Key that `send` uses; 18 decimals.
    function sendRateLimitKey(address asset, address target) external pure returns (bytes32) {
        return RateLimitKeys.offrampSend(asset, target);
    }

    /// @notice Key whose existence lets `claim` through when the other is closed.
    function returnRateLimitKey(address asset, address target) external pure returns (bytes32) {
        return RateLimitKeys.offrampReturn(asset, target);
    }

    function _giveBack(OfframpLedgerLike ledger_, address target, address asset) private {
        uint256 credit = ledger_.takeCredit(target, asset);
        if (credit != 0) _tryIncrease(RateLimitKeys.offrampSend(asset, target), credit);
    }

    function _ledger() private view returns (OfframpLedgerLike ledger_) {
        ledger_ = OfframpLedgerLike(_offrampStorage().ledger);
        if (address(ledger_) == address(0)) revert LedgerNotSet();
    }

    function _offrampStorage() private pure returns (OfframpStorage storage $) {
        assembly ("memory-safe") {
            $.slot := SLOT
        }
    }
}
