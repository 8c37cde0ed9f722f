//! Vectors G2 to G5 of the settlement and the waterfall: exact integers from an independent script.

use crate::numbers::{e, n};
use alloy_primitives::U256;
use halo_sentinel::{
    lcts::{
        cover::{accrue, index, waterfall},
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

#[test]
fn g5_waterfall_and_cover() {
    let (senior, junior, one) = (e(80_000_000, 18), e(20_000_000, 18), U256::ONE);
    let target = accrue(RAY, 500, 86_400).unwrap();
    assert_eq!(target, n("1000136986301369863013698630"));
    let at = |millions: u64| waterfall(e(millions * 1_000_000, 18), senior, target, one).unwrap();

    let whole = at(100);
    assert_eq!(whole.senior, n("80010958904109589041095890"));
    assert_eq!(index(whole.senior, senior, one), Ok(n("1000136986301369863013698625")));
    assert_eq!(whole.junior, n("19989041095890410958904110"));
    assert_eq!(index(whole.junior, junior, one), Ok(n("999452054794520547945205500")));
    assert_eq!(whole.cover(), Ok(U256::from(1998)));
    assert_eq!(whole.senior_headroom(1500), Ok(n("33260273972602739726027400")));
    assert_eq!(whole.junior_headroom(1500), Ok(n("5869460112812248186946011")));

    let hurt = at(85);
    assert_eq!(hurt.junior, n("4989041095890410958904110"));
    assert_eq!(hurt.cover(), Ok(U256::from(586)));
    assert_eq!(hurt.senior_headroom(1500), Ok(U256::ZERO));
    assert_eq!(hurt.junior_headroom(1500), Ok(U256::ZERO));

    let wiped = at(65);
    assert_eq!((wiped.senior, wiped.junior), (e(65_000_000, 18), U256::ZERO));
    assert_eq!(index(wiped.senior, senior, one), Ok(e(8125, 23)));
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
