//! Vectors G2 to G5 of the settlement and the waterfall: exact integers from an independent script.

use crate::numbers::{e, n};
use alloy_primitives::U256;
use halo_sentinel::{
    lcts::{
        cover::{Book, Tranche, accrue},
        epoch::{EpochInput, Price, settle},
    },
    math::RAY,
};

/// An epoch in which nothing but the settler's capacities bind.
fn epoch(subscribe_total: U256, redeem_total: U256, index: U256) -> EpochInput {
    EpochInput {
        subscribe_total,
        redeem_total,
        index,
        asset_decimals: 18,
        total_supply: e(1_000_000_000, 18),
        takes_subscribers: true,
        subscribe_capacity: U256::ZERO,
        redeem_capacity: U256::ZERO,
        cap: U256::MAX,
        epoch_subscribe_cap: U256::MAX,
        epoch_redeem_cap: U256::MAX,
        redeem_liquidity: U256::MAX,
        subscribe_headroom: U256::MAX,
        redeem_headroom: U256::MAX,
    }
}

fn at_105() -> U256 {
    e(105, 25)
}

#[test]
fn g2_more_subscribers_than_redeemers() {
    let redeemed = n("28571428571428571428571428");
    let settled = settle(&EpochInput {
        subscribe_capacity: e(30_000_000, 18),
        ..epoch(e(100_000_000, 18), redeemed, at_105())
    })
    .unwrap();
    assert_eq!(settled.netted, n("29999999999999999999999999"));
    assert_eq!(settled.netted_shares, n("28571428571428571428571427"));
    assert_eq!(settled.shares_redeemed, redeemed);
    assert_eq!(settled.shares_burned, U256::ONE);
    assert_eq!(settled.subscribe_extra, e(30_000_000, 18));
    assert_eq!(settled.shares_minted, n("28571428571428571428571428"));
    let left = e(100_000_000, 18) - settled.subscribe_converted().unwrap();
    assert_eq!(left, n("40000000000000000000000001"));
}

#[test]
fn g3_more_redeemers_than_subscribers() {
    let redeemers = e(30_000_000, 18);
    let netted = settle(&epoch(e(10_000_000, 18), redeemers, at_105())).unwrap();
    assert_eq!(netted.shares_redeemed, n("9523809523809523809523810"));
    assert_eq!(netted.netted_shares, n("9523809523809523809523809"));
    assert_eq!(netted.shares_burned, U256::ONE);
    let price = Price::new(at_105(), 18).unwrap();
    let value = price.assets(redeemers - netted.shares_redeemed).unwrap();
    assert_eq!(value, n("21499999999999999999999999"));

    let settled = settle(&EpochInput {
        redeem_capacity: e(5_000_000, 18),
        ..epoch(e(10_000_000, 18), redeemers, at_105())
    })
    .unwrap();
    assert_eq!(settled.redeem_extra, e(5_000_000, 18));
    let extra = settled.shares_redeemed - netted.shares_redeemed;
    assert_eq!(extra, n("4761904761904761904761905"));
    assert_eq!(redeemers - settled.shares_redeemed, n("15714285714285714285714285"));
}

#[test]
fn g4_six_decimals() {
    let index = n("1000137000000000000000000000");
    let settled = settle(&EpochInput {
        asset_decimals: 6,
        subscribe_capacity: U256::MAX,
        ..epoch(e(1_000_000, 6), U256::ZERO, index)
    })
    .unwrap();
    assert_eq!(settled.shares_minted, n("999863018766428999227105"));
    let price = Price::new(index, 6).unwrap();
    assert_eq!(price.exchange_rate().unwrap(), n("1000137"));
    assert_eq!(price.assets(settled.shares_minted).unwrap(), n("999999999999"));
}

/// 80 M senior shares at `target` over 20 M junior ones, least cover 15 %.
fn pair(nav: U256, target: U256) -> Book {
    let junior = Tranche { supply: e(20_000_000, 18), target: RAY, min_cover_bps: 0 };
    let senior = Tranche { supply: e(80_000_000, 18), target, min_cover_bps: 1500 };
    let none = Tranche { target: RAY, ..Tranche::default() };
    Book {
        nav,
        reserve: U256::ZERO,
        scale: U256::ONE,
        // The most senior of a spec's Units has rank 2; between them there is nobody.
        tranches: [junior, none, senior, none],
    }
}

