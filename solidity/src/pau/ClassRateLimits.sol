// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { RateLimits } from "src/pau/RateLimits.sol";

/// @title The limits of a Class
/// @notice RateLimits that are cloned instead of constructed, because code is most of what a Class costs.
contract ClassRateLimits is RateLimits, Initializable {
    // The implementation has an admin that nobody is, so nothing can be done with it.
    address private constant NOBODY = address(1);

    constructor() RateLimits(NOBODY) {
        _disableInitializers();
    }

    /// @notice Gives a fresh clone its first admin, once. Whoever clones it must do so in the same transaction. Reverts
    ///         with `ZeroAdmin` if zero.
    function initialize(address admin) external initializer {
        _setFirstAdmin(admin);
    }
}
