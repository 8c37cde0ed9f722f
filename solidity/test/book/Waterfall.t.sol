// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Waterfall } from "src/book/Waterfall.sol";
import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { Test } from "test/base/Test.sol";

/// @notice The division of value as arithmetic: what it conserves, and why claims are rounded up.
contract WaterfallTest is Test {
    uint256 private constant RAY = 1e27;

    /// @dev A Book without its contract. Tranche 0 is equity.
    struct Model {
        uint256 nav;
        uint256 scale;
        uint256[4] supplies;
        uint256[4] targets;
    }

    function _claims(Model memory m) private pure returns (uint256[4] memory claims) {
        for (uint256 k = 1; k < 4; ++k) {
            claims[k] = Waterfall.claim(m.supplies[k], m.targets[k], m.scale);
        }
    }

    function _indexes(Model memory m) private pure returns (uint256[4] memory indexes) {
        uint256[4] memory claims = _claims(m);
        (uint256[4] memory values, uint256 residual,) = Waterfall.split(m.nav, claims);
        indexes[0] = m.supplies[0] == 0 ? 0 : Waterfall.index(residual, m.supplies[0], m.scale);
        for (uint256 k = 1; k < 4; ++k) {
            indexes[k] =
                values[k] == claims[k] ? m.targets[k] : Waterfall.index(values[k], m.supplies[k], m.scale);
        }
    }

    function _model(uint256[4] memory supplies, uint256[4] memory targets, uint256 nav, bool six)
        private
        pure
        returns (Model memory m)
    {
        m.scale = six ? 1e12 : 1;
        for (uint256 k; k < 4; ++k) {
            m.supplies[k] = bound(supplies[k], 1, 1e28);
            m.targets[k] = bound(targets[k], RAY / 1e6, 100 * RAY);
        }
        uint256[4] memory claims = _claims(m);
        uint256 due = claims[1] + claims[2] + claims[3];
        // Around the claims as often as anywhere.
        m.nav = nav % 3 == 0 ? bound(nav, 0, 3 * due) : bound(nav, Math.saturatingSub(due, 1e6), due + 1e6);
    }

    // --- What is conserved ---

    function testFuzz_split(uint256 nav, uint256[4] memory claims) public pure {
        nav = bound(nav, 0, type(uint128).max);
        for (uint256 k; k < 4; ++k) {
            claims[k] = bound(claims[k], 0, type(uint128).max);
        }
        (uint256[4] memory values, uint256 residual, uint256 shortfall) = Waterfall.split(nav, claims);
        vm.assertEq(values[0] + values[1] + values[2] + values[3] + residual, nav, "all of it, once");
        vm.assertEq(values[0], 0, "equity claims nothing");
        vm.assertTrue(residual == 0 || shortfall == 0, "equity only when all others are whole");
        for (uint256 k = 1; k < 4; ++k) {
            vm.assertLe(values[k], claims[k], "nobody more than his claim");
            for (uint256 below = 1; below < k; ++below) {
                vm.assertTrue(values[below] == 0 || values[k] == claims[k], "none below an impaired one");
            }
        }
    }

    /// @dev I12: what the shares are worth at their indexes is there.
    function testFuzz_I12_liabilities(
        uint256[4] memory supplies,
        uint256[4] memory targets,
        uint256 nav,
        bool six
    ) public pure {
        Model memory m = _model(supplies, targets, nav, six);
        uint256[4] memory indexes = _indexes(m);
        uint256 owed;
        for (uint256 k; k < 4; ++k) {
            owed += indexes[k] * m.supplies[k];
            vm.assertTrue(k == 0 || indexes[k] <= m.targets[k], "I14 index above target");
        }
        vm.assertLe(owed, m.nav * RAY * m.scale, "I12 more owed than there is");
    }

    function test_accrue() public pure {
        vm.assertEq(Waterfall.accrue(RAY, 500, 1 days), 1_000_136_986_301_369_863_013_698_630, "G5");
        vm.assertEq(Waterfall.accrue(RAY, 500, 365 days), RAY * 105 / 100, "a year");
        vm.assertEq(Waterfall.accrue(RAY, 0, 365 days), RAY, "no rate");
        vm.assertEq(Waterfall.accrue(RAY, 500, 0), RAY, "no time");
    }

    function test_rooms() public pure {
        vm.assertEq(Waterfall.subscribeRoom(20, 60, 2000), 20, "room");
        vm.assertEq(Waterfall.subscribeRoom(20, 80, 2000), 0, "none");
        vm.assertEq(Waterfall.subscribeRoom(20, 90, 2000), 0, "below it");
        vm.assertEq(Waterfall.subscribeRoom(0, 0, 1), 0, "nothing to cover with");
        vm.assertEq(Waterfall.subscribeRoom(0, 1, 0), type(uint256).max, "no limit");
        vm.assertEq(Waterfall.redeemRoom(21, 80, 2000), 1, "room");
        vm.assertEq(Waterfall.redeemRoom(21, 81, 2000), 0, "81 need 20.25, rounded up");
        vm.assertEq(Waterfall.redeemRoom(21, 0, 9999), 21, "nothing to cover");
        vm.assertEq(Waterfall.redeemRoom(0, 1, 0), type(uint256).max, "no limit");
        vm.assertEq(Waterfall.cover(0, 0), 0, "of nothing");
        vm.assertEq(Waterfall.cover(1, 2), 3333, "floor");
    }

    // --- Settlements ---

    /// @dev I13: subscribers and redeemers of whatever tranche lower nobody's index, to the last digit.
    function testFuzz_I13_settlementLowersNoIndex(
        uint256[4] memory supplies,
        uint256[4] memory targets,
        uint256 nav,
        bool six,
        uint256 tranche,
        uint256 amount,
        uint256 limit,
        bool subscribes
    ) public pure {
        Model memory m = _model(supplies, targets, nav, six);
        tranche = bound(tranche, 0, 3);
        uint256[4] memory before = _indexes(m);
        uint256 price = before[tranche];
        (,, uint256 shortfall) = Waterfall.split(m.nav, _claims(m));
        if (subscribes) {
            if (shortfall > 0 || price < RAY / 1e3) return;
            (uint256 assets, uint256 shares) =
                SettlementMath.subscribe(bound(amount, 1, 1e28), type(uint256).max, price, m.scale);
            m.nav += assets;
            m.supplies[tranche] += shares;
        } else {
            if (price == 0) return;
            uint256 waiting = bound(amount, 1, m.supplies[tranche]);
            uint256 worth = SettlementMath.assetsDown(waiting, price, m.scale);
            (uint256 assets, uint256 shares) =
                SettlementMath.redeem(waiting, bound(limit, 0, worth), price, m.scale);
            m.nav -= assets;
            m.supplies[tranche] -= shares;
        }
        uint256[4] memory after_ = _indexes(m);
        for (uint256 k; k < 4; ++k) {
            if (m.supplies[k] > 0) vm.assertGe(after_[k], before[k], "I13 an index fell");
        }
    }

    /// @dev I13 for what burns by netting: shares go and no asset does.
    function testFuzz_nettingLowersNoIndex(
        uint256[4] memory supplies,
        uint256[4] memory targets,
        uint256 nav,
        bool six,
        uint256 tranche,
        uint256 subscribers,
        uint256 redeemers
    ) public pure {
        Model memory m = _model(supplies, targets, nav, six);
        tranche = bound(tranche, 0, 3);
        uint256[4] memory before = _indexes(m);
        if (before[tranche] == 0) return;
        (uint256 netted, uint256 redeemed, uint256 handed) = SettlementMath.net(
            bound(subscribers, 0, 1e28), bound(redeemers, 0, m.supplies[tranche]), before[tranche], m.scale
        );
        vm.assertLe(handed, redeemed, "more shares handed on than came");
        vm.assertTrue(netted > 0 || redeemed == 0, "shares taken for nothing");
        m.supplies[tranche] -= redeemed - handed;
        uint256[4] memory after_ = _indexes(m);
        for (uint256 k; k < 4; ++k) {
            if (m.supplies[k] > 0) vm.assertGe(after_[k], before[k], "I13 an index fell");
        }
    }

    // --- Why not floors ---

    /// @dev The design's formula, as it stands there: claims and indexes of both tranches rounded down.
    function _floors(uint256 nav, uint256 senior, uint256 junior, uint256 target, uint256 scale)
        private
        pure
        returns (uint256 seniorIndex, uint256 juniorIndex)
    {
        uint256 value = Math.min(nav, Math.mulDiv(senior, target, RAY * scale));
        seniorIndex = Math.mulDiv(value, RAY * scale, senior);
        juniorIndex = Math.mulDiv(nav - value, RAY * scale, junior);
    }

    /// @dev 0.44 M USDC into a senior tranche of 28 M: by the design's formula the junior pays a unit of it.
    function test_flooredClaimsLetASettlementLowerTheJunior() public pure {
        (uint256 target, uint256 scale) = (1_086_292_310_239_425_656_674_497_017, 1e12);
        (uint256 senior, uint256 junior) =
            (26_082_406_765_725_140_215_795_212, 6_883_168_719_637_102_207_821_007);
        (uint256 nav, uint256 assets) = (35_236_127_268_324, 440_497_332_706);

        (uint256 price, uint256 before) = _floors(nav, senior, junior, target, scale);
        uint256 minted = SettlementMath.sharesDown(assets, price, scale);
        (, uint256 after_) = _floors(nav + assets, senior + minted, junior, target, scale);
        vm.assertEq(before, 1_002_882_487_318_274_517_098_104_602, "before");
        vm.assertEq(after_, 1_002_882_487_318_129_235_173_349_934, "and after: lower");

        Model memory m = Model(nav, scale, [junior, senior, 0, 0], [uint256(0), target, RAY, RAY]);
        uint256[4] memory ours = _indexes(m);
        minted = SettlementMath.sharesDown(assets, ours[1], scale);
        (m.nav, m.supplies[1]) = (nav + assets, senior + minted);
        vm.assertGe(_indexes(m)[0], ours[0], "claims rounded up: never");
    }
}
