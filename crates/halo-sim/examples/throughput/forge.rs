//! The same calls made by the handler of a forge invariant test, on the state that the embedded chain starts from.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use alloy_primitives::Address;
use halo_chain::{Alloc, Embedded};
use serde_json::json;

use crate::{Action, Outcome, per_second, sum};

/// Calls that are timed: those of a long run less those of a short one, so that start, compiler and state drop out.
pub(crate) const CALLS: usize = LONG - SHORT;
const SHORT: usize = 1_000;
const LONG: usize = 21_000;

/// Calls per second.
pub(crate) fn rate(
    start: &Embedded,
    actions: &[Action],
    usds: Address,
    queue: Address,
) -> Outcome<u64> {
    let folder = Folder::new()?;
    let alloc = Alloc::of(start)?.0;
    let accounts = alloc.iter().map(|(address, account)| {
        let fields = json!({
            "nonce": format!("{:#x}", account.nonce),
            "balance": account.balance,
            "code": account.code,
            "storage": account.storage,
        });
        (address.to_string(), fields)
    });
    let accounts = serde_json::Map::from_iter(accounts);
    fs::write(folder.0.join("alloc.json"), serde_json::Value::Object(accounts).to_string())?;
    let time = |calls: usize| -> Outcome<Duration> {
        fs::write(
            folder.0.join("test/Peer.t.sol"),
            contract(start, &actions[..calls], usds, queue),
        )?;
        folder.forge(&["build", "--quiet"], calls)?;
        let clock = Instant::now();
        folder.forge(&["test", "--quiet"], calls)?;
        Ok(clock.elapsed())
    };
    let (short, long) = (time(SHORT)?, time(LONG)?);
    Ok(per_second(CALLS, long.saturating_sub(short)))
}

/// The handler: it makes the next call, whatever the fuzzer gives it. At the end the queue must hold all of it.
fn contract(start: &Embedded, calls: &[Action], usds: Address, queue: Address) -> String {
    let mut primes: Vec<(Address, Address)> = Vec::new();
    for call in calls {
        if !primes.contains(&(call.from, call.controller)) {
            primes.push((call.from, call.controller));
        }
    }
    let unit = calls.first().map(|call| call.unit).unwrap_or_default();
    let list: String = primes
        .iter()
        .map(|(relayer, controller)| {
            format!("        primes.push(Prime({relayer}, {controller}));\n")
        })
        .collect();
    let (time, count, all) = (start.timestamp(), calls.len(), sum(calls));
    format!(
        r#"// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface Vm {{
    function loadAllocs(string calldata path) external;
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
}}

interface Controller {{
    function erc7540_requestDeposit(address token, uint256 amount) external;
}}

interface Token {{
    function balanceOf(address account) external view returns (uint256);
}}

contract Handler {{
    struct Prime {{ address relayer; address controller; }}

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Prime[] private primes;
    uint256 public at;

    constructor() {{
{list}    }}

    function requestDeposit() external {{
        Prime storage prime = primes[at % primes.length];
        VM.prank(prime.relayer);
        Controller(prime.controller).erc7540_requestDeposit({unit}, 1e18 * (1_000 + at % 977));
        ++at;
    }}
}}

contract PeerTest {{
    bool public constant IS_TEST = true;
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Handler private handler;
    uint256 private before;

    function setUp() public {{
        VM.loadAllocs("alloc.json");
        VM.warp({time});
        before = Token({usds}).balanceOf({queue});
        handler = new Handler();
    }}

    function targetContracts() public view returns (address[] memory list) {{
        list = new address[](1);
        list[0] = address(handler);
    }}

    function invariant_everyCallIsMade() public view {{
        uint256 at = handler.at();
        require(at == 0 || at == {count}, "not every call");
        require(at == 0 || Token({usds}).balanceOf({queue}) - before == {all}, "not all of it");
    }}
}}
"#
    )
}

/// A project of its own that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("halo-bench-forge-{}", std::process::id()));
        fs::create_dir_all(folder.join("test"))?;
        let solc = std::env::var("HALO_SOLC")
            .map_err(|_| "HALO_SOLC does not name solc; `cargo xtask bench throughput` sets it")?;
        let settings = format!(
            "[profile.default]\nsrc = \"test\"\ntest = \"test\"\nlibs = []\nsolc = {solc:?}\noffline = true\n\
             evm_version = \"cancun\"\noptimizer = true\nfs_permissions = [{{ access = \"read\", path = \"./\" }}]\n"
        );
        fs::write(folder.join("foundry.toml"), settings)?;
        Ok(Self(folder))
    }

    fn forge(&self, arguments: &[&str], calls: usize) -> Outcome {
        let program = std::env::var_os("HALO_FORGE")
            .ok_or("HALO_FORGE does not name forge; `cargo xtask bench throughput` sets it")?;
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.0)
            .envs([("FOUNDRY_INVARIANT_RUNS", "1"), ("FOUNDRY_INVARIANT_FAIL_ON_REVERT", "true")])
            // The invariant is looked at when all calls are made: the rate is the handler's own.
            .envs([("FOUNDRY_INVARIANT_CHECK_INTERVAL", "0")])
            .env("FOUNDRY_INVARIANT_DEPTH", calls.to_string())
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(format!("forge failed: {}", String::from_utf8_lossy(&said)).into())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind at worst, in the folder for such files.
        let _ = fs::remove_dir_all(Path::new(&self.0));
    }
}
