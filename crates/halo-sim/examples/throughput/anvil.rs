//! The same calls sent to anvil over JSON-RPC, from the state that the embedded chain starts from.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use halo_chain::{Alloc, Embedded};
use halo_templates::bindings::Usds;
use serde_json::{Value, json};

use crate::{Action, Outcome, per_second, sum};

/// Requests in one batch.
const BATCH: usize = 500;
/// Gas that one call may use; it uses about half.
const GAS: u64 = 400_000;

/// Calls per second in batches of requests that are mined in one block: sending and mining, nothing else.
pub(crate) fn batched(
    start: &Embedded,
    calls: &[Action],
    usds: Address,
    queue: Address,
) -> Outcome<u64> {
    let mut anvil = Anvil::start(start, "--no-mining")?;
    let before = anvil.balance(usds, queue)?;
    let requests = requests(start, calls)?;
    let bodies: Vec<String> =
        requests.chunks(BATCH).map(|chunk| Value::Array(chunk.to_vec()).to_string()).collect();
    let clock = Instant::now();
    let mut replies = Vec::with_capacity(bodies.len());
    for body in &bodies {
        replies.push(anvil.post(body)?);
    }
    anvil.call("evm_mine", json!([]))?;
    let time = clock.elapsed();
    done(&replies, anvil.balance(usds, queue)? - before, calls)?;
    Ok(per_second(calls.len(), time))
}

/// Calls per second with a block for each, one after the other: the next is sent when the receipt of the last is there.
pub(crate) fn automine(
    start: &Embedded,
    calls: &[Action],
    usds: Address,
    queue: Address,
) -> Outcome<u64> {
    let mut anvil = Anvil::start(start, "--prune-history")?;
    let before = anvil.balance(usds, queue)?;
    let bodies: Vec<String> = requests(start, calls)?.iter().map(Value::to_string).collect();
    let clock = Instant::now();
    let mut replies = Vec::with_capacity(bodies.len());
    for body in &bodies {
        let reply = anvil.post(body)?;
        let sent: Value = serde_json::from_slice(&reply)?;
        while anvil.call("eth_getTransactionReceipt", json!([sent["result"]]))?.is_null() {}
        replies.push(reply);
    }
    let time = clock.elapsed();
    done(&replies, anvil.balance(usds, queue)? - before, calls)?;
    Ok(per_second(calls.len(), time))
}

/// A call that did not go through would make anvil look fast.
fn done(replies: &[Vec<u8>], came: U256, calls: &[Action]) -> Outcome {
    for reply in replies {
        let reply = String::from_utf8_lossy(reply);
        if let Some(at) = reply.find("\"error\"") {
            let said: String = reply[at..].chars().take(300).collect();
            return Err(format!("anvil refused a call: {said}").into());
        }
    }
    let wanted = sum(calls);
    if came == wanted { Ok(()) } else { Err(format!("anvil moved {came} wei of {wanted}").into()) }
}

/// The calls as requests. Each has its nonce: anvil looks at the requests of a batch side by side.
fn requests(start: &Embedded, calls: &[Action]) -> Outcome<Vec<Value>> {
    let mut nonces: BTreeMap<Address, u64> = BTreeMap::new();
    let mut requests = Vec::with_capacity(calls.len());
    for call in calls {
        let nonce = match nonces.get(&call.from) {
            Some(last) => last + 1,
            None => start.nonce_at(call.from)?,
        };
        nonces.insert(call.from, nonce);
        let transaction = json!({
            "from": call.from,
            "to": call.controller,
            "data": call.calldata(),
            "gas": format!("{GAS:#x}"),
            "gasPrice": "0x0",
            "nonce": format!("{nonce:#x}"),
        });
        let method = "eth_sendTransaction";
        requests
            .push(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [transaction] }));
    }
    Ok(requests)
}

/// A running anvil and one connection to it, kept open. It ends when this is dropped.
struct Anvil {
    child: Child,
    stream: BufReader<TcpStream>,
    genesis: PathBuf,
}

impl Anvil {
    fn start(start: &Embedded, mining: &str) -> Outcome<Self> {
        let program = std::env::var_os("HALO_ANVIL")
            .ok_or("HALO_ANVIL does not name anvil; `cargo xtask bench throughput` sets it")?;
        let genesis = std::env::temp_dir().join(format!("halo-bench-{}.json", std::process::id()));
        let json = Alloc::of(start)?.to_genesis_json(start.id(), start.timestamp());
        std::fs::write(&genesis, json.to_string())?;
        // A port that is free now: nobody else takes one here.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new(program)
            .arg("--init")
            .arg(&genesis)
            .args(["--chain-id", &start.id().to_string(), "--port", &port.to_string()])
            .args(["--hardfork", "prague", "--gas-limit", "1000000000000", "--accounts", "1"])
            .args(["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee"])
            .args(["--auto-impersonate", "--disable-console-log", "--no-request-size-limit"])
            .args(["--disable-pool-balance-checks", "--quiet", mining])
            .stdout(Stdio::null())
            .spawn()?;
        let stream = connect(port);
        let mut anvil = Self { child, stream: BufReader::new(stream?), genesis };
        anvil.call("evm_setNextBlockTimestamp", json!([start.timestamp() + 1]))?;
        anvil.call("anvil_setBlockTimestampInterval", json!([0]))?;
        Ok(anvil)
    }

    fn balance(&mut self, token: Address, of: Address) -> Outcome<U256> {
        let call = json!({ "to": token, "data": alloy_primitives::Bytes::from(Usds::balanceOfCall(of).abi_encode()) });
        let found = self.call("eth_call", json!([call, "latest"]))?;
        Ok(found.as_str().unwrap_or_default().parse()?)
    }

    fn call(&mut self, method: &str, params: Value) -> Outcome<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut reply: Value = serde_json::from_slice(&self.post(&body.to_string())?)?;
        match reply.get("error") {
            Some(error) => Err(format!("{method}: {error}").into()),
            None => Ok(reply["result"].take()),
        }
    }

    /// Sends a request and reads its reply. Replies are looked at by their length alone: a client in a hurry.
    fn post(&mut self, body: &str) -> Outcome<Vec<u8>> {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: anvil\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())?;
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("anvil hung up".into());
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        let mut reply = vec![0; length.ok_or("anvil's reply has no length")?];
        self.stream.read_exact(&mut reply)?;
        Ok(reply)
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // What cannot be ended or removed is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.genesis);
    }
}

fn connect(port: u16) -> Outcome<TcpStream> {
    for _ in 0..300 {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            stream.set_nodelay(true)?;
            return Ok(stream);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err("anvil did not listen within thirty seconds".into())
}
