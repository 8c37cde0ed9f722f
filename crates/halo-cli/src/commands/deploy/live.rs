//! Deploying through nodes: look, rehearse, and with leave send.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead, IsTerminal},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use alloy_primitives::{Address, B256, hex};
use halo_chain::{
    Embedded, StateSource,
    node::{Head, NodeError, Nodes, TIMEOUT, ViewState},
    now,
};
use halo_deploy::{
    Applied, Error, Means, Plan, Rehearsal, Step, Transaction,
    handoff::Handoff,
    journal::Journal,
    rehearse,
    send::{self, Terms, Ways},
};
use halo_fork::rpc::Url;
use miette::miette;
use serde::Serialize;
use tokio::runtime::{Handle, Runtime};

use super::{keys, print, refuse_unverified};
use crate::{
    args::{DeployArgs, RoadArgs, SendArgs},
    exit::{ExitStatus, Failure, Outcome},
    fork,
    load::Inputs,
    output::{Printer, prose, say, shell, table},
    progress::Steps,
    road,
};

/// Digits of a digest that a person types.
const SHORT: usize = 8;

/// What a dry run shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rehearsed<'a> {
    plan: String,
    block: u64,
    gas: u64,
    steps: Vec<&'a str>,
}

/// What a run that must wait for others has done, and what it waits for.
#[derive(Serialize)]
struct Waits<'a> {
    plan: String,
    transactions: &'a [Transaction],
    unchanged: usize,
    waiting: Waiting<'a>,
}

#[derive(Serialize)]
struct Waiting<'a> {
    means: Means,
    account: Address,
    steps: &'a [String],
    next: String,
    /// The UTC second from which on it can go on, where time is all that it waits for.
    until: Option<u64>,
    says: BTreeMap<&'a str, &'a str>,
    files: Vec<PathBuf>,
    command: String,
}

/// A WebSocket is served on a thread of its own while a rehearsal, which does not wait, runs on this one.
fn runtime() -> Result<Runtime, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(|error| Failure::outside(miette!("no runtime: {error}")))
}

/// Does something on the state of a development node, which is taken at its word: it makes its blocks itself, and its first
/// one has not even the root of its own state.
pub(crate) fn on_development_node<T>(
    urls: &[Url],
    inputs: &Inputs,
    work: impl FnOnce(&mut Embedded) -> Result<T, Failure>,
) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let urls: Vec<String> = urls.iter().map(ToString::to_string).collect();
        let nodes = Nodes::connect(&urls, TIMEOUT).await.map_err(halo_chain::Error::from)?;
        let chain_id = nodes.chain_id().await?;
        if chain_id != inputs.network.chain_id {
            return Err(wrong_chain(chain_id, inputs));
        }
        let head = nodes.head(0).await?;
        let source = Arc::new(ViewState::new(nodes.at(head), Handle::current()));
        work(&mut Embedded::fork(source, chain_id, head.number, head.timestamp))
    })
}

pub(super) fn run(args: &DeployArgs, inputs: &Inputs, plan: &Plan, printer: Printer) -> Outcome {
    let outcome = runtime()?.block_on(deploy(args, inputs, plan, printer));
    outcome.map_err(|failure| match failure {
        Stop::Plain(failure) => failure,
        Stop::Sending(error) => goes_on(args, *error),
    })
}

/// Why it ends: with a failure as of any command, or amid sending, where there is a way on.
enum Stop {
    Plain(Failure),
    Sending(Box<Error>),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Plain(error.into())
    }
}

