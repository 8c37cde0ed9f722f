// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { ALMProxy } from "src/pau/ALMProxy.sol";

/// @title The custody of a Class
/// @notice An ALMProxy that is cloned instead of constructed, because code is most of what a Class costs.
contract ClassALMProxy is ALMProxy, Initializable {
    // The implementation has an admin that nobody is, so nothing can be done with it.
    address private constant NOBODY = address(1);

    constructor() ALMProxy(NOBODY) {
        _disableInitializers();
    }

    /// @notice Gives a fresh clone its first admin, once. Whoever clones it must do so in the same transaction. Reverts
    ///         with `ZeroAdmin` if zero.
    function initialize(address admin) external initializer {
        _setFirstAdmin(admin);
    }
}
