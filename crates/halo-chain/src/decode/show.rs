//! Decoded items and how they read.

use super::short_hex;
use crate::labels::Labels;
use alloy_dyn_abi::DynSolValue;
use std::fmt::Write;

/// An error, an event or a call, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Its name in the contract's source.
    pub name: String,
    /// Its arguments, in order.
    pub args: Vec<Arg>,
    /// The known contracts that declare it; none for what Solidity itself defines.
    pub contracts: Vec<&'static str>,
    /// What an error means, in a sentence.
    pub meaning: Option<&'static str>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// Its name; may be empty.
    pub name: String,
    /// Its value.
    pub value: DynSolValue,
}

impl Arg {
    pub(super) fn new(name: &str, value: DynSolValue) -> Self {
        Self { name: name.to_owned(), value }
    }

    pub(super) fn raw(data: &[u8]) -> Self {
        Self::new("", DynSolValue::Bytes(data.to_vec()))
    }
}

impl Decoded {
    pub(super) fn new(
        name: &str,
        args: Vec<Arg>,
        contracts: Vec<&'static str>,
        meaning: Option<&'static str>,
    ) -> Self {
        Self { name: name.to_owned(), args, contracts, meaning }
    }

    /// The argument of that name.
    pub fn arg(&self, name: &str) -> Option<&DynSolValue> {
        self.args.iter().find(|arg| arg.name == name).map(|arg| &arg.value)
    }

    /// `Name(argument: value, …)`, addresses by their labels.
    pub fn show(&self, labels: &Labels) -> String {
        let mut text = format!("{}(", self.name);
        for (place, arg) in self.args.iter().enumerate() {
            if place > 0 {
                text.push_str(", ");
            }
            if !arg.name.is_empty() {
                let _ = write!(text, "{}: ", arg.name);
            }
            show_value(&mut text, &arg.value, labels);
        }
        text.push(')');
        text
    }
}

fn show_value(text: &mut String, value: &DynSolValue, labels: &Labels) {
    // Writing to a string cannot fail.
    let _ = match value {
        DynSolValue::Bool(value) => write!(text, "{value}"),
        DynSolValue::Int(value, _) => write!(text, "{value}"),
        DynSolValue::Uint(value, _) => write!(text, "{value}"),
        DynSolValue::Address(value) => write!(text, "{}", labels.show(*value)),
        DynSolValue::String(value) => write!(text, "{value:?}"),
        DynSolValue::Bytes(value) => write!(text, "{}", short_hex(value)),
        DynSolValue::FixedBytes(value, size) => {
            write!(text, "{}", short_hex(value.get(..*size).unwrap_or_default()))
        }
        DynSolValue::Function(value) => write!(text, "{}", short_hex(value.as_slice())),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) => {
            return show_list(text, values, ('[', ']'), labels);
        }
        DynSolValue::Tuple(values) => return show_list(text, values, ('(', ')'), labels),
    };
}

fn show_list(text: &mut String, values: &[DynSolValue], marks: (char, char), labels: &Labels) {
    text.push(marks.0);
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            text.push_str(", ");
        }
        show_value(text, value, labels);
    }
    text.push(marks.1);
}
