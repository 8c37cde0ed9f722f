//! `halo solve`.

use halo_sim::{dollars, solve};
use halo_spec::time::format_instant;
use miette::miette;

use super::simulate::{classes, read, text};
use crate::{
    args::SolveArgs,
    exit::{ExitStatus, Failure, Outcome},
    fault, load,
    output::{Printer, prose, table},
};

/// The latest day of a target: finding the grants takes about a hundred runs up to it.
const MOST_DAYS: u32 = 366;

pub(super) fn run(args: &SolveArgs, printer: Printer) -> Outcome {
    let (target, day) = halo_spec::target(&args.target)
        .map_err(|error| Failure::input(miette!(help = error.help, "{}", error.message)))?;
    if target.is_zero() || day > MOST_DAYS {
        return Err(Failure::input(miette!(
            help = "write it as in \"300_000_000 USDS on day 1\"",
            "a target is more than nothing, by a day up to {MOST_DAYS}"
        )));
    }
    let network = load::network(&args.network.network, printer)?;
    let classes = classes(args.class.as_deref(), &network)?;
    let path = &args.scenario;
    let simulation = read(path, &text(path)?, &network, &classes)?;
    let found = solve(&simulation, target, day)
        .map_err(|error| fault::of_sim(&error, &halo_chain::Genesis::labels_of(&network)))?;
    if let Some(why) = &found.impossible {
        printer.result(prose(&format!(
            "{} by the end of day {day} cannot be met: {why}.",
            dollars(target)
        )))?;
        printer.document(&found)?;
        return Ok(ExitStatus::Refused);
    }
    let mut rows = table(&[
        "for",
        "what",
        "has",
        "needs at least",
        "missing",
        "propose by",
        "carry out by",
        "road",
    ]);
    for grant in &found.grants {
        rows.add_row([
            grant.who.clone(),
            grant.what.clone(),
            dollars(grant.has),
            dollars(grant.needs),
            if grant.is_missing { "yes" } else { "no" }.to_owned(),
            format_instant(grant.propose_by),
            format_instant(grant.carry_out_by),
            grant.road.to_owned(),
        ]);
    }
    printer.result(rows.to_string())?;
    printer.result(prose(
        "An init with a slope of its maximum a day is scheduled in the timelock fifteen days before the first day; a day \
         before it, anybody executes it and GovOps sets the limit, which then fills. A spell is plotted two days before. The \
         runs of the proof go through the timelock.",
    ))?;
    let verdict = if found.is_proved { "proved by running them" } else { "NOT PROVED" };
    for family in &found.families {
        printer.result(prose(&format!(
            "With a thousandth less of each {} alone {} is settled.",
            family.what,
            dollars(family.with_less)
        )))?;
    }
    printer.result(prose(&format!(
        "Target {} by the end of day {day}. As the scenario stands {} is settled; with exactly these grants {}, and with a thousandth less of each {}: {verdict}.",
        dollars(found.target),
        dollars(found.without),
        dollars(found.with),
        dollars(found.with_less),
    )))?;
    printer.document(&found)?;
    Ok(if found.is_proved { ExitStatus::Done } else { ExitStatus::Refused })
}
