//! A contract that a plan creates: where it is, what code it has, and from what its address follows.

use alloy_primitives::{Address, B256, Bytes, hex, keccak256};
use halo_templates::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json::{checksum, checksum_or_none};

/// The largest code that the EVM keeps (EIP-170).
const MAX_CODE: u16 = 24_576;

/// How a contract's code follows from its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The template's own code.
    Instance,
    /// An EIP-1167 minimal proxy of the implementation.
    Clone,
    /// The template's creation code kept as data, for the factory to deploy from.
    Blob,
}

/// A contract of a deployment, with everything from which its address and code can be derived again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Its name in the plan, such as `core/factory` or `unit/senior/redeem-queue`.
    pub name: String,
    /// The template that its code comes from.
    pub template: String,
    /// How its code follows from the template.
    pub form: Form,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// keccak-256 of its runtime code.
    #[schemars(with = "String")]
    pub code_hash: B256,
    /// The account that runs CREATE2.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub creator: Address,
    /// The CREATE2 salt.
    #[schemars(with = "String")]
    pub salt: B256,
    /// keccak-256 of the creation code with its arguments.
    #[schemars(with = "String")]
    pub init_code_hash: B256,
    /// The ABI-encoded constructor arguments; for a blob, the bytes that it keeps are the template's.
    #[schemars(with = "String")]
    pub arguments: Bytes,
    /// For a clone: the contract that it delegates to.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "checksum_or_none")]
    #[schemars(with = "Option<String>")]
    pub implementation: Option<Address>,
}

/// The CREATE2 salt of a core contract: it names the template and its version, so that there is one instance of each per
/// chain and governance.
#[must_use]
pub fn core_salt(template: &Template) -> B256 {
    keccak256(format!("halo/{}/{}", template.name(), template.version()))
}

impl Contract {
    /// The address that CREATE2 gives for the creator, salt and creation code named here.
    #[must_use]
    pub fn derived_address(&self) -> Address {
        self.creator.create2(self.salt, self.init_code_hash)
    }
}

/// The creation code of an EIP-1167 minimal proxy, as OpenZeppelin's `Clones` writes it.
pub(crate) fn clone_creation(implementation: Address) -> Vec<u8> {
    [&hex!("3d602d80600a3d3981f3")[..], &clone_runtime(implementation)].concat()
}

/// What stands before and after the implementation in the runtime code of an EIP-1167 minimal proxy.
const CLONE: (&[u8], &[u8]) =
    (&hex!("363d3d373d3d3d363d73"), &hex!("5af43d82803e903d91602b57fd5bf3"));

/// The 45 bytes of runtime code of an EIP-1167 minimal proxy.
pub(crate) fn clone_runtime(implementation: Address) -> Vec<u8> {
    [CLONE.0, implementation.as_slice(), CLONE.1].concat()
}

/// The implementation of an EIP-1167 minimal proxy, by its runtime code; `None` for other code.
#[must_use]
pub fn implementation_of(code: &[u8]) -> Option<Address> {
    let address = code.strip_prefix(CLONE.0)?.strip_suffix(CLONE.1)?;
    Address::try_from(address).ok()
}

/// keccak-256 of [`clone_runtime`].
pub(crate) fn clone_code_hash(implementation: Address) -> B256 {
    keccak256(clone_runtime(implementation))
}

/// The creation code of a data contract, as the TemplateRegistry's `store` makes it; `None` when the
/// data does not fit in one.
pub(crate) fn blob_creation(data: &[u8]) -> Option<Vec<u8>> {
    let size = u16::try_from(data.len() + 1).ok().filter(|size| *size <= MAX_CODE)?;
    Some(
        [&hex!("61")[..], &size.to_be_bytes(), &hex!("80600a3d393df3"), &blob_runtime(data)]
            .concat(),
    )
}

/// The code of a data contract: a STOP, so that it cannot be run, and the data.
pub(crate) fn blob_runtime(data: &[u8]) -> Vec<u8> {
    [&hex!("00")[..], data].concat()
}

/// What keccak-256 must give for the creation code with its arguments, and for the runtime code, of a
/// contract of this form; `None` when the form has no such contract.
pub(crate) fn hashes(
    template: &Template,
    form: Form,
    arguments: &[u8],
    implementation: Option<Address>,
) -> Option<Hashes> {
    Some(match (form, implementation) {
        (Form::Instance, None) => Hashes {
            init_code: keccak256([&template.creation_code()[..], arguments].concat()),
            code: template.runtime_hash(),
        },
        (Form::Blob, None) => Hashes {
            init_code: keccak256(blob_creation(template.creation_code())?),
            code: keccak256(blob_runtime(template.creation_code())),
        },
        (Form::Clone, Some(implementation)) => Hashes {
            init_code: keccak256(clone_creation(implementation)),
            code: clone_code_hash(implementation),
        },
        _ => return None,
    })
}

/// The hashes of a contract's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    /// keccak-256 of the creation code with its arguments.
    pub(crate) init_code: B256,
    /// keccak-256 of the runtime code.
    pub(crate) code: B256,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_45_bytes_and_its_creation_code_returns_them() {
        let runtime = clone_runtime(Address::repeat_byte(0xbe));
        assert_eq!(runtime.len(), 45);
        let creation = clone_creation(Address::repeat_byte(0xbe));
        assert_eq!(creation[10..], runtime[..]);
    }

    #[test]
    fn a_blob_holds_what_fits_in_one_contract() {
        let creation = blob_creation(&[7; 3]).unwrap();
        assert_eq!(creation, hex!("610004""80600a3d393df3""00070707"));
        assert!(blob_creation(&[7; 24_575]).is_some());
        assert!(blob_creation(&[7; 24_576]).is_none());
        assert!(blob_creation(&[7; 70_000]).is_none());
    }
}
