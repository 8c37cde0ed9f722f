// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Create2 } from "@openzeppelin/contracts/utils/Create2.sol";

import { TemplateKind } from "src/factory/TemplateRegistry.sol";

interface TemplatesLike {
    function deployable(bytes32 templateId)
        external
        view
        returns (uint16 version, bytes memory code, bytes32 instanceHash);
}

/// @title TemplateDeployer
/// @notice Makes instances of approved templates at addresses that are known before.
abstract contract TemplateDeployer {
    /// @dev What to make: `component` tells two instances of one template apart.
    struct Part {
        TemplateKind kind;
        string name;
        bytes32 component;
    }

    /// @dev Where its address comes from, next to chain, factory, component and template version.
    struct Site {
        bytes32 subjectId; // classId or unitId, which name Halo and slugs
        bytes32 salt;
    }

    /// @notice This salt has served before.
    error AlreadyDeployed(address at);
    /// @notice The instance has other code than the template's hash says.
    error CodeHashMismatch(bytes32 component, bytes32 got);

    /// @notice TemplateRegistry that the code comes from.
    address public templates;

    constructor(address templates_) {
        templates = templates_;
    }

    function _deploy(Part memory part, Site memory site, bytes memory args) internal returns (address at) {
        (bytes32 salt, bytes memory initCode, bytes32 instanceHash) = _plan(part, site, args);
        at = Create2.computeAddress(salt, keccak256(initCode));
        if (at.code.length != 0) revert AlreadyDeployed(at);
        Create2.deploy(0, salt, initCode);
        if (at.codehash != instanceHash) revert CodeHashMismatch(part.component, at.codehash);
    }

    function _predict(Part memory part, Site memory site, bytes memory args) internal view returns (address) {
        (bytes32 salt, bytes memory initCode,) = _plan(part, site, args);
        return Create2.computeAddress(salt, keccak256(initCode));
    }

    /// @dev The code hash that instances of the part's template have.
    function _instanceHash(Part memory part) internal view returns (bytes32 instanceHash) {
        (,, instanceHash) = TemplatesLike(templates).deployable(_templateId(part));
    }

    function _plan(Part memory part, Site memory site, bytes memory args)
        private
        view
        returns (bytes32 salt, bytes memory initCode, bytes32 instanceHash)
    {
        uint16 version;
        (version, initCode, instanceHash) = TemplatesLike(templates).deployable(_templateId(part));
        salt = keccak256(
            abi.encode(block.chainid, address(this), site.subjectId, part.component, version, site.salt)
        );
        initCode = bytes.concat(initCode, args);
    }

    function _templateId(Part memory part) private pure returns (bytes32) {
        return keccak256(abi.encode(part.kind, part.name));
    }
}
