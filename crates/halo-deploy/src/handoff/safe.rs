//! A Safe's transaction: the call or the batch of calls, and the hashes that its owners see.

use std::borrow::Cow;

use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_sol_types::{Eip712Domain, SolCall, SolStruct, sol};
use halo_chain::{Chain, Tx};
use serde_json::{Value, json};

use super::{Batch, File, Handoff, Made, Next, Said, safe_file};
use crate::{
    error::Result,
    means::{Road, SafeVersion},
    plan::Plan,
};

sol! {
    /// What the owners of a Safe sign.
    #[derive(Debug, PartialEq, Eq)]
    struct SafeTx {
        /// Whom the Safe calls.
        address to;
        /// Wei sent along.
        uint256 value;
        /// The calldata.
        bytes data;
        /// 0 for a call, 1 for a delegatecall.
        uint8 operation;
        /// Gas for the inner call; 0 for all.
        uint256 safeTxGas;
        /// Gas that is paid back beyond it.
        uint256 baseGas;
        /// Price at which gas is paid back; 0 for never.
        uint256 gasPrice;
        /// In which token.
        address gasToken;
        /// To whom.
        address refundReceiver;
        /// The Safe's transactions so far.
        uint256 nonce;
    }

    function multiSend(bytes transactions) external payable;
    function nonce() external view returns (uint256);
    function getThreshold() external view returns (uint256);
    function getOwners() external view returns (address[]);
    function VERSION() external view returns (string);
    function execTransaction(
        address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice,
        address gasToken, address refundReceiver, bytes signatures
    ) external payable returns (bool success);
}

/// MultiSendCallOnly where Safe deployed it on nearly all chains (safe-deployments, canonical).
const MULTI_SEND_1_3_0: Address = address!("40A2aCCbd92BCA938b02010E17A5b8929b49130D");
const MULTI_SEND_1_4_1: Address = address!("9641d764fc13c8B624c04430C7356C1C7C8102e2");

/// The hashes that owners see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafeHashes {
    /// Of the EIP-712 domain: the chain and the Safe.
    pub domain: B256,
    /// Of the message: the transaction.
    pub message: B256,
    /// Of both: what is signed, and what the Safe's `getTransactionHash` answers.
    pub transaction: B256,
}

impl SafeTx {
    /// The transaction that makes these calls: itself if there is one, by MultiSendCallOnly if there are several.
    #[must_use]
    pub fn of(calls: &[Made], version: SafeVersion, nonce: U256) -> Self {
        let (to, value, data, operation) = match calls {
            [call] => (call.to, call.value, call.data.clone(), 0),
            _ => {
                let call = multiSendCall { transactions: packed(calls).into() };
                (multi_send(version), U256::ZERO, Bytes::from(call.abi_encode()), 1)
            }
        };
        Self {
            to,
            value,
            data,
            operation,
            safeTxGas: U256::ZERO,
            baseGas: U256::ZERO,
            gasPrice: U256::ZERO,
            gasToken: Address::ZERO,
            refundReceiver: Address::ZERO,
            nonce,
        }
    }

    /// The calldata by which anyone has the Safe execute it: `signatures` of its owners, 65 bytes each, by address.
    #[must_use]
    pub fn execution(self, signatures: Bytes) -> Bytes {
        // The nonce is the Safe's own.
        let call = execTransactionCall {
            to: self.to,
            value: self.value,
            data: self.data,
            operation: self.operation,
            safeTxGas: self.safeTxGas,
            baseGas: self.baseGas,
            gasPrice: self.gasPrice,
            gasToken: self.gasToken,
            refundReceiver: self.refundReceiver,
            signatures,
        };
        call.abi_encode().into()
    }

