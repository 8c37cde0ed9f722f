// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { HaloToken, TokenInit } from "src/governance/HaloToken.sol";
import { HatInit, TokenHat } from "src/governance/TokenHat.sol";
import { SpellBase } from "test/governance/SpellBase.sol";

contract TokenHatTest is SpellBase {
    address private second = makeAddr("second");
    bytes32 private tag;

    function setUp() public override {
        super.setUp();
        withToken();
        tag = spell.codehash;
        vm.startPrank(holder);
        token.transfer(second, 300_000e18);
        vm.stopPrank();
        vm.prank(second);
        token.approve(address(hat), type(uint256).max);
    }

    function test_holdersApproveAPlottedSpell() public {
        plot(spell);
        vm.startPrank(holder);
        hat.vote(tag);
        hat.lock(QUORUM - 1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(TokenHat.BelowQuorum.selector, QUORUM - 1, QUORUM));
        hat.lift();

        vm.startPrank(second);
        hat.lock(1);
        hat.vote(tag);
        vm.stopPrank();
        vm.expectEmit(address(hat));
        emit TokenHat.Lifted(spell, tag, QUORUM);
        vm.prank(stranger);
        hat.lift();
        vm.assertTrue(guard.plotted().approved, "approved");

        ripen();
        guard.exec();
        vm.assertEq(ran(), 1, "ran");
    }

    /// @dev Votes are for code: the same address with other code has none of them.
    function test_votesAreForCode() public {
        vm.startPrank(holder);
        hat.lock(QUORUM);
        hat.vote(tag);
        vm.stopPrank();
        vm.etch(spell, noteSpell("other").code);
        plot(spell);
        vm.expectRevert(abi.encodeWithSelector(TokenHat.BelowQuorum.selector, 0, QUORUM));
        hat.lift();
    }

    function test_nothingPlotted() public {
        vm.expectRevert(TokenHat.NothingPlotted.selector);
        hat.lift();
    }

    function test_weightFollowsTheVoter() public {
        vm.startPrank(holder);
        hat.lock(100e18);
        vm.assertEq(hat.approvals(0), 100e18, "behind nothing");
        vm.expectEmit(address(hat));
        emit TokenHat.Voted(holder, tag);
        hat.vote(tag);
        hat.lock(50e18);
        vm.assertEq(hat.approvals(tag), 150e18, "later tokens too");
        hat.vote("other");
        vm.assertEq(hat.approvals(tag), 0, "moved away");
        vm.assertEq(hat.approvals("other"), 150e18, "moved to");
        vm.roll(block.number + 1);
        vm.expectEmit(address(hat));
        emit TokenHat.Freed(holder, 150e18);
        hat.free(150e18);
        vm.assertEq(hat.approvals("other"), 0, "gone");
        vm.assertEq(token.balanceOf(holder), 700_000e18, "back");
        vm.stopPrank();
    }

    /// @dev Tokens borrowed for a transaction cannot be given back in it once they were locked or voted with.
    function test_borrowedTokensCannotVote() public {
        vm.startPrank(holder);
        hat.lock(QUORUM);
        vm.expectRevert(TokenHat.SameBlock.selector);
        hat.free(QUORUM);
        vm.roll(block.number + 1);
        hat.vote(tag);
        vm.expectRevert(TokenHat.SameBlock.selector);
        hat.free(1);
        vm.roll(block.number + 1);
        hat.free(QUORUM);
        vm.stopPrank();
    }

    function test_nobodyTakesWhatIsNotTheirs() public {
        vm.prank(holder);
        hat.lock(100e18);
        vm.roll(block.number + 1);
        vm.prank(second);
        vm.expectRevert(abi.encodeWithSelector(TokenHat.ExceedsLocked.selector, 1, 0));
        hat.free(1);
        vm.startPrank(holder);
        vm.expectRevert(abi.encodeWithSelector(TokenHat.ExceedsLocked.selector, 100e18 + 1, 100e18));
        hat.free(100e18 + 1);
        vm.expectRevert(TokenHat.ZeroAmount.selector);
        hat.lock(0);
    }

    /// @dev Whatever two voters do, the weights are what is locked and the hat holds it all.
    function testFuzz_weightsAreWhatIsLocked(uint256 seed) public {
        address[2] memory voters = [holder, second];
        bytes32[3] memory tags = [bytes32(0), tag, "other"];
        for (uint256 i; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            address voter = voters[seed % 2];
            uint256 what = (seed >> 8) % 3;
            vm.roll(block.number + 1);
            vm.startPrank(voter);
            if (what == 0) hat.lock(bound(seed >> 16, 1, token.balanceOf(voter)));
            else if (what == 1) hat.free(bound(seed >> 16, 0, hat.lockedOf(voter)));
            else hat.vote(tags[(seed >> 16) % 3]);
            vm.stopPrank();
            if (token.balanceOf(voter) == 0) break;
        }
        uint256 locked = hat.lockedOf(holder) + hat.lockedOf(second);
        vm.assertEq(hat.approvals(0) + hat.approvals(tag) + hat.approvals("other"), locked, "weights");
        vm.assertEq(token.balanceOf(address(hat)), locked, "tokens");
    }

    function test_initialize() public {
        HatInit memory p = HatInit(address(guard), address(token), QUORUM);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        hat.initialize(p);
        TokenHat locked = new TokenHat();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        locked.initialize(p);

        TokenHat fresh = TokenHat(Clones.clone(address(locked)));
        p.quorum = 0;
        vm.expectRevert(TokenHat.ZeroQuorum.selector);
        fresh.initialize(p);
        p = HatInit(address(0), address(token), QUORUM);
        vm.expectRevert(abi.encodeWithSelector(TokenHat.ZeroAddress.selector, bytes32("guard")));
        fresh.initialize(p);
        p = HatInit(address(guard), address(0), QUORUM);
        vm.expectRevert(abi.encodeWithSelector(TokenHat.ZeroAddress.selector, bytes32("token")));
        fresh.initialize(p);
    }

    // --- The token ---

    function test_theTokenHasAFixedSupplyAndVotes() public {
        vm.assertEq(token.name(), "Acme", "name");
        vm.assertEq(token.symbol(), "ACME", "symbol");
        vm.assertEq(uint256(token.decimals()), 18, "decimals");
        vm.assertEq(token.totalSupply(), SUPPLY, "supply");
        vm.assertEq(token.CLOCK_MODE(), "mode=timestamp", "mode");
        vm.assertEq(uint256(token.clock()), block.timestamp, "clock");

        uint256 start = block.timestamp;
        vm.prank(second);
        token.delegate(stranger);
        vm.warp(start + 10);
        vm.prank(second);
        token.transfer(holder, 100_000e18);
        vm.warp(start + 20);
        vm.assertEq(token.getPastVotes(stranger, start), 300_000e18, "then");
        vm.assertEq(token.getPastVotes(stranger, start + 10), 200_000e18, "later");
        vm.assertEq(token.getPastTotalSupply(start), SUPPLY, "all");
    }

    function test_theTokenIsBornOnce() public {
        TokenInit memory p = TokenInit("Acme", "ACME", SUPPLY, holder);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        token.initialize(p);
        HaloToken locked = new HaloToken();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        locked.initialize(p);

        HaloToken fresh = HaloToken(Clones.clone(address(locked)));
        p.supply = 0;
        vm.expectRevert(HaloToken.ZeroSupply.selector);
        fresh.initialize(p);
        p = TokenInit("Acme", "ACME", SUPPLY, address(0));
        vm.expectRevert(abi.encodeWithSelector(HaloToken.ZeroAddress.selector, bytes32("holder")));
        fresh.initialize(p);
    }
}
