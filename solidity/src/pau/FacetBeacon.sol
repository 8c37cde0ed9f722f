// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {
    AccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import { isHardcodedSelector } from "src/pau/HardcodedSelectors.sol";
import { Config, Dispatch, Integration, MAX_WIRES, Wire } from "src/pau/PauTypes.sol";

/// @title List of the facets on offer, from which Controllers pull
/// @notice Each call selector belongs to one integration at most. The beacon never pushes: what changes here reaches a
///         Controller when its own admin syncs, and what is removed here stays wired there until then.
contract FacetBeacon is AccessControlEnumerable {
    using EnumerableSet for EnumerableSet.Bytes32Set;

    error ZeroAdmin();
    error EmptyArray();
    error IntegrationNotFound(bytes32 id);
    error TooManyWires(bytes32 id, uint256 count);
    error CallSelectorAlreadyWired(bytes4 callSelector);
    error CallSelectorHardcoded(bytes4 callSelector);
    error FacetWithoutCode(address facet);

    /// @notice `id` is on offer as `config` says.
    event IntegrationSet(bytes32 indexed id, Config config);
    /// @notice `id` is no longer on offer.
    event IntegrationRemoved(bytes32 indexed id);

    EnumerableSet.Bytes32Set private _ids;
    mapping(bytes32 id => Config) private _configs;
    mapping(bytes4 callSelector => Dispatch) private _dispatches;

    /// @param admin first holder of DEFAULT_ADMIN_ROLE; reverts with `ZeroAdmin` if zero
    constructor(address admin) {
        if (admin == address(0)) revert ZeroAdmin();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Puts `id` on offer, or replaces what it offers. Admin only.
    ///         Reverts with `FacetWithoutCode`, `EmptyArray`, `TooManyWires`, `CallSelectorHardcoded` or
    ///         `CallSelectorAlreadyWired`.
    /// @param wires what the facet's own `wires()` says, or a part of it
    function setIntegration(bytes32 id, address facet, Wire[] calldata wires)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        if (facet.code.length == 0) revert FacetWithoutCode(facet);
        if (wires.length == 0) revert EmptyArray();
        if (wires.length > MAX_WIRES) revert TooManyWires(id, wires.length);

        if (!_ids.add(id)) _clear(id);
        Config storage config = _configs[id];
        config.facet = facet;
        for (uint256 i; i < wires.length; ++i) {
            bytes4 callSelector = wires[i].callSelector;
            if (isHardcodedSelector(callSelector)) revert CallSelectorHardcoded(callSelector);
            if (_dispatches[callSelector].facet != address(0)) revert CallSelectorAlreadyWired(callSelector);
            _dispatches[callSelector] = Dispatch(facet, wires[i].delegateSelector);
            config.wires.push(wires[i]);
        }
        emit IntegrationSet(id, Config(facet, wires));
    }

    /// @notice Takes `id` off. Admin only. Reverts with `IntegrationNotFound`.
    function removeIntegration(bytes32 id) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_ids.remove(id)) revert IntegrationNotFound(id);
        _clear(id);
        emit IntegrationRemoved(id);
    }

    /// @notice All that is on offer, in no particular order.
    function integrations() external view returns (Integration[] memory all) {
        bytes32[] memory ids = _ids.values();
        all = new Integration[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            all[i] = Integration(ids[i], _configs[ids[i]]);
        }
    }

    /// @notice Facet and wires of `id`; empty if it is not on offer.
    function getConfig(bytes32 id) external view returns (Config memory) {
        return _configs[id];
    }

    /// @notice `getConfig` of each id.
    function getConfigs(bytes32[] calldata ids) external view returns (Config[] memory configs) {
        configs = new Config[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            configs[i] = _configs[ids[i]];
        }
    }

    /// @notice Where `callSelector` leads; zero if no integration has it.
    function getDispatch(bytes4 callSelector) external view returns (Dispatch memory) {
        return _dispatches[callSelector];
    }

    /// @notice `getDispatch` of each selector.
    function getDispatches(bytes4[] calldata callSelectors)
        external
        view
        returns (Dispatch[] memory dispatches)
    {
        dispatches = new Dispatch[](callSelectors.length);
        for (uint256 i; i < callSelectors.length; ++i) {
            dispatches[i] = _dispatches[callSelectors[i]];
        }
    }

    function _clear(bytes32 id) private {
        Wire[] storage wires = _configs[id].wires;
        uint256 count = wires.length;
        for (uint256 i; i < count; ++i) {
            delete _dispatches[wires[i].callSelector];
        }
        delete _configs[id];
    }
}
