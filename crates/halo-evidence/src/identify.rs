//! Which code stands at an address: a frozen template, a minimal proxy of one, or an artifact from elsewhere with its
//! immutables solved.

use std::collections::BTreeMap;

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, B256, Bytes, hex, keccak256};
use foundry_compilers::artifacts::{CompactContractBytecode, Contract as SolcContract, Offsets};
use halo_templates::Template;
use serde::Serialize;

use crate::{Error, Result};

/// Which code stands at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Identity {
    /// No code at all.
    Nothing,
    /// A frozen template, byte for byte.
    Template {
        /// Its name.
        template: &'static str,
        /// Its version in the TemplateRegistry.
        version: u16,
        /// Its audit, as the lock has it.
        audit: &'static str,
    },
    /// An EIP-1167 minimal proxy.
    Clone {
        /// What it delegates to; itself to be identified.
        implementation: Address,
    },
    /// A frozen template's creation code kept as data.
    Blob {
        /// Its name.
        template: &'static str,
    },
    /// An artifact that was given, byte for byte but for its immutables.
    Foreign {
        /// Its name.
        artifact: String,
        /// The values of its immutables.
        immutables: Vec<Immutable>,
    },
    /// None of these.
    Unknown {
        /// Bytes of code.
        size: usize,
    },
}

/// The value of an immutable, solved from the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Immutable {
    /// The compiler's id of the variable.
    pub id: String,
    /// Its value: the same word at every place.
    pub value: B256,
    /// In how many places it stands.
    pub places: usize,
}

/// A compiled contract that is not in the lock: forge's, Hardhat's or solc's own output.
#[derive(Clone, Debug)]
pub struct Foreign {
    name: String,
    abi: JsonAbi,
    runtime: Bytes,
    immutables: BTreeMap<String, Vec<Offsets>>,
}

impl Foreign {
    /// Reads an artifact: `{abi, deployedBytecode: {object, immutableReferences}}` as forge writes it, or a contract of
    /// solc's standard JSON output.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is neither, has no code, is not linked, or has references outside of its code.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let malformed = |what: &dyn ToString| {
            let remedy = "give the JSON that forge writes to out/NAME.sol/NAME.json, or a contract of solc's output";
            Error::malformed(name, what.to_string(), remedy)
        };
        let read: CompactContractBytecode =
            match serde_json::from_str::<CompactContractBytecode>(text) {
                Ok(read) if read.deployed_bytecode.is_some() => read,
                _ => serde_json::from_str::<SolcContract>(text).map_err(|e| malformed(&e))?.into(),
            };
        let deployed =
            read.deployed_bytecode.ok_or_else(|| malformed(&"it has no runtime code"))?;
        let runtime = deployed
            .bytecode
            .and_then(|code| code.object.into_bytes())
            .filter(|code| !code.is_empty())
            .ok_or_else(|| malformed(&"it has no runtime code, or code that is not linked"))?;
        let inside = |at: &Offsets| {
            let end = u64::from(at.start) + u64::from(at.length);
            at.length == 32 && usize::try_from(end).is_ok_and(|end| end <= runtime.len())
        };
        let immutables = deployed.immutable_references;
        if !immutables.values().flatten().all(inside) {
            return Err(malformed(&"an immutable's place is not 32 bytes of its code"));
        }
        Ok(Self { name: name.to_owned(), abi: read.abi.unwrap_or_default(), runtime, immutables })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its interface.
    #[must_use]
    pub const fn abi(&self) -> &JsonAbi {
        &self.abi
    }

    /// The values of the immutables, if `code` is this artifact's; else `None`.
    #[must_use]
    pub fn solve(&self, code: &[u8]) -> Option<Vec<Immutable>> {
        if code.len() != self.runtime.len() {
            return None;
        }
        let (mut masked, mut own) = (code.to_vec(), self.runtime.to_vec());
        let mut solved = Vec::with_capacity(self.immutables.len());
        for (id, places) in &self.immutables {
            let mut values = Vec::with_capacity(places.len());
            for place in places {
                let start = usize::try_from(place.start).ok()?;
                let range = start..start + 32;
                values.push(B256::from_slice(code.get(range.clone())?));
                masked.get_mut(range.clone())?.fill(0);
                own.get_mut(range)?.fill(0);
            }
            let value = *values.first()?;
            // One variable has one value, wherever the compiler put it.
            if values.iter().any(|other| *other != value) {
                return None;
            }
            solved.push(Immutable { id: id.clone(), value, places: places.len() });
        }
        (masked == own).then_some(solved)
    }
}

