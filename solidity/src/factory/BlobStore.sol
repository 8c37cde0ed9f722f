// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Create2 } from "@openzeppelin/contracts/utils/Create2.sol";

/// @title BlobStore
/// @notice Bytes kept as the code of data contracts: cheaper to read than storage, and fixed for ever. A leading
/// STOP keeps them from being run.
library BlobStore {
    error BlobSize(uint256 length);
    error NotABlob(address pointer);

    /// @dev The limit on deployed code (EIP-170) less the STOP.
    uint256 internal constant MAX_LENGTH = 24_575;

    /// @dev Stores 1 to 24,575 bytes. The address follows from the content, so storing twice gives the same one.
    function store(bytes memory data) internal returns (address pointer) {
        if (data.length == 0 || data.length > MAX_LENGTH) revert BlobSize(data.length);
        // push2 size, dup1, push1 10, returndatasize, codecopy, returndatasize, return: returns all after itself.
        bytes memory initCode =
            abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df300", data);
        pointer = Create2.computeAddress(0, keccak256(initCode));
        if (pointer.code.length == 0) Create2.deploy(0, 0, initCode);
    }

    /// @dev The joined content of data contracts, in order.
    function read(address[] memory pointers) internal view returns (bytes memory data) {
        uint256 length;
        for (uint256 i; i < pointers.length; ++i) {
            uint256 size = pointers[i].code.length;
            if (size < 2) revert NotABlob(pointers[i]);
            length += size - 1;
        }
        data = new bytes(length);
        uint256 offset = 32;
        for (uint256 i; i < pointers.length; ++i) {
            address pointer = pointers[i];
            uint256 size = pointer.code.length - 1;
            assembly ("memory-safe") {
                extcodecopy(pointer, add(data, offset), 1, size)
            }
            offset += size;
        }
    }
}
