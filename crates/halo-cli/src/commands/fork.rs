//! `halo fork`.

use alloy_primitives::{Address, B256};
use halo_chain::{Genesis, Labels};
use halo_fork::{
    ProvedState,
    replay::Replayed,
    rpc::cache::{self as kept, CachedBlock, Keep},
};
use halo_spec::Network;
use miette::miette;
use serde::Serialize;
use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use crate::{
    args::{CacheArgs, ForkCommand, WitnessArgs},
    exit::{ExitStatus, Failure, Outcome},
    output::{Printer, prose, table},
};

pub(super) fn run(command: ForkCommand, printer: Printer) -> Outcome {
    match command {
        ForkCommand::Prove(args) => prove(&args, printer),
        ForkCommand::Replay(args) => replay(&args, printer),
        ForkCommand::Cache(args) => cache(&args, printer),
    }
}

/// What is said of the header, whatever was proved under it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    number: u64,
    hash: B256,
    state_root: B256,
    trusted: Option<B256>,
}

impl Head {
    fn of(state: &ProvedState, trusted: Option<B256>) -> Self {
        let header = state.header();
        let state_root = header.state_root;
        Self { number: header.number, hash: state.hash(), state_root, trusted }
    }

    fn print(&self, printer: Printer) -> Result<(), Failure> {
        printer.result(format!(
            "state after block {}\n  block hash  {}\n  state root  {}",
            self.number, self.hash, self.state_root
        ))?;
        match self.trusted {
            Some(hash) => printer.result(format!("  trusted     {hash}, as given\n")),
            None => printer.result(prose(
                "  trusted     nothing: compare the block hash with a source that you trust, or give it as \
                 --trusted-hash\n",
            )),
        }
    }
}

fn prove(args: &WitnessArgs, printer: Printer) -> Outcome {
    let state = crate::fork::prove(&args.witness, args.trusted_hash)?;
    let head = Head::of(&state, args.trusted_hash);
    let labels = labels()?;
    let survey = state.survey();
    head.print(printer)?;
    let mut rows = table(&["account", "ether in wei", "nonce", "code bytes", "slots"]);
    for account in &survey.accounts {
        let name = account.address.map_or_else(|| account.key.to_string(), |at| labels.show(at));
        let code = account.code_length.map_or_else(|| "not here".to_owned(), |n| n.to_string());
        rows.add_row([
            name,
            account.balance.to_string(),
            account.nonce.to_string(),
            code,
            account.slots.len().to_string(),
        ]);
    }
    printer.result(rows.to_string())?;
    printer.result(prose(&format!(
        "proved: {} accounts and {} slots that are not zero, by {} trie nodes that all hang on the state root, and {} \
         codes that all belong to these accounts. {} subtrees are known by their hash alone: what lies there is \
         unknown, and reading it is an error.",
        survey.accounts.len(),
        survey.slots(),
        survey.nodes,
        survey.codes,
        survey.unknown
    )))?;

    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        head: &'a Head,
        proved: &'a halo_fork::Survey,
    }
    printer.document(&Document { head: &head, proved: survey })?;
    Ok(ExitStatus::Done)
}

fn replay(args: &WitnessArgs, printer: Printer) -> Outcome {
    let state = crate::fork::prove(&args.witness, args.trusted_hash)?;
    let replayed = halo_fork::replay::replay(&state)
        .map_err(|error| Failure::refused(miette!("{}: {error}", args.witness.display())))?;
    let head = Head::of(&state, args.trusted_hash);
    head.print(printer)?;
    printer.result(transactions(&replayed, &labels()?))?;
    printer.result(prose(&format!(
        "block {} ({}): executed again from the proved state, {} transactions used {} gas; gas used, receipts root, \
         logs bloom and requests are what its header says",
        replayed.number,
        replayed.hash,
        replayed.transactions.len(),
        replayed.gas_used
    )))?;

    #[derive(Serialize)]
    struct Document<'a> {
        state: &'a Head,
        block: &'a Replayed,
    }
    printer.document(&Document { state: &head, block: &replayed })?;
    Ok(ExitStatus::Done)
}

fn cache(args: &CacheArgs, printer: Printer) -> Outcome {
    let folder = args.fork_cache.clone().unwrap_or_else(crate::fork::cache_folder);
    let failed = |error: std::io::Error| {
        Failure::outside(miette!("the kept state in {}: {error}", folder.display()))
    };
    let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
    let keep = Keep { highest: args.keep, younger_than: args.older_than.map(days) };
    let removed = match args.prune {
        true => kept::prune(&folder, keep, SystemTime::now()).map_err(failed)?,
        false => Vec::new(),
    };
    let left = kept::list(&folder).map_err(failed)?;

    let size = |all: &[CachedBlock]| all.iter().map(|one| one.bytes).sum::<u64>();
    let mut rows = table(&["chain", "block", "bytes"]);
    for one in &left {
        rows.add_row([one.chain_id.to_string(), one.block.to_string(), one.bytes.to_string()]);
    }
    printer.result(rows.to_string())?;
    printer.result(format!(
        "{}: {} blocks, {} bytes",
        folder.display(),
        left.len(),
        size(&left)
    ))?;
    if args.prune {
        printer.result(format!("removed: {} blocks, {} bytes", removed.len(), size(&removed)))?;
    }

    #[derive(Serialize)]
    struct Document {
        folder: PathBuf,
        kept: Vec<CachedBlock>,
        removed: Vec<CachedBlock>,
    }
    printer.document(&Document { folder, kept: left, removed })?;
    Ok(ExitStatus::Done)
}

/// A row for each transaction in which a contract that we know spoke.
fn transactions(replayed: &Replayed, labels: &Labels) -> String {
    let mut rows = table(&["no.", "transaction", "gas", "with"]);
    let mut others = 0;
    for (place, tx) in replayed.transactions.iter().enumerate() {
        let mut known: Vec<Address> = tx.emitters.iter().copied().chain(tx.to).collect();
        known.sort_unstable();
        known.dedup();
        let names: Vec<&str> = known.iter().filter_map(|at| labels.name(*at)).collect();
        if names.is_empty() {
            others += 1;
            continue;
        }
        let gas = tx.gas_used.to_string();
        rows.add_row([place.to_string(), tx.hash.to_string(), gas, names.join(", ")]);
    }
    format!("{rows}\n{others} transactions touch no contract named in the network file")
}

/// Names of mainnet's contracts, from the network file inside the program.
fn labels() -> Result<Labels, Failure> {
    match Network::named("mainnet") {
        Some(network) => Ok(Genesis::labels_of(&network?)),
        None => Ok(Labels::default()),
    }
}
