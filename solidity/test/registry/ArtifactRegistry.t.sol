// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ArtifactKind, ArtifactRegistry, ArtifactStatus, Level } from "src/registry/ArtifactRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { Test } from "test/base/Test.sol";

contract ArtifactRegistryTest is Test {
    bytes32 private constant HALO_ID = keccak256("acme");
    bytes32 private constant OTHER_ID = keccak256("zenith");

    ArtifactRegistry private registry;
    address private sky = makeAddr("sky");
    address private council = makeAddr("council");
    address private prime = makeAddr("prime");
    address private halo = makeAddr("halo");
    address private conserver = makeAddr("conserver");
    address private editor = makeAddr("editor");
    address private otherHalo = makeAddr("otherHalo");
    address private otherEditor = makeAddr("otherEditor");
    address private stranger = makeAddr("stranger");
    bytes32 private haloArtifact;

    function setUp() public {
        vm.warp(1_800_000_000);
        registry = new ArtifactRegistry(sky);
        vm.startPrank(sky);
        registry.setCouncil(council);
        haloArtifact = registry.create(ArtifactKind.HALO, 0, "acme");
        registry.create(ArtifactKind.HALO, 0, "zenith");
        registry.setLevel(HALO_ID, prime, Level.PRIME);
        registry.setLevel(HALO_ID, halo, Level.HALO);
        registry.setLevel(HALO_ID, conserver, Level.CONSERVER);
        registry.setLevel(HALO_ID, editor, Level.EDITOR);
        registry.setLevel(OTHER_ID, otherHalo, Level.HALO);
        registry.setLevel(OTHER_ID, otherEditor, Level.EDITOR);
        vm.stopPrank();
    }

    function test_idsFollowFromParentAndSlug() public {
        bytes32 classId = keccak256(abi.encode(HALO_ID, keccak256("tbill")));
        bytes32 unitId = keccak256(abi.encode(classId, keccak256("senior")));
        vm.startPrank(halo);
        bytes32 classArtifact = registry.create(ArtifactKind.CLASS, HALO_ID, "tbill");
        bytes32 unitArtifact = registry.create(ArtifactKind.UNIT, classId, "senior");
        vm.assertEq(haloArtifact, keccak256(abi.encode(uint8(0), HALO_ID)), "halo");
        vm.assertEq(classArtifact, keccak256(abi.encode(uint8(1), classId)), "class");
        vm.assertEq(unitArtifact, keccak256(abi.encode(uint8(2), unitId)), "unit");
        vm.assertEq(registry.artifact(unitArtifact).haloId, HALO_ID, "root");
        vm.assertEq(registry.idOf(ArtifactKind.UNIT, unitId), unitArtifact, "idOf");
    }

    function test_createRefuses() public {
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.AlreadyCreated.selector, haloArtifact));
        registry.create(ArtifactKind.HALO, 0, "acme");

        vm.prank(sky);
        vm.expectRevert(ArtifactRegistry.EmptySlug.selector);
        registry.create(ArtifactKind.HALO, 0, "");

        // A Unit needs its Class's artifact first.
        bytes32 classId = keccak256(abi.encode(HALO_ID, keccak256("tbill")));
        bytes32 classArtifact = registry.idOf(ArtifactKind.CLASS, classId);
        vm.prank(halo);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UnknownArtifact.selector, classArtifact));
        registry.create(ArtifactKind.UNIT, classId, "senior");
    }

    function test_createNeedsALevelOverThatHalo() public {
        address[5] memory callers = [stranger, editor, conserver, otherHalo, otherEditor];
        for (uint256 i; i < callers.length; ++i) {
            Level mine = registry.levelOf(HALO_ID, callers[i]);
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, mine));
            registry.create(ArtifactKind.CLASS, HALO_ID, "tbill");
        }
        // A new Halo is Sky's to open.
        vm.prank(halo);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.NONE));
        registry.create(ArtifactKind.HALO, 0, "third");
    }

    function test_lifeOfAnArtifact() public {
        vm.expectEmit(address(registry));
        emit ArtifactRegistry.ArtifactProposed(haloArtifact, 1, "text", "params", "ipfs://a", editor, 0);
        vm.prank(editor);
        vm.assertEq(registry.propose(haloArtifact, 0, "text", "params", "ipfs://a", 0), uint256(1), "number");
        vm.assertFalse(registry.isActive(haloArtifact), "proposed is not active");
        assertHead(0, 0, 0, ArtifactStatus.NONE);

        vm.expectEmit(address(registry));
        emit ArtifactRegistry.ArtifactActivated(haloArtifact, 1, "text", "params", "ipfs://a", editor);
        vm.prank(halo);
        registry.ratify(haloArtifact, 1);
        vm.assertTrue(registry.isActive(haloArtifact), "ratified");
        vm.assertTrue(registry.isActiveWith(haloArtifact, "params"), "with params");
        vm.assertFalse(registry.isActiveWith(haloArtifact, "other"), "not with others");
        assertHead(1, "text", "params", ArtifactStatus.ACTIVE);

        vm.prank(prime);
        vm.assertEq(
            registry.edit(haloArtifact, "text", "text 2", "params 2", "ipfs://b", 0), uint256(2), "number"
        );
        assertHead(2, "text 2", "params 2", ArtifactStatus.ACTIVE);
        ArtifactRegistry.Version memory old = registry.versionAt(haloArtifact, 1);
        vm.assertTrue(old.status == ArtifactStatus.SUPERSEDED, "superseded");
        vm.assertTrue(old.ratifier == halo && old.editor == editor, "who");
        vm.assertTrue(registry.versionAt(haloArtifact, 2).prevHash == "text", "chain");

        vm.expectEmit(address(registry));
        emit ArtifactRegistry.ArtifactRevoked(
            haloArtifact, 2, "text 2", "params 2", "ipfs://b", prime, "reason"
        );
        vm.prank(conserver);
        registry.revoke(haloArtifact, 2, "reason");
        vm.assertFalse(registry.isActive(haloArtifact), "revoked");
        assertHead(2, "text 2", "params 2", ArtifactStatus.REVOKED);

        // The next edit must still name what it replaces.
        vm.prank(halo);
        vm.expectRevert(
            abi.encodeWithSelector(ArtifactRegistry.StaleEdit.selector, bytes32("text 2"), bytes32("text"))
        );
        registry.edit(haloArtifact, "text", "text 3", "params", "ipfs://c", 0);
        vm.prank(halo);
        registry.edit(haloArtifact, "text 2", "text 3", "params", "ipfs://c", 0);
        vm.assertTrue(registry.isActive(haloArtifact), "replaced");
        vm.assertTrue(registry.versionAt(haloArtifact, 2).status == ArtifactStatus.REVOKED, "stays revoked");
    }

    function test_staleEdits() public {
        // Two proposals on the same head: the second to be ratified is stale.
        vm.startPrank(editor);
        registry.propose(haloArtifact, 0, "a", 0, "", 0);
        registry.propose(haloArtifact, 0, "b", 0, "", 0);
        vm.stopPrank();
        vm.startPrank(halo);
        registry.ratify(haloArtifact, 2);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.StaleEdit.selector, bytes32("b"), bytes32(0)));
        registry.ratify(haloArtifact, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ArtifactRegistry.StaleEdit.selector, bytes32("b"), bytes32("a"))
        );
        registry.edit(haloArtifact, "a", "c", 0, "", 0);
        vm.stopPrank();
        vm.prank(editor);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.StaleEdit.selector, bytes32("b"), bytes32(0)));
        registry.propose(haloArtifact, 0, "c", 0, "", 0);
    }

    function test_futureVersionIsNotActiveBeforeItsTime() public {
        uint64 at = uint64(block.timestamp) + 1 days;
        vm.prank(editor);
        registry.propose(haloArtifact, 0, "text", 0, "", at);

        vm.warp(at - 1);
        vm.startPrank(halo);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEffectiveYet.selector, at));
        registry.ratify(haloArtifact, 1);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEffectiveYet.selector, at));
        registry.edit(haloArtifact, 0, "other", 0, "", at);
        vm.assertFalse(registry.isActive(haloArtifact), "early");

        vm.warp(at);
        registry.ratify(haloArtifact, 1);
        vm.assertTrue(registry.isActive(haloArtifact), "due");
    }

    function test_proposeRefuses() public {
        vm.startPrank(editor);
        vm.expectRevert(ArtifactRegistry.EmptyHash.selector);
        registry.propose(haloArtifact, 0, 0, "params", "", 0);

        registry.propose(haloArtifact, 0, "a", 0, string(new bytes(256)), 0);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UriTooLong.selector, 257));
        registry.propose(haloArtifact, 0, "a", 0, string(new bytes(257)), 0);

        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UnknownArtifact.selector, bytes32("?")));
        registry.propose("?", 0, "a", 0, "", 0);
    }

    function test_ratifyRefuses() public {
        vm.prank(editor);
        registry.propose(haloArtifact, 0, "a", 0, "", 0);
        vm.startPrank(halo);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UnknownVersion.selector, haloArtifact, 2));
        registry.ratify(haloArtifact, 2);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UnknownArtifact.selector, bytes32("?")));
        registry.ratify("?", 1);
        registry.ratify(haloArtifact, 1);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.AlreadyRatified.selector, 1));
        registry.ratify(haloArtifact, 1);
        registry.edit(haloArtifact, "a", "b", 0, "", 0);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.AlreadyRatified.selector, 1));
        registry.ratify(haloArtifact, 1);
    }

    function test_aRevokedProposalStaysRevoked() public {
        vm.prank(editor);
        registry.propose(haloArtifact, 0, "a", 0, "", 0);
        vm.startPrank(sky);
        registry.revoke(haloArtifact, 1, "no");
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.AlreadyRevoked.selector, 1));
        registry.ratify(haloArtifact, 1);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.AlreadyRevoked.selector, 1));
        registry.revoke(haloArtifact, 1, "no");
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UnknownVersion.selector, haloArtifact, 0));
        registry.revoke(haloArtifact, 0, "no");
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.UnknownArtifact.selector, bytes32("?")));
        registry.revoke("?", 1, "no");
    }

    /// @dev Every caller against every function that writes, on an artifact of the first Halo.
    function test_access() public {
        address[9] memory callers =
            [stranger, editor, conserver, halo, prime, sky, council, otherHalo, otherEditor];
        bool[9] memory mayPropose = [false, true, false, true, true, true, false, false, false];
        bool[9] memory mayRatify = [false, false, false, true, true, true, false, false, false];
        bool[9] memory mayRevoke = [false, false, true, false, false, true, true, false, false];
        vm.prank(sky);
        registry.propose(haloArtifact, 0, "a", 0, "", 0);

        for (uint256 i; i < callers.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(
                ArtifactRegistry.NotEditor.selector, registry.levelOf(HALO_ID, callers[i])
            );
            uint256 before = vm.snapshotState();
            vm.startPrank(callers[i]);
            if (!mayPropose[i]) vm.expectRevert(refusal);
            registry.propose(haloArtifact, 0, "b", 0, "", 0);
            if (!mayRatify[i]) vm.expectRevert(refusal);
            registry.edit(haloArtifact, 0, "c", 0, "", 0);
            vm.stopPrank();
            vm.revertToState(before);

            vm.startPrank(callers[i]);
            if (!mayRatify[i]) vm.expectRevert(refusal);
            registry.ratify(haloArtifact, 1);
            if (!mayRevoke[i]) vm.expectRevert(refusal);
            registry.revoke(haloArtifact, 1, "reason");
            vm.stopPrank();
            vm.revertToState(before);
        }
    }

    function test_levels() public {
        // A Halo names its editors and equals, nobody above.
        vm.startPrank(halo);
        registry.setLevel(HALO_ID, stranger, Level.EDITOR);
        registry.setLevel(HALO_ID, stranger, Level.HALO);
        registry.setLevel(HALO_ID, stranger, Level.NONE);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.HALO));
        registry.setLevel(HALO_ID, stranger, Level.PRIME);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.HALO));
        registry.setLevel(HALO_ID, prime, Level.NONE);
        vm.stopPrank();

        // The conserver is Sky's to name and to dismiss.
        vm.startPrank(prime);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.PRIME));
        registry.setLevel(HALO_ID, conserver, Level.NONE);
        vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, Level.PRIME));
        registry.setLevel(HALO_ID, stranger, Level.CONSERVER);
        registry.setLevel(HALO_ID, halo, Level.NONE);
        vm.stopPrank();
        vm.assertTrue(registry.levelOf(HALO_ID, halo) == Level.NONE, "dismissed");

        vm.expectEmit(address(registry));
        emit ArtifactRegistry.LevelSet(HALO_ID, conserver, Level.NONE, sky);
        vm.prank(sky);
        registry.setLevel(HALO_ID, conserver, Level.NONE);

        address[4] memory powerless = [editor, conserver, otherHalo, stranger];
        for (uint256 i; i < powerless.length; ++i) {
            vm.prank(powerless[i]);
            vm.expectPartialRevert(ArtifactRegistry.NotEditor.selector);
            registry.setLevel(HALO_ID, stranger, Level.EDITOR);
        }
    }

    /// @dev However a call tries, nobody gives or takes more than they have.
    function testFuzz_noOneRisesByOwnHand(uint8 mine, uint8 target, uint8 wanted) public {
        Level own = Level(bound(mine, 0, 4));
        Level old = Level(bound(target, 0, 5));
        Level level = Level(bound(wanted, 0, 5));
        address caller = makeAddr("caller");
        address account = makeAddr("account");
        vm.startPrank(sky);
        registry.setLevel(HALO_ID, caller, own);
        registry.setLevel(HALO_ID, account, old);
        vm.stopPrank();

        bool allowed = own >= Level.HALO && level <= own && old <= own && level != Level.CONSERVER
            && old != Level.CONSERVER;
        vm.prank(caller);
        if (!allowed) vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.NotEditor.selector, own));
        registry.setLevel(HALO_ID, account, level);
    }

    /// @dev An edit passes exactly when it names the head's content.
    function testFuzz_compareAndSwap(bytes32 first, bytes32 given, bytes32 next) public {
        vm.assume(first != 0 && next != 0);
        vm.startPrank(halo);
        registry.edit(haloArtifact, 0, first, 0, "", 0);
        if (given != first) {
            vm.expectRevert(abi.encodeWithSelector(ArtifactRegistry.StaleEdit.selector, first, given));
        }
        registry.edit(haloArtifact, given, next, 0, "", 0);
    }

    function test_governed() public {
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("admin")));
        new ArtifactRegistry(address(0));

        address[3] memory callers = [stranger, council, halo];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]));
            registry.setAdmin(stranger);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]));
            registry.setCouncil(stranger);
            vm.stopPrank();
        }
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("admin")));
        registry.setAdmin(address(0));
        registry.setAdmin(stranger);
        vm.assertTrue(registry.levelOf(HALO_ID, stranger) == Level.SKY, "the new admin is Sky");
        vm.assertTrue(registry.levelOf(HALO_ID, sky) == Level.NONE, "the old one is not");
    }

    function assertHead(uint64 number, bytes32 content, bytes32 params, ArtifactStatus status) private view {
        (uint64 n, bytes32 c, bytes32 p, ArtifactStatus s) = registry.head(haloArtifact);
        vm.assertTrue(n == number && c == content && p == params && s == status, "head");
    }
}
