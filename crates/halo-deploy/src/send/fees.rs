//! What to pay for gas: as much as the nodes say, within a cap, and an eighth more to replace.

use halo_chain::node::Fees;

/// The nodes' fees within the cap.
pub(super) fn capped(fees: Fees, cap: u128) -> Fees {
    let max = fees.max.min(cap);
    Fees { max, tip: fees.tip.min(max) }
}

/// Fees with which a transaction that pays `old` can be replaced: an eighth more of both at least, which is what nodes
/// ask for; `None` when the cap does not allow it.
pub(super) fn bumped(old: Fees, now: Fees, cap: u128) -> Option<Fees> {
    let eighth = |fee: u128| fee.saturating_add(fee / 8).saturating_add(1);
    let (max, tip) = (eighth(old.max).max(now.max), eighth(old.tip).max(now.tip));
    (eighth(old.max) <= cap).then(|| capped(Fees { max, tip }, cap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_pays_an_eighth_more_and_never_more_than_the_cap() {
        let fees = |max, tip| Fees { max, tip };
        assert_eq!(capped(fees(100, 3), 50), fees(50, 3));
        assert_eq!(capped(fees(100, 60), 50), fees(50, 50));
        assert_eq!(bumped(fees(800, 8), fees(1, 1), 10_000), Some(fees(901, 10)));
        assert_eq!(bumped(fees(800, 8), fees(2_000, 20), 10_000), Some(fees(2_000, 20)));
        assert_eq!(bumped(fees(800, 8), fees(2_000, 20), 1_000), Some(fees(1_000, 20)));
        assert_eq!(bumped(fees(800, 8), fees(2_000, 20), 900), None);
        assert_eq!(bumped(fees(0, 0), fees(0, 0), 9), Some(fees(1, 1)));
    }
}
