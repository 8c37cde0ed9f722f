// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { BookShares } from "src/book/BookShares.sol";
import { Waterfall } from "src/book/Waterfall.sol";
import { AclLike } from "src/lcts/AclLike.sol";
import { Roles } from "src/pau/Roles.sol";

interface BookUnitLike {
    function asset() external view returns (address);
    function book() external view returns (address);
    function classProxy() external view returns (address);
    function redeemLiquidity() external view returns (uint256);
    function tranche() external view returns (uint8);
}

/// @notice What a Book is told once.
/// @dev `mode` 0 is PARI_PASSU, 1 is SENIOR_JUNIOR. `maxUpBpsPerDay` bounds how fast reports may raise the value,
/// `reviewDownBps` is the fall from which a second key must confirm, `maxReportAge` (seconds) is how long a report can price
/// a settlement. `ledger` is the OfframpLedger, 0 for none.
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
/// a second key has confirmed it. How the value is divided between Units: see BookShares.
contract HaloBook is BookShares {
    using SafeCast for uint256;

    /// @notice The caller has not the role of the Class that this takes.
    error NotAuthorized(bytes32 role);
    /// @notice Only the PositionReporter may call this.
    error NotReporter();
    /// @notice Only the factory may add Units, no more than `MAX_UNITS`, and one per tranche.
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
    /// @notice NAV waits for its second key, so nothing lasting may be derived from it.
    error UnderReview();
    /// @notice Who brought the value down, or may stand behind it, cannot review it.
    error SameKey();
    /// @notice The loss is larger than NAV (asset units).
    error LossExceedsNav(uint256 nav);
    /// @notice The tranche gets its whole claim; there is nothing to give up.
    error NotImpaired(uint8 tranche);

    /// @notice A Unit joined the Book.
    event UnitAdded(address indexed unit, uint8 tranche, uint16 annualBps, uint16 minCoverBps);
    /// @notice A Unit's rate and least cover are now these.
    event TermsSet(address indexed unit, uint16 annualBps, uint16 minCoverBps);
    /// @notice A report set NAV (asset units).
    event NavPosted(uint64 indexed asOf, uint256 nav, uint256 previous);
    /// @notice NAV fell so far from `trusted` (asset units), or is so doubtful, that settlements wait for a second key.
    event NavUnderReview(uint256 nav, uint256 trusted);
    /// @notice The second key confirmed NAV.
    event NavConfirmed(uint256 nav, address indexed by);
    /// @notice The second key refused NAV; it is what it was before.
    event NavRejected(uint256 nav, address indexed by);
    /// @notice A loss was booked (asset units).
    event LossApplied(uint256 amount, uint256 nav, bytes32 evidenceHash, address indexed by);
    /// @notice Governance set NAV outside the bounds (asset units).
    event NavForced(uint256 nav, uint256 previous, bytes32 evidenceHash);
    /// @notice A settlement moved assets in and out (asset units) and changed the Unit's shares.
    event Settled(address indexed unit, uint256 assetsIn, uint256 assetsOut, int256 sharesDelta, uint256 nav);
    /// @notice Shares of a Unit were destroyed and nothing was paid for them.
    event Burned(address indexed unit, uint256 shares);
    /// @notice The shares of equity are worthless, or a tranche gets less than its claim.
    event Insolvent();
    /// @notice An impaired tranche gave up what it had lost: its target (RAY) is now what its share is worth.
    event Crystallized(uint8 indexed tranche, uint256 target, uint256 previous);
    /// @notice So much of the reserve went to the holders of equity; `left` is still booked (asset units).
    event ReserveReleased(uint256 amount, uint256 left);
    /// @notice The bounds on reports are now these.
    event ParamsSet(uint16 maxUpBpsPerDay, uint16 reviewDownBps, uint32 maxReportAge);

    uint256 public constant MAX_UNITS = 16;
    uint256 private constant BPS = 1e4;

    /// @notice The AccessControls of the Class.
    address public acl;
    /// @notice The PositionReporter.
    address public reporter;
    /// @notice The factory, which adds the Class's Units.
    address public factory;
    /// @notice The OfframpLedger, whose write-offs are losses; 0 if the Class has none.
    address public ledger;

    /// @dev The highest NAV since the latest settlement or confirmation: the level from which a fall is measured, so that
    /// a fall cut into small steps is still seen.
    uint128 private _anchor;
    /// @notice When the latest report arrived, unix seconds.
    uint64 public navPostedAt;
    /// @notice The latest settlement that moved assets, unix seconds.
    uint64 public lastFlowAt;

    /// @dev While under review: the value before it, and of what time.
    uint128 private _trustedNav;
    uint64 private _trustedAsOf;

    /// @dev Who brought NAV under review by `applyLoss`; 0 for a report, the Book itself for several.
    address private _reviewBy;
    /// @notice The most that reports may raise NAV in a day, basis points.
    uint16 public maxUpBpsPerDay;
    /// @notice The fall from which a second key must confirm, basis points.
    uint16 public reviewDownBps;
    /// @notice How old a report may be to price a settlement, seconds.
    uint32 public maxReportAge;

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
        if (p.mode > SENIOR_JUNIOR) revert BadParameter("mode");
        acl = p.acl;
        reporter = p.reporter;
        factory = p.factory;
        ledger = p.ledger;
        asset = p.asset;
        mode = p.mode;
        scale = uint64(10 ** (18 - decimals));
        _restingIndex = RAY;
        _setParams(p.maxUpBpsPerDay, p.reviewDownBps, p.maxReportAge);
    }

    /// @notice Adds a Unit of the Class.
    /// @dev Factory only: a Unit moves NAV when it settles, so none may join that the registry does not know. In
    /// SENIOR_JUNIOR `tranche` must be the Unit's own, below 4 and free; `annualBps` (its rate) and `minCoverBps` (the
    /// least part of NAV that must rank below it) speak of tranches 1 to 3 and have no effect elsewhere. Reverts with
    /// CannotAddUnit, BadParameter, NotUnit (there already, or bound to another Book, asset or tranche).
    function addUnit(address unit, uint8 tranche, uint16 annualBps, uint16 minCoverBps)
        external
        nonReentrant
    {
        if (msg.sender != factory || _units.length == MAX_UNITS) revert CannotAddUnit();
        if (
            termsOf[unit].member || BookUnitLike(unit).book() != address(this)
                || BookUnitLike(unit).asset() != asset
        ) revert NotUnit(unit);
        if (mode == SENIOR_JUNIOR) {
            if (tranche >= Waterfall.MAX_TRANCHES || _unitAt[tranche] != address(0)) revert CannotAddUnit();
            if (BookUnitLike(unit).tranche() != tranche) revert NotUnit(unit);
            _unitAt[tranche] = unit;
            if (tranche > _top) _top = tranche;
        }
        _checkTerms(annualBps, minCoverBps);
        termsOf[unit] = UnitTerms(true, tranche, annualBps, minCoverBps, 0, 0, RAY);
        _units.push(unit);
        emit UnitAdded(unit, tranche, annualBps, minCoverBps);
    }

    // --- Value ---

    /// @notice Sets NAV to what a report of `asOf` says (asset units), and lets the targets grow to that time.
    /// @dev PositionReporter only. Reverts with BadReportTime, ReportPredatesSettlement, LiquidOverstated,
    /// NavIncreaseTooLarge. While under review a new report replaces the one that waits.
    /// @param liquid The part of it that lies in the Class's custody and in the Units' redemption liquidity, asset units.
    /// @param doubted Whether it needs its second key however small the change.
    /// @return review Whether NAV now waits for its second key.
    function postNav(uint64 asOf, uint256 nav_, uint256 liquid, bool doubted)
        external
        onlyReporter
        nonReentrant
        returns (bool review)
    {
        if (asOf <= lastFlowAt) revert ReportPredatesSettlement(lastFlowAt);
        if (asOf > block.timestamp || asOf <= navAsOf) revert BadReportTime(asOf);
        if (liquid > 0) {
            uint256 measured = measuredLiquidity();
            if (liquid > measured) revert LiquidOverstated(measured);
        }
        uint256 before = underReview ? _trustedNav : _nav;
        uint256 max = before + _growth(before, asOf);
        if (nav_ > max) revert NavIncreaseTooLarge(max);

        emit NavPosted(asOf, nav_, before);
        navPostedAt = uint64(block.timestamp);
        review = _setNav(nav_, asOf, address(0), doubted);
        // What is refused later must not use up the time in which NAV could have grown, nor move the targets.
        if (!review) _trust();
    }

    /// @notice The second key agrees with NAV; settlements go on.
    /// @dev PositionReporter only, which knows the keys. Reverts with NotUnderReview, SameKey.
    function confirm(address by) external onlyReporter nonReentrant {
        _review(by);
        _anchor = _nav;
        _trust();
        emit NavConfirmed(_nav, by);
    }

    /// @notice The second key refuses NAV; the value and the report before it stand again.
    /// @dev PositionReporter only, which knows the keys. Reverts with NotUnderReview, SameKey.
    function reject(address by) external onlyReporter nonReentrant {
        _review(by);
        _nav = _trustedNav;
        navAsOf = _trustedAsOf;
        emit NavRejected(_nav, by);
    }

    /// @notice Books a loss of `amount` asset units at once.
    /// @dev Conserver, governance or the OfframpLedger. A large one waits for review: by another conserver only if a
    /// conserver booked it itself, else by an attestor. Reverts with LossExceedsNav.
    function applyLoss(uint256 amount, bytes32 evidenceHash) external nonReentrant {
        if (msg.sender != ledger && !_hasRole(Roles.CONSERVER) && !_hasRole(Roles.DEFAULT_ADMIN)) {
            revert NotAuthorized(Roles.CONSERVER);
        }
        if (amount > _nav) revert LossExceedsNav(_nav);
        uint256 left = _nav - amount;
        emit LossApplied(amount, left, evidenceHash, msg.sender);
        // A loss ends no review that waits already. What several brought down is no single one's: the Book's own.
        _setNav(left, navAsOf, underReview ? address(this) : msg.sender, underReview);
    }

    /// @notice Sets NAV (asset units) outside all bounds and ends a review.
    /// @dev Governance only, through its timelock. Counts as a report of now.
    function forceNav(uint256 nav_, bytes32 evidenceHash) external onlyAdmin nonReentrant {
        emit NavForced(nav_, _nav, evidenceHash);
        _nav = _anchor = nav_.toUint128();
        navAsOf = navPostedAt = uint64(block.timestamp);
        underReview = false;
        _trust();
        if (!solvent()) emit Insolvent();
    }

    // --- Shares ---

    /// @notice Books a settlement of the calling Unit: assets in and out (asset units), and its change of shares.
    /// @dev Units of this Book only. Reverts with NotUnit.
    function onSettle(uint256 assetsIn, uint256 assetsOut, int256 sharesDelta) external nonReentrant {
        UnitTerms storage terms = _termsOf(msg.sender);
        // What the first assets are worth is known without a report.
        if (assetsIn > 0 && isEmpty()) navAsOf = growthFrom = uint64(block.timestamp);
        if (sharesDelta != 0) _moveShares(terms, sharesDelta);
        uint256 nav_ = uint256(_nav) + assetsIn - assetsOut;
        _nav = _anchor = nav_.toUint128();
        if (assetsIn > 0 || assetsOut > 0) lastFlowAt = uint64(block.timestamp);
        emit Settled(msg.sender, assetsIn, assetsOut, sharesDelta, nav_);
    }

    /// @notice Books that `shares` of the calling Unit were destroyed and nothing was paid for them. Their value falls to
    /// the tranche's other shares if it is equity or impaired, else to those below.
    /// @dev Units of this Book only. Reverts with NotUnit.
    function onBurn(uint256 shares) external nonReentrant {
        _moveShares(_termsOf(msg.sender), -shares.toInt256());
        emit Burned(msg.sender, shares);
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

    /// @notice Sets a Unit's rate and least cover, both in basis points. The rate counts from the latest trusted report.
    /// @dev Governance only, through its timelock. Reverts with NotUnit, BadParameter.
    function setTerms(address unit, uint16 annualBps, uint16 minCoverBps) external onlyAdmin nonReentrant {
        UnitTerms storage terms = _termsOf(unit);
        _checkTerms(annualBps, minCoverBps);
        (terms.annualBps, terms.minCoverBps) = (annualBps, minCoverBps);
        emit TermsSet(unit, annualBps, minCoverBps);
    }

    /// @notice Makes an impaired tranche whole by giving up what it lost: its target becomes what its share is worth, and a
    /// recovery then goes to those below.
    /// @dev Governance only, through its timelock. A tranche that has next to nothing keeps its claim. Reverts with
    /// UnderReview, NotImpaired, BadParameter.
    function crystallize(uint8 tranche) external onlyAdmin nonReentrant {
        if (underReview) revert UnderReview();
        if (tranche >= Waterfall.MAX_TRANCHES) revert BadParameter("tranche");
        Standing memory s = _standing();
        if (s.values[tranche] >= s.claims[tranche]) revert NotImpaired(tranche);
        UnitTerms storage terms = termsOf[_unitAt[tranche]];
        uint256 target = _index(terms, s);
        if (target < LEAST_INDEX) revert BadParameter("index");
        emit Crystallized(tranche, target, terms.target);
        terms.target = target;
    }

    /// @notice Gives `amount` (asset units) of the booked reserve to those who hold equity; more than there is means all.
    /// @dev Governance only, through its timelock.
    function releaseReserve(uint256 amount) external onlyAdmin nonReentrant {
        uint256 left = Math.saturatingSub(_reserve, amount);
        emit ReserveReleased(_reserve - left, left);
        _reserve = uint128(left);
    }

    // --- Views ---

    /// @notice Whether NAV can price an epoch that was locked at `lockedAt` (unix seconds): it speaks of a time after it,
    /// not too long ago, and is not under review. An empty Book needs no report.
    /// @dev That time is a report's, or the moment when the first assets came in: a Unit that locked while the Book was
    /// empty settles after the one that filled it, without a report in between.
    function usableFor(uint64 lockedAt) external view returns (bool) {
        if (underReview) return false;
        return isEmpty() || (navAsOf >= lockedAt && block.timestamp - navAsOf <= maxReportAge);
    }

    /// @notice The Units of this Book, in the order in which they joined.
    function units() external view returns (address[] memory) {
        return _units;
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

    /// @dev Sets NAV as of `asOf`; a large fall from the anchor, or doubt, starts a review.
    function _setNav(uint256 nav_, uint64 asOf, address by, bool doubted) private returns (bool review) {
        uint256 floor_ = Math.mulDiv(_anchor, BPS - reviewDownBps, BPS, Math.Rounding.Ceil);
        review = doubted || nav_ < floor_;
        if (review) {
            if (!underReview) (_trustedNav, _trustedAsOf) = (_nav, navAsOf);
            _reviewBy = by;
            emit NavUnderReview(nav_, _trustedNav);
        } else if (nav_ > _anchor) {
            _anchor = nav_.toUint128();
        }
        underReview = review;
        (_nav, navAsOf) = (nav_.toUint128(), asOf);
        if (!solvent()) emit Insolvent();
    }

    /// @dev NAV is what it says as of `navAsOf`: growth counts from there, and the targets have come as far.
    function _trust() private {
        if (navAsOf > growthFrom) growthFrom = navAsOf;
        _accrue();
    }

    function _review(address by) private {
        if (!underReview) revert NotUnderReview();
        // Behind a loss that no conserver booked by its own hand (the ledger did, a ConserverController, several) may
        // stand any conserver, so none may review it.
        AclLike list = AclLike(acl);
        bool onBehalf = _reviewBy != address(0) && !list.hasRole(Roles.CONSERVER, _reviewBy);
        if (by == _reviewBy || (onBehalf && list.hasRole(Roles.CONSERVER, by))) revert SameKey();
        underReview = false;
    }

    function _checkTerms(uint16 annualBps, uint16 minCoverBps) private pure {
        if (annualBps > BPS) revert BadParameter("annualBps");
        if (minCoverBps >= BPS) revert BadParameter("minCoverBps");
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
