//! `halo scenario`.

use halo_chain::genesis::reading::{Moved, PrimeTerms, by_chainlog, prime_terms};
use halo_spec::{
    Checked, LimitValue, Network, Scenario, ScenarioPrime, Token, amount, share, time,
};
use miette::miette;
use serde::Serialize;

use crate::{
    args::{FromChainArgs, ScenarioCommand},
    exit::{ExitStatus, Failure, Outcome},
    fork, load,
    output::{Printer, table},
    reach::wait,
};

/// What is left to people: no chain knows what a Prime wants.
const APPETITE: &str = "# not on the chain: as in the scenario that this one starts from";

pub(super) fn run(command: ScenarioCommand, printer: Printer) -> Outcome {
    match command {
        ScenarioCommand::FromChain(args) => from_chain(&args, printer),
    }
}

/// A Prime as it was before and as the chain has it.
struct Row {
    entry: ScenarioPrime,
    read: bool,
}

fn from_chain(args: &FromChainArgs, printer: Printer) -> Outcome {
    let network = load::network(&args.network.network, printer)?;
    let tokens = Tokens::of(&network)?;
    // Amounts "in asset" stay what they are: they are read and written with the same decimals.
    let base = match &args.scenario.scenario {
        Some(path) => Scenario::load(path, &network, &tokens.usds)?,
        None => Scenario::day1(&network, &tokens.usds)?,
    };
    let Checked { value: base, .. } = base;
    let state = fork::open(&args.fork, network.chain_id, &network.name)?.ok_or_else(|| {
        Failure::input(miette!(
            help = "name a node with --fork, or a file with --fork-state or --witness",
            "there is no chain to read from"
        ))
    })?;
    let chain = state.chain();
    let (network, moved) = wait(by_chainlog(&chain, &network))??;
    let mut rows = Vec::new();
    for mut entry in base.primes.clone() {
        let terms = wait(prime_terms(&chain, &network, &entry.prime))??;
        let read = terms.is_some();
        if let Some(PrimeTerms { ceiling, mint, swap }) = terms {
            (entry.ceiling, entry.mint, entry.swap) = (ceiling, mint, swap);
        }
        rows.push(Row { entry, read });
    }
    state.keep(&args.fork, printer)?;
    let ground = state.ground(&halo_chain::Genesis::labels_of(&network));
    let text = written(&base, &rows, &tokens, &ground.block());
    fork::write(&args.out, text.as_bytes())?;
    for one in &moved {
        printer.progress(said(one));
    }
    printer.result(shown(&rows, &tokens))?;
    printer.result(format!("written: {}", args.out.display()))?;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        ground: fork::Ground,
        primes: Vec<&'a ScenarioPrime>,
        unread: Vec<&'a str>,
        moved: Vec<String>,
    }
    printer.document(&Document {
        ground,
        primes: rows.iter().map(|row| &row.entry).collect(),
        unread: rows.iter().filter(|row| !row.read).map(|row| &*row.entry.prime.slug).collect(),
        moved: moved.iter().map(said).collect(),
    })?;
    Ok(ExitStatus::Done)
}

fn said(Moved { name, file, chain }: &Moved) -> String {
    format!(
        "{name} is {chain} by the chainlog, {file} in the network file: the chainlog's was used"
    )
}

fn shown(rows: &[Row], tokens: &Tokens) -> String {
    let mut shown = table(&["prime", "line", "gap", "mint", "swap", "from"]);
    for Row { entry, read } in rows {
        shown.add_row([
            entry.prime.name.clone(),
            amount::format(entry.ceiling.line, &tokens.usds),
            amount::format(entry.ceiling.gap, &tokens.usds),
            amount::format(entry.mint.max, &tokens.usds),
            amount::format(entry.swap.max, &tokens.usdc),
            if *read { "the chain" } else { "the scenario" }.to_owned(),
        ]);
    }
    shown.to_string()
}

struct Tokens {
    usds: Token,
    usdc: Token,
}

impl Tokens {
    fn of(network: &Network) -> Result<Self, Failure> {
        let token = |symbol: &str| {
            let missing = || miette!("the network {} has no token {symbol}", network.name);
            network.token(symbol).cloned().ok_or_else(|| Failure::input(missing()))
        };
        Ok(Self { usds: token("USDS")?, usdc: token("USDC")? })
    }
}

/// The scenario as a file that `halo launch --scenario` reads.
fn written(base: &Scenario, rows: &[Row], tokens: &Tokens, block: &str) -> String {
    let asset = Token { symbol: "asset".to_owned(), ..tokens.usds.clone() };
    let limit = |value: &LimitValue, token: &Token| match value.is_unlimited() {
        true => format!("{{ max = \"{}\" }}", amount::UNLIMITED),
        false => format!(
            "{{ max = \"{}\", slope = \"{}\" }}",
            amount::format(value.max, token),
            value.slope.format(token)
        ),
    };
    let start = time::format_instant(base.start);
    let mut text = format!(
        "# Ceilings and limits of the Primes, read from {block}.\nformat = \"halo-scenario/1\"\nname = \"{}\"\n\nstart = \
         \"{start}\"\nlock = \"{}\"\nsettle = \"{}\"\nlimits_start = \"{}\"\nseed = {}\n\n[capacity]\nsubscribe = \
         \"{}\"\nredeem = \"{}\"\n",
        base.name.replace(['"', '\\'], "'"),
        time::format_time(base.lock),
        time::format_time(base.settle),
        if base.limits_start == halo_spec::LimitsStart::Full { "full" } else { "empty" },
        base.seed,
        amount::format(base.subscribe_capacity, &asset),
        amount::format(base.redeem_capacity, &asset),
    );
    for Row { entry, read } in rows {
        let ScenarioPrime { prime, ceiling, mint, swap, deposit, appetite, junior_share_bps } =
            entry;
        let from = if *read { "# from the chain" } else { "# not read: as in the scenario" };
        text.push_str(&format!(
            "\n[[primes]]\nprime = \"{}\"\n{from}\nceiling = {{ line = \"{}\", gap = \"{}\", ttl = \"{}\" }}\nmint = \
             {}\nswap = {}\n{APPETITE}\ndeposit = {}\nappetite = \"{}\"\njunior_share = \"{}\"\n",
            prime.slug,
            amount::format(ceiling.line, &tokens.usds),
            amount::format(ceiling.gap, &tokens.usds),
            time::format_duration(ceiling.ttl),
            limit(mint, &tokens.usds),
            limit(swap, &tokens.usdc),
            limit(deposit, &asset),
            amount::format(*appetite, &asset),
            share::format(*junior_share_bps),
        ));
    }
    text
}
