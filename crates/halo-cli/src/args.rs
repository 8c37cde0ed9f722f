//! What a person may type. Types and help only; nothing is opened or decided here.

mod plan;
mod proof;
mod report;
mod send;
mod simulate;

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use clap::{
    ArgGroup, Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use clap_complete::Shell;
use halo_fork::rpc::Url;
use halo_governance::SpellKind;

pub use plan::{GenesisArgs, PlanArgs, PlanCommand, PlanDiffArgs, PlanShowArgs};
pub use proof::{
    ArtifactArgs, AssertionsArgs, BundleArgs, DriftArgs, EvidenceArgs, EvidenceCheckArgs,
    EvidenceCommand, ExplorerKind, ExportFormat, ManifestCommand, ManifestDiffArgs,
    ManifestDirArgs, ManifestExportArgs, ManifestShowArgs, ReachArgs, SourcesArgs, VerifyArgs,
};
pub use report::ReportArgs;
pub use send::{DeployArgs, RoadArgs, SendArgs};
pub use simulate::{MergeArgs, SimulateArgs, SimulateCommand, SolveArgs};

/// From a spec file to a live Halo Unit.
#[derive(Debug, Parser)]
#[command(
    name = "halo",
    version,
    about = "From a spec file to a live Halo Unit: frozen templates, verified deployment, Day 1",
    after_help = "Examples:\n  \
        halo launch deployments/specs/tbill.toml       the whole road, on an EVM inside the program\n  \
        halo init my-class.toml                        a commented spec to start from\n  \
        halo check my-class.toml                       what is wrong with it, and where\n\n\
        Exit codes: 0 done; 1 the chain or a check says no; 2 the input is wrong; 3 the outside failed.",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub struct GlobalArgs {
    /// Print one JSON document on stdout instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress on stderr; results and errors stay
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The commands, in the order of the road.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented Class spec to start from
    #[command(after_help = "Example:\n  halo init my-class.toml && halo check my-class.toml")]
    Init(InitArgs),
    /// Say what is wrong with a spec, where, and how to mend it
    #[command(after_help = "Example:\n  halo check deployments/specs/clo.toml")]
    Check(CheckArgs),
    /// Show the ordered steps, the addresses they will create and what must hold after each
    #[command(after_help = "Examples:\n  \
            halo plan deployments/specs/tbill.toml --out plan.json\n  \
            halo plan class.toml --network mainnet --rpc-url URL     which steps are done, and which cannot be\n  \
            halo plan deployments/specs/tbill.toml --rehearse        every variable that changes\n  \
            halo plan diff before.json after.json")]
    Plan(Box<PlanArgs>),
    /// Apply the plan, to the embedded chain or through nodes, verify it and write the manifests
    #[command(after_help = "Examples:\n  \
            halo deploy deployments/specs/tbill.toml\n  \
            halo deploy class.toml --network mainnet --rpc-url http://localhost:8545              a rehearsal\n  \
            halo deploy class.toml --network mainnet --rpc-url http://localhost:8545 --broadcast\n\n\
            Applying the same spec again changes nothing, and goes on where a run before it ended. See docs/deploying.md.")]
    Deploy(Box<DeployArgs>),
    /// Read the chain again and compare it with a manifest: code, roles, wiring, limits, registries
    #[command(
        after_help = "Examples:\n  halo verify deployments/embedded/tbill/bills.json\n  halo verify --spec class.toml --network mainnet --rpc-url URL\n  halo verify --address vault=0x… --rpc-url URL          a deployment that nobody left a manifest of"
    )]
    Verify(Box<VerifyArgs>),
    /// Whether chain, manifest, spec and the artifact's wording of limits still say the same
    #[command(
        after_help = "Examples:\n  halo drift deployments/embedded/tbill/bills.json --spec deployments/specs/tbill.toml --artifact unit-bills.md\n  halo drift --wording atlas_rate_limits.json"
    )]
    Drift(Box<DriftArgs>),
    /// One file for each check that a reviewer ticks by hand today, and the command that repeats it
    #[command(
        after_help = "Examples:\n  halo evidence deployments/embedded/tbill/bills.json --spec deployments/specs/tbill.toml --out evidence\n  halo evidence check evidence"
    )]
    Evidence(Box<EvidenceArgs>),
    /// Publish the sources of a deployment on an explorer; may be repeated
    #[command(
        after_help = "Example:\n  HALO_EXPLORER_KEY=… halo sources deployments/mainnet/tbill/bills.json --explorer etherscan"
    )]
    Sources(SourcesArgs),
    /// Manifests as registries: list, index, show, diff, export
    #[command(subcommand, after_help = "Example:\n  halo manifest list")]
    Manifest(ManifestCommand),
    /// The whole road: check, plan, deploy, verify, Day 1
    #[command(
        after_help = "Example:\n  halo launch deployments/specs/tbill.toml\n\nStarts from a fresh embedded chain and leaves its state in .halo/, so that `halo verify` works on it."
    )]
    Launch(LaunchArgs),
    /// Run a scenario day by day and say what bound, who gained and what held
    #[command(after_help = "Examples:\n  \
            halo simulate deployments/scenarios/ramp.toml --junit ramp.xml\n  \
            halo simulate deployments/scenarios/hostile.toml --seeds 1..100 --out sweep.parquet")]
    Simulate(Box<SimulateArgs>),
    /// The smallest limits with which a target is met, and when they must be proposed
    #[command(
        after_help = "Example:\n  halo solve deployments/scenarios/day1-tbill.toml --target \"300_000_000 USDS on day 1\""
    )]
    Solve(SolveArgs),
    /// The frozen templates: list, show, verify, compile
    #[command(subcommand, after_help = "Example:\n  halo templates list")]
    Templates(TemplatesCommand),
    /// State of a real chain: prove it, execute its block again
    #[command(
        subcommand,
        after_help = "Example:\n  halo fork prove --witness block.bin --trusted-hash 0xd6ed…99a9"
    )]
    Fork(ForkCommand),
    /// Scenarios: the Primes' real ceilings and limits as one
    #[command(
        subcommand,
        after_help = "Example:\n  halo scenario from-chain --network mainnet --fork URL --out real.toml"
    )]
    Scenario(ScenarioCommand),
    /// What others must sign, as files for them to review
    #[command(
        subcommand,
        after_help = "Example:\n  halo generate spell psm-kiss deployments/specs/tbill.toml --out spells"
    )]
    Generate(GenerateCommand),
    /// Runs of `halo simulate` as a page for people and as a comment on a pull request
    #[command(
        after_help = "Example:\n  halo simulate ramp.toml --json > run.json; halo report run.json --out report.html"
    )]
    Report(ReportArgs),
    /// Print a shell's completion script
    #[command(
        after_help = "Example:\n  halo completions bash > ~/.local/share/bash-completion/completions/halo"
    )]
    Completions(CompletionsArgs),
}

