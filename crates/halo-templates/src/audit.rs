//! What an auditor asks of a template first, beside its interface: who may call it, and what it calls.

use crate::Template;
use alloy_primitives::{Selector, hex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The policy from which the forge test of the access matrix is made.
const POLICY: &str = include_str!("../../../solidity/test/access/policy.toml");

/// Contract to function, or its signature, to callers.
type Policy = BTreeMap<String, BTreeMap<String, String>>;

impl Template {
    /// Who may call the state-changing function of this name and signature, by roles; none for a view or where the
    /// policy says nothing. `test/access/Matrix.t.sol` tries each as everybody.
    pub fn callers(&self, name: &str, signature: &str) -> Option<&'static str> {
        // An embedded file that cannot be read is a broken build, which the test below finds; it is no input.
        static POLICIES: LazyLock<Policy> =
            LazyLock::new(|| toml::from_str(POLICY).expect("the access policy is well formed"));
        let functions = POLICIES.get(self.name()).or_else(|| POLICIES.get(like(self.name())))?;
        let callers = functions.get(signature).or_else(|| functions.get(name))?;
        // How the test fills the arguments is of no interest here.
        Some(callers.split_once(": ").map_or(callers.as_str(), |(_, callers)| callers))
    }

    /// The functions of others whose selectors stand in the runtime code, by signature where some template or stand-in
    /// has them, else by selector. Read from the code, so a call through data that is passed in is not among them.
    pub fn calls(&self) -> BTreeSet<String> {
        static KNOWN: LazyLock<BTreeMap<Selector, String>> = LazyLock::new(|| {
            let functions = Template::all().iter().flat_map(|template| template.abi().functions());
            functions.map(|function| (function.selector(), function.signature())).collect()
        });
        let own: BTreeSet<Selector> = self
            .abi()
            .functions()
            .map(|function| function.selector())
            .chain(self.abi().errors().map(|error| error.selector()))
            .collect();
        selectors(self.runtime_code())
            .into_iter()
            .filter(|selector| !own.contains(selector))
            .map(|selector| {
                KNOWN.get(&selector).cloned().unwrap_or_else(|| hex::encode_prefixed(selector))
            })
            .collect()
    }
}

/// The template whose policy speaks for one that only adds a way to be cloned.
fn like(name: &str) -> &str {
    match name {
        "Controller" => "ClassController",
        _ => name.strip_prefix("Class").unwrap_or(name),
    }
}

/// What PUSH4 puts on the stack, but for masks and the panic code.
fn selectors(code: &[u8]) -> BTreeSet<Selector> {
    const PUSH1: u8 = 0x60;
    const PUSH32: u8 = 0x7f;
    const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];
    let mut found = BTreeSet::new();
    let mut at = 0;
    while let Some(&opcode) = code.get(at) {
        let width =
            if (PUSH1..=PUSH32).contains(&opcode) { usize::from(opcode - PUSH1) + 1 } else { 0 };
        if let Some(Ok(word)) = code.get(at + 1..at + 1 + width).map(<[u8; 4]>::try_from)
            && word != [0xff; 4]
            && word != PANIC
        {
            found.insert(Selector::from(word));
        }
        at += 1 + width;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_where_they_are_pushed() {
        // PUSH4 a9059cbb, PUSH2 6363, PUSH4 ffffffff, PUSH5 whose data looks like a PUSH4, then a cut PUSH4.
        let code = hex::decode("63a9059cbb61636363ffffffff64631122334463aabb").expect("hex");
        assert_eq!(selectors(&code), BTreeSet::from([Selector::from([0xa9, 0x05, 0x9c, 0xbb])]));
    }

    #[test]
    fn callers_are_those_of_the_policy() {
        let template = Template::get("ClassRateLimits").or_else(|_| Template::get("RateLimits"));
        let template = template.expect("a template");
        let callers = |name: &str| template.callers(name, "");
        assert_eq!(callers("triggerRateLimitDecrease"), Some("controller"));
        assert_eq!(callers("getCurrentRateLimit"), None);
        assert_eq!(callers("renounceRole"), Some("anyone"));
    }

    #[test]
    fn a_unit_calls_its_queues_and_its_book() {
        let calls = Template::get("HaloUnit").expect("a template").calls();
        assert!(calls.contains("settle(uint256,uint256)"), "{calls:?}");
        assert!(calls.contains("indexOf(address)"), "{calls:?}");
        assert!(!calls.contains("lockEpoch()"), "{calls:?}");
    }
}
