//! Reverts, events and calldata in words, by the interfaces of all contracts that we know.

mod meanings;
mod show;

pub use show::{Arg, Decoded};

use alloy_dyn_abi::{DynSolValue, EventExt, JsonAbiExt};
use alloy_json_abi::{Error, Event, EventParam, Function, Param};
use alloy_primitives::{B256, Log, Selector, hex};
use halo_templates::Template;
use std::{collections::HashMap, sync::OnceLock};

/// `Error(string)`, what `require` with a reason reverts with.
const ERROR_STRING: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
/// `Panic(uint256)`, what the compiler's own checks revert with.
const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

/// The interfaces of all frozen templates, by selector and topic.
pub struct Abis {
    errors: HashMap<Selector, Vec<Known<Error>>>,
    functions: HashMap<Selector, Vec<Known<Function>>>,
    events: HashMap<B256, Vec<Known<Event>>>,
}

/// An item and the contract that declares it.
struct Known<T: 'static> {
    contract: &'static str,
    item: &'static T,
}

impl Abis {
    /// The interfaces of all templates that are frozen into this program, read once.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<Abis> = OnceLock::new();
        KNOWN.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut abis =
            Self { errors: HashMap::new(), functions: HashMap::new(), events: HashMap::new() };
        for template in Template::all() {
            let (contract, abi) = (template.name(), template.abi());
            for item in abi.errors() {
                abis.errors.entry(item.selector()).or_default().push(Known { contract, item });
            }
            for item in abi.functions() {
                abis.functions.entry(item.selector()).or_default().push(Known { contract, item });
            }
            for item in abi.events() {
                abis.events.entry(item.selector()).or_default().push(Known { contract, item });
            }
        }
        abis
    }

    /// Revert data in words. Never fails: what is not known is shown as it is.
    pub fn error(&self, data: &[u8]) -> Decoded {
        let Some((selector, body)) = data.split_first_chunk::<4>() else {
            let meaning = data.is_empty().then_some(meanings::EMPTY);
            return Decoded::new("revert data", vec![Arg::raw(data)], Vec::new(), meaning);
        };
        match *selector {
            ERROR_STRING => {
                let reason = decode_one("string", body);
                let text = reason.as_ref().and_then(DynSolValue::as_str).unwrap_or_default();
                let meaning = meanings::of_reason(text);
                Decoded::new("Error", args([("", reason)]), Vec::new(), meaning)
            }
            PANIC => {
                let code = decode_one("uint256", body);
                let number = code.as_ref().and_then(DynSolValue::as_uint);
                let meaning = number.and_then(|(code, _)| meanings::of_panic(code));
                Decoded::new(
                    "Panic",
                    args([("code", code)]),
                    Vec::new(),
                    Some(meaning.unwrap_or(meanings::PANIC)),
                )
            }
            _ => self.custom_error(*selector, body, data),
        }
    }

    fn custom_error(&self, selector: [u8; 4], body: &[u8], data: &[u8]) -> Decoded {
        let known = self.errors.get(&Selector::from(selector)).map_or(&[][..], Vec::as_slice);
        let Some((item, values)) = first_decoded(known, |item| item.abi_decode_input(body).ok())
        else {
            return Decoded::new("unknown error", vec![Arg::raw(data)], Vec::new(), None);
        };
        let contracts = known.iter().map(|known| known.contract).collect();
        let args = name_params(&item.inputs, values);
        Decoded::new(&item.name, args, contracts, meanings::of_error(&item.name))
    }

    /// Calldata in words; `None` when no known contract has such a function.
    pub fn function(&self, calldata: &[u8]) -> Option<Decoded> {
        let (selector, body) = calldata.split_first_chunk::<4>()?;
        let known = self.functions.get(&Selector::from(*selector))?;
        let (item, values) = first_decoded(known, |item| item.abi_decode_input(body).ok())?;
        let contracts = known.iter().map(|known| known.contract).collect();
        Some(Decoded::new(&item.name, name_params(&item.inputs, values), contracts, None))
    }

    /// An event in words; `None` when no known contract declares it.
    pub fn event(&self, log: &Log) -> Option<Decoded> {
        let known = self.events.get(log.topics().first()?)?;
        let (item, decoded) = first_decoded(known, |item| item.decode_log(&log.data).ok())?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let mut value =
            |param: &EventParam| if param.indexed { indexed.next() } else { body.next() };
        let args =
            item.inputs.iter().filter_map(|param| Some(Arg::new(&param.name, value(param)?)));
        let contracts = known.iter().map(|known| known.contract).collect();
        Some(Decoded::new(&item.name, args.collect(), contracts, None))
    }
}

/// The first candidate that decodes: two contracts may declare the same signature with other indexed fields.
fn first_decoded<T, V>(
    known: &[Known<T>],
    decode: impl Fn(&T) -> Option<V>,
) -> Option<(&'static T, V)> {
    known.iter().find_map(|known| Some((known.item, decode(known.item)?)))
}

fn name_params(params: &[Param], values: Vec<DynSolValue>) -> Vec<Arg> {
    params.iter().zip(values).map(|(param, value)| Arg::new(&param.name, value)).collect()
}

fn args<const N: usize>(named: [(&str, Option<DynSolValue>); N]) -> Vec<Arg> {
    named.into_iter().filter_map(|(name, value)| Some(Arg::new(name, value?))).collect()
}

fn decode_one(kind: &str, body: &[u8]) -> Option<DynSolValue> {
    let kind = kind.parse::<alloy_dyn_abi::DynSolType>().ok()?;
    kind.abi_decode_params(body).ok()
}

/// `0x` and the bytes in hex, long ones cut.
fn short_hex(bytes: &[u8]) -> String {
    match bytes.get(..32) {
        Some(head) if bytes.len() > 36 => {
            format!("{}… ({} bytes)", hex::encode_prefixed(head), bytes.len())
        }
        _ => hex::encode_prefixed(bytes),
    }
}