/// Arguments of `halo init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The file to write; an existing one is left alone
    pub file: PathBuf,
    /// What to start from
    #[arg(long, value_enum, default_value_t = StarterKind::Tbill)]
    pub from: StarterKind,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
}

/// The specs that `halo init` can start from.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum StarterKind {
    /// One Unit over Treasury bills, in USDS
    Tbill,
    /// One Unit over a money market fund, in USDC
    Mmf,
    /// A senior and a junior Unit over loans, in USDS
    Clo,
}

/// The spec file and the network that its names are looked up in.
#[derive(Debug, Args)]
pub struct SpecArgs {
    /// A Class spec (TOML)
    pub file: PathBuf,
    /// The network that names are looked up in.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// The network that names are looked up in.
#[derive(Debug, Clone, Args)]
pub struct NetworkArgs {
    /// A network file (TOML), or the name of one inside the program: embedded, mainnet
    #[arg(long, default_value = "embedded", env = "HALO_NETWORK")]
    pub network: String,
}

/// Arguments of `halo check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A Class, Prime, network or scenario file (TOML)
    pub file: PathBuf,
    /// The network that names are looked up in.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Where the embedded chain keeps its state.
#[derive(Debug, Args)]
pub struct StateArgs {
    /// Folder of the embedded chain's state
    #[arg(long, default_value = ".halo", env = "HALO_STATE")]
    pub state: PathBuf,
}

/// The scenario that says which limits the Primes get and what they want.
#[derive(Debug, Args)]
pub struct ScenarioArgs {
    /// The Day-1 scenario (TOML); by default the one inside the program, deployments/scenarios/day1.toml
    #[arg(long)]
    pub scenario: Option<PathBuf>,
}

/// What a spec is read against.
#[derive(Debug, Args)]
pub struct AgainstArgs {
    /// The network that names are looked up in.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// The Primes' limits.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
}

/// Arguments of `halo launch`.
#[derive(Debug, Args)]
pub struct LaunchArgs {
    /// What is deployed, and where its manifests go.
    #[command(flatten)]
    pub deploy: RoadArgs,
    /// A state from outside to rehearse on.
    #[command(flatten)]
    pub ground: GroundArgs,
    /// What spells are compiled with.
    #[command(flatten)]
    pub source: TemplateSourceArgs,
    /// Write the state that the run leaves as a file that `anvil --load-state` serves
    #[arg(long, value_name = "FILE")]
    pub export_anvil: Option<PathBuf>,
}

/// A state from outside to rehearse a deployment on, and what is taken as given where it does not know.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("offline").args(["fork_state", "witness"])))]
pub struct GroundArgs {
    /// The state.
    #[command(flatten)]
    pub fork: ForkArgs,
    /// Take as given what this file declares (TOML), where a witness or a snapshot does not know
    #[arg(long, value_name = "FILE", conflicts_with = "fork", requires = "offline")]
    pub assume: Option<PathBuf>,
    /// Primes that need another Controller.
    #[command(flatten)]
    pub second: SecondArgs,
}

/// Primes whose Controller knows no Units.
#[derive(Debug, Args)]
pub struct SecondArgs {
    /// This Prime's Controller knows no Units (slug; once for each, or separated by commas): rehearse the spell that lets a
    /// second one in, and plan with that
    #[arg(long, value_name = "PRIME", value_delimiter = ',')]
    pub second_controller: Vec<String>,
}

/// A state from outside to rehearse on. Nothing is sent, and manifests go to the state folder.
#[derive(Debug, Args)]
pub struct ForkArgs {
    /// Rehearse on the state of a live chain: URL of a node, or several, separated by commas, that must agree
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        env = "HALO_FORK_URL",
        hide_env_values = true,
        conflicts_with_all = ["fork_state", "witness"]
    )]
    pub fork: Vec<Url>,
    /// The block whose state it is; by default the latest
    #[arg(long, value_name = "NUMBER", requires = "fork")]
    pub fork_block: Option<u64>,
    /// Refuse state that the node does not prove
    #[arg(long, requires = "fork")]
    pub prove: bool,
    /// Folder of fetched state, in Foundry's format; by default halo/rpc in the user's cache folder
    #[arg(long, env = "HALO_FORK_CACHE")]
    pub fork_cache: Option<PathBuf>,
    /// Rehearse on a snapshot that --record wrote, with no network
    #[arg(long, value_name = "FILE", conflicts_with = "witness")]
    pub fork_state: Option<PathBuf>,
    /// Rehearse on the state that an execution witness proves
    #[arg(long, value_name = "FILE")]
    pub witness: Option<PathBuf>,
    /// Hash that the block of the state must have
    #[arg(long, value_name = "HASH")]
    pub trusted_hash: Option<B256>,
    /// Write everything that the run reads of that state to a snapshot
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

