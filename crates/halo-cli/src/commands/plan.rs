//! `halo plan`.

use halo_deploy::Plan;

use crate::{
    args::PlanArgs,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, table},
    road,
};

/// Prints the steps in their order: what is sent, who signs it, what it creates and what must then hold.
pub(super) fn run(args: &PlanArgs, printer: Printer) -> Outcome {
    let inputs = load::inputs(&args.spec, args.scenario.scenario.as_deref(), printer)?;
    let plan = road::plan(&inputs)?;
    print(&plan, printer)?;
    Ok(ExitStatus::Done)
}

fn print(plan: &Plan, printer: Printer) -> Result<(), Failure> {
    let mut rows = table(&["#", "step", "sends", "signed by", "creates", "then holds"]);
    for (at, step) in plan.steps.iter().enumerate() {
        let creates = step.creates.iter().map(|one| format!("{} {}", one.name, one.address));
        let expects = step.expects.iter().map(halo_deploy::Fact::id);
        rows.add_row([
            (at + 1).to_string(),
            step.id.clone(),
            step.action_words(),
            format!("{}\n{}", step.signer.role.as_str(), step.signer.address),
            creates.collect::<Vec<_>>().join("\n"),
            expects.collect::<Vec<_>>().join("\n"),
        ]);
    }
    let subject = &plan.subject;
    printer.result(rows.to_string())?;
    printer.result(format!(
        "{} steps on {} (chain {}) · spec {} · templates {} · plan {}",
        plan.steps.len(),
        subject.chain,
        subject.chain_id,
        subject.spec_hash,
        subject.lock_hash,
        plan.digest
    ))?;
    printer.document(plan)
}