async fn deploy(
    args: &DeployArgs,
    inputs: &Inputs,
    plan: &Plan,
    printer: Printer,
) -> Result<ExitStatus, Stop> {
    let DeployArgs { road: place, send: terms, .. } = args;
    let asking = |error: halo_chain::Error| Stop::Sending(Box::new(error.into()));
    let urls: Vec<String> = terms.rpc_url.iter().map(ToString::to_string).collect();
    let nodes = Nodes::connect(&urls, Duration::from_secs(terms.rpc_timeout)).await;
    let nodes = nodes.map_err(|error| match error {
        NodeError::Url => Stop::from(halo_chain::Error::from(error)),
        other => asking(other.into()),
    })?;
    let chain_id = nodes.chain_id().await.map_err(asking)?;
    if chain_id != inputs.network.chain_id {
        return Err(wrong_chain(chain_id, inputs).into());
    }
    let hands = keys::hands(terms, chain_id).await?;
    let path = terms.journal.clone().unwrap_or_else(|| Journal::place(&place.out, plan));
    if terms.resume && !path.exists() {
        return Err(no_journal(&path).into());
    }
    Journal::peek(&path, plan)?.fits(plan)?;

    let head = nodes.head(0).await.map_err(asking)?;
    let mut fork = forked(terms, &nodes, head, chain_id)?;
    let amid = |error: Error| Stop::Sending(Box::new(error));
    let remaining = now(send::remaining(plan, &fork)).map_err(amid)?;
    let spells = crate::spells::of_plan(plan, &remaining, &terms.source, printer)?;
    let rehearsal = rehearse(plan, &remaining, &spells, &mut fork).map_err(amid)?;
    printer.progress(format!(
        "rehearsed on the state after block {} ({}): {} of {} steps are left, {} gas",
        head.number,
        head.hash,
        remaining.len(),
        plan.steps.len(),
        rehearsal.passed.total_gas()
    ));
    if !terms.broadcast {
        dry(plan, head, &remaining, &rehearsal, printer)?;
        return Ok(ExitStatus::Done);
    }
    keys::refuse_missing(plan, &remaining, &hands)?;
    if inputs.network.production && !remaining.is_empty() {
        confirmed(plan, terms, &inputs.network.name)?;
    }
    let terms = Terms {
        max_fee: terms.max_fee,
        confirmations: terms.confirmations.unwrap_or(if inputs.network.production { 6 } else { 1 }),
        bump_after: Duration::from_secs(terms.bump_after),
        give_up_after: Duration::from_secs(terms.give_up_after),
    };
    let mut journal = open(&path, plan, printer)?;
    let mut steps = Steps::new(plan.steps.len(), printer);
    let journal = &mut journal;
    let ways = Ways { nodes: &nodes, hands: &hands, terms: &terms, spells: &spells, journal };
    let sent = send::send(plan, &rehearsal.passed, ways, |note| {
        steps.note_sent(&note);
        ControlFlow::Continue(())
    });
    let sent = sent.await.map_err(amid)?;
    drop(steps);
    let applied = sent.applied;
    if let Some(handoff) = &sent.waiting {
        waits(args, plan, &applied, handoff, &path, printer)?;
        return Ok(ExitStatus::Done);
    }

    let manifests = road::manifests(plan, &applied, &place.out)?;
    let head = nodes.head(0).await.map_err(asking)?;
    refuse_unverified(&road::verify_on(&manifests, &nodes.at(head)).await?)?;
    let paths = road::save(&manifests, &place.out)?;
    print(plan, &applied, &paths, None, printer)?;
    printer.result(format!("journal {}", path.display()))?;
    Ok(ExitStatus::Done)
}

fn wrong_chain(found: u64, inputs: &Inputs) -> Failure {
    Failure::outside(miette!(
        help = "name the node of that chain with --rpc-url, or the network of this one with --network; nothing was sent",
        "the node is of chain {found}, but the network {} is chain {}",
        inputs.network.name,
        inputs.network.chain_id
    ))
}

fn no_journal(path: &Path) -> Failure {
    Failure::input(miette!(
        help = "without --resume a journal is begun; --journal names another",
        "there is no journal {}",
        path.display()
    ))
}

fn open(path: &Path, plan: &Plan, printer: Printer) -> Result<Journal, Failure> {
    let journal = Journal::open(path, plan)?;
    if journal.torn() > 0 {
        printer.progress(format!(
            "{}: the last line was cut short, as when a process ends amid writing it; it was taken off ({} bytes)",
            path.display(),
            journal.torn()
        ));
    }
    Ok(journal)
}

/// The chain's state after a block, to rehearse on: proved, where the nodes speak HTTP and give proofs. A development
/// node makes its blocks itself, so that its proofs prove nothing, and takes long over each.
fn forked(args: &SendArgs, nodes: &Nodes, head: Head, chain_id: u64) -> Result<Embedded, Failure> {
    let http = args.rpc_url.iter().all(|url| url.scheme().starts_with("http"));
    let source: Arc<dyn StateSource> = match http && !send::is_development(chain_id) {
        true => Arc::new(fork::after(&args.rpc_url, head.number, head.hash)?),
        false => Arc::new(ViewState::new(nodes.at(head), Handle::current())),
    };
    Ok(Embedded::fork(source, chain_id, head.number, head.timestamp))
}

/// What others must do before it can go on, with the files that they need beside the journal.
fn waits(
    args: &DeployArgs,
    plan: &Plan,
    applied: &Applied,
    handoff: &Handoff,
    journal: &Path,
    printer: Printer,
) -> Result<(), Failure> {
    let folder = journal.parent().unwrap_or(Path::new(".")).join("handoff");
    let mut files = Vec::new();
    for file in &handoff.files {
        let path = folder.join(&file.name);
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &file.text));
        written.map_err(|error| {
            Failure::outside(miette!("cannot write {}: {error}", path.display()))
        })?;
        files.push(path);
    }
    printer.result(prose(&format!(
        "{} transactions are in blocks. What comes next is signed by the {} {}: {}",
        applied.transactions.len(),
        handoff.means,
        handoff.account,
        handoff.next
    )))?;
    printer.result(format!("steps {}", handoff.steps.join(", ")))?;
    for said in &handoff.says {
        printer.result(format!("{} {}", said.what, said.value))?;
    }
    for path in &files {
        printer.result(format!("file {}", path.display()))?;
    }
    let command = command(&args.road, &args.send);
    printer.result(format!("\nWhen that is done, this goes on:\n  {command}"))?;
    printer.document(&Waits {
        plan: plan.digest.to_string(),
        transactions: &applied.transactions,
        unchanged: applied.unchanged.len(),
        waiting: Waiting {
            means: handoff.means,
            account: handoff.account,
            steps: &handoff.steps,
            next: handoff.next.to_string(),
            until: handoff.ready_at(),
            says: handoff.says.iter().map(|said| (said.what, said.value.as_str())).collect(),
            files,
            command,
        },
    })
}

