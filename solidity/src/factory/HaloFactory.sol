// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { Approvals } from "src/factory/Approvals.sol";
import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";
import { SpellGuardInit } from "src/governance/HaloSpellGuard.sol";
import { TokenInit } from "src/governance/HaloToken.sol";
import { HatInit } from "src/governance/TokenHat.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";

interface GovernedLike {
    function admin() external view returns (address);
}

interface SubProxyLike {
    function rely(address usr) external;
    function deny(address usr) external;
    function wards(address usr) external view returns (uint256);
}

interface SpellGuardLike {
    function initialize(SpellGuardInit calldata p) external;
}

interface TokenLike {
    function initialize(TokenInit calldata p) external;
}

interface HatLike {
    function initialize(HatInit calldata p) external;
}

/// @notice The governance token of a Halo and what approves a spell.
struct TokenTerms {
    string name;
    string symbol;
    uint256 supply; // token units, 18 decimals; 0: the Halo has no token and no hat
    address holder; // gets all of it
    uint256 quorum; // locked token units that approve a spell
}

/// @notice All of a Halo's governance. The keccak256 of its ABI encoding is what the Halo artifact approves.
struct HaloParams {
    string slug;
    address parent; // SubProxy of the Prime above
    address[] cancellers;
    uint32 delay; // seconds from plot to the first moment of execution
    uint32 maxDelay; // seconds from then to the last
    TokenTerms token;
    bytes32 artifactId;
    bytes32 salt;
}

/// @notice The governance contracts of a Halo; token and hat are zero when it has none.
struct HaloAddresses {
    address subProxy;
    address guard;
    address token;
    address hat;
}

/// @title HaloFactory
/// @notice Makes the governance of a Halo from approved templates, with parameters that Sky or the Prime approved as the
/// hash in the active Halo artifact, and keeps nothing. Whoever presses the button changes nothing, so anyone may.
contract HaloFactory is Approvals, TemplateDeployer, ReentrancyGuardTransient {
    error ZeroAddress(bytes32 field);
    error NoCanceller();
    error QuorumAboveSupply(uint256 quorum, uint256 supply);
    /// @notice The SubProxy has other wards than its guard.
    error RenounceFailed(address at);

    /// @dev `metadata` is abi.encode(uint16(1), HaloParams).
    event HaloDeployed(
        bytes32 indexed haloId,
        address indexed subProxy,
        address indexed guard,
        address token,
        address hat,
        bytes32 paramsHash,
        bytes32 artifactId,
        string slug,
        bytes metadata
    );

    uint16 private constant METADATA_VERSION = 1;

    /// @param templates_ TemplateRegistry that the code comes from.
    /// @param artifacts_ ArtifactRegistry that holds the approvals.
    constructor(address templates_, address artifacts_) Approvals(artifacts_) TemplateDeployer(templates_) {
        if (templates_ == address(0)) revert ZeroAddress("templates");
        if (artifacts_ == address(0)) revert ZeroAddress("artifacts");
    }

    /// @notice Makes a Halo's SubProxy and the spell guard that is its only ward; with a token, also the token and the
    /// hat through which its holders approve spells. Sky still has to register the Halo.
    /// @dev Access: anyone. All or nothing. Reverts: `ArtifactNotActive`, `ParamsHashMismatch`, `NoCanceller`,
    /// `QuorumAboveSupply`, `TemplateNotApproved`, `AlreadyDeployed`, `CodeHashMismatch`, `RenounceFailed`, and those of
    /// the parts from below.
    function deployHalo(HaloParams calldata p) external nonReentrant returns (HaloAddresses memory at) {
        bytes32 haloId = haloIdOf(p.slug);
        bytes32 paramsHash = keccak256(abi.encode(p));
        _requireApproval(ArtifactKind.HALO, haloId, p.artifactId, paramsHash);
        if (p.cancellers.length == 0) revert NoCanceller();
        if (p.token.quorum > p.token.supply) revert QuorumAboveSupply(p.token.quorum, p.token.supply);

        Site memory site = Site(haloId, p.salt);
        at.subProxy = _deploy(_subProxy(), site, abi.encode(address(this)));
        at.guard = _deploy(_guard(), site, "");
        if (p.token.supply != 0) {
            at.token = _deploy(_token(), site, "");
            at.hat = _deploy(_hat(), site, "");
            TokenLike(at.token)
                .initialize(TokenInit(p.token.name, p.token.symbol, p.token.supply, p.token.holder));
            HatLike(at.hat).initialize(HatInit(at.guard, at.token, p.token.quorum));
        }
        SpellGuardLike(at.guard)
            .initialize(
                SpellGuardInit({
                subProxy: at.subProxy,
                parent: p.parent,
                sky: GovernedLike(artifacts).admin(),
                hat: at.hat,
                delay: p.delay,
                maxDelay: p.maxDelay,
                cancellers: p.cancellers
            })
            );
        _handOver(at);
        _emitHalo(p, at, haloId, paramsHash);
    }

    /// @notice Where `deployHalo` would put everything with the templates approved now. Checks nothing else.
    /// @dev Only slug, salt and whether there is a token matter. Reverts: `TemplateNotApproved`.
    function predictHalo(HaloParams calldata p) external view returns (HaloAddresses memory at) {
        Site memory site = Site(haloIdOf(p.slug), p.salt);
        at.subProxy = _predict(_subProxy(), site, abi.encode(address(this)));
        at.guard = _predict(_guard(), site, "");
        if (p.token.supply != 0) {
            at.token = _predict(_token(), site, "");
            at.hat = _predict(_hat(), site, "");
        }
    }

    /// @notice The id of a Halo.
    function haloIdOf(string calldata slug) public pure returns (bytes32) {
        return keccak256(bytes(slug));
    }

    /// @dev The guard becomes the only ward.
    function _handOver(HaloAddresses memory at) private {
        SubProxyLike(at.subProxy).rely(at.guard);
        SubProxyLike(at.subProxy).deny(address(this));
        bool isDone = SubProxyLike(at.subProxy).wards(at.guard) == 1
            && SubProxyLike(at.subProxy).wards(address(this)) == 0;
        if (!isDone) revert RenounceFailed(at.subProxy);
    }

    function _emitHalo(HaloParams calldata p, HaloAddresses memory at, bytes32 haloId, bytes32 paramsHash)
        private
    {
        emit HaloDeployed(
            haloId,
            at.subProxy,
            at.guard,
            at.token,
            at.hat,
            paramsHash,
            p.artifactId,
            p.slug,
            abi.encode(METADATA_VERSION, p)
        );
    }

    function _subProxy() private pure returns (Part memory) {
        return Part(TemplateKind.SPELL_GUARD, "HaloSubProxy", "HaloSubProxy");
    }

    function _guard() private pure returns (Part memory) {
        return Part(TemplateKind.SPELL_GUARD, "HaloSpellGuard", "HaloSpellGuard");
    }

    function _hat() private pure returns (Part memory) {
        return Part(TemplateKind.SPELL_GUARD, "TokenHat", "TokenHat");
    }

    function _token() private pure returns (Part memory) {
        return Part(TemplateKind.TOKEN, "HaloToken", "HaloToken");
    }
}
