// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice Stands for the reporter's quorum: as many signers as wanted, each of whom has signed when the signature is the
///         hash of digest and signer.
contract MockQuorum {
    error NoQuorum();

    uint256 public threshold = 2;

    function sign(bytes32 digest, address signer) public pure returns (bytes memory) {
        return abi.encode(keccak256(abi.encode(digest, signer)));
    }

    function requireQuorum(bytes32 digest, address[] calldata signers, bytes[] calldata signatures)
        external
        view
    {
        if (signers.length < threshold || signers.length != signatures.length) revert NoQuorum();
        for (uint256 i; i < signers.length; ++i) {
            if (keccak256(signatures[i]) != keccak256(sign(digest, signers[i]))) revert NoQuorum();
        }
    }
}
