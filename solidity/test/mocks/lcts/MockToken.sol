// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that can misbehave: take a fee, stop, refuse an account, or call back while it moves.
contract MockToken is ERC20 {
    error Stopped();
    error Refused(address account);

    uint8 private immutable _decimals;
    uint256 public feeBps;
    bool public stopped;
    mapping(address => bool) public refused;

    address public hook;
    bytes public hookData;
    /// @dev What the callback's call returned: success and revert data.
    bool public hookOk;
    bytes public hookResult;

    constructor(uint8 decimals_) ERC20("Mock", "MOCK") {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function setStopped(bool stopped_) external {
        stopped = stopped_;
    }

    function setRefused(address account, bool refused_) external {
        refused[account] = refused_;
    }

    function setHook(address target, bytes calldata data) external {
        hook = target;
        hookData = data;
        hookResult = "";
        hookOk = false;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (stopped) revert Stopped();
        if (refused[from]) revert Refused(from);
        if (refused[to]) revert Refused(to);
        uint256 fee = from == address(0) || to == address(0) ? 0 : value * feeBps / 1e4;
        super._update(from, to, value - fee);
        if (fee > 0) super._update(from, address(0), fee);
        if (hook != address(0) && from != address(0)) (hookOk, hookResult) = hook.call(hookData);
    }
}
