//! `halo plan`.

use std::path::Path;

use alloy_primitives::B256;
use halo_chain::Embedded;
use halo_deploy::{
    Check, Mark, Means, Plan, PlanDiff, Signer, Step, Survey, Surveyed,
    rehearse::Changes,
    send::{is_development, remaining},
};
use serde::Serialize;

use super::deploy::on_development_node;
use crate::{
    args::{PlanArgs, PlanCommand},
    exit::{ExitStatus, Failure, Outcome},
    fork, load,
    load::Inputs,
    output::{Printer, one_line, shell, table},
    road,
    second::{self, Second},
    spells,
};

/// Prints the steps in their order: what is sent, who signs it, what it creates and what must then hold. With a chain,
/// how each step stands on it; with a rehearsal, all that changes.
pub(super) fn run(args: PlanArgs, printer: Printer) -> Outcome {
    match &args.command {
        Some(PlanCommand::Show(args)) => {
            let plan = Plan::load(&args.plan)?;
            print(&plan, printer)?;
            printer.document(&plan)?;
            return Ok(ExitStatus::Done);
        }
        Some(PlanCommand::Diff(args)) => {
            let (before, after) = (Plan::load(&args.before)?, Plan::load(&args.after)?);
            return diff(&before, &after, printer);
        }
        None => {}
    }
    let file = args.file.as_deref().unwrap_or(Path::new(""));
    let inputs = load::inputs(file, &args.network, &args.scenario, printer)?;
    let seconds = second::of(&args.second.second_controller, &inputs, &args.source, printer)?;
    let plan = road::plan(&second::known(&seconds, &inputs))?;
    for one in &seconds {
        one.print(printer)?;
    }
    if let Some(path) = &args.out {
        plan.save(path)?;
        printer.progress(format!("plan {}", shell(path)));
    }
    let Some(survey) = survey(args, &inputs, &seconds, &plan, printer)? else {
        print(&plan, printer)?;
        printer.document(&plan)?;
        return Ok(ExitStatus::Done);
    };
    let refused = survey.survey.count(Mark::Cannot) > 0;
    let unexplained = survey.rehearse && !survey.survey.changes.unexplained.is_empty();
    print_survey(&plan, &survey, printer)?;
    Ok(if refused || unexplained { ExitStatus::Refused } else { ExitStatus::Done })
}

/// A survey, and whether its changes are wanted.
struct Shown {
    survey: Survey,
    rehearse: bool,
}

/// How the plan stands on the chain that the arguments name, if they name any.
fn survey(
    args: PlanArgs,
    inputs: &Inputs,
    seconds: &[Second],
    plan: &Plan,
    printer: Printer,
) -> Result<Option<Shown>, Failure> {
    let PlanArgs { rpc_url, rehearse, fork: mut place, source, .. } = args;
    let network = &inputs.network;
    let look = |chain: &mut Embedded| -> Result<Survey, Failure> {
        // Within the block that comes next: what is compared is the state after the one that is there.
        chain.set_automine(false);
        seconds.iter().try_for_each(|one| one.let_in(network, chain))?;
        chain.set_automine(true);
        let left: Vec<&Step> = match plan.steps.iter().any(|it| it.signer.means == Means::Spell) {
            true => halo_chain::now(remaining(plan, chain))?,
            false => Vec::new(),
        };
        let spells = spells::of_plan(plan, &left, &source, printer)?;
        Ok(Survey::of(plan, &spells, chain)?)
    };
    let on_its_word = place.record.is_none() && place.trusted_hash.is_none();
    if !rpc_url.is_empty() && on_its_word && is_development(network.chain_id) {
        let survey = on_development_node(&rpc_url, inputs, look)?;
        return Ok(Some(Shown { survey, rehearse }));
    }
    // A live chain is a fork of its latest block: what is compared is one state, and nothing can be sent.
    if !rpc_url.is_empty() {
        place.fork = rpc_url;
    }
    let fork = fork::open(&place, network.chain_id, &network.name)?;
    let mut chain = match &fork {
        Some(fork) => fork.chain(),
        None if rehearse => second::genesis(seconds, inputs)?,
        None => return Ok(None),
    };
    let survey = look(&mut chain)?;
    if let Some(fork) = &fork {
        fork.keep(&place, printer)?;
    }
    Ok(Some(Shown { survey, rehearse }))
}

