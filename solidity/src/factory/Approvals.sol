// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ArtifactKind, ArtifactStatus } from "src/registry/ArtifactRegistry.sol";

interface ArtifactsLike {
    function head(bytes32 id)
        external
        view
        returns (uint64 number, bytes32 contentHash, bytes32 paramsHash, ArtifactStatus status);
}

/// @title Approvals: parameters are what governance approved
/// @notice A factory makes only what the subject's artifact in force approves, by the hash of the parameters.
abstract contract Approvals {
    /// @notice The artifact is not that of the subject, or nothing in it is in force.
    error ArtifactNotActive(bytes32 id);
    /// @notice The parameters are not those that the artifact approves.
    error ParamsHashMismatch(bytes32 approved, bytes32 given);

    /// @notice ArtifactRegistry that holds the approvals; its admin is Sky.
    address public artifacts;

    /// @param artifacts_ ArtifactRegistry that holds the approvals.
    constructor(address artifacts_) {
        artifacts = artifacts_;
    }

    function _requireApproval(ArtifactKind kind, bytes32 subjectId, bytes32 artifactId, bytes32 paramsHash)
        internal
        view
    {
        if (artifactId != keccak256(abi.encode(kind, subjectId))) revert ArtifactNotActive(artifactId);
        (,, bytes32 approved, ArtifactStatus status) = ArtifactsLike(artifacts).head(artifactId);
        if (status != ArtifactStatus.ACTIVE) revert ArtifactNotActive(artifactId);
        if (approved != paramsHash) revert ParamsHashMismatch(approved, paramsHash);
    }
}
