// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { LctsBase } from "test/lcts/LctsBase.sol";

interface Metering {
    function pauseGasMetering() external;
    function resumeGasMetering() external;
}

/// @notice The Unit's code is the same for all, and what a user's action writes does not depend on how many others there are, how many epochs passed while he
///         waited, nor how many generations came since: 1, 1,000 and 100,000 of each.
contract ConstantCostTest is LctsBase {
    uint256[3] private counts = [uint256(1), 1_000, 100_000];

    /// @dev Words written by each action of a user, in the order in which he does them.
    struct Writes {
        uint256 enter;
        uint256 top;
        uint256 claim;
        uint256 cancel;
        uint256 refund;
        uint256 exit;
    }

    function test_writesDoNotGrowWithUsers() public {
        Writes[3] memory writes;
        for (uint256 i; i < 3; ++i) {
            _deploy(18);
            _free();
            for (uint256 n; n < counts[i]; ++n) {
                _enterAs(address(uint160(0xC0FFEE0000 + n)), 1e18);
            }
            vm.assertEq(sub.positions(), counts[i], "users");
            writes[i].enter = _writesOf(abi.encodeCall(unit.requestDeposit, (10e18, alice, alice)));
            writes[i].top = _writesOf(abi.encodeCall(unit.requestDeposit, (10e18, alice, alice)));
            _convertHalf();
            _rest(writes[i]);
        }
        _same(writes);
    }

    function test_writesDoNotGrowWithEpochs() public {
        Writes[3] memory writes;
        for (uint256 i; i < 3; ++i) {
            _deploy(18);
            _free();
            _enterAs(bob, 1e24);
            writes[i].enter = _writesOf(abi.encodeCall(unit.requestDeposit, (1e24, alice, alice)));
            for (uint256 n; n < counts[i]; ++n) {
                _convert(sub.totalUnderlying() / 1e6);
            }
            writes[i].top = _writesOf(abi.encodeCall(unit.requestDeposit, (10e18, alice, alice)));
            _convertHalf();
            _rest(writes[i]);
        }
        _same(writes);
    }

    function test_writesDoNotGrowWithGenerations() public {
        Writes[3] memory writes;
        for (uint256 i; i < 3; ++i) {
            _deploy(18);
            _free();
            writes[i].enter = _writesOf(abi.encodeCall(unit.requestDeposit, (10e18, alice, alice)));
            for (uint256 n; n < counts[i]; ++n) {
                _convert(sub.totalUnderlying());
                _enterAs(bob, 1e18);
            }
            vm.assertEq(sub.lastGeneration(), counts[i] + 1, "generations");
            writes[i].top = _writesOf(abi.encodeCall(unit.requestDeposit, (10e18, alice, alice)));
            _convertHalf();
            _rest(writes[i]);
        }
        _same(writes);
    }

    function _rest(Writes memory w) private {
        w.claim = _writesOf(abi.encodeWithSignature("mint(uint256,address)", unit.maxMint(alice), alice));
        w.cancel = _writesOf(abi.encodeCall(unit.cancelDepositRequest, (0, alice)));
        w.refund = _writesOf(abi.encodeCall(unit.claimCancelDepositRequest, (0, alice, alice)));
        vm.prank(alice);
        unit.requestDeposit(10e18, alice, alice);
        _convertHalf();
        w.exit = _writesOf(abi.encodeCall(unit.exitDeposit, (alice, alice)));
        Metering(address(vm)).resumeGasMetering();
    }

    function _same(Writes[3] memory writes) private pure {
        for (uint256 i = 1; i < 3; ++i) {
            vm.assertEq(abi.encode(writes[i]), abi.encode(writes[0]), "writes");
        }
        // None of them is nothing, and none is many.
        vm.assertGt(writes[0].enter, 5, "an entry is written");
        vm.assertLt(writes[0].enter, 25, "an entry writes a few words");
        vm.assertGt(writes[0].exit, 5, "an exit is written");
    }

    /// @dev Words written to the Unit, its queue and the asset.
    function _writesOf(bytes memory data) private returns (uint256 count) {
        vm.record();
        vm.prank(alice);
        (bool ok, bytes memory reason) = address(unit).call(data);
        vm.assertTrue(ok, string(reason));
        address[3] memory places = [address(unit), address(sub), address(token)];
        for (uint256 i; i < 3; ++i) {
            (, bytes32[] memory writes) = vm.accesses(places[i]);
            count += writes.length;
        }
    }

    /// @dev As the Unit does, without the rest of an epoch, which every user shares.
    function _convert(uint256 amount) private {
        vm.startPrank(address(unit));
        sub.lock();
        sub.settle(amount, amount);
        sub.release(classProxy, amount);
        vm.stopPrank();
    }

    /// @dev What the settlements would have minted. The balances are the first mapping of an ERC-20.
    function _mint() private {
        bytes32 slot = keccak256(abi.encode(address(sub), uint256(0)));
        vm.store(address(unit), slot, bytes32(sub.owedReward()));
        vm.assertEq(unit.balanceOf(address(sub)), sub.owedReward(), "the queue holds what it owes");
    }

    function _convertHalf() private {
        _convert(sub.totalUnderlying() / 2);
        _mint();
    }

    function _enterAs(address user, uint256 amount) private {
        token.mint(address(sub), amount);
        vm.prank(address(unit));
        sub.enter(user, amount);
    }

    /// @dev 100,000 users cost more than a transaction may.
    function _free() private {
        Metering(address(vm)).pauseGasMetering();
    }
}
