//! `halo sources`.

use std::time::Duration;

use halo_deploy::Manifest;
use halo_evidence::sources::{Explorer, Patience, Published, State};
use halo_templates::Tree;

use crate::{
    args::{ExplorerKind, SourcesArgs},
    exit::{ExitStatus, Outcome},
    output::{Printer, table},
    reach::wait,
};

/// The environment variable that holds the explorer's API key.
const KEY: &str = "HALO_EXPLORER_KEY";

const ETHERSCAN: &str = "https://api.etherscan.io/v2/api";

/// Publishes the sources of every contract of a manifest.
pub(super) fn run(args: &SourcesArgs, printer: Printer) -> Outcome {
    let manifest = Manifest::load(&args.manifest)?;
    let tree = Tree::find(args.root.as_deref())?;
    let key = std::env::var(KEY).ok().filter(|key| !key.is_empty());
    let patience = Patience { pause: Duration::from_secs(args.pause), ..Patience::default() };
    let url = args.url.as_ref().map_or(ETHERSCAN, |url| url.as_str());
    let chain = (args.explorer == ExplorerKind::Etherscan).then_some(manifest.chain_id);
    let explorer = Explorer::new(url, chain, key, patience)?;
    let note = |one: &Published| {
        printer.progress(format!("{}: {}", one.contract, words(&one.state)));
    };
    let all = wait(explorer.publish(&manifest, &tree, note))??;
    let mut rows = table(&["contract", "address", "source"]);
    for one in &all {
        rows.add_row([one.contract.clone(), one.address.to_string(), words(&one.state)]);
    }
    printer.result(rows.to_string())?;
    let open =
        all.iter().filter(|one| !matches!(one.state, State::Verified | State::Already)).count();
    printer.result(match open {
        0 => format!("the explorer has the sources of all {} contracts", all.len()),
        _ => format!("{open} of {} contracts are left; run it again", all.len()),
    })?;
    printer.document(&all)?;
    let refused = all.iter().any(|one| matches!(one.state, State::Refused(_)));
    Ok(match (refused, open) {
        (true, _) => ExitStatus::Refused,
        (false, 0) => ExitStatus::Done,
        (false, _) => ExitStatus::OutsideFailed,
    })
}

fn words(state: &State) -> String {
    match state {
        State::Verified => "verified".to_owned(),
        State::Already => "verified already".to_owned(),
        State::Pending => "pending".to_owned(),
        State::Refused(why) => format!("refused: {why}"),
    }
}
