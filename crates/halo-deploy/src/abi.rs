//! ABI data in words: what a person, or another program, reads in a plan instead of calldata.

use alloy_dyn_abi::{DynSolType, DynSolValue, JsonAbiExt, Specifier};
use alloy_json_abi::{Function, JsonAbi, Param};
use alloy_primitives::hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An argument of a call or a constructor, decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Its name in the ABI.
    pub name: String,
    /// Its Solidity type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value: integers are decimal strings, addresses have their checksum, structs are objects.
    pub value: Value,
}

/// The signature and decoded arguments of calldata, if `abi` has the function.
#[must_use]
pub fn decode_call(abi: &JsonAbi, data: &[u8]) -> Option<(String, Vec<Argument>)> {
    let (selector, rest) = data.split_first_chunk::<4>()?;
    let function = abi.functions().find(|function| function.selector() == *selector)?;
    let values = function.abi_decode_input(rest).ok()?;
    Some((function.signature(), arguments(&function.inputs, &values)))
}

/// The decoded arguments of a constructor.
#[must_use]
pub fn decode_constructor(abi: &JsonAbi, data: &[u8]) -> Option<Vec<Argument>> {
    let Some(constructor) = &abi.constructor else {
        return data.is_empty().then(Vec::new);
    };
    let values = constructor.abi_decode_input(data).ok()?;
    Some(arguments(&constructor.inputs, &values))
}

fn arguments(params: &[Param], values: &[DynSolValue]) -> Vec<Argument> {
    let named = |(param, value): (&Param, &DynSolValue)| Argument {
        name: param.name.clone(),
        kind: param.selector_type().into_owned(),
        value: json(value, &param.components),
    };
    params.iter().zip(values).map(named).collect()
}

fn json(value: &DynSolValue, fields: &[Param]) -> Value {
    match value {
        DynSolValue::Bool(value) => Value::Bool(*value),
        DynSolValue::String(value) => Value::String(value.clone()),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => {
            Value::Array(items.iter().map(|item| json(item, fields)).collect())
        }
        DynSolValue::Tuple(items) => {
            let named = fields
                .iter()
                .zip(items)
                .map(|(field, item)| (field.name.clone(), json(item, &field.components)));
            Value::Object(Map::from_iter(named))
        }
        scalar => Value::String(text(scalar)),
    }
}

/// The full signature of the view function that calldata calls, such as `cap() returns (uint256)`,
/// and its arguments as text; `None` if `abi` has no such function.
pub(crate) fn getter_of(abi: &JsonAbi, data: &[u8]) -> Option<(String, Vec<String>)> {
    let (selector, rest) = data.split_first_chunk::<4>()?;
    let function = abi.functions().find(|function| function.selector() == *selector)?;
    let outputs: Vec<_> = function.outputs.iter().map(|output| output.selector_type()).collect();
    let arguments = function.abi_decode_input(rest).ok()?;
    Some((
        format!("{} returns ({})", function.signature(), outputs.join(",")),
        arguments.iter().map(text).collect(),
    ))
}

/// A decoded value as one line of text; the same value always gives the same text.
pub(crate) fn text(value: &DynSolValue) -> String {
    let list = |items: &[DynSolValue]| items.iter().map(text).collect::<Vec<_>>().join(", ");
    match value {
        DynSolValue::Bool(value) => value.to_string(),
        DynSolValue::Int(value, _) => value.to_string(),
        DynSolValue::Uint(value, _) => value.to_string(),
        DynSolValue::FixedBytes(word, size) => {
            hex::encode_prefixed(word.get(..*size).unwrap_or(&word[..]))
        }
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::Function(function) => hex::encode_prefixed(function),
        DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
        DynSolValue::String(value) => format!("{value:?}"),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => format!("[{}]", list(items)),
        DynSolValue::Tuple(items) => format!("({})", list(items)),
    }
}

/// The longest signature of a getter, bytes.
const MAX_SIGNATURE: usize = 512;

/// A view function with its arguments, parsed from the words that a plan or manifest holds.
pub(crate) struct Getter {
    function: Function,
    arguments: Vec<DynSolValue>,
}

impl Getter {
    /// Reads a signature such as `isEntrant(address) returns (bool)` with one text per argument.
    ///
    /// # Errors
    /// Says what is wrong with the signature or the argument.
    pub(crate) fn parse(signature: &str, arguments: &[String]) -> Result<Self, String> {
        // A parser or decoder could be made to build something huge: no getter of ours is long, and
        // none has an array of fixed size.
        let fixed_array = signature.split('[').skip(1).any(|rest| !rest.starts_with(']'));
        if signature.len() > MAX_SIGNATURE || fixed_array {
            return Err("a getter is short and has no array of fixed size".to_owned());
        }
        let function = Function::parse(signature)
            .map_err(|error| format!("`{signature}` is not a function signature: {error}"))?;
        if function.inputs.len() != arguments.len() {
            return Err(format!(
                "`{signature}` takes {} arguments, {} are given",
                function.inputs.len(),
                arguments.len()
            ));
        }
        let coerce = |(param, text): (&Param, &String)| {
            let kind: DynSolType = param.resolve().map_err(|error| error.to_string())?;
            kind.coerce_str(text).map_err(|error| format!("`{text}` is not a {kind}: {error}"))
        };
        let arguments =
            function.inputs.iter().zip(arguments).map(coerce).collect::<Result<_, String>>()?;
        Ok(Self { function, arguments })
    }

    /// The calldata.
    ///
    /// # Errors
    /// When the arguments do not encode; [`parse`](Self::parse) has excluded it.
    pub(crate) fn calldata(&self) -> Result<Vec<u8>, String> {
        self.function.abi_encode_input(&self.arguments).map_err(|error| error.to_string())
    }

    /// What a call returned, as text.
    ///
    /// # Errors
    /// When the data is not what the signature says.
    pub(crate) fn returned(&self, data: &[u8]) -> Result<String, String> {
        use alloy_dyn_abi::FunctionExt;
        let values = self.function.abi_decode_output(data).map_err(|error| error.to_string())?;
        Ok(values.iter().map(text).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_getter_goes_there_and_back() {
        let getter = Getter::parse(
            "clock(address) returns (bool,uint32[])",
            &["0xdC035D45d973E3EC169d2276DDab16f1e407384F".into()],
        )
        .unwrap();
        assert_eq!(getter.calldata().unwrap().len(), 36);
        let data = DynSolValue::Tuple(vec![
            DynSolValue::Bool(true),
            DynSolValue::Array(vec![DynSolValue::Uint(alloy_primitives::U256::from(7), 32)]),
        ])
        .abi_encode_params();
        assert_eq!(getter.returned(&data).unwrap(), "true, [7]");
        assert!(getter.returned(&data[..40]).is_err());
    }

    #[test]
    fn words_that_are_no_getter_say_so() {
        for (signature, arguments) in [
            ("", vec![]),
            ("cap(", vec![]),
            ("cap()", vec!["1".to_owned()]),
            ("of(address)", vec!["0x12".to_owned()]),
            ("of() returns (uint256[4000000000])", vec![]),
            (&format!("of({}", "(".repeat(500)), vec![]),
            (&"(".repeat(1 << 20), vec![]),
        ] {
            assert!(Getter::parse(signature, &arguments).is_err(), "{signature:.40}");
        }
    }
}
