//! One frozen artifact: what the compiler made of a template.

use crate::{Error, Result};
use alloy_json_abi::JsonAbi;
use alloy_primitives::{B256, Bytes, keccak256};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// What the compiler made of one contract. The file form is the one that Hardhat writes, so common tools read it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Artifact {
    /// The contract's name.
    pub contract_name: String,
    /// The file that declares it, relative to the folder `solidity`.
    pub source_name: String,
    /// The interface.
    pub abi: JsonAbi,
    /// Creation code without constructor arguments; empty for an interface.
    pub bytecode: Bytes,
    /// Code of an instance after creation; empty for an interface.
    pub deployed_bytecode: Bytes,
    /// Storage variables in the order of their slots.
    pub storage_layout: Vec<StorageVariable>,
}

/// Where one storage variable lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageVariable {
    /// Slot number, decimal.
    pub slot: String,
    /// Offset in the slot, in bytes.
    pub offset: u8,
    /// The variable's name.
    pub label: String,
    /// Its Solidity type.
    #[serde(rename = "type")]
    pub ty: String,
}

impl Artifact {
    /// Reads a frozen artifact.
    ///
    /// # Errors
    /// If the text is not exactly as [`Artifact::to_json`] writes it, so that nothing hides in it.
    pub fn from_json(text: &str) -> Result<Self> {
        let malformed =
            |reason: &dyn std::fmt::Display| Error::malformed("frozen artifact", reason);
        let artifact: Self = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        match artifact.to_json() == text {
            true => Ok(artifact),
            false => Err(malformed(&"is not as `cargo xtask freeze` writes it")),
        }
    }

    /// The bytes of `solidity/artifacts/<name>.json`: one line per ABI item and per storage variable.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\n");
        let _ = writeln!(out, "  \"contractName\": {},", json(&self.contract_name));
        let _ = writeln!(out, "  \"sourceName\": {},", json(&self.source_name));
        lines(&mut out, "abi", self.abi.items().map(|item| json(&item)));
        lines(&mut out, "storageLayout", self.storage_layout.iter().map(json));
        let _ = writeln!(out, "  \"bytecode\": \"{}\",", self.bytecode);
        let _ = writeln!(out, "  \"deployedBytecode\": \"{}\"\n}}", self.deployed_bytecode);
        out
    }

    /// Keccak-256 of the creation code, before constructor arguments.
    pub fn creation_hash(&self) -> B256 {
        keccak256(&self.bytecode)
    }

    /// Keccak-256 of the runtime code: what EXTCODEHASH gives for an instance.
    pub fn runtime_hash(&self) -> B256 {
        keccak256(&self.deployed_bytecode)
    }
}

fn json<T: Serialize>(value: &T) -> String {
    // Strings, ABI items and storage variables always have a JSON form: their keys are strings.
    serde_json::to_string(value).unwrap_or_default()
}

fn lines(out: &mut String, key: &str, items: impl Iterator<Item = String>) {
    let items: Vec<_> = items.map(|item| format!("    {item}")).collect();
    let _ = match items.is_empty() {
        true => writeln!(out, "  \"{key}\": [],"),
        false => writeln!(out, "  \"{key}\": [\n{}\n  ],", items.join(",\n")),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Artifact {
        Artifact {
            contract_name: "Counter".into(),
            source_name: "src/Counter.sol".into(),
            abi: serde_json::from_str(
                r#"[{"type":"function","name":"bump","inputs":[{"name":"by","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"},
                    {"type":"error","name":"TooMuch","inputs":[]}]"#,
            )
            .unwrap(),
            bytecode: Bytes::from_static(&[0x60, 0x01]),
            deployed_bytecode: Bytes::from_static(&[0x00]),
            storage_layout: vec![StorageVariable {
                slot: "0".into(),
                offset: 0,
                label: "count".into(),
                ty: "uint256".into(),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = sample().to_json();
        assert_eq!(Artifact::from_json(&text).unwrap(), sample());
        assert_eq!(Artifact::from_json(&text).unwrap().to_json(), text);
    }

    #[test]
    fn unlinked_code_and_unknown_keys_are_refused() {
        let text = sample().to_json();
        let unlinked = text.replace("0x6001", "0x60__$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$__");
        assert!(Artifact::from_json(&unlinked).is_err());
        let extra = text.replacen("\"abi\"", "\"audit\": 1, \"abi\"", 1);
        assert!(Artifact::from_json(&extra).unwrap_err().to_string().contains("audit"));
    }

    proptest! {
        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(bytes: Vec<u8>) {
            prop_assert!(Artifact::from_json(&String::from_utf8_lossy(&bytes)).is_err());
        }

        #[test]
        fn one_changed_character_is_an_error_or_another_artifact(at: prop::sample::Index, by in "[ -~]") {
            let text = sample().to_json();
            let at = at.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(at..=at, &by);
            if let Ok(read) = Artifact::from_json(&changed) {
                prop_assert!(changed == text || read != sample());
            }
        }
    }
}
