//! A stand-in for a node of mainnet that has what a witness proves, and nothing else: its block, its accounts and slots by
//! proof, its codes.

use std::{collections::BTreeMap, sync::Arc, thread};

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, keccak256};
use alloy_rlp::Decodable;
use alloy_trie::{EMPTY_ROOT_HASH, Nibbles, TrieAccount, nodes::TrieNode};
use halo_fork::{Witness, rpc::Url};
use serde_json::{Value, json};
use tiny_http::{Response, Server};

/// The node; it ends when this is dropped.
pub(crate) struct Served {
    pub(crate) url: Url,
    server: Arc<Server>,
}

/// What it has.
struct State {
    header: Header,
    nodes: BTreeMap<B256, Bytes>,
    codes: BTreeMap<B256, Bytes>,
}

/// Trie nodes from a root to a key, and the value there.
type Proof = (Vec<Bytes>, Option<Vec<u8>>);

impl Served {
    pub(crate) fn of(witness: &Witness) -> Self {
        let by_hash = |all: &[Bytes]| all.iter().map(|one| (keccak256(one), one.clone())).collect();
        let headers = witness.headers.iter().map(|rlp| Header::decode(&mut &rlp[..]).unwrap());
        let state = State {
            header: headers.max_by_key(|header| header.number).unwrap(),
            nodes: by_hash(&witness.state),
            codes: by_hash(&witness.codes),
        };
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let url = format!("http://{}", server.server_addr().to_ip().unwrap()).parse().unwrap();
        let listener = server.clone();
        thread::spawn(move || {
            for mut request in listener.incoming_requests() {
                let asked: Value = serde_json::from_reader(request.as_reader()).unwrap();
                let answer = match &asked {
                    Value::Array(all) => all.iter().map(|one| state.answer(one)).collect(),
                    one => state.answer(one),
                };
                let _ = request.respond(Response::from_string(answer.to_string()));
            }
        });
        Self { url, server }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

impl State {
    fn answer(&self, asked: &Value) -> Value {
        let params = &asked["params"];
        let found = match asked["method"].as_str().unwrap() {
            "eth_chainId" => Ok(json!("0x1")),
            "eth_blockNumber" => Ok(json!(format!("{:#x}", self.header.number))),
            "eth_getBlockByNumber" => Ok(self.block(&params[0])),
            "eth_getProof" => self.proof(&params[0], &params[1]),
            "eth_getCode" => self.code(&params[0]),
            other => Err((-32601, format!("the method {other} does not exist/is not available"))),
        };
        let mut answer = json!({ "jsonrpc": "2.0", "id": asked["id"] });
        match found {
            Ok(result) => answer["result"] = result,
            Err((code, message)) => answer["error"] = json!({ "code": code, "message": message }),
        }
        answer
    }

    fn block(&self, number: &Value) -> Value {
        if *number != json!(format!("{:#x}", self.header.number)) {
            return Value::Null;
        }
        let mut block = serde_json::to_value(&self.header).unwrap();
        block["hash"] = json!(self.header.hash_slow());
        block["transactions"] = json!([]);
        block["uncles"] = json!([]);
        block
    }

    fn account(&self, at: Address) -> Result<(Vec<Bytes>, Option<TrieAccount>), (i64, String)> {
        let (nodes, value) = self.walk(self.header.state_root, keccak256(at))?;
        Ok((nodes, value.map(|value| TrieAccount::decode(&mut &value[..]).unwrap())))
    }

    fn proof(&self, at: &Value, keys: &Value) -> Result<Value, (i64, String)> {
        let at: Address = serde_json::from_value(at.clone()).unwrap();
        let (nodes, account) = self.account(at)?;
        let account = account.unwrap_or_default();
        let keys: Vec<B256> = serde_json::from_value(keys.clone()).unwrap();
        let slots = keys.into_iter().map(|key| {
            let (nodes, value) = self.walk(account.storage_root, keccak256(key))?;
            let value = value.map(|value| alloy_primitives::U256::decode(&mut &value[..]).unwrap());
            Ok(json!({ "key": key, "value": value.unwrap_or_default(), "proof": nodes }))
        });
        Ok(json!({
            "address": at,
            "nonce": format!("{:#x}", account.nonce),
            "balance": account.balance,
            "codeHash": account.code_hash,
            "storageHash": account.storage_root,
            "accountProof": nodes,
            "storageProof": slots.collect::<Result<Vec<_>, _>>()?,
        }))
    }

    fn code(&self, at: &Value) -> Result<Value, (i64, String)> {
        let (_, account) = self.account(serde_json::from_value(at.clone()).unwrap())?;
        let code = account.and_then(|account| self.codes.get(&account.code_hash));
        code.map(|code| json!(code)).ok_or_else(|| (-32000, "missing code".to_owned()))
    }

    /// As a pruned node answers where a trie node is not there.
    fn walk(&self, root: B256, key: B256) -> Result<Proof, (i64, String)> {
        let (path, mut depth, mut proof) = (Nibbles::unpack(key), 0, Vec::new());
        if root == EMPTY_ROOT_HASH {
            return Ok((proof, None));
        }
        let mut next = root;
        loop {
            let missing = || (-32000, format!("missing trie node {next} (path )"));
            let bytes = self.nodes.get(&next).ok_or_else(missing)?;
            proof.push(bytes.clone());
            let mut node = TrieNode::decode(&mut &bytes[..]).unwrap();
            next = loop {
                let rest = path.slice(depth..);
                let child = match node {
                    TrieNode::EmptyRoot => return Ok((proof, None)),
                    TrieNode::Leaf(leaf) => {
                        return Ok((proof, (leaf.key == rest).then_some(leaf.value)));
                    }
                    TrieNode::Extension(it) if rest.starts_with(&it.key) => {
                        depth += it.key.len();
                        it.child
                    }
                    TrieNode::Extension(_) => return Ok((proof, None)),
                    TrieNode::Branch(branch) => {
                        let nibble = rest.first().unwrap();
                        if !branch.state_mask.is_bit_set(nibble) {
                            return Ok((proof, None));
                        }
                        depth += 1;
                        let before = (0..nibble).filter(|it| branch.state_mask.is_bit_set(*it));
                        branch.stack[before.count()].clone()
                    }
                };
                match child.as_hash() {
                    Some(hash) => break hash,
                    // A short node stands inside its parent.
                    None => node = TrieNode::decode(&mut &child[..]).unwrap(),
                }
            };
        }
    }
}
