//! What the compiler made of a spell: that it can do nothing but make its calls, and which calls these are.

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, B256, Bytes, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use halo_chain::Embedded;
use halo_deploy::{Argument, decode_call};
use halo_templates::compile::{Alone, Solc, compile_alone, read_settings};
use halo_templates::{Artifact, Tree};
use serde::Serialize;

use crate::{Error, Result};

sol! {
    struct Listed {
        address target;
        bytes data;
    }

    function actions() external pure returns (Listed[] memory list);
    function actionsHash() external pure returns (bytes32);
}

/// A call that a spell makes, decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// Whom it calls.
    pub target: Address,
    /// What that is called in plans, or its address.
    pub target_name: String,
    /// What the target is called in the spell: its interface.
    pub interface: String,
    /// The function's signature.
    pub function: String,
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// The calldata.
    pub data: Bytes,
}

/// A spell that passed.
#[derive(Clone, Debug)]
pub(crate) struct Inspected {
    pub(crate) actions: Vec<Action>,
    pub(crate) actions_hash: B256,
    pub(crate) artifact: Artifact,
}

/// Compiles a spell with the pinned compiler and asks it for its calls.
pub(crate) fn inspect(
    name: &'static str,
    source: &str,
    tree: &Tree,
    solc: &Solc,
) -> Result<Inspected> {
    let made = compile_alone(&[(name, source)], &read_settings(tree)?, solc, None)?;
    let made =
        made.into_iter().next().ok_or(Error::Unfit { name, reason: "is not there".into() })?;
    look_into(name, made)
}

/// Asks a compiled spell for its calls.
pub(crate) fn look_into(name: &'static str, made: Alone) -> Result<Inspected> {
    let unfit = |reason: String| Error::Unfit { name, reason };
    let Alone { artifact, interfaces } = made;
    if !artifact.storage_layout.is_empty() {
        return Err(unfit("has storage, which would be its executor's".to_owned()));
    }
    if artifact.abi.constructor.is_some() {
        return Err(unfit("has a constructor".to_owned()));
    }
    if let Some(what) = forbidden(&artifact.deployed_bytecode) {
        return Err(unfit(format!("uses {what}")));
    }

    let mut chain = Embedded::new(halo_chain::EMBEDDED_CHAIN_ID, 1);
    let created = chain.create(Address::ZERO, artifact.bytecode.clone())?;
    let at = created.created.ok_or_else(|| unfit("cannot be deployed".to_owned()))?;
    let ask = |data: Vec<u8>| chain.view(Address::ZERO, at, data.into());
    let listed = ask(actionsCall {}.abi_encode())?.decode::<actionsCall>(at)?;
    let actions_hash = ask(actionsHashCall {}.abi_encode())?.decode::<actionsHashCall>(at)?;
    if actions_hash != keccak256(listed.abi_encode()) {
        return Err(unfit("has a digest that is not that of its calls".to_owned()));
    }
    let actions = listed
        .into_iter()
        .map(|Listed { target, data }| {
            let (interface, (function, arguments)) =
                explain(&interfaces, &data).ok_or(Error::Unexplained { name, target })?;
            let target_name = target.to_string();
            Ok(Action { target, target_name, interface, function, arguments, data })
        })
        .collect::<Result<_>>()?;
    Ok(Inspected { actions, actions_hash, artifact })
}

fn explain(
    interfaces: &[(String, JsonAbi)],
    data: &[u8],
) -> Option<(String, (String, Vec<Argument>))> {
    let explained = |(name, abi): &(String, JsonAbi)| Some((name.clone(), decode_call(abi, data)?));
    interfaces.iter().find_map(explained)
}

/// An instruction by which a spell could do more than call: write its executor's storage, run other code in its name,
/// make contracts, or destroy it. Constants such as long strings follow the code behind an INVALID, which solc writes
/// nowhere else.
fn forbidden(code: &[u8]) -> Option<&'static str> {
    const PUSH1: u8 = 0x60;
    const PUSH32: u8 = 0x7f;
    const INVALID: u8 = 0xfe;
    let mut bytes = code.iter();
    while let Some(&opcode) = bytes.next() {
        match opcode {
            0x55 => return Some("SSTORE"),
            0x5d => return Some("TSTORE"),
            0xf0 => return Some("CREATE"),
            0xf2 => return Some("CALLCODE"),
            0xf4 => return Some("DELEGATECALL"),
            0xf5 => return Some("CREATE2"),
            0xff => return Some("SELFDESTRUCT"),
            INVALID => return None,
            PUSH1..=PUSH32 => {
                bytes.nth(usize::from(opcode - PUSH1));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the generator says of a spell with this body.
    fn verdict(body: &str) -> String {
        let tree = Tree::find(None).unwrap();
        let solc = Solc::find(&tree, None).unwrap();
        let source = format!(
            "// SPDX-License-Identifier: MIT\npragma solidity 0.8.34;\ninterface KnownLike {{ function stop() external; }}\n\
             contract Spell {{ struct Action {{ address target; bytes data; }} {body} }}"
        );
        match inspect("Spell", &source, &tree, &solc) {
            Ok(inspected) => format!("{} calls", inspected.actions.len()),
            Err(error) => error.to_string(),
        }
    }

    const CALLS: &str = "function actions() public pure returns (Action[] memory list) {
        list = new Action[](1);
        list[0] = Action(address(7), abi.encodeCall(KnownLike.stop, ()));
    }";
    const HASH: &str = "function actionsHash() external pure returns (bytes32) { return keccak256(abi.encode(actions())); }";

    #[test]
    fn a_spell_that_could_do_more_than_call_is_refused() {
        assert_eq!(verdict(&format!("{CALLS} {HASH}")), "1 calls");
        for (more, reason) in [
            ("uint256 public x;", "has storage"),
            ("constructor(uint256 x) { require(x > 1); }", "has a constructor"),
            ("function f() external { assembly { sstore(0, 1) } }", "uses SSTORE"),
            ("function f(address a) external { a.delegatecall(hex'00'); }", "uses DELEGATECALL"),
            ("function f(address payable a) external { selfdestruct(a); }", "uses SELFDESTRUCT"),
        ] {
            let said = verdict(&format!("{CALLS} {HASH} {more}"));
            assert!(
                said.starts_with("the spell Spell ") && said.contains(reason),
                "{more}: {said}"
            );
        }
    }

    #[test]
    fn a_digest_of_other_calls_and_a_call_that_nothing_explains_are_refused() {
        let zero = "function actionsHash() external pure returns (bytes32) { return 0; }";
        assert!(verdict(&format!("{CALLS} {zero}")).contains("not that of its calls"));
        let hidden = CALLS.replace("abi.encodeCall(KnownLike.stop, ())", "hex'deadbeef'");
        assert!(verdict(&format!("{hidden} {HASH}")).contains("none of its interfaces explains"));
    }

    #[test]
    fn instructions_are_found_and_pushed_data_is_none() {
        assert_eq!(forbidden(&[0x60, 0x00, 0x60, 0x00, 0x55]), Some("SSTORE"));
        assert_eq!(forbidden(&[0x61, 0x55, 0xff, 0x00]), None);
        assert_eq!(forbidden(&[0x61, 0x55, 0xff, 0xff]), Some("SELFDESTRUCT"));
        assert_eq!(forbidden(&[0x60, 0xfe, 0x55]), Some("SSTORE"));
        assert_eq!(forbidden(&[0x00, 0xfe, 0x55]), None);
        assert_eq!(forbidden(&[0x7f]), None);
        assert_eq!(forbidden(&[]), None);
    }
}
