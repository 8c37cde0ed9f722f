// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { PositionReporter, Report, ReporterInit } from "src/book/PositionReporter.sol";
import { Roles } from "src/pau/Roles.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { MockSigner } from "test/mocks/lcts/MockSigner.sol";

/// @notice Quorum, signatures, sequence, second keys.
contract PositionReporterTest is LctsBase {
    uint256 private constant NAV = 1_000_000e18;

    function setUp() public override {
        super.setUp();
        _invest(alice, NAV);
        skip(1 days);
    }

    function _one(address signer, bytes memory signature)
        private
        pure
        returns (address[] memory signers, bytes[] memory signatures)
    {
        (signers, signatures) = (new address[](1), new bytes[](1));
        (signers[0], signatures[0]) = (signer, signature);
    }

    function test_post() public {
        Report memory r = Report(
            1,
            uint64(block.timestamp),
            3 * (NAV / 4),
            0,
            NAV / 2,
            NAV / 4 - 5,
            "positions",
            "doc",
            "ipfs://report"
        );
        vm.expectEmit(address(reporter));
        emit PositionReporter.PositionReport(1, r.asOf, NAV + 5, r);
        _post(r);
        vm.assertEq(book.nav(), NAV + 5, "deployed + liquid - fees");
        vm.assertEq(reporter.lastSeq(), 1, "sequence");
        vm.assertEq(book.navAsOf(), r.asOf, "time");
    }

    function test_post_sequence() public {
        Report memory r = _reportOf(NAV);
        r.seq = 2;
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSequence.selector, 1));
        reporter.post(r, signers, signatures);
        r.seq = 1;
        (signers, signatures) = _quorum(r);
        reporter.post(r, signers, signatures);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSequence.selector, 2));
        reporter.post(r, signers, signatures);
    }

    function test_post_times() public {
        Report memory r = _reportOf(NAV);
        r.asOf = uint64(block.timestamp + 1);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.FutureReport.selector, r.asOf));
        reporter.post(r, signers, signatures);
        skip(1 days + 2);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.ReportTooOld.selector, r.asOf));
        reporter.post(r, signers, signatures);
        vm.warp(block.timestamp - 1);
        reporter.post(r, signers, signatures);
    }

    function test_post_signers() public {
        Report memory r = _reportOf(NAV);
        (address[] memory signers, bytes[] memory signatures) = _one(attestors[0], _sign(r, attestors[0]));
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.InsufficientSigners.selector, 1, 2));
        reporter.post(r, signers, signatures);

        (signers, signatures) = _quorum(r);
        bytes[] memory fewer = new bytes[](1);
        fewer[0] = signatures[0];
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.InsufficientSigners.selector, 1, 2));
        reporter.post(r, signers, fewer);

        signers[1] = signers[0];
        signatures[1] = signatures[0];
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.SignersNotAscending.selector, signers[0]));
        reporter.post(r, signers, signatures);

        (signers, signatures) = _quorum(r);
        (signers[0], signers[1]) = (signers[1], signers[0]);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.SignersNotAscending.selector, signers[1]));
        reporter.post(r, signers, signatures);

        (signers, signatures) = _quorum(r);
        signatures[1] = _sign(r, attestors[2]);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, signers[1]));
        reporter.post(r, signers, signatures);

        (signers, signatures) = _quorum(r);
        signers[1] = address(type(uint160).max);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotAttestor.selector, signers[1]));
        reporter.post(r, signers, signatures);
    }

    function test_post_everyFieldIsSigned() public {
        for (uint256 i; i < 7; ++i) {
            Report memory r = _reportOf(NAV);
            (address[] memory signers, bytes[] memory signatures) = _quorum(r);
            if (i == 0) r.asOf -= 1;
            if (i == 1) r.deployedValue -= 1;
            if (i == 2) r.inFlightValue += 1;
            if (i == 3) r.feesAccrued += 1;
            if (i == 4) r.positionsRoot = "x";
            if (i == 5) r.docHash = "x";
            if (i == 6) r.uri = "x";
            vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, signers[0]));
            reporter.post(r, signers, signatures);
        }
    }

    function test_post_otherChainOrContract() public {
        Report memory r = _reportOf(NAV);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.chainId(5);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, signers[0]));
        reporter.post(r, signers, signatures);
        vm.chainId(31_337);
        PositionReporter other = PositionReporter(Clones.clone(address(new PositionReporter())));
        other.initialize(ReporterInit(address(acl), address(book), attestors, 2, 0, address(0)));
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, signers[0]));
        other.post(r, signers, signatures);
    }

    /// @dev The digest is EIP-712's, put together here by hand.
    function test_digest() public view {
        Report memory r = Report(7, 8, 9, 10, 11, 12, "root", "doc", "uri");
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Halo Position Reporter"),
                keccak256("1"),
                block.chainid,
                address(reporter)
            )
        );
        bytes32 typeHash = keccak256(
            "Report(uint64 seq,uint64 asOf,uint256 deployedValue,uint256 inFlightValue,uint256 liquidValue,uint256 feesAccrued,bytes32 positionsRoot,bytes32 docHash,string uri)"
        );
        bytes32 content = keccak256(
            abi.encode(typeHash, 7, 8, 9, 10, 11, 12, bytes32("root"), bytes32("doc"), keccak256("uri"))
        );
        vm.assertEq(reporter.digestOf(r), keccak256(abi.encodePacked(hex"1901", domain, content)), "digest");
    }

    function test_post_byAContractWallet() public {
        MockSigner wallet = new MockSigner();
        vm.startPrank(governance);
        reporter.setAttestor(address(wallet), true);
        reporter.setThreshold(1);
        vm.stopPrank();
        Report memory r = _reportOf(NAV);
        (address[] memory signers, bytes[] memory signatures) = _one(address(wallet), "");
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, address(wallet)));
        reporter.post(r, signers, signatures);
        wallet.approve(reporter.digestOf(r));
        reporter.post(r, signers, signatures);
        vm.assertEq(reporter.lastSeq(), 1, "ERC-1271");
    }

    function test_post_fees() public {
        Report memory r = _reportOf(NAV);
        r.feesAccrued = NAV + 1;
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(PositionReporter.FeesExceedValue.selector);
        reporter.post(r, signers, signatures);
    }

    // --- Review ---

    function test_review_byADisjointKeyOnly() public {
        _report(NAV / 2);
        for (uint256 i; i < 2; ++i) {
            vm.startPrank(attestors[i]);
            vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotDisjoint.selector, attestors[i]));
            reporter.confirm(1);
            vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotDisjoint.selector, attestors[i]));
            reporter.reject(1);
            vm.stopPrank();
        }
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotAttestor.selector, settler));
        reporter.confirm(1);
        vm.startPrank(attestors[2]);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSequence.selector, 1));
        reporter.confirm(0);
        vm.expectEmit(address(reporter));
        emit PositionReporter.Reviewed(1, true, attestors[2]);
        reporter.confirm(1);
        vm.stopPrank();
    }

    /// @dev A signer who was removed meanwhile does not become disjoint by it, nor by being the conserver.
    function test_review_notByASignerInOtherClothes() public {
        _report(NAV / 2);
        vm.startPrank(governance);
        reporter.setAttestor(attestors[0], false);
        reporter.setAttestor(attestors[0], true);
        vm.stopPrank();
        acl.set(keccak256("Roles.CONSERVER"), attestors[0], true);
        vm.prank(attestors[0]);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotDisjoint.selector, attestors[0]));
        reporter.confirm(1);
    }

    function test_review_byTheConserver() public {
        _report(NAV / 2);
        vm.prank(conserver);
        vm.expectEmit(address(reporter));
        emit PositionReporter.Reviewed(1, false, conserver);
        reporter.reject(1);
        vm.assertEq(book.nav(), NAV, "rejected");
    }

    // --- Administration ---

    function test_attestors() public {
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        reporter.setAttestor(stranger, true);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        reporter.setThreshold(1);
        vm.startPrank(governance);
        bytes memory bad = abi.encodeWithSelector(PositionReporter.BadParameter.selector, bytes32("attestor"));
        vm.expectRevert(bad);
        reporter.setAttestor(attestors[0], true);
        vm.expectRevert(bad);
        reporter.setAttestor(stranger, false);
        vm.expectRevert(bad);
        reporter.setAttestor(address(0), true);
        reporter.setAttestor(attestors[0], false);
        vm.assertFalse(reporter.isAttestor(attestors[0]), "removed");
        bad = abi.encodeWithSelector(PositionReporter.BadParameter.selector, bytes32("threshold"));
        vm.expectRevert(bad);
        reporter.setThreshold(3);
        vm.expectRevert(bad);
        reporter.setThreshold(0);
        reporter.setThreshold(1);
        reporter.setAttestor(attestors[1], false);
        vm.stopPrank();
        vm.assertEq(uint256(reporter.attestorCount()), 1, "one left");
    }

    function test_initialize_bounds() public {
        PositionReporter fresh = PositionReporter(Clones.clone(address(new PositionReporter())));
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadParameter.selector, bytes32("acl")));
        fresh.initialize(ReporterInit(address(0), address(book), attestors, 2, 0, address(0)));
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadParameter.selector, bytes32("book")));
        fresh.initialize(ReporterInit(address(acl), address(0), attestors, 2, 0, address(0)));
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadParameter.selector, bytes32("threshold")));
        fresh.initialize(ReporterInit(address(acl), address(book), attestors, 4, 0, address(0)));
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        reporter.initialize(ReporterInit(address(acl), address(book), attestors, 2, 0, address(0)));
    }
}