fn diff(before: &Plan, after: &Plan, printer: Printer) -> Outcome {
    let diff = PlanDiff::of(before, after)?;
    if diff.is_empty() {
        printer.result(format!("the same plan, {}", after.digest))?;
    }
    for (sign, ids) in [("added  ", &diff.added), ("removed", &diff.removed)] {
        for id in ids {
            printer.result(format!("{sign} {}", one_line(id)))?;
        }
    }
    for changed in &diff.changed {
        printer.result(format!("changed {}", one_line(&changed.id)))?;
    }
    if diff.reordered {
        printer.result("the steps that both have come in another order")?;
    }
    let steps =
        diff.changed.iter().flat_map(|one| one.fields.iter().map(|it| (one.id.as_str(), it)));
    let all = diff.fields.iter().map(|field| ("", field)).chain(steps);
    let mut rows = table(&["step", "field", "before", "after"]);
    let mut any = false;
    for (step, field) in all {
        let side = |side: &Option<String>| side.as_deref().map_or("-".to_owned(), one_line);
        rows.add_row([
            one_line(step),
            one_line(&field.field),
            side(&field.before),
            side(&field.after),
        ]);
        any = true;
    }
    if any {
        printer.result(rows.to_string())?;
    }
    printer.document(&diff)?;
    Ok(if diff.is_empty() { ExitStatus::Done } else { ExitStatus::Refused })
}

#[derive(Serialize)]
struct Document<'a> {
    plan: &'a Plan,
    chain_id: u64,
    block: u64,
    block_hash: B256,
    steps: &'a [Surveyed],
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a Changes>,
}

fn print_survey(plan: &Plan, shown: &Shown, printer: Printer) -> Result<(), Failure> {
    let Shown { survey, rehearse } = shown;
    for step in survey.steps.iter().filter(|step| step.mark != Mark::Unchanged) {
        printer.result(format!(
            "{:<9} {}: {}, signed by {}",
            step.mark.word(),
            step.id,
            step.title,
            words_of(&step.signer)
        ))?;
        if let Some(reason) = &step.reason {
            printer.result(format!("          {}", reason.replace('\n', "\n          ")))?;
        }
        for Check { id, expected, found, .. } in &step.differs {
            printer.result(format!("          {id}: {found} -> {expected}"))?;
        }
    }
    let marks = [Mark::Create, Mark::Change, Mark::Unchanged, Mark::Cannot];
    let counts = marks.map(|mark| format!("{} {}", survey.count(mark), mark.word()));
    printer.result(format!(
        "{} steps after block {} of chain {}: {}\n  plan {}",
        survey.steps.len(),
        survey.block,
        survey.chain_id,
        counts.join(", "),
        plan.digest
    ))?;
    if *rehearse {
        print_changes(&survey.changes, printer)?;
    }
    printer.document(&Document {
        plan,
        chain_id: survey.chain_id,
        block: survey.block,
        block_hash: survey.block_hash,
        steps: &survey.steps,
        changes: rehearse.then_some(&survey.changes),
    })
}

fn print_changes(changes: &Changes, printer: Printer) -> Result<(), Failure> {
    let mut rows = table(&["contract", "variable", "unit", "before", "after"]);
    for one in &changes.variables {
        rows.add_row([
            one.contract.clone(),
            one.variable.clone(),
            one.unit.clone(),
            one.before.clone(),
            one.after.clone(),
        ]);
    }
    if !changes.variables.is_empty() {
        printer.result(rows.to_string())?;
    }
    for one in &changes.unexplained {
        printer.result(format!(
            "UNEXPLAINED {} {} slot {}: {} -> {} ({})",
            one.contract, one.address, one.slot, one.before, one.after, one.why
        ))?;
    }
    printer.result(format!(
        "{} contracts created, {} variables changed, {} slots unexplained",
        changes.created.len(),
        changes.variables.len(),
        changes.unexplained.len()
    ))
}

fn print(plan: &Plan, printer: Printer) -> Result<(), Failure> {
    let width = plan.steps.len().to_string().len();
    for (at, step) in plan.steps.iter().enumerate() {
        printer.result(format!("{:>width$}  {}", at + 1, one_line(&step.title)))?;
        for line in details(step) {
            printer.result(format!("{:width$}  {}", "", one_line(&line)))?;
        }
    }
    let subject = &plan.subject;
    let units: Vec<_> = subject.units.iter().map(|unit| unit.slug.as_str()).collect();
    printer.result(format!(
        "\n{} steps for {} ({}) on {}, chain {}\n  spec      {}\n  templates {}\n  plan      {}",
        plan.steps.len(),
        one_line(&subject.class.slug),
        one_line(&units.join(", ")),
        one_line(&subject.chain),
        subject.chain_id,
        subject.spec_hash,
        subject.lock_hash,
        plan.digest
    ))
}

/// A signer by its role and address, and by what it signs where that is no key.
fn words_of(signer: &Signer) -> String {
    let Signer { role, address, means } = signer;
    match means {
        Means::Key => format!("{role} {address}"),
        _ => format!("{role} {address}, a {means}"),
    }
}

fn details(step: &Step) -> Vec<String> {
    let mut lines = vec![format!("{}, signed by {}", step.action_words(), words_of(&step.signer))];
    let creates = step.creates.iter();
    lines.extend(creates.map(|one| format!("creates {} at {}", one.name, one.address)));
    let expects = step.expects.iter();
    lines.extend(expects.map(|fact| format!("leaves {}: {}", fact.id(), fact.expected())));
    lines
}
