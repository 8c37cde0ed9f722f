// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The roles of a Class's AccessControls
/// @notice One ACL per Class answers for the Controller, its facets and the Class's Units, book and reporter.
library Roles {
    /// @notice Governance of the Halo: every parameter and every grant.
    bytes32 internal constant DEFAULT_ADMIN = 0x00;
    /// @notice The relayer: moves value within the rate limits.
    bytes32 internal constant ALLOCATOR = keccak256("ALLOCATOR_ROLE");
    /// @notice The operator of the epochs (lpha-lcts).
    bytes32 internal constant SETTLER = keccak256("SETTLER_ROLE");
    /// @notice The wardens, who may stop but not start.
    bytes32 internal constant FREEZER = keccak256("FREEZER_ROLE");
    /// @notice The Fortification Conserver.
    bytes32 internal constant CONSERVER = keccak256("CONSERVER_ROLE");
    /// @notice Held by the FreezerModule and the Configurator: may revoke the roles whose revoker it is made.
    bytes32 internal constant REVOKER = keccak256("REVOKER_ROLE");
    /// @notice Held by the Configurator alone: sets parameters, each call approved beforehand, and names relayers and
    ///         freezers.
    bytes32 internal constant PARAM_ADMIN = keccak256("PARAM_ADMIN_ROLE");
}
