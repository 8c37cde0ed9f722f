//! Addresses, with their EIP-55 checksum enforced.

use alloy_primitives::Address;

use super::ValueError;
use crate::source::clip;

/// Reads an address, which must be written with its checksum and not be zero.
///
/// # Errors
/// Not 20 bytes of hexadecimal after `0x`, no checksum or a wrong one, or zero.
pub fn parse(text: &str) -> Result<Address, ValueError> {
    let is_hex = text
        .strip_prefix("0x")
        .is_some_and(|h| h.len() == 40 && h.bytes().all(|b| b.is_ascii_hexdigit()));
    let address: Address = match text.parse() {
        Ok(address) if is_hex => address,
        _ => {
            return Err(ValueError::new(
                "bad-address",
                format!("\"{}\" is not an address", clip(text)),
                "an address is 0x and 40 hexadecimal digits, with the checksum in its capitals",
            ));
        }
    };
    if address.is_zero() {
        return Err(ValueError::new(
            "zero-address",
            "the zero address is nobody's",
            "give the address that is to hold this",
        ));
    }
    if address.to_checksum(None) == text {
        return Ok(address);
    }
    let digits = text.trim_start_matches("0x");
    let has_case = digits.bytes().any(|b| b.is_ascii_lowercase())
        && digits.bytes().any(|b| b.is_ascii_uppercase());
    Err(if has_case {
        ValueError::new(
            "bad-checksum",
            "the checksum in the capitals of this address is wrong, so a digit may be mistyped",
            "copy the address again from where it comes from",
        )
    } else {
        ValueError::new(
            "no-checksum",
            "this address is written without its checksum",
            format!("compare it with its origin, then write {}", address.to_checksum(None)),
        )
    })
}
