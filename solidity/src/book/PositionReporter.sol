// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { AclLike } from "src/lcts/AclLike.sol";
import { Roles } from "src/pau/Roles.sol";

interface ReportBookLike {
    function scale() external view returns (uint64);
    function postNav(uint64 asOf, uint256 nav, uint256 liquid, bool doubted) external returns (bool review);
    function confirm(address by) external;
    function reject(address by) external;
}

interface ReportLedgerLike {
    function inFlightTotal() external view returns (uint256);
    function atCostTotal() external view returns (uint256);
    function unmatchedTotal() external view returns (uint256);
}

/// @notice What the attestors say of a Class at one time. Values in units of the Class's asset.
/// @dev `liquidValue`: what lies in the Class's custody and in the Units' redemption liquidity in the asset itself; parked
/// or converted money belongs to `deployedValue`. `positionsRoot`: Merkle root of the positions. `docHash`: hash of the
/// document at `uri`.
struct Report {
    uint64 seq;
    uint64 asOf;
    uint256 deployedValue;
    uint256 inFlightValue;
    uint256 liquidValue;
    uint256 feesAccrued;
    bytes32 positionsRoot;
    bytes32 docHash;
    string uri;
}

/// @notice What a PositionReporter is told once. `threshold` of `attestors` must sign a report.
/// @dev `ledger` is the OfframpLedger, 0 for none. `costToleranceBps`: how far deployed value may stand above the ledger's
/// cost before a second key must agree.
struct ReporterInit {
    address acl;
    address book;
    address[] attestors;
    uint8 threshold;
    uint16 costToleranceBps;
    address ledger;
}