    /// What the owners of the Safe at `safe` sign, as EIP-712 typed data in JSON: for `cast wallet sign --data` and for
    /// whatever else signs such data, with what `execTransaction` takes in its message.
    #[must_use]
    pub fn typed_data(&self, chain_id: u64, safe: Address) -> Value {
        let fields = |of: &[(&str, &str)]| -> Vec<Value> {
            of.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect()
        };
        json!({
            "types": {
                "EIP712Domain": fields(&[("chainId", "uint256"), ("verifyingContract", "address")]),
                "SafeTx": fields(&[
                    ("to", "address"),
                    ("value", "uint256"),
                    ("data", "bytes"),
                    ("operation", "uint8"),
                    ("safeTxGas", "uint256"),
                    ("baseGas", "uint256"),
                    ("gasPrice", "uint256"),
                    ("gasToken", "address"),
                    ("refundReceiver", "address"),
                    ("nonce", "uint256"),
                ]),
            },
            "primaryType": "SafeTx",
            "domain": { "chainId": chain_id, "verifyingContract": safe.to_string() },
            "message": {
                "to": self.to.to_string(),
                "value": self.value.to_string(),
                "data": self.data.to_string(),
                "operation": self.operation,
                "safeTxGas": self.safeTxGas.to_string(),
                "baseGas": self.baseGas.to_string(),
                "gasPrice": self.gasPrice.to_string(),
                "gasToken": self.gasToken.to_string(),
                "refundReceiver": self.refundReceiver.to_string(),
                "nonce": self.nonce.to_string(),
            },
        })
    }

    /// The hashes that the owners of the Safe at `safe` see.
    #[must_use]
    pub fn hashes(&self, chain_id: u64, safe: Address) -> SafeHashes {
        let domain = Eip712Domain::new(
            None::<Cow<'static, str>>,
            None,
            Some(U256::from(chain_id)),
            Some(safe),
            None,
        );
        SafeHashes {
            domain: domain.hash_struct(),
            message: self.eip712_hash_struct(),
            transaction: self.eip712_signing_hash(&domain),
        }
    }
}

/// Where MultiSendCallOnly stands.
const fn multi_send(version: SafeVersion) -> Address {
    match version {
        SafeVersion::V1_3_0 => MULTI_SEND_1_3_0,
        SafeVersion::V1_4_1 => MULTI_SEND_1_4_1,
    }
}

/// Calls as MultiSend reads them: kind, address, wei, length and data of each, one behind the other.
fn packed(calls: &[Made]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for call in calls {
        bytes.push(0);
        bytes.extend_from_slice(call.to.as_slice());
        bytes.extend_from_slice(&call.value.to_be_bytes::<32>());
        bytes.extend_from_slice(&U256::from(call.data.len()).to_be_bytes::<32>());
        bytes.extend_from_slice(&call.data);
    }
    bytes
}

pub(super) async fn next<C: Chain>(
    plan: &Plan,
    batch: &Batch<'_>,
    road: &Road,
    chain: &C,
    handoff: &mut Handoff,
) -> Result<()> {
    let Road::Safe { version, threshold } = road else { return Ok(()) };
    let safe = batch.signer.address;
    if chain.code(safe).await?.is_empty() {
        return Err(batch.fault("there is no contract at that address".to_owned()));
    }
    let found = chain.read(safe, &VERSIONCall {}).await.unwrap_or_default();
    // A Safe on L2 answers `1.4.1+L2`.
    if found.split('+').next() != Some(version.as_str()) {
        let found = printable(&found);
        let wanted = version.as_str();
        return Err(batch.fault(format!("it is no Safe {wanted}: its VERSION is `{found}`")));
    }
    let needed = chain.read(safe, &getThresholdCall {}).await?;
    if needed != U256::from(*threshold) {
        let what = format!("{needed} owners must sign, [signers] says {threshold}");
        return Err(batch.fault(what));
    }
    let calls = batch.calls()?;
    let many = calls.len() > 1;
    if many && chain.code(multi_send(*version)).await?.is_empty() {
        let at = multi_send(*version);
        let what = format!("it cannot batch calls: there is no MultiSendCallOnly at {at}");
        return Err(batch.fault(what));
    }
    let nonce = chain.read(safe, &nonceCall {}).await?;
    let tx = SafeTx::of(&calls, *version, nonce);
    let hashes = tx.hashes(plan.subject.chain_id, safe);
    let operation = if many { "1 (delegatecall of MultiSendCallOnly)" } else { "0 (call)" };
    handoff.says = vec![
        Said::new("Safe", safe),
        Said::new("nonce", nonce),
        Said::new("calls", tx.to),
        Said::new("operation", operation),
        Said::new("domain hash", hashes.domain),
        Said::new("message hash", hashes.message),
        Said::new("Safe transaction hash", hashes.transaction),
    ];
    let digest = batch.digest();
    let name = format!("safe-{}-{nonce}-{}.json", short(safe), short_word(digest));
    let text = safe_file::batch_file(plan, batch, &calls, nonce)?;
    let typed = serde_json::to_string_pretty(&tx.typed_data(plan.subject.chain_id, safe))? + "\n";
    let signed = name.replace(".json", ".eip712.json");
    handoff.files = vec![File { name: name.clone(), text }, File { name: signed, text: typed }];
    handoff.next = Next::Others(format!(
        "{threshold} owners of the Safe {safe} sign the batch in {name} and execute it, as its transaction {nonce}"
    ));
    Ok(())
}

