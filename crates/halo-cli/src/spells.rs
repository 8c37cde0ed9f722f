//! Spells for the steps of a plan that spells sign.

use halo_deploy::{Means, Plan, Step, handoff::Spells};
use halo_templates::{Tree, compile::Solc};
use miette::miette;

use crate::{args::TemplateSourceArgs, exit::Failure, output::Printer};

/// The spells of the steps that are left; none is compiled where no spell signs.
pub(crate) fn of_plan(
    plan: &Plan,
    left: &[&Step],
    source: &TemplateSourceArgs,
    printer: Printer,
) -> Result<Spells, Failure> {
    if left.iter().all(|step| step.signer.means != Means::Spell) {
        return Ok(Spells::default());
    }
    let tree = Tree::find(source.root.as_deref())?;
    let solc = Solc::find(&tree, source.solc.as_deref())?;
    printer.progress(format!("writing spells with {}", solc.path().display()));
    let spells = halo_governance::plan_spells(plan, left, &tree, &solc);
    spells.map_err(|error| match error {
        halo_governance::Error::Terms { what, remedy } => {
            Failure::input(miette!(help = remedy, "{what}"))
        }
        halo_governance::Error::Compile(error) => error.into(),
        halo_governance::Error::Deploy(error) => error.into(),
        other => Failure::refused(miette!("{other}")),
    })
}
