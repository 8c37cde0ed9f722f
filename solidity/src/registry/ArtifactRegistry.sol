// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Governed } from "src/registry/Governed.sol";

enum ArtifactKind {
    HALO,
    CLASS,
    UNIT
}

enum ArtifactStatus {
    NONE,
    PROPOSED,
    ACTIVE,
    SUPERSEDED,
    REVOKED
}

/// @dev What an address may do to all artifacts of one Halo, in rising order: EDITOR proposes, HALO and above
/// ratify, SKY revokes. CONSERVER may revoke too, but ratifies nothing.
enum Level {
    NONE,
    EDITOR,
    CONSERVER,
    HALO,
    PRIME,
    SKY
}

/// @title ArtifactRegistry
/// @notice Anchors the Artifacts of Halos, Classes and Units: hash, pointer and hash of the machine-readable
/// parameters, never the text. Edits compare and swap: each names the content that it replaces.
/// @dev All artifacts of a Halo share one table of levels. The admin has level SKY everywhere.
contract ArtifactRegistry is Governed {
    struct Artifact {
        ArtifactKind kind;
        uint64 count;
        uint64 head;
        bytes32 haloId;
    }

    struct Version {
        bytes32 contentHash;
        bytes32 paramsHash;
        bytes32 prevHash;
        address editor;
        uint64 effectiveAt;
        ArtifactStatus status;
        address ratifier;
        string uri;
    }

    error AlreadyCreated(bytes32 id);
    error UnknownArtifact(bytes32 id);
    error UnknownVersion(bytes32 id, uint64 number);
    /// @notice The caller's level does not suffice.
    error NotEditor(Level level);
    /// @notice The edit does not replace the head as it is.
    error StaleEdit(bytes32 expected, bytes32 given);
    error EmptyHash();
    error EmptySlug();
    error UriTooLong(uint256 length);
    error NotEffectiveYet(uint64 at);
    error AlreadyRatified(uint64 number);
    error AlreadyRevoked(uint64 number);

    event ArtifactCreated(
        bytes32 indexed id, ArtifactKind indexed kind, bytes32 indexed subjectId, bytes32 haloId, string slug
    );
    event ArtifactProposed(
        bytes32 indexed id,
        uint64 number,
        bytes32 contentHash,
        bytes32 paramsHash,
        string uri,
        address editor,
        uint64 effectiveAt
    );
    event ArtifactActivated(
        bytes32 indexed id, uint64 number, bytes32 contentHash, bytes32 paramsHash, string uri, address editor
    );
    event ArtifactRevoked(
        bytes32 indexed id,
        uint64 number,
        bytes32 contentHash,
        bytes32 paramsHash,
        string uri,
        address editor,
        bytes32 reasonHash
    );
    event LevelSet(bytes32 indexed haloId, address indexed account, Level level, address by);

    /// @notice Bytes.
    uint256 public constant MAX_URI_LENGTH = 256;

    mapping(bytes32 id => Artifact) private _artifacts;
    mapping(bytes32 id => mapping(uint64 number => Version)) private _versions;
    mapping(bytes32 haloId => mapping(address account => Level)) private _levels;

    constructor(address admin_) Governed(admin_) { }

    /// @notice Gives `account` a level over every artifact of a Halo, or takes it (NONE).
    /// @dev Access: HALO or above, and never below the level that is given or taken; CONSERVER is Sky's alone to
    /// give or take, or the watched would pick the watchman. Reverts: `NotEditor(level of the caller)`.
    function setLevel(bytes32 haloId, address account, Level level) external {
        Level mine = levelOf(haloId, msg.sender);
        Level old = _levels[haloId][account];
        Level needed = level > old ? level : old;
        if (needed < Level.HALO) needed = Level.HALO;
        if (level == Level.CONSERVER || old == Level.CONSERVER) needed = Level.SKY;
        if (mine < needed) revert NotEditor(mine);

        _levels[haloId][account] = level;
        emit LevelSet(haloId, account, level, msg.sender);
    }

    /// @notice Opens the artifact of a Halo, or of a Class or Unit below a subject that has one.
    /// @param kind What the subject is.
    /// @param parent Subject id above: zero for a Halo, the haloId for a Class, the classId for a Unit.
    /// @param slug The subject's name; its id follows from parent and slug, so nobody can open another's.
    /// @return id keccak256(abi.encode(kind, subjectId)).
    /// @dev Access: HALO or above over the Halo concerned (for a new Halo that is Sky). Reverts: `EmptySlug`,
    /// `UnknownArtifact(parent's id)`, `NotEditor`, `AlreadyCreated`.
    function create(ArtifactKind kind, bytes32 parent, string calldata slug) external returns (bytes32 id) {
        if (bytes(slug).length == 0) revert EmptySlug();
        bytes32 subjectId = keccak256(bytes(slug));
        bytes32 haloId = subjectId;
        if (kind != ArtifactKind.HALO) {
            subjectId = keccak256(abi.encode(parent, subjectId));
            bytes32 parentId = idOf(ArtifactKind(uint8(kind) - 1), parent);
            haloId = _artifacts[parentId].haloId;
            if (haloId == 0) revert UnknownArtifact(parentId);
        }
        _requireLevel(haloId, Level.HALO);

        id = idOf(kind, subjectId);
        if (_artifacts[id].haloId != 0) revert AlreadyCreated(id);
        _artifacts[id] = Artifact({ kind: kind, count: 0, head: 0, haloId: haloId });
        emit ArtifactCreated(id, kind, subjectId, haloId, slug);
    }

    /// @notice Proposes the next version.
    /// @param prevHash contentHash of the head that this version replaces; zero when there is none.
    /// @param contentHash keccak256 of the canonical document's bytes.
    /// @param paramsHash keccak256 of the ABI-encoded parameters; later versions of a Class or Unit artifact
    /// repeat the one that was deployed, or the onboarding mask loses its reporting bit.
    /// @param uri Content-addressed pointer, at most 256 bytes.
    /// @param effectiveAt Unix second before which the version cannot be ratified.
    /// @return number The version's number, from 1.
    /// @dev Access: EDITOR or above. Reverts: `UnknownArtifact`, `NotEditor`, `StaleEdit`, `EmptyHash`,
    /// `UriTooLong`.
    function propose(
        bytes32 id,
        bytes32 prevHash,
        bytes32 contentHash,
        bytes32 paramsHash,
        string calldata uri,
        uint64 effectiveAt
    ) external returns (uint64 number) {
        return _propose(id, prevHash, contentHash, paramsHash, uri, effectiveAt);
    }

    /// @notice Makes a proposed version the head.
    /// @dev Access: HALO or above. Reverts: `UnknownArtifact`, `NotEditor`, `UnknownVersion`, `AlreadyRatified`,
    /// `AlreadyRevoked`, `NotEffectiveYet`, `StaleEdit` (another version became head since the proposal).
    function ratify(bytes32 id, uint64 number) external {
        _ratify(id, number);
    }

    /// @notice Proposes and ratifies in one call, as a spell does.
    /// @dev Access: HALO or above. Reverts: those of `propose` and `ratify`.
    function edit(
        bytes32 id,
        bytes32 prevHash,
        bytes32 contentHash,
        bytes32 paramsHash,
        string calldata uri,
        uint64 effectiveAt
    ) external returns (uint64 number) {
        number = _propose(id, prevHash, contentHash, paramsHash, uri, effectiveAt);
        _ratify(id, number);
    }

    /// @notice Withdraws a version for good. A revoked head stays the head, so that the next edit must name it,
    /// but it is not active.
    /// @param reasonHash Hash of the document that gives the reason.
    /// @dev Access: admin, council, or the Halo's CONSERVER. Reverts: `UnknownArtifact`, `NotEditor`,
    /// `UnknownVersion`, `AlreadyRevoked`.
    function revoke(bytes32 id, uint64 number, bytes32 reasonHash) external {
        bytes32 haloId = _known(id).haloId;
        Level mine = levelOf(haloId, msg.sender);
        if (mine != Level.SKY && mine != Level.CONSERVER && msg.sender != council) revert NotEditor(mine);

        Version storage version = _version(id, number);
        if (version.status == ArtifactStatus.REVOKED) revert AlreadyRevoked(number);
        version.status = ArtifactStatus.REVOKED;
        emit ArtifactRevoked(
            id, number, version.contentHash, version.paramsHash, version.uri, version.editor, reasonHash
        );
    }

    /// @notice The id of a subject's artifact.
    function idOf(ArtifactKind kind, bytes32 subjectId) public pure returns (bytes32) {
        return keccak256(abi.encode(kind, subjectId));
    }

    /// @notice The level of `account` over a Halo's artifacts.
    function levelOf(bytes32 haloId, address account) public view returns (Level) {
        return account == admin ? Level.SKY : _levels[haloId][account];
    }

    /// @notice The artifact's kind, Halo, number of versions and head (0 while nothing was ratified).
    function artifact(bytes32 id) external view returns (Artifact memory) {
        return _artifacts[id];
    }

    /// @notice The version in force last: number 0 and status NONE while nothing was ratified.
    function head(bytes32 id)
        external
        view
        returns (uint64 number, bytes32 contentHash, bytes32 paramsHash, ArtifactStatus status)
    {
        number = _artifacts[id].head;
        Version storage version = _versions[id][number];
        return (number, version.contentHash, version.paramsHash, version.status);
    }

    /// @notice One version in full; all zero for a number that was never given.
    function versionAt(bytes32 id, uint64 number) external view returns (Version memory) {
        return _versions[id][number];
    }

    /// @notice Whether the artifact has a ratified head that is not revoked.
    function isActive(bytes32 id) external view returns (bool) {
        return _versions[id][_artifacts[id].head].status == ArtifactStatus.ACTIVE;
    }

    /// @notice Whether the artifact is active with exactly these parameters.
    function isActiveWith(bytes32 id, bytes32 paramsHash) external view returns (bool) {
        Version storage version = _versions[id][_artifacts[id].head];
        return version.status == ArtifactStatus.ACTIVE && version.paramsHash == paramsHash;
    }

    function _propose(
        bytes32 id,
        bytes32 prevHash,
        bytes32 contentHash,
        bytes32 paramsHash,
        string calldata uri,
        uint64 effectiveAt
    ) private returns (uint64 number) {
        Artifact storage subject = _known(id);
        _requireLevel(subject.haloId, Level.EDITOR);
        _requireFresh(id, subject.head, prevHash);
        if (contentHash == 0) revert EmptyHash();
        if (bytes(uri).length > MAX_URI_LENGTH) revert UriTooLong(bytes(uri).length);

        number = ++subject.count;
        _versions[id][number] = Version({
            contentHash: contentHash,
            paramsHash: paramsHash,
            prevHash: prevHash,
            editor: msg.sender,
            effectiveAt: effectiveAt,
            status: ArtifactStatus.PROPOSED,
            ratifier: address(0),
            uri: uri
        });
        emit ArtifactProposed(id, number, contentHash, paramsHash, uri, msg.sender, effectiveAt);
    }

    function _ratify(bytes32 id, uint64 number) private {
        Artifact storage subject = _known(id);
        _requireLevel(subject.haloId, Level.HALO);
        Version storage version = _version(id, number);
        if (version.status == ArtifactStatus.REVOKED) revert AlreadyRevoked(number);
        if (version.status != ArtifactStatus.PROPOSED) revert AlreadyRatified(number);
        if (version.effectiveAt > block.timestamp) revert NotEffectiveYet(version.effectiveAt);
        _requireFresh(id, subject.head, version.prevHash);

        Version storage old = _versions[id][subject.head];
        if (old.status == ArtifactStatus.ACTIVE) old.status = ArtifactStatus.SUPERSEDED;
        version.status = ArtifactStatus.ACTIVE;
        version.ratifier = msg.sender;
        subject.head = number;
        emit ArtifactActivated(
            id, number, version.contentHash, version.paramsHash, version.uri, version.editor
        );
    }

    function _known(bytes32 id) private view returns (Artifact storage subject) {
        subject = _artifacts[id];
        if (subject.haloId == 0) revert UnknownArtifact(id);
    }

    function _version(bytes32 id, uint64 number) private view returns (Version storage version) {
        version = _versions[id][number];
        if (version.status == ArtifactStatus.NONE) revert UnknownVersion(id, number);
    }

    function _requireLevel(bytes32 haloId, Level needed) private view {
        Level mine = levelOf(haloId, msg.sender);
        // CONSERVER stands between EDITOR and HALO in order only: its power is to revoke.
        if (mine < needed || mine == Level.CONSERVER) revert NotEditor(mine);
    }

    function _requireFresh(bytes32 id, uint64 current, bytes32 prevHash) private view {
        bytes32 expected = _versions[id][current].contentHash;
        if (prevHash != expected) revert StaleEdit(expected, prevHash);
    }
}
