//! A word of storage as a person reads it.

use alloy_primitives::{Address, Bytes, I256, U256, hex};
use halo_spec::amount::format_number;

use super::layout::Type;

/// What a value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A token, with its decimals.
    Token(String, u8),
    /// A token for each second.
    PerSecond(String, u8),
    /// A word, for the value as it is.
    Word(String),
}

impl Unit {
    /// Its name.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Token(symbol, _) => symbol.clone(),
            Self::PerSecond(symbol, _) => format!("{symbol} / s"),
            Self::Word(word) => word.clone(),
        }
    }
}

/// A value as a person reads it.
pub(super) fn show(
    ty: &Type,
    bits: U256,
    unit: &Unit,
    account: impl Fn(Address) -> String,
) -> String {
    match ty {
        Type::Bool => (!bits.is_zero()).to_string(),
        Type::Address => account(Address::from_word(bits.into())),
        Type::Uint(_) if bits == U256::MAX => "unlimited".to_owned(),
        Type::Uint(_) => match unit {
            Unit::Token(_, decimals) | Unit::PerSecond(_, decimals) => {
                format_number(bits, *decimals)
            }
            Unit::Word(_) => bits.to_string(),
        },
        Type::Enum(_) => bits.to_string(),
        Type::Int(size) => {
            let shift = 256 - usize::from(*size) * 8;
            I256::from_raw(bits << shift).asr(shift).to_string()
        }
        Type::Fixed(size) => {
            let bytes = bits.to_be_bytes::<32>();
            let from = 32_usize.saturating_sub((*size).into());
            hex::encode_prefixed(bytes.get(from..).unwrap_or_default())
        }
        Type::Text | Type::Data => text(ty, bits),
        Type::Array(..) => format!("{bits} items"),
        Type::Mapping(..) | Type::Struct(_) | Type::Word(_) => {
            hex::encode_prefixed(bits.to_be_bytes::<32>())
        }
    }
}

/// The first slot of a text or of bytes: short ones are in it, of long ones their length.
fn text(ty: &Type, word: U256) -> String {
    let bytes = word.to_be_bytes::<32>();
    if word.bit(0) {
        return format!("{} bytes", (word - U256::ONE) / U256::from(2));
    }
    let length = usize::from(bytes[31] / 2).min(31);
    let held = Bytes::copy_from_slice(bytes.get(..length).unwrap_or_default());
    match ty {
        Type::Text => format!("{:?}", String::from_utf8_lossy(&held)),
        _ => held.to_string(),
    }
}
