//! `halo plan`.

use halo_deploy::Plan;

use crate::{
    args::PlanArgs,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::Printer,
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
    let width = plan.steps.len().to_string().len();
    for (at, step) in plan.steps.iter().enumerate() {
        let signer = &step.signer;
        printer.result(format!(
            "{:>width$}  {}\n{:width$}  {} · signed by {} {}",
            at + 1,
            step.title,
            "",
            step.action_words(),
            signer.role.as_str(),
            signer.address
        ))?;
        for created in &step.creates {
            printer.result(format!("{:width$}  + {} {}", "", created.address, created.name))?;
        }
        for expected in &step.expects {
            printer.result(format!("{:width$}  = {}", "", expected.id()))?;
        }
    }
    let subject = &plan.subject;
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
