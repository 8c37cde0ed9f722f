// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";

/// @notice Ceilings of gas, counted as in `test/pau/Gas.t.sol`: cold slots, no intrinsic cost. What comes before a measured
///         call is done in `setUp`, which leaves nothing warm.
abstract contract OfframpGas is OfframpBase {
    uint256 internal constant SEND = 150_000;
    uint256 internal constant CLAIM = 160_000;
    uint256 internal constant SYNC = 90_000;

    function setUp() public virtual override {
        super.setUp();
        setLimit(RateLimitKeys.offrampSend(address(usdc), custody), CAP);
        setLimit(RateLimitKeys.offrampSend(address(usdc), desk), CAP);
        usdc.mint(custody, 1); // an institution's account is in use
        usdc.mint(desk, 1);
        vm.warp(START + 1 days);
    }

    function _send(address target, string memory name) internal {
        vm.prank(relayer);
        pau.offramp_send(target, address(usdc), 1_000e6, "ref");
        vm.assertLe(vm.snapshotGasLastCall("offramp", name), SEND, name);
    }
}

/// @notice The dearest: the Class's first payment ever, so that every slot is new.
contract FirstOfframpGasTest is OfframpGas {
    function test_first_send() public {
        _send(custody, "offramp_send, first of the Class");
    }

    function test_first_send_to_a_desk() public {
        _send(desk, "offramp_send to a desk, first of the Class");
    }
}

contract OfframpGasTest is OfframpGas {
    function setUp() public override {
        super.setUp();
        send(custody, 2_000e6);
        send(desk, 1e6);
        giveBack(custodyBuffer, custody, 500e6);
        giveBack(deskBuffer, desk, 1e6);
        matchReturn(custody, 400e18, 0);
        usdc.mint(address(custodyBuffer), 500e6);
        skip(1 days);
    }

    function test_send() public {
        _send(custody, "offramp_send");
    }

    function test_send_to_a_desk() public {
        _send(desk, "offramp_send to a desk");
    }

    function test_claim() public {
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        vm.assertLe(vm.snapshotGasLastCall("offramp", "offramp_claim with a credit"), CLAIM, "claim");
    }

    function test_sync() public {
        vm.prank(relayer);
        pau.offramp_sync(custody);
        vm.assertLe(vm.snapshotGasLastCall("offramp", "offramp_sync, two assets"), SYNC, "sync");
    }
}
