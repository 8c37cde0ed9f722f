// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Pause, PauseProxy } from "fixtures/Pause.sol";
import { StarGuard } from "fixtures/StarGuard.sol";
import { SubProxy } from "fixtures/SubProxy.sol";
import { HaloSpellGuard } from "src/governance/HaloSpellGuard.sol";
import { ArtifactKind, ArtifactRegistry, Level } from "src/registry/ArtifactRegistry.sol";
import { SpellBase } from "test/governance/SpellBase.sol";
import { CallSpell } from "test/mocks/governance/Spells.sol";

/// @notice The artifacts of a Halo, edited by spells of the three levels: Sky through its pause, the Prime through its
/// StarGuard, the Halo through its spell guard, which only the Prime's spell sets going.
contract ThreeLevelsTest is SpellBase {
    bytes32 private constant HALO_ID = keccak256("acme");

    Pause private pause;
    SubProxy private prime;
    StarGuard private starGuard;
    ArtifactRegistry private artifacts;
    bytes32 private artifact;

    function setUp() public override {
        vm.warp(1_800_000_000);
        pause = new Pause(PauseProxy(address(0)));
        prime = new SubProxy();
        starGuard = new StarGuard(address(prime));
        prime.rely(address(starGuard));
        prime.deny(address(this));
        sky = address(pause.proxy());
        starGuard.rely(sky);
        starGuard.deny(address(this));
        parent = address(prime);
        (subProxy, guard) = newHalo(address(0));

        artifacts = new ArtifactRegistry(sky);
        vm.startPrank(sky);
        artifact = artifacts.create(ArtifactKind.HALO, 0, "acme");
        artifacts.create(ArtifactKind.HALO, 0, "zenith");
        artifacts.setLevel(HALO_ID, address(prime), Level.PRIME);
        artifacts.setLevel(HALO_ID, address(subProxy), Level.HALO);
        vm.stopPrank();
    }

    function test_skyEdits() public {
        bySky(edit(artifact, 0, "by sky", 0));
        assertHead("by sky");
    }

    function test_thePrimeEdits() public {
        byPrime(edit(artifact, 0, "by prime", 0));
        assertHead("by prime");
    }

    function test_theHaloEdits() public {
        plotByPrime(edit(artifact, 0, "by halo", 0));
        ripen();
        guard.exec();
        assertHead("by halo");
    }

    /// @dev Two spells were written against one head: the second to run finds another and changes nothing.
    function test_aStaleEditDoesNothing() public {
        address late = edit(artifact, 0, "late", 0);
        plotByPrime(late);
        byPrime(edit(artifact, 0, "first", 0));
        ripen();
        bytes memory stale =
            abi.encodeWithSelector(ArtifactRegistry.StaleEdit.selector, bytes32("first"), bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(CallSpell.Refused.selector, stale));
        guard.exec();
        assertHead("first");
    }

    function test_anEditOfTheFutureWaits() public {
        uint64 at = uint64(block.timestamp) + 5 days;
        plotByPrime(edit(artifact, 0, "later", at));
        ripen();
        vm.expectRevert(
            abi.encodeWithSelector(
                CallSpell.Refused.selector,
                abi.encodeWithSelector(ArtifactRegistry.NotEffectiveYet.selector, at)
            )
        );
        guard.exec();
        vm.warp(at);
        guard.exec();
        assertHead("later");
    }

    function test_noHaloEditsAnothersArtifact() public {
        bytes32 foreign = artifacts.idOf(ArtifactKind.HALO, keccak256("zenith"));
        plotByPrime(edit(foreign, 0, "taken", 0));
        ripen();
        vm.expectRevert(
            abi.encodeWithSelector(
                CallSpell.Refused.selector,
                abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.NONE)
            )
        );
        guard.exec();
        vm.assertFalse(artifacts.isActive(foreign), "untouched");
    }

    /// @dev A spell that everyone may call acts as itself, and is nobody.
    function test_aSpellAloneIsPowerless() public {
        CallSpell spell_ = CallSpell(edit(artifact, 0, "alone", 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                CallSpell.Refused.selector,
                abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.NONE)
            )
        );
        spell_.execute();
    }

    // --- The roads of the three levels ---

    function edit(bytes32 id, bytes32 prevHash, bytes32 contentHash, uint64 at) private returns (address) {
        bytes memory data = abi.encodeCall(
            ArtifactRegistry.edit, (id, prevHash, contentHash, bytes32(0), "ipfs://text", at)
        );
        return address(new CallSpell(address(artifacts), data, contentHash));
    }

    function bySky(address action) private {
        bytes memory run = abi.encodeCall(CallSpell.execute, ());
        uint256 eta = block.timestamp + pause.delay();
        pause.plot(action, action.codehash, run, eta);
        vm.expectRevert("ds-pause-premature-exec");
        pause.exec(action, action.codehash, run, eta);
        vm.warp(eta);
        pause.exec(action, action.codehash, run, eta);
        vm.expectRevert("ds-pause-unplotted-plan");
        pause.exec(action, action.codehash, run, eta);
    }

    function byPrime(address action) private {
        bytes memory data = abi.encodeCall(StarGuard.plot, (action, action.codehash));
        bySky(address(new CallSpell(address(starGuard), data, "")));
        vm.assertTrue(starGuard.prob(), "executable");
        starGuard.exec();
        vm.expectRevert("StarGuard/empty-spell-data");
        starGuard.exec();
    }

    function plotByPrime(address action) private {
        bytes memory data = abi.encodeCall(HaloSpellGuard.plot, (action, action.codehash));
        byPrime(address(new CallSpell(address(guard), data, "")));
    }

    function assertHead(bytes32 contentHash) private view {
        (, bytes32 found,,) = artifacts.head(artifact);
        vm.assertEq(found, contentHash, "head");
        vm.assertTrue(artifacts.isActive(artifact), "active");
    }
}
