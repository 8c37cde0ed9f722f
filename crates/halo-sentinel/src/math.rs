//! Integer arithmetic with stated rounding. Products are taken in 512 bits, so only a result that
//! does not fit 256 bits is an error.

use alloy_primitives::{U256, U512, uint};

/// 10¹⁸: the precision of shares and of USDS.
pub const WAD: U256 = uint!(1_000_000_000_000_000_000_U256);
/// 10²⁷: the precision of an index.
pub const RAY: U256 = uint!(1_000_000_000_000_000_000_000_000_000_U256);
/// 10⁴: basis points in one.
pub const BPS: U256 = uint!(10_000_U256);

/// A result does not fit 256 bits, or a divisor is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("arithmetic out of range")]
pub struct OutOfRange;

/// ⌊a · b / d⌋.
///
/// # Errors
/// [`OutOfRange`] if `d` is zero or the quotient needs more than 256 bits.
pub fn mul_div(a: U256, b: U256, d: U256) -> Result<U256, OutOfRange> {
    let (quotient, _) = wide(a, b, d)?;
    narrow(quotient)
}

/// ⌈a · b / d⌉.
///
/// # Errors
/// [`OutOfRange`] if `d` is zero or the quotient needs more than 256 bits.
pub fn mul_div_up(a: U256, b: U256, d: U256) -> Result<U256, OutOfRange> {
    let (quotient, exact) = wide(a, b, d)?;
    let floor = narrow(quotient)?;
    if exact { Ok(floor) } else { floor.checked_add(U256::ONE).ok_or(OutOfRange) }
}

/// a + b.
///
/// # Errors
/// [`OutOfRange`] on overflow.
pub fn add(a: U256, b: U256) -> Result<U256, OutOfRange> {
    a.checked_add(b).ok_or(OutOfRange)
}

/// a − b.
///
/// # Errors
/// [`OutOfRange`] if `b` exceeds `a`.
pub fn sub(a: U256, b: U256) -> Result<U256, OutOfRange> {
    a.checked_sub(b).ok_or(OutOfRange)
}

/// a · b.
///
/// # Errors
/// [`OutOfRange`] on overflow.
pub fn mul(a: U256, b: U256) -> Result<U256, OutOfRange> {
    a.checked_mul(b).ok_or(OutOfRange)
}

/// 10ⁿ.
///
/// # Errors
/// [`OutOfRange`] for n > 77.
pub fn pow10(n: u8) -> Result<U256, OutOfRange> {
    U256::from(10).checked_pow(U256::from(n)).ok_or(OutOfRange)
}

fn wide(a: U256, b: U256, d: U256) -> Result<(U512, bool), OutOfRange> {
    if d.is_zero() {
        return Err(OutOfRange);
    }
    let product: U512 = a.widening_mul(b);
    let (quotient, remainder) = product.div_rem(U512::from(d));
    Ok((quotient, remainder.is_zero()))
}

fn narrow(x: U512) -> Result<U256, OutOfRange> {
    U256::checked_from_limbs_slice(x.as_limbs()).ok_or(OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_named() {
        let (three, seven) = (U256::from(3), U256::from(7));
        assert_eq!(mul_div(seven, seven, three), Ok(U256::from(16)));
        assert_eq!(mul_div_up(seven, seven, three), Ok(U256::from(17)));
        assert_eq!(mul_div_up(seven, three, three), Ok(seven));
    }

    #[test]
    fn products_of_512_bits_are_exact() {
        assert_eq!(mul_div(U256::MAX, U256::MAX, U256::MAX), Ok(U256::MAX));
        assert_eq!(mul_div(U256::MAX, RAY, RAY), Ok(U256::MAX));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert_eq!(mul_div(U256::MAX, U256::from(2), U256::ONE), Err(OutOfRange));
        assert_eq!(mul_div(U256::ONE, U256::ONE, U256::ZERO), Err(OutOfRange));
        // ⌈(2²⁵⁶ − 1)·k / (k − ε)⌉ style results that exceed only through the rounding up.
        assert_eq!(mul_div_up(U256::MAX, U256::MAX, U256::MAX - U256::ONE), Err(OutOfRange));
    }
}
