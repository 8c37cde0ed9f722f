//! What facets say of themselves: their ids and wires, read from the audited code, and the wiring
//! hash that a Controller makes of them.

use alloy_primitives::{Address, B256, FixedBytes, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use halo_chain::Embedded;
use halo_templates::{Template, bindings::PsmFacet, template};

use crate::{
    error::{Error, Result},
    fact::{Integration, Wire},
};

/// A facet's id in words and its wires.
pub(crate) struct Declared {
    pub(crate) id: String,
    pub(crate) id_word: B256,
    pub(crate) wires: Vec<PsmFacet::Wire>,
}

/// Asks a facet's locked code for its id and wires. Both functions are pure, so any address and any
/// chain will do.
pub(crate) fn declared(facet: &Template) -> Result<Declared> {
    let at = Address::repeat_byte(0xfa);
    let mut chain = Embedded::new(1, 0);
    chain.set_code(at, facet.runtime_code().clone())?;
    let ask = |data: Vec<u8>| -> Result<_> { Ok(chain.view(at, at, data.into())?) };
    let id_word = ask(PsmFacet::integrationIdCall {}.abi_encode())?;
    let id_word = id_word.decode::<PsmFacet::integrationIdCall>(at)?;
    let wires = ask(PsmFacet::wiresCall {}.abi_encode())?.decode::<PsmFacet::wiresCall>(at)?;
    let id = String::from_utf8_lossy(&id_word[..]).trim_end_matches('\0').to_owned();
    Ok(Declared { id, id_word, wires })
}

/// The wires with the signatures of both sides.
pub(crate) fn in_words(facet: &Template, wires: &[PsmFacet::Wire]) -> Result<Vec<Wire>> {
    let named = |template: &Template, selector: FixedBytes<4>| {
        let mut functions = template.abi().functions();
        functions.find(|one| one.selector() == selector).map(|one| one.signature()).ok_or_else(
            || Error::Unplannable {
                what: format!("{} has no function with the selector {selector}", template.name()),
                remedy: "freeze the templates again".to_owned(),
            },
        )
    };
    let wire = |wire: &PsmFacet::Wire| {
        Ok(Wire {
            call: named(&template::ControllerSurface, wire.callSelector)?,
            delegate: named(facet, wire.delegateSelector)?,
        })
    };
    wires.iter().map(wire).collect()
}

/// `Controller.wiringHash()` for these integrations: the hash of all wires by ascending selector.
///
/// # Errors
/// Says which facet's code is not in the lock.
pub(crate) fn hash(integrations: &[Integration]) -> Result<B256, String> {
    let mut rows = Vec::new();
    for one in integrations {
        if !Template::all().iter().any(|template| template.runtime_hash() == one.code_hash) {
            return Err(format!("the code of {} is not in the lock", one.id));
        }
        rows.extend(one.wires.iter().map(|wire| {
            (selector(&wire.call), one.facet, selector(&wire.delegate), one.code_hash)
        }));
    }
    rows.sort_unstable();
    Ok(keccak256(rows.abi_encode()))
}

/// A facet with its wires, in words.
pub(crate) fn offer_words(facet: Address, wires: &[(FixedBytes<4>, FixedBytes<4>)]) -> String {
    let wires: Vec<_> = wires.iter().map(|(call, to)| format!("{call} to {to}")).collect();
    format!("{facet} with {}", wires.join(", "))
}

impl Integration {
    /// The id as the chain has it: ASCII, padded with zeros on the right.
    pub(crate) fn id_word(&self) -> B256 {
        let mut word = B256::ZERO;
        for (to, from) in word.iter_mut().zip(self.id.bytes()) {
            *to = from;
        }
        word
    }

    /// The selectors of the wires: the Controller's, the facet's.
    pub(crate) fn selectors(&self) -> Vec<(FixedBytes<4>, FixedBytes<4>)> {
        self.wires.iter().map(|wire| (selector(&wire.call), selector(&wire.delegate))).collect()
    }
}

fn selector(signature: &str) -> FixedBytes<4> {
    let hash = keccak256(signature);
    FixedBytes::from_slice(&hash[..4])
}
