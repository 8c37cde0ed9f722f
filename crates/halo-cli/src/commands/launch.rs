//! `halo launch`.

use std::path::PathBuf;

use alloy_primitives::U256;
use halo_sim::{Day1, Day1Report};
use halo_spec::amount::format_number;
use miette::miette;
use serde::Serialize;

use super::deploy::{addresses, refuse_unverified};
use crate::{
    args::LaunchArgs,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, table},
    road,
};

impl From<halo_sim::Error> for Failure {
    fn from(error: halo_sim::Error) -> Self {
        match error {
            halo_sim::Error::Chain(error) => error.into(),
            other => Self::refused(miette!("{other}")),
        }
    }
}

#[derive(Serialize)]
struct Launched<'a> {
    plan: String,
    transactions: usize,
    gas: u64,
    verified: usize,
    manifests: &'a [PathBuf],
    day1: &'a Day1Report,
}

/// check → plan → deploy → verify → Day 1 → manifests and summary, on a fresh embedded chain.
pub(super) fn run(args: &LaunchArgs, printer: Printer) -> Outcome {
    let deploy = &args.deploy;
    let inputs = load::inputs(&deploy.spec, deploy.scenario.scenario.as_deref(), printer)?;
    let plan = road::plan(&inputs)?;
    let store = road::store(&deploy.state.state)?;
    let mut chain = road::genesis(&inputs)?;
    let applied = road::apply(&plan, &mut chain, printer)?;
    let manifests = road::manifests(&plan, &applied, &deploy.out)?;
    let reports = road::verify(&manifests, &chain)?;
    refuse_unverified(&reports)?;
    let verified = reports.iter().map(|report| report.checks.len()).sum();
    printer.progress(format!("verified: {verified} checks hold"));

    let day = Day1 {
        class: &inputs.class,
        network: &inputs.network,
        scenario: &inputs.scenario,
        registry: plan.address("core/unit-registry")?,
    };
    let report = halo_chain::now(halo_sim::run(&mut chain, &day))?;
    // The day must not have undone what was verified before it.
    refuse_unverified(&road::verify(&manifests, &chain)?)?;
    store.save(&chain)?;
    let paths = road::save(&manifests, &deploy.out)?;

    for manifest in &manifests {
        printer.result(addresses(manifest))?;
    }
    let gas = applied.transactions.iter().map(|one| one.gas).sum();
    printer.result(summary(&report))?;
    printer.result(format!(
        "deployed in {} transactions ({gas} gas); {verified} checks hold, before Day 1 and after it",
        applied.transactions.len()
    ))?;
    for path in &paths {
        printer.result(format!("manifest {}", path.display()))?;
    }
    printer.document(&Launched {
        plan: plan.digest.to_string(),
        transactions: applied.transactions.len(),
        gas,
        verified,
        manifests: &paths,
        day1: &report,
    })?;
    Ok(if report.conservation.holds { ExitStatus::Done } else { ExitStatus::Refused })
}

/// Day 1 in tables: what each Prime wanted, was allowed, queued and got, and what bound it.
fn summary(report: &Day1Report) -> String {
    let show = |amount: U256| match amount {
        U256::MAX => "no bound".to_owned(),
        // Whole tokens are enough for a table; JSON has every digit.
        amount => whole(format_number(amount, report.decimals)),
    };
    let allowed = |row: &halo_sim::PrimeRow| {
        let least = row.allowed.iter().min_by_key(|limit| limit.until_lock);
        least.map_or_else(
            || "-".to_owned(),
            |limit| format!("{} ({})", show(limit.until_lock), limit.limit),
        )
    };
    let asset = &report.asset;
    let mut primes = table(&[
        "Prime",
        "Unit",
        "wanted",
        "limits allow",
        "queued",
        "settled",
        "waits",
        "bound by",
    ]);
    for row in &report.primes {
        primes.add_row([
            row.prime.clone(),
            row.unit.clone(),
            show(row.wanted),
            allowed(row),
            show(row.queued),
            show(row.settled),
            show(row.left),
            row.bound.to_owned(),
        ]);
    }
    let totals = &report.totals;
    primes.add_row([
        "all".to_owned(),
        String::new(),
        show(totals.wanted),
        String::new(),
        show(totals.queued),
        show(totals.settled),
        show(totals.left),
        String::new(),
    ]);
    let mut units =
        table(&["Unit", "locked", "settled at", "queued", "settled", "waits", "bound by"]);
    for row in &report.units {
        units.add_row([
            row.unit.clone(),
            clock(row.locked_at),
            clock(row.settled_at),
            show(row.queued),
            show(row.settled),
            show(row.left),
            row.bound.to_owned(),
        ]);
    }
    let mut text = format!("{}, amounts in {asset}\n{primes}\n{units}", report.scenario);
    for row in report.primes.iter().filter(|row| !row.refused.is_empty()) {
        text.push_str(&format!("\n{} refused {}: {}", row.prime, row.unit, row.refused.join("; ")));
    }
    let conservation = &report.conservation;
    let verdict = if conservation.holds { "to the wei" } else { "WHICH DIFFERS" };
    text.push_str(&format!(
        "\nput in {}, now {} with the Class and {} in the queues: {verdict}",
        show(conservation.queued),
        show(conservation.in_class),
        show(conservation.in_queues),
    ));
    text
}

fn whole(number: String) -> String {
    match number.split_once('.') {
        Some((whole, _)) => format!("{whole}.…"),
        None => number,
    }
}

/// A UTC time of day.
fn clock(second: Option<u64>) -> String {
    second.map_or_else(
        || "never".to_owned(),
        |second| {
            let of_day = second % 86_400;
            format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60)
        },
    )
}