/// The transaction by which the first owner executes the Safe's with its own signature alone. It counts where one is
/// enough, so a rehearsal lowers the threshold for it.
pub(crate) async fn pre_validated<C: Chain>(
    batch: &Batch<'_>,
    road: &Road,
    chain: &C,
) -> Result<Tx> {
    let Road::Safe { version, .. } = road else {
        return Err(batch.fault("it is no Safe".to_owned()));
    };
    let safe = batch.signer.address;
    let owners = chain.read(safe, &getOwnersCall {}).await?;
    let owner = owners.first().copied();
    let owner = owner.ok_or_else(|| batch.fault("the Safe has no owner".to_owned()))?;
    let signature = [&owner.into_word()[..], &[0; 32], &[1]].concat();
    let tx = SafeTx::of(&batch.calls()?, *version, U256::ZERO);
    Ok(Tx::call(owner, safe, tx.execution(signature.into())))
}

fn short(at: Address) -> String {
    at.to_string().chars().take(10).collect()
}

fn short_word(word: B256) -> String {
    word.to_string().chars().skip(2).take(8).collect()
}

/// Text from a contract, printable and short.
fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{b256, hex};

    const SAFE: Address = address!("BE8E3e3618f7474F8cB1d074A26afFef007E98FB");
    const TO: Address = address!("dC035D45d973E3EC169d2276DDab16f1e407384F");

    fn call(data: &'static [u8]) -> Made {
        Made { to: TO, value: U256::ZERO, data: Bytes::from_static(data) }
    }

    /// The hashes are those that ethers.js computes of the same typed data.
    #[test]
    fn the_hashes_are_those_of_an_independent_computation() {
        let tx = SafeTx::of(&[call(&hex!("65fae35e"))], SafeVersion::V1_4_1, U256::from(5));
        let SafeHashes { domain, message, transaction } = tx.hashes(1, SAFE);
        assert_eq!(
            domain,
            b256!("37671773b293a5f114b9dc9fc180083d59720924318168791c1c0acaabba8228")
        );
        assert_eq!(
            message,
            b256!("4741a39ff1d59d509593bcd87c1d72d5dc748adb6c189870bc095a5e09cc1973")
        );
        assert_eq!(
            transaction,
            b256!("963d78b40bca2d83c2ddde564cb42a744856badea3afe50fa3a6c8b428849c6d")
        );
        assert_ne!(tx.hashes(2, SAFE).transaction, transaction);
        assert_ne!(tx.hashes(1, TO).transaction, transaction);
    }

    #[test]
    fn several_calls_go_through_the_multi_send_of_the_version() {
        let calls = [call(&hex!("01")), call(&hex!("0203"))];
        let of = |version| SafeTx::of(&calls, version, U256::ZERO);
        let tx = of(SafeVersion::V1_3_0);
        assert_eq!((tx.to, tx.operation), (MULTI_SEND_1_3_0, 1));
        assert_eq!(of(SafeVersion::V1_4_1).to, MULTI_SEND_1_4_1);
        let sent = multiSendCall::abi_decode(&tx.data).unwrap().transactions;
        // 1 for the kind, 20, 32, 32, and the data of each.
        assert_eq!(sent.len(), 2 * 85 + 3);
        assert_eq!(sent[1..21], TO[..]);
        // The length of the first, its byte, and the kind of the second.
        assert_eq!(sent[84..87], [1, 1, 0]);
    }
}
