// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BlobStore } from "src/factory/BlobStore.sol";
import { Governed } from "src/registry/Governed.sol";

enum TemplateKind {
    CLASS_PAU,
    BOOK,
    REPORTER,
    GUARD,
    UNIT,
    QUEUE,
    BUFFER,
    FACET,
    SPELL_GUARD,
    TOKEN
}

/// @dev BLOB: creation code in data contracts, deployed with CREATE2. CLONE: minimal proxies to one
/// implementation. SHARED: the implementation itself serves all (facets).
enum TemplateMode {
    BLOB,
    CLONE,
    SHARED
}

enum TemplateStatus {
    NONE,
    PROPOSED,
    APPROVED,
    DEPRECATED,
    REVOKED
}

/// @title TemplateRegistry
/// @notice The audited code that Halos are made of. A template has no immutables and no linked libraries, so all
/// its instances have one code hash, and "is this the audited code" is one look at `extcodehash`.
/// @dev At most one version of a template is APPROVED: approving one deprecates the one before. DEPRECATED code
/// makes no new instances but existing ones stay in good standing; REVOKED code flags them.
contract TemplateRegistry is Governed {
    struct Template {
        TemplateKind kind;
        TemplateMode mode;
        TemplateStatus status;
        address implementation;
        bytes32 creationHash;
        bytes32 runtimeHash;
        bytes32 instanceHash;
        bytes32 auditHash;
        address[] blobs;
        string uri;
    }

    /// @dev Give `blobs` and `creationHash` for a BLOB, `implementation` for a clone or a facet, never both.
    struct Proposal {
        TemplateKind kind;
        string name;
        address implementation;
        address[] blobs;
        bytes32 creationHash;
        bytes32 runtimeHash;
        bytes32 auditHash;
        string uri;
    }

    // Kind and status stand here too, so that judging a code hash reads one slot.
    struct Listing {
        bytes32 templateId;
        uint16 version;
        TemplateKind kind;
        TemplateStatus status;
    }

    error EmptyName();
    error EmptyHash();
    /// @notice Give either blobs or an implementation; a facet has an implementation.
    error ModeUnclear();
    error CreationHashMismatch(bytes32 expected, bytes32 got);
    error RuntimeHashMismatch(bytes32 expected, bytes32 got);
    /// @notice This code was approved before, and code is approved once.
    error RuntimeListed(bytes32 instanceHash);
    error WrongStatus(bytes32 templateId, uint16 version, TemplateStatus status);
    error TemplateNotApproved(bytes32 templateId, uint16 version);

    event BlobStored(address indexed pointer, uint256 length);
    event TemplateProposed(
        bytes32 indexed templateId,
        uint16 indexed version,
        TemplateKind kind,
        bytes32 runtimeHash,
        bytes32 auditHash,
        string uri,
        string name
    );
    event TemplateApproved(
        bytes32 indexed templateId,
        uint16 indexed version,
        TemplateKind kind,
        bytes32 runtimeHash,
        bytes32 auditHash,
        string uri
    );
    event TemplateDeprecated(
        bytes32 indexed templateId,
        uint16 indexed version,
        TemplateKind kind,
        bytes32 runtimeHash,
        bytes32 auditHash,
        string uri
    );
    event TemplateRevoked(
        bytes32 indexed templateId,
        uint16 indexed version,
        TemplateKind kind,
        bytes32 runtimeHash,
        bytes32 auditHash,
        string uri
    );

    mapping(bytes32 templateId => mapping(uint16 version => Template)) private _templates;
    mapping(bytes32 instanceHash => Listing) private _listings;
    /// @notice Number of versions proposed so far.
    mapping(bytes32 templateId => uint16) public versionCount;
    /// @notice The APPROVED version, or 0.
    mapping(bytes32 templateId => uint16) public current;
    /// @notice Number of facet versions that were approved and then revoked. While it is 0, whatever a sealed
    /// Controller has wired is in good standing, and nobody needs to look.
    uint256 public revokedFacets;

    constructor(address admin_) Governed(admin_) { }

    /// @notice Keeps up to 24,575 bytes of creation code in a data contract.
    /// @return pointer Its address, which follows from the content; storing the same bytes again is free of effect.
    /// @dev Access: anyone, for what counts is the hash that is approved. Reverts: `BlobSize`.
    function store(bytes calldata data) external returns (address pointer) {
        pointer = BlobStore.store(data);
        emit BlobStored(pointer, data.length);
    }

    /// @notice Puts a version forward for approval.
    /// @return templateId keccak256(abi.encode(kind, name)).
    /// @return version From 1, counted per template.
    /// @dev Access: council or admin. `runtimeHash` is the code hash of the implementation, or for a BLOB of each
    /// instance. Reverts: `NotCouncil`, `EmptyName`, `EmptyHash`, `ModeUnclear`, `CreationHashMismatch` (blobs do
    /// not give that code), `RuntimeHashMismatch` (the implementation has other code), `NotABlob`.
    function propose(Proposal calldata p) external onlyCouncil returns (bytes32 templateId, uint16 version) {
        if (bytes(p.name).length == 0) revert EmptyName();
        if (p.runtimeHash == 0) revert EmptyHash();
        // Exactly one of the two sources of code, and a facet is never a blob.
        bool isBlob = p.blobs.length != 0;
        if (isBlob == (p.implementation != address(0)) || (isBlob && p.kind == TemplateKind.FACET)) {
            revert ModeUnclear();
        }

        templateId = idOf(p.kind, p.name);
        version = ++versionCount[templateId];
        Template storage t = _templates[templateId][version];
        t.kind = p.kind;
        t.status = TemplateStatus.PROPOSED;
        t.runtimeHash = p.runtimeHash;
        t.auditHash = p.auditHash;
        t.uri = p.uri;
        if (isBlob) {
            t.mode = TemplateMode.BLOB;
            t.instanceHash = p.runtimeHash;
            t.creationHash = p.creationHash;
            t.blobs = p.blobs;
            creationCode(templateId, version);
        } else {
            if (p.implementation.codehash != p.runtimeHash) {
                revert RuntimeHashMismatch(p.runtimeHash, p.implementation.codehash);
            }
            t.implementation = p.implementation;
            if (p.kind == TemplateKind.FACET) {
                t.mode = TemplateMode.SHARED;
                t.instanceHash = p.runtimeHash;
            } else {
                t.mode = TemplateMode.CLONE;
                t.instanceHash = cloneHash(p.implementation);
                t.creationHash = keccak256(_cloneCreationCode(p.implementation));
            }
        }
        emit TemplateProposed(templateId, version, p.kind, p.runtimeHash, p.auditHash, p.uri, p.name);
    }

    /// @notice Makes a proposed version the one that new instances are made from; the one before is deprecated.
    /// @dev Access: admin. Reverts: `NotAdmin`, `WrongStatus` unless PROPOSED, `RuntimeListed` (this code was
    /// approved before, perhaps revoked since: code is approved once).
    function approve(bytes32 templateId, uint16 version) external onlyAdmin {
        Template storage t = _templates[templateId][version];
        if (t.status != TemplateStatus.PROPOSED) revert WrongStatus(templateId, version, t.status);
        bytes32 instanceHash = t.instanceHash;
        if (_listings[instanceHash].status != TemplateStatus.NONE) revert RuntimeListed(instanceHash);

        uint16 old = current[templateId];
        if (old != 0) _deprecate(templateId, old);
        current[templateId] = version;
        t.status = TemplateStatus.APPROVED;
        _listings[instanceHash] = Listing(templateId, version, t.kind, TemplateStatus.APPROVED);
        emit TemplateApproved(templateId, version, t.kind, t.runtimeHash, t.auditHash, t.uri);
    }

    /// @notice Ends new deployments of a version, at once.
    /// @dev Access: council or admin. Reverts: `NotCouncil`, `WrongStatus` unless APPROVED.
    function deprecate(bytes32 templateId, uint16 version) external onlyCouncil {
        TemplateStatus status = _templates[templateId][version].status;
        if (status != TemplateStatus.APPROVED) revert WrongStatus(templateId, version, status);
        current[templateId] = 0;
        _deprecate(templateId, version);
    }

    /// @notice Rejects a version for good, at once; its instances lose the factory bit of the onboarding mask.
    /// @dev Access: council or admin. Reverts: `NotCouncil`, `WrongStatus` when unknown or revoked before.
    function revoke(bytes32 templateId, uint16 version) external onlyCouncil {
        Template storage t = _templates[templateId][version];
        TemplateStatus status = t.status;
        if (status == TemplateStatus.NONE || status == TemplateStatus.REVOKED) {
            revert WrongStatus(templateId, version, status);
        }
        if (status == TemplateStatus.APPROVED) current[templateId] = 0;
        t.status = TemplateStatus.REVOKED;
        // A version that was never approved has no listing of its own, but its code may be listed by another.
        if (status != TemplateStatus.PROPOSED) {
            _listings[t.instanceHash].status = TemplateStatus.REVOKED;
            if (t.kind == TemplateKind.FACET) ++revokedFacets;
        }
        emit TemplateRevoked(templateId, version, t.kind, t.runtimeHash, t.auditHash, t.uri);
    }

    /// @notice The id of a template.
    function idOf(TemplateKind kind, string calldata name) public pure returns (bytes32) {
        return keccak256(abi.encode(kind, name));
    }

    /// @notice A version in full; status NONE when there is none.
    function template(bytes32 templateId, uint16 version) external view returns (Template memory) {
        return _templates[templateId][version];
    }

    /// @notice What a factory needs to make an instance of the approved version.
    /// @return version The approved version.
    /// @return code Its creation code, see `creationCode`.
    /// @return instanceHash Code hash that the instance must have.
    /// @dev Reverts: `TemplateNotApproved(templateId, 0)`.
    function deployable(bytes32 templateId)
        external
        view
        returns (uint16 version, bytes memory code, bytes32 instanceHash)
    {
        version = current[templateId];
        if (version == 0) revert TemplateNotApproved(templateId, 0);
        return (version, creationCode(templateId, version), _templates[templateId][version].instanceHash);
    }

    /// @notice The creation code of a version without constructor arguments: the joined blobs, or that of a minimal
    /// proxy to the implementation.
    /// @dev Reverts: `CreationHashMismatch` when it is not the code that was proposed, or there is none.
    function creationCode(bytes32 templateId, uint16 version) public view returns (bytes memory code) {
        Template storage t = _templates[templateId][version];
        code = t.mode == TemplateMode.BLOB ? BlobStore.read(t.blobs) : _cloneCreationCode(t.implementation);
        bytes32 got = keccak256(code);
        if (got != t.creationHash) revert CreationHashMismatch(t.creationHash, got);
    }

    /// @notice Where a code hash was approved, and how it stands now; status NONE when it never was.
    function isApprovedRuntime(bytes32 codehash)
        external
        view
        returns (bytes32 templateId, uint16 version, TemplateStatus status)
    {
        Listing storage listing = _listings[codehash];
        return (listing.templateId, listing.version, listing.status);
    }

    /// @notice Whether a sealed Controller may install a facet with this code hash.
    function isApprovedFacet(bytes32 codehash) external view returns (bool) {
        Listing storage listing = _listings[codehash];
        return listing.status == TemplateStatus.APPROVED && listing.kind == TemplateKind.FACET;
    }

    /// @notice Whether each of these code hashes is in good standing: APPROVED, or DEPRECATED since.
    function allLive(bytes32[] calldata codehashes) external view returns (bool) {
        for (uint256 i; i < codehashes.length; ++i) {
            TemplateStatus status = _listings[codehashes[i]].status;
            if (status != TemplateStatus.APPROVED && status != TemplateStatus.DEPRECATED) return false;
        }
        return true;
    }

    /// @notice The code hash of every minimal proxy (ERC-1167) to `implementation`.
    function cloneHash(address implementation) public pure returns (bytes32) {
        return keccak256(_cloneCode(implementation));
    }

    function _cloneCode(address implementation) private pure returns (bytes memory) {
        return
            abi.encodePacked(hex"363d3d373d3d3d363d73", implementation, hex"5af43d82803e903d91602b57fd5bf3");
    }

    // The same prefix as OpenZeppelin's Clones, so its address predictions hold here.
    function _cloneCreationCode(address implementation) private pure returns (bytes memory) {
        return bytes.concat(hex"3d602d80600a3d3981f3", _cloneCode(implementation));
    }

    function _deprecate(bytes32 templateId, uint16 version) private {
        Template storage t = _templates[templateId][version];
        t.status = TemplateStatus.DEPRECATED;
        _listings[t.instanceHash].status = TemplateStatus.DEPRECATED;
        emit TemplateDeprecated(templateId, version, t.kind, t.runtimeHash, t.auditHash, t.uri);
    }
}
