// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title EndpointBuffer: where one endpoint pays back
/// @notice Holds what an endpoint returns until the Class claims it. Everything in it has one way out, the ALMProxy it is
///         bound to; nobody has a power over it and nothing about it can be changed.
/// @dev Returned assets leave by the proxy's allowance, so that the OfframpLedger counts them. The allowance has no end: a
///      claim takes the whole balance, and a finite one could be outgrown by a gift of one wei.
contract EndpointBuffer is Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The proxy is missing.
    error ZeroProxy();
    /// @notice The token is approved to the proxy and comes home by a claim.
    error IsReturnAsset(address token);

    /// @notice The proxy may take all of `token`.
    event AssetApproved(address indexed token);
    /// @notice `amount` of `token` went to the proxy uncounted; token zero is ETH in wei.
    event Rescued(address indexed token, uint256 amount);

    /// @notice The only destination.
    address public almProxy;

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone to `almProxy_`. Once only. Reverts with `ZeroProxy`.
    function initialize(address almProxy_) external initializer {
        if (almProxy_ == address(0)) revert ZeroProxy();
        almProxy = almProxy_;
    }

    /// @notice Takes ETH from anyone, for `rescueEth`.
    receive() external payable { }

    /// @notice Lets the proxy take all of `token`, now and later. Anyone may ask for it; the OfframpLedger does so for
    ///         every asset that it lists. Reverts as the token does.
    function approveAsset(address token) external nonReentrant {
        IERC20(token).forceApprove(almProxy, type(uint256).max);
        emit AssetApproved(token);
    }

    /// @notice Sends all ETH to the proxy. Anyone. Reverts with `FailedCall` if the proxy takes none.
    function rescueEth() external nonReentrant {
        uint256 amount = address(this).balance;
        emit Rescued(address(0), amount);
        Address.sendValue(payable(almProxy), amount);
    }

    /// @notice Sends all of a token that strayed here to the proxy. Anyone. Reverts with `IsReturnAsset` for a token that
    ///         the proxy may take: it comes home by a claim, or else by governance through the proxy.
    function rescue(address token) external nonReentrant {
        if (IERC20(token).allowance(address(this), almProxy) != 0) revert IsReturnAsset(token);
        uint256 amount = IERC20(token).balanceOf(address(this));
        emit Rescued(token, amount);
        IERC20(token).safeTransfer(almProxy, amount);
    }
}