impl ForkArgs {
    /// Whether a state from outside is named.
    pub fn is_any(&self) -> bool {
        !self.fork.is_empty() || self.fork_state.is_some() || self.witness.is_some()
    }
}

/// The `halo templates` commands.
#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// List the frozen templates with size, code hash and audit
    #[command(after_help = "Example:\n  halo templates list --json")]
    List,
    /// Show one template: hashes, compiler, functions, events, errors
    #[command(after_help = "Example:\n  halo templates show HaloUnit")]
    Show(TemplateShowArgs),
    /// Compile the sources again and compare byte for byte with the lock
    #[command(after_help = "Example:\n  halo templates verify --solc ~/bin/solc-0.8.34")]
    Verify(TemplateSourceArgs),
    /// Compile the sources and print sizes and hashes, and whether they are as frozen
    #[command(after_help = "Example:\n  halo templates compile --root solidity")]
    Compile(TemplateSourceArgs),
}

/// Arguments of `halo templates show`.
#[derive(Debug, Args)]
pub struct TemplateShowArgs {
    /// The template's name, as in `halo templates list`
    pub name: String,
}

/// Where sources and compiler are.
#[derive(Debug, Args)]
pub struct TemplateSourceArgs {
    /// The folder with the Solidity sources; by default `solidity/` here or in a parent folder
    #[arg(long)]
    pub root: Option<PathBuf>,
    /// The solc program; by default HALO_SOLC, then svm's, then the npm package
    #[arg(long)]
    pub solc: Option<PathBuf>,
}

