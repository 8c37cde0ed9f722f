// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { BlobStore } from "src/factory/BlobStore.sol";
import {
    TemplateKind,
    TemplateMode,
    TemplateRegistry,
    TemplateStatus
} from "src/factory/TemplateRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { Test } from "test/base/Test.sol";

contract CodeA {
    function a() external pure returns (uint256) {
        return 1;
    }
}

contract CodeB {
    function b() external pure returns (uint256) {
        return 2;
    }
}

contract TemplateRegistryTest is Test {
    TemplateRegistry private registry;
    address private sky = makeAddr("sky");
    address private council = makeAddr("council");
    address private stranger = makeAddr("stranger");
    address private codeA;
    address private codeB;

    function setUp() public {
        registry = new TemplateRegistry(sky);
        vm.prank(sky);
        registry.setCouncil(council);
        codeA = address(new CodeA());
        codeB = address(new CodeB());
    }

    function test_aCloneTemplate() public {
        (bytes32 id, uint16 version) = propose(clone(codeA));
        vm.assertEq(id, keccak256(abi.encode(TemplateKind.UNIT, "Thing")), "id");
        vm.assertEq(registry.idOf(TemplateKind.UNIT, "Thing"), id, "idOf");
        vm.assertEq(version, uint256(1), "version");
        assertStatus(id, 1, TemplateStatus.PROPOSED);
        vm.expectRevert(abi.encodeWithSelector(TemplateRegistry.TemplateNotApproved.selector, id, 0));
        registry.deployable(id);

        approve(id, 1);
        address instance = Clones.clone(codeA);
        (bytes32 gotId, uint16 gotVersion, TemplateStatus status) =
            registry.isApprovedRuntime(instance.codehash);
        vm.assertTrue(
            gotId == id && gotVersion == 1 && status == TemplateStatus.APPROVED, "the clone is approved"
        );
        (,, status) = registry.isApprovedRuntime(codeA.codehash);
        vm.assertTrue(status == TemplateStatus.NONE, "the bare implementation is not");
        vm.assertTrue(isLive(instance), "live");

        (uint16 current, bytes memory code, bytes32 instanceHash) = registry.deployable(id);
        vm.assertEq(current, uint256(1), "current");
        vm.assertEq(instanceHash, instance.codehash, "instanceHash");
        address made;
        assembly {
            made := create(0, add(code, 32), mload(code))
        }
        vm.assertEq(made.codehash, instance.codehash, "the creation code makes one");
        vm.assertEq(CodeA(made).a(), 1, "and it works");
    }

    function test_aBlobTemplateInTwoParts() public {
        (bytes32 id,) = propose(blob());
        approve(id, 1);
        (, bytes memory code, bytes32 instanceHash) = registry.deployable(id);
        vm.assertEq(code, type(CodeB).creationCode, "joined");
        vm.assertEq(instanceHash, codeB.codehash, "instanceHash");
        vm.assertTrue(registry.template(id, 1).mode == TemplateMode.BLOB, "mode");
        vm.assertTrue(isLive(codeB), "live");
    }

    function test_aFacetTemplate() public {
        TemplateRegistry.Proposal memory p = clone(codeA);
        p.kind = TemplateKind.FACET;
        (bytes32 id,) = propose(p);
        vm.assertFalse(registry.isApprovedFacet(codeA.codehash), "proposed");
        approve(id, 1);
        vm.assertTrue(registry.isApprovedFacet(codeA.codehash), "approved");
        vm.assertTrue(registry.template(id, 1).mode == TemplateMode.SHARED, "mode");
        // A facet is not for deploying: there is no creation code.
        vm.expectPartialRevert(TemplateRegistry.CreationHashMismatch.selector);
        registry.deployable(id);

        vm.prank(council);
        registry.deprecate(id, 1);
        vm.assertFalse(registry.isApprovedFacet(codeA.codehash), "no new wires");
        vm.assertTrue(isLive(codeA), "the wired ones live on");
        vm.prank(council);
        registry.revoke(id, 1);
        vm.assertFalse(isLive(codeA), "flagged");

        // Approved code of another kind is no facet.
        (id,) = propose(blob());
        approve(id, 1);
        vm.assertFalse(registry.isApprovedFacet(codeB.codehash), "another kind");
    }

    function test_approvingDeprecatesTheOneBefore() public {
        (bytes32 id,) = propose(clone(codeA));
        approve(id, 1);
        (, uint16 version) = propose(clone(codeB));
        vm.assertEq(version, uint256(2), "version");
        vm.assertEq(registry.versionCount(id), uint256(2), "count");
        vm.assertEq(registry.current(id), uint256(1), "proposing changes nothing");
        approve(id, 2);
        vm.assertEq(registry.current(id), uint256(2), "current");
        assertStatus(id, 1, TemplateStatus.DEPRECATED);
        vm.assertTrue(isLive(Clones.clone(codeA)), "old instances stay in good standing");
        (bytes32 gotId, uint16 gotVersion, TemplateStatus status) =
            registry.isApprovedRuntime(registry.cloneHash(codeA));
        vm.assertTrue(gotId == id && gotVersion == 1 && status == TemplateStatus.DEPRECATED, "listing");
    }

    function test_deprecate() public {
        (bytes32 id,) = propose(clone(codeA));
        expectWrongStatus(id, 1, TemplateStatus.PROPOSED);
        vm.prank(council);
        registry.deprecate(id, 1);
        approve(id, 1);
        vm.prank(council);
        registry.deprecate(id, 1);
        vm.assertEq(registry.current(id), uint256(0), "none");
        vm.expectRevert(abi.encodeWithSelector(TemplateRegistry.TemplateNotApproved.selector, id, 0));
        registry.deployable(id);
        expectWrongStatus(id, 1, TemplateStatus.DEPRECATED);
        vm.prank(council);
        registry.deprecate(id, 1);
        expectWrongStatus(id, 1, TemplateStatus.DEPRECATED);
        vm.prank(sky);
        registry.approve(id, 1);
    }

    function test_revoke() public {
        (bytes32 id,) = propose(clone(codeA));
        approve(id, 1);
        vm.prank(council);
        registry.revoke(id, 1);
        vm.assertEq(registry.current(id), uint256(0), "none");
        assertStatus(id, 1, TemplateStatus.REVOKED);
        vm.assertFalse(isLive(Clones.clone(codeA)), "instances are flagged");
        expectWrongStatus(id, 1, TemplateStatus.REVOKED);
        vm.prank(council);
        registry.revoke(id, 1);
        expectWrongStatus(id, 2, TemplateStatus.NONE);
        vm.prank(council);
        registry.revoke(id, 2);

        // The same code does not come back under another version or name.
        bytes memory refusal =
            abi.encodeWithSelector(TemplateRegistry.RuntimeListed.selector, registry.cloneHash(codeA));
        propose(clone(codeA));
        vm.prank(sky);
        vm.expectRevert(refusal);
        registry.approve(id, 2);
        TemplateRegistry.Proposal memory p = clone(codeA);
        p.name = "Other";
        (bytes32 other,) = propose(p);
        vm.prank(sky);
        vm.expectRevert(refusal);
        registry.approve(other, 1);
    }

    function test_revokingAProposalLeavesApprovedCodeAlone() public {
        (bytes32 id,) = propose(clone(codeA));
        approve(id, 1);
        propose(clone(codeA));
        vm.prank(council);
        registry.revoke(id, 2);
        vm.assertEq(registry.current(id), uint256(1), "current");
        vm.assertTrue(isLive(Clones.clone(codeA)), "live");
    }

    function test_revokingADeprecatedVersionKeepsTheCurrentOne() public {
        (bytes32 id,) = propose(clone(codeA));
        approve(id, 1);
        propose(clone(codeB));
        approve(id, 2);
        vm.prank(council);
        registry.revoke(id, 1);
        vm.assertEq(registry.current(id), uint256(2), "current");
        vm.assertFalse(isLive(Clones.clone(codeA)), "revoked");
        vm.assertTrue(isLive(Clones.clone(codeB)), "live");
    }

    function test_proposeRefuses() public {
        TemplateRegistry.Proposal memory p = clone(codeA);
        p.name = "";
        expectRefusal(p, abi.encodeWithSelector(TemplateRegistry.EmptyName.selector));

        p = clone(codeA);
        p.runtimeHash = 0;
        expectRefusal(p, abi.encodeWithSelector(TemplateRegistry.EmptyHash.selector));

        p = clone(codeA);
        p.implementation = address(0);
        expectRefusal(p, abi.encodeWithSelector(TemplateRegistry.ModeUnclear.selector));

        p = blob();
        p.implementation = codeA;
        expectRefusal(p, abi.encodeWithSelector(TemplateRegistry.ModeUnclear.selector));

        p = blob();
        p.kind = TemplateKind.FACET;
        expectRefusal(p, abi.encodeWithSelector(TemplateRegistry.ModeUnclear.selector));

        p = clone(codeA);
        p.runtimeHash = codeB.codehash;
        expectRefusal(
            p,
            abi.encodeWithSelector(
                TemplateRegistry.RuntimeHashMismatch.selector, codeB.codehash, codeA.codehash
            )
        );

        p = blob();
        (p.blobs[0], p.blobs[1]) = (p.blobs[1], p.blobs[0]);
        expectRefusal(
            p,
            abi.encodeWithSelector(
                TemplateRegistry.CreationHashMismatch.selector,
                p.creationHash,
                keccak256(bytes.concat(part(type(CodeB).creationCode, 1), part(type(CodeB).creationCode, 0)))
            )
        );

        p = blob();
        p.blobs[1] = stranger;
        expectRefusal(p, abi.encodeWithSelector(BlobStore.NotABlob.selector, stranger));
    }

    function test_aChangedBlobIsNoticed() public {
        TemplateRegistry.Proposal memory p = blob();
        (bytes32 id,) = propose(p);
        approve(id, 1);
        bytes memory code = p.blobs[0].code;
        code[7] ^= 0x01;
        vm.etch(p.blobs[0], code);
        vm.expectPartialRevert(TemplateRegistry.CreationHashMismatch.selector);
        registry.deployable(id);
    }

    function test_storeIsIdempotentAndBounded() public {
        bytes memory data = new bytes(24_575);
        data[24_574] = 0x77;
        address pointer = registry.store(data);
        vm.assertEq(registry.store(data), pointer, "the same");
        vm.assertEq(pointer.code.length, 24_576, "at the limit of deployed code");
        vm.assertEq(pointer.code, bytes.concat(hex"00", data), "content");
        (bool ok,) = pointer.call("");
        vm.assertTrue(ok, "a call stops at once");

        vm.expectRevert(abi.encodeWithSelector(BlobStore.BlobSize.selector, 24_576));
        registry.store(new bytes(24_576));
        vm.expectRevert(abi.encodeWithSelector(BlobStore.BlobSize.selector, 0));
        registry.store("");
    }

    function testFuzz_storedIsRead(bytes calldata first, bytes calldata second) public {
        vm.assume(first.length != 0 && second.length != 0);
        TemplateRegistry.Proposal memory p = blob();
        p.blobs[0] = registry.store(first);
        p.blobs[1] = registry.store(second);
        p.creationHash = keccak256(bytes.concat(first, second));
        (bytes32 id,) = propose(p);
        vm.assertEq(registry.creationCode(id, 1), bytes.concat(first, second), "round trip");
    }

    function testFuzz_cloneHashIsThatOfOpenZeppelin(bytes32 seed) public {
        address implementation = vm.addr(uint256(keccak256(abi.encode(seed))));
        vm.assertEq(registry.cloneHash(implementation), Clones.clone(implementation).codehash, "hash");
    }

    function test_access() public {
        (bytes32 id,) = propose(clone(codeA));
        vm.startPrank(stranger);
        bytes memory refusal = abi.encodeWithSelector(Governed.NotCouncil.selector, stranger);
        vm.expectRevert(refusal);
        registry.propose(clone(codeB));
        vm.expectRevert(refusal);
        registry.deprecate(id, 1);
        vm.expectRevert(refusal);
        registry.revoke(id, 1);
        vm.stopPrank();

        address[2] memory callers = [stranger, council];
        for (uint256 i; i < callers.length; ++i) {
            refusal = abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            registry.approve(id, 1);
            vm.expectRevert(refusal);
            registry.setCouncil(stranger);
            vm.expectRevert(refusal);
            registry.setAdmin(stranger);
            vm.stopPrank();
        }

        // The admin may do all that the council may.
        vm.startPrank(sky);
        registry.propose(clone(codeB));
        registry.approve(id, 2);
        registry.deprecate(id, 2);
        registry.revoke(id, 2);
    }

    function clone(address implementation) private view returns (TemplateRegistry.Proposal memory p) {
        p.kind = TemplateKind.UNIT;
        p.name = "Thing";
        p.implementation = implementation;
        p.runtimeHash = implementation.codehash;
        p.auditHash = "audit";
        p.uri = "ipfs://audit";
    }

    function blob() private returns (TemplateRegistry.Proposal memory p) {
        p.kind = TemplateKind.CLASS_PAU;
        p.name = "Blob";
        p.blobs = new address[](2);
        p.blobs[0] = registry.store(part(type(CodeB).creationCode, 0));
        p.blobs[1] = registry.store(part(type(CodeB).creationCode, 1));
        p.creationHash = keccak256(type(CodeB).creationCode);
        p.runtimeHash = codeB.codehash;
        p.auditHash = "audit";
    }

    /// @dev The first 10 bytes, or all after them.
    function part(bytes memory code, uint256 which) private pure returns (bytes memory data) {
        data = new bytes(which == 0 ? 10 : code.length - 10);
        for (uint256 i; i < data.length; ++i) {
            data[i] = code[which == 0 ? i : i + 10];
        }
    }

    function propose(TemplateRegistry.Proposal memory p) private returns (bytes32 id, uint16 version) {
        vm.prank(council);
        return registry.propose(p);
    }

    function approve(bytes32 id, uint16 version) private {
        vm.prank(sky);
        registry.approve(id, version);
    }

    function isLive(address instance) private view returns (bool) {
        bytes32[] memory codehashes = new bytes32[](1);
        codehashes[0] = instance.codehash;
        return registry.allLive(codehashes);
    }

    function expectRefusal(TemplateRegistry.Proposal memory p, bytes memory refusal) private {
        vm.prank(council);
        vm.expectRevert(refusal);
        registry.propose(p);
    }

    function expectWrongStatus(bytes32 id, uint16 version, TemplateStatus status) private {
        vm.expectRevert(abi.encodeWithSelector(TemplateRegistry.WrongStatus.selector, id, version, status));
    }

    function assertStatus(bytes32 id, uint16 version, TemplateStatus status) private view {
        vm.assertTrue(registry.template(id, version).status == status, "status");
    }
}
