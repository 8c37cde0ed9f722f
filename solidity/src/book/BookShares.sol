// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Waterfall } from "src/book/Waterfall.sol";

/// @title BookShares: whose the value of a Class is
/// @notice Keeps the Units' shares and terms, and divides NAV between them.
///
/// PARI_PASSU: every Unit's share has the same index, floor(NAV / shares).
///
/// SENIOR_JUNIOR: one Unit per tranche. A share of tranche 1 to 3 has a target that grows with its annual rate; claims
/// are served from the most senior down, and equity, tranche 0, has the rest. A tranche that gets its whole claim is
/// worth its target, one that does not is impaired: its target goes on growing, so that a recovery fills it before it
/// reaches those below. New money stays out while anything is impaired, or where it would thin the cover of a tranche
/// below its minimum; and what ranks below leaves only as far as cover allows.
///
/// Value that stands over equity while nobody holds equity is the Class's own reserve: who enters later does not get it. It
/// ranks between equity and the others, and covers them; but while nobody holds equity, no tranche that asks for cover
/// takes new money.
/// @dev What the Units owe never exceeds NAV, and a settlement lowers no Unit's index. Both modes are one: in PARI_PASSU
/// all Units share tranche 0.
abstract contract BookShares is Initializable, ReentrancyGuardTransient {
    using SafeCast for uint256;

    /// @notice The address is no Unit of this Book, or is one already.
    error NotUnit(address unit);

    /// @notice Value that nobody held equity for was booked to the Class (asset units).
    event ReserveBooked(uint256 amount);

    /// @dev A Unit's terms. `supply` in shares. `target` (RAY) is what a share of tranche 1 to 3 claims as of `accruedAt`
    /// (unix seconds), the time of the last report that was trusted or of the tranche's first shares.
    struct UnitTerms {
        bool member;
        uint8 tranche;
        uint16 annualBps;
        uint16 minCoverBps;
        uint128 supply;
        uint64 accruedAt;
        uint256 target;
    }

    /// @dev How NAV is divided, asset units, by tranche.
    struct Standing {
        uint256[4] values;
        uint256[4] claims;
        uint256 reserve;
        uint256 shortfall;
    }

    uint8 public constant PARI_PASSU = 0;
    uint8 public constant SENIOR_JUNIOR = 1;
    uint256 internal constant RAY = 1e27;
    /// @dev A share of equity that has lost all but a thousandth is sold no more, and starts again at RAY when all are gone:
    /// at such prices shares would come in numbers that no queue takes.
    uint256 internal constant LEAST_INDEX = RAY / 1e3;

    /// @notice The asset of the Class.
    address public asset;
    /// @notice How the value is divided between Units: 0 is PARI_PASSU, 1 is SENIOR_JUNIOR.
    uint8 public mode;
    /// @dev The most senior tranche that has a Unit.
    uint8 internal _top;
    /// @notice 10^(18 - asset decimals).
    uint64 public scale;
    /// @notice Whether NAV waits for its second key.
    bool public underReview;

    /// @dev NAV, asset units; kept up with every settlement.
    uint128 internal _nav;
    /// @notice The time that NAV speaks of, unix seconds: of the latest report, or when the first assets came in.
    uint64 public navAsOf;
    /// @notice From when growth is allowed for: the latest trusted report, or when the first assets came in.
    uint64 public growthFrom;
    /// @dev Shares of tranche 0.
    uint128 private _equityShares;
    /// @dev What stood over equity when its first holder came, asset units; ranks above equity and below all others.
    uint128 internal _reserve;
    /// @dev The index of equity while it has no shares.
    uint256 internal _restingIndex;

    /// @notice A Unit's terms and shares.
    mapping(address unit => UnitTerms) public termsOf;
    mapping(uint256 tranche => address unit) internal _unitAt;

    // --- Views ---

    /// @notice Asset value of one share of `unit`, normalised to 18 decimals, RAY, floor. 0 if the share is worthless.
    /// While there are no shares it stands at its last value, at first RAY.
    /// @dev Reverts with NotUnit.
    function indexOf(address unit) external view returns (uint256) {
        return _index(_termsOf(unit), _standing());
    }

    /// @notice What a share of `unit` claims, normalised to 18 decimals, RAY; equity claims what it is worth.
    /// @dev Reverts with NotUnit.
    function targetOf(address unit) external view returns (uint256) {
        UnitTerms storage terms = _termsOf(unit);
        return _trancheOf(terms) == 0 ? _index(terms, _standing()) : _target(terms);
    }

    /// @notice The most that `unit` may take in beyond netting, asset units. 0 while a tranche is impaired or a share of
    /// equity next to worthless; else as much as leaves every tranche that it ranks beside or above its least cover, and 0
    /// if one of them asks for cover and nobody holds equity.
    /// @dev Reverts with NotUnit.
    function subscribeHeadroom(address unit) external view returns (uint256 room) {
        UnitTerms storage terms = _termsOf(unit);
        Standing memory s = _standing();
        uint256 tranche = _trancheOf(terms);
        if (s.shortfall > 0 || (tranche == 0 && _index(terms, s) < LEAST_INDEX)) return 0;
        room = type(uint256).max;
        for (uint256 k = 1; k <= tranche; ++k) {
            uint256 least = termsOf[_unitAt[k]].minCoverBps;
            if (least > 0 && _equityShares == 0) return 0;
            (uint256 below, uint256 above) = _sides(s, k);
            room = Math.min(room, Waterfall.subscribeRoom(below, above, least));
        }
    }

    /// @notice The most that `unit` may pay out beyond netting, asset units: as much as leaves every tranche above it its
    /// least cover.
    /// @dev Reverts with NotUnit.
    function redeemHeadroom(address unit) external view returns (uint256 room) {
        uint256 tranche = _trancheOf(_termsOf(unit));
        room = type(uint256).max;
        if (tranche >= _top) return room;
        Standing memory s = _standing();
        for (uint256 k = tranche + 1; k <= _top; ++k) {
            (uint256 below, uint256 above) = _sides(s, k);
            room = Math.min(room, Waterfall.redeemRoom(below, above, termsOf[_unitAt[k]].minCoverBps));
        }
    }

    /// @notice The part of NAV that ranks below `tranche`, the reserve included, basis points, floor; 0 if there is nothing.
    function coverOf(uint8 tranche) public view returns (uint256) {
        (uint256 below, uint256 above) = _sides(_standing(), tranche);
        return Waterfall.cover(below, above);
    }

    /// @notice The cover of the most senior tranche, basis points, floor.
    function cover() external view returns (uint256) {
        return coverOf(_top);
    }

    /// @notice What each tranche is worth, asset units, from equity up to the most senior that has a Unit.
    function trancheValues() external view returns (uint256[] memory values) {
        Standing memory s = _standing();
        values = new uint256[](_top + 1);
        for (uint256 k; k < values.length; ++k) {
            values[k] = s.values[k];
        }
    }

    /// @notice What equity, tranche 0, is worth, asset units.
    function equity() external view returns (uint256) {
        return _standing().values[0];
    }

    /// @notice Value that belongs to the Class and to no share, asset units.
    function classReserve() external view returns (uint256) {
        return _standing().reserve;
    }

    /// @notice Net asset value of the Class, asset units.
    function nav() external view returns (uint256) {
        return _nav;
    }

    /// @notice Shares of all Units.
    function totalShares() public view returns (uint256 shares) {
        shares = _equityShares;
        for (uint256 k = 1; k <= _top; ++k) {
            shares += termsOf[_unitAt[k]].supply;
        }
    }

    /// @notice Whether the Book has neither assets nor shares; then a settlement needs no report.
    function isEmpty() public view returns (bool) {
        return _nav == 0 && totalShares() == 0;
    }

    /// @notice Whether every tranche has its claim, and the shares of equity a value.
    function solvent() public view returns (bool) {
        Standing memory s = _standing();
        return s.shortfall == 0 && (_equityShares == 0 || s.values[0] > 0);
    }

    // --- The waterfall ---

    function _standing() internal view returns (Standing memory s) {
        for (uint256 k = 1; k <= _top; ++k) {
            UnitTerms storage terms = termsOf[_unitAt[k]];
            if (terms.supply > 0) s.claims[k] = Waterfall.claim(terms.supply, _target(terms), scale);
        }
        uint256 residual;
        (s.values, residual, s.shortfall) = Waterfall.split(_nav, s.claims);
        s.reserve = _equityShares == 0 ? residual : Math.min(_reserve, residual);
        s.values[0] = residual - s.reserve;
    }

    /// @dev As of `navAsOf`, so that value and claim speak of one time, also while a report waits for review or was refused.
    /// A tranche without shares does not accrue.
    function _target(UnitTerms storage terms) internal view returns (uint256) {
        if (terms.supply == 0 || navAsOf <= terms.accruedAt) return terms.target;
        return Waterfall.accrue(terms.target, terms.annualBps, navAsOf - terms.accruedAt);
    }

    function _index(UnitTerms storage terms, Standing memory s) internal view returns (uint256) {
        uint256 tranche = _trancheOf(terms);
        if (tranche == 0) {
            return _equityShares == 0 ? _restingIndex : Waterfall.index(s.values[0], _equityShares, scale);
        }
        if (s.values[tranche] == s.claims[tranche]) return _target(terms);
        return Waterfall.index(s.values[tranche], terms.supply, scale);
    }

    /// @dev What ranks below `tranche`, and what ranks beside or above it.
    function _sides(Standing memory s, uint256 tranche) private view returns (uint256 below, uint256 above) {
        for (uint256 k = tranche; k < Waterfall.MAX_TRANCHES; ++k) {
            above += s.values[k];
        }
        // Equity ranks above nothing, the reserve included.
        if (tranche > 0) below = _nav - above;
    }

    function _trancheOf(UnitTerms storage terms) internal view returns (uint256) {
        return mode == PARI_PASSU ? 0 : terms.tranche;
    }

    function _termsOf(address unit) internal view returns (UnitTerms storage terms) {
        terms = termsOf[unit];
        if (!terms.member) revert NotUnit(unit);
    }

    // --- Changes ---

    /// @dev Strikes the targets at the time of a value that is trusted.
    function _accrue() internal {
        uint64 asOf = navAsOf;
        for (uint256 k = 1; k <= _top; ++k) {
            UnitTerms storage terms = termsOf[_unitAt[k]];
            if (terms.supply == 0 || terms.accruedAt >= asOf) continue;
            (terms.target, terms.accruedAt) = (_target(terms), asOf);
        }
    }

    /// @dev Books minted or burned shares. To be called before NAV moves.
    function _moveShares(UnitTerms storage terms, int256 delta) internal {
        if (_trancheOf(terms) == 0) {
            uint128 shares = _add(_equityShares, delta);
            if (_equityShares == 0) {
                _bookReserve();
            } else if (shares == 0) {
                uint256 last = _index(terms, _standing());
                _restingIndex = last < LEAST_INDEX ? RAY : last;
            }
            _equityShares = shares;
        } else if (terms.supply == 0) {
            // An empty tranche does not accrue: its first shares cost the target as it stands, and grow from now.
            terms.accruedAt = uint64(block.timestamp);
        }
        terms.supply = _add(terms.supply, delta);
    }

    /// @dev The first to hold equity again gets nothing of what stood over it.
    function _bookReserve() private {
        uint256 reserve = _standing().reserve;
        if (reserve == _reserve) return;
        _reserve = reserve.toUint128();
        emit ReserveBooked(reserve);
    }

    function _add(uint128 supply, int256 delta) private pure returns (uint128) {
        return uint256(int256(uint256(supply)) + delta).toUint128();
    }
}
