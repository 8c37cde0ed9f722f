// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Arrays } from "@openzeppelin/contracts/utils/Arrays.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { isHardcodedSelector } from "src/pau/HardcodedSelectors.sol";
import { AccessControlsLike } from "src/pau/PauLike.sol";
import { Config, Dispatch, Integration, MAX_WIRES, Wire, WiringRow } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { SharedStorage } from "src/pau/SharedStorage.sol";

interface FacetBeaconLike {
    function getConfig(bytes32 id) external view returns (Config memory);
}

interface SealedRegistryLike {
    function isApprovedFacet(bytes32 codehash) external view returns (bool);
}

/// @title Front door of a PAU: sends each call to the facet wired to its selector
/// @notice Wires come from a FacetBeacon and only when this Controller's admin pulls them. A sealed Controller takes
///         none but facets whose code its registry has approved.
/// @dev Facets run by delegatecall in this contract's storage. The transient re-entrancy guard lies in this contract,
///      so one guard covers every facet.
contract Controller is SharedStorage, ReentrancyGuardTransient {
    error ZeroAccessControls();
    error ZeroBeacon();
    error ZeroProxy();
    error ZeroRateLimits();
    error NotAdmin(address caller);
    error EmptyArray();
    error IntegrationNotFound(bytes32 id);
    error TooManyWires(bytes32 id, uint256 count);
    error CallSelectorAlreadyWired(bytes4 callSelector);
    error CallSelectorHardcoded(bytes4 callSelector);
    error CallSelectorNotWired(bytes4 callSelector);
    error InvalidCallDataLength(uint256 length);
    error FacetNotApproved(bytes32 codehash);
    error FacetWithoutCode(address facet);

    /// @notice `id` is wired as `config` says.
    event IntegrationSet(bytes32 indexed id, Config config);
    /// @notice The wires of `id` are gone.
    event IntegrationRemoved(bytes32 indexed id);

    /// @custom:storage-location erc7201:sky.pau.storage.Controller
    struct Own {
        address beacon;
        address sealedRegistry;
        bytes32[] ids;
        // Never empty for a wired id. Eight to a slot: facet and delegate selector stand with the dispatch, once.
        mapping(bytes32 id => bytes4[]) callSelectors;
        mapping(bytes4 callSelector => Dispatch) dispatches;
    }

    // erc7201("sky.pau.storage.Controller")
    bytes32 private constant OWN_SLOT = 0xee25394e09bdf9f095ffaf6289395c59de06e33ff54692b0774d5012253c4d00;

    modifier onlyAdmin() {
        if (!AccessControlsLike(_shared().accessControls).hasRole(Roles.DEFAULT_ADMIN, msg.sender)) {
            revert NotAdmin(msg.sender);
        }
        _;
    }

    /// @param accessControls_ ACL of the PAU
    /// @param beacon_ FacetBeacon to pull wires from
    /// @param proxy_ ALMProxy that holds the assets
    /// @param rateLimits_ RateLimits of the PAU
    /// @param sealedRegistry_ TemplateRegistry that must approve every facet's code; zero for an unsealed Controller
    constructor(
        address accessControls_,
        address beacon_,
        address proxy_,
        address rateLimits_,
        address sealedRegistry_
    ) {
        _bind(accessControls_, beacon_, proxy_, rateLimits_, sealedRegistry_);
    }

    /// @notice Removes `removeIds` and wires `addIds` as the beacon has them now, in one step: everything that goes,
    ///         goes before anything comes, so a selector may move from one id to another. Admin only.
    ///         Reverts with `EmptyArray`, `IntegrationNotFound`, `FacetWithoutCode`, `FacetNotApproved`,
    ///         `TooManyWires`, `CallSelectorHardcoded` or `CallSelectorAlreadyWired`.
    /// @param removeIds ids to take out; each must be wired here
    /// @param addIds ids to wire or to bring up to date; each must be on the beacon
    function syncIntegrations(bytes32[] calldata removeIds, bytes32[] calldata addIds)
        external
        nonReentrant
        onlyAdmin
    {
        if (removeIds.length + addIds.length == 0) revert EmptyArray();
        _sync(removeIds, addIds);
    }

    /// @notice Wires `ids` or brings them up to date; as `syncIntegrations` with nothing to remove. Admin only.
    function updateIntegrations(bytes32[] calldata ids) external nonReentrant onlyAdmin {
        if (ids.length == 0) revert EmptyArray();
        _sync(ids[:0], ids);
    }

    /// @notice Takes `ids` out; as `syncIntegrations` with nothing to add. Admin only.
    function removeIntegrations(bytes32[] calldata ids) external nonReentrant onlyAdmin {
        if (ids.length == 0) revert EmptyArray();
        _sync(ids, ids[:0]);
    }

    /// @notice Passes any other call on to the facet wired to its selector and gives back what the facet gives,
    ///         return data or revert. Takes no ETH. Reverts with `CallSelectorNotWired` or `InvalidCallDataLength`.
    fallback() external {
        if (msg.data.length < 4) revert InvalidCallDataLength(msg.data.length);
        Dispatch memory to = _own().dispatches[msg.sig];
        if (to.facet == address(0)) revert CallSelectorNotWired(msg.sig);
        address facet = to.facet;
        bytes4 selector = to.delegateSelector;
        // The same calldata with another selector, written over free memory: nothing else runs after it.
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            calldatacopy(add(data, 4), 4, sub(calldatasize(), 4))
            let ok := delegatecall(gas(), facet, data, calldatasize(), 0, 0)
            returndatacopy(data, 0, returndatasize())
            if ok { return(data, returndatasize()) }
            revert(data, returndatasize())
        }
    }

    /// @notice ACL of the PAU.
    function accessControls() external view returns (address) {
        return _shared().accessControls;
    }

    /// @notice FacetBeacon that wires are pulled from.
    function beacon() external view returns (address) {
        return _own().beacon;
    }

    /// @notice ALMProxy that holds the assets.
    function proxy() external view returns (address) {
        return _shared().proxy;
    }

    /// @notice RateLimits of the PAU.
    function rateLimits() external view returns (address) {
        return _shared().rateLimits;
    }

    /// @notice Registry that approves facets' code; zero if this Controller is not sealed.
    function sealedRegistry() external view returns (address) {
        return _own().sealedRegistry;
    }

    /// @notice All that is wired, by id, in no particular order.
    function integrations() external view returns (Integration[] memory all) {
        bytes32[] storage ids = _own().ids;
        all = new Integration[](ids.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = Integration(ids[i], getConfig(ids[i]));
        }
    }

    /// @notice Facet and wires of `id`; empty if it is not wired here.
    function getConfig(bytes32 id) public view returns (Config memory config) {
        Own storage $ = _own();
        bytes4[] storage callSelectors = $.callSelectors[id];
        config.wires = new Wire[](callSelectors.length);
        for (uint256 i; i < config.wires.length; ++i) {
            bytes4 callSelector = callSelectors[i];
            Dispatch storage to = $.dispatches[callSelector];
            config.facet = to.facet;
            config.wires[i] = Wire(callSelector, to.delegateSelector);
        }
    }

    /// @notice `getConfig` of each id.
    function getConfigs(bytes32[] calldata ids) external view returns (Config[] memory configs) {
        configs = new Config[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            configs[i] = getConfig(ids[i]);
        }
    }

    /// @notice Where `callSelector` leads; zero if it is not wired.
    function getDispatch(bytes4 callSelector) external view returns (Dispatch memory) {
        return _own().dispatches[callSelector];
    }

    /// @notice `getDispatch` of each selector.
    function getDispatches(bytes4[] calldata callSelectors)
        external
        view
        returns (Dispatch[] memory dispatches)
    {
        dispatches = new Dispatch[](callSelectors.length);
        for (uint256 i; i < callSelectors.length; ++i) {
            dispatches[i] = _own().dispatches[callSelectors[i]];
        }
    }

    /// @notice One hash for the whole surface: keccak256(abi.encode(WiringRow[])), rows by ascending call selector,
    ///         facets' code hashes as they are now. A watcher compares it with what it expects.
    function wiringHash() external view returns (bytes32) {
        uint256[] memory selectors = _callSelectors();
        Arrays.sort(selectors);
        WiringRow[] memory rows = new WiringRow[](selectors.length);
        Own storage $ = _own();
        for (uint256 i; i < rows.length; ++i) {
            bytes4 callSelector = bytes4(uint32(selectors[i]));
            Dispatch storage to = $.dispatches[callSelector];
            (address facet, bytes4 delegateSelector) = (to.facet, to.delegateSelector);
            rows[i] = WiringRow(callSelector, facet, delegateSelector, facet.codehash);
        }
        return keccak256(abi.encode(rows));
    }

    function _bind(
        address accessControls_,
        address beacon_,
        address proxy_,
        address rateLimits_,
        address sealedRegistry_
    ) internal {
        if (accessControls_ == address(0)) revert ZeroAccessControls();
        if (beacon_ == address(0)) revert ZeroBeacon();
        if (proxy_ == address(0)) revert ZeroProxy();
        if (rateLimits_ == address(0)) revert ZeroRateLimits();
        Shared storage shared = _shared();
        shared.accessControls = accessControls_;
        shared.proxy = proxy_;
        shared.rateLimits = rateLimits_;
        Own storage $ = _own();
        $.beacon = beacon_;
        $.sealedRegistry = sealedRegistry_;
    }

    function _sync(bytes32[] calldata removeIds, bytes32[] calldata addIds) private {
        for (uint256 i; i < removeIds.length; ++i) {
            if (!_unwire(removeIds[i])) revert IntegrationNotFound(removeIds[i]);
            emit IntegrationRemoved(removeIds[i]);
        }
        for (uint256 i; i < addIds.length; ++i) {
            _unwire(addIds[i]);
        }
        for (uint256 i; i < addIds.length; ++i) {
            _wire(addIds[i]);
        }
    }

    function _unwire(bytes32 id) private returns (bool wasWired) {
        Own storage $ = _own();
        bytes4[] storage callSelectors = $.callSelectors[id];
        uint256 count = callSelectors.length;
        if (count == 0) return false;
        for (uint256 i; i < count; ++i) {
            delete $.dispatches[callSelectors[i]];
        }
        delete $.callSelectors[id];
        // Ids are few, so the search is cheaper than a second slot for each.
        uint256 index;
        while ($.ids[index] != id) ++index;
        $.ids[index] = $.ids[$.ids.length - 1];
        $.ids.pop();
        return true;
    }

    function _wire(bytes32 id) private {
        Own storage $ = _own();
        Config memory config = FacetBeaconLike($.beacon).getConfig(id);
        address facet = config.facet;
        if (config.wires.length == 0) revert IntegrationNotFound(id);
        if (facet.code.length == 0) revert FacetWithoutCode(facet);
        if (config.wires.length > MAX_WIRES) revert TooManyWires(id, config.wires.length);
        address registry = $.sealedRegistry;
        if (registry != address(0) && !SealedRegistryLike(registry).isApprovedFacet(facet.codehash)) {
            revert FacetNotApproved(facet.codehash);
        }

        $.ids.push(id);
        for (uint256 i; i < config.wires.length; ++i) {
            Wire memory wire = config.wires[i];
            if (isHardcodedSelector(wire.callSelector)) revert CallSelectorHardcoded(wire.callSelector);
            if ($.dispatches[wire.callSelector].facet != address(0)) {
                revert CallSelectorAlreadyWired(wire.callSelector);
            }
            $.dispatches[wire.callSelector] = Dispatch(facet, wire.delegateSelector);
            $.callSelectors[id].push(wire.callSelector);
        }
        emit IntegrationSet(id, config);
    }

    /// @dev As numbers, which sort as selectors do.
    function _callSelectors() private view returns (uint256[] memory selectors) {
        Own storage $ = _own();
        bytes32[] memory ids = $.ids;
        selectors = new uint256[](ids.length * MAX_WIRES);
        uint256 count;
        for (uint256 i; i < ids.length; ++i) {
            bytes4[] memory wired = $.callSelectors[ids[i]];
            for (uint256 j; j < wired.length; ++j) {
                selectors[count++] = uint32(wired[j]);
            }
        }
        // Only shortens the array, which was made for the most that the ids may hold.
        assembly ("memory-safe") {
            mstore(selectors, count)
        }
    }

    function _own() private pure returns (Own storage $) {
        assembly ("memory-safe") {
            $.slot := OWN_SLOT
        }
    }
}
