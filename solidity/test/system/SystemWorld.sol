// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { PositionReporter, Report } from "src/book/PositionReporter.sol";
import { ClassParams, UnitParams } from "src/factory/FactoryTypes.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";

/// @notice A tranched Class as the factory makes it: equity and a senior Unit, off-ramp, guard, Configurator; three
///         Primes, of which the first acts through its own Controller and facets.
abstract contract SystemWorld is EmergencyBase {
    HaloUnit internal junior;
    HaloUnit internal senior;
    ControllerSurface internal prime;

    address internal primeRelayer = makeAddr("primeRelayer");
    address internal cBeam = makeAddr("cBeam");
    bytes32 internal depositKey;

    function _build() internal {
        setUp();
        // The Unit that the base made is of tranche 0.
        junior = unit;
        senior = _deploySenior();
        _activate(address(senior));
        _wirePrime();
        _openConfigurator();
        vm.prank(haloProxy);
        limits.setUnlimitedRateLimitData(RateLimitKeys.offrampReturn(address(usdc), custodian));
    }

    function _classParams() internal override returns (ClassParams memory p) {
        p = classParams();
        p.book.mode = 1;
        p.book.maxUpBpsPerDay = 60;
        p.book.reviewDownBps = 300;
    }

    function _deploySenior() private returns (HaloUnit) {
        vm.prank(haloProxy);
        artifacts.create(ArtifactKind.UNIT, CLASS_ID, "top");
        UnitParams memory p = _unitParams("top");
        (p.tranche, p.annualBps, p.minCoverBps) = (1, 500, 1_500);
        p.artifactId = artifacts.idOf(ArtifactKind.UNIT, keccak256(abi.encode(CLASS_ID, keccak256("top"))));
        return HaloUnit(deployUnit(p).unit);
    }

    function _wirePrime() private {
        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (bytes32("ERC7540_FACET"), bytes32("LCTS_PRIME_FACET"));
        vm.startPrank(primeSubProxy);
        primeAcl.grantRole(Roles.ALLOCATOR, primeRelayer);
        primeAcl.grantRole(Roles.PARAM_ADMIN, address(configurator));
        primeProxy.grantRole(primeProxy.CONTROLLER(), address(primeController));
        primeLimits.grantRole(primeLimits.CONTROLLER(), address(primeController));
        primeLimits.grantRole(primeLimits.LIMIT_SETTER(), address(configurator));
        primeController.syncIntegrations(new bytes32[](0), ids);
        vm.stopPrank();
        openPrimeLimits(address(junior));
        openPrimeLimits(address(senior));
        _fillLimit(address(junior));
        _fillLimit(address(senior));
        prime = ControllerSurface(address(primeController));
    }

    /// @dev A new limit starts empty; this one has been there for a while.
    function _fillLimit(address at) private {
        bytes32 key = RateLimitKeys.erc7540Deposit(address(usds), at);
        vm.prank(primeSubProxy);
        primeLimits.setRateLimitData(key, 10_000_000e18, 100e18, 10_000_000e18, block.timestamp);
    }

    function _openConfigurator() private {
        depositKey = RateLimitKeys.erc7540Deposit(address(usds), address(senior));
        openConfigurator(address(senior));
        vm.prank(sky);
        beamState.addGovOps(address(primeProxy), cBeam);
    }

    /// @dev A report of two attestors, made of what the ledger and the chain show and the rest as deployed.
    function _reportNav(uint256 nav) internal returns (bool ok) {
        Report memory r;
        r.seq = reporter.lastSeq() + 1;
        r.asOf = uint64(block.timestamp);
        r.inFlightValue = _least(nav, ledger.inFlightTotal());
        r.liquidValue = _least(nav - r.inFlightValue, book.measuredLiquidity());
        r.deployedValue = nav - r.inFlightValue - r.liquidValue;
        (address[] memory signers, bytes[] memory signatures) = quorum(reporter.digestOf(r));
        (ok,) = address(reporter).call(abi.encodeCall(PositionReporter.post, (r, signers, signatures)));
    }

    function _least(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }
}