/// The `halo fork` commands.
#[derive(Debug, Subcommand)]
pub enum ForkCommand {
    /// Prove every account and slot of a witness down to a block hash, and list them
    #[command(after_help = "Example:\n  halo fork prove --witness block.bin --json")]
    Prove(WitnessArgs),
    /// Execute the block of a witness again and compare with its header
    #[command(after_help = "Example:\n  halo fork replay --witness block.bin")]
    Replay(WitnessArgs),
    /// List the state that was fetched from nodes, by chain and block, or remove it
    #[command(after_help = "Example:\n  halo fork cache --prune --keep 3 --older-than 30")]
    Cache(CacheArgs),
}

/// The `halo scenario` commands.
#[derive(Debug, Subcommand)]
pub enum ScenarioCommand {
    /// Read the Primes' debt ceilings and rate limits from a chain and write them as a scenario
    #[command(
        after_help = "Example:\n  halo scenario from-chain --network mainnet --fork URL --out real.toml"
    )]
    FromChain(FromChainArgs),
}

/// Arguments of `halo scenario from-chain`.
#[derive(Debug, Args)]
pub struct FromChainArgs {
    /// The network whose Primes are read.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// What no chain knows, such as appetites.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The state to read.
    #[command(flatten)]
    pub fork: ForkArgs,
    /// The scenario to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Arguments of `halo fork cache`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("spare").args(["keep", "older_than"]).multiple(true)))]
pub struct CacheArgs {
    /// Remove what --keep and --older-than do not spare
    #[arg(long, requires = "spare")]
    pub prune: bool,
    /// Spare so many blocks of each chain, the highest
    #[arg(long, value_name = "BLOCKS", requires = "prune")]
    pub keep: Option<usize>,
    /// Spare what was written within so many days
    #[arg(long, value_name = "DAYS", requires = "prune")]
    pub older_than: Option<u32>,
    /// Folder of fetched state, in Foundry's format; by default halo/rpc in the user's cache folder
    #[arg(long, env = "HALO_FORK_CACHE")]
    pub fork_cache: Option<PathBuf>,
}

/// A witness and what is trusted of it.
#[derive(Debug, Args)]
pub struct WitnessArgs {
    /// The witness: JSON of debug_executionWitness, or a block with its witness in the binary framing
    #[arg(long)]
    pub witness: PathBuf,
    /// Hash of the block, or of the header whose state it is, from a source that you trust
    #[arg(long)]
    pub trusted_hash: Option<B256>,
}

/// The `halo generate` commands.
#[derive(Debug, Subcommand)]
pub enum GenerateCommand {
    /// Write a spell as Solidity, with a forge test that runs it on the chain that the plan leaves
    #[command(
        after_help = "Examples:\n  halo generate spell onboard-unit deployments/specs/tbill.toml --out spells\n  halo generate spell cap-change deployments/specs/tbill.toml --out spells --cap \"2_000_000_000 USDS\""
    )]
    Spell(Box<SpellArgs>),
    /// Write the artifact documents of Halo, Class and Units, and the edits that register them
    #[command(
        after_help = "Example:\n  halo generate artifact deployments/specs/tbill.toml --out artifacts"
    )]
    Artifact(ArtifactArgs),
    /// Write what the plan promises, as a forge test and as facts for `halo verify --assertions`
    #[command(
        after_help = "Example:\n  halo generate assertions deployments/specs/tbill.toml --out assertions"
    )]
    Assertions(AssertionsArgs),
    /// Write block 0 of the embedded chain, with the stand-ins of Sky and the Primes, as anvil and geth start from it
    #[command(
        after_help = "Example:\n  halo generate genesis deployments/specs/tbill.toml --out genesis.json"
    )]
    Genesis(GenesisArgs),
}

