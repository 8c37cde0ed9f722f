// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Approvals } from "src/factory/Approvals.sol";
import { HaloAddresses, HaloFactory, HaloParams, TokenTerms } from "src/factory/HaloFactory.sol";
import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { TemplateKind, TemplateRegistry } from "src/factory/TemplateRegistry.sol";
import { HaloSpellGuard } from "src/governance/HaloSpellGuard.sol";
import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { HaloToken } from "src/governance/HaloToken.sol";
import { TokenHat } from "src/governance/TokenHat.sol";
import { ArtifactKind, ArtifactRegistry } from "src/registry/ArtifactRegistry.sol";
import { Test } from "test/base/Test.sol";

contract HaloFactoryTest is Test {
    bytes32 private constant HALO_ID = keccak256("acme");

    TemplateRegistry private templates;
    ArtifactRegistry private artifacts;
    HaloFactory private factory;
    bytes32 private artifactId;
    address private sky = makeAddr("sky");
    address private stranger = makeAddr("stranger");

    function setUp() public {
        templates = new TemplateRegistry(sky);
        artifacts = new ArtifactRegistry(sky);
        factory = new HaloFactory(address(templates), address(artifacts));
        vm.startPrank(sky);
        bytes memory code = type(HaloSubProxy).creationCode;
        TemplateRegistry.Proposal memory p;
        p.kind = TemplateKind.SPELL_GUARD;
        p.name = "HaloSubProxy";
        p.blobs = new address[](1);
        p.blobs[0] = templates.store(code);
        p.creationHash = keccak256(code);
        p.runtimeHash = keccak256(type(HaloSubProxy).runtimeCode);
        approve(p);
        approveImplementation(TemplateKind.SPELL_GUARD, "HaloSpellGuard", address(new HaloSpellGuard()));
        approveImplementation(TemplateKind.SPELL_GUARD, "TokenHat", address(new TokenHat()));
        approveImplementation(TemplateKind.TOKEN, "HaloToken", address(new HaloToken()));
        artifactId = artifacts.create(ArtifactKind.HALO, 0, "acme");
        vm.stopPrank();
    }

    function test_aHaloWithoutAToken() public {
        HaloParams memory p = params();
        approve(p);
        HaloAddresses memory at = deployAndCompare(p);
        vm.assertEq(at.token, address(0), "no token");
        vm.assertEq(at.hat, address(0), "no hat");

        HaloSpellGuard guard = HaloSpellGuard(at.guard);
        vm.assertEq(guard.subProxy(), at.subProxy, "subProxy");
        vm.assertEq(guard.parent(), p.parent, "parent");
        vm.assertEq(guard.sky(), sky, "sky");
        vm.assertEq(guard.hat(), address(0), "guard's hat");
        vm.assertTrue(guard.delay() == p.delay && guard.maxDelay() == p.maxDelay, "delays");
        vm.assertTrue(guard.isCanceller(p.cancellers[0]) && guard.isCanceller(p.cancellers[1]), "cancellers");
        assertOnlyWard(at);
    }

    function test_aHaloWithAToken() public {
        HaloParams memory p = params();
        p.token = TokenTerms("Acme", "ACME", 1_000_000e18, makeAddr("treasury"), 400_000e18);
        approve(p);
        HaloAddresses memory at = deployAndCompare(p);
        vm.assertEq(HaloSpellGuard(at.guard).hat(), at.hat, "guard's hat");
        vm.assertEq(TokenHat(at.hat).guard(), at.guard, "hat's guard");
        vm.assertEq(TokenHat(at.hat).token(), at.token, "hat's token");
        vm.assertEq(TokenHat(at.hat).quorum(), 400_000e18, "quorum");
        vm.assertEq(HaloToken(at.token).balanceOf(p.token.holder), 1_000_000e18, "supply");
        assertOnlyWard(at);
    }

    /// @dev One bit of difference from what the artifact approves, in any field, and nothing is made.
    function testFuzz_onlyApprovedParameters(uint256 what) public {
        HaloParams memory p = params();
        p.token = TokenTerms("Acme", "ACME", 1_000_000e18, makeAddr("treasury"), 400_000e18);
        approve(p);
        bytes32 approved = keccak256(abi.encode(p));
        what %= 9;
        if (what == 0) p.parent = address(uint160(p.parent) ^ 1);
        else if (what == 1) p.cancellers[1] = address(uint160(p.cancellers[1]) ^ 1);
        else if (what == 2) p.delay ^= 1;
        else if (what == 3) p.maxDelay ^= 1;
        else if (what == 4) p.token.supply ^= 1;
        else if (what == 5) p.token.holder = address(uint160(p.token.holder) ^ 1);
        else if (what == 6) p.token.quorum ^= 1;
        else if (what == 7) p.salt ^= bytes32(uint256(1));
        else p.token.name = "acme";
        vm.expectRevert(
            abi.encodeWithSelector(Approvals.ParamsHashMismatch.selector, approved, keccak256(abi.encode(p)))
        );
        factory.deployHalo(p);
    }

    function test_theArtifactMustBeTheHalosAndActive() public {
        HaloParams memory p = params();
        vm.expectRevert(abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, artifactId));
        factory.deployHalo(p);

        approve(p);
        vm.prank(sky);
        artifacts.revoke(artifactId, 1, "no");
        vm.expectRevert(abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, artifactId));
        factory.deployHalo(p);

        // The artifact of another Halo approves nothing here, whatever its hash says.
        vm.startPrank(sky);
        p.artifactId = artifacts.create(ArtifactKind.HALO, 0, "zenith");
        artifacts.edit(p.artifactId, 0, "text", keccak256(abi.encode(p)), "", 0);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, p.artifactId));
        factory.deployHalo(p);
    }

    function test_refusals() public {
        HaloParams memory p = params();
        p.cancellers = new address[](0);
        approve(p);
        vm.expectRevert(HaloFactory.NoCanceller.selector);
        factory.deployHalo(p);

        p = params();
        p.token.quorum = 1;
        approve(p);
        vm.expectRevert(abi.encodeWithSelector(HaloFactory.QuorumAboveSupply.selector, 1, 0));
        factory.deployHalo(p);

        p = params();
        p.parent = address(0);
        approve(p);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.ZeroAddress.selector, bytes32("parent")));
        factory.deployHalo(p);

        vm.expectRevert(abi.encodeWithSelector(HaloFactory.ZeroAddress.selector, bytes32("templates")));
        new HaloFactory(address(0), address(artifacts));
        vm.expectRevert(abi.encodeWithSelector(HaloFactory.ZeroAddress.selector, bytes32("artifacts")));
        new HaloFactory(address(templates), address(0));
    }

    function test_aSaltServesOnce() public {
        HaloParams memory p = params();
        approve(p);
        HaloAddresses memory at = factory.deployHalo(p);
        vm.expectRevert(abi.encodeWithSelector(TemplateDeployer.AlreadyDeployed.selector, at.subProxy));
        factory.deployHalo(p);
    }

    function test_onlyApprovedTemplates() public {
        HaloParams memory p = params();
        approve(p);
        bytes32 id = templates.idOf(TemplateKind.SPELL_GUARD, "HaloSpellGuard");
        vm.prank(sky);
        templates.revoke(id, 1);
        vm.expectRevert(abi.encodeWithSelector(TemplateRegistry.TemplateNotApproved.selector, id, 0));
        factory.deployHalo(p);
    }

    // --- Parts ---

    function params() private returns (HaloParams memory p) {
        p.slug = "acme";
        p.parent = makeAddr("primeSubProxy");
        p.cancellers = new address[](2);
        p.cancellers[0] = makeAddr("canceller");
        p.cancellers[1] = makeAddr("canceller2");
        p.delay = 2 days;
        p.maxDelay = 7 days;
        p.artifactId = artifactId;
        p.salt = "salt";
    }

    function approve(HaloParams memory p) private {
        (, bytes32 contentHash,,) = artifacts.head(artifactId);
        vm.prank(sky);
        artifacts.edit(
            artifactId,
            contentHash,
            keccak256(abi.encode(contentHash)),
            keccak256(abi.encode(p)),
            "ipfs://halo",
            0
        );
    }

    /// @dev Deploys as a stranger; compares the addresses with the prediction and the event with both.
    function deployAndCompare(HaloParams memory p) private returns (HaloAddresses memory at) {
        HaloAddresses memory predicted = factory.predictHalo(p);
        vm.expectEmit(address(factory));
        emit HaloFactory.HaloDeployed(
            HALO_ID,
            predicted.subProxy,
            predicted.guard,
            predicted.token,
            predicted.hat,
            keccak256(abi.encode(p)),
            artifactId,
            "acme",
            abi.encode(uint16(1), p)
        );
        vm.prank(stranger);
        at = factory.deployHalo(p);
        vm.assertEq(keccak256(abi.encode(at)), keccak256(abi.encode(predicted)), "where the prediction says");
        vm.assertEq(at.subProxy.codehash, keccak256(type(HaloSubProxy).runtimeCode), "code");
    }

    function assertOnlyWard(HaloAddresses memory at) private {
        HaloSubProxy proxy = HaloSubProxy(at.subProxy);
        vm.assertEq(proxy.wards(at.guard), 1, "the guard");
        address[5] memory others = [address(factory), address(this), stranger, sky, at.hat];
        for (uint256 i; i < others.length; ++i) {
            vm.assertEq(proxy.wards(others[i]), 0, "nobody else");
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(HaloSubProxy.NotWard.selector, others[i]));
            proxy.rely(others[i]);
        }
    }

    function approveImplementation(TemplateKind kind, string memory name, address implementation) private {
        TemplateRegistry.Proposal memory p;
        p.kind = kind;
        p.name = name;
        p.implementation = implementation;
        p.runtimeHash = implementation.codehash;
        approve(p);
    }

    function approve(TemplateRegistry.Proposal memory p) private {
        (bytes32 id, uint16 version) = templates.propose(p);
        templates.approve(id, version);
    }
}
