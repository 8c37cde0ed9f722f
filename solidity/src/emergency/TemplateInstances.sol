// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Create2 } from "@openzeppelin/contracts/utils/Create2.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";

interface SourcesLike {
    function sources() external view returns (address templates, address beacons, address artifacts);
}

interface TemplatesLike {
    function deployable(bytes32 templateId)
        external
        view
        returns (uint16 version, bytes memory code, bytes32 instanceHash);
}

/// @title TemplateInstances
/// @notice Instances of the approved GUARD templates, made by those who will answer for them.
library TemplateInstances {
    /// @notice The instance has other code than the template's hash says.
    error CodeHashMismatch(bytes32 got);

    /// @dev Makes one of the GUARD template `name` as the registry's TemplateRegistry approves it now. The address follows
    /// from the caller, `salt` and the version. Reverts with TemplateNotApproved, CodeHashMismatch.
    function make(address registry, string memory name, bytes32 salt) internal returns (address at) {
        (address templates,,) = SourcesLike(registry).sources();
        (, bytes memory code, bytes32 instanceHash) =
            TemplatesLike(templates).deployable(keccak256(abi.encode(TemplateKind.GUARD, name)));
        at = Create2.deploy(0, salt, code);
        if (at.codehash != instanceHash) revert CodeHashMismatch(at.codehash);
    }
}
