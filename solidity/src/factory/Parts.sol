// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";

/// @title Parts
/// @notice What a Class and a Unit are made of, by the names of the templates.
library Parts {
    function pau(string memory name) internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.CLASS_PAU, name, bytes32(bytes(name)));
    }

    function freezerModule() internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.GUARD, "FreezerModule", "FreezerModule");
    }

    function book() internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.BOOK, "HaloBook", "HaloBook");
    }

    function reporter() internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.REPORTER, "PositionReporter", "PositionReporter");
    }

    function ledger() internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.BOOK, "OfframpLedger", "OfframpLedger");
    }

    function emergencyGuard() internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.GUARD, "EmergencyGuard", "EmergencyGuard");
    }

    /// @dev One per endpoint, told apart by its target.
    function buffer(address target) internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(
            TemplateKind.BUFFER, "EndpointBuffer", keccak256(abi.encode(bytes32("EndpointBuffer"), target))
        );
    }

    function unit() internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.UNIT, "HaloUnit", "HaloUnit");
    }

    function queue(bytes32 component) internal pure returns (TemplateDeployer.Part memory) {
        return TemplateDeployer.Part(TemplateKind.QUEUE, "LctsQueue", component);
    }
}
