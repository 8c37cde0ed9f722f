// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { SystemChecks } from "test/system/SystemInvariants.t.sol";

/// @notice All at once, for `cargo xtask soak`, which gives it the time.
/// forge-config: default.invariant.runs = 1
/// forge-config: default.invariant.depth = 20
/// forge-config: soak.invariant.runs = 4294967295
/// forge-config: soak.invariant.depth = 500
contract SoakTest is SystemChecks {
    function invariant_system() public view {
        _inEveryAction();
        _queues();
        _shares();
        _tranches();
        _custody();
    }
}
