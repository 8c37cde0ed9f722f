//! What `HaloUnit.settleEpoch` does with the two queues: netting first, then what capacity allows.
//! Assets are in the asset's own decimals, shares in 18, the index in RAY.

use crate::math::{OutOfRange, RAY, add, mul, mul_div, mul_div_up, pow10, sub};
use alloy_primitives::U256;

/// Everything that decides a settlement, as it stands after the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochInput {
    /// S: assets waiting to subscribe.
    pub subscribe_total: U256,
    /// R: shares waiting to be redeemed.
    pub redeem_total: U256,
    /// Asset value of one share, normalised to 18 decimals, in RAY.
    pub index: U256,
    /// Decimals of the asset, at most 18.
    pub asset_decimals: u8,
    /// Shares in existence, those in the redeem queue included.
    pub total_supply: U256,
    /// Whether the Unit's state lets anybody subscribe at all, even against redeemers.
    pub takes_subscribers: bool,
    /// What the settler allows above netting, in assets.
    pub subscribe_capacity: U256,
    /// What the settler allows above netting, in assets.
    pub redeem_capacity: U256,
    /// Largest size of the Unit, in assets.
    pub cap: U256,
    /// Ceiling that the settler cannot exceed, in assets.
    pub epoch_subscribe_cap: U256,
    /// Ceiling that the settler cannot exceed, in assets.
    pub epoch_redeem_cap: U256,
    /// Assets that the Unit holds for redemptions.
    pub redeem_liquidity: U256,
    /// What the Book lets in, in assets (§ cover); [`U256::MAX`] when pari passu.
    pub subscribe_headroom: U256,
    /// What the Book lets out, in assets (§ cover); [`U256::MAX`] when pari passu.
    pub redeem_headroom: U256,
}

/// What moves in a settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// m: assets that go from subscribers to redeemers.
    pub netted: U256,
    /// sm: shares that go from redeemers to subscribers.
    pub netted_shares: U256,
    /// es: assets that go from subscribers to the Class.
    pub subscribe_extra: U256,
    /// se: shares minted for them.
    pub shares_minted: U256,
    /// ea: assets that go from the Unit's liquidity to redeemers.
    pub redeem_extra: U256,
    /// cr + ce: shares that leave the redeem queue.
    pub shares_redeemed: U256,
    /// (cr − sm) + ce: those of them that are burned.
    pub shares_burned: U256,
}

impl Settlement {
    /// Assets that leave the subscribe queue: m + es.
    ///
    /// # Errors
    /// [`OutOfRange`] for a settlement that [`settle`] did not make.
    pub fn subscribe_converted(&self) -> Result<U256, OutOfRange> {
        add(self.netted, self.subscribe_extra)
    }

    /// Shares that the subscribe queue receives: sm + se.
    ///
    /// # Errors
    /// [`OutOfRange`] for a settlement that [`settle`] did not make.
    pub fn subscribe_reward(&self) -> Result<U256, OutOfRange> {
        add(self.netted_shares, self.shares_minted)
    }

    /// Assets that the redeem queue receives: m + ea.
    ///
    /// # Errors
    /// [`OutOfRange`] for a settlement that [`settle`] did not make.
    pub fn redeem_reward(&self) -> Result<U256, OutOfRange> {
        add(self.netted, self.redeem_extra)
    }
}

/// Converts between shares and assets at one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    index: U256,
    /// RAY · 10^(18 − decimals)
    unit: U256,
}

impl Price {
    /// The price that `index` (RAY) gives an asset of `asset_decimals`.
    ///
    /// # Errors
    /// [`OutOfRange`] above 18 decimals.
    pub fn new(index: U256, asset_decimals: u8) -> Result<Self, OutOfRange> {
        let scale = pow10(18_u8.checked_sub(asset_decimals).ok_or(OutOfRange)?)?;
        Ok(Self { index, unit: mul(RAY, scale)? })
    }

