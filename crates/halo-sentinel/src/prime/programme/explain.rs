//! Why not more, in plain words.

use super::{PPM, Shadow};
use crate::{math::WAD, prime::allocate::Binding};
use alloy_primitives::{B256, U256};

/// One sentence for each limit that binds, dearest first. `name` turns the id of a Unit or a group into
/// a word.
pub fn explain(binding: &[Shadow], name: impl Fn(B256) -> String) -> Vec<String> {
    if binding.is_empty() {
        return vec!["Nothing binds: one dollar more would cost as much as it earns.".to_owned()];
    }
    binding.iter().map(|shadow| sentence(shadow, &name)).collect()
}

/// What binds, how much it allowed, what one dollar more would bring.
fn sentence(shadow: &Shadow, name: impl Fn(B256) -> String) -> String {
    let of = shadow.of.map(name).unwrap_or_default();
    let what = match shadow.by {
        Binding::Appetite => format!("the pace set for {of}"),
        Binding::NotOnboarded => format!("{of} not being open to this Prime"),
        Binding::QueueLocked => format!("the locked queue of {of}"),
        Binding::NotEntrant => format!("this Prime not being an entrant of {of}"),
        Binding::DepositLimit => format!("the deposit limit for {of}"),
        Binding::UnitCap => format!("the cap of {of}"),
        Binding::QueueFull => format!("what the queue of {of} can hold"),
        Binding::MintLimit => "the limit on minting USDS".to_owned(),
        Binding::MintCeiling => "the debt ceiling of the allocator vault".to_owned(),
        Binding::SwapLimit => "the limit on changing USDS to USDC".to_owned(),
        Binding::PsmLiquidity => "the USDC in the PSM".to_owned(),
        Binding::OwnFunds => format!("holding nothing to pay {of} with"),
        Binding::MinEntry => format!("the smallest entry of {of}"),
        Binding::EpochCap => format!("what an epoch of {of} lets through"),
        Binding::Cover => format!("the cover below {of}"),
        Binding::RedeemLimit => format!("the redemption limit for {of}"),
        Binding::Holding => format!("what is held of {of}"),
        Binding::RiskCapital => "risk capital".to_owned(),
        Binding::GroupCap => format!("the cap on {of}"),
    };
    let room = dollars(shadow.room);
    let rate = percent(shadow.price);
    let each = U256::from(shadow.price).saturating_mul(WAD) / U256::from(PPM.unsigned_abs());
    let each = fraction(each);
    format!("{what} allows {room} more; one dollar above that would earn {rate} a year ({each}).")
}

/// Whole dollars in groups of three, floor.
fn dollars(money: U256) -> String {
    let digits = (money / WAD).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} dollars")
}

/// Millionths as a percentage with two decimals, floor.
fn percent(millionths: u64) -> String {
    format!("{}.{:02} %", millionths / 10_000, millionths / 100 % 100)
}

/// A part of a dollar with four decimals, floor.
fn fraction(money: U256) -> String {
    let parts: u64 = (money * U256::from(10_000) / WAD).saturating_to();
    format!("{}.{:04} dollars", parts / 10_000, parts % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_binds_and_what_it_costs() {
        let limit = Shadow {
            by: Binding::DepositLimit,
            of: Some(B256::ZERO),
            room: U256::from(100_000_000) * WAD,
            price: 43_210,
        };
        assert_eq!(
            explain(&[limit], |_| "Meridian CLO Senior".to_owned()),
            [
                "the deposit limit for Meridian CLO Senior allows 100,000,000 dollars more; one dollar \
              above that would earn 4.32 % a year (0.0432 dollars)."
            ]
        );
        assert_eq!(explain(&[], |_| String::new()).len(), 1);
    }

    #[test]
    fn groups_digits_in_threes() {
        let show = |whole: u64| dollars(U256::from(whole) * WAD);
        assert_eq!(
            [show(0), show(999), show(1_000), show(1_234_567)],
            ["0 dollars", "999 dollars", "1,000 dollars", "1,234,567 dollars"]
        );
    }
}
