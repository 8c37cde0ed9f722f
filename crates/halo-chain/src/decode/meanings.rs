//! What errors mean, in a sentence each. One table.

use alloy_primitives::U256;

/// A revert without data.
pub(super) const EMPTY: &str = "no reason was given: most often a call to an address without code, or a failed low-level check";
/// A panic with a code that Solidity does not list.
pub(super) const PANIC: &str = "a check that the compiler put in failed";

/// Solidity's panic codes.
const PANICS: &[(u64, &str)] = &[
    (0x01, "an assertion failed"),
    (0x11, "an addition, subtraction or multiplication left its range"),
    (0x12, "a division by zero"),
    (0x21, "a number that is no member of an enum"),
    (0x22, "a damaged byte array in storage"),
    (0x31, "pop on an empty array"),
    (0x32, "an index outside its array"),
    (0x41, "too much memory"),
    (0x51, "a call of a function pointer that was never set"),
];

/// Reasons of the Sky contracts and USDC, by their end or whole.
const REASONS: &[(&str, &str)] = &[
    ("Vat/ceiling-exceeded", "the allocator's debt ceiling is used up until its gap is renewed"),
    ("DssLitePsm/sell-gem-halted", "governance has halted selling USDC to the PSM"),
    ("DssLitePsm/buy-gem-halted", "governance has halted buying USDC from the PSM"),
    ("DssLitePsm/not-whitelisted", "only those that governance has kissed trade without a fee"),
    ("DssLitePsm/nothing-to-fill", "the PSM's float is full, or its debt ceiling is reached"),
    ("/insufficient-balance", "the sender holds less than it wants to move"),
    ("/insufficient-allowance", "the owner has not approved this much to the caller"),
    ("/invalid-address", "the receiver is the zero address or the token itself"),
    ("/not-authorized", "the caller is not a ward of this contract"),
    ("Pausable: paused", "the token's issuer has paused it"),
    (
        "Blacklistable: account is blacklisted",
        "the token's issuer has put an account on its blacklist",
    ),
    ("ERC20: transfer amount exceeds balance", "the sender holds less than it wants to move"),
    (
        "ERC20: transfer amount exceeds allowance",
        "the owner has not approved this much to the caller",
    ),
];

/// Errors of our contracts and of the OpenZeppelin parts in them.
const ERRORS: &str = include_str!("meanings.txt");

pub(super) fn of_error(name: &str) -> Option<&'static str> {
    rows().find(|(known, _)| *known == name).map(|(_, meaning)| meaning)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = ERRORS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": "))
}

pub(super) fn of_reason(reason: &str) -> Option<&'static str> {
    REASONS.iter().find(|(known, _)| reason.ends_with(known)).map(|(_, meaning)| *meaning)
}

pub(super) fn of_panic(code: U256) -> Option<&'static str> {
    PANICS.iter().find(|(known, _)| code == U256::from(*known)).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo_templates::Template;
    use std::collections::BTreeSet;

    /// Every error that a template can raise is explained, and nothing else is.
    #[test]
    fn each_error_has_its_line() {
        let explained: Vec<&str> = rows().map(|(name, _)| name).collect();
        assert!(explained.is_sorted(), "the table is in order");
        let explained: BTreeSet<&str> = explained.into_iter().collect();
        let errors = Template::all().iter().flat_map(|template| template.abi().errors());
        let raised: BTreeSet<&str> = errors.map(|error| error.name.as_str()).collect();
        let missing: Vec<_> = raised.difference(&explained).collect();
        assert!(missing.is_empty(), "meanings.txt lacks {missing:?}");
        let surplus: Vec<_> = explained.difference(&raised).collect();
        assert!(surplus.is_empty(), "meanings.txt explains what no template raises: {surplus:?}");
    }
}
