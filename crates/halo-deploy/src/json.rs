//! JSON as this project writes it: big integers as decimal strings, addresses with their checksum,
//! and one canonical form, so that a digest means the same thing on every machine.

use alloy_primitives::{B256, keccak256};
use serde::Serialize;
use serde_json::Value;

/// The keccak-256 of a value's canonical JSON: keys sorted, no white space.
pub(crate) fn digest<T: Serialize>(value: &T) -> serde_json::Result<B256> {
    let mut text = String::new();
    write(&serde_json::to_value(value)?, &mut text)?;
    Ok(keccak256(text))
}

fn write(value: &Value, out: &mut String) -> serde_json::Result<()> {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_unstable_by_key(|(key, _)| *key);
            enclose(out, '{', keys, '}', |(key, value), out| {
                out.push_str(&serde_json::to_string(key)?);
                out.push(':');
                write(value, out)
            })
        }
        Value::Array(items) => enclose(out, '[', items, ']', write),
        scalar => {
            out.push_str(&serde_json::to_string(scalar)?);
            Ok(())
        }
    }
}

fn enclose<T>(
    out: &mut String,
    open: char,
    items: impl IntoIterator<Item = T>,
    close: char,
    each: impl Fn(T, &mut String) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    out.push(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        each(item, out)?;
    }
    out.push(close);
    Ok(())
}

/// `U256` as a decimal string.
pub(crate) mod decimal {
    use alloy_primitives::U256;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &U256, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<U256, D::Error> {
        let text = String::deserialize(from)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = text.len() > 1 && text.starts_with('0');
        if !digits || leading_zero {
            return Err(D::Error::custom(format!(
                "expected a whole number in decimal digits, found `{text}`"
            )));
        }
        U256::from_str_radix(&text, 10)
            .map_err(|_| D::Error::custom(format!("`{text}` does not fit in 256 bits")))
    }
}

/// `Address` with its EIP-55 checksum, which is also checked on the way in.
pub(crate) mod checksum {
    use alloy_primitives::Address;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Address, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Address, D::Error> {
        let text = String::deserialize(from)?;
        Address::parse_checksummed(&text, None).map_err(|error| {
            D::Error::custom(format!("`{text}` is not an address with a right checksum: {error}"))
        })
    }
}

/// [`checksum`], or nothing.
pub(crate) mod checksum_or_none {
    use alloy_primitives::Address;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Checked(#[serde(with = "super::checksum")] Address);

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<Address>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Checked).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Address>, D::Error> {
        Ok(Option::<Checked>::deserialize(from)?.map(|one| one.0))
    }
}

/// A list of [`checksum`] addresses.
pub(crate) mod checksums {
    use alloy_primitives::Address;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Checked(#[serde(with = "super::checksum")] Address);

    pub(crate) fn serialize<S: Serializer>(all: &[Address], out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(all.iter().copied().map(Checked))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Address>, D::Error> {
        Ok(Vec::<Checked>::deserialize(from)?.into_iter().map(|one| one.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_of_keys_does_not_change_a_digest() {
        let one = json!({"b": [1, {"y": "é\"", "x": null}], "a": true});
        let other: Value =
            serde_json::from_str("{\"a\":true, \"b\":[1,{\"x\":null,\"y\":\"é\\\"\"}]}").unwrap();
        assert_eq!(digest(&one).unwrap(), digest(&other).unwrap());
        assert_ne!(digest(&one).unwrap(), digest(&json!({"a": true})).unwrap());
    }

    #[test]
    fn the_canonical_form_is_what_the_words_say() {
        let mut text = String::new();
        write(&json!({"b": ["1", {}], "a": {"z": 1, "c": "\n"}}), &mut text).unwrap();
        assert_eq!(text, "{\"a\":{\"c\":\"\\n\",\"z\":1},\"b\":[\"1\",{}]}");
    }
}
