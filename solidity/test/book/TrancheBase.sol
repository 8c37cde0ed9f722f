// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { BookInit, HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, ReporterInit } from "src/book/PositionReporter.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { SettleParams, UnitInit } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";

/// @notice A Class with a real Unit per tranche. The helpers of LctsBase act on the Unit that `_use` chose.
abstract contract TrancheBase is LctsBase {
    HaloUnit[] internal tranches;
    address internal ledger;
    uint16 internal tolerance;

    /// @dev Tranche k has the rate `bps[k]` and the least cover `covers[k]`.
    function _deployClass(uint8 decimals, uint16[] memory bps, uint16[] memory covers) internal {
        _deploy(decimals);
        book = HaloBook(Clones.clone(address(new HaloBook())));
        reporter = PositionReporter(Clones.clone(address(new PositionReporter())));
        book.initialize(
            BookInit({
                acl: address(acl),
                reporter: address(reporter),
                asset: address(token),
                mode: 1,
                maxUpBpsPerDay: 60,
                reviewDownBps: 100,
                maxReportAge: 36 hours,
                factory: factory,
                ledger: ledger
            })
        );
        reporter.initialize(ReporterInit(address(acl), address(book), attestors, 2, tolerance, ledger));
        delete tranches;
        for (uint256 k; k < bps.length; ++k) {
            tranches.push(_deployTranche(uint8(k), bps[k], covers[k]));
        }
        _use(0);
    }

    function _deployTranche(uint8 k, uint16 bps, uint16 cover) internal returns (HaloUnit u) {
        u = _freshUnit(k);
        vm.prank(factory);
        book.addUnit(address(u), k, bps, cover);
        vm.prank(registry);
        u.setSubscribeUntil(type(uint64).max);
        address[4] memory funded = [alice, bob, carol, classProxy];
        for (uint256 i; i < funded.length; ++i) {
            vm.prank(funded[i]);
            token.approve(address(u), MAX);
        }
    }

    function _freshUnit(uint8 k) internal returns (HaloUnit u) {
        UnitInit memory p = _unitInit();
        p.tranche = k;
        u = HaloUnit(Clones.clone(address(new HaloUnit())));
        u.initialize(p);
    }

    /// @dev The seed's Class: Junior, and Senior with a rate and a least cover.
    function _deployPair(uint16 bps, uint16 cover) internal {
        uint16[] memory rates = new uint16[](2);
        uint16[] memory covers = new uint16[](2);
        (rates[1], covers[1]) = (bps, cover);
        _deployClass(18, rates, covers);
    }

    function _use(uint256 k) internal {
        unit = tranches[k];
        (sub, red) = (unit.subscribeQueue(), unit.redeemQueue());
    }

    // --- Epochs of the whole Class ---

    function _lockAll() internal {
        for (uint256 k; k < tranches.length; ++k) {
            _use(k);
            _lock();
        }
    }

    function _settleAt(uint256 k, uint256 subscribeCapacity, uint256 redeemCapacity) internal {
        _use(k);
        _settle(subscribeCapacity, redeemCapacity);
    }

    /// @dev Every tranche from the junior up, with an unchanged NAV.
    function _settleAllUp() internal {
        for (uint256 k; k < tranches.length; ++k) {
            _settleAt(k, MAX, MAX);
        }
    }

    function _classEpoch() internal {
        _lockAll();
        skip(1 hours);
        if (!book.isEmpty()) _report(book.nav());
        _settleAllUp();
    }

    /// @dev Alice in each tranche with as many whole tokens, on the first day.
    function _fill(uint256[] memory amounts) internal {
        for (uint256 k; k < amounts.length; ++k) {
            _use(k);
            if (amounts[k] > 0) _subscribe(alice, amounts[k] * one);
        }
        _classEpoch();
        for (uint256 k; k < amounts.length; ++k) {
            _use(k);
            if (amounts[k] > 0) _claimShares(alice);
        }
    }

    function _fillPair(uint256 junior, uint256 senior) internal {
        uint256[] memory amounts = new uint256[](2);
        (amounts[0], amounts[1]) = (junior, senior);
        _fill(amounts);
    }

    // --- Views ---

    function _indexAt(uint256 k) internal view returns (uint256) {
        return book.indexOf(address(tranches[k]));
    }

    function _valueAt(uint256 k) internal view returns (uint256) {
        return book.trancheValues()[k];
    }

    function _roomIn(uint256 k) internal view returns (uint256) {
        return book.subscribeHeadroom(address(tranches[k]));
    }

    function _roomOut(uint256 k) internal view returns (uint256) {
        return book.redeemHeadroom(address(tranches[k]));
    }

    function _assertValues(uint256 junior, uint256 senior, string memory what) internal view {
        vm.assertEq(_valueAt(0), junior, string.concat(what, ": junior"));
        vm.assertEq(_valueAt(1), senior, string.concat(what, ": senior"));
    }
}