    /// Value of `shares` in assets, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn assets(&self, shares: U256) -> Result<U256, OutOfRange> {
        mul_div(shares, self.index, self.unit)
    }

    /// Shares that `assets` buy, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] if the index is zero or it does not fit.
    pub fn shares(&self, assets: U256) -> Result<U256, OutOfRange> {
        mul_div(assets, self.unit, self.index)
    }

    /// Shares that must be given up for `assets`, ceiling.
    ///
    /// # Errors
    /// [`OutOfRange`] if the index is zero or it does not fit.
    pub fn shares_up(&self, assets: U256) -> Result<U256, OutOfRange> {
        mul_div_up(assets, self.unit, self.index)
    }

    /// `exchangeRate()`: assets that 10¹⁸ shares are worth, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn exchange_rate(&self) -> Result<U256, OutOfRange> {
        self.assets(crate::math::WAD)
    }
}

/// Room that is left in a Unit of `total_supply` shares below `cap` assets.
///
/// # Errors
/// [`OutOfRange`] if the Unit's size does not fit.
pub fn cap_headroom(cap: U256, total_supply: U256, price: &Price) -> Result<U256, OutOfRange> {
    Ok(cap.saturating_sub(price.assets(total_supply)?))
}

/// The settlement of one epoch. An index of zero settles nothing.
///
/// # Errors
/// [`OutOfRange`] if a number leaves the range for which Units are made.
pub fn settle(input: &EpochInput) -> Result<Settlement, OutOfRange> {
    if input.index.is_zero() {
        return Ok(Settlement::default());
    }
    let price = Price::new(input.index, input.asset_decimals)?;
    let netting = net(input, &price)?;
    let net_burned = sub(netting.redeemed, netting.handed)?;
    let supply = sub(input.total_supply, net_burned)?;

    let subscribe_extra = subscribe_extra(input, netting.assets, supply, &price)?;
    let shares_minted = price.shares(subscribe_extra)?;
    let subscribe_extra = if shares_minted.is_zero() { U256::ZERO } else { subscribe_extra };

    let queued = sub(input.redeem_total, netting.redeemed)?;
    let (redeem_extra, extra_redeemed) = redeem_extra(input, queued, &price)?;

    Ok(Settlement {
        netted: netting.assets,
        netted_shares: netting.handed,
        subscribe_extra,
        shares_minted,
        redeem_extra,
        shares_redeemed: add(netting.redeemed, extra_redeemed)?,
        shares_burned: add(net_burned, extra_redeemed)?,
    })
}

/// What the queues do for each other.
#[derive(Clone, Copy, Default)]
struct Netting {
    /// m: assets that change hands.
    assets: U256,
    /// sm: shares that subscribers get for them.
    handed: U256,
    /// cr: shares that redeemers give up for them; the difference is burned.
    redeemed: U256,
}

fn net(input: &EpochInput, price: &Price) -> Result<Netting, OutOfRange> {
    let redeem_value = price.assets(input.redeem_total)?;
    let assets = input.subscribe_total.min(redeem_value);
    let handed = price.shares(assets)?;
    // Dust that buys no share stays in its queue.
    if handed.is_zero() || !input.takes_subscribers {
        return Ok(Netting::default());
    }
    let redeemed = if assets == redeem_value {
        input.redeem_total
    } else {
        input.redeem_total.min(price.shares_up(assets)?)
    };
    Ok(Netting { assets, handed, redeemed })
}

/// The assets that may enter the Class beyond netting.
fn subscribe_extra(
    input: &EpochInput,
    netted: U256,
    supply: U256,
    price: &Price,
) -> Result<U256, OutOfRange> {
    if !input.takes_subscribers {
        return Ok(U256::ZERO);
    }
    Ok(sub(input.subscribe_total, netted)?
        .min(input.subscribe_capacity)
        .min(input.epoch_subscribe_cap)
        .min(cap_headroom(input.cap, supply, price)?)
        .min(input.subscribe_headroom))
}

/// ea and ce: the assets paid out of the Unit's liquidity, and the `queued` shares given for them.
fn redeem_extra(
    input: &EpochInput,
    queued: U256,
    price: &Price,
) -> Result<(U256, U256), OutOfRange> {
    let value = price.assets(queued)?;
    let paid = value
        .min(input.redeem_capacity)
        .min(input.epoch_redeem_cap)
        .min(input.redeem_liquidity)
        .min(input.redeem_headroom);
    let redeemed = if paid.is_zero() {
        U256::ZERO
    } else if paid == value {
        queued
    } else {
        queued.min(price.shares_up(paid)?)
    };
    Ok((paid, redeemed))
}