/// @title PositionReporter: what the attestors say, put on the chain
/// @notice Takes position reports that a quorum of attestors has signed (EIP-712; ECDSA keys or ERC-1271 contracts) and
/// hands their value to the Book. A fall that the Book wants reviewed is confirmed or refused by a key that did not sign
/// it: another attestor, or the conserver.
///
/// What was paid to endpoints is known to the off-ramp ledger: no report can say that more is under way than was sent, and
/// one that calls in flight what may be back already, or values positions well above their cost, waits for the second key
/// however small its change.
contract PositionReporter is Initializable, ReentrancyGuardTransient {
    /// @notice The caller has not the role of the Class that this takes.
    error NotAuthorized(bytes32 role);
    /// @notice A parameter has a value that the reporter cannot work with.
    error BadParameter(bytes32 name);
    /// @notice Reports are numbered without gaps; the next is `expected`.
    error BadSequence(uint64 expected);
    /// @notice The report is dated in the future.
    error FutureReport(uint64 asOf);
    /// @notice The report is older than a day.
    error ReportTooOld(uint64 asOf);
    /// @notice Fewer attestors signed than needed.
    error InsufficientSigners(uint256 have, uint256 need);
    /// @notice Signers must be in ascending order, each once.
    error SignersNotAscending(address signer);
    /// @notice The signer is no attestor.
    error NotAttestor(address signer);
    /// @notice The signature is not this signer's for this report.
    error BadSignature(address signer);
    /// @notice The report says that more is in flight than the ledger knows of (asset units).
    error InFlightOverstated(uint256 max);
    /// @notice The fees are more than all that is there.
    error FeesExceedValue();
    /// @notice The key signed the report and so cannot review it.
    error NotDisjoint(address key);

    /// @notice A report was accepted; `nav` in asset units.
    event PositionReport(uint64 indexed seq, uint64 indexed asOf, uint256 nav, Report report);
    /// @notice The review of report `seq` ended.
    event Reviewed(uint64 indexed seq, bool confirmed, address indexed by);
    /// @notice The account attests, or no longer.
    event AttestorSet(address indexed attestor, bool active);
    /// @notice So many attestors must sign.
    event ThresholdSet(uint8 threshold);
    /// @notice Deployed value may stand so far above cost without a second key.
    event CostToleranceSet(uint16 bps);

    struct Attestor {
        bool active;
        uint64 lastSigned;
    }

    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "Report(uint64 seq,uint64 asOf,uint256 deployedValue,uint256 inFlightValue,uint256 liquidValue,uint256 feesAccrued,bytes32 positionsRoot,bytes32 docHash,string uri)"
    );
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("Halo Position Reporter");
    bytes32 private constant VERSION_HASH = keccak256("1");
    uint256 private constant MAX_AGE_AT_POST = 1 days;
    uint256 private constant BPS = 1e4;
    /// @notice The tolerance that compares nothing, for a Class whose positions are not kept at cost.
    uint16 public constant NO_COMPARISON = type(uint16).max;

    /// @notice The AccessControls of the Class.
    address public acl;
    /// @notice How many attestors must sign.
    uint8 public threshold;
    /// @notice How many attestors there are.
    uint8 public attestorCount;
    /// @notice How far deployed value may stand above the ledger's cost without a second key, basis points.
    uint16 public costToleranceBps;
    /// @notice The Book that learns the value.
    address public book;
    /// @notice The number of the latest report; 0 before the first.
    uint64 public lastSeq;
    /// @notice The OfframpLedger, which knows what was sent; 0 if the Class has none.
    address public ledger;
    /// @notice Whether the account attests, and the latest report that it signed.
    mapping(address account => Attestor) public attestorOf;

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone. Once only.
    /// @dev Reverts with BadParameter.
    function initialize(ReporterInit calldata p) external initializer {
        if (p.acl == address(0)) revert BadParameter("acl");
        if (p.book == address(0)) revert BadParameter("book");
        acl = p.acl;
        book = p.book;
        ledger = p.ledger;
        for (uint256 i; i < p.attestors.length; ++i) {
            _setAttestor(p.attestors[i], true);
        }
        _setThreshold(p.threshold);
        _setCostTolerance(p.costToleranceBps);
    }

    // --- Reports ---

    /// @notice Accepts a report with its signatures and hands its value (deployed + in flight + liquid − fees) to the Book.
    /// @dev Anybody may bring it. `signers` ascending, `signatures` in the same order. Reverts with the errors above and
    /// those of HaloBook.postNav.
    function post(Report calldata report, address[] calldata signers, bytes[] calldata signatures)
        external
        nonReentrant
    {
        uint64 seq = lastSeq + 1;
        if (report.seq != seq) revert BadSequence(seq);
        if (report.asOf > block.timestamp) revert FutureReport(report.asOf);
        if (block.timestamp - report.asOf > MAX_AGE_AT_POST) revert ReportTooOld(report.asOf);
        requireQuorum(digestOf(report), signers, signatures);
        for (uint256 i; i < signers.length; ++i) {
            attestorOf[signers[i]].lastSigned = seq;
        }

        uint256 assets = report.deployedValue + report.inFlightValue + report.liquidValue;
        if (report.feesAccrued > assets) revert FeesExceedValue();
        uint256 nav = assets - report.feesAccrued;
        lastSeq = seq;
        emit PositionReport(seq, report.asOf, nav, report);
        bool doubted = _compareWithLedger(report);
        ReportBookLike(book).postNav(report.asOf, nav, report.liquidValue, doubted);
    }

    /// @notice Confirms the value that waits for review; `seq` must be the latest report.
    /// @dev An attestor who did not sign it, or the conserver. Reverts with BadSequence, NotAttestor, NotDisjoint, and the
    /// Book's NotUnderReview and SameKey.
    function confirm(uint64 seq) external nonReentrant {
        _checkReviewer(seq);
        emit Reviewed(seq, true, msg.sender);
        ReportBookLike(book).confirm(msg.sender);
    }

    /// @notice Refuses the value that waits for review: the one before stands again, and a new report is needed to settle.
    /// @dev As `confirm`.
    function reject(uint64 seq) external nonReentrant {
        _checkReviewer(seq);
        emit Reviewed(seq, false, msg.sender);
        ReportBookLike(book).reject(msg.sender);
    }

    // --- Administration ---

    /// @notice Makes the account an attestor, or no longer.
    /// @dev Adding: governance of the Class only. Removing: freezer and conserver too, at once, and also if fewer than the
    /// threshold are left: then nothing can be reported until governance adds one. Reverts with NotAuthorized, and with
    /// BadParameter if it is so already.
    function setAttestor(address attestor, bool active) external nonReentrant {
        if (active || !(_hasRole(Roles.FREEZER) || _hasRole(Roles.CONSERVER))) _checkAdmin();
        _setAttestor(attestor, active);
    }

    /// @notice Sets how many attestors must sign.
    /// @dev Governance of the Class only. Reverts with BadParameter for 0 or more than there are.
    function setThreshold(uint8 threshold_) external nonReentrant {
        _checkAdmin();
        _setThreshold(threshold_);
    }

    /// @notice Sets how far deployed value may stand above the ledger's cost without a second key, basis points;
    /// `NO_COMPARISON` for any distance.
    /// @dev Governance of the Class only.
    function setCostTolerance(uint16 bps) external nonReentrant {
        _checkAdmin();
        _setCostTolerance(bps);
    }

    // --- Views ---

    /// @notice Passes if enough attestors, and nobody else, signed `digest`.
    /// @dev `signers` ascending, `signatures` in the same order; ECDSA or ERC-1271. The digest must be of the asker's own
    /// EIP-712 domain, or a signature given for one purpose would serve another. Reverts with InsufficientSigners,
    /// SignersNotAscending, NotAttestor, BadSignature.
    function requireQuorum(bytes32 digest, address[] calldata signers, bytes[] calldata signatures)
        public
        view
    {
        if (signers.length < threshold) revert InsufficientSigners(signers.length, threshold);
        if (signatures.length != signers.length) {
            revert InsufficientSigners(signatures.length, signers.length);
        }
        address previous;
        for (uint256 i; i < signers.length; ++i) {
            address signer = signers[i];
            if (signer <= previous) revert SignersNotAscending(signer);
            previous = signer;
            if (!attestorOf[signer].active) revert NotAttestor(signer);
            if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signatures[i])) {
                revert BadSignature(signer);
            }
        }
    }

    /// @notice Whether the account attests.
    function isAttestor(address account) external view returns (bool) {
        return attestorOf[account].active;
    }

    /// @notice What attestors sign: the EIP-712 digest of the report for this contract on this chain.
    function digestOf(Report calldata report) public view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(
            domainSeparator(),
            keccak256(
                abi.encode(
                    REPORT_TYPEHASH,
                    report.seq,
                    report.asOf,
                    report.deployedValue,
                    report.inFlightValue,
                    report.liquidValue,
                    report.feesAccrued,
                    report.positionsRoot,
                    report.docHash,
                    keccak256(bytes(report.uri))
                )
            )
        );
    }

    /// @notice The EIP-712 domain: name "Halo Position Reporter", version "1", this chain, this contract.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    // --- Checks ---

    /// @dev Without a ledger nothing can be in flight. Returns whether the report needs a second key.
    function _compareWithLedger(Report calldata report) private view returns (bool doubted) {
        address at = ledger;
        if (at == address(0)) {
            if (report.inFlightValue > 0) revert InFlightOverstated(0);
            return false;
        }
        // The ledger counts 18 decimals.
        uint256 scale = ReportBookLike(book).scale();
        uint256 max = ReportLedgerLike(at).inFlightTotal() / scale;
        if (report.inFlightValue > max) revert InFlightOverstated(max);
        // Cash that is back lies in custody, and counts as in flight until a statement attributes it.
        doubted =
            report.inFlightValue > Math.saturatingSub(max, ReportLedgerLike(at).unmatchedTotal() / scale);
        uint256 tolerance = costToleranceBps;
        if (doubted || tolerance == NO_COMPARISON) return doubted;
        uint256 cost = ReportLedgerLike(at).atCostTotal() / scale;
        return report.deployedValue > Math.mulDiv(cost, BPS + tolerance, BPS);
    }

    function _checkReviewer(uint64 seq) private view {
        if (seq != lastSeq) revert BadSequence(lastSeq);
        Attestor memory reviewer = attestorOf[msg.sender];
        if (reviewer.lastSigned == seq && seq != 0) revert NotDisjoint(msg.sender);
        if (!reviewer.active && !_hasRole(Roles.CONSERVER)) revert NotAttestor(msg.sender);
    }

    function _checkAdmin() private view {
        if (!_hasRole(Roles.DEFAULT_ADMIN)) revert NotAuthorized(Roles.DEFAULT_ADMIN);
    }

    function _hasRole(bytes32 role) private view returns (bool) {
        return AclLike(acl).hasRole(role, msg.sender);
    }

    function _setAttestor(address attestor, bool active) private {
        if (attestor == address(0) || attestorOf[attestor].active == active) revert BadParameter("attestor");
        attestorOf[attestor].active = active;
        attestorCount = active ? attestorCount + 1 : attestorCount - 1;
        emit AttestorSet(attestor, active);
    }

    function _setThreshold(uint8 threshold_) private {
        if (threshold_ == 0 || threshold_ > attestorCount) revert BadParameter("threshold");
        threshold = threshold_;
        emit ThresholdSet(threshold_);
    }

    function _setCostTolerance(uint16 bps) private {
        costToleranceBps = bps;
        emit CostToleranceSet(bps);
    }
}
