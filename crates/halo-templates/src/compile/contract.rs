use super::{Input, Solc};
use crate::artifact::StorageVariable;
use crate::{Artifact, Entry, Error, Kind, Result};
use alloy_json_abi::{JsonAbi, Param};
use alloy_primitives::Bytes;
use foundry_compilers::artifacts::{BytecodeObject, CompilerOutput, Contract, Evm, StorageLayout};
use std::collections::BTreeMap;

/// EIP-170: the largest runtime code in bytes.
const MAX_RUNTIME_SIZE: usize = 24_576;
/// EIP-3860: the largest creation code in bytes.
const MAX_CREATION_SIZE: usize = 49_152;

/// Names that `sol!` cannot write as a Rust identifier, not even a raw one.
const UNNAMEABLE: [&str; 5] = ["gen", "crate", "super", "self", "Self"];

/// Compiles one template from its input.
///
/// # Errors
/// If it does not compile, or is not fit to be a template: it has immutables or unlinked libraries (one template, one
/// code hash), exceeds the chain's size limits, or uses an ABI name that has no Rust binding.
pub fn compile_template(entry: &Entry, input: &Input, solc: &Solc) -> Result<Artifact> {
    let contract = contracts(entry, input, solc)?.remove(entry.name).ok_or_else(|| {
        let reason = format!("{} declares no contract of that name", entry.source);
        Error::template(entry.name, reason)
    })?;
    to_artifact(entry, contract)
}

/// Compiles templates by one call of the compiler, which is several times as fast as one for each. What fails or is
/// missing is left out: by itself it tells its fault.
///
/// That a template's code depends on no other's is true of the pinned compiler, but no promise: whoever needs the code of
/// the template's own input and finds other code here must [compile it by itself](compile_template).
pub(super) fn compile_together(
    templates: &[(&Entry, &Input)],
    solc: &Solc,
) -> BTreeMap<&'static str, Artifact> {
    let inputs = templates.iter().map(|(_, input)| *input);
    let Some(mut files) = Input::together(inputs).and_then(|all| compile(&all, solc).ok()) else {
        return BTreeMap::new();
    };
    let artifact = |(entry, _): &(&Entry, &Input)| {
        let contract = files.get_mut(entry.source)?.remove(entry.name)?;
        Some((entry.name, to_artifact(entry, contract).ok()?))
    };
    templates.iter().filter_map(artifact).collect()
}

/// What the compiler makes of the entry's own file, by name.
pub(super) fn contracts(
    entry: &Entry,
    input: &Input,
    solc: &Solc,
) -> Result<BTreeMap<String, Contract>> {
    let mut files = compile(input, solc).map_err(|error| Error::template(entry.name, error))?;
    Ok(files.remove(entry.source).unwrap_or_default())
}

/// What the compiler makes of an input, by file and name, or what it says against it.
fn compile(
    input: &Input,
    solc: &Solc,
) -> Result<BTreeMap<String, BTreeMap<String, Contract>>, String> {
    let output: CompilerOutput =
        solc.inner().compile_as(input).map_err(|error| error.to_string())?;
    let errors = output.errors.into_iter().filter(|error| error.severity.is_error());
    let messages: Vec<_> =
        errors.map(|error| error.formatted_message.unwrap_or(error.message)).collect();
    if !messages.is_empty() {
        return Err(messages.join("\n"));
    }
    let files = output.contracts.into_iter();
    Ok(files.map(|(path, contracts)| (path.display().to_string(), contracts)).collect())
}

pub(super) fn to_artifact(entry: &Entry, contract: Contract) -> Result<Artifact> {
    let failed = |reason: &dyn std::fmt::Display| Error::template(entry.name, reason);
    let evm = contract.evm.ok_or_else(|| failed(&"solc gave no code"))?;
    if evm.deployed_bytecode.as_ref().is_some_and(|code| !code.immutable_references.is_empty()) {
        return Err(failed(
            &"has immutables; one template has one code hash, so keep the values in storage",
        ));
    }
    let (bytecode, deployed_bytecode) = code(entry, evm)?;
    if entry.kind.has_code() == deployed_bytecode.is_empty() {
        let has = if deployed_bytecode.is_empty() { "no code" } else { "code" };
        return Err(failed(&format!("is listed as {} but has {has}", entry.kind)));
    }
    // A stand-in never meets the limits of a real chain.
    if entry.kind != Kind::Fixture {
        check_size(entry, "runtime", deployed_bytecode.len(), MAX_RUNTIME_SIZE)?;
        check_size(entry, "creation", bytecode.len(), MAX_CREATION_SIZE)?;
    }
    let abi = contract.abi.unwrap_or_default();
    if let Some(name) = names(&abi).find(|name| UNNAMEABLE.contains(name)) {
        return Err(failed(&format!(
            "its ABI uses the name {name}, which Rust bindings cannot; rename it"
        )));
    }
    Ok(Artifact {
        contract_name: entry.name.to_owned(),
        source_name: entry.source.to_owned(),
        abi,
        bytecode,
        deployed_bytecode,
        storage_layout: storage(contract.storage_layout),
    })
}

