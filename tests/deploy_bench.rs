//! A Class and its Unit deployed to anvil by `halo deploy`, against a forge script that makes the same calls.
//!
//! `cargo xtask bench deploy` runs it, with the paths of the program and of forge. Each deployment has an anvil of its own,
//! with a block for each transaction; who has no key is impersonated, by both. One run of each goes through a proxy that
//! counts, the timed ones do not. What forge leaves is verified too.

#![allow(clippy::float_arithmetic, reason = "ratios in a report")]

use std::{
    error::Error,
    ffi::OsString,
    fs,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use alloy::{
    consensus::Transaction as _,
    network::ReceiptResponse as _,
    providers::{Provider, ext::AnvilApi},
};
use alloy_primitives::B256;
use alloy_sol_types::{SolValue, sol};
use halo_chain::node::Anvil;
use halo_tests::{World, deployments};
use serde_json::Value;
use tokio::runtime::Runtime;

mod counter;

use counter::Counter;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SPEC: &str = "tbill";
const ROUNDS: usize = 3;
/// The embedded network's deployer, the first account of every development node.
const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

sol! {
    struct Sent {
        address from;
        address to;
        uint256 value;
        bytes data;
    }
}

const SCRIPT: &str = r#"// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

interface Vm {
    function readFileBinary(string calldata path) external view returns (bytes memory);
    function broadcast(address from) external;
}

contract Replay {
    struct Sent {
        address from;
        address to;
        uint256 value;
        bytes data;
    }

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external {
        Sent[] memory all = abi.decode(VM.readFileBinary("calls.bin"), (Sent[]));
        for (uint256 i; i < all.length; ++i) {
            VM.broadcast(all[i].from);
            (bool ok,) = all[i].to.call{ value: all[i].value }(all[i].data);
            require(ok, "a call failed");
        }
    }
}
"#;

const FOUNDRY: &str = r#"[profile.default]
src = "src"
script = "script"
solc = "SOLC"
evm_version = "prague"
fs_permissions = [{ access = "read", path = "./" }]
"#;

struct Bench {
    halo: OsString,
    forge: OsString,
    world: World,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let mut argument = |what| arguments.next().ok_or(format!("name the program `{what}`"));
    let (halo, forge, solc) = (argument("halo")?, argument("forge")?, argument("solc")?);
    let (world, runtime) = (World::of(SPEC), Runtime::new()?);
    let bench = Bench { halo, forge, world, runtime, folder: tempfile::tempdir()? };

    let anvil = bench.anvil()?;
    let counter = Counter::before(&anvil.url())?;
    let (_, sent) = bench.halo(&counter.url, "counted")?;
    counter.say("halo deploy");
    let ours = counter.total();
    let calls = bench.calls(&anvil, &sent)?;
    let gas = bench.gas(&anvil)?;
    println!("{} transactions, {gas} gas", sent.len());
    bench.script(&calls, Path::new(&solc))?;

    let anvil = bench.anvil()?;
    let counter = Counter::before(&anvil.url())?;
    bench.forge(&counter.url)?;
    counter.say("forge script, the same calls");
    let theirs = counter.total();
    let same = bench.gas(&anvil)?;
    println!("{same} gas, {:.3} of it halo's", gas as f64 / same as f64);
    bench.verify(&anvil)?;

    let (mut halo, mut forge) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        halo.push(bench.halo(&bench.anvil()?.url(), &round.to_string())?.0);
        forge.push(bench.forge(&bench.anvil()?.url())?);
    }
    let [halo, forge] = [&mut halo, &mut forge].map(|times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    println!("wall time, median of {ROUNDS}: halo {halo:.2} s, forge {forge:.2} s");
    println!(
        "ratios: wall time {:.2}, calls {:.2}, bytes of answers {:.2}",
        halo / forge,
        ours.0 as f64 / theirs.0 as f64,
        ours.1 as f64 / theirs.1 as f64
    );
    Ok(())
}

impl Bench {
    fn anvil(&self) -> Result<Anvil> {
        let world = &self.world;
        let (alloc, start) = (world.genesis().alloc()?, world.scenario.start);
        let anvil = self.runtime.block_on(Anvil::start(&alloc, world.network.chain_id, start))?;
        // Anvil's genesis block does not have the root of its own state; its first block has.
        self.runtime.block_on(anvil.node().provider().evm_mine(None))?;
        Ok(anvil)
    }

    /// Rehearses, sends, verifies and writes the manifest; the hashes of what was sent.
    fn halo(&self, url: &str, out: &str) -> Result<(Duration, Vec<B256>)> {
        let mut command = Command::new(&self.halo);
        command.current_dir(self.folder.path()).env("HALO_KEY", KEY).env_remove("HALO_RPC_URL");
        command.args(["deploy", "--broadcast", "--dev-impersonate", "--quiet", "--json"]);
        command.args(["--rpc-url", url, "--out", out]);
        command.arg(deployments().join(format!("specs/{SPEC}.toml")));
        let (time, output) = timed(&mut command)?;
        let said: Value = serde_json::from_slice(&output.stdout)?;
        let sent = said["transactions"].as_array().ok_or("no transactions")?;
        let hashes = sent.iter().map(|one| Ok(one["hash"].as_str().ok_or("no hash")?.parse()?));
        Ok((time, hashes.collect::<Result<_>>()?))
    }

    /// What these transactions called.
    fn calls(&self, anvil: &Anvil, hashes: &[B256]) -> Result<Vec<Sent>> {
        let provider = anvil.node().provider();
        let one = |hash: &B256| {
            let found = self.runtime.block_on(provider.get_transaction_by_hash(*hash))?;
            let tx = found.ok_or("a transaction is gone")?;
            let to = tx.to().ok_or("a transaction calls nobody")?;
            let from = tx.inner.signer();
            Ok(Sent { from, to, value: tx.value(), data: tx.input().clone() })
        };
        hashes.iter().map(one).collect()
    }

    /// Gas of all blocks.
    fn gas(&self, anvil: &Anvil) -> Result<u64> {
        let provider = anvil.node().provider();
        self.runtime.block_on(async {
            let mut gas = 0;
            for block in 2..=provider.get_block_number().await? {
                let receipts = provider.get_block_receipts(block.into()).await?;
                let receipts = receipts.ok_or("a block is gone")?;
                if receipts.iter().any(|one| !one.status()) {
                    return Err("a transaction reverted".into());
                }
                gas += receipts.iter().map(|one| one.gas_used()).sum::<u64>();
            }
            Ok(gas)
        })
    }

    /// Writes the script and the calls, and compiles it.
    fn script(&self, calls: &Vec<Sent>, solc: &Path) -> Result<()> {
        let folder = self.folder.path().join("forge");
        fs::create_dir_all(folder.join("script"))?;
        fs::create_dir_all(folder.join("src"))?;
        let text = FOUNDRY.replace("SOLC", &solc.display().to_string());
        fs::write(folder.join("foundry.toml"), text)?;
        fs::write(folder.join("script/Replay.s.sol"), SCRIPT)?;
        fs::write(folder.join("calls.bin"), calls.abi_encode())?;
        timed(Command::new(&self.forge).current_dir(&folder).arg("build")).map(drop)
    }

    fn forge(&self, url: &str) -> Result<Duration> {
        let folder = self.folder.path().join("forge");
        for left in ["broadcast", "cache/Replay.s.sol"] {
            // What an earlier run left is not gone on with.
            let _ = fs::remove_dir_all(folder.join(left));
        }
        let mut command = Command::new(&self.forge);
        command.current_dir(folder).args(["script", "script/Replay.s.sol:Replay"]);
        command.args(["--broadcast", "--unlocked", "--rpc-url", url, "--non-interactive"]);
        command.args(["--legacy", "--with-gas-price", "0", "--disable-code-size-limit"]);
        Ok(timed(&mut command)?.0)
    }

    /// What forge left is what the plan promises.
    fn verify(&self, anvil: &Anvil) -> Result<()> {
        let mut command = Command::new(&self.halo);
        command.current_dir(self.folder.path()).env_remove("HALO_RPC_URL");
        command.args(["verify", "--quiet", "--rpc-url", &anvil.url(), "--spec"]);
        timed(command.arg(deployments().join(format!("specs/{SPEC}.toml")))).map(drop)
    }
}

/// Runs a program to its end, which must be a good one.
fn timed(command: &mut Command) -> Result<(Duration, Output)> {
    let start = Instant::now();
    let output = command.output()?;
    let time = start.elapsed();
    match output.status.success() {
        true => Ok((time, output)),
        false => {
            let said = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy);
            Err(format!(
                "{:?} ended with {}:\n{}",
                command.get_program(),
                output.status,
                said.join("\n")
            )
            .into())
        }
    }
}