/// Arguments of `halo generate spell`.
#[derive(Debug, Args)]
pub struct SpellArgs {
    /// Which spell
    #[arg(value_parser = spell_kind())]
    pub kind: SpellKind,
    /// A Class spec (TOML), whose plan is rehearsed, or a manifest (JSON) of the kept chain
    pub file: PathBuf,
    /// Folder for the spell, its test and the chain that the test starts from
    #[arg(long)]
    pub out: PathBuf,
    /// The Unit, by slug; the first of the Class by default
    #[arg(long)]
    pub unit: Option<String>,
    /// cap-change: how large the Unit may be, such as "2_000_000_000 USDS"
    #[arg(long)]
    pub cap: Option<String>,
    /// cap-change: the most that an epoch takes in, or "unlimited"
    #[arg(long)]
    pub epoch_subscribe: Option<String>,
    /// cap-change: the most that an epoch pays out, or "unlimited"
    #[arg(long)]
    pub epoch_redeem: Option<String>,
    /// template-approval: the template's name
    #[arg(long)]
    pub template: Option<String>,
    /// onboard-halo-class: who may set the Class's limits; those of the spec by default
    #[arg(long)]
    pub gov_ops: Option<Address>,
    /// The text that the spell's artifact edit puts in force; the one in force by default
    #[arg(long, requires = "uri")]
    pub document: Option<PathBuf>,
    /// Where that text is published
    #[arg(long, requires = "document")]
    pub uri: Option<String>,
    /// second-controller: the Prime, by slug; the one above the Halo by default
    #[arg(long)]
    pub prime: Option<String>,
    /// migrate-unit: until when value may move, UTC seconds since 1970
    #[arg(long)]
    pub deadline: Option<u64>,
    /// migrate-unit: what the shares of a Unit of the Class become shares of, once for each Unit that has any
    #[arg(long, value_name = "UNIT=ADDRESS", value_parser = named_address)]
    pub target: Vec<(String, Address)>,
    /// What the spec is read against.
    #[command(flatten)]
    pub against: AgainstArgs,
    /// The embedded chain's state.
    #[command(flatten)]
    pub state: StateArgs,
    /// The sources that the test imports, and the compiler.
    #[command(flatten)]
    pub source: TemplateSourceArgs,
}

/// Reads a name and an address.
fn named_address(text: &str) -> Result<(String, Address), String> {
    let (name, address) = text.split_once('=').ok_or("there is no = between name and address")?;
    let address = address.parse().map_err(|error| format!("{address:?} is no address: {error}"))?;
    Ok((name.to_owned(), address))
}

/// Reads a spell's name; the help lists them all.
fn spell_kind() -> impl TypedValueParser<Value = SpellKind> {
    let words = SpellKind::ALL.map(|kind| PossibleValue::new(kind.word()).help(kind.says()));
    PossibleValuesParser::new(words).try_map(|word| {
        let kind = SpellKind::ALL.into_iter().find(|kind| kind.word() == word);
        kind.ok_or("there is no such spell")
    })
}

/// Arguments of `halo completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}
