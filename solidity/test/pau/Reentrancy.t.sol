// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { PsmConfig } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Reenterer } from "test/mocks/pau/Reenterer.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";
import { PauActions } from "test/pau/PauActions.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice P4: from inside every function that calls out, every state-changing function is tried again, by a contract
///         that holds every role. Only the guard stands in its way, and each attempt must meet it.
contract ReentrancyTest is PauBase {
    Reenterer private venue;
    TokenMock private token;
    TokenMock private gem;
    TokenMock private stable;
    TokenMock private legacy;

    function setUp() public override {
        super.setUp();
        venue = new Reenterer();
        token = new TokenMock();
        gem = new TokenMock();
        stable = new TokenMock();
        legacy = new TokenMock();
        venue.set(address(token), address(proxy), address(gem), address(legacy), address(stable));
        token.mint(address(proxy), 1_000);
        gem.mint(address(proxy), 1_000);
        stable.mint(address(proxy), 1_000e18);
        venue.give(address(proxy), 1_000);
        venue.give(address(venue), 1_000);
        venue.setController(address(controller));
        venue.letTake(address(stable), address(proxy));

        setUnlimited(RateLimitKeys.usdsMint());
        setUnlimited(RateLimitKeys.usdsToUsdc());
        setUnlimited(RateLimitKeys.assetTransfer(address(venue), address(venue)));
        setUnlimited(RateLimitKeys.erc4626Deposit(address(token), address(venue)));
        setUnlimited(RateLimitKeys.erc4626Withdraw(address(venue)));
        setUnlimited(RateLimitKeys.erc7540Deposit(address(token), address(venue)));
        setUnlimited(RateLimitKeys.erc7540Redeem(address(venue)));
        setUnlimited(RateLimitKeys.lctsExit(address(venue)));
        setUnlimited(RateLimitKeys.lctsFundRedeem(address(token), address(venue)));
        setUnlimited(RateLimitKeys.offrampSend(address(venue), address(venue)));
        vm.startPrank(admin);
        pau.usds_setVault(address(venue));
        pau.psm_setConfig(PsmConfig(0, address(venue), address(venue), address(venue), 0));
        pau.erc4626_setMaxExchangeRate(address(venue), 1, 1);
        pau.offramp_setLedger(address(venue));
        acl.grantRole(Roles.ALLOCATOR, address(venue));
        acl.grantRole(Roles.DEFAULT_ADMIN, address(venue));
        vm.stopPrank();
    }

    function test_I21_P4_P12_no_way_back_in() public {
        _tryAll();
    }

    function test_no_way_back_in_without_the_wrapper() public {
        vm.prank(admin);
        pau.psm_setConfig(PsmConfig(1, address(venue), address(venue), address(venue), 0));
        bytes[] memory actions = PauActions.all(address(venue));
        _tryOne(actions[7], actions);
        _tryOne(actions[8], actions);
    }

    /// @dev The attempts above fail for the guard alone: outside, the same contract does each of them.
    function test_P4_the_same_calls_work_from_outside() public {
        bytes[] memory actions = PauActions.all(address(venue));
        for (uint256 i; i + 1 < actions.length; ++i) {
            uint256 id = vm.snapshotState();
            vm.prank(address(venue));
            (bool ok, bytes memory result) = address(controller).call(actions[i]);
            vm.assertTrue(ok, string.concat("action ", vm.toString(i), " ", string(result)));
            vm.revertToState(id);
        }
    }

    function _tryAll() private {
        bytes[] memory actions = PauActions.all(address(venue));
        for (uint256 i = PauActions.FIRST_ALLOCATION; i + 1 < actions.length; ++i) {
            _tryOne(actions[i], actions);
        }
    }

    function _tryOne(bytes memory outer, bytes[] memory inner) private {
        for (uint256 j; j < inner.length; ++j) {
            uint256 id = vm.snapshotState();
            venue.arm(address(controller), inner[j]);
            vm.prank(relayer);
            (bool ok,) = address(controller).call(outer);
            vm.assertTrue(ok, "the outer call goes through");
            vm.assertGt(venue.strikes(), 0, "it called out");
            vm.assertEq(venue.refused(), venue.strikes(), "and each way back met the guard");
            // P12: these venues take without using what they were allowed, and still nothing stands.
            assertNoAllowance(address(token), address(venue));
            assertNoAllowance(address(gem), address(venue));
            assertNoAllowance(address(stable), address(venue));
            assertNoAllowance(address(legacy), address(venue));
            vm.revertToState(id);
        }
    }
}
