//! Foundry's anvil program, started on a genesis of ours.

use super::{Node, NodeError};
use crate::{Alloc, Result};
use alloy::{
    node_bindings::{Anvil as Program, AnvilInstance},
    providers::ext::AnvilApi,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// A running anvil; it ends when this is dropped.
///
/// It runs by the rules of the embedded chain: Prague, no base fee, any sender, a block per transaction, and a clock
/// that stands still until [`crate::TimeTravel::travel_to`] moves it.
pub struct Anvil {
    node: Node,
    instance: AnvilInstance,
}

impl Anvil {
    /// Starts the program of [`anvil_program`] on `alloc`, with the clock at `timestamp`.
    ///
    /// # Errors
    /// When it is not there or does not start.
    pub async fn start(alloc: &Alloc, chain_id: u64, timestamp: u64) -> Result<Self> {
        let program = anvil_program();
        let failed = |fault: String| NodeError::Anvil { program: program.clone(), fault };
        let genesis = GenesisFile::write(alloc, chain_id, timestamp)
            .map_err(|fault| failed(format!("its genesis could not be written ({fault})")))?;
        // Not `--silent`: alloy waits for the line in which anvil says that it listens.
        let instance = Program::at(&program)
            .chain_id(chain_id)
            .arg("--init")
            .arg(&genesis.0)
            .args(["--hardfork", "prague", "--gas-limit", "60000000", "--accounts", "1"])
            .args(["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee"])
            .args(["--auto-impersonate", "--no-create2", "--disable-console-log"])
            .try_spawn()
            .map_err(|fault| failed(fault.to_string()))?;
        let node = Node::impersonating(&instance.endpoint())?;
        let still = node.provider().anvil_set_block_timestamp_interval(0).await;
        still.map_err(node.fault("anvil_setBlockTimestampInterval"))?;
        Ok(Self { node, instance })
    }

    /// A connection that sends as anyone.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.instance.endpoint()
    }
}

/// The anvil program: `HALO_ANVIL` if set, else the one that npm put under `solidity/node_modules` of this folder or
/// one above it, else `anvil` on the path.
pub fn anvil_program() -> PathBuf {
    if let Some(named) = env::var_os("HALO_ANVIL") {
        return named.into();
    }
    let here = env::current_dir().unwrap_or_default();
    here.ancestors().find_map(installed).unwrap_or_else(|| "anvil".into())
}

/// npm's own `anvil` is a script that starts the program, and would leave it running when it is killed itself; the
/// program lies in the package of its platform.
fn installed(root: &Path) -> Option<PathBuf> {
    let packages = fs::read_dir(root.join("solidity/node_modules/@foundry-rs")).ok()?;
    let mut names = packages.filter_map(|entry| Some(entry.ok()?.path()));
    names.find_map(|package| {
        let name = package.file_name()?.to_str()?;
        let program = package.join("bin").join(if cfg!(windows) { "anvil.exe" } else { "anvil" });
        (name.starts_with("anvil-") && program.is_file()).then_some(program)
    })
}

/// A file that lives until anvil has read it.
struct GenesisFile(PathBuf);

impl GenesisFile {
    fn write(alloc: &Alloc, chain_id: u64, timestamp: u64) -> std::io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("halo-genesis-{}-{number}.json", process::id());
        let file = Self(env::temp_dir().join(name));
        let json = alloc.to_genesis_json(chain_id, timestamp);
        fs::write(&file.0, json.to_string())?;
        Ok(file)
    }
}

impl Drop for GenesisFile {
    fn drop(&mut self) {
        // Left behind at worst, in the folder for such files.
        let _ = fs::remove_file(&self.0);
    }
}