/// The design's vector with claims rounded up: recomputed by an independent script.
#[test]
fn g5_waterfall_and_cover() {
    let target = accrue(RAY, 500, 86_400).unwrap();
    assert_eq!(target, n("1000136986301369863013698630"));
    let at = |millions: u64| pair(e(millions * 1_000_000, 18), target);
    let values = |book: &Book| {
        let standing = book.standing().unwrap();
        (standing.values[0], standing.values[2])
    };

    let whole = at(100);
    let senior = n("80010958904109589041095891");
    assert_eq!(values(&whole), (n("19989041095890410958904109"), senior));
    assert_eq!(whole.index(2), Ok(target));
    assert_eq!(whole.index(0), Ok(n("999452054794520547945205450")));
    assert_eq!(whole.standing().unwrap().cover(2), Ok(U256::from(1998)));
    assert_eq!(whole.subscribe_headroom(2), Ok(n("33260273972602739726027393")));
    assert_eq!(whole.redeem_headroom(0), Ok(n("5869460112812248186946010")));
    assert_eq!(whole.subscribe_headroom(0), Ok(U256::MAX));
    assert_eq!(whole.redeem_headroom(2), Ok(U256::MAX));

    let hurt = at(85);
    assert_eq!(values(&hurt), (n("4989041095890410958904109"), senior));
    assert_eq!(hurt.standing().unwrap().cover(2), Ok(U256::from(586)));
    assert_eq!(hurt.subscribe_headroom(2), Ok(U256::ZERO));
    assert_eq!(hurt.redeem_headroom(0), Ok(U256::ZERO));

    let wiped = at(65);
    assert_eq!(values(&wiped), (U256::ZERO, e(65_000_000, 18)));
    assert_eq!((wiped.index(0), wiped.index(2)), (Ok(U256::ZERO), Ok(e(8125, 23))));
    assert_eq!(wiped.subscribe_headroom(0), Ok(U256::ZERO));
}

/// Losses of 15 and 35 and a recovery of 20, without a rate.
#[test]
fn losses_fall_on_the_junior_first() {
    let at = |millions: u64| pair(e(millions * 1_000_000, 18), RAY);
    let indexes = |book: &Book| (book.index(0).unwrap(), book.index(2).unwrap());
    assert_eq!(indexes(&at(85)), (e(25, 25), RAY));
    assert_eq!(indexes(&at(65)), (U256::ZERO, e(8125, 23)));
    assert_eq!(indexes(&at(85)), (e(25, 25), RAY));
}

/// What stood over equity while nobody held it is not bought by the first who does.
#[test]
fn the_reserve_is_nobodys() {
    let mut book = pair(e(83_000_000, 18), RAY);
    book.tranches[0].supply = U256::ZERO;
    assert_eq!(book.standing().unwrap().reserve, e(3_000_000, 18));
    let outcome = settle(&EpochInput {
        subscribe_capacity: U256::MAX,
        total_supply: U256::ZERO,
        ..epoch(e(1_000_000, 18), U256::ZERO, book.index(0).unwrap())
    })
    .unwrap();
    let after = book.settle(0, &outcome).unwrap();
    assert_eq!((after.reserve, after.index(0)), (e(3_000_000, 18), Ok(RAY)));
}

#[test]
fn a_unit_that_winds_down_takes_no_subscriber() {
    let settled = settle(&EpochInput {
        takes_subscribers: false,
        subscribe_capacity: U256::MAX,
        redeem_capacity: U256::MAX,
        ..epoch(e(10, 18), e(20, 18), RAY)
    })
    .unwrap();
    assert_eq!(settled.subscribe_converted(), Ok(U256::ZERO));
    assert_eq!(settled.redeem_extra, e(20, 18));
}

#[test]
fn an_index_of_zero_settles_nothing() {
    let settled = settle(&epoch(e(10, 18), e(20, 18), U256::ZERO)).unwrap();
    assert_eq!(settled, Default::default());
}
