//! Arguments of the commands that prove and record: verify, drift, evidence, manifest, sources, and their generators.

use std::path::PathBuf;

use alloy_primitives::Address;
use clap::{Args, Subcommand, ValueEnum};
use halo_fork::rpc::Url;

use super::{AgainstArgs, ForkArgs, StateArgs, TemplateSourceArgs, named_address};

/// The chain that a command reads: the embedded one, a node, or a fork.
#[derive(Debug, Args)]
pub struct ReachArgs {
    /// The embedded chain's state.
    #[command(flatten)]
    pub state: StateArgs,
    /// Read a live chain through a node; several, separated by commas, must agree
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        env = "HALO_RPC_URL",
        hide_env_values = true,
        conflicts_with_all = ["fork", "fork_state", "witness"]
    )]
    pub rpc_url: Vec<Url>,
    /// A state from outside to read.
    #[command(flatten)]
    pub fork: ForkArgs,
}

/// Arguments of `halo verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A manifest that `halo deploy` or `halo launch` wrote
    #[arg(required_unless_present_any = ["spec", "address", "assertions"])]
    pub manifest: Option<PathBuf>,
    /// No manifest: what the plan of this spec would leave, against the chain
    #[arg(long, value_name = "SPEC", conflicts_with = "manifest")]
    pub spec: Option<PathBuf>,
    /// No manifest: say everything that can be said of this contract; once for each
    #[arg(long, value_name = "NAME=ADDRESS", value_parser = named_address, conflicts_with = "manifest")]
    pub address: Vec<(String, Address)>,
    /// With --address: a compiled contract (JSON of forge, Hardhat or solc) that is not in the lock; its immutables
    /// are solved
    #[arg(long, value_name = "FILE", requires = "address")]
    pub artifact: Vec<PathBuf>,
    /// Facts that `halo generate assertions` wrote
    #[arg(long, value_name = "FILE")]
    pub assertions: Vec<PathBuf>,
    /// Compile the templates in question again and compare with the lock
    #[arg(long)]
    pub recompile: bool,
    /// Sources and compiler, for --recompile.
    #[command(flatten)]
    pub source: TemplateSourceArgs,
    /// What the spec is read against.
    #[command(flatten)]
    pub against: AgainstArgs,
    /// The chain.
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Arguments of `halo drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// A manifest
    #[arg(required_unless_present = "wording")]
    pub manifest: Option<PathBuf>,
    /// The spec that it should still agree with
    #[arg(long, value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// An artifact document (Markdown, as the Atlas or `halo generate artifact` writes it); once for each
    #[arg(long, value_name = "FILE")]
    pub artifact: Vec<PathBuf>,
    /// The first block whose RateLimitDataSet events are read
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub from_block: u64,
    /// Instead: how many limits of a governance text are understood, and the rest (JSON rows with agent, instance,
    /// field, maxAmount, slope)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["manifest", "spec", "artifact"])]
    pub wording: Option<PathBuf>,
    /// What the spec is read against.
    #[command(flatten)]
    pub against: AgainstArgs,
    /// The chain.
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// The `halo manifest` commands.
#[derive(Debug, Subcommand)]
pub enum ManifestCommand {
    /// List the manifests of a folder, and whether each chain's index is up to date
    #[command(after_help = "Example:\n  halo manifest list --dir deployments")]
    List(ManifestDirArgs),
    /// Write DIR/CHAIN/index.json for each chain
    #[command(after_help = "Example:\n  halo manifest index --dir deployments")]
    Index(ManifestDirArgs),
    /// Show contracts, roles and limits of a manifest
    #[command(after_help = "Example:\n  halo manifest show deployments/embedded/tbill/bills.json")]
    Show(ManifestShowArgs),
    /// What two manifests tell differently, fact by fact
    #[command(after_help = "Example:\n  halo manifest diff old.json new.json")]
    Diff(ManifestDiffArgs),
    /// The addresses as a registry that other programs read, on stdout
    #[command(
        after_help = "Example:\n  halo manifest export deployments/embedded/tbill/bills.json --format solidity > HaloAddresses.sol"
    )]
    Export(ManifestExportArgs),
}

/// A folder of manifests.
#[derive(Debug, Args)]
pub struct ManifestDirArgs {
    /// The folder: DIR/CHAIN/CLASS/UNIT.json
    #[arg(long, default_value = "deployments")]
    pub dir: PathBuf,
}

/// Arguments of `halo manifest show`.
#[derive(Debug, Args)]
pub struct ManifestShowArgs {
    /// A manifest
    pub manifest: PathBuf,
}

/// Arguments of `halo manifest diff`.
#[derive(Debug, Args)]
pub struct ManifestDiffArgs {
    /// A manifest
    pub left: PathBuf,
    /// Another
    pub right: PathBuf,
}

/// Arguments of `halo manifest export`.
#[derive(Debug, Args)]
pub struct ManifestExportArgs {
    /// Manifests of one chain
    #[arg(required = true)]
    pub manifests: Vec<PathBuf>,
    /// The form
    #[arg(long, value_enum, default_value_t = ExportFormat::Json)]
    pub format: ExportFormat,
}

/// The forms that addresses are exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A library of constants
    Solidity,
    /// A module with one object
    Typescript,
    /// An object by name
    Json,
    /// An object by chainlog key, each at most 32 bytes
    Chainlog,
}

/// Arguments of `halo generate artifact`.
#[derive(Debug, Args)]
pub struct ArtifactArgs {
    /// A Class spec (TOML), or a manifest (JSON)
    pub file: PathBuf,
    /// Folder for the documents and their edits
    #[arg(long)]
    pub out: PathBuf,
    /// What the spec is read against.
    #[command(flatten)]
    pub against: AgainstArgs,
}

/// Arguments of `halo generate assertions`.
#[derive(Debug, Args)]
pub struct AssertionsArgs {
    /// A Class spec (TOML)
    pub file: PathBuf,
    /// Folder for UNIT.t.sol and UNIT.assertions.json
    #[arg(long)]
    pub out: PathBuf,
    /// What the spec is read against.
    #[command(flatten)]
    pub against: AgainstArgs,
}

/// Arguments of `halo evidence`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct EvidenceArgs {
    /// Repeat a bundle.
    #[command(subcommand)]
    pub command: Option<EvidenceCommand>,
    /// What a bundle is made from.
    #[command(flatten)]
    pub bundle: BundleArgs,
}

/// The `halo evidence` commands.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Do every check of a bundle again, and find what was changed in it
    #[command(after_help = "Example:\n  halo evidence check evidence/tbill")]
    Check(EvidenceCheckArgs),
}

/// What a bundle is made from.
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// A manifest
    #[arg(required = true)]
    pub manifest: Option<PathBuf>,
    /// Folder for the bundle: new, or that of an earlier one
    #[arg(long, required = true)]
    pub out: Option<PathBuf>,
    /// The spec that the manifest was made from
    #[arg(long, value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// An artifact document that words the limits; once for each
    #[arg(long, value_name = "FILE")]
    pub artifact: Vec<PathBuf>,
    /// Leave out what needs sources and compiler
    #[arg(long)]
    pub no_sources: bool,
    /// The first block whose events are read
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub from_block: u64,
    /// Sources and compiler.
    #[command(flatten)]
    pub source: TemplateSourceArgs,
    /// What the spec is read against.
    #[command(flatten)]
    pub against: AgainstArgs,
    /// The chain.
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Arguments of `halo evidence check`.
#[derive(Debug, Args)]
pub struct EvidenceCheckArgs {
    /// The bundle
    pub bundle: PathBuf,
    /// This check alone, by its id
    #[arg(long, value_name = "ID")]
    pub only: Option<String>,
    /// The solc program for the sources; by default HALO_SOLC, then svm's, then the npm package
    #[arg(long)]
    pub solc: Option<PathBuf>,
    /// The chain.
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Arguments of `halo sources`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The API key is read from HALO_EXPLORER_KEY alone, so that it is in no history and no process list."
)]
pub struct SourcesArgs {
    /// A manifest
    pub manifest: PathBuf,
    /// Which explorer
    #[arg(long, value_enum, default_value_t = ExplorerKind::Etherscan)]
    pub explorer: ExplorerKind,
    /// Its API; by default `https://api.etherscan.io/v2/api` for Etherscan
    #[arg(long, required_if_eq("explorer", "blockscout"))]
    pub url: Option<Url>,
    /// Seconds between two questions about the same contract
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub pause: u64,
    /// The folder with the Solidity sources; by default `solidity/` here or in a parent folder
    #[arg(long)]
    pub root: Option<PathBuf>,
}

/// The explorers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplorerKind {
    /// Etherscan, API v2
    Etherscan,
    /// Blockscout
    Blockscout,
}