fn code(entry: &Entry, evm: Evm) -> Result<(Bytes, Bytes)> {
    let linked = |object: Option<BytecodeObject>| match object {
        None => Ok(Bytes::new()),
        Some(BytecodeObject::Bytecode(bytes)) => Ok(bytes),
        Some(BytecodeObject::Unlinked(_)) => Err(Error::template(
            entry.name,
            "calls an external library; make its functions internal",
        )),
    };
    let creation = linked(evm.bytecode.map(|code| code.object))?;
    let runtime =
        linked(evm.deployed_bytecode.and_then(|code| code.bytecode).map(|code| code.object))?;
    Ok((creation, runtime))
}

fn check_size(entry: &Entry, what: &str, size: usize, limit: usize) -> Result<()> {
    match size <= limit {
        true => Ok(()),
        false => Err(Error::template(
            entry.name,
            format!("{what} code is {size} bytes, {} over the limit of {limit}", size - limit),
        )),
    }
}

/// Every name in an ABI that becomes an identifier.
fn names(abi: &JsonAbi) -> impl Iterator<Item = &str> {
    let items =
        abi.functions.keys().chain(abi.events.keys()).chain(abi.errors.keys()).map(String::as_str);
    let functions =
        abi.functions().flat_map(|function| function.inputs.iter().chain(&function.outputs));
    let errors = abi.errors().flat_map(|error| &error.inputs);
    let constructor = abi.constructor.iter().flat_map(|constructor| &constructor.inputs);
    let params = functions.chain(errors).chain(constructor).flat_map(param_names);
    let event_params = abi.events().flat_map(|event| &event.inputs).flat_map(|param| {
        std::iter::once(param.name.as_str()).chain(param.components.iter().flat_map(param_names))
    });
    items.chain(params).chain(event_params)
}

fn param_names(param: &Param) -> Vec<&str> {
    std::iter::once(param.name.as_str())
        .chain(param.components.iter().flat_map(param_names))
        .collect()
}

/// The layout with the types' Solidity names: solc's own type ids carry numbers that depend on other files.
fn storage(layout: StorageLayout) -> Vec<StorageVariable> {
    let ty = |id: &str| layout.types.get(id).map_or_else(|| id.to_owned(), |ty| ty.label.clone());
    let variable = |at: &foundry_compilers::artifacts::Storage| StorageVariable {
        slot: at.slot.clone(),
        offset: u8::try_from(at.offset).unwrap_or_default(),
        label: at.label.clone(),
        ty: ty(&at.storage_type),
    };
    layout.storage.iter().map(variable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_at_every_depth() {
        let abi: JsonAbi = serde_json::from_str(
            r#"[{"type":"function","name":"f","stateMutability":"view","outputs":[],"inputs":[
                {"name":"p","type":"tuple","components":[{"name":"gen","type":"uint256"}]}]},
               {"type":"event","name":"E","anonymous":false,"inputs":[{"name":"self","type":"uint256","indexed":true}]}]"#,
        )
        .unwrap();
        let found: Vec<_> = names(&abi).filter(|name| UNNAMEABLE.contains(name)).collect();
        assert_eq!(found, ["gen", "self"]);
    }

    #[test]
    fn the_size_limit_is_inclusive() {
        let entry = Entry { kind: Kind::Singleton, version: 1, name: "A", source: "src/A.sol" };
        assert!(check_size(&entry, "runtime", MAX_RUNTIME_SIZE, MAX_RUNTIME_SIZE).is_ok());
        let error =
            check_size(&entry, "runtime", MAX_RUNTIME_SIZE + 3, MAX_RUNTIME_SIZE).unwrap_err();
        assert_eq!(error.to_string(), "A: runtime code is 24579 bytes, 3 over the limit of 24576");
    }
}
