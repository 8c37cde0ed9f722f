//! A chain under construction: contracts put at addresses, calls that must succeed.

use crate::{Embedded, Error, Result, Status, decode::Abis, labels::Labels};
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::{SolCall, SolValue};
use halo_templates::Template;

/// A chain under construction.
pub(super) struct Builder {
    pub(super) chain: Embedded,
    pub(super) labels: Labels,
    /// Who deploys and administers the Sky contracts.
    pub(super) governance: Address,
}

impl Builder {
    pub(super) fn new(chain: Embedded, governance: Address) -> Self {
        Self { chain, labels: Labels::default(), governance }
    }

    pub(super) fn label(&mut self, at: Address, name: impl Into<String>) {
        self.labels.insert(at, name);
    }

    /// Runs a template's constructor, with encoded arguments, at `at`.
    pub(super) fn install(
        &mut self,
        at: Address,
        template: &Template,
        arguments: &[u8],
    ) -> Result<()> {
        if !self.chain.code_at(at)?.is_empty() {
            let what = format!("{} at {at}", template.name());
            return Err(Error::Genesis { what, reason: "the address is taken".to_owned() });
        }
        let code = [template.creation_code().as_ref(), arguments].concat();
        self.chain.install(at, self.governance, code.into())
    }

    /// Calls as the Sky governance; must succeed.
    pub(super) fn govern<C: SolCall>(&mut self, to: Address, call: &C) -> Result<C::Return> {
        self.call(self.governance, to, call)
    }

    /// Calls as `from`; must succeed.
    pub(super) fn call<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> Result<C::Return> {
        let outcome = self.chain.transact(from, to, Bytes::from(call.abi_encode()))?;
        let reason = match &outcome.status {
            Status::Success => return outcome.decode::<C>(to),
            Status::Reverted => Abis::known().error(&outcome.output).show(&self.labels),
            Status::Halted(reason) => reason.clone(),
        };
        let what =
            format!("{} of {} as {}", C::SIGNATURE, self.labels.show(to), self.labels.show(from));
        Err(Error::Genesis { what, reason })
    }
}

/// Constructor arguments.
pub(super) fn arguments<T: SolValue>(values: &T) -> Vec<u8>
where
    for<'a> <T::SolType as alloy_sol_types::SolType>::Token<'a>: alloy_sol_types::abi::TokenSeq<'a>,
{
    values.abi_encode_params()
}

/// Text of at most 32 bytes as Solidity's `bytes32` literals have it.
pub(super) fn bytes32(text: &str) -> alloy_primitives::B256 {
    let mut word = [0; 32];
    for (slot, byte) in word.iter_mut().zip(text.bytes()) {
        *slot = byte;
    }
    word.into()
}
