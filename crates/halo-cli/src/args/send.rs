//! Arguments of `halo deploy`: what is deployed, and on what terms it is sent.

use std::path::PathBuf;

use clap::Args;
use halo_fork::rpc::Url;

use super::{GroundArgs, ScenarioArgs, SpecArgs, StateArgs, TemplateSourceArgs};

/// What is deployed, and where its manifests go.
#[derive(Debug, Args)]
pub struct RoadArgs {
    /// The spec and its network.
    #[command(flatten)]
    pub spec: SpecArgs,
    /// The embedded chain's state.
    #[command(flatten)]
    pub state: StateArgs,
    /// The Primes' limits.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Folder for the manifests: OUT/CHAIN/CLASS/UNIT.json
    #[arg(long, default_value = "deployments")]
    pub out: PathBuf,
}

/// Arguments of `halo deploy`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What is deployed, and where its manifests go.
    #[command(flatten)]
    pub road: RoadArgs,
    /// A state from outside to rehearse on.
    #[command(flatten)]
    pub ground: GroundArgs,
    /// Where it is sent, by whom and on what terms.
    #[command(flatten)]
    pub send: SendArgs,
}

/// Sending to a real chain. Keys come from HALO_KEY and `HALO_KEY_<NAME>`, from keystores, or from a Ledger; the address
/// of a step's signer decides which is used.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// Deploy through a node instead of to the embedded chain; several, separated by commas, must agree
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        env = "HALO_RPC_URL",
        hide_env_values = true,
        conflicts_with_all = ["fork", "fork_state", "witness"]
    )]
    pub rpc_url: Vec<Url>,
    /// Send. Without it the plan is rehearsed on the state of the chain, and nothing is sent or written
    #[arg(long, requires = "rpc_url", conflicts_with_all = ["fork", "fork_state", "witness"])]
    pub broadcast: bool,
    /// The plan's digest, or its first eight digits: needed on production chains, unless it is typed at a terminal
    #[arg(long, value_name = "DIGEST", requires = "broadcast")]
    pub confirm: Option<String>,
    /// The most that a unit of gas may cost, tip and all, such as "35 gwei"
    #[arg(long, value_name = "AMOUNT", default_value = "100 gwei", value_parser = gas_price)]
    pub max_fee: u128,
    /// How many blocks must stand from a transaction's own on before it counts; 1 by default, 6 on production chains
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub confirmations: Option<u64>,
    /// The journal; by default OUT/CHAIN/CLASS/journal.jsonl
    #[arg(long, value_name = "FILE", requires = "broadcast")]
    pub journal: Option<PathBuf>,
    /// Only go on with a journal that is there; without this one is begun where there is none
    #[arg(long, requires = "broadcast")]
    pub resume: bool,
    /// An encrypted keystore file, once for each. Its password is asked for, unless --password-file or
    /// HALO_KEYSTORE_PASSWORD has it
    #[arg(long, value_name = "FILE")]
    pub keystore: Vec<PathBuf>,
    /// A file with the keystores' password on its first line
    #[arg(long, value_name = "FILE", requires = "keystore")]
    pub password_file: Option<PathBuf>,
    /// The account of a Ledger at this place of Ledger Live's list, 0 for the first
    #[cfg(feature = "ledger")]
    #[arg(long, value_name = "PLACE")]
    pub ledger: Option<usize>,
    /// On a development node (chain 31337 or 1337) only: have it send as accounts whose key is not given
    #[arg(long, requires = "rpc_url", conflicts_with_all = ["fork", "fork_state", "witness"])]
    pub dev_impersonate: bool,
    /// Sign again for an eighth more after so many seconds in no block
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub bump_after: u64,
    /// Stop after so many seconds without a block for what was sent; the same command goes on from there
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub give_up_after: u64,
    /// Ask a node again that has not answered for so many seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 20,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub rpc_timeout: u64,
    /// The sources and the compiler of spells, where one signs.
    #[command(flatten)]
    pub source: TemplateSourceArgs,
}

/// Reads a price of gas with its unit, into wei.
fn gas_price(text: &str) -> Result<u128, String> {
    let expected = || "a price has its unit: \"35 gwei\", or \"900_000_000 wei\"".to_owned();
    let (number, unit) = text.trim().rsplit_once(' ').ok_or_else(expected)?;
    if !matches!(unit, "gwei" | "wei") || number.starts_with(['-', '+']) {
        return Err(expected());
    }
    let number = number.trim().replace('_', "");
    let wei = alloy_primitives::utils::parse_units(&number, unit).map_err(|_| expected())?;
    u128::try_from(wei.get_absolute()).map_err(|_| "no gas costs so much".to_owned())
}
