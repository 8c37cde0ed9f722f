// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice The part of a Book that takes losses.
contract MockLossBook {
    error LossExceedsNav(uint256 nav);

    uint64 public scale;
    uint256 public nav;
    uint256 public losses;
    bytes32 public evidence;

    constructor(uint64 scale_) {
        scale = scale_;
    }

    function setNav(uint256 nav_) external {
        nav = nav_;
    }

    function applyLoss(uint256 amount, bytes32 evidenceHash) external {
        if (amount > nav) revert LossExceedsNav(nav);
        nav -= amount;
        ++losses;
        evidence = evidenceHash;
    }
}