/// What would be sent.
fn dry(
    plan: &Plan,
    head: Head,
    remaining: &[&Step],
    rehearsal: &Rehearsal,
    printer: Printer,
) -> Result<(), Failure> {
    let mut rows = table(&["step", "sends", "signer", "gas"]);
    for step in remaining {
        let gas = rehearsal.passed.gas(plan, step).unwrap_or_default();
        let signer = format!("{} {}", step.signer.role, step.signer.address);
        rows.add_row([step.id.clone(), step.action_words(), signer, gas.to_string()]);
    }
    let gas = rehearsal.passed.total_gas();
    if !remaining.is_empty() {
        printer.result(rows.to_string())?;
    }
    printer.result(prose(&format!(
        "rehearsed after block {}: {} of {} steps would be sent, {gas} gas. Nothing was sent or written; --broadcast \
         sends. The plan's digest is {}, {} in short.",
        head.number,
        remaining.len(),
        plan.steps.len(),
        plan.digest,
        short(plan.digest)
    )))?;
    printer.document(&Rehearsed {
        plan: plan.digest.to_string(),
        block: head.number,
        gas,
        steps: remaining.iter().map(|step| step.id.as_str()).collect(),
    })
}

fn short(digest: B256) -> String {
    digest.to_string().chars().take(2 + SHORT).collect()
}

/// Whether what was typed is this digest, or eight or more of its first digits.
fn is_digest(typed: &str, digest: B256) -> bool {
    let typed = typed.trim().to_lowercase();
    let digits = typed.strip_prefix("0x").unwrap_or(&typed);
    digits.len() >= SHORT && hex::encode(digest).starts_with(digits)
}

/// On a production chain the person says which plan it is that is sent.
fn confirmed(plan: &Plan, args: &SendArgs, network: &str) -> Result<(), Failure> {
    let refused = |what: String| {
        Failure::input(miette!(
            help = "review the plan with `halo plan`, and give the digest that it ends with as --confirm DIGEST; nothing was sent",
            "{what}"
        ))
    };
    if let Some(typed) = &args.confirm {
        return match is_digest(typed, plan.digest) {
            true => Ok(()),
            false => Err(refused(format!(
                "--confirm names another plan: this one is {}",
                short(plan.digest)
            ))),
        };
    }
    if !io::stdin().is_terminal() {
        return Err(refused(format!(
            "{network} is a production network, and nobody confirmed this plan"
        )));
    }
    say(format!(
        "{network} is a production network. Type the plan's digest, or its first {SHORT} digits, to send:"
    ));
    let mut typed = String::new();
    let read = io::stdin().lock().read_line(&mut typed);
    read.map_err(|error| Failure::outside(miette!("nothing could be read: {error}")))?;
    match is_digest(&typed, plan.digest) {
        true => Ok(()),
        false => Err(refused("that is another digest".to_owned())),
    }
}

/// The failure of a deployment that has begun: what it says, and the command that goes on.
fn goes_on(args: &DeployArgs, error: Error) -> Failure {
    let mut failure = Failure::from(error);
    let said = failure.report.to_string();
    let command = command(&args.road, &args.send);
    let help = match args.send.broadcast {
        true => format!(
            "what was done is in the journal and stays done. This goes on from there:\n  {command}"
        ),
        false => format!("nothing was sent. This tries again:\n  {command}"),
    };
    failure.report = miette!(help = help, "{said}");
    failure
}

/// The command once more; keys that are in a URL are not said.
fn command(road: &RoadArgs, args: &SendArgs) -> String {
    let mut words = vec!["halo deploy".to_owned(), shell(&road.spec.file)];
    let mut add = |name: &str, value: String| words.push(format!("{name} {value}"));
    add("--network", shell(&PathBuf::from(&road.spec.network.network)));
    if let Some(scenario) = &road.scenario.scenario {
        add("--scenario", shell(scenario));
    }
    add("--out", shell(&road.out));
    let open = |url: &&Url| {
        url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    let urls: Vec<String> = args
        .rpc_url
        .iter()
        .filter(open)
        .map(|url| url.to_string().trim_end_matches('/').to_owned())
        .collect();
    match urls.len() == args.rpc_url.len() {
        true => add("--rpc-url", urls.join(",")),
        false => add("--rpc-url", "\"$HALO_RPC_URL\"".to_owned()),
    }
    for keystore in &args.keystore {
        add("--keystore", shell(keystore));
    }
    if let Some(file) = &args.password_file {
        add("--password-file", shell(file));
    }
    if let Some(journal) = &args.journal {
        add("--journal", shell(journal));
    }
    if let Some(confirmations) = args.confirmations {
        add("--confirmations", confirmations.to_string());
    }
    if args.dev_impersonate {
        words.push("--dev-impersonate".to_owned());
    }
    if args.broadcast {
        words.push("--broadcast".to_owned());
    }
    words.join(" ")
}
