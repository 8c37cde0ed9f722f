// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { AclLike } from "src/lcts/AclLike.sol";
import { Roles } from "src/pau/Roles.sol";

interface BookUnitLike {
    function asset() external view returns (address);
    function book() external view returns (address);
    function classProxy() external view returns (address);
    function redeemLiquidity() external view returns (uint256);
}

/// @notice What a Book is told once.
/// @dev `mode` 0 is PARI_PASSU. `maxUpBpsPerDay` bounds how fast reports may raise the value, `reviewDownBps` is the fall
/// from which a second key must confirm, `maxReportAge` (seconds) is how long a report can price a settlement.
struct BookInit {
    address acl;
    address reporter;
    address asset;
    uint8 mode;
    uint16 maxUpBpsPerDay;
    uint16 reviewDownBps;
    uint32 maxReportAge;
    address factory;
    address ledger;
}

/// @title HaloBook: the ledger of a Class
/// @notice Holds the net asset value (NAV) of a Class in units of its asset and says what a share of each Unit is worth.
/// The value moves by reports, losses, settlements and governance, and by nothing else: tokens sent to any contract
/// change no price. A fall shows at once, a rise only as fast as `maxUpBpsPerDay`; a large fall stops settlements until
/// a second key has confirmed it.
/// @dev PARI_PASSU: every Unit's share has the same index, floor(NAV / shares). What the Units owe never exceeds NAV.
contract HaloBook is Initializable, ReentrancyGuardTransient {
    using SafeCast for uint256;

    /// @notice The caller has not the role of the Class that this takes.
    error NotAuthorized(bytes32 role);
    /// @notice Only the PositionReporter may call this.
    error NotReporter();
    /// @notice The address is no Unit of this Book, or is one already.
    error NotUnit(address unit);
    /// @notice Only the factory or governance may add Units, and no more than `MAX_UNITS`.
    error CannotAddUnit();
    /// @notice A parameter has a value that the Book cannot work with.
    error BadParameter(bytes32 name);
    /// @notice The report is dated after now, or not after the one before.
    error BadReportTime(uint64 asOf);
    /// @notice The report is dated before the latest settlement or not after it, so its flows are not in it.
    error ReportPredatesSettlement(uint64 settledAt);
    /// @notice The report raises NAV above `max` (asset units).
    error NavIncreaseTooLarge(uint256 max);
    /// @notice The report says that more is liquid than the chain shows (asset units).
    error LiquidOverstated(uint256 max);
    /// @notice Nothing waits for review.
    error NotUnderReview();
    /// @notice Who brought the value down cannot confirm it.
    error SameKey();
    /// @notice The loss is larger than NAV (asset units).
    error LossExceedsNav(uint256 nav);

    /// @notice A Unit joined the Book.
    event UnitAdded(address indexed unit, uint8 tranche, uint16 annualBps, uint16 minCoverBps);
    /// @notice A report set NAV (asset units).
    event NavPosted(uint64 indexed asOf, uint256 nav, uint256 previous);
    /// @notice NAV fell so far from `trusted` (asset units) that settlements wait for a second key.
    event NavUnderReview(uint256 nav, uint256 trusted);
    /// @notice The second key confirmed NAV.
    event NavConfirmed(uint256 nav, address indexed by);
    /// @notice The second key refused the fall; NAV is what it was before it.
    event NavRejected(uint256 nav, address indexed by);
    /// @notice A loss was booked (asset units).
    event LossApplied(uint256 amount, uint256 nav, bytes32 evidenceHash, address indexed by);
    /// @notice Governance set NAV outside the bounds (asset units).
    event NavForced(uint256 nav, uint256 previous, bytes32 evidenceHash);
    /// @notice A settlement moved assets in and out (asset units) and changed the Unit's shares.
    event Settled(address indexed unit, uint256 assetsIn, uint256 assetsOut, int256 sharesDelta, uint256 nav);
    /// @notice There are shares and no value for them.
    event Insolvent();
    /// @notice The bounds on reports are now these.
    event ParamsSet(uint16 maxUpBpsPerDay, uint16 reviewDownBps, uint32 maxReportAge);

    /// @dev A Unit's terms; those of tranches are kept for the mode that uses them. `supply` in shares.
    struct UnitTerms {
        bool member;
        uint8 tranche;
        uint16 annualBps;
        uint16 minCoverBps;
        uint128 supply;
    }

    uint8 public constant PARI_PASSU = 0;
    uint256 public constant MAX_UNITS = 16;
    uint256 private constant BPS = 1e4;
    uint256 private constant RAY = 1e27;

    /// @notice The AccessControls of the Class.
    address public acl;
    /// @notice The PositionReporter.
    address public reporter;
    /// @notice The factory, which adds the Class's Units.
    address public factory;
    /// @notice The OfframpLedger, whose write-offs are losses; 0 if the Class has none.
    address public ledger;
    /// @notice The asset of the Class.
    address public asset;
    /// @notice How the value is divided between Units: 0 is PARI_PASSU.
    uint8 public mode;
    /// @dev 10^(18 - asset decimals).
    uint64 private _scale;

    /// @dev NAV, asset units; kept up with every settlement.
    uint128 private _nav;
    /// @dev The highest NAV since the latest settlement or confirmation: the level from which a fall is measured, so that
    /// a fall cut into small steps is still seen.
    uint128 private _anchor;

    /// @notice The time that the latest report speaks of, unix seconds; 0 before the first.
    uint64 public navAsOf;
    /// @notice When the latest report arrived, unix seconds.
    uint64 public navPostedAt;
    /// @notice From when growth is allowed for: the latest report, or when the first assets came in.
    uint64 public growthFrom;
    /// @notice The latest settlement that moved assets, unix seconds.
    uint64 public lastFlowAt;

    /// @dev While under review: the value and time before the fall.
    uint128 private _trustedNav;
    uint64 private _trustedAsOf;
    /// @notice Whether NAV waits for its second key.
    bool public underReview;

    /// @dev Who brought NAV under review by `applyLoss`; 0 for a report.
    address private _reviewBy;
    /// @notice The most that reports may raise NAV in a day, basis points.
    uint16 public maxUpBpsPerDay;
    /// @notice The fall from which a second key must confirm, basis points.
    uint16 public reviewDownBps;
    /// @notice How old a report may be to price a settlement, seconds.
    uint32 public maxReportAge;

    /// @dev Shares of all Units.
    uint128 private _supply;
    /// @dev The index that stands while there are none.
    uint256 private _restingIndex;

    /// @notice A Unit's terms and shares.
    mapping(address unit => UnitTerms) public termsOf;
    address[] private _units;

    modifier onlyReporter() {
        if (msg.sender != reporter) revert NotReporter();
        _;
    }

    modifier onlyAdmin() {
        if (!_hasRole(Roles.DEFAULT_ADMIN)) revert NotAuthorized(Roles.DEFAULT_ADMIN);
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone. Once only.
    /// @dev Reverts with BadParameter.
    function initialize(BookInit calldata p) external initializer {
        uint8 decimals = IERC20Metadata(p.asset).decimals();
        if (decimals < 6 || decimals > 18) revert BadParameter("asset");
        if (p.acl == address(0)) revert BadParameter("acl");
        if (p.reporter == address(0)) revert BadParameter("reporter");
        if (p.mode != PARI_PASSU) revert BadParameter("mode");
        acl = p.acl;
        reporter = p.reporter;
        factory = p.factory;
        ledger = p.ledger;
        asset = p.asset;
        mode = p.mode;
        _scale = uint64(10 ** (18 - decimals));
        _restingIndex = RAY;
        _setParams(p.maxUpBpsPerDay, p.reviewDownBps, p.maxReportAge);
    }

    /// @notice Adds a Unit of the Class.
    /// @dev Factory or governance. `annualBps` and `minCoverBps` have no effect in PARI_PASSU. Reverts with CannotAddUnit,
    /// NotUnit (there already, or bound to another Book or asset).
    function addUnit(address unit, uint8 tranche, uint16 annualBps, uint16 minCoverBps)
        external
        nonReentrant
    {
        if (msg.sender != factory && !_hasRole(Roles.DEFAULT_ADMIN)) revert CannotAddUnit();
        if (_units.length == MAX_UNITS) revert CannotAddUnit();
        if (
            termsOf[unit].member || BookUnitLike(unit).book() != address(this)
                || BookUnitLike(unit).asset() != asset
        ) revert NotUnit(unit);
        termsOf[unit] = UnitTerms(true, tranche, annualBps, minCoverBps, 0);
        _units.push(unit);
        emit UnitAdded(unit, tranche, annualBps, minCoverBps);
    }

    // --- Value ---

    /// @notice Sets NAV to what a report of `asOf` says (asset units).
    /// @dev PositionReporter only. Reverts with BadReportTime, ReportPredatesSettlement, LiquidOverstated,
    /// NavIncreaseTooLarge. While under review a new report replaces the one that waits.
    /// @param liquid The part of it that lies in the Class's custody and in the Units' redemption liquidity, asset units.
    /// @return review Whether NAV now waits for its second key.
    function postNav(uint64 asOf, uint256 nav_, uint256 liquid)
        external
        onlyReporter
        nonReentrant
        returns (bool review)
    {
        if (asOf > block.timestamp || asOf <= navAsOf) revert BadReportTime(asOf);
        if (asOf <= lastFlowAt) revert ReportPredatesSettlement(lastFlowAt);
        if (liquid > 0) {
            uint256 measured = measuredLiquidity();
            if (liquid > measured) revert LiquidOverstated(measured);
        }
        uint256 before = underReview ? _trustedNav : _nav;
        uint256 max = before + _growth(before, asOf);
        if (nav_ > max) revert NavIncreaseTooLarge(max);

        emit NavPosted(asOf, nav_, before);
        if (!underReview) _trustedAsOf = navAsOf;
        review = _setNav(nav_, before, address(0));
        (navAsOf, navPostedAt) = (asOf, uint64(block.timestamp));
        // A fall that is refused later must not use up the time in which NAV could have grown.
        if (!review) growthFrom = asOf;
    }

    /// @notice The second key agrees with NAV; settlements go on.
    /// @dev PositionReporter only, which knows the keys. Reverts with NotUnderReview, SameKey.
    function confirm(address by) external onlyReporter nonReentrant {
        _review(by);
        _anchor = _nav;
        growthFrom = uint64(Math.max(growthFrom, navAsOf));
        emit NavConfirmed(_nav, by);
    }

    /// @notice The second key refuses the fall: NAV and the report before it stand again.
    /// @dev PositionReporter only, which knows the keys. Reverts with NotUnderReview, SameKey.
    function reject(address by) external onlyReporter nonReentrant {
        _review(by);
        _nav = _trustedNav;
        navAsOf = _trustedAsOf;
        emit NavRejected(_nav, by);
    }

    /// @notice Books a loss of `amount` asset units at once.
    /// @dev Conserver, governance or the OfframpLedger. A large one waits for review by another. Reverts with LossExceedsNav.
    function applyLoss(uint256 amount, bytes32 evidenceHash) external nonReentrant {
        if (msg.sender != ledger && !_hasRole(Roles.CONSERVER) && !_hasRole(Roles.DEFAULT_ADMIN)) {
            revert NotAuthorized(Roles.CONSERVER);
        }
        if (amount > _nav) revert LossExceedsNav(_nav);
        uint256 left = _nav - amount;
        if (!underReview) _trustedAsOf = navAsOf;
        emit LossApplied(amount, left, evidenceHash, msg.sender);
        _setNav(left, underReview ? _trustedNav : _nav, msg.sender);
    }

    /// @notice Sets NAV (asset units) outside all bounds and ends a review.
    /// @dev Governance only, through its timelock. Counts as a report of now.
    function forceNav(uint256 nav_, bytes32 evidenceHash) external onlyAdmin nonReentrant {
        emit NavForced(nav_, _nav, evidenceHash);
        _nav = _anchor = nav_.toUint128();
        navAsOf = navPostedAt = growthFrom = uint64(block.timestamp);
        underReview = false;
        if (nav_ == 0 && _supply > 0) emit Insolvent();
    }

    /// @notice Books a settlement of the calling Unit: assets in and out (asset units), and its change of shares.
    /// @dev Units of this Book only. Reverts with NotUnit.
    function onSettle(uint256 assetsIn, uint256 assetsOut, int256 sharesDelta) external nonReentrant {
        UnitTerms storage terms = termsOf[msg.sender];
        if (!terms.member) revert NotUnit(msg.sender);
        if (isEmpty() && assetsIn > 0) growthFrom = uint64(block.timestamp);
        if (sharesDelta != 0) {
            uint256 index = _index();
            terms.supply = _add(terms.supply, sharesDelta);
            _supply = _add(_supply, sharesDelta);
            if (_supply == 0) _restingIndex = index;
        }
        uint256 nav_ = uint256(_nav) + assetsIn - assetsOut;
        _nav = _anchor = nav_.toUint128();
        if (assetsIn > 0 || assetsOut > 0) lastFlowAt = uint64(block.timestamp);
        emit Settled(msg.sender, assetsIn, assetsOut, sharesDelta, nav_);
    }

    // --- Administration ---

    /// @notice Sets the bounds on reports.
    /// @dev Governance only, through its timelock. Reverts with BadParameter.
    function setParams(uint16 maxUpBpsPerDay_, uint16 reviewDownBps_, uint32 maxReportAge_)
        external
        onlyAdmin
        nonReentrant
    {
        _setParams(maxUpBpsPerDay_, reviewDownBps_, maxReportAge_);
    }

    // --- Views ---

    /// @notice Asset value of one share of `unit`, normalised to 18 decimals, RAY, floor. 0 if the share is worthless.
    /// While there are no shares it stands at its last value, at first RAY.
    /// @dev Reverts with NotUnit.
    function indexOf(address unit) external view returns (uint256) {
        if (!termsOf[unit].member) revert NotUnit(unit);
        return _index();
    }

    /// @notice Whether the Book has neither assets nor shares; then a settlement needs no report.
    function isEmpty() public view returns (bool) {
        return _nav == 0 && _supply == 0;
    }

    /// @notice Whether NAV can price an epoch that was locked at `lockedAt` (unix seconds): reported for a time after it,
    /// not too long ago and not under review.
    function usableFor(uint64 lockedAt) external view returns (bool) {
        if (isEmpty()) return true;
        return !underReview && navAsOf >= lockedAt && block.timestamp - navAsOf <= maxReportAge;
    }

    /// @notice The most that a Unit may take in for the sake of cover, asset units. Unbounded in PARI_PASSU.
    function subscribeHeadroom(address) external pure returns (uint256) {
        return type(uint256).max;
    }

    /// @notice The most that a Unit may pay out for the sake of cover, asset units. Unbounded in PARI_PASSU.
    function redeemHeadroom(address) external pure returns (uint256) {
        return type(uint256).max;
    }

    /// @notice Net asset value of the Class, asset units.
    function nav() external view returns (uint256) {
        return _nav;
    }

    /// @notice Shares of all Units.
    function totalShares() external view returns (uint256) {
        return _supply;
    }

    /// @notice The Units of this Book.
    function units() external view returns (address[] memory) {
        return _units;
    }

    /// @notice Whether there is value for the shares.
    function solvent() external view returns (bool) {
        return _nav > 0 || _supply == 0;
    }

    /// @notice What the chain shows of the Class's asset: in its custody and in the Units' redemption liquidity. An upper
    /// bound on what a report may call liquid; it prices nothing.
    function measuredLiquidity() public view returns (uint256 measured) {
        for (uint256 i; i < _units.length; ++i) {
            if (i == 0) measured = IERC20(asset).balanceOf(BookUnitLike(_units[0]).classProxy());
            measured += BookUnitLike(_units[i]).redeemLiquidity();
        }
    }

    /// @notice The most that a report of `asOf` may say (asset units).
    function maxNavAt(uint64 asOf) external view returns (uint256) {
        uint256 before = underReview ? _trustedNav : _nav;
        return before + _growth(before, asOf);
    }

    // --- Accounting ---

    /// @dev Per second, not per begun day: with days counted up, each of many reports a day could use a whole day's bound.
    function _growth(uint256 before, uint64 asOf) private view returns (uint256) {
        if (asOf <= growthFrom) return 0;
        return Math.mulDiv(before, uint256(maxUpBpsPerDay) * (asOf - growthFrom), BPS * 1 days);
    }

    /// @dev Sets NAV, coming from `before`; a large fall from the anchor starts a review.
    function _setNav(uint256 nav_, uint256 before, address by) private returns (bool review) {
        uint256 floor_ = Math.mulDiv(_anchor, BPS - reviewDownBps, BPS, Math.Rounding.Ceil);
        review = nav_ < floor_;
        if (review) {
            _trustedNav = uint128(before);
            _reviewBy = by;
            emit NavUnderReview(nav_, before);
        } else if (nav_ > _anchor) {
            _anchor = nav_.toUint128();
        }
        underReview = review;
        _nav = nav_.toUint128();
        if (nav_ == 0 && _supply > 0) emit Insolvent();
    }

    function _review(address by) private {
        if (!underReview) revert NotUnderReview();
        if (by == _reviewBy) revert SameKey();
        underReview = false;
    }

    function _index() private view returns (uint256) {
        return _supply == 0 ? _restingIndex : Math.mulDiv(_nav, RAY * _scale, _supply);
    }

    function _add(uint128 supply, int256 delta) private pure returns (uint128) {
        return uint256(int256(uint256(supply)) + delta).toUint128();
    }

    function _setParams(uint16 maxUpBpsPerDay_, uint16 reviewDownBps_, uint32 maxReportAge_) private {
        if (maxUpBpsPerDay_ > BPS) revert BadParameter("maxUpBpsPerDay");
        if (reviewDownBps_ > BPS) revert BadParameter("reviewDownBps");
        if (maxReportAge_ == 0) revert BadParameter("maxReportAge");
        (maxUpBpsPerDay, reviewDownBps, maxReportAge) = (maxUpBpsPerDay_, reviewDownBps_, maxReportAge_);
        emit ParamsSet(maxUpBpsPerDay_, reviewDownBps_, maxReportAge_);
    }

    function _hasRole(bytes32 role) private view returns (bool) {
        return AclLike(acl).hasRole(role, msg.sender);
    }
}
