//! Arguments of `halo plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use halo_fork::rpc::Url;

use super::{ForkArgs, NetworkArgs, ScenarioArgs, SecondArgs, SpecArgs, TemplateSourceArgs};

/// Arguments of `halo plan`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct PlanArgs {
    /// Plans that were written to files.
    #[command(subcommand)]
    pub command: Option<PlanCommand>,
    /// A Class spec (TOML)
    #[arg(required = true)]
    pub file: Option<PathBuf>,
    /// The network that names are looked up in.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// The Primes' limits.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Write the plan to a file, for review and for `halo plan show` and `halo plan diff`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Compare the plan with a live chain through a node; several, separated by commas, must agree
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        env = "HALO_RPC_URL",
        hide_env_values = true,
        conflicts_with_all = ["fork", "fork_state", "witness"]
    )]
    pub rpc_url: Vec<Url>,
    /// Show every variable that the plan changes, decoded; without a chain, on a fresh embedded one
    #[arg(long)]
    pub rehearse: bool,
    /// A state from outside to compare with.
    #[command(flatten)]
    pub fork: ForkArgs,
    /// Primes that need another Controller.
    #[command(flatten)]
    pub second: SecondArgs,
    /// What spells are compiled with, where `[signers]` has any.
    #[command(flatten)]
    pub source: TemplateSourceArgs,
}

/// The `halo plan` commands on plans in files.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Check that a plan in a file is whole, and show it
    #[command(after_help = "Example:\n  halo plan show plan.json")]
    Show(PlanShowArgs),
    /// Show how two plans differ: steps added, removed, changed by field. Exit code 1 when they do
    #[command(after_help = "Example:\n  halo plan diff before.json after.json")]
    Diff(PlanDiffArgs),
}

/// Arguments of `halo plan show`.
#[derive(Debug, Args)]
pub struct PlanShowArgs {
    /// A plan that `halo plan --out` wrote
    pub plan: PathBuf,
}

/// Arguments of `halo plan diff`.
#[derive(Debug, Args)]
pub struct PlanDiffArgs {
    /// The plan before
    pub before: PathBuf,
    /// The plan after
    pub after: PathBuf,
}

/// Arguments of `halo generate genesis`.
#[derive(Debug, Args)]
pub struct GenesisArgs {
    /// The spec, whose asset the Primes have limits in, and the network whose addresses the stand-ins have.
    #[command(flatten)]
    pub spec: SpecArgs,
    /// The Primes' limits.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}
