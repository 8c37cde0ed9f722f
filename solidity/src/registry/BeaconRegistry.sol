// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Governed } from "src/registry/Governed.sol";

/// @dev LP/HP: low or high power; LA/HA: low or high authority. A RELAY carries out a PAU's allocations, a
/// SENTINEL watches.
enum BeaconClass {
    LPLA,
    LPHA,
    HPLA,
    HPHA,
    RELAY,
    SENTINEL
}

enum BeaconStatus {
    NONE,
    ACTIVE,
    SUSPENDED,
    REVOKED
}

/// @title BeaconRegistry
/// @notice The off-chain operators that hold on-chain roles: registered, scoped to one subject, anchored to a
/// document, observable by heartbeat, revocable.
contract BeaconRegistry is Governed {
    struct Beacon {
        // One slot: all that a heartbeat reads and writes.
        address operator;
        BeaconClass class;
        BeaconStatus status;
        uint64 lastHeartbeat;
        uint64 registeredAt;
        bytes32 subject;
        bytes32 authorityHash;
        string name;
        string uri;
    }

    error UnknownBeacon(bytes32 id);
    error AlreadyRegistered(bytes32 id);
    error OperatorTaken(address operator, bytes32 subject);
    error EmptyName();
    error EmptySubject();
    error WrongStatus(BeaconStatus status);
    error NotOperator(address caller);

    event BeaconRegistered(
        bytes32 indexed id,
        address indexed operator,
        bytes32 indexed subject,
        BeaconClass class,
        bytes32 authorityHash,
        string name,
        string uri
    );
    event BeaconStatusSet(bytes32 indexed id, BeaconStatus from, BeaconStatus to, address by);
    event Heartbeat(bytes32 indexed id, bytes32 stateRoot, uint64 at);

    mapping(bytes32 id => Beacon) private _beacons;
    mapping(address operator => mapping(bytes32 subject => bytes32 id)) private _idOf;
    bytes32[] private _ids;

    constructor(address admin_) Governed(admin_) { }

    /// @notice Registers a beacon as ACTIVE. It counts as alive from its first heartbeat on.
    /// @param name Unique name, such as "lpha-lcts/acme/tbill"; the id is its keccak256.
    /// @param operator Account that holds the on-chain roles and sends the heartbeats.
    /// @param subject classId or primeId that the beacon serves.
    /// @param authorityHash Hash of the document that grants its authority.
    /// @dev Access: admin. Reverts: `NotAdmin`, `ZeroAddress`, `EmptyName`, `EmptySubject`, `AlreadyRegistered`,
    /// `OperatorTaken` (the operator already serves this subject under a beacon that is not revoked).
    function register(
        string calldata name,
        address operator,
        BeaconClass class,
        bytes32 subject,
        bytes32 authorityHash,
        string calldata uri
    ) external onlyAdmin returns (bytes32 id) {
        _requireAddress(operator, "operator");
        if (bytes(name).length == 0) revert EmptyName();
        if (subject == 0) revert EmptySubject();
        id = keccak256(bytes(name));
        if (_beacons[id].status != BeaconStatus.NONE) revert AlreadyRegistered(id);
        BeaconStatus held = _beacons[_idOf[operator][subject]].status;
        if (held == BeaconStatus.ACTIVE || held == BeaconStatus.SUSPENDED) {
            revert OperatorTaken(operator, subject);
        }

        _beacons[id] = Beacon({
            operator: operator,
            class: class,
            status: BeaconStatus.ACTIVE,
            lastHeartbeat: 0,
            registeredAt: uint64(block.timestamp),
            subject: subject,
            authorityHash: authorityHash,
            name: name,
            uri: uri
        });
        _idOf[operator][subject] = id;
        _ids.push(id);
        emit BeaconRegistered(id, operator, subject, class, authorityHash, name, uri);
    }

    /// @notice Reports that the beacon is alive.
    /// @param stateRoot Digest of the operator's state, for watchers to compare; not stored.
    /// @dev Access: the beacon's operator. Writes one slot. Reverts: `NotOperator`, `WrongStatus` unless ACTIVE.
    function heartbeat(bytes32 id, bytes32 stateRoot) external {
        Beacon storage beacon_ = _beacons[id];
        if (msg.sender != beacon_.operator) revert NotOperator(msg.sender);
        if (beacon_.status != BeaconStatus.ACTIVE) revert WrongStatus(beacon_.status);
        beacon_.lastHeartbeat = uint64(block.timestamp);
        emit Heartbeat(id, stateRoot, uint64(block.timestamp));
    }

    /// @notice Stops an ACTIVE beacon until the admin resumes it.
    /// @dev Access: council or admin. Reverts: `NotCouncil`, `UnknownBeacon`, `WrongStatus`.
    function suspend(bytes32 id) external onlyCouncil {
        _move(id, BeaconStatus.ACTIVE, BeaconStatus.SUSPENDED);
    }

    /// @notice Sets a SUSPENDED beacon to work again.
    /// @dev Access: admin. Reverts: `NotAdmin`, `UnknownBeacon`, `WrongStatus`.
    function resume(bytes32 id) external onlyAdmin {
        _move(id, BeaconStatus.SUSPENDED, BeaconStatus.ACTIVE);
    }

    /// @notice Ends a beacon for good.
    /// @dev Access: council or admin. Reverts: `NotCouncil`, `UnknownBeacon`, `WrongStatus` when revoked before.
    function revoke(bytes32 id) external onlyCouncil {
        BeaconStatus status = _beacons[id].status;
        if (status == BeaconStatus.REVOKED) revert WrongStatus(status);
        _move(id, status, BeaconStatus.REVOKED);
    }

    /// @notice The beacon; status NONE for an unknown id.
    function beacon(bytes32 id) external view returns (Beacon memory) {
        return _beacons[id];
    }

    /// @notice The beacon of an operator for a subject: the last registered, or zero.
    function idOf(address operator, bytes32 subject) external view returns (bytes32) {
        return _idOf[operator][subject];
    }

    /// @notice Whether this beacon is ACTIVE with this operator and subject, heard from or not.
    function isBound(bytes32 id, address operator, bytes32 subject) external view returns (bool) {
        Beacon storage beacon_ = _beacons[id];
        return
            beacon_.status == BeaconStatus.ACTIVE && beacon_.operator == operator
                && beacon_.subject == subject;
    }

    /// @notice Whether `operator` serves `subject` under an ACTIVE beacon heard from within `maxAge` seconds.
    function isAlive(address operator, bytes32 subject, uint256 maxAge) external view returns (bool) {
        Beacon storage beacon_ = _beacons[_idOf[operator][subject]];
        return beacon_.status == BeaconStatus.ACTIVE && block.timestamp - beacon_.lastHeartbeat <= maxAge;
    }

    /// @notice Number of beacons ever registered.
    function count() external view returns (uint256) {
        return _ids.length;
    }

    /// @notice Id of the beacon registered as number `index`, from 0.
    function idAt(uint256 index) external view returns (bytes32) {
        return _ids[index];
    }

    function _move(bytes32 id, BeaconStatus from, BeaconStatus to) private {
        Beacon storage beacon_ = _beacons[id];
        BeaconStatus status = beacon_.status;
        if (status == BeaconStatus.NONE) revert UnknownBeacon(id);
        if (status != from) revert WrongStatus(status);
        beacon_.status = to;
        emit BeaconStatusSet(id, from, to, msg.sender);
    }
}
