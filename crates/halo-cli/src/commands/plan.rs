//! `halo plan`.

use halo_deploy::{Plan, Step};

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
    printer.document(&plan)?;
    Ok(ExitStatus::Done)
}

fn print(plan: &Plan, printer: Printer) -> Result<(), Failure> {
    let width = plan.steps.len().to_string().len();
    for (at, step) in plan.steps.iter().enumerate() {
        printer.result(format!("{:>width$}  {}", at + 1, step.title))?;
        for line in details(step) {
            printer.result(format!("{:width$}  {line}", ""))?;
        }
    }
    let subject = &plan.subject;
    let units: Vec<_> = subject.units.iter().map(|unit| unit.slug.as_str()).collect();
    printer.result(format!(
        "\n{} steps for {} ({}) on {}, chain {}\n  spec      {}\n  templates {}\n  plan      {}",
        plan.steps.len(),
        subject.class.slug,
        units.join(", "),
        subject.chain,
        subject.chain_id,
        subject.spec_hash,
        subject.lock_hash,
        plan.digest
    ))
}

fn details(step: &Step) -> Vec<String> {
    let signer = &step.signer;
    let (action, role) = (step.action_words(), signer.role.as_str());
    let mut lines = vec![format!("{action}, signed by {role} {}", signer.address)];
    let creates = step.creates.iter();
    lines.extend(creates.map(|one| format!("creates {} at {}", one.name, one.address)));
    let expects = step.expects.iter();
    lines.extend(expects.map(|fact| format!("leaves {}: {}", fact.id(), fact.expected())));
    lines
}
