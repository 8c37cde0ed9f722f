//! Values as Solidity text.

use alloy_primitives::{Address, B256, U256};
use halo_spec::{Token, amount};
use serde::Serialize;

/// An amount as code and as words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Amount {
    /// A Solidity literal.
    pub(crate) code: String,
    /// For the comment beside it.
    pub(crate) words: String,
}

impl Amount {
    pub(crate) fn new(units: U256, token: &Token) -> Self {
        Self { code: number(units, token.decimals), words: amount::format(units, token) }
    }
}

/// Token units as a literal that can be read: `250_000_000e6`.
pub(crate) fn number(units: U256, decimals: u8) -> String {
    if units == U256::MAX {
        return "type(uint256).max".to_owned();
    }
    let one = U256::from(10).pow(U256::from(decimals));
    let (whole, rest) = units.div_rem(one);
    if rest.is_zero() && !whole.is_zero() {
        return format!("{}e{decimals}", amount::format_number(whole, 0));
    }
    amount::format_number(units, 0)
}

/// An address literal.
pub(crate) fn address(at: Address) -> String {
    at.to_checksum(None)
}

/// A `bytes32` literal.
pub(crate) fn word(value: B256) -> String {
    if value.is_zero() { "bytes32(0)".to_owned() } else { value.to_string() }
}

/// A slug as the name of a constant.
pub(crate) fn constant(slug: &str) -> String {
    slug.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect()
}

/// Text that is safe in a Solidity string literal and a line comment: what could end either becomes a space.
#[must_use]
pub fn solidity_text(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == ' ' || (c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '{' | '}')) {
                c
            } else {
                ' '
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_can_be_read() {
        assert_eq!(number(U256::from(250_000_000_000_000_u64), 6), "250_000_000e6");
        assert_eq!(number(U256::from(2_893_518_518_u64), 6), "2_893_518_518");
        assert_eq!(number(U256::ZERO, 18), "0");
        assert_eq!(number(U256::from(1), 18), "1");
        assert_eq!(number(U256::MAX, 6), "type(uint256).max");
        assert_eq!(constant("unit/t-bill"), "UNIT_T_BILL");
    }

    #[test]
    fn hostile_text_ends_neither_a_literal_nor_a_comment() {
        assert_eq!(solidity_text("a\"; selfdestruct\n*/ \\ \u{202e}b"), "a ; selfdestruct */    b");
        assert!(!solidity_text("\n\r\u{2028}\"\\").contains(['\n', '\r', '\u{2028}', '"', '\\']));
    }
}
