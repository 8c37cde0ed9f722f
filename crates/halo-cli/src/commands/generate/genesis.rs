//! `halo generate genesis`.

use std::{fs, path::Path};

use halo_chain::Alloc;
use miette::miette;
use serde::Serialize;

use crate::{
    args::GenesisArgs,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::Printer,
    road,
};

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    chain_id: u64,
    timestamp: u64,
    accounts: usize,
}

/// Writes block 0 of the embedded chain for another node to start from.
pub(super) fn run(args: &GenesisArgs, printer: Printer) -> Outcome {
    let inputs = load::inputs(&args.spec.file, &args.spec.network, &args.scenario, printer)?;
    let network = &inputs.network;
    if network.production {
        return Err(Failure::input(miette!(
            help = "name another network with --network, such as embedded",
            "{} is a production network: it has a genesis of its own, and stand-ins have no place in it",
            network.name
        )));
    }
    let chain = road::genesis(&inputs)?;
    let (alloc, timestamp) = (Alloc::of(&chain)?, chain.timestamp());
    let text = alloc.to_genesis_json(network.chain_id, timestamp).to_string();
    fs::write(&args.out, text).map_err(|error| {
        Failure::outside(miette!("cannot write {}: {error}", args.out.display()))
    })?;
    let (chain_id, accounts) = (network.chain_id, alloc.0.len());
    printer.result(format!(
        "{}: {accounts} accounts, chain {chain_id}, UTC second {timestamp}",
        args.out.display()
    ))?;
    printer.document(&Written { file: &args.out, chain_id, timestamp, accounts })?;
    Ok(ExitStatus::Done)
}
