// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice The queue as the public text has it: an entry buys shares of what still waits, rewards accumulate per share.
/// A mutant for the tests: each settlement that leaves little waiting multiplies the shares, until rewards round to
/// nothing and entries overflow. It has the widest accumulator and 512-bit products, so that only the formula is tried.
contract NaiveLctsQueue {
    struct Position {
        uint256 shares;
        uint256 debt;
        uint256 earned;
    }

    uint256 private constant ACC = 1e36;

    uint256 public totalUnderlying;
    uint256 public totalShares;
    uint256 public rewardPerShare;
    mapping(address => Position) public positionOf;

    function enter(address user, uint256 amount) external {
        Position storage p = positionOf[user];
        p.earned = earnedOf(user);
        p.debt = rewardPerShare;
        uint256 shares = totalShares == 0 ? amount : Math.mulDiv(amount, totalShares, totalUnderlying);
        p.shares += shares;
        totalShares += shares;
        totalUnderlying += amount;
    }

    function lock() external view returns (uint256) {
        return totalUnderlying;
    }

    function settle(uint256 converted, uint256 reward) external {
        rewardPerShare += Math.mulDiv(reward, ACC, totalShares);
        totalUnderlying -= converted;
    }

    function earnedOf(address user) public view returns (uint256) {
        Position storage p = positionOf[user];
        return p.earned + Math.mulDiv(p.shares, rewardPerShare - p.debt, ACC);
    }
}
