// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";

/// @notice Equal keys come from equal parameters, and keys of different functions are never equal.
/// @dev keccak256 is taken for collision-free, as the solver does. That a key without parameters, which is the hash of
/// its name alone, equals none of these is the same assumption about keccak256 and not for a solver.
contract SymbolicKeys {
    function check_I20_keysAreInjective(address a, address b, address c, address d) public pure {
        bool same = a == c && b == d;
        assert(
            (RateLimitKeys.assetTransfer(a, b) == RateLimitKeys.assetTransfer(c, d)) == same
                && (RateLimitKeys.erc4626Deposit(a, b) == RateLimitKeys.erc4626Deposit(c, d)) == same
                && (RateLimitKeys.erc7540Deposit(a, b) == RateLimitKeys.erc7540Deposit(c, d)) == same
                && (RateLimitKeys.lctsFundRedeem(a, b) == RateLimitKeys.lctsFundRedeem(c, d)) == same
                && (RateLimitKeys.offrampSend(a, b) == RateLimitKeys.offrampSend(c, d)) == same
                && (RateLimitKeys.offrampReturn(a, b) == RateLimitKeys.offrampReturn(c, d)) == same
        );
        assert(
            (RateLimitKeys.erc4626Withdraw(a) == RateLimitKeys.erc4626Withdraw(b)) == (a == b)
                && (RateLimitKeys.erc7540Redeem(a) == RateLimitKeys.erc7540Redeem(b)) == (a == b)
                && (RateLimitKeys.lctsExit(a) == RateLimitKeys.lctsExit(b)) == (a == b)
        );
    }

    function check_I20_keysOfDifferentFunctionsDiffer(address a, address b, address c, address d)
        public
        pure
    {
        bytes32[9] memory keys = [
            RateLimitKeys.assetTransfer(a, b),
            RateLimitKeys.erc4626Deposit(c, d),
            RateLimitKeys.erc7540Deposit(a, d),
            RateLimitKeys.lctsFundRedeem(c, b),
            RateLimitKeys.offrampSend(b, a),
            RateLimitKeys.offrampReturn(d, c),
            RateLimitKeys.erc4626Withdraw(a),
            RateLimitKeys.erc7540Redeem(b),
            RateLimitKeys.lctsExit(c)
        ];
        for (uint256 i; i < keys.length; ++i) {
            for (uint256 j; j < i; ++j) {
                assert(keys[i] != keys[j]);
            }
        }
    }
}