/// Says which code this is, by the lock first and then by the artifacts given.
#[must_use]
pub fn identify(code: &[u8], foreign: &[Foreign]) -> Identity {
    if code.is_empty() {
        return Identity::Nothing;
    }
    let hash = keccak256(code);
    let mut templates = Template::all().iter().filter(|template| template.kind().has_code());
    if let Some(template) = templates.clone().find(|template| template.runtime_hash() == hash) {
        let (version, audit) = (template.version(), template.locked().audit.as_str());
        return Identity::Template { template: template.name(), version, audit };
    }
    if let Some(implementation) = delegate_of(code) {
        return Identity::Clone { implementation };
    }
    if let Some((0, data)) = code.split_first() {
        let stored = keccak256(data);
        if let Some(template) = templates.find(|template| template.creation_hash() == stored) {
            return Identity::Blob { template: template.name() };
        }
    }
    let solved = foreign.iter().find_map(|one| Some((one.name.clone(), one.solve(code)?)));
    match solved {
        Some((artifact, immutables)) => Identity::Foreign { artifact, immutables },
        None => Identity::Unknown { size: code.len() },
    }
}

/// The implementation of an EIP-1167 minimal proxy.
fn delegate_of(code: &[u8]) -> Option<Address> {
    let rest = code.strip_prefix(&hex!("363d3d373d3d3d363d73"))?;
    let address = rest.strip_suffix(&hex!("5af43d82803e903d91602b57fd5bf3"))?;
    Address::try_from(address).ok()
}

#[cfg(test)]
mod tests {
    use halo_templates::template;

    use super::*;

    const TWO_PLACES: &str = r#"{"abi":[],"deployedBytecode":{
        "object":"0x7f00000000000000000000000000000000000000000000000000000000000000007f000000000000000000000000000000000000000000000000000000000000000001",
        "immutableReferences":{"17":[{"start":1,"length":32},{"start":34,"length":32}]}}}"#;

    fn with(first: u8, second: u8, last: u8) -> Vec<u8> {
        [&[0x7f][..], &[first; 32], &[0x7f], &[second; 32], &[last]].concat()
    }

    #[test]
    fn immutables_are_solved_and_all_else_must_be_equal() {
        let foreign = Foreign::parse("Two", TWO_PLACES).unwrap();
        let solved = foreign.solve(&with(7, 7, 1)).unwrap();
        assert_eq!(solved.len(), 1);
        assert_eq!((solved[0].value, solved[0].places), (B256::repeat_byte(7), 2));
        assert_eq!(foreign.solve(&with(7, 8, 1)), None, "one variable with two values");
        assert_eq!(foreign.solve(&with(7, 7, 2)), None, "another byte outside of it");
        assert_eq!(foreign.solve(&with(7, 7, 1)[1..]), None);
    }

    #[test]
    fn references_outside_of_the_code_are_refused() {
        for (from, to) in [("\"start\":34", "\"start\":40"), ("\"length\":32}]", "\"length\":4}]")]
        {
            let text = TWO_PLACES.replace(from, to);
            assert!(matches!(Foreign::parse("Two", &text), Err(Error::Malformed { .. })), "{to}");
        }
        assert!(Foreign::parse("Two", r#"{"abi":[]}"#).is_err());
        assert!(Foreign::parse("Two", "[").is_err());
    }

    #[test]
    fn templates_clones_and_blobs_are_known_and_one_byte_makes_them_unknown() {
        let unit = &template::HaloUnit;
        let found = identify(unit.runtime_code(), &[]);
        assert!(matches!(found, Identity::Template { template: "HaloUnit", .. }));
        let mut changed = unit.runtime_code().to_vec();
        changed[100] ^= 1;
        assert_eq!(identify(&changed, &[]), Identity::Unknown { size: changed.len() });

        let at = Address::repeat_byte(0xbe);
        let proxy = [
            &hex!("363d3d373d3d3d363d73")[..],
            at.as_slice(),
            &hex!("5af43d82803e903d91602b57fd5bf3"),
        ]
        .concat();
        assert_eq!(identify(&proxy, &[]), Identity::Clone { implementation: at });
        let blob = [&[0][..], template::FreezerModule.creation_code()].concat();
        assert_eq!(identify(&blob, &[]), Identity::Blob { template: "FreezerModule" });
        assert_eq!(identify(&[], &[]), Identity::Nothing);
    }
}
